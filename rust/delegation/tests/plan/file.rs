//! A plan as a file: what it looks like, and what is refused.

use crate::builder::*;
use esgsync_delegation::plan::{FunctionalUser, Plan, PlanError, schema};
use serde_json::{Value, json};

/// Everything that a plan can hold, once.
fn sample() -> Plan {
    let mut world = World::new();
    world.options.functional_user = FunctionalUser::Remove;
    world.options.adopt_existing = true;
    let (shop, yard) = (world.mailbox("shop", &[]), world.mailbox("yard", &[]));
    let (ann, bob, cyd) = (world.person("ann"), world.person("bob"), world.person("cyd"));
    let team = world.group("Team");
    world.grant_right(shop, ann, esgsync_delegation::snapshot::Right::FullAccess, &[team]);
    world.grant(yard, bob);
    world.grant(yard, cyd);
    world.colleague(1, "ann", &["yard@corp.example", "yard@corp.example", "shop.old@corp.example#import"]);
    world.colleague(2, "bob", &["yard@corp.example"]);
    world.functional(50, "shop", &[]);
    world.manage(1, "shop.old@corp.example", "shop");
    world.plan().seal()
}

fn refused(edit: impl FnOnce(&mut Value)) -> PlanError {
    let mut value = serde_json::to_value(sample()).unwrap();
    edit(&mut value);
    Plan::read(&value.to_string()).unwrap_err()
}

/// As [`refused`], by somebody who knows how to seal.
fn forged(edit: impl FnOnce(&mut Plan)) -> String {
    let mut plan = sample();
    edit(&mut plan);
    match Plan::read(&plan.seal().write()) {
        Err(PlanError::Inconsistent { problem }) => problem,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_plan_is_readable() {
    insta::assert_snapshot!(sample().write());
}

#[test]
fn what_was_written_is_read_again_and_fits_the_schema() {
    let plan = sample();
    assert_eq!(Plan::read(&plan.write()).unwrap(), plan);
    assert!(jsonschema::is_valid(&schema(), &serde_json::to_value(&plan).unwrap()));
    assert!(!jsonschema::is_valid(&schema(), &json!({"version": 1})));
    // The order of members is no content.
    let mut value = serde_json::to_value(&plan).unwrap();
    value.sort_all_objects();
    assert!(Plan::read(&value.to_string()).unwrap().verify_digest().is_ok());
}

#[test]
fn a_plan_is_readable_in_a_diff() {
    let mut world = World::new();
    let shop = world.mailbox("shop", &[]);
    for id in 1..=20 {
        let person = world.person(&format!("p{id:02}"));
        world.grant(shop, person);
        world.colleague(id, &format!("p{id:02}"), &[]);
    }
    let before = world.plan().seal().write();
    assert!(before.lines().all(|line| line.len() < 200), "a line for each fact");
    // One more delegate: an action is new, and nothing else is told differently but numbers and digest.
    let person = world.person("p10a");
    world.grant(shop, person);
    world.colleague(21, "p10a", &[]);
    let after = world.plan().seal().write();
    let (gone, new): (Vec<&str>, Vec<&str>) = diff(&before, &after);
    let count = r#"      "count": "#;
    assert!(
        gone.iter().all(|line| line.contains("digest") || line.starts_with("    \"") || line.starts_with(count)),
        "{gone:#?}"
    );
    assert!(gone.len() <= 6, "{gone:#?}");
    let action: Vec<&&str> = new.iter().filter(|line| line.contains("p10a")).collect();
    assert!(action.len() >= 4, "{new:#?}");
    assert!(new.len() < 60, "{new:#?}");
}

/// Lines that only one of two texts has, by a longest common subsequence.
fn diff<'a>(before: &'a str, after: &'a str) -> (Vec<&'a str>, Vec<&'a str>) {
    let (a, b): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let mut common = vec![vec![0_u32; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            let longer = common[i + 1][j].max(common[i][j + 1]);
            common[i][j] = if a[i] == b[j] { common[i + 1][j + 1] + 1 } else { longer };
        }
    }
    let (mut i, mut j, mut gone, mut new) = (0, 0, Vec::new(), Vec::new());
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == b.len() || (i < a.len() && common[i + 1][j] >= common[i][j + 1]) {
            gone.push(a[i]);
            i += 1;
        } else {
            new.push(b[j]);
            j += 1;
        }
    }
    (gone, new)
}

#[test]
fn members_of_address_elements_survive_the_file() {
    let mut plan = sample();
    let odd = json!({"address": "x", "n": 1.5, "none": null, "deep": {"b": [1, {"c": []}], "a": true}});
    plan.actions[0].before[0] = odd.as_object().unwrap().clone().into();
    let plan = plan.seal();
    let again = Plan::read(&plan.write()).unwrap();
    assert_eq!(Value::Object(again.actions[0].before[0].clone().into()).to_string(), odd.to_string());
}

#[test]
fn the_digest_covers_everything() {
    let edits: [fn(&mut Value); 6] = [
        |value| value["actions"][0]["after"][0]["active"] = json!(false),
        |value| value["actions"][0]["holders"] = json!([{"id": 3, "username": "x"}]),
        |value| value["options"]["requireAllDelegates"] = json!(true),
        |value| value["target"]["stateGeneration"] = json!(4),
        |value| value["created"] = json!("2026-11-25T08:00:00Z"),
        |value| drop(value["actions"].as_array_mut().unwrap().pop()),
    ];
    for edit in edits {
        assert!(matches!(refused(edit), PlanError::Digest { .. }));
    }
    let mut unsealed = sample();
    unsealed.digest.clear();
    assert!(matches!(unsealed.verify_digest(), Err(PlanError::Digest { .. })));
}

#[test]
fn what_is_no_plan_is_refused_with_what_to_do() {
    assert!(matches!(Plan::read("<html>"), Err(PlanError::NotAPlan { .. })));
    assert!(matches!(Plan::read("{}"), Err(PlanError::NotAPlan { .. })));
    let text = sample().write();
    assert!(matches!(Plan::read(&text[..text.len() / 2]), Err(PlanError::NotAPlan { .. })));
    let later = refused(|value| *value = json!({"version": 2, "steps": []}));
    assert_eq!(later, PlanError::Version { found: 2, supported: 1 });
    assert!(later.to_string().contains("Make the plan again"));
}

#[test]
fn a_plan_that_contradicts_itself_is_refused() {
    assert!(forged(|plan| plan.actions[0].user.id = 0).contains("id 0"));
    assert!(forged(|plan| plan.actions.swap(0, 2)).contains("depends on"));
    assert!(forged(|plan| plan.actions[0].id = "x".into()).contains("id does not belong"));
    assert!(forged(|plan| plan.actions[0].changes.clear()).contains("changes nothing"));
    assert!(forged(|plan| plan.actions[2].holders.clear()).contains("names nobody"));
    assert!(forged(|plan| plan.guards[0].count = 9).contains("guards"));
    let twice = forged(|plan| {
        let last = plan.actions[1].clone();
        plan.actions.push(last);
    });
    assert!(twice.contains("twice"), "{twice}");
    let mixed = forged(|plan| {
        let change = plan.actions[2].changes[0].clone();
        plan.actions[0].changes.push(change);
    });
    assert!(mixed.contains("no change of UpdateUser"), "{mixed}");
}
