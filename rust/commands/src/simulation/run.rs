//! One schedule: from the tenant to the last look at the appliance.

use super::coverage::{Coverage, END, RACE, STATUS, SWITCH};
use super::dice::{Dice, Place, one_in, pick};
use super::ledger::Pair;
use super::network::{Network, World, tells_nothing_secret};
use super::sabotage::Sabotage;
use super::switches::{Login, Switches};
use super::world::{TENANT, Truth, appliance};
use super::{ONE_TIME_PASSWORD, Outside, PASSWORD, epoch};
use crate::connection::connect;
use crate::context::{Context, EventSender};
use crate::engine::Shared;
use crate::invoke::invoke_plan;
use crate::planning::new_plan;
use crate::wire::{
    ConnectRequest, ErrorReply, Event, Expectation, InvokePlanRequest, NewPlanRequest, PlanReply, RunReply,
};
use esgsync_delegation::plan::{FunctionalUser, Plan, PlanOptions, RemoveStale};
use esgsync_run::Memory;
use esgsync_simulator::Esg;
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context as Waker, Poll};
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// The longest that an invocation may take: a server may make it wait for ten minutes now and then, but not for a day.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// After a stop: the client gives a write in flight 700 ms, and the rest takes no time.
const STOPS_WITHIN: Duration = Duration::from_millis(1_000);
/// Undisturbed runs until the plan is reached: an appliance with a rate limit may need several.
const QUIET_RUNS: u32 = 5;

/// What came of a schedule.
#[derive(Debug, Clone, Default)]
pub(super) struct Verdict {
    pub coverage: Coverage,
    pub faults: u64,
    pub writes: u64,
    /// How long it took, as its clock has it.
    pub lasted: Duration,
    pub broken: Option<String>,
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
    let mut desk = Desk::new(world, &mut rng);
    if let Err(end) = desk.work(&mut rng, truth).await {
        desk.network.world().check(Err(end));
    }
    desk.verdict()
}

