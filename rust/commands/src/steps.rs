//! The steps that the engine asks for, as calls to ESG; what became of each, in the words of the engine (design 8).

use crate::connection::Connection;
use esgsync_delegation::esg::{EmailAddress, EsgUser};
use esgsync_delegation::plan::Action;
use esgsync_run::Outcome;
use esgsync_targets::esg::WriteOutcome;
use esgsync_targets::{CallContext, ErrorKind, TargetError};

pub(crate) async fn read(connection: &Connection, calls: &CallContext, id: u64) -> Outcome<EsgUser> {
    match connection.client.user(calls, id).await {
        Ok(Some(user)) => Outcome::Item(user),
        Ok(None) => Outcome::Missing,
        Err(error) => failed_read(&error),
    }
}

pub(crate) async fn find(connection: &Connection, calls: &CallContext, username: &str) -> Outcome<EsgUser> {
    match connection.client.users_named(calls, username, connection.can_filter_usernames).await {
        Ok(users) => Outcome::Found(users),
        Err(error) => failed_read(&error),
    }
}

fn failed_read(error: &TargetError) -> Outcome<EsgUser> {
    let text = error.to_string();
    match error.kind {
        ErrorKind::AccessDenied | ErrorKind::LoginFailed | ErrorKind::OneTimePasswordNeeded => Outcome::Denied { text },
        _ => Outcome::ReadFailed { text },
    }
}

pub(crate) async fn create(connection: &Connection, calls: &CallContext, action: &Action) -> Outcome<EsgUser> {
    match &action.restore {
        Some(user) => outcome(connection.client.create_user(calls, user).await),
        None => Outcome::NotSent { text: "the plan does not say what it was".into() },
    }
}

pub(crate) async fn update(
    connection: &Connection,
    calls: &CallContext,
    id: u64,
    body: &[EmailAddress],
) -> Outcome<EsgUser> {
    outcome(connection.client.patch_addresses(calls, id, body).await)
}

pub(crate) async fn remove(connection: &Connection, calls: &CallContext, id: u64) -> Outcome<EsgUser> {
    outcome(connection.client.delete_user(calls, id).await)
}

fn outcome(outcome: WriteOutcome) -> Outcome<EsgUser> {
    match outcome {
        WriteOutcome::Done(user) => Outcome::Item(user),
        WriteOutcome::Removed => Outcome::Removed,
        WriteOutcome::Missing => Outcome::Missing,
        WriteOutcome::Refused { status, text } => Outcome::Refused { status, text },
        WriteOutcome::Later { after, text } => Outcome::Later { after: Some(after), text },
        WriteOutcome::Unsettled { text } => Outcome::Unsettled { text },
        WriteOutcome::NotSent { text } => Outcome::NotSent { text },
        WriteOutcome::Denied { text } => Outcome::Denied { text },
    }
}
