//! One call: sends it, looks at the answer, does what [`crate::retry::decide`] says.

use super::{
    client::Inner,
    reply::{self, Content, Reply},
};
use crate::{
    context::{CallContext, CallLog},
    error::{ErrorKind, TargetError},
    limit::Load,
    retry::{Decision, History, Outcome, Purpose, Why, decide},
    transport::{Cause, Delivery, HeaderText, Method, Request, Response, Transport, TransportError},
};
use serde_json::Value;
use std::{fmt, time::Duration};
use tokio::time::Instant;
use zeroize::Zeroizing;

/// For lists and PATCH: HAL on success, and a plain problem document on errors (findings 9.1).
pub(super) const ACCEPT_HAL: &str = "application/hal+json, application/problem+json";
/// For items: shows the role as IRI (esg 4).
pub(super) const ACCEPT_JSON: &str = "application/json";
/// How long a write in flight may go on after the caller stopped it (design 8).
const CANCEL_GRACE: Duration = Duration::from_millis(700);

/// A write that waited that long for a login goes back to be computed anew.
const OLD: Duration = Duration::from_secs(10);

/// What is asked.
pub(super) struct Spec<'a> {
    pub method: Method,
    /// Path and query.
    pub path: &'a str,
    pub accept: &'static str,
    /// Content type and body.
    pub body: Option<(&'static str, Zeroizing<Vec<u8>>)>,
}

impl<'a> Spec<'a> {
    pub fn get(path: &'a str, accept: &'static str) -> Self {
        Self { method: Method::Get, path, accept, body: None }
    }
}

/// How a call ended: the decision that ended it, and the last answer.
pub(super) struct Ended {
    pub decision: Decision,
    pub answer: Result<Reply, TransportError>,
}

impl Ended {
    /// What was answered, or why nothing was.
    pub fn text(&self) -> String {
        match &self.answer {
            Ok(reply) => reply.text(),
            Err(e) => e.to_string(),
        }
    }

    fn status(&self) -> Option<u16> {
        self.answer.as_ref().ok().map(|reply| reply.status)
    }
}

impl<T: Transport> Inner<T> {
    /// Sends until the decision is not to. Reads and logins never end with `Wait`, writes never send twice but for one new login.
    ///
    /// # Errors
    /// When nothing was sent: stopped, the gate is closed for too long, or no login.
    pub(super) async fn run(&self, cx: &CallContext, purpose: Purpose, spec: &Spec<'_>) -> Result<Ended, TargetError> {
        let start = Instant::now();
        let mut history = History { attempt: 1, elapsed: Duration::ZERO, logged_in: !self.session.can_log_in() };
        loop {
            let permit = cx.or_cancelled(self.limiter.acquire()).await?;
            if let Some(rest) = self.limiter.closed_for() {
                drop(permit);
                // What a write is about to send would be old after the wait: it goes back to its caller.
                if purpose == Purpose::Write {
                    return Ok(Ended {
                        decision: Decision::Wait(rest),
                        answer: Err(held_back("the appliance asked to wait")),
                    });
                }
                if start.elapsed() + rest > self.limits.elapsed {
                    return Err(self.too_long(rest));
                }
                cx.or_cancelled(tokio::time::sleep(rest)).await?;
                continue;
            }
            let (token, logins) = self.session.token();
            let request = self.request(purpose, spec, token);
            let sent = Instant::now();
            let answer = self.send(cx, purpose, request).await;
            permit.done(load(&answer));

            let outcome = answer.as_ref().map_or_else(reply::failed, Reply::outcome);
            let hint = answer.as_ref().ok().and_then(|reply| reply.retry_after);
            history.elapsed = start.elapsed();
            let decision = decide(purpose, outcome, &history, hint, self.jitter(), &self.limits);
            let ended = Ended { decision, answer };
            self.watch(cx, spec, &history, &ended, sent.elapsed());
            match decision {
                Decision::LoginAgain => {
                    // Somebody else's new login is tried first: where sessions are short it may have ended by now.
                    history.logged_in = self.log_in(cx, logins).await?;
                    // A login may take minutes, and what a write is about to send would be as old.
                    if purpose == Purpose::Write && start.elapsed() > OLD {
                        return Ok(Ended {
                            decision: Decision::Wait(Duration::ZERO),
                            answer: Err(held_back("the login took long")),
                        });
                    }
                }
                Decision::Wait(wait) if purpose != Purpose::Write => {
                    history.attempt += 1;
                    cx.or_cancelled(tokio::time::sleep(wait)).await?;
                }
                Decision::Wait(_) | Decision::Reread | Decision::Stop(_) => return Ok(ended),
            }
        }
    }

