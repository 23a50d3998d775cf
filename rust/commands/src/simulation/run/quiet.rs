//! Undisturbed: the plan is reached, a second run sends nothing, a new plan wants nothing more.

use super::{Desk, End};
use crate::simulation::network::World;
use crate::wire::PlanReply;
use esgsync_simulator::DuplicateInList;

/// Undisturbed runs until the plan is reached: an appliance with a rate limit may need several.
const QUIET_RUNS: u32 = 5;

impl Desk {
    /// The same plan again, undisturbed, until it is done.
    pub(super) async fn finish(&mut self, plan: &PlanReply) -> Result<(), String> {
        for attempt in 1..=QUIET_RUNS {
            self.process = None;
            self.before_phase(None);
            let end = self.invoke(plan, None).await?;
            self.settle().await;
            match end {
                End::Done(reply) if reply.unsettled == 0 && reply.remaining == 0 && reply.stopped.is_none() => break,
                // A rate limit is no disturbance.
                _ if self.may_be_limited() && attempt < QUIET_RUNS => {}
                End::Done(reply) if !self.network.world().ledger.refused.is_empty() => {
                    self.network.world().note(format!("refused by a rule of the appliance: {:?}", reply.stopped));
                    return Ok(());
                }
                End::Done(reply) => {
                    return Err(format!("plan not reached: {:?}, {} unsettled", reply.stopped, reply.unsettled));
                }
                End::Failed(error) => return Err(format!("plan not reached: {} {}", error.code, error.message)),
                End::Died => return Err("plan not reached: the process died undisturbed".into()),
            }
        }
        self.is_reached();
        self.second_run(plan).await
    }

    /// Everything is as the plan wants it, and the state remembers it.
    fn is_reached(&self) {
        let mut world = self.network.world();
        if !self.may_be_limited_by(&world) {
            let reached = world.ledger.reached(world.esg.state());
            world.check(reached);
        }
        let managed = self.managed();
        let remembers = world.ledger.remembers(&managed, world.esg.state());
        world.check(remembers);
    }

    /// What is done is not done again: the same plan once more sends nothing.
    async fn second_run(&mut self, plan: &PlanReply) -> Result<(), String> {
        if self.may_be_limited() || !self.network.world().ledger.refused.is_empty() {
            return Ok(());
        }
        self.process = None;
        self.before_phase(None);
        self.network.world().second_run = true;
        let before = self.network.world().writes;
        self.invoke(plan, None).await?;
        let mut world = self.network.world();
        world.second_run = false;
        if world.writes > before {
            let sent = world.writes - before;
            world.check(Err(format!("sends on the second run: {sent} writes of a plan that is done")));
        }
        Ok(())
    }

    pub(super) fn may_be_limited(&self) -> bool {
        self.may_be_limited_by(&self.network.world())
    }

    pub(super) fn may_be_limited_by(&self, world: &World) -> bool {
        world.switches.options.rate_limit.is_some()
    }

    /// A new plan, applied undisturbed: after that there is nothing left to do.
    pub(super) async fn once_more(&mut self) -> Result<(), String> {
        // Where the appliance itself drops one of two elements of an address, the next plan may see what it could not decide before.
        let last = 1 + u8::from(self.network.world().switches.options.duplicate_in_list == DuplicateInList::Dedupe);
        for round in 0..=last {
            self.before_phase(None);
            let Ok(plan) = self.plan().await else { return Ok(()) };
            let open: Vec<_> =
                plan.actions.iter().map(|action| format!("{} {}", action.kind, action.username)).collect();
            if open.is_empty() {
                return Ok(());
            }
            let refused = self.network.world().ledger.refusals > 0;
            if round == last && !refused && !self.may_be_limited() {
                return Err(format!(
                    "does not converge: a second plan on an unchanged world wants {}",
                    open.join(", ")
                ));
            }
            if round < last {
                self.invoke(&plan, None).await?;
                self.settle().await;
            }
        }
        Ok(())
    }
}
