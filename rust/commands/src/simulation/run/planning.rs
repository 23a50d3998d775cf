//! Planning, and what has to hold for every plan.

use super::{Desk, LONGEST};
use crate::planning::new_plan;
use crate::simulation::epoch;
use crate::simulation::ledger::Pair;
use crate::simulation::sabotage::Sabotage;
use crate::wire::{ErrorReply, NewPlanRequest, PlanReply};
use esgsync_delegation::plan::{Plan, RemoveStale};
use esgsync_delegation::snapshot::Snapshot;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

impl Desk {
    pub(super) async fn plan(&mut self) -> Result<PlanReply, ErrorReply> {
        let (shared, connection) = match self.process().await {
            Ok(process) => process,
            Err(error) => {
                self.tell(&error);
                return Err(error);
            }
        };
        let (snapshot, users) = {
            let mut world = self.network.world();
            world.ledger.plans();
            (world.truth.snapshot(epoch()), world.counts_users)
        };
        let snapshot = self.as_read(snapshot);
        let snapshot = shared.snapshots.put(snapshot);
        let request = NewPlanRequest { connection, snapshot, options: self.options.clone(), path: None };
        let planning = new_plan(self.context(&shared, CancellationToken::new()), request);
        let reply = match timeout(LONGEST, planning).await {
            Ok(reply) => reply,
            Err(_) => {
                self.network.world().check(Err("does not end by itself: a plan takes more than a day".into()));
                return Err(crate::failure::stopped());
            }
        };
        shared.snapshots.close(snapshot);
        match &reply {
            Ok(plan) => {
                self.told.lock().unwrap().push(plan.text.clone());
                self.check_plan(plan, users);
            }
            Err(error) => self.tell(error),
        }
        reply
    }

    /// A plan is made of all users, and takes away only what is ours and not justified.
    pub(super) fn check_plan(&self, reply: &PlanReply, users_before: u64) {
        // Whether it is sealed, applying it asks.
        let plan: Plan = serde_json::from_str(&reply.text).unwrap();
        let mut world = self.network.world();
        let counted = world.esg.state().users.iter().filter(|user| {
            let domain = user
                .email_addresses
                .iter()
                .any(|own| own.primary && own.address.as_ref().is_some_and(|text| text.ends_with("@corp.example")));
            !world.switches.domain_scope || domain
        });
        let (counted, changed) = (counted.count() as u64, world.counts_users - users_before);
        if changed == 0 && counted != plan.summary.users {
            world.check(Err(format!("plan of a part: {} of {counted} users", plan.summary.users)));
        }
        for action in &plan.actions {
            let changes: Vec<_> =
                action.changes.iter().map(|change| format!("{:?} {}", change.kind, change.address)).collect();
            world.note(format!("   plans {:?} of user {}: {}", action.kind, action.user.id, changes.join(", ")));
        }
        world.ledger.follow(&plan);
        let any = self.options.remove_stale == RemoveStale::Any;
        for (user, update) in world.ledger.planned.updates.clone() {
            for address in update.removes {
                let pair: Pair = (user, address);
                let ledger = &world.ledger;
                let ours =
                    any || [&ledger.ours, &ledger.ambiguous, &ledger.gone].iter().any(|known| known.contains(&pair));
                if !ours || world.truth.justifies(user, &pair.1) {
                    world.check(Err(format!("plans to take away {} of user {user}", pair.1)));
                }
            }
        }
    }

    pub(super) fn tell(&self, error: &ErrorReply) {
        self.told.lock().unwrap().push(format!("{error:?}"));
    }

    /// What broken code would have read at Exchange.
    fn as_read(&self, mut snapshot: Snapshot) -> Snapshot {
        if self.network.world().sabotage == Sabotage::LosesPermissions {
            snapshot.permissions.pop();
        }
        snapshot
    }
}
