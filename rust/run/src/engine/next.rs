//! What comes next.

use super::job::{Job, Phase, Stage};
use super::run::{FirstWrite, Flight, Run};
use super::step::{Purpose, Step, StepId};
use super::target::Target;
use super::{ActionStatus, RunError, booking};
use crate::state::{Booking, Ending};
use esgsync_delegation::plan::ActionKind;
use jiff::{SignedDuration, Timestamp};

/// How old a read may be when the write that was computed from it is handed out: beyond that the user is read again.
const FRESH: SignedDuration = SignedDuration::from_secs(30);

/// Adoptions that share a transaction.
const ADOPTIONS: usize = 500;

impl<T: Target> Run<T> {
    /// The next step. Ask until it says `Wait` or `Done`, or until as many steps are in flight as the target bears.
    ///
    /// A write is journalled here, with its before-image, before it is handed out.
    ///
    /// # Errors
    /// [`RunError::State`]: then no step was handed out.
    pub fn next(&mut self, now: Timestamp) -> Result<Step<T::Body>, RunError> {
        loop {
            if self.stopped.is_some() {
                return Ok(self.idle(Step::Done));
            }
            let Some(stage) = self.jobs.get(self.first_open).map(|job| job.stage) else {
                if self.selection.is_some() {
                    self.select()?;
                    continue;
                }
                return Ok(self.idle(Step::Done));
            };
            if stage == Stage::Adoptions {
                self.adopt(now)?;
                continue;
            }
            if self.first_write == FirstWrite::InFlight {
                return Ok(Step::Wait { until: None });
            }
            let open = self.first_open;
            match self.scan(stage, now)? {
                // Removals that ended without a call may have been the last of their stage.
                Step::Wait { .. } if self.first_open > open => {}
                step => return Ok(step),
            }
        }
    }

    fn idle(&self, done: Step<T::Body>) -> Step<T::Body> {
        if self.in_flight.is_empty() { done } else { Step::Wait { until: None } }
    }

    /// The first job of the stage that has something to hand out.
    fn scan(&mut self, stage: Stage, now: Timestamp) -> Result<Step<T::Body>, RunError> {
        let mut until: Option<Timestamp> = None;
        for index in self.first_open..self.jobs.len() {
            if self.jobs[index].stage != stage {
                break;
            }
            if let Phase::Open(Some(later)) = self.jobs[index].phase
                && later > now
            {
                until = Some(until.map_or(later, |until| until.min(later)));
                continue;
            }
            match self.offer(index, now)? {
                Some(Step::Wait { until: Some(later) }) => {
                    until = Some(until.map_or(later, |until| until.min(later)));
                }
                Some(step) => return Ok(step),
                None => {}
            }
        }
        Ok(Step::Wait { until })
    }

    fn offer(&mut self, index: usize, now: Timestamp) -> Result<Option<Step<T::Body>>, RunError> {
        let job = &self.jobs[index];
        match &job.phase {
            Phase::Open(_) if job.open_write.is_some() && job.creates() => Ok(Some(self.find(index))),
            Phase::Open(_) if job.open_write.is_some() => Ok(Some(self.read(index, Purpose::Settle))),
            Phase::Open(_) => self.begin_action(index, now),
            Phase::Ready { read_at, .. } if now.duration_since(*read_at) > FRESH => {
                self.jobs[index].phase = Phase::Open(None);
                self.offer(index, now)
            }
            Phase::Ready { .. } => self.hand_out(index, now).map(Some),
            Phase::Reading | Phase::Writing { .. } | Phase::Ended(_) => Ok(None),
        }
    }

    /// The read that an action begins with.
    fn begin_action(&mut self, index: usize, now: Timestamp) -> Result<Option<Step<T::Body>>, RunError> {
        if self.withheld_by_need(index, now)? {
            return Ok(None);
        }
        Ok(match self.jobs[index].action.kind {
            ActionKind::CreateUser => Some(self.find(index)),
            ActionKind::RemoveUser => self.offer_removal(index, now),
            ActionKind::UpdateUser | ActionKind::AdoptAlias | ActionKind::ReleaseAlias => {
                Some(self.read(index, Purpose::Update))
            }
        })
    }

