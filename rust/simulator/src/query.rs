//! Query parameters as the application sees them, and as it writes them back into links
//! (FW; esg 5.8, findings 1.2 and 3).

use std::fmt::Write;

/// The parameters of one request, decoded, in the order sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    parameters: Vec<(String, String)>,
}

impl Query {
    /// Reads the text after the question mark. Of two parameters with the same name the last value counts,
    /// except for `name[]`, which is a list.
    pub(crate) fn parse(text: &str) -> Self {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for part in text.split('&') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (name, value) = (decode_form(name), decode_form(value));
            if name.is_empty() {
                continue;
            }
            match parameters.iter_mut().find(|(known, _)| *known == name) {
                Some(known) if !name.ends_with("[]") => known.1 = value,
                _ => parameters.push((name, value)),
            }
        }
        Self { parameters }
    }

    /// The value of the plain parameter `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values of `name`, `name[]` and `name[...]`.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.parameters.iter().filter(move |(known, _)| top(known) == name).map(|(_, value)| value.as_str())
    }

    /// The number in parameter `name` as the application casts it: leading digits count, other text is 0, a list is 1.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(value) => Some(cast(value)),
            None => self.all(name).next().map(|_| 1),
        }
    }

    /// The query of a link to page `page` of this request: sorted by name, `page` last, indexes of lists left out.
    /// Empty when nothing is left.
    pub(crate) fn link(&self, page: Option<i64>) -> String {
        let mut sorted: Vec<_> = self.parameters.iter().filter(|(name, _)| top(name) != "page").collect();
        sorted.sort_by(|(a, _), (b, _)| top(a).cmp(top(b)));
        let mut out = String::new();
        for (name, value) in sorted {
            let separator = if out.is_empty() { '?' } else { '&' };
            let name = encode(&without_indexes(name));
            // Writing to a String cannot fail.
            let _ = write!(out, "{separator}{name}={}", encode(value));
        }
        if let Some(page) = page {
            let separator = if out.is_empty() { '?' } else { '&' };
            let _ = write!(out, "{separator}page={page}");
        }
        out
    }
}

/// Casts text to an integer as PHP does: blanks, a sign, digits; the rest is ignored, and large numbers saturate.
pub(crate) fn cast(text: &str) -> i64 {
    let text = text.trim_start();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let value = digits
        .bytes()
        .take_while(u8::is_ascii_digit)
        .fold(0_i64, |sum, digit| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    if negative { -value } else { value }
}

/// Decodes `%XX`; bytes that are no UTF-8 become the replacement letter.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let code = (bytes[index] == b'%')
            .then(|| text.get(index + 1..index + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) => {
                out.push(code);
                index += 3;
            }
            None => {
                out.push(bytes[index]);
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn decode_form(text: &str) -> String {
    decode(&text.replace('+', " "))
}

/// Percent-encodes all but the unreserved letters of RFC 3986.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for &byte in text.as_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// The name before the first bracket.
fn top(name: &str) -> &str {
    name.split_once('[').map_or(name, |(top, _)| top)
}

/// `a[0][b]` becomes `a[][b]`: links lose numeric indexes.
fn without_indexes(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (index, part) in name.split('[').enumerate() {
        if index > 0 {
            out.push('[');
        }
        match part.strip_suffix(']') {
            Some(inner) if index > 0 && inner.bytes().all(|byte| byte.is_ascii_digit()) => {
                out.push(']');
            }
            _ => out.push_str(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_sorted_and_keep_the_page_last() {
        let query = Query::parse("page=3&role[0]=1&role[1]=499&itemsPerPage=2&x+y=%C3%BC%26%2B");
        assert_eq!(query.link(Some(4)), "?itemsPerPage=2&role%5B%5D=1&role%5B%5D=499&x%20y=%C3%BC%26%2B&page=4");
        assert_eq!(Query::parse("page=5").link(None), "");
    }

    #[test]
    fn numbers_are_cast_not_checked() {
        let query = Query::parse("a=2abc&b=&c=1.5&d[]=7&e=-1&f=99999999999999999999");
        let numbers = ["a", "b", "c", "d", "e", "f", "g"].map(|name| query.number(name));
        assert_eq!(numbers, [Some(2), Some(0), Some(1), Some(1), Some(-1), Some(i64::MAX), None]);
    }

    #[test]
    fn the_last_of_two_equal_names_counts() {
        let query = Query::parse("a=1&a=2&b[]=1&b[]=2&=x&");
        assert_eq!(query.get("a"), Some("2"));
        assert_eq!(query.all("b").collect::<Vec<_>>(), ["1", "2"]);
    }

    #[test]
    fn broken_percent_signs_stay() {
        assert_eq!(decode("4%20%zz%"), "4 %zz%");
    }
}
