//! What is removed from people, and what protects them (rules 23, 25, 26, 33, 34).

use crate::builder::*;
use esgsync_delegation::plan::{ChangeKind, PlanError, RemoveStale};
use esgsync_delegation::resolve::MailboxState;
use esgsync_delegation::snapshot::{ReadStatus, Recipient, Right};

/// Ann has the alias of shop from us and no delegation any more; Bob still opens shop.
fn stale() -> World {
    let mut world = World::new();
    let shop = world.mailbox("shop", &[]);
    world.person("ann");
    let bob = world.person("bob");
    world.grant(shop, bob);
    world.colleague(1, "ann", &["x@own.example", "Shop@corp.example", "y@own.example"]);
    world.colleague(2, "bob", &["shop@corp.example"]);
    world.manage(1, "shop@corp.example", "shop");
    world.manage(2, "shop@corp.example", "shop");
    world
}

fn held(world: &World, code: &str) {
    let plan = world.plan();
    assert_eq!(changes(&plan), [""; 0]);
    assert_eq!(left(&plan, 1), [code]);
}

#[test]
fn rule_23_a_managed_alias_of_a_known_mailbox_goes_and_the_rest_stays() {
    let plan = stale().plan();
    assert_eq!(changes(&plan), ["AliasRemoved Shop@corp.example -> 1"]);
    assert_eq!(after(&plan.actions[0]), ["*ann@corp.example", "x@own.example", "y@own.example"]);
    assert_eq!(plan.actions[0].changes[0].right, Some(Right::FullAccess));
}

#[test]
fn rule_23_an_unknown_or_given_mailbox_loses_nothing() {
    let mut world = stale();
    world.doubt(0);
    held(&world, "MailboxUnknown");
    world.resolution.mailboxes[0] = MailboxState { unknown: Vec::new(), may_gain: true, may_lose: false };
    held(&world, "MailboxUnknown");
}

#[test]
fn rule_23_absence_proves_nothing_until_everything_was_read() {
    let mut world = stale();
    world.managed[0].mailbox = "mb-gone".into();
    // `softDeleted` was not read: the mailbox may come back with all its rights.
    held(&world, "SnapshotNotWhole");
    world.read("softDeleted", ReadStatus::Complete);
    assert_eq!(changes(&world.plan()), ["AliasRemoved Shop@corp.example -> 1"]);
    for subject in ["mailboxes", "recipients", "softDeleted"] {
        let mut world = world.clone();
        world.read(subject, ReadStatus::Truncated);
        held(&world, "SnapshotNotWhole");
    }
    let mut filtered = world.clone();
    filtered.snapshot.header.whole = false;
    held(&filtered, "SnapshotNotWhole");
    // It is still there, as something that is no shared mailbox.
    world.snapshot.recipients.push(Recipient { key: "k".into(), guid: Some("MB-GONE".into()), ..Recipient::default() });
    held(&world, "MailboxIsRecipient");
}

#[test]
fn rule_23_a_soft_deleted_mailbox_keeps_its_aliases_and_says_why() {
    let mut world = stale();
    world.read("softDeleted", ReadStatus::Complete);
    let mut gone = world.snapshot.mailboxes[0].clone();
    (gone.key, gone.guid, gone.soft_deleted) = ("MB-GONE".into(), Some("MB-GONE".into()), Some(true));
    world.managed[0].mailbox = "mb-gone".into();
    world.snapshot.soft_deleted.push(gone);
    held(&world, "MailboxSoftDeleted");
    assert!(reason(&world.plan(), 1).contains("shop@corp.example is soft-deleted and may be restored"));
    // Gone for good.
    world.snapshot.soft_deleted.clear();
    assert_eq!(changes(&world.plan()), ["AliasRemoved Shop@corp.example -> 1"]);
}

#[test]
fn rule_23_the_address_of_a_soft_deleted_mailbox_protects_nobody_who_has_it_now() {
    let mut world = stale();
    let mut gone = world.snapshot.mailboxes[0].clone();
    (gone.key, gone.guid, gone.soft_deleted) = ("mb-ann".into(), Some("mb-ann".into()), Some(true));
    (gone.primary, gone.addresses) = (Some("ann@corp.example".into()), vec!["SMTP:ann@corp.example".into()]);
    world.snapshot.soft_deleted.push(gone);
    assert_eq!(changes(&world.plan()), ["AliasRemoved Shop@corp.example -> 1"]);
}

#[test]
fn rule_23_what_hinders_the_proof_is_told_in_the_words_of_exchange() {
    let mut world = stale();
    world.managed[0].mailbox = "mb-gone".into();
    world.read("softDeleted", ReadStatus::Denied);
    if let Some(read) = world.snapshot.reads.get_mut("softDeleted") {
        read.reason = Some("The account has no role.".into());
    }
    assert!(
        reason(&world.plan(), 1)
            .contains("the soft-deleted mailboxes could not be read completely (The account has no role)")
    );
}

