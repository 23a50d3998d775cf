//! The client against every answer that was recorded of the real framework (findings): success is read whole, every error body says its
//! text, and nothing else is taken for an answer of the API.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;
#[allow(dead_code, reason = "only its reader is used")]
#[path = "../../simulator/tests/world/mod.rs"]
mod world;

use common::{Scripted, unwatched};
use esgsync_delegation::esg::EsgUser;
use esgsync_targets::{
    ErrorKind, TargetError,
    esg::WriteOutcome,
    hal::{Item, Page, Role, clean},
    transport::Response,
};
use serde_json::Value;
use std::{collections::BTreeMap, path::Path};
use world::Recording;

/// Every recording with its folder.
fn all() -> Vec<(String, Recording)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/recordings");
    let mut folders: Vec<String> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let recordings = folders.into_iter().flat_map(|folder| {
        let read = world::recordings(&folder);
        read.into_iter().map(move |recording| (format!("{folder}/{}", recording.slug), recording))
    });
    let all: Vec<_> = recordings.collect();
    assert_eq!(all.len(), 774);
    all
}

fn answer(recording: &Recording) -> Response {
    let recorded = &recording.response;
    let headers = recorded.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
    Response { status: recorded.status, headers, body: recorded.body.clone() }
}

fn kind(answer: &Response) -> &str {
    answer.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default()
}

/// What a body says, by the family that it is of (findings 6.1); `None` where it is no JSON.
fn said(answer: &Response) -> Option<String> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    let member = match kind(answer) {
        "application/ld+json" => "hydra:description",
        "application/problem+json" => "detail",
        "application/json" => ["detail", "error", "message"].into_iter().find(|member| body.get(member).is_some())?,
        _ => return None,
    };
    Some(clean(body[member].as_str().unwrap()))
}

/// What a read must make of an error; `None`: there is no such user.
fn expected_error(answer: &Response) -> Option<ErrorKind> {
    let json = kind(answer).contains("json");
    Some(match answer.status {
        401 => ErrorKind::LoginFailed,
        403 => ErrorKind::AccessDenied,
        300..=399 => ErrorKind::NotTheApi,
        500 | 502..=504 => ErrorKind::ServerError,
        _ if !json => ErrorKind::NotTheApi,
        404 => return None,
        _ => ErrorKind::Refused,
    })
}

#[tokio::test(start_paused = true)]
async fn every_recorded_error_is_read_as_what_it_is_and_says_its_text() {
    let mut families: BTreeMap<(u16, String), usize> = BTreeMap::new();
    for (name, recording) in all() {
        let answer = answer(&recording);
        // A HEAD has no body.
        if answer.status < 300 || recording.request.method == "HEAD" {
            continue;
        }
        *families.entry((answer.status, kind(&answer).to_owned())).or_default() += 1;
        let again = answer.clone();
        let script = Scripted::new(move |_, _| Ok(again.clone()));
        let client = script.client().await;
        let read: Result<Option<EsgUser>, TargetError> = client.user(&unwatched(), 4).await;
        match expected_error(&answer) {
            None => assert_eq!(read, Ok(None), "{name}"),
            Some(kind) => {
                let error = read.unwrap_err();
                assert_eq!(error.kind, kind, "{name}: {error}");
                let text = said(&answer).unwrap_or_default();
                assert!(error.text.contains(&text), "{name}: {error} lacks {text}");
                assert!(!text.is_empty() || !self::kind(&answer).contains("json"), "{name}");
            }
        }
        let written = client.patch_addresses(&unwatched(), 4, &[]).await;
        let json = self::kind(&answer).contains("json");
        let fits = match answer.status {
            401 | 403 => matches!(written, WriteOutcome::Denied { .. }),
            404 if json => written == WriteOutcome::Missing,
            400..500 if json => {
                matches!(&written, WriteOutcome::Refused { status, text } if *status == answer.status && text.contains(&said(&answer).unwrap()))
            }
            _ => matches!(written, WriteOutcome::Unsettled { .. }),
        };
        assert!(fits, "{name}: {written:?}");
    }
    let all_kinds: std::collections::BTreeSet<&str> = families.keys().map(|(_, kind)| kind.as_str()).collect();
    for kind in ["application/json", "application/ld+json", "application/problem+json", "text/html"] {
        assert!(all_kinds.contains(kind), "{families:?}");
    }
    assert!(families.values().sum::<usize>() > 300, "{families:?}");
}

