//! Which plans a state admits, and how a plan is finished by several runs.

use crate::world::*;
use esgsync_delegation::plan::{Action, Admitted, ChangeKind, Plan, guards};
use esgsync_delegation::snapshot::Tenant;
use esgsync_run::ActionStatus::{Applied, NotStarted, Withheld};
use esgsync_run::{Mode, Outcome, Purpose, Run, RunOptions, RunResult, State, Step};
use std::collections::BTreeMap;
use std::path::Path;

fn refusal(path: &Path, plan: &Plan) -> &'static str {
    match begin(open(path), plan) {
        Ok(_) => panic!("the plan was taken"),
        Err(error) => {
            assert!(!error.advice().is_empty());
            error.code()
        }
    }
}

fn counts(result: &RunResult) -> (u64, u64) {
    let count = |status| result.statuses.get(&status).copied().unwrap_or(0);
    (count(Applied), count(NotStarted))
}

/// Five people get the mailbox's address.
fn five(path: &Path) -> (Appliance, Plan) {
    let users: Vec<_> = (1..=5).map(|id| person(id, &format!("p{id}"), &[])).collect();
    let plan = plan(&open(path), users.iter().map(|user| update(user, vec![add("info@corp.example")])).collect());
    (Appliance::new(&users.iter().collect::<Vec<_>>()), plan)
}

#[test]
fn a_plan_for_another_target_state_or_tenant_is_refused() {
    let (_folder, path) = place();
    let (mut appliance, plan) = five(&path);
    let with = |change: &dyn Fn(&mut Plan)| {
        let mut other = plan.clone();
        change(&mut other);
        other.seal()
    };
    assert_eq!(refusal(&path, &with(&|plan| plan.target.name = "lab".into())), "PlanForOtherTarget");
    assert_eq!(refusal(&path, &with(&|plan| plan.target.host = "lab.example".into())), "PlanForOtherTarget");
    assert_eq!(refusal(&path, &with(&|plan| plan.target.simulator = true)), "PlanForOtherTarget");
    assert_eq!(refusal(&path, &with(&|plan| plan.target.state_id = "0".repeat(32))), "PlanForOtherState");
    let mut changed = plan.clone();
    changed.actions.truncate(1);
    assert_eq!(refusal(&path, &changed), "PlanChanged");
    assert!(read(&path).runs().unwrap().is_empty(), "a refused plan leaves no trace");
    apply(&path, &plan, &mut appliance);
    let foreign = with(&|plan| plan.tenant = Some(Tenant { id: "another".into(), name: None }));
    assert_eq!(refusal(&path, &foreign), "PlanForOtherTenant");
}

#[test]
fn a_plan_is_stale_after_another_plan_and_not_after_runs_of_its_own() {
    let (_folder, path) = place();
    let (mut appliance, first) = five(&path);
    let mut second = first.clone();
    second.actions.truncate(1);
    let second = second.seal();
    apply(&path, &first, &mut appliance);
    assert_eq!(read(&path).generation().unwrap(), 1);
    apply(&path, &first, &mut appliance);
    assert_eq!(read(&path).generation().unwrap(), 1, "the same plan");
    assert_eq!(refusal(&path, &second), "PlanStale");
    let jane = person(6, "jane", &[]);
    let third = plan(&open(&path), vec![update(&jane, vec![add("x@corp.example")])]);
    apply(&path, &third, &mut appliance);
    assert_eq!(read(&path).generation().unwrap(), 2);
    assert_eq!(refusal(&path, &first), "PlanStale");
}

/// An admin approves a plan on Friday; the nightly task that finds everything in line must not make it stale before Monday.
#[test]
fn a_run_without_anything_to_do_does_not_make_a_waiting_plan_stale() {
    let (_folder, path) = place();
    let (mut appliance, waiting) = five(&path);
    let nothing = plan(&open(&path), Vec::new());
    apply(&path, &nothing, &mut appliance);
    assert_eq!(read(&path).generation().unwrap(), 0);
    assert_eq!(read(&path).runs().unwrap().len(), 1, "it is in the history all the same");
    assert_eq!(counts(&apply(&path, &waiting, &mut appliance)), (5, 0));
}

