//! What holds for every world: worlds are made from bytes, so that proptest can make a failing one smaller.

use crate::builder::*;
use esgsync_delegation::address::AddressKey;
use esgsync_delegation::esg::{
    self, After, EmailAddress, EsgUser, JournalledAction, ManagedAlias, RemovedFunctional, Touches, UndoInput,
};
use esgsync_delegation::plan::{
    Action, ActionKind, AliasScope, ChangeKind, FunctionalUser, Plan, Prepared, RemoveStale, Settled, TargetRef,
    UndoneRun,
};
use esgsync_delegation::resolve::MailboxState;
use esgsync_delegation::snapshot::{Mailbox, ReadStatus, Right};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Decisions in turn; zero when the bytes are used up, which is the plainest choice everywhere below.
struct Choices<'a>(std::slice::Iter<'a, u8>);

impl Choices<'_> {
    fn below(&mut self, end: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % end
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }
}

const NAMES: [&str; 5] = ["ann", "bob", "cyd", "dan", "eve"];
const MAILBOXES: [&str; 4] = ["shop", "yard", "mill", "dock"];

fn world(bytes: &[u8]) -> World {
    let mut choices = Choices(bytes.iter());
    let choose = &mut choices;
    let mut world = World::new();
    world.options.alias_scope = [AliasScope::Functional, AliasScope::Primary, AliasScope::All][choose.below(3)];
    world.options.functional_user = [FunctionalUser::Remove, FunctionalUser::Keep][choose.below(2)];
    world.options.remove_stale = [RemoveStale::Managed, RemoveStale::Any, RemoveStale::None][choose.below(3)];
    world.options.adopt_existing = choose.one_in(2);
    world.options.require_all_delegates = choose.one_in(3);
    world.snapshot.complete = !choose.one_in(6);
    world.snapshot.header.whole = !choose.one_in(5);
    if choose.one_in(6) {
        let subject = ["mailboxes", "recipients"][choose.below(2)];
        world.read(subject, ReadStatus::Truncated);
    }
    world.functional_role = (!choose.one_in(8)).then_some(FUNCTIONAL);
    if choose.one_in(8) {
        world.snapshot.header.tenant = None;
    }
    if choose.one_in(2) {
        world.read("softDeleted", ReadStatus::Complete);
    }
    let mut pool = Vec::new();
    for name in MAILBOXES {
        let others = [format!("{name}.old@corp.example"), format!("{name}@corp.onmicrosoft.com")];
        let used: Vec<&str> = others.iter().take(choose.below(3)).map(String::as_str).collect();
        let mailbox = world.mailbox(name, &used);
        pool.push(format!("{name}@corp.example"));
        pool.push(others[0].clone());
        match choose.below(6) {
            4 => world.doubt(mailbox),
            5 => world.resolution.mailboxes[mailbox] = MailboxState::default(),
            _ => {}
        }
    }
    pool.push("own@other.example".into());
    let alias = |choose: &mut Choices<'_>| {
        let flag = if choose.one_in(5) { "!" } else { "" };
        let tag = if choose.one_in(7) { "#7" } else { "" };
        format!("{flag}{}{tag}", pool[choose.below(pool.len())])
    };
    for (at, name) in NAMES.into_iter().enumerate() {
        let person = world.person(name);
        for mailbox in 0..MAILBOXES.len() {
            if choose.one_in(2) {
                world.grant(mailbox, person);
            }
        }
        let aliases: Vec<String> = (0..choose.below(5)).map(|_| alias(choose)).collect();
        let aliases: Vec<&str> = aliases.iter().map(String::as_str).collect();
        let id = at as u64 + 1;
        match choose.below(8) {
            6 => {}
            7 => {
                world.colleague(id, name, &aliases);
                world.user(id + 20, &format!("{name}@login.example"), PERSON, &["*second@other.example"]);
            }
            _ => world.colleague(id, name, &aliases),
        }
    }
    for (at, name) in MAILBOXES.into_iter().enumerate() {
        let others: Vec<String> = (0..choose.below(3)).map(|_| alias(choose)).collect();
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        match choose.below(4) {
            2 => {}
            3 => world.user(at as u64 + 50, name, PERSON, &[&format!("*{name}@corp.example")]),
            _ => world.functional(at as u64 + 50, name, &others),
        }
    }
    let held: Vec<(u64, String)> = world
        .users
        .iter()
        .flat_map(|user| user.addresses.iter().map(|element| (user.id, element.address().to_owned())))
        .collect();
    for (user, address) in held {
        if choose.one_in(2) {
            let mailbox = [&MAILBOXES[..], &["gone"]].concat()[choose.below(5)];
            world.manage(user, &address, mailbox);
            let entry = world.managed.last_mut().unwrap();
            match choose.below(6) {
                4 => entry.tenant = "another".into(),
                5 => entry.right = Right::SendAs,
                _ => {}
            }
        }
    }
    world
}

