//! The rows that matter to the wanted rights, in one shape (design 5.1, rules 4, 7, 15, 21).

use super::ResolveOptions;
use crate::snapshot::{Permission, RecipientPermission, Right, Snapshot};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

/// What a row does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Grants the right.
    Allow,
    /// Denies the right.
    Deny,
    /// It does not say (rule 7).
    Unclear(Missing),
}

/// What a row should tell and does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// Which rights it is about.
    Rights,
    /// Whether it allows or denies.
    Deny,
}

/// What a row covers (rule 21).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach<'a> {
    /// The mailbox and what is in it.
    All,
    /// The mailbox only: counts, and is reported.
    RootOnly,
    /// Not the mailbox itself: reported, does not count.
    NotTheMailbox(&'a str),
}

/// One row that is about a wanted right of a mailbox of the snapshot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    /// Index of the mailbox.
    pub mailbox: u32,
    pub right: Right,
    /// What Exchange names.
    pub text: &'a str,
    pub sid: Option<&'a str>,
    pub effect: Effect,
    pub inherited: bool,
    pub reach: Reach<'a>,
}

impl<'a> Row<'a> {
    /// What the row names; its SID where it names nothing.
    pub(super) fn name(&self) -> &'a str {
        if self.text.trim().is_empty() { self.sid.unwrap_or(self.text) } else { self.text }
    }
}

/// The rows of all mailboxes.
pub(super) struct Rows<'a> {
    rows: Vec<Row<'a>>,
    of_mailbox: Vec<Range<usize>>,
    /// Keys that `permission` rows name and no `mailbox` line has.
    pub strays: BTreeSet<&'a str>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, options: &ResolveOptions) -> Self {
        let mailboxes: HashMap<&str, u32> =
            snapshot.mailboxes.iter().zip(0..).map(|(mailbox, index)| (mailbox.key.as_str(), index)).collect();
        let mut rows = Vec::new();
        let mut strays = BTreeSet::new();
        if options.rights.contains(&Right::FullAccess) {
            for row in &snapshot.permissions {
                match mailboxes.get(&*row.mailbox) {
                    Some(mailbox) => rows.extend(full_access(*mailbox, row)),
                    None => {
                        strays.insert(&*row.mailbox);
                    }
                }
            }
        }
        if options.rights.contains(&Right::SendAs) {
            // These are read for the whole tenant: most of them are about other recipients.
            rows.extend(
                snapshot.recipient_permissions.iter().filter_map(|row| send_as(*mailboxes.get(&*row.mailbox)?, row)),
            );
        }
        if options.rights.contains(&Right::SendOnBehalf) {
            for (mailbox, index) in snapshot.mailboxes.iter().zip(0..) {
                rows.extend(mailbox.send_on_behalf.iter().flatten().map(|text| send_on_behalf(index, text)));
            }
        }
        rows.sort_unstable_by_key(|row| (row.mailbox, row.right));
        let mut of_mailbox = vec![0..0; snapshot.mailboxes.len()];
        let mut begin = 0;
        for chunk in rows.chunk_by(|a, b| a.mailbox == b.mailbox) {
            of_mailbox[chunk[0].mailbox as usize] = begin..begin + chunk.len();
            begin += chunk.len();
        }
        Self { rows, of_mailbox, strays }
    }

    /// The rows of one mailbox, by right.
    pub(super) fn of(&self, mailbox: u32) -> &[Row<'a>] {
        &self.rows[self.of_mailbox[mailbox as usize].clone()]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Row<'a>> {
        self.rows.iter()
    }
}

fn full_access(mailbox: u32, row: &Permission) -> Option<Row<'_>> {
    let effect = match row.deny {
        // Rights that were not read may be any.
        _ if row.rights.is_empty() => Effect::Unclear(Missing::Rights),
        _ if !holds(&row.rights, "FullAccess") => return None,
        Some(false) => Effect::Allow,
        Some(true) => Effect::Deny,
        None => Effect::Unclear(Missing::Deny),
    };
    Some(Row {
        mailbox,
        right: Right::FullAccess,
        text: &row.trustee,
        sid: row.sid.as_deref(),
        effect,
        inherited: row.inherited.unwrap_or(false),
        reach: reach(row.inheritance.as_deref()),
    })
}

fn send_as(mailbox: u32, row: &RecipientPermission) -> Option<Row<'_>> {
    let effect = match row.access.as_deref() {
        _ if row.rights.is_empty() => Effect::Unclear(Missing::Rights),
        _ if !holds(&row.rights, "SendAs") => return None,
        Some(access) if access.eq_ignore_ascii_case("Allow") => Effect::Allow,
        Some(access) if access.eq_ignore_ascii_case("Deny") => Effect::Deny,
        _ => Effect::Unclear(Missing::Deny),
    };
    Some(Row {
        mailbox,
        right: Right::SendAs,
        text: &row.trustee,
        sid: row.sid.as_deref(),
        effect,
        inherited: row.inherited.unwrap_or(false),
        reach: Reach::All,
    })
}

fn send_on_behalf(mailbox: u32, text: &str) -> Row<'_> {
    Row {
        mailbox,
        right: Right::SendOnBehalf,
        text,
        sid: None,
        effect: Effect::Allow,
        inherited: false,
        reach: Reach::All,
    }
}

pub(super) fn holds(rights: &[String], right: &str) -> bool {
    rights.iter().any(|held| held.eq_ignore_ascii_case(right))
}

fn reach(inheritance: Option<&str>) -> Reach<'_> {
    match inheritance {
        None | Some("") => Reach::All,
        Some(kind) if kind.eq_ignore_ascii_case("All") || kind.eq_ignore_ascii_case("SelfAndChildren") => Reach::All,
        Some(kind) if kind.eq_ignore_ascii_case("None") => Reach::RootOnly,
        Some(kind) => Reach::NotTheMailbox(kind),
    }
}
