//! Login, tokens, switching users, and that no secret shows (esg 2).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{InTurn, PASSWORD, Simulated, config, json_answer, token_config, unwatched, with_otp_account, world};
use esgsync_targets::{
    CallContext, CallLog, ErrorKind, TargetError,
    esg::{Credentials, EsgClient, EsgConfig, WriteOutcome},
};
use serde_json::json;
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;

const URI: &str = "http://esg.corp.example";
const LOGIN: &str = "/api/v2/login";

fn account(username: &str, password: &str) -> Option<Credentials> {
    Some(Credentials { username: username.into(), password: password.into() })
}

async fn refused(simulated: &Simulated, config: EsgConfig) -> TargetError {
    simulated.connect_with(config).await.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn a_login_gives_the_token_of_every_later_call() {
    let simulated = Simulated::new(world(20));
    let (client, _) = simulated.connect().await;
    client.user(&unwatched(), 4).await.unwrap();
    let sent = simulated.take_sent();
    assert_eq!(sent.iter().map(|sent| sent.method).collect::<Vec<_>>(), ["POST", "GET", "GET"]);
    assert_eq!((sent[0].path.as_str(), sent[0].header("content-type")), (LOGIN, Some("application/json")));
    assert_eq!(sent[0].body, format!(r#"{{"username":"admin","password":"{PASSWORD}"}}"#), "no otp member without one");
    assert_eq!(sent[0].header("x-esg-auth-token"), None);
    let token = sent[1].header("x-esg-auth-token").unwrap();
    assert_eq!(sent[2].header("x-esg-auth-token"), Some(token));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_tried_once() {
    let simulated = Simulated::new(world(20));
    let error = refused(&simulated, EsgConfig { credentials: account("admin", "wrong-password"), ..config(URI) }).await;
    assert_eq!(error.code(), "LoginFailed");
    assert!(error.text.contains("Invalid credentials."), "{error}");
    assert!(error.recommended_action().contains("-OneTimePassword"));
    assert_eq!(simulated.take_sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_one_time_password_serves_for_one_login() {
    let simulated = Simulated::new(with_otp_account(world(20)));
    let careful = EsgConfig { credentials: account("careful", "simulator-careful"), ..config(URI) };
    assert_eq!(refused(&simulated, careful.clone()).await.code(), "LoginFailed");
    let (client, _) = simulated.connect_with(EsgConfig { otp: Some("654321".into()), ..careful }).await.unwrap();
    simulated.take_sent();
    simulated.fault(json!([{"do": {"status": {"code": 401}}, "times": 2}]));
    for _ in 0..2 {
        assert_eq!(client.user(&unwatched(), 4).await.unwrap_err().code(), "OneTimePasswordNeeded");
    }
    assert_eq!(simulated.count("POST", LOGIN), 0, "a used password is not sent again");
    simulated.fault(json!([{"on": {"method": "PATCH"}, "do": {"status": {"code": 401}}}]));
    assert!(matches!(client.patch_addresses(&unwatched(), 4, &[]).await, WriteOutcome::Denied { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ends_in_the_middle_is_renewed_once_for_all_calls() {
    let simulated = Simulated::new(world(900));
    let (client, _) = simulated.connect().await;
    // As after a restart: no token of before is known.
    simulated.esg().set_faults(common::faults(json!([{"on": {"path_contains": "itemsPerPage=150", "nth": 2}, "do": {"status": {"code": 401}}},
        {"on": {"path_contains": "itemsPerPage=150", "nth": 3}, "do": {"status": {"code": 401}}}, {"on": {"path_contains": "itemsPerPage=150", "nth": 4}, "do": {"status": {"code": 401}}}])));
    simulated.take_sent();
    assert_eq!(client.users(&unwatched(), |_| ()).await.unwrap().len(), 900);
    assert_eq!(simulated.count("POST", LOGIN), 1, "three calls met the 401 together");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_meets_401_is_sent_once_more_after_a_login() {
    let simulated = Simulated::new(world(20));
    let (client, _) = simulated.connect().await;
    simulated.fault(json!([{"on": {"method": "PATCH"}, "do": {"status": {"code": 401}}, "times": 1}]));
    assert!(matches!(client.patch_addresses(&unwatched(), 4, &[]).await, WriteOutcome::Done(_)));
    assert_eq!((simulated.count("PATCH", "/"), simulated.count("POST", LOGIN)), (2, 2));
    simulated.fault(json!([{"on": {"method": "PATCH"}, "do": {"status": {"code": 401}}}]));
    assert!(matches!(client.patch_addresses(&unwatched(), 4, &[]).await, WriteOutcome::Denied { .. }));
    assert_eq!((simulated.count("PATCH", "/"), simulated.count("POST", LOGIN)), (4, 3), "no third attempt");
}

#[tokio::test(start_paused = true)]
async fn a_refused_login_is_final_so_that_no_account_is_locked() {
    let simulated = Simulated::new(world(20));
    let (client, _) = simulated.connect().await;
    simulated.take_sent();
    simulated.fault(json!([{"do": {"status": {"code": 401}}}]));
    for _ in 0..3 {
        assert_eq!(client.user(&unwatched(), 4).await.unwrap_err().code(), "LoginFailed");
    }
    assert_eq!(simulated.count("POST", LOGIN), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_without_credentials_is_an_error_at_once() {
    let simulated = Simulated::new(world(20));
    let error = refused(&simulated, token_config()).await;
    assert_eq!(error.code(), "LoginFailed");
    assert!(error.text.contains("refuses the token"), "{error}");
    let sent = simulated.take_sent();
    assert_eq!((sent.len(), sent[0].header("x-esg-auth-token")), (1, Some("tok-secret-1")));
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_with_credentials_is_replaced_by_a_login() {
    let simulated = Simulated::new(world(20));
    let both = EsgConfig { token: Some("tok-of-yesterday".into()), ..config(URI) };
    assert_eq!(simulated.connect_with(both).await.unwrap().1.users, Some(20));
    assert_eq!(simulated.count("POST", LOGIN), 1);
}

#[tokio::test(start_paused = true)]
async fn an_api_user_needs_to_switch_and_others_must_not() {
    let mut state = world(20);
    state.users[0].role = 1;
    let simulated = Simulated::new(state);
    let api = EsgConfig { credentials: account("apiuser", "simulator-apiuser"), ..config(URI) };
    let error = refused(&simulated, api.clone()).await;
    assert_eq!(error.code(), "AccessDenied");
    assert!(error.recommended_action().contains("-SwitchUser"));
    assert_eq!(simulated.count("POST", LOGIN), 1, "403 never logs in again");
    let switched = EsgConfig { switch_user: Some("user1@corp.example".into()), ..api.clone() };
    let (client, _) = simulated.connect_with(switched).await.unwrap();
    assert!(matches!(client.patch_addresses(&unwatched(), 4, &[]).await, WriteOutcome::Done(_)));
    let sent = simulated.take_sent();
    let switches: Vec<_> = sent.iter().map(|sent| sent.header("x-switch-user").is_some()).collect();
    assert_eq!(switches[2..], [false, true, true], "every call but the login");
    let weak = EsgConfig { switch_user: Some("user2@corp.example".into()), ..api };
    let (client, _) = simulated.connect_with(weak).await.unwrap();
    assert!(matches!(client.patch_addresses(&unwatched(), 4, &[]).await, WriteOutcome::Denied { .. }));
    let own = EsgConfig { switch_user: Some("user1@corp.example".into()), ..config(URI) };
    assert_eq!(refused(&simulated, own).await.code(), "AccessDenied");
}

#[tokio::test(start_paused = true)]
async fn what_answers_a_login_in_another_shape_is_an_error() {
    for (status, body, code) in [
        (200, json!({"username": "admin"}), "Protocol"),
        (200, json!({"token": ""}), "Protocol"),
        (200, json!({"token": "line\nbreak"}), "Protocol"),
        (200, json!({"token": 5}), "Protocol"),
        (400, json!({"detail": "Bad Request"}), "Refused"),
        (404, json!({"detail": "No route found"}), "NotTheApi"),
    ] {
        let login = InTurn::new([], json_answer(status, &body));
        let error = EsgClient::connect(&config(URI), login, &unwatched()).await.unwrap_err();
        assert_eq!(error.code(), code, "{body}: {error}");
    }
}

/// Every text that the client gives away while all goes wrong.
#[tokio::test(start_paused = true)]
async fn no_text_shows_a_secret_even_when_the_server_echoes_it() {
    const SECRETS: [&str; 3] = ["pass-secret-2", "tok-secret-3", "otp-secret-4"];
    let shown = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&shown);
    let cx = CallContext::new(
        CancellationToken::new(),
        Arc::new(move |call: &CallLog| sink.lock().unwrap().push_str(&format!("{call:?}\n"))),
    );
    let show = |text: String| shown.lock().unwrap().push_str(&text);
    let echo = |status: u16, secrets: &[&str]| {
        json_answer(status, &json!({"detail": format!("marker {}", secrets.join(" "))}))
    };

    let secretive =
        EsgConfig { credentials: account("admin", SECRETS[0]), otp: Some(SECRETS[2].into()), ..config(URI) };
    show(format!("{secretive:?}"));
    let refusing = InTurn::new([], echo(401, &[SECRETS[0], SECRETS[2]]));
    show(format!("{:?}", EsgClient::connect(&secretive, refusing, &cx).await.unwrap_err()));

    let good = InTurn::new(
        [json_answer(200, &json!({"token": SECRETS[1]})), json_answer(200, &json!({"_links": {}}))],
        echo(422, &SECRETS),
    );
    let (client, connected) = EsgClient::connect(&secretive, good, &cx).await.unwrap();
    show(format!("{client:?} {connected:?}"));
    show(format!("{:?}", client.user(&cx, 4).await.unwrap_err()));
    show(format!("{:?}", client.patch_addresses(&cx, 4, &[]).await));

    let shown = shown.lock().unwrap();
    assert!(shown.matches("marker").count() >= 4, "the search reaches what was echoed: {shown}");
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_bad_configuration_sends_nothing() {
    let simulated = Simulated::new(world(20));
    for (config, kind) in [
        (EsgConfig { allow_http: false, ..config(URI) }, ErrorKind::PlainHttpRefused),
        (config("esg.corp.example"), ErrorKind::InvalidUri),
        (EsgConfig { credentials: None, ..config(URI) }, ErrorKind::InvalidSetting),
    ] {
        assert_eq!(refused(&simulated, config).await.kind, kind);
    }
    assert_eq!(simulated.take_sent(), []);
}
