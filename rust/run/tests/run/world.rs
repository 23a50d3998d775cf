//! An appliance in memory, plans made by hand, and a driver that makes the calls.

use esgsync_delegation::address::AddressKey;
use esgsync_delegation::esg::{EmailAddress, EsgUser, ManagedAlias};
use esgsync_delegation::plan::{
    Action, ActionKind, Admitted, Change, ChangeKind, MailboxRef, PLAN_VERSION, Plan, PlanOptions, SnapshotRef,
    Summary, TargetRef, UserRef,
};
use esgsync_delegation::snapshot::{Right, Tenant};
use esgsync_run::{
    Durability, Esg, Identity, Mode, OpenOptions, Outcome, Purpose, Run, RunError, RunOptions, RunResult, State, Step,
    StepId,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

pub const FUNCTIONAL: u64 = 499;
pub const TENANT: &str = "11111111-2222-3333-4444-555555555555";

pub type Answer = Outcome<EsgUser>;

pub fn start() -> Timestamp {
    "2026-11-24T08:00:00Z".parse().unwrap()
}

pub fn identity() -> Identity {
    Identity { name: "corp".into(), system: "esg".into(), host: "esg.corp.example:443".into(), simulator: false }
}

pub fn options(mode: Mode) -> OpenOptions {
    OpenOptions { mode, durability: Durability::ProcessOnly, ..OpenOptions::default() }
}

pub fn open(path: &Path) -> State {
    State::open(path, &identity(), &options(Mode::Write)).unwrap()
}

pub fn read(path: &Path) -> State {
    State::open(path, &identity(), &options(Mode::Read)).unwrap()
}

/// A folder that goes with the test, and the state file in it.
pub fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("corp.db");
    (folder, path)
}

/// The first address is the primary one.
pub fn user(id: u64, name: &str, role: u64, addresses: &[&str]) -> EsgUser {
    let mut elements: Vec<EmailAddress> = addresses.iter().map(|address| EmailAddress::alias(address)).collect();
    if let Some(first) = elements.first_mut() {
        *first = first.clone().with("primary", true);
    }
    EsgUser { id, username: name.into(), role: Some(role), addresses: elements, ..EsgUser::default() }
}

pub fn person(id: u64, name: &str, more: &[&str]) -> EsgUser {
    let primary = format!("{name}@corp.example");
    let addresses: Vec<&str> = std::iter::once(primary.as_str()).chain(more.iter().copied()).collect();
    user(id, &primary, 1, &addresses)
}

pub fn user_ref(user: &EsgUser) -> UserRef {
    UserRef { id: user.id, username: user.username.clone(), role: user.role }
}

pub fn mailbox(guid: &str) -> MailboxRef {
    MailboxRef { guid: guid.into(), ..MailboxRef::default() }
}

pub fn change(kind: ChangeKind, address: &str) -> Change {
    Change {
        kind,
        address: address.into(),
        mailbox: mailbox("info-guid").into(),
        right: Some(Right::FullAccess),
        reason: "as the test says".into(),
        trail: [].into(),
    }
}

pub fn add(address: &str) -> Change {
    change(ChangeKind::AliasAdded, address)
}

pub fn remove(address: &str) -> Change {
    change(ChangeKind::AliasRemoved, address)
}

fn action(kind: ActionKind, user: &EsgUser, changes: Vec<Change>) -> Action {
    let mut action = Action {
        id: String::new(),
        kind,
        user: user_ref(user),
        changes,
        before: user.addresses.clone(),
        after: None,
        holders: Vec::new(),
        mailbox_addresses: Vec::new(),
        depends_on: Vec::new(),
        managed_again: Vec::new(),
        restore: None,
    };
    action.id = action.content_id();
    action
}

pub fn update(user: &EsgUser, changes: Vec<Change>) -> Action {
    let mut after = user.addresses.clone();
    for change in &changes {
        let key = AddressKey::new(&change.address);
        match change.kind {
            ChangeKind::AliasAdded => after.push(EmailAddress::alias(&change.address)),
            ChangeKind::AliasRemoved => after.retain(|element| element.key() != key),
            _ => panic!("not an update: {:?}", change.kind),
        }
    }
    Action { after: Some(after), ..action(ActionKind::UpdateUser, user, changes) }
}

pub fn adopt(user: &EsgUser, address: &str) -> Action {
    let adoption = action(ActionKind::AdoptAlias, user, vec![change(ChangeKind::AliasAdopted, address)]);
    Action { after: Some(adoption.before.clone()), ..adoption }
}

