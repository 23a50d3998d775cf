//! One change, one cause: in both directions.

use crate::differences;
use crate::world::World;
use serde_json::json;

/// Mailbox `m`; people ann and ben; ann by the group lead in the group finance. Everything that proves an absence was read.
fn world() -> World {
    World::new()
        .read("softDeleted", "complete")
        .has("ann", "UserMailbox")
        .has("ben", "UserMailbox")
        .group("lead", &["ann"])
        .group("finance", &["lead"])
}

/// A change that takes a right away, and the same backwards.
#[track_caller]
fn both_ways(with: fn() -> World, without: fn() -> World, trail: &str, lost: &str, gained: &str) {
    assert_eq!(differences(with(), without()), [format!("Lost {trail} [{lost}]")]);
    assert_eq!(differences(without(), with()), [format!("Gained {trail} [{gained}]")]);
    assert_eq!(differences(with(), with()), [""; 0]);
}

#[test]
fn a_row_of_a_person() {
    let with = || world().allow("ben");
    both_ways(
        with,
        world,
        "m ben@corp.example",
        "PermissionRemoved ben@corp.example",
        "PermissionAdded ben@corp.example",
    );
}

#[test]
fn a_row_of_a_group() {
    let with = || world().allow("finance");
    let trail = "m finance display > lead display > ann@corp.example";
    both_ways(with, world, trail, "PermissionRemoved finance display", "PermissionAdded finance display");
}

#[test]
fn a_membership_is_named_by_its_group_however_deep() {
    let base = || World::new().read("softDeleted", "complete").has("ann", "UserMailbox").allow("finance");
    let with = move || base().group("lead", &["ann"]).group("finance", &["lead"]);
    let empty = move || base().group("lead", &[]).group("finance", &["lead"]);
    let apart = move || base().group("lead", &["ann"]).group("finance", &[]);
    let trail = "m finance display > lead display > ann@corp.example";
    assert_eq!(differences(with(), empty()), [format!("Lost {trail} [MemberRemoved lead display]")]);
    assert_eq!(differences(empty(), with()), [format!("Gained {trail} [MemberAdded lead display]")]);
    assert_eq!(differences(with(), apart()), [format!("Lost {trail} [MemberRemoved finance display]")]);
    assert_eq!(differences(apart(), with()), [format!("Gained {trail} [MemberAdded finance display]")]);
}

#[test]
fn an_owner_who_is_a_member_no_more_has_lost_it() {
    let edge = |via: &str| json!({"kind": "member", "group": "team", "member": "ben", "via": via});
    let base = || world().allow("team").group("team", &[]);
    let found = differences(base().line(edge("member")), base().line(edge("owner")));
    assert_eq!(found, ["Lost m team display > ben@corp.example [MemberRemoved team display]"]);
}

#[test]
fn a_group_that_is_gone() {
    let base = || World::new().read("softDeleted", "complete").has("ann", "UserMailbox");
    let with = base().group("lead", &["ann"]).group("finance", &["lead"]).allow("finance");
    let without = base().group("finance", &[]).allow("finance");
    assert_eq!(
        differences(with, without),
        ["Lost m finance display > lead display > ann@corp.example [GroupRemoved lead display]"]
    );
}

#[test]
fn a_group_that_passes_nothing_on_any_more() {
    let base = || World::new().has("ann", "UserMailbox").allow("finance");
    let with = base().group("finance", &["ann"]);
    let without = base().has("finance", "MailUniversalDistributionGroup").members("finance", &["ann"]);
    assert_eq!(differences(with, without), ["Lost m finance display > ann@corp.example [TypeChanged finance display]"]);
}

#[test]
fn a_deny_that_came() {
    let with = || world().allow("ben").allow("finance");
    assert_eq!(differences(with(), with().deny("ben")), ["Lost m ben@corp.example [DenyAdded ben@corp.example]"]);
    assert_eq!(differences(with().deny("ben"), with()), ["Gained m ben@corp.example [DenyRemoved ben@corp.example]"]);
    let trail = "m finance display > lead display > ann@corp.example";
    assert_eq!(differences(with(), with().deny("lead")), [format!("Lost {trail} [DenyAdded lead display]")]);
}

#[test]
fn an_account_that_was_disabled() {
    let base = || World::new().allow("cleo");
    let with = base().has("cleo", "UserMailbox");
    let without = base().has_with("cleo", "UserMailbox", json!({"enabled": false}));
    assert_eq!(differences(with, without), ["Lost m cleo@corp.example [AccountDisabled cleo@corp.example]"]);
}

#[test]
fn a_person_who_became_a_shared_mailbox() {
    let base = || World::new().allow("cleo");
    let found = differences(base().has("cleo", "UserMailbox"), base().has("cleo", "SharedMailbox"));
    assert_eq!(found, ["Lost m cleo@corp.example [TypeChanged cleo@corp.example]"]);
}

#[test]
fn rule_12_an_account_made_anew_is_another_person() {
    let before = world().has("cleo", "UserMailbox").allow("cleo");
    let anew = json!({"key": "cleo2", "guid": "b0000000-0000-4000-8000-000000000001", "directoryId": "b1000000-0000-4000-8000-000000000001",
        "sid": "S-1-5-21-1-2-3-99"});
    let after = world().has_with("cleo", "UserMailbox", anew).allow("cleo");
    assert_eq!(
        differences(before, after),
        [
            "Lost m cleo@corp.example [DelegateRemoved cleo@corp.example]",
            "Gained m cleo@corp.example [DelegateAdded cleo@corp.example]"
        ]
    );
}

#[test]
fn the_same_person_under_another_key_is_the_same_person() {
    let before = world().has("cleo", "UserMailbox").allow("cleo");
    let after = world().has_with("cleo", "UserMailbox", json!({"key": "another", "guid": null})).allow("cleo");
    assert_eq!(differences(before, after), [""; 0]);
}

#[test]
fn every_way_that_broke_is_a_cause() {
    let with = world().allow("ann").allow("finance").allow("ben");
    let without =
        World::new().has("ann", "UserMailbox").has("ben", "UserMailbox").group("lead", &[]).group("finance", &["lead"]);
    let without = without.allow("finance").allow("ben");
    assert_eq!(
        differences(with, without),
        ["Lost m ann@corp.example [MemberRemoved lead display, PermissionRemoved ann@corp.example]"]
    );
}

#[test]
fn another_way_to_the_same_right_is_no_difference() {
    assert_eq!(differences(world().allow("ann"), world().allow("finance")), [""; 0]);
}

#[test]
fn a_row_that_covers_the_mailbox_no_more_is_gone() {
    let row = |inheritance: &str| json!({"trustee": "ben@corp.example", "inheritance": inheritance});
    let found = differences(world().permission(row("All")), world().permission(row("Descendents")));
    assert_eq!(found, ["Lost m ben@corp.example [PermissionRemoved ben@corp.example]"]);
}

#[test]
fn a_mailbox_that_is_gone_or_new() {
    let other = |world: World| {
        world
            .line(json!({"kind": "mailbox", "key": "other", "primary": "other@corp.example"}))
            .read("mailbox:other", "complete")
            .permission(json!({"mailbox": "other", "trustee": "ben@corp.example"}))
    };
    assert_eq!(differences(other(world()), world()), ["Lost other ben@corp.example [MailboxRemoved]"]);
    assert_eq!(differences(world(), other(world())), ["Gained other ben@corp.example [MailboxAdded]"]);
}
