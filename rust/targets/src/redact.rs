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
    /// Learns a secret.
    pub fn learn(&self, secret: &SecretString) {
        if secret.expose_secret().len() >= SHORTEST {
            self.secrets().push(secret.clone());
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
        let mut body = json!({"detail": "tok-123", "violations": [{"message": "a geheim b"}], "n": 5});
        redactor.redact_json(&mut body);
        assert_eq!(body, json!({"detail": "***", "violations": [{"message": "a *** b"}], "n": 5}));
    }
}
