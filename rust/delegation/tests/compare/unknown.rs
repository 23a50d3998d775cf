//! What is unknown on either side is reported as unknown, once, and never as lost.

use crate::world::{World, read};
use crate::{differences, texts};
use esgsync_delegation::compare::{CompareError, compare};
use esgsync_delegation::resolve::ResolveOptions;
use esgsync_delegation::snapshot::Right;
use serde_json::json;

fn world() -> World {
    World::new().read("softDeleted", "complete").has("ann", "UserMailbox").has("ben", "UserMailbox")
}

fn other(world: World) -> World {
    world
        .line(json!({"kind": "mailbox", "key": "other", "primary": "other@corp.example"}))
        .read("mailbox:other", "complete")
        .permission(json!({"mailbox": "other", "trustee": "ben@corp.example"}))
}

#[test]
fn rule_06_a_mailbox_that_was_not_read_is_unknown_on_either_side() {
    let with = || world().allow("ann").allow("ben");
    for status in ["failed", "truncated", "denied"] {
        let cut = || world().read("mailbox:m", status);
        assert_eq!(differences(with(), cut()), ["Unknown m FullAccess [ReadIncomplete mailbox]"], "{status}");
        assert_eq!(differences(cut(), with()), ["Unknown m FullAccess [ReadIncomplete mailbox]"], "{status}");
    }
    assert_eq!(differences(with(), world().unread("mailbox:m")), ["Unknown m FullAccess [ReadIncomplete mailbox]"]);
}

#[test]
fn both_sides_say_why_in_one_difference() {
    let before = world().read("mailbox:m", "failed");
    let after = world().permission(json!({"trustee": "Nobody Knows"}));
    let found = compare(&read(before.lines()), &read(after.lines()), &ResolveOptions::default()).unwrap();
    let texts: Vec<&str> = found.iter().flat_map(|one| &one.causes).map(|cause| cause.text.as_str()).collect();
    assert_eq!(found.len(), 1);
    assert!(texts.iter().any(|text| text.starts_with("In the reference snapshot: ")), "{texts:?}");
    assert!(texts.iter().any(|text| text.starts_with("In the difference snapshot: ")), "{texts:?}");
}

#[test]
fn a_group_that_was_not_read_makes_its_mailboxes_unknown() {
    let with = world().group("finance", &["ann"]).allow("finance");
    let without = world().has("finance", "MailUniversalSecurityGroup").allow("finance");
    assert_eq!(differences(with, without), ["Unknown m FullAccess [GroupNotExpanded finance display]"]);
}

#[test]
fn rule_23_a_mailbox_that_is_not_there_is_lost_only_where_it_is_proved_gone() {
    let lost = ["Lost other ben@corp.example [MailboxRemoved]"];
    let unknown = ["Unknown other FullAccess [NotInSnapshot]"];
    assert_eq!(differences(other(world()), world()), lost);
    for subject in ["mailboxes", "recipients", "softDeleted"] {
        assert_eq!(differences(other(world()), world().unread(subject)), unknown, "{subject}");
        // What the reference does not prove absent did not appear either.
        assert_eq!(differences(world().unread(subject), other(world())), unknown, "{subject}");
    }
    // A user mailbox now: its permissions were not asked for.
    assert_eq!(differences(other(world()), world().has_with("x", "UserMailbox", json!({"key": "other"}))), unknown);
}

#[test]
fn rule_23_a_snapshot_of_some_mailboxes_proves_nothing_about_others() {
    let (before, mut after) = (read(other(world()).lines()), read(world().lines()));
    after.header.whole = false;
    assert_eq!(texts(&before, &after, &ResolveOptions::default()), ["Unknown other FullAccess [NotInSnapshot]"]);
    assert_eq!(texts(&after, &before, &ResolveOptions::default()), ["Unknown other FullAccess [NotInSnapshot]"]);
}

