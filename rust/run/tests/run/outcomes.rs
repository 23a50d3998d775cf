//! What becomes of updates: each way in which a call can end.

use crate::world::*;
use esgsync_delegation::esg::{EmailAddress, EsgUser};
use esgsync_delegation::plan::Plan;
use esgsync_run::ActionStatus::{Adopted, Applied, Conflict, Failed, NotStarted, Unchanged, Unsettled};
use esgsync_run::{ActionStatus, Outcome, Purpose, RunEvent, RunResult, Step};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::path::Path;

fn statuses(result: &RunResult) -> Vec<ActionStatus> {
    result.actions.iter().map(|action| action.status).collect()
}

fn text(result: &RunResult, at: usize) -> &str {
    result.actions[at].text.as_deref().unwrap_or_default()
}

/// Jane gets the mailbox's address.
fn jane(path: &Path) -> (EsgUser, Plan) {
    let jane = person(1, "jane", &[]);
    let plan = plan(&open(path), vec![update(&jane, vec![add("info@corp.example")])]);
    (jane, plan)
}

fn give(users: &mut BTreeMap<u64, EsgUser>, id: u64, address: &str) {
    users.get_mut(&id).unwrap().addresses.push(EmailAddress::alias(address));
}

fn people(count: u64) -> Vec<EsgUser> {
    (1..=count).map(|id| person(id, &format!("p{id}"), &[])).collect()
}

/// Each of so many people is to get the same alias.
fn adding(path: &Path, count: u64) -> (Plan, Appliance) {
    let users = people(count);
    let actions = users.iter().map(|user| update(user, vec![add("info@corp.example")])).collect();
    (plan(&open(path), actions), Appliance::new(&users.iter().collect::<Vec<_>>()))
}

#[test]
fn rule_23_a_confirmed_alias_is_managed_with_all_that_a_later_plan_needs() {
    let (_folder, path) = place();
    let (jane, plan) = jane(&path);
    let mut appliance = Appliance::new(&[&jane]);
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!(statuses(&result), [Applied]);
    assert_eq!(appliance.addresses(1), ["jane@corp.example", "info@corp.example"]);
    let state = read(&path);
    let [entry] = &state.managed(TENANT).unwrap()[..] else { panic!("one entry") };
    assert_eq!((entry.user_id, &*entry.username), (1, "jane@corp.example"));
    assert_eq!((&*entry.address, &*entry.mailbox), ("info@corp.example", "info-guid"));
    assert_eq!(entry.right, esgsync_delegation::snapshot::Right::FullAccess);
    assert!(state.managed("another tenant").unwrap().is_empty());
    assert_eq!(state.tenant().unwrap().as_deref(), Some(TENANT));
}

#[test]
fn without_a_tenant_nothing_becomes_ours() {
    let (_folder, path) = place();
    let (jane, mut plan) = jane(&path);
    plan.tenant = None;
    plan = plan.seal();
    assert_eq!(statuses(&apply(&path, &plan, &mut Appliance::new(&[&jane]))), [Applied]);
    let state = read(&path);
    assert!(state.managed("").unwrap().is_empty() && state.managed(TENANT).unwrap().is_empty());
    assert_eq!(state.tenant().unwrap(), None);
}

#[test]
fn a_removed_alias_is_not_managed_any_more() {
    let (_folder, path) = place();
    let (mut jane, first) = jane(&path);
    let mut appliance = Appliance::new(&[&jane]);
    apply(&path, &first, &mut appliance);
    assert_eq!(managed(&path).len(), 1);
    jane = appliance.users[&1].clone();
    let second = plan(&open(&path), vec![update(&jane, vec![remove("INFO@corp.example")])]);
    let result = apply(&path, &second, &mut appliance);
    assert_eq!(statuses(&result), [Applied]);
    assert_eq!(appliance.addresses(1), ["jane@corp.example"]);
    assert!(managed(&path).is_empty());
}

