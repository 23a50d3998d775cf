//! A small report of each part, with one text in every field.

use esgsync_report::{
    Change, Delegation, Fact, Finding, Guard, LeftAlone, Mailbox, Number, REPORT_VERSION, Report, Slow, Subject,
    Timings, Tone, Unknown, Verdict,
};

/// Every text of the report is `name`.
pub fn filled(name: &str) -> Report {
    let text = || name.to_owned();
    let mailbox = || Mailbox { name: text(), address: Some(text()) };
    Report {
        version: REPORT_VERSION,
        subject: Subject::Run,
        title: text(),
        verdict: Verdict { tone: Tone::Good, word: text(), text: text() },
        created: text(),
        product: text(),
        facts: vec![Fact { label: text(), value: text() }],
        numbers: vec![Number { label: text(), value: 1_204, tone: Tone::Plain }],
        notes: vec![text()],
        changes: Some(vec![
            Change {
                outcome: text(),
                kind: text(),
                user: text(),
                address: name.into(),
                mailbox: mailbox(),
                right: Some(text()),
                reason: text(),
                trail: [text(), text()].into(),
                problem: Some(text()),
                ended: Some(text()),
            },
            // What is summed by person and mailbox.
            Change {
                outcome: "Applied".into(),
                kind: "AliasAdded".into(),
                user: text(),
                address: name.into(),
                mailbox: Mailbox { name: format!("Mailbox {name}"), address: None },
                ..Change::default()
            },
        ]),
        delegations: Some(vec![Delegation {
            mailbox: mailbox(),
            delegate: text(),
            delegate_address: Some(text()),
            right: text(),
            trail: [text(), text()].into(),
            known: true,
        }]),
        unknown: Some(vec![Unknown { mailbox: mailbox(), code: text(), subject: Some(text()), text: text() }]),
        left_alone: Some(vec![LeftAlone {
            code: text(),
            user: Some(text()),
            address: Some(text()),
            mailbox: Some(mailbox()),
            reason: text(),
        }]),
        findings: Some(vec![Finding {
            severity: text(),
            code: text(),
            mailbox: Some(text()),
            subject: Some(text()),
            text: text(),
            advice: Some(text()),
        }]),
        guards: Some(vec![Guard {
            kind: text(),
            state: text(),
            count: 385,
            existing: 12_000,
            limit: Some(100),
            percent: Some(20),
            expect: Some(text()),
        }]),
        timings: Some(Timings {
            seconds: Some(192.4),
            writes: 3,
            repeated: 1,
            median: Some(0.2),
            slowest: vec![Slow { user: text(), outcome: text(), seconds: 4.2, writes: 2 }],
        }),
    }
}