fn key(address: &str) -> AddressKey {
    AddressKey::new(address)
}

/// What the world is after the plan was carried out to the letter.
fn apply(world: &World, plan: &Plan) -> World {
    let mut next = world.clone();
    for action in &plan.actions {
        let change_of = |kind| action.changes.iter().filter(move |change| change.kind == kind);
        match action.kind {
            ActionKind::RemoveUser => {
                next.users.retain(|user| user.id != action.user.id);
                next.removed.push(RemovedFunctional {
                    tenant: TENANT.into(),
                    mailbox: action.changes[0].mailbox.guid.clone(),
                    username: action.user.username.clone(),
                    addresses: action.before.iter().map(|e| e.address().to_owned()).collect(),
                    returned: 0,
                });
            }
            ActionKind::AdoptAlias | ActionKind::CreateUser | ActionKind::ReleaseAlias => {}
            ActionKind::UpdateUser => {
                let user = next.users.iter_mut().find(|user| user.id == action.user.id).unwrap();
                user.addresses = action.after.clone().unwrap();
            }
        }
        if let Some(tenant) = &plan.tenant {
            for change in change_of(ChangeKind::AliasAdded).chain(change_of(ChangeKind::AliasAdopted)) {
                next.managed.push(ManagedAlias {
                    tenant: tenant.id.as_str().into(),
                    mailbox: change.mailbox.guid.as_str().into(),
                    user_id: action.user.id,
                    username: action.user.username.as_str().into(),
                    address: change.address.clone(),
                    right: change.right.unwrap(),
                });
            }
        }
    }
    next
}

/// The same facts, every list in another order.
fn shuffled(world: &World, by: usize) -> World {
    let mut next = world.clone();
    next.snapshot.mailboxes.rotate_left(by % MAILBOXES.len());
    next.resolution.mailboxes.rotate_left(by % MAILBOXES.len());
    next.snapshot.recipients.reverse();
    let (mailboxes, recipients) = (MAILBOXES.len(), next.snapshot.recipients.len());
    for delegation in &mut next.resolution.delegations {
        let shifted = (delegation.mailbox as usize + mailboxes - by % mailboxes) % mailboxes;
        delegation.mailbox = shifted as u32;
        delegation.delegate = (recipients - 1 - delegation.delegate as usize) as u32;
    }
    next.resolution.delegations.reverse();
    let users = next.users.len();
    next.users.rotate_left(by % users);
    next.managed.reverse();
    next
}

fn user(world: &World, id: u64) -> &EsgUser {
    world.users.iter().find(|user| user.id == id).unwrap()
}

/// The users whose username or primary address is one of the recipient's, told plainly.
fn users_of(world: &World, delegate: usize) -> Vec<u64> {
    let recipient = &world.snapshot.recipients[delegate];
    let name = recipient.key.trim_start_matches("r-");
    let own: BTreeSet<AddressKey> =
        ["corp", "login", "old"].into_iter().map(|domain| key(&format!("{name}@{domain}.example"))).collect();
    let is = |user: &&EsgUser| {
        own.contains(&key(&user.username)) || user.addresses.iter().any(|e| e.is_primary() && own.contains(&e.key()))
    };
    world.users.iter().filter(is).map(|user| user.id).collect()
}

