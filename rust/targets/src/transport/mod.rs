//! The edge to the network: one request, one answer. Everything above works on this trait, so that it can be simulated under paused time (design 12).

mod failure;
mod network;

pub use failure::{Cause, Delivery, TransportError};
pub use network::{BODY_LIMIT, NetworkOptions, ProxyOptions, ReqwestTransport};

use secrecy::SecretString;
use std::{fmt, future::Future};
use url::Url;
use zeroize::Zeroizing;

/// HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}

impl Method {
    /// As it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The value of a request header.
#[derive(Debug, Clone)]
pub enum HeaderText {
    /// May be shown.
    Plain(String),
    /// Never shown; marked as sensitive on the wire library.
    Secret(SecretString),
}

/// A request. Its `Debug` shows no body: a login's holds the password.
pub struct Request {
    /// Method.
    pub method: Method,
    /// Absolute URL.
    pub url: Url,
    /// Headers in lower case, with their values.
    pub headers: Vec<(&'static str, HeaderText)>,
    /// Body, wiped when dropped.
    pub body: Option<Zeroizing<Vec<u8>>>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = self.body.as_ref().map(|body| body.len());
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &self.url.as_str())
            .field("headers", &self.headers)
            .field("body_bytes", &body)
            .finish()
    }
}

/// A whole answer. Its `Debug` shows no body: the answer to a login holds the token.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case; values that are no text are left out.
    pub headers: Vec<(String, String)>,
    /// Body, decompressed.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of that name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Sends requests. An implementation never repeats one, and never follows a redirect.
pub trait Transport: Send + Sync + 'static {
    /// Sends one request and reads its whole answer.
    ///
    /// # Errors
    /// When there is no whole answer; the error says whether the request may have reached the server.
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, TransportError>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_texts_show_neither_secret_headers_nor_bodies() {
        let request = Request {
            method: Method::Post,
            url: Url::parse("https://esg.example/api/v2/login").unwrap(),
            headers: vec![
                ("x-esg-auth-token", HeaderText::Secret("tok-123".into())),
                ("accept", HeaderText::Plain("shown".into())),
            ],
            body: Some(Zeroizing::new(b"tok-123".to_vec())),
        };
        let response = Response { status: 200, headers: Vec::new(), body: b"tok-123".to_vec() };
        let text = format!("{request:?} {response:?}");
        assert!(text.contains("shown") && text.contains("esg.example"), "{text}");
        assert!(!text.contains("tok-123") && !text.contains(&format!("{:?}", b"tok")[1..5]), "{text}");
    }
}
