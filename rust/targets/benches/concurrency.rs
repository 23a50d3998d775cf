//! Pages and PATCHes a second against the simulator with latency, at 1, 4 and 16 connections, beside a bare client that asks the same.
//! A plain program: it prints one table (docs/performance.md).
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may")]

use esgsync_delegation::esg::EmailAddress;
use esgsync_simulator::{Esg, Server, ServerOptions, State};
use esgsync_targets::{
    CallContext,
    esg::{EsgClient, EsgConfig, WriteOutcome},
};
use serde_json::json;
use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

const USERS: u64 = 6000;
const PAGES: u64 = USERS / 150;
const PATCHES: u64 = 400;
const LATENCY: Duration = Duration::from_millis(20);
const TOKEN: &str = "benchmark-token";

fn appliance() -> Server {
    let user = |id: u64| {
        let address = json!({"address": format!("user{id}@corp.example"), "active": true, "primary": true});
        json!({"id": id, "username": format!("user{id}@corp.example"), "role": 7, "emailAddresses": [address]})
    };
    let users: Vec<_> = (1..=USERS).map(user).collect();
    let state = State::from_json(&json!({"users": users, "tokens": {TOKEN: "admin"}}).to_string()).unwrap();
    Server::start(Esg::new(state), ServerOptions { latency: LATENCY, ..ServerOptions::default() }).unwrap()
}

/// How many of `count` pieces of work end in a second, so many at once.
async fn rate<F: Future<Output = ()> + Send + 'static>(count: u64, at_once: usize, work: impl Fn(u64) -> F) -> f64 {
    let places = Arc::new(Semaphore::new(at_once));
    let start = Instant::now();
    let mut all = tokio::task::JoinSet::new();
    for n in 1..=count {
        let place = Arc::clone(&places).acquire_owned().await.unwrap();
        let work = work(n);
        all.spawn(async move {
            work.await;
            drop(place);
        });
    }
    all.join_all().await;
    #[expect(clippy::cast_precision_loss, reason = "some hundreds")]
    let count = count as f64;
    count / start.elapsed().as_secs_f64()
}

fn list(n: u64) -> Vec<EmailAddress> {
    let own: EmailAddress =
        serde_json::from_value(json!({"address": format!("user{n}@corp.example"), "active": true, "primary": true}))
            .unwrap();
    vec![own, EmailAddress::alias(&format!("shared{n}@corp.example"))]
}

async fn ours(uri: &str, at_once: usize) -> (f64, f64) {
    let config = EsgConfig { allow_http: true, token: Some(TOKEN.into()), concurrency: at_once, ..EsgConfig::new(uri) };
    let cx = CallContext::unwatched(CancellationToken::new());
    let (client, _) = EsgClient::open(&config, &cx).await.unwrap();
    let start = Instant::now();
    assert_eq!(client.users(&cx, |_| ()).await.unwrap().len() as u64, USERS);
    #[expect(clippy::cast_precision_loss, reason = "some dozens")]
    let pages = PAGES as f64 / start.elapsed().as_secs_f64();
    let patches = rate(PATCHES, at_once, |n| {
        let (client, cx) = (client.clone(), cx.clone());
        async move { assert!(matches!(client.patch_addresses(&cx, n, &list(n)).await, WriteOutcome::Done(_))) }
    });
    (pages, patches.await)
}

async fn bare(uri: &str, at_once: usize) -> (f64, f64) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let ask = |request: reqwest::RequestBuilder| async move {
        let request = request.header("x-esg-auth-token", TOKEN).header("accept", "application/hal+json");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.bytes().await.unwrap();
    };
    let pages = rate(PAGES, at_once, |n| ask(client.get(format!("{uri}/api/v2/user?page={n}&itemsPerPage=150"))));
    let pages = pages.await;
    let patches = rate(PATCHES, at_once, |n| {
        let body = json!({"emailAddresses": list(n)}).to_string();
        let request =
            client.patch(format!("{uri}/api/v2/user/{n}")).header("content-type", "application/merge-patch+json");
        ask(request.body(body))
    });
    (pages, patches.await)
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let server = appliance();
    println!("| connections | pages a second | bare client | PATCHes a second | bare client |");
    println!("|---|---|---|---|---|");
    for at_once in [1, 4, 16] {
        // Whichever comes second finds the same appliance: alternate, and take the better of two.
        let (mut us, mut them) = ((0.0_f64, 0.0_f64), (0.0_f64, 0.0_f64));
        for _ in 0..2 {
            let (one, two) = (ours(server.uri(), at_once).await, bare(server.uri(), at_once).await);
            us = (us.0.max(one.0), us.1.max(one.1));
            them = (them.0.max(two.0), them.1.max(two.1));
        }
        println!("| {at_once} | {:.0} | {:.0} | {:.0} | {:.0} |", us.0, them.0, us.1, them.1);
    }
}