fn check_scope(world: &World, plan: &Plan, action: &Action) {
    let fresh = user(world, action.user.id);
    let changed: BTreeSet<AddressKey> = action.changes.iter().map(|change| key(&change.address)).collect();
    let others = |list: &[EmailAddress]| -> Vec<EmailAddress> {
        list.iter().filter(|element| !changed.contains(&element.key())).cloned().collect()
    };
    if let Some(after) = &action.after {
        let after: Vec<EmailAddress> = after.clone();
        assert_eq!(others(&after), others(&fresh.addresses), "what no change names stays as it came");
        for change in action.changes.iter().filter(|change| change.kind != ChangeKind::AliasAdopted) {
            let left = after.iter().filter(|element| element.key() == key(&change.address)).count();
            assert_eq!(left, usize::from(change.kind != ChangeKind::AliasRemoved));
        }
    }
    for change in &action.changes {
        let mailbox = world.snapshot.mailboxes.iter().position(|mailbox| mailbox.key == change.mailbox.guid);
        let state = mailbox.map(|at| &world.resolution.mailboxes[at]);
        let functional = world.functional_role.is_some() && fresh.role == world.functional_role;
        match change.kind {
            ChangeKind::AliasAdded | ChangeKind::AliasAdopted => {
                let granted = world.resolution.delegations.iter().any(|delegation| {
                    Some(delegation.mailbox as usize) == mailbox
                        && users_of(world, delegation.delegate as usize) == [fresh.id]
                });
                assert!(granted && state.unwrap().may_gain && !functional, "{change:?}");
                let mailbox = &world.snapshot.mailboxes[mailbox.unwrap()];
                assert!(addresses_of(mailbox).contains(&key(&change.address)), "{change:?}");
                let primary = mailbox.primary.as_deref().map(key) == Some(key(&change.address));
                let added = change.kind == ChangeKind::AliasAdded;
                assert!(!added || primary || world.options.alias_scope != AliasScope::Primary, "{change:?}");
            }
            ChangeKind::AliasRemoved => {
                let ours = world.managed.iter().any(|entry| {
                    *entry.tenant == *TENANT && entry.user_id == fresh.id && key(&entry.address) == key(&change.address)
                });
                assert!(ours || world.options.remove_stale == RemoveStale::Any, "{change:?}");
                assert!(world.options.remove_stale != RemoveStale::None && !functional);
                assert!(state.is_none_or(|state| state.may_lose));
                assert!(!is_explained(world, fresh, &key(&change.address)), "{change:?}");
                let complete =
                    |subject| world.snapshot.reads.get(subject).is_some_and(|read| read.status == ReadStatus::Complete);
                let gone =
                    world.snapshot.header.whole && ["mailboxes", "recipients", "softDeleted"].into_iter().all(complete);
                assert!(mailbox.is_some() || gone, "absent is not gone: {change:?}");
                let foreign = world.managed.iter().any(|entry| {
                    *entry.tenant != *TENANT && entry.user_id == fresh.id && key(&entry.address) == key(&change.address)
                });
                assert!(!foreign, "{change:?}");
                assert!(fresh.addresses.iter().all(|e| e.key() != key(&change.address) || !e.is_primary()));
            }
            ChangeKind::DuplicateCollapsed => assert!(!functional),
            ChangeKind::FunctionalUserRemoved => {
                assert!(functional && world.options.functional_user == FunctionalUser::Remove);
                assert!(state.unwrap().may_lose);
                let next = apply(world, plan);
                let mailbox = mailbox.unwrap();
                let delegates = world.resolution.delegations.iter().filter(|of| of.mailbox as usize == mailbox);
                let delegates: Vec<u64> = delegates
                    .filter_map(|of| users_of(world, of.delegate as usize).try_into().ok().map(|[id]: [u64; 1]| id))
                    .collect();
                for element in &fresh.addresses {
                    let holds = |user: &EsgUser| {
                        delegates.contains(&user.id)
                            && user.role != world.functional_role
                            && user.addresses.iter().any(|e| e.key() == element.key() && e.is_active())
                    };
                    assert!(next.users.iter().any(holds), "nobody holds {}", element.address());
                }
            }
            ChangeKind::AliasRestored | ChangeKind::FunctionalUserRestored | ChangeKind::AliasReleased => {
                panic!("only an undo does that: {change:?}")
            }
        }
    }
    let loses = action.changes.iter().any(|change| change.kind != ChangeKind::AliasAdded);
    assert!(!loses || world.snapshot.complete, "without end a plan only adds");
    let unproved = |change: &&esgsync_delegation::plan::Change| {
        !matches!(change.kind, ChangeKind::AliasAdded | ChangeKind::DuplicateCollapsed)
    };
    assert!(plan.tenant.is_some() || !action.changes.iter().any(|change| unproved(&change)));
}

