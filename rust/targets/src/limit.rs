//! How many calls run at once, and the gate that `Retry-After` closes for all of them (design 8).

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::Instant,
};

/// So many successes in a row let one more call run at once.
const SUCCESSES_PER_STEP: u32 = 10;

/// An adaptive limit on concurrent calls: it halves when the server is overrun, and grows back by one after some successes.
#[derive(Debug)]
pub struct Limiter {
    running: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    limit: usize,
    most: usize,
    /// Permits that are to vanish as soon as their calls end.
    surplus: usize,
    successes: u32,
    /// Counts the halvings, so that the calls of one burst halve once.
    halvings: u32,
    closed_until: Option<Instant>,
}

/// The right to run one call. Dropped without [`Permit::done`], it counts neither as success nor as overrun.
#[derive(Debug)]
pub struct Permit<'a> {
    limiter: &'a Limiter,
    permit: Option<SemaphorePermit<'a>>,
    halvings: u32,
}

/// What a call tells about the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// It answered.
    Fine,
    /// It is overrun (429, 503), and may have said how long to keep away.
    Overrun(Option<Duration>),
    /// Nothing: no answer, or another error.
    Unknown,
}

impl Limiter {
    /// A limiter that lets `most` calls run at once; at least one.
    pub fn new(most: usize) -> Self {
        let most = most.max(1);
        let state = State { limit: most, most, surplus: 0, successes: 0, halvings: 0, closed_until: None };
        Self { running: Semaphore::new(most), state: Mutex::new(state) }
    }

    /// How many calls may run at once now.
    pub fn limit(&self) -> usize {
        self.state().limit
    }

    /// How long the gate stays closed; `None` when it is open.
    pub fn closed_for(&self) -> Option<Duration> {
        let until = self.state().closed_until?;
        Some(until.saturating_duration_since(Instant::now())).filter(|rest| !rest.is_zero())
    }

    /// Waits for a permit. Does not wait for the gate: look at [`Limiter::closed_for`].
    pub async fn acquire(&self) -> Permit<'_> {
        // Never closed, so there is always a permit in the end.
        let permit = self.running.acquire().await.ok();
        Permit { limiter: self, permit, halvings: self.state().halvings }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// Ends the call.
    pub fn done(self, load: Load) {
        let mut state = self.limiter.state();
        match load {
            Load::Unknown => {}
            Load::Fine => {
                state.successes += 1;
                if state.successes >= SUCCESSES_PER_STEP && state.limit < state.most {
                    state.successes = 0;
                    state.limit += 1;
                    if state.surplus > 0 {
                        state.surplus -= 1;
                    } else {
                        self.limiter.running.add_permits(1);
                    }
                }
            }
            Load::Overrun(hint) => {
                state.successes = 0;
                if self.halvings == state.halvings {
                    let halved = (state.limit / 2).max(1);
                    let taken = self.limiter.running.forget_permits(state.limit - halved);
                    state.surplus += state.limit - halved - taken;
                    state.limit = halved;
                    state.halvings += 1;
                }
                state.closed_until = state.closed_until.max(hint.map(|hint| Instant::now() + hint));
            }
        }
        drop(state);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.limiter.state();
        if state.surplus > 0
            && let Some(permit) = self.permit.take()
        {
            state.surplus -= 1;
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn call(limiter: &Limiter, load: Load) {
        limiter.acquire().await.done(load);
    }

    #[tokio::test(start_paused = true)]
    async fn it_halves_on_overrun_and_grows_back_by_one() {
        let limiter = Limiter::new(8);
        call(&limiter, Load::Overrun(None)).await;
        assert_eq!(limiter.limit(), 4);
        for _ in 0..SUCCESSES_PER_STEP {
            call(&limiter, Load::Fine).await;
        }
        assert_eq!(limiter.limit(), 5);
        for _ in 0..SUCCESSES_PER_STEP * 10 {
            call(&limiter, Load::Fine).await;
        }
        assert_eq!(limiter.limit(), 8, "never above the start");
        for _ in 0..9 {
            call(&limiter, Load::Overrun(None)).await;
        }
        assert_eq!(limiter.limit(), 1, "never below one");
        call(&limiter, Load::Unknown).await;
        assert_eq!(limiter.limit(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_calls_of_one_burst_halve_once_and_so_many_run_afterwards() {
        let limiter = Limiter::new(4);
        let mut burst = Vec::new();
        for _ in 0..4 {
            burst.push(limiter.acquire().await);
        }
        for permit in burst {
            permit.done(Load::Overrun(None));
        }
        assert_eq!(limiter.limit(), 2);
        let running = (limiter.acquire().await, limiter.acquire().await);
        let third = tokio::time::timeout(Duration::from_secs(1), limiter.acquire()).await;
        assert!(third.is_err(), "a third call must wait");
        drop(running);
        limiter.acquire().await.done(Load::Fine);
    }

    #[tokio::test(start_paused = true)]
    async fn the_gate_is_closed_as_long_as_the_longest_hint() {
        let limiter = Limiter::new(4);
        assert_eq!(limiter.closed_for(), None);
        call(&limiter, Load::Overrun(Some(Duration::from_secs(30)))).await;
        call(&limiter, Load::Overrun(Some(Duration::from_secs(5)))).await;
        assert_eq!(limiter.closed_for(), Some(Duration::from_secs(30)));
        tokio::time::advance(Duration::from_secs(30)).await;
        assert_eq!(limiter.closed_for(), None);
    }
}
