//! Login and token (esg 2).

use super::{
    Credentials, EsgConfig,
    call::{ACCEPT_JSON, Spec},
    client::Inner,
    reply::Content,
};
use crate::{
    context::CallContext,
    error::{ErrorKind, TargetError},
    retry::Purpose,
    transport::{Method, Transport},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;
use std::{
    future::Future,
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
};
use zeroize::Zeroizing;

const LOGIN_PATH: &str = "/api/v2/login";

/// Who is logged in.
pub(super) struct Session {
    credentials: Option<Credentials>,
    state: Mutex<State>,
    /// One login at a time: many calls meet the same 401.
    turn: tokio::sync::Mutex<()>,
}

struct State {
    token: Option<SecretString>,
    otp: OneTimePassword,
    /// Counts the logins, so that a call knows whether somebody logged in since it was sent.
    logins: u64,
    /// A refused login is final for this connection: more of them would lock the account (findings 8.9).
    refused: Option<TargetError>,
}

enum OneTimePassword {
    None,
    Ready(SecretString),
    Used,
}

#[derive(Serialize)]
struct LoginBody<'a> {
    username: &'a str,
    password: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    otp: Option<&'a str>,
}

impl Session {
    pub fn new(config: &EsgConfig) -> Self {
        let otp = config.otp.clone().map_or(OneTimePassword::None, OneTimePassword::Ready);
        let state = State { token: config.token.clone(), otp, logins: 0, refused: None };
        Self { credentials: config.credentials.clone(), state: Mutex::new(state), turn: tokio::sync::Mutex::new(()) }
    }

    /// The token to send now, and the number of the login that it comes from.
    pub fn token(&self) -> (Option<SecretString>, u64) {
        let state = self.state();
        (state.token.clone(), state.logins)
    }

    pub fn can_log_in(&self) -> bool {
        self.credentials.is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The one-time password of a login; an error when an earlier login has used it.
    fn take_otp(&self) -> Result<Option<SecretString>, TargetError> {
        let mut state = self.state();
        match std::mem::replace(&mut state.otp, OneTimePassword::Used) {
            OneTimePassword::None => {
                state.otp = OneTimePassword::None;
                Ok(None)
            }
            OneTimePassword::Ready(otp) => Ok(Some(otp)),
            OneTimePassword::Used => {
                let text = "The session at the appliance has ended, and the account needs a new one-time password.";
                Err(TargetError::new(ErrorKind::OneTimePasswordNeeded, text))
            }
        }
    }
}

impl<T: Transport> Inner<T> {
    /// Logs in unless somebody did since `logins` was read. Gives whether it did. Boxed, for a login is itself a call.
    pub(super) fn log_in<'a>(
        &'a self,
        cx: &'a CallContext,
        logins: u64,
    ) -> Pin<Box<dyn Future<Output = Result<bool, TargetError>> + Send + 'a>> {
        Box::pin(async move {
            let _turn = cx.or_cancelled(self.session.turn.lock()).await?;
            let refused = {
                let state = self.session.state();
                if state.logins != logins {
                    return Ok(false);
                }
                state.refused.clone()
            };
            if let Some(refused) = refused {
                return Err(refused);
            }
            let result = self.send_login(cx).await;
            let mut state = self.session.state();
            match result {
                Ok(token) => {
                    state.token = Some(token);
                    state.logins += 1;
                    Ok(true)
                }
                Err(e) => {
                    if matches!(
                        e.kind,
                        ErrorKind::LoginFailed | ErrorKind::AccessDenied | ErrorKind::OneTimePasswordNeeded
                    ) {
                        state.refused = Some(e.clone());
                    }
                    Err(e)
                }
            }
        })
    }

    async fn send_login(&self, cx: &CallContext) -> Result<SecretString, TargetError> {
        let Some(credentials) = &self.session.credentials else {
            return Err(TargetError::new(
                ErrorKind::LoginFailed,
                "The token is refused, and no credentials were given to log in with.",
            ));
        };
        let otp = self.session.take_otp()?;
        if let Some(otp) = &otp {
            self.redactor.learn(otp);
        }
        let body = LoginBody {
            username: &credentials.username,
            password: credentials.password.expose_secret(),
            otp: otp.as_ref().map(ExposeSecret::expose_secret),
        };
        let body = serde_json::to_vec(&body)
            .map(Zeroizing::new)
            .map_err(|_| TargetError::new(ErrorKind::Protocol, "The login could not be written."))?;
        let spec =
            Spec { method: Method::Post, path: LOGIN_PATH, accept: ACCEPT_JSON, body: Some((ACCEPT_JSON, body)) };
        let ended = self.run(cx, Purpose::Login, &spec).await?;
        let reply = self.succeeded(ended)?;
        let token = match &reply.content {
            Content::Json(body) => body.get("token").and_then(Value::as_str),
            _ => None,
        };
        let token = token.filter(|token| !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic()));
        let Some(token) = token.map(SecretString::from) else {
            return Err(TargetError::new(
                ErrorKind::Protocol,
                format!("{} accepted the login but gave no token.", self.base.host()),
            ));
        };
        self.redactor.learn(&token);
        Ok(token)
    }
}