    /// Reads JSON; `None` when the API says that it does not exist.
    ///
    /// # Errors
    /// Everything else.
    pub(super) async fn read(
        &self,
        cx: &CallContext,
        path: &str,
        accept: &'static str,
    ) -> Result<Option<Value>, TargetError> {
        let ended = self.run(cx, Purpose::Read, &Spec::get(path, accept)).await?;
        if matches!((&ended.decision, &ended.answer), (Decision::Stop(Why::Answered), Ok(reply)) if reply.status == 404)
        {
            return Ok(None);
        }
        match self.succeeded(ended)?.content {
            Content::Json(value) => Ok(Some(value)),
            _ => Err(self.protocol("an empty answer where data was due")),
        }
    }

    /// The answer of a call that succeeded.
    ///
    /// # Errors
    /// Every other end, as the kind of error that it is.
    pub(super) fn succeeded(&self, ended: Ended) -> Result<Reply, TargetError> {
        let error = self.error(&ended);
        match (ended.decision, ended.answer) {
            (Decision::Stop(Why::Answered), Ok(reply)) if reply.is_success() => Ok(reply),
            _ => Err(error),
        }
    }

    /// The end of a read or login as an error.
    fn error(&self, ended: &Ended) -> TargetError {
        let why = match ended.decision {
            Decision::Stop(why) => why,
            Decision::Wait(_) | Decision::LoginAgain | Decision::Reread => Why::Exhausted,
        };
        let status = ended.status();
        let kind = match (why, status, &ended.answer) {
            (Why::NotLoggedIn, ..) => ErrorKind::LoginFailed,
            (Why::Denied, ..) => ErrorKind::AccessDenied,
            (Why::NotTheApi, ..) => ErrorKind::NotTheApi,
            (Why::TooLong(_), ..) => ErrorKind::Throttled,
            (Why::NotSent, Some(_), _) => ErrorKind::ProxyRefused,
            (_, _, Err(e)) => e.cause.error_kind(),
            (_, Some(429 | 503), _) => ErrorKind::Throttled,
            (_, Some(500..), _) => ErrorKind::ServerError,
            (_, Some(408), _) => ErrorKind::Timeout,
            (_, Some(404), _) => ErrorKind::NotTheApi,
            (_, Some(400..), _) => ErrorKind::Refused,
            (_, _, Ok(_)) => ErrorKind::Protocol,
        };
        let host = self.base.host();
        let retry_after = match why {
            Why::TooLong(hint) => Some(hint),
            _ => ended.answer.as_ref().ok().and_then(|reply| reply.retry_after),
        };
        let text = match (kind, &ended.answer, retry_after) {
            (ErrorKind::Cancelled, ..) => return TargetError::cancelled(),
            (_, Err(e), _) => format!("No answer from {host}: {e}."),
            (ErrorKind::LoginFailed, ..) if !self.session.can_log_in() => {
                format!("{host} refuses the token ({}).", ended.text())
            }
            (ErrorKind::LoginFailed, ..) => format!("{host} refuses the login ({}).", ended.text()),
            (ErrorKind::AccessDenied, ..) => format!("{host} denies access ({}).", ended.text()),
            (ErrorKind::NotTheApi, ..) => {
                format!("What answers at {host} is not the API of an appliance ({}).", ended.text())
            }
            (ErrorKind::Throttled, _, Some(wait)) => {
                format!("{host} asks to wait {} seconds ({}).", wait.as_secs(), ended.text())
            }
            _ => format!("{host} answered with {}.", ended.text()),
        };
        TargetError { kind, text, status, retry_after }
    }