#[test]
fn nor_does_it_make_a_plan_stale_that_has_begun() {
    let (_folder, path) = place();
    let (mut appliance, begun) = five(&path);
    drive(begin_first(open(&path), &begun, Some(2)).unwrap(), &mut appliance, 1);
    let nothing = plan(&open(&path), Vec::new());
    apply(&path, &nothing, &mut appliance);
    let result = apply(&path, &begun, &mut appliance);
    assert_eq!((counts(&result), result.done_before), ((3, 0), 2));
}

#[test]
fn a_run_needs_the_lock() {
    let (_folder, path) = place();
    let (_, plan) = five(&path);
    let state = State::open(&path, &identity(), &options(Mode::Read)).unwrap();
    let error = begin(state, &plan).err().expect("refused");
    assert_eq!(error.code(), "StateReadOnly");
}

#[test]
fn a_second_run_of_a_finished_plan_makes_no_call() {
    let (_folder, path) = place();
    let (mut appliance, plan) = five(&path);
    assert_eq!(counts(&apply(&path, &plan, &mut appliance)), (5, 0));
    appliance.calls.clear();
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((appliance.calls.len(), result.done_before, result.actions.len()), (0, 5, 0));
}

#[test]
fn rule_47_first_takes_the_first_open_actions_and_leaves_the_rest_applicable() {
    let (_folder, path) = place();
    let (mut appliance, plan) = five(&path);
    let run = |path: &Path, first| begin_first(open(path), &plan, Some(first)).unwrap();
    let result = drive(run(&path, 2), &mut appliance, 4);
    assert_eq!(counts(&result), (2, 3));
    assert_eq!(result.actions.iter().map(|action| action.status).collect::<Vec<_>>()[..2], [Applied, Applied]);
    let result = drive(run(&path, 2), &mut appliance, 4);
    assert_eq!((counts(&result), result.done_before), ((2, 1), 2));
    assert_eq!(drive(run(&path, 0), &mut appliance, 4).done_before, 4);
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((counts(&result), result.done_before), ((1, 0), 4));
    assert_eq!(managed(&path).len(), 5);
}

#[test]
fn rule_47_first_repeated_does_not_walk_past_a_guard() {
    use ChangeKind::{AliasRemoved, FunctionalUserRemoved};
    // Kind, what exists, the largest number that passes.
    let steps = [
        (AliasRemoved, 0, 10),
        (AliasRemoved, 99, 10),
        (AliasRemoved, 100, 10),
        (AliasRemoved, 110, 11),
        (FunctionalUserRemoved, 0, 10),
        (FunctionalUserRemoved, 99, 10),
        (FunctionalUserRemoved, 100, 20),
        (FunctionalUserRemoved, 105, 21),
    ];
    for (kind, existing, most) in steps {
        for (count, over) in [(most - 1, false), (most, false), (most + 1, true)] {
            let (_folder, path) = place();
            let (mut appliance, plan) = losing(&path, kind, existing, count);
            let mut first = |expect: &[(ChangeKind, u64)]| {
                let state = open(&path);
                let expect: BTreeMap<_, _> = expect.iter().copied().collect();
                let admitted = plan.admit(&expect, &state.done(&plan.digest).unwrap()).ok()?;
                let options = RunOptions { first: Some(count.div_ceil(3)), now: start() };
                let run = Run::begin(state, esg(&plan), &plan, &admitted, options).unwrap();
                drive(run, &mut appliance, 4);
                Some(appliance.writes() as u64)
            };
            for turn in 1..=3 {
                let done = (turn * count.div_ceil(3)).min(count);
                assert_eq!(first(&[]), Some(if over { 0 } else { done }), "{kind:?}: {count} of {existing}");
            }
            if over {
                // What is done already does not make the rest fewer: the number is that of the whole plan, each time.
                let part = count.div_ceil(3);
                assert_eq!(first(&[(kind, count)]), Some(part));
                assert_eq!(first(&[]), Some(part));
                assert_eq!(first(&[(kind, count - part)]), None, "the number of what is left is not the plan's");
                assert_eq!(first(&[(kind, count)]), Some(2 * part));
            }
        }
    }
}

