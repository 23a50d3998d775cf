//! Takes back exactly what a run did (design 8): from its journal and the users as just read to a plan with guards.
//!
//! Each address that the run changed goes back to what it was, if it is still as the run left it. Where nobody else changed anything,
//! that is the exact list from before the run: order, members, flags. What others or later runs changed since is left, with the reason.

mod functional;
mod plan;

use super::edit::put_back;
use super::effect::{Effect, Effects, Since, Thing, Touches};
use super::run::{alike, by_address, same_user, twins};
use super::{EmailAddress, EsgUser, JournalledAction, ManagedAlias, RemovedFunctional};
use crate::address::AddressKey;
use crate::plan::{Action, ActionKind, Change, ChangeKind, LeftAlone, Plan, PlanError, TargetRef, UndoneRun, UserRef};
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Everything that an undo depends on.
#[derive(Debug, Clone)]
pub struct UndoInput<'a> {
    /// The run.
    pub run: UndoneRun,
    /// Tenant id of its plan.
    pub tenant: Option<String>,
    /// What it journalled.
    pub actions: &'a [JournalledAction],
    /// What it and all later runs touched.
    pub touches: &'a Touches,
    /// Every user of the appliance, read completely (esg 5.1).
    pub users: &'a [EsgUser],
    /// Id of the role of functional users, where it is settled.
    pub functional_role: Option<u64>,
    /// Functional users that runs of ours removed in this tenant.
    pub removed: &'a [RemovedFunctional],
    /// Aliases that are ours in this tenant: the base of percent (rule 40).
    pub managed: &'a [ManagedAlias],
    /// The API can create users; `None`: not known, taken as no.
    pub users_can_be_created: Option<bool>,
    /// The appliance and the state that the plan is bound to.
    pub target: TargetRef,
    /// Now.
    pub created: Timestamp,
    /// Version of the product.
    pub product: &'a str,
}

/// Plans the undo of a run. The plan is not sealed yet ([`Plan::seal`]).
///
/// # Errors
/// [`PlanError::NoUsers`].
pub fn undo(input: &UndoInput<'_>) -> Result<Plan, PlanError> {
    if input.users.is_empty() {
        return Err(PlanError::NoUsers);
    }
    let mut undo = Undo::new(input);
    input.actions.iter().for_each(|action| undo.functional(action));
    undo.find_deleted();
    input.actions.iter().for_each(|action| undo.aliases(action));
    Ok(undo.plan())
}

struct Undo<'a> {
    input: &'a UndoInput<'a>,
    by_id: HashMap<u64, &'a EsgUser>,
    /// What the users of a name hold.
    named: HashMap<String, HashSet<AddressKey>>,
    primaries: HashSet<AddressKey>,
    /// Addresses of functional users that come back, and the action that brings them.
    restored: HashMap<AddressKey, String>,
    /// Addresses of functional users that runs of ours deleted and that stay away: whoever lost one of these would be the last who sees its mail.
    deleted: HashMap<AddressKey, String>,
    creations: Vec<Action>,
    updates: Vec<Action>,
    releases: Vec<Action>,
    left_alone: BTreeSet<LeftAlone>,
}

