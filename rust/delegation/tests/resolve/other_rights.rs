//! Rights that are no delegation: shown, never mapped (exo 1.2, 6).

use crate::world::{World, sid, upn};
use esgsync_delegation::resolve::ResolveOptions;
use esgsync_delegation::snapshot::Right;
use serde_json::json;

fn with(rights: &[&str], change: serde_json::Value) -> World {
    let world = World::new().has("jane", "UserMailbox").has("g", "RoleGroup");
    world.permission(json!({"trustee": upn("jane"), "rights": rights})).line(change)
}

fn nothing() -> serde_json::Value {
    json!({"kind": "read", "subject": "softDeleted", "status": "complete"})
}

#[test]
fn every_other_right_is_a_finding_and_gives_nothing() {
    for right in ["ReadPermission", "DeleteItem", "ExternalAccount", "SendAs"] {
        let resolved = with(&[right], nothing()).resolve();
        assert_eq!(resolved.findings(), ["OtherRight jane@corp.example"], "{right}");
        assert!(resolved.delegates().is_empty() && resolved.state().is_known(), "{right}");
        assert!(resolved.resolution.findings[0].text.contains(right));
    }
}

#[test]
fn who_may_change_permissions_is_a_warning_beside_full_access_too() {
    for rights in [&["ChangePermission"][..], &["FullAccess", "ChangeOwner"], &["ReadPermission", "changepermission"]] {
        let resolved = with(rights, nothing()).resolve();
        assert_eq!(resolved.findings(), ["MayChangePermissions jane@corp.example"], "{rights:?}");
        assert_eq!(resolved.delegates().len(), usize::from(rights.contains(&"FullAccess")), "{rights:?}");
    }
}

#[test]
fn full_access_with_its_usual_companion_is_no_finding() {
    assert_eq!(with(&["FullAccess", "ReadPermission"], nothing()).resolve().findings(), [""; 0]);
}

#[test]
fn denies_inherited_rows_the_mailbox_itself_and_the_system_are_left_out() {
    let world = World::new()
        .has("jane", "UserMailbox")
        .permission(json!({"trustee": upn("jane"), "rights": ["ChangePermission"], "deny": true}))
        .permission(json!({"trustee": upn("jane"), "rights": ["ChangeOwner"], "inherited": true}))
        .permission(json!({"trustee": "NT AUTHORITY\\SELF", "rights": ["ReadPermission"], "sid": "S-1-5-10"}))
        .permission(json!({"trustee": "NT AUTHORITY\\SYSTEM", "rights": ["ChangePermission"], "sid": "S-1-5-18"}))
        .permission(json!({"trustee": upn("m"), "rights": ["ChangePermission"]}));
    assert_eq!(world.resolve().findings(), [""; 0]);
    let inherited = ResolveOptions { include_inherited: true, ..ResolveOptions::default() };
    assert_eq!(world.resolve_with(inherited).findings(), ["MayChangePermissions jane@corp.example"]);
    assert_eq!(world.resolve_for(Right::SendAs).findings(), [""; 0], "rows of another right were not asked for");
}

#[test]
fn the_holder_is_named_as_well_as_can_be() {
    let change = |trustee: &str, sid: Option<String>| json!({"kind": "permission", "mailbox": "m", "trustee": trustee, "sid": sid, "rights": ["ChangeOwner"], "deny": false});
    for (trustee, sid, name) in [
        ("g display", Some(sid("g")), "g@corp.example"),
        ("Everyone", None, "Everyone"),
        ("CORP\\gone", None, "CORP\\gone"),
        ("", Some("S-1-5-21-9-9-9-9".to_owned()), "S-1-5-21-9-9-9-9"),
    ] {
        let resolved = with(&["FullAccess"], change(trustee, sid)).resolve();
        assert_eq!(resolved.findings(), [format!("MayChangePermissions {name}")]);
        assert!(resolved.state().is_known(), "a right that is not wanted leaves no doubt (rule 15)");
    }
}
