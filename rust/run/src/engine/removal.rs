//! Removals: proved by reads of holders and functional user after all updates of the run (rule 32).

use super::complete::later;
use super::job::Phase;
use super::run::{Flight, MAX_ATTEMPTS, Run};
use super::step::{Outcome, Purpose, Step, StepId};
use super::target::Target;
use super::{ActionStatus, RunError};
use crate::state::Booking;
use jiff::{SignedDuration, Timestamp};

/// What is known of a user who may prove something. Read once per run, however many removals need it.
pub(super) enum Holder<I> {
    Reading {
        retries: u32,
    },
    Later {
        retries: u32,
        until: Timestamp,
    },
    Known(I),
    /// Proves nothing, and why.
    Unreadable(String),
}

impl<T: Target> Run<T> {
    /// The next read that a removal needs: its holders, then the item itself, so that what is proved is its last read.
    /// `None`: reads are in flight.
    pub(super) fn offer_removal(&mut self, index: usize, now: Timestamp) -> Option<Step<T::Body>> {
        let holders: Vec<u64> = self.jobs[index].action.holders.iter().map(|holder| holder.id).collect();
        let mut ready = true;
        let mut wait = None;
        for id in holders {
            let retries = match self.holders.get(&id) {
                None => 0,
                Some(Holder::Later { retries, until }) if *until <= now => *retries,
                Some(Holder::Later { until, .. }) => {
                    (ready, wait) = (false, Some(*until));
                    continue;
                }
                Some(Holder::Reading { .. }) => {
                    ready = false;
                    continue;
                }
                Some(Holder::Known(_) | Holder::Unreadable(_)) => continue,
            };
            self.holders.insert(id, Holder::Reading { retries });
            let step = self.depart(Flight::Holder(id));
            return Some(Step::Read { step, user_id: id, purpose: Purpose::Holder });
        }
        if ready {
            return Some(self.read(index, Purpose::Removal));
        }
        wait.map(|until| Step::Wait { until: Some(until) })
    }

    pub(super) fn holder_read(
        &mut self,
        step: StepId,
        id: u64,
        outcome: Outcome<T::Item>,
        now: Timestamp,
    ) -> Result<(), RunError> {
        let retries = match self.holders.get(&id) {
            Some(Holder::Reading { retries }) => *retries,
            _ => 0,
        };
        let known = match outcome {
            Outcome::Item(item) if T::id(&item) == id => Holder::Known(item),
            Outcome::Item(item) => Holder::Unreadable(format!("user {} came back instead", T::id(&item))),
            Outcome::Missing => Holder::Unreadable("it does not exist any more".into()),
            Outcome::Later { after, .. } if retries + 1 < MAX_ATTEMPTS => {
                let wait = after.and_then(|after| SignedDuration::try_from(after).ok());
                let until = later(now, wait.unwrap_or(SignedDuration::from_secs(1)));
                Holder::Later { retries: retries + 1, until }
            }
            Outcome::Later { text, .. }
            | Outcome::ReadFailed { text }
            | Outcome::NotSent { text }
            | Outcome::Unsettled { text }
            | Outcome::Refused { text, .. } => {
                self.count_failure(&text);
                Holder::Unreadable(text)
            }
            Outcome::Denied { text } => {
                self.denied(&text);
                Holder::Unreadable(text)
            }
            Outcome::Removed | Outcome::Found(_) => {
                return Err(RunError::Driver { step: step.0, outcome: "an outcome of another kind of step" });
            }
        };
        self.holders.insert(id, known);
        Ok(())
    }

    /// With the last read of the item: may it go?
    pub(super) fn decide_removal(&mut self, index: usize, fresh: T::Item, now: Timestamp) -> Result<(), RunError> {
        let action = &self.jobs[index].action;
        let holders: Vec<T::Item> = action.holders.iter().filter_map(|holder| self.known(holder.id)).cloned().collect();
        match self.target.prove(action, &fresh, &holders) {
            Ok(()) => {
                self.jobs[index].phase = Phase::Ready { before: fresh, body: None, read_at: now };
                Ok(())
            }
            Err(mut text) => {
                for holder in &action.holders {
                    if let Some(Holder::Unreadable(why)) = self.holders.get(&holder.id) {
                        text.push_str(&format!("; user '{}' could not be read: {why}", holder.username));
                    }
                }
                self.end(index, ActionStatus::Withheld, Some(text), &Booking::default(), now)
            }
        }
    }

    fn known(&self, id: u64) -> Option<&T::Item> {
        match self.holders.get(&id) {
            Some(Holder::Known(item)) => Some(item),
            _ => None,
        }
    }
}