/// A plan that removes `count` aliases, or functional users, of `existing`.
fn losing(path: &Path, kind: ChangeKind, existing: u64, count: u64) -> (Appliance, Plan) {
    let (users, actions): (Vec<_>, Vec<_>) = match kind {
        ChangeKind::FunctionalUserRemoved => {
            let addresses: Vec<String> = (1..=count).map(|id| format!("box{id}@corp.example")).collect();
            let jane = person(1, "jane", &addresses.iter().map(String::as_str).collect::<Vec<_>>());
            let boxes: Vec<_> = addresses
                .iter()
                .zip(1_000..)
                .map(|(address, id)| user(id, &format!("Box {id}"), FUNCTIONAL, &[address.as_str()]))
                .collect();
            let actions = boxes.iter().map(|functional| delete(functional, &[&jane], &[])).collect();
            (boxes.into_iter().chain([jane]).collect(), actions)
        }
        _ => {
            let people: Vec<_> = (1..=count).map(|id| person(id, &format!("p{id}"), &["info@corp.example"])).collect();
            let actions = people.iter().map(|user| update(user, vec![remove("info@corp.example")])).collect();
            (people, actions)
        }
    };
    let mut plan = plan(&open(path), actions);
    plan.guards = guards(&plan.counts(), &BTreeMap::from([(kind, existing)]));
    (Appliance::new(&users.iter().collect::<Vec<_>>()), plan.seal())
}

#[test]
fn a_killed_run_is_finished_by_the_same_plan_without_writing_anything_twice() {
    let (_folder, path) = place();
    let (mut appliance, plan) = five(&path);
    let mut run = begin(open(&path), &plan).unwrap();
    // Three calls: read and update of the first, read of the second. Then its update is handed out, and the process dies.
    for _ in 0..3 {
        let step = run.next(start()).unwrap();
        let (step, answer) = appliance.serve(step);
        run.complete(step, answer, start()).unwrap();
    }
    assert!(matches!(run.next(start()).unwrap(), Step::Update { user_id: 2, .. }));
    drop(run);
    appliance.calls.clear();
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!(appliance.calls[0], Call::Read(2, Purpose::Settle), "before anything else");
    assert!(!appliance.calls.contains(&Call::Update(1)), "the first was confirmed");
    assert_eq!((counts(&result), result.done_before), ((4, 0), 1));
    assert_eq!(managed(&path).len(), 5);
}

#[test]
fn rule_44_what_another_plan_left_unsettled_is_settled_first_and_booked_under_that_plan() {
    let (_folder, path) = place();
    let (mut appliance, first) = five(&path);
    let mut run = begin(open(&path), &first).unwrap();
    let step = run.next(start()).unwrap();
    let (step, answer) = appliance.serve(step);
    run.complete(step, answer, start()).unwrap();
    let step = run.next(start()).unwrap();
    appliance.serve(step);
    let killed = run.id();
    drop(run);
    appliance.calls.clear();
    let jane = person(6, "jane", &[]);
    appliance.users.insert(6, jane.clone());
    let second = plan(&open(&path), vec![update(&jane, vec![add("x@corp.example")])]);
    let result = apply(&path, &second, &mut appliance);
    assert_eq!(appliance.calls[0], Call::Read(1, Purpose::Settle));
    assert_eq!((result.settled.len(), result.settled[0].status), (1, Applied));
    assert_eq!(counts(&result), (1, 0));
    assert_eq!(managed(&path), [(1, "info@corp.example".into()), (6, "x@corp.example".into())]);
    assert_eq!(read(&path).actions(killed).unwrap()[0].status, Applied);
}

