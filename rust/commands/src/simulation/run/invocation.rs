//! One invocation, which may be stopped or die.

use super::{Desk, End, LONGEST};
use crate::invoke::invoke_plan;
use crate::simulation::coverage::{END, STATUS};
use crate::simulation::dice::Place;
use crate::simulation::sabotage::Sabotage;
use crate::wire::{Expectation, InvokePlanRequest, PlanReply};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Waker, Poll};
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// After a stop: the client gives a write in flight 700 ms, and the rest takes no time.
const STOPS_WITHIN: Duration = Duration::from_millis(1_000);

impl Desk {
    /// One invocation, which may be stopped or die.
    pub(super) async fn invoke(&mut self, plan: &PlanReply, storm: Option<u32>) -> Result<End, String> {
        let (shared, connection) = match self.process().await {
            Ok(process) => process,
            Err(error) => {
                self.tell(&error);
                return Ok(End::Failed(error));
            }
        };
        let blocked = plan.guards.iter().filter(|guard| guard.blocked);
        let request = InvokePlanRequest {
            connection,
            plan: plan.text.clone(),
            expect: blocked.map(|guard| Expectation { kind: guard.kind, count: guard.count }).collect(),
            first: None,
            max_age_seconds: None,
        };
        self.break_state();
        let cancel = CancellationToken::new();
        let early = self.early_end(storm);
        let passed_on = if self.network.world().sabotage == Sabotage::DeafToStop {
            CancellationToken::new()
        } else {
            cancel.clone()
        };
        let running = invoke_plan(self.context(&shared, passed_on), request);
        let running = Mortal { running: Box::pin(running), polls: early.polls };
        let stopper = {
            let (cancel, network) = (cancel.clone(), self.network.clone());
            async move {
                let Some(after) = early.stop else { return std::future::pending().await };
                sleep(after).await;
                network.world().note("   stopped by the caller".into());
                cancel.cancel();
                sleep(STOPS_WITHIN).await;
            }
        };
        let end = tokio::select! {
            biased;
            end = timeout(LONGEST, running) => match end {
                Ok(Some(Ok(reply))) => End::Done(Box::new(reply)),
                Ok(Some(Err(error))) => End::Failed(error),
                Ok(None) => End::Died,
                Err(_) => return Err("does not end by itself: a run takes more than a day".into()),
            },
            () = stopper => return Err("does not stop when it is told to".into()),
        };
        self.after(&end, early.name(&end));
        Ok(end)
    }

    /// How this invocation ends before its time, where the seed says so.
    fn early_end(&self, storm: Option<u32>) -> Early {
        let world = self.network.world();
        let place = Place::End { phase: world.phase };
        let none = Early { polls: None, stop: None };
        if storm.is_none() || world.dice.leaves_out(place) {
            return none;
        }
        let mut rng = world.dice.at(place);
        match rng.u8(..6) {
            0 | 1 => Early { polls: Some(rng.u32(1..40)), ..none },
            2 => Early { polls: Some(rng.u32(1..8)), ..none },
            3 => Early { stop: Some(Duration::from_millis(rng.u64(1..8_000))), ..none },
            _ => none,
        }
    }

    fn after(&mut self, end: &End, name: &'static str) {
        let text = match end {
            End::Done(reply) => {
                let stopped =
                    reply.stopped.as_deref().map(|text| text.split('.').next().unwrap_or_default().to_owned());
                format!(
                    "applied {}, failed {}, conflicts {}, unsettled {}, withheld {}, {stopped:?}",
                    reply.applied, reply.failed, reply.conflicts, reply.unsettled, reply.withheld
                )
            }
            End::Failed(error) => format!("{}: {}", error.code, error.message),
            End::Died => "the process dies".into(),
        };
        match end {
            End::Done(reply) => self.told.lock().unwrap().push(format!("{reply:?}")),
            End::Failed(error) => self.tell(error),
            End::Died => {}
        }
        let mut world = self.network.world();
        world.note(format!("   {text}"));
        world.coverage.count(END, name);
        if !matches!(name, "done" | "failed") {
            let place = Place::End { phase: world.phase };
            world.fired.push((place, name.to_owned()));
            world.faults += 1;
        }
        if let End::Done(reply) = end {
            for (status, count) in [
                ("applied", reply.applied),
                ("unchanged", reply.unchanged),
                ("conflict", reply.conflicts),
                ("failed", reply.failed),
                ("withheld", reply.withheld),
                ("unsettled", reply.unsettled),
                ("not started", reply.remaining),
            ] {
                (0..count).for_each(|_| world.coverage.count(STATUS, status));
            }
        }
        for action in self.actions(&world.ledger.planned.digest, "status IN ('Applied', 'Unchanged')") {
            world.ledger.journalled(&action);
        }
        let claims = world.ledger.claims(&self.managed(), world.esg.state());
        world.check(claims);
    }
}

/// How an invocation ends before its time.
#[derive(Clone, Copy)]
struct Early {
    /// Dies after so many polls.
    polls: Option<u32>,
    /// The caller stops it after that time.
    stop: Option<Duration>,
}

impl Early {
    fn name(self, end: &End) -> &'static str {
        match end {
            End::Died => "the process dies",
            End::Done(reply) if self.stop.is_some() && reply.stopped.is_some() => "stopped by the caller",
            End::Done(_) => "done",
            End::Failed(_) => "failed",
        }
    }
}

/// A future that may die between two of its polls.
struct Mortal<F> {
    running: Pin<Box<F>>,
    polls: Option<u32>,
}

impl<F: Future> Future for Mortal<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Waker<'_>) -> Poll<Self::Output> {
        match self.running.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => {
                self.polls = self.polls.map(|polls| polls.saturating_sub(1));
                if self.polls == Some(0) { Poll::Ready(None) } else { Poll::Pending }
            }
        }
    }
}
