//! How to connect to an appliance.

use super::BaseUri;
use crate::{
    error::{ErrorKind, TargetError},
    transport::{NetworkOptions, ProxyOptions, ReqwestTransport},
};
use secrecy::{ExposeSecret, SecretString};
use std::{fmt, time::Duration};

/// User name and password of an account at the appliance. Its `Debug` shows no password.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// User name.
    pub username: String,
    /// Password.
    pub password: SecretString,
}

/// How to connect to an appliance. Its `Debug` shows no secret, and an address only when it is a good one: a bad one may hold a password.
#[derive(Clone)]
pub struct EsgConfig {
    /// Scheme, host and port.
    pub uri: String,
    /// Plain http is accepted.
    pub allow_http: bool,
    /// Account to log in with; with a token, the account to log in with when the token is refused.
    pub credentials: Option<Credentials>,
    /// Token to use without login.
    pub token: Option<SecretString>,
    /// One-time password of an account with two-factor login; serves for one login.
    pub otp: Option<SecretString>,
    /// User name that an API user acts as (`X-Switch-User`, esg 2).
    pub switch_user: Option<String>,
    /// The proxy; none means a direct connection, whatever the environment says.
    pub proxy: Option<ProxyOptions>,
    /// PEM text of authorities that are trusted besides those of the system.
    pub ca_pem: Option<String>,
    /// Longest time of one exchange.
    pub timeout: Duration,
    /// Most calls at once.
    pub concurrency: usize,
    /// Id of the role of functional users, for appliances that do not list their roles; `None` means the published default.
    pub functional_role: Option<u64>,
    /// Makes the jitter of waits repeatable, for simulations.
    pub jitter_seed: Option<u64>,
}

impl fmt::Debug for EsgConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EsgConfig")
            .field("base", &BaseUri::new(&self.uri, true).ok())
            .field("credentials", &self.credentials)
            .field("token", &self.token)
            .field("switch_user", &self.switch_user)
            .field("proxy", &self.proxy)
            .finish_non_exhaustive()
    }
}

impl EsgConfig {
    /// A configuration for this address with the defaults of `Connect-Esg`: https only, 100 seconds, 4 calls at once.
    pub fn new(uri: impl Into<String>) -> Self {
        Self {
            uri: uri.into(),
            allow_http: false,
            credentials: None,
            token: None,
            otp: None,
            switch_user: None,
            proxy: None,
            ca_pem: None,
            timeout: Duration::from_secs(100),
            concurrency: 4,
            functional_role: None,
            jitter_seed: None,
        }
    }

    /// Checks everything that can be checked without a connection.
    ///
    /// # Errors
    /// `InvalidUri`, `PlainHttpRefused` or `InvalidSetting`, with the setting's name in the text.
    pub fn check(&self) -> Result<BaseUri, TargetError> {
        let base = BaseUri::new(&self.uri, self.allow_http)?;
        let refuse = |text: &str| Err(TargetError::new(ErrorKind::InvalidSetting, text));
        if self.credentials.is_none() && self.token.is_none() {
            return refuse("Neither credentials nor a token were given.");
        }
        if self.otp.is_some() && self.credentials.is_none() {
            return refuse("A one-time password was given without credentials.");
        }
        if self.credentials.as_ref().is_some_and(|c| c.username.is_empty() || c.password.expose_secret().is_empty()) {
            return refuse("The user name or the password is empty.");
        }
        if self.token.as_ref().is_some_and(|token| {
            token.expose_secret().is_empty() || !token.expose_secret().bytes().all(|b| b.is_ascii_graphic())
        }) {
            return refuse(
                "The token is empty, or holds a blank, a line break or another character that no token has.",
            );
        }
        // Symfony takes `_exit` as the end of an impersonation; blanks at the ends are lost on the way (findings 7).
        if self.switch_user.as_ref().is_some_and(|user| {
            user.trim() != user || user.is_empty() || user == "_exit" || user.chars().any(char::is_control)
        }) {
            return refuse("The user to switch to is empty, has blanks at its ends, or is no user name.");
        }
        if self.concurrency == 0 || self.concurrency > 64 {
            return refuse("The number of calls at once must be from 1 to 64.");
        }
        if self.timeout < Duration::from_secs(1) || self.timeout > Duration::from_secs(3600) {
            return refuse("The timeout must be from 1 to 3600 seconds.");
        }
        if self.functional_role == Some(0) {
            return refuse("The id of the functional role must be positive.");
        }
        Ok(base)
    }

    /// The transport over the network for this configuration.
    ///
    /// # Errors
    /// `InvalidSetting` for the proxy, `InvalidCertificateAuthority`.
    pub fn network(&self) -> Result<ReqwestTransport, TargetError> {
        ReqwestTransport::new(&NetworkOptions {
            proxy: self.proxy.clone(),
            ca_pem: self.ca_pem.clone(),
            timeout: self.timeout,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> EsgConfig {
        EsgConfig { token: Some("tok-123".into()), ..EsgConfig::new("https://esg.corp.example") }
    }

    #[test]
    fn each_bad_setting_is_refused_by_its_name() {
        assert!(good().check().is_ok());
        let credentials =
            |username: &str, password: &str| Some(Credentials { username: username.into(), password: password.into() });
        for (said, config) in [
            ("Neither", EsgConfig { token: None, ..good() }),
            ("one-time", EsgConfig { otp: Some("123456".into()), ..good() }),
            ("user name or the password", EsgConfig { credentials: credentials("", "x"), ..good() }),
            ("user name or the password", EsgConfig { credentials: credentials("x", ""), ..good() }),
            ("token", EsgConfig { token: Some("".into()), ..good() }),
            ("token", EsgConfig { token: Some("tok-123\n".into()), ..good() }),
            ("switch to", EsgConfig { switch_user: Some("".into()), ..good() }),
            ("switch to", EsgConfig { switch_user: Some("_exit".into()), ..good() }),
            ("switch to", EsgConfig { switch_user: Some("a\r\nX: y".into()), ..good() }),
            ("at once", EsgConfig { concurrency: 0, ..good() }),
            ("timeout", EsgConfig { timeout: Duration::ZERO, ..good() }),
            ("functional role", EsgConfig { functional_role: Some(0), ..good() }),
        ] {
            let error = config.check().unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidSetting);
            assert!(error.text.contains(said), "{said}: {error}");
            assert!(!error.text.contains("tok-123"), "{error}");
        }
        assert!(EsgConfig { switch_user: Some("Jürgen Groß".into()), ..good() }.check().is_ok());
    }

    #[test]
    fn debug_shows_no_secret() {
        let config = EsgConfig {
            credentials: Some(Credentials { username: "admin".into(), password: "s3cret".into() }),
            otp: Some("s3cret".into()),
            token: Some("s3cret".into()),
            proxy: Some(ProxyOptions { uri: "http://p".into(), credentials: Some(("u".into(), "s3cret".into())) }),
            ..good()
        };
        let with_password = EsgConfig { uri: "https://admin:s3cret@esg.corp.example".into(), ..good() };
        let proxy = ProxyOptions { uri: "http://u:s3cret@p".into(), credentials: None };
        let text = format!("{config:?} {with_password:?} {proxy:?}");
        assert!(text.contains("admin") && !text.contains("s3cret"), "{text}");
    }
}
