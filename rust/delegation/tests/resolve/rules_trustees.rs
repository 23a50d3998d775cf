//! Rules 9 to 14: whom a row means, and when a deny counts.

use crate::world::{World, guid, sid, upn};
use esgsync_delegation::resolve::ResolveOptions;
use serde_json::json;

fn inherited() -> ResolveOptions {
    ResolveOptions { include_inherited: true, ..ResolveOptions::default() }
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
    assert_eq!((denied.unknown(), denied.findings()), (vec!["DenyNotExpanded"], vec![]));
    assert!(!denied.state().may_gain);
    let unresolved = world().deny("nobody").resolve();
    assert_eq!(unresolved.unknown(), ["DenyNotExpanded", "UnresolvedTrustee"]);
}

#[test]
fn rule_13_self_by_its_sid_as_text_is_no_permission_that_was_left_out() {
    let world = World::new().permission(json!({"trustee": "S-1-5-10", "inherited": true}));
    assert_eq!(world.resolve().findings(), Vec::<&str>::new());
    let somebody = world.permission(json!({"trustee": "S-1-5-21-1-2-3-4", "inherited": true}));
    assert_eq!(somebody.resolve().findings(), ["InheritedLeftOut"]);
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
    let nobody = World::new().permission(json!({"trustee": "Everyone", "sid": "S-1-1-0", "deny": true})).resolve();
    assert_eq!((nobody.unknown(), nobody.findings()), (vec!["DenyNotExpanded"], vec![]));
    assert!(!nobody.state().may_gain);

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
    // One text that means another recipient at each step that its form allows, in the order of design 5.3.
    let (address, guid, sid, account) = ("x@corp.example", guid("x"), sid("x"), "CORP\\x");
    let display = |text: &str| ("display", json!({"displayName": text, "sid": null}));
    let texts = [
        (
            address,
            vec![
                ("upn", json!({"upn": address})),
                ("primary", json!({"primary": address})),
                ("address", json!({"addresses": [format!("smtp:{address}")]})),
                display(address),
            ],
        ),
        (&guid, vec![("guid", json!({"guid": guid})), display(&guid)]),
        (&guid, vec![("directory", json!({"directoryId": guid})), display(&guid)]),
        (&sid, vec![("history", json!({"sidHistory": [sid]})), display(&sid)]),
        (account, vec![("account", json!({"account": account})), display(account)]),
    ];
    for (text, steps) in &texts {
        for first in 0..steps.len() {
            let world = steps[first..]
                .iter()
                .fold(World::new(), |world, (key, members)| world.has_with(key, "UserMailbox", members.clone()));
            let resolved = world.permission(json!({"trustee": text})).resolve();
            assert_eq!((resolved.delegates(), resolved.unknown()), (vec![steps[first].0], vec![]), "{text}");
        }
    }
    // Two hits at the deciding step are ambiguous, although a later step would hit one.
    let world = World::new()
        .has_with("a", "UserMailbox", json!({"upn": "x@corp.example"}))
        .has_with("b", "UserMailbox", json!({"upn": "x@corp.example"}))
        .has_with("c", "UserMailbox", json!({"primary": "x@corp.example"}));
    assert_eq!(world.allow("x").resolve().unknown(), ["AmbiguousTrustee"]);
}
