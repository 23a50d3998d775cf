//! The engine from requests to replies, against the simulator over loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use esgsync_commands::Engine;
use esgsync_commands::wire::{EventKind, Method};
use esgsync_run::{Identity, Mode, OpenOptions};
use esgsync_simulator::{Esg, Server, ServerOptions, State};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

fn small(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join("tests/tenants/small").join(file)
}

fn simulator() -> Server {
    let state = State::from_json(&std::fs::read_to_string(small("esg.json")).unwrap()).unwrap();
    Server::start(Esg::new(state), ServerOptions::default()).unwrap()
}

struct Desk {
    engine: Engine,
    server: Server,
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { engine: Engine::open().unwrap(), server: simulator(), folder: tempfile::tempdir().unwrap() }
    }

    fn call(&self, method: Method, request: Value) -> Result<(Value, Vec<(u32, Value)>), Value> {
        let mut events = Vec::new();
        let mut deliver = |kind: u32, data: &[u8]| {
            events.push((kind, serde_json::from_slice(data).unwrap()));
            true
        };
        let cancel = CancellationToken::new();
        match self.engine.call(method as u32, request.to_string().as_bytes(), &cancel, &mut deliver) {
            Ok(reply) => Ok((serde_json::from_slice(&reply).unwrap(), events)),
            Err(error) => Err(serde_json::to_value(error).unwrap()),
        }
    }

    fn connect(&self) -> u64 {
        let request = json!({
            "name": "corp", "uri": self.server.uri(), "allowHttp": true, "username": "admin",
            "password": "simulator-admin", "stateFolder": self.folder.path(),
        });
        self.call(Method::Connect, request).unwrap().0["connection"].as_u64().unwrap()
    }

    fn snapshot(&self) -> u64 {
        let request = json!({"read": [small("snapshot.jsonl")]}).to_string();
        self.engine.open_snapshot(request.as_bytes(), &CancellationToken::new()).unwrap()
    }

    fn plan(&self, connection: u64, options: Value) -> Value {
        let request = json!({"connection": connection, "snapshot": self.snapshot(), "options": options});
        self.call(Method::NewPlan, request).unwrap().0
    }

    /// Users as the appliance has them.
    fn users(&self) -> Vec<Value> {
        let state = serde_json::to_value(self.server.esg().state()).unwrap();
        state["users"].as_array().unwrap().clone()
    }

    /// An import makes a user anew, under another id.
    fn import(&self, user: &Value, id: u64) {
        let mut state = serde_json::to_value(self.server.esg().state()).unwrap();
        let mut user = user.clone();
        user["id"] = id.into();
        state["users"].as_array_mut().unwrap().push(user);
        self.server.esg().replace(State::from_json(&state.to_string()).unwrap());
    }

    fn writes(&self) -> u64 {
        self.server.esg().log().counts().writes
    }
}

#[test]
fn a_plan_is_applied_once_and_the_second_plan_is_empty() {
    let desk = Desk::new();
    let connection = desk.connect();
    let plan = desk.plan(connection, json!({}));
    assert!(plan["summary"]["aliasesAdded"].as_u64().unwrap() > 0, "{plan}");
    let updates = plan["actions"].as_array().unwrap().len() as u64;

    let (run, events) = desk.call(Method::InvokePlan, json!({"connection": connection, "plan": plan["text"]})).unwrap();
    assert_eq!(run["applied"], updates, "{run}");
    assert_eq!(desk.writes(), updates, "one PATCH for each changed user");
    let results = events.iter().filter(|(kind, _)| *kind == EventKind::ActionResult as u32);
    let told: usize = results.map(|(_, records)| records.as_array().unwrap().len()).sum();
    assert_eq!(told as u64, updates);

    desk.server.esg().reset_log();
    let second = desk.plan(connection, json!({}));
    assert_eq!(second["actions"], json!([]), "{second}");
    let (run, _) = desk.call(Method::InvokePlan, json!({"connection": connection, "plan": second["text"]})).unwrap();
    assert_eq!(run["applied"], 0);
    assert_eq!(desk.writes(), 0, "the second run only reads");
}

