//! Who holds what and why, and the invariants that every exchange must keep. It knows what was sent and what the appliance did, and
//! nothing of how the code decides.

mod outcome;
mod planned;
mod sending;

pub(super) use planned::Planned;

use esgsync_delegation::plan::{ActionKind, Plan};
use esgsync_simulator::{Request, User};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap, HashSet};
use tokio::time::Instant;

/// A user and an address in small letters.
pub(super) type Pair = (u64, String);

/// What an item read told the code.
struct Basis {
    order: u64,
    at: Instant,
    /// Changes by others when it was served.
    edits: u64,
    role: Option<u64>,
    elements: Vec<Map<String, Value>>,
}

/// Who holds what and why.
#[derive(Default)]
pub(super) struct Ledger {
    pub planned: Planned,
    /// Item reads that reached the code in this invocation.
    reads: HashMap<u64, Basis>,
    order: u64,
    last_write: u64,
    last_write_to: HashMap<u64, u64>,
    /// Users whose write under a plan was confirmed to the code, or journalled as done.
    confirmed: HashSet<(String, u64)>,
    /// Users to whom a write of this plan was sent.
    pub attempted: BTreeSet<u64>,
    /// Aliases that a write of ours brought, or a plan adopted, and nobody else took away.
    pub ours: BTreeSet<Pair>,
    /// Nobody can tell with this API whose they are (rules 43, 44).
    pub ambiguous: BTreeSet<Pair>,
    /// What somebody else took away.
    pub gone: BTreeSet<Pair>,
    /// Users whose planned addresses or identity somebody else touched since the plan was made.
    pub touched: BTreeSet<u64>,
    /// A plan is being made.
    pub planning: bool,
    /// Users whose write the appliance refused by a rule of its own.
    pub refused: BTreeSet<u64>,
    /// How often it did so.
    pub refusals: u64,
    /// Edits of others that a write of ours overwrote between its read and its arrival (rule 43).
    pub overwritten: u64,
    /// What arrives now was given up by its caller long ago: a read since then may have said that it never would (rule 44).
    pub late: bool,
    /// Changes by others so far.
    pub edits: u64,
    /// Users whose item the appliance gave out in this invocation.
    served: HashSet<u64>,
    /// The addresses that the code knew of the user when it sent a write.
    known_when_sent: HashMap<(u16, u32), BTreeSet<String>>,
}

pub(super) fn pairs(user: &User) -> BTreeSet<Pair> {
    let texts = user.email_addresses.iter().filter_map(|element| element.address.as_ref());
    texts.map(|text| (user.id, text.to_lowercase())).collect()
}

/// The user whom a path is about.
pub(super) fn item_of(request: &Request) -> Option<u64> {
    request.path().strip_prefix("/api/v2/user/")?.parse().ok()
}

fn address_of(element: &Map<String, Value>) -> String {
    element.get("address").and_then(Value::as_str).unwrap_or_default().to_lowercase()
}

impl Ledger {
    /// A plan is to be applied from now on.
    pub fn follow(&mut self, plan: &Plan) {
        self.planned = Planned::of(plan);
        self.planning = false;
        self.attempted.clear();
        self.refused.clear();
        let adopted = plan.actions.iter().filter(|action| action.kind == ActionKind::AdoptAlias);
        let adopted = adopted
            .flat_map(|action| action.changes.iter().map(|change| (action.user.id, change.address.to_lowercase())));
        self.ambiguous.extend(adopted);
    }

    /// A plan is being made: what others do from now on may be in it or not.
    pub fn plans(&mut self) {
        self.planning = true;
        self.touched.clear();
    }

    /// Another invocation begins: what an earlier one read is no basis for its writes.
    pub fn begin(&mut self) {
        self.reads.clear();
        self.served.clear();
        self.last_write_to.clear();
        self.last_write = self.order;
    }

    /// What the journal calls done is not to be done again.
    pub fn journalled(&mut self, action_id: &str) {
        if let Some(user) = self.planned.users.get(action_id) {
            self.confirmed.insert((self.planned.digest.clone(), *user));
        }
    }

    /// An item read reached the code whole.
    pub fn read(&mut self, id: u64, body: &[u8], edits: u64) {
        self.order += 1;
        let Ok(Value::Object(user)) = serde_json::from_slice(body) else { return };
        if user.get("id").and_then(Value::as_u64) != Some(id) {
            return;
        }
        let role = match user.get("role") {
            Some(Value::String(iri)) => iri.rsplit('/').next().and_then(|id| id.parse().ok()),
            Some(Value::Object(role)) => role.get("id").and_then(Value::as_u64),
            _ => None,
        };
        let elements = match user.get("emailAddresses") {
            Some(Value::Array(elements)) => elements.iter().filter_map(Value::as_object).cloned().collect(),
            _ => Vec::new(),
        };
        self.reads.insert(id, Basis { order: self.order, at: Instant::now(), edits, role, elements });
    }

    /// Of these actions nobody knows whether they happened.
    pub fn leaves_unsettled(&mut self, actions: &[String]) {
        let users: Vec<u64> = actions.iter().filter_map(|id| self.planned.users.get(id)).copied().collect();
        self.attempted.extend(users);
    }

    /// The appliance gives out an item.
    pub fn serves(&mut self, id: u64) {
        self.served.insert(id);
    }

    /// The item was given out in this invocation.
    pub fn was_read(&self, id: u64) -> bool {
        self.served.contains(&id)
    }

    /// A write was turned away at the door: it is as if it had not been sent.
    pub fn turned_away(&mut self, id: u64) {
        self.last_write_to.remove(&id);
    }

    /// The code was told that a write was done.
    pub fn confirms(&mut self, id: u64) {
        self.confirmed.insert((self.planned.digest.clone(), id));
    }
}
