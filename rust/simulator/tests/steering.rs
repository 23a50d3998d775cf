//! Faults, counts and the other paths that steer the simulator.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use esgsync_simulator::{Esg, Request, Response, State};
use serde_json::{Value, json};

const TOKEN: &str = "0123456789abcdef";

fn esg(faults: Value) -> Esg {
    let state = json!({
        "users": [{"id": 6, "username": "six", "role": 7, "emailAddresses": []}, {"id": 7, "username": "seven", "role": 7}],
        "tokens": {TOKEN: "admin"},
    });
    let mut esg = Esg::new(State::from_json(&state.to_string()).unwrap());
    assert_eq!(steer(&mut esg, "POST", "faults", &faults).status, 204);
    esg
}

fn steer(esg: &mut Esg, method: &str, name: &str, body: &Value) -> Response {
    esg.handle(&Request::new(method, &format!("/__simulator/{name}")).with_body(body.to_string()))
}

fn look(esg: &mut Esg, name: &str) -> Value {
    serde_json::from_slice(&steer(esg, "GET", name, &Value::Null).body).unwrap()
}

fn get(esg: &mut Esg, target: &str) -> Response {
    esg.handle(&Request::new("GET", target).with_header("X-ESG-Auth-Token", TOKEN))
}

fn rename(esg: &mut Esg, name: &str) -> Response {
    let request = Request::new("PATCH", "/api/v2/user/6")
        .with_header("X-ESG-Auth-Token", TOKEN)
        .with_header("Content-Type", "application/merge-patch+json")
        .with_body(json!({"username": name}).to_string());
    esg.handle(&request)
}

#[test]
fn statuses_come_with_their_headers_and_nothing_is_done() {
    for (code, content_type) in [
        (401, "application/json"),
        (403, "application/problem+json; charset=utf-8"),
        (429, "application/problem+json; charset=utf-8"),
        (500, "application/problem+json; charset=utf-8"),
        (502, "text/html"),
        (503, "text/html"),
    ] {
        let mut esg = esg(json!([{"do": {"status": {"code": code, "retry_after": 7}}, "times": 1}]));
        let reply = rename(&mut esg, "new");
        assert_eq!((reply.status, reply.header("Content-Type")), (code, Some(content_type)));
        assert_eq!(reply.header("Retry-After"), Some("7"));
        assert_eq!(esg.state().user(6).unwrap().username, "six");
        assert_eq!(rename(&mut esg, "new").status, 200, "once only");
    }
}

#[test]
fn a_connection_closes_before_or_after_the_change() {
    let mut esg = esg(json!([
        {"on": {"nth": 1}, "do": "drop_before"},
        {"on": {"nth": 2}, "do": "drop_after_commit"},
    ]));
    let reply = rename(&mut esg, "one");
    assert!(reply.dropped && reply.headers.is_empty() && reply.body.is_empty());
    assert_eq!(esg.state().user(6).unwrap().username, "six");
    assert!(rename(&mut esg, "two").dropped);
    assert_eq!(esg.state().user(6).unwrap().username, "two");
    let statuses: Vec<_> = esg.log().entries().iter().map(|entry| entry.status).collect();
    assert_eq!(statuses, [0, 0]);
    assert_eq!((esg.log().counts().writes, esg.log().counts().changes), (2, 1));
}

#[test]
fn garbage_is_half_of_the_answer_and_a_page_is_no_answer() {
    let mut esg = esg(json!([
        {"on": {"nth": 1}, "do": "garbage"},
        {"on": {"nth": 2}, "do": "html_page"},
    ]));
    let garbage = get(&mut esg, "/api/v2/user/6");
    assert_eq!(garbage.status, 200);
    assert!(serde_json::from_slice::<Value>(&garbage.body).is_err());
    let page = get(&mut esg, "/api/v2/user/6");
    assert_eq!((page.status, page.header("Content-Type")), (200, Some("text/html; charset=utf-8")));
    let whole = get(&mut esg, "/api/v2/user/6");
    assert!(whole.body.starts_with(&garbage.body) && whole.body.len() > garbage.body.len());
}