    /// The API answered in a shape that is not understood.
    pub(super) fn protocol(&self, what: impl fmt::Display) -> TargetError {
        TargetError::new(
            ErrorKind::Protocol,
            format!("{} gave an answer that is not understood: {what}.", self.base.host()),
        )
    }

    fn too_long(&self, rest: Duration) -> TargetError {
        let text = format!("{} asked to wait {} more seconds.", self.base.host(), rest.as_millis().div_ceil(1000));
        TargetError { retry_after: Some(rest), ..TargetError::new(ErrorKind::Throttled, text) }
    }

    fn request(&self, purpose: Purpose, spec: &Spec<'_>, token: Option<secrecy::SecretString>) -> Request {
        let mut headers = vec![("accept", HeaderText::Plain(spec.accept.to_owned()))];
        // A login goes out bare: it is what gives the token, and it switches to nobody.
        if purpose != Purpose::Login {
            headers.extend(token.map(|token| ("x-esg-auth-token", HeaderText::Secret(token))));
            headers.extend(self.switch_user.clone().map(|user| ("x-switch-user", HeaderText::Plain(user))));
        }
        if let Some((kind, _)) = &spec.body {
            headers.push(("content-type", HeaderText::Plain((*kind).to_owned())));
        }
        Request {
            method: spec.method,
            url: self.base.join(spec.path),
            headers,
            body: spec.body.as_ref().map(|(_, body)| body.clone()),
        }
    }

    async fn send(&self, cx: &CallContext, purpose: Purpose, request: Request) -> Result<Reply, TransportError> {
        let stopped = || TransportError::new(Delivery::Unknown, Cause::Cancelled, "stopped before the answer came");
        let call = self.transport.send(request);
        tokio::pin!(call);
        let answer = tokio::select! {
            biased;
            answer = &mut call => answer,
            () = cx.cancel.cancelled() => match purpose {
                Purpose::Write => tokio::time::timeout(CANCEL_GRACE, call).await.unwrap_or_else(|_| Err(stopped())),
                Purpose::Read | Purpose::Login => Err(stopped()),
            },
        };
        let response = answer.map_err(|e| TransportError { text: self.redactor.redact(&e.text), ..e })?;
        self.note(&response);
        Ok(Reply::read(&response, &self.redactor))
    }

    /// Keeps what answers tell besides their content.
    fn note(&self, response: &Response) {
        self.seen.note(reply::is_simulator(response), response.header("date"));
    }

    fn watch(&self, cx: &CallContext, spec: &Spec<'_>, history: &History, ended: &Ended, took: Duration) {
        let fine =
            matches!(&ended.answer, Ok(reply) if reply.is_success() && matches!(reply.outcome(), Outcome::Answer(_)));
        cx.observer.called(&CallLog {
            method: spec.method,
            path: spec.path.to_owned(),
            status: ended.status(),
            millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            attempt: history.attempt,
            text: (!fine).then(|| ended.text()),
            wait: match ended.decision {
                Decision::Wait(wait) => Some(wait),
                Decision::LoginAgain | Decision::Reread | Decision::Stop(_) => None,
            },
        });
    }
}

fn held_back(why: &str) -> TransportError {
    TransportError::new(Delivery::NotSent, Cause::Connection, why)
}

fn load(answer: &Result<Reply, TransportError>) -> Load {
    match answer {
        Ok(reply) if matches!(reply.status, 429 | 503) => Load::Overrun(reply.retry_after),
        Ok(reply) if reply.status < 500 => Load::Fine,
        _ => Load::Unknown,
    }
}
