//! Which functional users may go: only with every address held by delegates of that very mailbox (rules 29 to 32, 36, 38, 46).

use super::draft::{Draft, Hold, World, warning};
use super::index::{AddressId, Standing, fold};
use super::matching::Person;
use crate::plan::FunctionalUser;
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Without `RequireAllDelegates` one holder of an address is enough; a few more are named, should one change before the run.
const HOLDERS_NAMED: usize = 3;

const NO_MAILBOX: &str = "NoMailbox";
const BY_NAME: &str = "MatchedByNameOnly";
const NOT_HELD: &str = "NotHeld";
const NOT_HELD_BY_ALL: &str = "NotHeldByAll";
const FOREIGN_ADDRESS: &str = "ForeignAddress";
const TWO_MAILBOXES: &str = "TwoMailboxes";
const NO_ADDRESS: &str = "NoAddress";

/// It could go, and stays.
pub(super) const KEPT: &str = "FunctionalUserKept";

/// A plan proved that it cannot go. The other codes say that nothing is proved.
pub(super) const NEEDED: [&str; 5] = [NOT_HELD, NOT_HELD_BY_ALL, FOREIGN_ADDRESS, TWO_MAILBOXES, NO_ADDRESS];

/// A functional user that may be removed.
pub(super) struct Removal {
    pub user: usize,
    pub mailbox: usize,
    /// Users whose fresh reads may prove that the addresses are held; by id.
    pub holders: Vec<usize>,
    /// Users whose additions must have succeeded: every delegate who is to get one of the addresses. By id.
    pub needs: Vec<usize>,
}

/// Decides about every functional user. Those that stay are left alone with the reason; `Removal`s come by user id.
pub(super) fn removals(world: &World<'_>, draft: &mut Draft) -> Vec<Removal> {
    let names = display_names(world);
    let mut removable = Vec::new();
    for (at, user) in world.index.users.iter().enumerate() {
        if user.standing != Standing::Functional {
            continue;
        }
        let mailbox = sole_mailbox(world, at, &names);
        match mailbox.clone().and_then(|mailbox| decide(world, draft, at, mailbox)) {
            Ok(removal) => removable.push(removal),
            Err(hold) => {
                report(world, draft, at, &hold);
                if world.index.input.options.functional_user == FunctionalUser::Remove {
                    draft.hold_back(&hold, || format!("functional user {}", user.label()));
                }
                leave(world, draft, at, mailbox.ok(), hold);
            }
        }
    }
    removable
}

/// Functional users that belong to no mailbox, as far as it can be told.
fn report(world: &World<'_>, draft: &mut Draft, user: usize, hold: &Hold) {
    let (code, advice) = match hold.code {
        NO_MAILBOX => {
            ("FunctionalUserWithoutMailbox", "Remove it at ESG when its mailbox or group does not exist any more")
        }
        BY_NAME => ("FunctionalUserMatchedByName", "Give it the address of the mailbox at ESG when it belongs to it"),
        _ => return,
    };
    let user = &world.index.users[user];
    let text = format!("functional user {}: {}", user.label(), hold.reason);
    draft.findings.push(warning(code, None, Some(&user.facts.username), text, advice));
}

/// With `Keep` the removable ones stay as well.
pub(super) fn keep(world: &World<'_>, draft: &mut Draft, removable: Vec<Removal>) -> Vec<Removal> {
    if world.index.input.options.functional_user == FunctionalUser::Remove {
        return removable;
    }
    let earlier = world.index.input.removable.iter();
    let earlier: HashMap<(u64, &str), Timestamp> =
        earlier.map(|entry| ((entry.user_id, &*entry.username), entry.since)).collect();
    for removal in removable {
        let facts = world.index.users[removal.user].facts;
        let since = earlier.get(&(facts.id, &*facts.username));
        let since = since.map_or_else(String::new, |since| format!(" since {}", since.strftime("%Y-%m-%d")));
        let reason = format!("every address is held by delegates{since}; it stays as FunctionalUser is Keep");
        let hold = Hold::new(KEPT, reason);
        leave(world, draft, removal.user, Some(removal.mailbox), hold);
    }
    Vec::new()
}

