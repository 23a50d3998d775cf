//! Which change took a right away from a person, or gave it.

use super::cause::{Cause, Missing};
use super::pairs::{Pair, Side};
use super::world::{OneSided, World};
use crate::resolve::{Entry, ResolveOptions, Standing, entries, names, standing};
use crate::snapshot::{Recipient, Right, Snapshot};
use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The causes of each, sorted; in the order of `changes`. Every way by which the person holds the right on the one side is broken on the other,
/// or a deny is there: each such break is a cause.
pub(super) fn explain(
    world: &World<'_>,
    options: &ResolveOptions,
    right: Right,
    changes: &[OneSided<'_>],
) -> Vec<Vec<Cause>> {
    let [reference, difference] =
        Side::BOTH.map(|side| Evidence::new(world.snapshot(side), options, asked(changes, side)));
    let explainer = Explainer { world, options, right, reference, difference };
    changes.iter().map(|change| explainer.causes(change)).collect()
}

/// The mailboxes and people that a side has to tell about.
fn asked(changes: &[OneSided<'_>], side: Side) -> BTreeMap<u32, HashSet<u32>> {
    let mut asked: BTreeMap<u32, HashSet<u32>> = BTreeMap::new();
    for change in changes {
        if let Some(mailbox) = change.mailbox.on(side) {
            asked.entry(mailbox).or_default().extend(change.delegate.on(side));
        }
    }
    asked
}

/// What one side has of the rows, by mailbox and person.
struct Evidence<'a> {
    snapshot: &'a Snapshot,
    entries: BTreeMap<u32, Vec<Entry>>,
    /// (mailbox, person) -> entry and which of its people, in the order of the rows.
    reaching: HashMap<(u32, u32), Vec<(usize, usize)>>,
    members: OnceCell<HashSet<(u32, u32)>>,
}

/// A row that reaches a person.
struct Way<'e> {
    entry: &'e Entry,
    groups: &'e [u32],
}

impl<'a> Evidence<'a> {
    fn new(snapshot: &'a Snapshot, options: &ResolveOptions, asked: BTreeMap<u32, HashSet<u32>>) -> Self {
        let entries = entries(snapshot, options, &asked);
        let mut reaching: HashMap<(u32, u32), Vec<(usize, usize)>> = HashMap::new();
        for (mailbox, entries) in &entries {
            for (at, entry) in entries.iter().enumerate() {
                for (which, (person, _)) in entry.people.iter().enumerate() {
                    reaching.entry((*mailbox, *person)).or_default().push((at, which));
                }
            }
        }
        Self { snapshot, entries, reaching, members: OnceCell::new() }
    }

    fn ways(&self, mailbox: u32, person: u32, deny: bool) -> impl Iterator<Item = Way<'_>> {
        let entries = self.entries.get(&mailbox).map_or(&[][..], Vec::as_slice);
        let reaching = self.reaching.get(&(mailbox, person)).map_or(&[][..], Vec::as_slice);
        let ways =
            reaching.iter().map(|(at, which)| Way { entry: &entries[*at], groups: &entries[*at].people[*which].1 });
        ways.filter(move |way| way.entry.deny == deny)
    }

    fn is_member(&self, group: u32, member: u32) -> bool {
        let members = self.members.get_or_init(|| {
            let recipients = self.snapshot.recipients.iter().zip(0..);
            let by_key: HashMap<&str, u32> = recipients.map(|(one, index)| (one.key.as_str(), index)).collect();
            let edges = self.snapshot.members.iter().filter(|edge| edge.makes_a_member());
            edges.filter_map(|edge| Some((*by_key.get(&*edge.group)?, *by_key.get(edge.member.as_str())?))).collect()
        });
        members.contains(&(group, member))
    }
}

struct Explainer<'a, 'w> {
    world: &'w World<'a>,
    options: &'w ResolveOptions,
    right: Right,
    reference: Evidence<'a>,
    difference: Evidence<'a>,
}

