//! What goes wrong with a target, as a caller shows it: a stable code, one sentence, and what to do.

use std::time::Duration;

/// Kinds of failure. [`ErrorKind::code`] is stable: scripts may compare it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The address of the appliance cannot be used as it is.
    InvalidUri,
    /// Plain http without permission.
    PlainHttpRefused,
    /// Another setting of the connection cannot be used.
    InvalidSetting,
    /// The certificate authority file holds no certificate.
    InvalidCertificateAuthority,
    /// No connection: name not found, refused, reset.
    Unreachable,
    /// The certificate of the host is not trusted.
    CertificateNotTrusted,
    /// The proxy refuses or wants credentials.
    ProxyRefused,
    /// No answer in time.
    Timeout,
    /// Login, or the token, was refused.
    LoginFailed,
    /// The session ended, and a new login needs a new one-time password.
    OneTimePasswordNeeded,
    /// The account may not do this.
    AccessDenied,
    /// Something answered that is not the API of an appliance.
    NotTheApi,
    /// The appliance asks to wait longer than a call waits.
    Throttled,
    /// A list could not be read completely.
    IncompleteList,
    /// The appliance refused the request.
    Refused,
    /// The appliance failed.
    ServerError,
    /// The answer was larger than any answer should be.
    TooLarge,
    /// The API answered in a shape that is not understood.
    Protocol,
    /// The caller stopped it.
    Cancelled,
}

impl ErrorKind {
    /// Every kind, for tables that are generated from it.
    pub const ALL: [Self; 19] = [
        Self::InvalidUri,
        Self::PlainHttpRefused,
        Self::InvalidSetting,
        Self::InvalidCertificateAuthority,
        Self::Unreachable,
        Self::CertificateNotTrusted,
        Self::ProxyRefused,
        Self::Timeout,
        Self::LoginFailed,
        Self::OneTimePasswordNeeded,
        Self::AccessDenied,
        Self::NotTheApi,
        Self::Throttled,
        Self::IncompleteList,
        Self::Refused,
        Self::ServerError,
        Self::TooLarge,
        Self::Protocol,
        Self::Cancelled,
    ];

    /// The stable name, in PascalCase.
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidUri => "InvalidUri",
            Self::PlainHttpRefused => "PlainHttpRefused",
            Self::InvalidSetting => "InvalidSetting",
            Self::InvalidCertificateAuthority => "InvalidCertificateAuthority",
            Self::Unreachable => "Unreachable",
            Self::CertificateNotTrusted => "CertificateNotTrusted",
            Self::ProxyRefused => "ProxyRefused",
            Self::Timeout => "Timeout",
            Self::LoginFailed => "LoginFailed",
            Self::OneTimePasswordNeeded => "OneTimePasswordNeeded",
            Self::AccessDenied => "AccessDenied",
            Self::NotTheApi => "NotTheApi",
            Self::Throttled => "Throttled",
            Self::IncompleteList => "IncompleteList",
            Self::Refused => "Refused",
            Self::ServerError => "ServerError",
            Self::TooLarge => "TooLarge",
            Self::Protocol => "Protocol",
            Self::Cancelled => "Cancelled",
        }
    }

    /// What to do about it.
    pub const fn recommended_action(self) -> &'static str {
        match self {
            Self::InvalidUri => "Give scheme and host only, for example -Uri https://esg.corp.example.",
            Self::PlainHttpRefused => {
                "Use https, or state with -AllowHttp that the credentials may travel unencrypted."
            }
            Self::InvalidSetting => "Correct the setting that the message names and connect again.",
            Self::InvalidCertificateAuthority => {
                "Give -CertificateAuthority a PEM file with the certificate of the authority that issued the appliance's certificate."
            }
            Self::Unreachable => {
                "Check the host name, the port, the firewall, and whether a proxy is needed (-Proxy) or in the way (-NoProxy)."
            }
            Self::CertificateNotTrusted => {
                "Connect by the name that is in the certificate, and have its issuer trusted: install it in the system's store or give it with -CertificateAuthority."
            }
            Self::ProxyRefused => {
                "Check -Proxy and -ProxyCredential, or use -NoProxy. Proxies that want NTLM or Kerberos are not supported."
            }
            Self::Timeout => "Try again, or give more time with -TimeoutSec.",
            Self::LoginFailed => {
                "Check user name and password, or the token. An account with two-factor login needs -OneTimePassword. Too many failed logins also answer like this: wait some minutes."
            }
            Self::OneTimePasswordNeeded => {
                "Connect again with a new -OneTimePassword, or use a token for work that takes long."
            }
            Self::AccessDenied => {
                "An API user needs -SwitchUser with the user name of an administrator; any other account needs the role Administrator, or Domain Admin for its own domain, and must not use -SwitchUser."
            }
            Self::NotTheApi => {
                "Check that -Uri names the appliance itself and that no proxy, portal or load balancer answers in its place (-NoProxy, -Proxy)."
            }
            Self::Throttled => {
                "Wait as long as the message says, then run the same command again; -Concurrency 1 asks less at once."
            }
            Self::IncompleteList => {
                "Run the command again when no import or other change of users is going on at the appliance."
            }
            Self::Refused => "The message says what the appliance refused. Correct that and try again.",
            Self::ServerError => "Try again later; if it stays, look into the log of the appliance.",
            Self::TooLarge => "Check that -Uri names the appliance itself; no answer of its API is that large.",
            Self::Protocol => {
                "The appliance's version may be newer than this module knows: look for an update, and report the message."
            }
            Self::Cancelled => "Run the same command again to go on.",
        }
    }
}

/// A failure of a target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct TargetError {
    /// Kind of failure.
    pub kind: ErrorKind,
    /// One sentence for a person: what happened. Never holds a secret.
    pub text: String,
    /// HTTP status of the answer that it is about, where there was one.
    pub status: Option<u16>,
    /// How long the appliance asked to wait, where it did.
    pub retry_after: Option<Duration>,
}

impl TargetError {
    /// An error of this kind.
    pub fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), status: None, retry_after: None }
    }

    /// The caller stopped it.
    pub(crate) fn cancelled() -> Self {
        Self::new(ErrorKind::Cancelled, "Stopped before it was done.")
    }

    /// The stable name of the kind.
    pub const fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// What to do about it.
    pub const fn recommended_action(&self) -> &'static str {
        self.kind.recommended_action()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_every_kind_says_what_to_do() {
        let codes: std::collections::BTreeSet<_> = ErrorKind::ALL.iter().map(|kind| kind.code()).collect();
        assert_eq!(codes.len(), ErrorKind::ALL.len());
        for kind in ErrorKind::ALL {
            assert_eq!(kind.code(), format!("{kind:?}"));
            assert!(kind.recommended_action().ends_with('.'), "{kind:?}");
        }
    }
}