fn leave(world: &World<'_>, draft: &mut Draft, user: usize, mailbox: Option<usize>, hold: Hold) {
    let user = &world.index.users[user];
    let address = user.primaries().next().map(|id| user.spelling(id));
    draft.left_alone.push(hold.about(Some(user), address, mailbox.map(|at| &world.index.mailboxes[at])));
}

/// The one mailbox that has every address of the user.
fn sole_mailbox(world: &World<'_>, at: usize, names: &HashMap<Cow<'_, str>, usize>) -> Result<usize, Hold> {
    let user = &world.index.users[at];
    let mut mailboxes = BTreeSet::new();
    let mut foreign = Vec::new();
    for address in user.addresses() {
        match world.index.owners(address) {
            [] => foreign.push(user.spelling(address)),
            owners => mailboxes.extend(owners),
        }
    }
    let Some(&mailbox) = mailboxes.first() else {
        return Err(without_mailbox(world, at, names));
    };
    if !foreign.is_empty() {
        let reason = format!("it has addresses of no mailbox of the snapshot: {}", foreign.join(", "));
        return Err(Hold::new(FOREIGN_ADDRESS, reason));
    }
    if mailboxes.len() > 1 {
        return Err(Hold::new(TWO_MAILBOXES, "its addresses belong to several mailboxes"));
    }
    if user.facts.addresses.iter().any(|element| element.address().is_empty()) {
        return Err(Hold::new(FOREIGN_ADDRESS, "one of its addresses cannot be read"));
    }
    Ok(mailbox)
}

fn without_mailbox(world: &World<'_>, at: usize, names: &HashMap<Cow<'_, str>, usize>) -> Hold {
    let user = &world.index.users[at];
    if let Some(&mailbox) = names.get(fold(&user.facts.username).as_ref()) {
        let label = world.index.mailboxes[mailbox].label();
        return Hold::new(BY_NAME, format!("it has the name of mailbox {label} and none of its addresses"));
    }
    if user.facts.addresses.is_empty() {
        return Hold::new(NO_ADDRESS, "it has no address: nothing proves which mailbox it belongs to");
    }
    if world.index.input.snapshot.header.whole {
        Hold::new(NO_MAILBOX, "no mailbox of the snapshot has one of its addresses")
    } else {
        Hold::new(
            "SnapshotNotWhole",
            "the snapshot does not hold all mailboxes, and none of its has one of the addresses",
        )
    }
}

fn decide(world: &World<'_>, draft: &Draft, at: usize, mailbox: usize) -> Result<Removal, Hold> {
    let facts = &world.index.mailboxes[mailbox];
    if !world.index.input.snapshot.complete {
        return Err(Hold::new("SnapshotIncomplete", "the snapshot has no end: plans from it only add"));
    }
    if world.index.tenant.is_none() {
        return Err(Hold::new("TenantUnknown", "the snapshot does not name its tenant: plans from it remove nothing"));
    }
    if !facts.state.is_known() {
        return Err(Hold::doubt(&world.index, facts));
    }
    if returned(world, mailbox) >= 2 {
        let reason = "it came back twice after removal: exclude shared mailboxes from the import at ESG, or keep functional users";
        return Err(Hold::new("CameBack", reason));
    }
    let removal = held(world, draft, at, mailbox)?;
    match world.index.input.options.functional_user {
        // Last: what stays anyway need not be read again.
        FunctionalUser::Remove if !facts.state.may_lose => Err(Hold::doubt(&world.index, facts)),
        FunctionalUser::Keep if !facts.state.may_lose => {
            Err(Hold::new(KEPT, "it stays as FunctionalUser is Keep; its mailbox was not read for this snapshot"))
        }
        _ => Ok(removal),
    }
}

/// How often an import brought the mailbox's functional user back (rule 38).
pub(super) fn returned(world: &World<'_>, mailbox: usize) -> u32 {
    world.returned.get(&mailbox).copied().unwrap_or(0)
}