impl Explainer<'_, '_> {
    fn evidence(&self, side: Side) -> &Evidence<'_> {
        match side {
            Side::Reference => &self.reference,
            Side::Difference => &self.difference,
        }
    }

    fn causes(&self, change: &OneSided<'_>) -> Vec<Cause> {
        let mut missing = self.missing(change);
        if missing.is_empty() {
            missing.push(Missing::Other);
        }
        let mut causes: Vec<Cause> = missing.iter().map(|missing| Cause::of(change.holder, missing)).collect();
        causes.sort();
        causes.dedup();
        causes
    }

    fn missing<'s>(&'s self, change: &OneSided<'_>) -> Vec<Missing<'s>> {
        let (holder, lacking) = (change.holder, change.holder.other());
        let Some(mailbox) = change.mailbox.on(lacking) else { return vec![Missing::Mailbox] };
        let name = self.name_of(change.delegate, holder);
        let mut missing = Vec::new();
        match self.world.recipient(change.delegate, lacking) {
            None if self.world.absence(lacking).lists_all_recipients() => return vec![Missing::Delegate(name)],
            None => {}
            Some(there) => match standing(there, self.right, self.options) {
                Standing::Person => {}
                Standing::Disabled => missing.push(Missing::Enabled(name)),
                Standing::Group | Standing::Other => missing.push(Missing::Type(name, type_of(there))),
            },
        }
        if let Some(person) = change.delegate.on(lacking) {
            // An inherited deny stands behind an explicit allow (design 5.5).
            let denies = self.evidence(lacking).ways(mailbox, person, true);
            let denies = denies.filter(|deny| !deny.entry.inherited || change.delegation.inherited);
            missing.extend(denies.map(|deny| Missing::Deny(self.trail(lacking, &deny, person))));
        }
        let held = change.mailbox.on(holder).zip(change.delegate.on(holder));
        let ways = held.into_iter().flat_map(|(mailbox, person)| self.evidence(holder).ways(mailbox, person, false));
        missing.extend(ways.filter_map(|way| self.first_break(change, &way, mailbox)));
        missing
    }

    /// What of a way the other side does not have; `None` when all of it is there.
    fn first_break<'s>(&'s self, change: &OneSided<'_>, way: &Way<'s>, mailbox: u32) -> Option<Missing<'s>> {
        let (holder, lacking) = (change.holder, change.holder.other());
        let trustee = self.pair(holder, way.entry.trustee);
        let row = self.evidence(lacking).entries.get(&mailbox).into_iter().flatten().any(|entry| {
            !entry.deny && Some(entry.trustee) == trustee.on(lacking) && (way.entry.inherited || !entry.inherited)
        });
        // That a group is gone says more than that it has no permission and is no member any more.
        let groups: Vec<Pair> = way.groups.iter().map(|group| self.pair(holder, *group)).collect();
        let gone = groups.iter().find(|group| group.on(lacking).is_none());
        if let (Some(gone), true) = (gone, self.world.absence(lacking).lists_all_recipients()) {
            return Some(Missing::Group(self.name_of(*gone, holder)));
        }
        if !row {
            return Some(Missing::Row(self.name_of(trustee, holder)));
        }
        let members = groups.iter().skip(1).chain([&change.delegate]);
        groups.iter().zip(members).find_map(|(group, member)| self.broken_step(holder, *group, *member))
    }

    fn broken_step(&self, holder: Side, group: Pair, member: Pair) -> Option<Missing<'_>> {
        let lacking = holder.other();
        if let Some(there) = self.world.recipient(group, lacking)
            && standing(there, self.right, self.options) != Standing::Group
        {
            return Some(Missing::Type(self.name_of(group, holder), type_of(there)));
        }
        let edge = group.on(lacking).zip(member.on(lacking));
        let is_member = edge.is_some_and(|(group, member)| self.evidence(lacking).is_member(group, member));
        (!is_member).then(|| Missing::Member(self.name_of(group, holder), self.name_of(member, holder)))
    }

    fn pair(&self, side: Side, recipient: u32) -> Pair {
        self.world.recipients.at(self.world.recipients.place(side, recipient))
    }

    /// How texts call a person or group, by what it is on that side.
    fn name_of(&self, pair: Pair, side: Side) -> &str {
        match self.world.recipient(pair, side) {
            Some(group) if standing(group, self.right, self.options) == Standing::Group => names::group(group),
            Some(person) => names::person(person),
            None => "",
        }
    }

    fn trail(&self, side: Side, way: &Way<'_>, person: u32) -> Vec<String> {
        let recipients = &self.world.snapshot(side).recipients;
        let groups = way.groups.iter().map(|group| names::group(&recipients[*group as usize]));
        groups.chain([names::person(&recipients[person as usize])]).map(str::to_owned).collect()
    }
}

fn type_of(recipient: &Recipient) -> &str {
    recipient.recipient_type.as_deref().unwrap_or("unknown")
}
