//! What an administrator should know although the plan does nothing about it (design 6, findings).

use super::draft::{Draft, World, warning};
use super::held_back;
use super::index::{AddressId, Standing};
use super::matching::{self, Person};
use super::stale::is_mailbox;
use crate::plan::LeftAlone;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Everything that is found by looking at the whole.
pub(super) fn findings(world: &World<'_>, draft: &mut Draft) {
    if world.index.input.functional_role.is_none() {
        draft.findings.push(warning(
            "RoleUnsettled",
            None,
            None,
            "which role is that of functional users is not settled: no user is removed, and RemoveStale Any acts as Managed".into(),
            "Set the id of the functional role for this connection",
        ));
    }
    delegates(world, draft);
    mailboxes(world, draft);
    for at in 0..world.index.users.len() {
        contested(world, draft, at);
        imported_as_person(world, draft, at);
        inactive(world, draft, at);
    }
    nobody_left(world, draft);
    held_twice(world, draft);
    held_back::findings(world, draft);
}

fn delegates(world: &World<'_>, draft: &mut Draft) {
    let mut is_delegate = vec![false; world.matching.recipients.len()];
    world.grants.pairs.iter().for_each(|pair| is_delegate[pair.delegate()] = true);
    for delegate in (0..is_delegate.len()).filter(|&at| is_delegate[at]) {
        let recipient = &world.index.input.snapshot.recipients[delegate];
        let label = matching::label(recipient);
        match &world.matching.recipients[delegate] {
            Person::Nobody => {
                let secondary: BTreeSet<usize> = matching::addresses(&world.index, recipient)
                    .flat_map(|id| world.index.holders(id))
                    .copied()
                    .collect();
                let also = if secondary.is_empty() {
                    String::new()
                } else {
                    let users: Vec<usize> = secondary.into_iter().collect();
                    format!(
                        "; as a secondary address, which identifies nobody, {} has one of its addresses",
                        world.user_labels(&users)
                    )
                };
                draft.findings.push(warning(
                    "DelegateWithoutEsgUser",
                    None,
                    Some(label),
                    format!("no ESG user has an address or the UPN of {label} as primary address or username{also}"),
                    "Import the person at ESG; the next plan adds the aliases",
                ));
            }
            Person::Ambiguous(users) if users.len() > 1 => draft.findings.push(warning(
                "AmbiguousEsgUser",
                None,
                Some(label),
                format!(
                    "{label} matches several ESG users: {}; nothing of theirs is changed",
                    world.user_labels(users)
                ),
                "Leave one of them at ESG with the address as primary address or username",
            )),
            _ => {}
        }
    }
}

fn contested(world: &World<'_>, draft: &mut Draft, at: usize) {
    let claimants = world.matching.claimants(at);
    if claimants.len() < 2 {
        return;
    }
    let user = &world.index.users[at];
    let recipients = &world.index.input.snapshot.recipients;
    let mut labels: Vec<&str> = claimants.iter().map(|&recipient| matching::label(&recipients[recipient])).collect();
    labels.sort_unstable();
    draft.findings.push(warning(
        "AmbiguousPerson",
        None,
        Some(&user.facts.username),
        format!(
            "{} matches several recipients of Exchange: {}; nothing of it is changed",
            user.label(),
            labels.join(", ")
        ),
        "Make addresses and UPNs of these recipients distinct",
    ));
}

fn mailboxes(world: &World<'_>, draft: &mut Draft) {
    for (at, mailbox) in world.index.mailboxes.iter().enumerate() {
        let at_esg = |pair: &&super::grants::Pair<'_>| match world.person(pair) {
            Person::User(user) => world.index.users[*user].standing == Standing::Person,
            _ => false,
        };
        if mailbox.state.is_known() && !world.grants.of_mailbox(at).any(|pair| at_esg(&pair)) {
            draft.findings.push(warning(
                "MailboxWithoutDelegateAtEsg",
                Some(mailbox.label()),
                None,
                format!("mailbox {} has no delegate who is an ESG user", mailbox.label()),
                "Nobody can see its quarantine but its functional user: grant somebody the right, or import its delegates",
            ));
        }
    }
}

