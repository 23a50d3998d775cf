//! Reads: what passes is survived, what stays is its own error (esg 6, 9, findings 8).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{Scripted, Simulated, config, html_answer, json_answer, unwatched, world};
use esgsync_simulator::{Edit, RateLimit, RetryAfter};
use esgsync_targets::{CallContext, CallLog, ErrorKind, esg::EsgConfig};
use serde_json::json;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

#[tokio::test(start_paused = true)]
async fn reads_survive_every_passing_fault() {
    for fault in [
        json!({"status": {"code": 429, "retry_after": 7}}),
        json!({"status": {"code": 429}}),
        json!({"status": {"code": 500}}),
        json!({"status": {"code": 502}}),
        json!({"status": {"code": 503, "retry_after": 2}}),
        json!("drop_before"),
        json!("drop_after_commit"),
        json!("garbage"),
    ] {
        let simulated = Simulated::new(world(420));
        let (client, _) = simulated.connect().await;
        simulated.fault(json!([{"on": {"path_contains": "page=2&"}, "do": fault, "times": 2}]));
        let users = client.users(&unwatched(), |_| ()).await;
        assert_eq!(users.map(|users| users.len()), Ok(420), "{fault}");
        assert_eq!(simulated.count("GET", "/api/v2/user?page=2&"), 3, "{fault}");
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_holds_back_every_call_not_only_the_one_that_was_told() {
    let simulated = Simulated::new(world(420));
    let (client, _) = simulated.connect().await;
    simulated.fault(
        json!([{"on": {"path_contains": "/user/1"}, "do": {"status": {"code": 429, "retry_after": 30}}, "times": 1}]),
    );
    let start = Instant::now();
    let cx = unwatched();
    let told = client.user(&cx, 1);
    let other = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        client.user(&cx, 2).await.unwrap();
        start.elapsed()
    };
    let (told, other) = tokio::join!(told, other);
    assert_eq!(told.unwrap().unwrap().id, 1);
    assert!(other >= Duration::from_secs(30), "{other:?}");
}

#[tokio::test(start_paused = true)]
async fn after_429_seconds_or_a_date_are_waited_for_and_a_backoff_without_either() {
    for (retry_after, least, most) in
        [(RetryAfter::Seconds, 2000, 2100), (RetryAfter::Date, 2000, 2100), (RetryAfter::Missing, 250, 600)]
    {
        let mut state = world(20);
        // Login and the list that connecting reads are the first two.
        state.options.rate_limit = Some(RateLimit { every: 3, retry_after });
        let simulated = Simulated::new(state);
        let (client, _) = simulated.connect().await;
        let start = Instant::now();
        assert_eq!(client.user(&unwatched(), 4).await.unwrap().unwrap().id, 4);
        let took = start.elapsed().as_millis();
        assert!((least..most).contains(&took), "{retry_after:?}: {took} ms");
        assert_eq!(simulated.count("GET", "/api/v2/user/4"), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_for_an_hour_gets_an_error_that_says_so() {
    let simulated = Simulated::new(world(20));
    let (client, _) = simulated.connect().await;
    simulated.fault(json!([{"do": {"status": {"code": 503, "retry_after": 3600}}, "times": 1}]));
    let start = Instant::now();
    for _ in 0..2 {
        // The second call is not even sent.
        let error = client.user(&unwatched(), 1).await.unwrap_err();
        assert_eq!(error.code(), "Throttled");
        assert!(error.retry_after.unwrap() > Duration::from_secs(3500), "{error:?}");
        assert!(error.text.contains("wait 3600 "), "{error}");
    }
    assert!(start.elapsed() < Duration::from_secs(1));
    assert_eq!(simulated.count("GET", "/api/v2/user/1"), 1);
}

#[tokio::test(start_paused = true)]
async fn faults_that_stay_end_in_their_own_error() {
    for (fault, code) in [
        (json!({"status": {"code": 429}}), "Throttled"),
        (json!({"status": {"code": 500}}), "ServerError"),
        (json!({"status": {"code": 502}}), "ServerError"),
        (json!({"status": {"code": 403}}), "AccessDenied"),
        (json!({"status": {"code": 409}}), "Refused"),
        (json!("drop_before"), "Unreachable"),
        (json!("garbage"), "Protocol"),
        (json!("html_page"), "NotTheApi"),
    ] {
        let simulated = Simulated::new(world(20));
        let (client, _) = simulated.connect().await;
        simulated.fault(json!([{"do": fault}]));
        let start = Instant::now();
        let error = client.user(&unwatched(), 1).await.unwrap_err();
        assert_eq!(error.code(), code, "{fault}: {error}");
        assert!(error.text.contains("esg.corp.example"), "{error}");
        assert!(start.elapsed() <= Duration::from_secs(300), "{fault}");
    }
}

#[tokio::test(start_paused = true)]
async fn rule_48_an_item_that_answers_about_another_user_is_an_error() {
    let script = Scripted::new(|_, _| Ok(json_answer(200, &json!({"id": 5, "username": "x"}))));
    let client = script.client().await;
    assert_eq!(client.user(&unwatched(), 5).await.unwrap().unwrap().id, 5);
    let error = client.user(&unwatched(), 4).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Protocol);
    assert!(error.text.contains("user 4 was asked for and user 5 was answered"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn rule_48_no_id_makes_no_url() {
    let script = Scripted::new(|_, _| Ok(json_answer(200, &json!([{"id": 5}]))));
    let client = script.client().await;
    assert!(client.user(&unwatched(), 0).await.is_err());
    assert_eq!(script.sent(), []);
    // A list where an item was asked for is no item.
    assert_eq!(client.user(&unwatched(), 5).await.unwrap_err().kind, ErrorKind::Protocol);
}

#[tokio::test(start_paused = true)]
async fn a_missing_user_is_none_but_only_when_the_api_says_so() {
    let simulated = Simulated::new(world(20));
    let (client, _) = simulated.connect().await;
    assert_eq!(client.user(&unwatched(), 4711).await.unwrap(), None);
    let user = client.user(&unwatched(), 10).await.unwrap().unwrap();
    assert_eq!((user.id, user.role), (10, Some(499)));
    assert_eq!(
        simulated.take_sent().last().unwrap().header("accept"),
        Some("application/json"),
        "plain JSON shows the role as IRI"
    );
    let script = Scripted::new(|_, _| Ok(html_answer(404, "404 Not Found")));
    let error = script.client().await.user(&unwatched(), 4).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::NotTheApi, Some(404)));
    assert!(error.text.contains("404 Not Found"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_address_list_in_another_shape_is_an_error_and_not_an_empty_list() {
    let script = Scripted::new(|_, _| {
        Ok(json_answer(200, &json!({"id": 4, "emailAddresses": {"1": {"address": "a@corp.example"}}})))
    });
    let error = script.client().await.user(&unwatched(), 4).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Protocol);
    assert!(error.text.contains("user 4: emailAddresses is an object, not a list"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_stopped_read_ends_at_once_even_while_it_waits() {
    let simulated = Simulated::new(world(420));
    let (client, _) = simulated.connect().await;
    for fault in [json!({"delay_ms": 60_000}), json!({"status": {"code": 503, "retry_after": 60}})] {
        simulated.fault(json!([{"on": {"path_contains": "page=2&"}, "do": fault}]));
        let cancel = CancellationToken::new();
        let stop = cancel.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(3)).await;
            stop.cancel();
        });
        let start = Instant::now();
        let error = client.users(&CallContext::unwatched(cancel), |_| ()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Cancelled);
        assert_eq!(start.elapsed().as_secs(), 3);
    }
    let stopped = CancellationToken::new();
    stopped.cancel();
    simulated.take_sent();
    assert_eq!(client.user(&CallContext::unwatched(stopped), 1).await.unwrap_err().kind, ErrorKind::Cancelled);
    assert_eq!(simulated.take_sent(), [], "nothing is sent after the stop");
}

#[tokio::test(start_paused = true)]
async fn the_observer_sees_every_exchange_with_its_wait() {
    let simulated = Simulated::new(world(20));
    let (client, _) = simulated.connect().await;
    simulated.fault(json!([{"do": {"status": {"code": 503, "retry_after": 2}}, "times": 1}]));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    let cx = CallContext::new(
        CancellationToken::new(),
        Arc::new(move |call: &CallLog| sink.lock().unwrap().push(call.clone())),
    );
    client.user(&cx, 4).await.unwrap();
    let seen = seen.lock().unwrap();
    let told: Vec<_> = seen
        .iter()
        .map(|call| (call.method.as_str(), call.path.as_str(), call.status, call.attempt, call.wait))
        .collect();
    assert_eq!(
        told,
        [
            ("GET", "/api/v2/user/4", Some(503), 1, Some(Duration::from_secs(2))),
            ("GET", "/api/v2/user/4", Some(200), 2, None)
        ]
    );
    assert!(seen[0].text.as_deref().is_some_and(|text| text.contains("503")) && seen[1].text.is_none(), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn the_clock_of_the_server_is_kept_and_its_dates_are_waited_for_by_it() {
    let dated = |status: u16, more: &[(&str, &str)]| {
        let mut answer = json_answer(status, &json!({"id": 4}));
        answer.headers.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        answer
    };
    let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    let script = Scripted::new(move |_, n| {
        Ok(if n == 0 { dated(503, &[date, ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")]) } else { dated(200, &[]) })
    });
    let client = script.client().await;
    assert_eq!(client.server_date(), None);
    let start = Instant::now();
    client.user(&unwatched(), 4).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 30);
    assert_eq!(
        client.server_date().unwrap().to_string(),
        "1994-11-06T08:49:37Z",
        "an answer without date changes nothing"
    );
}

#[tokio::test(start_paused = true)]
async fn a_seed_makes_waits_repeatable() {
    let waits = async |seed| {
        let config = EsgConfig { jitter_seed: Some(seed), ..config("http://esg.corp.example") };
        let simulated = Simulated::new(world(20));
        let (client, _) = simulated.connect_with(config).await.unwrap();
        simulated.fault(json!([{"do": {"status": {"code": 500}}, "times": 4}]));
        let start = Instant::now();
        client.user(&unwatched(), 4).await.unwrap();
        start.elapsed()
    };
    assert_eq!(waits(1).await, waits(1).await);
    assert_ne!(waits(1).await, waits(2).await);
}

#[tokio::test(start_paused = true)]
async fn edits_of_others_between_two_reads_show() {
    let simulated = Simulated::new(world(20));
    let (client, _) = simulated.connect().await;
    let before = client.user(&unwatched(), 4).await.unwrap().unwrap();
    let edit: Edit = serde_json::from_value(json!({"id": 4, "username": "renamed"})).unwrap();
    simulated.esg().edit(&edit).unwrap();
    let after = client.user(&unwatched(), 4).await.unwrap().unwrap();
    assert_eq!((before.username.as_str(), after.username.as_str()), ("user4@corp.example", "renamed"));
}
