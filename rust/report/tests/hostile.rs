//! Whatever stands in a report, it stays text: on the page, in its data, and in a spreadsheet.

#![allow(clippy::unwrap_used)]

mod sample;

use esgsync_report::{csv, html, json};
use proptest::prelude::*;
use serde_json::Value;

const NAMES: [&str; 9] = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>",
    "\" onload=\"alert(1)",
    "' autofocus onfocus='alert(1)",
    "&lt;script&gt; &amp;#60;",
    "\u{2028}\u{2029}\\u003c/script>",
    "{{ 7 * 7 }}{% raw %}",
];

/// What markup is made of, counted. A text that stays text changes none of it.
fn markup(page: &str) -> [usize; 4] {
    let (head, rest) = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    let (data, tail) = rest.split_once("</script>").unwrap();
    let outside = format!("{head}{tail}");
    [
        page.matches('<').count(),
        page.matches('>').count(),
        outside.matches('"').count(),
        // Only the text of the report could have brought one: JSON itself has none.
        data.matches(['<', '>', '&', '\u{2028}', '\u{2029}']).count(),
    ]
}

/// The texts that the script of the page will read.
fn texts(page: &str) -> Vec<String> {
    let (_, rest) = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    let data: Value = serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap();
    data["texts"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Reads CSV as a spreadsheet does.
fn cells(sheet: &str) -> Vec<Vec<String>> {
    let (mut lines, mut line, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut letters = sheet.trim_start_matches('\u{feff}').chars().peekable();
    let mut quoted = false;
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => line.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                line.push(std::mem::take(&mut cell));
                lines.push(std::mem::take(&mut line));
            }
            '\r' if !quoted => {}
            _ => cell.push(letter),
        }
    }
    assert!(!quoted && cell.is_empty() && line.is_empty(), "the last line is whole");
    lines
}

fn stays_text(name: &str) {
    let harmless = html::render(&sample::filled("name"));
    let page = html::render(&sample::filled(name));
    assert_eq!(markup(&page), markup(&harmless), "{name:?}");
    assert_eq!(markup(&page)[3], 0, "{name:?}");
    assert!(texts(&page).iter().any(|text| text == name), "{name:?}");

    let report = sample::filled(name);
    let lines = cells(&csv::render(&report, ','));
    let seen = name.replace('\0', "\u{fffd}");
    assert_eq!(lines.len(), cells(&csv::render(&sample::filled("name"), ',')).len(), "{name:?}");
    for line in &lines {
        assert_eq!(line.len(), csv::COLUMNS.len(), "{name:?}");
        for cell in line {
            assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']), "{name:?}: {cell:?}");
            assert!(!cell.starts_with(['\t', '\r', '\n']), "{name:?}: {cell:?}");
        }
    }
    assert!(lines.iter().flatten().any(|cell| *cell == seen || *cell == format!("'{seen}")), "{name:?}");

    let read: Value = serde_json::from_str(&json(&report)).unwrap();
    assert_eq!(read["changes"][0]["user"], name);
}

#[test]
fn names_that_want_to_be_code_stay_names() {
    NAMES.into_iter().chain(["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "a\u{0}b"]).for_each(stays_text);
}

proptest! {
    #[test]
    fn no_string_in_any_field_breaks_out(name in any::<String>()) {
        stays_text(&name);
    }

    /// Of what does harm, in any order and any mixture.
    #[test]
    fn no_mixture_of_dangerous_pieces_breaks_out(pieces in prop::collection::vec(prop::sample::select(
        vec!["<", ">", "\"", "'", "&", "</script", "<!--", "-->", "script", "=", "+", "-", "@", "\t", "\r\n", ",", ";", "\\", "\u{2028}", "\0", " ", "x"],
    ), 0..12)) {
        stays_text(&pieces.concat());
    }
}

#[test]
fn the_page_asks_for_nothing_and_lets_nothing_run_but_its_own_script() {
    let page = html::render(&sample::filled("name"));
    for asks in [
        "http:",
        "https:",
        "//cdn",
        "url(",
        "@import",
        "src=",
        "<link",
        "<iframe",
        "<img",
        "fetch(",
        "XMLHttpRequest",
        "eval(",
        "innerHTML",
    ] {
        // The name space of drawings is a name, and nothing is asked for by it.
        let own = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!own.contains(asks), "{asks}");
    }
    let policy = page.split_once("Content-Security-Policy\" content=\"").unwrap().1.split_once('"').unwrap().0;
    assert!(policy.starts_with("default-src &#39;none&#39;; script-src &#39;sha256-"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    // Nothing by attribute: the policy would refuse it.
    assert!(!page.contains(" style=\"") && !page.contains(" onclick="), "a style or a handler in an attribute");
}
