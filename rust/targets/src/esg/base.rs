//! The address of an appliance: scheme, host and port, nothing else.

use crate::error::{ErrorKind, TargetError};
use std::fmt;
use url::Url;

/// A checked address of an appliance.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUri(Url);

impl fmt::Debug for BaseUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaseUri({self})")
    }
}

impl BaseUri {
    /// Checks an address such as `https://esg.corp.example` or `https://[::1]:8443`. Names with other letters are sent in their ASCII form (IDNA).
    ///
    /// # Errors
    /// `InvalidUri` with what is wrong; `PlainHttpRefused` for http without `allow_http`. A text that may hold a password is not repeated.
    pub fn new(text: &str, allow_http: bool) -> Result<Self, TargetError> {
        let text = text.trim();
        let refuse = |text: String| Err(TargetError::new(ErrorKind::InvalidUri, text));
        if text.is_empty() {
            return refuse("The address of the appliance is empty.".into());
        }
        if !text.contains("://") {
            let shown = if text.contains('@') { "it" } else { text };
            return refuse(format!("The address of the appliance has no scheme: write https:// before {shown}."));
        }
        let url = match Url::parse(text) {
            Ok(url) => url,
            Err(e) => return refuse(format!("The address of the appliance cannot be read: {e}.")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return refuse(
                "The address of the appliance holds a user name or password: give credentials apart from it.".into(),
            );
        }
        if !matches!(url.scheme(), "http" | "https") {
            return refuse(format!(
                "The address of the appliance has the scheme {}: only https and http are possible.",
                url.scheme()
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse(
                "The address of the appliance has a query or fragment: leave out everything after the host.".into(),
            );
        }
        if url.path() != "/" {
            return refuse(format!(
                "The address of the appliance has the path {}: leave it out, the API's own path is added.",
                url.path()
            ));
        }
        if url.scheme() == "http" && !allow_http {
            let text = format!("{} would send the credentials unencrypted.", url.as_str().trim_end_matches('/'));
            return Err(TargetError::new(ErrorKind::PlainHttpRefused, text));
        }
        Ok(Self(url))
    }

    /// Host and port, as the state file keeps them: lower case, ASCII, without the port that the scheme implies.
    pub fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The URL of a path of the API with its query, both as they are sent.
    pub(super) fn join(&self, path: &str) -> Url {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let mut url = self.0.clone();
        url.set_path(path);
        url.set_query(query);
        url
    }
}

impl fmt::Display for BaseUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_addresses_keep_scheme_host_and_port_only() {
        for (text, shown, host) in [
            ("https://esg.corp.example", "https://esg.corp.example", "esg.corp.example"),
            (" https://ESG.Corp.Example:443/ ", "https://esg.corp.example", "esg.corp.example"),
            ("https://esg.corp.example:8443", "https://esg.corp.example:8443", "esg.corp.example:8443"),
            ("https://müller.example", "https://xn--mller-kva.example", "xn--mller-kva.example"),
            ("https://[::1]:8443", "https://[::1]:8443", "[::1]:8443"),
            ("http://127.0.0.1:80", "http://127.0.0.1", "127.0.0.1"),
        ] {
            let base = BaseUri::new(text, true).unwrap();
            assert_eq!((base.to_string().as_str(), base.host().as_str()), (shown, host));
        }
        let base = BaseUri::new("https://esg.corp.example:8443/", false).unwrap();
        assert_eq!(
            base.join("/api/v2/user?page=2&itemsPerPage=150").as_str(),
            "https://esg.corp.example:8443/api/v2/user?page=2&itemsPerPage=150"
        );
    }

    #[test]
    fn bad_addresses_are_refused_with_what_is_wrong_with_them() {
        for (text, said) in [
            ("", "empty"),
            ("esg.corp.example", "write https:// before esg.corp.example"),
            ("esg.corp.example:8443", "no scheme"),
            ("https://", "cannot be read"),
            ("https://esg corp.example", "cannot be read"),
            ("https://esg.corp.example:99999", "cannot be read"),
            ("ftp://esg.corp.example", "scheme ftp"),
            ("https://esg.corp.example/api/v2", "path /api/v2"),
            ("https://esg.corp.example?x=1", "query"),
            ("https://esg.corp.example#x", "query"),
        ] {
            let error = BaseUri::new(text, true).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidUri, "{text}");
            assert!(error.text.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn a_password_in_the_address_is_refused_and_not_repeated() {
        for text in [
            "https://admin:s3cret@esg.corp.example",
            "admin:s3cret@esg.corp.example",
            "https://s3cret@esg.corp.example/x",
            "ftp://a:s3cret@x",
            "https://a:s3cret@",
        ] {
            let error = BaseUri::new(text, true).unwrap_err();
            assert!(!error.text.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn plain_http_needs_permission() {
        assert_eq!(BaseUri::new("http://esg.corp.example", false).unwrap_err().kind, ErrorKind::PlainHttpRefused);
        assert_eq!(BaseUri::new("http://localhost", false).unwrap_err().kind, ErrorKind::PlainHttpRefused);
        assert!(BaseUri::new("http://esg.corp.example", true).is_ok());
    }
}
