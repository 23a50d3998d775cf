//! The history of a target: its runs, and what they did.

use crate::connection::state_file;
use crate::context::{Batch, Context};
use crate::failure;
use crate::planning::change_record;
use crate::wire::{
    AddressRecord, ErrorCategory, ErrorReply, Event, GetRunsRequest, KindCount, RunActionRecord, RunOutcome, RunRecord,
    RunsReply,
};
use esgsync_delegation::esg::EmailAddress;
use esgsync_delegation::plan::ActionKind;
use esgsync_run::{ActionStatus, Mode, OpenOptions, State};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// How state files end; what stands before is the name of the target.
const STATE_SUFFIX: &str = ".esg.db";

pub(crate) async fn get_runs(context: Context, request: GetRunsRequest) -> Result<RunsReply, ErrorReply> {
    let state = open(&context, &request)?;
    let mut runs = state.runs().map_err(|error| failure::state(&error))?;
    let last = runs.last().map(|run| run.id);
    let asked: BTreeSet<u64> = request.run.iter().copied().collect();
    let unknown_runs = asked.iter().filter(|id| runs.iter().all(|run| run.id != **id)).copied().collect();
    runs.retain(|run| asked.is_empty() || asked.contains(&run.id));
    // The newest first: it is what most people ask for.
    runs.reverse();
    runs.truncate(request.newest.and_then(|newest| usize::try_from(newest).ok()).unwrap_or(usize::MAX));
    let target = state.identity().name.clone();
    let count = if request.actions {
        let mut batch = Batch::new(&context.events, Event::RunAction);
        for run in &runs {
            for action in state.actions(run.id).map_err(|error| failure::state(&error))? {
                batch.push(action_record(run.id, &target, action)).await?;
            }
        }
        batch.flush().await?;
        batch.count
    } else {
        let mut batch = Batch::new(&context.events, Event::Run);
        for run in runs {
            let working = Some(run.id) == last && run.ended.is_none() && state.is_in_use();
            batch.push(run_record(&state, run, working)).await?;
        }
        batch.flush().await?;
        batch.count
    };
    Ok(RunsReply { count, target, state_file: state.path().display().to_string(), unknown_runs })
}

pub(crate) fn open(context: &Context, request: &GetRunsRequest) -> Result<State, ErrorReply> {
    let opened = match request.connection {
        Some(number) => {
            let connection = context.shared.connections.get(number)?;
            // Looked at only when it is there: whoever looks makes no file.
            if connection.has_state() {
                let options = connection.state_options(Mode::Read);
                State::open(&connection.state_file, &connection.identity, &options)
            } else {
                State::look(&connection.state_file, &connection.state_options(Mode::Read))
            }
        }
        None => {
            let folder = request.state_folder.as_deref().unwrap_or_default();
            let path = match &request.name {
                Some(name) => state_file(folder, name)?,
                None => only_state_file(folder)?,
            };
            State::look(&path, &OpenOptions::default())
        }
    };
    opened.map_err(|error| failure::state(&error))
}

/// The one state file of a folder.
fn only_state_file(folder: &str) -> Result<PathBuf, ErrorReply> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let name = |entry: std::fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        name.strip_suffix(STATE_SUFFIX).map(str::to_owned)
    };
    let mut names: Vec<String> = entries.filter_map(name).collect();
    names.sort();
    match names.as_slice() {
        [name] => state_file(folder, name),
        [] => {
            let text = format!("The folder '{folder}' holds no state file.");
            let action = "Name the folder with -StatePath. The file is made by the first New-EsgPlan.";
            Err(failure::new("StateMissing", ErrorCategory::ObjectNotFound, text, action).about(folder))
        }
        several => {
            let text = format!("The folder '{folder}' holds the states of several targets: {}.", several.join(", "));
            let action = "Name the one that is meant with -Target.";
            Err(failure::new("TargetNotNamed", ErrorCategory::InvalidArgument, text, action).about(folder))
        }
    }
}

pub(crate) fn run_record(state: &State, run: esgsync_run::RunRecord, working: bool) -> RunRecord {
    let count = |status| run.statuses.get(&status).copied().unwrap_or(0);
    let outcome = match (&run.ended, &run.stopped) {
        (None, _) if working => RunOutcome::Running,
        (None, _) => RunOutcome::Killed,
        (Some(_), Some(_)) => RunOutcome::Stopped,
        _ if count(ActionStatus::NotStarted) + count(ActionStatus::Unsettled) > 0 => RunOutcome::Unfinished,
        _ => RunOutcome::Finished,
    };
    RunRecord {
        id: run.id,
        target: state.identity().name.clone(),
        host: state.identity().host.clone(),
        outcome,
        applied: count(ActionStatus::Applied) + count(ActionStatus::Adopted) + count(ActionStatus::Released),
        unchanged: count(ActionStatus::Unchanged),
        conflicts: count(ActionStatus::Conflict),
        failed: count(ActionStatus::Failed),
        withheld: count(ActionStatus::Withheld),
        remaining: count(ActionStatus::NotStarted),
        unsettled: count(ActionStatus::Unsettled),
        changes: run.changes.iter().map(|(&kind, &count)| KindCount { kind, count }).collect(),
        can_be_undone: run.images_deleted.is_none() && run.undoes.is_none() && !working,
        plan: run.plan_digest,
        tenant_id: run.tenant,
        undoes: run.undoes,
        account: run.account,
        machine: run.machine,
        started: run.started.to_string(),
        ended: run.ended.map(|ended| ended.to_string()),
        stopped: run.stopped,
    }
}

fn action_record(run: u64, target: &str, record: esgsync_run::ActionRecord) -> RunActionRecord {
    let action = record.action;
    let user = &action.user;
    let list = |user: &Value| addresses(user.get("addresses").unwrap_or(&Value::Null));
    // What was sent is a list; what was read is a user.
    let sent = record.sent.as_ref().map(addresses);
    let created = action.restore.as_ref().filter(|_| action.kind == ActionKind::CreateUser);
    let created = || created.map(|user| user.addresses.iter().map(address).collect());
    RunActionRecord {
        run,
        target: target.to_owned(),
        id: action.id.clone(),
        kind: format!("{:?}", action.kind),
        user_id: user.id,
        username: user.username.clone(),
        status: format!("{:?}", record.status),
        text: record.text,
        attempts: record.attempts,
        started: record.started.to_string(),
        ended: record.ended.map(|ended| ended.to_string()),
        changes: action.changes.iter().map(|change| change_record(change, &user.username)).collect(),
        before: record.before.as_ref().map(list).unwrap_or_default(),
        after: record.shown.as_ref().map(list).or(sent).or_else(created).unwrap_or_default(),
    }
}

fn addresses(list: &Value) -> Vec<AddressRecord> {
    let elements: Vec<EmailAddress> = serde_json::from_value(list.clone()).unwrap_or_default();
    elements.iter().map(address).collect()
}

fn address(element: &EmailAddress) -> AddressRecord {
    AddressRecord { address: element.address().to_owned(), active: element.is_active(), primary: element.is_primary() }
}
