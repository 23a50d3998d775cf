//! Plans: made from a snapshot and the users of the target, or read from a file.

use crate::connection::Connection;
use crate::context::{Context, Progress};
use crate::failure;
use crate::wire::{ActionRecord, ChangeRecord, ErrorCategory, ErrorReply, NewPlanRequest, PlanReply, ReadPlanRequest};
use esgsync_delegation::esg::{self, EmailAddress, EsgUser, PlanInput};
use esgsync_delegation::plan::{Action, Change, GuardCount, Plan, PlanError, PlanOptions, TargetRef};
use esgsync_delegation::resolve::{self, ResolveOptions};
use esgsync_run::{Mode, State};
use std::path::Path;

pub(crate) async fn new_plan(context: Context, request: NewPlanRequest) -> Result<PlanReply, ErrorReply> {
    let connection = context.shared.connections.get(request.connection)?;
    let (snapshot, _) = context.shared.snapshots.ready(request.snapshot)?;
    check_folder(request.path.as_deref())?;
    // The lock first: what is read from the target must not be changed by a run of ours meanwhile.
    let mut state = open_state(&connection)?;
    let users = read_users(&context, &connection).await?;

    let tenant = snapshot.header.tenant.as_ref().map(|tenant| tenant.id.clone()).unwrap_or_default();
    state.observe(&tenant, &users).map_err(|error| failure::state(&error))?;
    let managed = state.managed_for_all().map_err(|error| failure::state(&error))?;
    let removed = state.removed(&tenant).map_err(|error| failure::state(&error))?;
    let removable = state.removable(&tenant).map_err(|error| failure::state(&error))?;
    let resolution = resolve::resolve(&snapshot, &resolve_options(&request.options));
    let plan = esg::plan(PlanInput {
        snapshot: &snapshot,
        resolution: &resolution,
        users: &users,
        functional_role: connection.functional_role,
        target: target_ref(&connection, &state)?,
        options: request.options,
        managed: &managed,
        removed: &removed,
        removable: &removable,
        users_can_be_created: connection.users_can_be_created,
        created: context.now(),
        product: env!("CARGO_PKG_VERSION"),
    })
    .map_err(|error| failed_plan(&error))?;
    let now_removable = esg::removable(&removable, &users, &plan);
    if now_removable != removable {
        state.keep_removable(&tenant, &now_removable).map_err(|error| failure::state(&error))?;
    }
    deliver(plan, request.path)
}

/// All users, with progress.
pub(crate) async fn read_users(context: &Context, connection: &Connection) -> Result<Vec<EsgUser>, ErrorReply> {
    let mut progress = Progress::new(&context.events, "Reading the users of ESG");
    let users = connection
        .client
        .users(&context.calls(), |page| {
            progress.show(
                format!("{} of {} users", page.read, page.total.unwrap_or(0)),
                page.read,
                page.total.unwrap_or(0),
            );
        })
        .await
        .map_err(|error| failure::target(&error))?;
    progress.complete().await?;
    Ok(users)
}

/// Seals a plan, writes its file where one is wanted, and shows it.
pub(crate) fn deliver(plan: Plan, path: Option<String>) -> Result<PlanReply, ErrorReply> {
    let plan = plan.seal();
    let text = plan.write();
    if let Some(path) = &path {
        write_plan(Path::new(path), &text)?;
    }
    Ok(describe(&plan, text, path))
}

pub(crate) async fn read_plan(_context: Context, request: ReadPlanRequest) -> Result<PlanReply, ErrorReply> {
    let text = std::fs::read_to_string(&request.path).map_err(|error| {
        let category = match error.kind() {
            std::io::ErrorKind::NotFound => ErrorCategory::ObjectNotFound,
            std::io::ErrorKind::PermissionDenied => ErrorCategory::PermissionDenied,
            _ => ErrorCategory::ReadError,
        };
        let message = format!("The plan {} cannot be read: {error}.", request.path);
        failure::new("PlanUnreadable", category, message, "Check the path, and that this account may read the file.")
            .about(&request.path)
    })?;
    let plan = Plan::read(&text).map_err(|error| failed_plan(&error).about(&request.path))?;
    Ok(describe(&plan, text, Some(request.path)))
}

/// Opens the state of a connection for writing: the lock is held until it is dropped.
pub(crate) fn open_state(connection: &Connection) -> Result<State, ErrorReply> {
    let options = connection.state_options(Mode::Write);
    State::open(&connection.state_file, &connection.identity, &options).map_err(|error| failure::state(&error))
}

