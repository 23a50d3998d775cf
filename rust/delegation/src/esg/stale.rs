//! What nobody may hold any more: stale aliases (rules 23, 25, 26, 33), and aliases that nothing explains.

use super::ManagedAlias;
use super::draft::{Draft, Hold, World, warning};
use super::edit;
use super::index::{AddressId, Standing};
use super::managed::Entry;
use super::matching;
use crate::plan::{Change, ChangeKind, MailboxRef, RemoveStale};
use crate::snapshot::{ReadStatus, Right};
use std::sync::Arc;

/// Looks at every alias, ours or of a mailbox, that nothing explains any more. What another tenant manages is not looked at.
pub(super) fn removals(world: &World<'_>, draft: &mut Draft) {
    for (user, facts) in world.index.users.iter().enumerate() {
        for address in facts.addresses() {
            let is_managed = world.managed.is_managed(user, address);
            let of_mailbox = !world.index.owners(address).is_empty();
            if (!is_managed && !of_mailbox) || is_explained(world, user, address) {
                continue;
            }
            if world.managed.is_ours(user, address) {
                managed(world, draft, user, address);
            } else if !is_managed {
                by_hand(world, draft, user, address);
            }
        }
    }
}

fn managed(world: &World<'_>, draft: &mut Draft, user: usize, address: AddressId) {
    // Several entries, for several rights or mailboxes: as long as one of them holds, the alias stays.
    let mut entries = world.managed.entries(user, address);
    let stale = world.managed.entries(user, address).try_for_each(|entry| entry_is_stale(world, user, entry));
    let asked = match world.index.input.options.remove_stale {
        RemoveStale::None => Err(Hold::new("RemovalNotAsked", "it is stale, and RemoveStale is None")),
        RemoveStale::Managed | RemoveStale::Any => Ok(()),
    };
    let verdict =
        may_touch(world, user, address).and(stale).and_then(|()| address_is_free(world, user, address)).and(asked);
    let Some(Entry { entry, .. }) = entries.find(|entry| entry.ours) else { return };
    let mailbox = world.index.mailbox_by_guid(&entry.mailbox).map(|at| &world.index.mailboxes[at]);
    if let Err(hold) = verdict {
        let facts = &world.index.users[user];
        draft.hold_back(&hold, || format!("{} of {}", facts.spelling(address), facts.label()));
        draft.left_alone.push(hold.about(Some(facts), Some(facts.spelling(address)), mailbox));
        return;
    }
    let username = &world.index.users[user].facts.username;
    let (reference, reason) = match mailbox {
        Some(mailbox) if mailbox.addresses.iter().any(|own| own.id == address) => {
            (mailbox.reference(), format!("{username} has no delegation on {} any more", mailbox.label()))
        }
        Some(mailbox) => (mailbox.reference(), format!("{} does not have the address any more", mailbox.label())),
        None => (
            Arc::new(MailboxRef { guid: entry.mailbox.to_string(), ..MailboxRef::default() }),
            "its mailbox does not exist any more".to_owned(),
        ),
    };
    remove(world, draft, user, address, reference, Some(entry.right), reason);
}

fn remove(
    world: &World<'_>,
    draft: &mut Draft,
    user: usize,
    address: AddressId,
    mailbox: Arc<MailboxRef>,
    right: Option<Right>,
    reason: String,
) {
    draft.writes[user].push(Change {
        kind: ChangeKind::AliasRemoved,
        address: world.index.users[user].spelling(address).into(),
        mailbox,
        right,
        reason: reason.into(),
        trail: Arc::default(),
    });
    draft.removed.insert((user, address));
}

