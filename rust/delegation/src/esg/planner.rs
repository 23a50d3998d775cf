//! The steps of planning, in order.

use super::draft::{Draft, World};
use super::grants::Grants;
use super::index::{Index, Standing};
use super::managed::Managed;
use super::matching::Matching;
use super::{PlanInput, actions, additions, collapse, findings, functional, stale};
use crate::plan::{Action, ChangeKind, PLAN_VERSION, Plan, PlanError, SnapshotRef, Summary, guards};
use std::collections::BTreeMap;

/// Compares the delegations of a snapshot with the users of an appliance (design 6).
///
/// A snapshot without `end` only adds. One without a tenant id neither removes nor adopts: which entries of the state
/// file are its own cannot be proved, and an alias that became managed without a tenant could never be told from another
/// tenant's. The plan is not sealed yet ([`Plan::seal`]).
///
/// # Errors
/// When there is nothing to conclude from: no mailbox, no user, a user list that is not complete, a resolution of
/// another snapshot.
pub fn plan(input: PlanInput<'_>) -> Result<Plan, PlanError> {
    input.check()?;
    let world = world(&input);
    let users = world.index.users.len();
    let mut draft = Draft { writes: vec![Vec::new(); users], adoptions: vec![Vec::new(); users], ..Draft::default() };
    draft.added = additions::additions(&world, &mut draft);
    stale::removals(&world, &mut draft);
    collapse::duplicates(&world, &mut draft);
    additions::adoptions(&world, &mut draft);
    let removable = functional::removals(&world, &mut draft);
    let removable_count = removable.len();
    functional::findings(&world, &mut draft, removable_count);
    let removals = functional::keep(&world, &mut draft, removable);
    findings::findings(&world, &mut draft);
    let actions = actions::actions(&world, &mut draft, removals);
    Ok(assemble(&world, draft, actions, removable_count as u64))
}

fn world<'a>(input: &'a PlanInput<'a>) -> World<'a> {
    let index = Index::new(input);
    let matching = Matching::new(&index);
    let grants = Grants::new(&index, &matching);
    let managed = Managed::new(&index);
    let returned = functional::returns(&index);
    World { index, matching, grants, managed, returned }
}

fn assemble(world: &World<'_>, draft: Draft, actions: Vec<Action>, removable: u64) -> Plan {
    let input = world.index.input;
    let mut plan = Plan {
        version: PLAN_VERSION,
        created: input.created,
        product: input.product.to_owned(),
        target: input.target.clone(),
        tenant: input.snapshot.header.tenant.clone(),
        snapshot: Some(snapshot(world)),
        undoes: None,
        options: input.options.clone(),
        summary: Summary::default(),
        guards: Vec::new(),
        actions,
        left_alone: draft.left_alone,
        findings: draft.findings,
        digest: String::new(),
    };
    let counts = plan.counts();
    plan.guards = guards(&counts, &existing(world));
    plan.summary = summary(world, &counts, &plan);
    plan.summary.aliases_in_place = draft.in_place;
    plan.summary.aliases_adoptable = draft.adoptable;
    plan.summary.functional_users_removable = removable;
    plan.left_alone.sort();
    plan.left_alone.dedup();
    plan.findings.extend(input.resolution.findings.iter().cloned());
    plan.findings.sort();
    plan.findings.dedup();
    plan
}

fn snapshot(world: &World<'_>) -> SnapshotRef {
    let snapshot = world.index.input.snapshot;
    SnapshotRef {
        created: snapshot.header.created,
        whole: snapshot.header.whole,
        complete: snapshot.complete,
        mailboxes: snapshot.mailboxes.len() as u64,
        known: world.index.mailboxes.iter().filter(|mailbox| mailbox.state.is_known()).count() as u64,
    }
}

fn summary(world: &World<'_>, counts: &BTreeMap<ChangeKind, u64>, plan: &Plan) -> Summary {
    let count = |kind| counts.get(&kind).copied().unwrap_or(0);
    let written = plan.actions.iter().filter(|action| action.kind == crate::plan::ActionKind::UpdateUser);
    Summary {
        users: world.index.users.len() as u64,
        functional_users: functional_users(world),
        delegations: world.index.input.resolution.delegations.len() as u64,
        users_changed: written.count() as u64,
        aliases_added: count(ChangeKind::AliasAdded),
        aliases_removed: count(ChangeKind::AliasRemoved),
        duplicates_collapsed: count(ChangeKind::DuplicateCollapsed),
        aliases_adopted: count(ChangeKind::AliasAdopted),
        functional_users_removed: count(ChangeKind::FunctionalUserRemoved),
        mailboxes_unknown: plan.snapshot.as_ref().map_or(0, |snapshot| snapshot.mailboxes - snapshot.known),
        ..Summary::default()
    }
}

/// What exists at the target for each kind: the base of percent (rule 40).
fn existing(world: &World<'_>) -> BTreeMap<ChangeKind, u64> {
    let managed = world.managed.present(world.index.users.len());
    let removable = if stale::acts_on_any(world) { mailbox_aliases(world) } else { managed };
    BTreeMap::from([
        (ChangeKind::AliasAdded, managed),
        (ChangeKind::AliasRemoved, removable),
        (ChangeKind::DuplicateCollapsed, managed),
        (ChangeKind::FunctionalUserRemoved, functional_users(world)),
        (ChangeKind::AliasRestored, managed),
        (ChangeKind::FunctionalUserRestored, functional_users(world)),
    ])
}

/// All aliases at ESG that are a mailbox's address.
fn mailbox_aliases(world: &World<'_>) -> u64 {
    let people = world.index.users.iter().filter(|user| user.standing == Standing::Person);
    let aliases = people.map(|user| {
        user.addresses().filter(|&address| !user.is_primary(address) && !world.index.owners(address).is_empty()).count()
    });
    aliases.sum::<usize>() as u64
}

fn functional_users(world: &World<'_>) -> u64 {
    world.index.users.iter().filter(|user| user.standing == Standing::Functional).count() as u64
}
