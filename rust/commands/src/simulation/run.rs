//! One schedule: from the tenant to the last look at the appliance.

mod invocation;
mod planning;
mod process;
mod quiet;
mod state;
mod undo;

use super::Outside;
use super::coverage::{Coverage, RACE, SWITCH};
use super::dice::{Dice, Place, one_in, pick};
use super::network::{Network, World, tells_nothing_secret};
use super::sabotage::Sabotage;
use super::switches::Switches;
use super::world::{Truth, appliance};
use crate::engine::Shared;
use crate::wire::{ErrorReply, PlanReply, RunReply};
use esgsync_delegation::plan::{FunctionalUser, PlanOptions, RemoveStale};
use esgsync_run::Memory;
use esgsync_simulator::Esg;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::sleep;

/// The longest that an invocation may take: a server may make it wait for ten minutes now and then, but not for a day.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// What came of a schedule.
#[derive(Debug, Clone, Default)]
pub(super) struct Verdict {
    pub coverage: Coverage,
    pub faults: u64,
    pub writes: u64,
    /// How long it took, as its clock has it.
    pub lasted: Duration,
    pub broken: Option<String>,
    /// All invariants that broke.
    pub kinds: BTreeSet<&'static str>,
    pub fired: Vec<(Place, String)>,
    pub trace: Vec<String>,
}

impl Verdict {
    /// At least one fault that fired and one write: others prove nothing.
    pub fn counts(&self) -> bool {
        self.faults > 0 && self.writes > 0
    }
}

/// Runs the schedule of a seed.
pub(super) fn simulate(dice: &Dice, sabotage: Sabotage, traced: bool) -> Verdict {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(schedule(dice, sabotage, traced))
}

/// How an invocation ended.
enum End {
    Done(Box<RunReply>),
    Failed(ErrorReply),
    Died,
}

/// One process after the other, with one state file.
struct Desk {
    network: Network,
    memory: Arc<Memory>,
    process: Option<(Arc<Shared>, u64)>,
    options: PlanOptions,
    concurrency: u32,
    /// What the last connection learned: users can be created.
    creates_users: bool,
    /// Everything that was told.
    told: Arc<Mutex<Vec<String>>>,
}

async fn schedule(dice: &Dice, sabotage: Sabotage, traced: bool) -> Verdict {
    let mut rng = dice.of_world();
    let switches = Switches::of(dice);
    let earlier = Truth::of(&mut rng);
    let truth = earlier.later(&mut rng);
    let state = appliance(&earlier, &switches, &mut rng);
    let mut world = World::new(dice.clone(), sabotage, switches, earlier, Esg::new(state), traced);
    for (place, name) in world.switches.names.clone() {
        world.coverage.count(SWITCH, &name);
        world.fired.push((place, name));
    }
    for name in world.switches.usual() {
        world.coverage.count(SWITCH, name);
    }
    let mut desk = Desk::new(world, &mut rng);
    if let Err(end) = desk.work(&mut rng, truth).await {
        desk.network.world().check(Err(end));
    }
    desk.verdict()
}

impl Desk {
    fn new(world: World, rng: &mut fastrand::Rng) -> Self {
        let memory = if world.sabotage == Sabotage::None { state::used_again() } else { Memory::new().unwrap() };
        let options = PlanOptions {
            functional_user: if one_in(rng, 4) { FunctionalUser::Keep } else { FunctionalUser::Remove },
            remove_stale: pick(rng, &[RemoveStale::Managed, RemoveStale::Managed, RemoveStale::Any, RemoveStale::None]),
            adopt_existing: rng.bool(),
            require_all_delegates: one_in(rng, 4),
            ..PlanOptions::default()
        };
        let network = Network(Arc::new(Mutex::new(world)));
        let concurrency = pick(rng, &[1, 2, 4, 4]);
        Self { network, memory, process: None, options, concurrency, creates_users: false, told: Arc::default() }
    }

    /// The whole schedule.
    async fn work(&mut self, rng: &mut fastrand::Rng, later: Truth) -> Result<(), String> {
        if rng.bool() {
            // The state knows aliases of an earlier run.
            self.network.world().begin(None);
            if let Ok(plan) = self.plan().await {
                self.invoke(&plan, None).await?;
            }
        }
        self.network.world().truth = later;
        let storm = pick(rng, &[3, 4, 6, 10]);
        let plan = self.plan_in_a_storm(storm).await?;
        let Some(plan) = plan else { return Ok(()) };
        for _ in 0..rng.u8(1..4) {
            self.before_phase(Some(storm));
            let died = matches!(self.invoke(&plan, Some(storm)).await?, End::Died);
            // Whoever starts it again does so on a new process, and now and then on one that lives.
            if died || rng.bool() {
                self.process = None;
            }
            self.settle().await;
        }
        self.finish(&plan).await?;
        self.once_more().await?;
        self.undo(rng).await
    }

    fn before_phase(&mut self, storm: Option<u32>) {
        let mut world = self.network.world();
        let unsettled = self.actions(&world.ledger.planned.digest, "status = 'Unsettled'");
        world.begin(storm);
        world.ledger.leaves_unsettled(&unsettled);
        let phase = world.phase;
        if storm.is_some() {
            world.others(Place::Before { phase });
        }
    }

    /// What is on its way arrives.
    async fn settle(&self) {
        while self.network.world().in_flight > 0 {
            sleep(Duration::from_secs(1)).await;
        }
    }

    async fn plan_in_a_storm(&mut self, storm: u32) -> Result<Option<PlanReply>, String> {
        for attempt in 0..4 {
            self.before_phase((attempt < 3).then_some(storm));
            match self.plan().await {
                Ok(plan) => return Ok(Some(plan)),
                // Undisturbed, only the appliance's own rules are left.
                Err(error) if attempt == 3 => {
                    self.network.world().note(format!("no plan: {} {}", error.code, error.message));
                    return Ok(None);
                }
                Err(_) => self.process = None,
            }
        }
        Ok(None)
    }

    fn verdict(self) -> Verdict {
        let mut world = self.network.world();
        let tokens: Vec<String> = world.esg.state().tokens.keys().cloned().collect();
        for text in self.told.lock().unwrap().iter() {
            world.check(tells_nothing_secret(text, &tokens));
        }
        if world.ledger.overwritten > 0 {
            world.coverage.count(RACE, "an edit of somebody else was overwritten (rule 43)");
        }
        Verdict {
            coverage: std::mem::take(&mut world.coverage),
            faults: world.faults,
            writes: world.writes,
            lasted: world.began.elapsed(),
            broken: world.broken.take(),
            kinds: std::mem::take(&mut world.kinds),
            fired: std::mem::take(&mut world.fired),
            trace: world.trace.take().unwrap_or_default(),
        }
    }
}
