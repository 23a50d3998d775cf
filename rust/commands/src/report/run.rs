//! A run as a report: what its journal tells, and, where its plan is given, what the journal does not keep.

use super::{count, fact, plan as of_plan, time, unless_zero, verdict};
use crate::context::Context;
use crate::failure;
use crate::history::{open, run_record};
use crate::planning::guards;
use crate::wire::{ErrorCategory, ErrorReply, GetRunsRequest, RunOutcome};
use esgsync_delegation::plan::{ChangeKind, Plan};
use esgsync_report::{Change, Fact, Number, Report, Slow, Subject, Timings, Tone, Verdict};
use esgsync_run::{ActionRecord, RunRecord, State};
use std::collections::{HashMap, HashSet};

/// Actions that the page lists as slow.
const SLOWEST: usize = 10;

const WITHOUT_PLAN: &str = "The history keeps what a run did. What it left alone, its findings and its guards stand in its plan: give the file of the plan with -Plan to see them here.";

/// What a change is known by: user, kind, address.
type Key = (u64, ChangeKind, String);

pub(super) fn report(context: &Context, request: &GetRunsRequest, plan: Option<Plan>) -> Result<Report, ErrorReply> {
    let state = open(context, request)?;
    let runs = state.runs().map_err(|error| failure::state(&error))?;
    let id = request.run.first().copied().unwrap_or_default();
    let Some(run) = runs.iter().find(|run| run.id == id) else { return Err(unknown(&state, id)) };
    if let Some(plan) = plan.as_ref().filter(|plan| plan.digest != run.plan_digest) {
        return Err(other_plan(run, plan));
    }
    let actions = state.actions(id).map_err(|error| failure::state(&error))?;
    let mut changes: Vec<Change> = actions.iter().flat_map(done).collect();
    let working = runs.last().is_some_and(|last| last.id == id) && run.ended.is_none() && state.is_in_use();
    let record = run_record(&state, run.clone(), working);

    let title = match run.undoes {
        Some(undone) => format!("Run {id} at {}, which took back run {undone}", record.target),
        None => format!("Run {id} at {}", record.target),
    };
    let mut report = Report::new(Subject::Run, title, judge(&record), time(context.now()));
    report.facts.push(fact("Appliance", format!("{} at {}", record.target, record.host)));
    report.facts.extend(plan.as_ref().and_then(of_plan::tenant).or_else(|| Some(fact("Tenant", run.tenant.clone()?))));
    report.facts.extend(when(run));
    report.facts.extend(plan.as_ref().and_then(of_plan::origin));
    report.facts.push(fact("Plan", &run.plan_digest));
    report.numbers = numbers(run, &record);
    report.timings = Some(timings(run, &actions));
    match plan {
        Some(plan) => {
            changes.extend(open_changes(&state, run, &plan, &actions)?);
            let permitted = |kind| run.changes.get(&kind).is_some_and(|count| *count > 0);
            report.guards = Some(guards(&plan).map(|one| of_plan::guard(one, permitted(one.kind))).collect());
            report.left_alone = Some(plan.left_alone.into_iter().map(of_plan::left_alone).collect());
            report.findings = Some(plan.findings.into_iter().map(of_plan::finding).collect());
        }
        None => report.notes.push(WITHOUT_PLAN.into()),
    }
    report.changes = Some(changes);
    Ok(report)
}

fn unknown(state: &State, id: u64) -> ErrorReply {
    let message = format!("The target '{}' has no run {id}.", state.identity().name);
    let action = "Get-MailboxSyncRun lists the runs; name another target with -Target.";
    failure::new("RunUnknown", ErrorCategory::ObjectNotFound, message, action).about(id.to_string())
}

fn other_plan(run: &RunRecord, plan: &Plan) -> ErrorReply {
    let message = format!("Run {} applied another plan: {}, and not {}.", run.id, run.plan_digest, plan.digest);
    let action = "Give the plan of this run, or leave -Plan out.";
    failure::new("PlanOfAnotherRun", ErrorCategory::InvalidArgument, message, action)
}

/// The changes of a journalled action.
fn done(record: &ActionRecord) -> impl Iterator<Item = Change> + '_ {
    record.action.changes.iter().map(|change| Change {
        outcome: format!("{:?}", record.status),
        problem: record.text.clone(),
        ended: record.ended.map(|ended| ended.to_string()),
        ..of_plan::change(change, &record.action.user.username)
    })
}

