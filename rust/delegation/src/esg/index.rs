//! Everything that planning looks up, built once: addresses become small numbers, so that each later step is linear.

use super::lists::{Lists, id};
use super::{EmailAddress, EsgUser, PlanInput};
use crate::address::{AddressKey, smtp};
use crate::plan::{MailboxRef, UserRef};
use crate::resolve::MailboxState;
use crate::snapshot;
use foldhash::{HashMap, HashMapExt as _, HashSet};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

/// Numbers by comparison form. Hundreds of thousands are looked up: a faster hash than that of std, seeded as well, and
/// no copy of a text that is in that form already.
type Ids<'a> = foldhash::HashMap<Cow<'a, str>, AddressId>;

/// An address in its comparison form. Equal numbers, equal addresses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct AddressId(u32);

impl From<AddressId> for usize {
    fn from(id: AddressId) -> Self {
        id.0 as usize
    }
}

/// An address as a mailbox spells it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Address<'a> {
    pub id: AddressId,
    pub text: &'a str,
}

/// What a user may be, as far as it can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It has the functional role: it receives no alias, and may be removed.
    Functional,
    /// The role is not settled, and its primary address or username is that of a mailbox: it may be its functional user.
    Unsettled,
    /// Anybody else.
    Person,
}

pub(super) struct User<'a> {
    pub facts: &'a EsgUser,
    pub username: Option<AddressId>,
    pub standing: Standing,
    /// Sorted by address, then place.
    elements: Vec<Element>,
}

/// An address element of a user, and its place in the user's list. What planning asks for again and again is taken out of the JSON once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element {
    pub address: AddressId,
    pub at: u32,
    pub active: bool,
    pub primary: bool,
}

pub(super) struct Mailbox<'a> {
    pub facts: &'a snapshot::Mailbox,
    pub state: &'a MailboxState,
    /// Every SMTP address once.
    pub addresses: Vec<Address<'a>>,
    pub primary: Option<Address<'a>>,
    shared: OnceCell<Shared>,
}

/// What changes say of a mailbox, in texts that they share.
struct Shared {
    reference: Arc<MailboxRef>,
    /// As [`Mailbox::addresses`].
    addresses: Vec<(AddressId, Arc<str>)>,
}

pub(super) struct Index<'a> {
    pub input: &'a PlanInput<'a>,
    /// Sorted by id.
    pub users: Vec<User<'a>>,
    /// As in the snapshot.
    pub mailboxes: Vec<Mailbox<'a>>,
    /// Tenant id of the snapshot, folded.
    pub tenant: Option<Cow<'a, str>>,
    ids: Ids<'a>,
    owners: Lists,
    holders: Lists,
    mailbox_by_guid: HashMap<Cow<'a, str>, usize>,
    lines: HashSet<Cow<'a, str>>,
    soft_deleted: HashMap<Cow<'a, str>, &'a snapshot::Mailbox>,
}

