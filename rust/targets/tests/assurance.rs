//! The table of docs/assurance.md that names the tests of the client, against the tests that there are.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    if !folder.exists() {
        return;
    }
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Names of functions that are tests: an attribute that ends in `test` stands above them.
fn tests(root: &Path) -> BTreeSet<String> {
    let mut files = Vec::new();
    for member in ["hal", "targets", "commands"] {
        ["src", "tests"].iter().for_each(|folder| sources(&root.join("rust").join(member).join(folder), &mut files));
    }
    let texts: Vec<String> = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let named = texts.iter().flat_map(|text| {
        text.lines().zip(text.lines().skip(1)).filter_map(|(attribute, line)| {
            let attribute = attribute.trim();
            let marks = attribute.starts_with("#[test]") || attribute.starts_with("#[tokio::test");
            let name = line.trim().trim_start_matches("async ").strip_prefix("fn ")?.split('(').next()?;
            marks.then(|| name.to_owned())
        })
    });
    named.collect()
}

#[test]
fn every_clause_of_the_client_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("docs/assurance.md")).unwrap();
    let table = text.split("## The client of the appliance").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with('|')).skip(2).collect();
    assert_eq!(rows.len(), 24);
    let tests = tests(&root);
    for row in rows {
        let names: Vec<&str> = row.split('|').nth(2).unwrap().split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{row}");
        for name in names {
            assert!(tests.contains(name), "{name} is no test: {row}");
        }
    }
}
