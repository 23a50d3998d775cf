//! The kind of a line, without parsing it twice.

use serde::Deserialize;
use std::borrow::Cow;

/// The `kind` of a line; `None` when it has none.
///
/// Writers put `kind` first, so a look at the beginning is enough; any other order is found by parsing. (serde's internally
/// tagged enums would copy every line into a tree first.)
///
/// # Errors
/// When the line is no JSON. A line whose kind stands first is not looked at any further.
pub(super) fn kind_of(text: &str) -> Result<Option<Cow<'_, str>>, serde_json::Error> {
    if let Some(kind) = leading_kind(text) {
        return Ok(Some(Cow::Borrowed(kind)));
    }
    #[derive(Deserialize)]
    struct Kind<'a> {
        #[serde(borrow, default)]
        kind: Option<Cow<'a, str>>,
    }
    match serde_json::from_str::<Kind<'_>>(text) {
        Ok(Kind { kind }) => Ok(kind),
        // JSON, but no object, or a kind that is no text.
        Err(error) if error.is_data() => Ok(None),
        Err(error) => Err(error),
    }
}

fn leading_kind(text: &str) -> Option<&str> {
    let rest = text.trim_ascii_start().strip_prefix('{')?.trim_ascii_start().strip_prefix("\"kind\"")?;
    let rest = rest.trim_ascii_start().strip_prefix(':')?.trim_ascii_start().strip_prefix('"')?;
    let (kind, _) = rest.split_once('"')?;
    (!kind.contains('\\')).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_kind_wherever_it_stands() {
        let kind = |text| kind_of(text).unwrap().map(Cow::into_owned);
        assert_eq!(kind(r#"{"kind":"read","subject":"x"}"#).as_deref(), Some("read"));
        assert_eq!(kind(r#" { "kind" : "read" }"#).as_deref(), Some("read"));
        assert_eq!(kind(r#"{"subject":"kind\":\"x","kind":"read"}"#).as_deref(), Some("read"));
        assert_eq!(kind(r#"{"kind":"r\u0065ad"}"#).as_deref(), Some("read"));
        assert_eq!(kind(r#"{"subject":"x"}"#), None);
        assert_eq!(kind(r#"{"kind":5}"#), None);
        assert_eq!(kind("[1]"), None);
        assert!(kind_of("{\"subject\":").is_err());
    }
}
