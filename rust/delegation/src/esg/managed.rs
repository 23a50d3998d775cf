//! Which aliases are ours, at users as they are now (rules 23, 34).

use super::ManagedAlias;
use super::index::{AddressId, Index, fold};
use foldhash::{HashMap, HashMapExt as _};
use std::borrow::Cow;

/// Managed aliases of every tenant: what another tenant manages is not ours to remove.
pub(super) struct Managed<'a> {
    /// By user, sorted by address and entry.
    by_user: Vec<Vec<Alias<'a>>>,
}

/// An alias that is there, with one entry that says that it is managed.
pub(super) struct Alias<'a> {
    address: AddressId,
    pub entry: &'a ManagedAlias,
    /// The entry is of the snapshot's tenant.
    pub ours: bool,
}

impl<'a> Managed<'a> {
    pub fn new(index: &Index<'a>) -> Self {
        let mut by_user: Vec<Vec<Alias<'a>>> = index.users.iter().map(|_| Vec::new()).collect();
        if index.input.managed.is_empty() {
            return Self { by_user };
        }
        let finder = Finder::new(index);
        for entry in index.input.managed {
            let (Some(user), Some(address)) = (finder.user(entry), index.find(&entry.address)) else { continue };
            if index.users[user].has(address) {
                by_user[user].push(Alias { address, entry, ours: index.is_own_tenant(&entry.tenant) });
            }
        }
        by_user.iter_mut().for_each(|aliases| aliases.sort_unstable_by_key(|alias| (alias.address, alias.entry)));
        Self { by_user }
    }

    /// The entries of an alias, of every tenant.
    pub fn entries(&self, user: usize, address: AddressId) -> &[Alias<'a>] {
        let aliases = &self.by_user[user];
        let from = aliases.partition_point(|alias| alias.address < address);
        let same = &aliases[from..];
        &same[..same.partition_point(|alias| alias.address == address)]
    }

    /// The alias is ours in this tenant.
    pub fn is_ours(&self, user: usize, address: AddressId) -> bool {
        self.entries(user, address).iter().any(|alias| alias.ours)
    }

    /// Aliases that are ours in this tenant and there (base of percent, rule 40).
    pub fn present(&self) -> u64 {
        let ours = |aliases: &&[Alias<'_>]| aliases.iter().any(|alias| alias.ours);
        let count = |aliases: &Vec<Alias<'_>>| aliases.chunk_by(|a, b| a.address == b.address).filter(ours).count();
        self.by_user.iter().map(count).sum::<usize>() as u64
    }
}

/// Finds the user of an entry: by id while the name is the same, else by name (rule 34).
struct Finder<'i, 'a> {
    index: &'i Index<'a>,
    by_id: HashMap<u64, usize>,
    by_name: HashMap<Cow<'a, str>, Vec<usize>>,
}

impl<'i, 'a> Finder<'i, 'a> {
    fn new(index: &'i Index<'a>) -> Self {
        let mut by_name: HashMap<Cow<'a, str>, Vec<usize>> = HashMap::with_capacity(index.users.len());
        for (at, user) in index.users.iter().enumerate().filter(|(_, user)| user.username.is_some()) {
            by_name.entry(fold(&user.facts.username)).or_default().push(at);
        }
        let by_id = index.users.iter().enumerate().map(|(at, user)| (user.facts.id, at)).collect();
        Self { index, by_id, by_name }
    }

    fn user(&self, entry: &ManagedAlias) -> Option<usize> {
        let by_id = self.by_id.get(&entry.user_id).copied();
        if by_id.is_some_and(|user| self.index.users[user].facts.username == entry.username) {
            return by_id;
        }
        match (by_id, self.by_name.get(fold(&entry.username).as_ref()).map(Vec::as_slice)) {
            // Nobody has the name of the entry: the user was renamed, or is gone.
            (by_id, None) => by_id,
            (Some(user), Some(same_name)) if same_name.contains(&user) => Some(user),
            // An import made the user anew; whoever has the id now is somebody else.
            (_, Some([user])) => Some(*user),
            _ => None,
        }
    }
}
