//! Writes the reports that the browser looks at into a folder: a small run, one of 50,000 rows with hostile names, and a snapshot.

#![allow(clippy::unwrap_used)]

mod names;

use esgsync_report::{
    Change, Delegation, Fact, Finding, Guard, LeftAlone, Mailbox, Number, Report, Slow, Subject, Timings, Tone,
    Unknown, Verdict, csv, html, json,
};
use names::{GROUPS, HOSTILE, MAILBOXES, PEOPLE};
use std::fs;
use std::path::Path;
use std::sync::Arc;

fn main() {
    let folder = std::env::args().nth(1).unwrap();
    let folder = Path::new(&folder);
    fs::create_dir_all(folder).unwrap();
    let large = run(50_000, 12_000, 4_000, true);
    fs::write(folder.join("large.html"), html::render(&large)).unwrap();
    fs::write(folder.join("large.csv"), csv::render(&large, ',')).unwrap();
    let small = run(46, 15, 6, false);
    fs::write(folder.join("small.html"), html::render(&small)).unwrap();
    fs::write(folder.join("small.json"), json(&small)).unwrap();
    fs::write(folder.join("snapshot.html"), html::render(&snapshot())).unwrap();
    fs::write(folder.join("hostile.json"), serde_json::to_string(&HOSTILE).unwrap()).unwrap();
}

fn mailbox(number: usize) -> Mailbox {
    let name = MAILBOXES[number % MAILBOXES.len()];
    let round = number / MAILBOXES.len();
    let suffix = if round == 0 { String::new() } else { format!(" {round}") };
    let address = format!("{}{}@corp.example", name.to_lowercase().replace(' ', "."), suffix.trim());
    Mailbox { name: format!("{name}{suffix}"), address: Some(address) }
}

fn person(number: usize, hostile: bool) -> String {
    match HOSTILE.get(number) {
        Some(name) if hostile => (*name).to_owned(),
        _ => {
            let round = number / PEOPLE.len();
            let suffix = if round == 0 { String::new() } else { round.to_string() };
            format!("{}{suffix}@corp.example", PEOPLE[number % PEOPLE.len()].to_lowercase().replace(' ', "."))
        }
    }
}

fn trail(number: usize, person: &str) -> Arc<[String]> {
    let depth = number % 3;
    let group = |level: usize| GROUPS[(number / 7 + 5 * level) % GROUPS.len()].to_owned();
    (0..depth).map(group).chain([person.to_owned()]).collect()
}

fn change(number: usize, people: usize, mailboxes: usize, hostile: bool) -> Change {
    let person = person(number * 11 % people, hostile);
    let mailbox = mailbox(number * 13 / 3 % mailboxes);
    let (kind, outcome, problem) = match number % 23 {
        4 | 15 => ("AliasRemoved", "Applied", None),
        9 => ("DuplicateCollapsed", "Applied", None),
        11 => ("AliasAdded", "Conflict", Some("somebody else has changed the same address since the plan was made")),
        19 => ("AliasRemoved", "Withheld", Some("a guard blocks this kind of change")),
        _ => ("AliasAdded", "Applied", None),
    };
    let gains = kind == "AliasAdded";
    let reason = match kind {
        "AliasAdded" => format!("{person} has FullAccess on {}", mailbox.name),
        "AliasRemoved" => format!("{person} has no permission on {} any more", mailbox.name),
        _ => "the same address stood there twice".to_owned(),
    };
    Change {
        outcome: outcome.into(),
        kind: kind.into(),
        address: mailbox.address.clone().unwrap_or_default().into(),
        right: gains.then(|| "FullAccess".into()),
        reason,
        trail: if gains { trail(number, &person) } else { Arc::default() },
        problem: problem.map(str::to_owned),
        ended: Some("2026-11-24T02:14:09Z".into()),
        user: person,
        mailbox,
    }
}

fn run(rows: usize, people: usize, mailboxes: usize, hostile: bool) -> Report {
    let changes: Vec<Change> = (0..rows).map(|number| change(number, people, mailboxes, hostile)).collect();
    let count = |kind: &str| changes.iter().filter(|one| one.kind == kind && one.outcome == "Applied").count() as u64;
    let open = changes.iter().filter(|one| one.outcome != "Applied").count() as u64;
    let number = |label: &str, value, tone| Number { label: label.into(), value, tone };
    let numbers = vec![
        number("aliases added", count("AliasAdded"), Tone::Plain),
        number("aliases removed", count("AliasRemoved"), Tone::Plain),
        number("duplicates collapsed", count("DuplicateCollapsed"), Tone::Plain),
        number("not done", open, Tone::Caution),
    ];
    Report {
        numbers,
        guards: Some(guards(&changes)),
        left_alone: Some((0..rows / 12).map(|at| left_alone(at, mailboxes)).collect()),
        findings: Some(findings(hostile)),
        timings: Some(Timings {
            seconds: Some(252.4),
            writes: rows as u64,
            repeated: 3,
            median: Some(0.21),
            slowest: (0..5).map(|at| slow(at, people, hostile)).collect(),
        }),
        changes: Some(changes),
        ..about(Subject::Run, "Run 12 at corp")
    }
}

