//! Users and roles as HAL, plain JSON and JSON-LD (FW; esg 4, 5, findings 2).

use serde_json::{Map, Value, json};

use crate::PREFIX;
use crate::input::role_iri;
use crate::negotiate::Format;
use crate::options::{Options, RoleInHal};
use crate::schema::Schema;
use crate::state::{Address, State, User};

/// The IRI of a user.
pub(crate) fn user_iri(id: u64) -> String {
    format!("{PREFIX}/user/{id}")
}

/// One user. In a JSON-LD collection the `@context` stands on the collection only.
pub(crate) fn user(user: &User, format: Format, schema: &Schema, state: &State) -> Value {
    let place = state.options.role_in_hal;
    let iri = user_iri(user.id);
    let mut out = Map::new();
    match format {
        Format::Hal => {
            let mut links = link_map(&iri);
            if place != RoleInHal::Plain {
                links.insert("role".to_owned(), link(&role_iri(user.role)));
            }
            out.insert("_links".to_owned(), links.into());
            if place == RoleInHal::Embedded {
                let embedded = json!({"role": role(user.role, Format::Hal, state)});
                out.insert("_embedded".to_owned(), embedded);
            }
        }
        Format::JsonLd => {
            out.insert("@id".to_owned(), iri.into());
            out.insert("@type".to_owned(), "User".into());
        }
        Format::Json => {}
    }
    out.insert("id".to_owned(), user.id.into());
    out.insert("username".to_owned(), user.username.clone().into());
    for field in &schema.user {
        // Null members are left out, as of a resource with merge-patch.
        match user.fields.get(&field.name).filter(|value| !value.is_null()) {
            Some(value) => drop(out.insert(field.name.clone(), value.clone())),
            None if !state.options.null_skip => drop(out.insert(field.name.clone(), Value::Null)),
            None => {}
        }
    }
    let addresses = user.email_addresses.iter().map(|element| address(element, format, schema)).collect();
    out.insert("emailAddresses".to_owned(), addresses);
    match (format, place) {
        (Format::Hal, RoleInHal::Link | RoleInHal::Embedded) => {}
        (Format::Json | Format::JsonLd, RoleInHal::Embedded) => {
            out.insert("role".to_owned(), role(user.role, format, state));
        }
        _ => {
            out.insert("role".to_owned(), role_iri(user.role).into());
        }
    }
    Value::Object(out)
}

fn address(element: &Address, format: Format, schema: &Schema) -> Value {
    let mut out = Map::new();
    if format == Format::JsonLd {
        out.insert("@type".to_owned(), "EmailAddress".into());
    }
    if let Some(text) = &element.address {
        out.insert("address".to_owned(), text.clone().into());
    }
    out.insert("active".to_owned(), element.active.into());
    out.insert("primary".to_owned(), element.primary.into());
    for name in &schema.address {
        if let Some(value) = element.fields.get(name).filter(|value| !value.is_null()) {
            out.insert(name.clone(), value.clone());
        }
    }
    Value::Object(out)
}

/// One role.
pub(crate) fn role(id: u64, format: Format, state: &State) -> Value {
    let mut out = Map::new();
    match format {
        Format::Hal => {
            out.insert("_links".to_owned(), link_map(&role_iri(id)).into());
        }
        Format::JsonLd => {
            out.insert("@id".to_owned(), role_iri(id).into());
            out.insert("@type".to_owned(), "UserRole".into());
        }
        Format::Json => {}
    }
    out.insert("id".to_owned(), id.into());
    let name = state.roles.get(&id).cloned().unwrap_or_default();
    out.insert("name".to_owned(), name.into());
    Value::Object(out)
}

/// The entry point: where the collections are.
pub(crate) fn entry_point(format: Format, options: &Options) -> Value {
    let class = |name: &str| format!("{}{name}", options.profile.words().namespace);
    let (users, roles) = (format!("{PREFIX}/user"), format!("{PREFIX}/user-role"));
    match format {
        Format::Hal => json!({"_links": {
            "self": link(PREFIX), "user": link(&users), "userRole": link(&roles),
        }}),
        Format::Json => json!({"resourceNameCollection": [class("User"), class("UserRole")]}),
        Format::JsonLd => json!({
            "@context": format!("{PREFIX}/contexts/Entrypoint"), "@id": PREFIX, "@type": "Entrypoint",
            "user": users, "userRole": roles,
        }),
    }
}

/// The JSON-LD context of a document, put in front of its other members.
pub(crate) fn with_context(name: &str, document: Value) -> Value {
    let mut out = Map::new();
    let context = format!("{PREFIX}/contexts/{name}");
    out.insert("@context".to_owned(), context.into());
    if let Value::Object(members) = document {
        out.extend(members);
    }
    Value::Object(out)
}

/// `{"href": iri}`.
pub(crate) fn link(iri: &str) -> Value {
    json!({"href": iri})
}

fn link_map(iri: &str) -> Map<String, Value> {
    Map::from_iter([("self".to_owned(), link(iri))])
}
