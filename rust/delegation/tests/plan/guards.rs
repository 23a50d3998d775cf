//! Guards and what they hold back (design 7, rules 40, 41).

use crate::builder::*;
use esgsync_delegation::plan::{
    ActionKind, ChangeKind, FunctionalUser, GuardCount, LIMITS, Mismatch, Plan, RemoveStale, expect_text, guards,
};
use std::collections::{BTreeMap, BTreeSet};

fn hold(kind: ChangeKind, count: u64, existing: u64) -> GuardCount {
    let guards = guards(&BTreeMap::from([(kind, count)]), &BTreeMap::from([(kind, existing)]));
    guards.into_iter().find(|guard| guard.kind == kind).unwrap()
}

#[test]
fn rule_40_each_limit_blocks_one_above_it_and_not_at_it() {
    use ChangeKind::{
        AliasAdded, AliasRemoved, AliasRestored, DuplicateCollapsed, FunctionalUserRemoved, FunctionalUserRestored,
    };
    // Kind, what exists, the largest number that passes.
    let steps = [
        (AliasAdded, 0, 10_000),
        (AliasAdded, 1_000_000, 10_000),
        (AliasRemoved, 0, 10),
        (AliasRemoved, 99, 10),
        (AliasRemoved, 100, 10),
        (AliasRemoved, 109, 10),
        (AliasRemoved, 110, 11),
        (AliasRemoved, 1_999, 199),
        (AliasRemoved, 2_000, 200),
        (AliasRemoved, 50_000, 200),
        (FunctionalUserRemoved, 0, 10),
        (FunctionalUserRemoved, 99, 10),
        (FunctionalUserRemoved, 100, 20),
        (FunctionalUserRemoved, 104, 20),
        (FunctionalUserRemoved, 105, 21),
        (FunctionalUserRemoved, 500, 100),
        (FunctionalUserRemoved, 9_000, 100),
        (AliasAdded, 99, 10_000),
        (AliasAdded, 100, 10_000),
        (AliasRestored, 0, 10_000),
        (AliasRestored, 99, 10_000),
        (AliasRestored, 100, 10_000),
        (FunctionalUserRestored, 0, 10_000),
        (FunctionalUserRestored, 99, 10_000),
        (FunctionalUserRestored, 100, 10_000),
    ];
    for (kind, existing, most) in steps {
        for (count, blocked) in [(most - 1, false), (most, false), (most + 1, true)] {
            let guard = hold(kind, count, existing);
            assert_eq!(guard.blocked, blocked, "{kind:?}: {count} of {existing}");
            assert_eq!(guard.expect.is_some(), blocked);
        }
    }
    assert!(!hold(DuplicateCollapsed, u64::MAX, 0).blocked);
    assert!(hold(AliasRemoved, u64::MAX, u64::MAX).blocked);
}

#[test]
fn rule_40_percent_counts_from_a_hundred_existing_on() {
    assert_eq!(hold(ChangeKind::AliasRemoved, 1, 99).percent, None);
    assert_eq!(hold(ChangeKind::AliasRemoved, 1, 100).percent, Some(10));
    assert_eq!(hold(ChangeKind::AliasRemoved, 1, 99).limit, Some(10));
    assert_eq!(hold(ChangeKind::AliasRemoved, 1, 100).limit, Some(200));
}

/// A plan that has `count` changes of a kind at an appliance where `existing` are there for it.
type Planned = fn(existing: u64, count: u64) -> Plan;

/// What exists, and the largest number that passes.
type Steps<'a> = &'a [(u64, u64)];

