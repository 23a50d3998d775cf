//! How a run begins: is the plan still the one for this state, and which of its actions are open.

use super::job::{Job, Stage};
use super::run::{FirstWrite, Run};
use super::target::Target;
use super::{ActionResult, ActionStatus, RunError};
use crate::state::{NewRun, Pending, State, StateError};
use esgsync_delegation::address::AddressKey;
use esgsync_delegation::plan::{Action, ActionKind, Admitted, Plan, TargetRef, UserRef};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How a plan is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunOptions {
    /// Apply only that many of the actions that are still open (`-First`, rule 47).
    pub first: Option<u64>,
    /// Now.
    pub now: Timestamp,
}

/// What is applied when the leftovers of earlier runs are settled.
pub(super) struct Selection {
    actions: Vec<Action>,
    first: Option<u64>,
}

impl<T: Target> Run<T> {
    /// Begins a run: `admitted` is what the guards let through of `plan`, `state` the open state file of its target.
    ///
    /// A plan that earlier runs began is finished: what they confirmed is not done again, and what they left without an outcome is
    /// read first, whichever plan it belonged to.
    ///
    /// # Errors
    /// When the plan was changed, is not for this target, state or tenant, another plan was applied since, or the state cannot be written.
    pub fn begin(
        mut state: State,
        target: T,
        plan: &Plan,
        admitted: &Admitted,
        options: RunOptions,
    ) -> Result<Self, RunError> {
        check_plan(&state, plan)?;
        let tenant = plan.tenant.as_ref().map(|tenant| tenant.id.clone()).filter(|id| !id.is_empty());
        let leftovers = state.unsettled()?;
        let jobs: Vec<_> =
            leftovers.into_iter().map(|pending| leftover(&state, &target, pending)).collect::<Result<_, _>>()?;
        let new = NewRun {
            plan_digest: &plan.digest,
            tenant: tenant.as_deref(),
            plan_generation: plan.target.state_generation,
            may_change: !plan.actions.is_empty() || !jobs.is_empty(),
            undoes: plan.undoes.as_ref().map(|undone| undone.run),
            now: options.now,
        };
        let id = state.begin_run(&new)?;
        Ok(Self {
            state,
            target,
            id,
            plan_digest: plan.digest.clone(),
            tenant,
            started: options.now,
            jobs,
            ended: 0,
            first_open: 0,
            selection: Some(Selection { actions: admitted.actions.clone(), first: options.first }),
            aside: withheld(plan, admitted),
            done: BTreeSet::new(),
            done_before: 0,
            order: plan.actions.iter().enumerate().map(|(at, action)| ((action.user.id, action.kind), at)).collect(),
            owners: owners(plan),
            in_flight: BTreeMap::new(),
            last_step: 0,
            holders: HashMap::new(),
            first_write: FirstWrite::Waiting,
            failures: 0,
            stopped: None,
            events: Vec::new(),
            findings: BTreeSet::new(),
        })
    }

    /// Makes jobs of the actions that are open, once. The journal is asked after the leftovers are settled: they may have been done.
    pub(super) fn select(&mut self) -> Result<(), RunError> {
        let Some(Selection { actions, first }) = self.selection.take() else { return Ok(()) };
        self.done = self.state.done(&self.plan_digest)?;
        let (done, open): (Vec<_>, Vec<_>) = actions.into_iter().partition(|action| self.done.contains(&action.id));
        self.done_before = done.len() as u64;
        let first = first.and_then(|first| usize::try_from(first).ok()).unwrap_or(usize::MAX);
        let unsettled = self.unsettled_users();
        let mut jobs = Vec::new();
        for (at, action) in open.into_iter().enumerate() {
            if at >= first {
                let text = "left for a later run (-First)".to_owned();
                self.aside.push(ActionResult::new(&action, ActionStatus::NotStarted, Some(text)));
            } else if unsettled.contains(&action.user.id) {
                let text = "nobody knows whether a write of an earlier run to this user happened".to_owned();
                self.aside.push(ActionResult::new(&action, ActionStatus::Withheld, Some(text)));
            } else {
                jobs.push(Job::new(self.id, self.tenant.clone(), action));
            }
        }
        jobs.sort_by_key(|job| job.stage);
        self.jobs.append(&mut jobs);
        Ok(())
    }

