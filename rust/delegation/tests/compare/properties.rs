//! What must hold for any two snapshots.

use crate::tenant::{GROUPS, MAILBOXES, PEOPLE, Tenant, any_tenant, facts, known, name};
use crate::texts;
use esgsync_delegation::compare::{DelegationChange, Difference, compare};
use esgsync_delegation::resolve::ResolveOptions;
use esgsync_delegation::snapshot::Snapshot;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Mailbox and delegate by key.
fn pair(reference: &Snapshot, difference: &Snapshot, one: &Difference) -> (String, String) {
    let mailbox = match (one.mailbox.reference, one.mailbox.difference) {
        (Some(index), _) => &reference.mailboxes[index as usize].key,
        (_, index) => &difference.mailboxes[index.unwrap() as usize].key,
    };
    let delegate = one.delegate.map_or("", |pair| match (pair.reference, pair.difference) {
        (Some(index), _) => &reference.recipients[index as usize].key,
        (_, index) => &difference.recipients[index.unwrap() as usize].key,
    });
    (mailbox.clone(), delegate.to_owned())
}

fn mirrored(code: &str) -> String {
    let swaps = [("Added", "Removed"), ("Enabled", "Disabled")];
    for (one, other) in swaps {
        if let Some(stem) = code.strip_suffix(one) {
            return format!("{stem}{other}");
        }
        if let Some(stem) = code.strip_suffix(other) {
            return format!("{stem}{one}");
        }
    }
    code.to_owned()
}

/// A difference as seen from the other side, without texts.
fn mirror(reference: &Snapshot, difference: &Snapshot, one: &Difference, swap: bool) -> String {
    let change = match one.change {
        DelegationChange::Gained if swap => DelegationChange::Lost,
        DelegationChange::Lost if swap => DelegationChange::Gained,
        other => other,
    };
    let code = |code: &str| if swap { mirrored(code) } else { code.to_owned() };
    let causes: BTreeSet<_> = one.causes.iter().map(|cause| (code(&cause.code), &cause.subject)).collect();
    let (mut before, mut after) = (&one.reference_trail, &one.difference_trail);
    if swap {
        std::mem::swap(&mut before, &mut after);
    }
    format!("{change:?} {:?} {:?} {causes:?} {before:?} {after:?}", pair(reference, difference, one), one.right)
}

/// One thing that may change in a tenant where everything is known.
#[derive(Debug, Clone)]
enum OneChange {
    Row(usize, usize),
    Deny(usize, usize),
    Edge(usize, usize),
    Disabled(usize),
    Mailbox(usize),
}

fn one_change() -> impl Strategy<Value = OneChange> {
    prop_oneof![
        (0..MAILBOXES, 0..PEOPLE + GROUPS).prop_map(|(mailbox, trustee)| OneChange::Row(mailbox, trustee)),
        (0..MAILBOXES, 0..PEOPLE + GROUPS).prop_map(|(mailbox, trustee)| OneChange::Deny(mailbox, trustee)),
        (0..GROUPS, 0..PEOPLE + GROUPS).prop_map(|(group, member)| OneChange::Edge(group, member)),
        (0..PEOPLE).prop_map(OneChange::Disabled),
        (0..MAILBOXES).prop_map(OneChange::Mailbox),
    ]
}

/// The tenant with and without one thing, and the cause of whatever follows: code when it goes, subject.
fn with_and_without(tenant: &Tenant, change: &OneChange) -> (Tenant, Tenant, &'static str, Option<String>) {
    let (mut with, mut without) = (tenant.clone(), tenant.clone());
    let called = |trustee: usize| {
        if trustee < PEOPLE { format!("{}@corp.example", name(trustee)) } else { format!("{} display", name(trustee)) }
    };
    match *change {
        OneChange::Row(mailbox, trustee) => {
            with.rows.insert((mailbox, trustee, false));
            without.rows.remove(&(mailbox, trustee, false));
            (with, without, "PermissionRemoved", Some(called(trustee)))
        }
        OneChange::Deny(mailbox, trustee) => {
            // The right is held without the deny: it goes when the deny comes.
            without.rows.insert((mailbox, trustee, true));
            with.rows.remove(&(mailbox, trustee, true));
            (with, without, "DenyAdded", Some(called(trustee)))
        }
        OneChange::Edge(group, member) => {
            with.edges.insert((group, member));
            without.edges.remove(&(group, member));
            (with, without, "MemberRemoved", Some(called(PEOPLE + group)))
        }
        OneChange::Disabled(person) => {
            with.disabled.clear();
            without.disabled.insert(person);
            (with, without, "AccountDisabled", Some(called(person)))
        }
        OneChange::Mailbox(mailbox) => {
            without.no_mailboxes.insert(mailbox);
            (with, without, "MailboxRemoved", None)
        }
    }
}

