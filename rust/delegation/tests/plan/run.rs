//! The pure decisions of a run (rules 29 to 32, 39, 42, 43).

use crate::builder::*;
use esgsync_delegation::esg::{self, EmailAddress, EsgUser};
use esgsync_delegation::plan::{Action, ActionKind, FunctionalUser, PlanOptions, Prepared, Settled};

/// Ann gets shop, loses yard, and has her twice-held mill made one.
fn action() -> (Action, EsgUser) {
    let mut world = World::new();
    let (shop, _, mill) = (world.mailbox("shop", &[]), world.mailbox("yard", &[]), world.mailbox("mill", &[]));
    let ann = world.person("ann");
    world.grant(shop, ann);
    world.grant(mill, ann);
    let aliases = ["yard@corp.example", "mill@corp.example#1", "own@corp.example#2", "mill@corp.example#1"];
    world.colleague(1, "ann", &aliases);
    world.manage(1, "yard@corp.example", "yard");
    let plan = world.plan();
    (update(&plan, 1).clone(), world.users[0].clone())
}

fn elements(texts: &[&str]) -> Vec<EmailAddress> {
    texts.iter().map(|text| element(text)).collect()
}

fn written(prepared: Prepared<Vec<EmailAddress>>) -> Vec<String> {
    match prepared {
        Prepared::Write(list) => list.iter().map(spell).collect(),
        other => panic!("{other:?}"),
    }
}

const AFTER: [&str; 4] = ["*ann@corp.example", "mill@corp.example#1", "own@corp.example#2", "shop@corp.example"];

#[test]
fn an_unchanged_user_gets_what_was_planned() {
    let (action, user) = action();
    assert_eq!(written(esg::prepare(&action, &user)), AFTER);
    assert_eq!(after(&action), AFTER);
}

#[test]
fn rule_42_differences_elsewhere_are_merged() {
    let (action, mut user) = action();
    user.addresses.remove(3);
    user.addresses.insert(0, element("new@corp.example#3"));
    user.addresses.push(element("!x@corp.example"));
    let expected =
        ["new@corp.example#3", "*ann@corp.example", "mill@corp.example#1", "!x@corp.example", "shop@corp.example"];
    assert_eq!(written(esg::prepare(&action, &user)), expected);
}

#[test]
fn rule_42_what_is_done_already_is_not_done_again() {
    let (action, mut user) = action();
    // Somebody added shop and collapsed mill: only the removal is left.
    user.addresses = elements(&["*ann@corp.example", "mill@corp.example#9", "SHOP@corp.example", "yard@corp.example"]);
    assert_eq!(
        written(esg::prepare(&action, &user)),
        ["*ann@corp.example", "mill@corp.example#9", "SHOP@corp.example"]
    );
    user.addresses.pop();
    assert_eq!(esg::prepare(&action, &user), Prepared::Nothing);
}

#[test]
fn rule_42_a_difference_in_what_the_action_is_about_is_a_conflict() {
    let conflict = |edit: &dyn Fn(&mut EsgUser)| {
        let (action, mut user) = action();
        edit(&mut user);
        assert!(matches!(esg::prepare(&action, &user), Prepared::Conflict(_)));
        assert!(matches!(esg::settled(&action, &user), Settled::Mixed(_)));
    };
    conflict(&|user| user.addresses[1] = element("!yard@corp.example"));
    conflict(&|user| user.addresses[1] = element("yard@corp.example#theirs"));
    conflict(&|user| user.addresses.push(element("yard@corp.example")));
    conflict(&|user| user.addresses.push(element("!shop@corp.example")));
    conflict(&|user| user.addresses.push(element("mill@corp.example")));
    conflict(&|user| user.addresses.retain(|element| element.address() != "mill@corp.example"));
    conflict(&|user| user.id = 2);
    conflict(&|user| user.username = "ann.new@corp.example".into());
    conflict(&|user| user.role = Some(FUNCTIONAL));
    conflict(&|user| user.role = None);
}

