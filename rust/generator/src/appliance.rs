//! The users of an ESG appliance after an import, and what they must be after the whole run: wanted right away, with functional users removed
//! where it is proved that their addresses are held. Decided from who has access, not from any list of users.

use crate::dice::Dice;
use crate::recipient::{Id, Recipient};
use crate::tenant::Maker;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const FUNCTIONAL: u64 = 499;
const PERSON: u64 = 7;

/// An appliance before the run, and the truth of the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Appliance {
    /// State file of the simulator.
    pub state: Value,
    /// What must be there at the end.
    pub end: End,
    /// Aliases that the run must add, and why: what is ours from then on.
    pub added: Vec<Added>,
}

/// An alias that a person must get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// Key of the mailbox.
    pub mailbox: String,
    /// Key of the person.
    pub delegate: String,
    /// Id of the person's user.
    pub user: u64,
    /// The address, as it is spelt.
    pub address: String,
}

/// What the appliance must hold when the run is over (`FunctionalUser Remove`, all else as it is by default).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct End {
    /// Every user who is there, with all addresses in lower case, sorted; an address that stands twice stands twice.
    pub users: BTreeMap<u64, Vec<String>>,
    /// Functional users that must be gone.
    pub gone: BTreeSet<u64>,
}

/// An address of a user.
#[derive(Debug, Clone)]
struct Element {
    address: String,
    active: bool,
    primary: bool,
}

#[derive(Debug)]
struct User {
    id: u64,
    username: String,
    role: u64,
    elements: Vec<Element>,
}

impl User {
    fn holds(&self, address: &str) -> bool {
        self.elements.iter().any(|element| element.active && same(&element.address, address))
    }

    fn has(&self, address: &str) -> bool {
        self.elements.iter().any(|element| same(&element.address, address))
    }

    fn add(&mut self, address: &str, active: bool, primary: bool) {
        self.elements.push(Element { address: address.to_owned(), active, primary });
    }
}

fn same(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.to_lowercase()
}

/// Makes the appliance of an ordinary tenant.
pub(crate) fn appliance(facts: &Maker, dice: &mut Dice) -> Appliance {
    let mut import = Import {
        facts,
        dice,
        users: Vec::new(),
        of_person: BTreeMap::new(),
        of_mailbox: BTreeMap::new(),
        mixed: Vec::new(),
    };
    import.people();
    import.functional_users();
    import.by_hand();
    let state = state(&import.users, import.dice);
    let (end, added) = import.end();
    Appliance { state, end, added }
}

struct Import<'a> {
    facts: &'a Maker,
    dice: &'a mut Dice,
    users: Vec<User>,
    /// People who are certainly one user each.
    of_person: BTreeMap<Id, usize>,
    /// Functional users that have addresses of one mailbox and no others.
    of_mailbox: BTreeMap<Id, usize>,
    /// Functional users that have more than the addresses of the mailbox, which is one of theirs.
    mixed: Vec<(Id, usize)>,
}

