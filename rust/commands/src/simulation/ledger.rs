//! Who holds what and why, and the invariants that every exchange must keep. It knows what was sent and what the appliance did, and
//! nothing of how the code decides.

use esgsync_delegation::plan::{ActionKind, ChangeKind, Plan};
use esgsync_simulator::{Request, State, User};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;
use tokio::time::Instant;

/// A user and an address in small letters.
pub(super) type Pair = (u64, String);

/// The oldest read that a write may be computed from. The engine allows half a minute; the rest is waiting for a free connection.
const OLDEST_READ: Duration = Duration::from_secs(90);

/// What the plan says about one user.
#[derive(Debug, Clone, Default)]
pub(super) struct Update {
    pub adds: BTreeSet<String>,
    pub removes: BTreeSet<String>,
    pub collapses: BTreeSet<String>,
}

/// A functional user that the plan removes.
#[derive(Debug, Clone, Default)]
pub(super) struct Removal {
    pub holders: BTreeSet<u64>,
    /// Users whose update must be done before.
    pub needs: BTreeSet<u64>,
}

/// The plan that is applied.
#[derive(Debug, Clone, Default)]
pub(super) struct Planned {
    pub digest: String,
    pub updates: BTreeMap<u64, Update>,
    pub removals: BTreeMap<u64, Removal>,
    /// Ids of actions and their users.
    pub users: HashMap<String, u64>,
}

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

impl Planned {
    pub fn of(plan: &Plan) -> Self {
        let users: HashMap<String, u64> =
            plan.actions.iter().map(|action| (action.id.clone(), action.user.id)).collect();
        let mut planned = Self { digest: plan.digest.clone(), ..Self::default() };
        for action in &plan.actions {
            match action.kind {
                ActionKind::UpdateUser => {
                    let update = planned.updates.entry(action.user.id).or_default();
                    for change in &action.changes {
                        let address = change.address.to_lowercase();
                        match change.kind {
                            ChangeKind::AliasAdded => update.adds.insert(address),
                            ChangeKind::AliasRemoved => update.removes.insert(address),
                            _ => update.collapses.insert(address),
                        };
                    }
                }
                ActionKind::RemoveUser => {
                    let holders = action.holders.iter().map(|holder| holder.id).collect();
                    let needs = action.depends_on.iter().filter_map(|id| users.get(id)).copied().collect();
                    planned.removals.insert(action.user.id, Removal { holders, needs });
                }
                _ => {}
            }
        }
        planned.users = users;
        planned
    }
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

    /// A write leaves the code. What is wrong with it?
    pub fn sends(
        &mut self,
        exchange: (u16, u32),
        method: &str,
        id: u64,
        body: &[u8],
        functional: u64,
    ) -> Result<(), String> {
        let now = Instant::now();
        self.order += 1;
        let known = self.reads.get(&id).map(|read| read.elements.iter().map(address_of).collect());
        self.known_when_sent.insert(exchange, known.unwrap_or_default());
        let verdict = match method {
            "PATCH" => self.patches(id, body, now),
            _ => self.deletes(id, functional, now),
        };
        if self.confirmed.contains(&(self.planned.digest.clone(), id)) {
            return Err(format!("sent twice: {method} of user {id}, whose write was confirmed"));
        }
        self.attempted.insert(id);
        self.last_write = self.order;
        self.last_write_to.insert(id, self.order);
        verdict
    }

