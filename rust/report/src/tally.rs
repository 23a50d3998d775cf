//! Who gained and lost what, and at which mailbox: sums over the changes.

use crate::model::Change;
use crate::words;
use std::collections::BTreeMap;

/// Addresses that the line of a person names; all of them are among the changes.
const NAMED: usize = 6;

/// What a change means for who may see a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Gained,
    Lost,
    /// A duplicate became one, or who keeps the book of an alias changed: nobody sees more or less.
    Neither,
}

/// The effect of a kind of change.
pub(crate) fn effect(kind: &str) -> Effect {
    match kind {
        "AliasAdded" | "AliasRestored" | "FunctionalUserRestored" => Effect::Gained,
        "AliasRemoved" | "FunctionalUserRemoved" => Effect::Lost,
        _ => Effect::Neither,
    }
}

/// It happened, or is planned to.
pub(crate) fn counts(change: &Change) -> bool {
    matches!(change.outcome.as_str(), "Planned" | "Applied" | "Adopted" | "Released" | "Unchanged")
}

/// Sums of one person or mailbox.
#[derive(Default)]
pub(crate) struct Sums {
    pub gained: u64,
    pub lost: u64,
    /// `+ sales@corp.example, − info@corp.example and 3 more`.
    pub which: String,
}

/// Sums by user, sorted by name; who gained and lost nothing is not there.
pub(crate) fn by_user(changes: &[Change]) -> BTreeMap<&str, Sums> {
    let mut users: BTreeMap<&str, Sums> = BTreeMap::new();
    for change in changes.iter().filter(|change| counts(change)) {
        let sign = match effect(&change.kind) {
            Effect::Gained => '+',
            Effect::Lost => '−',
            Effect::Neither => continue,
        };
        let sums = users.entry(&change.user).or_default();
        let named = sums.gained + sums.lost;
        add(sums, &change.kind);
        if named < NAMED as u64 {
            let comma = if named == 0 { "" } else { ", " };
            sums.which.push_str(&format!("{comma}{sign} {}", change.address));
        }
    }
    for sums in users.values_mut() {
        let more = (sums.gained + sums.lost).saturating_sub(NAMED as u64);
        if more > 0 {
            sums.which.push_str(&format!(" and {} more", words::grouped(more)));
        }
    }
    users
}

/// Sums by mailbox, as people call it, sorted.
pub(crate) fn by_mailbox(changes: &[Change]) -> BTreeMap<String, Sums> {
    let mut mailboxes: BTreeMap<String, Sums> = BTreeMap::new();
    let counted = changes.iter().filter(|change| counts(change) && effect(&change.kind) != Effect::Neither);
    for change in counted.filter(|change| !change.mailbox.name.is_empty()) {
        add(mailboxes.entry(words::mailbox(&change.mailbox)).or_default(), &change.kind);
    }
    mailboxes
}

fn add(sums: &mut Sums, kind: &str) {
    match effect(kind) {
        Effect::Gained => sums.gained += 1,
        Effect::Lost => sums.lost += 1,
        Effect::Neither => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(user: &str, kind: &str, outcome: &str, address: &str) -> Change {
        Change {
            user: user.into(),
            kind: kind.into(),
            outcome: outcome.into(),
            address: address.into(),
            ..Change::default()
        }
    }

    #[test]
    fn what_was_not_done_and_what_changes_nothing_for_a_person_does_not_count() {
        let changes = [
            change("jane", "AliasAdded", "Applied", "a@x"),
            change("jane", "AliasRemoved", "Applied", "b@x"),
            change("jane", "AliasAdded", "Failed", "c@x"),
            change("jane", "DuplicateCollapsed", "Applied", "d@x"),
            change("joe", "AliasAdopted", "Adopted", "e@x"),
        ];
        let users = by_user(&changes);
        assert_eq!(users.keys().collect::<Vec<_>>(), [&"jane"]);
        assert_eq!((users["jane"].gained, users["jane"].lost), (1, 1));
        assert_eq!(users["jane"].which, "+ a@x, − b@x");
    }

    #[test]
    fn a_long_list_says_how_many_more() {
        let changes: Vec<_> = (0..9).map(|n| change("jane", "AliasAdded", "Planned", &format!("{n}@x"))).collect();
        assert!(by_user(&changes)["jane"].which.ends_with("+ 5@x and 3 more"));
    }
}
