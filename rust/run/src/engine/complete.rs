//! What an outcome means; of a write in `reply`.

use super::job::{Phase, Stage};
use super::run::{FirstWrite, Flight, MAX_ATTEMPTS, Run};
use super::step::{Outcome, StepId};
use super::target::Target;
use super::{ActionStatus, RunError, booking};
use crate::state::{Booking, Ending};
use esgsync_delegation::plan::{Prepared, Settled};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// The longest that a target may keep us waiting at a time.
const MAX_WAIT: SignedDuration = SignedDuration::from_mins(10);

impl<T: Target> Run<T> {
    /// Takes in what became of a step. Outcome and what is managed change in one transaction; then [`Run::take_events`] tells.
    ///
    /// # Errors
    /// [`RunError::State`]; [`RunError::Driver`] when the outcome does not fit the step.
    pub fn complete(&mut self, step: StepId, outcome: Outcome<T::Item>, now: Timestamp) -> Result<(), RunError> {
        match self.in_flight.remove(&step) {
            Some(Flight::Holder(id)) => self.holder_read(step, id, outcome, now),
            Some(Flight::Job(index)) => match std::mem::replace(&mut self.jobs[index].phase, Phase::Open(None)) {
                Phase::Writing { before, body } => self.after_write(step, index, before, body, outcome, now),
                _ => self.after_read(step, index, outcome, now),
            },
            None => Err(RunError::Driver { step: step.0, outcome: "the step is not in flight" }),
        }
    }

    fn after_read(
        &mut self,
        step: StepId,
        index: usize,
        outcome: Outcome<T::Item>,
        now: Timestamp,
    ) -> Result<(), RunError> {
        let asked = self.jobs[index].action.user.id;
        match outcome {
            Outcome::Item(item) if T::id(&item) != asked => {
                let text = format!("user {asked} was asked for, and user {} came back", T::id(&item));
                self.read_failed(index, text, now)
            }
            Outcome::Item(item) => match self.jobs[index].open_write.take() {
                Some(before) => self.settle(index, before, item, now),
                None => self.decide(index, item, now),
            },
            Outcome::Found(named) => self.after_find(index, &named, now),
            Outcome::Missing => self.missing(index, now),
            Outcome::Later { after, text } => {
                let wait = wait(after, 1);
                self.jobs[index].phase = Phase::Open(Some(later(now, wait)));
                self.jobs[index].seen = Some(text.clone());
                self.count_read_retry(index, text, now)
            }
            Outcome::ReadFailed { text } | Outcome::NotSent { text } | Outcome::Unsettled { text } => {
                self.read_failed(index, text, now)
            }
            Outcome::Refused { status, text } => self.read_failed(index, format!("{status}: {text}"), now),
            Outcome::Denied { text } => {
                self.denied(&text);
                self.read_failed(index, text, now)
            }
            Outcome::Removed => Err(RunError::Driver { step: step.0, outcome: "a read removed the user" }),
        }
    }

    /// After a write without a known outcome: did it happen (rule 44)? If not, the next body is computed from this very read.
    fn settle(&mut self, index: usize, before: T::Item, fresh: T::Item, now: Timestamp) -> Result<(), RunError> {
        let job = &self.jobs[index];
        let verdict = if job.removes() { Settled::NotDone } else { self.target.settled(&job.action, &fresh) };
        let booking = booking::of_update(&self.target, job.tenant.as_deref(), &job.action, &before, &fresh);
        match verdict {
            Settled::Done => {
                self.succeeded(job.stage);
                self.end(index, ActionStatus::Applied, None, &booking, now)
            }
            Settled::Mixed(text) if job.stage == Stage::Leftover => {
                self.end(index, ActionStatus::Conflict, Some(text), &booking, now)
            }
            // Somebody else's edit, or half a write: what is there now is no reason to give up, and a real conflict shows in the
            // new body. What we brought is booked first, as the next before-image will show it as there.
            Settled::Mixed(text) => {
                let so_far = Ending {
                    action: &job.action,
                    status: ActionStatus::Unsettled,
                    text: Some(&text),
                    booking: &booking,
                };
                self.state.outcome(job.run, &so_far, now)?;
                self.decide_again(index, fresh, now)
            }
            Settled::NotDone if job.stage == Stage::Leftover => {
                let text = "the write of that run did not happen".to_owned();
                self.end(index, ActionStatus::Failed, Some(text), &Booking::default(), now)
            }
            Settled::NotDone => {
                self.did_not_happen(index, "a read said that the write did not happen", now)?;
                self.decide_again(index, fresh, now)
            }
        }
    }

