//! Which object of one snapshot is which of the other.

use crate::snapshot::{Mailbox, Recipient, Snapshot};
use std::collections::HashMap;

/// One object, by its index in each snapshot; it is in at least one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pair {
    /// Index in the reference snapshot.
    pub reference: Option<u32>,
    /// Index in the difference snapshot.
    pub difference: Option<u32>,
}

/// One of the two snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Side {
    Reference,
    Difference,
}

impl Side {
    pub(super) const BOTH: [Self; 2] = [Self::Reference, Self::Difference];

    pub(super) fn other(self) -> Self {
        match self {
            Self::Reference => Self::Difference,
            Self::Difference => Self::Reference,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Difference => "difference",
        }
    }
}

impl Pair {
    /// The index on one side.
    pub(super) fn on(self, side: Side) -> Option<u32> {
        match side {
            Side::Reference => self.reference,
            Side::Difference => self.difference,
        }
    }
}

/// All objects of one kind, each once.
pub(super) struct Pairs {
    /// Those of the reference in their order, then those that only the difference has.
    pub all: Vec<Pair>,
    /// Place in `all` by index in the difference; for the reference it is the index itself.
    of_difference: Vec<u32>,
}

/// Key, GUID and directory id: what an object is known by. A name pairs nothing: an account of the same name may have been made anew (rule 12).
type Ids<'a> = [&'a str; 3];

impl Pairs {
    pub(super) fn mailboxes(reference: &Snapshot, difference: &Snapshot) -> Self {
        let ids = |snapshot| all_ids(snapshot, |one| &one.mailboxes, mailbox_ids);
        Self::new(&ids(reference), &ids(difference))
    }

    pub(super) fn recipients(reference: &Snapshot, difference: &Snapshot) -> Self {
        let ids = |snapshot| all_ids(snapshot, |one| &one.recipients, recipient_ids);
        Self::new(&ids(reference), &ids(difference))
    }

    fn new(reference: &[Ids<'_>], difference: &[Ids<'_>]) -> Self {
        let mut of_reference: Vec<Option<u32>> = vec![None; reference.len()];
        let mut of_difference: Vec<Option<u32>> = vec![None; difference.len()];
        let by_key: HashMap<&str, u32> = difference.iter().zip(0..).map(|(ids, index)| (ids[0], index)).collect();
        let mut join = |left: usize, right: u32| {
            let taken = &mut of_difference[right as usize];
            if taken.is_none() {
                *taken = u32::try_from(left).ok();
                of_reference[left] = Some(right);
            }
        };
        let mut alone = Vec::new();
        for (left, ids) in reference.iter().enumerate() {
            match by_key.get(ids[0]) {
                Some(right) => join(left, *right),
                None => alone.push(left),
            }
        }
        // Another key for the same object: one file has rows without GUIDs, say. Made only when there is something left to find.
        if !alone.is_empty() {
            let by_id = Finder::new(difference);
            for left in alone {
                if let Some(right) = by_id.find(&reference[left]) {
                    join(left, right);
                }
            }
        }
        let mut all: Vec<Pair> =
            (0..).zip(of_reference).map(|(left, right)| Pair { reference: Some(left), difference: right }).collect();
        let mut places = Vec::with_capacity(difference.len());
        for (right, left) in (0..).zip(of_difference) {
            places.push(left.unwrap_or_else(|| {
                all.push(Pair { reference: None, difference: Some(right) });
                u32::try_from(all.len() - 1).unwrap_or(u32::MAX)
            }));
        }
        Self { all, of_difference: places }
    }

    /// The place in `all` of the object with an index of one side.
    pub(super) fn place(&self, side: Side, index: u32) -> u32 {
        match side {
            Side::Reference => index,
            Side::Difference => self.of_difference[index as usize],
        }
    }

    pub(super) fn at(&self, place: u32) -> Pair {
        self.all[place as usize]
    }
}

/// Finds objects by any id, without regard to case. An id that several have finds nothing.
pub(super) struct Finder(HashMap<String, Option<u32>>);

impl Finder {
    pub(super) fn recipients(snapshot: &Snapshot) -> Self {
        Self::new(&all_ids(snapshot, |one| &one.recipients, recipient_ids))
    }

    pub(super) fn soft_deleted(snapshot: &Snapshot) -> Self {
        Self::new(&all_ids(snapshot, |one| &one.soft_deleted, mailbox_ids))
    }

    fn new(objects: &[Ids<'_>]) -> Self {
        let mut by_id: HashMap<String, Option<u32>> = HashMap::with_capacity(2 * objects.len());
        for (ids, index) in objects.iter().zip(0..) {
            for id in ids.iter().filter(|id| !id.is_empty()) {
                let found = by_id.entry(id.to_lowercase()).or_insert(Some(index));
                if *found != Some(index) {
                    *found = None;
                }
            }
        }
        Self(by_id)
    }

    fn find(&self, ids: &Ids<'_>) -> Option<u32> {
        ids.iter().find_map(|id| self.0.get(&id.to_lowercase()).copied().flatten())
    }

    pub(super) fn find_mailbox(&self, mailbox: &Mailbox) -> Option<u32> {
        self.find(&mailbox_ids(mailbox))
    }
}

fn all_ids<'a, T: 'a>(snapshot: &'a Snapshot, list: fn(&Snapshot) -> &Vec<T>, ids: fn(&T) -> Ids<'_>) -> Vec<Ids<'a>> {
    list(snapshot).iter().map(ids).collect()
}

fn mailbox_ids(mailbox: &Mailbox) -> Ids<'_> {
    [&mailbox.key, mailbox.guid.as_deref().unwrap_or_default(), mailbox.directory_id.as_deref().unwrap_or_default()]
}

fn recipient_ids(recipient: &Recipient) -> Ids<'_> {
    [
        &recipient.key,
        recipient.guid.as_deref().unwrap_or_default(),
        recipient.directory_id.as_deref().unwrap_or_default(),
    ]
}
