//! One user: read, change, create, remove.

use super::{
    EsgClient,
    call::{ACCEPT_HAL, ACCEPT_JSON, Ended, Spec},
    reply::Content,
};
use crate::{
    context::CallContext,
    error::{ErrorKind, TargetError},
    hal::Item,
    retry::{Decision, Purpose, Why},
    transport::{Method, Transport},
};
use esgsync_delegation::esg::{EmailAddress, EsgUser};
use serde::Serialize;
use serde_json::{Map, Value};
use std::time::Duration;
use zeroize::Zeroizing;

const MERGE_PATCH: &str = "application/merge-patch+json";

/// What is known after a write was sent once.
#[derive(Debug, Clone, PartialEq)]
pub enum WriteOutcome {
    /// Changed; the user as the appliance answered it. What was sent may differ (esg 7): compare.
    Done(EsgUser),
    /// Removed.
    Removed,
    /// There is no such user (404).
    Missing,
    /// The appliance refused it; nothing happened.
    Refused {
        /// HTTP status.
        status: u16,
        /// What the appliance said.
        text: String,
    },
    /// Not processed (429, 503): wait, then begin again with a fresh read.
    Later {
        /// How long to wait: what the appliance asked for, else a backoff.
        after: Duration,
        /// What the appliance said.
        text: String,
    },
    /// It may or may not have happened: read, then decide (rule 44).
    Unsettled {
        /// What was answered instead, or why nothing was.
        text: String,
    },
    /// Certainly not sent.
    NotSent {
        /// Why.
        text: String,
    },
    /// 401 after a new login, or 403; nothing happened, and nothing else will.
    Denied {
        /// What the appliance said.
        text: String,
    },
}

const USERS: &str = "/api/v2/user";

#[derive(Serialize)]
struct Patch<'a> {
    #[serde(rename = "emailAddresses")]
    addresses: &'a [EmailAddress],
}

impl<T: Transport> EsgClient<T> {
    /// Reads one user in plain JSON, which shows the role (esg 13.1); `None` when there is none (404).
    ///
    /// # Errors
    /// Everything that leaves it open whether and how the user exists; `Protocol` when another user was answered (rule 48).
    pub async fn user(&self, cx: &CallContext, id: u64) -> Result<Option<EsgUser>, TargetError> {
        let path = item_path(id).ok_or_else(|| self.0.protocol("a user without id cannot be read"))?;
        let Some(value) = self.0.read(cx, &path, ACCEPT_JSON).await? else { return Ok(None) };
        let user = EsgUser::read(value).map_err(|e| self.0.protocol(e))?;
        if user.id != id {
            return Err(self.0.protocol(other_user(id, user.id)));
        }
        Ok(Some(user))
    }

    /// Replaces the whole list of addresses of a user, in one PATCH (esg 7). Sent once.
    pub async fn patch_addresses(&self, cx: &CallContext, id: u64, addresses: &[EmailAddress]) -> WriteOutcome {
        let body = match serde_json::to_vec(&Patch { addresses }) {
            Ok(body) => Zeroizing::new(body),
            Err(e) => return WriteOutcome::NotSent { text: format!("the addresses cannot be written as JSON: {e}") },
        };
        self.write(cx, Subject::User(id), Method::Patch, ACCEPT_HAL, Some((MERGE_PATCH, body))).await
    }

    /// Creates a user as it was: username, role, addresses and every other member that is not the appliance's own. Sent once; the new
    /// user has an id of its own.
    pub async fn create_user(&self, cx: &CallContext, user: &EsgUser) -> WriteOutcome {
        match serde_json::to_vec(&document(user)) {
            Ok(body) => {
                let body = Some((ACCEPT_JSON, Zeroizing::new(body)));
                self.write(cx, Subject::New, Method::Post, ACCEPT_JSON, body).await
            }
            Err(e) => WriteOutcome::NotSent { text: format!("the user cannot be written as JSON: {e}") },
        }
    }