    // Leftovers that could not be read. Whoever they are about is not written to.
    fn unsettled_users(&self) -> BTreeSet<u64> {
        let unsettled = |job: &&Job<T>| job.result("").status == ActionStatus::Unsettled;
        self.jobs.iter().filter(unsettled).map(|job| job.action.user.id).collect()
    }
}

/// Is the plan the one that was sealed, for this target, state and tenant, and has no other plan been applied since?
///
/// # Errors
/// Which of these it is not. [`Run::begin`] asks the same.
pub fn check_plan(state: &State, plan: &Plan) -> Result<(), RunError> {
    plan.verify_digest().map_err(|_| RunError::Changed)?;
    let (planned, connected) = (&plan.target, state.identity());
    let same = planned.name.to_lowercase() == connected.name.to_lowercase()
        && planned.system == connected.system
        && planned.host.eq_ignore_ascii_case(&connected.host)
        && planned.simulator == connected.simulator;
    if !same {
        let TargetRef { system, name, host, simulator, .. } = planned;
        return Err(RunError::OtherTarget {
            planned: describe(system, name, host, *simulator),
            connected: describe(&connected.system, &connected.name, &connected.host, connected.simulator),
        });
    }
    if planned.state_id != state.state_id() {
        return Err(RunError::OtherState { path: state.path().display().to_string() });
    }
    if let (Some(planned), Some(recorded)) = (&plan.tenant, state.tenant()?)
        && !planned.id.is_empty()
        && !planned.id.eq_ignore_ascii_case(&recorded)
    {
        return Err(RunError::OtherTenant { planned: planned.id.clone(), recorded });
    }
    if !state.admits(&plan.digest, planned.state_generation)? {
        return Err(RunError::Stale { target: planned.name.clone() });
    }
    Ok(())
}

fn describe(system: &str, name: &str, host: &str, simulator: bool) -> String {
    let kind = if simulator { ", a simulator" } else { "" };
    format!("{system} target '{name}' ({host}{kind})")
}

fn leftover<T: Target>(state: &State, target: &T, pending: Pending) -> Result<Job<T>, RunError> {
    // Of a user that was to be created there is nothing before.
    let before = match target.image(&pending.action) {
        Some(image) => image,
        None => serde_json::from_str(&pending.before).map_err(|error| {
            StateError::failed(state.path(), format!("before-image of {}: {error}", pending.action.id))
        })?,
    };
    let mut job = Job::new(pending.run, pending.tenant, pending.action);
    (job.stage, job.attempts, job.open_write) = (Stage::Leftover, pending.attempts, Some(before));
    Ok(job)
}

// Actions that no guard trimmed but held back as a whole.
fn withheld(plan: &Plan, admitted: &Admitted) -> Vec<ActionResult> {
    let reasons: HashMap<&str, &str> =
        admitted.withheld.iter().map(|(id, reason)| (id.as_str(), reason.as_str())).collect();
    let result = |action: &Action| {
        let reason = reasons.get(action.id.as_str())?;
        Some(ActionResult::new(action, ActionStatus::Withheld, Some((*reason).to_owned())))
    };
    plan.actions.iter().filter_map(result).collect()
}

// Functional users are the usual owners of an address that a target may refuse to anybody else.
fn owners(plan: &Plan) -> HashMap<AddressKey, UserRef> {
    let removals = plan.actions.iter().filter(|action| action.kind == ActionKind::RemoveUser);
    let removed = removals.flat_map(|action| {
        let addresses = action.before.iter().map(|element| element.address());
        addresses.map(|address| (AddressKey::new(address), action.user.clone()))
    });
    let kept = plan.left_alone.iter().filter_map(|left| {
        let (address, user) = left.address.as_deref().zip(left.user.clone())?;
        Some((AddressKey::new(address), user))
    });
    kept.chain(removed).collect()
}