pub(crate) fn failed_plan(error: &PlanError) -> ErrorReply {
    failure::new(
        "PlanRefused",
        ErrorCategory::InvalidData,
        format!("There is no plan: {error}."),
        "Nothing was changed. The message says what to do.",
    )
}

pub(crate) fn target_ref(connection: &Connection, state: &State) -> Result<TargetRef, ErrorReply> {
    Ok(TargetRef {
        name: connection.identity.name.clone(),
        system: connection.identity.system.clone(),
        host: connection.identity.host.clone(),
        simulator: connection.identity.simulator,
        state_id: state.state_id().to_owned(),
        state_generation: state.generation().map_err(|error| failure::state(&error))?,
    })
}

fn resolve_options(options: &PlanOptions) -> ResolveOptions {
    ResolveOptions {
        rights: options.rights.clone(),
        include_inherited: options.include_inherited,
        expand_group: options.expand_group,
        include_delegate_type: options.include_delegate_type.clone(),
    }
}

/// Before anything is read: a large appliance takes minutes, and its plan would have nowhere to go.
pub(crate) fn check_folder(path: Option<&str>) -> Result<(), ErrorReply> {
    let Some(path) = path else { return Ok(()) };
    let folder = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_none_or(Path::is_dir) {
        return Ok(());
    }
    let message = format!("The plan {path} cannot be written: its folder does not exist.");
    let action = "Give -Path in a folder that exists. Nothing was read.";
    Err(failure::new("PlanNotWritten", ErrorCategory::WriteError, message, action).about(path))
}

/// Whole or not at all.
pub(crate) fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    std::fs::write(&partial, text).and_then(|()| std::fs::rename(&partial, path))
}

/// A plan that is approved must not be half a plan.
fn write_plan(path: &Path, text: &str) -> Result<(), ErrorReply> {
    write_whole(path, text).map_err(|error| {
        let message = format!("The plan {} cannot be written: {error}.", path.display());
        let action = "Give -Path in a folder that exists and that this account may write to. The target was only read.";
        failure::new("PlanNotWritten", ErrorCategory::WriteError, message, action).about(path.display().to_string())
    })
}

/// Design 10: a guard that blocks weighs more than an unknown mailbox, and that more than changes that wait.
pub(crate) fn exit_code(plan: &Plan) -> i32 {
    if plan.guards.iter().any(|guard| guard.blocked) {
        3
    } else if plan.summary.mailboxes_unknown > 0 {
        4
    } else if !plan.actions.is_empty() {
        2
    } else {
        0
    }
}

/// The guards that are shown: of a kind that this sort of plan cannot have there is nothing to say.
pub(crate) fn guards(plan: &Plan) -> impl Iterator<Item = &GuardCount> {
    plan.guards.iter().filter(|guard| guard.count > 0 || guard.kind.is_of(plan.undoes.is_some()))
}

fn describe(plan: &Plan, text: String, path: Option<String>) -> PlanReply {
    PlanReply {
        text,
        path,
        digest: plan.digest.clone(),
        created: plan.created.to_string(),
        target: plan.target.clone(),
        tenant_id: plan.tenant.as_ref().map(|tenant| tenant.id.clone()),
        tenant_name: plan.tenant.as_ref().and_then(|tenant| tenant.name.clone()),
        snapshot: plan.snapshot.clone(),
        undoes: plan.undoes.clone(),
        options: plan.options.clone(),
        summary: plan.summary.clone(),
        guards: guards(plan).cloned().collect(),
        actions: plan.actions.iter().map(action_record).collect(),
        left_alone: plan.left_alone.clone(),
        findings: plan.findings.clone(),
        exit_code: exit_code(plan),
    }
}

fn action_record(action: &Action) -> ActionRecord {
    ActionRecord {
        id: action.id.clone(),
        kind: format!("{:?}", action.kind),
        user_id: action.user.id,
        username: action.user.username.clone(),
        changes: action.changes.iter().map(|change| change_record(change, &action.user.username)).collect(),
        before: texts(&action.before),
        after: action.after.as_deref().map(texts).unwrap_or_default(),
    }
}

pub(crate) fn change_record(change: &Change, username: &str) -> ChangeRecord {
    ChangeRecord {
        kind: format!("{:?}", change.kind),
        address: change.address.to_string(),
        username: username.to_owned(),
        mailbox: change.mailbox.display_name.clone(),
        mailbox_address: change.mailbox.primary.clone(),
        mailbox_guid: change.mailbox.guid.clone(),
        right: change.right.map(|right| format!("{right:?}")),
        reason: change.reason.to_string(),
        trail: change.trail.to_vec(),
    }
}

fn texts(elements: &[EmailAddress]) -> Vec<String> {
    elements.iter().map(|element| element.address().to_owned()).collect()
}