/// What the plan has and the journal of this run has not.
fn open_changes(
    state: &State,
    run: &RunRecord,
    plan: &Plan,
    actions: &[ActionRecord],
) -> Result<Vec<Change>, ErrorReply> {
    let here: HashSet<Key> = actions.iter().flat_map(keys).collect();
    let mut earlier: HashMap<Key, u64> = HashMap::new();
    let runs = state.runs().map_err(|error| failure::state(&error))?;
    for before in runs.iter().filter(|before| before.id < run.id && before.plan_digest == run.plan_digest) {
        let take = |action: ActionRecord| {
            if action.status.is_done() {
                earlier.extend(keys(&action).map(|key| (key, before.id)));
            }
        };
        state.each_action(before.id, take).map_err(|error| failure::state(&error))?;
    }
    let blocked =
        |kind| plan.guards.iter().any(|guard| guard.kind == kind && guard.blocked) && !run.changes.contains_key(&kind);
    let mut open = Vec::new();
    for action in &plan.actions {
        for change in &action.changes {
            let key = (action.user.id, change.kind, change.address.to_string());
            if here.contains(&key) {
                continue;
            }
            let (outcome, problem) = match earlier.get(&key) {
                Some(run) => ("DoneBefore", Some(format!("run {run} of the same plan did it"))),
                None if blocked(change.kind) => ("Withheld", Some("a guard blocks this kind of change".to_owned())),
                None => ("NotStarted", None),
            };
            let change = of_plan::change(change, &action.user.username);
            open.push(Change { outcome: outcome.into(), problem, ..change });
        }
    }
    Ok(open)
}

fn keys(record: &ActionRecord) -> impl Iterator<Item = Key> + '_ {
    let user = record.action.user.id;
    record.action.changes.iter().map(move |change| (user, change.kind, change.address.to_string()))
}

fn judge(run: &crate::wire::RunRecord) -> Verdict {
    let open = [
        (run.failed, "failed"),
        (run.conflicts, "in conflict"),
        (run.unsettled, "not settled"),
        (run.withheld, "withheld"),
        (run.remaining, "not started"),
    ];
    let parts: Vec<String> =
        open.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
    let done = count(run.applied + run.unchanged, "action done", "actions done");
    let text = match parts.is_empty() {
        true => format!("{done}, nothing left over."),
        false => format!("{done}, {}.", parts.join(", ")),
    };
    match run.outcome {
        RunOutcome::Finished if run.failed + run.conflicts > 0 => verdict(Tone::Bad, "Finished with failures", text),
        RunOutcome::Finished if run.withheld > 0 => verdict(Tone::Caution, "Finished, a part withheld", text),
        RunOutcome::Finished => verdict(Tone::Good, "Finished", text),
        RunOutcome::Unfinished => {
            verdict(Tone::Caution, "Unfinished", format!("{text} The same plan, applied again, goes on where it was."))
        }
        RunOutcome::Stopped => {
            let why = run.stopped.as_deref().unwrap_or_default();
            verdict(Tone::Bad, "Stopped", format!("It stopped early: {why}. {text}"))
        }
        RunOutcome::Killed => verdict(
            Tone::Bad,
            "Killed",
            format!(
                "Its process ended without a word. {text} The same plan finishes it; Undo-MailboxSyncRun takes back what it did."
            ),
        ),
        RunOutcome::Running => verdict(Tone::Plain, "Running", format!("It works at this moment. {text}")),
    }
}

fn when(run: &RunRecord) -> Vec<Fact> {
    let by = match (&run.account, &run.machine) {
        (Some(account), Some(machine)) => Some(format!("{account} on {machine}")),
        (account, machine) => account.clone().or_else(|| machine.clone()),
    };
    let ended = run.ended.map_or_else(|| "not known".to_owned(), time);
    let facts = [Some(fact("Began", time(run.started))), Some(fact("Ended", ended)), by.map(|by| fact("Run by", by))];
    facts.into_iter().flatten().collect()
}

fn numbers(run: &RunRecord, record: &crate::wire::RunRecord) -> Vec<Number> {
    let changes = run.changes.iter().map(|(kind, number)| (of_plan::plural(*kind), *number, Tone::Plain));
    let others = [
        ("there already", record.unchanged, Tone::Good),
        ("failed", record.failed, Tone::Bad),
        ("in conflict", record.conflicts, Tone::Bad),
        ("not settled", record.unsettled, Tone::Bad),
        ("withheld", record.withheld, Tone::Caution),
        ("not started", record.remaining, Tone::Caution),
    ];
    changes.chain(others).filter_map(|(label, number, tone)| unless_zero(label, number, tone)).collect()
}

fn timings(run: &RunRecord, actions: &[ActionRecord]) -> Timings {
    let seconds = |from: jiff::Timestamp, to: jiff::Timestamp| to.duration_since(from).as_secs_f64();
    let mut slowest: Vec<Slow> = actions
        .iter()
        .filter(|action| action.attempts > 0)
        .filter_map(|action| {
            Some(Slow {
                user: action.action.user.username.clone(),
                outcome: format!("{:?}", action.status),
                seconds: seconds(action.started, action.ended?),
                writes: u64::from(action.attempts),
            })
        })
        .collect();
    slowest.sort_by(|left, right| right.seconds.total_cmp(&left.seconds));
    let median = slowest.get(slowest.len() / 2).map(|slow| slow.seconds);
    slowest.truncate(SLOWEST);
    Timings {
        seconds: run.ended.map(|ended| seconds(run.started, ended)),
        writes: actions.iter().map(|action| u64::from(action.attempts)).sum(),
        repeated: actions.iter().filter(|action| action.attempts > 1).count() as u64,
        median,
        slowest,
    }
}
