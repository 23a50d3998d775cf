//! Whole runs under faults: lost replies before and after the commit, refusals, throttling, other editors, kills around every
//! journal write. A seed decides everything, so a failure repeats: `ESGSYNC_SEED=17`.

use crate::world::*;
use esgsync_delegation::address::AddressKey;
use esgsync_delegation::esg::{EmailAddress, EsgUser};
use esgsync_delegation::plan::{Action, ActionKind, ChangeKind, Plan};
use esgsync_run::{Outcome, Purpose, Step, StepId};
use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// At least; `ESGSYNC_SEEDS` asks for more (`build.ps1 Test -Seeds`).
const SEEDS: u64 = 2_000;
/// Invocations under faults before the world becomes quiet.
const STORMY: usize = 3;

/// A user and an address, in comparison form.
type Pair = (u64, AddressKey);

#[test]
fn nothing_is_lost_whatever_happens_and_the_plan_is_reached() {
    let folder = tempfile::tempdir().unwrap();
    if let Ok(seed) = std::env::var("ESGSYNC_SEED") {
        simulate(seed.parse().unwrap(), &folder.path().join("corp.db"));
        return;
    }
    let asked = std::env::var("ESGSYNC_SEEDS").ok().and_then(|text| text.parse().ok());
    let seeds = asked.map_or(SEEDS, |asked: u64| asked.max(SEEDS));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicU64::new(0);
    let work = || {
        let mut seen = Seen::default();
        while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < seeds) {
            let path = folder.path().join(format!("{seed}.db"));
            match catch_unwind(AssertUnwindSafe(|| simulate(seed, &path))) {
                Ok(of_seed) => seen.add(&of_seed),
                Err(_) => panic!("seed {seed} fails; repeat it with ESGSYNC_SEED={seed}"),
            }
        }
        seen
    };
    let seen = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut seen = Seen::default();
        workers.into_iter().for_each(|worker| seen.add(&worker.join().expect("every seed holds")));
        seen
    });
    // The faults did happen: a simulation of nothing proves nothing.
    let Seen { writes, kills, lost, removed } = seen;
    println!("{seeds} schedules: {seen:?}");
    assert!(writes > 4 * seeds && kills > seeds / 2 && lost > seeds / 2 && removed > seeds / 2, "{seen:?}");
}

#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    writes: u64,
    kills: u64,
    lost: u64,
    removed: u64,
}

impl Seen {
    fn add(&mut self, other: &Self) {
        self.writes += other.writes;
        self.kills += other.kills;
        self.lost += other.lost;
        self.removed += other.removed;
    }
}

fn simulate(seed: u64, path: &Path) -> Seen {
    let mut world = World::new(seed, path);
    // As long as somebody looks, SQLite keeps its companion files: making them anew for every invocation takes most of the time.
    let _looking = read(path);
    for _ in 0..STORMY {
        world.edit_between_runs();
        world.invoke(true);
    }
    // What a refused or throttled call left open is done by the next quiet invocation; the second one finds nothing to do.
    world.invoke(false);
    world.check_reached(path);
    let (writes, managed) = (world.seen.writes, managed(path));
    world.invoke(false);
    assert_eq!(world.seen.writes, writes, "a run of a finished plan sends no write");
    assert_eq!(crate::world::managed(path), managed);
    world.seen
}

struct World {
    rng: Rng,
    path: std::path::PathBuf,
    plan: Plan,
    users: BTreeMap<u64, EsgUser>,
    now: Timestamp,
    /// Who holds what and must go on holding it: everything that was there or that an editor added, and no plan removes.
    protected: BTreeSet<Pair>,
    /// Aliases that a write of ours brought.
    ours: BTreeSet<Pair>,
    /// Users whose planned addresses an editor touched: what becomes of their actions is not fixed.
    touched: BTreeSet<u64>,
    /// Users to whom a write was handed out.
    attempted: BTreeSet<u64>,
    /// Added by hand after a write to the same user was handed out: where that got lost, nobody can tell whose it is.
    ambiguous: BTreeSet<Pair>,
    /// Users whose update, or whose delete, was confirmed to the engine.
    confirmed: BTreeSet<u64>,
    /// Users between a read for an update and its end: an edit there cannot be told from ours with this API (rule 43).
    busy: BTreeSet<u64>,
    edits: u64,
    seen: Seen,
}

