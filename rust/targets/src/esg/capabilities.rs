//! What this appliance can do, from its own OpenAPI document (esg 1.1, design 8).

use super::EsgClient;
use crate::{
    context::CallContext,
    error::{ErrorKind, TargetError},
    transport::Transport,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// Where versions keep the document: 2.x to 3.4, then 3.2 and later (findings 9.4).
const DOCUMENTS: [&str; 2] = ["/api/v2/docs.json?spec_version=3", "/api/v2/docs.jsonopenapi"];

/// What the appliance says that it can do. What cannot be read is taken as absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Users can be created (POST).
    pub create_users: bool,
    /// Query parameters of the user list, without those of paging.
    pub user_filters: BTreeSet<String>,
    /// Members of a user.
    pub user_members: BTreeSet<String>,
}

impl<T: Transport> EsgClient<T> {
    /// Reads what the appliance says about itself; `None` when it says nothing that can be read.
    ///
    /// # Errors
    /// Only what says nothing about the document: network, login, stop.
    pub async fn capabilities(&self, cx: &CallContext) -> Result<Option<Capabilities>, TargetError> {
        for path in DOCUMENTS {
            match self.0.read(cx, path, "*/*").await {
                Ok(document) => {
                    if let Some(capabilities) = document.as_ref().and_then(read) {
                        return Ok(Some(capabilities));
                    }
                }
                Err(e)
                    if matches!(
                        e.kind,
                        ErrorKind::Refused
                            | ErrorKind::NotTheApi
                            | ErrorKind::AccessDenied
                            | ErrorKind::ServerError
                            | ErrorKind::Protocol
                    ) => {}
                Err(e) => return Err(e),
            }
        }
        Ok(None)
    }
}

/// Reads an OpenAPI 3 document.
fn read(document: &Value) -> Option<Capabilities> {
    document.get("openapi")?;
    let users = document.get("paths")?.as_object()?.iter().find(|(path, _)| path.ends_with("/user"))?.1;
    let parameters = users.pointer("/get/parameters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let names = parameters.iter().filter_map(|parameter| parameter.get("name")).filter_map(Value::as_str);
    let members = document.pointer("/components/schemas/User/properties").and_then(Value::as_object);
    Some(Capabilities {
        create_users: users.get("post").is_some(),
        user_filters: names.filter(|name| !matches!(*name, "page" | "itemsPerPage")).map(str::to_owned).collect(),
        user_members: members.map(|members| members.keys().cloned().collect()).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_document_says_what_can_be_done() {
        let document = json!({
            "openapi": "3.0.3",
            "paths": {
                "/api/v2/user/{id}": {"patch": {}},
                "/api/v2/user": {"get": {"parameters": [{"name": "page"}, {"name": "username"}, {"name": "role[]"}, {}]}, "post": {}}
            },
            "components": {"schemas": {"User": {"properties": {"id": {}, "emailAddresses": {}}}}}
        });
        let capabilities = read(&document).unwrap();
        assert!(capabilities.create_users);
        assert_eq!(capabilities.user_filters.into_iter().collect::<Vec<_>>(), ["role[]", "username"]);
        assert_eq!(capabilities.user_members.into_iter().collect::<Vec<_>>(), ["emailAddresses", "id"]);
        let without = json!({"openapi": "3.0.3", "paths": {"/api/v2/user": {"get": {}}}});
        assert_eq!(read(&without), Some(Capabilities::default()));
    }

    #[test]
    fn another_document_says_nothing() {
        for other in [
            json!({}),
            json!([]),
            json!({"swagger": "2.0", "paths": {"/user": {"post": {}}}}),
            json!({"openapi": "3.0.3", "paths": {"/api/v2/message": {}}}),
        ] {
            assert_eq!(read(&other), None, "{other}");
        }
    }
}
