//! The pure decisions of a run: what to send after a fresh read, what a reply proves, what may be deleted (rules 29 to 32, 39, 42, 43).

use super::edit::{edit, kept};
use super::{EmailAddress, EsgUser};
use crate::address::AddressKey;
use crate::plan::{Action, ActionKind, Change, ChangeKind, PlanOptions, Prepared, Settled, UserRef};
use std::collections::{HashMap, HashSet};

/// Holds an action of kind `UpdateUser` or `AdoptAlias` against the user as just read (rule 42). Differences that do not
/// touch the addresses of the action are merged: they stay as just read. A removal is never prepared, see [`prove`].
pub fn prepare(action: &Action, fresh: &EsgUser) -> Prepared<Vec<EmailAddress>> {
    if let Err(difference) = same_user(&action.user, fresh) {
        return Prepared::Conflict(difference);
    }
    let open = match open_changes(action, fresh) {
        Ok(open) => open,
        Err(conflict) => return Prepared::Conflict(conflict),
    };
    match (action.kind, open.as_slice()) {
        (_, []) => Prepared::Nothing,
        (ActionKind::UpdateUser, open) => {
            Prepared::Write(edit(&fresh.addresses, open, action.after.as_deref().unwrap_or_default()))
        }
        (ActionKind::AdoptAlias, [change, ..]) => {
            Prepared::Conflict(format!("{} is not there any more", change.address))
        }
        (ActionKind::RemoveUser, _) => {
            Prepared::Conflict("the removal of a user writes nothing: it needs proof".into())
        }
        (ActionKind::CreateUser | ActionKind::ReleaseAlias, _) => {
            Prepared::Conflict("it changes no user that is there".into())
        }
    }
}

/// What the appliance shows after an unsettled write: for `RemoveUser` a user that can still be read was not removed.
pub fn settled(action: &Action, fresh: &EsgUser) -> Settled {
    if let Err(difference) = same_user(&action.user, fresh) {
        return Settled::Mixed(difference);
    }
    match open_changes(action, fresh) {
        Ok(open) if open.is_empty() => Settled::Done,
        Ok(open) if open.len() == action.changes.len() => Settled::NotDone,
        Ok(open) => Settled::Mixed(format!(
            "{} of {} changes are there",
            action.changes.len() - open.len(),
            action.changes.len()
        )),
        Err(conflict) => Settled::Mixed(conflict),
    }
}

/// What the users of that name say about a user that an undo creates again, before it is sent and after an unsettled POST.
pub fn found(action: &Action, named: &[EsgUser]) -> Settled {
    let Some(wanted) = &action.restore else { return Settled::Mixed("the plan does not say what it was".into()) };
    let same = |user: &EsgUser| {
        user.username == wanted.username && user.role == wanted.role && alike(&user.addresses, &wanted.addresses)
    };
    // Names are not unique: who has none of its addresses is somebody else.
    let held: HashSet<AddressKey> = wanted.addresses.iter().map(EmailAddress::key).collect();
    let is_it = |user: &&EsgUser| user.addresses.iter().any(|element| held.contains(&element.key()));
    let found: Vec<&EsgUser> = named.iter().filter(is_it).collect();
    match found.as_slice() {
        [] => Settled::NotDone,
        [user] if same(user) => Settled::Done,
        [user] => Settled::Mixed(format!("user {} has that name and address, and is not as it was", user.id)),
        many => Settled::Mixed(format!("{} users have that name and one of its addresses", many.len())),
    }
}