#[test]
fn another_editor_strikes_between_read_and_write_and_rules_add_up() {
    let mut esg = esg(json!([
        {"on": {"method": "PATCH", "path_contains": "/user/6"}, "do": {"edit_user": {"id": 7, "username": "other"}}},
        {"on": {"method": "PATCH"}, "do": {"delay_ms": 20}},
        {"on": {"method": "PATCH"}, "do": {"delay_ms": 5}},
    ]));
    assert_eq!(get(&mut esg, "/api/v2/user/7").delay, Duration::ZERO);
    assert_eq!(rename(&mut esg, "new").delay, Duration::from_millis(25));
    assert_eq!(esg.state().user(7).unwrap().username, "other");
    assert_eq!(esg.state().user(6).unwrap().username, "new");
    assert_eq!(look(&mut esg, "faults")[0]["fired"], 1);
    assert_eq!(look(&mut esg, "faults")[0]["matched"], 1);
}

#[test]
fn an_edit_that_cannot_be_made_is_an_error() {
    let mut esg = esg(json!([{"do": {"edit_user": {"id": 7, "role": 12}}}]));
    let reply = get(&mut esg, "/api/v2/user/6");
    assert_eq!(reply.status, 500);
    assert!(String::from_utf8(reply.body).unwrap().contains("no role 12"));
}

#[test]
fn counts_tell_reads_from_writes_and_leave_out_steering_and_logins() {
    let mut esg = esg(json!([]));
    get(&mut esg, "/api/v2/user?page=1");
    get(&mut esg, "/api/v2/user/6");
    get(&mut esg, "/api/v2/user/7");
    rename(&mut esg, "new");
    rename(&mut esg, "new");
    let login = Request::new("POST", "/api/v2/login").with_header("Content-Type", "application/json");
    esg.handle(&login.with_body(r#"{"username": "admin", "password": "simulator-admin"}"#));
    look(&mut esg, "state");
    let counts = look(&mut esg, "counts");
    assert_eq!(
        counts,
        json!({"requests": 6, "writes": 2, "changes": 1, "by_path": {
            "GET /api/v2/user": 1, "GET /api/v2/user/{id}": 2, "PATCH /api/v2/user/{id}": 2, "POST /api/v2/login": 1,
        }})
    );
    assert_eq!(look(&mut esg, "log")[0], json!({"method": "GET", "path": "/api/v2/user", "status": 200}));
    assert_eq!(steer(&mut esg, "POST", "reset-counts", &Value::Null).status, 204);
    assert_eq!(look(&mut esg, "counts")["requests"], 0);
    assert_eq!(look(&mut esg, "log"), json!([]));
}

#[test]
fn the_state_goes_out_and_comes_back() {
    let mut esg = esg(json!([]));
    let mut state = look(&mut esg, "state");
    assert_eq!(state["users"][0]["username"], "six");
    state["users"][0]["username"] = "changed".into();
    state["options"]["max_items"] = 20.into();
    let revision = esg.revision();
    assert_eq!(steer(&mut esg, "PUT", "state", &state).status, 204);
    assert_eq!(look(&mut esg, "state"), state);
    assert!(esg.revision() > revision);
    state["users"][1]["id"] = 6.into();
    let reply = steer(&mut esg, "PUT", "state", &state);
    assert_eq!(reply.status, 400);
    assert!(String::from_utf8(reply.body).unwrap().contains("id 6"));
}

#[test]
fn bad_steering_says_what_is_wrong() {
    let mut esg = esg(json!([]));
    for (method, name, body, status, part) in [
        ("POST", "faults", json!([{"do": "explode"}]), 400, "explode"),
        ("POST", "faults", json!([{"on": {"metod": "GET"}, "do": "garbage"}]), 400, "metod"),
        ("POST", "edit", json!({"username": "x"}), 400, "id"),
        ("GET", "nothing", Value::Null, 404, "nothing"),
    ] {
        let reply = steer(&mut esg, method, name, &body);
        assert_eq!(reply.status, status, "{name}");
        assert!(String::from_utf8(reply.body).unwrap().contains(part), "{name}");
    }
    assert_eq!(steer(&mut esg, "POST", "edit", &json!({"id": 6, "username": "edited"})).status, 204);
    assert_eq!(esg.state().user(6).unwrap().username, "edited");
}