#[test]
fn rule_23_an_entry_for_a_right_that_was_not_asked_for_is_not_stale() {
    let mut world = stale();
    world.managed[0].right = Right::SendAs;
    held(&world, "RightNotRead");
    world.options.rights.push(Right::SendAs);
    world.read("sendAs", ReadStatus::Complete);
    held(&world, "RightNotRead");
    world.snapshot.header.rights.push(Right::SendAs);
    assert_eq!(changes(&world.plan()).len(), 1);
    world.read("sendAs", ReadStatus::Truncated);
    held(&world, "RightNotRead");
    world.read("sendAs", ReadStatus::Complete);
    // One entry that is not stale is enough to keep the alias.
    world.manage(1, "shop@corp.example", "shop");
    world.managed[2].right = Right::SendOnBehalf;
    held(&world, "RightNotRead");
}

#[test]
fn rule_23_an_unmatched_user_keeps_all_while_a_delegate_has_no_user() {
    let mut world = stale();
    world.users[0].username = "ann.old@corp.example".into();
    world.users[0].addresses[0] = element("*ann.old@corp.example");
    world.managed[0].username = "ann.old@corp.example".into();
    // Everybody who may open shop has a user: so this one is not a delegate under an old name.
    assert_eq!(changes(&world.plan()).len(), 1);
    world.grant(0, 0);
    held(&world, "MayBeRenamed");
}

#[test]
fn rule_23_other_tenants_and_nameless_snapshots_are_not_touched() {
    let mut world = stale();
    world.managed[0].tenant = "another".into();
    let plan = world.plan();
    assert_eq!(changes(&plan), [""; 0]);
    assert!(!has_finding(&plan, "UnexplainedAlias"));
    world.options.remove_stale = RemoveStale::Any;
    assert_eq!(changes(&world.plan()), [""; 0]);
    // Two tenants manage the same alias: it is not ours alone.
    let mut both = stale();
    both.managed.push(esgsync_delegation::esg::ManagedAlias { tenant: "another".into(), ..both.managed[0].clone() });
    held(&both, "ForeignTenant");
    let mut nameless = stale();
    nameless.snapshot.header.tenant = None;
    nameless.options.remove_stale = RemoveStale::Any;
    assert_eq!(changes(&nameless.plan()), [""; 0]);
    nameless.managed.clear();
    assert_eq!(changes(&nameless.plan()), [""; 0]);
}

#[test]
fn a_snapshot_without_end_only_adds() {
    let mut world = stale();
    world.snapshot.complete = false;
    held(&world, "SnapshotIncomplete");
    world.users[1].addresses.truncate(1);
    assert_eq!(changes(&world.plan()), ["AliasAdded shop@corp.example -> 2"]);
}

/// The text and advice of the only finding that says why nothing is removed.
fn held_back(world: &World) -> String {
    let plan = world.plan();
    let mut told = plan.findings.iter().filter(|finding| finding.code == "RemovalsHeldBack");
    let finding = told.next().unwrap();
    assert_eq!(told.next(), None);
    format!("{} / {}", finding.text, finding.advice.as_deref().unwrap())
}

#[test]
fn why_removals_are_held_back_is_told_once_for_each_reason_with_what_to_do() {
    assert!(!has_finding(&stale().plan(), "RemovalsHeldBack"));
    let mut cut = stale();
    cut.snapshot.complete = false;
    assert!(
        held_back(&cut).starts_with(
            "1 removal is held back: Shop@corp.example of ann@corp.example (id 1): the snapshot has no end"
        )
    );
    assert!(held_back(&cut).contains("-Resume"));
    let mut filtered = stale();
    filtered.snapshot.header.whole = false;
    filtered.managed.iter_mut().for_each(|entry| entry.mailbox = "mb-elsewhere".into());
    filtered.resolution.delegations.clear();
    assert!(held_back(&filtered).starts_with("2 removals are held back, for example Shop@corp.example of ann"));
    assert!(held_back(&filtered).contains("without -Identity and -Filter"));
    let mut unknown = stale();
    unknown.doubt(0);
    assert!(held_back(&unknown).contains("Get-MailboxDelegation -Unknown"));
    // What lies in one user is left alone, and no more.
    let mut none = stale();
    none.options.remove_stale = RemoveStale::None;
    assert!(!has_finding(&none.plan(), "RemovalsHeldBack"));
    // A functional user counts where its removal is asked for.
    let mut functional = stale();
    functional.managed.clear();
    functional.managed.push(esgsync_delegation::esg::ManagedAlias { tenant: "x".into(), ..stale().managed[0].clone() });
    functional.manage(2, "shop@corp.example", "shop");
    functional.functional(50, "shop", &[]);
    functional.doubt(0);
    assert!(!has_finding(&functional.plan(), "RemovalsHeldBack"));
    functional.options.functional_user = esgsync_delegation::plan::FunctionalUser::Remove;
    assert!(held_back(&functional).contains("functional user Functional shop"));
}

