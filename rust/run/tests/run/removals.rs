//! Removals: proved after all updates of the run, by reads of single users.

use crate::world::*;
use esgsync_delegation::esg::{EmailAddress, EsgUser};
use esgsync_delegation::plan::{Action, Plan};
use esgsync_run::ActionStatus::{Applied, Conflict, Failed, Unchanged, Withheld};
use esgsync_run::{ActionResult, Outcome, Purpose, RunResult};
use std::path::Path;

const INFO: &str = "info@corp.example";

fn desk() -> EsgUser {
    user(9, "Info Desk", FUNCTIONAL, &[INFO])
}

/// Jane gets the address; then the functional user may go.
fn jane_and_desk(path: &Path) -> (EsgUser, EsgUser, Plan) {
    let (jane, desk) = (person(1, "jane", &[]), desk());
    let addition = update(&jane, vec![add(INFO)]);
    let removal = delete(&desk, &[&jane], &[&addition]);
    let plan = plan(&open(path), vec![addition, removal]);
    (jane, desk, plan)
}

fn only_removal(path: &Path, holders: &[&EsgUser]) -> Plan {
    plan(&open(path), vec![delete(&desk(), holders, &[])])
}

fn last(result: &RunResult) -> &ActionResult {
    result.actions.last().unwrap()
}

fn why(result: &RunResult) -> &str {
    last(result).text.as_deref().unwrap_or_default()
}

#[test]
fn rule_32_holders_and_functional_user_are_read_after_all_updates_each_once() {
    let (_folder, path) = place();
    let jane = person(1, "jane", &[]);
    let john = person(2, "john", &[INFO, "sales@corp.example"]);
    let sales = user(8, "Sales", FUNCTIONAL, &["sales@corp.example"]);
    let other = person(3, "other", &["old@corp.example"]);
    let addition = update(&jane, vec![add(INFO)]);
    let actions: Vec<Action> = vec![
        delete(&desk(), &[&jane, &john], &[&addition]),
        delete(&sales, &[&john], &[]),
        update(&other, vec![remove("old@corp.example")]),
        addition,
    ];
    let plan = plan(&open(&path), actions);
    let mut appliance = Appliance::new(&[&jane, &john, &sales, &other, &desk()]);
    let result = drive(begin(open(&path), &plan).unwrap(), &mut appliance, 1);
    let read = |id, purpose| Call::Read(id, purpose);
    assert_eq!(
        appliance.calls,
        [
            read(1, Purpose::Update),
            Call::Update(1),
            read(3, Purpose::Update),
            Call::Update(3),
            read(1, Purpose::Holder),
            read(2, Purpose::Holder),
            read(9, Purpose::Removal),
            Call::Remove(9),
            read(8, Purpose::Removal),
            Call::Remove(8),
        ]
    );
    assert_eq!(result.statuses, [(Applied, 4)].into());
}

#[test]
fn rule_32_no_proof_read_begins_while_an_update_is_in_flight() {
    let (_folder, path) = place();
    let (jane, desk, _) = jane_and_desk(&path);
    let addition = update(&jane, vec![add(INFO)]);
    let plan = plan(&open(&path), vec![addition, delete(&desk, &[&jane], &[])]);
    let mut appliance = Appliance::new(&[&jane, &desk]);
    drive(begin(open(&path), &plan).unwrap(), &mut appliance, 8);
    let at = |call| appliance.calls.iter().position(|made| *made == call).unwrap();
    assert!(at(Call::Update(1)) < at(Call::Read(1, Purpose::Holder)));
    assert!(!appliance.users.contains_key(&9));
}

#[test]
fn rule_32_the_addresses_to_prove_are_those_of_the_last_read() {
    let (_folder, path) = place();
    let jane = person(1, "jane", &[INFO]);
    let plan = only_removal(&path, &[&jane]);
    let mut grown = desk();
    grown.addresses.push(EmailAddress::alias("foreign@corp.example"));
    let mut appliance = Appliance::new(&[&jane, &grown]);
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((last(&result).status, appliance.writes()), (Withheld, 0));
    assert!(why(&result).contains("foreign@corp.example"), "{}", why(&result));
}

