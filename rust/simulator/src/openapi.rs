//! The appliance's own description of its API (FW; esg 1.1, findings 6). Clients read capabilities from it.

use serde_json::{Map, Value, json};

use crate::PREFIX;
use crate::collection::USER_FILTERS;
use crate::negotiate::Format;
use crate::schema::{Kind, Schema};
use crate::state::State;

/// What a caller gets who does not ask for version 3: the older Swagger format, whose paths lack the prefix (findings 6).
pub(crate) fn swagger(schema: &Schema, state: &State) -> Value {
    let openapi = document(schema, state);
    let mut paths = Map::new();
    for (path, methods) in openapi["paths"].as_object().into_iter().flatten() {
        let mut operations = Map::new();
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let short = json!({"operationId": operation["operationId"], "responses": operation["responses"]});
            operations.insert(method.clone(), short);
        }
        paths.insert(path.trim_start_matches(PREFIX).to_owned(), operations.into());
    }
    json!({"swagger": "2.0", "basePath": "/", "info": openapi["info"], "paths": paths})
}

/// The OpenAPI 3 document: paths with their methods, list parameters with their limits, and the members of users.
pub(crate) fn document(schema: &Schema, state: &State) -> Value {
    let options = &state.options;
    let mut parameters = vec![
        parameter("page", &json!({"type": "integer", "default": 1})),
        parameter(
            "itemsPerPage",
            &json!({"type": "integer", "default": options.default_items, "minimum": 0, "maximum": options.max_items}),
        ),
    ];
    let text = json!({"type": "string"});
    parameters.extend(USER_FILTERS.map(|(name, _)| parameter(name, &text)));
    let mut users = json!({"get": operation("getUserCollection", "200", "User collection")});
    users["get"]["parameters"] = parameters.into();
    if options.users_can_be_created {
        users["post"] = operation("postUserCollection", "201", "User resource created");
        users["post"]["requestBody"] = request_body(&[Format::Json.media_type()]);
    }
    let mut user = json!({
        "get": operation("getUserItem", "200", "User resource"),
        "put": operation("putUserItem", "200", "User resource updated"),
        "delete": operation("deleteUserItem", "204", "User resource deleted"),
        "patch": operation("patchUserItem", "200", "User resource updated"),
    });
    user["put"]["requestBody"] = request_body(&[Format::Json.media_type()]);
    user["patch"]["requestBody"] = request_body(&["application/merge-patch+json"]);
    json!({
        "openapi": "3.0.3",
        "info": {"title": "ESG simulator", "description": "", "version": "2"},
        "servers": [{"url": "/", "description": ""}],
        "paths": {
            format!("{PREFIX}/user"): users,
            format!("{PREFIX}/user/{{id}}"): user,
            format!("{PREFIX}/user-role"): {"get": operation("getUserRoleCollection", "200", "UserRole collection")},
            format!("{PREFIX}/user-role/{{id}}"): {"get": operation("getUserRoleItem", "200", "UserRole resource")},
        },
        "components": {"schemas": schemas(schema)},
    })
}

fn parameter(name: &str, schema: &Value) -> Value {
    json!({"name": name, "in": "query", "required": false, "schema": schema})
}

fn operation(id: &str, status: &str, description: &str) -> Value {
    json!({"operationId": id, "responses": {status: {"description": description}}})
}

fn request_body(types: &[&str]) -> Value {
    let content: Map<_, _> = types
        .iter()
        .map(|&name| {
            let schema = json!({"schema": {"$ref": "#/components/schemas/User"}});
            (name.to_owned(), schema)
        })
        .collect();
    json!({"content": content, "required": true})
}

fn schemas(schema: &Schema) -> Value {
    let mut user = json!({
        "id": {"readOnly": true, "type": "integer"},
        "username": {"type": "string"},
    });
    for field in &schema.user {
        let mut member = match field.kind() {
            Some(Kind::Flag) => json!({"type": "boolean"}),
            Some(Kind::Number) => json!({"type": "integer"}),
            Some(Kind::Text) => json!({"type": "string"}),
            None => json!({}),
        };
        if schema.nullable(field) {
            member["nullable"] = true.into();
        }
        user[&field.name] = member;
    }
    user["emailAddresses"] = json!({"type": "array", "items": {"$ref": "#/components/schemas/EmailAddress"}});
    user["role"] = json!({"type": "string", "format": "iri-reference"});
    let mut address = json!({
        "address": {"type": "string", "nullable": true},
        "active": {"type": "boolean", "default": true},
        "primary": {"type": "boolean"},
    });
    for name in &schema.address {
        address[name] = json!({"nullable": true});
    }
    json!({
        "EmailAddress": {"type": "object", "required": ["address"], "properties": address},
        "User": {"type": "object", "required": ["username"], "properties": user},
    })
}
