//! What an outcome proves to be ours (rules 23, 34, 35, 38).

use super::target::Target;
use crate::state::{Booking, Gone, Restored};
use esgsync_delegation::address::AddressKey;
use esgsync_delegation::esg::{ManagedAlias, RemovedFunctional};
use esgsync_delegation::plan::{Action, Change, ChangeKind};
use serde::Serialize;

/// An alias is ours when it was not there before our write and is there after it: one that somebody added by hand meanwhile stays theirs.
/// Also a write that failed as a whole may have done a part, which is booked the same way.
pub(super) fn of_update<T: Target>(
    target: &T,
    tenant: Option<&str>,
    action: &Action,
    before: &T::Item,
    after: &T::Item,
) -> Booking {
    let mut booking = Booking { shown: Some(crate::state::to_json(after)), ..Booking::default() };
    for change in &action.changes {
        let (was, is) = (target.has(change, before), target.has(change, after));
        match change.kind {
            ChangeKind::AliasAdded if !was && is => booking.ours.extend(managed(tenant, action, change)),
            ChangeKind::AliasRestored if is => {
                let key = AddressKey::new(&change.address);
                let again = action.managed_again.iter().filter(|entry| AddressKey::new(&entry.address) == key);
                booking.ours.extend(again.cloned());
            }
            ChangeKind::AliasRemoved if !is => booking.gone.extend(tenant.map(|tenant| Gone {
                tenant: tenant.to_owned(),
                user_id: action.user.id,
                address: change.address.to_string(),
            })),
            _ => {}
        }
    }
    booking
}

/// Adoption without a call (rule 35), and its undo.
pub(super) fn of_adoption(tenant: Option<&str>, action: &Action) -> Booking {
    let released = action.changes.iter().filter(|change| change.kind == ChangeKind::AliasReleased);
    let released = released.filter_map(|change| managed(tenant, action, change)).collect();
    let adopted = action.changes.iter().filter(|change| change.kind == ChangeKind::AliasAdopted);
    Booking {
        ours: adopted.filter_map(|change| managed(tenant, action, change)).collect(),
        released,
        ..Booking::default()
    }
}

/// A functional user that we removed: its addresses stay wanted, and it is counted when an import brings it back.
pub(super) fn of_removal<T: Target>(target: &T, tenant: Option<&str>, action: &Action, before: &T::Item) -> Booking {
    let removed = tenant.zip(action.changes.first()).map(|(tenant, change)| RemovedFunctional {
        tenant: tenant.to_owned(),
        mailbox: change.mailbox.guid.clone(),
        username: action.user.username.clone(),
        addresses: target.addresses(before),
        returned: 0,
    });
    Booking { removed, ..Booking::default() }
}

/// A functional user that an undo brought back: it is there because of us, not of an import (rule 38).
pub(super) fn of_creation<I: Serialize>(tenant: Option<&str>, action: &Action, created: Option<&I>) -> Booking {
    let restored = tenant.zip(action.changes.first()).map(|(tenant, change)| Restored {
        tenant: tenant.to_owned(),
        mailbox: change.mailbox.guid.clone(),
        username: action.user.username.clone(),
    });
    Booking { restored, shown: created.map(crate::state::to_json), ..Booking::default() }
}

// Without a tenant or a right nobody could prove later that the entry is stale, so the alias is not ours.
fn managed(tenant: Option<&str>, action: &Action, change: &Change) -> Option<ManagedAlias> {
    Some(ManagedAlias {
        tenant: tenant?.into(),
        mailbox: change.mailbox.guid.as_str().into(),
        user_id: action.user.id,
        username: action.user.username.as_str().into(),
        address: change.address.clone(),
        right: change.right?,
    })
}