/// An address of a mailbox of the snapshot that is neither ours nor justified.
fn by_hand(world: &World<'_>, draft: &mut Draft, user: usize, address: AddressId) {
    let facts = &world.index.users[user];
    let owners = world.index.owners(address);
    let known = owners.iter().all(|&owner| world.index.mailboxes[owner].state.is_known());
    if facts.standing != Standing::Person
        || world.matching.is_ambiguous(user)
        || !world.index.input.snapshot.complete
        || !known
    {
        return;
    }
    let mailbox = &world.index.mailboxes[owners[0]];
    let spelling = facts.spelling(address);
    if acts_on_any(world)
        && address_is_free(world, user, address).and_then(|()| may_touch(world, user, address)).is_ok()
    {
        let reason = format!(
            "{} has no delegation on {}; added by hand, removed as RemoveStale is Any",
            facts.facts.username,
            mailbox.label()
        );
        remove(world, draft, user, address, mailbox.reference(), None, reason);
    } else {
        draft.findings.push(warning(
            "UnexplainedAlias",
            Some(mailbox.label()),
            Some(&facts.facts.username),
            format!(
                "{} has the address {spelling} of mailbox {} without a delegation, and it is not ours",
                facts.label(),
                mailbox.label()
            ),
            "Grant the right in Exchange, or remove the alias at ESG (RemoveStale Any does that)",
        ));
    }
}

/// `Any` needs the functional role: without it a functional user could be taken for a person (rule 25).
pub(super) fn acts_on_any(world: &World<'_>) -> bool {
    world.index.input.options.remove_stale == RemoveStale::Any && world.index.input.functional_role.is_some()
}

/// Rule 23 for one entry.
fn entry_is_stale(world: &World<'_>, user: usize, Entry { entry, ours }: Entry<'_>) -> Result<(), Hold> {
    let snapshot = world.index.input.snapshot;
    if !ours {
        return Err(Hold::new("ForeignTenant", format!("it is also managed for tenant {}", entry.tenant)));
    }
    let wanted = world.index.input.options.rights.contains(&entry.right);
    if !wanted || !snapshot.header.rights.contains(&entry.right) {
        let reason =
            format!("it was made for {:?}, which this plan does not want or this snapshot did not read", entry.right);
        return Err(Hold::new("RightNotRead", reason));
    }
    match world.index.mailbox_by_guid(&entry.mailbox) {
        None => proved_gone(world, entry),
        Some(at) => {
            let mailbox = &world.index.mailboxes[at];
            let read = match entry.right {
                Right::FullAccess => true, // part of `may_lose`
                Right::SendAs => is_complete(world, "sendAs"),
                Right::SendOnBehalf => mailbox.facts.send_on_behalf.is_some(),
            };
            if !read {
                return Err(Hold::new(
                    "RightNotRead",
                    format!("{:?} on {} was not read completely", entry.right, mailbox.label()),
                ));
            }
            may_lose(world, user, at)
        }
    }
}

fn proved_gone(world: &World<'_>, entry: &ManagedAlias) -> Result<(), Hold> {
    if let Some(mailbox) = world.index.soft_deleted(&entry.mailbox) {
        let name = mailbox.primary.as_deref().or(mailbox.display_name.as_deref()).unwrap_or(&entry.mailbox);
        let reason =
            format!("mailbox {name} is soft-deleted and may be restored: its aliases stay until it is gone for good");
        return Err(Hold::new("MailboxSoftDeleted", reason));
    }
    let snapshot = world.index.input.snapshot;
    let unread = ["mailboxes", "recipients", "softDeleted"].into_iter().find(|subject| !is_complete(world, subject));
    if !snapshot.header.whole || unread.is_some() || (entry.right == Right::SendAs && !is_complete(world, "sendAs")) {
        let what = unread.map_or_else(String::new, |subject| format!(": {}", not_read(world, subject)));
        let reason =
            format!("mailbox {} is not in this snapshot, which does not prove that it is gone{what}", entry.mailbox);
        return Err(Hold::new("SnapshotNotWhole", reason));
    }
    if world.index.is_on_a_line(&entry.mailbox) {
        return Err(Hold::new(
            "MailboxIsRecipient",
            format!("mailbox {} still exists, as a recipient of another kind", entry.mailbox),
        ));
    }
    Ok(())
}

fn may_lose(world: &World<'_>, user: usize, mailbox: usize) -> Result<(), Hold> {
    let facts = &world.index.mailboxes[mailbox];
    if !facts.state.may_lose {
        return Err(Hold::doubt(&world.index, facts));
    }
    if world.matching.person(user).is_none() && world.grants.has_stranger(mailbox) {
        let reason = format!(
            "{} matches no person of the snapshot, and a delegate of {} has no ESG user: it may be the same human, renamed",
            world.index.users[user].label(),
            facts.label()
        );
        return Err(Hold::new("MayBeRenamed", reason));
    }
    Ok(())
}