#[test]
fn a_changed_plan_and_one_of_another_state_are_refused_before_anything_is_sent() {
    let desk = Desk::new();
    let connection = desk.connect();
    let text = desk.plan(connection, json!({}))["text"].as_str().unwrap().to_owned();

    let forged = text.replacen("@corp.example", "@evil.example", 1);
    assert_ne!(forged, text);
    let error = desk.call(Method::InvokePlan, json!({"connection": connection, "plan": forged})).unwrap_err();
    assert_eq!(error["code"], "PlanRefused");

    let error = desk
        .call(Method::InvokePlan, json!({"connection": connection, "plan": text, "maxAgeSeconds": 0}))
        .map(|(reply, _)| reply)
        .unwrap_err();
    assert_eq!(error["code"], "PlanTooOld");

    let error = desk
        .call(
            Method::InvokePlan,
            json!({"connection": connection, "plan": text, "expect": [{"kind": "AliasAdded", "count": 1}]}),
        )
        .unwrap_err();
    assert_eq!((error["code"].as_str(), error["exitCode"].as_i64()), (Some("ExpectRefused"), Some(3)));

    let other = tempfile::tempdir().unwrap();
    let request = json!({
        "name": "corp", "uri": desk.server.uri(), "allowHttp": true, "username": "admin",
        "password": "simulator-admin", "stateFolder": other.path(),
    });
    let elsewhere = desk.call(Method::Connect, request).unwrap().0["connection"].clone();
    let error = desk.call(Method::InvokePlan, json!({"connection": elsewhere, "plan": text})).unwrap_err();
    assert_eq!(error["code"], "PlanForOtherState");
    assert_eq!(std::fs::read_dir(other.path()).unwrap().count(), 0, "no state file is made for a plan that is refused");
    assert_eq!(desk.writes(), 0);
}

