//! Applying a plan: the engine of `run` decides, this drives it over the network (design 8).

use crate::connection::Connection;
use crate::context::{Batch, Context, Progress};
use crate::failure;
use crate::planning::{failed_plan, open_state};
use crate::steps;
use crate::wire::{ActionResultRecord, ErrorCategory, ErrorReply, Event, InvokePlanRequest, RunReply};
use esgsync_delegation::esg::EsgUser;
use esgsync_delegation::plan::{Admitted, ChangeKind, Plan};
use esgsync_run::{
    ActionResult, ActionStatus, Esg, Outcome, Run, RunEvent, RunOptions, RunResult, State, Step, StepId, check_plan,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// Plans older than this are refused unless the caller says otherwise (design 8).
const MAX_AGE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

pub(crate) async fn invoke_plan(context: Context, request: InvokePlanRequest) -> Result<RunReply, ErrorReply> {
    let connection = context.shared.connections.get(request.connection)?;
    let plan = Plan::read(&request.plan).map_err(|error| failed_plan(&error))?;
    check_age(plan.created, context.now(), request.max_age_seconds.map_or(MAX_AGE, Duration::from_secs))?;
    if !connection.has_state() {
        return Err(state_missing(&connection));
    }
    // In the order of the exit codes (design 10): what cannot run at all, then a lock of somebody else, then expectations.
    let mut state = open_state(&connection)?;
    check_plan(&state, &plan).map_err(|error| failure::run(&error))?;
    let expect: BTreeMap<ChangeKind, u64> =
        request.expect.iter().map(|expectation| (expectation.kind, expectation.count)).collect();
    let done = state.done(&plan.digest).map_err(|error| failure::state(&error))?;
    let admitted = plan.admit(&expect, &done).map_err(|error| {
        let action = "Nothing was changed. Make a new plan and read its numbers again.";
        failure::new("ExpectRefused", ErrorCategory::LimitsExceeded, error.to_string() + ".", action).exit(3)
    })?;
    keep_images_for(&mut state, connection.run_retention_days, context.now())?;
    let options = RunOptions { first: request.first, now: context.now() };
    let target = Esg { functional_role: connection.functional_role, options: plan.options.clone() };
    let run = Run::begin(state, target, &plan, &admitted, options).map_err(|error| failure::run(&error))?;
    let result = Driver { context: &context, connection, in_flight: JoinSet::new() }.drive(run).await?;
    Ok(describe(&plan, &admitted, result))
}

/// Retention: images of older runs go, and nothing else. Without the setting none does.
fn keep_images_for(state: &mut State, days: Option<u32>, now: Timestamp) -> Result<(), ErrorReply> {
    let Some(days) = days else { return Ok(()) };
    let limit = now.checked_sub(SignedDuration::from_hours(24 * i64::from(days)));
    // A limit before the beginning of time keeps everything.
    let Ok(limit) = limit else { return Ok(()) };
    state.delete_images(limit, now).map(|_| ()).map_err(|error| failure::state(&error))
}

fn check_age(created: Timestamp, now: Timestamp, limit: Duration) -> Result<(), ErrorReply> {
    let age = now.duration_since(created);
    if age.unsigned_abs() <= limit {
        return Ok(());
    }
    let days = age.as_secs() / 86_400;
    let message = if age.is_negative() {
        format!("The plan is from the future ({created}).")
    } else {
        format!("The plan is {days} days old ({created}), older than -MaxAge allows.")
    };
    let action = "Nothing was changed. Make a new plan; the tenant and the appliance may have changed since.";
    Err(failure::new("PlanTooOld", ErrorCategory::InvalidOperation, message, action))
}

/// Every plan is bound to a state file; a new one would not be it, so none is made.
fn state_missing(connection: &Connection) -> ErrorReply {
    let path = connection.state_file.display().to_string();
    let message = format!("The state file '{path}' is not there, so the plan was made with another one.");
    let action = "Nothing was changed. Connect with the name and the -StatePath that the plan was made with, or make a new plan.";
    failure::new("PlanForOtherState", ErrorCategory::InvalidOperation, message, action).about(path)
}

struct Driver<'a> {
    context: &'a Context,
    connection: Arc<Connection>,
    in_flight: JoinSet<(StepId, Outcome<EsgUser>)>,
}