#[test]
fn a_write_is_journalled_with_before_image_and_body_before_it_is_handed_out() {
    let (_folder, path) = place();
    let (jane, plan) = jane(&path);
    let mut run = begin(open(&path), &plan).unwrap();
    let Step::Read { step, user_id: 1, purpose: Purpose::Update } = run.next(start()).unwrap() else { panic!("read") };
    run.complete(step, Outcome::Item(jane.clone()), start()).unwrap();
    assert!(read(&path).actions(run.id()).unwrap().is_empty());
    let Step::Update { body, .. } = run.next(start()).unwrap() else { panic!("update") };
    let [record] = &read(&path).actions(run.id()).unwrap()[..] else { panic!("journalled") };
    assert_eq!(record.status, Unsettled);
    assert_eq!(record.before, Some(serde_json::to_value(&jane).unwrap()));
    assert_eq!(record.sent, Some(serde_json::to_value(&body).unwrap()));
    assert_eq!((record.attempts, record.ended), (1, None));
}

#[test]
fn events_are_told_after_the_journal_has_them() {
    let (_folder, path) = place();
    let (jane, plan) = jane(&path);
    let mut appliance = Appliance::new(&[&jane]);
    let mut run = begin(open(&path), &plan).unwrap();
    for _ in 0..2 {
        let step = run.next(start()).unwrap();
        let (step, answer) = appliance.serve(step);
        assert!(run.take_events().is_empty());
        run.complete(step, answer, start()).unwrap();
    }
    let [RunEvent::Ended(result)] = &run.take_events()[..] else { panic!("one event") };
    assert_eq!(result.status, Applied);
    assert_eq!(read(&path).actions(run.id()).unwrap()[0].status, Applied);
    assert_eq!(run.progress(), (1, 1));
}

#[test]
fn a_read_that_has_become_old_is_not_used() {
    let (_folder, path) = place();
    let (jane, plan) = jane(&path);
    let mut appliance = Appliance::new(&[&jane]);
    let mut run = begin(open(&path), &plan).unwrap();
    let step = run.next(start()).unwrap();
    let (step, answer) = appliance.serve(step);
    run.complete(step, answer, start()).unwrap();
    give(&mut appliance.users, 1, "edited@corp.example");
    let much_later = start().checked_add(SignedDuration::from_secs(31)).unwrap();
    let step = run.next(much_later).unwrap();
    assert!(matches!(step, Step::Read { user_id: 1, .. }), "{step:?}");
    let (step, answer) = appliance.serve(step);
    run.complete(step, answer, much_later).unwrap();
    let Step::Update { body, .. } = run.next(much_later).unwrap() else { panic!("update") };
    let sent: Vec<&str> = body.iter().map(EmailAddress::address).collect();
    assert_eq!(sent, ["jane@corp.example", "edited@corp.example", "info@corp.example"]);
}

#[test]
fn rule_34_an_alias_that_somebody_else_added_meanwhile_does_not_become_ours() {
    let (_folder, path) = place();
    let (jane, plan) = jane(&path);
    let mut appliance = Appliance::new(&[&jane]);
    give(&mut appliance.users, 1, "info@corp.example");
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((statuses(&result), appliance.writes()), (vec![Unchanged], 0));
    assert!(managed(&path).is_empty());
}

#[test]
fn rule_34_of_two_aliases_only_the_one_that_was_missing_becomes_ours() {
    let (_folder, path) = place();
    let jane = person(1, "jane", &[]);
    let changes = vec![add("a@corp.example"), add("b@corp.example")];
    let plan = plan(&open(&path), vec![update(&jane, changes)]);
    let mut appliance = Appliance::new(&[&jane]);
    give(&mut appliance.users, 1, "a@corp.example");
    assert_eq!(statuses(&apply(&path, &plan, &mut appliance)), [Applied]);
    assert_eq!(managed(&path), [(1, "b@corp.example".into())]);
}

#[test]
fn rule_35_adoption_makes_no_call_and_is_journalled() {
    let (_folder, path) = place();
    let jane = person(1, "jane", &["info@corp.example"]);
    let plan = plan(&open(&path), vec![adopt(&jane, "info@corp.example")]);
    let mut appliance = Appliance::new(&[&jane]);
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((statuses(&result), appliance.calls.len()), (vec![Adopted], 0));
    assert_eq!(managed(&path), [(1, "info@corp.example".into())]);
    let [record] = &read(&path).actions(result.run).unwrap()[..] else { panic!("journalled") };
    assert_eq!((record.status, record.attempts, &record.sent), (Adopted, 0, &None));
}

