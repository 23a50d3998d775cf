//! Who gained and lost what between two snapshots, and which change caused it (design 10).
//!
//! A delegation proves that somebody holds a right. That somebody does not is proved only where the mailbox may lose: it is known, and
//! everything that decides about it was read for that very snapshot. So a mailbox that is unknown on either side is reported as
//! unknown, never as lost (design 5.7), and neither is lost what rows that were carried or handed over no longer show.

mod absence;
mod cause;
mod explain;
mod pairs;
mod world;

pub use cause::Cause;
pub use pairs::Pair;

use crate::resolve::{ResolveOptions, TrailStep};
use crate::snapshot::{Right, Snapshot};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;
use world::World;

/// What became of a delegation, from the reference snapshot to the difference snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum DelegationChange {
    /// The delegate holds the right now, and did not before.
    Gained,
    /// The delegate held the right before, and does not now.
    Lost,
    /// One of the snapshots does not know the mailbox completely: nothing can be said about it.
    Unknown,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The mailbox.
    pub mailbox: Pair,
    /// The person; `None` for [`DelegationChange::Unknown`].
    pub delegate: Option<Pair>,
    /// The right; `None` where every right of several that are compared is unknown.
    pub right: Option<Right>,
    /// What became of it.
    pub change: DelegationChange,
    /// What caused it, or why it is unknown; never empty, sorted.
    pub causes: Vec<Cause>,
    /// Groups and person in the reference, as [`crate::resolve::trail`] gives them; empty where there is no delegation.
    pub reference_trail: Vec<TrailStep>,
    /// The same in the difference.
    pub difference_trail: Vec<TrailStep>,
}

/// Snapshots that cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CompareError {
    /// Of two organisations.
    #[error("the snapshots are of different tenants, {reference} and {difference}")]
    Tenants {
        /// Tenant id of the reference.
        reference: String,
        /// Tenant id of the difference.
        difference: String,
    },
    /// A snapshot without `end`: what is not in it was perhaps not read yet.
    #[error("the read of the {side} snapshot ({created}) did not come to its end")]
    Incomplete {
        /// `reference` or `difference`.
        side: &'static str,
        /// When it was begun.
        created: jiff::Timestamp,
    },
    /// Nothing to compare.
    #[error("no right was read for both snapshots")]
    NoRight,
}

impl CompareError {
    /// What to do next.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Tenants { .. } => "Compare two snapshots of the same tenant.",
            Self::Incomplete { .. } => {
                "Read Exchange to the end with Export-MailboxDelegation, then compare that snapshot."
            }
            Self::NoRight => "Export both with the same -Right.",
        }
    }
}

/// Compares the delegations of two snapshots, the older one as reference. Without rights in `options`, all rights that both have are
/// compared. Linear in their size; the result is sorted by mailbox key, delegate key and right, whatever the order of the rows.
///
/// # Errors
/// When the snapshots cannot be compared.
pub fn compare(
    reference: &Snapshot,
    difference: &Snapshot,
    options: &ResolveOptions,
) -> Result<Vec<Difference>, CompareError> {
    let rights = check(reference, difference, options)?;
    let world = World::new(reference, difference);
    let mut unknown: BTreeMap<u32, BTreeMap<Right, Vec<Cause>>> = BTreeMap::new();
    let mut differences = Vec::new();
    // One right after the other: what is not known of one says nothing about another (rule 15).
    for &right in &rights {
        let found = world.compare(&ResolveOptions { rights: vec![right], ..options.clone() }, right);
        differences.extend(found.differences);
        for (mailbox, causes) in found.unknown {
            unknown.entry(mailbox).or_default().insert(right, causes);
        }
    }
    for (mailbox, by_right) in unknown {
        differences.extend(not_known(world.mailbox(mailbox), by_right, rights.len()));
    }
    differences.sort_by(|a, b| world.order(a).cmp(&world.order(b)));
    Ok(differences)
}

/// The rights to compare.
fn check(
    reference: &Snapshot,
    difference: &Snapshot,
    options: &ResolveOptions,
) -> Result<BTreeSet<Right>, CompareError> {
    let tenant = |snapshot: &Snapshot| snapshot.header.tenant.as_ref().map(|tenant| tenant.id.to_lowercase());
    if let (Some(left), Some(right)) = (tenant(reference), tenant(difference))
        && left != right
    {
        return Err(CompareError::Tenants { reference: left, difference: right });
    }
    for (side, snapshot) in [("reference", reference), ("difference", difference)] {
        if !snapshot.complete {
            return Err(CompareError::Incomplete { side, created: snapshot.header.created });
        }
    }
    let in_both = |right: &Right| difference.header.rights.contains(right);
    let rights: BTreeSet<Right> = match options.rights.is_empty() {
        true => reference.header.rights.iter().copied().filter(in_both).collect(),
        false => options.rights.iter().copied().collect(),
    };
    if rights.is_empty() { Err(CompareError::NoRight) } else { Ok(rights) }
}

/// One line for a mailbox of which nothing is known; one for each right where others are.
fn not_known(mailbox: Pair, by_right: BTreeMap<Right, Vec<Cause>>, rights: usize) -> Vec<Difference> {
    let line = |right, mut causes: Vec<Cause>| {
        causes.sort();
        causes.dedup();
        Difference {
            mailbox,
            delegate: None,
            right,
            change: DelegationChange::Unknown,
            causes,
            reference_trail: Vec::new(),
            difference_trail: Vec::new(),
        }
    };
    if rights > 1 && by_right.len() == rights {
        return vec![line(None, by_right.into_values().flatten().collect())];
    }
    by_right.into_iter().map(|(right, causes)| line(Some(right), causes)).collect()
}