/// Rules 31 and 46: by one delegate, or with `RequireAllDelegates` by all, whether at ESG or not.
fn held(world: &World<'_>, draft: &Draft, at: usize, mailbox: usize) -> Result<Removal, Hold> {
    let all = world.index.input.options.require_all_delegates;
    let mut delegates = Vec::new();
    for pair in world.grants.of_mailbox(mailbox) {
        match world.person(pair) {
            Person::User(user) if world.index.users[*user].standing == Standing::Person => {
                delegates.push(*user);
            }
            _ if all => {
                let reason =
                    format!("RequireAllDelegates is set, and {} is no settled ESG user", world.delegate_label(pair));
                return Err(Hold::new(NOT_HELD_BY_ALL, reason));
            }
            _ => {}
        }
    }
    delegates.sort_unstable();
    delegates.dedup();
    let named = if all { usize::MAX } else { HOLDERS_NAMED };
    let mut holders = BTreeSet::new();
    let mut needs = Vec::new();
    for address in world.index.users[at].addresses() {
        let (now, planned) = hold(world, draft, &delegates, address, named);
        let text = world.index.users[at].spelling(address);
        if now.is_empty() && planned.is_empty() {
            return Err(Hold::new(
                NOT_HELD,
                format!("no delegate of the mailbox holds {text} at ESG, or gets it by this plan"),
            ));
        }
        if all && now.len() + planned.len() < delegates.len() {
            return Err(Hold::new(
                NOT_HELD_BY_ALL,
                format!("RequireAllDelegates is set, and not every delegate holds {text}"),
            ));
        }
        holders.extend(now.iter().chain(&planned).take(named));
        needs.extend(planned);
    }
    needs.sort_unstable();
    needs.dedup();
    Ok(Removal { user: at, mailbox, holders: holders.into_iter().collect(), needs })
}

/// Delegates who hold the address now, `named` of them at most, and all who get it by this plan: who holds it gets nothing.
fn hold(
    world: &World<'_>,
    draft: &Draft,
    delegates: &[usize],
    address: AddressId,
    named: usize,
) -> (Vec<usize>, Vec<usize>) {
    let delegates = delegates.iter().copied();
    let now = delegates.clone().filter(|&user| world.index.users[user].holds(address)).take(named);
    (now.collect(), delegates.filter(|&user| draft.adds(user, address)).collect())
}

/// Mailboxes by display name; of several with one name, the first by key.
fn display_names<'a>(world: &World<'a>) -> HashMap<Cow<'a, str>, usize> {
    let mut names: HashMap<Cow<'a, str>, usize> = HashMap::new();
    let key = |at: usize| &world.index.mailboxes[at].facts.key;
    for (at, mailbox) in world.index.mailboxes.iter().enumerate() {
        if let Some(name) = &mailbox.facts.display_name {
            let first = names.entry(fold(name)).or_insert(at);
            if key(at) < key(*first) {
                *first = at;
            }
        }
    }
    names
}

/// How often each mailbox's functional user came back, by this tenant's records.
pub(super) fn returns(index: &super::index::Index<'_>) -> BTreeMap<usize, u32> {
    let mut returned = BTreeMap::new();
    for entry in index.input.removed.iter().filter(|entry| index.is_own_tenant(&entry.tenant)) {
        if let Some(mailbox) = index.mailbox_by_guid(&entry.mailbox) {
            let times = returned.entry(mailbox).or_insert(0);
            *times = entry.returned.max(*times);
        }
    }
    returned
}

/// What an administrator should know before functional users go.
pub(super) fn findings(world: &World<'_>, draft: &mut Draft, removable: usize) {
    for user in world.index.users.iter().filter(|user| user.standing == Standing::Functional) {
        let mut owners = user.addresses().flat_map(|address| world.index.owners(address));
        if let Some(&mailbox) = owners.find(|&&mailbox| returned(world, mailbox) > 0) {
            draft.findings.push(warning(
                "FunctionalUserReturned",
                Some(world.index.mailboxes[mailbox].label()),
                Some(&user.facts.username),
                format!(
                    "{} was removed before and an import brought it back, {} times by now",
                    user.label(),
                    returned(world, mailbox)
                ),
                "Exclude shared mailboxes from the import at ESG; after the second return it is held back",
            ));
        }
    }
    if removable > 0 && world.index.input.users_can_be_created != Some(true) {
        draft.findings.push(warning(
            "RemovalCannotBeUndone",
            None,
            None,
            format!("{removable} functional users can be removed, and this appliance is not known to let the API create users"),
            "Undo could not bring them back: an import at ESG would have to; keep them when in doubt",
        ));
    }
}
