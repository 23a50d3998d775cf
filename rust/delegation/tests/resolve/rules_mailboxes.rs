//! Rules 15 to 22: what a mailbox may gain and lose, groups, types.

use crate::world::{World, upn};
use esgsync_delegation::resolve::{ExpandGroup, ResolveOptions, groups_to_read};
use esgsync_delegation::snapshot::Right;
use serde_json::json;

const EVERY_RIGHT: [Right; 3] = [Right::FullAccess, Right::SendAs, Right::SendOnBehalf];

fn all_groups() -> ResolveOptions {
    ResolveOptions { expand_group: ExpandGroup::All, ..ResolveOptions::default() }
}

#[test]
fn rule_15_only_the_wanted_rights_decide() {
    let world = World::new()
        .has("jane", "UserMailbox")
        .has("g", "MailUniversalSecurityGroup")
        .allow("jane")
        .send_as(json!({"trustee": upn("g")}))
        .mailbox(json!({"sendOnBehalf": null}));
    assert!(world.resolve().state().is_known(), "a group not read for SendAs does not matter to FullAccess");
    assert_eq!(world.resolve_for(Right::SendAs).unknown(), ["GroupNotExpanded"]);

    let options = ResolveOptions { rights: vec![Right::SendAs, Right::FullAccess], ..ResolveOptions::default() };
    let both = world.resolve_with(options);
    assert_eq!((both.delegates(), both.unknown()), (vec!["jane"], vec!["GroupNotExpanded"]));

    // Any of several wanted rights justifies: each is its own delegation.
    let world = World::new()
        .has("jane", "UserMailbox")
        .allow("jane")
        .send_as(json!({"trustee": upn("jane")}))
        .mailbox(json!({"sendOnBehalf": [upn("jane")]}));
    let options = ResolveOptions { rights: EVERY_RIGHT.to_vec(), ..ResolveOptions::default() };
    let rights: Vec<Right> = world.resolve_with(options).resolution.delegations.iter().map(|d| d.right).collect();
    assert_eq!(rights, EVERY_RIGHT);
}

#[test]
fn rule_16_what_an_unknown_mailbox_may_gain() {
    let world = || World::new().has("jane", "UserMailbox").allow("jane");
    for status in ["truncated", "failed", "unsupported", "denied", "of a later version"] {
        let resolved = world().read("mailbox:m", status).resolve();
        assert_eq!(resolved.unknown(), ["ReadIncomplete"], "{status}");
        assert!(!resolved.state().may_gain && !resolved.state().may_lose, "{status}");
        assert!(resolved.delegates().is_empty(), "{status}: a deny may be missing");
    }
    for status in ["given", "carried"] {
        let resolved = world().read("mailbox:m", status).resolve();
        assert!(resolved.state().is_known() && resolved.state().may_gain && !resolved.state().may_lose, "{status}");
        assert_eq!(resolved.delegates(), ["jane"], "{status}");
    }
    // Unknown for another reason: what the rows prove.
    let beside_a_group = world().has("g", "RoleGroup").allow("g").resolve();
    assert_eq!(beside_a_group.unknown(), ["GroupNotExpanded"]);
    assert!(beside_a_group.state().may_gain);
    assert_eq!(beside_a_group.delegates(), ["jane"]);
    // But not where the group is denied.
    let denied_group = world().has("g", "RoleGroup").deny("g").resolve();
    assert_eq!(denied_group.unknown(), ["DenyNotExpanded", "GroupNotExpanded"]);
    assert!(!denied_group.state().may_gain);
}

#[test]
fn rule_16_a_right_that_was_not_read_proves_nobody_but_leaves_the_others() {
    let world = World::new().has("jane", "UserMailbox").has("joe", "UserMailbox").allow("jane");
    let world = world.send_as(json!({"trustee": upn("joe")})).read("sendAs", "truncated");
    let options = ResolveOptions { rights: EVERY_RIGHT.to_vec(), ..ResolveOptions::default() };
    let resolved = world.resolve_with(options);
    assert_eq!(resolved.delegations(), ["m FullAccess: jane@corp.example"]);
    assert!(resolved.state().may_gain && !resolved.state().is_known());
}

#[test]
fn rule_16_without_its_own_read_a_mailbox_gains_nothing_whatever_the_right() {
    let world = World::new().has("jane", "UserMailbox").send_as(json!({"trustee": upn("jane")}));
    let options = ResolveOptions { rights: EVERY_RIGHT.to_vec(), ..ResolveOptions::default() };
    assert!(world.resolve_with(options.clone()).state().may_gain);
    assert!(!world.read("mailbox:m", "failed").resolve_with(options).state().may_gain);
}

