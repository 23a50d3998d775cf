//! What a small report looks like, as text.

#![allow(clippy::unwrap_used)]

mod sample;

use esgsync_report::{Change, Mailbox, csv, html};

fn small() -> esgsync_report::Report {
    let change = |user: &str, kind: &str, outcome: &str, mailbox: &str, groups: &[&str]| Change {
        outcome: outcome.into(),
        kind: kind.into(),
        user: user.into(),
        address: format!("{}@corp.example", mailbox.to_lowercase()).into(),
        mailbox: Mailbox { name: mailbox.into(), address: None },
        reason: format!("{user} has FullAccess on {mailbox}"),
        trail: groups.iter().copied().chain([user]).map(str::to_owned).collect(),
        problem: (outcome == "Failed").then(|| "the appliance refused it".into()),
        ..Change::default()
    };
    esgsync_report::Report {
        changes: Some(vec![
            change("jane", "AliasAdded", "Applied", "Sales", &["Division North", "Team 1"]),
            change("joe", "AliasAdded", "Failed", "Sales", &[]),
        ]),
        left_alone: Some(Vec::new()),
        delegations: None,
        unknown: None,
        findings: None,
        ..sample::filled("text")
    }
}

/// The page without style, script and data: what is there for whoever runs no script.
#[test]
fn a_page_is_readable_without_its_script() {
    let page = html::render(&small());
    let body = page.split_once("<header>").unwrap().1.split_once("<script").unwrap().0;
    insta::assert_snapshot!(body);
}

#[test]
fn a_sheet_has_one_line_for_each_thing() {
    insta::assert_snapshot!(csv::render(&small(), ';').replace("\r\n", "\n"));
}

/// Not known is another thing than empty.
#[test]
fn what_is_not_known_has_no_section_and_what_is_empty_says_so() {
    let page = html::render(&small());
    assert!(page.contains("Nothing was left alone."));
    assert!(!page.contains("id=\"findings\""));
}

#[test]
fn only_the_first_rows_are_in_the_page_and_all_are_in_its_data() {
    let mut report = small();
    let one = report.changes.as_ref().unwrap()[0].clone();
    report.changes = Some((0..120).map(|number| Change { user: format!("user{number}"), ..one.clone() }).collect());
    let page = html::render(&report);
    let (shown, data) = page.split_once("<script type=").unwrap();
    assert!(shown.contains("user49<") && !shown.contains("user50<"));
    assert!(data.contains("\"user119\""));
    assert!(shown.contains("The first 50 of 120."));
}
