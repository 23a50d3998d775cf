//! Undo: a run is taken back exactly, as a plan of its own (design 8).

use crate::world::*;
use esgsync_delegation::esg::{self, EmailAddress, EsgUser, UndoInput};
use esgsync_delegation::plan::{ActionKind, ChangeKind, Plan, TargetRef};
use esgsync_run::ActionStatus::{Applied, Conflict, Failed, Released, Unchanged, Unsettled, Withheld};
use esgsync_run::{ActionStatus, Identity, Outcome, RunResult, State, Step};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const INFO: &str = "info@corp.example";
const SALES: &str = "sales@corp.example";

/// The undo of a run, from the appliance as it is.
fn undo_plan(path: &Path, run: u64, appliance: &Appliance, users_can_be_created: bool) -> Plan {
    let users: Vec<EsgUser> = appliance.users.values().cloned().collect();
    let mut state = open(path);
    state.observe(TENANT, &users).unwrap();
    undo_of(&state, run, &users, users_can_be_created)
}

fn undo_of(state: &State, run: u64, users: &[EsgUser], users_can_be_created: bool) -> Plan {
    let facts = state.undo_facts(run).unwrap();
    let Identity { name, system, host, simulator } = state.identity().clone();
    let state_id = state.state_id().to_owned();
    let plan = esg::undo(&UndoInput {
        run: facts.run,
        tenant: facts.tenant,
        actions: &facts.actions,
        touches: &facts.touches,
        users,
        functional_role: Some(FUNCTIONAL),
        removed: &state.removed(TENANT).unwrap(),
        managed: &state.managed(TENANT).unwrap(),
        users_can_be_created: Some(users_can_be_created),
        target: TargetRef { name, system, host, simulator, state_id, state_generation: state.generation().unwrap() },
        created: start(),
        product: "0.0.0",
    });
    // What goes to a file comes back the same: the undo is reviewed and applied like any plan.
    Plan::read(&plan.unwrap().seal().write()).unwrap()
}

/// Applies the undo of a run.
fn undo(path: &Path, run: u64, appliance: &mut Appliance) -> RunResult {
    let plan = undo_plan(path, run, appliance, true);
    apply(path, &plan, appliance)
}

fn left_alone(plan: &Plan) -> Vec<(&str, u64)> {
    let entry = |left: &esgsync_delegation::plan::LeftAlone| left.user.as_ref().map_or(0, |user| user.id);
    plan.left_alone.iter().map(|left| (left.code.as_str(), entry(left))).collect()
}

/// Everything but the ids, which a user that is created again cannot keep.
fn lists(appliance: &Appliance) -> BTreeMap<String, (Option<u64>, Vec<EmailAddress>)> {
    let entry = |user: &EsgUser| (user.username.clone(), (user.role, user.addresses.clone()));
    appliance.users.values().map(entry).collect()
}

fn collapse(address: &str) -> esgsync_delegation::plan::Change {
    change(ChangeKind::DuplicateCollapsed, address)
}

/// The plan that holds everything at once: Jane gains and loses, John has an address twice, Info Desk goes.
fn busy(path: &Path) -> (Appliance, Plan) {
    let mut jane = person(1, "jane", &["Old@corp.example", "own@corp.example"]);
    jane.addresses[1] = jane.addresses[1].clone().with("label", "by hand").with("active", false);
    let john = person(2, "john", &[SALES, "own@corp.example", SALES, "last@corp.example"]);
    let desk = user(9, "Info Desk", FUNCTIONAL, &[INFO, "desk@corp.example"]);
    let mut desk = EsgUser { other: serde_json::json!({"note": "first floor"}).as_object().unwrap().clone(), ..desk };
    desk.addresses[1] = desk.addresses[1].clone().with("label", "second");
    let jane_action = update(&jane, vec![add(INFO), add("desk@corp.example"), remove("old@corp.example")]);
    let mut john_action = update(&john, vec![]);
    john_action.changes = vec![collapse(SALES)];
    john_action.id = john_action.content_id();
    let removal = delete(&desk, &[&jane], &[&jane_action]);
    let plan = plan(&open(path), vec![jane_action, john_action, adopt(&john, "own@corp.example"), removal]);
    (Appliance::new(&[&jane, &john, &desk]), plan)
}

