//! What people lack, and what they have already: additions, adoptions, and every wanted pair that stays without (design 6).

use super::draft::{Addition, Draft, Hold, World};
use super::grants::Pair;
use super::index::{Address, AddressId, Standing};
use super::lists::{Lists, id};
use super::matching::Person;
use crate::plan::{Change, ChangeKind, LeftAlone};
use std::fmt::Write as _;
use std::sync::Arc;

/// Each wanted pair ends in exactly one place: an addition, in place, or left alone with the reason. The additions by user; of several
/// pairs that want the same address for a user, the first.
pub(super) fn additions(world: &World<'_>, draft: &mut Draft) -> Lists<Addition> {
    let mut added: Vec<(usize, Addition)> = Vec::new();
    for at in world.grants.by_user() {
        let pair = &world.grants.pairs[at];
        let receiver = receiver(world, pair);
        let wanted = world.grants.wanted(pair.mailbox());
        if wanted.is_empty() {
            let mailbox = &world.index.mailboxes[pair.mailbox()];
            let reason = format!("mailbox {} has no address that ESG could know", mailbox.label());
            let left = Hold::new("NoAddress", reason).about(None, None, Some(mailbox));
            draft.left_alone.push(LeftAlone { trail: world.trail(pair), ..left });
        }
        for address in wanted {
            match receiver.clone().and_then(|user| settle(world, pair, user, address)) {
                Ok(Settled::InPlace) => draft.in_place += 1,
                Ok(Settled::Lacks(user)) => added.push((user, Addition { address: address.id, pair: id(at) })),
                Err(hold) => {
                    let user = match world.person(pair) {
                        Person::User(user) => Some(&world.index.users[*user]),
                        _ => None,
                    };
                    let mailbox = Some(&world.index.mailboxes[pair.mailbox()]);
                    let left = hold.about(user, Some(address.text), mailbox);
                    draft.left_alone.push(LeftAlone { trail: world.trail(pair), ..left });
                }
            }
        }
    }
    added.sort_by_key(|(user, addition)| (*user, addition.address));
    added.dedup_by_key(|(user, addition)| (*user, addition.address));
    Lists::new(world.index.users.len(), added.iter().copied())
}

/// A wanted address that the user may have.
enum Settled {
    InPlace,
    Lacks(usize),
}

/// The user who may receive what the pair gives, or why nobody does.
fn receiver(world: &World<'_>, pair: &Pair<'_>) -> Result<usize, Hold> {
    let delegate = || world.delegate_label(pair);
    let user = match world.person(pair) {
        Person::Nobody => return Err(Hold::new("DelegateNotAtEsg", format!("{} has no ESG user", delegate()))),
        Person::Ambiguous(users) => {
            let reason = format!("it cannot be told which ESG user is {}: {}", delegate(), world.user_labels(users));
            return Err(Hold::new("DelegateAmbiguous", reason));
        }
        Person::User(user) => *user,
    };
    let facts = &world.index.users[user];
    match facts.standing {
        Standing::Person => Ok(user),
        Standing::Functional => {
            Err(Hold::new("DelegateIsFunctional", format!("{} is a functional user", facts.label())))
        }
        Standing::Unsettled => {
            let label = facts.label();
            let reason =
                format!("{label} may be a mailbox's functional user: which role is the functional one is not settled");
            Err(Hold::new("RoleUnsettled", reason))
        }
    }
}

fn settle(world: &World<'_>, pair: &Pair<'_>, at: usize, address: &Address<'_>) -> Result<Settled, Hold> {
    let (user, mailbox) = (&world.index.users[at], &world.index.mailboxes[pair.mailbox()]);
    if user.holds(address.id) {
        return Ok(Settled::InPlace);
    }
    if user.has(address.id) {
        let reason = format!("{} has {} already, but it is not active", user.label(), address.text);
        return Err(Hold::new("AliasInactive", reason));
    }
    if !mailbox.state.may_gain {
        return Err(Hold::new("MailboxUnknown", mailbox.doubt()));
    }
    Ok(Settled::Lacks(at))
}

/// The additions of a user as changes, with their reasons and trails.
pub(super) fn changes<'a>(world: &'a World<'_>, added: &'a [Addition]) -> impl ExactSizeIterator<Item = Change> + 'a {
    // A user is one person: all that was granted without a group has the same trail.
    let mut direct: Option<(usize, Arc<[String]>)> = None;
    added.iter().map(move |addition| {
        let pair = &world.grants.pairs[addition.pair as usize];
        let trail = match &direct {
            Some((delegate, trail)) if *delegate == pair.delegate() && pair.delegation.groups.is_empty() => {
                trail.clone()
            }
            _ => world.trail(pair),
        };
        if pair.delegation.groups.is_empty() {
            direct = Some((pair.delegate(), trail.clone()));
        }
        let spelling = world.index.mailboxes[pair.mailbox()].spelling(addition.address).unwrap_or_default();
        Change { trail, ..change(world, ChangeKind::AliasAdded, pair, spelling, "has") }
    })
}

/// Aliases that are there, justified and not ours: with `AdoptExisting` they become ours (rule 35), without they are counted.
pub(super) fn adoptions(world: &World<'_>, draft: &mut Draft) {
    if !world.index.input.snapshot.complete || world.index.tenant.is_none() {
        return;
    }
    for (at, user) in world.index.users.iter().enumerate() {
        if user.standing != Standing::Person || world.matching.recipient(at).is_none() {
            continue;
        }
        for address in user.addresses() {
            if let Some(pair) = adoptable(world, at, address) {
                draft.adoptable += 1;
                if world.index.input.options.adopt_existing {
                    let adopted = change(
                        world,
                        ChangeKind::AliasAdopted,
                        pair,
                        user.spelling(address).into(),
                        "holds the address already and has",
                    );
                    draft.adoptions[at].push(Change { trail: world.trail(pair), ..adopted });
                }
            }
        }
    }
}

fn adoptable<'w>(world: &'w World<'_>, at: usize, address: AddressId) -> Option<&'w Pair<'w>> {
    let user = &world.index.users[at];
    if !user.holds(address) || user.is_primary(address) || world.managed.is_ours(at, address) {
        return None;
    }
    let pair = world.grants.justification(&world.index, at, address)?;
    world.index.mailboxes[pair.mailbox()].state.may_gain.then_some(pair)
}

/// Without the trail.
fn change(world: &World<'_>, kind: ChangeKind, pair: &Pair<'_>, address: Arc<str>, verb: &str) -> Change {
    let mailbox = &world.index.mailboxes[pair.mailbox()];
    let (right, person) = (pair.delegation.right, world.delegate_label(pair));
    // There may be a million: the room at once, not as the text grows.
    let mut reason =
        String::with_capacity(person.len() + verb.len() + mailbox.label().len() + "  SendOnBehalf on ".len());
    let _ = write!(reason, "{person} {verb} {right:?} on {}", mailbox.label());
    Change {
        kind,
        address,
        mailbox: mailbox.reference(),
        right: Some(right),
        reason: reason.into(),
        trail: Arc::default(),
    }
}
