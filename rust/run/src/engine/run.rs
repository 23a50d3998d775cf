//! A run: its parts, how it stops and how it ends.

use super::begin::Selection;
use super::job::{Job, Phase, Stage};
use super::removal::Holder;
use super::step::StepId;
use super::target::Target;
use super::{ActionResult, ActionStatus, RunError, RunEvent, RunResult, Stop};
use crate::state::{Booking, Ending, State};
use esgsync_delegation::address::AddressKey;
use esgsync_delegation::finding::Finding;
use esgsync_delegation::plan::{ActionKind, ChangeKind, UserRef};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Writes of one action before it counts as failed.
pub(super) const MAX_ATTEMPTS: u32 = 3;
/// Failures in a row that stop the run (rule 45).
const MAX_FAILURES: u32 = 5;

/// A run of a plan. Dropping it at any time loses nothing: the journal knows what was handed out.
pub struct Run<T: Target> {
    pub(super) state: State,
    pub(super) target: T,
    pub(super) id: u64,
    pub(super) plan_digest: String,
    pub(super) tenant: Option<String>,
    pub(super) started: Timestamp,
    /// By stage, then in the order of the plan.
    pub(super) jobs: Vec<Job<T>>,
    /// How many of them have ended.
    pub(super) ended: u64,
    /// Every job before this one has ended.
    pub(super) first_open: usize,
    /// What the plan asks for; taken when the leftovers of earlier runs are settled.
    pub(super) selection: Option<Selection>,
    /// Results that were settled without a job: withheld, or left for a later run.
    pub(super) aside: Vec<ActionResult>,
    /// Ids of actions that are done, now or by an earlier run of this plan.
    pub(super) done: BTreeSet<String>,
    pub(super) done_before: u64,
    /// Position of each action in the plan.
    pub(super) order: HashMap<(u64, ActionKind), usize>,
    /// Whose an address is at the target, as far as the plan tells (rule 37).
    pub(super) owners: HashMap<AddressKey, UserRef>,
    pub(super) in_flight: BTreeMap<StepId, Flight>,
    pub(super) last_step: u64,
    pub(super) holders: HashMap<u64, Holder<T::Item>>,
    pub(super) first_write: FirstWrite,
    pub(super) failures: u32,
    pub(super) stopped: Option<Stop>,
    pub(super) events: Vec<RunEvent>,
    pub(super) findings: BTreeSet<Finding>,
}

/// What a step in flight is about.
pub(super) enum Flight {
    Job(usize),
    Holder(u64),
}

/// The first write of a run goes alone, so that a target which refuses such writes is asked once (rule 37).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FirstWrite {
    Waiting,
    InFlight,
    Answered,
}

impl<T: Target> Run<T> {
    /// Number of the run in the state file.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// What happened since the last call. Everything in it is journalled, and no transaction is open.
    pub fn take_events(&mut self) -> Vec<RunEvent> {
        std::mem::take(&mut self.events)
    }

    /// Actions that have ended, and all actions of this run: for a progress bar.
    pub fn progress(&self) -> (u64, u64) {
        (self.ended, self.jobs.len() as u64)
    }

    /// Begins no new work. What is in flight may still be completed; what is not stays unsettled in the journal, and the next run
    /// reads before it decides.
    pub fn stop(&mut self) {
        let text = "The run was interrupted. Run the same command with the same plan again: it finishes the run.";
        self.halt("Interrupted", text.into());
    }

    /// Ends the run and gives its result.
    ///
    /// # Errors
    /// [`RunError::State`].
    pub fn finish(mut self, now: Timestamp) -> Result<RunResult, RunError> {
        // Steps that never came back: their writes stay unsettled in the journal, as they were when they were handed out.
        self.in_flight.clear();
        self.select()?;
        let stopped = self.stopped.take();
        let otherwise = "the run stopped before it";
        let result = |job: &Job<T>| job.result(otherwise);
        let leftover = |job: &&Job<T>| job.stage == Stage::Leftover;
        let settled: Vec<ActionResult> = self.jobs.iter().filter(leftover).map(result).collect();
        let mut actions = self.aside;
        actions.extend(self.jobs.iter().filter(|job| !leftover(job)).map(result));
        actions.sort_by_key(|action| self.order.get(&(action.user.id, action.kind)).copied());
        let (mut statuses, mut changes) = (BTreeMap::new(), BTreeMap::<ChangeKind, u64>::new());
        for action in &actions {
            *statuses.entry(action.status).or_default() += 1;
            if matches!(action.status, ActionStatus::Applied | ActionStatus::Adopted | ActionStatus::Released) {
                action.changes.iter().for_each(|change| *changes.entry(change.kind).or_default() += 1);
            }
        }
        self.state.end_run(self.id, stopped.as_ref().map(|stop| stop.code.as_str()), &statuses, now)?;
        Ok(RunResult {
            run: self.id,
            plan_digest: self.plan_digest,
            started: self.started,
            ended: now,
            statuses,
            changes,
            done_before: self.done_before,
            actions,
            settled,
            stopped,
            findings: self.findings.into_iter().collect(),
        })
    }

    pub(super) fn halt(&mut self, code: &str, text: String) {
        if self.stopped.is_none() {
            let stop = Stop { code: code.into(), text };
            self.events.push(RunEvent::Stopping(stop.clone()));
            self.stopped = Some(stop);
        }
    }

    /// Journals the end of a job, then tells it.
    pub(super) fn end(
        &mut self,
        index: usize,
        status: ActionStatus,
        text: Option<String>,
        booking: &Booking,
        now: Timestamp,
    ) -> Result<(), RunError> {
        let job = &self.jobs[index];
        let ending = Ending { action: &job.action, status, text: text.as_deref(), booking };
        self.state.outcome(job.run, &ending, now)?;
        self.ended(index, status, text);
        Ok(())
    }

    /// Tells the end of a job that the journal knows.
    pub(super) fn ended(&mut self, index: usize, status: ActionStatus, text: Option<String>) {
        let job = &mut self.jobs[index];
        let result = ActionResult::new(&job.action, status, text);
        job.phase = Phase::Ended(result.clone());
        self.ended += 1;
        if job.stage == Stage::Leftover {
            self.events.push(RunEvent::Settled(result));
        } else {
            if status.is_done() {
                self.done.insert(result.action_id.clone());
            }
            self.events.push(RunEvent::Ended(result));
        }
        while self.jobs.get(self.first_open).is_some_and(Job::has_ended) {
            self.first_open += 1;
        }
    }

    /// Counts a call that failed for good (rule 45).
    pub(super) fn count_failure(&mut self, text: &str) {
        self.failures += 1;
        if self.failures >= MAX_FAILURES {
            let text = text.trim_end_matches('.');
            let text = format!(
                "{MAX_FAILURES} actions in a row failed, the last one with: {text}. The run stopped; run the same command again when \
                 the cause is gone: it goes on where it stopped."
            );
            self.halt("FiveFailures", text);
        }
    }
}
