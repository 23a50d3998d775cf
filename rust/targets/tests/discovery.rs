//! What an appliance tells about itself: roles and capabilities (esg 1.1, 4.1).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{Scripted, Simulated, html_answer, json_answer, token_config, unwatched, world};
use esgsync_targets::{
    ErrorKind,
    esg::{EsgClient, EsgConfig, RoleSource},
    transport::{Cause, Delivery, TransportError},
};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn roles_are_listed_or_taken_from_the_setting() {
    let simulated = Simulated::new(world(20));
    let (client, _) = simulated.connect().await;
    let roles = client.roles(&unwatched()).await.unwrap();
    assert_eq!((roles.functional, roles.source, roles.all.len()), (Some(499), RoleSource::Listed, 8));
    for status in [403, 404, 405] {
        let script = Scripted::new(move |_, _| Ok(html_answer(status, "no")));
        let roles = script.client().await.roles(&unwatched()).await.unwrap();
        assert_eq!((roles.functional, roles.source), (Some(499), RoleSource::Assumed), "{status}");
    }
    let config = EsgConfig { functional_role: Some(12), ..token_config() };
    let script = Scripted::new(|_, _| Ok(json_answer(404, &json!({"detail": "No route found"}))));
    let (client, _) = EsgClient::connect(&config, script, &unwatched()).await.unwrap();
    let roles = client.roles(&unwatched()).await.unwrap();
    assert_eq!((roles.functional, roles.source), (Some(12), RoleSource::Configured));
    let script = Scripted::new(|_, _| Err(TransportError::new(Delivery::NotSent, Cause::Connection, "refused")));
    assert_eq!(
        script.client().await.roles(&unwatched()).await.unwrap_err().kind,
        ErrorKind::Unreachable,
        "no answer settles nothing"
    );
}

#[tokio::test(start_paused = true)]
async fn roles_of_an_appliance_that_pages_them_or_does_not_are_read_once_each() {
    let one = json!([{"id": 7, "name": "User"}, {"id": 499, "name": "Functional User"}]);
    let script = Scripted::new(move |_, _| Ok(json_answer(200, &one)));
    assert_eq!(
        script.client().await.roles(&unwatched()).await.unwrap().all.len(),
        2,
        "the same page again ends the list"
    );
    let mut state = world(20);
    state.options.max_items = 3;
    let (client, _) = Simulated::new(state).connect().await;
    assert_eq!(client.roles(&unwatched()).await.unwrap().all.len(), 8);
}

#[tokio::test(start_paused = true)]
async fn capabilities_come_from_the_appliances_own_document() {
    for create in [true, false] {
        let mut state = world(20);
        state.options.users_can_be_created = create;
        let (client, _) = Simulated::new(state).connect().await;
        let capabilities = client.capabilities(&unwatched()).await.unwrap().expect("the simulator has the document");
        assert_eq!(capabilities.create_users, create);
        assert!(capabilities.user_filters.contains("username"), "{capabilities:?}");
        assert!(capabilities.user_members.contains("emailAddresses"), "{capabilities:?}");
    }
    for status in [403, 404, 406] {
        let script = Scripted::new(move |_, _| Ok(html_answer(status, "no")));
        assert_eq!(script.client().await.capabilities(&unwatched()).await, Ok(None), "{status}");
        assert_eq!(script.sent().len(), 2, "both places are tried");
    }
}
