//! Which functional users go, and what keeps them (rules 29 to 31, 38, 46).

use crate::builder::*;
use esgsync_delegation::esg::{self, RemovableFunctional, RemovedFunctional};
use esgsync_delegation::plan::{ActionKind, AliasScope, FunctionalUser, Plan};
use esgsync_delegation::resolve::MailboxState;
use esgsync_delegation::snapshot::ReadStatus;

const REMOVED: &str = "FunctionalUserRemoved shop@corp.example -> 50";

/// Shop has two delegates at ESG, who hold its addresses, and a functional user that may go.
fn removable() -> World {
    let mut world = World::new();
    world.options.functional_user = FunctionalUser::Remove;
    let shop = world.mailbox("shop", &["sales@corp.example"]);
    for (id, name) in [(1, "ann"), (2, "bob")] {
        let person = world.person(name);
        world.grant(shop, person);
        world.colleague(id, name, &["shop@corp.example", "sales@corp.example"]);
    }
    world.functional(50, "shop", &["sales@corp.example"]);
    world
}

fn kept(world: &World, code: &str) -> Plan {
    let plan = world.plan();
    assert!(plan.actions.iter().all(|action| action.kind != ActionKind::RemoveUser), "{code}");
    assert_eq!(left(&plan, 50), [code]);
    plan
}