#[test]
fn rule_42_a_role_that_the_plan_could_not_see_is_no_difference() {
    let (mut action, user) = action();
    action.user.role = None;
    assert!(matches!(esg::prepare(&action, &user), Prepared::Write(_)));
}

#[test]
fn an_unsettled_write_is_told_from_one_that_never_came() {
    let (action, mut user) = action();
    assert_eq!(esg::settled(&action, &user), Settled::NotDone);
    let before = user.addresses.clone();
    user.addresses = elements(&AFTER);
    assert_eq!(esg::settled(&action, &user), Settled::Done);
    user.addresses = before;
    user.addresses.push(element("shop@corp.example"));
    assert!(matches!(esg::settled(&action, &user), Settled::Mixed(_)));
}

#[test]
fn rule_35_an_adoption_writes_nothing() {
    let mut world = World::new();
    world.options.adopt_existing = true;
    let (shop, ann) = (world.mailbox("shop", &[]), world.person("ann"));
    world.grant(shop, ann);
    world.colleague(1, "ann", &["shop@corp.example"]);
    let action = world.plan().actions[0].clone();
    let mut user = world.users[0].clone();
    assert_eq!((action.kind, esg::prepare(&action, &user)), (ActionKind::AdoptAlias, Prepared::Nothing));
    assert_eq!(esg::settled(&action, &user), Settled::Done);
    user.addresses[1] = element("!shop@corp.example");
    assert!(matches!(esg::prepare(&action, &user), Prepared::Conflict(_)));
    user.addresses.pop();
    assert!(matches!(esg::prepare(&action, &user), Prepared::Conflict(_)));
}

#[test]
fn rule_39_a_reply_proves_what_it_shows() {
    let (action, user) = action();
    let sent = elements(&AFTER);
    let reply = |texts: &[&str]| EsgUser { addresses: elements(texts), ..user.clone() };
    let confirm = |texts: &[&str]| esg::confirm(&action, &sent, &reply(texts));
    // Order, case and members that the appliance keeps do not matter.
    let same = ["SHOP@CORP.example#7", "own@corp.example", "mill@corp.example", "*ann@corp.example"];
    assert_eq!(confirm(&same), Ok(()));
    assert_eq!(confirm(&[&same[..], &["extra@corp.example"]].concat()), Ok(()));
    assert!(confirm(&same[1..]).unwrap_err().contains("shop@corp.example"));
    assert!(confirm(&[&same[..1], &same[2..]].concat()).unwrap_err().contains("own@corp.example"));
    assert!(confirm(&[&["!shop@corp.example"], &same[1..]].concat()).is_err());
    assert!(confirm(&[&same[..], &["yard@corp.example"]].concat()).unwrap_err().contains("yard@corp.example"));
    assert!(confirm(&[&same[..], &["mill@corp.example"]].concat()).is_err());
    let other = EsgUser { id: 2, ..reply(&same) };
    assert!(esg::confirm(&action, &sent, &other).is_err());
}

#[test]
fn rule_43_what_was_not_sent_is_reported() {
    let (_, user) = action();
    let sent = elements(&AFTER);
    let reply = EsgUser {
        addresses: elements(&[
            "*ann@corp.example",
            "new@x.example",
            "mill@corp.example",
            "!own@corp.example",
            "shop@corp.example",
        ]),
        ..user
    };
    let surprises = esg::surprises(&sent, &reply);
    assert_eq!(surprises.len(), 2, "{surprises:?}");
    assert!(surprises[0].contains("new@x.example") && surprises[1].contains("own@corp.example"));
    assert_eq!(esg::surprises(&sent, &EsgUser { addresses: sent.clone(), ..reply }), [""; 0]);
}

/// The removal of shop's functional user, its last read, and the reads of its holders.
struct Proof {
    action: Action,
    functional: EsgUser,
    holders: Vec<EsgUser>,
    role: Option<u64>,
    options: PlanOptions,
}

