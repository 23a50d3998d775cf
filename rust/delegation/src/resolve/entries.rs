//! Which rows of a mailbox reach a person: the evidence behind a delegation, or behind its absence.

use super::ResolveOptions;
use super::class::{Class, Scope, classify};
use super::directory::Directory;
use super::groups::Groups;
use super::reads::{Reads, is_usable};
use super::rows::{Effect, Reach, Row, Rows};
use super::trustee::{Trustee, identify};
use crate::snapshot::{Recipient, Right, Snapshot};
use std::collections::{BTreeMap, HashSet};

/// A row of a mailbox whose trustee is known and that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Index into the recipients: who is named.
    pub trustee: u32,
    pub right: Right,
    pub deny: bool,
    pub inherited: bool,
    /// The people asked for whom it reaches, each with the groups that lead there, outermost first.
    pub people: Vec<(u32, Vec<u32>)>,
}

/// The entries of the mailboxes asked for, each with the people asked for. Indexes are those of the snapshot; linear in its size.
pub(crate) fn entries(
    snapshot: &Snapshot,
    options: &ResolveOptions,
    asked: &BTreeMap<u32, HashSet<u32>>,
) -> BTreeMap<u32, Vec<Entry>> {
    let directory = Directory::new(snapshot);
    let reads = Reads::new(snapshot);
    let rows = Rows::new(snapshot, options);
    let all_listed = is_usable(reads.tenant("recipients"));
    let mut groups = Groups::new(snapshot, &directory, &reads, options);
    let mut found = BTreeMap::new();
    for (&mailbox, people) in asked {
        let own = snapshot.mailboxes.get(mailbox as usize).and_then(|mailbox| directory.by_key(&mailbox.key));
        let counts = |row: &&Row<'_>| options.include_inherited || !row.inherited;
        let mut entries = Vec::new();
        for row in rows.of(mailbox).iter().filter(counts) {
            let deny = match row.effect {
                Effect::Allow => false,
                Effect::Deny => true,
                Effect::Unclear(_) => continue,
            };
            let trustee = match identify(&directory, row.text, row.sid, all_listed) {
                Trustee::Found { recipient, .. } if Some(recipient) != own => recipient,
                _ => continue,
            };
            if matches!(row.reach, Reach::NotTheMailbox(_)) {
                continue;
            }
            let scope = Scope::of(row.right, options);
            let people = match classify(directory.get(trustee), options) {
                Class::Person if people.contains(&trustee) => vec![(trustee, Vec::new())],
                Class::Group(kind) if scope.expands(kind) => groups.expand(trustee, scope).trails_to(people).collect(),
                _ => Vec::new(),
            };
            entries.push(Entry { trustee, right: row.right, deny, inherited: row.inherited, people });
        }
        found.insert(mailbox, entries);
    }
    found
}

/// What a recipient is to a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Can hold it.
    Person,
    /// Could, but the account is disabled (rule 22).
    Disabled,
    /// A group that passes it on to its members.
    Group,
    /// None of these.
    Other,
}

/// What a recipient is to a right (rules 18, 19, 22).
pub(crate) fn standing(recipient: &Recipient, right: Right, options: &ResolveOptions) -> Standing {
    match classify(recipient, options) {
        Class::Person => Standing::Person,
        Class::Disabled => Standing::Disabled,
        Class::Group(kind) if Scope::of(right, options).expands(kind) => Standing::Group,
        Class::Group(_) | Class::NotAPerson | Class::Unknown => Standing::Other,
    }
}