#[test]
fn rule_16_nothing_is_removed_by_second_hand_parts() {
    let world = || World::new().has("jane", "UserMailbox").group("g", &["jane"]).allow("g");
    assert!(world().resolve().state().may_lose);
    for (subject, status) in [("mailbox:m", "given"), ("mailbox:m", "carried"), ("group:g", "given")] {
        let state = world().read(subject, status).resolve().state().clone();
        assert!(state.is_known() && state.may_gain && !state.may_lose, "{subject} {status}");
    }
    // Recipients that a script handed over prove neither that a SID is gone nor that a name is unique.
    let orphan = json!({"trustee": "S-1-5-21-9-9-9-9", "sid": "S-1-5-21-9-9-9-9"});
    for row in [orphan, json!({"trustee": "g display"})] {
        let world = world().permission(row);
        assert!(world.resolve().state().may_lose);
        let given = world.read("recipients", "given").resolve();
        assert!(given.state().is_known() && !given.state().may_lose);
    }
}

#[test]
fn rule_17_owners_who_are_not_members_hold_nothing() {
    let world = World::new()
        .has("jane", "UserMailbox")
        .has("boss", "UserMailbox")
        .has("team", "GroupMailbox")
        .members("team", &["jane"])
        .line(json!({"kind": "member", "group": "team", "member": "boss", "via": "owner"}))
        .allow("team");
    assert_eq!(world.resolve_with(all_groups()).delegates(), ["jane"]);
}

#[test]
fn rule_18_groups_that_carry_no_permission() {
    for kind in ["DynamicDistributionGroup", "MailUniversalDistributionGroup", "GroupMailbox"] {
        let world = World::new()
            .has("jane", "UserMailbox")
            .has("list", kind)
            .members("list", &["jane"])
            .group("g", &["list"])
            .mailbox(json!({"sendOnBehalf": [upn("list")]}))
            .send_as(json!({"trustee": upn("list")}));
        let trustee = world.allow("list");
        let resolved = trustee.resolve();
        assert_eq!((resolved.delegates(), resolved.unknown()), (vec![], vec![]), "{kind}");
        assert_eq!(resolved.findings(), ["GroupWithoutRights list display"], "{kind}");
        assert_eq!(trustee.resolve_with(all_groups()).delegates(), ["jane"], "{kind}");
        assert!(trustee.resolve_for(Right::SendAs).delegates().is_empty(), "{kind}");

        let on_behalf = trustee.resolve_for(Right::SendOnBehalf);
        let expected: &[&str] = if kind == "MailUniversalDistributionGroup" { &["jane"] } else { &[] };
        assert_eq!(on_behalf.delegates(), expected, "{kind}");

        let nested = World::new().has("jane", "UserMailbox").has("list", kind).members("list", &["jane"]);
        let nested = nested.group("g", &["list"]).allow("g");
        assert_eq!(nested.resolve().findings(), ["GroupWithoutRights list display"], "{kind}");
        assert!(nested.resolve().delegates().is_empty() && nested.resolve().state().is_known(), "{kind}");
        assert_eq!(nested.resolve_with(all_groups()).delegates(), ["jane"], "{kind}");
    }
}

#[test]
fn rule_18_a_list_that_is_to_be_expanded_must_be_read() {
    let world = World::new().has("list", "DynamicDistributionGroup").allow("list");
    assert_eq!(world.resolve_with(all_groups()).unknown(), ["GroupNotExpanded"]);
    let snapshot = world.resolve().snapshot;
    assert!(groups_to_read(&snapshot, &ResolveOptions::default()).is_empty());
    assert_eq!(groups_to_read(&snapshot, &all_groups()).len(), 1);
}

#[test]
fn rule_19_types() {
    for kind in ["UserMailbox", "LinkedMailbox", "RemoteUserMailbox", "MailUser", "GuestMailUser", "User"] {
        let resolved = World::new().has("p", kind).allow("p").resolve();
        assert_eq!((resolved.delegates(), resolved.findings()), (vec!["p"], vec![]), "{kind}");
    }
    for kind in [
        "RoomMailbox",
        "RemoteRoomMailbox",
        "EquipmentMailbox",
        "RemoteEquipmentMailbox",
        "MailContact",
        "MailForestContact",
        "SharedMailbox",
        "RemoteSharedMailbox",
        "SchedulingMailbox",
        "DiscoveryMailbox",
        "ArbitrationMailbox",
        "PublicFolderMailbox",
    ] {
        for world in [World::new().has("x", kind).allow("x"), World::new().has("x", kind).group("g", &["x"]).allow("g")]
        {
            let resolved = world.resolve();
            assert_eq!((resolved.delegates(), resolved.unknown()), (vec![], vec![]), "{kind}");
            assert_eq!(resolved.findings(), ["DelegateNotPerson x@corp.example"], "{kind}");
        }
        let options = ResolveOptions { include_delegate_type: vec![kind.to_owned()], ..ResolveOptions::default() };
        let asked = World::new().has_with("x", kind, json!({"enabled": false})).allow("x").resolve_with(options);
        assert_eq!(asked.delegates(), ["x"], "{kind} was asked for");
    }
    for kind in [
        "MailUniversalSecurityGroup",
        "UniversalSecurityGroup",
        "MailNonUniversalGroup",
        "ExchangeSecurityGroup",
        "RoleGroup",
    ] {
        let world = World::new().has("p", "UserMailbox").has("g", kind).allow("g");
        assert_eq!(world.resolve().unknown(), ["GroupNotExpanded"], "{kind}");
        assert_eq!(world.members("g", &["p"]).resolve().delegates(), ["p"], "{kind}");
    }
    for kind in [json!("ServicePrinciple"), json!("Of a later year"), json!(null)] {
        let change = json!({"type": kind});
        let world = || World::new().has_with("x", "", change.clone());
        for world in [world().allow("x"), world().group("g", &["x"]).allow("g")] {
            let resolved = world.resolve();
            assert_eq!((resolved.delegates(), resolved.unknown()), (vec![], vec!["UnknownTrusteeType"]), "{kind}");
            assert_eq!(resolved.findings(), ["UnknownTrusteeType x@corp.example"], "{kind}");
        }
    }
}