fn items(body: &Value) -> Vec<Value> {
    let items = body.pointer("/_embedded/item").or(Some(body).filter(|body| body.is_array()));
    items.and_then(Value::as_array).cloned().unwrap_or_default()
}

fn reads<I: Item>(name: &str, body: &Value) {
    let page = Page::<I>::read(body.clone()).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(page.items.len(), items(body).len(), "{name}");
    assert_eq!(page.total, body.get("totalItems").and_then(Value::as_u64), "{name}");
    assert_eq!(page.per_page, body.get("itemsPerPage").and_then(Value::as_u64), "{name}");
    let ids: Vec<u64> = page.items.iter().map(Item::id).collect();
    let expected: Vec<u64> = items(body).iter().map(|item| item["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, expected, "{name}");
}

/// The role of a user of the recorder: each tenth is functional.
fn recorded_role(id: u64) -> u64 {
    match id {
        1 => 1,
        _ if id.is_multiple_of(10) => 499,
        _ => 100,
    }
}

#[test]
fn every_recorded_list_and_item_is_read_whole() {
    let (mut lists, mut users) = (0, 0);
    for (name, recording) in all() {
        let (answer, path) = (answer(&recording), recording.request.path().to_owned());
        let ours = matches!(kind(&answer), "application/hal+json" | "application/json");
        if answer.status != 200 || !ours || recording.request.method == "HEAD" {
            continue;
        }
        let Some(path) = path.strip_prefix("/api/v2/user") else { continue };
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        let resource = path.split(['.', '?']).next().unwrap();
        match resource {
            "" if recording.request.method == "GET" => {
                lists += 1;
                reads::<EsgUser>(&name, &body);
            }
            "-role" => reads::<Role>(&name, &body),
            _ if resource.starts_with("-role/") => {
                assert_eq!(Role::read(body.clone()).unwrap().name, body["name"], "{name}")
            }
            // A PUT or an override of the method answers a user as well.
            _ => {
                users += 1;
                let user = EsgUser::read(body.clone()).unwrap_or_else(|e| panic!("{name}: {e}"));
                let elements: Vec<Value> =
                    user.addresses.iter().cloned().map(|one| Value::Object(one.into())).collect();
                assert_eq!(Value::from(elements), body["emailAddresses"], "{name}");
                assert_eq!(user.username, body["username"], "{name}");
                if recording.request.method == "GET" && recording.slug.starts_with("item") {
                    assert_eq!(user.role, Some(recorded_role(user.id)), "{name}");
                }
            }
        }
    }
    assert!(lists > 70 && users > 100, "{lists} lists, {users} users");
}

/// JSON-LD was not asked for; a server that sends it all the same is no reason to believe that there are no users.
#[tokio::test(start_paused = true)]
async fn a_recorded_list_of_another_format_is_an_error_and_never_an_empty_list() {
    let mut count = 0;
    for (name, recording) in all() {
        let answer = answer(&recording);
        let list = recording.request.path() == "/api/v2/user" && recording.request.method == "GET";
        if answer.status != 200 || kind(&answer) != "application/ld+json" || !list {
            continue;
        }
        count += 1;
        let script = Scripted::new(move |_, _| Ok(answer.clone()));
        let error = script.client().await.users(&unwatched(), |_| ()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Protocol, "{name}: {error}");
    }
    assert!(count >= 4, "{count}");
}

#[tokio::test(start_paused = true)]
async fn the_recorded_documents_tell_what_the_appliance_can_do() {
    let mut told = 0;
    for (name, recording) in all() {
        if !recording.request.path().contains("/docs") || recording.response.status != 200 {
            continue;
        }
        let body: Value = serde_json::from_slice(&recording.response.body).unwrap_or_default();
        let answer = answer(&recording);
        let script = Scripted::new(move |_, _| Ok(answer.clone()));
        let capabilities = script.client().await.capabilities(&unwatched()).await.unwrap();
        assert_eq!(capabilities.is_some(), body.get("openapi").is_some(), "{name}");
        let Some(capabilities) = capabilities else { continue };
        told += 1;
        assert!(capabilities.create_users, "{name}");
        for filter in ["username", "role"] {
            assert!(capabilities.user_filters.contains(filter), "{name}: {capabilities:?}");
        }
        assert!(!capabilities.user_filters.contains("page"), "{name}");
        for member in ["username", "emailAddresses", "role"] {
            assert!(capabilities.user_members.contains(member), "{name}: {capabilities:?}");
        }
    }
    assert!(told >= 2, "{told}");
}
