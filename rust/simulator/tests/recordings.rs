//! The appliance against the recorded answers of the real framework: status, headers and every byte of every body,
//! except that pages of HTML are only compared as such (their text is the framework's own).

#![allow(clippy::unwrap_used)]

mod world;

use std::collections::{BTreeMap, BTreeSet};

use esgsync_simulator::{Esg, Options, Response, RoleInHal, SIMULATOR_HEADER, State};
use serde_json::Value;
use world::{Recording, recordings};

/// Recordings that the appliance does not repeat, and why.
const NOT_REPEATED: [(&str, &str); 11] = [
    ("docs-accept-hal", "an index of the recorder's classes; clients read docs.json"),
    ("entrypoint-hal", "names the blocklist; see entry_point_without_the_blocklist"),
    ("entrypoint-json", "names the blocklist; see entry_point_without_the_blocklist"),
    ("entrypoint-ldjson", "names the blocklist; see entry_point_without_the_blocklist"),
    ("list-empty-collection", "the blocklist is not simulated; list-empty-filter shows the same"),
    ("list-empty-collection-json", "the blocklist is not simulated"),
    ("list-empty-collection-page-3", "the blocklist is not simulated"),
    ("post-blocklist-output-none", "the blocklist is not simulated"),
    ("seq-nulls-1", "the blocklist is not simulated"),
    ("seq-nulls-2-get-hal", "the blocklist is not simulated; users leave nulls out"),
    ("seq-nulls-3-get-json", "the blocklist is not simulated; users leave nulls out"),
];

/// Headers of the web server in front, and of the recorder's transport.
const NOT_OURS: [&str; 5] = ["Server", "Date", "Connection", "Transfer-Encoding", "Content-Length"];

/// Differences between the answer and the recorded one; empty when there are none.
fn differences(expected: &Response, actual: &Response) -> Vec<String> {
    let mut found = Vec::new();
    if expected.status != actual.status {
        found.push(format!("status {} instead of {}", actual.status, expected.status));
    }
    let headers = |response: &Response| -> BTreeSet<(String, String)> {
        response
            .headers
            .iter()
            .filter(|(name, _)| name != SIMULATOR_HEADER && !NOT_OURS.contains(&name.as_str()))
            .cloned()
            .collect()
    };
    let (recorded, answered) = (headers(expected), headers(actual));
    for (name, value) in recorded.difference(&answered) {
        found.push(format!("lacks {name}: {value}"));
    }
    for (name, value) in answered.difference(&recorded) {
        found.push(format!("adds {name}: {value}"));
    }
    let html =
        |response: &Response| response.header("Content-Type").is_some_and(|value| value.starts_with("text/html"));
    if html(expected) {
        if !actual.body.starts_with(b"<!DOCTYPE html>") {
            found.push("no page of HTML".to_owned());
        }
    } else if expected.body != actual.body {
        let text = |body| String::from_utf8_lossy(body).into_owned();
        let (expected, actual) = (text(&expected.body), text(&actual.body));
        found.push(format!("body\n    {actual}\n  instead of\n    {expected}"));
    }
    found
}

fn esg(state: &State, options: &Options) -> Esg {
    Esg::new(State { options: options.clone(), ..state.clone() })
}

/// Recordings that build on each other have the same stem; every other one starts from fresh data.
fn stem(slug: &str) -> &str {
    let mut parts = slug.splitn(3, '-');
    match (parts.next(), parts.next()) {
        (Some("seq"), Some(name)) => name,
        _ => slug,
    }
}

/// Asks everything that was recorded in a folder; the differences by recording.
fn replay(folder: &str, options: &Options) -> BTreeMap<String, Vec<String>> {
    let state = world::state();
    let mut found = BTreeMap::new();
    let mut current: Option<(String, Esg)> = None;
    for Recording { slug, request, response } in recordings(folder) {
        let stem = stem(&slug).to_owned();
        let mut esg = match current.take() {
            Some((known, esg)) if known == stem => esg,
            _ => esg(&state, options),
        };
        let differences = differences(&response, &esg.handle(&request));
        if !differences.is_empty() {
            found.insert(slug, differences);
        }
        current = Some((stem, esg));
    }
    found
}