#[test]
fn rule_35_adoptions_of_more_users_than_fit_a_transaction_are_all_booked() {
    let (_folder, path) = place();
    let users: Vec<_> = (1..=1001).map(|id| person(id, &format!("p{id}"), &["info@corp.example"])).collect();
    let plan = plan(&open(&path), users.iter().map(|user| adopt(user, "info@corp.example")).collect());
    let result = apply(&path, &plan, &mut Appliance::default());
    assert_eq!(result.statuses, [(Adopted, 1001)].into());
    assert_eq!(managed(&path).len(), 1001);
}

#[test]
fn additions_end_before_other_updates_begin_and_adoptions_come_after() {
    let (_folder, path) = place();
    let users =
        [person(1, "old", &["info@corp.example"]), person(2, "new", &[]), person(3, "has", &["info@corp.example"])];
    let actions = vec![
        update(&users[0], vec![remove("info@corp.example")]),
        adopt(&users[2], "info@corp.example"),
        update(&users[1], vec![add("info@corp.example")]),
    ];
    let plan = plan(&open(&path), actions);
    let mut appliance = Appliance::new(&users.iter().collect::<Vec<_>>());
    let result = drive(begin(open(&path), &plan).unwrap(), &mut appliance, 4);
    let read = |id| Call::Read(id, Purpose::Update);
    assert_eq!(appliance.calls, [read(2), Call::Update(2), read(1), Call::Update(1)]);
    assert_eq!(statuses(&result), [Applied, Adopted, Applied], "in the order of the plan");
}

#[test]
fn rule_37_the_first_write_goes_alone_and_its_refusal_stops_the_run() {
    let (_folder, path) = place();
    let users = people(3);
    let functional = user(9, "Info Desk", FUNCTIONAL, &["info@corp.example"]);
    let mut actions: Vec<_> = users.iter().map(|user| update(user, vec![add("info@corp.example")])).collect();
    actions.push(delete(&functional, &[&users[0]], &[]));
    let plan = plan(&open(&path), actions);
    for status in [409, 422] {
        let mut appliance = Appliance::new(&[&users[0], &users[1], &users[2], &functional])
            .on_write(1, Fault::Instead(refused(status, "address: already used")));
        let result = drive(begin(open(&path), &plan).unwrap(), &mut appliance, 4);
        assert_eq!(appliance.writes(), 1, "{:?}", appliance.calls);
        assert_eq!(statuses(&result), [Conflict, NotStarted, NotStarted, NotStarted]);
        assert!(text(&result, 0).contains("user 'Info Desk', id 9, has info@corp.example"), "{}", text(&result, 0));
        let stopped = result.stopped.unwrap();
        assert_eq!(stopped.code, "FirstWriteRefused");
        for part in ["already used", "p1@corp.example", "Info Desk", "info@corp.example", "nothing was deleted"] {
            assert!(stopped.text.contains(part), "{part} is missing: {}", stopped.text);
        }
        assert!(appliance.users.contains_key(&9));
        assert!(managed(&path).is_empty());
    }
}

#[test]
fn rule_37_a_later_refusal_is_a_conflict_and_the_run_goes_on() {
    let (_folder, path) = place();
    let users = people(3);
    let plan = plan(&open(&path), users.iter().map(|user| update(user, vec![add("info@corp.example")])).collect());
    let mut appliance = Appliance::new(&[&users[0], &users[1], &users[2]])
        .on_write(2, Fault::Instead(refused(422, "address: already used")));
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!(statuses(&result), [Applied, Conflict, Applied]);
    assert_eq!(result.stopped, None);
    assert_eq!(appliance.writes(), 3, "a refused write is not sent again");
}