    /// The journal says of a write that it may have happened, until this. Should the run stop before it is tried again, nobody must look
    /// for it: what is there then, somebody else has brought.
    pub(super) fn did_not_happen(&mut self, index: usize, text: &str, now: Timestamp) -> Result<(), RunError> {
        let job = &self.jobs[index];
        let (status, booking) = (ActionStatus::NotStarted, &Booking::default());
        let ending = Ending { action: &job.action, status, text: Some(text), booking };
        self.state.outcome(job.run, &ending, now)?;
        Ok(())
    }

    pub(super) fn decide_again(&mut self, index: usize, fresh: T::Item, now: Timestamp) -> Result<(), RunError> {
        let job = &self.jobs[index];
        if job.attempts < MAX_ATTEMPTS {
            return self.decide(index, fresh, now);
        }
        let seen = job.seen.as_deref().unwrap_or_default();
        self.failed(index, format!("{MAX_ATTEMPTS} writes had no effect; the last answer: {seen}"), now)
    }

    /// With a read of just now: what is to be sent?
    pub(super) fn decide(&mut self, index: usize, fresh: T::Item, now: Timestamp) -> Result<(), RunError> {
        if self.jobs[index].removes() {
            return self.decide_removal(index, fresh, now);
        }
        if self.jobs[index].creates() {
            self.jobs[index].phase = Phase::Ready { before: fresh, body: None, read_at: now };
            return Ok(());
        }
        let job = &mut self.jobs[index];
        match self.target.prepare(&job.action, &fresh) {
            Prepared::Write(body) => {
                job.phase = Phase::Ready { before: fresh, body: Some(body), read_at: now };
                Ok(())
            }
            Prepared::Nothing => {
                let booking = booking::of_update(&self.target, job.tenant.as_deref(), &job.action, &fresh, &fresh);
                self.end(index, ActionStatus::Unchanged, None, &booking, now)
            }
            Prepared::Conflict(text) => self.conflict(index, text, now),
        }
    }

    pub(super) fn missing(&mut self, index: usize, now: Timestamp) -> Result<(), RunError> {
        let job = &mut self.jobs[index];
        let sent = job.open_write.take();
        match (job.removes(), sent) {
            (true, Some(before)) => {
                let booking = booking::of_removal(&self.target, job.tenant.as_deref(), &job.action, &before);
                self.succeeded(self.jobs[index].stage);
                self.end(index, ActionStatus::Applied, None, &booking, now)
            }
            // Somebody else removed it.
            (true, None) => self.end(index, ActionStatus::Unchanged, None, &Booking::default(), now),
            (false, _) => self.conflict(index, "the user does not exist any more".into(), now),
        }
    }

    fn read_failed(&mut self, index: usize, text: String, now: Timestamp) -> Result<(), RunError> {
        self.count_failure(&text);
        // The journal goes on to say that nobody knows; the next run reads again.
        let unsettled = self.jobs[index].open_write.is_some();
        let status = if unsettled { ActionStatus::Unsettled } else { ActionStatus::Failed };
        self.end(index, status, Some(text), &Booking::default(), now)
    }

    fn count_read_retry(&mut self, index: usize, text: String, now: Timestamp) -> Result<(), RunError> {
        let job = &mut self.jobs[index];
        job.read_retries += 1;
        if job.read_retries >= MAX_ATTEMPTS { self.read_failed(index, text, now) } else { Ok(()) }
    }

    pub(super) fn failed(&mut self, index: usize, text: String, now: Timestamp) -> Result<(), RunError> {
        self.count_failure(&text);
        self.end(index, ActionStatus::Failed, Some(text), &Booking::default(), now)
    }

    pub(super) fn conflict(&mut self, index: usize, text: String, now: Timestamp) -> Result<(), RunError> {
        self.end(index, ActionStatus::Conflict, Some(text), &Booking::default(), now)
    }

    pub(super) fn succeeded(&mut self, stage: Stage) {
        // What an earlier run did says nothing about the target of today.
        if stage != Stage::Leftover {
            self.failures = 0;
            self.first_write = FirstWrite::Answered;
        }
    }

    pub(super) fn denied(&mut self, text: &str) {
        let text = format!(
            "The target denied access: {text}. The run stopped. Give the account the right that is missing, then run the same command \
             again: it goes on where it stopped."
        );
        self.halt("AccessDenied", text);
    }
}

/// What the target asked for, else longer with every attempt.
pub(super) fn wait(after: Option<Duration>, attempts: u32) -> SignedDuration {
    let own = SignedDuration::from_secs(i64::from(attempts) * i64::from(attempts));
    let asked = after.and_then(|after| SignedDuration::try_from(after).ok());
    asked.unwrap_or(own).min(MAX_WAIT)
}

pub(super) fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}