#[test]
fn undo_takes_back_exactly_what_the_run_did_order_members_and_flags() {
    let (_folder, path) = place();
    let (mut appliance, plan) = busy(&path);
    let before = lists(&appliance);
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!(result.statuses.get(&Applied), Some(&3), "{result:?}");
    assert_ne!(lists(&appliance), before);
    assert!(!managed(&path).is_empty());
    let result = undo(&path, result.run, &mut appliance);
    assert_eq!(result.statuses, [(Applied, 3), (Released, 1)].into(), "{result:?}");
    assert_eq!(lists(&appliance), before);
    let desk = appliance.users.values().find(|user| user.username == "Info Desk").unwrap();
    assert_eq!(desk.other["note"], "first floor", "the whole before-image comes back");
    assert_eq!(managed(&path), [], "nothing of the run is ours any more");
}

#[test]
fn undo_creates_functional_users_before_it_withdraws_their_aliases() {
    let (_folder, path) = place();
    let (mut appliance, plan) = busy(&path);
    let run = apply(&path, &plan, &mut appliance).run;
    appliance.calls.clear();
    undo(&path, run, &mut appliance);
    let created = appliance.calls.iter().position(|call| *call == Call::Create("Info Desk".into()));
    let withdrawn = appliance.calls.iter().position(|call| *call == Call::Update(1));
    assert!(created.unwrap() < withdrawn.unwrap(), "{:?}", appliance.calls);
}

#[test]
fn where_users_cannot_be_created_aliases_of_deleted_functional_users_stay_and_are_listed() {
    let (_folder, path) = place();
    let (mut appliance, plan) = busy(&path);
    let run = apply(&path, &plan, &mut appliance).run;
    let plan = undo_plan(&path, run, &appliance, false);
    assert_eq!(
        left_alone(&plan),
        [("FunctionalUserDeleted", 1), ("FunctionalUserDeleted", 1), ("UserCannotBeCreated", 9)]
    );
    apply(&path, &plan, &mut appliance);
    let jane = appliance.addresses(1);
    assert!(
        jane.contains(&INFO) && jane.contains(&"desk@corp.example") && jane.contains(&"Old@corp.example"),
        "{jane:?}"
    );
    assert!(managed(&path).contains(&(1, INFO.into())), "what stays is still ours");
}

#[test]
fn an_alias_stays_when_a_later_run_deleted_the_functional_user_that_had_it() {
    let (_folder, path) = place();
    let (jane, desk) = (person(1, "jane", &[]), user(9, "Info Desk", FUNCTIONAL, &[INFO]));
    let mut appliance = Appliance::new(&[&jane, &desk]);
    let first = plan(&open(&path), vec![update(&jane, vec![add(INFO)])]);
    let run = apply(&path, &first, &mut appliance).run;
    let second = plan(&open(&path), vec![delete(&desk, &[&jane], &[])]);
    apply(&path, &second, &mut appliance);
    assert_eq!(left_alone(&undo_plan(&path, run, &appliance, true)), [("FunctionalUserDeleted", 1)]);
}

#[test]
fn a_creation_that_fails_holds_back_the_withdrawals_that_need_it() {
    let (_folder, path) = place();
    let (appliance, plan) = busy(&path);
    // The first write goes alone, and a refusal with 400 does not stop the run.
    let mut appliance = Appliance { ..appliance };
    let run = apply(&path, &plan, &mut appliance).run;
    let mut appliance = appliance.on_write(9, Fault::Instead(refused(400, "no licence left")));
    let result = undo(&path, run, &mut appliance);
    assert_eq!(result.statuses.get(&Failed), Some(&1));
    assert_eq!(result.statuses.get(&Withheld), Some(&1));
    let withheld = result.actions.iter().find(|action| action.status == Withheld).unwrap();
    assert!(withheld.text.as_ref().unwrap().contains("'Info Desk'"), "{withheld:?}");
    assert!(appliance.addresses(1).contains(&INFO));
    // Another try with the same plan does the rest.
    let result = undo(&path, run, &mut appliance);
    assert_eq!(result.statuses.get(&Applied), Some(&2), "{result:?}");
    assert!(!appliance.addresses(1).contains(&INFO));
}

