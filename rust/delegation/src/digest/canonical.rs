//! Compact JSON with the members of every object in order, made from its text: no tree of values is built, which takes several
//! times as long for plans.

use serde_json::Error;
use std::borrow::Cow;

/// `text` with the members of every object in code-point order. It is compact JSON, as serde_json writes it.
///
/// # Errors
/// The text is no JSON.
pub(super) fn of(text: &str) -> Result<String, Error> {
    let mut cursor = Cursor { text, at: 0 };
    let mut canonical = String::with_capacity(text.len());
    cursor.value(&mut canonical)?;
    Ok(canonical)
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn value(&mut self, out: &mut String) -> Result<(), Error> {
        match self.byte() {
            Some(b'{') => self.object(out),
            Some(b'[') => self.list(out),
            Some(b'"') => {
                out.push_str(self.string()?);
                Ok(())
            }
            _ => {
                out.push_str(self.until(|byte| matches!(byte, b',' | b']' | b'}')));
                Ok(())
            }
        }
    }

    fn list(&mut self, out: &mut String) -> Result<(), Error> {
        out.push('[');
        self.at += 1;
        while !self.takes(b']')? {
            if self.takes(b',')? {
                out.push(',');
            }
            self.value(out)?;
        }
        out.push(']');
        Ok(())
    }

    fn object(&mut self, out: &mut String) -> Result<(), Error> {
        self.at += 1;
        let begin = out.len();
        let mut members: Vec<(Cow<'a, str>, usize, usize)> = Vec::new();
        // Members as they come, behind each other; then in order, in their place.
        while !self.takes(b'}')? {
            self.takes(b',')?;
            let from = out.len();
            let key = self.string()?;
            out.push_str(key);
            if !self.takes(b':')? {
                return Err(not_json());
            }
            out.push(':');
            self.value(out)?;
            members.push((unquoted(key)?, from - begin, out.len() - begin));
        }
        members.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        let came = out.split_off(begin);
        let mut separator = '{';
        for (_, from, to) in &members {
            out.push(separator);
            out.push_str(came.get(*from..*to).ok_or_else(not_json)?);
            separator = ',';
        }
        if members.is_empty() {
            out.push('{');
        }
        out.push('}');
        Ok(())
    }

    /// With its quotes.
    fn string(&mut self) -> Result<&'a str, Error> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut escaped = false;
        for (at, byte) in rest.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' if at > 0 => {
                    self.at += at + 1;
                    return rest.get(..=at).ok_or_else(not_json);
                }
                _ if at == 0 && byte != b'"' => break,
                _ => {}
            }
        }
        Err(not_json())
    }

    fn until(&mut self, ends: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.bytes().position(ends).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn takes(&mut self, byte: u8) -> Result<bool, Error> {
        let found = self.byte().ok_or_else(not_json)? == byte;
        self.at += usize::from(found);
        Ok(found)
    }
}

fn unquoted(key: &str) -> Result<Cow<'_, str>, Error> {
    match key.get(1..key.len().saturating_sub(1)) {
        Some(plain) if !plain.contains('\\') => Ok(Cow::Borrowed(plain)),
        _ => serde_json::from_str(key).map(Cow::Owned),
    }
}

fn not_json() -> Error {
    serde::de::Error::custom("it is no JSON")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    fn values() -> impl Strategy<Value = Value> {
        let text = || prop_oneof!["[a-c]{0,2}", "[\\PC\"\\\\\\n\u{1}]{0,3}"];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            text().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((text(), inner), 0..6).prop_map(|members| Map::from_iter(members).into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_is_what_sorting_every_object_gives(value in values()) {
            let canonical = super::of(&value.to_string()).unwrap();
            let mut sorted = value;
            sorted.sort_all_objects();
            prop_assert_eq!(canonical, sorted.to_string());
        }
    }

    #[test]
    fn what_is_cut_off_is_refused_and_never_read_beyond() {
        let whole = r#"{"b":[1,{"y\"":null}],"a":"\\"}"#;
        assert_eq!(super::of(whole).unwrap(), r#"{"a":"\\","b":[1,{"y\"":null}]}"#);
        for end in 1..whole.len() {
            assert!(super::of(&whole[..end]).is_err(), "{}", &whole[..end]);
        }
    }
}
