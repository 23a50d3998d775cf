//! Who is who, what they get, what becomes ours (rules 24, 26 to 28, 35, 36).

use crate::builder::*;
use esgsync_delegation::plan::{ActionKind, AliasScope, ChangeKind};
use esgsync_delegation::resolve::MailboxState;
use esgsync_delegation::snapshot::Right;

#[test]
fn a_person_is_found_by_primary_address_or_username_against_any_address_or_the_upn() {
    let mut world = World::new();
    let shop = world.mailbox("shop", &[]);
    for name in ["ann", "bob", "cyd"] {
        let person = world.person(name);
        world.grant(shop, person);
    }
    world.user(1, "ANN@LOGIN.example", PERSON, &["*other.ann@corp.example"]);
    world.user(2, "Bob B.", PERSON, &["*bob@OLD.example"]);
    world.user(3, "cyd@corp.example", PERSON, &[]);
    let plan = world.plan();
    assert_eq!(
        changes(&plan),
        ["AliasAdded shop@corp.example -> 1", "AliasAdded shop@corp.example -> 2", "AliasAdded shop@corp.example -> 3"]
    );
    assert_eq!(after(update(&plan, 2)), ["*bob@OLD.example", "shop@corp.example"]);
    assert_eq!(after(update(&plan, 3)), ["shop@corp.example"]);
}

#[test]
fn the_trail_and_the_first_right_explain_an_addition() {
    let mut world = World::new();
    world.options.rights = vec![Right::FullAccess, Right::SendAs];
    let shop = world.mailbox("shop", &[]);
    let (ann, team, sub) = (world.person("ann"), world.group("Team"), world.group("Sub"));
    world.grant_right(shop, ann, Right::SendAs, &[]);
    world.grant_right(shop, ann, Right::FullAccess, &[team, sub]);
    world.colleague(1, "ann", &[]);
    let plan = world.plan();
    let change = &update(&plan, 1).changes[0];
    assert_eq!(update(&plan, 1).changes.len(), 1);
    assert_eq!(change.right, Some(Right::FullAccess));
    assert_eq!(*change.trail, ["Team", "Sub", "ann@corp.example"]);
}

#[test]
fn rule_24_who_matches_two_users_gains_and_loses_nothing() {
    let mut world = World::new();
    let (shop, yard) = (world.mailbox("shop", &[]), world.mailbox("yard", &[]));
    let (ann, bob) = (world.person("ann"), world.person("bob"));
    world.grant(shop, ann);
    world.grant(shop, bob);
    world.grant(yard, bob);
    // One by primary address, one by username: neither outranks the other.
    world.user(1, "Ann A.", PERSON, &["*ann@corp.example", "yard@corp.example", "yard@corp.example"]);
    world.user(2, "ann@login.example", PERSON, &["*x@corp.example"]);
    world.colleague(3, "bob", &[]);
    world.manage(1, "yard@corp.example", "yard");
    let plan = world.plan();
    assert_eq!(changes(&plan), ["AliasAdded shop@corp.example -> 3", "AliasAdded yard@corp.example -> 3"]);
    assert_eq!(left(&plan, 1), ["UserAmbiguous"]);
    let finding = plan.findings.iter().find(|finding| finding.code == "AmbiguousEsgUser").unwrap();
    assert!(finding.text.contains("Ann A. (id 1)") && finding.text.contains("ann@login.example (id 2)"), "{finding:?}");
    assert!(plan.left_alone.iter().any(|left| left.code == "DelegateAmbiguous"));
}

#[test]
fn rule_24_a_user_that_two_recipients_match_is_nobody() {
    let mut world = World::new();
    let shop = world.mailbox("shop", &[]);
    let (ann, bob) = (world.person("ann"), world.person("bob"));
    world.snapshot.recipients[bob].addresses.push("smtp:ann@login.example".into());
    world.grant(shop, ann);
    world.user(1, "ann@login.example", PERSON, &["*ann.a@corp.example"]);
    world.user(2, "someone@corp.example", PERSON, &["*someone@corp.example"]);
    let plan = world.plan();
    assert_eq!(changes(&plan), [""; 0]);
    assert!(has_finding(&plan, "AmbiguousPerson"));
}

#[test]
fn rule_24_a_secondary_address_identifies_nobody_and_is_named() {
    let mut world = World::new();
    let shop = world.mailbox("shop", &[]);
    let ann = world.person("ann");
    world.grant(shop, ann);
    world.user(1, "other@corp.example", PERSON, &["*other@corp.example", "ann@corp.example"]);
    let plan = world.plan();
    assert_eq!(changes(&plan), [""; 0]);
    let finding = plan.findings.iter().find(|finding| finding.code == "DelegateWithoutEsgUser").unwrap();
    assert!(finding.text.contains("other@corp.example (id 1)"), "{finding:?}");
    assert!(has_finding(&plan, "MailboxWithoutDelegateAtEsg"));
}

