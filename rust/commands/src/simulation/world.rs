//! The tenant and the appliance of a seed, and what is true about them.

use super::dice::one_in;
use super::switches::{FunctionalUsername, Switches};
use esgsync_delegation::snapshot::{
    Header, Mailbox, Permission, Read, ReadStatus, Recipient, Right, SNAPSHOT_VERSION, Snapshot, Tenant,
};
use esgsync_simulator::{Address, State, User};
use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const TENANT: &str = "11111111-2222-3333-4444-555555555555";

/// A person: at Exchange, and at the appliance under this id.
#[derive(Debug, Clone)]
pub(super) struct Human {
    pub id: u64,
    pub upn: String,
}

/// A shared mailbox, and the people who may open it.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    pub key: String,
    pub name: String,
    /// The primary one first.
    pub addresses: Vec<String>,
    /// Whether its permissions were read.
    pub known: bool,
    /// Places in the list of people.
    pub delegates: BTreeSet<usize>,
}

/// What is true at Exchange.
#[derive(Debug, Clone)]
pub(super) struct Truth {
    pub people: Vec<Human>,
    pub desks: Vec<Desk>,
}

impl Truth {
    pub fn of(rng: &mut Rng) -> Self {
        let count = rng.usize(2..6);
        let people = (0..count).map(|at| Human { id: at as u64 + 1, upn: format!("p{at}@corp.example") }).collect();
        let desks = (0..rng.usize(1..4)).map(|at| {
            let mut addresses = vec![format!("box{at}@corp.example")];
            addresses.extend(rng.bool().then(|| format!("box{at}.old@corp.example")));
            let delegates = (0..count).filter(|_| rng.bool()).collect();
            let known = !one_in(rng, 8);
            Desk { key: format!("desk-{at}"), name: format!("Desk {at}"), addresses, known, delegates }
        });
        Self { desks: desks.collect(), people }
    }

    /// The same some days later: grants came and went.
    pub fn later(&self, rng: &mut Rng) -> Self {
        let mut later = self.clone();
        for desk in &mut later.desks {
            for at in 0..self.people.len() {
                if one_in(rng, 3) && !desk.delegates.remove(&at) {
                    desk.delegates.insert(at);
                }
            }
            desk.known = !one_in(rng, 8);
        }
        later
    }

    /// Somebody may open a mailbox with that address, as far as is known.
    pub fn justifies(&self, user: u64, address: &str) -> bool {
        let person = self.people.iter().position(|person| person.id == user);
        self.desks.iter().any(|desk| {
            let has = desk.addresses.iter().any(|own| own == address);
            has && (!desk.known || person.is_some_and(|at| desk.delegates.contains(&at)))
        })
    }

    pub fn snapshot(&self, created: Timestamp) -> Snapshot {
        let tenant = Some(Tenant { id: TENANT.into(), name: None });
        let mut snapshot = Snapshot::new(Header {
            version: SNAPSHOT_VERSION,
            created,
            tenant,
            rights: vec![Right::FullAccess],
            recipient_types: vec!["SharedMailbox".into()],
            filter: None,
            whole: true,
            shard: None,
            options: Map::new(),
        });
        let mut read = |subject: String, complete: bool| {
            let status = if complete { ReadStatus::Complete } else { ReadStatus::Failed };
            let read = Read { subject: subject.clone(), status, since: Some(created), reason: None };
            snapshot.reads.insert(subject, read);
        };
        ["mailboxes", "softDeleted", "recipients"].into_iter().for_each(|subject| read(subject.into(), true));
        self.desks.iter().for_each(|desk| read(format!("mailbox:{}", desk.key), desk.known));
        for desk in &self.desks {
            let addresses = proxies(&desk.addresses);
            let primary = desk.addresses.first().cloned();
            let (kind, name) = (Some("SharedMailbox".to_owned()), Some(desk.name.clone()));
            snapshot.recipients.push(Recipient {
                key: desk.key.clone(),
                display_name: name.clone(),
                primary: primary.clone(),
                addresses: addresses.clone(),
                recipient_type: kind.clone(),
                ..Recipient::default()
            });
            snapshot.mailboxes.push(Mailbox {
                key: desk.key.clone(),
                guid: Some(desk.key.clone()),
                display_name: name,
                primary,
                addresses,
                recipient_type: kind,
                ..Mailbox::default()
            });
            for at in &desk.delegates {
                snapshot.permissions.push(Permission {
                    mailbox: desk.key.as_str().into(),
                    trustee: self.people[*at].upn.clone(),
                    rights: ["FullAccess".to_owned()].into(),
                    deny: Some(false),
                    inherited: Some(false),
                    inheritance: Some("All".into()),
                    ..Permission::default()
                });
            }
        }
        for person in &self.people {
            snapshot.recipients.push(Recipient {
                key: format!("person-{}", person.id),
                upn: Some(person.upn.clone()),
                primary: Some(person.upn.clone()),
                addresses: proxies(std::slice::from_ref(&person.upn)),
                recipient_type: Some("UserMailbox".into()),
                enabled: Some(true),
                ..Recipient::default()
            });
        }
        snapshot.complete = true;
        snapshot
    }
}

