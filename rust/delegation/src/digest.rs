//! One digest for everything that is compared or bound: SHA-256 over canonical JSON.

mod canonical;

use serde::Serialize;
use sha2::{Digest, Sha256};

/// `sha256:` and 64 hex digits over `value` as compact JSON with the members of every object in code-point order.
///
/// # Errors
/// When the value cannot be serialised (a map with keys that are no strings).
pub fn of(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let text = canonical::of(&serde_json::to_string(value)?)?;
    Ok(format!("sha256:{}", hex::encode(Sha256::digest(text))))
}

/// A digest over many values without holding them all: each as one line of JSON.
///
/// Push only what serialises in one way: tuples, lists, texts, numbers; no maps.
#[derive(Debug, Clone, Default)]
pub struct Lines(Sha256);

impl Lines {
    /// Takes the next value.
    pub fn push(&mut self, value: &impl Serialize) {
        // Writing to a hasher cannot fail, and tuples of texts and numbers always serialise; what did not would count as an empty line.
        let line = serde_json::to_vec(value).unwrap_or_default();
        self.0.update(&line);
        self.0.update(b"\n");
    }

    /// `sha256:` and 64 hex digits.
    pub fn finish(self) -> String {
        format!("sha256:{}", hex::encode(self.0.finalize()))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn order_of_members_does_not_matter_and_content_does() {
        let a = serde_json::json!({"b": [1, {"y": 1, "x": 2}], "a": null});
        let b = serde_json::json!({"a": null, "b": [1, {"x": 2, "y": 1}]});
        let c = serde_json::json!({"a": null, "b": [{"x": 2, "y": 1}, 1]});
        assert_eq!(super::of(&a).unwrap(), super::of(&b).unwrap());
        assert_ne!(super::of(&a).unwrap(), super::of(&c).unwrap());
    }
}
