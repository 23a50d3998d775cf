//! Comparing snapshots: each cause by itself, what is unknown, properties.
#![allow(clippy::unwrap_used, clippy::panic)] // Also in the helpers of tests: a broken test world is a failed test.

mod causes;
mod properties;
mod tenant;
mod unknown;
#[path = "../resolve/world.rs"]
#[allow(dead_code)] // Each of the two test programs uses its part.
mod world;

use esgsync_delegation::compare::{DelegationChange, Difference, compare};
use esgsync_delegation::resolve::{ResolveOptions, TrailStep};
use esgsync_delegation::snapshot::Snapshot;
use world::{World, read};

/// Compares two worlds over FullAccess.
fn differences(reference: World, difference: World) -> Vec<String> {
    texts(&read(reference.lines()), &read(difference.lines()), &ResolveOptions::default())
}

/// Differences as `Lost m ann@corp.example [PermissionRemoved ann@corp.example]`, in order.
fn texts(reference: &Snapshot, difference: &Snapshot, options: &ResolveOptions) -> Vec<String> {
    let found = compare(reference, difference, options).unwrap();
    found.iter().map(|one| text(reference, difference, one)).collect()
}

fn text(reference: &Snapshot, difference: &Snapshot, one: &Difference) -> String {
    let causes: Vec<String> = one
        .causes
        .iter()
        .map(|cause| format!("{} {}", cause.code, cause.subject.as_deref().unwrap_or_default()).trim_end().to_owned())
        .collect();
    let mailbox = key(one.mailbox.reference, one.mailbox.difference, |side| match side {
        0 => reference.mailboxes.iter().map(|mailbox| mailbox.key.as_str()).collect(),
        _ => difference.mailboxes.iter().map(|mailbox| mailbox.key.as_str()).collect(),
    });
    let trail = match one.change {
        DelegationChange::Gained => names(&one.difference_trail),
        DelegationChange::Lost => names(&one.reference_trail),
        DelegationChange::Unknown => one.right.map_or_else(|| "all rights".to_owned(), |right| format!("{right:?}")),
    };
    format!("{:?} {mailbox} {trail} [{}]", one.change, causes.join(", "))
}

fn names(trail: &[TrailStep]) -> String {
    trail.iter().map(|step| step.name.as_str()).collect::<Vec<_>>().join(" > ")
}

fn key<'a>(reference: Option<u32>, difference: Option<u32>, keys: impl Fn(u8) -> Vec<&'a str>) -> String {
    match (reference, difference) {
        (Some(index), _) => keys(0)[index as usize].to_owned(),
        (None, Some(index)) => keys(1)[index as usize].to_owned(),
        (None, None) => panic!("a pair is on one side at least"),
    }
}