#[test]
fn what_others_changed_since_is_left_and_listed() {
    let (_folder, path) = place();
    let (jane, john) = (person(1, "jane", &["old@corp.example"]), person(2, "john", &[]));
    let (ida, gone) = (person(3, "ida", &[]), person(4, "gone", &[]));
    let mut appliance = Appliance::new(&[&jane, &john, &ida, &gone]);
    let actions = vec![
        update(&jane, vec![add(INFO), add(SALES), remove("old@corp.example")]),
        update(&john, vec![add(INFO)]),
        update(&ida, vec![add(INFO)]),
        update(&gone, vec![add(INFO)]),
    ];
    let plan = plan(&open(&path), actions);
    let run = apply(&path, &plan, &mut appliance).run;
    let jane = appliance.users.get_mut(&1).unwrap();
    let info = jane.addresses.iter_mut().find(|element| element.address() == INFO).unwrap();
    *info = info.clone().with("active", false);
    jane.addresses.push(EmailAddress::alias("hand@corp.example"));
    appliance.users.get_mut(&2).unwrap().addresses.pop();
    appliance.users.get_mut(&3).unwrap().username = "ida.married@corp.example".into();
    appliance.users.remove(&4);
    let plan = undo_plan(&path, run, &appliance, true);
    assert_eq!(left_alone(&plan), [("BackAlready", 2), ("ChangedSince", 1), ("UserChanged", 3), ("UserGone", 4)]);
    apply(&path, &plan, &mut appliance);
    // What is not the run's stays where it is; what was removed is back in its place.
    assert_eq!(appliance.addresses(1), ["jane@corp.example", "old@corp.example", INFO, "hand@corp.example"]);
}

#[test]
fn an_edit_between_undo_plan_and_write_is_merged_or_a_conflict() {
    let (_folder, path) = place();
    let (jane, john) = (person(1, "jane", &["old@corp.example"]), person(2, "john", &["old@corp.example"]));
    let mut appliance = Appliance::new(&[&jane, &john]);
    let removals =
        vec![update(&jane, vec![remove("old@corp.example")]), update(&john, vec![remove("old@corp.example")])];
    let plan = plan(&open(&path), removals);
    let run = apply(&path, &plan, &mut appliance).run;
    let plan = undo_plan(&path, run, &appliance, true);
    appliance.users.get_mut(&1).unwrap().addresses.push(EmailAddress::alias("hand@corp.example"));
    let inactive = EmailAddress::alias("old@corp.example").with("active", false);
    appliance.users.get_mut(&2).unwrap().addresses.push(inactive);
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!(result.statuses, [(Applied, 1), (Conflict, 1)].into());
    assert_eq!(appliance.addresses(1), ["jane@corp.example", "old@corp.example", "hand@corp.example"]);
}

#[test]
fn a_run_is_taken_back_once() {
    let (_folder, path) = place();
    let (mut appliance, plan) = busy(&path);
    let run = apply(&path, &plan, &mut appliance).run;
    undo(&path, run, &mut appliance);
    let again = undo_plan(&path, run, &appliance, true);
    assert_eq!(again.actions, []);
    assert!(again.left_alone.iter().all(|left| left.code == "UndoneBefore"), "{:?}", again.left_alone);
    // Also when another run did the same since.
    let jane = appliance.users[&1].clone();
    let third = crate::world::plan(&open(&path), vec![update(&jane, vec![add(SALES), add(INFO)])]);
    apply(&path, &third, &mut appliance);
    assert_eq!(undo_plan(&path, run, &appliance, true).actions, [], "what the third run did is not the first one's");
}