#[test]
fn rule_32_a_holder_that_lost_the_address_since_the_plan_proves_nothing() {
    let (_folder, path) = place();
    let plan = only_removal(&path, &[&person(1, "jane", &[INFO])]);
    let mut appliance = Appliance::new(&[&person(1, "jane", &[]), &desk()]);
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((last(&result).status, appliance.writes()), (Withheld, 0));
}

#[test]
fn a_role_that_is_not_the_functional_one_on_the_item_itself_keeps_the_user() {
    let (_folder, path) = place();
    let jane = person(1, "jane", &[INFO]);
    let plan = only_removal(&path, &[&jane]);
    let mut appliance = Appliance::new(&[&jane, &EsgUser { role: Some(1), ..desk() }]);
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((last(&result).status, appliance.writes()), (Withheld, 0));
}

#[test]
fn a_holder_that_cannot_be_read_proves_nothing_and_is_named() {
    let (_folder, path) = place();
    let jane = person(1, "jane", &[INFO]);
    let plan = only_removal(&path, &[&jane]);
    for (answer, said) in [
        (Outcome::ReadFailed { text: "unreachable".into() }, "unreachable"),
        (Outcome::Missing, "does not exist any more"),
        (Outcome::Item(person(2, "john", &[INFO])), "user 2 came back"),
    ] {
        let mut appliance = Appliance::new(&[&jane, &desk()]).on_read(1, Fault::Instead(answer));
        let result = apply(&path, &plan, &mut appliance);
        assert_eq!((last(&result).status, appliance.writes()), (Withheld, 0));
        assert!(why(&result).contains("jane@corp.example") && why(&result).contains(said), "{}", why(&result));
    }
}

#[test]
fn rule_41_an_addition_that_failed_keeps_the_functional_user_that_needs_it() {
    let (_folder, path) = place();
    let (jane, desk, plan) = jane_and_desk(&path);
    let mut appliance = Appliance::new(&[&jane, &desk]).on_write(1, Fault::Instead(refused(400, "no")));
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((result.actions[0].status, last(&result).status), (Failed, Withheld));
    assert!(why(&result).contains("jane@corp.example"), "{}", why(&result));
    assert_eq!(appliance.calls.len(), 2, "not even a read of the functional user");
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!(result.statuses, [(Applied, 2)].into(), "the same plan finishes it");
}

#[test]
fn rule_41_an_addition_that_is_a_conflict_keeps_the_functional_user_too() {
    let (_folder, path) = place();
    let (jane, desk, plan) = jane_and_desk(&path);
    let mut appliance = Appliance::new(&[&EsgUser { username: "other".into(), ..jane }, &desk]);
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((result.actions[0].status, last(&result).status), (Conflict, Withheld));
}

#[test]
fn rule_41_a_first_that_leaves_the_addition_out_does_not_come_to_the_removal() {
    let (_folder, path) = place();
    let (jane, desk, plan) = jane_and_desk(&path);
    let mut appliance = Appliance::new(&[&jane, &desk]);
    drive(begin_first(open(&path), &plan, Some(1)).unwrap(), &mut appliance, 4);
    assert!(appliance.users.contains_key(&9));
    let result = drive(begin_first(open(&path), &plan, Some(1)).unwrap(), &mut appliance, 4);
    assert_eq!((last(&result).status, result.done_before), (Applied, 1));
    assert!(!appliance.users.contains_key(&9));
}

#[test]
fn rule_46_one_holder_is_enough_unless_all_delegates_are_required() {
    let (_folder, path) = place();
    let (jane, john) = (person(1, "jane", &[INFO]), person(2, "john", &[]));
    let mut plan = only_removal(&path, &[&jane, &john]);
    plan.options.require_all_delegates = true;
    let strict = plan.seal();
    let mut appliance = Appliance::new(&[&jane, &john, &desk()]);
    assert_eq!(last(&apply(&path, &strict, &mut appliance)).status, Withheld);
    let (_folder, path) = place();
    let plan = only_removal(&path, &[&jane, &john]);
    assert_eq!(last(&apply(&path, &plan, &mut appliance)).status, Applied);
}