impl<'a> Index<'a> {
    pub fn new(input: &'a PlanInput<'a>) -> Self {
        // Mailboxes by key and users by id: the order of the rows decides nothing, not even the numbers of addresses.
        let snapshot = input.snapshot;
        let mut by_key: Vec<usize> = (0..snapshot.mailboxes.len()).collect();
        by_key.sort_by_key(|&at| &snapshot.mailboxes[at].key);
        // Nearly all users have an address of their own; those of mailboxes are held by many.
        let mut ids = Ids::with_capacity(input.users.len() + 2 * snapshot.mailboxes.len());
        let build = |&at: &usize| (at, mailbox(&snapshot.mailboxes[at], &input.resolution.mailboxes[at], &mut ids));
        let mut mailboxes: Vec<(usize, Mailbox<'a>)> = by_key.iter().map(build).collect();
        mailboxes.sort_by_key(|&(at, _)| at);
        let mailboxes: Vec<Mailbox<'a>> = mailboxes.into_iter().map(|(_, mailbox)| mailbox).collect();
        let mut users: Vec<&EsgUser> = input.users.iter().collect();
        users.sort_by_key(|user| user.id);
        let mut users: Vec<User<'a>> = users.into_iter().map(|facts| user(facts, &mut ids)).collect();

        let owned = by_key.iter().flat_map(|&at| mailboxes[at].addresses.iter().map(move |address| (address.id, at)));
        let owners = Lists::new(ids.len(), owned);
        let held = users.iter().enumerate().flat_map(|(at, user)| user.addresses().map(move |id| (id, at)));
        let holders = Lists::new(ids.len(), held);
        for user in &mut users {
            user.standing = standing(user, input.functional_role, &owners);
        }
        let mailbox_by_guid = mailboxes.iter().enumerate().map(|(at, mailbox)| (fold(mailbox.guid()), at)).collect();
        let keys = snapshot.mailboxes.iter().flat_map(|mailbox| [Some(&mailbox.key), mailbox.guid.as_ref()]);
        let keys = keys
            .chain(snapshot.recipients.iter().flat_map(|recipient| [Some(&recipient.key), recipient.guid.as_ref()]));
        // Only what the state file names is ever asked for.
        let mut managed: HashSet<Cow<'a, str>> = HashSet::default();
        // Not collected: that would take room for a million entries, which are of a few mailboxes.
        for of_one in input.managed.chunk_by(|a, b| Arc::ptr_eq(&a.mailbox, &b.mailbox)) {
            managed.insert(fold(&of_one[0].mailbox));
        }
        let lines = match managed.is_empty() {
            true => HashSet::default(),
            false => keys.flatten().map(|text| fold(text)).filter(|guid| managed.contains(guid)).collect(),
        };
        let gone = snapshot.soft_deleted.iter().map(|mailbox| (fold(guid_of(mailbox)), mailbox));
        let soft_deleted = gone.filter(|(guid, _)| managed.contains(guid)).collect();
        let tenant = input.snapshot.header.tenant.as_ref().map(|tenant| fold(&tenant.id)).filter(|id| !id.is_empty());
        Self { input, users, mailboxes, tenant, ids, owners, holders, mailbox_by_guid, lines, soft_deleted }
    }

    /// The number of an address that some user or mailbox has.
    pub fn find(&self, address: &str) -> Option<AddressId> {
        self.ids.get(AddressKey::fold(address).as_ref()).copied()
    }

    /// Every address of a mailbox or user, and every username, once.
    pub fn addresses(&self) -> impl Iterator<Item = AddressId> + use<> {
        (0..id(self.ids.len())).map(AddressId)
    }

    /// Mailboxes of the snapshot that have the address, by key; Exchange lets one have it, several files may say two.
    pub fn owners(&self, address: AddressId) -> &[usize] {
        self.owners.of(address)
    }

    /// Users that have the address, active or not, primary or not; each once, by id.
    pub fn holders(&self, address: AddressId) -> &[usize] {
        self.holders.of(address)
    }

    /// True for `*.onmicrosoft.com`.
    pub fn is_onmicrosoft(&self, address: &Address<'_>) -> bool {
        AddressKey::new(address.text).is_onmicrosoft()
    }

    /// The mailbox that a state file names by GUID.
    pub fn mailbox_by_guid(&self, guid: &str) -> Option<usize> {
        self.mailbox_by_guid.get(fold(guid).as_ref()).copied()
    }

    /// The GUID is on a `mailbox` or `recipient` line (rule 23).
    pub fn is_on_a_line(&self, guid: &str) -> bool {
        self.lines.contains(fold(guid).as_ref())
    }

    /// The soft-deleted mailbox that a state file names by GUID.
    pub fn soft_deleted(&self, guid: &str) -> Option<&'a snapshot::Mailbox> {
        self.soft_deleted.get(fold(guid).as_ref()).copied()
    }

    /// The entry was made for this tenant. Without a tenant in the snapshot nothing is: whose it is cannot be proved.
    pub fn is_own_tenant(&self, tenant: &str) -> bool {
        self.tenant.as_deref() == Some(fold(tenant).as_ref())
    }

    /// Users by their identity, username or primary address (design 6; rule 24: neither outranks the other).
    pub fn by_identity(&self) -> Lists {
        let mut pairs: Vec<(AddressId, usize)> = Vec::with_capacity(self.users.len());
        for (at, user) in self.users.iter().enumerate() {
            let own = pairs.len();
            pairs.extend(user.primaries().chain(user.username).map(|id| (id, at)));
            pairs[own..].sort_unstable();
        }
        // The same identity twice is one: username and primary address are mostly equal.
        pairs.dedup();
        Lists::new(self.ids.len(), pairs.into_iter())
    }
}

impl<'a> User<'a> {
    /// The elements with that address.
    pub fn twins(&self, address: AddressId) -> &[Element] {
        let from = self.elements.partition_point(|element| element.address < address);
        let twins = &self.elements[from..];
        &twins[..twins.partition_point(|element| element.address == address)]
    }

    /// Each address once.
    pub fn addresses(&self) -> impl Iterator<Item = AddressId> + Clone + '_ {
        self.elements.chunk_by(|a, b| a.address == b.address).map(|twins| twins[0].address)
    }

    pub fn has(&self, address: AddressId) -> bool {
        !self.twins(address).is_empty()
    }

    /// Held: there and active (rule 27).
    pub fn holds(&self, address: AddressId) -> bool {
        self.twins(address).iter().any(|element| element.active)
    }

    pub fn is_primary(&self, address: AddressId) -> bool {
        self.twins(address).iter().any(|element| element.primary)
    }

    /// Primary addresses; an appliance shows one, nothing forbids more.
    pub fn primaries(&self) -> impl Iterator<Item = AddressId> + '_ {
        self.elements.iter().filter(|element| element.primary).map(|element| element.address)
    }

    /// The address in the spelling of its first element.
    pub fn spelling(&self, address: AddressId) -> &'a str {
        self.twins(address).first().map_or("", |element| self.facts.addresses[element.at as usize].address())
    }

    pub fn reference(&self) -> UserRef {
        UserRef { id: self.facts.id, username: self.facts.username.clone(), role: self.facts.role }
    }

    /// `jane@corp.example (id 17)`.
    pub fn label(&self) -> String {
        format!("{} (id {})", self.facts.username, self.facts.id)
    }
}

