//! Creations: an undo brings back a functional user that a run deleted (design 8).

use super::job::Stage;
use super::run::Run;
use super::target::Target;
use super::{ActionStatus, RunError, booking};
use crate::state::Booking;
use esgsync_delegation::plan::Settled;
use jiff::Timestamp;

impl<T: Target> Run<T> {
    /// With every item of that name as just read: was it created already, may it be created now?
    pub(super) fn after_find(&mut self, index: usize, named: &[T::Item], now: Timestamp) -> Result<(), RunError> {
        let job = &mut self.jobs[index];
        let sent = job.open_write.take();
        match (self.target.found(&job.action, named), sent) {
            (Settled::Done, Some(_)) => {
                let booking = booking::of_creation(job.tenant.as_deref(), &job.action, named.first());
                self.succeeded(self.jobs[index].stage);
                self.end(index, ActionStatus::Applied, None, &booking, now)
            }
            // Somebody else brought it back.
            (Settled::Done, None) => self.end(index, ActionStatus::Unchanged, None, &Booking::default(), now),
            (Settled::Mixed(text), _) => self.conflict(index, text, now),
            (Settled::NotDone, Some(_)) if job.stage == Stage::Leftover => {
                let text = "the write of that run did not happen".to_owned();
                self.end(index, ActionStatus::Failed, Some(text), &Booking::default(), now)
            }
            (Settled::NotDone, Some(image)) => self.decide_again(index, image, now),
            (Settled::NotDone, None) => match self.target.image(&job.action) {
                Some(image) => self.decide(index, image, now),
                None => self.failed(index, "the plan does not say what it was".into(), now),
            },
        }
    }

    /// The reply of a creation: proof, or a failure although the target said yes (rule 39).
    pub(super) fn created(&mut self, index: usize, reply: T::Item, now: Timestamp) -> Result<(), RunError> {
        let job = &self.jobs[index];
        let named = [reply];
        match self.target.found(&job.action, &named) {
            Settled::Done => {
                let booking = booking::of_creation(job.tenant.as_deref(), &job.action, named.first());
                self.succeeded(job.stage);
                self.end(index, ActionStatus::Applied, None, &booking, now)
            }
            Settled::Mixed(text) => self.failed(index, format!("the reply does not show what was sent: {text}"), now),
            Settled::NotDone => self.failed(index, "the reply shows no user".into(), now),
        }
    }
}
