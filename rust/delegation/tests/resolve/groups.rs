//! Nested groups, loops, trails, denies through groups, and which groups are to be read.

use crate::world::{World, upn};
use esgsync_delegation::resolve::{ResolveOptions, groups_to_read};
use serde_json::json;

#[test]
fn the_shortest_trail_counts_and_ties_go_by_key() {
    let world = World::new()
        .has("jane", "UserMailbox")
        .has("joe", "UserMailbox")
        .group("z-direct", &["jane"])
        .group("b", &["c", "a"])
        .group("a", &["jane", "joe"])
        .group("c", &["joe"])
        .allow("b")
        .allow("z-direct");
    assert_eq!(
        world.resolve().delegations(),
        [
            "m FullAccess: z-direct display > jane@corp.example",
            "m FullAccess: b display > a display > joe@corp.example"
        ]
    );
    // A grant to the person herself is shorter than any group.
    let direct = world.allow("jane").resolve();
    assert_eq!(direct.delegations()[0], "m FullAccess: jane@corp.example");
}

#[test]
fn loops_are_harmless_from_wherever_they_are_entered() {
    for start in ["a", "b", "c"] {
        let world = World::new()
            .has("jane", "UserMailbox")
            .has("joe", "UserMailbox")
            .group("a", &["b", "a", "jane"])
            .group("b", &["c"])
            .group("c", &["a", "joe"])
            .allow(start);
        let resolved = world.resolve();
        assert_eq!((resolved.delegates(), resolved.unknown()), (vec!["jane", "joe"], vec![]), "{start}");
        assert!(resolved.resolution.delegations.iter().all(|delegation| delegation.groups.len() <= 3));
    }
}

#[test]
fn a_chain_of_ten_thousand_groups_needs_no_stack() {
    let mut world = World::new().has("jane", "UserMailbox");
    for depth in 0..10_000 {
        let inner = if depth == 9_999 { "jane".to_owned() } else { format!("g{}", depth + 1) };
        world = world
            .line(json!({"kind": "recipient", "key": format!("g{depth}"), "upn": upn(&format!("g{depth}")), "type": "RoleGroup"}))
            .line(json!({"kind": "member", "group": format!("g{depth}"), "member": inner}))
            .line(json!({"kind": "read", "subject": format!("group:g{depth}"), "status": "complete"}));
    }
    let resolved = world.allow("g0").resolve();
    assert_eq!(resolved.delegates(), ["jane"]);
    assert_eq!(resolved.resolution.delegations[0].groups.len(), 10_000);
}

#[test]
fn a_group_that_cannot_be_expanded_touches_every_mailbox_above_it_and_no_other() {
    let world = World::new()
        .has("jane", "UserMailbox")
        .has("legacy", "ExchangeSecurityGroup")
        .group("outer", &["jane", "legacy"])
        .read("group:legacy", "unsupported")
        .line(json!({"kind": "mailbox", "key": "n", "primary": "n@corp.example"}))
        .read("mailbox:n", "complete")
        .line(json!({"kind": "permission", "mailbox": "n", "trustee": upn("jane"), "rights": ["FullAccess"], "deny": false}))
        .allow("outer");
    let resolved = world.resolve();
    assert_eq!((resolved.delegates(), resolved.unknown()), (vec!["jane"], vec!["GroupNotExpanded"]));
    assert!(resolved.state().unknown[0].text.contains("Exchange cannot list it"));
    assert!(resolved.state_of("n").is_known());
}

#[test]
fn a_denied_group_denies_its_members_through_all_levels() {
    let world = World::new()
        .has("jane", "UserMailbox")
        .has("joe", "UserMailbox")
        .group("inner", &["jane"])
        .group("blocked", &["inner"])
        .group("team", &["jane", "joe"])
        .allow("team")
        .allow("jane")
        .deny("blocked");
    let resolved = world.resolve();
    assert_eq!((resolved.delegates(), resolved.unknown()), (vec!["joe"], vec![]));
}

#[test]
fn groups_are_asked_for_level_by_level_until_nothing_is_left() {
    let options = ResolveOptions::default();
    let keys = |world: &World| -> Vec<String> {
        groups_to_read(&world.resolve().snapshot, &options).into_iter().map(|group| group.key).collect()
    };
    let world = World::new()
        .has("jane", "UserMailbox")
        .has("list", "MailUniversalDistributionGroup")
        .has("unused", "MailUniversalSecurityGroup")
        .has("of-send-as", "MailUniversalSecurityGroup")
        .has("inherited", "MailUniversalSecurityGroup")
        .has("denied", "MailUniversalSecurityGroup")
        .has("outer", "MailUniversalSecurityGroup")
        .has("inner", "RoleGroup")
        .allow("jane")
        .allow("list")
        .allow("outer")
        .allow("outer")
        .deny("denied")
        .permission(json!({"trustee": upn("inherited"), "inherited": true}))
        .send_as(json!({"trustee": upn("of-send-as")}));
    assert_eq!(keys(&world), ["denied", "outer"]);
    let world = world.members("outer", &["inner", "jane", "list"]).read("group:denied", "failed");
    assert_eq!(keys(&world), ["inner"], "a group that failed is not asked for again");
    let world = world.members("inner", &["outer"]);
    assert!(keys(&world).is_empty());

    let asked = groups_to_read(&World::new().has("g", "RoleGroup").allow("g").resolve().snapshot, &options);
    assert_eq!((asked[0].name.as_str(), asked[0].recipient_type.as_deref()), ("g display", Some("RoleGroup")));
    assert!(asked[0].guid.is_some());
}
