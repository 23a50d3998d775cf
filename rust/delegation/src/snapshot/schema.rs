//! The published JSON schema of a snapshot line (rule 1).

use super::{End, Header, Mailbox, Member, Permission, Read, Recipient, RecipientPermission};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

/// JSON Schema (2020-12) of one line of a snapshot file: what a line of each `kind` holds. Unknown kinds and members are allowed.
pub fn schema() -> Value {
    let mut generator = SchemaGenerator::default();
    let kinds = [
        line::<Header>("snapshot", &mut generator),
        line::<Mailbox>("mailbox", &mut generator),
        line::<Permission>("permission", &mut generator),
        line::<RecipientPermission>("recipientPermission", &mut generator),
        line::<Recipient>("recipient", &mut generator),
        line::<Member>("member", &mut generator),
        line::<Read>("read", &mut generator),
        line::<End>("end", &mut generator),
    ];
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "EsgMailboxSync snapshot line",
        "description": "A snapshot is a UTF-8 file of JSON objects, one a line. The first is of kind snapshot, the last of kind end.",
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string"}},
        "allOf": kinds,
        "$defs": generator.take_definitions(true),
    })
}

fn line<T: JsonSchema>(kind: &str, generator: &mut SchemaGenerator) -> Value {
    json!({
        "if": {"properties": {"kind": {"const": kind}}},
        "then": generator.subschema_for::<T>(),
    })
}
