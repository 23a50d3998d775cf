//! A process that applies a plan is really killed, at random moments; the next invocation ends in the plan's state (design 8).
//!
//! Ten kills, or as many as `ESGSYNC_SEEDS` says up to 200 (`build.ps1 Test -Seeds 200`). With 200 each phase must have been hit.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use esgsync_commands::Engine;
use esgsync_commands::wire::Method;
use esgsync_simulator::{Esg, Server, ServerOptions, State};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const MAILBOXES: u64 = 100;
const DELEGATES: u64 = 10;
const PEOPLE: u64 = MAILBOXES * DELEGATES;
/// Ids of functional users begin here, those of people at 1.
const FUNCTIONAL: u64 = 10_000;
const FUNCTIONAL_ROLE: u64 = 499;
/// Tells the child process what to apply; without it the test is the parent.
const CHILD: &str = "ESGSYNC_KILLED_RUN";

#[test]
fn a_run_that_was_really_killed_is_finished_by_the_next_invocation() {
    if let Ok(task) = std::env::var(CHILD) {
        apply(&serde_json::from_str(&task).unwrap());
        return;
    }
    let wanted = std::env::var("ESGSYNC_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    let kills: u64 = u64::clamp(wanted, 10, 200);
    let whole = Desk::new().unbroken();
    let mut table: BTreeMap<&str, (u64, u64)> = PHASES.into_iter().map(|phase| (phase, (0, 0))).collect();
    for seed in 0..kills {
        let mut random = fastrand::Rng::with_seed(seed);
        // Spread over the whole run: each kill has its own part of it.
        let request = (whole * seed + random.u64(0..whole)) / kills;
        let moment = Moment { request, jitter: Duration::from_micros(random.u64(0..2_000)) };
        let phases = std::panic::catch_unwind(|| Desk::new().killed_at(moment))
            .unwrap_or_else(|_| panic!("kill {seed} failed, at request {} + {:?}", moment.request, moment.jitter));
        for (phase, actions) in phases {
            let (kills, in_phase) = table.get_mut(phase).unwrap();
            *kills += u64::from(actions > 0);
            *in_phase += actions;
        }
    }
    println!("{kills} kills in runs of {PEOPLE} PATCHes and {MAILBOXES} DELETEs, {whole} requests each");
    for phase in PHASES {
        println!("  {phase:<26} {:>4} kills {:>5} actions", table[phase].0, table[phase].1);
    }
    if kills == 200 {
        assert!(table.values().all(|(kills, _)| *kills > 0), "a phase was never hit");
    }
}

/// Where an action was when its process died.
const PHASES: [&str; 6] = [
    "before the journal",
    "between journal and send",
    "between commit and reply",
    "between reply and journal",
    "in the proof",
    "in the deletes",
];

#[derive(Clone, Copy)]
struct Moment {
    /// After so many requests of the run,
    request: u64,
    /// and so much later.
    jitter: Duration,
}

/// What the child does: it applies a plan, and is killed meanwhile.
fn apply(task: &Value) {
    let engine = Engine::open().unwrap();
    let connection = connect(&engine, task["uri"].as_str().unwrap(), Path::new(task["folder"].as_str().unwrap()));
    let plan = std::fs::read_to_string(task["plan"].as_str().unwrap()).unwrap();
    invoke(&engine, connection, &plan);
}

fn call(engine: &Engine, method: Method, request: &Value) -> Value {
    let reply = engine.call(method as u32, request.to_string().as_bytes(), &CancellationToken::new(), &mut |_, _| true);
    serde_json::from_slice(&reply.unwrap_or_else(|error| panic!("{error:?}"))).unwrap()
}

fn connect(engine: &Engine, uri: &str, folder: &Path) -> u64 {
    let request = json!({
        "name": "corp", "uri": uri, "allowHttp": true, "username": "admin", "password": "simulator-admin", "stateFolder": folder,
    });
    call(engine, Method::Connect, &request)["connection"].as_u64().unwrap()
}

fn invoke(engine: &Engine, connection: u64, plan: &str) -> Value {
    let expect = json!([{"kind": "FunctionalUserRemoved", "count": MAILBOXES}]);
    call(engine, Method::InvokePlan, &json!({"connection": connection, "plan": plan, "expect": expect}))
}

/// A tenant and an appliance where each person lacks one alias and each mailbox has a functional user, and a plan for them.
struct Desk {
    engine: Engine,
    server: Server,
    folder: tempfile::TempDir,
    plan: String,
}

impl Desk {
    fn new() -> Self {
        let options = ServerOptions { latency: Duration::from_millis(1), ..ServerOptions::default() };
        let server = Server::start(Esg::new(State::from_json(&appliance().to_string()).unwrap()), options).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("tenant.jsonl"), tenant()).unwrap();
        let mut desk = Self { engine: Engine::open().unwrap(), server, folder, plan: String::new() };
        let plan = desk.plan();
        assert_eq!(plan["actions"].as_array().unwrap().len() as u64, PEOPLE + MAILBOXES);
        desk.plan = plan["text"].as_str().unwrap().to_owned();
        std::fs::write(desk.folder.path().join("plan.json"), &desk.plan).unwrap();
        desk.server.esg().reset_log();
        desk
    }

    fn connect(&self) -> u64 {
        connect(&self.engine, self.server.uri(), self.folder.path())
    }

    fn plan(&self) -> Value {
        let open = json!({"read": [self.folder.path().join("tenant.jsonl")]}).to_string();
        let snapshot = self.engine.open_snapshot(open.as_bytes(), &CancellationToken::new()).unwrap();
        let request =
            json!({"connection": self.connect(), "snapshot": snapshot, "options": {"functionalUser": "Remove"}});
        call(&self.engine, Method::NewPlan, &request)
    }

    fn requests(&self) -> u64 {
        self.server.esg().log().counts().requests
    }

    /// How many requests a whole run makes.
    fn unbroken(&self) -> u64 {
        invoke(&self.engine, self.connect(), &self.plan);
        self.check();
        self.requests()
    }

    /// How many actions were in each phase when the process died. Then finishes the run and checks how it ended.
    fn killed_at(&self, moment: Moment) -> BTreeMap<&'static str, u64> {
        let plan = self.folder.path().join("plan.json");
        let task = json!({"uri": self.server.uri(), "folder": self.folder.path(), "plan": plan});
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["a_run_that_was_really_killed_is_finished_by_the_next_invocation", "--exact"])
            .env(CHILD, task.to_string())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let limit = Instant::now() + Duration::from_secs(120);
        while self.requests() < moment.request && child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < limit, "the moment did not come");
            std::thread::sleep(Duration::from_micros(50));
        }
        std::thread::sleep(moment.jitter);
        child.kill().unwrap();
        child.wait().unwrap();
        let answered = self.server.answered();
        let journal = self.journal();
        // What lies in the sockets yet is carried out, as at a real appliance.
        std::thread::sleep(Duration::from_millis(50));
        let phases = self.phases(&answered, &journal);

        let before = self.writes();
        let run = invoke(&self.engine, self.connect(), &self.plan);
        assert_eq!(run["failed"], 0, "{run}");
        self.check();
        for (user, settled) in journal {
            let after = self.writes().get(&user).copied().unwrap_or_default();
            assert!(!settled || after == before[&user], "what was confirmed to user {user} is sent again");
        }
        phases
    }

    /// Users with an entry in the journal of the process that died, and whether its outcome is there.
    fn journal(&self) -> BTreeMap<u64, bool> {
        // A copy: to open the file itself would be the start of the next invocation.
        let copy = tempfile::tempdir().unwrap();
        let mut state = None;
        for file in std::fs::read_dir(self.folder.path()).unwrap() {
            let (path, name) = file.map(|file| (file.path(), file.file_name())).unwrap();
            let name: PathBuf = copy.path().join(name);
            if path.to_string_lossy().contains(".db") {
                std::fs::copy(&path, &name).unwrap();
                state = state.or(name.extension().is_some_and(|extension| extension == "db").then_some(name));
            }
        }
        let Some(state) = state else { return BTreeMap::new() };
        let database = rusqlite::Connection::open(state).unwrap();
        let mut query = database.prepare("SELECT body, status FROM action").unwrap();
        let rows = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))).unwrap();
        rows.map(|row| {
            let (body, status) = row.unwrap();
            let action: Value = serde_json::from_str(&body).unwrap();
            (action["user"]["id"].as_u64().unwrap(), status != "Unsettled")
        })
        .collect()
    }

    fn phases(&self, answered: &BTreeMap<String, u64>, journal: &BTreeMap<u64, bool>) -> BTreeMap<&'static str, u64> {
        let log: BTreeSet<String> =
            self.server.esg().log().entries().iter().map(|entry| format!("{} {}", entry.method, entry.path)).collect();
        let updates = (1..=PEOPLE).filter(|id| journal.get(id) == Some(&true)).count() as u64;
        let removed = (FUNCTIONAL..).take(MAILBOXES as usize).filter(|id| journal.get(id) == Some(&true)).count();
        let mut phases = BTreeMap::new();
        let mut count = |phase: usize| *phases.entry(PHASES[phase]).or_default() += 1;
        for id in (1..=PEOPLE).chain(FUNCTIONAL..FUNCTIONAL + MAILBOXES) {
            let functional = id >= FUNCTIONAL;
            let write = format!("{} /api/v2/user/{id}", if functional { "DELETE" } else { "PATCH" });
            let read = log.contains(&format!("GET /api/v2/user/{id}"));
            match journal.get(&id) {
                Some(true) => {}
                Some(false) if functional => count(5),
                Some(false) if !log.contains(&write) => count(1),
                Some(false) if !answered.contains_key(&write) => count(2),
                Some(false) => count(3),
                None if functional && updates == PEOPLE && read => count(4),
                None if !functional && read => count(0),
                None => {}
            }
        }
        if removed > 0 && removed < MAILBOXES as usize {
            count(5);
        }
        phases
    }

    /// Writes that were carried out, by user.
    fn writes(&self) -> BTreeMap<u64, u64> {
        let mut writes = BTreeMap::new();
        let esg = self.server.esg();
        for entry in esg.log().entries().iter().filter(|entry| entry.status < 300) {
            if let ("PATCH" | "DELETE", Some((_, id))) = (entry.method.as_str(), entry.path.rsplit_once('/')) {
                *writes.entry(id.parse().unwrap()).or_default() += 1;
            }
        }
        writes
    }

    /// The plan's state: every alias there once, no functional user, nothing else touched, nothing written twice, and nothing left to plan.
    fn check(&self) {
        let state: Value = serde_json::from_str(&self.server.esg().state().to_json()).unwrap();
        let users: BTreeMap<u64, BTreeSet<String>> = state["users"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| {
                let elements = user["emailAddresses"].as_array().unwrap();
                let texts: Vec<String> = elements.iter().map(|e| e["address"].as_str().unwrap().to_owned()).collect();
                let set: BTreeSet<String> = texts.iter().cloned().collect();
                assert_eq!(set.len(), texts.len(), "doubled: {user}");
                (user["id"].as_u64().unwrap(), set)
            })
            .collect();
        let expected: BTreeMap<u64, BTreeSet<String>> = (1..=PEOPLE)
            .map(|id| (id, [own(id), format!("hand{id}@elsewhere.example"), shared(mailbox_of(id))].into()))
            .collect();
        let people: BTreeMap<_, _> = users.into_iter().filter(|(id, _)| *id <= PEOPLE || *id >= FUNCTIONAL).collect();
        assert!(people == expected, "the appliance is not in the plan's state");
        let writes = self.writes();
        assert_eq!(writes.len() as u64, PEOPLE + MAILBOXES);
        assert!(writes.values().all(|times| *times == 1), "a write was carried out twice");
        let requests = self.server.esg().log().counts().writes;
        let plan = self.plan();
        assert_eq!(plan["actions"], json!([]), "{}", plan["summary"]);
        assert_eq!(self.server.esg().log().counts().writes, requests);
    }
}