/// Rule 36: such a user is never deleted; also a person whose mailbox became shared.
fn imported_as_person(world: &World<'_>, draft: &mut Draft, at: usize) {
    let user = &world.index.users[at];
    if user.standing == Standing::Functional {
        return;
    }
    for address in user.primaries() {
        for &owner in world.index.owners(address) {
            let mailbox = &world.index.mailboxes[owner];
            if mailbox.facts.recipient_type.as_deref().is_some_and(matching::is_people_type) {
                continue;
            }
            let (label, spelling) = (user.label(), user.spelling(address));
            draft.left_alone.push(LeftAlone {
                code: "RoleDiffers".into(),
                user: Some(user.reference()),
                address: Some(spelling.to_owned()),
                mailbox: Some(mailbox.reference()),
                reason: "it has the address of the mailbox and not the functional role: it is never removed".into(),
                trail: Arc::default(),
            });
            draft.findings.push(warning(
                "MailboxImportedAsPerson",
                Some(mailbox.label()),
                Some(&user.facts.username),
                format!("{label} has {spelling} of mailbox {} as primary address and is no functional user", mailbox.label()),
                "It was imported as a person, or was one before the mailbox became shared: change its role at ESG, or import again",
            ));
        }
    }
}

/// Rule 27, for what a delegation gives; nothing else about inactive aliases is ours to say.
fn inactive(world: &World<'_>, draft: &mut Draft, at: usize) {
    let user = &world.index.users[at];
    if user.standing != Standing::Person {
        return;
    }
    for address in user.addresses().filter(|&address| !user.holds(address)) {
        if let Some(pair) = world.grants.justification(&world.index, at, address) {
            let (mailbox, spelling) = (world.index.mailboxes[pair.mailbox()].label(), user.spelling(address));
            draft.findings.push(warning(
                "AliasInactive",
                Some(mailbox),
                Some(&user.facts.username),
                format!("{} has {spelling} of mailbox {mailbox}, but it is not active", user.label()),
                "Activate it at ESG when the person shall see the mailbox's mail; it does not count as held",
            ));
        }
    }
}

/// Rule 33: a removal that leaves an address of a mailbox to nobody.
fn nobody_left(world: &World<'_>, draft: &mut Draft) {
    let added: BTreeSet<AddressId> = draft.added.members().iter().map(|addition| addition.address).collect();
    let removed: BTreeSet<AddressId> = draft.removed.iter().map(|&(_, address)| address).collect();
    for &address in removed.difference(&added) {
        let [owner, ..] = world.index.owners(address) else { continue };
        let keeps = |user: usize| world.index.users[user].holds(address) && !draft.removed.contains(&(user, address));
        if world.index.holders(address).iter().any(|&user| keeps(user)) {
            continue;
        }
        let mailbox = &world.index.mailboxes[*owner];
        let spelling = mailbox.addresses.iter().find(|own| own.id == address).map_or("", |own| own.text);
        draft.findings.push(warning(
            "AddressOfNobody",
            Some(mailbox.label()),
            Some(spelling),
            format!("after this plan no ESG user holds {spelling}: its last holder may not see its mail any more"),
            "Grant somebody the right in Exchange, or let an import make a functional user again",
        ));
    }
}

/// An address on two people that no delegation explains. Only a whole snapshot can say so.
fn held_twice(world: &World<'_>, draft: &mut Draft) {
    let snapshot = world.index.input.snapshot;
    if !snapshot.header.whole || !snapshot.complete {
        return;
    }
    for address in world.index.addresses().filter(|&address| world.index.owners(address).is_empty()) {
        let people =
            |&&user: &&usize| world.index.users[user].standing != Standing::Functional && !is_mailbox(world, user);
        let users: Vec<usize> = world.index.holders(address).iter().filter(people).copied().collect();
        if users.len() > 1 {
            let spelling = world.index.users[users[0]].spelling(address);
            draft.findings.push(warning(
                "AddressHeldTwice",
                None,
                Some(spelling),
                format!(
                    "{} have the address {spelling}, which no mailbox of the snapshot explains",
                    world.user_labels(&users)
                ),
                "Decide at ESG whose address it is",
            ));
        }
    }
}
