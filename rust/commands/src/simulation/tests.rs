//! The budget of schedules, the broken code that they find, and that a seed is a seed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

use super::campaign::{Campaign, number, seed};
use super::coverage::{FAULT, OTHERS, SWITCH};
use super::run::simulate;
use super::sabotage::Sabotage;
use super::shrink::{report, shrink};

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
    assert!(sum.coverage.of(FAULT) > sum.counted / 2, "{}", sum.coverage);
    for (kind, least) in [(FAULT, 31), (OTHERS, 11), (SWITCH, 60)] {
        assert!(sum.coverage.names(kind).len() >= least, "{kind}: {:?}", sum.coverage.names(kind));
    }
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
fn every_invariant_is_broken_by_code_that_is_broken_and_found() {
    for sabotage in Sabotage::ALL {
        let found = (0..FOUND_WITHIN)
            .map(|at| (at, simulate(&seed(at), sabotage, false)))
            .find(|(_, verdict)| verdict.broken.is_some());
        let (at, verdict) = found.unwrap_or_else(|| panic!("{sabotage:?} is not found"));
        let (_, short) = shrink(&seed(at), sabotage, &verdict);
        assert!(short.fired.len() <= verdict.fired.len());
        println!(
            "{sabotage:?}: schedule {at}, {} of {} disturbances, {}",
            short.fired.len(),
            verdict.fired.len(),
            verdict.broken.unwrap()
        );
    }
}