#[test]
fn the_scope_decides_which_addresses_are_wanted() {
    let mut world = World::new();
    let others = ["sales@corp.example", "old@corp.example", "mail@corp.example", "shop@corp.onmicrosoft.com"];
    let shop = world.mailbox("shop", &others);
    let ann = world.person("ann");
    world.grant(shop, ann);
    world.colleague(1, "ann", &[]);
    world.functional(2, "shop", &["SALES@corp.example"]);
    world.removed.push(esgsync_delegation::esg::RemovedFunctional {
        tenant: TENANT.into(),
        mailbox: "mb-shop".into(),
        username: "shop".into(),
        addresses: vec!["old@corp.example".into()],
        returned: 0,
    });
    world.user(9, "holder@corp.example", PERSON, &["*holder@corp.example", "old@corp.example"]);
    let added = |scope, world: &World| {
        let mut world = world.clone();
        world.options.alias_scope = scope;
        let changes = update(&world.plan(), 1).changes.clone();
        changes.iter().map(|change| change.address.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(added(AliasScope::Primary, &world), ["shop@corp.example"]);
    assert_eq!(added(AliasScope::Functional, &world), ["old@corp.example", "sales@corp.example", "shop@corp.example"]);
    let all = ["mail@corp.example", "old@corp.example", "sales@corp.example", "shop@corp.example"];
    assert_eq!(added(AliasScope::All, &world), all);
    // Another tenant's record of a removal says nothing here.
    world.removed[0].tenant = "another".into();
    assert_eq!(added(AliasScope::Functional, &world), ["sales@corp.example", "shop@corp.example"]);
    // Somebody at ESG holds the onmicrosoft address: then it counts.
    world.user(8, "x@corp.example", PERSON, &["*x@corp.example", "shop@corp.onmicrosoft.com"]);
    assert!(added(AliasScope::All, &world).contains(&"shop@corp.onmicrosoft.com".to_owned()));
}

#[test]
fn functional_users_and_unsettled_ones_receive_nothing() {
    let mut world = World::new();
    let shop = world.mailbox("shop", &[]);
    world.mailbox("yard", &[]);
    let delegate = world.person("yard");
    world.grant(shop, delegate);
    world.functional(2, "yard", &[]);
    let plan = world.plan();
    assert_eq!(changes(&plan), [""; 0]);
    assert!(left(&plan, 2).contains(&"DelegateIsFunctional"));
    world.functional_role = None;
    let plan = world.plan();
    assert_eq!(changes(&plan), [""; 0]);
    assert_eq!(left(&plan, 2), ["RoleDiffers", "RoleUnsettled"]);
    assert!(has_finding(&plan, "RoleUnsettled"));
}

#[test]
fn a_mailbox_that_may_not_gain_gives_nothing_and_counts_what_is_there() {
    let mut world = World::new();
    let shop = world.mailbox("shop", &[]);
    let (ann, bob) = (world.person("ann"), world.person("bob"));
    world.grant(shop, ann);
    world.grant(shop, bob);
    world.colleague(1, "ann", &[]);
    world.colleague(2, "bob", &["shop@corp.example"]);
    world.resolution.mailboxes[shop] = MailboxState::default();
    let plan = world.plan();
    assert_eq!(changes(&plan), [""; 0]);
    assert_eq!(left(&plan, 1), ["MailboxUnknown"]);
    assert_eq!((plan.summary.aliases_in_place, plan.summary.aliases_adoptable), (1, 0));
    // Unknown for another reason: what its rows prove is added (rule 16).
    world.doubt(shop);
    assert_eq!(changes(&world.plan()), ["AliasAdded shop@corp.example -> 1"]);
}

#[test]
fn rule_27_an_alias_that_is_not_active_is_left_and_proves_nothing() {
    let mut world = World::new();
    world.options.functional_user = esgsync_delegation::plan::FunctionalUser::Remove;
    let shop = world.mailbox("shop", &[]);
    let ann = world.person("ann");
    world.grant(shop, ann);
    world.colleague(1, "ann", &["!shop@corp.example"]);
    world.functional(2, "shop", &[]);
    let plan = world.plan();
    assert_eq!(changes(&plan), [""; 0]);
    assert_eq!((left(&plan, 1), left(&plan, 2)), (vec!["AliasInactive"], vec!["NotHeld"]));
    assert!(has_finding(&plan, "AliasInactive"));
    assert_eq!((plan.summary.aliases_in_place, plan.summary.aliases_adoptable), (0, 0));
    world.users[0].addresses[1] = element("shop@corp.example");
    assert_eq!(changes(&world.plan()), ["FunctionalUserRemoved shop@corp.example -> 2"]);
}

#[test]
fn rule_28_duplicates_become_one() {
    let collapsed = |addresses: &[&str]| {
        let mut world = World::new();
        world.mailbox("shop", &[]);
        world.user(1, "ann@corp.example", PERSON, addresses);
        let plan = world.plan();
        let list = plan.actions.first().map(after);
        (list, has_finding(&plan, "DuplicateLeft"))
    };
    let to = |list: &[&str]| (Some(list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()), false);
    let left = (None, true);
    // The first active one, with its own members, in its place.
    assert_eq!(
        collapsed(&["*a@corp.example", "SHOP@corp.example#1", "b@x.example", "shop@corp.example#1"]),
        to(&["*a@corp.example", "SHOP@corp.example#1", "b@x.example"])
    );
    assert_eq!(collapsed(&["!shop@corp.example", "shop@corp.example"]), to(&["shop@corp.example"]));
    assert_eq!(collapsed(&["shop@corp.example", "*shop@corp.example"]), to(&["*shop@corp.example"]));
    assert_eq!(collapsed(&["*!shop@corp.example", "shop@corp.example"]), left);
    assert_eq!(collapsed(&["!shop@corp.example", "!shop@corp.example"]), left);
    assert_eq!(collapsed(&["shop@corp.example#1", "shop@corp.example#2"]), left);
    // Not an address of a mailbox of the snapshot: not ours to tidy.
    assert_eq!(collapsed(&["own@corp.example", "own@corp.example"]), (None, false));
}

#[test]
fn rule_28_nothing_is_collapsed_on_functional_users_or_without_end() {
    let mut world = World::new();
    world.mailbox("shop", &[]);
    world.functional(1, "shop", &["shop@corp.example"]);
    assert_eq!(changes(&world.plan()), [""; 0]);
    world.functional_role = None;
    assert_eq!(changes(&world.plan()), [""; 0]);
    world.user(2, "ann@corp.example", PERSON, &["shop@corp.example", "shop@corp.example"]);
    assert_eq!(changes(&world.plan()), ["DuplicateCollapsed shop@corp.example -> 2"]);
    world.snapshot.complete = false;
    assert_eq!(changes(&world.plan()), [""; 0]);
}

#[test]
fn rule_35_existing_aliases_are_counted_and_adopted_on_request() {
    let mut world = World::new();
    let shop = world.mailbox("shop", &["sales@corp.example"]);
    let ann = world.person("ann");
    world.grant(shop, ann);
    world.colleague(1, "ann", &["shop@corp.example", "sales@corp.example"]);
    world.manage(1, "sales@corp.example", "shop");
    let plan = world.plan();
    assert_eq!((changes(&plan).len(), plan.summary.aliases_adoptable), (0, 1));
    world.options.adopt_existing = true;
    let plan = world.plan();
    assert_eq!(changes(&plan), ["AliasAdopted shop@corp.example -> 1"]);
    let action = &plan.actions[0];
    assert_eq!((action.kind, Some(&action.before)), (ActionKind::AdoptAlias, action.after.as_ref()));
    assert_eq!(plan.summary.users_changed, 0);
    // Without an end a plan only adds; without a tenant nothing could ever be removed again.
    let mut cut = world.clone();
    cut.snapshot.complete = false;
    let mut nameless = world.clone();
    nameless.snapshot.header.tenant = None;
    assert_eq!((changes(&cut.plan()).len(), changes(&nameless.plan()).len()), (0, 0));
}

#[test]
fn rule_36_a_mailbox_imported_as_a_person_is_reported_and_never_deleted() {
    let mut world = World::new();
    world.options.functional_user = esgsync_delegation::plan::FunctionalUser::Remove;
    let shop = world.mailbox("shop", &[]);
    let ann = world.person("ann");
    world.grant(shop, ann);
    world.colleague(1, "ann", &[]);
    world.user(2, "shop@corp.example", PERSON, &["*shop@corp.example"]);
    let plan = world.plan();
    assert_eq!(changes(&plan), ["AliasAdded shop@corp.example -> 1"]);
    assert!(has_finding(&plan, "MailboxImportedAsPerson"));
    assert_eq!(left(&plan, 2), ["RoleDiffers"]);
}

#[test]
fn what_nobody_explains_is_a_finding() {
    let mut world = World::new();
    world.mailbox("shop", &[]);
    world.colleague(1, "ann", &["shop@corp.example", "twice@corp.example"]);
    world.colleague(2, "bob", &["twice@corp.example"]);
    let plan = world.plan();
    assert_eq!(count(&plan, ChangeKind::AliasRemoved), 0);
    assert!(has_finding(&plan, "UnexplainedAlias"));
    assert!(has_finding(&plan, "AddressHeldTwice"));
    // Only a whole snapshot can say that no mailbox explains an address.
    world.snapshot.header.whole = false;
    assert!(!has_finding(&world.plan(), "AddressHeldTwice"));
}
