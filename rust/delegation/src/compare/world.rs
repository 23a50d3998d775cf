//! Both snapshots, which of their objects are the same, and what changed for one right.

use super::absence::Absence;
use super::explain::explain;
use super::pairs::{Pair, Pairs, Side};
use super::{Cause, DelegationChange, Difference};
use crate::resolve::{Delegation, Resolution, ResolveOptions, resolve, trail};
use crate::snapshot::{Mailbox, Recipient, Right, Snapshot};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Both snapshots.
pub(super) struct World<'a> {
    reference: &'a Snapshot,
    difference: &'a Snapshot,
    absent_in_reference: Absence<'a>,
    absent_in_difference: Absence<'a>,
    mailboxes: Pairs,
    pub recipients: Pairs,
}

/// What was found for one right.
#[derive(Default)]
pub(super) struct Found {
    /// Gained and lost.
    pub differences: Vec<Difference>,
    /// Why a mailbox is unknown, by its place.
    pub unknown: BTreeMap<u32, Vec<Cause>>,
}

/// A delegation that only one side has.
pub(super) struct OneSided<'d> {
    pub holder: Side,
    pub mailbox: Pair,
    pub delegate: Pair,
    pub delegation: &'d Delegation,
}

/// What may be said about a mailbox.
enum Verdict {
    Compare,
    Unknown(Vec<Cause>),
}

impl<'a> World<'a> {
    pub(super) fn new(reference: &'a Snapshot, difference: &'a Snapshot) -> Self {
        Self {
            reference,
            difference,
            absent_in_reference: Absence::new(Side::Reference, reference),
            absent_in_difference: Absence::new(Side::Difference, difference),
            mailboxes: Pairs::mailboxes(reference, difference),
            recipients: Pairs::recipients(reference, difference),
        }
    }

    pub(super) fn snapshot(&self, side: Side) -> &'a Snapshot {
        match side {
            Side::Reference => self.reference,
            Side::Difference => self.difference,
        }
    }

    pub(super) fn absence(&self, side: Side) -> &Absence<'a> {
        match side {
            Side::Reference => &self.absent_in_reference,
            Side::Difference => &self.absent_in_difference,
        }
    }

    pub(super) fn mailbox(&self, place: u32) -> Pair {
        self.mailboxes.at(place)
    }

    pub(super) fn recipient(&self, pair: Pair, side: Side) -> Option<&'a Recipient> {
        self.snapshot(side).recipients.get(pair.on(side)? as usize)
    }

    fn mailbox_on(&self, pair: Pair, side: Side) -> Option<&'a Mailbox> {
        self.snapshot(side).mailboxes.get(pair.on(side)? as usize)
    }

    /// By keys: the same differences in any order of rows.
    pub(super) fn order<'b>(&'b self, one: &Difference) -> impl Ord + use<'a, 'b> {
        let either = |find: &dyn Fn(Side) -> Option<&'a String>| Side::BOTH.into_iter().find_map(find);
        let mailbox = either(&|side| Some(&self.mailbox_on(one.mailbox, side)?.key));
        let delegate = one.delegate.and_then(|pair| either(&|side| Some(&self.recipient(pair, side)?.key)));
        (mailbox, delegate, one.right)
    }

    /// What changed for one right, which is the only one of `options`.
    pub(super) fn compare(&self, options: &ResolveOptions, right: Right) -> Found {
        let reference = resolve(self.reference, options);
        let difference = resolve(self.difference, options);
        let of = |side| match side {
            Side::Reference => &reference,
            Side::Difference => &difference,
        };
        let mut found = Found::default();
        let mut settled: HashSet<u32> = HashSet::new();
        for (place, pair) in (0..).zip(&self.mailboxes.all) {
            match self.verdict(*pair, &of) {
                Verdict::Compare => {
                    settled.insert(place);
                }
                Verdict::Unknown(causes) => {
                    found.unknown.insert(place, causes);
                }
            }
        }
        let (one_sided, doubtful) = self.one_sided(&of, &settled);
        found.unknown.extend(
            doubtful.into_iter().map(|(place, sides)| (place, sides.into_iter().map(Cause::second_hand).collect())),
        );
        let causes = explain(self, options, right, &one_sided);
        found.differences = one_sided.iter().zip(causes).map(|(one, causes)| self.difference(one, causes)).collect();
        found
    }

    fn verdict<'r>(&self, pair: Pair, of: &impl Fn(Side) -> &'r Resolution) -> Verdict {
        let state = |side| pair.on(side).map(|index| &of(side).mailboxes[index as usize]);
        let doubts = Side::BOTH.into_iter().flat_map(|side| match (state(side), self.mailbox_on(pair, side.other())) {
            (Some(state), _) => state.unknown.iter().map(|reason| Cause::of_reason(side, reason)).collect(),
            (None, Some(mailbox)) => Vec::from_iter(self.absence(side).doubt(mailbox)),
            (None, None) => Vec::new(),
        });
        let doubts: Vec<Cause> = doubts.collect();
        if doubts.is_empty() { Verdict::Compare } else { Verdict::Unknown(doubts) }
    }

    /// The delegations of settled mailboxes that only one side has; and the mailboxes where one side does not show some and proves nothing by that.
    fn one_sided<'r>(
        &self,
        of: &impl Fn(Side) -> &'r Resolution,
        settled: &HashSet<u32>,
    ) -> (Vec<OneSided<'r>>, BTreeMap<u32, BTreeSet<Side>>) {
        let places = |side, one: &Delegation| {
            (self.mailboxes.place(side, one.mailbox), self.recipients.place(side, one.delegate))
        };
        let held = |side| of(side).delegations.iter().map(|one| places(side, one)).collect::<HashSet<_>>();
        let [in_reference, in_difference] = Side::BOTH.map(held);
        let (mut one_sided, mut doubtful) = (Vec::new(), BTreeMap::<u32, BTreeSet<Side>>::new());
        for (holder, other) in [(Side::Reference, &in_difference), (Side::Difference, &in_reference)] {
            let lacking = holder.other();
            for delegation in &of(holder).delegations {
                let (mailbox, delegate) = places(holder, delegation);
                if !settled.contains(&mailbox) || other.contains(&(mailbox, delegate)) {
                    continue;
                }
                let pair = self.mailboxes.at(mailbox);
                let proved = pair.on(lacking).is_none_or(|index| of(lacking).mailboxes[index as usize].may_lose);
                if proved {
                    let delegate = self.recipients.at(delegate);
                    one_sided.push(OneSided { holder, mailbox: pair, delegate, delegation });
                } else {
                    doubtful.entry(mailbox).or_default().insert(lacking);
                }
            }
        }
        (one_sided, doubtful)
    }

    fn difference(&self, one: &OneSided<'_>, causes: Vec<Cause>) -> Difference {
        let trail = trail(self.snapshot(one.holder), one.delegation);
        let (reference_trail, difference_trail) = match one.holder {
            Side::Reference => (trail, Vec::new()),
            Side::Difference => (Vec::new(), trail),
        };
        Difference {
            mailbox: one.mailbox,
            delegate: Some(one.delegate),
            right: Some(one.delegation.right),
            change: change(one.holder),
            causes,
            reference_trail,
            difference_trail,
        }
    }
}

/// What only the reference has was lost; what only the difference has was gained.
pub(super) fn change(holder: Side) -> DelegationChange {
    match holder {
        Side::Reference => DelegationChange::Lost,
        Side::Difference => DelegationChange::Gained,
    }
}
