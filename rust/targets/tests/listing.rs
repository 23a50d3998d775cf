//! The list of users: proved complete, or an error (esg 5.1, 11.1).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{Scripted, Simulated, config, json_answer, unwatched, world};
use esgsync_delegation::esg::EsgUser;
use esgsync_simulator::RoleInHal;
use esgsync_targets::{
    ErrorKind,
    esg::{EsgClient, EsgConfig},
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

fn ids(users: &[EsgUser]) -> Vec<u64> {
    users.iter().map(|user| user.id).collect()
}

#[tokio::test(start_paused = true)]
async fn every_page_is_read_and_each_user_handed_over_once() {
    let simulated = Simulated::new(world(420));
    let (client, connected) = simulated.connect().await;
    assert_eq!((connected.users, connected.simulator), (Some(420), true));
    simulated.take_sent();
    let (mut streamed, mut totals) = (Vec::new(), Vec::new());
    let users = client
        .users(&unwatched(), |page| {
            streamed.extend(page.new.iter().map(|user| user.id));
            totals.push((page.read, page.total, page.walk));
        })
        .await
        .unwrap();
    assert_eq!(ids(&users), (1..=420).collect::<Vec<_>>());
    streamed.sort_unstable();
    assert_eq!(streamed, ids(&users));
    assert_eq!(totals.last(), Some(&(420, Some(420), 1)));
    let sent = simulated.take_sent();
    assert_eq!(sent.len(), 3, "three pages of 150, and none past the end");
    assert!(sent.iter().all(|sent| sent.path.contains("itemsPerPage=150")
        && sent.header("accept") == Some("application/hal+json, application/problem+json")));
    let functional = &users[9];
    assert_eq!((functional.role, functional.username.as_str()), (Some(499), "Shared 10"));
    assert_eq!(
        Value::from(serde_json::Map::from(functional.addresses[0].clone()))["source"],
        json!({"import": 10, "note": "Büro"})
    );
}

#[tokio::test(start_paused = true)]
async fn the_size_that_the_server_used_counts() {
    for max in [50, 100, 1] {
        let mut state = world(230);
        state.options.max_items = max;
        state.options.default_items = max;
        let simulated = Simulated::new(state);
        let (client, _) = simulated.connect().await;
        let users = client.users(&unwatched(), |_| ()).await.unwrap();
        assert_eq!(ids(&users), (1..=230).collect::<Vec<_>>(), "{max}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_appliance_is_an_empty_list_and_no_error() {
    let (client, connected) = Simulated::new(world(0)).connect().await;
    assert_eq!(connected.users, Some(0));
    assert_eq!(client.users(&unwatched(), |_| ()).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn the_role_is_found_wherever_the_appliance_shows_it() {
    for role_in_hal in [RoleInHal::Link, RoleInHal::Embedded, RoleInHal::Plain] {
        let mut state = world(20);
        state.options.role_in_hal = role_in_hal;
        let simulated = Simulated::new(state);
        let (client, _) = simulated.connect().await;
        let users = client.users(&unwatched(), |_| ()).await.unwrap();
        assert_eq!((users[8].role, users[9].role), (Some(7), Some(499)), "{role_in_hal:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_changes_on_the_way_is_read_again() {
    let simulated = Simulated::new(world(420));
    let (client, _) = simulated.connect().await;
    simulated.fault(
        json!([{"on": {"path_contains": "page=2&"}, "do": {"edit_user": {"id": 5, "delete": true}}, "times": 1}]),
    );
    let (mut walks, mut handed) = (Vec::new(), Vec::new());
    let users = client
        .users(&unwatched(), |page| {
            walks.push(page.walk);
            handed.extend(page.new.iter().map(|user| user.id));
        })
        .await
        .unwrap();
    assert_eq!(users.len(), 419);
    assert!(!ids(&users).contains(&5) && ids(&users).contains(&151), "the user that slid to another page is there");
    assert_eq!(walks.iter().max(), Some(&2));
    handed.sort_unstable();
    assert_eq!(handed, (1..=420).collect::<Vec<_>>(), "each user once over both walks, also the one that is gone");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_never_stands_still_is_an_error_after_three_walks() {
    let simulated = Simulated::new(world(420));
    let (client, _) = simulated.connect().await;
    let deletions: Vec<Value> = (1..=9)
        .map(|n| json!({"on": {"path_contains": "page=2&", "nth": n}, "do": {"edit_user": {"id": n, "delete": true}}}))
        .collect();
    simulated.fault(json!(deletions));
    simulated.take_sent();
    let error = client.users(&unwatched(), |_| ()).await.unwrap_err();
    assert_eq!(error.code(), "IncompleteList");
    assert!(error.text.contains("changed while it was read"), "{error}");
    assert_eq!(simulated.count("GET", "/api/v2/user?page=1&"), 3);
}

/// Two pages whose second is a bad one in the first walk: its ids and the total that it tells.
async fn after_one_bad_page(bad: &'static [u64], total: u64) -> (Vec<u64>, usize) {
    let script = Scripted::new(move |sent, n| {
        let (ids, total): (&[u64], u64) = match (sent.path.contains("page=2&"), n < 2) {
            (false, _) => (&[1, 2], 4),
            (true, true) => (bad, total),
            (true, false) => (&[3, 4], 4),
        };
        let items: Vec<Value> = ids.iter().map(|id| json!({"id": id, "username": "x"})).collect();
        Ok(json_answer(
            200,
            &json!({"_links": {}, "totalItems": total, "itemsPerPage": 2, "_embedded": {"item": items}}),
        ))
    });
    let users = script.client().await.users(&unwatched(), |_| ()).await.unwrap();
    (ids(&users), script.sent().len())
}

#[tokio::test(start_paused = true)]
async fn pages_that_do_not_fit_together_are_read_again() {
    for (what, bad, total) in [
        ("a user is missing", &[4][..], 4),
        ("a user comes twice", &[2, 3], 4),
        ("a user comes twice and none is missing", &[2, 3, 4], 4),
        ("another total", &[3, 4], 5),
        ("an empty page", &[], 4),
    ] {
        assert_eq!(after_one_bad_page(bad, total).await, (vec![1, 2, 3, 4], 4), "{what}: two walks of two pages");
    }
    assert_eq!(after_one_bad_page(&[3, 4], 4).await.1, 2, "good pages are read once");
}

#[tokio::test(start_paused = true)]
async fn without_a_total_pages_are_read_until_one_is_empty() {
    let script = Scripted::new(|sent, _| {
        let page: u64 = sent.path.split(['=', '&']).nth(1).unwrap().parse().unwrap();
        let items: Vec<Value> =
            if page > 3 { vec![] } else { (page * 2 - 1..=page * 2).map(|id| json!({"id": id})).collect() };
        Ok(json_answer(200, &json!({"_links": {}, "itemsPerPage": 2, "_embedded": {"item": items}})))
    });
    let users = script.client().await.users(&unwatched(), |_| ()).await.unwrap();
    assert_eq!(ids(&users), [1, 2, 3, 4, 5, 6]);
    assert_eq!(script.sent().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_appliance_that_ignores_the_page_number_ends_in_an_error() {
    let items = json!([{"id": 1}, {"id": 2}]);
    for answer in
        [items.clone(), json!({"_links": {}, "totalItems": 400, "itemsPerPage": 2, "_embedded": {"item": items}})]
    {
        let script = Scripted::new(move |_, _| Ok(json_answer(200, &answer)));
        let error = script.client().await.users(&unwatched(), |_| ()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::IncompleteList);
        assert!(script.sent().len() <= 3 * 200, "{}", script.sent().len());
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_cannot_be_read_is_an_error_and_never_an_empty_page() {
    for (body, said) in [
        (
            json!({"_links": {}, "totalItems": 2, "itemsPerPage": 150, "_embedded": {"item": [{"id": 1}, {"username": "no id"}]}}),
            "page 1: item 2",
        ),
        (json!({"_links": {}, "totalItems": 2, "itemsPerPage": 0}), "no user a page"),
        (json!({"_links": {}, "totalItems": 9e15}), "users"),
        (json!({"message": "hello"}), "no list"),
    ] {
        let script = Scripted::new(move |_, _| Ok(json_answer(200, &body)));
        let error = script.client().await.users(&unwatched(), |_| ()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Protocol);
        assert!(error.text.contains(said), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn calls_at_once_are_limited_and_fewer_after_429() {
    let simulated = Simulated::new(world(3000));
    let (client, _) = simulated.connect().await;
    simulated.take_most_running();
    client.users(&unwatched(), |_| ()).await.unwrap();
    assert_eq!(simulated.take_most_running(), 4);
    simulated.fault(json!([{"do": {"status": {"code": 429}}, "times": 1}]));
    client.user(&unwatched(), 1).await.unwrap();
    simulated.take_most_running();
    let few = futures_of_users(&client, 6).await;
    assert_eq!((few, simulated.take_most_running()), (6, 2), "halved, and not yet grown back");
    client.users(&unwatched(), |_| ()).await.unwrap();
    client.users(&unwatched(), |_| ()).await.unwrap();
    assert_eq!(simulated.take_most_running(), 4, "grown back");
}

/// One answer that takes long holds back nobody else.
#[tokio::test(start_paused = true)]
async fn a_slow_call_takes_one_place_and_the_others_go_on() {
    let simulated = Simulated::new(world(3000));
    let (client, _) = simulated.connect().await;
    simulated.fault(json!([{"on": {"path_contains": "/user/1"}, "do": {"delay_ms": 15_000}, "times": 1}]));
    let start = Instant::now();
    let (slow, others) = tokio::join!(
        async {
            client.user(&unwatched(), 1).await.unwrap().unwrap();
            start.elapsed().as_millis()
        },
        async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            client.users(&unwatched(), |_| ()).await.unwrap();
            start.elapsed().as_millis()
        }
    );
    assert!(slow >= 15_000, "{slow} ms");
    // Twenty pages of 5 ms, three at once.
    assert!(others < 100, "{others} ms");
}

/// 503 halves as 429 does, the calls of one burst once, and every ten successes let one more run.
#[tokio::test(start_paused = true)]
async fn after_503_fewer_run_and_ten_successes_each_let_one_more() {
    let simulated = Simulated::new(world(300));
    let config = EsgConfig { concurrency: 16, ..config("http://esg.corp.example") };
    let (client, _) = simulated.connect_with(config).await.unwrap();
    assert_eq!((futures_of_users(&client, 64).await, simulated.take_most_running()), (64, 16));
    simulated.fault(json!([{"do": {"status": {"code": 503, "retry_after": 1}}, "times": 16}]));
    futures_of_users(&client, 16).await;
    simulated.take_most_running();
    // Of the sixteen that were served after their wait ten counted: eight became nine.
    futures_of_users(&client, 12).await;
    assert_eq!(simulated.take_most_running(), 9);
    futures_of_users(&client, 200).await;
    simulated.take_most_running();
    futures_of_users(&client, 64).await;
    assert_eq!(simulated.take_most_running(), 16, "grown back");
}

async fn futures_of_users(client: &EsgClient<Simulated>, n: u64) -> usize {
    let mut reading = tokio::task::JoinSet::new();
    for id in 1..=n {
        let client = client.clone();
        reading.spawn(async move { client.user(&unwatched(), id).await.unwrap().unwrap().id });
    }
    reading.join_all().await.len()
}
