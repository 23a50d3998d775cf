use super::*;
use serde_json::json;

/// Everything that a file can say, and in it one of each.
const WHOLE: &str = r#"{
  "$schema": "configuration.schema.json",
  "esg": {
    "uri": "https://esg.corp.example",
    "name": "corp",
    "userName": "admin",
    "passwordFrom": { "systemdCredential": "esg-password" },
    "certificateAuthority": ["corp-ca.pem"],
    "statePath": "/var/lib/esgmailboxsync"
  },
  "exchange": {
    "organization": "corpexample.onmicrosoft.com",
    "tenantId": "3f0a6c1e-1111-4222-8333-444455556666",
    "appId": "00000000-0000-0000-0000-000000000000",
    "certificateFile": "app.pfx",
    "certificatePasswordFrom": { "dpapiFile": "pfx.dpapi" }
  },
  "options": {
    "snapshotPath": "tenant.jsonl",
    "fullEvery": 7,
    "aliasScope": "Functional"
  },
  "notification": {
    "command": "/usr/bin/mail",
    "arguments": ["-s", "{subject}", "admins@corp.example"],
    "on": ["Guard", "Failure"]
  }
}"#;

fn fault(text: &str) -> Fault {
    parse(text.as_bytes()).expect_err(text)
}

fn told(text: &str) -> String {
    fault(text).to_string()
}

/// A file whose lines 3 and following are of `esg`.
fn esg(lines: &str) -> String {
    format!("{{\n  \"esg\": {{\n{lines}\n  }}\n}}")
}

const LOGIN: &str =
    "    \"uri\": \"https://e.example\",\n    \"userName\": \"a\",\n    \"passwordFrom\": { \"secret\": \"s\" }";

#[test]
fn a_whole_file_is_read_and_its_paths_are_those_of_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("corp.json");
    std::fs::write(&path, format!("\u{feff}{WHOLE}")).unwrap();
    let read = read(&path.display().to_string()).unwrap();
    let in_folder = |name: &str| Some(folder.path().join(name).display().to_string());
    assert_eq!(read.esg.certificate_authority.unwrap().first().cloned(), in_folder("corp-ca.pem"));
    assert_eq!(read.esg.state_path.as_deref(), Some("/var/lib/esgmailboxsync"));
    let exchange = read.exchange.unwrap();
    assert_eq!(exchange.certificate_file, in_folder("app.pfx"));
    assert_eq!(exchange.certificate_password_from.unwrap().dpapi_file, in_folder("pfx.dpapi"));
    assert_eq!(read.options.unwrap().snapshot_path, in_folder("tenant.jsonl"));
    assert_eq!(read.notification.unwrap().on.unwrap(), [NotificationReason::Guard, NotificationReason::Failure]);
}

#[test]
fn a_misspelt_key_is_told_with_its_place_and_what_was_meant() {
    let text = WHOLE.replace("aliasScope", "aliasScop");
    assert_eq!(told(&text), "line 21, column 15 (options): 'aliasScop' is no setting. Did you mean 'aliasScope'?");
    assert!(fault(&text).advice().contains("adoptExisting"));
    assert_eq!(
        told(&WHOLE.replace("\"notification\"", "\"Notifications\"")),
        "line 23, column 17: 'Notifications' is no setting. Did you mean 'notification'?"
    );
    assert!(told(&esg(&format!("{LOGIN},\n    \"passwordForm\": 1"))).ends_with("Did you mean 'passwordFrom'?"));
    // Nothing is near: no guess.
    assert!(told(&esg("    \"colour\": 1")).ends_with("'colour' is no setting"));
}

#[test]
fn a_secret_is_refused_whatever_its_key_and_never_told() {
    for key in ["password", "Password", "esg_password", "token", "apiToken", "clientSecret", "credential", "api-key"] {
        let fault = fault(&esg(&format!("{LOGIN},\n    \"{key}\": \"hunter2\"")));
        assert_eq!(fault.code(), "ConfigurationHoldsSecret", "{key}: {fault}");
        assert!(fault.to_string().starts_with("line 6, column ") && fault.to_string().contains(key), "{fault}");
        assert!(fault.advice().contains("\"passwordFrom\": { \"secret\": \"NAME\" }"));
    }
    // As text where a place belongs, in an address, and where a number belongs.
    for line in
        ["\"passwordFrom\": \"hunter2\"", "\"proxy\": \"http://me:hunter2@proxy:8080\"", "\"timeoutSec\": \"hunter2\""]
    {
        let told = told(&esg(&format!(
            "    \"uri\": \"https://e.example\",\n    \"userName\": \"a\",\n    {line},\n    \"tokenFrom\": {{ \"secret\": \"s\" }}"
        )));
        assert!(!told.contains("hunter2"), "{told}");
    }
    assert_eq!(
        told(&esg("    \"passwordFrom\": \"hunter2\"")),
        "line 3, column 29 (esg.passwordFrom): this must be an object that names a place, for example { \"secret\": \"esg-admin\" }"
    );
}

