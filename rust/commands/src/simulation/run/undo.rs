//! The end of some schedules: one more plan is applied and taken back, undisturbed. After that everybody has what they had before.

use super::{Desk, End};
use crate::simulation::coverage::END;
use crate::simulation::dice::one_in;
use crate::simulation::sabotage::Sabotage;
use crate::undo::new_undo_plan;
use crate::wire::NewUndoPlanRequest;
use esgsync_delegation::plan::{ActionKind, Plan};
use esgsync_simulator::{AddressUniqueness, DuplicateInList, State, User};
use std::collections::{BTreeMap, BTreeSet};
use tokio_util::sync::CancellationToken;

/// Addresses in small letters, by user name.
type Held = BTreeMap<String, BTreeSet<String>>;

impl Desk {
    pub(super) async fn undo(&mut self, rng: &mut fastrand::Rng) -> Result<(), String> {
        if !one_in(rng, 3) || self.may_be_limited() || self.network.world().broken.is_some() {
            return Ok(());
        }
        let later = self.network.world().truth.later(rng);
        self.network.world().truth = later;
        self.before_phase(None);
        let Ok(plan) = self.plan().await else { return Ok(()) };
        let (before, refusals) = {
            let world = self.network.world();
            (held(world.esg.state()), world.ledger.refusals)
        };
        let End::Done(reply) = self.invoke(&plan, None).await? else { return Ok(()) };
        self.settle().await;
        let Some(run) = reply.run.filter(|_| reply.applied > 0) else { return Ok(()) };
        self.before_phase(None);
        self.break_journal(run);
        let (shared, connection) = match self.process().await {
            Ok(process) => process,
            Err(_) => return Ok(()),
        };
        let request = NewUndoPlanRequest { connection, run, path: None };
        let undo = new_undo_plan(self.context(&shared, CancellationToken::new()), request).await;
        let undo = undo.map_err(|error| format!("undo does not restore: no plan, {} {}", error.code, error.message))?;
        let undoing: Plan = serde_json::from_str(&undo.text).map_err(|error| error.to_string())?;
        self.network.world().ledger.follow(&undoing);
        self.invoke(&undo, None).await?;
        self.settle().await;
        let undone: Plan = serde_json::from_str(&plan.text).map_err(|error| error.to_string())?;
        self.restored(&undone, &before, refusals);
        Ok(())
    }

    /// Two things stay, by rule: what a functional user held that cannot be made again, and an alias that nobody else would receive mail for.
    fn restored(&self, undone: &Plan, before: &Held, refusals: u64) {
        let mut world = self.network.world();
        let removed: BTreeSet<&str> = removals(undone).collect();
        let options = &world.switches.options;
        // Rules of the appliance, which may keep somebody from getting back what they had.
        let ruled = world.ledger.refusals > refusals
            || options.address_uniqueness != AddressUniqueness::None
            || options.duplicate_in_list != DuplicateInList::Keep;
        if ruled {
            return;
        }
        let made_again = self.creates_users;
        world.coverage.count(END, "undone");
        let state = world.esg.state();
        let after = held(state);
        let functional = |user: &&User| user.role == state.functional_role;
        let received: BTreeSet<String> = state.users.iter().filter(functional).flat_map(texts).collect();
        let empty = BTreeSet::new();
        let wrong = before.keys().chain(after.keys()).find(|name| {
            let (had, has) = (before.get(*name).unwrap_or(&empty), after.get(*name).unwrap_or(&empty));
            let kept = has.difference(had).any(|address| received.contains(address));
            kept || had.difference(has).next().is_some() && (made_again || !removed.contains(name.as_str()))
        });
        if let Some(name) = wrong.cloned() {
            let text = format!("undo does not restore: {name} had {:?}, has {:?}", before.get(&name), after.get(&name));
            world.check(Err(text));
        }
    }

    /// What broken code would have lost of its journal.
    fn break_journal(&self, run: u64) {
        if self.network.world().sabotage == Sabotage::LosesJournal {
            let lost =
                "DELETE FROM action WHERE run = ?1 AND action_id = (SELECT max(action_id) FROM action WHERE run = ?1)";
            self.look(|db| db.execute(lost, [run]));
        }
    }
}

fn removals(plan: &Plan) -> impl Iterator<Item = &str> {
    let removals = plan.actions.iter().filter(|action| action.kind == ActionKind::RemoveUser);
    removals.map(|action| action.user.username.as_str())
}

fn held(state: &State) -> Held {
    state.users.iter().map(|user| (user.username.clone(), texts(user).collect())).collect()
}

fn texts(user: &User) -> impl Iterator<Item = String> {
    user.email_addresses.iter().filter_map(|own| own.address.as_ref()).map(|text| text.to_lowercase())
}
