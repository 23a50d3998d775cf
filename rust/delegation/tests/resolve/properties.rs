//! What must hold for every tenant: generated worlds, and the same world told differently.

use crate::world::{World, guid, read, sid, upn};
use esgsync_delegation::resolve::{Resolution, ResolveOptions, resolve};
use esgsync_delegation::snapshot::{Right, Snapshot};
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value, json};

/// A permission: trustee by number, deny, inherited.
type Row = (usize, bool, bool);

/// A tenant: people, groups with members (people first, then groups), mailboxes with rows.
#[derive(Debug, Clone)]
struct Tenant {
    people: usize,
    groups: Vec<Vec<usize>>,
    mailboxes: Vec<Vec<Row>>,
}

fn tenant() -> impl Strategy<Value = Tenant> {
    (2..6usize, 0..5usize).prop_flat_map(|(people, groups)| {
        let trustees = people + groups;
        let members = prop::collection::vec(subsequence((0..trustees).collect::<Vec<_>>(), 0..=trustees), groups);
        let rows = prop::collection::vec((0..trustees, prop::bool::weighted(0.25), prop::bool::weighted(0.25)), 0..6);
        (members, prop::collection::vec(rows, 1..4)).prop_map(move |(groups, mailboxes)| Tenant {
            people,
            groups,
            mailboxes,
        })
    })
}

fn key(tenant: &Tenant, trustee: usize) -> String {
    if trustee < tenant.people { format!("p{trustee}") } else { format!("g{}", trustee - tenant.people) }
}

/// How a row may name a trustee; every way means the same.
fn shaped(key: &str, shape: usize) -> Value {
    match shape % 7 {
        0 => json!({"trustee": upn(key)}),
        1 => json!({"trustee": upn(key).to_uppercase(), "sid": sid(key)}),
        2 => json!({"trustee": sid(key), "sid": sid(key)}),
        3 => json!({"trustee": sid(key)}),
        4 => json!({"trustee": guid(key)}),
        5 => json!({"trustee": format!("{key} display")}),
        _ => json!({"trustee": format!("{key}.alias@corp.example"), "rights": ["ReadPermission, FullAccess"]}),
    }
}