fn addresses_of(mailbox: &Mailbox) -> BTreeSet<AddressKey> {
    mailbox.addresses.iter().map(|text| key(text.split_once(':').map_or(&**text, |(_, text)| text))).collect()
}

fn check_run(world: &World, action: &Action) {
    let fresh = user(world, action.user.id);
    match action.kind {
        ActionKind::UpdateUser => {
            let Prepared::Write(sent) = esg::prepare(action, fresh) else { panic!("nothing to write") };
            let after: Vec<EmailAddress> = action.after.clone().unwrap();
            assert_eq!(sent, after);
            let reply = EsgUser { addresses: sent.clone(), ..fresh.clone() };
            assert_eq!(esg::confirm(action, &sent, &reply), Ok(()));
            assert_eq!(esg::surprises(&sent, &reply), [""; 0]);
            assert_eq!((esg::settled(action, fresh), esg::settled(action, &reply)), (Settled::NotDone, Settled::Done));
            assert_eq!(esg::prepare(action, &reply), Prepared::Nothing);
            assert!(esg::confirm(action, &sent, fresh).is_err(), "the old list confirms nothing");
        }
        ActionKind::AdoptAlias => assert_eq!(esg::prepare(action, fresh), Prepared::Nothing),
        ActionKind::RemoveUser | ActionKind::CreateUser | ActionKind::ReleaseAlias => {}
    }
}

/// The addresses that a mailbox's delegates shall hold, told plainly.
fn wanted(world: &World, mailbox: &Mailbox) -> Vec<AddressKey> {
    let holds = |user: &EsgUser, address: &AddressKey| user.addresses.iter().any(|element| element.key() == *address);
    let is_functional = |user: &EsgUser| world.functional_role.is_some() && user.role == world.functional_role;
    let wanted = |address: &AddressKey| {
        let in_scope = match world.options.alias_scope {
            AliasScope::Primary => false,
            AliasScope::Functional => world.users.iter().any(|user| is_functional(user) && holds(user, address)),
            AliasScope::All => true,
        };
        (in_scope || mailbox.primary.as_deref().map(key).as_ref() == Some(address))
            && (!address.is_onmicrosoft() || world.users.iter().any(|user| holds(user, address)))
    };
    addresses_of(mailbox).into_iter().filter(wanted).collect()
}

/// Every wanted pair is in exactly one of: action, in place, left alone.
fn check_pairs(world: &World, plan: &Plan) {
    let mut in_place = 0;
    for delegation in &world.resolution.delegations {
        let mailbox = &world.snapshot.mailboxes[delegation.mailbox as usize];
        let users = users_of(world, delegation.delegate as usize);
        let one = (users.len() == 1).then(|| users[0]);
        let label = world.snapshot.recipients[delegation.delegate as usize].primary.as_ref().unwrap();
        for address in wanted(world, mailbox) {
            let held =
                one.is_some_and(|id| user(world, id).addresses.iter().any(|e| e.key() == address && e.is_active()));
            let added = plan.actions.iter().any(|action| {
                Some(action.user.id) == one
                    && action.changes.iter().any(|c| c.kind == ChangeKind::AliasAdded && key(&c.address) == address)
            });
            let left = plan.left_alone.iter().filter(|left| {
                left.mailbox.as_ref().is_some_and(|at| at.guid == mailbox.key)
                    && left.address.as_ref().is_some_and(|text| key(text) == address)
                    && left.user.as_ref().map_or(left.reason.contains(label.as_str()), |at| Some(at.id) == one)
            });
            let left = left.count();
            in_place += u64::from(held);
            let once = usize::from(held) + usize::from(added) + left;
            assert_eq!(once, 1, "{label} on {}, {address}: {held} {added} {left}", mailbox.key);
        }
    }
    assert_eq!(plan.summary.aliases_in_place, in_place);
}

