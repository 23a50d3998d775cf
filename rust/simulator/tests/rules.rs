//! The table of rules against the code: nothing is missing, nothing is there twice, and each rule has its test.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use esgsync_simulator::{Account, Action, Ground, Import, Options, RULES, State};
use serde_json::{Value, json};

fn subjects(kind: &str) -> BTreeSet<&'static str> {
    RULES.iter().filter_map(|rule| rule.subject.strip_prefix(kind)).collect()
}

fn members(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

fn assert_same(kind: &str, code: &BTreeSet<String>) {
    let table: BTreeSet<String> = subjects(kind).into_iter().map(str::to_owned).collect();
    assert_eq!(&table, code, "{kind}");
}

#[test]
fn every_switch_account_member_and_fault_of_the_code_is_in_the_table() {
    assert_same("option ", &members(&serde_json::to_value(Options::default()).unwrap()));

    let mut account = Account::administrator("a", "b");
    (account.otp, account.administrator) = (Some("c".into()), Some(true));
    (account.domain, account.may_switch) = (Some("d".into()), Some(true));
    assert_same("account ", &members(&serde_json::to_value(account).unwrap()));

    let state = members(&serde_json::to_value(State::default()).unwrap());
    let told: BTreeSet<&str> = subjects("state ");
    // The others are users, and what the routes, accounts and switches are about.
    let others = ["users", "roles", "accounts", "tokens", "options"];
    assert_eq!(state.iter().map(String::as_str).filter(|name| !others.contains(name)).collect::<BTreeSet<_>>(), told);

    let edit = serde_json::from_value(json!({"id": 1})).unwrap();
    let all = [
        Action::Status { code: 500, retry_after: None, as_date: false },
        Action::DropBefore,
        Action::DropAfterCommit,
        Action::DelayMs(1),
        Action::Garbage,
        Action::HtmlPage,
        Action::EditUser(edit),
        Action::Import(Import { recreate: true, reset: true }),
    ];
    // Does not compile when an action is added; then it belongs into the list above, too.
    for action in &all {
        match action {
            Action::Status { .. }
            | Action::DropBefore
            | Action::DropAfterCommit
            | Action::DelayMs(_)
            | Action::Garbage
            | Action::HtmlPage
            | Action::EditUser(_)
            | Action::Import(_) => {}
        }
    }
    let names = all.map(|action| match serde_json::to_value(action).unwrap() {
        Value::String(name) => name,
        object => object.as_object().unwrap().keys().next().unwrap().clone(),
    });
    assert_same("fault ", &names.into());
}

/// The routes that the appliance answers: what it says itself, and those that stand outside of its document.
#[test]
fn every_route_of_the_code_is_in_the_table() {
    use esgsync_simulator::{Esg, Request};
    let mut esg = Esg::new(State::default());
    let mut code = BTreeSet::new();
    for path in ["", "/login", "/docs", "/user", "/user/{id}", "/user-role", "/user-role/{id}"] {
        let target = format!("/api/v2{}", path.replace("{id}", "1"));
        // A method that no route has is told those that it has.
        let reply = esg.handle(&Request::new("TRACE", &target));
        let allow = reply.header("Allow").unwrap_or_else(|| panic!("{target}: {}", reply.status)).to_owned();
        code.extend(allow.split(", ").map(|method| format!("{method} /api/v2{path}")));
    }
    assert_same("route ", &code);
}

#[test]
fn no_rule_is_there_twice_and_each_names_its_source_and_a_test_that_exists() {
    let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.subject).collect();
    assert_eq!(names.len(), RULES.len());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = String::new();
    // Not those that replay recordings: each rule is also asked with data that is in none.
    for file in ["appliance", "framework_rules", "program", "server", "steering", "switches"] {
        tests += &std::fs::read_to_string(root.join("tests").join(file).with_extension("rs")).unwrap();
    }
    tests += &std::fs::read_to_string(root.join("src/route.rs")).unwrap();
    for rule in RULES {
        assert!(!rule.source.is_empty() && !rule.text.is_empty(), "{}", rule.subject);
        assert!(
            tests.contains(&format!("#[test]\nfn {}()", rule.test))
                || tests.contains(&format!("#[test]\n    fn {}()", rule.test)),
            "{}",
            rule.test
        );
    }
    for ground in [Ground::Doc, Ground::Client, Ground::Fw, Ground::Inf, Ground::Unk] {
        assert!(RULES.iter().any(|rule| rule.ground == ground), "{ground:?}");
    }
}

/// Bodies that were recorded are answered from rules over the state: none of their texts lies in the code.
#[test]
fn no_recorded_body_lies_in_the_simulator() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut code = String::new();
    for entry in std::fs::read_dir(root.join("src")).unwrap() {
        code += &std::fs::read_to_string(entry.unwrap().path()).unwrap();
    }
    let squeezed: String = code.replace('\\', "").split_whitespace().collect();
    let mut compared = 0;
    for folder in std::fs::read_dir(root.join("../../tests/recordings")).unwrap().map(|entry| entry.unwrap().path()) {
        for file in std::fs::read_dir(&folder).into_iter().flatten() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let body = text.split("HTTP/1.1 ").last().unwrap().split("\r\n\r\n").nth(1).unwrap_or_default();
            let body: String = body.replace('\\', "").split_whitespace().collect();
            if body.len() > 40 {
                compared += 1;
                assert!(!squeezed.contains(&body), "{body}");
            }
        }
    }
    assert!(compared > 600, "{compared}");
}
