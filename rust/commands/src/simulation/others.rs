//! Everybody else who works at the appliance: administrators, users, imports from the directory.

use super::coverage::{OTHERS, SWITCH};
use super::dice::{Place, one_in, pick};
use super::ledger::pairs;
use super::network::World;
use super::world::element;
use esgsync_simulator::{Edit, Import, User};
use fastrand::Rng;
use serde_json::{Map, Value, json};

impl World {
    /// Somebody does something, where the seed says so.
    pub(super) fn others(&mut self, place: Place) {
        if self.dice.leaves_out(place) {
            return;
        }
        let mut rng = self.dice.at(place);
        let times = if matches!(place, Place::Before { .. }) { 2 } else { 16 };
        if !one_in(&mut rng, times) {
            return;
        }
        let before = self.esg.state().clone();
        let Some(what) = self.act(&mut rng) else { return };
        self.ledger.edits += 1;
        self.coverage.count(OTHERS, what);
        self.note(format!("   others: {what}"));
        self.fired.push((place, format!("others: {what}")));
        if what.starts_with("import") {
            self.coverage.count(SWITCH, format!("reimport = {what}"));
        }
        self.take_in(&before.users);
    }

    fn act(&mut self, rng: &mut Rng) -> Option<&'static str> {
        let functional = self.esg.state().functional_role;
        let users: Vec<User> = self.esg.state().users.clone();
        let people: Vec<&User> = users.iter().filter(|user| user.role != functional).collect();
        let desks: Vec<&User> = users.iter().filter(|user| user.role == functional).collect();
        let person = people.get(rng.usize(..people.len().max(1))).copied();
        let desk = desks.get(rng.usize(..desks.len().max(1))).copied();
        match rng.u8(..14) {
            0..=2 => {
                self.gives(person?, &format!("edit{}@foreign.example", self.ledger.edits), "gives a foreign address")
            }
            3 | 4 => {
                let user = person?;
                let wanted: Vec<String> = self.ledger.planned.updates.get(&user.id)?.adds.iter().cloned().collect();
                let address = wanted.first()?.clone();
                if pairs(user).contains(&(user.id, address.clone())) {
                    return None;
                }
                if self.ledger.attempted.contains(&user.id) || self.ledger.was_read(user.id) {
                    self.ledger.ambiguous.insert((user.id, address.clone()));
                }
                self.gives(user, &address, "gives a planned address")
            }
            5 | 6 => {
                let mut user = person?.clone();
                let at = user.email_addresses.iter().position(|element| !element.primary)?;
                user.email_addresses.remove(at);
                self.puts(&user, "takes an address away")
            }
            7 => {
                let mut user = person?.clone();
                let at = user.email_addresses.iter().position(|element| !element.primary)?;
                user.email_addresses[at].active = !user.email_addresses[at].active;
                self.puts(&user, "switches an address off or on")
            }
            8 => {
                let mut user = desk?.clone();
                user.username.push_str(" (old)");
                self.puts(&user, "renames a functional user")
            }
            9 => {
                let mut user = desk?.clone();
                user.role = 7;
                self.puts(&user, "makes a functional user a person")
            }
            10 => {
                let id = if one_in(rng, 2) { person?.id } else { desk?.id };
                self.esg.edit(&Edit { id, delete: true, members: Map::new() }).ok()?;
                Some("deletes a user")
            }
            11 => {
                let import = pick(rng, &[(true, false), (false, true), (true, true)]);
                self.esg.import(Import { recreate: import.0, reset: import.1 });
                Some(match import {
                    (true, true) => "import brings back and resets addresses",
                    (true, false) => "import brings back functional users",
                    _ => "import resets addresses",
                })
            }
            12 => {
                let mut user = person?.clone();
                let element = user.email_addresses.last_mut()?;
                element.fields.insert("source".into(), "by hand".into());
                self.puts(&user, "changes a member of an element")
            }
            _ => {
                let id = users.iter().map(|user| user.id).max()? + 1;
                let members = json!({"username": format!("new{id}@corp.example"), "role": 7, "enabled": true,
                    "emailAddresses": [element(&format!("new{id}@corp.example"), true, true)]});
                let Value::Object(members) = members else { return None };
                self.esg.edit(&Edit { id, delete: false, members }).ok()?;
                Some("creates a user")
            }
        }
    }

    fn gives(&mut self, user: &User, address: &str, what: &'static str) -> Option<&'static str> {
        let mut user = user.clone();
        user.email_addresses.push(element(address, true, false));
        self.puts(&user, what)
    }

    fn puts(&mut self, user: &User, what: &'static str) -> Option<&'static str> {
        let Ok(Value::Object(mut members)) = serde_json::to_value(user) else { return None };
        members.remove("id");
        self.esg.edit(&Edit { id: user.id, delete: false, members }).ok()?;
        Some(what)
    }

    /// What others changed is theirs, and what they took away is gone.
    fn take_in(&mut self, before: &[User]) {
        let after = self.esg.state().users.clone();
        let by_id = |users: &[User], id: u64| users.iter().find(|user| user.id == id).cloned();
        let ids: std::collections::BTreeSet<u64> = before.iter().chain(&after).map(|user| user.id).collect();
        for id in ids {
            let (was, is) = (by_id(before, id), by_id(&after, id));
            if was == is {
                continue;
            }
            let (held, holds) =
                (was.as_ref().map(pairs).unwrap_or_default(), is.as_ref().map(pairs).unwrap_or_default());
            self.counts_users += u64::from(was.is_none() != is.is_none());
            for pair in held.difference(&holds) {
                self.ledger.ours.remove(pair);
                self.ledger.gone.insert(pair.clone());
            }
            for pair in holds.difference(&held) {
                self.ledger.gone.remove(pair);
            }
            let planned = self.ledger.planned.updates.get(&id).cloned().unwrap_or_default();
            if !self.ledger.planning
                && self.ledger.planned.updates.contains_key(&id)
                && !self.ledger.attempted.contains(&id)
            {
                self.coverage.count(SWITCH, "concurrent_editor = between list and PATCH");
            }
            let removal = self.ledger.planned.removals.contains_key(&id);
            // A foreign address, or a member of one, is no reason not to reach the plan.
            let plain = !self.ledger.planning
                && holds.is_superset(&held)
                && was.as_ref().zip(is.as_ref()).is_some_and(|(was, is)| {
                    was.username == is.username && was.role == is.role && same_elements(was, is)
                })
                && holds
                    .difference(&held)
                    .all(|(_, address)| !planned.adds.contains(address) && !planned.removes.contains(address));
            if !plain || removal {
                self.ledger.touched.insert(id);
            }
        }
    }
}

/// Every element that was there is as it was.
fn same_elements(was: &User, is: &User) -> bool {
    is.email_addresses.starts_with(&was.email_addresses)
}
