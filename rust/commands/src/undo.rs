//! The plan that takes a run back.

use crate::context::Context;
use crate::failure;
use crate::planning::{check_folder, deliver, failed_plan, open_state, read_users, target_ref};
use crate::wire::{ErrorReply, NewUndoPlanRequest, PlanReply};
use esgsync_delegation::esg::{self, UndoInput};
use esgsync_run::{State, StateError};

pub(crate) async fn new_undo_plan(context: Context, request: NewUndoPlanRequest) -> Result<PlanReply, ErrorReply> {
    let connection = context.shared.connections.get(request.connection)?;
    check_folder(request.path.as_deref())?;
    if !connection.has_state() {
        return Err(failure::state(&StateError::Missing { path: connection.state_file.clone() }));
    }
    let mut state = open_state(&connection)?;
    // Before the users are taken in: an alias that a killed run removed is managed until then.
    let facts = state.undo_facts(request.run).map_err(|error| failure::undo(&error))?;
    let users = read_users(&context, &connection).await?;
    let tenant = facts.tenant.clone().unwrap_or_default();
    let of_state = |error: StateError| failure::state(&error);
    state.observe(&tenant, &users).map_err(of_state)?;
    let known = |state: &State| Ok((state.removed(&tenant)?, state.managed(&tenant)?));
    let (removed, managed) = known(&state).map_err(of_state)?;
    let plan = esg::undo(&UndoInput {
        run: facts.run,
        tenant: facts.tenant,
        actions: &facts.actions,
        touches: &facts.touches,
        users: &users,
        functional_role: connection.functional_role,
        removed: &removed,
        managed: &managed,
        users_can_be_created: connection.users_can_be_created,
        target: target_ref(&connection, &state)?,
        created: context.now(),
        product: env!("CARGO_PKG_VERSION"),
    })
    .map_err(|error| failed_plan(&error))?;
    deliver(plan, request.path)
}