impl<'a> Mailbox<'a> {
    /// The Exchange GUID; the key where there is none. What the state file keeps.
    pub fn guid(&self) -> &'a str {
        guid_of(self.facts)
    }

    pub fn reference(&self) -> Arc<MailboxRef> {
        self.shared().reference.clone()
    }

    /// One of the mailbox's addresses, as it spells it.
    pub fn spelling(&self, address: AddressId) -> Option<Arc<str>> {
        self.shared().addresses.iter().find(|(id, _)| *id == address).map(|(_, text)| text.clone())
    }

    fn shared(&self) -> &Shared {
        self.shared.get_or_init(|| Shared {
            reference: Arc::new(MailboxRef {
                guid: self.guid().to_owned(),
                display_name: self.facts.display_name.clone(),
                primary: self.primary.map(|primary| primary.text.to_owned()),
            }),
            addresses: self.addresses.iter().map(|address| (address.id, address.text.into())).collect(),
        })
    }

    /// Primary address, else the key.
    pub fn label(&self) -> &'a str {
        self.primary.map_or(&self.facts.key, |primary| primary.text)
    }

    /// Why it is not known, in one half sentence.
    pub fn doubt(&self) -> String {
        match self.state.unknown.first() {
            Some(reason) => format!("mailbox {} is not known: {}", self.label(), reason.text),
            None => format!("mailbox {} was not read by this session itself", self.label()),
        }
    }
}

fn guid_of(mailbox: &snapshot::Mailbox) -> &str {
    mailbox.guid.as_deref().unwrap_or(&mailbox.key)
}

/// GUIDs and names compare case-blind.
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    match text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        true => text.into(),
        false => text.to_lowercase().into(),
    }
}

fn intern<'a>(ids: &mut Ids<'a>, text: &'a str) -> AddressId {
    let next = AddressId(id(ids.len()));
    *ids.entry(AddressKey::fold(text)).or_insert(next)
}

fn mailbox<'a>(facts: &'a snapshot::Mailbox, state: &'a MailboxState, ids: &mut Ids<'a>) -> Mailbox<'a> {
    let mut addresses: Vec<Address<'a>> = Vec::new();
    let mut add = |text: &'a str| {
        let address = Address { id: intern(ids, text), text };
        if addresses.iter().all(|known| known.id != address.id) {
            addresses.push(address);
        }
        address
    };
    let stated = facts.primary.as_deref().filter(|text| !text.is_empty()).map(&mut add);
    let mut prefixed = None;
    for (text, is_primary) in facts.addresses.iter().filter_map(|proxy| smtp(proxy)) {
        let address = add(text);
        if is_primary {
            prefixed.get_or_insert(address);
        }
    }
    Mailbox { facts, state, addresses, primary: stated.or(prefixed), shared: OnceCell::new() }
}

fn user<'a>(facts: &'a EsgUser, ids: &mut Ids<'a>) -> User<'a> {
    let written = facts.addresses.iter().enumerate().filter(|(_, element)| !element.address().is_empty());
    let element = |(at, element): (usize, &'a EmailAddress)| Element {
        address: intern(ids, element.address()),
        at: id(at),
        active: element.is_active(),
        primary: element.is_primary(),
    };
    let mut elements = Vec::with_capacity(facts.addresses.len());
    elements.extend(written.map(element));
    elements.sort_unstable_by_key(|element| (element.address, element.at));
    // Mostly it is the primary address, letter by letter.
    let same = elements.iter().find(|element| facts.addresses[element.at as usize].address() == facts.username);
    let username = match same {
        Some(element) => Some(element.address),
        None => (!facts.username.trim().is_empty()).then(|| intern(ids, &facts.username)),
    };
    User { facts, username, standing: Standing::Person, elements }
}

fn standing(user: &User<'_>, functional_role: Option<u64>, owners: &Lists) -> Standing {
    match (user.facts.role, functional_role) {
        (Some(role), Some(functional)) if role == functional => Standing::Functional,
        (Some(_), Some(_)) => Standing::Person,
        _ if user.primaries().chain(user.username).any(|id| !owners.of(id).is_empty()) => Standing::Unsettled,
        _ => Standing::Person,
    }
}
