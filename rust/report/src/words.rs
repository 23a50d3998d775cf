//! Stable names in words, and numbers as people read them.

use crate::model::{Mailbox, Tone};

/// `AliasAdded` as `Alias added`. What is not PascalCase stays as it is.
pub(crate) fn spaced(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    for (at, letter) in name.char_indices() {
        if at > 0 && letter.is_ascii_uppercase() {
            words.push(' ');
            words.push(letter.to_ascii_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}

/// How good an outcome, a severity or the state of a guard is.
pub(crate) fn tone(name: &str) -> Tone {
    match name {
        "Applied" | "Adopted" | "Released" | "Unchanged" | "DoneBefore" => Tone::Good,
        "Failed" | "Conflict" | "Unsettled" | "Blocked" => Tone::Bad,
        "Withheld" | "NotStarted" | "Warning" | "Permitted" | "Unknown" => Tone::Caution,
        _ => Tone::Plain,
    }
}

/// `50000` as `50,000`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `Sales <sales@corp.example>`, or what there is of it: tells two mailboxes of one name apart.
pub(crate) fn mailbox(mailbox: &Mailbox) -> String {
    named(&mailbox.name, mailbox.address.as_deref())
}

/// A name with its address.
pub(crate) fn named(name: &str, address: Option<&str>) -> String {
    match address {
        Some(address) if name.is_empty() || name == address => address.to_owned(),
        Some(address) => format!("{name} <{address}>"),
        None => name.to_owned(),
    }
}

/// `0.4 s`, `3 min 12 s`, `2 h 5 min`.
pub(crate) fn duration(seconds: f64) -> String {
    // Past a minute tenths say nothing; negative and not-a-number become 0.
    let whole = seconds as u64;
    match whole {
        0..60 => format!("{:.1} s", seconds.max(0.0)),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_read_well() {
        assert_eq!(spaced("FunctionalUserRemoved"), "Functional user removed");
        assert_eq!(
            [0, 999, 1000, 50_000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "50,000", "1,234,567"].map(str::to_owned)
        );
        assert_eq!([0.44, 59.9, 192.0, 7500.0].map(duration), ["0.4 s", "59.9 s", "3 min 12 s", "2 h 5 min"]);
        assert_eq!(named("Sales", Some("sales@corp.example")), "Sales <sales@corp.example>");
        assert_eq!(named("sales@corp.example", Some("sales@corp.example")), "sales@corp.example");
    }
}
