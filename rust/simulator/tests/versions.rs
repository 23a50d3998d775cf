//! The appliance against the recorded answers of the other versions and settings of the framework: status, type and every byte of every
//! body. What differs is listed with its reason, and the list holds nothing that does not differ.

#![allow(clippy::unwrap_used)]

mod world;

use std::collections::{BTreeMap, BTreeSet};

use esgsync_simulator::{Esg, Framework, Options, Response, SIMULATOR_HEADER, State, Totals};
use world::{Recording, recordings};

/// Folder, and the appliance that answers like it.
fn folders() -> Vec<(&'static str, Options)> {
    let of = |framework| Options { framework, ..world::recorded_app() };
    let default = world::recorded_app();
    vec![
        ("v2.5.10", of(Framework::V2_5)),
        ("v2.6.8", of(Framework::V2_6)),
        ("v3.0.12", of(Framework::V3_0)),
        ("v3.1.29", of(Framework::V3_1)),
        ("v3.2.26", of(Framework::V3_2)),
        ("v3.4.17", of(Framework::V3_4)),
        ("v3.4.17-recipe", of(Framework::V3_4Recipe)),
        ("v4.0.22", of(Framework::V4_0)),
        ("v4.1.30", of(Framework::V4_1)),
        ("v4.3.15", of(Framework::V4_3)),
        ("v2.7.18-strict", Options { strict_extra_attributes: true, ..default.clone() }),
        (
            "v2.7.18-paging",
            Options { client_items_enabled: false, default_items: 2, totals: Totals::Integer, ..default },
        ),
    ]
}

/// Folders of settings that the appliance does not have.
const NOT_SIMULATED: [(&str, &str); 6] = [
    ("v2.7.18-absolute-url", "absolute links are a setting that the vendor's own client would not survive"),
    ("v2.7.18-dbunique", "usernames that only the database keeps apart; no client of ours writes them"),
    ("v2.7.18-unique", "usernames that a validator keeps apart; no client of ours writes them"),
    ("v2.7.18-throttle", "logins are counted by the minute, and the appliance has no clock"),
    ("v3.4.17-collect", "type errors collected into violations; the module sends no wrong types"),
    ("web-server", "the page of a web server whose application is down: the fault rule `status` sends one"),
];

