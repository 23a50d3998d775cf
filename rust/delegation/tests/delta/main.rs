//! Delta reading: what is carried over from an earlier snapshot, and what never is.
#![allow(clippy::unwrap_used, clippy::panic)] // Also in the helpers of tests: a broken test world is a failed test.

#[path = "../resolve/world.rs"]
#[allow(dead_code)] // Each of the test programs uses its part.
mod world;

use esgsync_delegation::delta::{CarryOver, DeltaOptions, ForeignTenant, carry_over};
use esgsync_delegation::resolve::{ResolveOptions, resolve};
use esgsync_delegation::snapshot::{Permission, ReadStatus, Right, Snapshot, Tenant};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use world::{World, read};

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// One mailbox of each kind of name, read at six; its rows name ann.
fn earlier() -> Snapshot {
    of(lines(&["m1", "m2"], "complete"))
}

/// The lists of today, without any row yet.
fn today(mailboxes: &[&str]) -> Snapshot {
    of(list(World::new().has("ann", "UserMailbox"), mailboxes))
}

fn of(world: World) -> Snapshot {
    let mut snapshot = read(world.lines());
    snapshot.header.tenant = Some(Tenant { id: "T-1".into(), name: None });
    snapshot.header.rights = vec![Right::FullAccess];
    // The mailbox that every world has is not part of these stories.
    snapshot.mailboxes.retain(|mailbox| mailbox.key != "m");
    snapshot
}

fn list(mut world: World, mailboxes: &[&str]) -> World {
    for key in mailboxes {
        world = world.line(mailbox(key, json!({})));
    }
    world
}

fn mailbox(key: &str, change: Value) -> Value {
    let mut line = json!({"kind": "mailbox", "key": key, "guid": format!("GUID-{key}"), "directoryId": format!("dir-{key}"),
        "name": format!("{key} name"), "displayName": format!("The {key}"), "alias": format!("{key}-alias"), "upn": format!("{key}@login.example"),
        "primary": format!("{key}@corp.example"), "addresses": [format!("SMTP:{key}@corp.example"), format!("smtp:{key}-old@corp.example")]});
    change.as_object().unwrap().iter().for_each(|(name, value)| line[name] = value.clone());
    line
}

fn lines(mailboxes: &[&str], status: &str) -> World {
    let mut world = list(World::new().has("ann", "UserMailbox"), mailboxes);
    for key in mailboxes {
        world = world
            .read(&format!("mailbox:{key}"), status)
            .permission(json!({"mailbox": key, "trustee": "NT AUTHORITY\\SELF", "sid": "S-1-5-10"}))
            .permission(json!({"mailbox": key, "trustee": "ann@corp.example", "inheritance": null}));
    }
    world
}

fn delta(earlier: &Snapshot, now: &Snapshot, changed: &[&str]) -> CarryOver {
    rereading(earlier, now, changed, &[])
}

fn rereading(earlier: &Snapshot, now: &Snapshot, changed: &[&str], reread: &[&str]) -> CarryOver {
    let [changed, reread] =
        [changed, reread].map(|texts| texts.iter().map(|&text| text.to_owned()).collect::<Vec<String>>());
    let options = DeltaOptions {
        changed: &changed,
        reread: &reread,
        full_every: SignedDuration::from_hours(7 * 24),
        now: time("2026-11-25T06:00:00Z"),
    };
    carry_over(earlier, now, &options).unwrap()
}

#[test]
fn what_is_to_be_read_again_is_not_carried_and_a_name_of_nobody_is_told() {
    let now = today(&["m1", "m2"]);
    let carried = rereading(&earlier(), &now, &[], &["M1", "nobody"]);
    assert_eq!((carried.mailboxes, carried.changed), (vec!["m2".to_owned()], 1));
    assert_eq!(carried.misspelt, ["nobody"]);
    // What a log names may be something else than a mailbox.
    assert!(delta(&earlier(), &now, &["nobody"]).misspelt.is_empty());
}

#[test]
fn what_the_log_does_not_name_is_carried_with_its_rows_and_the_time_of_their_read() {
    let carried = delta(&earlier(), &today(&["m1", "m2"]), &[]);
    assert_eq!(carried.full, None);
    assert_eq!(carried.mailboxes, ["m1", "m2"]);
    let rows: Vec<(&str, &str)> = carried.permissions.iter().map(|row| (&*row.mailbox, row.trustee.as_str())).collect();
    let both = ["NT AUTHORITY\\SELF", "ann@corp.example"];
    assert_eq!(rows, ["m1", "m2"].map(|key| both.map(|trustee| (key, trustee))).concat());
    // As they were: what was absent stays absent.
    assert_eq!(carried.permissions[1].inheritance, None);
    let reads: Vec<_> = carried.reads.iter().map(|read| (read.subject.as_str(), read.status, read.since)).collect();
    let since = Some(time("2026-11-24T06:00:00Z"));
    assert_eq!(reads, [("mailbox:m1", ReadStatus::Carried, since), ("mailbox:m2", ReadStatus::Carried, since)]);
}

