//! What an undo decided, as a plan with guards.

use super::Undo;
use crate::address::AddressKey;
use crate::esg::EsgUser;
use crate::plan::{Action, ActionKind, ChangeKind, LIMITS, PLAN_VERSION, Plan, PlanOptions, Summary, guards};
use crate::snapshot::Tenant;
use std::collections::{BTreeMap, HashSet};

impl Undo<'_> {
    pub(super) fn plan(self) -> Plan {
        let input = self.input;
        let (adding, losing): (Vec<Action>, Vec<Action>) = self
            .updates
            .into_iter()
            .partition(|action| action.changes.iter().any(|change| change.kind == ChangeKind::AliasRestored));
        let mut plan = Plan {
            version: PLAN_VERSION,
            created: input.created,
            product: input.product.to_owned(),
            target: input.target.clone(),
            tenant: input.tenant.clone().map(|id| Tenant { id, name: None }),
            snapshot: None,
            undoes: Some(input.run.clone()),
            options: PlanOptions::default(),
            summary: Summary::default(),
            guards: Vec::new(),
            actions: self.creations.into_iter().chain(adding).chain(losing).chain(self.releases).collect(),
            left_alone: self.left_alone.into_iter().collect(),
            findings: Vec::new(),
            digest: String::new(),
        };
        let counts = plan.counts();
        let managed: HashSet<(u64, AddressKey)> =
            input.managed.iter().map(|entry| (entry.user_id, AddressKey::new(&entry.address))).collect();
        let is_functional = |user: &&EsgUser| input.functional_role.is_some() && user.role == input.functional_role;
        let functional = input.users.iter().filter(is_functional).count() as u64;
        let of_users = |kind| matches!(kind, ChangeKind::FunctionalUserRemoved | ChangeKind::FunctionalUserRestored);
        let existing = LIMITS
            .iter()
            .map(|limit| (limit.kind, if of_users(limit.kind) { functional } else { managed.len() as u64 }));
        plan.guards = guards(&counts, &existing.collect());
        plan.summary = summary(&plan, &counts, input.users.len() as u64, functional);
        plan
    }
}

fn summary(plan: &Plan, counts: &BTreeMap<ChangeKind, u64>, users: u64, functional_users: u64) -> Summary {
    let count = |kind| counts.get(&kind).copied().unwrap_or(0);
    let written = plan.actions.iter().filter(|action| action.kind == ActionKind::UpdateUser);
    Summary {
        users,
        functional_users,
        users_changed: written.count() as u64,
        aliases_removed: count(ChangeKind::AliasRemoved),
        aliases_restored: count(ChangeKind::AliasRestored),
        aliases_released: count(ChangeKind::AliasReleased),
        functional_users_restored: count(ChangeKind::FunctionalUserRestored),
        ..Summary::default()
    }
}