impl Proof {
    fn new(all: bool) -> Self {
        let mut world = World::new();
        world.options.functional_user = FunctionalUser::Remove;
        world.options.require_all_delegates = all;
        let shop = world.mailbox("shop", &["sales@corp.example"]);
        for (id, name) in [(1, "ann"), (2, "bob")] {
            let person = world.person(name);
            world.grant(shop, person);
            world.colleague(id, name, &["shop@corp.example", "sales@corp.example"]);
        }
        world.functional(50, "shop", &[]);
        let action = world.plan().actions[0].clone();
        assert_eq!(action.kind, ActionKind::RemoveUser);
        let functional = world.users.pop().unwrap();
        Self { action, functional, holders: world.users, role: Some(FUNCTIONAL), options: world.options }
    }

    fn result(&self) -> Result<(), String> {
        esg::prove(&self.action, &self.functional, &self.holders, self.role, &self.options)
    }

    fn fails(all: bool, edit: impl FnOnce(&mut Self)) -> String {
        let mut proof = Self::new(all);
        edit(&mut proof);
        proof.result().unwrap_err()
    }
}

#[test]
fn rule_32_fresh_reads_prove_a_removal() {
    assert_eq!(Proof::new(false).result(), Ok(()));
    assert_eq!(Proof::new(true).result(), Ok(()));
}

#[test]
fn rule_32_the_last_read_decides_what_must_be_held() {
    let mut proof = Proof::new(false);
    proof.functional.addresses.push(element("!sales@corp.example"));
    assert_eq!(proof.result(), Ok(()));
    proof.holders.iter_mut().for_each(|holder| holder.addresses.truncate(2));
    assert!(proof.result().unwrap_err().contains("sales@corp.example"));
    assert!(Proof::fails(false, |p| p.role = None).contains("not settled"));
    assert!(Proof::fails(false, |p| p.functional.role = Some(PERSON)).contains("role"));
    assert!(Proof::fails(false, |p| (p.functional.role, p.action.user.role) = (None, None)).contains("role"));
    assert!(Proof::fails(false, |p| p.functional.username = "Shop".into()).contains("username"));
    assert!(Proof::fails(false, |p| p.functional.id = 51).contains("51"));
    assert!(Proof::fails(false, |p| p.action.kind = ActionKind::UpdateUser).contains("no user"));
}

#[test]
fn rule_29_no_address_proves_nothing() {
    assert!(Proof::fails(false, |p| p.functional.addresses.clear()).contains("no address"));
}

#[test]
fn rule_30_a_foreign_address_keeps_it() {
    let error = Proof::fails(false, |p| {
        p.functional.addresses.push(element("other@corp.example"));
        p.holders[0].addresses.push(element("other@corp.example"));
    });
    assert!(error.contains("other@corp.example"));
}

#[test]
fn rule_31_only_active_addresses_of_named_people_count() {
    assert!(Proof::fails(false, |p| p.holders.clear()).contains("0 of 2"));
    let inactive = |p: &mut Proof| p.holders.iter_mut().for_each(|h| h.addresses[1] = element("!shop@corp.example"));
    assert!(Proof::fails(false, inactive).contains("0 of 2"));
    let role = |role: Option<u64>| {
        Proof::fails(false, |p| {
            p.holders.iter_mut().for_each(|holder| holder.role = role);
            p.action.holders.iter_mut().for_each(|holder| holder.role = None);
        })
    };
    assert!(role(Some(FUNCTIONAL)).contains("0 of 2"));
    assert!(role(None).contains("0 of 2"));
    let strangers = |p: &mut Proof| p.holders.iter_mut().for_each(|holder| holder.id += 10);
    assert!(Proof::fails(false, strangers).contains("0 of 2"));
    let renamed = |p: &mut Proof| p.holders.iter_mut().for_each(|holder| holder.username.push('x'));
    assert!(Proof::fails(false, renamed).contains("0 of 2"));
}

#[test]
fn rule_31_one_holder_is_enough_unless_all_are_asked_for() {
    let one = |p: &mut Proof| p.holders.truncate(1);
    let mut proof = Proof::new(false);
    one(&mut proof);
    assert_eq!(proof.result(), Ok(()));
    assert!(Proof::fails(true, one).contains("1 of 2"));
}
