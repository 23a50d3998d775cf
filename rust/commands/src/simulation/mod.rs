//! Deterministic simulation of whole runs (design 12): connecting, planning and applying as they are in production, in one process under
//! paused time. Below the transport stands the simulator's appliance; a seed decides who it is, what happens to every exchange, who
//! else works at it, and when the process dies. After every schedule the invariants hold, and the next undisturbed run is in line.
//!
//! `ESGSYNC_SEEDS=1000000` asks for more schedules, `ESGSYNC_SEED=17` replays one and tells it step by step; `campaign.rs` has the rest.

mod campaign;
mod coverage;
mod dice;
mod fate;
mod ledger;
mod network;
mod others;
mod required;
mod run;
mod sabotage;
mod shrink;
mod switches;
mod tests;
mod world;

pub(crate) use network::Network;

use esgsync_run::Memory;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tokio::time::Instant;

// Half of what a schedule costs is memory that is asked for and given back.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PASSWORD: &str = "simulated-password-8c1f";
const ONE_TIME_PASSWORD: &str = "otp-271828";
/// What no part of the module knows to be a secret.
const PLANTED: &str = "planted-secret-5d21";

/// When every simulation begins.
fn epoch() -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 20_000)
}

/// What lies outside of a simulated engine.
#[derive(Clone)]
pub(crate) struct Outside {
    began: Instant,
    world: Arc<std::sync::Mutex<network::World>>,
    memory: Arc<Memory>,
}

impl Outside {
    pub fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.began.elapsed()).unwrap_or_default();
        epoch() + passed
    }

    pub fn seed(&self) -> u64 {
        self.network().world().dice.seed
    }

    pub fn memory(&self) -> Arc<Memory> {
        Arc::clone(&self.memory)
    }

    pub fn network(&self) -> Network {
        Network(Arc::clone(&self.world))
    }
}
