//! The settled cases 3 to 22, each by its number.

use crate::world::{World, guid, sid, upn};
use esgsync_delegation::resolve::{ExpandGroup, ResolveOptions, groups_to_read};
use esgsync_delegation::snapshot::Right;
use serde_json::json;

const EVERY_RIGHT: [Right; 3] = [Right::FullAccess, Right::SendAs, Right::SendOnBehalf];

fn all_groups() -> ResolveOptions {
    ResolveOptions { expand_group: ExpandGroup::All, ..ResolveOptions::default() }
}

fn inherited() -> ResolveOptions {
    ResolveOptions { include_inherited: true, ..ResolveOptions::default() }
}

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

#[test]
fn rule_09_ambiguous_and_unresolved_trustees_make_the_mailbox_unknown() {
    let twins = || {
        World::new().has_with("t1", "UserMailbox", json!({"displayName": "Twin"})).has_with(
            "t2",
            "UserMailbox",
            json!({"name": "twin"}),
        )
    };
    let ambiguous = twins().permission(json!({"trustee": "Twin"})).resolve();
    assert_eq!(ambiguous.unknown(), ["AmbiguousTrustee"]);
    let text = &ambiguous.state().unknown[0].text;
    assert!(text.contains("(t1)") && text.contains("(t2)"), "it lists them: {text}");
    assert!(ambiguous.delegates().is_empty());
    // The SID tells them apart.
    let told = twins().permission(json!({"trustee": "Twin", "sid": sid("t2")})).resolve();
    assert_eq!((told.delegates(), told.unknown()), (vec!["t2"], vec![]));

    for text in ["gone@corp.example", "Some Name", "CORP\\gone"] {
        for sid in [json!(null), json!("S-1-5-21-9-9-9-9")] {
            let resolved = World::new().permission(json!({"trustee": text, "sid": sid})).resolve();
            assert_eq!(
                resolved.unknown(),
                ["UnresolvedTrustee"],
                "{text} {sid}: a name that finds nobody is no orphan"
            );
        }
    }
}

#[test]
fn rule_10_a_deny_of_somebody_unknown_makes_the_mailbox_unknown() {
    let world = || World::new().has("jane", "UserMailbox").allow("jane");
    let gone = json!({"trustee": "S-1-5-21-9-9-9-9", "sid": "S-1-5-21-9-9-9-9"});
    let allowed = world().permission(gone.clone()).resolve();
    assert!(allowed.state().is_known() && allowed.state().may_lose, "an orphaned allow matters to nobody");

    let mut deny = gone;
    deny["deny"] = json!(true);
    let denied = world().permission(deny).resolve();
    assert_eq!(denied.unknown(), ["DenyNotExpanded"]);
    assert!(!denied.state().may_gain);
    let unresolved = world().deny("nobody").resolve();
    assert_eq!(unresolved.unknown(), ["DenyNotExpanded", "UnresolvedTrustee"]);
}

#[test]
fn rule_11_inherited_denies_count_only_where_inherited_allows_do() {
    let world = World::new()
        .has("jane", "UserMailbox")
        .has("joe", "UserMailbox")
        .allow("jane")
        .permission(json!({"trustee": upn("jane"), "deny": true, "inherited": true}))
        .permission(json!({"trustee": upn("joe"), "inherited": true}))
        .permission(json!({"trustee": "PRD\\Nobody Known", "deny": true, "inherited": true}));
    let resolved = world.resolve();
    assert_eq!((resolved.delegates(), resolved.unknown()), (vec!["jane"], vec![]));
    assert_eq!(resolved.findings(), ["InheritedLeftOut"]);

    let asked = world.resolve_with(inherited());
    assert_eq!(asked.delegates(), ["jane", "joe"], "an inherited deny never changes an explicit allow");
    assert_eq!(asked.resolution.delegations.iter().map(|d| d.inherited).collect::<Vec<_>>(), [false, true]);
    assert_eq!(asked.unknown(), ["DenyNotExpanded", "UnresolvedTrustee"]);
    let joe_denied = world.permission(json!({"trustee": upn("joe"), "deny": true, "inherited": true}));
    assert_eq!(joe_denied.resolve_with(inherited()).delegates(), ["jane"]);
}

#[test]
fn rule_12_a_sid_that_contradicts_the_named_person_is_an_orphan() {
    let world = World::new().has("jane", "UserMailbox");
    let resolved = world.permission(json!({"trustee": upn("jane"), "sid": "S-1-5-21-9-9-9-9"})).resolve();
    assert!(resolved.delegates().is_empty(), "jane of today is another account");
    assert_eq!(resolved.findings(), ["OrphanedTrustee jane@corp.example"]);
    assert!(resolved.state().is_known());
}

#[test]
fn rule_12_text_decides_only_where_one_side_has_no_sid() {
    let row_without = World::new().has("jane", "UserMailbox").allow("jane").resolve();
    assert_eq!(row_without.delegates(), ["jane"]);
    let recipient_without = World::new()
        .has_with("jane", "UserMailbox", json!({"sid": null}))
        .permission(json!({"trustee": upn("jane"), "sid": "S-1-5-21-9-9-9-9"}))
        .resolve();
    assert_eq!((recipient_without.delegates(), recipient_without.unknown()), (vec!["jane"], vec![]));
}

