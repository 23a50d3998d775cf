//! What a seed decides. Every decision has a place of its own, so that one can be taken out without moving the others.

use fastrand::Rng;
use std::collections::BTreeSet;
use std::fmt;

/// Where a disturbance strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Place {
    /// What happens to the n-th exchange of a phase.
    Exchange { phase: u16, nth: u32 },
    /// Somebody else works at the appliance right before the n-th exchange of a phase is served.
    Beside { phase: u16, nth: u32 },
    /// Somebody else works at the appliance before a phase.
    Before { phase: u16 },
    /// How a phase ends early.
    End { phase: u16 },
    /// A switch of the appliance that is not as usual.
    Switch { nth: u32 },
}

impl Place {
    fn number(self) -> u64 {
        let (kind, phase, nth) = match self {
            Self::Exchange { phase, nth } => (1, phase, nth),
            Self::Beside { phase, nth } => (2, phase, nth),
            Self::Before { phase } => (3, phase, 0),
            Self::End { phase } => (4, phase, 0),
            Self::Switch { nth } => (5, 0, nth),
        };
        kind << 56 | u64::from(phase) << 32 | u64::from(nth)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exchange { phase, nth } => write!(f, "phase {phase}, exchange {nth}"),
            Self::Beside { phase, nth } => write!(f, "phase {phase}, before exchange {nth}"),
            Self::Before { phase } => write!(f, "before phase {phase}"),
            Self::End { phase } => write!(f, "end of phase {phase}"),
            Self::Switch { .. } => write!(f, "switch"),
        }
    }
}

/// A seed, and what is left out of its schedule.
#[derive(Debug, Clone, Default)]
pub(super) struct Dice {
    pub seed: u64,
    /// Places where nothing happens; for shrinking.
    pub without: BTreeSet<Place>,
}

impl Dice {
    /// Chance for one place.
    pub fn at(&self, place: Place) -> Rng {
        Rng::with_seed(mix(self.seed ^ mix(place.number())))
    }

    /// Chance for the world as it is before anything happens.
    pub fn of_world(&self) -> Rng {
        Rng::with_seed(mix(self.seed))
    }

    pub fn leaves_out(&self, place: Place) -> bool {
        self.without.contains(&place)
    }
}

/// Splitmix64: neighbouring seeds have nothing in common.
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// One of them.
pub(super) fn pick<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(..of.len())]
}

/// True once in so many times.
pub(super) fn one_in(rng: &mut Rng, times: u32) -> bool {
    rng.u32(..times) == 0
}
