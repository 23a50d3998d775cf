//! What has to hold for every write that leaves the code.

use super::{Basis, Ledger, address_of};
use serde_json::{Map, Value};
use std::time::Duration;
use tokio::time::Instant;

/// The oldest read that a write may be computed from. The engine allows half a minute; the rest is waiting for a free connection.
const OLDEST_READ: Duration = Duration::from_secs(90);

impl Ledger {
    /// A write leaves the code. What is wrong with it?
    pub(in crate::simulation) fn sends(
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
}