#[test]
fn a_session_on_another_tenant_and_a_state_that_knows_nothing_are_told() {
    let mut foreign = stale();
    foreign.managed.iter_mut().for_each(|entry| entry.tenant = "another".into());
    let told = held_back(&foreign);
    assert!(
        told.starts_with(&format!("2 aliases at ESG are managed for tenant another, and none for {TENANT}")),
        "{told}"
    );
    assert!(told.contains("read again"));
    // Where both tenants are known, each is looked after in its own plans.
    foreign.managed[1].tenant = TENANT.into();
    assert!(!has_finding(&foreign.plan(), "RemovalsHeldBack"));
    let mut lost = stale();
    lost.managed.clear();
    let told = held_back(&lost);
    assert!(told.contains("the state file of 'corp' knows no alias as ours, and 2 aliases of mailboxes"), "{told}");
    assert!(told.contains("-AdoptExisting"));
    lost.options.adopt_existing = true;
    assert!(!has_finding(&lost.plan(), "RemovalsHeldBack"));
    lost.options.adopt_existing = false;
    lost.users.iter_mut().for_each(|user| user.addresses.truncate(1));
    assert!(!has_finding(&lost.plan(), "RemovalsHeldBack"), "an appliance without aliases of mailboxes");
}

#[test]
fn remove_stale_none_removes_nothing_and_says_what_it_would() {
    let mut world = stale();
    world.options.remove_stale = RemoveStale::None;
    held(&world, "RemovalNotAsked");
}

#[test]
fn remove_stale_any_takes_hand_made_aliases_of_known_mailboxes_too() {
    let mut world = stale();
    world.managed.clear();
    let plan = world.plan();
    assert_eq!(changes(&plan), [""; 0]);
    assert!(has_finding(&plan, "UnexplainedAlias"));
    world.options.remove_stale = RemoveStale::Any;
    let plan = world.plan();
    assert_eq!(changes(&plan), ["AliasRemoved Shop@corp.example -> 1"]);
    assert_eq!(plan.actions[0].changes[0].right, None);
    assert!(!has_finding(&plan, "UnexplainedAlias"));
    world.doubt(0);
    assert_eq!(changes(&world.plan()), [""; 0]);
}

#[test]
fn rule_25_nothing_goes_from_a_user_who_is_a_mailbox() {
    for identity in ["*yard@corp.example", "*ann@corp.example"] {
        let mut world = stale();
        world.mailbox("yard", &[]);
        world.users[0].username = "yard@corp.example".into();
        world.users[0].addresses[0] = element(identity);
        world.managed[0].username = "yard@corp.example".into();
        let plan = world.plan();
        assert_eq!(changes(&plan), [""; 0]);
        assert!(left(&plan, 1).contains(&"UserIsMailbox"));
    }
}

#[test]
fn rule_25_any_acts_as_managed_while_the_role_is_not_settled() {
    let mut world = stale();
    world.options.remove_stale = RemoveStale::Any;
    world.functional_role = None;
    assert_eq!(changes(&world.plan()), ["AliasRemoved Shop@corp.example -> 1"]);
    world.managed.clear();
    let plan = world.plan();
    assert_eq!(changes(&plan), [""; 0]);
    assert!(has_finding(&plan, "UnexplainedAlias"));
}

#[test]
fn rule_26_an_old_address_of_a_justified_mailbox_stays() {
    let mut world = stale();
    world.snapshot.mailboxes[0].addresses.push("smtp:before@corp.example".into());
    world.users[1].addresses.push(element("before@corp.example"));
    world.manage(2, "before@corp.example", "shop");
    world.grant(0, 0);
    assert_eq!(changes(&world.plan()), [""; 0]);
    // The mailbox lost the address: then it is stale.
    world.snapshot.mailboxes[0].addresses.pop();
    let plan = world.plan();
    assert_eq!(changes(&plan), ["AliasRemoved before@corp.example -> 2"]);
    assert!(plan.actions[0].changes[0].reason.contains("does not have the address any more"));
    assert!(!has_finding(&plan, "AddressOfNobody"));
    // Another mailbox may have it now: a snapshot of some mailboxes cannot tell.
    world.snapshot.header.whole = false;
    let plan = world.plan();
    assert_eq!(changes(&plan), [""; 0]);
    assert_eq!(left(&plan, 2), ["SnapshotNotWhole"]);
}