/// All addresses of the functional user are the mailbox's.
pub fn delete(functional: &EsgUser, holders: &[&EsgUser], depends_on: &[&Action]) -> Action {
    let addresses: Vec<String> = functional.addresses.iter().map(|element| element.address().to_owned()).collect();
    let primary = addresses.first().cloned().unwrap_or_default();
    let removal = action(ActionKind::RemoveUser, functional, vec![change(ChangeKind::FunctionalUserRemoved, &primary)]);
    Action {
        holders: holders.iter().map(|holder| user_ref(holder)).collect(),
        mailbox_addresses: addresses,
        depends_on: depends_on.iter().map(|action| action.id.clone()).collect(),
        ..removal
    }
}

pub fn plan(state: &State, actions: Vec<Action>) -> Plan {
    let Identity { name, system, host, simulator } = state.identity().clone();
    Plan {
        version: PLAN_VERSION,
        created: start(),
        product: "0.0.0".into(),
        target: TargetRef {
            name,
            system,
            host,
            simulator,
            state_id: state.state_id().into(),
            state_generation: state.generation().unwrap(),
        },
        tenant: Some(Tenant { id: TENANT.into(), name: None }),
        snapshot: Some(SnapshotRef { created: start(), whole: true, complete: true, mailboxes: 1, known: 1 }),
        undoes: None,
        options: PlanOptions::default(),
        summary: Summary::default(),
        guards: Vec::new(),
        actions,
        left_alone: Vec::new(),
        findings: Vec::new(),
        digest: String::new(),
    }
    .seal()
}

/// Everything of the plan.
pub fn all(plan: &Plan) -> Admitted {
    Admitted { actions: plan.actions.clone(), blocked: Vec::new(), withheld: Vec::new() }
}

pub fn esg(plan: &Plan) -> Esg {
    Esg { functional_role: Some(FUNCTIONAL), options: plan.options.clone() }
}

pub fn begin(state: State, plan: &Plan) -> Result<Run<Esg>, RunError> {
    begin_first(state, plan, None)
}

pub fn begin_first(state: State, plan: &Plan, first: Option<u64>) -> Result<Run<Esg>, RunError> {
    Run::begin(state, esg(plan), plan, &all(plan), RunOptions { first, now: start() })
}

/// A call that reached the appliance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    Read(u64, Purpose),
    Update(u64),
    Remove(u64),
    Find(String),
    Create(String),
}

/// What happens to one call.
pub enum Fault {
    /// It answers that and does nothing.
    Instead(Answer),
    /// It does its work, and the answer is that.
    Done(Answer),
    /// Somebody else edits the user when the call has been answered.
    Then(Edit),
}

pub type Edit = Box<dyn Fn(&mut BTreeMap<u64, EsgUser>)>;

/// The appliance.
#[derive(Default)]
pub struct Appliance {
    pub users: BTreeMap<u64, EsgUser>,
    pub calls: Vec<Call>,
    /// Faults of updates and deletes, by user, in order.
    pub write_faults: BTreeMap<u64, VecDeque<Fault>>,
    /// Faults of reads, by user, in order.
    pub read_faults: BTreeMap<u64, VecDeque<Fault>>,
}

impl Appliance {
    pub fn new(users: &[&EsgUser]) -> Self {
        Self { users: users.iter().map(|user| (user.id, (*user).clone())).collect(), ..Self::default() }
    }

    pub fn on_write(mut self, id: u64, fault: Fault) -> Self {
        self.write_faults.entry(id).or_default().push_back(fault);
        self
    }

    pub fn on_read(mut self, id: u64, fault: Fault) -> Self {
        self.read_faults.entry(id).or_default().push_back(fault);
        self
    }

    pub fn writes(&self) -> usize {
        self.calls.iter().filter(|call| !matches!(call, Call::Read(..) | Call::Find(_))).count()
    }

    pub fn addresses(&self, id: u64) -> Vec<&str> {
        self.users[&id].addresses.iter().map(EmailAddress::address).collect()
    }

    pub fn read(&mut self, id: u64, purpose: Purpose) -> Answer {
        self.calls.push(Call::Read(id, purpose));
        let answer = self.users.get(&id).map_or(Outcome::Missing, |user| Outcome::Item(user.clone()));
        let fault = self.read_faults.get_mut(&id).and_then(VecDeque::pop_front);
        self.answer(fault, answer)
    }