    /// Removes a user. Sent once. The caller has read the role again and has its proof (design 6).
    pub async fn delete_user(&self, cx: &CallContext, id: u64) -> WriteOutcome {
        self.write(cx, Subject::User(id), Method::Delete, ACCEPT_JSON, None).await
    }

    async fn write(
        &self,
        cx: &CallContext,
        subject: Subject,
        method: Method,
        accept: &'static str,
        body: Option<(&'static str, Zeroizing<Vec<u8>>)>,
    ) -> WriteOutcome {
        let path = match subject {
            Subject::New => Some(USERS.to_owned()),
            Subject::User(id) => item_path(id),
        };
        let Some(path) = path else {
            return WriteOutcome::NotSent { text: "a user without id cannot be changed".into() };
        };
        match self.0.run(cx, Purpose::Write, &Spec { method, path: &path, accept, body }).await {
            Ok(ended) => outcome(subject, method, ended),
            Err(e) => unsent(e),
        }
    }
}

/// Whom a write is about.
#[derive(Debug, Clone, Copy)]
enum Subject {
    User(u64),
    New,
}

/// A user as a body: what it came with, but for members of the format (`@id`, `_links`) and the id.
fn document(user: &EsgUser) -> Map<String, Value> {
    let own = user.other.iter().filter(|(name, _)| !name.starts_with(['@', '_']));
    let mut members: Map<String, Value> = own.map(|(name, value)| (name.clone(), value.clone())).collect();
    members.insert("username".into(), user.username.clone().into());
    members.extend(user.role.map(|role| ("role".to_owned(), format!("/api/v2/user-role/{role}").into())));
    let addresses = user.addresses.iter().cloned().map(|element| Value::Object(element.into()));
    members.insert("emailAddresses".into(), addresses.collect());
    members
}

/// The path of an item; none for an id that would name the whole collection (rule 48).
fn item_path(id: u64) -> Option<String> {
    (id > 0).then(|| format!("/api/v2/user/{id}"))
}

fn other_user(asked: u64, answered: u64) -> String {
    format!("user {asked} was asked for and user {answered} was answered")
}

/// What the end of a write means.
fn outcome(subject: Subject, method: Method, ended: Ended) -> WriteOutcome {
    let text = ended.text();
    match (ended.decision, ended.answer) {
        (Decision::Wait(after), _) => WriteOutcome::Later { after, text },
        (Decision::Stop(Why::NotLoggedIn | Why::Denied), _) => WriteOutcome::Denied { text },
        (Decision::Stop(Why::NotSent), _) => WriteOutcome::NotSent { text },
        (Decision::Stop(Why::Answered), Ok(reply)) => match (method, reply.status, reply.content) {
            (Method::Delete, 204, Content::Empty) => WriteOutcome::Removed,
            (Method::Patch, 200, Content::Json(value)) | (Method::Post, 201, Content::Json(value)) => {
                match (EsgUser::read(value), subject) {
                    (Ok(user), Subject::User(id)) if user.id != id => {
                        WriteOutcome::Unsettled { text: other_user(id, user.id) }
                    }
                    (Ok(user), _) => WriteOutcome::Done(user),
                    (Err(e), _) => WriteOutcome::Unsettled { text: e.to_string() },
                }
            }
            (_, 404, _) => WriteOutcome::Missing,
            (_, status @ 400..500, _) => WriteOutcome::Refused { status, text },
            // Another success than this API gives proves nothing.
            _ => WriteOutcome::Unsettled { text },
        },
        (Decision::Stop(_) | Decision::Reread | Decision::LoginAgain, _) => WriteOutcome::Unsettled { text },
    }
}

/// A write that ended before it was sent, or after a 401 that no login followed: nothing happened.
fn unsent(error: TargetError) -> WriteOutcome {
    let TargetError { kind, text, retry_after, .. } = error;
    match (kind, retry_after) {
        (ErrorKind::LoginFailed | ErrorKind::OneTimePasswordNeeded | ErrorKind::AccessDenied, _) => {
            WriteOutcome::Denied { text }
        }
        (ErrorKind::Throttled, Some(after)) => WriteOutcome::Later { after, text },
        _ => WriteOutcome::NotSent { text },
    }
}