fn lines(tenant: &Tenant, shape: impl Fn(usize) -> usize) -> Vec<Value> {
    let mut world = World::new();
    for person in 0..tenant.people {
        world = world.has(&key(tenant, person), "UserMailbox");
    }
    for (group, members) in tenant.groups.iter().enumerate() {
        let members: Vec<String> = members.iter().map(|member| key(tenant, *member)).collect();
        world = world.group(&format!("g{group}"), &members.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let mut number = 0;
    for (mailbox, rows) in tenant.mailboxes.iter().enumerate() {
        let name = format!("mb{mailbox}");
        world = world
            .line(json!({"kind": "mailbox", "key": name, "primary": upn(&name)}))
            .read(&format!("mailbox:{name}"), "complete");
        for (trustee, deny, inherited) in rows {
            let mut row = shaped(&key(tenant, *trustee), shape(number));
            row["mailbox"] = json!(name);
            row["deny"] = json!(deny);
            row["inherited"] = json!(inherited);
            world = world.permission(row);
            number += 1;
        }
    }
    world.lines().to_vec()
}

fn with_inherited() -> ResolveOptions {
    ResolveOptions { include_inherited: true, ..ResolveOptions::default() }
}

/// Delegations by keys.
fn pairs(snapshot: &Snapshot, resolution: &Resolution) -> Vec<(String, String)> {
    let pair = |delegation: &esgsync_delegation::resolve::Delegation| {
        (
            snapshot.mailboxes[delegation.mailbox as usize].key.clone(),
            snapshot.recipients[delegation.delegate as usize].key.clone(),
        )
    };
    resolution.delegations.iter().map(pair).collect()
}

/// Who holds the right, worked out in the plainest way: for each mailbox and person, over all rows in Windows order.
fn naive(tenant: &Tenant) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (mailbox, rows) in tenant.mailboxes.iter().enumerate() {
        for person in 0..tenant.people {
            let order = [(true, false), (false, false), (true, true), (false, true)];
            let decides = order.into_iter().find(|(deny, inherited)| {
                rows.iter()
                    .any(|row| row.1 == *deny && row.2 == *inherited && reaches(tenant, row.0, person, &mut vec![]))
            });
            if matches!(decides, Some((false, _))) {
                out.push((format!("mb{mailbox}"), format!("p{person}")));
            }
        }
    }
    out
}

fn reaches(tenant: &Tenant, from: usize, person: usize, seen: &mut Vec<usize>) -> bool {
    if from == person {
        return true;
    }
    if from < tenant.people || seen.contains(&from) {
        return false;
    }
    seen.push(from);
    tenant.groups[from - tenant.people].iter().any(|member| reaches(tenant, *member, person, seen))
}

proptest! {
    #[test]
    fn agrees_with_the_plain_definition(tenant in tenant()) {
        let snapshot = read(&lines(&tenant, |number| number));
        let resolution = resolve(&snapshot, &with_inherited());
        prop_assert_eq!(pairs(&snapshot, &resolution), naive(&tenant));
        prop_assert!(resolution.mailboxes.iter().all(|state| state.is_known() && state.may_lose));
    }

    #[test]
    fn every_trail_is_a_way_through_the_members(tenant in tenant()) {
        let snapshot = read(&lines(&tenant, |_| 0));
        let resolution = resolve(&snapshot, &with_inherited());
        let key = |index: u32| snapshot.recipients[index as usize].key.as_str();
        for delegation in &resolution.delegations {
            let mut way: Vec<&str> = delegation.groups.iter().map(|group| key(*group)).collect();
            way.push(key(delegation.delegate));
            for step in way.windows(2) {
                prop_assert!(snapshot.members.iter().any(|edge| &*edge.group == step[0] && edge.member == step[1]), "{way:?}");
            }
            let mailbox = &snapshot.mailboxes[delegation.mailbox as usize].key;
            prop_assert!(snapshot.permissions.iter().any(|row| *row.mailbox == **mailbox
                && row.trustee == upn(way[0]) && row.deny == Some(false) && row.inherited == Some(delegation.inherited)));
        }
    }

    #[test]
    fn order_and_spelling_of_rows_change_nothing(
        (tenant, order) in tenant().prop_flat_map(|tenant| {
            let count = lines(&tenant, |_| 0).len();
            (Just(tenant), Just((0..count).collect::<Vec<_>>()).prop_shuffle())
        }),
        shift in 0..7usize,
        unread in 0..4usize,
    ) {
        // Also where a group was not read, so that reasons come into it.
        let known = |line: &Value| line["subject"] != format!("group:g{unread}");
        let told: Vec<Value> = lines(&tenant, |_| 0).into_iter().filter(known).collect();
        let told = read(&told);
        let other = lines(&tenant, |number| number + shift);
        let shuffled: Vec<Value> = order.iter().map(|index| other[*index].clone()).filter(known).collect();
        let retold = read(&shuffled);
        let (first, second) = (resolve(&told, &with_inherited()), resolve(&retold, &with_inherited()));
        prop_assert_eq!(first.digest(&told), second.digest(&retold));
        prop_assert_eq!(&first.findings, &second.findings);
        prop_assert_eq!(pairs(&told, &first), pairs(&retold, &second));
    }

    #[test]
    fn an_unrelated_mailbox_changes_nothing_else(tenant in tenant()) {
        let mut lines = lines(&tenant, |number| number);
        let before_snapshot = read(&lines);
        let before = resolve(&before_snapshot, &with_inherited());
        lines.push(json!({"kind": "mailbox", "key": "unrelated", "primary": "unrelated@corp.example"}));
        lines.push(json!({"kind": "permission", "mailbox": "unrelated", "trustee": "Nobody", "rights": ["FullAccess"], "deny": false}));
        let after_snapshot = read(&lines);
        let after = resolve(&after_snapshot, &with_inherited());
        prop_assert_eq!(&before.delegations, &after.delegations);
        prop_assert_eq!(&before.mailboxes[..], &after.mailboxes[..before.mailboxes.len()]);
        prop_assert!(!after.mailboxes[before.mailboxes.len()].is_known());
        prop_assert_ne!(before.digest(&before_snapshot), after.digest(&after_snapshot));
    }

    #[test]
    fn losing_any_read_line_never_lets_a_mailbox_lose_more(tenant in tenant(), which in any::<prop::sample::Index>()) {
        let all = lines(&tenant, |number| number);
        let reads: Vec<usize> = (0..all.len()).filter(|index| all[*index]["kind"] == "read").collect();
        let mut fewer = all.clone();
        fewer.remove(reads[which.index(reads.len())]);
        let (all, fewer) = (read(&all), read(&fewer));
        let (before, after) = (resolve(&all, &with_inherited()), resolve(&fewer, &with_inherited()));
        for (one, other) in before.mailboxes.iter().zip(&after.mailboxes) {
            prop_assert!(one.may_lose || !other.may_lose);
            // A mailbox that may still lose is resolved as before: what a missing part could hide makes it unknown.
            if other.may_lose {
                prop_assert!(other.is_known());
            }
        }
        let lost: Vec<_> = pairs(&all, &before).into_iter().filter(|pair| !pairs(&fewer, &after).contains(pair)).collect();
        for (mailbox, _) in lost {
            let index = fewer.mailboxes.iter().position(|one| one.key == mailbox).unwrap();
            prop_assert!(!after.mailboxes[index].may_lose, "{mailbox} lost a delegate and may lose it");
        }
    }

    #[test]
    fn any_text_is_somebody_or_makes_the_mailbox_unknown(text in ".{0,24}", sid in prop::option::of("S-1-5-21-[0-9]{1,4}|\\PC{0,9}")) {
        let world = World::new().has("jane", "UserMailbox").permission(json!({"trustee": text, "sid": sid}));
        let options = ResolveOptions { rights: vec![Right::FullAccess], ..ResolveOptions::default() };
        let resolved = world.resolve_with(options);
        let settled = !resolved.unknown().is_empty() || !resolved.findings().is_empty() || !resolved.delegates().is_empty();
        let dropped = text.trim().to_uppercase().starts_with("BUILTIN\\");
        prop_assert!(settled || dropped, "{text:?} {sid:?} vanished");
    }
}
