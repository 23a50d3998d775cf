//! The samples of (exo 8) that are facts of a snapshot, as the module writes them after normalising.

use crate::world::{World, upn};
use esgsync_delegation::resolve::{ExpandGroup, ResolveOptions};
use esgsync_delegation::snapshot::Right;
use serde_json::{Value, json};

const SID: &str = "S-1-5-21-1111111111-2222222222-3333333333";

fn numbered(number: u32) -> String {
    format!("{SID}-{number}")
}

/// The people and groups of (exo 8): Ivo (8.3), Greta (8.2, 8.24), a leaver's namesake, the kinds of 8.21.
fn tailspin() -> World {
    World::new()
        .mailbox(json!({
            "directoryId": "b2f1c6de-0000-4a11-9c01-aaaaaaaa0001", "name": "b2f1c6de-0000-4a11-9c01-aaaaaaaa0001",
            "displayName": "Accounts Payable", "primary": "accounts.payable@tailspindemo.example",
            "sendOnBehalf": ["c3a2d7ef-0000-4b22-9d02-aaaaaaaa0002", "Greta Olsen"],
        }))
        .line(json!({
            "kind": "recipient", "key": "ivo", "guid": "9f304db2-2222-4f55-9005-cccccccc0002",
            "directoryId": "c3a2d7ef-0000-4b22-9d02-aaaaaaaa0002", "sid": numbered(10002), "displayName": "Ivo Brandt",
            "name": "c3a2d7ef-0000-4b22-9d02-aaaaaaaa0002", "upn": "ivo.brandt@tailspindemo.example",
            "primary": "ivo.brandt@tailspindemo.example", "addresses": ["SMTP:ivo.brandt@tailspindemo.example"],
            "type": "UserMailbox", "enabled": true,
        }))
        .line(json!({
            "kind": "recipient", "key": "greta", "guid": "8e2f3ca1-2222-4e44-8f04-cccccccc0003",
            "directoryId": "d4b3e8f0-0000-4c33-9e03-aaaaaaaa0003", "sid": numbered(10003),
            "sidHistory": ["S-1-5-21-3777777777-888888888-999999999-2201"], "account": "CORP\\gmüller",
            "name": "Greta Olsen", "displayName": "Gréta Olsen-Müller", "upn": "golsen@tailspindemo.example",
            "primary": "Greta.Olsen@tailspindemo.example",
            "addresses": ["SMTP:Greta.Olsen@tailspindemo.example", "smtp:golsen@tailspindemo.example",
                "SIP:golsen@tailspindemo.example", "X500:/o=OldOrg/cn=golsen", "EUM:4711;phone-context=dial"],
            "type": "UserMailbox",
        }))
        .line(group("finance", "Finance Team", 20001, "MailUniversalSecurityGroup"))
        .line(group("leads", "Finance Leads", 20002, "MailUniversalSecurityGroup"))
        .line(group("atlas", "Project Atlas", 20003, "GroupMailbox"))
        .line(json!({
            "kind": "recipient", "key": "lena", "directoryId": "07e61b23-0000-4f66-a106-aaaaaaaa0103", "sid": numbered(40007),
            "name": "lena.roth_partner.example#EXT#", "displayName": "Lena Roth (Partner)",
            "upn": "lena.roth_partner.example#EXT#@tailspindemo.onmicrosoft.example", "primary": "lena.roth@partner.example",
            "type": "GuestMailUser",
        }))
        .line(json!({
            "kind": "recipient", "key": "kiosk", "directoryId": "4b2a5f67-0000-43aa-a50a-aaaaaaaa0202", "sid": numbered(10202),
            "upn": "kiosk@tailspindemo.example", "displayName": "Kiosk User", "type": "User",
        }))
        .line(json!({
            "kind": "recipient", "key": "onprem", "sid": numbered(10104), "primary": "onprem@tailspindemo.example",
            "type": "MailUser", "directoryId": "",
        }))
        .line(json!({"kind": "recipient", "key": "berlin", "displayName": "All Berlin", "directoryId": "", "type": "DynamicDistributionGroup"}))
        .line(json!({"kind": "recipient", "key": "supplier", "primary": "desk@supplier.example", "type": "MailContact"}))
}

fn group(key: &str, name: &str, number: u32, kind: &str) -> Value {
    json!({"kind": "recipient", "key": key, "sid": numbered(number), "name": name, "displayName": name, "type": kind})
}