#[test]
fn plan_files_fit_the_schema_that_the_module_publishes() {
    let desk = Desk::new();
    let connection = desk.connect();
    let published = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join("ps-module/schemas");
    let schema = std::fs::read_to_string(published.join("plan.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let fits = |plan: &Value| {
        let path = plan["path"].as_str().unwrap();
        let mut file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let problems: Vec<String> = schema.iter_errors(&file).map(|error| error.to_string()).collect();
        assert!(problems.is_empty(), "{path}: {problems:?}");
        assert!(!file["actions"].as_array().unwrap().is_empty());
        file["actions"][0]["changes"][0]["kind"] = "AliasForgotten".into();
        assert!(!schema.is_valid(&file), "the schema is one of a plan");
    };
    let path = |name: &str| desk.folder.path().join(name).to_str().unwrap().to_owned();
    let options = json!({"functionalUser": "Remove", "adoptExisting": true});
    let request =
        json!({"connection": connection, "snapshot": desk.snapshot(), "options": options, "path": path("plan.json")});
    let plan = desk.call(Method::NewPlan, request).unwrap().0;
    fits(&plan);
    desk.call(Method::InvokePlan, json!({"connection": connection, "plan": plan["text"]})).unwrap();
    fits(
        &desk
            .call(Method::NewUndoPlan, json!({"connection": connection, "run": 1, "path": path("undo.json")}))
            .unwrap()
            .0,
    );
}

/// Design 10: 1 > 5 > 3 > 4 > 2 > 0. What can meet before a run begins; the rest is tested beside the function that decides it.
#[test]
fn one_weighs_more_than_five_and_five_more_than_three() {
    let desk = Desk::new();
    let connection = desk.connect();
    let text = desk.plan(connection, json!({}))["text"].as_str().unwrap().to_owned();
    let forged = text.replacen("@corp.example", "@evil.example", 1);
    let wrong = json!([{"kind": "AliasAdded", "count": 1}]);
    let refused = |plan: &str, expect: &Value| {
        let error = desk.call(Method::InvokePlan, json!({"connection": connection, "plan": plan, "expect": expect}));
        let error = error.map(|(reply, _)| reply).unwrap_err();
        (error["code"].as_str().unwrap().to_owned(), error["exitCode"].as_i64().unwrap())
    };
    let host = desk.server.uri().trim_start_matches("http://").to_owned();
    let identity = Identity { name: "corp".into(), system: "esg".into(), host, simulator: true };
    let options = OpenOptions { mode: Mode::Write, ..OpenOptions::default() };
    let lock = esgsync_run::State::open(&desk.folder.path().join("corp.esg.db"), &identity, &options).unwrap();
    assert_eq!(refused(&forged, &json!([])), ("PlanRefused".into(), 1), "1 and 5");
    assert_eq!(refused(&text, &wrong), ("StateLocked".into(), 5), "5 and 3");
    drop(lock);
    assert_eq!(refused(&text, &wrong), ("ExpectRefused".into(), 3));
    desk.call(Method::InvokePlan, json!({"connection": connection, "plan": text, "first": 1})).unwrap();
    let newer = desk.plan(connection, json!({}))["text"].as_str().unwrap().to_owned();
    desk.call(Method::InvokePlan, json!({"connection": connection, "plan": newer})).unwrap();
    assert_eq!(refused(&text, &wrong), ("PlanStale".into(), 1), "1 and 3");
}

#[test]
fn a_plan_without_a_folder_fails_before_users_are_read() {
    let desk = Desk::new();
    let connection = desk.connect();
    desk.server.esg().reset_log();
    let path = desk.folder.path().join("none").join("plan.json");
    let request = json!({"connection": connection, "snapshot": desk.snapshot(), "path": path});
    let error = desk.call(Method::NewPlan, request).map(|(reply, _)| reply).unwrap_err();
    assert_eq!(error["code"], "PlanNotWritten");
    assert_eq!(desk.server.esg().log().counts().requests, 0);
}

/// Rule 38, from end to end: an import brings a functional user back, twice.
#[test]
fn rule_38_what_an_import_brings_back_twice_is_held_back_and_the_plan_says_what_to_change() {
    let desk = Desk::new();
    let connection = desk.connect();
    let options = json!({"functionalUser": "Remove"});
    let mut removed: Option<Value> = None;
    for round in 1..=3 {
        let before = desk.users();
        let plan = desk.plan(connection, options.clone());
        let held_back = |plan: &Value| {
            let left = plan["leftAlone"].as_array().unwrap();
            left.iter().filter(|left| left["code"] == "CameBack").cloned().collect::<Vec<_>>()
        };
        if round == 3 {
            let [held] = &held_back(&plan)[..] else { panic!("{plan}") };
            let removed = removed.unwrap();
            assert_eq!(held["user"]["username"], removed["username"]);
            assert!(held["reason"].as_str().unwrap().contains("exclude shared mailboxes from the import"), "{held}");
            let removals = plan["actions"].as_array().unwrap().iter().filter(|action| action["kind"] == "RemoveUser");
            assert_eq!(removals.count(), 0, "{plan}");
            return;
        }
        assert_eq!(held_back(&plan), Vec::<Value>::new(), "round {round}");
        let count = plan["summary"]["functionalUsersRemoved"].as_u64().unwrap();
        let expect = json!([{"kind": "FunctionalUserRemoved", "count": count}]);
        let request = json!({"connection": connection, "plan": plan["text"], "expect": expect});
        let (run, _) = desk.call(Method::InvokePlan, request).unwrap();
        assert_eq!((run["failed"].as_u64(), run["withheld"].as_u64()), (Some(0), Some(0)), "{run}");
        let after = desk.users();
        let gone = before.iter().find(|user| !after.contains(user) && user["role"] == 499).cloned();
        let gone = removed.clone().or(gone).expect("a functional user went");
        assert!(after.iter().all(|user| user["username"] != gone["username"]), "round {round}");
        desk.import(&gone, 90_000 + round);
        removed = Some(gone);
    }
}

/// Design 8: undo, from the request to the lists.
#[test]
fn a_run_is_taken_back_and_the_history_tells_of_both() {
    let desk = Desk::new();
    let connection = desk.connect();
    let before = desk.users();
    let plan = desk.plan(connection, json!({}));
    let (run, _) = desk.call(Method::InvokePlan, json!({"connection": connection, "plan": plan["text"]})).unwrap();
    assert_ne!(desk.users(), before);
    let request = json!({"connection": connection, "run": run["run"]});
    let (undo, _) = desk.call(Method::NewUndoPlan, request.clone()).unwrap();
    assert_eq!(undo["undoes"]["run"], run["run"]);
    let expect = json!([{"kind": "AliasRemoved", "count": undo["summary"]["aliasesRemoved"]}]);
    let request_undo = json!({"connection": connection, "plan": undo["text"], "expect": expect});
    let (undone, _) = desk.call(Method::InvokePlan, request_undo).unwrap();
    assert_eq!(undone["exitCode"], 0, "{undone}");
    assert_eq!(desk.users(), before);

    let (reply, events) = desk.call(Method::GetRuns, json!({"stateFolder": desk.folder.path()})).unwrap();
    assert_eq!((reply["count"].as_u64(), reply["target"].as_str()), (Some(2), Some("corp")));
    let runs: Vec<&Value> = events
        .iter()
        .filter(|(kind, _)| *kind == EventKind::Run as u32)
        .flat_map(|(_, records)| records.as_array().unwrap())
        .collect();
    assert_eq!((runs[0]["undoes"].clone(), runs[1]["id"].clone()), (run["run"].clone(), run["run"].clone()));
    assert_eq!((runs[0]["canBeUndone"].as_bool(), runs[1]["canBeUndone"].as_bool()), (Some(false), Some(true)));
    let error = desk.call(Method::NewUndoPlan, json!({"connection": connection, "run": 99})).unwrap_err();
    assert_eq!((error["code"].as_str(), error["category"].as_str()), (Some("RunUnknown"), Some("ObjectNotFound")));
}

#[test]
fn events_are_records_of_their_kind_and_filters_hold() {
    let desk = Desk::new();
    let connection = desk.connect();
    let (reply, events) = desk.call(Method::GetUsers, json!({"connection": connection, "functional": true})).unwrap();
    let users: Vec<&Value> = events
        .iter()
        .filter(|(kind, _)| *kind == EventKind::User as u32)
        .flat_map(|(_, records)| records.as_array().unwrap())
        .collect();
    assert_eq!(reply["count"], users.len());
    assert!(!users.is_empty() && users.iter().all(|user| user["role"] == 499 && user["functional"] == true));

    let (reply, _) = desk
        .call(Method::GetUsers, json!({"connection": connection, "address": ["JAN.QUIST6@corp.example", "x8@*"]}))
        .unwrap();
    assert_eq!(reply["count"], 2);
}

#[test]
fn a_callback_that_says_no_stops_the_call_and_the_next_one_works() {
    let desk = Desk::new();
    let request = json!({"snapshot": desk.snapshot()}).to_string();
    let cancel = CancellationToken::new();
    let error =
        desk.engine.call(Method::GetDelegations as u32, request.as_bytes(), &cancel, &mut |_, _| false).unwrap_err();
    assert_eq!(error.code, "Stopped");
    assert!(!cancel.is_cancelled(), "the caller's own cancellation is not fired");
    let mut seen = 0;
    desk.engine
        .call(Method::GetDelegations as u32, request.as_bytes(), &cancel, &mut |_, _| {
            seen += 1;
            true
        })
        .unwrap();
    assert!(seen > 0);
}

#[test]
fn a_wrong_request_names_the_member_and_never_its_value() {
    let desk = Desk::new();
    let request =
        json!({"name": "corp", "uri": "https://esg.example", "password": ["planted-secret"], "stateFolder": "/x"});
    let error = desk.call(Method::Connect, request).unwrap_err();
    assert_eq!(error["code"], "InvalidRequest");
    assert!(error["message"].as_str().unwrap().contains("password"), "{error}");
    assert!(!error.to_string().contains("planted-secret"), "{error}");
}

#[test]
fn rows_that_are_fed_become_a_file_that_reads_back_the_same() {
    let desk = Desk::new();
    let path = desk.folder.path().join("copy.jsonl");
    std::fs::write(&path, "an older snapshot").unwrap();
    let text = std::fs::read_to_string(small("snapshot.jsonl")).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    let header: Value = serde_json::from_str(lines.remove(0)).unwrap();
    lines.pop();
    let mut header = header.as_object().unwrap().clone();
    header.remove("kind");
    let request = json!({"header": header, "write": path}).to_string();
    let snapshot = desk.engine.open_snapshot(request.as_bytes(), &CancellationToken::new()).unwrap();
    for piece in lines.join("\n").as_bytes().chunks(1000) {
        desk.engine.feed_snapshot(snapshot, piece).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "an older snapshot", "until the new one is whole");
    desk.engine.feed_snapshot(snapshot, b"\n").unwrap();
    let (fed, _) = desk.call(Method::FinishSnapshot, json!({"snapshot": snapshot})).unwrap();
    assert_eq!(fed["complete"], true);

    let request = json!({"read": [path]}).to_string();
    let again = desk.engine.open_snapshot(request.as_bytes(), &CancellationToken::new()).unwrap();
    let read = desk.call(Method::GetSnapshot, json!({"snapshot": again})).unwrap().0;
    for member in ["mailboxes", "permissions", "recipients", "members", "complete", "tenantId", "incomplete"] {
        assert_eq!(read[member], fed[member], "{member}");
    }
    let error = desk.engine.feed_snapshot(snapshot, b"{}\n").unwrap_err();
    assert_eq!(error.code, "InvalidRequest");
}

#[test]
fn a_broken_row_names_its_line_and_the_snapshot_is_of_no_use() {
    let desk = Desk::new();
    let header = json!({"version": 1, "created": "2026-01-01T00:00:00Z"});
    let request = json!({"header": header}).to_string();
    let snapshot = desk.engine.open_snapshot(request.as_bytes(), &CancellationToken::new()).unwrap();
    let error = desk.engine.feed_snapshot(snapshot, b"{\"kind\":\"mailbox\"}\n").unwrap_err();
    assert_eq!(error.code, "SnapshotBroken");
    assert!(error.message.contains("line 2"), "{}", error.message);
    assert!(desk.call(Method::FinishSnapshot, json!({"snapshot": snapshot})).is_err());
}