/// Found by the simulation: the journal must not say of a write that never left that it may have happened.
#[test]
fn rule_34_a_write_that_was_not_sent_makes_nothing_ours_that_somebody_else_brings_later() {
    let (_folder, path) = place();
    let users = people(2);
    let plan = plan(&open(&path), users.iter().map(|user| update(user, vec![add("info@corp.example")])).collect());
    let mut appliance = Appliance::new(&[&users[0], &users[1]])
        .on_write(1, Fault::Instead(Outcome::NotSent { text: "it asked to wait".into() }))
        .on_write(2, Fault::Instead(refused(422, "address: already used")));
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!(
        (statuses(&result), result.stopped.clone().unwrap().code),
        (vec![NotStarted, Conflict], "FirstWriteRefused".into())
    );
    assert_eq!(text(&result, 0), "it asked to wait");
    let run = read(&path).runs().unwrap().remove(0);
    assert_eq!(run.statuses, [(NotStarted, 1), (Conflict, 1)].into(), "the journal knows it too");

    // Somebody gives user 1 the alias by hand.
    let by_hand = person(1, "p1", &["info@corp.example"]);
    let mut appliance = Appliance::new(&[&by_hand, &users[1]]);
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((result.settled.len(), statuses(&result)), (0, vec![Unchanged, Applied]));
    assert_eq!(managed(&path).iter().map(|(user, _)| *user).collect::<Vec<_>>(), [2]);
}

#[test]
fn rule_34_nor_does_one_of_which_a_read_said_that_it_did_not_happen() {
    let (_folder, path) = place();
    let users = people(1);
    let plan = plan(&open(&path), vec![update(&users[0], vec![add("info@corp.example")])]);
    let mut run = begin(open(&path), &plan).unwrap();
    let (mut now, mut reads) = (start(), 0);
    while reads < 2 {
        match run.next(now).unwrap() {
            Step::Read { step, .. } => {
                reads += 1;
                run.complete(step, Outcome::Item(users[0].clone()), now).unwrap();
            }
            Step::Update { step, .. } => {
                run.complete(step, Outcome::Unsettled { text: "no answer".into() }, now).unwrap();
            }
            Step::Wait { until } => now = until.expect("a time"),
            other => panic!("{other:?}"),
        }
    }
    run.stop();
    assert_eq!(statuses(&run.finish(now).unwrap()), [NotStarted]);
    assert_eq!(read(&path).runs().unwrap()[0].statuses, [(NotStarted, 1)].into());
}

#[test]
fn a_refusal_of_another_kind_fails_its_action_only() {
    let (_folder, path) = place();
    let users = people(2);
    let plan = plan(&open(&path), users.iter().map(|user| update(user, vec![add("info@corp.example")])).collect());
    let mut appliance =
        Appliance::new(&[&users[0], &users[1]]).on_write(1, Fault::Instead(refused(400, "syntax error")));
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!(statuses(&result), [Failed, Applied]);
    assert!(text(&result, 0).contains("400: syntax error"));
}

#[test]
fn rule_39_a_reply_that_does_not_show_the_address_is_a_failure() {
    let (_folder, path) = place();
    let (jane, plan) = jane(&path);
    let mut appliance = Appliance::new(&[&jane]).on_write(1, Fault::Instead(Outcome::Item(jane.clone())));
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!(statuses(&result), [Failed]);
    assert!(text(&result, 0).contains("info@corp.example"), "{}", text(&result, 0));
    assert!(managed(&path).is_empty());
}

#[test]
fn rule_39_the_part_that_the_reply_does_show_is_ours_although_the_action_failed() {
    let (_folder, path) = place();
    let jane = person(1, "jane", &[]);
    let plan = plan(&open(&path), vec![update(&jane, vec![add("a@corp.example"), add("b@corp.example")])]);
    let half = person(1, "jane", &["a@corp.example"]);
    let mut appliance = Appliance::new(&[&jane]).on_write(1, Fault::Instead(Outcome::Item(half)));
    assert_eq!(statuses(&apply(&path, &plan, &mut appliance)), [Failed]);
    assert_eq!(managed(&path), [(1, "a@corp.example".into())]);
}

