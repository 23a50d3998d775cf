//! Keeps secrets out of texts that come from outside: a server may echo what it was sent.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Shorter secrets are not searched for: they would garble every text, and a text shows nothing by holding them.
const SHORTEST: usize = 4;

/// Replaces the secrets that it knows.
#[derive(Default)]
pub(crate) struct Redactor(Mutex<Vec<SecretString>>);

impl Redactor {
    /// Learns a secret, also as it stands in JSON: a server may repeat the body that it was sent, or write it anew.
    pub fn learn(&self, secret: &SecretString) {
        let plain = secret.expose_secret();
        if plain.len() < SHORTEST {
            return;
        }
        let mut secrets = self.secrets();
        secrets.push(secret.clone());
        for form in [in_json(plain, false), in_json(plain, true)] {
            if form.expose_secret() != plain {
                secrets.push(form);
            }
        }
    }

    /// The text with every known secret replaced.
    pub fn redact(&self, text: &str) -> String {
        self.secrets().iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose_secret(), "***"))
    }

    /// Replaces the known secrets in every string of an error body, before it is cut to length.
    pub fn redact_json(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.redact(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.redact_json(value)),
            Value::Object(members) => members.values_mut().for_each(|value| self.redact_json(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn secrets(&self) -> MutexGuard<'_, Vec<SecretString>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The text as it stands between the quotes of JSON; `ascii`: as PHP writes it, slashes and all other letters escaped.
fn in_json(text: &str, ascii: bool) -> SecretString {
    // Room for the longest form, so that no half of it is left behind by growing.
    let mut out = String::with_capacity(text.len() * 6);
    let mut units = [0; 2];
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '/' if ascii => out.push_str("\\/"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            _ if letter < ' ' || (ascii && !letter.is_ascii()) => {
                letter.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
            }
            _ => out.push(letter),
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn known_secrets_are_replaced_wherever_they_stand() {
        let redactor = Redactor::default();
        let text = "token tok-123 is no good (tok-123), password geheim";
        assert_eq!(redactor.redact(text), text);
        redactor.learn(&"tok-123".into());
        redactor.learn(&"geheim".into());
        redactor.learn(&"o".into());
        assert_eq!(redactor.redact(text), "token *** is no good (***), password ***");
        redactor.learn(&"pa\"ss/\u{fc}\u{1}".into());
        for form in ["pa\"ss/\u{fc}\u{1}", "pa\\\"ss/\u{fc}\\u0001", "pa\\\"ss\\/\\u00fc\\u0001"] {
            assert_eq!(redactor.redact(&format!("x {form} y")), "x *** y");
        }
        let mut body = json!({"detail": "tok-123", "violations": [{"message": "a geheim b"}], "n": 5});
        redactor.redact_json(&mut body);
        assert_eq!(body, json!({"detail": "***", "violations": [{"message": "a *** b"}], "n": 5}));
    }
}
