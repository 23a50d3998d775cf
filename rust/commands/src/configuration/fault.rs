//! What is wrong with a configuration file, and where. Values are never told: one of them may be a secret.

use super::model::CONTRADICTION;
use std::fmt::{self, Display, Formatter};

/// Names of settings that would hold a secret.
const SECRETS: [&str; 9] =
    ["password", "passwd", "pwd", "passphrase", "token", "secret", "credential", "apikey", "otp"];

/// Line and column, from 1; and the object that it is in, for example `esg.passwordFrom`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    line: usize,
    column: usize,
    inside: String,
}

/// What is wrong.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Another encoding.
    NotUtf8,
    /// A key that no setting has.
    Unknown { place: Place, key: String, known: Vec<String> },
    /// A key that would hold a secret.
    Secret { place: Place, key: String },
    /// Everything else.
    Wrong { place: Place, text: String },
}

impl Fault {
    pub fn new(error: &serde_path_to_error::Error<serde_json::Error>, file: &str) -> Self {
        let inner = error.inner();
        let place = |inside: String| Place { line: inner.line(), column: inner.column(), inside };
        let text = without_place(&inner.to_string());
        let path = match error.path().to_string().as_str() {
            "." => String::new(),
            path => path.to_owned(),
        };
        if let Some(text) = text.strip_prefix(CONTRADICTION) {
            // Found when the object had ended; the place to look at is where it begins.
            let (line, column) = locate(file, &path).unwrap_or((inner.line(), inner.column()));
            return Self::Wrong { place: Place { line, column, inside: path }, text: text.to_owned() };
        }
        if let Some((key, known)) = unknown_field(&text) {
            let place =
                place(path.strip_suffix(&key).map_or(path.as_str(), |path| path.trim_end_matches('.')).to_owned());
            let bare: String = key.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
            return if SECRETS.iter().any(|word| bare.ends_with(word)) {
                Self::Secret { place, key }
            } else {
                Self::Unknown { place, key, known }
            };
        }
        Self::Wrong { place: place(path), text: without_value(&text) }
    }

    pub fn after_the_end(error: &serde_json::Error) -> Self {
        let place = Place { line: error.line(), column: error.column(), inside: String::new() };
        Self::Wrong { place, text: "something stands after the end of the configuration".into() }
    }

    pub fn code(&self) -> &'static str {
        match self {
            Self::Secret { .. } => "ConfigurationHoldsSecret",
            _ => "ConfigurationInvalid",
        }
    }

    pub fn advice(&self) -> String {
        match self {
            Self::NotUtf8 => "Save the file as UTF-8.".into(),
            Self::Unknown { known, .. } => format!("Settings here: {}.", known.join(", ")),
            Self::Secret { .. } => {
                "Take the secret out of the file, change it where it is used, and say where it is kept instead: \
                 \"passwordFrom\": { \"secret\": \"NAME\" } for Get-Secret, or with dpapiFile, environment or systemdCredential in place of secret."
                    .into()
            }
            Self::Wrong { .. } => {
                "Correct the file at that place; Get-Help Sync-EsgSharedMailbox -Full shows one, and schemas/configuration.schema.json of the module lets an editor check it.".into()
            }
        }
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)?;
        if self.inside.is_empty() { Ok(()) } else { write!(f, " ({})", self.inside) }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => f.write_str("it is no UTF-8 text"),
            Self::Unknown { place, key, known } => {
                write!(f, "{place}: '{key}' is no setting")?;
                nearest(key, known).map_or(Ok(()), |known| write!(f, ". Did you mean '{known}'?"))
            }
            Self::Secret { place, key } => write!(f, "{place}: '{key}': a secret has no place in this file"),
            Self::Wrong { place, text } => write!(f, "{place}: {text}"),
        }
    }
}

/// Line and column of the key of a path, in a text that is JSON at least up to there.
fn locate(file: &str, path: &str) -> Option<(usize, usize)> {
    let (mut line, mut column, mut depth, mut found) = (1, 0, 0, 0);
    let mut names = path.split('.').peekable();
    let mut text = None;
    let mut last = None;
    let mut escaped = false;
    for letter in file.chars() {
        (line, column) = if letter == '\n' { (line + 1, 0) } else { (line, column + 1) };
        match (&mut text, letter) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some((place, key)), '"') => {
                last = Some((*place, std::mem::take(key)));
                text = None;
            }
            (Some((_, key)), letter) => String::push(key, letter),
            (None, '"') => text = Some(((line, column), String::new())),
            (None, ':')
                if depth == found + 1 && last.as_ref().map(|(_, key)| key.as_str()) == names.peek().copied() =>
            {
                names.next();
                found += 1;
                if names.peek().is_none() {
                    return last.map(|(place, _)| place);
                }
            }
            (None, '{' | '[') => depth += 1,
            (None, '}' | ']') => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The setting that was most probably meant; none when nothing is near.
fn nearest<'a>(key: &str, known: &'a [String]) -> Option<&'a str> {
    let distance = |name: &str| strsim::osa_distance(&name.to_lowercase(), &key.to_lowercase());
    let nearest = known.iter().min_by_key(|name| distance(name))?;
    (distance(nearest) <= 1 + key.chars().count() / 3).then_some(nearest)
}

/// serde_json ends its texts with the place, which is told in front here.
fn without_place(text: &str) -> String {
    text.rfind(" at line ").map_or(text, |end| &text[..end]).to_owned()
}

/// serde names what it found, which may be a secret: `invalid type: string "x", expected y`.
fn without_value(text: &str) -> String {
    if text.starts_with("invalid type") || text.starts_with("invalid value") {
        return match text.rfind(", expected ") {
            Some(at) => format!("this must be {}", &text[at + ", expected ".len()..]),
            None => "this has the wrong type".into(),
        };
    }
    text.replace("missing field", "there is no").replace("duplicate field", "twice:").replace('`', "'")
}

/// The key and the names that serde would have taken.
fn unknown_field(text: &str) -> Option<(String, Vec<String>)> {
    let (key, rest) = text.strip_prefix("unknown field `")?.split_once("`, expected ")?;
    let known = rest.split('`').skip(1).step_by(2).filter(|name| *name != "$schema").map(str::to_owned).collect();
    Some((key.to_owned(), known))
}