/// Every alias that is managed for this tenant and there is explained, removed, or left alone with the reason; removed only unexplained.
fn check_managed(world: &World, plan: &Plan) {
    for entry in world.managed.iter().filter(|entry| *entry.tenant == *TENANT) {
        let holder = user(world, entry.user_id);
        let address = key(&entry.address);
        if holder.addresses.iter().all(|element| element.key() != address) || plan.tenant.is_none() {
            continue;
        }
        let removed = plan.actions.iter().filter(|action| action.user.id == holder.id).any(|action| {
            action.changes.iter().any(|c| c.kind == ChangeKind::AliasRemoved && key(&c.address) == address)
        });
        let left = plan.left_alone.iter().any(|left| {
            left.user.as_ref().is_some_and(|user| user.id == holder.id)
                && left.address.as_ref().is_some_and(|text| key(text) == address)
        });
        let explained = is_explained(world, holder, &address);
        assert!(removed || left || explained, "no word about {} of {}", entry.address, holder.username);
        assert!(
            !removed || (!left && !explained),
            "{} of {}: removed, and {left} {explained}",
            entry.address,
            holder.username
        );
    }
}

/// Told plainly: a delegation gives it, or it is the user's own, of the person or of the mailbox that the user is.
fn is_explained(world: &World, holder: &EsgUser, address: &AddressKey) -> bool {
    let own = world.snapshot.recipients.iter().enumerate().any(|(at, recipient)| {
        let texts = recipient.addresses.iter().map(|text| text.split_once(':').map_or(&**text, |(_, text)| text));
        let mut texts = texts.chain(recipient.primary.as_deref()).chain(recipient.upn.as_deref());
        texts.any(|text| key(text) == *address) && users_of(world, at) == [holder.id]
    });
    if own {
        return true;
    }
    let mailboxes = world.snapshot.mailboxes.iter().enumerate();
    let owners = mailboxes.map(|(at, mailbox)| (at, addresses_of(mailbox)));
    let mut owners = owners.filter(|(_, addresses)| addresses.contains(address));
    owners.any(|(at, addresses)| {
        let is_the_mailbox = addresses.contains(&key(&holder.username))
            || holder.addresses.iter().any(|element| element.is_primary() && addresses.contains(&element.key()));
        let functional = world.functional_role.is_some() && holder.role == world.functional_role;
        let delegated = !functional
            && world.resolution.delegations.iter().any(|delegation| {
                delegation.mailbox as usize == at && users_of(world, delegation.delegate as usize) == [holder.id]
            });
        is_the_mailbox || delegated
    })
}

fn check_proofs(world: &World, plan: &Plan, next: &World) {
    for action in plan.actions.iter().filter(|action| action.kind == ActionKind::RemoveUser) {
        let functional = user(world, action.user.id);
        let proof = esg::prove(action, functional, &next.users, world.functional_role, &world.options);
        assert_eq!(proof, Ok(()));
        let nobody: Vec<EsgUser> = Vec::new();
        assert!(esg::prove(action, functional, &nobody, world.functional_role, &world.options).is_err());
    }
}

