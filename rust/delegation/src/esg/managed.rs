//! Which aliases are ours, at users as they are now (rules 23, 34).

use super::ManagedAlias;
use super::index::{AddressId, Index, fold};
use std::collections::HashMap;

/// Managed aliases by user and address, of every tenant: what another tenant manages is not ours to remove.
pub(super) struct Managed<'a> {
    entries: HashMap<(usize, AddressId), Vec<&'a ManagedAlias>>,
    /// The user has the id of the entry and another name, and nobody has the entry's name: whose alias it is cannot be proved.
    pub renamed: Vec<(usize, &'a ManagedAlias)>,
}

impl<'a> Managed<'a> {
    pub fn new(index: &Index<'a>) -> Self {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, user) in index.users.iter().enumerate() {
            by_name.entry(fold(&user.facts.username)).or_default().push(at);
        }
        let mut managed = Self { entries: HashMap::new(), renamed: Vec::new() };
        for entry in index.input.managed {
            let Some(address) = index.find(&entry.address) else { continue };
            let name = fold(&entry.username);
            let by_id = index.users.binary_search_by_key(&entry.user_id, |user| user.facts.id).ok();
            let same_name = by_name.get(&name).map_or(&[][..], Vec::as_slice);
            let user = match (by_id, same_name) {
                (Some(user), _) if fold(&index.users[user].facts.username) == name => user,
                (_, [user]) => *user,
                (Some(user), []) if index.users[user].has(address) => {
                    managed.renamed.push((user, entry));
                    continue;
                }
                _ => continue,
            };
            if index.users[user].has(address) {
                managed.entries.entry((user, address)).or_default().push(entry);
            }
        }
        managed
    }

    /// The entries of an alias, of every tenant.
    pub fn entries(&self, user: usize, address: AddressId) -> &[&'a ManagedAlias] {
        self.entries.get(&(user, address)).map_or(&[], Vec::as_slice)
    }

    /// The alias is ours in this tenant.
    pub fn is_ours(&self, index: &Index<'_>, user: usize, address: AddressId) -> bool {
        self.entries(user, address).iter().any(|entry| index.is_own_tenant(&entry.tenant))
    }

    /// Aliases that are ours in this tenant and there (base of percent, rule 40).
    pub fn present(&self, index: &Index<'_>) -> u64 {
        self.entries.keys().filter(|(user, address)| self.is_ours(index, *user, *address)).count() as u64
    }
}