#[test]
fn what_is_no_json_is_told_with_its_place() {
    let comma = told("{\n  \"esg\": {\n    \"uri\": \"https://e.example\",\n  }\n}");
    assert!(comma.starts_with("line 4, column 3") && comma.contains("trailing comma"), "{comma}");
    assert!(told("").starts_with("line 1, column 0: EOF while parsing"));
    assert_eq!(told(&format!("{WHOLE}\n}}")), "line 29, column 1: something stands after the end of the configuration");
    assert_eq!(parse(b"\xff\xfe{").unwrap_err(), Fault::NotUtf8);
    assert!(told("{}").ends_with("there is no 'esg'"));
    let twice = told(&esg(&format!("{LOGIN},\n    \"uri\": \"https://f.example\"")));
    assert!(twice.starts_with("line 6, ") && twice.ends_with("twice: 'uri'"), "{twice}");
    let variant = told(&WHOLE.replace("\"Functional\"", "\"Sometimes\""));
    assert!(
        variant.starts_with("line 21, ") && variant.contains("unknown variant 'Sometimes', expected one of 'Primary'"),
        "{variant}"
    );
}

#[test]
fn settings_that_contradict_each_other_are_told_where_their_object_begins() {
    let exchange = |lines: &str| {
        format!("{{\n  \"esg\": {{\n{LOGIN}\n  }},\n  \"exchange\": {{ \"organization\": \"o\", {lines} }}\n}}")
    };
    let options = |lines: &str| format!("{{\n  \"esg\": {{\n{LOGIN}\n  }},\n  \"options\": {{ {lines} }}\n}}");
    let notify = |lines: &str| format!("{{\n  \"esg\": {{\n{LOGIN}\n  }},\n  \"notification\": {{ {lines} }}\n}}");
    let uri = "    \"uri\": \"https://e.example\"";
    for (text, line, part) in [
        (esg(uri), 2, "either passwordFrom or tokenFrom"),
        (esg(&format!("{LOGIN},\n \"tokenFrom\": {{ \"secret\": \"t\" }}")), 2, "either passwordFrom or tokenFrom"),
        (esg(&format!("{uri},\n \"passwordFrom\": {{ \"environment\": \"P\" }}")), 2, "userName is missing"),
        (
            esg(&format!("{uri},\n \"passwordFrom\": {{ \"environment\": \"P\", \"secret\": \"s\" }}")),
            4,
            "exactly one of secret",
        ),
        (
            esg(&format!("{uri},\n \"passwordFrom\": {{ \"environment\": \"P\", \"vault\": \"s\" }}")),
            4,
            "vault belongs to secret",
        ),
        (
            esg(&format!("{uri},\n \"userName\": \"a\",\n \"tokenFrom\": {{ \"secret\": \"t\" }}")),
            2,
            "a token needs no userName",
        ),
        (esg(&format!("{LOGIN},\n \"proxyUserName\": \"a\"")), 2, "belong together"),
        (esg(&format!("{LOGIN},\n \"proxy\": \"http://p\", \"noProxy\": true")), 2, "contradict"),
        (esg(&format!("{LOGIN},\n \"timeoutSec\": 0")), 2, "timeoutSec is 0; it goes from 1 to 3600"),
        (esg(&format!("{LOGIN},\n \"concurrency\": 33")), 2, "concurrency is 33; it goes from 1 to 32"),
        (exchange("\"appId\": \"a\""), 7, "exactly one of certificateThumbprint"),
        (
            exchange("\"managedIdentity\": true, \"certificateThumbprint\": \"a\""),
            7,
            "exactly one of certificateThumbprint",
        ),
        (exchange("\"certificateThumbprint\": \"a\""), 7, "appId is missing"),
        (
            exchange("\"managedIdentity\": true, \"certificatePasswordFrom\": { \"secret\": \"s\" }"),
            7,
            "belongs to certificateFile",
        ),
        (options("\"fullEvery\": 7"), 7, "fullEvery needs snapshotPath"),
        (options("\"path\": [\"a\"], \"snapshotPath\": \"b\""), 7, "contradict"),
        (notify("\"repeat\": \"Always\""), 7, "either script or command"),
        (notify("\"script\": \"a\", \"arguments\": []"), 7, "arguments belong to command"),
    ] {
        let told = told(&text);
        assert!(told.starts_with(&format!("line {line}, ")) && told.contains(part), "{told}\n{text}");
    }
}

#[test]
fn the_schema_takes_what_the_reader_takes_and_refuses_unknown_keys() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let whole: Value = serde_json::from_str(WHOLE).unwrap();
    assert!(
        validator.is_valid(&whole),
        "{:?}",
        validator.iter_errors(&whole).map(|error| error.to_string()).collect::<Vec<_>>()
    );
    for (pointer, key) in
        [("", "more"), ("/esg", "password"), ("/options", "aliasScop"), ("/esg/passwordFrom", "value")]
    {
        let mut broken = whole.clone();
        broken.pointer_mut(pointer).unwrap()[key] = json!("x");
        assert!(!validator.is_valid(&broken), "{pointer} {key}");
    }
}

#[test]
fn what_was_read_is_written_as_it_stood() {
    let read = parse(WHOLE.as_bytes()).unwrap();
    let mut expected: Value = serde_json::from_str(WHOLE).unwrap();
    expected.as_object_mut().unwrap().remove("$schema");
    let mut written = serde_json::to_value(&read).unwrap();
    remove_nulls(&mut written);
    assert_eq!(written, expected);
}

fn remove_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(remove_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}