#[test]
fn rule_12_a_known_sid_decides_against_a_text_that_names_somebody_else() {
    let world = World::new().has("jane", "UserMailbox").has("joe", "UserMailbox");
    let resolved = world.permission(json!({"trustee": upn("joe"), "sid": sid("jane")})).resolve();
    assert_eq!(resolved.delegates(), ["jane"]);
    assert_eq!(resolved.findings(), ["TrusteeTextDiffers jane@corp.example"]);
    assert!(resolved.state().is_known());
    // A text that names nobody any more (a rename) is nothing to report.
    let world = World::new().has("jane", "UserMailbox");
    let renamed = world.permission(json!({"trustee": "jane.old@corp.example", "sid": sid("jane")})).resolve();
    assert_eq!((renamed.delegates(), renamed.findings()), (vec!["jane"], vec![]));
}

#[test]
fn rule_12_a_name_beside_a_sid_that_nobody_has_proves_nothing() {
    // Two groups may have one display name, and Exchange does not list every security group (exo 8.11, 2.2).
    let world = World::new().has("jane", "UserMailbox").group("g", &["jane"]);
    let resolved = world.permission(json!({"trustee": "g display", "sid": "S-1-5-21-9-9-9-9"})).resolve();
    assert_eq!((resolved.delegates(), resolved.unknown()), (vec![], vec!["UnresolvedTrustee"]));
}

#[test]
fn rule_13_well_known_principals() {
    let dropped = [
        ("ISE\\SAM", Some("S-1-5-10")),
        ("NT AUTHORITY\\SYSTEM", Some("S-1-5-18")),
        ("VORDEFINIERT\\Administratoren", Some("S-1-5-32-544")),
        ("BUILTIN\\Administrators", None),
        ("NT-AUTORITÄT\\SELBST", None),
        ("AUTORITE NT\\SELF", None),
        ("NT-AUTORITÄT\\SYSTEM", None),
    ];
    for (trustee, sid) in dropped {
        let resolved = World::new().permission(json!({"trustee": trustee, "sid": sid})).resolve();
        assert_eq!((resolved.unknown(), resolved.findings()), (vec![], vec![]), "{trustee}");
    }
    let broad = [
        ("Jeder", Some("S-1-1-0"), "Everyone"),
        ("NT AUTHORITY\\ANONYMOUS LOGON", Some("S-1-5-7"), "Anonymous"),
        ("NT AUTHORITY\\Authenticated Users", Some("S-1-5-11"), "Authenticated Users"),
        ("Everyone", None, "Everyone"),
    ];
    for (trustee, sid, name) in broad {
        let resolved = World::new().permission(json!({"trustee": trustee, "sid": sid})).resolve();
        assert_eq!(resolved.unknown(), ["BroadGrant"], "{trustee}");
        assert_eq!(resolved.findings(), [format!("BroadGrant {name}")], "{trustee}");
    }
    let untranslated = World::new().permission(json!({"trustee": "ISE\\SAM"})).resolve();
    assert_eq!(untranslated.unknown(), ["UnresolvedTrustee"], "no source for the name, no guess");
}

#[test]
fn rule_13_never_by_a_part_of_a_name() {
    for name in ["Jane Selfridge", "Systems", "Self, Ann", "Lab S-1-5-21 North", "Nt Authority-Smith"] {
        let world = World::new().has_with("p", "UserMailbox", json!({"displayName": name}));
        assert_eq!(world.permission(json!({"trustee": name})).resolve().delegates(), ["p"], "{name}");
    }
}

#[test]
fn rule_14_the_first_step_that_hits_decides() {
    // One text that means another recipient at each step, in the order of design 5.3.
    let text = guid("first");
    let steps = [
        ("history", json!({"sidHistory": [text]})),
        ("directory", json!({"directoryId": text, "guid": guid("other")})),
        ("upn", json!({"upn": text})),
        ("account", json!({"account": text})),
        ("primary", json!({"primary": text})),
        ("address", json!({"addresses": [format!("smtp:{text}")]})),
        ("display", json!({"displayName": text})),
    ];
    for first in 0..steps.len() {
        let mut world = World::new();
        for (key, members) in &steps[first..] {
            world = world.has_with(key, "UserMailbox", members.clone());
        }
        let resolved = world.permission(json!({"trustee": text})).resolve();
        assert_eq!((resolved.delegates(), resolved.unknown()), (vec![steps[first].0], vec![]));
    }
    // Two hits at the deciding step are ambiguous, although a later step would hit one.
    let world = World::new()
        .has_with("a", "UserMailbox", json!({"upn": "x@corp.example"}))
        .has_with("b", "UserMailbox", json!({"upn": "x@corp.example"}))
        .has_with("c", "UserMailbox", json!({"primary": "x@corp.example"}));
    assert_eq!(world.allow("x").resolve().unknown(), ["AmbiguousTrustee"]);
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