fn delegates(change: Value) -> Vec<String> {
    let resolved = tailspin().permission(change).resolve();
    assert_eq!(resolved.unknown(), Vec::<&str>::new());
    resolved.delegates().into_iter().map(str::to_owned).collect()
}

#[test]
fn self_twice_with_different_rights_is_nobody() {
    // exo 8.6, 8.7, 8.16
    for rights in [
        "FullAccess, ReadPermission",
        "FullAccess, ExternalAccount, ReadPermission",
        "FullAccess, SendAs, ReadPermission",
    ] {
        let row = json!({"trustee": "NT AUTHORITY\\SELF", "sid": "S-1-5-10", "rights": [rights]});
        assert!(delegates(row).is_empty(), "{rights}");
    }
}

#[test]
fn one_element_may_hold_several_rights() {
    // exo 1.2, design 5.1
    for rights in [
        json!(["FullAccess, ReadPermission"]),
        json!(["ReadPermission", "FullAccess"]),
        json!([" ReadPermission ,FullAccess "]),
    ] {
        let row = json!({"trustee": "Ivo.Brandt@tailspindemo.example", "sid": numbered(10002), "rights": rights});
        assert_eq!(delegates(row), ["ivo"]);
    }
    assert!(
        delegates(json!({"trustee": "ivo.brandt@tailspindemo.example", "rights": ["FullAccessToNothing"]})).is_empty()
    );
}

#[test]
fn people_in_every_shape() {
    let shapes = [
        ("ivo", json!({"trustee": "Ivo.Brandt@tailspindemo.example", "sid": numbered(10002)})), // 8.8
        ("greta", json!({"trustee": "golsen@tailspindemo.example", "sid": numbered(10003)})),   // 8.9
        ("greta", json!({"trustee": "x", "sid": "S-1-5-21-3777777777-888888888-999999999-2201"})), // 8.24
        ("greta", json!({"trustee": "golsen@tailspindemo.example"})),                           // 8.17, 8.27
        ("greta", json!({"trustee": "GRETA.OLSEN@TAILSPINDEMO.EXAMPLE"})),
        ("greta", json!({"trustee": "gréta olsen-müller"})),
        ("greta", json!({"trustee": "CORP\\gmüller"})), // 8.25
        ("ivo", json!({"trustee": "Ivo Brandt"})),      // 8.20
        ("ivo", json!({"trustee": "9F304DB2-2222-4F55-9005-CCCCCCCC0002"})),
        (
            "lena",
            json!({"trustee": "lena.roth_partner.example#EXT#@tailspindemo.onmicrosoft.example", "sid": numbered(40007)}),
        ), // 8.15
        ("kiosk", json!({"trustee": "kiosk@tailspindemo.example"})),
        ("onprem", json!({"trustee": "onprem@tailspindemo.example"})),
    ];
    for (key, row) in shapes {
        assert_eq!(delegates(row.clone()), [key], "{row}");
    }
}

#[test]
fn other_prefixes_are_no_addresses_and_empty_texts_are_nobody() {
    for text in ["SIP:golsen@tailspindemo.example", "4711;phone-context=dial", "", " "] {
        let resolved = tailspin().permission(json!({"trustee": text})).resolve();
        assert_eq!(resolved.unknown(), ["UnresolvedTrustee"], "{text:?} (8.2, 8.4, 8.21)");
    }
}

#[test]
fn a_deny_takes_a_right_away() {
    // 8.10
    let row = json!({"trustee": "golsen@tailspindemo.example", "sid": numbered(10003)});
    let mut deny = row.clone();
    deny["deny"] = json!(true);
    assert!(tailspin().permission(row).permission(deny).resolve().delegates().is_empty());
}

#[test]
fn two_groups_of_one_name_are_told_apart_by_their_sids() {
    // 8.11: the second row is about another right, so what it means does not matter.
    let world = tailspin()
        .line(group("other", "Finance Team", 20044, "MailUniversalSecurityGroup"))
        .members("finance", &["ivo", "leads", "kiosk"]) // 8.22
        .members("leads", &["finance", "greta"])
        .permission(json!({"trustee": "Finance Team", "sid": numbered(20001)}))
        .permission(json!({"trustee": "Finance Team", "sid": numbered(20044), "rights": ["ReadPermission"]}));
    let resolved = world.resolve();
    assert_eq!((resolved.delegates(), resolved.unknown()), (vec!["greta", "ivo", "kiosk"], vec![]));
    let without_sid = world.permission(json!({"trustee": "Finance Team"})).resolve();
    assert_eq!(without_sid.unknown(), ["AmbiguousTrustee"]);
}