/// What a run of the plan journals when every reply shows what was sent.
fn journal(world: &World, plan: &Plan) -> Vec<JournalledAction> {
    let journalled = |action: &Action| JournalledAction {
        action: action.clone(),
        before: (action.kind != ActionKind::AdoptAlias).then(|| user(world, action.user.id).clone()),
        after: action.after.clone().filter(|_| action.kind == ActionKind::UpdateUser).map(After::Shown),
        ended: None,
    };
    plan.actions.iter().map(journalled).collect()
}

fn undo(journal: &[JournalledAction], users: &[EsgUser], world: &World) -> Plan {
    let mut touches = Touches::default();
    journal.iter().for_each(|journalled| touches.add(1, None, journalled));
    let started = world.snapshot.header.created;
    let input = UndoInput {
        run: UndoneRun { run: 1, plan_digest: "sha256:0".into(), started },
        tenant: Some(TENANT.into()),
        actions: journal,
        touches: &touches,
        users,
        functional_role: world.functional_role,
        removed: &world.removed,
        managed: &world.managed,
        users_can_be_created: Some(true),
        target: TargetRef::default(),
        created: started,
        product: "0.1.0",
    };
    esg::undo(&input).unwrap()
}

/// Users by name and list, without their ids: who is created again has another.
fn lists<'a>(users: impl Iterator<Item = &'a EsgUser>) -> Vec<(String, Vec<EmailAddress>)> {
    let mut lists: Vec<_> = users.map(|user| (user.username.clone(), user.addresses.clone())).collect();
    lists.sort_by_key(|(username, addresses)| (username.clone(), format!("{addresses:?}")));
    lists
}

