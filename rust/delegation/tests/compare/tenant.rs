//! Generated tenants that are changed: the same people, groups and mailboxes, with other rows, members and states.

use crate::world::{World, read, upn};
use esgsync_delegation::resolve::{ResolveOptions, resolve};
use esgsync_delegation::snapshot::Snapshot;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;

pub const PEOPLE: usize = 4;
pub const GROUPS: usize = 4;
pub const MAILBOXES: usize = 3;

/// What there is of each; rows are (mailbox, trustee, deny), edges (group, member), trustees people first, then groups.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tenant {
    pub rows: BTreeSet<(usize, usize, bool)>,
    pub edges: BTreeSet<(usize, usize)>,
    pub disabled: BTreeSet<usize>,
    /// Trustees that do not exist.
    pub no_trustees: BTreeSet<usize>,
    pub no_mailboxes: BTreeSet<usize>,
    /// Groups that could not be read.
    pub unread: BTreeSet<usize>,
}

pub fn name(trustee: usize) -> String {
    if trustee < PEOPLE { format!("p{trustee}") } else { format!("g{}", trustee - PEOPLE) }
}

fn some<T: Strategy>(of: T, most: usize) -> impl Strategy<Value = BTreeSet<T::Value>>
where
    T::Value: Ord,
{
    prop::collection::btree_set(of, 0..=most)
}

/// Everything is there and was read.
pub fn known() -> impl Strategy<Value = Tenant> {
    let rows = some((0..MAILBOXES, 0..PEOPLE + GROUPS, prop::bool::weighted(0.2)), 8);
    let edges = some((0..GROUPS, 0..PEOPLE + GROUPS), 9);
    (rows, edges).prop_map(|(rows, edges)| Tenant { rows, edges, ..Tenant::default() })
}

/// Some of it is missing, disabled or not read.
pub fn any_tenant() -> impl Strategy<Value = Tenant> {
    let parts = (some(0..PEOPLE, 1), some(0..PEOPLE + GROUPS, 2), some(0..MAILBOXES, 1), some(0..GROUPS, 1));
    (known(), parts).prop_map(|(tenant, (disabled, no_trustees, no_mailboxes, unread))| Tenant {
        disabled,
        no_trustees,
        no_mailboxes,
        unread,
        ..tenant
    })
}

impl Tenant {
    /// Its lines, in the order that `shuffle` makes of them.
    pub fn snapshot(&self, shuffle: impl Fn(&mut Vec<serde_json::Value>)) -> Snapshot {
        let mut world = World::new().read("softDeleted", "complete");
        for trustee in (0..PEOPLE + GROUPS).filter(|trustee| !self.no_trustees.contains(trustee)) {
            let key = name(trustee);
            if trustee < PEOPLE {
                world = world.has_with(&key, "UserMailbox", json!({"enabled": !self.disabled.contains(&trustee)}));
                continue;
            }
            world = world.has(&key, "MailUniversalSecurityGroup");
            if !self.unread.contains(&(trustee - PEOPLE)) {
                world = world.read(&format!("group:{key}"), "complete");
            }
        }
        for (group, member) in &self.edges {
            if !self.no_trustees.contains(&(PEOPLE + group)) && !self.no_trustees.contains(member) {
                world = world.line(json!({"kind": "member", "group": format!("g{group}"), "member": name(*member)}));
            }
        }
        for mailbox in (0..MAILBOXES).filter(|mailbox| !self.no_mailboxes.contains(mailbox)) {
            let key = format!("mb{mailbox}");
            world = world
                .line(json!({"kind": "mailbox", "key": key, "primary": upn(&key)}))
                .read(&format!("mailbox:{key}"), "complete");
        }
        for (mailbox, trustee, deny) in &self.rows {
            if !self.no_mailboxes.contains(mailbox) && !self.no_trustees.contains(trustee) {
                let row = json!({"mailbox": format!("mb{mailbox}"), "trustee": upn(&name(*trustee)), "deny": deny});
                world = world.permission(row);
            }
        }
        let mut lines = world.lines().to_vec();
        shuffle(&mut lines);
        read(&lines)
    }

    pub fn as_is(&self) -> Snapshot {
        self.snapshot(|_| ())
    }
}

/// Mailbox and delegate of every delegation, by key; and the mailboxes that are known.
pub fn facts(snapshot: &Snapshot) -> (BTreeSet<(String, String)>, BTreeSet<String>) {
    let resolution = resolve(snapshot, &ResolveOptions::default());
    let pair = |one: &esgsync_delegation::resolve::Delegation| {
        (snapshot.mailboxes[one.mailbox as usize].key.clone(), snapshot.recipients[one.delegate as usize].key.clone())
    };
    let known = snapshot.mailboxes.iter().zip(&resolution.mailboxes).filter(|(_, state)| state.is_known());
    (resolution.delegations.iter().map(pair).collect(), known.map(|(mailbox, _)| mailbox.key.clone()).collect())
}
