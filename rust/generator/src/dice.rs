//! Chance that repeats: the same seed gives the same throws.

use fastrand::Rng;

/// Throws dice for everything that is not decided otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Dice(Rng);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }

    /// True once in `n` throws.
    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.0.usize(..n) == 0
    }

    /// From 0 to `n`, both included.
    pub(crate) fn up_to(&mut self, n: usize) -> usize {
        self.0.usize(..=n)
    }

    /// One of several; there must be one.
    pub(crate) fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.0.usize(..all.len())]
    }

    /// One of several by weight; the weights must not all be zero.
    pub(crate) fn weigh<T: Copy>(&mut self, all: &[(usize, T)]) -> T {
        let sum: usize = all.iter().map(|(weight, _)| weight).sum();
        let mut left = self.0.usize(..sum);
        for (weight, item) in all {
            if left < *weight {
                return *item;
            }
            left -= weight;
        }
        all[0].1
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        self.0.shuffle(list);
    }
}