fn own(id: u64) -> String {
    format!("person{id}@corp.example")
}

fn shared(mailbox: u64) -> String {
    format!("shared{mailbox}@corp.example")
}

fn mailbox_of(person: u64) -> u64 {
    (person - 1) / DELEGATES
}

fn appliance() -> Value {
    let element = |address: String, primary: bool| json!({"address": address, "active": true, "primary": primary});
    let person = |id: u64| {
        let addresses = [element(own(id), true), element(format!("hand{id}@elsewhere.example"), false)];
        json!({"id": id, "username": own(id), "emailAddresses": addresses, "role": 7})
    };
    let functional = |mailbox: u64| {
        let addresses = [element(shared(mailbox), true)];
        json!({"id": FUNCTIONAL + mailbox, "username": format!("Shared {mailbox}"), "emailAddresses": addresses, "role": FUNCTIONAL_ROLE})
    };
    let users: Vec<Value> = (1..=PEOPLE).map(person).chain((0..MAILBOXES).map(functional)).collect();
    json!({"users": users, "roles": {"1": "Administrator", "7": "User", "499": "Functional User"}, "functional_role": FUNCTIONAL_ROLE})
}

fn tenant() -> String {
    let guid = |object: u64| format!("00000000-0000-4000-8000-{object:012}");
    let mut lines = vec![json!({
        "kind": "snapshot", "version": 1, "created": "2026-11-24T06:00:00Z", "tenant": {"id": guid(999_999), "name": "corp"},
        "rights": ["FullAccess"], "recipientTypes": ["SharedMailbox"], "whole": true, "options": {},
    })];
    let recipient = |object: u64, address: String, kind: &str| {
        json!({"kind": "recipient", "key": guid(object), "guid": guid(object), "name": address, "upn": address, "primary": address,
            "addresses": [format!("SMTP:{address}")], "type": kind, "sid": format!("S-1-5-21-1-2-3-{object}"), "enabled": true})
    };
    lines.extend((1..=PEOPLE).map(|id| recipient(id, own(id), "UserMailbox")));
    for mailbox in 0..MAILBOXES {
        let key = guid(FUNCTIONAL + mailbox);
        lines.push(recipient(FUNCTIONAL + mailbox, shared(mailbox), "SharedMailbox"));
        lines.push(json!({"kind": "mailbox", "key": key, "guid": key, "displayName": format!("Shared {mailbox}"), "primary": shared(mailbox),
            "addresses": [format!("SMTP:{}", shared(mailbox))], "type": "SharedMailbox"}));
        for person in (1..=PEOPLE).filter(|id| mailbox_of(*id) == mailbox) {
            lines.push(json!({"kind": "permission", "mailbox": key, "trustee": own(person), "sid": format!("S-1-5-21-1-2-3-{person}"),
                "rights": ["FullAccess"], "deny": false, "inherited": false, "inheritance": "All"}));
        }
        lines.push(json!({"kind": "read", "subject": format!("mailbox:{key}"), "status": "complete"}));
    }
    for subject in ["mailboxes", "softDeleted", "recipients"] {
        lines.push(json!({"kind": "read", "subject": subject, "status": "complete"}));
    }
    lines.push(json!({"kind": "end", "lines": lines.len(), "counts": {}}));
    lines.iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{line}");
        text
    })
}