#[test]
fn an_undo_is_not_taken_back_and_says_what_to_do() {
    let (_folder, path) = place();
    let (mut appliance, plan) = busy(&path);
    let run = apply(&path, &plan, &mut appliance).run;
    let undone = undo(&path, run, &mut appliance).run;
    let error = read(&path).undo_facts(undone).unwrap_err();
    assert_eq!(error.code(), "RunIsUndo");
    assert!(
        error.to_string().contains(&format!("Run {undone} took run {run} back"))
            && error.advice().contains("New-EsgPlan")
    );
    assert_eq!(read(&path).undo_facts(99).unwrap_err().code(), "RunUnknown");
}

#[test]
fn an_older_run_is_taken_back_without_what_later_runs_did_to_the_same() {
    let (_folder, path) = place();
    let jane = person(1, "jane", &[]);
    let mut appliance = Appliance::new(&[&jane]);
    let first = plan(&open(&path), vec![update(&jane, vec![add(INFO), add(SALES)])]);
    let first = apply(&path, &first, &mut appliance).run;
    let jane = appliance.users[&1].clone();
    let second = plan(&open(&path), vec![update(&jane, vec![remove(INFO)])]);
    let second = apply(&path, &second, &mut appliance).run;
    // Only what the second run did not touch.
    let undo_first = undo_plan(&path, first, &appliance, true);
    assert_eq!(left_alone(&undo_first), [("ChangedByLaterRun", 1)]);
    assert_eq!(undo_first.actions[0].changes.len(), 1);
    // The last first: then all of it.
    undo(&path, second, &mut appliance);
    assert_eq!(managed(&path), [(1, INFO.into()), (1, SALES.into())], "what was managed before is managed again");
    let undo_first = undo_plan(&path, first, &appliance, true);
    assert_eq!((left_alone(&undo_first), undo_first.actions[0].changes.len()), (vec![], 2));
    apply(&path, &undo_first, &mut appliance);
    assert_eq!(appliance.addresses(1), ["jane@corp.example"]);
}

/// Drives a run until that many writes were handed out, the last one without an answer, and kills it there.
fn kill_after(path: &Path, plan: &Plan, appliance: &mut Appliance, writes: usize, commit: bool) {
    let mut run = begin(open(path), plan).unwrap();
    let mut written = 0;
    loop {
        let step = run.next(start()).unwrap();
        written += usize::from(!matches!(step, Step::Read { .. } | Step::Find { .. }));
        if written == writes {
            if commit {
                appliance.serve(step);
            }
            return;
        }
        let (step, answer) = appliance.serve(step);
        run.complete(step, answer, start()).unwrap();
    }
}

#[test]
fn an_unfinished_run_is_taken_back_whatever_became_of_its_last_write() {
    for (writes, commit) in [(1, false), (1, true), (2, true), (3, false), (3, true)] {
        let (_folder, path) = place();
        let (mut appliance, plan) = busy(&path);
        let before = lists(&appliance);
        kill_after(&path, &plan, &mut appliance, writes, commit);
        assert_eq!(read(&path).runs().unwrap()[0].statuses.get(&Unsettled), Some(&1));
        let result = undo(&path, 1, &mut appliance);
        assert_eq!(lists(&appliance), before, "{writes} writes, the last one done: {commit}: {result:?}");
        assert_eq!(managed(&path), [], "{writes} {commit}");
        // The plan of the run that was taken back is not finished by accident.
        let Err(stale) = begin(open(&path), &plan) else { panic!("the plan was taken") };
        assert_eq!(stale.code(), "PlanStale");
    }
}

#[test]
fn an_alias_that_a_killed_run_may_have_removed_is_managed_again() {
    for commit in [true, false] {
        let (_folder, path) = place();
        let jane = person(1, "jane", &[]);
        let mut appliance = Appliance::new(&[&jane]);
        let first = plan(&open(&path), vec![update(&jane, vec![add(INFO)])]);
        apply(&path, &first, &mut appliance);
        let second = plan(&open(&path), vec![update(&appliance.users[&1].clone(), vec![remove(INFO)])]);
        kill_after(&path, &second, &mut appliance, 1, commit);
        let state = open(&path);
        let users: Vec<EsgUser> = appliance.users.values().cloned().collect();
        let plan = undo_of(&state, 2, &users, true);
        drop(state);
        apply(&path, &plan, &mut appliance);
        assert_eq!(appliance.addresses(1), ["jane@corp.example", INFO]);
        assert_eq!(managed(&path), [(1, INFO.into())], "{commit}");
    }
}

