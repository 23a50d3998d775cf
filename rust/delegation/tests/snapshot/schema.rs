use crate::SMALL;
use esgsync_delegation::snapshot::schema;
use serde_json::{Value, json};

#[test]
fn rule_01_every_line_of_the_small_tenant_is_valid() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for (number, line) in (1..).zip(SMALL.lines()) {
        let line: Value = serde_json::from_str(line).unwrap();
        let errors: Vec<String> = validator.iter_errors(&line).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "line {number}: {line}");
    }
}

#[test]
fn rule_01_the_schema_refuses_what_the_reader_refuses() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let broken = [
        json!({"mailbox": "m"}),
        json!({"kind": 1}),
        json!({"kind": "permission", "mailbox": "m", "deny": "False"}),
        json!({"kind": "permission", "mailbox": "m", "rights": "FullAccess"}),
        json!({"kind": "recipientPermission"}),
        json!({"kind": "recipient", "key": 5}),
        json!({"kind": "mailbox", "key": "m", "sendOnBehalf": [1]}),
        json!({"kind": "member", "group": "g"}),
        json!({"kind": "read", "subject": "recipients", "status": 1}),
        json!({"kind": "end"}),
        json!({"kind": "snapshot", "version": 1}),
    ];
    for line in broken {
        assert!(!validator.is_valid(&line), "{line}");
    }
    for line in [json!({"kind": "of a later version", "x": 1}), json!({"kind": "mailbox", "key": "m", "more": 1})] {
        assert!(validator.is_valid(&line), "{line}");
    }
}

#[test]
fn rule_01_the_schema_names_every_member_of_design_4() {
    let schema = schema();
    let members = |definition: &str| -> Vec<&str> {
        schema["$defs"][definition]["properties"].as_object().unwrap().keys().map(String::as_str).collect()
    };
    let mailbox = members("Mailbox");
    for name in
        ["key", "guid", "directoryId", "displayName", "type", "sendOnBehalf", "dirSynced", "softDeleted", "attributes"]
    {
        assert!(mailbox.contains(&name), "{name}");
    }
    assert_eq!(members("Permission"), ["mailbox", "trustee", "sid", "rights", "deny", "inherited", "inheritance"]);
    assert_eq!(members("RecipientPermission"), ["mailbox", "trustee", "sid", "rights", "access", "inherited"]);
    assert_eq!(members("Member"), ["group", "member", "via"]);
    assert_eq!(members("Read"), ["subject", "status", "since", "reason"]);
    assert_eq!(members("End"), ["lines", "counts"]);
    assert!(!schema.to_string().contains("\"other\""), "a status of a later version has no name of its own");
}
