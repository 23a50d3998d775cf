//! Faults by chance: a seed and a share of the requests. The same requests meet the same faults.

use serde::Serialize;

use crate::fault::Action;

/// Draws faults.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Chance {
    seed: u64,
    rate: f64,
    /// How many requests were struck.
    struck: u64,
    #[serde(skip)]
    random: fastrand::Rng,
}

/// Longest delay, in milliseconds.
const LONGEST_DELAY: u64 = 2000;

impl Chance {
    /// `rate`: the share of requests that are struck, from 0 to 1.
    pub(crate) fn new(seed: u64, rate: f64) -> Self {
        Self { seed, rate, struck: 0, random: fastrand::Rng::with_seed(seed) }
    }

    /// What happens to the next request. Each draws as often, so that one fault more or less moves no later one.
    pub(crate) fn draw(&mut self) -> Option<Action> {
        let (strikes, kind, detail) = (self.random.f64() < self.rate, self.random.u8(0..9), self.random.u64(..));
        if !strikes {
            return None;
        }
        self.struck += 1;
        let status = |code, retry_after, as_date| Action::Status { code, retry_after, as_date };
        let seconds = 1 + detail % 3;
        Some(match kind {
            0 => Action::DropBefore,
            1 => Action::DropAfterCommit,
            2 => Action::Garbage,
            3 => Action::HtmlPage,
            4 => Action::DelayMs(detail % LONGEST_DELAY),
            5 => status(429, Some(seconds).filter(|_| detail & 64 == 0), detail & 128 == 0),
            6 => status(503, Some(seconds).filter(|_| detail & 64 == 0), false),
            7 => status(502, None, false),
            _ => status(500, None, false),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(seed: u64, rate: f64) -> Vec<Option<Action>> {
        let mut chance = Chance::new(seed, rate);
        (0..2000).map(|_| chance.draw()).collect()
    }

    #[test]
    fn a_seed_draws_the_same_again_and_the_rate_is_kept() {
        assert_eq!(draw(7, 0.1), draw(7, 0.1));
        assert_ne!(draw(7, 0.1), draw(8, 0.1));
        let struck = |rate| draw(7, rate).iter().flatten().count();
        assert_eq!((struck(0.0), struck(1.0)), (0, 2000));
        assert!((150..250).contains(&struck(0.1)), "{}", struck(0.1));
        let more = draw(7, 0.2);
        assert!(
            draw(7, 0.1).iter().zip(&more).all(|(few, many)| few.is_none() || few == many),
            "a higher rate adds faults"
        );
    }
}
