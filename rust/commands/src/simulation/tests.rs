//! The budget of schedules, the broken code that they find, and that a seed is a seed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

use super::coverage::{Coverage, FAULT, OTHERS, SWITCH};
use super::dice::Dice;
use super::run::{Verdict, simulate};
use super::sabotage::Sabotage;
use super::shrink::{report, shrink};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

/// In a release build; unless `ESGSYNC_SEEDS` says otherwise (`build.ps1 Test -Seeds`).
const SCHEDULES: u64 = if cfg!(debug_assertions) { 200 } else { 20_000 };
/// A simulation that needs more to find broken code finds too little.
const FOUND_WITHIN: u64 = 10_000;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

fn seed(seed: u64) -> Dice {
    Dice { seed, ..Dice::default() }
}

#[derive(Default)]
struct Sum {
    coverage: Coverage,
    counted: u64,
    run: u64,
    faults: u64,
    writes: u64,
    slowest: (u64, u128),
}

impl Sum {
    fn add(&mut self, seed: u64, verdict: &Verdict, took: u128) {
        self.run += 1;
        self.slowest = self.slowest.max_by(seed, took);
        if verdict.counts() {
            self.counted += 1;
            self.coverage.add(&verdict.coverage);
            self.faults += verdict.faults;
            self.writes += verdict.writes;
        }
    }
}

trait Slowest {
    fn max_by(self, seed: u64, took: u128) -> Self;
}

impl Slowest for (u64, u128) {
    fn max_by(self, seed: u64, took: u128) -> Self {
        if took > self.1 { (seed, took) } else { self }
    }
}

#[test]
fn whole_runs_keep_every_invariant_under_any_schedule_of_faults() {
    if let Some(replayed) = number("ESGSYNC_SEED") {
        let verdict = simulate(&seed(replayed), Sabotage::None, true);
        verdict.fired.iter().for_each(|(place, what)| println!("{place}: {what}"));
        verdict.trace.iter().for_each(|line| println!("{line}"));
        assert!(verdict.broken.is_none(), "{}", report(&seed(replayed), Sabotage::None, &verdict));
        return;
    }
    // A build for debugging is too slow for more than a look.
    let asked = number("ESGSYNC_SEEDS").filter(|_| !cfg!(debug_assertions));
    let wanted = asked.unwrap_or(SCHEDULES);
    let (next, counted, failed) =
        (AtomicU64::new(number("ESGSYNC_FIRST_SEED").unwrap_or(0)), AtomicU64::new(0), AtomicBool::new(false));
    let (sum, broken) = (Mutex::new(Sum::default()), Mutex::new(Vec::new()));
    let began = Instant::now();
    let work = || {
        let mut own = Sum::default();
        while counted.load(Ordering::Relaxed) < wanted && !failed.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let started = Instant::now();
            let verdict = simulate(&seed(at), Sabotage::None, false);
            own.add(at, &verdict, started.elapsed().as_micros());
            counted.fetch_add(u64::from(verdict.counts()), Ordering::Relaxed);
            if verdict.broken.is_some() {
                failed.store(number("ESGSYNC_GO_ON").is_none(), Ordering::Relaxed);
                broken.lock().unwrap().push((at, verdict));
            }
        }
        let mut sum = sum.lock().unwrap();
        sum.coverage.add(&own.coverage);
        sum.counted += own.counted;
        sum.run += own.run;
        sum.faults += own.faults;
        sum.writes += own.writes;
        sum.slowest = sum.slowest.max_by(own.slowest.0, own.slowest.1);
    };
    let threads = number("ESGSYNC_THREADS").and_then(|threads| usize::try_from(threads).ok());
    let threads = threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    let (sum, broken) = (sum.into_inner().unwrap(), broken.into_inner().unwrap());
    let seconds = began.elapsed().as_secs_f64();
    println!("{}", sum.coverage);
    println!(
        "{} schedules with a fault and a write, of {}: {} faults, {} writes, {seconds:.0} s on {threads} threads, {:.0} a second; the slowest is seed {} with {} us",
        sum.counted,
        sum.run,
        sum.faults,
        sum.writes,
        sum.run as f64 / seconds,
        sum.slowest.0,
        sum.slowest.1,
    );
    broken.iter().for_each(|(at, verdict)| println!("seed {at}: {}", verdict.broken.as_deref().unwrap_or_default()));
    if let Some((at, verdict)) = broken.iter().min_by_key(|(_, verdict)| verdict.fired.len()) {
        panic!("{} broken\n{}", broken.len(), report(&seed(*at), Sabotage::None, verdict));
    }
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
