//! Since when functional users could be removed (design 8: what became removable when).

use super::EsgUser;
use super::functional::{KEPT, NEEDED};
use crate::plan::{Action, ActionKind, LeftAlone, Plan, UserRef};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A functional user that plans found removable: every address is held by delegates.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemovableFunctional {
    /// GUID of its mailbox.
    pub mailbox: String,
    /// Id of the ESG user.
    pub user_id: u64,
    /// Username; a user of that id with another name is another one.
    pub username: String,
    /// Time of the first plan that found it removable, after which no plan proved the contrary.
    pub since: Timestamp,
}

/// What the state file is to keep after a plan: `known` with what the plan proves, sorted. What it cannot tell stays: a plan of
/// ten mailboxes proves nothing of the others.
pub fn removable(known: &[RemovableFunctional], users: &[EsgUser], plan: &Plan) -> Vec<RemovableFunctional> {
    let known: HashMap<u64, &RemovableFunctional> = known.iter().map(|entry| (entry.user_id, entry)).collect();
    let there = users.iter().filter_map(|user| known.get(&user.id).filter(|entry| entry.username == user.username));
    let mut kept: HashMap<u64, RemovableFunctional> = there.map(|&entry| (entry.user_id, entry.clone())).collect();
    for user in plan.left_alone.iter().filter_map(proved_needed) {
        kept.remove(&user.id);
    }
    let going = plan.actions.iter().filter_map(going);
    for (user, mailbox) in going.chain(plan.left_alone.iter().filter_map(staying)) {
        let entry = kept.entry(user.id).or_insert_with(|| RemovableFunctional {
            mailbox: String::new(),
            user_id: user.id,
            username: user.username.clone(),
            since: plan.created,
        });
        mailbox.clone_into(&mut entry.mailbox);
    }
    let mut kept: Vec<RemovableFunctional> = kept.into_values().collect();
    kept.sort_unstable();
    kept
}

fn going(action: &Action) -> Option<(&UserRef, &str)> {
    let removes = action.kind == ActionKind::RemoveUser;
    action.changes.first().filter(|_| removes).map(|change| (&action.user, &*change.mailbox.guid))
}

fn staying(left: &LeftAlone) -> Option<(&UserRef, &str)> {
    let user = left.user.as_ref().filter(|_| left.code == KEPT)?;
    Some((user, left.mailbox.as_ref().map_or("", |mailbox| &mailbox.guid)))
}

/// Somebody would lose mail: the row of plans that found it removable ends.
fn proved_needed(left: &LeftAlone) -> Option<&UserRef> {
    left.user.as_ref().filter(|_| NEEDED.contains(&left.code.as_str()))
}
