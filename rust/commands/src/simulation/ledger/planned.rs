//! What a plan says, by user.

use esgsync_delegation::plan::{ActionKind, ChangeKind, Plan};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What the plan says about one user.
#[derive(Debug, Clone, Default)]
pub(in crate::simulation) struct Update {
    pub adds: BTreeSet<String>,
    pub removes: BTreeSet<String>,
    pub collapses: BTreeSet<String>,
}

/// A functional user that the plan removes.
#[derive(Debug, Clone, Default)]
pub(in crate::simulation) struct Removal {
    pub holders: BTreeSet<u64>,
    /// Users whose update must be done before.
    pub needs: BTreeSet<u64>,
}

/// The plan that is applied.
#[derive(Debug, Clone, Default)]
pub(in crate::simulation) struct Planned {
    pub digest: String,
    pub updates: BTreeMap<u64, Update>,
    pub removals: BTreeMap<u64, Removal>,
    /// Ids of actions and their users.
    pub users: HashMap<String, u64>,
}

impl Planned {
    pub(in crate::simulation) fn of(plan: &Plan) -> Self {
        let users: HashMap<String, u64> =
            plan.actions.iter().map(|action| (action.id.clone(), action.user.id)).collect();
        let mut planned = Self { digest: plan.digest.clone(), ..Self::default() };
        for action in &plan.actions {
            match action.kind {
                ActionKind::UpdateUser => {
                    let update = planned.updates.entry(action.user.id).or_default();
                    for change in &action.changes {
                        let address = change.address.to_lowercase();
                        match change.kind {
                            ChangeKind::AliasAdded | ChangeKind::AliasRestored => update.adds.insert(address),
                            ChangeKind::AliasRemoved => update.removes.insert(address),
                            _ => update.collapses.insert(address),
                        };
                    }
                }
                ActionKind::RemoveUser => {
                    let holders = action.holders.iter().map(|holder| holder.id).collect();
                    let needs = action.depends_on.iter().filter_map(|id| users.get(id)).copied().collect();
                    planned.removals.insert(action.user.id, Removal { holders, needs });
                }
                _ => {}
            }
        }
        planned.users = users;
        planned
    }
}
