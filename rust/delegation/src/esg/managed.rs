//! Which aliases are ours, at users as they are now (rules 23, 34).

use super::ManagedAlias;
use super::index::{AddressId, Index, fold};
use super::lists::{Lists, id};
use foldhash::{HashMap, HashMapExt as _};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// Managed aliases of every tenant: what another tenant manages is not ours to remove.
pub(super) struct Managed<'a> {
    /// By user, sorted by address and entry.
    by_user: Lists<Alias>,
    entries: &'a [ManagedAlias],
    ours: Vec<bool>,
}

/// An alias that is there, with one entry that says that it is managed.
#[derive(Debug, Clone, Copy, Default)]
struct Alias {
    address: AddressId,
    entry: u32,
}

/// An entry of an alias that is there.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub entry: &'a ManagedAlias,
    /// It is of the snapshot's tenant.
    pub ours: bool,
}

impl<'a> Managed<'a> {
    pub fn new(index: &Index<'a>) -> Self {
        let entries = index.input.managed;
        let mut finder = Finder::new(index);
        let mut there: Vec<(u32, Alias)> = Vec::with_capacity(entries.len());
        for (at, entry) in entries.iter().enumerate() {
            let (Some(user), Some(address)) = (finder.user(entry), finder.address(entry)) else { continue };
            there.push((user, Alias { address, entry: id(at) }));
        }
        there.sort_unstable_by_key(|(user, alias)| (*user, alias.address, &entries[alias.entry as usize]));
        // Asked in the order of the users: a million looks at users all over the memory take much longer.
        there.retain(|(user, alias)| index.users[*user as usize].has(alias.address));
        let by_user = Lists::new(index.users.len(), there.iter().map(|(user, alias)| (*user as usize, *alias)));
        let ours = entries.iter().map(|entry| index.is_own_tenant(&entry.tenant)).collect();
        Self { by_user, entries, ours }
    }

    fn aliases(&self, user: usize, address: AddressId) -> &[Alias] {
        let aliases = self.by_user.of(user);
        let from = aliases.partition_point(|alias| alias.address < address);
        let same = &aliases[from..];
        &same[..same.partition_point(|alias| alias.address == address)]
    }

    /// The entries of an alias, of every tenant.
    pub fn entries(&self, user: usize, address: AddressId) -> impl Iterator<Item = Entry<'a>> {
        self.aliases(user, address).iter().map(|alias| {
            let at = alias.entry as usize;
            Entry { entry: &self.entries[at], ours: self.ours[at] }
        })
    }

    /// Somebody manages the alias, in this tenant or another.
    pub fn is_managed(&self, user: usize, address: AddressId) -> bool {
        !self.aliases(user, address).is_empty()
    }

    /// The alias is ours in this tenant.
    pub fn is_ours(&self, user: usize, address: AddressId) -> bool {
        self.aliases(user, address).iter().any(|alias| self.ours[alias.entry as usize])
    }

    /// Entries of other tenants whose alias is there, by tenant.
    pub fn foreign(&self, users: usize) -> BTreeMap<&'a str, u64> {
        let mut tenants = BTreeMap::new();
        let aliases = (0..users).flat_map(|user| self.by_user.of(user)).map(|alias| alias.entry as usize);
        for entry in aliases.filter(|&at| !self.ours[at]) {
            *tenants.entry(&*self.entries[entry].tenant).or_insert(0) += 1;
        }
        tenants
    }

    /// Aliases that are ours in this tenant and there (base of percent, rule 40).
    pub fn present(&self, users: usize) -> u64 {
        let ours = |aliases: &&[Alias]| aliases.iter().any(|alias| self.ours[alias.entry as usize]);
        let count = |user| self.by_user.of(user).chunk_by(|a, b| a.address == b.address).filter(ours).count() as u64;
        (0..users).map(count).sum()
    }
}

/// Finds address and user of an entry. Entries share their texts: what was found for a text is found again by where it lies.
struct Finder<'i, 'a> {
    index: &'i Index<'a>,
    addresses: HashMap<*const u8, Option<AddressId>>,
    users: HashMap<(u64, *const u8), Option<u32>>,
    by_id: HashMap<u64, u32>,
    /// Made when an entry first needs it: as long as no user was made anew or renamed, none does.
    by_name: OnceCell<HashMap<Cow<'a, str>, Vec<usize>>>,
}

impl<'i, 'a> Finder<'i, 'a> {
    fn new(index: &'i Index<'a>) -> Self {
        let by_id = index.users.iter().enumerate().map(|(at, user)| (user.facts.id, id(at))).collect();
        Self { index, addresses: HashMap::new(), users: HashMap::new(), by_id, by_name: OnceCell::new() }
    }

    fn by_name(&self) -> &HashMap<Cow<'a, str>, Vec<usize>> {
        self.by_name.get_or_init(|| {
            let mut by_name: HashMap<Cow<'a, str>, Vec<usize>> = HashMap::with_capacity(self.index.users.len());
            for (at, user) in self.index.users.iter().enumerate().filter(|(_, user)| user.username.is_some()) {
                by_name.entry(fold(&user.facts.username)).or_default().push(at);
            }
            by_name
        })
    }

    fn address(&mut self, entry: &ManagedAlias) -> Option<AddressId> {
        let find = || self.index.find(&entry.address);
        *self.addresses.entry(entry.address.as_ptr()).or_insert_with(find)
    }

    fn user(&mut self, entry: &ManagedAlias) -> Option<u32> {
        let text = (entry.user_id, entry.username.as_ptr());
        if let Some(&known) = self.users.get(&text) {
            return known;
        }
        let found = self.user_of(entry).map(id);
        self.users.insert(text, found);
        found
    }

    /// By id while the name is the same, else by name (rule 34).
    fn user_of(&self, entry: &ManagedAlias) -> Option<usize> {
        let by_id = self.by_id.get(&entry.user_id).map(|&at| at as usize);
        if by_id.is_some_and(|user| self.index.users[user].facts.username == *entry.username) {
            return by_id;
        }
        match (by_id, self.by_name().get(fold(&entry.username).as_ref()).map(Vec::as_slice)) {
            // Nobody has the name of the entry: the user was renamed, or is gone.
            (by_id, None) => by_id,
            (Some(user), Some(same_name)) if same_name.contains(&user) => Some(user),
            // An import made the user anew; whoever has the id now is somebody else.
            (_, Some([user])) => Some(*user),
            _ => None,
        }
    }
}