#[test]
fn a_soft_deleted_mailbox_is_unknown_and_one_on_both_sides_is_passed_over() {
    let live = || world().allow("ann");
    let deleted = || world().mailbox(json!({"softDeleted": true})).unread("mailbox:m");
    assert_eq!(differences(live(), deleted()), ["Unknown m FullAccess [SoftDeleted]"]);
    assert_eq!(differences(deleted(), live()), ["Unknown m FullAccess [SoftDeleted]"]);
    assert_eq!(differences(deleted(), deleted()), [""; 0]);
}

#[test]
fn rule_16_rows_that_were_carried_or_given_show_who_gained_and_not_who_lost() {
    for status in ["carried", "given"] {
        let read = |world: World| world.read("mailbox:m", status);
        let ann = || world().allow("ann");
        let ben = || world().allow("ben");
        assert_eq!(
            differences(ann(), read(ben())),
            ["Unknown m FullAccess [SecondHand]", "Gained m ben@corp.example [PermissionAdded ben@corp.example]"],
            "{status}"
        );
        assert_eq!(
            differences(read(ann()), ben()),
            ["Unknown m FullAccess [SecondHand]", "Lost m ann@corp.example [PermissionRemoved ann@corp.example]"],
            "{status}"
        );
        assert_eq!(differences(ann(), read(ann())), [""; 0], "nothing is missing, so nothing is in doubt");
    }
}

#[test]
fn rule_15_a_right_that_is_unknown_says_nothing_about_another() {
    let both = ResolveOptions { rights: vec![Right::FullAccess, Right::SendAs], ..ResolveOptions::default() };
    let (before, after) = (world().allow("ann"), world().allow("ben"));
    let (before, after) = (read(before.lines()), read(after.read("sendAs", "denied").lines()));
    assert_eq!(
        texts(&before, &after, &both),
        [
            "Unknown m SendAs [ReadIncomplete sendAs]",
            "Lost m ann@corp.example [PermissionRemoved ann@corp.example]",
            "Gained m ben@corp.example [PermissionAdded ben@corp.example]",
        ]
    );
    let unread = read(world().read("sendAs", "denied").read("mailbox:m", "failed").lines());
    assert_eq!(
        texts(&before, &unread, &both),
        ["Unknown m all rights [ReadIncomplete mailbox, ReadIncomplete sendAs]"]
    );
}

#[test]
fn without_rights_those_that_both_snapshots_have_are_compared() {
    let (mut before, mut after) = (read(world().allow("ann").lines()), read(world().lines()));
    let none = ResolveOptions { rights: Vec::new(), ..ResolveOptions::default() };
    before.header.rights = vec![Right::FullAccess, Right::SendAs];
    after.header.rights = vec![Right::SendAs];
    assert_eq!(texts(&before, &after, &none), [""; 0], "FullAccess is not in both");
    after.header.rights = vec![Right::SendAs, Right::FullAccess];
    assert_eq!(texts(&before, &after, &none), ["Lost m ann@corp.example [PermissionRemoved ann@corp.example]"]);
    after.header.rights = vec![Right::SendOnBehalf];
    assert_eq!(compare(&before, &after, &none), Err(CompareError::NoRight));
}

#[test]
fn snapshots_that_cannot_be_compared_are_refused() {
    let whole = read(world().lines());
    let mut cut = whole.clone();
    cut.complete = false;
    let refused = |reference, difference| compare(reference, difference, &ResolveOptions::default()).unwrap_err();
    assert!(matches!(refused(&cut, &whole), CompareError::Incomplete { side: "reference", .. }));
    assert!(matches!(refused(&whole, &cut), CompareError::Incomplete { side: "difference", .. }));
    let of = |tenant: &str| {
        let mut snapshot = whole.clone();
        snapshot.header.tenant = Some(esgsync_delegation::snapshot::Tenant { id: tenant.to_owned(), name: None });
        snapshot
    };
    assert!(matches!(refused(&of("a"), &of("b")), CompareError::Tenants { .. }));
    assert_eq!(texts(&of("a"), &of("A"), &ResolveOptions::default()), [""; 0]);
}