#[test]
fn rule_42_an_edit_elsewhere_is_merged() {
    let (_folder, path) = place();
    let (jane, plan) = jane(&path);
    let mut appliance = Appliance::new(&[&jane]);
    give(&mut appliance.users, 1, "edited@corp.example");
    assert_eq!(statuses(&apply(&path, &plan, &mut appliance)), [Applied]);
    assert_eq!(appliance.addresses(1), ["jane@corp.example", "edited@corp.example", "info@corp.example"]);
}

#[test]
fn rule_42_another_username_or_role_behind_the_id_is_a_conflict() {
    let (_folder, path) = place();
    let (jane, plan) = jane(&path);
    for other in [EsgUser { username: "john@corp.example".into(), ..jane.clone() }, EsgUser { role: Some(2), ..jane }] {
        let mut appliance = Appliance::new(&[&other]);
        let result = apply(&path, &plan, &mut appliance);
        assert_eq!((statuses(&result), appliance.writes()), (vec![Conflict], 0));
    }
}

#[test]
fn a_user_that_is_gone_is_a_conflict() {
    let (_folder, path) = place();
    let (_, plan) = jane(&path);
    let result = apply(&path, &plan, &mut Appliance::default());
    assert_eq!(statuses(&result), [Conflict]);
}

#[test]
fn rule_43_what_the_reply_shows_and_nobody_sent_is_a_finding() {
    let (_folder, path) = place();
    let (jane, plan) = jane(&path);
    let reply = person(1, "jane", &["info@corp.example", "sneaked@corp.example"]);
    let mut appliance = Appliance::new(&[&jane]).on_write(1, Fault::Instead(Outcome::Item(reply)));
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!(statuses(&result), [Applied]);
    let [finding] = &result.findings[..] else { panic!("one finding: {:?}", result.findings) };
    assert_eq!(finding.code, "EditedMeanwhile");
    assert!(finding.text.contains("sneaked@corp.example"), "{}", finding.text);
}

#[test]
fn rule_44_a_lost_reply_is_settled_by_reading_and_not_sent_again() {
    let (_folder, path) = place();
    let (jane, plan) = jane(&path);
    for answer in [unsettled("connection reset"), later(2)] {
        let (_folder, path) =
            (tempfile::tempdir().unwrap(), path.with_file_name(format!("{answer:?}.db").replace(['/', '"'], "")));
        let plan = Plan { target: target_of(&path), ..plan.clone() }.seal();
        let mut appliance = Appliance::new(&[&jane]).on_write(1, Fault::Done(answer));
        let result = apply(&path, &plan, &mut appliance);
        assert_eq!(statuses(&result), [Applied]);
        let calls = [Call::Read(1, Purpose::Update), Call::Update(1), Call::Read(1, Purpose::Settle)];
        assert_eq!(appliance.calls, calls);
        assert_eq!(managed(&path), [(1, "info@corp.example".into())]);
    }
}

fn target_of(path: &Path) -> esgsync_delegation::plan::TargetRef {
    plan(&open(path), Vec::new()).target
}

#[test]
fn rule_44_a_write_that_got_lost_is_computed_anew_from_the_read_that_settles_it() {
    let (_folder, path) = place();
    let (jane, plan) = jane(&path);
    let mut appliance = Appliance::new(&[&jane])
        .on_write(1, Fault::Instead(unsettled("timeout")))
        .on_read(1, Fault::Then(Box::new(|users| give(users, 1, "edited@corp.example"))));
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!(statuses(&result), [Applied]);
    assert_eq!(appliance.addresses(1), ["jane@corp.example", "edited@corp.example", "info@corp.example"]);
    assert_eq!(appliance.writes(), 2);
    assert_eq!(managed(&path), [(1, "info@corp.example".into())]);
}

#[test]
fn rule_44_a_lost_write_beside_an_alias_that_was_there_by_hand_is_repeated() {
    let (_folder, path) = place();
    let jane = person(1, "jane", &[]);
    let plan = plan(&open(&path), vec![update(&jane, vec![add("a@corp.example"), add("b@corp.example")])]);
    let mut appliance = Appliance::new(&[&jane]).on_write(1, Fault::Instead(unsettled("timeout")));
    give(&mut appliance.users, 1, "a@corp.example");
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((statuses(&result), appliance.writes()), (vec![Applied], 2));
    assert_eq!(managed(&path), [(1, "b@corp.example".into())]);
}

