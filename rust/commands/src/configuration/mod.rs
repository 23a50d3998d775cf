//! The configuration file of Sync-EsgSharedMailbox: read, checked with the place of every fault, and never with a secret in it.

mod fault;
mod model;

pub use model::*;

use crate::failure;
use crate::wire::{ErrorCategory, ErrorReply};
use fault::Fault;
use serde_json::{Value, json};
use std::path::Path;

/// The JSON schema that is published and shipped.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Configuration).to_value();
    schema["title"] = "Configuration of Sync-EsgSharedMailbox".into();
    schema["properties"]["$schema"] = json!({"type": "string", "description": "Where editors find this schema."});
    schema
}

/// Reads a file; its paths come back absolute.
///
/// # Errors
/// `ConfigurationUnreadable`, `ConfigurationInvalid` with line and column, `ConfigurationHoldsSecret`.
pub(crate) fn read(path: &str) -> Result<Configuration, ErrorReply> {
    let bytes = std::fs::read(path).map_err(|error| {
        let category = match error.kind() {
            std::io::ErrorKind::NotFound => ErrorCategory::ObjectNotFound,
            std::io::ErrorKind::PermissionDenied => ErrorCategory::PermissionDenied,
            _ => ErrorCategory::ReadError,
        };
        let message = format!("The configuration {path} cannot be read: {error}.");
        let action = "Check the path, and that this account may read the file.";
        failure::new("ConfigurationUnreadable", category, message, action).about(path)
    })?;
    let mut configuration = parse(&bytes).map_err(|fault| {
        let message = format!("The configuration {path}, {fault}.");
        failure::new(fault.code(), ErrorCategory::InvalidData, message, &fault.advice()).about(path)
    })?;
    if let Some(folder) = Path::new(path).parent() {
        resolve_paths(&mut configuration, folder);
    }
    Ok(configuration)
}

/// Parses a file. Windows PowerShell writes a byte order mark; it is taken.
fn parse(bytes: &[u8]) -> Result<Configuration, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = serde_json::Deserializer::from_str(text);
    let configuration: Configuration =
        serde_path_to_error::deserialize(&mut reader).map_err(|error| Fault::new(&error, text))?;
    reader.end().map_err(|error| Fault::after_the_end(&error))?;
    Ok(configuration)
}

fn resolve_paths(configuration: &mut Configuration, folder: &Path) {
    let esg = &mut configuration.esg;
    let exchange = configuration.exchange.as_mut();
    let mut sources: Vec<&mut Option<SecretSource>> =
        vec![&mut esg.password_from, &mut esg.token_from, &mut esg.proxy_password_from];
    let mut paths: Vec<&mut Option<String>> = vec![&mut esg.state_path];
    let mut lists: Vec<&mut Option<Vec<String>>> = vec![&mut esg.certificate_authority];
    if let Some(exchange) = exchange {
        paths.push(&mut exchange.certificate_file);
        sources.push(&mut exchange.certificate_password_from);
    }
    if let Some(options) = &mut configuration.options {
        paths.push(&mut options.snapshot_path);
        lists.push(&mut options.path);
    }
    if let Some(notification) = &mut configuration.notification {
        paths.push(&mut notification.script);
    }
    paths.extend(sources.into_iter().flatten().map(|source| &mut source.dpapi_file));
    for path in paths.into_iter().flatten().chain(lists.into_iter().flatten().flatten()) {
        *path = folder.join(&*path).display().to_string();
    }
}

#[cfg(test)]
mod tests;