#[test]
fn rule_40_plans_are_blocked_one_above_each_limit_and_not_at_it() {
    let added: Steps<'_> = &[(0, 10_000), (99, 10_000), (100, 10_000)];
    // Nothing can be removed where nothing is: the smallest number that can be too much is eleven of eleven.
    let removed: Steps<'_> = &[(11, 10), (99, 10), (100, 10), (110, 11), (2_001, 200)];
    let functional: Steps<'_> = &[(11, 10), (99, 10), (100, 20), (105, 21), (501, 100)];
    let kinds: [(ChangeKind, Planned, Steps<'_>); 3] = [
        (ChangeKind::AliasAdded, additions, added),
        (ChangeKind::AliasRemoved, removals, removed),
        (ChangeKind::FunctionalUserRemoved, functional_removals, functional),
    ];
    for (kind, planned, steps) in kinds {
        for &(existing, most) in steps {
            for (count, over) in [(most - 1, false), (most, false), (most + 1, true)] {
                let plan = planned(existing, count);
                let guard = plan.guards.iter().find(|guard| guard.kind == kind).unwrap();
                assert_eq!((guard.existing, guard.count), (existing, count), "{kind:?}");
                assert_eq!(guard.blocked, over, "{kind:?}: {count} of {existing}");
                let admitted = plan.admit(&BTreeMap::new(), &BTreeSet::new()).unwrap();
                let left = admitted.actions.iter().flat_map(|action| &action.changes);
                let left = left.filter(|change| change.kind == kind).count() as u64;
                assert_eq!(left, if over { 0 } else { count }, "{kind:?}: {count} of {existing}");
            }
        }
    }
    assert_eq!(blocked(&removals(0, 0)), []);
    assert_eq!(blocked(&functional_removals(0, 0)), []);
}

/// People who lack addresses, up to a hundred each; `existing` aliases are ours and in place.
fn additions(existing: u64, count: u64) -> Plan {
    let mut world = World::new();
    let mailboxes: Vec<usize> = (0..100).map(|at| world.mailbox(&format!("m{at:02}"), &[])).collect();
    let yard = world.mailbox("yard", &[]);
    for id in 1..=existing {
        let person = world.person(&format!("e{id}"));
        world.grant(yard, person);
        world.colleague(id, &format!("e{id}"), &["yard@corp.example"]);
        world.manage(id, "yard@corp.example", "yard");
    }
    for id in 0..count.div_ceil(100) {
        let person = world.person(&format!("p{id}"));
        world.colleague(1_000 + id, &format!("p{id}"), &[]);
        let wanted = (count - id * 100).min(100) as usize;
        mailboxes[..wanted].iter().for_each(|&mailbox| world.grant(mailbox, person));
    }
    world.plan()
}

/// `existing` people have the alias of yard from us, `count` of them without a delegation.
fn removals(existing: u64, count: u64) -> Plan {
    let mut world = World::new();
    let yard = world.mailbox("yard", &[]);
    world.colleague(9_000, "other", &[]);
    for id in 1..=existing {
        let name = format!("p{id}");
        let person = world.person(&name);
        if id > count {
            world.grant(yard, person);
        }
        world.colleague(id, &name, &["yard@corp.example"]);
        world.manage(id, "yard@corp.example", "yard");
    }
    world.plan()
}

/// `existing` functional users, `count` of them with addresses that a delegate holds.
fn functional_removals(existing: u64, count: u64) -> Plan {
    let mut world = World::new();
    world.options.functional_user = FunctionalUser::Remove;
    world.mailbox("none", &[]);
    let ann = world.person("ann");
    let names: Vec<String> = (0..existing).map(|at| format!("m{at}")).collect();
    let held: Vec<String> = names[..count as usize].iter().map(|name| format!("{name}@corp.example")).collect();
    world.colleague(1, "ann", &held.iter().map(String::as_str).collect::<Vec<_>>());
    for (at, name) in names.iter().enumerate() {
        let mailbox = world.mailbox(name, &[]);
        if (at as u64) < count {
            world.grant(mailbox, ann);
        }
        world.functional(1_000 + at as u64, name, &[]);
    }
    world.plan()
}

#[test]
fn the_override_is_ready_to_paste() {
    let all = guards(
        &BTreeMap::from([(ChangeKind::AliasRemoved, 300), (ChangeKind::FunctionalUserRemoved, 385)]),
        &BTreeMap::new(),
    );
    assert_eq!(all.iter().map(|guard| guard.kind).collect::<Vec<_>>(), LIMITS.map(|limit| limit.kind));
    let whole = Some("-Expect @{ AliasRemoved = 300; FunctionalUserRemoved = 385 }");
    assert_eq!((all[1].expect.as_deref(), all[3].expect.as_deref(), all[0].expect.as_deref()), (whole, whole, None));
    assert_eq!(expect_text(&all).as_deref(), Some("-Expect @{ AliasRemoved = 300; FunctionalUserRemoved = 385 }"));
    assert_eq!(expect_text(&all[..1]), None);
}

#[test]
fn rule_40_the_base_of_percent_is_what_is_there() {
    let mut world = crowd(3);
    world.functional(900, "other", &[]);
    let base = |world: &World| -> BTreeMap<ChangeKind, u64> {
        world.plan().guards.iter().map(|guard| (guard.kind, guard.existing)).collect()
    };
    // Managed aliases of this tenant that are there; functional users.
    assert_eq!((base(&world)[&ChangeKind::AliasRemoved], base(&world)[&ChangeKind::FunctionalUserRemoved]), (3, 2));
    world.managed[0].tenant = "another".into();
    world.users[0].addresses.truncate(1);
    world.users[1].addresses.truncate(1);
    assert_eq!(base(&world)[&ChangeKind::AliasRemoved], 1);
    // With Any: every alias that is a mailbox's address, whoever added it.
    world.managed.clear();
    assert_eq!(base(&world)[&ChangeKind::AliasRemoved], 0);
    world.options.remove_stale = RemoveStale::Any;
    assert_eq!(base(&world)[&ChangeKind::AliasRemoved], 1);
}

/// `people` hold a stale alias of yard and lack the one of shop; the functional user of shop may go.
fn crowd(people: u64) -> World {
    let mut world = World::new();
    world.options.functional_user = FunctionalUser::Remove;
    let shop = world.mailbox("shop", &[]);
    world.mailbox("yard", &[]);
    for id in 1..=people {
        let name = format!("p{id:02}");
        let person = world.person(&name);
        world.grant(shop, person);
        world.colleague(id, &name, &["yard@corp.example"]);
        world.manage(id, "yard@corp.example", "yard");
    }
    world.functional(500, "shop", &[]);
    world
}

fn blocked(plan: &Plan) -> Vec<ChangeKind> {
    plan.guards.iter().filter(|guard| guard.blocked).map(|guard| guard.kind).collect()
}

#[test]
fn rule_41_a_blocked_kind_is_trimmed_and_the_rest_goes_on() {
    let plan = crowd(11).plan().seal();
    assert_eq!(blocked(&plan), [ChangeKind::AliasRemoved]);
    let admitted = plan.admit(&BTreeMap::new(), &BTreeSet::new()).unwrap();
    assert_eq!(admitted.blocked, plan.guards[1..2]);
    assert_eq!(admitted.withheld, []);
    assert_eq!(admitted.actions.len(), plan.actions.len());
    for (trimmed, whole) in admitted.actions.iter().zip(&plan.actions).take(11) {
        assert_eq!(trimmed.changes, whole.changes[..1]);
        let own = format!("*{}", trimmed.user.username);
        assert_eq!(after(trimmed), [own.as_str(), "yard@corp.example", "shop@corp.example"]);
        assert_eq!(after(whole), [own.as_str(), "shop@corp.example"]);
        // Its full form counts as open when the removals are expected later.
        assert_ne!(trimmed.id, whole.id);
    }
    let removal = &admitted.actions[11];
    assert_eq!(removal.kind, ActionKind::RemoveUser);
    let ids: Vec<&String> = admitted.actions[..11].iter().map(|action| &action.id).collect();
    assert_eq!(removal.depends_on.iter().collect::<Vec<_>>(), ids);
}

#[test]
fn rule_41_actions_without_a_change_left_are_withheld() {
    let mut world = crowd(11);
    world.resolution.delegations.clear();
    let plan = world.plan();
    let admitted = plan.admit(&BTreeMap::new(), &BTreeSet::new()).unwrap();
    assert_eq!(admitted.actions, []);
    assert_eq!(admitted.withheld.len(), 11);
    assert!(admitted.withheld[0].1.contains("AliasRemoved"));
    assert_eq!(
        plan.admit(&BTreeMap::from([(ChangeKind::AliasRemoved, 11)]), &BTreeSet::new()).unwrap().actions,
        plan.actions
    );
}

#[test]
fn rule_41_a_blocked_addition_holds_back_the_functional_user_that_needs_it() {
    // The guard of additions is far above what a test should build: the plan is made to look that large.
    let mut plan = crowd(2).plan();
    let change = plan.actions[0].changes[0].clone();
    plan.actions[1].changes.extend(std::iter::repeat_n(change, 10_000));
    let admitted = plan.admit(&BTreeMap::new(), &BTreeSet::new()).unwrap();
    assert_eq!(admitted.blocked.iter().map(|guard| guard.kind).collect::<Vec<_>>(), [ChangeKind::AliasAdded]);
    let kept: Vec<&str> = admitted.actions.iter().flat_map(|a| &a.changes).map(|c| &*c.address).collect();
    assert_eq!(kept, ["yard@corp.example"; 2]);
    let (id, reason) = &admitted.withheld[0];
    assert_eq!((id, admitted.withheld.len()), (&plan.actions[2].id, 1));
    assert!(reason.contains("AliasAdded"), "{reason}");
}

#[test]
fn rule_41_functional_users_are_held_back_by_their_own_guard() {
    let mut world = crowd(1);
    for id in 0..11 {
        let name = format!("m{id:02}");
        let mailbox = world.mailbox(&name, &[]);
        world.grant(mailbox, 0);
        world.functional(600 + id, &name, &[]);
    }
    let plan = world.plan();
    assert_eq!(blocked(&plan), [ChangeKind::FunctionalUserRemoved]);
    let admitted = plan.admit(&BTreeMap::new(), &BTreeSet::new()).unwrap();
    assert_eq!((admitted.actions.len(), admitted.withheld.len()), (1, 12));
    assert_eq!(admitted.actions[0], plan.actions[0]);
}

#[test]
fn an_expectation_must_be_the_number_of_the_plan() {
    let plan = crowd(11).plan();
    let expect = |kind, number| plan.admit(&BTreeMap::from([(kind, number)]), &BTreeSet::new());
    assert_eq!(expect(ChangeKind::AliasRemoved, 11).unwrap().actions, plan.actions);
    for wrong in [0, 10, 12] {
        let error = expect(ChangeKind::AliasRemoved, wrong).unwrap_err();
        let mismatch = Mismatch { kind: ChangeKind::AliasRemoved, expected: wrong, planned: 11 };
        assert_eq!(error.mismatches, [mismatch]);
        assert!(error.to_string().contains(&format!("AliasRemoved = {wrong} was expected and the plan counts 11")));
    }
    // A kind that no guard blocks may be expected too, by its number.
    assert!(expect(ChangeKind::AliasAdded, 11).is_ok_and(|admitted| admitted.blocked.len() == 1));
    assert!(expect(ChangeKind::AliasAdded, 10).is_err());
    assert!(expect(ChangeKind::FunctionalUserRemoved, 2).is_err());
}
