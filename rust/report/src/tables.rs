//! The parts of a report as tables of one kind, so that page and script need to know one kind only.

use crate::model::{Change, Delegation, Finding, Guard, LeftAlone, Report, Slow, Tone, Unknown};
use crate::{tally, words};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A section of the page.
pub(crate) struct Table<'a> {
    pub id: &'static str,
    pub title: &'static str,
    /// What one row is.
    pub lead: &'static str,
    /// What it means that there is none.
    pub empty: &'static str,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell<'a>>>,
}

pub(crate) struct Column {
    pub title: &'static str,
    pub kind: Kind,
}

/// How a column is shown, and what the script does with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// A stable name: shown in words, coloured by its tone; the first of a table can be filtered by.
    Tag,
    /// Somebody of whom there is a picture.
    Person,
    /// Something of which there is a picture.
    Mailbox,
    Trail,
    Number,
    Address,
    /// A sentence.
    Long,
}

impl Kind {
    /// As class of the page and name in the script.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Tag => "tag",
            Self::Person => "person",
            Self::Mailbox => "mailbox",
            Self::Trail => "trail",
            Self::Number => "number",
            Self::Address => "address",
            Self::Long => "long",
        }
    }
}

pub(crate) enum Cell<'a> {
    Text(Cow<'a, str>),
    Trail(&'a [String]),
    Number(Option<u64>),
}

impl Table<'_> {
    /// How many rows have which value in the first column of tags.
    pub fn tags(&self) -> BTreeMap<&str, u64> {
        let mut tags = BTreeMap::new();
        if let Some(at) = self.columns.iter().position(|column| column.kind == Kind::Tag) {
            for row in &self.rows {
                if let Some(Cell::Text(text)) = row.get(at) {
                    *tags.entry(text.as_ref()).or_insert(0) += 1;
                }
            }
        }
        tags
    }
}

/// All tables of a report in the order of the page. What is not known has none.
pub(crate) fn tables(report: &Report) -> Vec<Table<'_>> {
    [
        changes(report),
        people(report),
        mailboxes(report),
        delegations(report),
        unknown(report),
        left_alone(report),
        findings(report),
        guards(report),
        slowest(report),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn changes(report: &Report) -> Option<Table<'_>> {
    fn row(change: &Change) -> Vec<Cell<'_>> {
        let Change { outcome, kind, user, address, mailbox, reason, trail, problem, .. } = change;
        let why = match problem {
            Some(problem) => Cow::Owned(format!("{reason}. Not done: {problem}")),
            None => Cow::Borrowed(reason.as_str()),
        };
        vec![
            text(outcome),
            Cell::Text(words::spaced(kind).into()),
            text(user),
            text(address),
            Cell::Text(words::mailbox(mailbox).into()),
            Cell::Text(why),
            Cell::Trail(trail),
        ]
    }
    Some(Table {
        id: "changes",
        title: "Changes",
        lead: "One line for each address, or functional user, with the reason and the way from the grant to the person.",
        empty: "Nothing to change.",
        columns: columns([
            ("Outcome", Kind::Tag),
            ("Change", Kind::Text),
            ("User", Kind::Person),
            ("Address", Kind::Address),
            ("Mailbox", Kind::Mailbox),
            ("Why", Kind::Long),
            ("By way of", Kind::Trail),
        ]),
        rows: report.changes.as_ref()?.iter().map(row).collect(),
    })
}

fn people(report: &Report) -> Option<Table<'_>> {
    let users = tally::by_user(report.changes.as_ref()?);
    let row = |(user, sums): (&str, tally::Sums)| {
        vec![
            Cell::Text(user.to_owned().into()),
            Cell::Number(Some(sums.gained)),
            Cell::Number(Some(sums.lost)),
            Cell::Text(sums.which.into()),
        ]
    };
    Some(Table {
        id: "people",
        title: "Who gained and lost",
        lead: "One line for each user whose addresses changed, or would. What was not done is not counted.",
        empty: "Nobody gained or lost an address.",
        columns: columns([
            ("User", Kind::Person),
            ("Gained", Kind::Number),
            ("Lost", Kind::Number),
            ("Addresses", Kind::Long),
        ]),
        rows: users.into_iter().map(row).collect(),
    })
}

fn mailboxes(report: &Report) -> Option<Table<'_>> {
    let mailboxes = tally::by_mailbox(report.changes.as_ref()?);
    let row = |(mailbox, sums): (String, tally::Sums)| {
        vec![Cell::Text(mailbox.into()), Cell::Number(Some(sums.gained)), Cell::Number(Some(sums.lost))]
    };
    Some(Table {
        id: "mailboxes",
        title: "At which mailbox",
        lead: "One line for each mailbox whose addresses somebody gained or lost.",
        empty: "No mailbox was concerned.",
        columns: columns([("Mailbox", Kind::Mailbox), ("Gained", Kind::Number), ("Lost", Kind::Number)]),
        rows: mailboxes.into_iter().map(row).collect(),
    })
}

fn delegations(report: &Report) -> Option<Table<'_>> {
    fn row(one: &Delegation) -> Vec<Cell<'_>> {
        let Delegation { mailbox, delegate, delegate_address, right, trail, known } = one;
        vec![
            Cell::Text(if *known { "Known" } else { "Unknown" }.into()),
            Cell::Text(words::mailbox(mailbox).into()),
            Cell::Text(words::named(delegate, delegate_address.as_deref()).into()),
            text(right),
            Cell::Trail(trail),
        ]
    }
    Some(Table {
        id: "delegations",
        title: "Who may open what",
        lead: "One line for each person, mailbox and right. Of an unknown mailbox the list may be too short.",
        empty: "Nobody may open a mailbox of another.",
        columns: columns([
            ("Mailbox is", Kind::Tag),
            ("Mailbox", Kind::Mailbox),
            ("Person", Kind::Person),
            ("Right", Kind::Text),
            ("By way of", Kind::Trail),
        ]),
        rows: report.delegations.as_ref()?.iter().map(row).collect(),
    })
}

