//! What a journalled action did to its user, and what later runs did to the same things.

use super::run::{by_address, twins};
use super::{EmailAddress, EsgUser, ManagedAlias};
use crate::address::AddressKey;
use crate::plan::{Action, ActionKind, Change, ChangeKind};
use std::collections::{BTreeSet, HashMap, HashSet};

/// An action as the journal has it, where it did something or may have.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalledAction {
    /// The action, without what a guard blocked.
    pub action: Action,
    /// The user right before its first write; absent where there was no write, and when a user was created.
    pub before: Option<EsgUser>,
    /// The list after its last write.
    pub after: Option<After>,
    /// What ceased to be managed with it; absent: not recorded.
    pub ended: Option<Vec<ManagedAlias>>,
}

/// The addresses after a write.
#[derive(Debug, Clone, PartialEq)]
pub enum After {
    /// As the appliance showed them.
    Shown(Vec<EmailAddress>),
    /// As they were sent.
    Sent(Vec<EmailAddress>),
}

/// What an action did.
pub(super) enum Effects<'a> {
    /// It changed addresses.
    Aliases(Vec<Effect<'a>>),
    /// It made aliases ours.
    Adopted,
    /// It deleted that user.
    Deleted(&'a EsgUser),
    /// It was an undo that created that user, or released aliases.
    Undone(&'a Action),
}

/// What became of one address.
pub(super) struct Effect<'a> {
    pub change: &'a Change,
    pub key: AddressKey,
    pub was: Vec<EmailAddress>,
    pub left: Vec<EmailAddress>,
}

impl JournalledAction {
    /// What it did; `None`: nothing.
    pub(super) fn effects(&self) -> Option<Effects<'_>> {
        match self.action.kind {
            ActionKind::AdoptAlias => Some(Effects::Adopted),
            ActionKind::RemoveUser => self.before.as_ref().map(Effects::Deleted),
            ActionKind::CreateUser | ActionKind::ReleaseAlias => Some(Effects::Undone(&self.action)),
            ActionKind::UpdateUser => {
                let (Some(before), Some(After::Shown(after) | After::Sent(after))) = (&self.before, &self.after) else {
                    return None;
                };
                let (before, after) = (by_address(&before.addresses), by_address(after));
                let effect = |change| {
                    let change: &Change = change;
                    let key = AddressKey::new(&change.address);
                    let (was, left) = (twins(&before, &key).to_vec(), twins(&after, &key).to_vec());
                    (was.len() != left.len()).then_some(Effect { change, key, was, left })
                };
                Some(Effects::Aliases(self.action.changes.iter().filter_map(effect).collect()))
            }
        }
    }

    /// The appliance showed what was there after the write.
    pub(super) fn is_shown(&self) -> bool {
        matches!(self.after, Some(After::Shown(_)))
    }

    /// What is managed again when these addresses are back. Where the journal does not tell, an alias that was removed for a right was ours.
    pub(super) fn managed_again(&self, tenant: Option<&str>, restored: &HashSet<AddressKey>) -> Vec<ManagedAlias> {
        let is_back = |address: &str| restored.contains(&AddressKey::new(address));
        if let Some(ended) = &self.ended {
            return ended.iter().filter(|entry| is_back(&entry.address)).cloned().collect();
        }
        let removed = self.action.changes.iter().filter(|change| change.kind == ChangeKind::AliasRemoved);
        let entry = |change: &Change| {
            Some(ManagedAlias {
                tenant: tenant?.into(),
                mailbox: change.mailbox.guid.as_str().into(),
                user_id: self.action.user.id,
                username: self.action.user.username.as_str().into(),
                address: change.address.clone(),
                right: change.right?,
            })
        };
        removed.filter(|change| is_back(&change.address)).filter_map(entry).collect()
    }
}

/// What a run can touch.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Thing {
    /// An address of a user.
    Alias(u64, AddressKey),
    /// A functional user: created again it has another id, and names are not unique at ESG, so name and addresses tell it.
    User(String, BTreeSet<AddressKey>),
}

/// What happened to a thing after a run had touched it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Since {
    /// Nothing that still counts.
    Nothing,
    /// An undo took it back.
    Undone,
    /// That run changed it, and nobody took that back.
    Changed(u64),
}

/// What a run and those after it touched. Undos cancel what they took back, so that runs can be taken back one after the other, the last first.
#[derive(Debug, Clone, Default)]
pub struct Touches {
    // The runs whose change of a thing stands, oldest first.
    standing: HashMap<Thing, Vec<u64>>,
}

impl Touches {
    /// Takes in an action of a run; runs in their order. `undoes`: the run that this one took back.
    pub fn add(&mut self, run: u64, undoes: Option<u64>, journalled: &JournalledAction) {
        let user = &journalled.action.user;
        let things: Vec<Thing> = match journalled.effects() {
            Some(Effects::Aliases(effects)) => {
                effects.into_iter().map(|effect| Thing::Alias(user.id, effect.key)).collect()
            }
            Some(Effects::Deleted(image)) => vec![Self::of_user(image)],
            Some(Effects::Undone(Action { restore: Some(image), .. })) => vec![Self::of_user(image)],
            Some(Effects::Adopted | Effects::Undone(_)) => {
                let key = |change: &Change| AddressKey::new(&change.address);
                journalled.action.changes.iter().map(|change| Thing::Alias(user.id, key(change))).collect()
            }
            None => Vec::new(),
        };
        for thing in things {
            let standing = self.standing.entry(thing).or_default();
            match undoes.and_then(|undone| standing.iter().rposition(|run| *run == undone)) {
                Some(at) => drop(standing.remove(at)),
                None => standing.push(run),
            }
        }
    }

    pub(super) fn of_alias(user: u64, key: &AddressKey) -> Thing {
        Thing::Alias(user, key.clone())
    }

    pub(super) fn of_user(image: &EsgUser) -> Thing {
        Thing::User(image.username.to_lowercase(), image.addresses.iter().map(EmailAddress::key).collect())
    }

    pub(super) fn since(&self, run: u64, thing: &Thing) -> Since {
        let standing = self.standing.get(thing).map(Vec::as_slice).unwrap_or_default();
        match standing.last() {
            Some(last) if *last == run => Since::Nothing,
            Some(last) if standing.contains(&run) => Since::Changed(*last),
            _ => Since::Undone,
        }
    }
}