impl Desk {
    fn new(world: World, rng: &mut fastrand::Rng) -> Self {
        let memory = if world.sabotage == Sabotage::None { used_again() } else { Memory::new().unwrap() };
        let options = PlanOptions {
            functional_user: if one_in(rng, 4) { FunctionalUser::Keep } else { FunctionalUser::Remove },
            remove_stale: pick(rng, &[RemoveStale::Managed, RemoveStale::Managed, RemoveStale::Any, RemoveStale::None]),
            adopt_existing: rng.bool(),
            require_all_delegates: one_in(rng, 4),
            ..PlanOptions::default()
        };
        let network = Network(Arc::new(Mutex::new(world)));
        let concurrency = pick(rng, &[1, 2, 4, 4]);
        Self { network, memory, process: None, options, concurrency, told: Arc::default() }
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
        self.once_more().await
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

    /// The same plan again, undisturbed, until it is done.
    async fn finish(&mut self, plan: &PlanReply) -> Result<(), String> {
        for attempt in 1..=QUIET_RUNS {
            self.process = None;
            self.before_phase(None);
            let end = self.invoke(plan, None).await?;
            self.settle().await;
            match end {
                End::Done(reply) if reply.unsettled == 0 && reply.remaining == 0 && reply.stopped.is_none() => break,
                // A rate limit is no disturbance.
                _ if self.may_be_limited() && attempt < QUIET_RUNS => {}
                End::Done(reply) if !self.network.world().ledger.refused.is_empty() => {
                    self.network.world().note(format!("refused by a rule of the appliance: {:?}", reply.stopped));
                    return Ok(());
                }
                End::Done(reply) => {
                    return Err(format!("plan not reached: {:?}, {} unsettled", reply.stopped, reply.unsettled));
                }
                End::Failed(error) => return Err(format!("plan not reached: {} {}", error.code, error.message)),
                End::Died => return Err("plan not reached: the process died undisturbed".into()),
            }
        }
        let mut world = self.network.world();
        if !self.may_be_limited_by(&world) {
            let reached = world.ledger.reached(world.esg.state());
            world.check(reached);
        }
        let managed = self.managed();
        let remembers = world.ledger.remembers(&managed, world.esg.state());
        world.check(remembers);
        Ok(())
    }

    fn may_be_limited(&self) -> bool {
        self.may_be_limited_by(&self.network.world())
    }

    fn may_be_limited_by(&self, world: &World) -> bool {
        world.switches.options.rate_limit.is_some()
    }

    /// A new plan, applied undisturbed: after that there is nothing left to do.
    async fn once_more(&mut self) -> Result<(), String> {
        for round in 0..2 {
            self.before_phase(None);
            let Ok(plan) = self.plan().await else { return Ok(()) };
            let open: Vec<_> =
                plan.actions.iter().map(|action| format!("{} {}", action.kind, action.username)).collect();
            if open.is_empty() {
                return Ok(());
            }
            let refused = self.network.world().ledger.refusals > 0;
            if round == 1 && !refused && !self.may_be_limited() {
                return Err(format!(
                    "does not converge: a second plan on an unchanged world wants {}",
                    open.join(", ")
                ));
            }
            if round == 0 {
                self.invoke(&plan, None).await?;
                self.settle().await;
            }
        }
        Ok(())
    }

    /// Connects where there is no process.
    async fn process(&mut self) -> Result<(Arc<Shared>, u64), ErrorReply> {
        if let Some(process) = &self.process {
            return Ok(process.clone());
        }
        let world = Arc::clone(&self.network.0);
        let outside = crate::outside::Outside::Simulated(Outside {
            began: self.network.world().began,
            world,
            memory: Arc::clone(&self.memory),
        });
        let shared = Arc::new(Shared { outside, ..Shared::default() });
        let request = self.connect_request();
        let reply = connect(self.context(&shared, CancellationToken::new()), request).await?;
        self.process = Some((Arc::clone(&shared), reply.connection));
        Ok((shared, reply.connection))
    }

    fn connect_request(&self) -> ConnectRequest {
        let mut world = self.network.world();
        let login = world.switches.login;
        let token = (login == Login::Token).then(|| {
            // The rate limit counts these as well.
            let body = format!(r#"{{"username":"admin","password":"{PASSWORD}"}}"#);
            let login = esgsync_simulator::Request::new("POST", "/api/v2/login")
                .with_header("Content-Type", "application/json");
            let login = login.with_body(body);
            let answers = (0..3).map(|_| world.esg.handle(&login)).find(|answer| answer.status == 200);
            let reply: serde_json::Value =
                serde_json::from_slice(&answers.unwrap_or_default().body).unwrap_or_default();
            reply["token"].as_str().unwrap_or("none").into()
        });
        let username = match login {
            Login::User | Login::SwitchesToItself => Some("admin"),
            Login::ApiUser => Some("apiuser"),
            Login::OneTimePassword => Some("careful"),
            Login::Token => None,
        };
        let role = world.switches.functional_role;
        ConnectRequest {
            name: "corp".into(),
            uri: "https://esg.corp.example".into(),
            username: username.map(str::to_owned),
            password: username.map(|_| PASSWORD.into()),
            token,
            one_time_password: (login == Login::OneTimePassword).then(|| ONE_TIME_PASSWORD.into()),
            switch_user: matches!(login, Login::ApiUser | Login::SwitchesToItself).then(|| "admin".to_owned()),
            allow_http: false,
            proxy: None,
            certificate_authority: None,
            timeout_seconds: Some(20),
            concurrency: Some(self.concurrency),
            functional_role: (role == 12).then_some(role),
            state_folder: "/simulation".into(),
            rebind: false,
            account: Some("simulation".into()),
            machine: Some("simulation".into()),
            run_retention_days: None,
        }
    }

    /// The context of a call. What it tells is taken on a task of its own, as the module does on its thread.
    fn context(&self, shared: &Arc<Shared>, cancel: CancellationToken) -> Context {
        let (sender, mut events) = tokio::sync::mpsc::channel(16);
        let told = Arc::clone(&self.told);
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if let Event::Log(records) = &event {
                    told.lock().unwrap().extend(records.iter().map(|record| record.text.clone()));
                }
            }
        });
        Context { shared: Arc::clone(shared), cancel, events: EventSender::new(sender) }
    }

    async fn plan(&mut self) -> Result<PlanReply, ErrorReply> {
        let (shared, connection) = match self.process().await {
            Ok(process) => process,
            Err(error) => {
                self.tell(&error);
                return Err(error);
            }
        };
        let (snapshot, users) = {
            let mut world = self.network.world();
            world.ledger.plans();
            (world.truth.snapshot(epoch()), world.counts_users)
        };
        let snapshot = shared.snapshots.put(snapshot);
        let request = NewPlanRequest { connection, snapshot, options: self.options.clone(), path: None };
        let planning = new_plan(self.context(&shared, CancellationToken::new()), request);
        let reply = match timeout(LONGEST, planning).await {
            Ok(reply) => reply,
            Err(_) => {
                self.network.world().check(Err("does not end by itself: a plan takes more than a day".into()));
                return Err(crate::failure::stopped());
            }
        };
        shared.snapshots.close(snapshot);
        match &reply {
            Ok(plan) => {
                self.told.lock().unwrap().push(plan.text.clone());
                self.check_plan(plan, users);
            }
            Err(error) => self.tell(error),
        }
        reply
    }

    /// A plan is made of all users, and takes away only what is ours and not justified.
    fn check_plan(&self, reply: &PlanReply, users_before: u64) {
        // Whether it is sealed, applying it asks.
        let plan: Plan = serde_json::from_str(&reply.text).unwrap();
        let mut world = self.network.world();
        let counted = world.esg.state().users.iter().filter(|user| {
            let domain = user
                .email_addresses
                .iter()
                .any(|own| own.primary && own.address.as_ref().is_some_and(|text| text.ends_with("@corp.example")));
            !world.switches.domain_scope || domain
        });
        let (counted, changed) = (counted.count() as u64, world.counts_users - users_before);
        if changed == 0 && counted != plan.summary.users {
            world.check(Err(format!("plan of a part: {} of {counted} users", plan.summary.users)));
        }
        world.ledger.follow(&plan);
        let any = self.options.remove_stale == RemoveStale::Any;
        for (user, update) in world.ledger.planned.updates.clone() {
            for address in update.removes {
                let pair: Pair = (user, address);
                let ledger = &world.ledger;
                let ours =
                    any || [&ledger.ours, &ledger.ambiguous, &ledger.gone].iter().any(|known| known.contains(&pair));
                if !ours || world.truth.justifies(user, &pair.1) {
                    world.check(Err(format!("plans to take away {} of user {user}", pair.1)));
                }
            }
        }
    }

    /// One invocation, which may be stopped or die.
    async fn invoke(&mut self, plan: &PlanReply, storm: Option<u32>) -> Result<End, String> {
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

    fn tell(&self, error: &ErrorReply) {
        self.told.lock().unwrap().push(format!("{error:?}"));
    }

    /// Between invocations nobody has the state.
    fn look<T>(&self, look: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> T {
        self.memory.look(look).expect("a run that ended has given its state back").unwrap()
    }

    fn managed(&self) -> BTreeSet<Pair> {
        self.look(|db| {
            let mut query = db.prepare_cached("SELECT user_id, address FROM managed WHERE tenant = ?1")?;
            let pair = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?.to_lowercase()));
            query.query_map([TENANT], pair)?.collect()
        })
    }

    /// Ids of the journal's actions of that plan.
    fn actions(&self, digest: &str, of: &str) -> Vec<String> {
        self.look(|db| {
            // Before the first plan there are no tables.
            let query =
                format!("SELECT action_id FROM action JOIN run ON run.id = run WHERE plan_digest = ?1 AND {of}");
            let Ok(mut query) = db.prepare_cached(&query) else { return Ok(Vec::new()) };
            query.query_map([digest], |row| row.get(0))?.collect()
        })
    }

    /// What broken code would write to the state.
    fn break_state(&self) {
        let trigger = match self.network.world().sabotage {
            Sabotage::BooksEarly => "INSERT OR IGNORE INTO managed SELECT run.tenant, json_extract(NEW.body, '$.user.id'), lower(c.value ->> 'address'),
                    c.value ->> '$.mailbox.guid', 'FullAccess', json_extract(NEW.body, '$.user.username'), c.value ->> 'address'
                FROM run, json_each(NEW.body, '$.changes') c WHERE run.id = NEW.run AND c.value ->> 'kind' = 'AliasAdded'",
            Sabotage::ClaimsForeign => "INSERT OR IGNORE INTO managed SELECT run.tenant, json_extract(NEW.body, '$.user.id'), lower(c.value ->> 'address'),
                    'desk-0', 'FullAccess', json_extract(NEW.body, '$.user.username'), c.value ->> 'address'
                FROM run, json_each(NEW.before, '$.addresses') c WHERE run.id = NEW.run AND c.value ->> 'primary' = 0",
            Sabotage::DoneEarly => "UPDATE action SET status = 'Applied' WHERE run = NEW.run AND action_id = NEW.action_id",
            _ => return,
        };
        let sql = format!(
            "CREATE TRIGGER IF NOT EXISTS broken AFTER INSERT ON action WHEN NEW.status = 'Unsettled' BEGIN {trigger}; END"
        );
        self.look(|db| db.execute_batch(&sql));
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
            fired: std::mem::take(&mut world.fired),
            trace: world.trace.take().unwrap_or_default(),
        }
    }
}

/// An empty state: tables and prepared statements of the schedule before, without its rows.
fn used_again() -> Arc<Memory> {
    thread_local!(static MEMORY: Arc<Memory> = Memory::new().unwrap());
    let memory = MEMORY.with(Arc::clone);
    let empty = "DELETE FROM action; DELETE FROM run; DELETE FROM managed; DELETE FROM removed; DELETE FROM target;";
    // Before the first schedule there are no tables.
    let _ = memory.look(|db| db.execute_batch(empty));
    memory
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
