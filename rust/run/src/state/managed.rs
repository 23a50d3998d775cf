//! What is managed (rule 23) and which functional users we removed (rule 38).

use super::journal::{Gone, Restored};
use super::{State, StateError, from_name, name_of};
use esgsync_delegation::address::AddressKey;
use esgsync_delegation::esg::{EsgUser, ManagedAlias, RemovableFunctional, RemovedFunctional};
use rusqlite::types::Type;
use rusqlite::{Connection, Error, Row, Transaction, named_params, params};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

impl State {
    /// The managed aliases of a tenant, sorted.
    ///
    /// # Errors
    /// [`StateError::Failed`].
    pub fn managed(&self, tenant: &str) -> Result<Vec<ManagedAlias>, StateError> {
        self.managed_where("tenant = ?1", tenant)
    }

    /// The managed aliases of every tenant, sorted by tenant. A plan must know them all: what another tenant manages is not its to remove.
    ///
    /// # Errors
    /// [`StateError::Failed`].
    pub fn managed_for_all(&self) -> Result<Vec<ManagedAlias>, StateError> {
        self.managed_where("tenant >= ?1", "")
    }

    fn managed_where(&self, condition: &str, tenant: &str) -> Result<Vec<ManagedAlias>, StateError> {
        self.read(|db| {
            let mut query = db.prepare_cached(&format!(
                "SELECT tenant, mailbox, user_id, username, address, access FROM managed WHERE {condition}
                 ORDER BY tenant, mailbox, user_id, address_key, access",
            ))?;
            let mut texts = Texts::default();
            let mut share = |entry: ManagedAlias| ManagedAlias {
                tenant: texts.share(entry.tenant),
                mailbox: texts.share(entry.mailbox),
                username: texts.share(entry.username),
                address: texts.share(entry.address),
                ..entry
            };
            let entries: rusqlite::Result<Vec<ManagedAlias>> =
                query.query_map([tenant], managed_alias)?.map(|entry| entry.map(&mut share)).collect();
            entries
        })
    }

    /// The functional users that runs of ours removed in a tenant, sorted.
    ///
    /// # Errors
    /// [`StateError::Failed`].
    pub fn removed(&self, tenant: &str) -> Result<Vec<RemovedFunctional>, StateError> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT tenant, mailbox, username, addresses, returned FROM removed WHERE tenant = ?1 ORDER BY mailbox, username",
            )?;
            query.query_map([tenant], removed_functional)?.collect()
        })
    }

    /// The functional users that plans found removable in a tenant, sorted.
    ///
    /// # Errors
    /// [`StateError::Failed`].
    pub fn removable(&self, tenant: &str) -> Result<Vec<RemovableFunctional>, StateError> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT mailbox, user_id, username, since FROM removable WHERE tenant = ?1 ORDER BY mailbox, user_id",
            )?;
            query.query_map([tenant], removable_functional)?.collect()
        })
    }

    /// Keeps what a plan found removable ([`esgsync_delegation::esg::removable`]), in place of what was known.
    ///
    /// # Errors
    /// [`StateError::ReadOnly`] without the lock. [`StateError::Failed`].
    pub fn keep_removable(&mut self, tenant: &str, entries: &[RemovableFunctional]) -> Result<(), StateError> {
        self.write(|tx| {
            tx.execute("DELETE FROM removable WHERE tenant = ?1", [tenant])?;
            let mut insert = tx.prepare(
                "INSERT INTO removable (tenant, user_id, username, mailbox, since) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for entry in entries {
                let since = entry.since.to_string();
                insert.execute(params![tenant, entry.user_id, entry.username, entry.mailbox, since])?;
            }
            Ok(())
        })
    }

    /// Takes in a complete read of the target's users, before a plan is made from it:
    ///
    /// - a managed entry ends when its alias is gone, so that one added by hand later is not ours (rule 34);
    /// - a user that an import made anew is found again by name; one that was renamed keeps its entries (rule 34);
    /// - a functional user that we removed and that is there again counts as returned once (rule 38).
    ///
    /// `users` must be all users: whoever is missing counts as gone.
    ///
    /// # Errors
    /// [`StateError::ReadOnly`] without the lock: a run could be adding what this read did not see yet. [`StateError::Failed`].
    pub fn observe(&mut self, tenant: &str, users: &[EsgUser]) -> Result<(), StateError> {
        let managed = self.managed(tenant)?;
        let world = World::new(users);
        self.write(|tx| {
            for entry in &managed {
                match world.user_of(entry).filter(|user| has_alias(user, &entry.address)) {
                    None => forget(tx, entry)?,
                    Some(user) if user.id != entry.user_id || *user.username != *entry.username => {
                        forget(tx, entry)?;
                        book(
                            tx,
                            &ManagedAlias {
                                user_id: user.id,
                                username: user.username.as_str().into(),
                                ..entry.clone()
                            },
                        )?;
                    }
                    Some(_) => {}
                }
            }
            count_returned(tx, tenant, &world)
        })
    }
}