impl World {
    fn new(seed: u64, path: &Path) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mailboxes: Vec<Vec<String>> = (0..rng.u64(1..4))
            .map(|at| (0..rng.u64(1..3)).map(|alias| format!("box{at}.{alias}@corp.example")).collect())
            .collect();
        let mut users: BTreeMap<u64, EsgUser> = BTreeMap::new();
        let mut actions: Vec<Action> = Vec::new();
        let mut delegates: Vec<Vec<u64>> = vec![Vec::new(); mailboxes.len()];
        for id in 1..=rng.u64(2..7) {
            let (mut held, mut changes) = (vec!["own@corp.example".to_owned()], Vec::new());
            for (at, addresses) in mailboxes.iter().enumerate() {
                let (delegate, has) = (rng.bool(), rng.u8(0..4) == 0);
                if has {
                    held.extend(addresses.iter().cloned());
                }
                match (delegate, has) {
                    (true, false) => changes.extend(addresses.iter().map(|address| add(address))),
                    (false, true) => changes.extend(addresses.iter().map(|address| remove(address))),
                    _ => {}
                }
                if delegate {
                    delegates[at].push(id);
                }
            }
            let held: Vec<&str> = held.iter().map(String::as_str).collect();
            let person = person(id, &format!("p{id}"), &held);
            if !changes.is_empty() {
                actions.push(update(&person, changes));
            }
            users.insert(id, person);
        }
        for (at, addresses) in mailboxes.iter().enumerate() {
            let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
            let functional = user(100 + at as u64, &format!("Box {at}"), FUNCTIONAL, &addresses);
            if !delegates[at].is_empty() {
                let holders: Vec<&EsgUser> = delegates[at].iter().map(|id| &users[id]).collect();
                let needed: Vec<&Action> =
                    actions.iter().filter(|action| delegates[at].contains(&action.user.id)).collect();
                let removal = delete(&functional, &holders, &needed);
                actions.push(removal);
            }
            users.insert(functional.id, functional);
        }
        let plan = plan(&open(path), actions);
        let planned = |(id, key): &Pair| {
            plan.actions
                .iter()
                .filter(|action| action.user.id == *id)
                .flat_map(|action| &action.changes)
                .any(|change| change.kind == ChangeKind::AliasRemoved && AddressKey::new(&change.address) == *key)
        };
        let protected = users.values().flat_map(pairs).filter(|pair| !planned(pair)).collect();
        Self {
            rng,
            path: path.to_owned(),
            plan,
            users,
            now: start(),
            protected,
            ours: BTreeSet::new(),
            touched: BTreeSet::new(),
            attempted: BTreeSet::new(),
            ambiguous: BTreeSet::new(),
            confirmed: BTreeSet::new(),
            busy: BTreeSet::new(),
            edits: 0,
            seen: Seen::default(),
        }
    }

    /// An administrator gives an address by hand, or takes one away.
    fn edit_between_runs(&mut self) {
        if self.rng.u8(0..3) != 0 {
            return;
        }
        let people: Vec<u64> = self.users.keys().copied().filter(|id| *id < 100).collect();
        let id = people[self.rng.usize(..people.len())];
        let planned = self.plan.actions.iter().filter(|action| action.user.id == id).flat_map(|action| &action.changes);
        let wanted =
            planned.filter(|change| change.kind == ChangeKind::AliasAdded).map(|change| &change.address).next();
        let user = self.users.get_mut(&id).unwrap();
        if let Some(address) = wanted.filter(|_| self.rng.bool()) {
            let pair = (id, AddressKey::new(address));
            if !pairs(user).any(|held| held == pair) {
                user.addresses.push(EmailAddress::alias(address));
                if self.attempted.contains(&id) {
                    self.ambiguous.insert(pair.clone());
                }
                self.protected.insert(pair);
            }
            return;
        }
        self.touched.insert(id);
        let at = self.rng.usize(..user.addresses.len());
        if at > 0 {
            let gone = user.addresses.remove(at);
            self.protected.remove(&(id, gone.key()));
            self.ours.remove(&(id, gone.key()));
        }
    }

    /// Somebody adds an address that has nothing to do with the plan, while a run goes on.
    fn edit_during_a_run(&mut self) {
        let free: Vec<u64> = self.users.keys().copied().filter(|id| *id < 100 && !self.busy.contains(id)).collect();
        if free.is_empty() {
            return;
        }
        let id = free[self.rng.usize(..free.len())];
        self.edits += 1;
        let element = EmailAddress::alias(&format!("edit{}@corp.example", self.edits));
        self.protected.insert((id, element.key()));
        self.users.get_mut(&id).unwrap().addresses.push(element);
    }

    /// One invocation: until the run is done, stopped or killed.
    fn invoke(&mut self, stormy: bool) {
        let mut run = begin(open(&self.path), &self.plan).unwrap();
        let mut flight: Vec<Step<Vec<EmailAddress>>> = Vec::new();
        self.busy.clear();
        loop {
            if stormy && self.rng.u8(0..40) == 0 {
                break;
            }
            if stormy && self.rng.u8(0..20) == 0 {
                self.edit_during_a_run();
            }
            self.now = self.now.checked_add(SignedDuration::from_millis(200)).unwrap();
            let step = if flight.len() < 3 { run.next(self.now).unwrap() } else { Step::Wait { until: None } };
            match step {
                Step::Done => {
                    let result = run.finish(self.now).unwrap();
                    assert!(stormy || result.stopped.is_none(), "{:?}", result.stopped);
                    return;
                }
                Step::Wait { until } if flight.is_empty() => self.now = until.expect("something to wait for"),
                Step::Wait { .. } => {
                    let step = flight.swap_remove(self.rng.usize(..flight.len()));
                    let (update, user) = (matches!(step, Step::Update { .. } | Step::Remove { .. }), user_of(&step));
                    let (step, answer) = self.serve(step, stormy);
                    // Killed between the call and its outcome.
                    if stormy && self.rng.u8(0..40) == 0 {
                        break;
                    }
                    let confirmed = update && matches!(answer, Outcome::Item(_) | Outcome::Removed);
                    run.complete(step, answer, self.now).unwrap();
                    if confirmed {
                        self.confirmed.insert(user);
                    }
                }
                step => {
                    if matches!(step, Step::Update { .. }) {
                        self.attempted.insert(user_of(&step));
                    }
                    flight.push(step);
                }
            }
            self.check_nothing_lost();
        }
        // Killed: what was in flight arrives, or does not.
        self.seen.kills += 1;
        for step in flight {
            if self.rng.bool() {
                self.serve(step, stormy);
            }
        }
        self.check_nothing_lost();
    }

    fn serve(&mut self, step: Step<Vec<EmailAddress>>, stormy: bool) -> (StepId, Answer) {
        let fault = if stormy { self.rng.u8(0..14) } else { u8::MAX };
        match step {
            Step::Read { step, user_id, purpose } => {
                if matches!(purpose, Purpose::Update | Purpose::Settle) {
                    self.busy.insert(user_id);
                }
                let answer = match fault {
                    0 => Outcome::ReadFailed { text: "unreachable".into() },
                    1 => later(3),
                    _ => self.users.get(&user_id).cloned().map_or(Outcome::Missing, Outcome::Item),
                };
                (step, answer)
            }
            Step::Update { step, user_id, body } => {
                (step, self.write(user_id, fault, |world| world.patch(user_id, body)))
            }
            Step::Remove { step, user_id } => (step, self.write(user_id, fault, |world| world.delete(user_id))),
            other => panic!("no call: {other:?}"),
        }
    }

    fn write(&mut self, id: u64, fault: u8, commit: impl FnOnce(&mut Self) -> Answer) -> Answer {
        self.seen.writes += 1;
        assert!(!self.confirmed.contains(&id), "user {id}: a confirmed write is sent again");
        let answer = match fault {
            0 => unsettled("timeout before the commit"),
            1 => refused(400, "no"),
            2 => refused(422, "already used"),
            3 => later(2),
            4 => Outcome::NotSent { text: "connection refused".into() },
            5 => Outcome::Denied { text: "403".into() },
            6..=8 => {
                self.seen.lost += 1;
                commit(self);
                if fault == 6 { later(2) } else { unsettled("timeout after the commit") }
            }
            _ => commit(self),
        };
        self.busy.remove(&id);
        answer
    }

    fn patch(&mut self, id: u64, body: Vec<EmailAddress>) -> Answer {
        let Some(user) = self.users.get_mut(&id) else { return Outcome::Missing };
        let before: BTreeSet<Pair> = pairs(user).collect();
        user.addresses = body;
        let after: BTreeSet<Pair> = pairs(user).collect();
        let answer = Outcome::Item(user.clone());
        self.ours.extend(after.difference(&before).cloned());
        self.ours.retain(|pair| pair.0 != id || after.contains(pair));
        answer
    }

    /// A functional user goes only when somebody holds each of its addresses, at that very moment.
    fn delete(&mut self, id: u64) -> Answer {
        let Some(user) = self.users.remove(&id) else { return Outcome::Missing };
        assert_eq!(user.role, Some(FUNCTIONAL));
        for element in &user.addresses {
            let holds = |other: &EsgUser| {
                other.role != Some(FUNCTIONAL)
                    && other.addresses.iter().any(|held| held.key() == element.key() && held.is_active())
            };
            assert!(self.users.values().any(holds), "{} belongs to nobody now", element.address());
        }
        self.protected.retain(|(user, _)| *user != id);
        self.seen.removed += 1;
        Outcome::Removed
    }

    fn check_nothing_lost(&self) {
        for (id, key) in &self.protected {
            let user = self.users.get(id).unwrap_or_else(|| panic!("user {id} is gone"));
            assert!(user.addresses.iter().any(|element| element.key() == *key), "user {id} lost {key}");
        }
    }

    /// Everything that no editor interfered with is as the plan wants it, and what we brought is managed.
    fn check_reached(&self, path: &Path) {
        let managed: BTreeSet<Pair> =
            managed(path).into_iter().map(|(id, address)| (id, AddressKey::new(&address))).collect();
        for action in &self.plan.actions {
            let id = action.user.id;
            if action.kind == ActionKind::RemoveUser {
                let disturbed = action.holders.iter().any(|holder| self.touched.contains(&holder.id));
                assert!(disturbed || !self.users.contains_key(&id), "functional user {id} is still there");
            } else if !self.touched.contains(&id) {
                for change in &action.changes {
                    let pair = (id, AddressKey::new(&change.address));
                    let there = pairs(&self.users[&id]).any(|held| held == pair);
                    assert_eq!(there, change.kind == ChangeKind::AliasAdded, "user {id}: {}", change.address);
                }
            }
        }
        for pair in &self.ours {
            assert!(self.touched.contains(&pair.0) || managed.contains(pair), "{pair:?} is ours and not managed");
        }
        for pair in &managed {
            let known = self.ours.contains(pair) || self.ambiguous.contains(pair);
            assert!(self.touched.contains(&pair.0) || known, "{pair:?} is managed and not ours");
        }
    }
}

fn pairs(user: &EsgUser) -> impl Iterator<Item = Pair> {
    user.addresses.iter().map(|element| (user.id, element.key()))
}

fn user_of(step: &Step<Vec<EmailAddress>>) -> u64 {
    match step {
        Step::Read { user_id, .. } | Step::Update { user_id, .. } | Step::Remove { user_id, .. } => *user_id,
        Step::Create { action, .. } => action.user.id,
        Step::Find { .. } | Step::Wait { .. } | Step::Done => 0,
    }
}
