//! Writes: sent once, and what is known afterwards (rule 44, esg 7, 8).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{Scripted, Simulated, html_answer, json_answer, unwatched, world};
use esgsync_delegation::esg::EmailAddress;
use esgsync_simulator::AddressUniqueness;
use esgsync_targets::{
    CallContext,
    esg::{EsgClient, WriteOutcome},
    transport::{Cause, Delivery, Response, TransportError},
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const ITEM: &str = "/api/v2/user/4";

async fn addresses(client: &EsgClient<Simulated>, id: u64) -> Vec<EmailAddress> {
    client.user(&unwatched(), id).await.unwrap().unwrap().addresses
}

async fn patch(client: &EsgClient<Simulated>, alias: &str) -> WriteOutcome {
    let mut list = addresses(client, 4).await;
    list.push(EmailAddress::alias(alias));
    client.patch_addresses(&unwatched(), 4, &list).await
}

fn name(outcome: &WriteOutcome) -> &'static str {
    match outcome {
        WriteOutcome::Done(_) => "Done",
        WriteOutcome::Removed => "Removed",
        WriteOutcome::Missing => "Missing",
        WriteOutcome::Refused { .. } => "Refused",
        WriteOutcome::Later { .. } => "Later",
        WriteOutcome::Unsettled { .. } => "Unsettled",
        WriteOutcome::NotSent { .. } => "NotSent",
        WriteOutcome::Denied { .. } => "Denied",
    }
}

