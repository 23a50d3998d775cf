//! What the answer to a write means.

use super::complete::{later, wait};
use super::job::Phase;
use super::run::{FirstWrite, MAX_ATTEMPTS, Run};
use super::step::{Outcome, StepId};
use super::target::Target;
use super::{ActionStatus, RunError, RunEvent, booking};
use crate::state::Booking;
use esgsync_delegation::address::AddressKey;
use esgsync_delegation::finding::{Finding, Severity};
use esgsync_delegation::plan::ChangeKind;
use jiff::Timestamp;
use std::time::Duration;

impl<T: Target> Run<T> {
    pub(super) fn after_write(
        &mut self,
        step: StepId,
        index: usize,
        before: T::Item,
        body: Option<T::Body>,
        outcome: Outcome<T::Item>,
        now: Timestamp,
    ) -> Result<(), RunError> {
        let first = self.first_write == FirstWrite::InFlight;
        self.first_write = FirstWrite::Answered;
        let asked = self.jobs[index].action.user.id;
        match (outcome, body) {
            (Outcome::Item(reply), None) if self.jobs[index].creates() => self.created(index, reply, now),
            (Outcome::Missing, None) if self.jobs[index].creates() => {
                self.failed(index, "the target does not know this call".into(), now)
            }
            (Outcome::Item(reply), Some(_)) if T::id(&reply) != asked => {
                let text = format!("the reply is about user {}, not {asked}", T::id(&reply));
                self.retry(index, first, Some(before), None, text, now)
            }
            (Outcome::Item(reply), Some(body)) => self.replied(index, &before, &body, &reply, now),
            (Outcome::Removed | Outcome::Missing, None) => {
                self.jobs[index].open_write = Some(before);
                self.missing(index, now)
            }
            (Outcome::Missing, Some(_)) => self.missing(index, now),
            (Outcome::Refused { status, text }, body) => self.refused(index, first, status, text, body.is_some(), now),
            // Nobody can tell for sure that a proxy's 503 came before the commit, so these are settled by reading as well.
            (Outcome::Later { after, text }, _) => self.retry(index, first, Some(before), after, text, now),
            (Outcome::Unsettled { text }, _) => self.retry(index, first, Some(before), None, text, now),
            (Outcome::NotSent { text }, _) => self.retry(index, first, None, None, text, now),
            (Outcome::Denied { text }, _) => {
                self.denied(&text);
                self.failed(index, text, now)
            }
            (Outcome::ReadFailed { .. } | Outcome::Item(_) | Outcome::Found(_) | Outcome::Removed, _) => {
                // The journal keeps it unsettled.
                self.jobs[index].open_write = Some(before);
                Err(RunError::Driver { step: step.0, outcome: "an outcome of another kind of step" })
            }
        }
    }

    /// The reply of an update: proof, or a failure although the target said yes (rule 39).
    fn replied(
        &mut self,
        index: usize,
        before: &T::Item,
        body: &T::Body,
        reply: &T::Item,
        now: Timestamp,
    ) -> Result<(), RunError> {
        let job = &self.jobs[index];
        let booking = booking::of_update(&self.target, job.tenant.as_deref(), &job.action, before, reply);
        let subject = job.action.user.username.clone();
        self.findings.extend(self.target.surprises(body, reply).into_iter().map(|text| Finding {
            code: "EditedMeanwhile".into(),
            severity: Severity::Warning,
            mailbox: None,
            subject: Some(subject.clone()),
            text,
            advice: Some("Look at this user: somebody else seems to have edited it at the same moment.".into()),
        }));
        match self.target.confirm(&job.action, body, reply) {
            Ok(()) => {
                self.succeeded(job.stage);
                self.end(index, ActionStatus::Applied, None, &booking, now)
            }
            Err(text) => {
                self.count_failure(&text);
                self.end(index, ActionStatus::Failed, Some(text), &booking, now)
            }
        }
    }

    /// The target understood and did not do it (rule 37).
    fn refused(
        &mut self,
        index: usize,
        first: bool,
        status: u16,
        text: String,
        update: bool,
        now: Timestamp,
    ) -> Result<(), RunError> {
        let job = &self.jobs[index];
        let user = &job.action.user;
        let added: Vec<&str> = job
            .action
            .changes
            .iter()
            .filter(|change| change.kind == ChangeKind::AliasAdded)
            .map(|change| &*change.address)
            .collect();
        let about_address = update && matches!(status, 409 | 422);
        let owner = added.iter().find_map(|address| Some((address, self.owners.get(&AddressKey::new(address))?)));
        let mut said = format!("refused with {status}: {text}");
        if let (true, Some((address, owner))) = (about_address, owner) {
            said.push_str(&format!(" (user '{}', id {}, has {address})", owner.username, owner.id));
        }
        if first && matches!(status, 409 | 422) {
            let what = if added.is_empty() { String::new() } else { format!(" to get {}", added.join(", ")) };
            let stop = format!(
                "The first write of this run was {said}. User '{}', id {}, was{what}. The run stopped there: nothing else was changed \
                 and nothing was deleted. Find out why the target refuses this, then run the same command again.",
                user.username, user.id,
            );
            self.halt("FirstWriteRefused", stop);
        }
        self.count_failure(&said);
        let status = if about_address { ActionStatus::Conflict } else { ActionStatus::Failed };
        self.end(index, status, Some(said), &Booking::default(), now)
    }

    /// A write that has to be tried again from a new read. `open_write`: it may have happened.
    fn retry(
        &mut self,
        index: usize,
        first: bool,
        open_write: Option<T::Item>,
        after: Option<Duration>,
        text: String,
        now: Timestamp,
    ) -> Result<(), RunError> {
        if first {
            self.first_write = FirstWrite::Waiting;
        }
        if open_write.is_none() {
            if self.jobs[index].attempts >= MAX_ATTEMPTS {
                return self.failed(index, text, now);
            }
            self.did_not_happen(index, &text, now)?;
        }
        let job = &mut self.jobs[index];
        let until = later(now, wait(after, job.attempts));
        job.phase = Phase::Open(Some(until));
        job.open_write = open_write;
        job.seen = Some(text.clone());
        if self.stopped.is_none() {
            let (action_id, user, attempts) = (job.action.id.clone(), job.action.user.clone(), job.attempts);
            self.events.push(RunEvent::Retrying { action_id, user, attempts, until, text });
        }
        Ok(())
    }
}