#[test]
fn an_address_that_moved_to_an_unknown_mailbox_stays() {
    let mut world = stale();
    let yard = world.mailbox("yard", &["shop2@corp.example"]);
    world.users[0].addresses.push(element("shop2@corp.example"));
    world.manage(1, "shop2@corp.example", "shop");
    world.doubt(yard);
    let plan = world.plan();
    assert_eq!(changes(&plan), ["AliasRemoved Shop@corp.example -> 1"]);
    assert_eq!(left(&plan, 1), ["MailboxUnknown"]);
}

#[test]
fn primary_inactive_and_differing_elements_are_not_removed() {
    for (elements, code) in [
        (&["shop@corp.example"][..], "PrimaryAddress"),
        (&["*ann@corp.example", "!shop@corp.example"], "AliasInactive"),
        (&["*ann@corp.example", "shop@corp.example#1", "shop@corp.example#2"], "DuplicatesDiffer"),
    ] {
        let mut world = stale();
        world.users[0].addresses = elements.iter().map(|text| element(text)).collect();
        let plan = world.plan();
        assert_eq!(count(&plan, ChangeKind::AliasRemoved), 0, "{elements:?}");
        assert_eq!(left(&plan, 1), [code], "{elements:?}");
    }
    let mut twins = stale();
    twins.users[0].addresses.push(element("!shop@corp.example"));
    assert_eq!(after(&twins.plan().actions[0]), ["*ann@corp.example", "x@own.example", "y@own.example"]);
}

#[test]
fn rule_33_the_last_holder_loses_it_too_and_that_is_said() {
    let mut world = stale();
    assert!(!has_finding(&world.plan(), "AddressOfNobody"));
    world.resolution.delegations.clear();
    let plan = world.plan();
    assert_eq!(changes(&plan), ["AliasRemoved Shop@corp.example -> 1", "AliasRemoved shop@corp.example -> 2"]);
    assert!(has_finding(&plan, "AddressOfNobody"));
    world.functional(3, "shop", &[]);
    assert!(!has_finding(&world.plan(), "AddressOfNobody"));
}

#[test]
fn rule_34_a_user_that_an_import_made_anew_is_found_by_name() {
    let mut world = stale();
    world.users[0].id = 77;
    assert_eq!(changes(&world.plan()), ["AliasRemoved Shop@corp.example -> 77"]);
    // Somebody else has the id now: the name decides.
    world.colleague(1, "cyd", &["shop@corp.example"]);
    let plan = world.plan();
    assert_eq!(changes(&plan), ["AliasRemoved Shop@corp.example -> 77"]);
    assert!(has_finding(&plan, "UnexplainedAlias"));
}

#[test]
fn rule_34_a_renamed_user_keeps_its_entries_while_nobody_has_the_old_name() {
    let mut world = stale();
    world.managed[0].username = "ann.before@corp.example".into();
    assert_eq!(changes(&world.plan()), ["AliasRemoved Shop@corp.example -> 1"]);
    // Two users have the name: it cannot be told which of them.
    world.user(8, "ann.before@corp.example", PERSON, &["*p@own.example", "shop@corp.example"]);
    world.user(9, "ann.before@corp.example", PERSON, &["*q@own.example", "shop@corp.example"]);
    assert_eq!(changes(&world.plan()), [""; 0]);
}

#[test]
fn rule_22_a_leaver_loses_what_is_ours() {
    let mut world = stale();
    world.snapshot.recipients[0].enabled = Some(false);
    assert_eq!(changes(&world.plan()), ["AliasRemoved Shop@corp.example -> 1"]);
}

#[test]
fn nothing_is_concluded_from_nothing() {
    let mut world = stale();
    world.users.push(world.users[0].clone());
    assert!(matches!(world.try_plan(), Err(PlanError::UserList { .. })));
    world.users[2].id = 0;
    assert!(matches!(world.try_plan(), Err(PlanError::UserList { .. })));
    world.users.clear();
    assert_eq!(world.try_plan(), Err(PlanError::NoUsers));
    world.resolution.mailboxes.clear();
    world.users = stale().users;
    assert!(matches!(world.try_plan(), Err(PlanError::Resolution { .. })));
    world.snapshot.mailboxes.clear();
    assert!(matches!(world.try_plan(), Err(PlanError::NoMailboxes { .. })));
    let mut world = stale();
    world.grant(0, 99);
    assert!(matches!(world.try_plan(), Err(PlanError::Resolution { .. })));
}
