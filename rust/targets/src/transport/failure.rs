//! Why there was no answer, and whether the request may have reached the server.

use crate::error::ErrorKind;
use std::error::Error;

/// Whether a request may have had an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// It was certainly not sent.
    NotSent,
    /// It may have reached the server.
    Unknown,
}

/// Why there was no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// No connection: refused, no route, name not found, reset.
    Connection,
    /// No answer in time.
    Timeout,
    /// The certificate is not trusted.
    Certificate,
    /// No TLS with this host at all.
    Tls,
    /// The proxy refused.
    Proxy,
    /// The answer is larger than the limit.
    TooLarge,
    /// The answer could not be read: it is cut, or its compression is broken.
    Answer,
    /// What came back is no HTTP, or its head has no end.
    NotHttp,
    /// The caller stopped waiting.
    Cancelled,
}

impl Cause {
    /// The same request would fail again.
    pub const fn is_lasting(self) -> bool {
        matches!(self, Self::Certificate | Self::Tls | Self::Proxy | Self::TooLarge | Self::Cancelled)
    }

    /// The kind of error that a caller sees.
    pub const fn error_kind(self) -> ErrorKind {
        match self {
            Self::Connection | Self::Tls => ErrorKind::Unreachable,
            Self::Timeout => ErrorKind::Timeout,
            Self::Certificate => ErrorKind::CertificateNotTrusted,
            Self::Proxy => ErrorKind::ProxyRefused,
            Self::TooLarge => ErrorKind::TooLarge,
            Self::Answer => ErrorKind::Protocol,
            Self::NotHttp => ErrorKind::NotTheApi,
            Self::Cancelled => ErrorKind::Cancelled,
        }
    }
}

/// No whole answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct TransportError {
    /// Whether the request may have had an effect.
    pub delivery: Delivery,
    /// Why.
    pub cause: Cause,
    /// One phrase for a person, without URL and without secret.
    pub text: String,
}

impl TransportError {
    /// An error of this cause.
    pub fn new(delivery: Delivery, cause: Cause, text: impl Into<String>) -> Self {
        Self { delivery, cause, text: text.into() }
    }

    pub(super) fn from_reqwest(error: reqwest::Error, through_proxy: bool) -> Self {
        let delivery = if error.is_connect() || error.is_builder() { Delivery::NotSent } else { Delivery::Unknown };
        let error = error.without_url();
        let text = innermost(&error);
        let tls = tls_error(&error);
        let cause = match tls {
            Some(rustls::Error::InvalidCertificate(_)) => Cause::Certificate,
            Some(_) => Cause::Tls,
            None if error.is_timeout() => Cause::Timeout,
            None if through_proxy && error.is_connect() => Cause::Proxy,
            None if error.is_decode() => Cause::Answer,
            None if is_no_http(&error) => Cause::NotHttp,
            None => Cause::Connection,
        };
        let text = match (cause, tls) {
            (Cause::Certificate, Some(tls)) => format!("its certificate is not trusted ({})", certificate_reason(tls)),
            (Cause::Tls, _) => format!("no TLS connection ({text})"),
            (Cause::Timeout, _) => "no answer in time".to_owned(),
            (Cause::NotHttp, _) => format!("what answers speaks no HTTP ({text})"),
            _ => text,
        };
        Self { delivery, cause, text }
    }
}

/// The text of the last cause: the outer ones only say that something went wrong.
fn innermost(error: &dyn Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

fn is_no_http(error: &dyn Error) -> bool {
    let mut next = error.source();
    while let Some(error) = next {
        if error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse) {
            return true;
        }
        next = error.source();
    }
    false
}

// An I/O error hides the error that it wraps from `source`.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        let hidden = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(tls) = hidden.and_then(|hidden| tls_error(hidden)) {
            return Some(tls);
        }
        next = error.source();
    }
    None
}

fn certificate_reason(error: &rustls::Error) -> String {
    use rustls::CertificateError as C;
    let rustls::Error::InvalidCertificate(reason) = error else { return error.to_string() };
    match reason {
        C::UnknownIssuer => "its issuer is unknown".to_owned(),
        C::NotValidForName | C::NotValidForNameContext { .. } => "it was issued for another name".to_owned(),
        C::Expired | C::ExpiredContext { .. } => "it has expired".to_owned(),
        C::NotValidYet | C::NotValidYetContext { .. } => "it is not valid yet".to_owned(),
        C::Revoked => "it was revoked".to_owned(),
        other => other.to_string(),
    }
}
