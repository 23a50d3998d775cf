//! The same tenant some time after a run: rights are lost, and nothing is won. Decided from what is so, never by looking at rows.

use crate::appliance::{Appliance, End};
use crate::dice::Dice;
use crate::lines;
use crate::tenant::{Effect, Maker, Row, Trustee};
use crate::trustee::self_texts;
use crate::truth::{Delegation, State, Way};
use std::collections::{BTreeMap, BTreeSet};

/// A tenant after a change, and what a second run must leave.
#[derive(Debug, Clone, PartialEq)]
pub struct Later {
    /// The snapshot of that day.
    pub lines: Vec<String>,
    /// What the appliance must hold when the second run is over.
    pub end: End,
    /// Aliases that must go: user and address.
    pub removed: BTreeSet<(u64, String)>,
    /// Aliases of ours that nobody justifies any more, and that stay because their mailbox is unknown.
    pub kept: BTreeSet<(u64, String)>,
}

/// Takes rights away from the tenant of a first run, and tells what that means for its appliance.
pub(crate) fn later(facts: &Maker, appliance: &Appliance, dice: &mut Dice) -> Later {
    let mut rows = facts.rows.clone();
    let mut states = facts.truth.mailboxes.clone();
    let mut delegations = facts.truth.delegations.clone();
    for mailbox in &facts.mailboxes {
        let key = facts.key(mailbox.id);
        match dice.up_to(2) {
            0 => {}
            1 => lose_everything(&key, &mut rows, &mut states, &mut delegations),
            _ => lose_one(facts, &key, &mut rows, &mut delegations),
        }
    }
    let holds: BTreeSet<(&str, &str)> = delegations.keys().map(|one| (&*one.mailbox, &*one.delegate)).collect();
    let (mut removed, mut kept) = (BTreeSet::new(), BTreeSet::new());
    for added in &appliance.added {
        if holds.contains(&(added.mailbox.as_str(), added.delegate.as_str())) {
            continue;
        }
        let alias = (added.user, added.address.to_lowercase());
        if states[&added.mailbox].may_lose {
            removed.insert(alias)
        } else {
            kept.insert(alias)
        };
    }
    let mut end = appliance.end.clone();
    for (user, addresses) in &mut end.users {
        addresses.retain(|address| !removed.contains(&(*user, address.clone())));
    }
    Later { lines: lines::lines_of(facts, &rows, dice), end, removed, kept }
}

/// All rows but those of the mailbox itself are withdrawn: what was doubtful about them is doubtful no more, what was not read is still not read.
fn lose_everything(
    key: &str,
    rows: &mut Vec<Row>,
    states: &mut BTreeMap<String, State>,
    delegations: &mut BTreeMap<Delegation, BTreeSet<Way>>,
) {
    rows.retain(|row| row.of != key || row.trustee == self_texts());
    delegations.retain(|delegation, _| delegation.mailbox != key);
    if let Some(state) = states.get_mut(key) {
        state.unknown.retain(|reason| reason.code == "ReadIncomplete");
        state.may_lose = state.unknown.is_empty();
    }
}

/// Somebody who holds a right by one row that names them, and by nothing else, loses that row.
fn lose_one(facts: &Maker, key: &str, rows: &mut Vec<Row>, delegations: &mut BTreeMap<Delegation, BTreeSet<Way>>) {
    // An inherited way may stand behind the one that is told.
    if facts.options.include_inherited {
        return;
    }
    let only = |ways: &BTreeSet<Way>| ways.len() == 1 && ways.iter().all(|way| way.groups.is_empty() && !way.inherited);
    let direct: Vec<Delegation> = delegations
        .iter()
        .filter(|(delegation, ways)| delegation.mailbox == key && only(ways))
        .map(|(delegation, _)| delegation.clone())
        .collect();
    for lost in direct {
        let names = |row: &Row| {
            let names = match row.trustee {
                Trustee::Anyhow(id) | Trustee::By(id, _) => facts.key(id) == lost.delegate,
                Trustee::Exactly(..) | Trustee::OneOf(_) => false,
            };
            names
                && row.of == key
                && row.right == lost.right
                && row.effect == Effect::Allow
                && row.holds
                && !row.inherited
        };
        if rows.iter().filter(|row| names(row)).count() == 1 {
            rows.retain(|row| !names(row));
            delegations.remove(&lost);
            return;
        }
    }
}
