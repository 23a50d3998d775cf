//! JSON text as the appliance writes it (FW; esg 5.9 and findings 1.1).
//!
//! Both kinds escape every slash. HAL and JSON-LD keep non-ASCII letters and escape `& < > ' "` as code points;
//! plain JSON does the reverse.

use std::fmt::Write;

use serde_json::Value;

/// Which letters are written as escapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escaping {
    /// HAL, JSON-LD and problem documents.
    Html,
    /// Plain JSON, and JSON that the application writes outside the API layer.
    Ascii,
}

/// The text of `value` without blanks.
pub(crate) fn write(value: &Value, escaping: Escaping) -> String {
    let mut out = String::new();
    push(&mut out, value, escaping);
    out
}

fn push(out: &mut String, value: &Value, escaping: Escaping) {
    match value {
        Value::String(text) => push_text(out, text, escaping),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push(out, item, escaping);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_text(out, name, escaping);
                out.push(':');
                push(out, member, escaping);
            }
            out.push('}');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
    }
}

fn push_text(out: &mut String, text: &str, escaping: Escaping) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '/' => out.push_str("\\/"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '"' if escaping == Escaping::Ascii => out.push_str("\\\""),
            '&' | '<' | '>' | '\'' | '"' if escaping == Escaping::Html => push_code(out, letter),
            // These two line separators are escaped even where other non-ASCII letters stay.
            '\u{0}'..='\u{1f}' | '\u{2028}' | '\u{2029}' => push_code(out, letter),
            _ if letter.is_ascii() || escaping == Escaping::Html => out.push(letter),
            _ => push_code(out, letter),
        }
    }
    out.push('"');
}

fn push_code(out: &mut String, letter: char) {
    // Only these two are written with capital hexadecimal letters.
    let capital = matches!(letter, '<' | '>');
    for unit in letter.encode_utf16(&mut [0; 2]) {
        // Writing to a String cannot fail.
        let _ = if capital { write!(out, "\\u{unit:04X}") } else { write!(out, "\\u{unit:04x}") };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_escaping_keeps_letters_and_hides_markup() {
        let text = write(&"Jürgen & <b> \"q\" 'x' a/b\\".into(), Escaping::Html);
        assert_eq!(text, r#""Jürgen \u0026 \u003Cb\u003E \u0022q\u0022 \u0027x\u0027 a\/b\\""#);
    }

    #[test]
    fn control_letters_and_line_separators_are_escaped_in_both() {
        for escaping in [Escaping::Html, Escaping::Ascii] {
            assert_eq!(write(&"\u{1f}\u{8}\n\u{2028}".into(), escaping), r#""\u001f\b\n\u2028""#);
        }
    }

    #[test]
    fn ascii_escaping_is_the_reverse() {
        let text = write(&"Jürgen & <b> \"q\" 😀 a/b".into(), Escaping::Ascii);
        assert_eq!(text, r#""J\u00fcrgen & <b> \"q\" \ud83d\ude00 a\/b""#);
    }
}