    pub(super) fn read(&mut self, index: usize, purpose: Purpose) -> Step<T::Body> {
        let user_id = self.jobs[index].action.user.id;
        self.jobs[index].phase = Phase::Reading;
        Step::Read { step: self.depart(Flight::Job(index)), user_id, purpose }
    }

    fn find(&mut self, index: usize) -> Step<T::Body> {
        let username = self.jobs[index].action.user.username.clone();
        self.jobs[index].phase = Phase::Reading;
        Step::Find { step: self.depart(Flight::Job(index)), username }
    }

    /// Ends an action that needs another one which is not done: a removal its additions, a withdrawal the user that comes back (rule 41).
    fn withheld_by_need(&mut self, index: usize, now: Timestamp) -> Result<bool, RunError> {
        let missing = |id: &&String| !self.done.contains(*id);
        let Some(id) = self.jobs[index].action.depends_on.iter().find(missing) else { return Ok(false) };
        let text = format!("{} is not done", self.describe(id));
        self.end(index, ActionStatus::Withheld, Some(text), &Booking::default(), now)?;
        Ok(true)
    }

    /// An action of this plan by what it does for others; one that a guard trimmed has an id that only the plan knows.
    fn describe(&self, id: &str) -> String {
        let job = self.jobs.iter().map(|job| &job.action).find(|action| action.id == id);
        let job = job.map(|action| (action.kind, &action.user));
        let aside =
            || self.aside.iter().find(|result| result.action_id == id).map(|result| (result.kind, &result.user));
        match job.or_else(aside) {
            Some((ActionKind::CreateUser, user)) => {
                format!("the functional user '{}', which had its addresses,", user.username)
            }
            Some((_, user)) => {
                format!("the update of user '{}', which gives its addresses to a delegate,", user.username)
            }
            None => format!("action {id}, which it needs,"),
        }
    }

    /// Journal first, then the step.
    fn hand_out(&mut self, index: usize, now: Timestamp) -> Result<Step<T::Body>, RunError> {
        let job = &mut self.jobs[index];
        let Phase::Ready { before, body, .. } = &job.phase else { return Ok(Step::Wait { until: None }) };
        let existing = (!job.creates()).then_some(before);
        self.state.sending(job.run, &job.action, job.attempts + 1, existing, body.as_ref(), now)?;
        let (before, body, user_id) = (before.clone(), body.clone(), job.action.user.id);
        let created = job.creates().then(|| Box::new(job.action.clone()));
        job.attempts += 1;
        job.phase = Phase::Writing { before, body: body.clone() };
        if self.first_write == FirstWrite::Waiting {
            self.first_write = FirstWrite::InFlight;
        }
        let step = self.depart(Flight::Job(index));
        Ok(match (created, body) {
            (Some(action), _) => Step::Create { step, action },
            (None, Some(body)) => Step::Update { step, user_id, body },
            (None, None) => Step::Remove { step, user_id },
        })
    }

    /// Adoptions and releases: no call, but an entry in the journal for each (rule 35). Many to a transaction, as there may be one for every user.
    fn adopt(&mut self, now: Timestamp) -> Result<(), RunError> {
        let jobs = self.jobs[self.first_open..].iter().take_while(|job| job.stage == Stage::Adoptions);
        let jobs: Vec<&Job<T>> = jobs.take(ADOPTIONS).collect();
        let bookings: Vec<Booking> =
            jobs.iter().map(|job| booking::of_adoption(job.tenant.as_deref(), &job.action)).collect();
        let status = |job: &Job<T>| match job.action.kind {
            ActionKind::ReleaseAlias => ActionStatus::Released,
            _ => ActionStatus::Adopted,
        };
        let ending = |(job, booking)| {
            let job: &&Job<T> = job;
            Ending { action: &job.action, status: status(job), text: None, booking }
        };
        let endings: Vec<Ending<'_>> = jobs.iter().zip(&bookings).map(ending).collect();
        self.state.outcomes(self.id, &endings, now)?;
        let statuses: Vec<ActionStatus> = endings.iter().map(|ending| ending.status).collect();
        let first = self.first_open;
        statuses.into_iter().enumerate().for_each(|(at, status)| self.ended(first + at, status, None));
        Ok(())
    }

    pub(super) fn depart(&mut self, flight: Flight) -> StepId {
        self.last_step += 1;
        let step = StepId(self.last_step);
        self.in_flight.insert(step, flight);
        step
    }
}