#[test]
fn a_run_of_format_1_is_taken_back_by_what_it_noted() {
    let (_folder, path) = place();
    rusqlite::Connection::open(&path).unwrap().execute_batch(include_str!("format1.sql")).unwrap();
    let jane = person(1, "jane", &[INFO]);
    let mut appliance = Appliance::new(&[&jane]);
    undo(&path, 1, &mut appliance);
    assert_eq!(appliance.addresses(1), ["jane@corp.example", "old@corp.example"]);
    assert_eq!(managed(&path), [(1, "old@corp.example".into())]);
}

#[test]
fn an_undo_that_is_killed_is_finished_by_the_same_plan() {
    for (writes, commit) in [(1, false), (1, true), (2, false), (2, true), (3, true)] {
        let (_folder, path) = place();
        let (mut appliance, plan) = busy(&path);
        let before = lists(&appliance);
        let run = apply(&path, &plan, &mut appliance).run;
        let undo = undo_plan(&path, run, &appliance, true);
        kill_after(&path, &undo, &mut appliance, writes, commit);
        let result = apply(&path, &undo, &mut appliance);
        assert!(result.stopped.is_none(), "{result:?}");
        assert_eq!(lists(&appliance), before, "{writes} writes, the last one done: {commit}");
        assert_eq!(managed(&path), []);
        assert_eq!(appliance.users.values().filter(|user| user.username == "Info Desk").count(), 1);
    }
}

#[test]
fn a_creation_without_an_answer_is_looked_for_before_it_is_sent_again() {
    for committed in [true, false] {
        let (_folder, path) = place();
        let (mut appliance, plan) = busy(&path);
        let run = apply(&path, &plan, &mut appliance).run;
        let lost = if committed { Fault::Done(unsettled("timeout")) } else { Fault::Instead(unsettled("timeout")) };
        let mut appliance = appliance.on_write(9, lost);
        let result = undo(&path, run, &mut appliance);
        assert_eq!(result.statuses.get(&Applied), Some(&3), "{result:?}");
        let desks = appliance.users.values().filter(|user| user.username == "Info Desk").count();
        assert_eq!(desks, 1, "never two of them");
    }
}

#[test]
fn a_functional_user_that_is_there_again_is_not_made_twice() {
    let (_folder, path) = place();
    let (mut appliance, plan) = busy(&path);
    let run = apply(&path, &plan, &mut appliance).run;
    let undo = undo_plan(&path, run, &appliance, true);
    // An import brings it back between plan and run: the same, or with another list.
    let image =
        undo.actions.iter().find(|action| action.kind == ActionKind::CreateUser).unwrap().restore.clone().unwrap();
    let again = EsgUser { id: 77, ..*image };
    let other = EsgUser { addresses: vec![EmailAddress::alias(INFO)], ..again.clone() };
    for (there, status) in [(again, Unchanged), (other, Conflict)] {
        appliance.users.insert(77, there);
        let mut appliance = Appliance { users: appliance.users.clone(), ..Appliance::default() };
        let copy = path.with_extension(format!("{status:?}"));
        std::fs::copy(&path, &copy).unwrap();
        let result = apply(&copy, &undo, &mut appliance);
        assert_eq!(result.actions[0].status, status, "{result:?}");
        assert!(!appliance.calls.contains(&Call::Create("Info Desk".into())));
    }
    assert_eq!(left_alone(&undo_plan(&path, run, &appliance, true))[0], ("UserIsThere", 9));
}

#[test]
fn functional_users_of_one_name_are_told_apart_by_their_addresses() {
    let (_folder, path) = place();
    let jane = person(1, "jane", &[INFO, SALES]);
    let desks = [user(8, "Desk", FUNCTIONAL, &[INFO]), user(9, "Desk", FUNCTIONAL, &[SALES])];
    let other = user(7, "Desk", FUNCTIONAL, &["other@corp.example"]);
    let mut appliance = Appliance::new(&[&jane, &desks[0], &desks[1], &other]);
    let removals = desks.iter().map(|desk| delete(desk, &[&jane], &[])).collect();
    let plan = plan(&open(&path), removals);
    let run = apply(&path, &plan, &mut appliance).run;
    let result = undo(&path, run, &mut appliance);
    assert_eq!(result.statuses, [(Applied, 2)].into());
    let mut addresses: Vec<&str> = appliance
        .users
        .values()
        .filter(|user| user.username == "Desk")
        .map(|user| user.addresses[0].address())
        .collect();
    addresses.sort_unstable();
    assert_eq!(addresses, [INFO, "other@corp.example", SALES]);
}

