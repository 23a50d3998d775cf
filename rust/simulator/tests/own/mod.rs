//! A small world of our own: nothing in it occurs in a recording.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses a part of it; a test may panic")]

use esgsync_simulator::{Esg, Options, Request, Response, State};
use serde_json::{Value, json};

pub const HAL: &str = "application/hal+json";
pub const JSON: &str = "application/json";
pub const TOKEN: &str = "fedcba9876543210";

/// Seven users; 30 and 70 are functional.
pub fn state() -> State {
    let user = |id: u64| {
        let role = if id == 30 || id == 70 { 499 } else { 7 };
        json!({"id": id, "username": format!("owl{id}@nest.example"), "role": role, "nickname": null, "emailAddresses": [
            {"address": format!("owl{id}@nest.example"), "active": true, "primary": true}]})
    };
    let users: Vec<Value> = [10, 20, 30, 40, 50, 60, 70].map(user).to_vec();
    State::from_json(&json!({"users": users, "tokens": {TOKEN: "admin"}}).to_string()).unwrap()
}

pub fn esg(options: Options) -> Esg {
    Esg::new(State { options, ..state() })
}

pub fn request(method: &str, target: &str, accept: &str) -> Request {
    let request = Request::new(method, target).with_header("Host", "nest.test");
    request.with_header("X-ESG-Auth-Token", TOKEN).with_header("Accept", accept)
}

pub fn get(esg: &mut Esg, target: &str, accept: &str) -> Response {
    esg.handle(&request("GET", target, accept))
}

pub fn send(esg: &mut Esg, method: &str, target: &str, body: &str) -> Response {
    let kind = if method == "PATCH" { "application/merge-patch+json" } else { JSON };
    esg.handle(&request(method, target, JSON).with_header("Content-Type", kind).with_body(body.to_owned()))
}

pub fn patch(esg: &mut Esg, id: u64, body: &Value) -> Response {
    send(esg, "PATCH", &format!("/api/v2/user/{id}"), &body.to_string())
}

pub fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_default()
}

pub fn text(response: &Response) -> String {
    String::from_utf8(response.body.clone()).unwrap()
}

pub fn address(text: &str, primary: bool) -> Value {
    json!({"address": text, "active": true, "primary": primary})
}

/// The ids of a list.
pub fn ids(response: &Response) -> Vec<u64> {
    let body = body(response);
    let items = body.pointer("/_embedded/item").unwrap_or(&body).as_array().cloned().unwrap_or_default();
    items.iter().map(|item| item["id"].as_u64().unwrap()).collect()
}