    fn patches(&self, id: u64, body: &[u8], now: Instant) -> Result<(), String> {
        let Some(update) = self.planned.updates.get(&id) else {
            return Err(format!("not planned: a PATCH of user {id}"));
        };
        let basis = self.basis(id, now)?;
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let sent: Vec<&Map<String, Value>> =
            body["emailAddresses"].as_array().into_iter().flatten().filter_map(Value::as_object).collect();
        for element in &basis.elements {
            let address = address_of(element);
            let planned = update.removes.contains(&address) || update.collapses.contains(&address);
            if planned {
                continue;
            }
            match sent.iter().find(|sent| address_of(sent) == address) {
                None => return Err(format!("address lost: {address} of user {id} is not sent back")),
                Some(_) if sent.contains(&element) => {}
                Some(sent) => {
                    return Err(format!("element changed: {element:?} of user {id} is sent back as {sent:?}"));
                }
            }
        }
        for element in sent {
            let address = address_of(element);
            if !update.adds.contains(&address) && !basis.elements.iter().any(|known| address_of(known) == address) {
                return Err(format!("not planned: {address} is sent for user {id}"));
            }
        }
        Ok(())
    }

    fn basis(&self, id: u64, now: Instant) -> Result<&Basis, String> {
        let last_write = self.last_write_to.get(&id).copied().unwrap_or(0);
        let Some(basis) = self.reads.get(&id).filter(|basis| basis.order > last_write) else {
            return Err(format!("not read right before: user {id}"));
        };
        if now.duration_since(basis.at) > OLDEST_READ {
            return Err(format!("not read right before: user {id}, {:?} ago", now.duration_since(basis.at)));
        }
        Ok(basis)
    }

    /// By reads after the last change of this invocation: the role, and somebody who holds each address (rules 29 to 32).
    fn deletes(&self, id: u64, functional: u64, now: Instant) -> Result<(), String> {
        let Some(removal) = self.planned.removals.get(&id) else {
            return Err(format!("not planned: a DELETE of user {id}"));
        };
        let basis = self.basis(id, now).map_err(|text| format!("deleted without proof: {text}"))?;
        if basis.role != Some(functional) {
            return Err(format!("deleted without proof: user {id} has the role {:?}", basis.role));
        }
        let patched = self.last_write_to.iter().filter(|(user, _)| self.planned.updates.contains_key(user));
        let patched = patched.map(|(_, order)| *order).max().unwrap_or(0);
        for element in &basis.elements {
            let address = address_of(element);
            let holds = |holder: &u64| {
                self.reads.get(holder).is_some_and(|read| {
                    let active = |element: &Map<String, Value>| {
                        address_of(element) == address && element.get("active") == Some(&Value::Bool(true))
                    };
                    read.order > patched
                        && now.duration_since(read.at) <= OLDEST_READ
                        && read.role.is_some_and(|role| role != functional)
                        && read.elements.iter().any(active)
                })
            };
            if !removal.holders.iter().any(holds) {
                return Err(format!("deleted without proof: nobody was read who holds {address} of user {id}"));
            }
        }
        Ok(())
    }

    /// A write arrived. `before` and `after` are the user at the appliance.
    pub fn arrived(
        &mut self,
        exchange: (u16, u32),
        id: u64,
        before: Option<&User>,
        after: Option<&User>,
        state: &State,
    ) -> Result<(), String> {
        let (was, is) = (before.map(pairs).unwrap_or_default(), after.map(pairs).unwrap_or_default());
        if before.is_some() && after.is_none() {
            return self.is_held_by_others(id, &was, state);
        }
        let update = self.planned.updates.get(&id).cloned().unwrap_or_default();
        for pair in was.difference(&is) {
            self.ours.remove(pair);
            let known = self.known_when_sent.get(&exchange).is_some_and(|known| known.contains(&pair.1));
            if update.removes.contains(&pair.1) {
                continue;
            }
            if known && !self.gone.contains(pair) && !self.ambiguous.contains(pair) {
                return Err(format!("address lost: {} of user {id}", pair.1));
            }
            self.overwritten += 1;
            self.gone.insert(pair.clone());
            self.touched.insert(id);
        }
        for pair in is.difference(&was) {
            if update.adds.contains(&pair.1) {
                self.ours.insert(pair.clone());
                if self.late {
                    self.ambiguous.insert(pair.clone());
                }
            } else {
                // A list that was read before somebody took it away.
                self.overwritten += 1;
                self.ambiguous.insert(pair.clone());
            }
            self.gone.remove(pair);
        }
        Ok(())
    }