#[test]
fn a_functional_user_goes_when_delegates_hold_every_address() {
    let plan = removable().plan();
    assert_eq!(changes(&plan), [REMOVED]);
    let action = &plan.actions[0];
    assert_eq!(action.holders.iter().map(|holder| holder.id).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(action.mailbox_addresses, ["shop@corp.example", "sales@corp.example"]);
    assert_eq!((action.depends_on.len(), action.after.is_none()), (0, true));
    assert_eq!((plan.summary.functional_users_removed, plan.summary.functional_users_removable), (1, 1));
}

#[test]
fn keep_says_how_many_would_be_removable_and_why_the_others_are_not() {
    let mut world = removable();
    world.options.functional_user = FunctionalUser::Keep;
    world.functional(51, "foreign", &[]);
    let plan = kept(&world, "FunctionalUserKept");
    assert_eq!((plan.summary.functional_users_removable, plan.summary.functional_users_removed), (1, 0));
    assert_eq!(left(&plan, 51), ["NoMailbox"]);
}

#[test]
fn it_waits_for_every_addition_of_its_addresses() {
    let mut world = removable();
    world.users[0].addresses.truncate(1);
    world.users[1].addresses.truncate(2);
    let plan = world.plan();
    let ids: Vec<&str> = plan.actions.iter().map(|action| action.id.as_str()).collect();
    assert_eq!(plan.actions[2].kind, ActionKind::RemoveUser);
    assert_eq!(plan.actions[2].depends_on, ids[..2]);
    assert_eq!(plan.actions[2].holders.len(), 2);
}

#[test]
fn without_require_all_delegates_a_few_holders_are_named_those_in_place_first() {
    let mut world = removable();
    for id in 3..9 {
        let name = format!("p{id}");
        let person = world.person(&name);
        world.grant(0, person);
        let aliases = ["shop@corp.example", "sales@corp.example"];
        world.colleague(id, &name, if id > 5 { &aliases[..] } else { &[] });
    }
    let holders = |world: &World| -> Vec<u64> {
        world.plan().actions.last().unwrap().holders.iter().map(|holder| holder.id).collect()
    };
    assert_eq!(holders(&world), [1, 2, 6]);
    world.options.require_all_delegates = true;
    assert_eq!(holders(&world), [1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn rule_29_without_addresses_it_stays() {
    let mut world = removable();
    world.users[2].addresses.clear();
    kept(&world, "NoAddress");
}

#[test]
fn rule_30_a_name_is_not_enough() {
    let mut world = removable();
    world.users[2].username = "THE SHOP".into();
    world.users[2].addresses = vec![element("*other@corp.example")];
    let plan = kept(&world, "MatchedByNameOnly");
    assert!(has_finding(&plan, "FunctionalUserMatchedByName"));
}

#[test]
fn rule_30_addresses_of_two_mailboxes_or_of_none_keep_it() {
    let mut world = removable();
    world.mailbox("yard", &[]);
    world.users[2].addresses.push(element("yard@corp.example"));
    kept(&world, "TwoMailboxes");
    world.users[2].addresses[2] = element("!foreign@corp.example");
    kept(&world, "ForeignAddress");
}

#[test]
fn rule_31_a_holder_is_an_active_delegate_of_that_very_mailbox() {
    // Bob holds the address and is a delegate of another mailbox only.
    let mut world = removable();
    let yard = world.mailbox("yard", &[]);
    world.resolution.delegations.clear();
    world.grant(yard, 1);
    kept(&world, "NotHeld");
    // One address is held by nobody who may open the mailbox.
    let mut world = removable();
    world.options.alias_scope = AliasScope::Primary;
    world.users[0].addresses.pop();
    world.users[1].addresses[2] = element("!sales@corp.example");
    kept(&world, "NotHeld");
    world.users[1].addresses[2] = element("sales@corp.example");
    assert_eq!(changes(&world.plan()), [REMOVED]);
    // Functional users hold nothing for others.
    let mut world = removable();
    world.users[0].role = Some(FUNCTIONAL);
    world.users[1].role = Some(FUNCTIONAL);
    assert!(left(&world.plan(), 50).contains(&"NotHeld"));
}

#[test]
fn rule_46_a_delegate_without_user_blocks_only_with_require_all() {
    let mut world = removable();
    let cyd = world.person("cyd");
    world.grant(0, cyd);
    let plan = world.plan();
    assert_eq!(changes(&plan), [REMOVED]);
    assert!(has_finding(&plan, "DelegateWithoutEsgUser"));
    world.options.require_all_delegates = true;
    kept(&world, "NotHeldByAll");
}

#[test]
fn require_all_delegates_wants_every_address_on_everyone() {
    let mut world = removable();
    world.options.alias_scope = AliasScope::Primary;
    world.options.require_all_delegates = true;
    assert_eq!(changes(&world.plan()), [REMOVED]);
    world.users[1].addresses.pop();
    kept(&world, "NotHeldByAll");
}

#[test]
fn rule_16_a_carried_mailbox_is_named_only_where_reading_it_again_would_remove_its_functional_user() {
    let mut world = removable();
    world.resolution.mailboxes[0] = MailboxState { unknown: Vec::new(), may_gain: true, may_lose: false };
    let key = world.snapshot.mailboxes[0].key.clone();
    world.read(&format!("mailbox:{key}"), ReadStatus::Carried);
    kept(&world, "MailboxCarried");
    world.options.functional_user = FunctionalUser::Keep;
    kept(&world, "FunctionalUserKept");
    world.options.functional_user = FunctionalUser::Remove;
    world.resolution.delegations.clear();
    kept(&world, "NotHeld");
}

#[test]
fn what_is_not_proved_keeps_it() {
    let mut world = removable();
    world.doubt(0);
    kept(&world, "MailboxUnknown");
    // Known, and handed over by a caller or carried over: not enough to delete.
    world.resolution.mailboxes[0] = MailboxState { unknown: Vec::new(), may_gain: true, may_lose: false };
    kept(&world, "MailboxUnknown");
    let mut world = removable();
    world.snapshot.complete = false;
    kept(&world, "SnapshotIncomplete");
    let mut world = removable();
    world.snapshot.header.tenant = None;
    kept(&world, "TenantUnknown");
    let mut world = removable();
    world.snapshot.header.whole = false;
    world.users[2].addresses = vec![element("*other@corp.example")];
    let plan = kept(&world, "SnapshotNotWhole");
    assert!(!has_finding(&plan, "FunctionalUserWithoutMailbox"));
    world.snapshot.header.whole = true;
    assert!(has_finding(&kept(&world, "NoMailbox"), "FunctionalUserWithoutMailbox"));
}

#[test]
fn without_a_settled_role_nobody_is_removed() {
    let mut world = removable();
    world.functional_role = None;
    let plan = world.plan();
    assert_eq!(changes(&plan), [""; 0]);
    assert_eq!((plan.summary.functional_users, plan.summary.functional_users_removable), (0, 0));
    // Another role is another role, whatever the name says (rule 36).
    world.functional_role = Some(498);
    assert_eq!(changes(&world.plan()), [""; 0]);
}

#[test]
fn rule_38_what_came_back_twice_is_held_back() {
    let mut world = removable();
    let record = |returned| RemovedFunctional {
        tenant: TENANT.into(),
        mailbox: "MB-SHOP".into(),
        username: "Functional shop".into(),
        addresses: vec!["shop@corp.example".into()],
        returned,
    };
    world.removed = vec![record(1)];
    let plan = world.plan();
    assert_eq!(changes(&plan), [REMOVED]);
    assert!(has_finding(&plan, "FunctionalUserReturned"));
    world.removed = vec![record(2), record(0)];
    let plan = kept(&world, "CameBack");
    assert!(plan.left_alone.iter().any(|left| left.reason.contains("import")));
    world.removed[0].tenant = "another".into();
    assert_eq!(changes(&world.plan()), [REMOVED]);
}

#[test]
fn what_removal_costs_is_said_where_users_cannot_be_created() {
    let mut world = removable();
    assert!(!has_finding(&world.plan(), "RemovalCannotBeUndone"));
    for unknown in [None, Some(false)] {
        world.users_can_be_created = unknown;
        world.options.functional_user = FunctionalUser::Keep;
        assert!(has_finding(&world.plan(), "RemovalCannotBeUndone"));
    }
}

fn found(world: &World) -> Vec<RemovableFunctional> {
    esg::removable(&world.removable, &world.users, &world.plan())
}

#[test]
fn since_when_it_could_go_is_kept_until_a_plan_proves_the_contrary() {
    let mut world = removable();
    let first = found(&world);
    let expected = ("mb-shop", 50, "Functional shop", world.plan().created);
    assert_eq!(first.iter().map(|e| (&*e.mailbox, e.user_id, &*e.username, e.since)).collect::<Vec<_>>(), [expected]);
    world.options.functional_user = FunctionalUser::Keep;
    assert_eq!(found(&world), first, "whether it goes or stays");
    let reason = |world: &World| world.plan().left_alone[0].reason.clone();
    assert_eq!(reason(&world), "every address is held by delegates; it stays as FunctionalUser is Keep");

    // A later plan: the first day stays, and is told.
    world.removable = first;
    world.removable[0].since = "2026-11-20T23:30:00Z".parse().unwrap();
    assert_eq!(found(&world), world.removable);
    assert_eq!(
        reason(&world),
        "every address is held by delegates since 2026-11-20; it stays as FunctionalUser is Keep"
    );

    // What a plan cannot tell proves nothing.
    let mut doubt = removable();
    doubt.removable = world.removable.clone();
    doubt.doubt(0);
    assert_eq!(found(&doubt), world.removable);
    // Somebody would lose mail now; or it is gone; or another user has its id.
    let mut needed = removable();
    needed.removable = world.removable.clone();
    needed.resolution.delegations.clear();
    assert_eq!(found(&needed), []);
    let mut gone = removable();
    gone.removable = world.removable.clone();
    gone.users.retain(|user| user.id != 50);
    assert_eq!(found(&gone), []);
    world.removable[0].username = "Somebody else".into();
    assert_eq!((found(&world)[0].since, found(&world).len()), (world.plan().created, 1));
}