/// Equal texts once: there may be a million entries, of a few mailboxes and users.
#[derive(Default)]
struct Texts(HashSet<Arc<str>>);

impl Texts {
    fn share(&mut self, text: Arc<str>) -> Arc<str> {
        if let Some(known) = self.0.get(&text) {
            return known.clone();
        }
        self.0.insert(text.clone());
        text
    }
}

/// What is managed of a user, in every tenant: a state file serves one.
pub(super) fn managed_of(db: &Connection, user_id: u64) -> rusqlite::Result<Vec<ManagedAlias>> {
    let query = "SELECT tenant, mailbox, user_id, username, address, access FROM managed WHERE user_id = ?1";
    db.prepare_cached(query)?.query_map([user_id], managed_alias)?.collect()
}

/// Books an alias as ours. An entry that is there already stays one entry.
pub(super) fn book(tx: &Transaction<'_>, entry: &ManagedAlias) -> rusqlite::Result<()> {
    let mut insert = tx.prepare_cached(
        "INSERT OR REPLACE INTO managed (tenant, user_id, address_key, mailbox, access, username, address)
         VALUES (:tenant, :user, :key, :mailbox, :access, :username, :address)",
    )?;
    insert.execute(named_params! {
        ":tenant": entry.tenant, ":user": entry.user_id, ":key": AddressKey::new(&entry.address).as_str(),
        ":mailbox": entry.mailbox, ":access": name_of(&entry.right), ":username": entry.username, ":address": entry.address,
    })?;
    Ok(())
}

/// Ends every entry of an alias that is gone from its user, whatever mailbox and right it was made for. Gives those entries.
pub(super) fn gone(tx: &Transaction<'_>, alias: &Gone) -> rusqlite::Result<Vec<ManagedAlias>> {
    let mut delete = tx.prepare_cached(
        "DELETE FROM managed WHERE tenant = ?1 AND user_id = ?2 AND address_key = ?3
         RETURNING tenant, mailbox, user_id, username, address, access",
    )?;
    let key = AddressKey::new(&alias.address);
    delete.query_map(params![alias.tenant, alias.user_id, key.as_str()], managed_alias)?.collect()
}

/// Notes a functional user that a run of ours removed. How often it returned is kept.
pub(super) fn note_removed(tx: &Transaction<'_>, entry: &RemovedFunctional) -> rusqlite::Result<()> {
    let addresses =
        serde_json::to_string(&entry.addresses).map_err(|error| Error::ToSqlConversionFailure(error.into()))?;
    tx.execute(
        "INSERT INTO removed (tenant, mailbox, username, addresses) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (tenant, mailbox, username) DO UPDATE SET addresses = excluded.addresses, present = 0",
        params![entry.tenant, entry.mailbox, entry.username, addresses],
    )?;
    Ok(())
}

/// Notes that a functional user is there again by an undo: that is no return by an import (rule 38).
pub(super) fn note_restored(tx: &Transaction<'_>, entry: &Restored) -> rusqlite::Result<()> {
    let update = "UPDATE removed SET present = 1 WHERE tenant = ?1 AND mailbox = ?2 AND username = ?3";
    tx.execute(update, params![entry.tenant, entry.mailbox, entry.username]).map(|_| ())
}

/// Ends one entry.
pub(super) fn forget(tx: &Transaction<'_>, entry: &ManagedAlias) -> rusqlite::Result<()> {
    let mut delete = tx.prepare_cached(
        "DELETE FROM managed WHERE tenant = ?1 AND user_id = ?2 AND address_key = ?3 AND mailbox = ?4 AND access = ?5",
    )?;
    let key = AddressKey::new(&entry.address);
    delete.execute(params![entry.tenant, entry.user_id, key.as_str(), entry.mailbox, name_of(&entry.right)])?;
    Ok(())
}

