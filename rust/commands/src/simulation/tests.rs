//! The budget of schedules, the broken code that they find, and that a seed is a seed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

use super::campaign::{Campaign, number, seed};
use super::coverage::{Coverage, FAULT, OTHERS, SWITCH};
use super::required::missing;
use super::run::simulate;
use super::sabotage::{INVARIANTS, Sabotage};
use super::shrink::{report, shrink};
use super::switches::Switches;
use esgsync_simulator::Options;
use std::collections::BTreeSet;

/// A simulation that needs more to find broken code finds too little.
const FOUND_WITHIN: u64 = 10_000;

#[test]
fn whole_runs_keep_every_invariant_under_any_schedule_of_faults() {
    if let Some(replayed) = number("ESGSYNC_SEED") {
        let verdict = simulate(&seed(replayed), Sabotage::None, true);
        verdict.fired.iter().for_each(|(place, what)| println!("{place}: {what}"));
        verdict.trace.iter().for_each(|line| println!("{line}"));
        assert!(verdict.broken.is_none(), "{}", report(&seed(replayed), Sabotage::None, &verdict));
        return;
    }
    let campaign = Campaign::of_environment();
    let sum = campaign.run();
    println!("{sum}\ntotal {}", campaign.total(&sum));
    if let Some((at, verdict)) = sum.broken.iter().min_by_key(|(_, verdict)| verdict.fired.len()) {
        panic!("{} broken\n{}", sum.broken.len(), report(&seed(*at), Sabotage::None, verdict));
    }
    assert!(sum.counted >= campaign.wanted);
    if sum.counted < 20_000 {
        return;
    }
    // A simulation of nothing proves nothing: everything that there is was met.
    assert_eq!(missing(&sum.coverage), Vec::<String>::new());
    assert!(sum.coverage.of(FAULT) > sum.counted / 2, "{}", sum.coverage);
    for (kind, least) in [(FAULT, 31), (OTHERS, 12), (SWITCH, 87)] {
        assert!(sum.coverage.names(kind).len() >= least, "{kind}: {:?}", sum.coverage.names(kind));
    }
}

#[test]
fn every_switch_of_the_simulator_is_exercised() {
    let mut coverage = Coverage::default();
    let met = (0..FOUND_WITHIN).find(|at| {
        coverage.add(&simulate(&seed(*at), Sabotage::None, false).coverage);
        missing(&coverage).is_empty()
    });
    println!("{coverage}");
    assert!(met.is_some(), "never met: {:?}", missing(&coverage));
    println!("all of them within {} schedules", met.unwrap_or_default() + 1);
}

/// A switch that the simulator gets has to be drawn here too.
#[test]
fn every_option_of_the_simulator_is_drawn() {
    let json = |options: &Options| serde_json::to_value(options).unwrap();
    let usual = json(&Options::default());
    let mut constant: BTreeSet<&String> = usual.as_object().unwrap().keys().collect();
    for at in 0..2_000 {
        let drawn = json(&Switches::of(&seed(at)).options);
        constant.retain(|name| drawn[name.as_str()] == usual[name.as_str()]);
    }
    // The program that serves the appliance adds the date; the appliance itself has no clock.
    assert_eq!(constant.into_iter().collect::<Vec<_>>(), ["clock_offset_seconds"]);
}

#[test]
fn a_seed_is_a_seed() {
    for at in 0..50 {
        let (one, other) = (simulate(&seed(at), Sabotage::None, true), simulate(&seed(at), Sabotage::None, true));
        assert_eq!(one.trace, other.trace, "seed {at}");
        assert_eq!(one.coverage, other.coverage);
    }
}

#[test]
fn code_that_is_broken_on_purpose_is_found_for_every_invariant() {
    for invariant in INVARIANTS {
        assert!(Sabotage::ALL.iter().any(|(_, broken)| *broken == invariant), "nothing breaks '{invariant}'");
    }
    for (sabotage, invariant) in Sabotage::ALL {
        let found = (0..FOUND_WITHIN)
            .map(|at| (at, simulate(&seed(at), sabotage, false)))
            .find(|(_, verdict)| verdict.kinds.contains(invariant));
        let (at, verdict) = found.unwrap_or_else(|| panic!("{sabotage:?} never breaks '{invariant}'"));
        let (_, short) = shrink(&seed(at), sabotage, &verdict);
        assert!(short.fired.len() <= verdict.fired.len());
        println!(
            "{sabotage:?} breaks '{invariant}': schedule {at}, {} of {} disturbances, {}",
            short.fired.len(),
            verdict.fired.len(),
            verdict.broken.unwrap()
        );
    }
}
