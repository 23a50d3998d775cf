//! What has to hold for what the writes came to.

use super::{Ledger, Pair, pairs};
use esgsync_simulator::{State, User};
use std::collections::BTreeSet;

impl Ledger {
    /// A write arrived. `before` and `after` are the user at the appliance.
    pub(in crate::simulation) fn arrived(
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
                // Where the read before showed it, somebody else had given it, and took it away before the list came back.
                let known = self.known_when_sent.get(&exchange).is_some_and(|known| known.contains(&pair.1));
                if self.late || known {
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
                return Err(format!("address held by nobody: {address}"));
            }
        }
        Ok(())
    }

    /// What the state file calls ours, held against what is.
    pub(in crate::simulation) fn claims(&self, managed: &BTreeSet<Pair>, state: &State) -> Result<(), String> {
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
    pub(in crate::simulation) fn remembers(&self, managed: &BTreeSet<Pair>, state: &State) -> Result<(), String> {
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
    pub(in crate::simulation) fn reached(&self, state: &State) -> Result<(), String> {
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
