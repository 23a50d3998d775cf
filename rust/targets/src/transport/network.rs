//! The transport over the network: rustls with ring, the system's trust store, an explicit proxy or none.

use super::{Cause, Delivery, HeaderText, Method, Request, Response, Transport, TransportError};
use crate::error::{ErrorKind, TargetError};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use secrecy::{ExposeSecret, SecretString};
use std::{fmt, time::Duration};
use url::Url;

/// Largest answer that is read, in bytes after decompression. A page of 150 users is far below a megabyte.
pub const BODY_LIMIT: usize = 64 * 1024 * 1024;
/// Longest time for name lookup, connection and TLS handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// A proxy. Its `Debug` shows neither password nor address, which may wrongly hold one.
#[derive(Clone)]
pub struct ProxyOptions {
    /// `http://host:port` or `https://host:port`, without credentials.
    pub uri: String,
    /// User name and password for Basic authentication.
    pub credentials: Option<(String, SecretString)>,
}

impl fmt::Debug for ProxyOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyOptions").field("credentials", &self.credentials).finish_non_exhaustive()
    }
}

/// How to reach the network. The environment is never consulted: without `proxy` the connection is direct.
#[derive(Debug, Clone)]
pub struct NetworkOptions {
    /// The proxy for all requests.
    pub proxy: Option<ProxyOptions>,
    /// PEM text of certificate authorities that are trusted besides those of the system.
    pub ca_pem: Option<String>,
    /// Longest time from sending a request to the end of its answer.
    pub timeout: Duration,
}

/// Sends requests over the network.
pub struct ReqwestTransport {
    client: reqwest::Client,
    through_proxy: bool,
    body_limit: usize,
}

impl ReqwestTransport {
    /// A transport with these options. Connects to nothing yet.
    ///
    /// # Errors
    /// `InvalidSetting` for a proxy that cannot be used, `InvalidCertificateAuthority` for a file without certificate.
    pub fn new(options: &NetworkOptions) -> Result<Self, TargetError> {
        // Fails when it is set already, which is as good: nobody else shares our copy of rustls.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .user_agent(concat!("EsgMailboxSync/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT.min(options.timeout))
            .timeout(options.timeout);
        if let Some(pem) = &options.ca_pem {
            builder = builder.tls_certs_merge(authorities(pem)?);
        }
        if let Some(options) = &options.proxy {
            builder = builder.proxy(proxy(options)?);
        }
        let client = builder.build().map_err(|e| {
            TargetError::new(
                ErrorKind::InvalidSetting,
                format!("The connection cannot be set up: {}.", e.without_url()),
            )
        })?;
        Ok(Self { client, through_proxy: options.proxy.is_some(), body_limit: BODY_LIMIT })
    }

    /// The same with another limit for the size of an answer.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    async fn read(&self, mut answer: reqwest::Response) -> Result<Response, TransportError> {
        let status = answer.status().as_u16();
        let headers = texts(answer.headers());
        let mut body = Vec::new();
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > self.body_limit => {
                    let text = format!("its answer is larger than {} MiB", self.body_limit / (1024 * 1024));
                    return Err(TransportError::new(Delivery::Unknown, Cause::TooLarge, text));
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(Response { status, headers, body }),
                Err(e) => {
                    return Err(TransportError {
                        delivery: Delivery::Unknown,
                        ..TransportError::from_reqwest(e, self.through_proxy)
                    });
                }
            }
        }
    }
}

impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport").field("through_proxy", &self.through_proxy).finish_non_exhaustive()
    }
}

impl Transport for ReqwestTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut call = self.client.request(method, request.url).headers(headers(request.headers)?);
        if let Some(mut body) = request.body {
            call = call.body(std::mem::take(&mut *body));
        }
        let answer = call.send().await.map_err(|e| TransportError::from_reqwest(e, self.through_proxy))?;
        self.read(answer).await
    }
}