#[test]
fn rule_46_with_all_delegates_required_one_that_cannot_be_read_keeps_the_user() {
    let (_folder, path) = place();
    let (jane, john) = (person(1, "jane", &[INFO]), person(2, "john", &[INFO]));
    let mut plan = only_removal(&path, &[&jane, &john]);
    plan.options.require_all_delegates = true;
    let plan = plan.seal();
    let failure = Fault::Instead(Outcome::ReadFailed { text: "unreachable".into() });
    let mut appliance = Appliance::new(&[&jane, &john, &desk()]).on_read(2, failure);
    assert_eq!((last(&apply(&path, &plan, &mut appliance)).status, appliance.writes()), (Withheld, 0));
}

#[test]
fn what_a_removed_functional_user_held_is_kept() {
    let (_folder, path) = place();
    let jane = person(1, "jane", &[INFO]);
    let plan = only_removal(&path, &[&jane]);
    let mut appliance = Appliance::new(&[&jane, &desk()]);
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!(last(&result).status, Applied);
    let [removed] = &read(&path).removed(TENANT).unwrap()[..] else { panic!("one entry") };
    assert_eq!((removed.username.as_str(), removed.mailbox.as_str()), ("Info Desk", "info-guid"));
    assert_eq!((&removed.addresses[..], removed.returned), (&[INFO.to_owned()][..], 0));
    let records = read(&path).actions(result.run).unwrap();
    assert_eq!(records[0].before, Some(serde_json::to_value(desk()).unwrap()), "the full before-image");
}

#[test]
fn rule_44_a_delete_without_an_answer_is_read_and_only_then_repeated() {
    let jane = person(1, "jane", &[INFO]);
    for (fault, writes) in [(Fault::Done(unsettled("timeout")), 1), (Fault::Instead(unsettled("timeout")), 2)] {
        let (_folder, path) = place();
        let plan = only_removal(&path, &[&jane]);
        let mut appliance = Appliance::new(&[&jane, &desk()]).on_write(9, fault);
        let result = apply(&path, &plan, &mut appliance);
        assert_eq!((last(&result).status, appliance.writes()), (Applied, writes));
        let settling = appliance.calls.iter().filter(|call| **call == Call::Read(9, Purpose::Settle)).count();
        assert_eq!(settling, 1);
        assert_eq!(read(&path).removed(TENANT).unwrap().len(), 1);
    }
}

#[test]
fn a_functional_user_that_is_gone_already_is_in_line() {
    let (_folder, path) = place();
    let jane = person(1, "jane", &[INFO]);
    let plan = only_removal(&path, &[&jane]);
    let mut appliance = Appliance::new(&[&jane]);
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((last(&result).status, appliance.writes()), (Unchanged, 0));
    assert!(read(&path).removed(TENANT).unwrap().is_empty(), "it was not us");
    let mut appliance = Appliance::new(&[&jane, &desk()]).on_write(9, Fault::Instead(Outcome::Missing));
    let (_folder, path) = place();
    let plan = only_removal(&path, &[&jane]);
    assert_eq!(last(&apply(&path, &plan, &mut appliance)).status, Applied, "404 to a delete");
}

#[test]
fn a_throttled_holder_read_is_repeated_later() {
    let (_folder, path) = place();
    let jane = person(1, "jane", &[INFO]);
    let plan = only_removal(&path, &[&jane]);
    let mut appliance = Appliance::new(&[&jane, &desk()]).on_read(1, Fault::Instead(later(5)));
    assert_eq!(last(&apply(&path, &plan, &mut appliance)).status, Applied);
    assert_eq!(appliance.calls.iter().filter(|call| **call == Call::Read(1, Purpose::Holder)).count(), 2);
}
