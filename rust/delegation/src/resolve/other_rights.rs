//! Rights on a mailbox that are no delegation (exo 1.2): ReadPermission, ChangePermission, ChangeOwner, DeleteItem, ExternalAccount.
//!
//! They are facts of the snapshot and map nobody to anything. An administrator wants to see them all the same: who looks for a
//! person in vain finds the reason, and who may change permissions can make everybody a delegate.

use super::mailbox::World;
use super::names;
use super::notes;
use super::reads::is_usable;
use super::rows::holds;
use super::trustee::{Trustee, identify};
use crate::finding::Finding;
use crate::snapshot::{Mailbox, Permission, Right, Snapshot};
use std::collections::HashMap;

const FULL_ACCESS: &str = "FullAccess";

/// The rights that lead to every other: the first edits the list of permissions, the second takes the mailbox over.
const CONTROL: [&str; 2] = ["ChangePermission", "ChangeOwner"];

/// What is noticed in the rows that allow something, inherited ones only where those are asked for.
pub(super) fn findings(snapshot: &Snapshot, world: &World<'_>) -> Vec<Finding> {
    if !world.options.rights.contains(&Right::FullAccess) {
        return Vec::new();
    }
    let mut mailboxes: Option<HashMap<&str, &Mailbox>> = None;
    let counts = |row: &&Permission| {
        row.deny == Some(false)
            && (world.options.include_inherited || row.inherited != Some(true))
            && is_about_others(row)
    };
    let rows = snapshot.permissions.iter().filter(counts);
    rows.filter_map(|row| {
        // Most tenants have no such row, and then need no index of their mailboxes.
        let by_key = || snapshot.mailboxes.iter().map(|mailbox| (mailbox.key.as_str(), mailbox)).collect();
        let mailbox = mailboxes.get_or_insert_with(by_key).get(&*row.mailbox)?;
        finding(world, names::mailbox(mailbox), row)
    })
    .collect()
}

fn is_about_others(row: &Permission) -> bool {
    !row.rights.is_empty()
        && (!holds(&row.rights, FULL_ACCESS) || CONTROL.iter().any(|right| holds(&row.rights, right)))
}

fn finding(world: &World<'_>, mailbox: &str, row: &Permission) -> Option<Finding> {
    let all_listed = is_usable(world.reads.tenant("recipients"));
    let trustee = match identify(world.directory, &row.trustee, row.sid.as_deref(), all_listed) {
        Trustee::Dropped => return None,
        Trustee::Found { recipient, .. } if world.directory.get(recipient).key == *row.mailbox => return None,
        Trustee::Found { recipient, .. } => names::person(world.directory.get(recipient)),
        Trustee::Broad(principal) => principal,
        // A row without text is known by its SID alone.
        _ => Some(row.trustee.trim()).filter(|text| !text.is_empty()).or(row.sid.as_deref())?,
    };
    let control: Vec<&str> = CONTROL.into_iter().filter(|right| holds(&row.rights, right)).collect();
    Some(match control.as_slice() {
        [] => notes::other_right(mailbox, trustee, &row.rights.join(", ")),
        control => notes::may_change_permissions(mailbox, trustee, &control.join(" and ")),
    })
}
