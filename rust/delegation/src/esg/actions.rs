//! From changes to actions: one call per user, in the order of the run (design 6, 8).

use super::additions;
use super::draft::{Draft, World};
use super::edit::edit;
use super::functional::Removal;
use super::index::User;
use crate::address::AddressKey;
use crate::plan::{Action, ActionKind, Change, ChangeKind};
use std::collections::HashMap;
use std::sync::Arc;

/// Users with additions, then those that only lose or collapse, then adoptions, then functional users; each by id.
pub(super) fn actions(world: &World<'_>, draft: &mut Draft, removals: Vec<Removal>) -> Vec<Action> {
    let mut writes = std::mem::take(&mut draft.writes);
    let adding = writes.iter_mut().enumerate().filter(|(user, _)| !draft.added.of(*user).is_empty());
    let mut actions = Vec::new();
    let mut adding_ids = HashMap::new();
    for (user, others) in adding {
        let added = additions::changes(world, draft.added.of(user));
        let mut changes = Vec::with_capacity(others.len() + added.len());
        changes.append(others);
        changes.extend(added);
        let action = update(&world.index.users[user], ActionKind::UpdateUser, changes);
        if !removals.is_empty() {
            adding_ids.insert(user, action.id.clone());
        }
        actions.push(action);
    }
    let losing = writes.into_iter().enumerate().filter(|(_, changes)| !changes.is_empty());
    actions.extend(losing.map(|(user, changes)| update(&world.index.users[user], ActionKind::UpdateUser, changes)));
    let adoptions =
        std::mem::take(&mut draft.adoptions).into_iter().enumerate().filter(|(_, changes)| !changes.is_empty());
    actions.extend(adoptions.map(|(user, changes)| update(&world.index.users[user], ActionKind::AdoptAlias, changes)));
    actions.extend(removals.into_iter().map(|removal| remove(world, removal, &adding_ids)));
    actions
}

fn update(user: &User<'_>, kind: ActionKind, mut changes: Vec<Change>) -> Action {
    changes.sort_by_cached_key(|change| (change.kind, AddressKey::new(&change.address)));
    let after = edit(&user.facts.addresses, &changes.iter().collect::<Vec<_>>(), &[]);
    with_id(Action {
        id: String::new(),
        kind,
        user: user.reference(),
        changes,
        before: user.facts.addresses.clone(),
        after: Some(after),
        holders: Vec::new(),
        mailbox_addresses: Vec::new(),
        depends_on: Vec::new(),
        managed_again: Vec::new(),
        restore: None,
    })
}

fn remove(world: &World<'_>, removal: Removal, adding: &HashMap<usize, String>) -> Action {
    let (user, mailbox) = (&world.index.users[removal.user], &world.index.mailboxes[removal.mailbox]);
    let named = user.primaries().chain(user.addresses()).next().map_or("", |address| user.spelling(address));
    with_id(Action {
        id: String::new(),
        kind: ActionKind::RemoveUser,
        user: user.reference(),
        changes: vec![Change {
            kind: ChangeKind::FunctionalUserRemoved,
            address: named.into(),
            mailbox: mailbox.reference(),
            right: None,
            reason: format!("every address is held by delegates of {}", mailbox.label()).into(),
            trail: Arc::default(),
        }],
        before: user.facts.addresses.clone(),
        after: None,
        holders: removal.holders.iter().map(|&holder| world.index.users[holder].reference()).collect(),
        mailbox_addresses: mailbox.addresses.iter().map(|address| address.text.to_owned()).collect(),
        depends_on: removal.needs.iter().filter_map(|user| adding.get(user).cloned()).collect(),
        managed_again: Vec::new(),
        restore: None,
    })
}

fn with_id(action: Action) -> Action {
    Action { id: action.content_id(), ..action }
}
