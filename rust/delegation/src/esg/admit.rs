//! Takes the changes of blocked kinds out of a plan for ESG (rule 41).

use super::edit::edit;
use crate::plan::{Action, ActionKind, Admitted, ChangeKind, ExpectError, Plan};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

impl Plan {
    /// What of the plan may run when the caller expects `expect`: kinds that a guard blocks are taken out of every action,
    /// actions without a change left are withheld, and so is what needs an action that is blocked: a functional user its additions, the
    /// withdrawal of aliases (undo) the functional user that has their addresses. Actions of `done`, which runs of this plan confirmed,
    /// are let through as they are: nothing of them is done again.
    ///
    /// # Errors
    /// When an expectation is not the plan's number for its kind: then nothing may run.
    pub fn admit(&self, expect: &BTreeMap<ChangeKind, u64>, done: &BTreeSet<String>) -> Result<Admitted, ExpectError> {
        let blocked = self.blocked(expect, done)?;
        let kinds: HashSet<ChangeKind> = blocked.iter().map(|guard| guard.kind).collect();
        let mut admitted = Admitted { actions: Vec::new(), blocked, withheld: Vec::new() };
        // Old id to new, for actions that still do what others wait for.
        let mut ids: HashMap<&str, String> = HashMap::new();
        for action in &self.actions {
            if done.contains(&action.id) {
                ids.insert(&action.id, action.id.clone());
                admitted.actions.push(action.clone());
                continue;
            }
            match trim(action, &kinds, &ids) {
                Ok(trimmed) => {
                    if !kinds.contains(&ChangeKind::AliasAdded) {
                        ids.insert(&action.id, trimmed.id.clone());
                    }
                    admitted.actions.push(trimmed);
                }
                Err(reason) => admitted.withheld.push((action.id.clone(), reason)),
            }
        }
        Ok(admitted)
    }
}

fn trim(action: &Action, blocked: &HashSet<ChangeKind>, ids: &HashMap<&str, String>) -> Result<Action, String> {
    let is_blocked = |kind: &ChangeKind| blocked.contains(kind);
    if let Some(change) = action.changes.iter().find(|change| is_blocked(&change.kind))
        && action.changes.iter().all(|change| is_blocked(&change.kind))
    {
        return Err(format!("the guard of {:?} blocks it", change.kind));
    }
    let depends_on: Option<Vec<String>> = action.depends_on.iter().map(|id| ids.get(id.as_str()).cloned()).collect();
    let depends_on = depends_on.ok_or_else(|| {
        let kind = if action.kind == ActionKind::RemoveUser {
            ChangeKind::AliasAdded
        } else {
            ChangeKind::FunctionalUserRestored
        };
        format!("it needs what the guard of {kind:?} blocks")
    })?;
    let mut trimmed = Action { depends_on, ..action.clone() };
    trimmed.changes.retain(|change| !is_blocked(&change.kind));
    if trimmed.changes.len() < action.changes.len() && action.kind == ActionKind::UpdateUser {
        let wanted = action.after.as_deref().unwrap_or_default();
        let after = edit(&action.before, &trimmed.changes.iter().collect::<Vec<_>>(), wanted);
        trimmed.after = Some(after);
        trimmed.id = trimmed.content_id();
    }
    Ok(trimmed)
}
