//! Which aliases are ours, at users as they are now (rules 23, 34).

use super::ManagedAlias;
use super::index::{AddressId, Index, fold};
use std::collections::HashMap;

/// Managed aliases by user and address, of every tenant: what another tenant manages is not ours to remove.
pub(super) struct Managed<'a>(HashMap<(usize, AddressId), Vec<&'a ManagedAlias>>);

impl<'a> Managed<'a> {
    pub fn new(index: &Index<'a>) -> Self {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, user) in index.users.iter().enumerate().filter(|(_, user)| user.username.is_some()) {
            by_name.entry(fold(&user.facts.username)).or_default().push(at);
        }
        let mut entries: HashMap<_, Vec<_>> = HashMap::new();
        for entry in index.input.managed {
            let by_id = index.users.binary_search_by_key(&entry.user_id, |user| user.facts.id).ok();
            let user = match (by_id, by_name.get(&fold(&entry.username)).map(Vec::as_slice)) {
                // Nobody has the name of the entry: the user was renamed, or is gone.
                (by_id, None) => by_id,
                (Some(user), Some(same_name)) if same_name.contains(&user) => Some(user),
                // An import made the user anew; whoever has the id now is somebody else (rule 34).
                (_, Some([user])) => Some(*user),
                _ => None,
            };
            let (Some(user), Some(address)) = (user, index.find(&entry.address)) else { continue };
            if index.users[user].has(address) {
                entries.entry((user, address)).or_default().push(entry);
            }
        }
        entries.values_mut().for_each(|same_alias| same_alias.sort_unstable());
        Self(entries)
    }

    /// The entries of an alias, of every tenant.
    pub fn entries(&self, user: usize, address: AddressId) -> &[&'a ManagedAlias] {
        self.0.get(&(user, address)).map_or(&[], Vec::as_slice)
    }

    /// The alias is ours in this tenant.
    pub fn is_ours(&self, index: &Index<'_>, user: usize, address: AddressId) -> bool {
        self.entries(user, address).iter().any(|entry| index.is_own_tenant(&entry.tenant))
    }

    /// Aliases that are ours in this tenant and there (base of percent, rule 40).
    pub fn present(&self, index: &Index<'_>) -> u64 {
        self.0.keys().filter(|(user, address)| self.is_ours(index, *user, *address)).count() as u64
    }
}
