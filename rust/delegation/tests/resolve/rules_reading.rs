//! Rules 3 to 8: what the lines of a snapshot mean.

use crate::world::{World, guid, sid, upn};
use esgsync_delegation::snapshot::Right;
use serde_json::json;

#[test]
fn rule_03_keys_are_opaque_and_tie_mailbox_and_recipient() {
    let world = World::new()
        .line(json!({"kind": "mailbox", "key": "#1", "primary": "one@corp.example"}))
        .line(json!({"kind": "recipient", "key": "#1", "upn": "one@corp.example", "sid": sid("one"), "type": "UserMailbox"}))
        .line(json!({"kind": "recipient", "key": "a/b c", "upn": "jane@corp.example", "type": "UserMailbox"}))
        .line(json!({"kind": "permission", "mailbox": "#1", "trustee": "jane@corp.example", "rights": ["FullAccess"], "deny": false}))
        // The mailbox itself, by its own account: a SELF row under another name.
        .line(json!({"kind": "permission", "mailbox": "#1", "trustee": "x", "sid": sid("one"), "rights": ["FullAccess"], "deny": false}))
        .read("mailbox:#1", "complete");
    assert_eq!(world.resolve().delegations(), ["#1 FullAccess: jane@corp.example"]);
    // Nor is a shared mailbox reported as its own delegate.
    let own = World::new().permission(json!({"trustee": upn("m"), "sid": sid("m")})).resolve();
    assert_eq!((own.findings(), own.unknown()), (vec![], vec![]));
}

#[test]
fn rule_04_send_on_behalf_texts_are_resolved_in_the_order_of_identity() {
    let world =
        World::new().has("by-guid", "UserMailbox").has("by-name", "UserMailbox").has("by-upn", "MailUser").mailbox(
            json!({"sendOnBehalf": [guid("by-guid").to_uppercase(), "by-name display", "BY-UPN@corp.example"]}),
        );
    let resolved = world.resolve_for(Right::SendOnBehalf);
    assert_eq!(resolved.delegates(), ["by-guid", "by-name", "by-upn"]);
    assert!(resolved.state().is_known() && resolved.state().may_lose);

    let unread = World::new().mailbox(json!({"sendOnBehalf": null})).resolve_for(Right::SendOnBehalf);
    assert_eq!(unread.unknown(), ["ReadIncomplete"], "absent is not empty");
    let nobody = World::new().mailbox(json!({"sendOnBehalf": ["Gone"]})).resolve_for(Right::SendOnBehalf);
    assert_eq!(nobody.unknown(), ["UnresolvedTrustee"]);
}

#[test]
fn rule_04_on_premises_send_on_behalf_names_people_by_their_path() {
    let named = |text: &str| World::new().has("jane", "UserMailbox").mailbox(json!({"sendOnBehalf": [text]}));
    assert_eq!(named("corp.example/Users/North/jane name").resolve_for(Right::SendOnBehalf).delegates(), ["jane"]);
    for text in ["corp.example/Users/jon name", "Users/jane name", "two words.example/jane name"] {
        assert_eq!(named(text).resolve_for(Right::SendOnBehalf).unknown(), ["UnresolvedTrustee"], "{text}");
    }
    let twice = named("corp.example/Users/jane name").has_with("joan", "UserMailbox", json!({"name": "Jane Name"}));
    assert_eq!(twice.resolve_for(Right::SendOnBehalf).unknown(), ["AmbiguousTrustee"]);
}

#[test]
fn rule_05_a_member_without_recipient_line_is_an_orphan() {
    let world = World::new().has("jane", "UserMailbox").group("g", &["jane", "gone"]).allow("g");
    let resolved = world.resolve();
    assert_eq!(resolved.delegates(), ["jane"]);
    assert_eq!(resolved.findings(), ["OrphanedMember gone"]);
    assert!(resolved.state().is_known(), "the recipients are complete: it is gone");
}

#[test]
fn rule_06_a_missing_read_line_is_not_complete() {
    let world = World::new().has("jane", "UserMailbox").group("g", &["jane"]).allow("g");
    assert!(world.resolve().state().is_known());
    let cases = [("mailbox:m", "ReadIncomplete"), ("group:g", "GroupNotExpanded")];
    for (subject, code) in cases {
        let world = World::new().has("jane", "UserMailbox").group("g", &["jane"]).allow("g").unread(subject);
        assert_eq!(world.resolve().unknown(), [code], "{subject}");
    }
    let world = World::new().unread("recipients").permission(json!({"trustee": sid("x"), "sid": sid("x")}));
    assert_eq!(world.resolve().unknown(), ["UnresolvedTrustee"]);
    assert_eq!(World::new().unread("sendAs").resolve_for(Right::SendAs).unknown(), ["ReadIncomplete"]);
}

#[test]
fn rule_15_send_as_that_was_asked_for_by_mailbox_is_unknown_by_mailbox() {
    let world = || World::new().has("jane", "UserMailbox").send_as(json!({"trustee": upn("jane")}));
    let failed = world().read("sendAs", "failed").read("sendAs:other", "failed");
    assert_eq!(
        failed.resolve_for(Right::SendAs).unknown(),
        ["ReadIncomplete"],
        "of this one there is no line of its own"
    );
    let other = world().read("sendAs", "failed").read("sendAs:other", "failed").read("sendAs:m", "complete");
    assert_eq!(other.resolve_for(Right::SendAs).unknown(), [""; 0]);
    let this = world().read("sendAs:m", "failed").resolve_for(Right::SendAs);
    assert_eq!(this.unknown(), ["ReadIncomplete"]);
}

#[test]
fn rule_07_a_row_without_deny_makes_its_mailbox_unknown() {
    let world = World::new().has("jane", "UserMailbox").has("joe", "UserMailbox").allow("joe");
    let resolved = world.permission(json!({"trustee": upn("jane"), "deny": null})).resolve();
    assert_eq!(resolved.unknown(), ["DenyMissing"]);
    assert!(!resolved.state().may_gain, "it may be a deny (rule 16)");
    assert_eq!(resolved.delegates(), ["joe"], "and it is no grant");

    let of_another_right = World::new().permission(json!({"rights": ["ReadPermission"], "deny": null})).resolve();
    assert!(of_another_right.state().is_known());

    let send_as = World::new().has("jane", "UserMailbox").send_as(json!({"trustee": upn("jane")}));
    assert_eq!(send_as.resolve_for(Right::SendAs).delegates(), ["jane"], "no `inherited` is not inherited");
    let unclear = World::new().send_as(json!({"trustee": "x", "access": null})).resolve_for(Right::SendAs);
    assert_eq!(unclear.unknown(), ["DenyMissing"]);
}

#[test]
fn rule_08_only_a_known_false_excludes() {
    let person = |enabled| World::new().has_with("jane", "UserMailbox", json!({"enabled": enabled})).allow("jane");
    assert_eq!(person(json!(null)).resolve().delegates(), ["jane"]);
    assert_eq!(person(json!(true)).resolve().delegates(), ["jane"]);
    assert!(person(json!(false)).resolve().delegates().is_empty());
}