fn left_alone(number: usize, mailboxes: usize) -> LeftAlone {
    let person = person(3 + number * 5, false);
    let (code, reason) = match number % 3 {
        0 => ("DelegateNotAtEsg", format!("no ESG user is {person}: import the person, or wait for the next import")),
        1 => ("MailboxUnknown", "the mailbox could not be read completely, so nobody loses anything on it".to_owned()),
        _ => ("AliasInactive", format!("{person} has the address already, but it is not active")),
    };
    let mailbox = mailbox(number % mailboxes);
    LeftAlone {
        code: code.into(),
        user: (code != "DelegateNotAtEsg").then_some(person),
        address: mailbox.address.clone(),
        mailbox: Some(mailbox),
        reason,
    }
}

fn findings(hostile: bool) -> Vec<Finding> {
    let finding = |severity: &str, code: &str, subject: &str, text: &str, advice: &str| Finding {
        severity: severity.into(),
        code: code.into(),
        mailbox: Some("info@corp.example".into()),
        subject: Some(subject.into()),
        text: text.into(),
        advice: Some(advice.into()),
    };
    let hostile = HOSTILE.iter().filter(|_| hostile);
    let hostile = hostile.map(|name| finding("Information", "OrphanedTrustee", name, name, name));
    let orphan = finding(
        "Warning",
        "OrphanedTrustee",
        "S-1-5-21-3623811015-3361044348-30300820-1013",
        "A permission belongs to an account that does not exist any more.",
        "Remove the row: Remove-MailboxPermission with this SID.",
    );
    let empty = finding(
        "Information",
        "EmptyGroup",
        "Sales EMEA",
        "A group that carries a permission has no member.",
        "Nothing has to be done; the grant gives nobody access.",
    );
    [orphan, empty].into_iter().chain(hostile).collect()
}

fn guards(changes: &[Change]) -> Vec<Guard> {
    let guard = |kind: &str, state: &str, limit, percent| {
        let count = changes.iter().filter(|one| one.kind == kind).count() as u64;
        let expect = (state == "Blocked").then(|| format!("-Expect @{{ {kind} = {count} }}"));
        Guard { kind: kind.into(), state: state.into(), count, existing: 51_204, limit, percent, expect }
    };
    vec![
        guard("AliasAdded", "Within", Some(10_000), None),
        guard("AliasRemoved", "Blocked", Some(200), Some(10)),
        guard("DuplicateCollapsed", "Within", None, None),
    ]
}

fn slow(number: usize, people: usize, hostile: bool) -> Slow {
    let seconds = 9.4 - number as f64;
    Slow { user: person(number * 7 % people, hostile), outcome: "Applied".into(), seconds, writes: 2 }
}

fn snapshot() -> Report {
    let one = |number: usize| {
        let person = PEOPLE[number * 5 % PEOPLE.len()];
        let address = format!("{}@corp.example", person.to_lowercase().replace(' ', "."));
        Delegation {
            mailbox: mailbox(number / 5),
            delegate: person.into(),
            trail: trail(number, &address),
            delegate_address: Some(address),
            right: if number % 9 == 2 { "SendAs" } else { "FullAccess" }.into(),
            known: number / 5 != 3,
        }
    };
    let delegations: Vec<Delegation> = (0..60).map(one).collect();
    Report {
        verdict: Verdict {
            tone: Tone::Caution,
            word: "1 unknown".into(),
            text: "11 of 12 mailboxes are known; of the other nobody loses anything.".into(),
        },
        numbers: vec![
            Number { label: "mailboxes".into(), value: 12, tone: Tone::Plain },
            Number { label: "delegations".into(), value: delegations.len() as u64, tone: Tone::Plain },
            Number { label: "unknown".into(), value: 1, tone: Tone::Caution },
        ],
        unknown: Some(vec![Unknown {
            mailbox: mailbox(3),
            code: "GroupNotExpanded".into(),
            subject: Some(GROUPS[2].into()),
            text: "The members of a group that has access could not be read.".into(),
        }]),
        delegations: Some(delegations),
        findings: Some(findings(false)),
        ..about(Subject::Snapshot, "Snapshot of corpexample.onmicrosoft.com")
    }
}

fn about(subject: Subject, title: &str) -> Report {
    let facts = [
        ("Appliance", "corp, esg.corp.example:443"),
        ("Tenant", "corpexample.onmicrosoft.com"),
        ("Began", "2026-11-24 02:10:00 UTC"),
        ("Ended", "2026-11-24 02:14:12 UTC"),
        ("Run by", "CORP\\svc-esgsync on SRV-AUTO-01"),
        ("Plan", "6f1ed002ab5595859014ebf0951522d9"),
    ];
    let verdict = Verdict {
        tone: Tone::Caution,
        word: "Finished".into(),
        text: "The run came to its end. What is marked as withheld or in conflict was not done; everything else was applied and read back.".into(),
    };
    let facts = facts.map(|(label, value)| Fact { label: label.into(), value: value.into() }).into();
    Report { facts, ..Report::new(subject, title, verdict, "2026-11-24 06:00:00 UTC") }
}