impl Driver<'_> {
    /// Asks the engine for steps and serves them, a few at a time, until it is done or the caller stops.
    async fn drive(mut self, mut run: Run<Esg>) -> Result<RunResult, ErrorReply> {
        let mut progress = Progress::new(&self.context.events, "Applying the plan");
        let mut stopping = false;
        loop {
            let (done, wake) = self.start_steps(&mut run)?;
            self.report(&mut run, &mut progress).await;
            if done && self.in_flight.is_empty() {
                break;
            }
            tokio::select! {
                biased;
                // No new work; the client gives what is in flight a moment and then says what is known of it.
                () = self.context.cancel.cancelled(), if !stopping => {
                    run.stop();
                    stopping = true;
                }
                Some(joined) = self.in_flight.join_next() => {
                    let (step, outcome) = joined.map_err(|error| failure::internal(error.to_string()))?;
                    run.complete(step, outcome, self.context.now()).map_err(|error| failure::run(&error))?;
                }
                () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
            }
        }
        let result = run.finish(self.context.now()).map_err(|error| failure::run(&error))?;
        // After a stop nobody takes events any more.
        let _ = self.tell(&result.actions).await;
        let _ = progress.complete().await;
        Ok(result)
    }

    /// Starts what may start now. Gives whether the engine is done, and when to ask again.
    fn start_steps(&mut self, run: &mut Run<Esg>) -> Result<(bool, Option<Instant>), ErrorReply> {
        while self.in_flight.len() < self.connection.concurrency {
            let connection = Arc::clone(&self.connection);
            let calls = self.context.calls();
            let now = self.context.now();
            match run.next(now).map_err(|error| failure::run(&error))? {
                Step::Read { step, user_id, .. } => {
                    self.in_flight.spawn(async move { (step, steps::read(&connection, &calls, user_id).await) });
                }
                Step::Update { step, user_id, body } => {
                    self.in_flight
                        .spawn(async move { (step, steps::update(&connection, &calls, user_id, &body).await) });
                }
                Step::Remove { step, user_id } => {
                    self.in_flight.spawn(async move { (step, steps::remove(&connection, &calls, user_id).await) });
                }
                Step::Find { step, username } => {
                    self.in_flight.spawn(async move { (step, steps::find(&connection, &calls, &username).await) });
                }
                Step::Create { step, action } => {
                    self.in_flight.spawn(async move { (step, steps::create(&connection, &calls, &action).await) });
                }
                Step::Wait { until } => return Ok((false, until.map(|until| instant(until, now)))),
                Step::Done => return Ok((true, None)),
            }
        }
        Ok((false, None))
    }

    async fn report(&self, run: &mut Run<Esg>, progress: &mut Progress) {
        for event in run.take_events() {
            match event {
                RunEvent::Settled(result) => self.settled(&result).await,
                // Told at the end, with all that no step was taken for.
                RunEvent::Ended(_) => {}
                RunEvent::Retrying { user, attempts, text, .. } => {
                    let text = format!("User {} is tried again after {attempts}: {text}", user.username);
                    self.context.events.verbose(text);
                }
                // The result tells why, and so does an error: a warning would be the third to say it.
                RunEvent::Stopping(stop) => self.context.events.verbose(format!("The run stops: {}", stop.text)),
            }
        }
        let (ended, all) = run.progress();
        progress.show(format!("{ended} of {all} actions"), ended, all);
    }

    // Every action that was open, in the order of the plan: also what a guard held back, and what was left.
    async fn tell(&self, actions: &[ActionResult]) -> Result<(), ErrorReply> {
        let mut results = Batch::new(&self.context.events, Event::ActionResult);
        for action in actions {
            results.push(record(action)).await?;
        }
        results.flush().await
    }

    // A write of an earlier run is no result of this one, which does what is still open. What stays in doubt must be seen.
    async fn settled(&self, result: &ActionResult) {
        let text = result.text.as_deref().unwrap_or("it happened");
        let text = format!("A write of an earlier run to user {}: {text}.", result.user.username);
        if matches!(result.status, ActionStatus::Conflict | ActionStatus::Unsettled) {
            self.warn(format!("{text} Look at that user at the appliance, then make a new plan.")).await;
        } else {
            self.context.events.verbose(text);
        }
    }

    // Nobody takes events any more when the pipeline was stopped: that must not keep the run from ending in order.
    async fn warn(&self, text: String) {
        if self.context.events.warn(text).await.is_err() {
            self.context.cancel.cancel();
        }
    }
}

fn instant(until: Timestamp, now: Timestamp) -> Instant {
    let wait = until.duration_since(now);
    Instant::now() + Duration::try_from(wait).unwrap_or_default()
}