fn proxies(addresses: &[String]) -> Vec<String> {
    let prefix = |at| if at == 0 { "SMTP" } else { "smtp" };
    addresses.iter().enumerate().map(|(at, address)| format!("{}:{address}", prefix(at))).collect()
}

/// The appliance after its first import, with the traces that people leave.
pub(super) fn appliance(truth: &Truth, switches: &Switches, rng: &mut Rng) -> State {
    let mut users = Vec::new();
    for person in &truth.people {
        let mut addresses = vec![element(&person.upn, true, true)];
        if one_in(rng, 3) {
            addresses.push(element(&format!("Other{}@foreign.example", person.id), true, false));
        }
        for address in truth.desks.iter().flat_map(|desk| &desk.addresses) {
            match rng.u8(..12) {
                0 | 1 => addresses.push(element(address, true, false)),
                2 => addresses.push(element(address, false, false)),
                3 if one_in(rng, 2) => addresses.extend([element(address, true, false), element(address, true, false)]),
                _ => {}
            }
        }
        // Somebody whom the directory does not give an address yet has none at all.
        users.push(user(person.id, &person.upn, 7, addresses));
    }
    for (at, desk) in truth.desks.iter().enumerate() {
        if one_in(rng, 6) {
            continue;
        }
        let name = match switches.functional_username {
            FunctionalUsername::DisplayName => desk.name.clone(),
            FunctionalUsername::Smtp => desk.addresses[0].clone(),
            FunctionalUsername::Upn => format!("desk{at}@corp.onmicrosoft.example"),
        };
        let mut addresses: Vec<Address> =
            desk.addresses.iter().enumerate().map(|(at, text)| element(text, true, at == 0)).collect();
        if one_in(rng, 8) {
            addresses.push(element("strange@foreign.example", true, false));
        }
        users.push(user(100 + at as u64, &name, switches.functional_role, addresses));
    }
    let stranger = rng.bool().then(|| element("stranger@elsewhere.example", true, true));
    users.push(user(60, "stranger", 7, stranger.into_iter().collect()));
    let mut roles: BTreeMap<u64, String> =
        [(1, "Administrator"), (7, "User")].map(|(id, name)| (id, name.into())).into();
    roles.insert(switches.functional_role, "Functional User".into());
    let imported = users.iter().map(|user| {
        let own = user.email_addresses.iter().filter(|own| own.primary || user.role == switches.functional_role);
        (user.id.to_string(), own.filter_map(|own| own.address.clone()).collect())
    });
    State {
        imported: imported.collect(),
        users,
        roles,
        functional_role: switches.functional_role,
        accounts: switches.accounts(),
        options: switches.options.clone(),
        ..State::default()
    }
}

fn user(id: u64, name: &str, role: u64, email_addresses: Vec<Address>) -> User {
    let fields = Map::from_iter([("enabled".to_owned(), Value::Bool(true)), ("language".to_owned(), Value::Null)]);
    User { id, username: name.to_owned(), email_addresses, role, fields }
}

pub(super) fn element(address: &str, active: bool, primary: bool) -> Address {
    // A member that the module does not know: it has to come back as it was.
    let fields = Map::from_iter([("source".to_owned(), Value::from(format!("import:{}", address.len())))]);
    Address { address: Some(address.to_owned()), active, primary, fields }
}