#[test]
fn rule_38_a_functional_user_that_an_undo_brought_back_is_no_return_by_an_import() {
    let (_folder, path) = place();
    let (mut appliance, plan) = busy(&path);
    let run = apply(&path, &plan, &mut appliance).run;
    undo(&path, run, &mut appliance);
    let users: Vec<EsgUser> = appliance.users.values().cloned().collect();
    open(&path).observe(TENANT, &users).unwrap();
    assert_eq!(read(&path).removed(TENANT).unwrap()[0].returned, 0);
}

#[test]
fn rule_39_what_a_failed_action_did_all_the_same_is_taken_back() {
    let (_folder, path) = place();
    let jane = person(1, "jane", &[]);
    let half =
        EsgUser { addresses: [jane.addresses.clone(), vec![EmailAddress::alias(INFO)]].concat(), ..jane.clone() };
    let shown = half.clone();
    let mut appliance = Appliance::new(&[&jane]).on_write(1, Fault::Instead(Outcome::Item(shown)));
    let plan = plan(&open(&path), vec![update(&jane, vec![add(INFO), add(SALES)])]);
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!(result.actions[0].status, ActionStatus::Failed);
    appliance.users.insert(1, half);
    undo(&path, result.run, &mut appliance);
    assert_eq!(appliance.addresses(1), ["jane@corp.example"]);
}

#[test]
fn images_are_deleted_only_when_told_and_such_a_run_is_not_taken_back() {
    let (_folder, path) = place();
    let (mut appliance, plan) = busy(&path);
    let run = apply(&path, &plan, &mut appliance).run;
    let ours = managed(&path);
    let day = |days: i64| start().checked_add(jiff::SignedDuration::from_hours(24 * days)).unwrap();
    assert_eq!(open(&path).delete_images(day(-1), day(0)).unwrap(), 0);
    assert!(read(&path).undo_facts(run).is_ok());
    assert_eq!(open(&path).delete_images(day(90), day(91)).unwrap(), 1);
    let error = read(&path).undo_facts(run).unwrap_err();
    assert_eq!(error.code(), "RunImagesDeleted");
    assert!(error.to_string().contains("2027-02-23"), "{error}");
    let state = read(&path);
    assert!(state.actions(run).unwrap().iter().all(|action| action.before.is_none() && action.sent.is_none()));
    assert_eq!(state.runs().unwrap()[0].statuses.values().sum::<u64>(), 4, "the history stays");
    assert_eq!((managed(&path), state.removed(TENANT).unwrap().len()), (ours, 1), "and what is ours");
}

#[test]
fn the_guard_of_withdrawals_counts_and_takes_nothing_else_along() {
    let (_folder, path) = place();
    let people: Vec<EsgUser> = (1..=11).map(|id| person(id, &format!("p{id}"), &[])).collect();
    let mut appliance = Appliance::new(&people.iter().collect::<Vec<_>>());
    let plan = plan(&open(&path), people.iter().map(|user| update(user, vec![add(INFO)])).collect());
    let run = apply(&path, &plan, &mut appliance).run;
    let undo = undo_plan(&path, run, &appliance, true);
    let blocked = undo.admit(&BTreeMap::new(), &BTreeSet::new()).unwrap();
    assert_eq!((blocked.blocked[0].kind, blocked.blocked[0].count), (ChangeKind::AliasRemoved, 11));
    assert!(blocked.actions.is_empty());
    assert_eq!(undo.admit(&[(ChangeKind::AliasRemoved, 11)].into(), &BTreeSet::new()).unwrap().actions.len(), 11);
}