#[tokio::test(start_paused = true)]
async fn one_patch_carries_the_whole_list_with_every_member_as_it_came() {
    let simulated = Simulated::new(world(20));
    let (client, _) = simulated.connect().await;
    let mut list = addresses(&client, 4).await;
    list.push(EmailAddress::alias("new@corp.example"));
    simulated.take_sent();
    let WriteOutcome::Done(user) = client.patch_addresses(&unwatched(), 4, &list).await else { panic!("not done") };
    assert_eq!((user.id, &user.addresses, user.role), (4, &list, Some(7)));
    let sent = simulated.take_sent();
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].method, sent[0].path.as_str()), ("PATCH", ITEM));
    assert_eq!(sent[0].header("content-type"), Some("application/merge-patch+json"));
    let body: Value = serde_json::from_str(&sent[0].body).unwrap();
    let expected = json!({"emailAddresses": [
        {"address": "user4@corp.example", "active": true, "primary": true, "source": {"import": 4, "note": "Büro"}},
        {"address": "new@corp.example", "active": true, "primary": false}
    ]});
    assert_eq!(body, expected);
    assert_eq!(addresses(&client, 4).await, list);
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_is_sent_as_a_list() {
    let simulated = Simulated::new(world(20));
    let (client, _) = simulated.connect().await;
    assert_eq!(name(&client.patch_addresses(&unwatched(), 4, &[]).await), "Done");
    assert_eq!(simulated.take_sent().last().unwrap().body, r#"{"emailAddresses":[]}"#);
}

#[tokio::test(start_paused = true)]
async fn a_delete_is_removed_and_the_second_finds_nothing() {
    let simulated = Simulated::new(world(20));
    let (client, _) = simulated.connect().await;
    assert_eq!(client.delete_user(&unwatched(), 10).await, WriteOutcome::Removed);
    assert!(simulated.esg().state().user(10).is_none());
    assert_eq!(client.delete_user(&unwatched(), 10).await, WriteOutcome::Missing);
    assert_eq!(client.patch_addresses(&unwatched(), 10, &[]).await, WriteOutcome::Missing);
}

#[tokio::test(start_paused = true)]
async fn a_user_that_was_deleted_is_created_again_with_every_member_and_is_found_by_name() {
    let simulated = Simulated::new(world(20));
    let (client, _) = simulated.connect().await;
    let user = client.user(&unwatched(), 4).await.unwrap().unwrap();
    assert_eq!(client.delete_user(&unwatched(), 4).await, WriteOutcome::Removed);
    assert_eq!(client.users_named(&unwatched(), &user.username, true).await.unwrap(), []);
    simulated.take_sent();
    let WriteOutcome::Done(created) = client.create_user(&unwatched(), &user).await else { panic!("not done") };
    let sent = simulated.take_sent();
    assert_eq!((sent.len(), sent[0].method, sent[0].path.as_str()), (1, "POST", "/api/v2/user"));
    let body: Value = serde_json::from_str(&sent[0].body).unwrap();
    assert_eq!(body["role"], "/api/v2/user-role/7");
    assert_eq!(body["emailAddresses"][0]["source"]["note"], "Büro");
    assert!(body.get("id").is_none() && created.id != 4);
    let plain = |user: &esgsync_delegation::esg::EsgUser| (user.username.clone(), user.role, user.addresses.clone());
    assert_eq!(plain(&created), plain(&user));
    // With the filter of the appliance and without, whatever the case.
    for can_filter in [true, false] {
        let found = client.users_named(&unwatched(), &user.username, can_filter).await.unwrap();
        assert_eq!(found.iter().map(|user| user.id).collect::<Vec<_>>(), [created.id]);
        let reads = simulated.take_sent();
        assert!(reads.iter().all(|read| read.path.contains("&username=") == can_filter), "{reads:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_the_appliance_does_not_know_is_told() {
    let mut state = world(20);
    state.options.users_can_be_created = false;
    let simulated = Simulated::new(state);
    let (client, _) = simulated.connect().await;
    let user = client.user(&unwatched(), 4).await.unwrap().unwrap();
    assert_eq!(name(&client.create_user(&unwatched(), &user).await), "Refused");
}

#[tokio::test(start_paused = true)]
async fn rule_44_every_fault_of_a_write_is_told_for_what_it_is_and_the_write_is_sent_once() {
    for (fault, expected, happened) in [
        (json!("drop_before"), "Unsettled", false),
        (json!("drop_after_commit"), "Unsettled", true),
        (json!("garbage"), "Unsettled", true),
        (json!("html_page"), "Unsettled", false),
        (json!({"status": {"code": 500}}), "Unsettled", false),
        (json!({"status": {"code": 502}}), "Unsettled", false),
        (json!({"status": {"code": 504}}), "Unsettled", false),
        (json!({"status": {"code": 429, "retry_after": 9}}), "Later", false),
        (json!({"status": {"code": 503}}), "Later", false),
        (json!({"status": {"code": 403}}), "Denied", false),
        (json!({"status": {"code": 409}}), "Refused", false),
        (json!({"status": {"code": 404}}), "Missing", false),
    ] {
        let simulated = Simulated::new(world(20));
        let (client, _) = simulated.connect().await;
        simulated.fault(json!([{"on": {"method": "PATCH"}, "do": fault}]));
        let outcome = patch(&client, "new@corp.example").await;
        assert_eq!(name(&outcome), expected, "{fault}: {outcome:?}");
        assert_eq!(simulated.count("PATCH", ITEM), 1, "{fault}");
        let there = simulated.esg().state().user(4).unwrap().email_addresses.len() == 2;
        assert_eq!(there, happened, "{fault}");
        if let WriteOutcome::Later { after, .. } = outcome {
            let wait =
                if fault.to_string().contains('9') { Duration::from_secs(9) } else { Duration::from_millis(500) };
            assert!(after <= wait && after >= wait / 2, "{after:?}");
        }

        let simulated = Simulated::new(world(20));
        let (client, _) = simulated.connect().await;
        simulated.fault(json!([{"on": {"method": "DELETE"}, "do": fault}]));
        let outcome = client.delete_user(&unwatched(), 10).await;
        assert_eq!(simulated.count("DELETE", "/api/v2/user/10"), 1, "{fault}");
        // An empty answer cannot be cut.
        let expected = if fault == json!("garbage") { "Removed" } else { expected };
        assert_eq!(name(&outcome), expected, "{fault}: {outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn rule_44_answers_that_prove_nothing_leave_a_write_unsettled() {
    let redirect =
        || Response { headers: vec![("location".into(), "https://portal.example/".into())], ..html_answer(302, "") };
    let no_content = || Response { status: 204, headers: vec![], body: vec![] };
    for (what, answer) in [
        ("redirect", redirect()),
        ("html 404", html_answer(404, "404 Not Found")),
        ("html 413", html_answer(413, "Request Entity Too Large")),
        ("another success", json_answer(202, &json!({"id": 4}))),
        ("no user", json_answer(200, &json!({"message": "ok"}))),
        ("a list", json_answer(200, &json!([]))),
        ("broken addresses", json_answer(200, &json!({"id": 4, "emailAddresses": ["x"]}))),
        ("nothing", no_content()),
    ] {
        let script = Scripted::new(move |_, _| Ok(answer.clone()));
        let outcome = script.client().await.patch_addresses(&unwatched(), 4, &[]).await;
        assert_eq!(name(&outcome), "Unsettled", "{what}: {outcome:?}");
        assert_eq!(script.sent().len(), 1, "{what}");
    }
    for (what, answer) in [
        ("redirect", redirect()),
        ("page", html_answer(200, "ok")),
        ("json", json_answer(200, &json!({}))),
        ("empty", Response { status: 200, ..no_content() }),
    ] {
        let script = Scripted::new(move |_, _| Ok(answer.clone()));
        let outcome = script.client().await.delete_user(&unwatched(), 4).await;
        assert_eq!(name(&outcome), "Unsettled", "{what}: {outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn rule_48_a_reply_about_another_user_leaves_a_write_unsettled() {
    let script = Scripted::new(|_, _| Ok(json_answer(200, &json!({"id": 5}))));
    let client = script.client().await;
    assert!(
        matches!(client.patch_addresses(&unwatched(), 4, &[]).await, WriteOutcome::Unsettled { text } if text.contains("user 5 was answered"))
    );
    assert!(matches!(client.patch_addresses(&unwatched(), 5, &[]).await, WriteOutcome::Done(_)));
}

#[tokio::test(start_paused = true)]
async fn rule_48_a_write_without_id_is_not_sent() {
    let script = Scripted::new(|_, _| Ok(json_answer(200, &json!({"id": 5}))));
    let client = script.client().await;
    assert_eq!(name(&client.patch_addresses(&unwatched(), 0, &[]).await), "NotSent");
    assert_eq!(name(&client.delete_user(&unwatched(), 0).await), "NotSent");
    assert_eq!(script.sent(), []);
}

#[tokio::test(start_paused = true)]
async fn what_was_certainly_not_sent_is_told_apart() {
    for (delivery, cause, expected) in [
        (Delivery::NotSent, Cause::Connection, "NotSent"),
        (Delivery::NotSent, Cause::Timeout, "NotSent"),
        (Delivery::NotSent, Cause::Certificate, "NotSent"),
        (Delivery::NotSent, Cause::Proxy, "NotSent"),
        (Delivery::Unknown, Cause::Timeout, "Unsettled"),
        (Delivery::Unknown, Cause::Connection, "Unsettled"),
        (Delivery::Unknown, Cause::TooLarge, "Unsettled"),
    ] {
        let script = Scripted::new(move |_, _| Err(TransportError::new(delivery, cause, "why")));
        let outcome = script.client().await.delete_user(&unwatched(), 4).await;
        assert_eq!(name(&outcome), expected, "{delivery:?} {cause:?}");
        assert_eq!(script.sent().len(), 1);
    }
    let script = Scripted::new(|_, _| Ok(html_answer(407, "Proxy Authentication Required")));
    assert_eq!(name(&script.client().await.delete_user(&unwatched(), 4).await), "NotSent");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_says_what_the_appliance_said() {
    let mut state = world(20);
    state.options.address_uniqueness = AddressUniqueness::Global;
    let simulated = Simulated::new(state);
    let (client, _) = simulated.connect().await;
    let outcome = patch(&client, "user5@corp.example").await;
    let WriteOutcome::Refused { status: 422, text } = outcome else { panic!("{outcome:?}") };
    assert!(text.starts_with("status 422: emailAddresses[1].address: "), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_finds_the_gate_closed_is_handed_back_and_not_sent() {
    let simulated = Simulated::new(world(20));
    let (client, _) = simulated.connect().await;
    simulated.fault(json!([{"on": {"method": "DELETE"}, "do": {"status": {"code": 429, "retry_after": 40}}}]));
    assert_eq!(name(&client.delete_user(&unwatched(), 10).await), "Later");
    let start = Instant::now();
    let outcome = client.patch_addresses(&unwatched(), 4, &[]).await;
    let WriteOutcome::Later { after, .. } = outcome else { panic!("{outcome:?}") };
    assert!(after > Duration::from_secs(39), "{after:?}");
    assert!(start.elapsed() < Duration::from_secs(1), "what it would send is old after a wait");
    assert_eq!(simulated.count("PATCH", ITEM), 0);
    tokio::time::sleep(after).await;
    assert_eq!(name(&client.patch_addresses(&unwatched(), 4, &[]).await), "Done");
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_a_write_in_flight_finish_for_a_moment_only() {
    for (delay, expected, latest) in [(400, "Done", 450), (5000, "Unsettled", 800)] {
        let simulated = Simulated::new(world(20));
        let (client, _) = simulated.connect().await;
        simulated.fault(json!([{"on": {"method": "PATCH"}, "do": {"delay_ms": delay}}]));
        let list = addresses(&client, 4).await;
        let cancel = CancellationToken::new();
        let stop = cancel.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            stop.cancel();
        });
        let start = Instant::now();
        let outcome = client.patch_addresses(&CallContext::unwatched(cancel), 4, &list).await;
        assert_eq!(name(&outcome), expected, "{outcome:?}");
        assert!(start.elapsed() < Duration::from_millis(latest), "{:?}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_after_a_stop() {
    let simulated = Simulated::new(world(20));
    let (client, _) = simulated.connect().await;
    let cancel = CancellationToken::new();
    cancel.cancel();
    simulated.take_sent();
    assert_eq!(name(&client.delete_user(&CallContext::unwatched(cancel), 10).await), "NotSent");
    assert_eq!(simulated.take_sent(), []);
}