fn report(found: &BTreeMap<String, Vec<String>>) -> String {
    found.iter().map(|(slug, differences)| format!("{slug}:\n  {}\n", differences.join("\n  "))).collect()
}

#[test]
fn answers_as_the_recordings() {
    let mut found = replay("v2.7.18", &world::recorded_app());
    for (slug, reason) in NOT_REPEATED {
        assert!(found.remove(slug).is_some(), "{slug} is repeated: strike it from the table ({reason})");
    }
    assert!(found.is_empty(), "{}", report(&found));
}

#[test]
fn embeds_the_role_as_the_recordings() {
    let options = Options { role_in_hal: RoleInHal::Embedded, ..world::recorded_app() };
    let found = replay("v2.7.18-embedded-role", &options);
    assert!(found.is_empty(), "{}", report(&found));
}

#[test]
fn destroys_lists_without_validation_as_the_recordings() {
    let options = Options { validation: false, ..world::recorded_app() };
    let found = replay("v2.7.18-no-validation", &options);
    assert!(found.is_empty(), "{}", report(&found));
}

#[test]
fn entry_point_without_the_blocklist() {
    for recording in recordings("v2.7.18") {
        let part = match recording.slug.as_str() {
            "entrypoint-hal" => r#""blocklist":{"href":"\/api\/v2\/blocklist"},"#,
            "entrypoint-json" => r#""App\\Blocklist","#,
            "entrypoint-ldjson" => r#""blocklist":"\/api\/v2\/blocklist","#,
            _ => continue,
        };
        let mut expected = recording.response;
        let body = String::from_utf8(expected.body).unwrap();
        assert!(body.contains(part));
        expected.body = body.replace(part, "").into_bytes();
        let actual = esg(&world::state(), &world::recorded_app()).handle(&recording.request);
        let found = differences(&expected, &actual);
        assert!(found.is_empty(), "{}: {found:?}", recording.slug);
    }
}

/// The document is longer in the recording; what a client can take capabilities from is the same.
#[test]
fn describes_itself_as_the_recording() {
    let recording = recordings("v2.6.8").into_iter().find(|one| one.slug == "docs-json-spec3").unwrap();
    let expected: Value = serde_json::from_slice(&recording.response.body).unwrap();
    let actual: Value =
        serde_json::from_slice(&esg(&world::state(), &world::recorded_app()).handle(&recording.request).body).unwrap();
    for path in ["/api/v2/user", "/api/v2/user/{id}"] {
        let methods = |document: &Value| -> BTreeSet<String> {
            let methods = document["paths"][path].as_object().unwrap().keys();
            methods.filter(|method| *method != "parameters").cloned().collect()
        };
        assert_eq!(methods(&actual), methods(&expected), "{path}");
    }
    let parameters = |document: &Value| -> BTreeMap<String, Vec<Value>> {
        let parameters = document["paths"]["/api/v2/user"]["get"]["parameters"].as_array().unwrap();
        let limits = |schema: &Value| ["default", "minimum", "maximum"].map(|name| schema[name].clone()).to_vec();
        let named = |parameter: &Value| (parameter["name"].as_str().unwrap().to_owned(), limits(&parameter["schema"]));
        parameters.iter().map(named).collect()
    };
    assert_eq!(parameters(&actual), parameters(&expected));
    for name in ["User", "EmailAddress"] {
        let members = |document: &Value| -> BTreeMap<String, [Value; 2]> {
            let members = document["components"]["schemas"][name]["properties"].as_object().unwrap();
            let kind = |schema: &Value| ["type", "nullable"].map(|name| schema[name].clone());
            members.iter().map(|(name, schema)| (name.clone(), kind(schema))).collect()
        };
        assert_eq!(members(&actual), members(&expected), "{name}");
    }
}

#[test]
fn a_wrong_byte_would_be_seen() {
    let recording = recordings("v2.7.18").into_iter().find(|recording| recording.slug == "item-hal").unwrap();
    let mut actual = esg(&world::state(), &world::recorded_app()).handle(&recording.request);
    actual.body[20] ^= 1;
    actual.headers.retain(|(name, _)| name != "Vary");
    assert_eq!(differences(&recording.response, &actual).len(), 2);
}