#[test]
fn orphans_role_groups_and_applications() {
    let orphan = json!({"trustee": numbered(31337), "sid": numbered(31337)}); // 8.12
    let resolved = tailspin().permission(orphan).resolve();
    assert_eq!(
        (resolved.unknown(), resolved.findings()),
        (vec![], vec![format!("OrphanedTrustee {}", numbered(31337))])
    );
    // 8.13: a role group that nobody listed. 8.28: an application by its object id. Neither is proved to be gone.
    for trustee in ["Discovery Management", "6d4c7189-0000-45cc-a70c-aaaaaaaa0301"] {
        let resolved = tailspin().permission(json!({"trustee": trustee, "sid": numbered(50001)})).resolve();
        assert_eq!(resolved.unknown(), ["UnresolvedTrustee"], "{trustee}");
    }
}

#[test]
fn inherited_service_entries_are_left_out() {
    // 8.14
    let world = tailspin()
        .permission(json!({"trustee": "EURPR99A001\\Organization Management", "sid": "S-1-5-21-4-5-6-1101", "inherited": true, "deny": true}))
        .permission(json!({"trustee": "NT AUTHORITY\\SYSTEM", "sid": "S-1-5-18", "inherited": true}));
    let resolved = world.resolve();
    assert_eq!((resolved.unknown(), resolved.findings()), (vec![], vec![]));
}

#[test]
fn a_german_server_without_sids() {
    // 8.25
    let world = tailspin()
        .permission(json!({"trustee": "NT-AUTORITÄT\\SELBST", "rights": ["FullAccess, ReadPermission"]}))
        .permission(json!({"trustee": "CORP\\GMÜLLER"}));
    let resolved = world.resolve();
    assert_eq!((resolved.delegates(), resolved.unknown()), (vec!["greta"], vec![]));
}

#[test]
fn send_as_rows() {
    // 8.18, 8.19: also of other recipients, without `inherited`, and a deny.
    let world = tailspin()
        .send_as(json!({"trustee": "NT AUTHORITY\\SELF", "sid": "S-1-5-10", "inherited": false}))
        .send_as(json!({"trustee": "ivo.brandt@tailspindemo.example", "sid": numbered(10002)}))
        .send_as(json!({"trustee": "golsen@tailspindemo.example", "sid": numbered(10003)}))
        .send_as(json!({"trustee": "Greta Olsen", "access": "Deny"}))
        .send_as(json!({"mailbox": "All Hands20260102", "trustee": "nobody", "sid": numbered(1)}))
        // The token in a row of the mailbox is no SendAs (8.16).
        .permission(json!({"trustee": "lena.roth@partner.example", "rights": ["SendAs, ReadPermission"]}));
    let resolved = world.resolve_for(Right::SendAs);
    assert_eq!((resolved.delegates(), resolved.unknown()), (vec!["ivo"], vec![]));
}

#[test]
fn send_on_behalf_mixes_ids_and_old_names() {
    // 8.1
    assert_eq!(tailspin().resolve_for(Right::SendOnBehalf).delegates(), ["greta", "ivo"]);
}

#[test]
fn kinds_that_are_no_people() {
    // 8.21
    let world = tailspin()
        .permission(json!({"trustee": "desk@supplier.example"}))
        .permission(json!({"trustee": "All Berlin"}))
        .permission(json!({"trustee": "Project Atlas", "sid": numbered(20003)}));
    let resolved = world.resolve();
    assert_eq!((resolved.delegates(), resolved.unknown()), (vec![], vec![]));
    assert_eq!(
        resolved.findings(),
        [
            "DelegateNotPerson desk@supplier.example",
            "GroupWithoutRights All Berlin",
            "GroupWithoutRights Project Atlas"
        ]
    );
    // 8.23: one member of a Microsoft 365 group.
    let options = ResolveOptions { expand_group: ExpandGroup::All, ..ResolveOptions::default() };
    let world = tailspin().members("atlas", &["greta"]).permission(json!({"trustee": "Project Atlas"}));
    assert_eq!(world.resolve_with(options).delegates(), ["greta"]);
}

#[test]
fn two_objects_with_one_address() {
    // 8.5: a soft-deleted mailbox keeps the address that somebody else has today.
    let world = World::new().has_with("ivo", "UserMailbox", json!({})).has_with(
        "ivo-2024",
        "UserMailbox",
        json!({"upn": upn("ivo"), "primary": upn("ivo")}),
    );
    assert_eq!(world.allow("ivo").resolve().unknown(), ["AmbiguousTrustee"]);
}
