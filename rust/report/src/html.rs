//! One page that needs nothing else: style and script inside, no request to anywhere, all summaries and the first rows readable without
//! the script (a preview of a mail program runs none).
//!
//! Nothing in the page can execute but the script of this crate, whose hash its content security policy names.

use crate::model::{Fact, Number, Report};
use crate::pool::Pool;
use crate::tables::{self, Cell, Kind, Table, tone_name};
use crate::words;
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Rows of a table that are there without the script.
pub const FIRST_ROWS: usize = 50;

const STYLE: &str = include_str!("../assets/report.css");
/// One script of several files: each is one part, and sees what those before it have.
const SCRIPT: &str = concat!(
    "\n",
    include_str!("../assets/texts.js"),
    include_str!("../assets/table.js"),
    include_str!("../assets/picture.js"),
    include_str!("../assets/drawing.js"),
    include_str!("../assets/start.js"),
);

/// The page.
pub fn render(report: &Report) -> String {
    let tables = tables::tables(report);
    let policy = format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(STYLE)
    );
    let page = Page {
        policy,
        style: STYLE,
        script: SCRIPT,
        report,
        subject: format!("{:?}", report.subject),
        tone: tone_name(report.verdict.tone),
        has_picture: tables.iter().any(|table| matches!(table.id, "changes" | "delegations") && !table.rows.is_empty()),
        data: data(&tables),
        sections: tables.iter().map(section).collect(),
        timings: timings(report),
    };
    // A template of strings writes into a string: nothing in it can fail.
    page.render().unwrap_or_default()
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    policy: String,
    style: &'static str,
    script: &'static str,
    report: &'a Report,
    subject: String,
    tone: &'static str,
    has_picture: bool,
    data: String,
    sections: Vec<Section<'a>>,
    timings: Vec<Fact>,
}

/// A table as far as it is in the page itself.
struct Section<'a> {
    id: &'static str,
    title: &'static str,
    lead: &'static str,
    empty: &'static str,
    count: String,
    /// Rows that only the script shows.
    has_more: bool,
    heads: Vec<(&'static str, &'static str)>,
    rows: Vec<Vec<Shown<'a>>>,
    tags: Vec<Tag>,
}

/// A cell as the page shows it.
struct Shown<'a> {
    class: &'static str,
    text: std::borrow::Cow<'a, str>,
    tone: &'static str,
}

/// How many rows have a value.
struct Tag {
    name: String,
    label: String,
    count: String,
    tone: &'static str,
}

fn section<'a>(table: &'a Table<'a>) -> Section<'a> {
    let first = table.rows.iter().take(FIRST_ROWS);
    let shown = |row: &'a Vec<Cell<'a>>| row.iter().zip(&table.columns).map(|(cell, column)| show(cell, column.kind));
    let tag = |(name, count): (&str, u64)| Tag {
        name: name.to_owned(),
        label: words::spaced(name),
        count: words::grouped(count),
        tone: tone_name(words::tone(name)),
    };
    Section {
        id: table.id,
        title: table.title,
        lead: table.lead,
        empty: table.empty,
        count: words::grouped(table.rows.len() as u64),
        has_more: table.rows.len() > FIRST_ROWS,
        heads: table.columns.iter().map(|column| (column.title, column.kind.name())).collect(),
        rows: first.map(|row| shown(row).collect()).collect(),
        tags: table.tags().into_iter().map(tag).collect(),
    }
}

fn show<'a>(cell: &'a Cell<'a>, kind: Kind) -> Shown<'a> {
    let (text, tone) = match cell {
        Cell::Text(text) if kind == Kind::Tag => (words::spaced(text).into(), tone_name(words::tone(text))),
        Cell::Text(text) => (text.as_ref().into(), ""),
        Cell::Trail(steps) => (way(steps).into(), ""),
        Cell::Number(number) => (number.map(words::grouped).unwrap_or_default().into(), ""),
    };
    Shown { class: kind.name(), text, tone }
}

/// The groups of a trail; the person at its end stands in another column.
fn way(steps: &[String]) -> String {
    match steps.split_last() {
        None => String::new(),
        Some((_, [])) => "directly".to_owned(),
        Some((_, groups)) => groups.join(" › "),
    }
}

fn timings(report: &Report) -> Vec<Fact> {
    let Some(timings) = &report.timings else { return Vec::new() };
    let fact = |label: &str, value: String| Fact { label: label.to_owned(), value };
    let seconds = |seconds: Option<f64>| seconds.map_or_else(|| "not known".to_owned(), words::duration);
    vec![
        fact("Took", seconds(timings.seconds)),
        fact("Writes sent", words::grouped(timings.writes)),
        fact("Users sent more than once", words::grouped(timings.repeated)),
        fact("Median for a user", seconds(timings.median)),
    ]
}

/// What the script reads: texts once, rows as numbers of texts, column by column.
#[derive(Serialize)]
struct Data<'a> {
    texts: Pool<'a>,
    trails: Vec<Vec<usize>>,
    /// Tags in words, with their tones.
    tags: BTreeMap<&'a str, (String, &'static str)>,
    tables: Vec<Columns>,
}

#[derive(Serialize)]
struct Columns {
    id: &'static str,
    kinds: Vec<&'static str>,
    /// A text or trail by its number, or the number itself; -1 where there is none.
    cells: Vec<Vec<i64>>,
}

fn data<'a>(tables: &'a [Table<'a>]) -> String {
    let mut data = Data { texts: Pool::default(), trails: Vec::new(), tags: BTreeMap::new(), tables: Vec::new() };
    let mut trails: foldhash::HashMap<&[String], usize> = foldhash::HashMap::default();
    for table in tables {
        let mut cells = vec![Vec::with_capacity(table.rows.len()); table.columns.len()];
        for row in &table.rows {
            for (cell, column) in row.iter().zip(&mut cells) {
                let number = match cell {
                    Cell::Text(text) => Some(data.texts.number(text.as_ref().into()) as u64),
                    Cell::Trail(steps) => Some(*trails.entry(steps).or_insert_with(|| {
                        data.trails.push(steps.iter().map(|step| data.texts.number(step.into())).collect());
                        data.trails.len() - 1
                    }) as u64),
                    Cell::Number(number) => *number,
                };
                column.push(number.and_then(|number| i64::try_from(number).ok()).unwrap_or(-1));
            }
        }
        for name in table.tags().into_keys() {
            data.tags.insert(name, (words::spaced(name), tone_name(words::tone(name))));
        }
        let kinds = table.columns.iter().map(|column| column.kind.name()).collect();
        data.tables.push(Columns { id: table.id, kinds, cells });
    }
    inert(&serde_json::to_string(&data).unwrap_or_default())
}

/// JSON that can stand inside of a script element: no text in it can end the element, or begin a comment.
fn inert(json: &str) -> String {
    let mut text = String::with_capacity(json.len() + 64);
    for letter in json.chars() {
        match letter {
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            _ => text.push(letter),
        }
    }
    text
}

/// As a content security policy names it. Line ends count as the browser sees them.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.replace("\r\n", "\n"))))
}

/// A number as the page shows it, for the template.
fn shown(number: &Number) -> (String, &'static str) {
    (words::grouped(number.value), tone_name(number.tone))
}