#[test]
fn a_user_with_a_write_that_cannot_be_settled_is_not_written_to() {
    let (_folder, path) = place();
    let (mut appliance, plan) = five(&path);
    let mut run = begin(open(&path), &plan).unwrap();
    let step = run.next(start()).unwrap();
    let (step, answer) = appliance.serve(step);
    run.complete(step, answer, start()).unwrap();
    run.next(start()).unwrap();
    drop(run);
    appliance = appliance.on_read(1, Fault::Instead(Outcome::ReadFailed { text: "unreachable".into() }));
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!(result.actions[0].status, Withheld);
    assert!(!appliance.calls.contains(&Call::Update(1)));
    assert_eq!(counts(&result), (4, 0));
    assert_eq!(counts(&apply(&path, &plan, &mut appliance)), (1, 0), "the next run settles it and goes on");
}

#[test]
fn rule_41_what_a_guard_holds_back_is_reported_and_stays_open() {
    let (_folder, path) = place();
    let (mut appliance, plan) = five(&path);
    let (held, admitted): (Vec<Action>, Vec<Action>) =
        plan.actions.iter().cloned().partition(|action| action.user.id > 3);
    let withheld = held.iter().map(|action| (action.id.clone(), "AliasAdded exceeds its guard".to_owned())).collect();
    let admitted = Admitted { actions: admitted, blocked: Vec::new(), withheld };
    let run = Run::begin(open(&path), esg(&plan), &plan, &admitted, RunOptions { first: None, now: start() }).unwrap();
    let result = drive(run, &mut appliance, 1);
    assert_eq!(result.statuses, [(Applied, 3), (Withheld, 2)].into());
    assert_eq!(result.actions[4].text.as_deref(), Some("AliasAdded exceeds its guard"));
    assert_eq!(counts(&apply(&path, &plan, &mut appliance)), (2, 0));
}

#[test]
fn an_outcome_that_does_not_fit_its_step_is_an_error_and_the_write_stays_unsettled() {
    let (_folder, path) = place();
    let (appliance, plan) = five(&path);
    let mut run = begin(open(&path), &plan).unwrap();
    let Step::Read { step, .. } = run.next(start()).unwrap() else { panic!("read") };
    run.complete(step, Outcome::Item(appliance.users[&1].clone()), start()).unwrap();
    assert_eq!(run.complete(step, Outcome::Missing, start()).unwrap_err().code(), "Internal");
    let Step::Update { step, .. } = run.next(start()).unwrap() else { panic!("update") };
    assert_eq!(run.complete(step, Outcome::Removed, start()).unwrap_err().code(), "Internal");
    drop(run);
    let records = read(&path).actions(1).unwrap();
    assert_eq!(records[0].status, esgsync_run::ActionStatus::Unsettled);
}

#[test]
fn what_is_applied_already_is_neither_counted_nor_withheld_again() {
    for kind in [ChangeKind::AliasRemoved, ChangeKind::FunctionalUserRemoved] {
        let (_folder, path) = place();
        let (mut appliance, plan) = losing(&path, kind, 0, 11);
        let mut apply = |expect: &[(ChangeKind, u64)]| {
            let state = open(&path);
            let expect: BTreeMap<_, _> = expect.iter().copied().collect();
            let admitted = plan.admit(&expect, &state.done(&plan.digest).unwrap()).unwrap();
            let run = Run::begin(state, esg(&plan), &plan, &admitted, RunOptions { first: None, now: start() });
            (admitted.blocked.len(), drive(run.unwrap(), &mut appliance, 4))
        };
        let (blocked, result) = apply(&[]);
        assert_eq!((blocked, result.statuses.get(&Withheld)), (1, Some(&11)));
        let (blocked, result) = apply(&[(kind, 11)]);
        assert_eq!((blocked, result.statuses.get(&Applied)), (0, Some(&11)), "{kind:?}");
        let (blocked, result) = apply(&[]);
        assert_eq!((blocked, result.statuses.len(), result.done_before), (0, 0, 11), "{kind:?}");
    }
}