#[test]
fn rule_44_a_lost_write_whose_address_somebody_then_changed_is_a_conflict() {
    let (_folder, path) = place();
    let (jane, plan) = jane(&path);
    let inactive = |users: &mut BTreeMap<u64, EsgUser>| {
        give(users, 1, "info@corp.example");
        let element = &mut users.get_mut(&1).unwrap().addresses[1];
        *element = element.clone().with("active", false);
    };
    let mut appliance = Appliance::new(&[&jane])
        .on_read(1, Fault::Then(Box::new(inactive)))
        .on_write(1, Fault::Instead(unsettled("timeout")));
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((statuses(&result), appliance.writes()), (vec![Conflict], 1));
}

#[test]
fn rule_44_three_writes_without_effect_are_a_failure() {
    let (_folder, path) = place();
    let (jane, plan) = jane(&path);
    let mut appliance = Appliance::new(&[&jane]);
    for _ in 0..9 {
        appliance = appliance.on_write(1, Fault::Instead(unsettled("502 from a proxy")));
    }
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((statuses(&result), appliance.writes()), (vec![Failed], 3));
    assert!(text(&result, 0).contains("502 from a proxy"), "{}", text(&result, 0));
}

#[test]
fn rule_44_when_the_settling_read_fails_the_next_run_reads_before_it_writes() {
    let (_folder, path) = place();
    let (jane, plan) = jane(&path);
    let mut appliance = Appliance::new(&[&jane])
        .on_write(1, Fault::Done(unsettled("timeout")))
        .on_read(1, Fault::Then(Box::new(|_| {})))
        .on_read(1, Fault::Instead(Outcome::ReadFailed { text: "unreachable".into() }));
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!(statuses(&result), [Unsettled]);
    assert!(managed(&path).is_empty());
    appliance.calls.clear();
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!(appliance.calls, [Call::Read(1, Purpose::Settle)]);
    assert_eq!((result.settled[0].status, result.done_before, result.actions.len()), (Applied, 1, 0));
    assert_eq!(managed(&path), [(1, "info@corp.example".into())]);
}

#[test]
fn a_target_that_asks_to_wait_is_left_alone_that_long() {
    let (_folder, path) = place();
    let (jane, plan) = jane(&path);
    let mut run = begin(open(&path), &plan).unwrap();
    let mut appliance = Appliance::new(&[&jane]).on_write(1, Fault::Instead(later(90)));
    for _ in 0..2 {
        let step = run.next(start()).unwrap();
        let (step, answer) = appliance.serve(step);
        run.complete(step, answer, start()).unwrap();
    }
    let until = start().checked_add(SignedDuration::from_secs(90)).unwrap();
    assert_eq!(run.next(start()).unwrap(), Step::Wait { until: Some(until) });
    assert!(matches!(run.take_events()[..], [RunEvent::Retrying { attempts: 1, .. }]));
    assert!(matches!(run.next(until).unwrap(), Step::Read { .. }), "from a new read, never the old body");
}

#[test]
fn a_call_that_never_left_is_tried_three_times() {
    let (_folder, path) = place();
    let (jane, plan) = jane(&path);
    let mut appliance = Appliance::new(&[&jane]);
    for _ in 0..9 {
        appliance = appliance.on_write(1, Fault::Instead(Outcome::NotSent { text: "connection refused".into() }));
    }
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((statuses(&result), appliance.writes()), (vec![Failed], 3));
}

#[test]
fn denied_stops_the_run_at_once() {
    let (_folder, path) = place();
    let users = people(2);
    let plan = plan(&open(&path), users.iter().map(|user| update(user, vec![add("info@corp.example")])).collect());
    let denied = Outcome::Denied { text: "403 forbidden".into() };
    let mut appliance = Appliance::new(&[&users[0], &users[1]]).on_write(1, Fault::Instead(denied));
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((statuses(&result), appliance.writes()), (vec![Failed, NotStarted], 1));
    assert_eq!(result.stopped.unwrap().code, "AccessDenied");
}