impl Import<'_> {
    fn user(&mut self, username: &str, role: u64) -> usize {
        let at = self.users.len();
        let id = 1001 + 3 * u64::try_from(at).unwrap_or_default();
        self.users.push(User { id, username: username.to_owned(), role, elements: Vec::new() });
        at
    }

    fn people(&mut self) {
        let facts = self.facts;
        for (id, person) in facts.recipients.iter().enumerate().filter(|(_, one)| is_account(one)) {
            let Some(own) = person.primary.as_deref().or(person.upn.as_deref()) else { continue };
            match self.dice.up_to(9) {
                // Not imported.
                0 => {}
                // Imported before a change of name: a secondary address is no match (rule 24).
                1 => {
                    let old = format!("before{id}@corp.example");
                    let at = self.user(&old, PERSON);
                    self.users[at].add(&old, true, true);
                    self.users[at].add(own, true, false);
                }
                2 if has_own_upn(facts, id, own) => self.twice(id, person, own),
                _ => self.once(id, person, own),
            }
        }
    }

    fn once(&mut self, id: Id, person: &Recipient, own: &str) {
        let upn = person.upn.as_deref().filter(|_| !self.facts.shadowed.contains(&id) && self.dice.one_in(2));
        let at = self.user(upn.unwrap_or(own), PERSON);
        self.users[at].add(own, true, true);
        for other in &person.others {
            self.users[at].add(other, true, false);
        }
        self.of_person.insert(id, at);
    }

    /// One user by the primary address, one by the username: nobody knows which (rule 24).
    fn twice(&mut self, id: Id, person: &Recipient, own: &str) {
        let first = self.user(own, PERSON);
        self.users[first].add(own, true, true);
        let second = self.user(person.upn.as_deref().unwrap_or(own), PERSON);
        self.users[second].add(&format!("again{id}@corp.example"), true, true);
    }

    /// An import makes a functional user of each shared mailbox.
    fn functional_users(&mut self) {
        let facts = self.facts;
        for (at, mailbox) in facts.mailboxes.iter().enumerate() {
            let one = &facts.recipients[mailbox.id];
            let fate = self.dice.up_to(9);
            if fate == 0 {
                continue;
            }
            let name = one.display_name.as_deref().unwrap_or(&one.key);
            let user = self.user(name, FUNCTIONAL);
            // With its name only, nothing proves whose it is (rule 30).
            if fate == 1 {
                continue;
            }
            let all = self.dice.one_in(2);
            let taken = one.addresses().take(if all { usize::MAX } else { 1 });
            for (place, address) in taken.enumerate() {
                self.users[user].add(address, true, place == 0);
            }
            match fate {
                2 => {
                    self.users[user].add(&format!("old{at}@corp.example"), true, false);
                    self.mixed.push((mailbox.id, user));
                }
                3 if at > 0 => {
                    let other = facts.mailboxes[at - 1].id;
                    self.users[user].add(facts.recipients[other].label(), true, false);
                    self.mixed.extend([(mailbox.id, user), (other, user)]);
                }
                _ => {
                    self.of_mailbox.insert(mailbox.id, user);
                }
            }
        }
    }

    /// What the vendor's template and people have left: aliases twice, inactive ones, and ones that nobody can explain.
    fn by_hand(&mut self) {
        let facts = self.facts;
        // Held by every delegate, and still the functional user stays: it is not one mailbox's.
        for (mailbox, functional) in std::mem::take(&mut self.mixed) {
            for user in self.delegates(mailbox).into_keys() {
                for element in self.users[functional].elements.clone() {
                    if !self.users[user].has(&element.address) {
                        self.users[user].add(&element.address, true, false);
                    }
                }
            }
        }
        let outsider = self.user("outsider@corp.example", PERSON);
        self.users[outsider].add("outsider@corp.example", true, true);
        for mailbox in &facts.mailboxes {
            let primary = facts.recipients[mailbox.id].primary.clone().unwrap_or_default();
            let people: Vec<usize> = self.of_person.values().copied().chain([outsider]).collect();
            for _ in 0..self.dice.up_to(2) {
                let user = self.dice.pick(&people);
                if self.users[user].has(&primary) {
                    continue;
                }
                match self.dice.up_to(3) {
                    0 => self.users[user].add(&primary, false, false),
                    1 => self.users[user].add(&primary, true, false),
                    _ => (0..2).for_each(|_| self.users[user].add(&primary, true, false)),
                }
            }
        }
    }

    fn end(mut self) -> (End, Vec<Added>) {
        let functional: BTreeSet<String> = self
            .users
            .iter()
            .filter(|user| user.role == FUNCTIONAL)
            .flat_map(|user| user.elements.iter().map(|element| element.address.to_lowercase()))
            .collect();
        let (mut gone, mut added) = (BTreeSet::new(), Vec::new());
        for mailbox in &self.facts.mailboxes {
            let delegates = self.delegates(mailbox.id);
            let one = &self.facts.recipients[mailbox.id];
            let state = &self.facts.truth.mailboxes[&one.key];
            let wanted = one.addresses().enumerate();
            let wanted = wanted.filter(|(place, address)| *place == 0 || functional.contains(&address.to_lowercase()));
            for (_, address) in wanted.filter(|_| state.may_gain) {
                for (user, delegate) in &delegates {
                    if !self.users[*user].has(address) {
                        let (mailbox, user_id) = (one.key.clone(), self.users[*user].id);
                        added.push(Added {
                            mailbox,
                            delegate: delegate.clone(),
                            user: user_id,
                            address: address.to_owned(),
                        });
                        self.users[*user].add(address, true, false);
                    }
                }
            }
            if let Some(user) = self.of_mailbox.get(&mailbox.id) {
                let mut addresses = self.users[*user].elements.iter();
                let held = |address: &str| delegates.keys().any(|delegate| self.users[*delegate].holds(address));
                if state.may_lose && addresses.all(|element| held(&element.address)) {
                    gone.insert(self.users[*user].id);
                }
            }
        }
        let stay = self.users.iter().filter(|user| !gone.contains(&user.id));
        (End { users: stay.map(|user| (user.id, self.last_addresses(user))).collect(), gone }, added)
    }

    /// Users of the people who have a wanted right, each with the key of the person.
    fn delegates(&self, mailbox: Id) -> BTreeMap<usize, String> {
        let key = &self.facts.recipients[mailbox].key;
        let delegations = self.facts.truth.delegations.keys().filter(|delegation| delegation.mailbox == *key);
        let of_key = |key: &str| self.of_person.iter().find(|(id, _)| self.facts.recipients[**id].key == key);
        let users = delegations.filter_map(|delegation| Some((of_key(&delegation.delegate)?.1, &delegation.delegate)));
        users.map(|(user, key)| (*user, key.clone())).collect()
    }

    /// An alias that stood twice stands once.
    fn last_addresses(&self, user: &User) -> Vec<String> {
        let mut addresses: Vec<String> = user.elements.iter().map(|element| element.address.to_lowercase()).collect();
        addresses.sort();
        addresses.dedup();
        addresses
    }
}

/// Somebody who can be a user: people and leavers, no things.
fn is_account(one: &Recipient) -> bool {
    let kind = one.kind.unwrap_or_default();
    crate::kinds::PEOPLE.contains(&kind) || kind == crate::kinds::BARE_USER
}

/// The UPN names this person, and not by the primary address.
fn has_own_upn(facts: &Maker, id: Id, own: &str) -> bool {
    let upn = facts.recipients[id].upn.as_deref();
    upn.is_some_and(|upn| !same(upn, own)) && !facts.shadowed.contains(&id)
}

fn state(users: &[User], dice: &mut Dice) -> Value {
    let mut list: Vec<Value> = users
        .iter()
        .map(|user| {
            let elements = user.elements.iter();
            let elements = elements
                .map(|element| json!({"address": element.address, "active": element.active, "primary": element.primary}));
            json!({
                "id": user.id, "username": user.username, "emailAddresses": elements.collect::<Vec<_>>(), "role": user.role,
                "language": null,
            })
        })
        .collect();
    dice.shuffle(&mut list);
    // The local part of some addresses is not ASCII, which an appliance may refuse or not.
    json!({"users": list, "options": {"validation": false}})
}