/// Holds the reply of a PATCH against what was sent: a 200 proves nothing by itself (rule 39). Order and case do not matter.
///
/// # Errors
/// One sentence, when the reply is another user's, lacks an address that was sent, shows one of the action's otherwise than
/// it was sent, or still shows what was to go.
pub fn confirm(action: &Action, sent: &[EmailAddress], reply: &EsgUser) -> Result<(), String> {
    if reply.id != action.user.id {
        return Err(format!("the reply is about user {}, not about user {}", reply.id, action.user.id));
    }
    let (sent, shown) = (states(sent), states(&reply.addresses));
    if let Some(lost) = sent.keys().filter(|key| !shown.contains_key(*key)).min() {
        return Err(format!("the reply does not show {lost}, which was sent"));
    }
    for change in &action.changes {
        let key = AddressKey::new(&change.address);
        match (sent.get(&key), shown.get(&key)) {
            (None, Some(_)) => {
                return Err(format!("the reply still shows {}, which was to be removed", change.address));
            }
            (Some(sent), Some(shown)) if sent != shown => {
                return Err(format!(
                    "the reply shows {} otherwise than it was sent (active, primary, number)",
                    change.address
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

/// What a reply shows that was not sent, one sentence each: somebody wrote between the read and the PATCH, or the
/// appliance changed it (rule 43). Sorted.
pub fn surprises(sent: &[EmailAddress], reply: &EsgUser) -> Vec<String> {
    let (sent, shown) = (states(sent), states(&reply.addresses));
    let mut surprises: Vec<String> = shown
        .iter()
        .filter_map(|(key, state)| match sent.get(key) {
            None => Some(format!("the reply shows {key}, which was not sent")),
            Some(sent) if sent != state => Some(format!("the reply shows {key} otherwise than it was sent")),
            Some(_) => None,
        })
        .collect();
    surprises.sort_unstable();
    surprises
}

/// Proves by fresh item reads, after all PATCHes of the run, that a functional user may be deleted (rules 29 to 32).
/// `holders` are the reads of [`Action::holders`], in any order; others among them prove nothing.
///
/// # Errors
/// One sentence: what is not proved. The user stays.
pub fn prove(
    action: &Action,
    functional: &EsgUser,
    holders: &[EsgUser],
    functional_role: Option<u64>,
    options: &PlanOptions,
) -> Result<(), String> {
    let role = functional_role.ok_or("which role is the functional one is not settled")?;
    if action.kind != ActionKind::RemoveUser {
        return Err("the action removes no user".into());
    }
    same_user(&action.user, functional)?;
    if functional.role != Some(role) {
        return Err(format!("its role is not {role}, that of functional users"));
    }
    if functional.addresses.is_empty() {
        return Err("it has no address: nothing proves which mailbox it belongs to".into());
    }
    let proving: Vec<HashSet<AddressKey>> =
        action.holders.iter().filter_map(|holder| active(holder, holders, role)).collect();
    let needed = if options.require_all_delegates { action.holders.len() } else { 1 };
    let mailbox: HashSet<AddressKey> =
        action.mailbox_addresses.iter().map(|address| AddressKey::new(address)).collect();
    // The addresses of this last read, active or not: whoever gets none of them would lose sight of its mail.
    for address in &functional.addresses {
        let (key, text) = (address.key(), address.address());
        if text.is_empty() || !mailbox.contains(&key) {
            return Err(format!("its address {text} does not belong to the mailbox"));
        }
        let held = proving.iter().filter(|held| held.contains(&key)).count();
        if held < needed.max(1) {
            return Err(format!("{held} of {} delegates hold {text}, {} must", action.holders.len(), needed.max(1)));
        }
    }
    Ok(())
}

/// The addresses that a holder has active, when its read shows the same user, and not a functional one (rule 31).
fn active(holder: &UserRef, reads: &[EsgUser], functional_role: u64) -> Option<HashSet<AddressKey>> {
    let read = reads.iter().find(|read| read.id == holder.id)?;
    // A role that the item does not show could be the functional one.
    let is_person = read.role.is_some_and(|role| role != functional_role);
    let proves = same_user(holder, read).is_ok() && is_person;
    proves.then(|| read.addresses.iter().filter(|address| address.is_active()).map(EmailAddress::key).collect())
}

/// Id, username and role belong to every action (rule 42). A role that the plan could not see is no difference.
pub(super) fn same_user(planned: &UserRef, fresh: &EsgUser) -> Result<(), String> {
    if planned.id != fresh.id {
        return Err(format!("user {} was planned, and user {} was read", planned.id, fresh.id));
    }
    if planned.username != fresh.username {
        return Err(format!("its username was {} and is now {}", planned.username, fresh.username));
    }
    if planned.role.is_some() && planned.role != fresh.role {
        let text = |role: Option<u64>| role.map_or_else(|| "not shown".to_owned(), |role| role.to_string());
        return Err(format!("its role was {} and is now {}", text(planned.role), text(fresh.role)));
    }
    Ok(())
}

/// The changes that are not there yet, or the first address that is neither as it was nor as it shall be.
fn open_changes<'a>(action: &'a Action, fresh: &EsgUser) -> Result<Vec<&'a Change>, String> {
    let (before, now) = (by_address(&action.before), by_address(&fresh.addresses));
    let wanted = by_address(action.after.as_deref().unwrap_or_default());
    let mut open = Vec::new();
    for change in &action.changes {
        let key = AddressKey::new(&change.address);
        let (was, is) = (twins(&before, &key), twins(&now, &key));
        if is_done(change.kind, was, is, twins(&wanted, &key)) {
            continue;
        }
        if was != is {
            return Err(format!("{} is not as it was when the plan was made", change.address));
        }
        open.push(change);
    }
    Ok(open)
}

fn is_done(kind: ChangeKind, was: &[EmailAddress], is: &[EmailAddress], wanted: &[EmailAddress]) -> bool {
    match kind {
        ChangeKind::AliasAdded => is.iter().any(EmailAddress::is_active),
        ChangeKind::AliasAdopted => is.iter().any(|element| element.is_active() && !element.is_primary()),
        ChangeKind::AliasRemoved => is.is_empty(),
        ChangeKind::DuplicateCollapsed => {
            let all: Vec<usize> = (0..was.len()).collect();
            let wanted = kept(was, &all).map(|at| state(&was[at]));
            is.len() == 1 && wanted.is_ok_and(|wanted| wanted == state(&is[0]))
        }
        ChangeKind::AliasRestored => alike(is, wanted),
        ChangeKind::FunctionalUserRemoved | ChangeKind::FunctionalUserRestored | ChangeKind::AliasReleased => false,
    }
}

pub(super) fn by_address(elements: &[EmailAddress]) -> HashMap<AddressKey, Vec<EmailAddress>> {
    let mut twins: HashMap<AddressKey, Vec<EmailAddress>> = HashMap::new();
    elements.iter().for_each(|element| twins.entry(element.key()).or_default().push(element.clone()));
    twins
}

pub(super) fn twins<'a>(of: &'a HashMap<AddressKey, Vec<EmailAddress>>, key: &AddressKey) -> &'a [EmailAddress] {
    of.get(key).map_or(&[], Vec::as_slice)
}

/// The same elements by what matters at the target: active and primary.
pub(super) fn alike(some: &[EmailAddress], others: &[EmailAddress]) -> bool {
    states(some) == states(others)
}

fn state(element: &EmailAddress) -> (bool, bool) {
    (element.is_active(), element.is_primary())
}

/// Active and primary of each element by address, sorted: members that an appliance keeps for itself do not matter.
fn states(elements: &[EmailAddress]) -> HashMap<AddressKey, Vec<(bool, bool)>> {
    let mut states: HashMap<AddressKey, Vec<(bool, bool)>> = HashMap::new();
    elements.iter().for_each(|element| states.entry(element.key()).or_default().push(state(element)));
    states.values_mut().for_each(|twins| twins.sort_unstable());
    states
}