    fn is_held_by_others(&mut self, id: u64, was: &BTreeSet<Pair>, state: &State) -> Result<(), String> {
        self.ours.retain(|pair| pair.0 != id);
        self.gone.extend(was.iter().cloned());
        // What others did since the proof was read, no code can know.
        let proof = self.planned.removals.get(&id).map(|removal| &removal.holders).into_iter().flatten().chain([&id]);
        let oldest = proof.filter_map(|id| self.reads.get(id)).map(|read| read.edits).min();
        if oldest != Some(self.edits) {
            return Ok(());
        }
        for (_, address) in was {
            let holds = |user: &User| {
                let active = user.email_addresses.iter().any(|element| {
                    element.active && element.address.as_ref().is_some_and(|text| text.to_lowercase() == *address)
                });
                active && user.role != state.functional_role
            };
            if !state.users.iter().any(holds) {
                return Err(format!("address lost: {address} belongs to nobody now"));
            }
        }
        Ok(())
    }

    /// The code was told that a write was done.
    pub fn confirms(&mut self, id: u64) {
        self.confirmed.insert((self.planned.digest.clone(), id));
    }

    /// What the state file calls ours, held against what is.
    pub fn claims(&self, managed: &BTreeSet<Pair>, state: &State) -> Result<(), String> {
        let held: BTreeSet<Pair> = state.users.iter().flat_map(pairs).collect();
        for pair in managed {
            let (user, address) = pair;
            if !self.ours.contains(pair) && !self.ambiguous.contains(pair) && !self.gone.contains(pair) {
                let removed = self.planned.updates.get(user).is_some_and(|update| update.removes.contains(address));
                if !(removed && self.attempted.contains(user)) {
                    return Err(format!("claims what is not ours: {address} of user {user}"));
                }
            }
            if !held.contains(pair) && !self.gone.contains(pair) {
                let removed = self.planned.updates.get(user).is_some_and(|update| update.removes.contains(address));
                if !(removed && self.attempted.contains(user)) {
                    return Err(format!("claims what is not there: {address} of user {user}"));
                }
            }
        }
        Ok(())
    }

    /// Nothing that we brought is forgotten: otherwise it would stay for ever.
    pub fn remembers(&self, managed: &BTreeSet<Pair>, state: &State) -> Result<(), String> {
        let held: BTreeSet<Pair> = state.users.iter().flat_map(pairs).collect();
        let forgotten = self
            .ours
            .iter()
            .find(|pair| held.contains(*pair) && !self.ambiguous.contains(*pair) && !managed.contains(*pair));
        match forgotten {
            Some((user, address)) => Err(format!("forgets what is ours: {address} of user {user}")),
            None => Ok(()),
        }
    }

    /// After an undisturbed run: is everything as the plan wants it, that nobody else interfered with?
    pub fn reached(&self, state: &State) -> Result<(), String> {
        let open = |id: &u64| self.touched.contains(id) || self.refused.contains(id);
        for (id, update) in self.planned.updates.iter().filter(|(id, _)| !open(id)) {
            let held = state.user(*id).map(pairs).unwrap_or_default();
            let has = |address: &String| held.contains(&(*id, address.clone()));
            if let Some(address) = update.adds.iter().find(|address| !has(address)) {
                return Err(format!("plan not reached: user {id} has no {address}"));
            }
            if let Some(address) = update.removes.iter().find(|address| has(address)) {
                return Err(format!("plan not reached: user {id} still has {address}"));
            }
        }
        for (id, removal) in self.planned.removals.iter().filter(|(id, _)| !open(id)) {
            if state.user(*id).is_some() && !removal.holders.iter().chain(&removal.needs).any(open) {
                return Err(format!("plan not reached: functional user {id} is still there"));
            }
        }
        Ok(())
    }
}