    pub fn update(&mut self, id: u64, body: Vec<EmailAddress>) -> Answer {
        self.calls.push(Call::Update(id));
        let fault = self.write_faults.get_mut(&id).and_then(VecDeque::pop_front);
        if let Some(Fault::Instead(answer)) = fault {
            return answer;
        }
        let answer = match self.users.get_mut(&id) {
            Some(user) => {
                user.addresses = body;
                Outcome::Item(user.clone())
            }
            None => Outcome::Missing,
        };
        self.answer(fault, answer)
    }

    pub fn remove(&mut self, id: u64) -> Answer {
        self.calls.push(Call::Remove(id));
        let fault = self.write_faults.get_mut(&id).and_then(VecDeque::pop_front);
        if let Some(Fault::Instead(answer)) = fault {
            return answer;
        }
        let answer = self.users.remove(&id).map_or(Outcome::Missing, |_| Outcome::Removed);
        self.answer(fault, answer)
    }

    pub fn find(&mut self, username: &str) -> Answer {
        self.calls.push(Call::Find(username.into()));
        Outcome::Found(self.users.values().filter(|user| user.username == username).cloned().collect())
    }

    /// A new user gets the next id.
    pub fn create(&mut self, action: &Action) -> Answer {
        self.calls.push(Call::Create(action.user.username.clone()));
        let fault = self.write_faults.get_mut(&action.user.id).and_then(VecDeque::pop_front);
        if let Some(Fault::Instead(answer)) = fault {
            return answer;
        }
        let id = self.users.keys().max().map_or(1, |last| last + 1);
        let created = EsgUser { id, ..*action.restore.clone().unwrap() };
        self.users.insert(id, created.clone());
        self.answer(fault, Outcome::Item(created))
    }

    fn answer(&mut self, fault: Option<Fault>, answer: Answer) -> Answer {
        match fault {
            Some(Fault::Instead(other) | Fault::Done(other)) => other,
            Some(Fault::Then(edit)) => {
                edit(&mut self.users);
                answer
            }
            None => answer,
        }
    }

    /// Makes the call of a step.
    pub fn serve(&mut self, step: Step<Vec<EmailAddress>>) -> (StepId, Answer) {
        match step {
            Step::Read { step, user_id, purpose } => (step, self.read(user_id, purpose)),
            Step::Update { step, user_id, body } => (step, self.update(user_id, body)),
            Step::Remove { step, user_id } => (step, self.remove(user_id)),
            Step::Find { step, username } => (step, self.find(&username)),
            Step::Create { step, action } => (step, self.create(&action)),
            other => panic!("no call: {other:?}"),
        }
    }
}

/// Drives a run to its end, with that many calls in flight at a time.
pub fn drive(run: Run<Esg>, appliance: &mut Appliance, limit: usize) -> RunResult {
    let mut run = run;
    let mut now = start();
    let mut flight = VecDeque::new();
    for _ in 0..100_000 {
        let step = if flight.len() < limit { run.next(now).unwrap() } else { Step::Wait { until: None } };
        match step {
            Step::Done => return run.finish(now).unwrap(),
            Step::Wait { until } => {
                if let Some(step) = flight.pop_front() {
                    let (step, answer) = appliance.serve(step);
                    run.complete(step, answer, now).unwrap();
                } else {
                    now = until.expect("nothing is in flight, and nothing will come");
                }
            }
            step => flight.push_back(step),
        }
        now = now.checked_add(SignedDuration::from_millis(10)).unwrap();
    }
    panic!("the run does not end");
}

/// Begins a run of the plan and drives it, one call at a time.
pub fn apply(path: &Path, plan: &Plan, appliance: &mut Appliance) -> RunResult {
    drive(begin(open(path), plan).unwrap(), appliance, 1)
}

/// Managed aliases as (user id, address).
pub fn managed(path: &Path) -> Vec<(u64, String)> {
    let entry = |entry: ManagedAlias| (entry.user_id, entry.address.to_string());
    read(path).managed(TENANT).unwrap().into_iter().map(entry).collect()
}

pub fn unsettled(text: &str) -> Answer {
    Outcome::Unsettled { text: text.into() }
}

pub fn refused(status: u16, text: &str) -> Answer {
    Outcome::Refused { status, text: text.into() }
}

pub fn later(seconds: u64) -> Answer {
    Outcome::Later { after: Some(std::time::Duration::from_secs(seconds)), text: "too many requests".into() }
}
