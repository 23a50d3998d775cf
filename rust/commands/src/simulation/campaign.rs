//! Many schedules, shared by threads, and what they come to. The environment says which:
//!
//! `ESGSYNC_SEEDS` how many that count: with at least one fault that fired and one write (others are replaced by further seeds);
//! `ESGSYNC_FIRST_SEED` where to begin, so that several processes share the work; `ESGSYNC_THREADS`, one for each processor without it;
//! `ESGSYNC_GO_ON` does not end at the first seed that breaks an invariant.

use super::coverage::Coverage;
use super::dice::Dice;
use super::run::{Verdict, simulate};
use super::sabotage::Sabotage;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// In a release build; unless `ESGSYNC_SEEDS` says otherwise (`build.ps1 Test -Seeds`).
const SCHEDULES: u64 = if cfg!(debug_assertions) { 200 } else { 20_000 };
/// How often a long campaign tells where it is.
const TELLS_EVERY: Duration = Duration::from_secs(30);

/// What is asked for.
pub(super) struct Campaign {
    pub first: u64,
    /// Schedules that count.
    pub wanted: u64,
    pub threads: u64,
    pub go_on: bool,
}

/// What came of it.
#[derive(Default)]
pub(super) struct Sum {
    /// Of the schedules that count.
    pub coverage: Coverage,
    pub counted: u64,
    pub run: u64,
    /// Of the others: without a fault that fired, and without a write.
    pub calm: u64,
    pub idle: u64,
    pub faults: u64,
    pub writes: u64,
    pub seconds: f64,
    /// The seed after the last one.
    pub next: u64,
    pub worst: Worst,
    pub broken: Vec<(u64, Verdict)>,
}

/// The seeds with most of something, and how much.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Worst {
    /// Faults that fired.
    faults: (u64, u64),
    /// Milliseconds by the clock of the schedule.
    lasted: (u64, u64),
    /// Microseconds of computing.
    slowest: (u64, u64),
}

pub(super) fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

pub(super) fn seed(seed: u64) -> Dice {
    Dice { seed, ..Dice::default() }
}

impl Campaign {
    pub fn of_environment() -> Self {
        let processors = || std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
        // A build for debugging is too slow for more than a look.
        let asked = number("ESGSYNC_SEEDS").filter(|_| !cfg!(debug_assertions));
        Self {
            first: number("ESGSYNC_FIRST_SEED").unwrap_or(0),
            wanted: asked.unwrap_or(SCHEDULES),
            threads: number("ESGSYNC_THREADS").unwrap_or_else(processors),
            go_on: number("ESGSYNC_GO_ON").is_some(),
        }
    }

    pub fn run(&self) -> Sum {
        let (next, stop) = (AtomicU64::new(self.first), AtomicBool::new(false));
        let sum = Mutex::new(Sum::default());
        let began = Instant::now();
        let told = Mutex::new(began);
        let work = || {
            while !stop.load(Ordering::Relaxed) {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let started = Instant::now();
                let verdict = simulate(&seed(at), Sabotage::None, false);
                let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
                let done = verdict.broken.is_some() && !self.go_on;
                sum.add(at, verdict, started.elapsed());
                if done || sum.counted >= self.wanted {
                    stop.store(true, Ordering::Relaxed);
                }
                sum.seconds = began.elapsed().as_secs_f64();
                let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                if told.elapsed() >= TELLS_EVERY {
                    *told = Instant::now();
                    println!("{} of {} schedules, {} broken", sum.speed(), self.wanted, sum.broken.len());
                }
            }
        };
        std::thread::scope(|scope| (0..self.threads).for_each(|_| drop(scope.spawn(work))));
        let mut sum = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
        sum.next = next.into_inner();
        sum
    }

    /// One line for programs: totals of several processes can be added up.
    pub fn total(&self, sum: &Sum) -> Value {
        let Worst { faults, lasted, slowest } = sum.worst;
        json!({
            "first": self.first, "next": sum.next, "run": sum.run, "counted": sum.counted,
            "withoutFault": sum.calm, "withoutWrite": sum.idle, "broken": sum.broken.len(),
            "faults": sum.faults, "writes": sum.writes, "seconds": sum.seconds, "threads": self.threads,
            "mostFaults": {"seed": faults.0, "faults": faults.1},
            "longest": {"seed": lasted.0, "milliseconds": lasted.1},
            "slowest": {"seed": slowest.0, "microseconds": slowest.1},
            "coverage": sum.coverage.json(),
        })
    }
}

impl Sum {
    fn add(&mut self, seed: u64, verdict: Verdict, took: Duration) {
        self.run += 1;
        if verdict.counts() {
            self.counted += 1;
            self.coverage.add(&verdict.coverage);
            self.faults += verdict.faults;
            self.writes += verdict.writes;
            let whole = |number: u128| u64::try_from(number).unwrap_or(u64::MAX);
            most(&mut self.worst.faults, seed, verdict.faults);
            most(&mut self.worst.lasted, seed, whole(verdict.lasted.as_millis()));
            most(&mut self.worst.slowest, seed, whole(took.as_micros()));
        }
        self.calm += u64::from(verdict.faults == 0);
        self.idle += u64::from(verdict.writes == 0);
        if verdict.broken.is_some() {
            self.broken.push((seed, verdict));
        }
    }

    fn speed(&self) -> String {
        let a_second = |count: u64| count as f64 / self.seconds.max(0.001);
        format!(
            "{:.0} s: {} with a fault and a write, of {} ({:.0} a second, of {:.0})",
            self.seconds,
            self.counted,
            self.run,
            a_second(self.counted),
            a_second(self.run)
        )
    }
}

/// Of two with the same, the smaller seed: threads differ in order.
fn most(known: &mut (u64, u64), seed: u64, amount: u64) {
    if amount > known.1 || (amount == known.1 && seed < known.0) {
        *known = (seed, amount);
    }
}

impl std::fmt::Display for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Worst { faults, lasted, slowest } = self.worst;
        writeln!(f, "{}", self.coverage)?;
        writeln!(f, "{}, {} faults, {} writes", self.speed(), self.faults, self.writes)?;
        writeln!(f, "not counted: {} without a fault, {} without a write", self.calm, self.idle)?;
        writeln!(
            f,
            "worst: seed {} with {} faults, seed {} with {} s by its own clock, seed {} with {} us of computing",
            faults.0,
            faults.1,
            lasted.0,
            lasted.1 / 1_000,
            slowest.0,
            slowest.1
        )?;
        self.broken.iter().try_for_each(|(seed, verdict)| {
            writeln!(f, "seed {seed} is broken: {}", verdict.broken.as_deref().unwrap_or_default())
        })
    }
}