/// Exchanges that are answered otherwise, and why.
const OTHERWISE: &[(&str, &str, &str)] = &[
    ("v2.5.10", "seq-nulls-2-get-hal", "the blocklist is not simulated; users leave nulls out"),
    ("v2.5.10", "seq-nulls-3-get-json", "the blocklist is not simulated; users leave nulls out"),
    ("v2.6.8", "docs-json", "the older format of the document; clients ask for version 3"),
    ("v2.6.8", "docs-json-spec3", "trimmed; see describes_itself_as_the_recording"),
    ("v2.6.8", "entrypoint-hal", "names the blocklist and classes of the framework; no client reads it"),
    ("v2.6.8", "entrypoint-json", "names the blocklist and classes of the framework; no client reads it"),
    ("v3.0.12", "patch-body-array-nonempty", "a fault of 3.0 with a body that the module does not send"),
    ("v3.0.12", "seq-nulls-2-get-hal", "the blocklist is not simulated; users leave nulls out"),
    ("v3.0.12", "seq-nulls-3-get-json", "the blocklist is not simulated; users leave nulls out"),
    ("v3.1.29", "patch-body-null", "the words for a value of the wrong type; the status is the same"),
    ("v3.1.29", "patch-role-null", "the words for a value of the wrong type; the status is the same"),
    ("v3.1.29", "patch-role-null-json", "the words for a value of the wrong type; the status is the same"),
    ("v3.1.29", "patch-role-number", "the words for a value of the wrong type; the status is the same"),
    ("v3.2.26", "entrypoint-json", "names the blocklist and classes of the framework; no client reads it"),
    ("v3.4.17", "docs-accept-hal", "an index of the recorder's classes; clients read the document"),
    ("v3.4.17", "entrypoint-hal", "names the blocklist and classes of the framework; no client reads it"),
    ("v3.4.17", "entrypoint-json", "names the blocklist and classes of the framework; no client reads it"),
    ("v3.4.17", "list-accept-empty", "a fault of the framework; the module always sends a type"),
    ("v3.4.17", "patch-body-null", "the words for a value of the wrong type; the status is the same"),
    ("v3.4.17", "patch-list-null", "the words for a value of the wrong type; the status is the same"),
    ("v3.4.17", "patch-list-string", "the words for a value of the wrong type; the status is the same"),
    ("v3.4.17", "patch-role-null", "the words for a value of the wrong type; the status is the same"),
    ("v3.4.17", "patch-role-number", "the words for a value of the wrong type; the status is the same"),
    ("v3.4.17", "post-blocklist-output-none", "the blocklist is not simulated"),
    ("v3.4.17", "seq-delete-2-again", "its first step was stored for 2.7.18 only, which is asked"),
    ("v3.4.17", "seq-nulls-2-get-hal", "the blocklist is not simulated; users leave nulls out"),
    ("v3.4.17", "seq-nulls-3-get-json", "the blocklist is not simulated; users leave nulls out"),
    (
        "v3.4.17-recipe",
        "list-accept-hal-problem",
        "the clean problem document of newer versions; the module reads both",
    ),
    ("v4.1.30", "patch-list-null", "the words for a value of the wrong type; the status is the same"),
    ("v4.1.30", "patch-list-string", "the words for a value of the wrong type; the status is the same"),
    ("v4.3.15", "docs-accept-hal", "an index of the recorder's classes; clients read the document"),
    ("v4.3.15", "docs-jsonopenapi", "the older format of the document; clients ask for version 3"),
    ("v4.3.15", "entrypoint-hal", "names the blocklist and classes of the framework; no client reads it"),
    ("v4.3.15", "entrypoint-json", "names the blocklist and classes of the framework; no client reads it"),
    ("v4.3.15", "list-accept-empty", "a fault of the framework; the module always sends a type"),
    ("v4.3.15", "list-accept-hal-problem", "the clean problem document of newer versions; the module reads both"),
    ("v4.3.15", "list-accept-problem", "no client asks for problem documents alone"),
    ("v4.3.15", "list-filter-nested-array", "nested indexes in links; no client follows links"),
    ("v4.3.15", "list-suffix-json-accept-hal", "no client uses suffixes"),
    ("v4.3.15", "patch-body-null", "the words for a value of the wrong type; the status is the same"),
    ("v4.3.15", "patch-list-null", "the words for a value of the wrong type; the status is the same"),
    ("v4.3.15", "patch-list-string", "the words for a value of the wrong type; the status is the same"),
    ("v4.3.15", "patch-role-iri-other-resource", "the words for a value of the wrong type; the status is the same"),
    ("v4.3.15", "patch-role-null", "the words for a value of the wrong type; the status is the same"),
    ("v4.3.15", "patch-role-number", "the words for a value of the wrong type; the status is the same"),
    ("v4.3.15", "post-blocklist-output-none", "the blocklist is not simulated"),
    ("v4.3.15", "seq-delete-2-again", "its first step was stored for 2.7.18 only, which is asked"),
    ("v4.3.15", "seq-nulls-2-get-hal", "the blocklist is not simulated; users leave nulls out"),
    ("v4.3.15", "seq-nulls-3-get-json", "the blocklist is not simulated; users leave nulls out"),
    ("v2.7.18-strict", "patch-element-extra-key", "several unknown members at once; the module sends none"),
    ("v2.7.18-strict", "patch-unknown-key", "several unknown members at once; the module sends none"),
    ("v2.7.18-paging", "list-pagination-false-small", "a caller that switches paging off; the module pages"),
    ("v2.7.18-paging", "list-pagination-false-small-json", "a caller that switches paging off; the module pages"),
];

/// Headers of the web server in front, and of the recorder's transport.
const NOT_OURS: [&str; 5] = ["Server", "Date", "Connection", "Transfer-Encoding", "Content-Length"];