/// Why something stays: code and sentence.
type Reason = (&'static str, String);

impl<'a> Undo<'a> {
    fn new(input: &'a UndoInput<'a>) -> Self {
        let mut named: HashMap<String, HashSet<AddressKey>> = HashMap::new();
        for user in input.users {
            let held = user.addresses.iter().map(EmailAddress::key);
            named.entry(user.username.to_lowercase()).or_default().extend(held);
        }
        let primaries = input.users.iter().flat_map(|user| &user.addresses).filter(|element| element.is_primary());
        Self {
            input,
            by_id: input.users.iter().map(|user| (user.id, user)).collect(),
            named,
            primaries: primaries.map(EmailAddress::key).collect(),
            restored: HashMap::new(),
            deleted: HashMap::new(),
            creations: Vec::new(),
            updates: Vec::new(),
            releases: Vec::new(),
            left_alone: BTreeSet::new(),
        }
    }

    fn aliases(&mut self, journalled: &JournalledAction) {
        let action = &journalled.action;
        match journalled.effects() {
            Some(Effects::Aliases(effects)) => {
                let (mut changes, mut keys, mut needs) = (Vec::new(), HashSet::new(), BTreeSet::new());
                for effect in &effects {
                    match self.revert(&action.user, effect, journalled.is_shown()) {
                        Ok(change) => {
                            if change.kind == ChangeKind::AliasRestored {
                                keys.insert(effect.key.clone());
                            } else {
                                needs.extend(self.restored.get(&effect.key).cloned());
                            }
                            changes.push(change);
                        }
                        Err(reason) => self.leave(&action.user, effect.change, reason),
                    }
                }
                let (Some(fresh), false) = (self.by_id.get(&action.user.id), changes.is_empty()) else { return };
                self.updates.push(self.update(journalled, fresh, changes, &keys, needs));
            }
            Some(Effects::Adopted) => {
                let mut changes = Vec::new();
                for change in &action.changes {
                    match self.release(&action.user, change) {
                        Ok(change) => changes.push(change),
                        Err(reason) => self.leave(&action.user, change, reason),
                    }
                }
                let (Some(fresh), false) = (self.by_id.get(&action.user.id), changes.is_empty()) else { return };
                self.releases.push(with_id(Action {
                    before: fresh.addresses.clone(),
                    after: Some(fresh.addresses.clone()),
                    ..blank(ActionKind::ReleaseAlias, &action.user, changes)
                }));
            }
            Some(Effects::Deleted(_) | Effects::Undone(_)) | None => {}
        }
    }

    /// The change that takes one address back, or why it stays as it is.
    fn revert(&self, user: &UserRef, effect: &Effect<'_>, shown: bool) -> Result<Change, Reason> {
        self.still_its_own(&Touches::of_alias(user.id, &effect.key))?;
        let fresh = self.fresh(user)?;
        let now = by_address(&fresh.addresses);
        let is = twins(&now, &effect.key);
        // What the appliance showed can be compared to the last member, what was only sent cannot.
        let as_left = if shown { is == effect.left } else { alike(is, &effect.left) };
        if !as_left {
            return Err(if alike(is, &effect.was) {
                ("BackAlready", "it is as it was before the run".into())
            } else {
                ("ChangedSince", "somebody else changed it after the run".into())
            });
        }
        let run = self.input.run.run;
        let (kind, reason) = match effect.change.kind {
            ChangeKind::AliasAdded => {
                if let Some(username) = self.deleted.get(&effect.key) {
                    let text = format!("the functional user '{username}', which had it, is deleted and stays away");
                    return Err(("FunctionalUserDeleted", text));
                }
                (ChangeKind::AliasRemoved, format!("run {run} added it"))
            }
            ChangeKind::DuplicateCollapsed => (ChangeKind::AliasRestored, format!("run {run} made one of several")),
            _ => (ChangeKind::AliasRestored, format!("run {run} removed it")),
        };
        Ok(Change { kind, reason: reason.into(), trail: Arc::default(), ..effect.change.clone() })
    }

    fn release(&self, user: &UserRef, change: &Change) -> Result<Change, Reason> {
        let key = AddressKey::new(&change.address);
        self.still_its_own(&Touches::of_alias(user.id, &key))?;
        if !self.fresh(user)?.addresses.iter().any(|element| element.key() == key) {
            return Err(("ChangedSince", "the alias is not there any more".into()));
        }
        let reason = format!("run {} adopted it", self.input.run.run).into();
        Ok(Change { kind: ChangeKind::AliasReleased, reason, trail: Arc::default(), ..change.clone() })
    }

    fn fresh(&self, user: &UserRef) -> Result<&'a EsgUser, Reason> {
        let fresh = self.by_id.get(&user.id).ok_or(("UserGone", "the user does not exist any more".to_owned()))?;
        same_user(user, fresh).map_err(|difference| ("UserChanged", difference))?;
        Ok(fresh)
    }

    fn still_its_own(&self, thing: &Thing) -> Result<(), Reason> {
        match self.input.touches.since(self.input.run.run, thing) {
            Since::Nothing => Ok(()),
            Since::Undone => Err(("UndoneBefore", "an earlier undo took it back".into())),
            Since::Changed(run) => {
                let text = format!("run {run} changed it later: take that one back first");
                Err(("ChangedByLaterRun", text))
            }
        }
    }

    fn update(
        &self,
        journalled: &JournalledAction,
        fresh: &EsgUser,
        mut changes: Vec<Change>,
        restored: &HashSet<AddressKey>,
        depends_on: BTreeSet<String>,
    ) -> Action {
        changes.sort_by_cached_key(|change| (change.kind, AddressKey::new(&change.address)));
        let gone: HashSet<AddressKey> = changes
            .iter()
            .filter(|change| change.kind == ChangeKind::AliasRemoved)
            .map(|change| AddressKey::new(&change.address))
            .collect();
        let kept = fresh.addresses.iter().filter(|element| !gone.contains(&element.key())).cloned().collect();
        let before = journalled.before.as_ref().map(|user| user.addresses.as_slice()).unwrap_or_default();
        with_id(Action {
            before: fresh.addresses.clone(),
            after: Some(put_back(kept, restored, before)),
            managed_again: journalled.managed_again(self.input.tenant.as_deref(), restored),
            depends_on: depends_on.into_iter().collect(),
            ..blank(ActionKind::UpdateUser, &journalled.action.user, changes)
        })
    }

    fn leave(&mut self, user: &UserRef, change: &Change, (code, reason): Reason) {
        self.left_alone.insert(LeftAlone {
            code: code.into(),
            user: Some(user.clone()),
            address: Some(change.address.to_string()),
            mailbox: Some(change.mailbox.clone()),
            reason,
            trail: Arc::default(),
        });
    }
}

fn blank(kind: ActionKind, user: &UserRef, changes: Vec<Change>) -> Action {
    Action {
        id: String::new(),
        kind,
        user: user.clone(),
        changes,
        before: Vec::new(),
        after: None,
        holders: Vec::new(),
        mailbox_addresses: Vec::new(),
        depends_on: Vec::new(),
        managed_again: Vec::new(),
        restore: None,
    }
}

fn with_id(action: Action) -> Action {
    Action { id: action.content_id(), ..action }
}
