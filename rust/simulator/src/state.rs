//! What the appliance holds: users, roles, login accounts, tokens and switches, in the shape of the state file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::auth::Account;
use crate::options::Options;

/// Everything the appliance holds. The JSON names are those of the state file; only `users` must be there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Users, ascending by id.
    pub users: Vec<User>,
    /// Role names by role id.
    #[serde(default = "default_roles")]
    pub roles: BTreeMap<u64, String>,
    /// The role of functional users.
    #[serde(default = "functional_role")]
    pub functional_role: u64,
    /// Addresses that the last import from the directory gave, by user id (text).
    #[serde(default)]
    pub imported: BTreeMap<String, Vec<String>>,
    /// Who may log in; see [`default_accounts`].
    #[serde(default = "default_accounts")]
    pub accounts: Vec<Account>,
    /// Valid tokens and the account that each belongs to.
    #[serde(default)]
    pub tokens: BTreeMap<String, String>,
    /// Switches.
    #[serde(default)]
    pub options: Options,
    /// Tokens that ended, so that no new one is like an old one.
    #[serde(skip)]
    pub expired: usize,
}

impl Default for State {
    fn default() -> Self {
        Self {
            users: Vec::new(),
            roles: default_roles(),
            functional_role: functional_role(),
            imported: BTreeMap::new(),
            accounts: default_accounts(),
            tokens: BTreeMap::new(),
            options: Options::default(),
            expired: 0,
        }
    }
}

/// The documented names (DOC). Only the id 499 is known (CLIENT); the others are made up.
fn default_roles() -> BTreeMap<u64, String> {
    [
        (1, "Administrator"),
        (2, "Quarantine Administrator"),
        (3, "Read-Only Administrator"),
        (4, "Domain Admin"),
        (5, "Quarantine Domain Admin"),
        (6, "Read-Only Domain Admin"),
        (7, "User"),
        (499, "Functional User"),
    ]
    .map(|(id, name)| (id, name.to_owned()))
    .into()
}

fn functional_role() -> u64 {
    499
}

/// The accounts of a state that names none: `admin`, an administrator, and `apiuser`, which must name the user it
/// acts for. Their passwords are no secrets.
#[must_use]
pub fn default_accounts() -> Vec<Account> {
    vec![Account::administrator("admin", "simulator-admin"), Account::api("apiuser", "simulator-apiuser")]
}

/// A user of the appliance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// The path key.
    pub id: u64,
    /// The login or display name.
    pub username: String,
    /// Addresses in the order stored.
    #[serde(rename = "emailAddresses", default)]
    pub email_addresses: Vec<Address>,
    /// Role id.
    pub role: u64,
    /// Every other field, kept and served as it is.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

/// An element of `emailAddresses`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Address {
    /// The address; without one it is an element that a malformed PATCH left behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whether mail to it counts.
    #[serde(default = "yes")]
    pub active: bool,
    /// Whether it is the main address.
    #[serde(default)]
    pub primary: bool,
    /// Every other member, kept and served as it is.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

fn yes() -> bool {
    true
}

impl Default for Address {
    fn default() -> Self {
        Self { address: None, active: true, primary: false, fields: Map::new() }
    }
}

impl State {
    /// Reads the text of a state file.
    ///
    /// # Errors
    /// A text that says what is wrong, with line and column where the JSON itself is.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let mut state: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        state.users.sort_by_key(|user| user.id);
        for pair in state.users.windows(2) {
            if pair[0].id == pair[1].id {
                return Err(format!("two users have the id {}", pair[0].id));
            }
        }
        for user in &state.users {
            if !state.roles.contains_key(&user.role) {
                return Err(format!("user {} has role {}, which is not among the roles", user.id, user.role));
            }
        }
        Ok(state)
    }

    /// The text of a state file.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Only string keys and plain values occur, so this cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The user of that id.
    #[must_use]
    pub fn user(&self, id: u64) -> Option<&User> {
        self.position(id).ok().map(|index| &self.users[index])
    }

    /// Stores a user in place of the one with the same id, or as a new one.
    pub(crate) fn put(&mut self, user: User) {
        match self.position(user.id) {
            Ok(index) => self.users[index] = user,
            Err(index) => self.users.insert(index, user),
        }
    }

    /// Removes the user of that id, if there is one.
    pub(crate) fn remove(&mut self, id: u64) -> Option<User> {
        self.position(id).ok().map(|index| self.users.remove(index))
    }

    /// Ends a token.
    pub(crate) fn expire(&mut self, token: &str) {
        self.expired += usize::from(self.tokens.remove(token).is_some());
    }

    /// Whether that role's holders may change users (DOC: only administrators see and change everything).
    pub(crate) fn is_administrator(&self, role: u64) -> bool {
        self.roles.get(&role).is_some_and(|name| name == "Administrator")
    }

    fn position(&self, id: u64) -> Result<usize, usize> {
        self.users.binary_search_by_key(&id, |user| user.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r#"{"users": [
        {"id": 9, "username": "b", "role": 7, "emailAddresses": [{"address": "b@x.example", "active": true, "primary": true, "meta": {"a": [1]}}]},
        {"id": 4, "username": "a", "role": 499, "emailAddresses": [], "language": null}]}"#;

    #[test]
    fn keeps_unknown_members_and_sorts_by_id() {
        let state = State::from_json(TWO).unwrap();
        assert_eq!(state.users[0].id, 4);
        let again = State::from_json(&state.to_json()).unwrap();
        assert_eq!(again, state);
        assert_eq!(again.users[0].fields["language"], Value::Null);
        assert_eq!(again.users[1].email_addresses[0].fields["meta"]["a"][0], 1);
    }

    #[test]
    fn refuses_equal_ids_and_unknown_roles() {
        let twice = TWO.replace("\"id\": 9", "\"id\": 4");
        assert!(State::from_json(&twice).unwrap_err().contains("id 4"));
        let unknown = TWO.replace("\"role\": 499", "\"role\": 12");
        assert!(State::from_json(&unknown).unwrap_err().contains("role 12"));
        assert!(State::from_json("{").unwrap_err().contains("line 1"));
        assert!(State::from_json("{}").unwrap_err().contains("users"));
    }
}