fn sorted(plan: &Plan) -> Vec<String> {
    let actions = plan.actions.iter().map(|action| format!("{action:?}"));
    let mut all: Vec<String> = actions.chain(plan.left_alone.iter().map(|left| format!("{left:?}"))).collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_acts_inside_its_scope_and_accounts_for_every_pair(bytes in prop::collection::vec(any::<u8>(), 0..160)) {
        let world = world(&bytes);
        let plan = world.plan();
        for action in &plan.actions {
            check_scope(&world, &plan, action);
            check_run(&world, action);
        }
        check_pairs(&world, &plan);
        check_managed(&world, &plan);
        check_proofs(&world, &plan, &apply(&world, &plan));
        let functional = world.users.iter().filter(|user| world.functional_role.is_some() && user.role == world.functional_role);
        for user in functional {
            let gone = plan.actions.iter().any(|action| action.kind == ActionKind::RemoveUser && action.user.id == user.id);
            prop_assert!(gone || !left(&plan, user.id).is_empty(), "no word about functional user {}", user.id);
        }
        let sealed = plan.seal();
        prop_assert_eq!(&Plan::read(&sealed.write()).unwrap(), &sealed);
    }

    #[test]
    fn nothing_is_left_to_do_after_a_plan(bytes in prop::collection::vec(any::<u8>(), 0..160)) {
        let world = world(&bytes);
        let again = apply(&world, &world.plan()).plan();
        prop_assert_eq!(changes(&again), Vec::<String>::new());
    }

    #[test]
    fn the_order_of_rows_and_users_decides_nothing(bytes in prop::collection::vec(any::<u8>(), 0..160), by in 1usize..9) {
        let world = world(&bytes);
        prop_assert_eq!(shuffled(&world, by).plan().seal().write(), world.plan().seal().write());
    }

    #[test]
    fn what_is_blocked_is_in_no_action(bytes in prop::collection::vec(any::<u8>(), 0..160), scale in 1u64..2_000) {
        let mut plan = world(&bytes).plan();
        plan.guards.iter_mut().for_each(|guard| guard.existing = scale);
        // Worlds are small: changes stand there often enough to meet a guard.
        for action in plan.actions.iter_mut().filter(|action| action.kind == ActionKind::UpdateUser) {
            let again: Vec<_> = std::iter::repeat_n(action.changes.clone(), 15).flatten().collect();
            action.changes.extend(again);
        }
        let admitted = plan.admit(&BTreeMap::new(), &BTreeSet::new()).unwrap();
        let blocked: BTreeSet<ChangeKind> = admitted.blocked.iter().map(|guard| guard.kind).collect();
        prop_assert!(admitted.actions.iter().flat_map(|a| &a.changes).all(|change| !blocked.contains(&change.kind)));
        prop_assert_eq!(admitted.actions.len() + admitted.withheld.len(), plan.actions.len());
        let ids: BTreeSet<&String> = admitted.actions.iter().map(|action| &action.id).collect();
        for action in &admitted.actions {
            prop_assert!(action.depends_on.iter().all(|id| ids.contains(id)));
            prop_assert!(!blocked.contains(&ChangeKind::AliasAdded) || action.depends_on.is_empty());
        }
        let expect: BTreeMap<ChangeKind, u64> = admitted.blocked.iter().map(|guard| (guard.kind, guard.count)).collect();
        prop_assert_eq!(plan.admit(&expect, &BTreeSet::new()).unwrap().actions, plan.actions);
    }

    #[test]
    fn undo_gives_the_exact_lists_back_in_whatever_order_it_is_told(bytes in prop::collection::vec(any::<u8>(), 0..160), by in 1usize..9) {
        let world = world(&bytes);
        let plan = world.plan();
        let next = apply(&world, &plan);
        let journal = journal(&world, &plan);
        let undone = undo(&journal, &next.users, &next);
        prop_assert_eq!(&undone.left_alone, &[]);

        let mut users: BTreeMap<u64, EsgUser> = next.users.iter().map(|user| (user.id, user.clone())).collect();
        for action in undone.actions.iter().filter(|action| action.kind != ActionKind::ReleaseAlias) {
            match (&action.restore, &action.after) {
                (Some(image), _) => drop(users.insert(image.id + 1_000, (**image).clone())),
                (None, Some(after)) => users.get_mut(&action.user.id).unwrap().addresses.clone_from(after),
                (None, None) => prop_assert!(false, "an undo deletes nobody: {:?}", action),
            }
        }
        prop_assert_eq!(lists(users.values()), lists(world.users.iter()));

        let (mut users, mut journal) = (next.users.clone(), journal);
        users.rotate_left(by % next.users.len());
        journal.reverse();
        prop_assert_eq!(sorted(&undo(&journal, &users, &next)), sorted(&undone));
    }

    #[test]
    fn a_list_in_another_order_ends_with_the_same_elements(bytes in prop::collection::vec(any::<u8>(), 0..160), by in 1usize..9) {
        let world = world(&bytes);
        let spelled = |list: &[EmailAddress]| {
            let mut texts: Vec<String> = list.iter().map(spell).collect();
            texts.sort();
            texts
        };
        for action in world.plan().actions.iter().filter(|action| action.kind == ActionKind::UpdateUser) {
            let mut fresh = user(&world, action.user.id).clone();
            // Twins stay in their order: which of them is active is what a collapse is about.
            fresh.addresses.sort_by_key(|element| element.address().bytes().map(usize::from).sum::<usize>() * by % 7);
            let Prepared::Write(sent) = esg::prepare(action, &fresh) else { panic!("nothing to write") };
            prop_assert_eq!(spelled(&sent), spelled(action.after.as_ref().unwrap()));
        }
    }

    #[test]
    fn what_another_editor_added_is_merged_wherever_it_stands(bytes in prop::collection::vec(any::<u8>(), 0..160), place in 0usize..6) {
        let world = world(&bytes);
        for action in world.plan().actions.iter().filter(|action| action.kind == ActionKind::UpdateUser) {
            let mut fresh = user(&world, action.user.id).clone();
            let foreign = EmailAddress::alias("by.hand@elsewhere.example");
            fresh.addresses.insert(place.min(fresh.addresses.len()), foreign.clone());
            let Prepared::Write(sent) = esg::prepare(action, &fresh) else { panic!("nothing to write") };
            let ours: Vec<EmailAddress> = sent.iter().filter(|element| **element != foreign).cloned().collect();
            prop_assert_eq!(sent.len(), ours.len() + 1);
            prop_assert_eq!(&ours, action.after.as_ref().unwrap());
        }
    }
}
