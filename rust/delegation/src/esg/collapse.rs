//! The same address twice on one user becomes one (rule 28).

use super::draft::{Draft, World, warning};
use super::edit;
use super::index::{AddressId, Standing};
use crate::plan::{Change, ChangeKind};
use std::sync::Arc;

/// Collapses duplicates of mailbox addresses on every user who is certainly not functional.
pub(super) fn duplicates(world: &World<'_>, draft: &mut Draft) {
    if !world.index.input.snapshot.complete {
        return;
    }
    for (at, user) in world.index.users.iter().enumerate() {
        if user.standing != Standing::Person || world.matching.is_ambiguous(at) {
            continue;
        }
        for address in user.addresses() {
            let twins: Vec<usize> = user.twins(address).iter().map(|twin| twin.at as usize).collect();
            if twins.len() > 1 && !draft.removed.contains(&(at, address)) {
                collapse(world, draft, at, address, &twins);
            }
        }
    }
}

fn collapse(world: &World<'_>, draft: &mut Draft, at: usize, address: AddressId, twins: &[usize]) {
    let [owner, ..] = world.index.owners(address) else { return };
    let (user, mailbox) = (&world.index.users[at], &world.index.mailboxes[*owner]);
    let spelling = user.spelling(address);
    match edit::kept(&user.facts.addresses, twins) {
        Ok(_) => draft.writes[at].push(Change {
            kind: ChangeKind::DuplicateCollapsed,
            address: spelling.into(),
            mailbox: mailbox.reference(),
            right: None,
            reason: format!("the address stands there {} times; one stays", twins.len()).into(),
            trail: Arc::default(),
        }),
        Err(why) => draft.findings.push(warning(
            "DuplicateLeft",
            Some(mailbox.label()),
            Some(&user.facts.username),
            format!("{} has {spelling} {} times, and they are left: {why}", user.label(), twins.len()),
            "Decide at ESG which of them stays",
        )),
    }
}
