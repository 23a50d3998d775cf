//! Error bodies of every family that the framework has (esg 9.1), read leniently: decide by status, show the text (findings 8.10).

use serde_json::Value;

/// Longest text that is kept of an answer, in characters.
const TEXT_LIMIT: usize = 400;
/// Most violations that are kept of an answer.
const VIOLATION_LIMIT: usize = 20;

/// An error that the API answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// What the server said, one line, capped; empty when it said nothing.
    pub text: String,
    /// What validation refused.
    pub violations: Vec<Violation>,
}

/// One refused value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where, for example `emailAddresses[1].address`; may be empty.
    pub path: String,
    /// Why.
    pub message: String,
}

impl ApiError {
    /// Reads an error body.
    pub fn read(status: u16, body: &Value) -> Self {
        let said = ["detail", "hydra:description", "description", "message", "error", "title", "hydra:title"];
        let text = said
            .iter()
            .filter_map(|member| body.get(*member))
            .filter_map(Value::as_str)
            .map(clean)
            .find(|text| !text.is_empty());
        let violations = body.get("violations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let violations: Vec<Violation> = violations.iter().take(VIOLATION_LIMIT).map(violation).collect();
        // Every family says the violations in its text too; an application that writes its own body may not.
        let text = text.unwrap_or_else(|| clean(&violations.iter().map(Violation::line).collect::<String>()));
        Self { status, text, violations }
    }
}

impl Violation {
    fn line(&self) -> String {
        if self.path.is_empty() { format!("{} ", self.message) } else { format!("{}: {} ", self.path, self.message) }
    }
}

fn violation(value: &Value) -> Violation {
    let text = |member: &str| value.get(member).and_then(Value::as_str).map(clean).unwrap_or_default();
    Violation { path: text("propertyPath"), message: text("message") }
}

/// The text on one line: control characters and runs of blanks become one blank, and it is capped.
pub fn clean(text: &str) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.chars().count() > TEXT_LIMIT {
            return line.chars().take(TEXT_LIMIT).chain(['…']).collect();
        }
    }
    line
}

/// The title of an HTML page: what a proxy or a login page calls itself.
pub fn page_title(body: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&body[..body.len().min(16 * 1024)]);
    // ASCII lower case keeps every byte offset.
    let lower = head.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let open = start + lower[start..].find('>')? + 1;
    let end = open + lower[open..].find("</title")?;
    Some(clean(&head[open..end])).filter(|title| !title.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    proptest! {
        #[test]
        fn any_text_and_any_page_gives_one_capped_line(bytes in prop::collection::vec(any::<u8>(), 0..600), text in "(?s).{0,900}") {
            let page = [b"<title>".as_slice(), &bytes, b"</title>"].concat();
            for line in [clean(&text), page_title(&page).unwrap_or_default(), page_title(&bytes).unwrap_or_default()] {
                prop_assert!(line.chars().count() <= TEXT_LIMIT + 1);
                prop_assert!(!line.chars().any(char::is_control));
            }
        }
    }

    #[test]
    fn every_family_gives_its_text() {
        for (body, text) in [
            (json!({"type": "https://x", "title": "An error occurred", "detail": "Not Found"}), "Not Found"),
            (
                json!({"@type": "hydra:Error", "hydra:title": "An error occurred", "hydra:description": "Not Found"}),
                "Not Found",
            ),
            (
                json!({"@id": "/errors/404", "title": "An error occurred", "description": "Not Found", "status": 404}),
                "Not Found",
            ),
            (json!({"error": "Invalid credentials."}), "Invalid credentials."),
            (json!({"code": 401, "message": "Expired JWT Token"}), "Expired JWT Token"),
            (json!({"title": "Only a title", "detail": ""}), "Only a title"),
            (
                json!({"violations": [{"propertyPath": "username", "message": "Blank."}, {"message": "Too long."}]}),
                "username: Blank. Too long.",
            ),
            (json!({"detail": 5}), ""),
            (json!("text"), ""),
        ] {
            assert_eq!(ApiError::read(404, &body).text, text, "{body}");
        }
    }

    #[test]
    fn violations_keep_path_and_message() {
        let body = json!({"detail": "x", "violations": [{"propertyPath": "emailAddresses[1].address", "message": "This value is already used.", "code": "c"}, 5]});
        let error = ApiError::read(422, &body);
        assert_eq!(
            error.violations[0],
            Violation { path: "emailAddresses[1].address".into(), message: "This value is already used.".into() }
        );
        assert_eq!(error.violations.len(), 2);
    }

    #[test]
    fn texts_are_one_line_and_capped() {
        assert_eq!(clean(" a\r\n\tb\u{1b}[31m  c "), "a b [31m c");
        let long = clean(&"ü".repeat(100_000));
        assert_eq!(long.chars().count(), TEXT_LIMIT + 1);
        let many = json!({"violations": vec![json!({"message": "m"}); 1000]});
        assert_eq!(ApiError::read(422, &many).violations.len(), VIOLATION_LIMIT);
    }

    #[test]
    fn a_page_says_its_title() {
        assert_eq!(
            page_title(b"<html><head><TITLE lang=en>502 Bad\n Gateway</Title>").as_deref(),
            Some("502 Bad Gateway")
        );
        assert_eq!(
            page_title("<title>Zugriff verweigert – Straße</title>".as_bytes()).as_deref(),
            Some("Zugriff verweigert – Straße")
        );
        for none in ["", "<title>", "<title>x", "<title></title>", "plain", "<title"] {
            assert_eq!(page_title(none.as_bytes()), None, "{none}");
        }
        assert_eq!(page_title(b"\xff\xfe<title>\xff</title>").as_deref(), Some("\u{fffd}"));
    }
}
