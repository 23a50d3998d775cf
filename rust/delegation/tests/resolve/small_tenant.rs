//! The small tenant, worked out by hand from its rows.

use esgsync_delegation::resolve::{Resolution, ResolveOptions, resolve, trail_text};
use esgsync_delegation::snapshot::{Reader, Right, Snapshot};

const TEXT: &str = include_str!("../../../../tests/tenants/small/snapshot.jsonl");

fn tenant() -> Snapshot {
    let mut reader = Reader::new();
    reader.feed(TEXT.as_bytes()).unwrap();
    reader.finish().unwrap()
}

fn lines(snapshot: &Snapshot, resolution: &Resolution) -> Vec<String> {
    let text = |delegation: &esgsync_delegation::resolve::Delegation| {
        let mailbox = snapshot.mailboxes[delegation.mailbox as usize].display_name.as_deref().unwrap_or_default();
        format!("{mailbox}: {}", trail_text(snapshot, delegation).join(" > "))
    };
    resolution.delegations.iter().map(text).collect()
}

#[test]
fn full_access() {
    let snapshot = tenant();
    let resolution = resolve(&snapshot, &ResolveOptions::default());
    let expected = [
        // Ring 1 1 holds Ann and Lab, and by its loop the other two rings; the group Blocked 33 denies Ann. O'Neil is disabled.
        "Events 0: systems@corp.example",
        "Events 0: Ring 1 1 > lab.s-1-5-21@corp.example",
        "Events 0: Ring 1 1 > Ring 1 2 > Ring 1 0 > wim.ferri8@corp.example",
        "Events 0: Ring 1 1 > Ring 1 2 > nils.roth9@corp.example",
        "Events 0: Ring 1 1 > Ring 1 2 > Ring 1 0 > zoe.ferri11@corp.example",
        // Nils by his SID under an old name. Lab is allowed and denied. Nt Authority-Smith had it as an account of before.
        "Orders 1: nils.roth9@corp.example",
        // By GUID and by directory id. The inherited allow and deny are left out.
        "Jobs 2: jane.selfridge@corp.example",
        "Jobs 2: lab.s-1-5-21@corp.example",
        // Two rings; Blocked 35 denies Jan, who is in Ring 0 1. Ann and Lab come by the shorter of two trails. Orders 1 is no person.
        "Orders 3: Ring 0 0 > ann.self@corp.example",
        "Orders 3: Ring 0 0 > lab.s-1-5-21@corp.example",
        "Orders 3: Ring 1 2 > Ring 1 0 > wim.ferri8@corp.example",
        "Orders 3: Ring 1 2 > nils.roth9@corp.example",
        "Orders 3: Ring 1 2 > Ring 1 0 > zoe.ferri11@corp.example",
    ];
    assert_eq!(lines(&snapshot, &resolution), expected);
    assert!(resolution.mailboxes.iter().all(|state| state.is_known() && state.may_gain && state.may_lose));
    let findings: Vec<_> = resolution
        .findings
        .iter()
        .map(|f| (f.code.as_str(), f.mailbox.as_deref().unwrap_or("-"), f.subject.as_deref().unwrap_or("-")))
        .collect();
    let expected = [
        ("DelegateNotPerson", "orders3@corp.example", "orders1@corp.example"),
        ("DisabledDelegate", "events0@corp.example", "oneil@corp.example"),
        ("InheritanceNone", "jobs2@corp.example", "lab.s-1-5-21@corp.example"),
        ("InheritedLeftOut", "-", "-"),
        ("OrphanedTrustee", "orders1@corp.example", "nt.authority.smith@corp.example"),
    ];
    assert_eq!(findings, expected);
}

#[test]
fn send_as() {
    let snapshot = tenant();
    let options = ResolveOptions { rights: vec![Right::SendAs], ..ResolveOptions::default() };
    let resolution = resolve(&snapshot, &options);
    let expected = [
        // Division 0 holds Systems and Team 0; Rosa, who is in Team 0, is denied by her UPN in capitals. The contact is no person.
        "Jobs 2: Division 0 > Team 0 > jane.selfridge@corp.example",
        "Jobs 2: Division 0 > systems@corp.example",
        "Jobs 2: zoe.ferri11@corp.example",
        // Ann and Zoe are each allowed and denied, under different spellings.
        "Orders 3: Division 0 > Team 0 > jane.selfridge@corp.example",
        "Orders 3: Division 0 > systems@corp.example",
        "Orders 3: Division 0 > Team 0 > rosa.petit10@corp.example",
    ];
    assert_eq!(lines(&snapshot, &resolution), expected);
}

#[test]
fn inherited_rows_change_nothing_here() {
    let snapshot = tenant();
    let with = ResolveOptions { include_inherited: true, ..ResolveOptions::default() };
    // Jobs 2: an inherited deny stands before the inherited allow. Orders 3: inherited denies do not touch explicit allows.
    assert_eq!(resolve(&snapshot, &with).delegations, resolve(&snapshot, &ResolveOptions::default()).delegations);
}