fn headers(texts: Vec<(&'static str, HeaderText)>) -> Result<HeaderMap, TransportError> {
    let mut map = HeaderMap::new();
    for (name, text) in texts {
        let bad = |_| {
            TransportError::new(
                Delivery::NotSent,
                Cause::Connection,
                format!("the value of header {name} cannot be sent"),
            )
        };
        let value = match &text {
            HeaderText::Plain(text) => HeaderValue::from_bytes(text.as_bytes()).map_err(bad)?,
            HeaderText::Secret(secret) => {
                let mut value = HeaderValue::from_bytes(secret.expose_secret().as_bytes()).map_err(bad)?;
                value.set_sensitive(true);
                value
            }
        };
        map.insert(HeaderName::from_static(name), value);
    }
    Ok(map)
}

fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect()
}

fn authorities(pem: &str) -> Result<Vec<reqwest::Certificate>, TargetError> {
    let refuse = |text: &str| {
        TargetError::new(
            ErrorKind::InvalidCertificateAuthority,
            format!("The certificate authority cannot be used: {text}."),
        )
    };
    // The client takes any bytes between the PEM lines, and fails later without saying why.
    let mut roots = RootCertStore::empty();
    for (i, certificate) in CertificateDer::pem_slice_iter(pem.as_bytes()).enumerate() {
        let added = certificate.map_err(|e| e.to_string()).and_then(|der| roots.add(der).map_err(|e| e.to_string()));
        added.map_err(|e| refuse(&format!("certificate {} of the text is damaged ({e})", i + 1)))?;
    }
    match reqwest::Certificate::from_pem_bundle(pem.as_bytes()) {
        Ok(found) if found.is_empty() => Err(refuse("the text holds no certificate in PEM form")),
        Ok(found) => Ok(found),
        Err(_) => Err(refuse("the text is damaged or holds no certificate in PEM form")),
    }
}

fn proxy(options: &ProxyOptions) -> Result<reqwest::Proxy, TargetError> {
    // The text is not shown: it may hold a password.
    let refuse = |text: &str| TargetError::new(ErrorKind::InvalidSetting, format!("The proxy cannot be used: {text}."));
    let url =
        Url::parse(&options.uri).map_err(|_| refuse("its address must look like http://proxy.corp.example:3128"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(refuse("its address must look like http://proxy.corp.example:3128"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("its address holds credentials; give them apart from it"));
    }
    let proxy = reqwest::Proxy::all(url).map_err(|_| refuse("its address is not understood"))?;
    Ok(match &options.credentials {
        Some((username, password)) => proxy.basic_auth(username, password.expose_secret()),
        None => proxy,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> NetworkOptions {
        NetworkOptions { proxy: None, ca_pem: None, timeout: Duration::from_secs(5) }
    }

    fn refused(options: &NetworkOptions) -> TargetError {
        ReqwestTransport::new(options).unwrap_err()
    }

    #[test]
    fn a_certificate_authority_without_certificate_is_refused() {
        for pem in [
            "",
            "no pem",
            "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n",
        ] {
            let error = refused(&NetworkOptions { ca_pem: Some(pem.into()), ..options() });
            assert_eq!(error.kind, ErrorKind::InvalidCertificateAuthority, "{pem:?}: {error}");
        }
    }

    #[test]
    fn a_proxy_address_is_checked_and_never_echoed() {
        for uri in [
            "proxy.example:3128",
            "proxy",
            "socks5://p.example",
            "http://user:s3cret@p.example:1",
            "http://",
            "file:///x",
        ] {
            let proxy = Some(ProxyOptions { uri: uri.into(), credentials: None });
            let error = refused(&NetworkOptions { proxy, ..options() });
            assert_eq!(error.kind, ErrorKind::InvalidSetting, "{uri}");
            assert!(!error.text.contains("s3cret"), "{error}");
        }
        let proxy = Some(ProxyOptions {
            uri: "http://p.example:3128".into(),
            credentials: Some(("u".into(), "s3cret".into())),
        });
        let good = NetworkOptions { proxy, ..options() };
        assert!(!format!("{good:?} {:?}", ReqwestTransport::new(&good).unwrap()).contains("s3cret"));
    }
}