#[test]
fn every_way_in_which_a_log_may_name_a_mailbox_makes_it_read_again() {
    let names = [
        "guid-M1",
        "dir-m1",
        "m1 name",
        "THE M1",
        "m1-alias",
        "m1@login.example",
        "m1@corp.example",
        "M1-old@corp.example",
        "smtp:m1-old@corp.example",
        "corp.onmicrosoft.com\\guid-m1",
        "EURPR01A001.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/corp.onmicrosoft.com/m1 name",
        "CN=m1 name,OU=corp.onmicrosoft.com,OU=Microsoft Exchange Hosted Organizations,DC=EURPR01A001",
    ];
    for name in names {
        let carried = delta(&earlier(), &today(&["m1", "m2"]), &[name]);
        assert_eq!((carried.mailboxes, carried.changed), (vec!["m2".to_owned()], 1), "{name}");
        assert!(carried.permissions.iter().all(|row| &*row.mailbox == "m2"), "{name}");
    }
    assert_eq!(delta(&earlier(), &today(&["m1", "m2"]), &["", "m", "somebody"]).mailboxes, ["m1", "m2"]);
}

#[test]
fn a_name_with_a_slash_and_the_name_of_before_are_known() {
    let renamed = |name: &str| of(list(World::new(), &["m2"]).line(mailbox("m1", json!({"name": name}))));
    let path = "corp.onmicrosoft.com/Users/A\\/B";
    assert_eq!(delta(&earlier(), &renamed("A/B"), &[path]).mailboxes, ["m2"]);
    // The change was made under the old name.
    assert_eq!(delta(&earlier(), &renamed("new"), &["m1 name"]).mailboxes, ["m2"]);
}

#[test]
fn new_mailboxes_are_read_and_gone_ones_are_not_carried() {
    let carried = delta(&earlier(), &today(&["m2", "m3"]), &[]);
    assert_eq!((carried.mailboxes, carried.new), (vec!["m2".to_owned()], 1));
    // Another mailbox that has taken over name and address.
    let other = of(list(World::new(), &["m2"]).line(mailbox("m1", json!({"key": "x", "guid": "another"}))));
    assert_eq!(delta(&earlier(), &other, &[]).mailboxes, ["m2"]);
}

#[test]
fn what_was_unknown_or_not_read_by_us_is_read_again() {
    for status in ["failed", "truncated", "denied", "given"] {
        let carried = delta(&of(lines(&["m1"], status)), &today(&["m1"]), &[]);
        assert_eq!((carried.mailboxes.len(), carried.unknown), (0, 1), "{status}");
    }
    let strange = lines(&["m1"], "complete").permission(json!({"mailbox": "m1", "trustee": "Nobody Knows"}));
    let carried = delta(&of(strange), &today(&["m1"]), &[]);
    assert_eq!((carried.mailboxes.len(), carried.unknown), (0, 1));
}

#[test]
fn what_this_read_has_already_is_not_carried_too() {
    let now = of(list(World::new(), &["m1", "m2"]).read("mailbox:m1", "complete"));
    assert_eq!(delta(&earlier(), &now, &[]).mailboxes, ["m2"]);
}

#[test]
fn what_is_carried_twice_keeps_the_time_of_its_read_until_a_full_read_is_due() {
    let mut carried = earlier();
    let read = carried.reads.get_mut("mailbox:m1").unwrap();
    (read.status, read.since) = (ReadStatus::Carried, Some(time("2026-11-19T06:00:00Z")));
    let again = delta(&carried, &today(&["m1"]), &[]);
    assert_eq!(again.reads[0].since, Some(time("2026-11-19T06:00:00Z")));
    carried.reads.get_mut("mailbox:m1").unwrap().since = Some(time("2026-11-18T06:00:00Z"));
    let due = delta(&carried, &today(&["m1", "m2"]), &[]);
    assert!(due.full.unwrap().contains("full read is due"));
    assert_eq!((due.mailboxes.len(), due.permissions.len()), (0, 0));
}

#[test]
fn where_nothing_proves_that_rows_may_be_carried_everything_is_read() {
    let with = |change: fn(&mut Snapshot)| {
        let mut snapshot = earlier();
        change(&mut snapshot);
        delta(&snapshot, &today(&["m1"]), &[])
    };
    for carried in [
        with(|snapshot| snapshot.complete = false),
        with(|snapshot| snapshot.header.rights = vec![Right::SendAs]),
        with(|snapshot| snapshot.header.tenant = None),
    ] {
        assert!(carried.full.is_some());
        assert_eq!((carried.mailboxes.len(), carried.permissions.len()), (0, 0));
    }
    let mut foreign = earlier();
    foreign.header.tenant = Some(Tenant { id: "t-2".into(), name: None });
    let options =
        DeltaOptions { changed: &[], reread: &[], full_every: SignedDuration::from_hours(1), now: Timestamp::MIN };
    let refused = carry_over(&foreign, &today(&["m1"]), &options).unwrap_err();
    assert_eq!(refused, ForeignTenant { earlier: "t-2".into(), now: "t-1".into() });
}

#[test]
fn rule_16_a_carried_mailbox_may_gain_and_may_not_lose() {
    let mut now = today(&["m1", "m2"]);
    let carried = delta(&earlier(), &now, &["m2"]);
    now.permissions.extend(carried.permissions);
    now.reads.extend(carried.reads.into_iter().map(|read| (read.subject.clone(), read)));
    let resolution = resolve(&now, &ResolveOptions::default());
    assert_eq!(resolution.delegations.len(), 1);
    let state = &resolution.mailboxes[0];
    assert!(state.is_known() && state.may_gain && !state.may_lose);
}

#[test]
fn rows_come_under_the_key_of_today() {
    let now = of(World::new().line(mailbox("m1", json!({"key": "other", "guid": "guid-m1"}))));
    let carried = delta(&earlier(), &now, &[]);
    assert_eq!(carried.mailboxes, ["other"]);
    assert!(carried.permissions.iter().all(|row: &Permission| &*row.mailbox == "other"));
    assert_eq!(carried.reads[0].subject, "mailbox:other");
}