fn record(result: &ActionResult) -> ActionResultRecord {
    ActionResultRecord {
        id: result.action_id.clone(),
        kind: format!("{:?}", result.kind),
        user_id: result.user.id,
        username: result.user.username.clone(),
        status: format!("{:?}", result.status),
        addresses: result.changes.iter().map(|change| change.address.to_string()).collect(),
        text: result.text.clone(),
    }
}

fn describe(plan: &Plan, admitted: &Admitted, result: RunResult) -> RunReply {
    let count = |status| result.statuses.get(&status).copied().unwrap_or(0);
    let mut reply = RunReply {
        run: Some(result.run),
        plan: plan.digest.clone(),
        started: result.started.to_string(),
        ended: result.ended.to_string(),
        applied: count(ActionStatus::Applied) + count(ActionStatus::Adopted) + count(ActionStatus::Released),
        unchanged: count(ActionStatus::Unchanged),
        done_before: result.done_before,
        conflicts: count(ActionStatus::Conflict),
        failed: count(ActionStatus::Failed),
        withheld: count(ActionStatus::Withheld),
        remaining: count(ActionStatus::NotStarted),
        unsettled: count(ActionStatus::Unsettled),
        blocked: admitted.blocked.clone(),
        stopped: result.stopped.map(|stop| stop.text),
        findings: result.findings,
        exit_code: 0,
    };
    reply.exit_code = exit_code(&reply, plan.summary.mailboxes_unknown);
    reply
}

/// Design 10: 3 a guard blocked, 4 something failed or stayed unknown, 2 something is left to apply, 0 in line.
fn exit_code(reply: &RunReply, unknown: u64) -> i32 {
    let failed = reply.conflicts + reply.failed + reply.unsettled + reply.withheld + unknown;
    if !reply.blocked.is_empty() {
        3
    } else if failed > 0 || reply.stopped.is_some() {
        4
    } else if reply.remaining > 0 {
        2
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use esgsync_delegation::plan::guards;

    fn reply(blocked: bool, failed: u64, remaining: u64) -> RunReply {
        let counts = [(ChangeKind::AliasRemoved, 11)].into();
        let blocked = guards(&counts, &BTreeMap::new()).into_iter().filter(|guard| blocked && guard.blocked);
        RunReply {
            run: None,
            plan: String::new(),
            started: String::new(),
            ended: String::new(),
            applied: 1,
            unchanged: 0,
            done_before: 0,
            conflicts: 0,
            failed,
            withheld: 0,
            remaining,
            unsettled: 0,
            blocked: blocked.collect(),
            stopped: None,
            findings: Vec::new(),
            exit_code: 0,
        }
    }

    /// Clocks differ: what was made a moment later than now was made now, and a week is as long in either direction.
    #[test]
    fn a_plan_grows_old_after_seven_days() {
        let now: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
        let week = SignedDuration::from_hours(7 * 24);
        let at = |age: SignedDuration| check_age(now - age, now, MAX_AGE).map_err(|error| (error.code, error.message));
        assert_eq!((at(week), at(-week), at(SignedDuration::ZERO)), (Ok(()), Ok(()), Ok(())));
        let second = SignedDuration::from_secs(1);
        let (old, future) = (at(week + second).unwrap_err(), at(-week - second).unwrap_err());
        assert_eq!((&*old.0, &*future.0), ("PlanTooOld", "PlanTooOld"));
        assert!(old.1.contains("7 days old (2026-11-17T07:59:59Z)"), "{}", old.1);
        assert!(future.1.contains("from the future"), "{}", future.1);
    }

    #[test]
    fn of_several_exit_codes_the_weightier_one_counts() {
        for (blocked, failed, remaining, unknown, expected) in [
            (true, 1, 1, 1, 3),
            (true, 1, 0, 0, 3),
            (true, 0, 1, 0, 3),
            (true, 0, 0, 1, 3),
            (false, 1, 1, 0, 4),
            (false, 0, 1, 1, 4),
            (false, 0, 0, 1, 4),
            (false, 0, 1, 0, 2),
            (false, 0, 0, 0, 0),
        ] {
            assert_eq!(exit_code(&reply(blocked, failed, remaining), unknown), expected);
        }
        let one = |change: fn(&mut RunReply)| {
            let mut reply = reply(false, 0, 0);
            change(&mut reply);
            exit_code(&reply, 0)
        };
        assert_eq!(one(|reply| reply.conflicts = 1), 4);
        assert_eq!(one(|reply| reply.unsettled = 1), 4);
        assert_eq!(one(|reply| reply.withheld = 1), 4);
        let stopped = RunReply { stopped: Some("Interrupted".into()), ..reply(false, 0, 3) };
        assert_eq!(exit_code(&stopped, 0), 4);
    }
}