fn unknown(report: &Report) -> Option<Table<'_>> {
    fn row(one: &Unknown) -> Vec<Cell<'_>> {
        let Unknown { mailbox, code, subject, text: what } = one;
        vec![text(code), Cell::Text(words::mailbox(mailbox).into()), optional(subject), text(what)]
    }
    Some(Table {
        id: "unknown",
        title: "What is not known",
        lead: "Mailboxes of which not everything is known, each with the reasons. Nobody loses anything on their account.",
        empty: "Everything about every mailbox is known.",
        columns: columns([
            ("Reason", Kind::Tag),
            ("Mailbox", Kind::Mailbox),
            ("About", Kind::Text),
            ("What is so", Kind::Long),
        ]),
        rows: report.unknown.as_ref()?.iter().map(row).collect(),
    })
}

fn left_alone(report: &Report) -> Option<Table<'_>> {
    fn row(one: &LeftAlone) -> Vec<Cell<'_>> {
        let LeftAlone { code, user, address, mailbox, reason } = one;
        let mailbox = mailbox.as_ref().map(words::mailbox).unwrap_or_default();
        vec![text(code), optional(user), optional(address), Cell::Text(mailbox.into()), text(reason)]
    }
    Some(Table {
        id: "left-alone",
        title: "Left alone",
        lead: "What was looked at and not touched, each with the reason.",
        empty: "Nothing was left alone.",
        columns: columns([
            ("Reason", Kind::Tag),
            ("User", Kind::Person),
            ("Address", Kind::Address),
            ("Mailbox", Kind::Mailbox),
            ("Why", Kind::Long),
        ]),
        rows: report.left_alone.as_ref()?.iter().map(row).collect(),
    })
}

fn findings(report: &Report) -> Option<Table<'_>> {
    fn row(one: &Finding) -> Vec<Cell<'_>> {
        let Finding { severity, code, mailbox, subject, text: what, advice } = one;
        let code = Cell::Text(words::spaced(code).into());
        vec![text(severity), code, optional(mailbox), optional(subject), text(what), optional(advice)]
    }
    Some(Table {
        id: "findings",
        title: "Findings",
        lead: "What somebody should know although nothing was done about it, with what to do.",
        empty: "Nothing to tell.",
        columns: columns([
            ("Weight", Kind::Tag),
            ("Finding", Kind::Text),
            ("Mailbox", Kind::Text),
            ("About", Kind::Text),
            ("What is so", Kind::Long),
            ("What to do", Kind::Long),
        ]),
        rows: report.findings.as_ref()?.iter().map(row).collect(),
    })
}

fn guards(report: &Report) -> Option<Table<'_>> {
    fn row(one: &Guard) -> Vec<Cell<'_>> {
        let Guard { kind, state, count, existing, limit, percent, expect } = one;
        vec![
            text(state),
            Cell::Text(words::spaced(kind).into()),
            Cell::Number(Some(*count)),
            Cell::Number(Some(*existing)),
            Cell::Number(*limit),
            Cell::Number(*percent),
            optional(expect),
        ]
    }
    Some(Table {
        id: "guards",
        title: "Guards",
        lead: "How many changes of a kind one run may make. More than a limit blocks the kind until somebody says that the number is right.",
        empty: "No guards.",
        columns: columns([
            ("State", Kind::Tag),
            ("Change", Kind::Text),
            ("Planned", Kind::Number),
            ("Existing", Kind::Number),
            ("Limit", Kind::Number),
            ("Limit, percent", Kind::Number),
            ("If the number is right", Kind::Long),
        ]),
        rows: report.guards.as_ref()?.iter().map(row).collect(),
    })
}

fn slowest(report: &Report) -> Option<Table<'_>> {
    fn row(slow: &Slow) -> Vec<Cell<'_>> {
        let Slow { user, outcome, seconds, writes } = slow;
        vec![text(outcome), text(user), Cell::Text(words::duration(*seconds).into()), Cell::Number(Some(*writes))]
    }
    let slowest = &report.timings.as_ref()?.slowest;
    Some(Table {
        id: "slowest",
        title: "Slowest users",
        lead: "Where the appliance took longest, from the first read of a user to the known outcome.",
        empty: "Nothing was sent.",
        columns: columns([
            ("Outcome", Kind::Tag),
            ("User", Kind::Person),
            ("Took", Kind::Text),
            ("Writes", Kind::Number),
        ]),
        rows: slowest.iter().map(row).collect(),
    })
}

fn columns<const N: usize>(columns: [(&'static str, Kind); N]) -> Vec<Column> {
    columns.into_iter().map(|(title, kind)| Column { title, kind }).collect()
}

fn text(text: &str) -> Cell<'_> {
    Cell::Text(text.into())
}

fn optional(text: &Option<String>) -> Cell<'_> {
    Cell::Text(text.as_deref().unwrap_or_default().into())
}

/// The tone as class of the page and name in the script.
pub(crate) fn tone_name(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Plain => "plain",
        Tone::Caution => "caution",
        Tone::Bad => "bad",
    }
}