fn count_returned(tx: &Transaction<'_>, tenant: &str, world: &World<'_>) -> rusqlite::Result<()> {
    let absent: Vec<RemovedFunctional> = tx
        .prepare_cached(
            "SELECT tenant, mailbox, username, addresses, returned FROM removed WHERE tenant = ?1 AND present = 0",
        )?
        .query_map([tenant], removed_functional)?
        .collect::<rusqlite::Result<_>>()?;
    for entry in absent.iter().filter(|entry| world.is_back(entry)) {
        tx.execute(
            "UPDATE removed SET present = 1, returned = returned + 1 WHERE tenant = ?1 AND mailbox = ?2 AND username = ?3",
            params![entry.tenant, entry.mailbox, entry.username],
        )?;
    }
    Ok(())
}

/// All users of the target, by what entries know of them.
struct World<'a> {
    by_id: HashMap<u64, &'a EsgUser>,
    /// `None`: several users have that name.
    by_name: HashMap<String, Option<&'a EsgUser>>,
    primaries: HashSet<AddressKey>,
}

impl<'a> World<'a> {
    fn new(users: &'a [EsgUser]) -> Self {
        let mut by_name = HashMap::with_capacity(users.len());
        for user in users.iter().filter(|user| !user.username.is_empty()) {
            by_name.entry(user.username.to_lowercase()).and_modify(|one| *one = None).or_insert(Some(user));
        }
        let primaries = users.iter().flat_map(|user| &user.addresses).filter(|address| address.is_primary());
        Self {
            by_id: users.iter().map(|user| (user.id, user)).collect(),
            by_name,
            primaries: primaries.map(|address| address.key()).collect(),
        }
    }

    /// The user with that name, else the one with that id (renamed). The name comes first: after a restore or an import the id may be somebody else's.
    fn user_of(&self, entry: &ManagedAlias) -> Option<&'a EsgUser> {
        let by_id = self.by_id.get(&entry.user_id).copied();
        let name = entry.username.to_lowercase();
        match by_id.filter(|user| user.username.to_lowercase() == name) {
            Some(user) => Some(user),
            None => self.by_name.get(&name).copied().flatten().or(by_id),
        }
    }

    /// The functional user is there again: its name with one of its addresses, or one of its addresses as a primary one (a delegate has it as a secondary).
    fn is_back(&self, entry: &RemovedFunctional) -> bool {
        let named = self.by_name.get(&entry.username.to_lowercase()).copied().flatten();
        entry.addresses.iter().any(|address| {
            named.is_some_and(|user| has_alias(user, address)) || self.primaries.contains(&AddressKey::new(address))
        })
    }
}

fn has_alias(user: &EsgUser, address: &str) -> bool {
    let key = AddressKey::new(address);
    user.addresses.iter().any(|element| element.key() == key)
}

fn managed_alias(row: &Row<'_>) -> rusqlite::Result<ManagedAlias> {
    let (tenant, mailbox, username, address) = (row.get(0)?, row.get(1)?, row.get(3)?, row.get(4)?);
    let right = from_name(row.get(5)?).map_err(|error| Error::FromSqlConversionFailure(5, Type::Text, error.into()))?;
    Ok(ManagedAlias { tenant, mailbox, user_id: row.get(2)?, username, address, right })
}

fn removed_functional(row: &Row<'_>) -> rusqlite::Result<RemovedFunctional> {
    let addresses = serde_json::from_str(&row.get::<_, String>(3)?)
        .map_err(|error| Error::FromSqlConversionFailure(3, Type::Text, error.into()))?;
    let (tenant, mailbox, username) = (row.get(0)?, row.get(1)?, row.get(2)?);
    Ok(RemovedFunctional { tenant, mailbox, username, addresses, returned: row.get(4)? })
}

fn removable_functional(row: &Row<'_>) -> rusqlite::Result<RemovableFunctional> {
    let since = row.get::<_, String>(3)?.parse();
    let since = since.map_err(|error: jiff::Error| Error::FromSqlConversionFailure(3, Type::Text, error.into()))?;
    Ok(RemovableFunctional { mailbox: row.get(0)?, user_id: row.get(1)?, username: row.get(2)?, since })
}