/// No mailbox that has the address may still justify it: none of the snapshot, and none that the snapshot did not look at.
fn address_is_free(world: &World<'_>, user: usize, address: AddressId) -> Result<(), Hold> {
    let all_mailboxes = world.index.input.snapshot.header.whole && is_complete(world, "mailboxes");
    if world.index.owners(address).is_empty() && !all_mailboxes {
        return Err(Hold::new("SnapshotNotWhole", "a mailbox that is not in this snapshot may have the address now"));
    }
    world.index.owners(address).iter().try_for_each(|&owner| may_lose(world, user, owner))
}

/// What protects a user, or the elements themselves, whatever the reason of a removal.
fn may_touch(world: &World<'_>, at: usize, address: AddressId) -> Result<(), Hold> {
    let user = &world.index.users[at];
    let label = user.label();
    if !world.index.input.snapshot.complete {
        return Err(Hold::new("SnapshotIncomplete", "the snapshot has no end: plans from it only add"));
    }
    if world.index.tenant.is_none() {
        return Err(Hold::new("TenantUnknown", "the snapshot does not name its tenant: plans from it remove nothing"));
    }
    if world.matching.is_ambiguous(at) {
        return Err(Hold::new("UserAmbiguous", format!("it cannot be told whose user {label} is")));
    }
    if user.standing == Standing::Functional {
        return Err(Hold::new("FunctionalUser", format!("{label} is a functional user")));
    }
    if is_mailbox(world, at) {
        return Err(Hold::new(
            "UserIsMailbox",
            format!("the primary address or name of {label} belongs to a mailbox of the snapshot"),
        ));
    }
    if user.is_primary(address) || user.primaries().next().is_none() {
        return Err(Hold::new("PrimaryAddress", format!("{label} would lose a primary address, or has none")));
    }
    let twins: Vec<usize> = user.twins(address).iter().map(|twin| twin.at as usize).collect();
    if !user.holds(address) {
        return Err(Hold::new("AliasInactive", format!("{label} has the alias, but it is not active")));
    }
    // Twins go as one; where it cannot be told that they are one, all stay (rule 28).
    if let Err(why) = edit::kept(&user.facts.addresses, &twins) {
        return Err(Hold::new("DuplicatesDiffer", format!("{label} has the alias {} times: {why}", twins.len())));
    }
    Ok(())
}

/// Why a part of the tenant proves nothing, in the words of Exchange where there are some.
fn not_read(world: &World<'_>, subject: &str) -> String {
    let what = match subject {
        "softDeleted" => "the soft-deleted mailboxes",
        "mailboxes" => "the mailboxes",
        _ => "the recipients",
    };
    let reason = world.index.input.snapshot.reads.get(subject).and_then(|read| read.reason.as_deref());
    let why = reason.map_or_else(String::new, |reason| format!(" ({})", reason.trim_end_matches('.')));
    format!("{what} could not be read completely{why}")
}

/// The user's primary address or username is that of a mailbox of the snapshot (rule 25).
pub(super) fn is_mailbox(world: &World<'_>, user: usize) -> bool {
    let user = &world.index.users[user];
    user.primaries().chain(user.username).any(|id| !world.index.owners(id).is_empty())
}

/// A delegation justifies the address, or it is the user's own: of the recipient, or of the mailbox, that the user is.
fn is_explained(world: &World<'_>, at: usize, address: AddressId) -> bool {
    if world.grants.justification(&world.index, at, address).is_some() {
        return true;
    }
    let (user, owners) = (&world.index.users[at], world.index.owners(address));
    let own_mailbox = |id: AddressId| world.index.owners(id).iter().any(|own| owners.contains(own));
    if user.primaries().chain(user.username).any(own_mailbox) {
        return true;
    }
    let recipient = world.matching.recipient(at).map(|at| &world.index.input.snapshot.recipients[at]);
    recipient.is_some_and(|recipient| matching::addresses(&world.index, recipient).any(|own| own == address))
}

fn is_complete(world: &World<'_>, subject: &str) -> bool {
    world.index.input.snapshot.reads.get(subject).is_some_and(|read| read.status == ReadStatus::Complete)
}