#[test]
fn rule_20_recipients_that_are_not_complete() {
    let gone = json!({"trustee": "S-1-5-21-9-9-9-9", "sid": "S-1-5-21-9-9-9-9"});
    let orphan = World::new().permission(gone.clone());
    assert_eq!(orphan.resolve().findings(), ["OrphanedTrustee S-1-5-21-9-9-9-9"]);
    assert!(orphan.resolve().state().is_known());
    let doubt = orphan.read("recipients", "truncated").resolve();
    assert_eq!((doubt.unknown(), doubt.findings()), (vec!["UnresolvedTrustee"], vec![]));

    let made_anew = World::new().has("jane", "UserMailbox").read("recipients", "failed");
    let made_anew = made_anew.permission(json!({"trustee": upn("jane"), "sid": "S-1-5-21-9-9-9-9"})).resolve();
    assert_eq!(made_anew.unknown(), ["UnresolvedTrustee"]);

    let member = World::new().has("jane", "UserMailbox").group("g", &["jane", "?"]).allow("g");
    let member = member.read("recipients", "failed").resolve();
    assert_eq!((member.delegates(), member.unknown()), (vec!["jane"], vec!["UnresolvedMember"]));

    // Who is found, is found.
    let found = World::new().has("jane", "UserMailbox").allow("jane").read("recipients", "failed").resolve();
    assert!(found.state().is_known() && found.state().may_lose);
}

#[test]
fn rule_21_inheritance() {
    let world = |inheritance| {
        let row = json!({"trustee": upn("jane"), "inheritance": inheritance});
        World::new().has("jane", "UserMailbox").permission(row).resolve()
    };
    for counts in [json!("All"), json!("SelfAndChildren"), json!(null)] {
        assert_eq!((world(counts.clone()).delegates(), world(counts).findings()), (vec!["jane"], vec![]));
    }
    assert_eq!(world(json!("None")).delegates(), ["jane"]);
    assert_eq!(world(json!("None")).findings(), ["InheritanceNone jane@corp.example"]);
    for other in ["Children", "Descendents"] {
        let resolved = world(json!(other));
        assert_eq!((resolved.delegates(), resolved.unknown()), (vec![], vec![]), "{other}");
        assert_eq!(resolved.findings(), ["InheritanceIgnored jane@corp.example"], "{other}");
    }
    let deny = json!({"trustee": upn("jane"), "deny": true, "inheritance": "Children"});
    let deny = World::new().has("jane", "UserMailbox").allow("jane").permission(deny).resolve();
    assert_eq!(deny.delegates(), ["jane"], "a deny for what is below the mailbox takes nothing away");
}

#[test]
fn rule_22_a_disabled_account_holds_nothing() {
    let world = World::new().has_with("left", "UserMailbox", json!({"enabled": false}));
    let direct = world.allow("left").resolve();
    assert_eq!(direct.findings(), ["DisabledDelegate left@corp.example"]);
    assert!(direct.delegates().is_empty() && direct.state().may_lose, "known, so that stale aliases may go");

    let world = World::new().has_with("left", "UserMailbox", json!({"enabled": false})).group("g", &["left"]);
    assert_eq!(world.allow("g").resolve().findings(), ["DisabledDelegate left@corp.example"]);
    let options = ResolveOptions { include_delegate_type: vec!["UserMailbox".to_owned()], ..ResolveOptions::default() };
    let world = World::new().has_with("left", "UserMailbox", json!({"enabled": false})).allow("left");
    assert!(world.resolve_with(options).delegates().is_empty(), "asking for people does not bring leavers back");
}