#[test]
fn rule_45_five_failures_in_a_row_stop_the_run() {
    let (_folder, path) = place();
    let (plan, mut appliance) = adding(&path, 8);
    for id in 2..=8 {
        appliance = appliance.on_write(id, Fault::Instead(refused(400, "no")));
    }
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!(statuses(&result), [Applied, Failed, Failed, Failed, Failed, Failed, NotStarted, NotStarted]);
    assert_eq!(result.stopped.unwrap().code, "FiveFailures");
}

#[test]
fn rule_45_five_reads_that_fail_in_a_row_stop_the_run_too() {
    let (_folder, path) = place();
    let (plan, mut appliance) = adding(&path, 8);
    for id in 2..=8 {
        for _ in 0..8 {
            appliance = appliance.on_read(id, Fault::Instead(Outcome::ReadFailed { text: "unreachable".into() }));
        }
    }
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!(statuses(&result), [Applied, Failed, Failed, Failed, Failed, Failed, NotStarted, NotStarted]);
    assert_eq!(result.stopped.unwrap().code, "FiveFailures");
}

#[test]
fn rule_45_a_success_between_failures_begins_the_count_anew() {
    let (_folder, path) = place();
    let (plan, mut appliance) = adding(&path, 10);
    for id in [1, 2, 3, 4, 6, 7, 8, 9] {
        appliance = appliance.on_write(id, Fault::Instead(refused(400, "no")));
    }
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((result.stopped, result.statuses), (None, [(Applied, 2), (Failed, 8)].into()));
}

#[test]
fn rule_45_retries_do_not_count() {
    let (_folder, path) = place();
    let users = people(5);
    let actions = users.iter().map(|user| update(user, vec![add("info@corp.example")])).collect();
    let plan = plan(&open(&path), actions);
    let mut appliance = Appliance::new(&users.iter().collect::<Vec<_>>())
        .on_write(1, Fault::Instead(unsettled("timeout")))
        .on_write(1, Fault::Instead(unsettled("timeout")));
    for id in 2..=5 {
        appliance = appliance.on_write(id, Fault::Instead(refused(400, "no")));
    }
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((result.stopped, result.statuses), (None, [(Applied, 1), (Failed, 4)].into()));
}

#[test]
fn rule_48_an_answer_about_another_user_is_not_used() {
    let (_folder, path) = place();
    let (jane, plan) = jane(&path);
    let john = person(2, "john", &[]);
    let mut appliance = Appliance::new(&[&jane]).on_read(1, Fault::Instead(Outcome::Item(john)));
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((statuses(&result), appliance.writes()), (vec![Failed], 0));
}

#[test]
fn an_interrupted_run_begins_nothing_new_and_is_finished_by_the_next() {
    let (_folder, path) = place();
    let users = people(3);
    let plan = plan(&open(&path), users.iter().map(|user| update(user, vec![add("info@corp.example")])).collect());
    let mut appliance = Appliance::new(&[&users[0], &users[1], &users[2]]);
    let mut run = begin(open(&path), &plan).unwrap();
    let step = run.next(start()).unwrap();
    let (step, answer) = appliance.serve(step);
    run.complete(step, answer, start()).unwrap();
    let update = run.next(start()).unwrap();
    run.stop();
    assert_eq!(run.next(start()).unwrap(), Step::Wait { until: None }, "one write is in flight");
    appliance.serve(update);
    let result = run.finish(start()).unwrap();
    assert_eq!(statuses(&result), [Unsettled, NotStarted, NotStarted]);
    assert_eq!(result.stopped.unwrap().code, "Interrupted");
    assert_eq!(read(&path).runs().unwrap()[0].stopped.as_deref(), Some("Interrupted"));
    appliance.calls.clear();
    let result = apply(&path, &plan, &mut appliance);
    assert_eq!((result.settled[0].status, result.done_before), (Applied, 1));
    assert_eq!((statuses(&result), appliance.writes()), (vec![Applied, Applied], 2));
    assert_eq!(managed(&path).len(), 3);
}
