//! Mail addresses: compared case-blind on the domain (IDNA) and, by stated policy, on the local part (design 5.8).

use std::borrow::{Borrow, Cow};
use std::fmt;

/// The comparison form of a mail address: local part in lower case, domain in ASCII lower case (IDNA). The original spelling is kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressKey(Box<str>);

impl AddressKey {
    /// Folds an address. Text that is no address (no `@`, an empty part, a domain that IDNA refuses) folds to its lower case, so that it still compares with itself.
    pub fn new(address: &str) -> Self {
        Self(Self::fold(address).into())
    }

    /// The folded text of an address; borrowed when it is folded already, as most are. A map of keys can be asked with it.
    pub fn fold(address: &str) -> Cow<'_, str> {
        let address = address.trim();
        // Lower case is the whole form of ASCII text, whether it is an address or not.
        if address.is_ascii() {
            return match address.bytes().any(|byte| byte.is_ascii_uppercase()) {
                true => address.to_ascii_lowercase().into(),
                false => address.into(),
            };
        }
        let folded = address
            .rsplit_once('@')
            .filter(|(local, domain)| !local.is_empty() && !domain.is_empty())
            .and_then(|(local, domain)| Some(format!("{}@{}", local.to_lowercase(), fold_domain(domain)?)));
        folded.unwrap_or_else(|| address.to_lowercase()).into()
    }

    /// The folded text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folded domain, when there is one.
    pub fn domain(&self) -> Option<&str> {
        self.0.rsplit_once('@').map(|(_, domain)| domain)
    }

    /// True for `*.onmicrosoft.com` (design 6, wanted aliases).
    pub fn is_onmicrosoft(&self) -> bool {
        self.domain().is_some_and(|domain| domain.ends_with(".onmicrosoft.com"))
    }
}

impl Borrow<str> for AddressKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AddressKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// Most domains are plain ASCII: no IDNA work for them.
fn fold_domain(domain: &str) -> Option<String> {
    if domain.is_ascii() {
        return Some(domain.to_ascii_lowercase());
    }
    idna::domain_to_ascii(domain).ok()
}

/// The mail address in a proxy address such as `smtp:a@b.example`; `None` for other prefixes (SIP, X500, SPO).
/// The flag says whether it is the primary one (`SMTP:`).
pub fn smtp(proxy: &str) -> Option<(&str, bool)> {
    match proxy.split_once(':') {
        Some(("SMTP", address)) => Some((address, true)),
        Some((prefix, address)) if prefix.eq_ignore_ascii_case("smtp") => Some((address, false)),
        Some(_) => None,
        None => proxy.contains('@').then_some((proxy, false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_case_and_idna_and_keeps_what_is_no_address() {
        assert_eq!(AddressKey::new("Greta.Olsen@Corp.EXAMPLE"), AddressKey::new("greta.olsen@corp.example"));
        assert_eq!(AddressKey::new("a@müller.example"), AddressKey::new("A@xn--mller-kva.example"));
        assert_ne!(AddressKey::new("a@b.example"), AddressKey::new("a@c.example"));
        assert_eq!(AddressKey::new("No Address").as_str(), "no address");
        assert!(AddressKey::new("x@corp.onmicrosoft.com").is_onmicrosoft());
        assert!(!AddressKey::new("x@onmicrosoft.com.example").is_onmicrosoft());
    }

    #[test]
    fn only_smtp_prefixes_are_mail_addresses() {
        assert_eq!(smtp("SMTP:a@b.example"), Some(("a@b.example", true)));
        assert_eq!(smtp("smtp:a@b.example"), Some(("a@b.example", false)));
        assert_eq!(smtp("a@b.example"), Some(("a@b.example", false)));
        assert_eq!(smtp("SIP:a@b.example"), None);
        assert_eq!(smtp("X500:/o=Old/cn=a@b"), None);
    }
}