proptest! {
    #[test]
    fn applied_to_the_reference_it_gives_the_difference((before, after) in (any_tenant(), any_tenant())) {
        let (reference, difference) = (before.as_is(), after.as_is());
        let ((mut held, known_before), (holds, known_after)) = (facts(&reference), facts(&difference));
        let found = compare(&reference, &difference, &ResolveOptions::default()).unwrap();
        let mut unknown = BTreeSet::new();
        for one in &found {
            let (mailbox, delegate) = pair(&reference, &difference, one);
            match one.change {
                DelegationChange::Gained => prop_assert!(held.insert((mailbox, delegate)), "gained twice, or held before"),
                DelegationChange::Lost => prop_assert!(held.remove(&(mailbox, delegate)), "lost and not held before"),
                DelegationChange::Unknown => prop_assert!(unknown.insert(mailbox), "unknown is told once"),
            }
            prop_assert!(!one.causes.is_empty());
            prop_assert!(one.causes.iter().all(|cause| cause.code != "RowsChanged"), "{one:?}");
        }
        let settled = |pair: &(String, String)| !unknown.contains(&pair.0);
        let (applied, wanted): (BTreeSet<_>, BTreeSet<_>) =
            (held.into_iter().filter(settled).collect(), holds.into_iter().filter(settled).collect());
        prop_assert_eq!(applied, wanted);
        // Unknown are exactly the mailboxes that one of the sides does not know.
        let all = reference.mailboxes.iter().chain(&difference.mailboxes).map(|mailbox| mailbox.key.clone());
        let there = |snapshot: &Snapshot, key: &String| snapshot.mailboxes.iter().any(|mailbox| mailbox.key == *key);
        let doubtful: BTreeSet<String> = all
            .filter(|key| (there(&reference, key) && !known_before.contains(key)) || (there(&difference, key) && !known_after.contains(key)))
            .collect();
        prop_assert_eq!(unknown, doubtful);
    }

    #[test]
    fn backwards_it_is_the_mirror((before, after) in (any_tenant(), any_tenant())) {
        let (reference, difference) = (before.as_is(), after.as_is());
        let options = ResolveOptions::default();
        let forwards = compare(&reference, &difference, &options).unwrap();
        let backwards = compare(&difference, &reference, &options).unwrap();
        let forwards: BTreeSet<_> = forwards.iter().map(|one| mirror(&reference, &difference, one, false)).collect();
        let backwards: BTreeSet<_> = backwards.iter().map(|one| mirror(&difference, &reference, one, true)).collect();
        prop_assert_eq!(forwards, backwards);
    }

    #[test]
    fn nothing_differs_from_itself_in_any_order_of_rows(tenant in known(), order in any::<u64>()) {
        let shuffled = tenant.snapshot(|lines| {
            let mut number = order;
            for index in (1..lines.len()).rev() {
                number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                lines.swap(index, (number >> 33) as usize % (index + 1));
            }
        });
        prop_assert_eq!(texts(&tenant.as_is(), &shuffled, &ResolveOptions::default()), Vec::<String>::new());
    }

    #[test]
    fn one_change_is_the_only_cause_of_all_that_follows((tenant, change) in (known(), one_change())) {
        let (with, without, code, subject) = with_and_without(&tenant, &change);
        let (with, without) = (with.as_is(), without.as_is());
        for (reference, difference, code) in [(&with, &without, code.to_owned()), (&without, &with, mirrored(code))] {
            let found = compare(reference, difference, &ResolveOptions::default()).unwrap();
            // A membership of a denied group works the other way round.
            let only_one_side = found.iter().all(|one| one.change == found[0].change);
            prop_assert!(only_one_side || matches!(change, OneChange::Edge(..)), "{found:?}");
            for one in &found {
                let codes: Vec<_> = one.causes.iter().map(|cause| (cause.code.as_str(), cause.subject.clone())).collect();
                if matches!(change, OneChange::Edge(..)) && codes.iter().any(|(code, _)| code.starts_with("Deny")) {
                    continue;
                }
                prop_assert_eq!(codes, vec![(code.as_str(), subject.clone())]);
            }
        }
    }
}