/// The headers that the application sends. From 4.0 an entity tag is another hash of the same length: its form counts.
fn headers(response: &Response) -> BTreeSet<(String, String)> {
    let ours =
        response.headers.iter().filter(|(name, _)| name != SIMULATOR_HEADER && !NOT_OURS.contains(&name.as_str()));
    ours.map(|(name, value)| {
        let hidden = name == "ETag" && value.len() == 18;
        (name.clone(), if hidden { "16 hex digits".to_owned() } else { value.clone() })
    })
    .collect()
}

fn difference(expected: &Response, actual: &Response) -> Option<String> {
    if expected.status != actual.status {
        return Some(format!("status {} instead of {}", actual.status, expected.status));
    }
    let (recorded, answered) = (headers(expected), headers(actual));
    if recorded != answered {
        let lacks: Vec<_> = recorded.difference(&answered).collect();
        let adds: Vec<_> = answered.difference(&recorded).collect();
        return Some(format!("lacks {lacks:?}, adds {adds:?}"));
    }
    let html = expected.header("Content-Type").is_some_and(|kind| kind.starts_with("text/html"));
    let same = if html { actual.body.starts_with(b"<!DOCTYPE html>") } else { expected.body == actual.body };
    let text = |body: &[u8]| String::from_utf8_lossy(body).chars().take(400).collect::<String>();
    (!same).then(|| format!("body {} instead of {}", text(&actual.body), text(&expected.body)))
}

fn stem(slug: &str) -> String {
    let mut parts = slug.splitn(3, '-');
    match (parts.next(), parts.next()) {
        (Some("seq"), Some(name)) => name.to_owned(),
        _ => slug.to_owned(),
    }
}

fn replay(folder: &str, options: &Options) -> BTreeMap<String, String> {
    let state = world::state();
    let mut found = BTreeMap::new();
    let mut current: Option<(String, Esg)> = None;
    for Recording { slug, request, response } in recordings(folder) {
        // Nobody of ours asks for JSON-LD, and its value objects have throw-away ids.
        if request.header("Accept").is_some_and(|accept| accept.contains("ld+json")) {
            continue;
        }
        let stem = stem(&slug);
        let mut esg = match current.take() {
            Some((known, esg)) if known == stem => esg,
            // Recorded with a caller that may ask for partial pages; here it is a switch.
            _ if slug.starts_with("list-partial") => {
                let options = Options { totals: Totals::Absent, ..options.clone() };
                Esg::new(State { options, ..state.clone() })
            }
            _ => Esg::new(State { options: options.clone(), ..state.clone() }),
        };
        found.extend(difference(&response, &esg.handle(&request)).map(|difference| (slug, difference)));
        current = Some((stem, esg));
    }
    found
}

#[test]
fn every_version_answers_as_its_recordings() {
    let mut wrong = Vec::new();
    for (folder, options) in folders() {
        let found = replay(folder, &options);
        let listed: BTreeSet<&str> =
            OTHERWISE.iter().filter(|(of, ..)| *of == folder).map(|(_, slug, _)| *slug).collect();
        wrong.extend(
            found
                .iter()
                .filter(|(slug, _)| !listed.contains(slug.as_str()))
                .map(|(slug, difference)| format!("{folder}/{slug}: {difference}")),
        );
        let same = listed.iter().filter(|slug| !found.contains_key(**slug));
        wrong.extend(same.map(|slug| format!("{folder}/{slug} is answered as recorded: strike it from the table")));
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

/// Nothing that was recorded is left out without a word.
#[test]
fn every_folder_is_asked_or_listed() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/recordings");
    let mut known: BTreeSet<String> = folders().into_iter().map(|(folder, _)| folder.to_owned()).collect();
    known.extend(NOT_SIMULATED.map(|(folder, _)| folder.to_owned()));
    known.extend(["v2.7.18", "v2.7.18-embedded-role", "v2.7.18-no-validation"].map(str::to_owned));
    let mut count = 0;
    for entry in std::fs::read_dir(root).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
        assert!(known.remove(entry.file_name().to_str().unwrap()), "{:?}", entry.file_name());
        count += std::fs::read_dir(entry.path()).unwrap().count();
    }
    assert!(known.is_empty(), "{known:?}");
    assert_eq!(count, 774);
}
