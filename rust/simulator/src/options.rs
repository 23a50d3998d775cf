//! The switches of the appliance: what may differ between real ones, or is unknown about them.

use serde::{Deserialize, Serialize};

/// What a caller may set with `--option name=value` or under `options` in the state file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The largest page; a larger wish is cut down silently (CLIENT: 150).
    pub max_items: u64,
    /// The page size when the caller names none (INF: 50).
    pub default_items: u64,
    /// Where a HAL user carries its role (INF: `link`).
    pub role_in_hal: RoleInHal,
    /// Whether `POST /api/v2/user` exists (UNK; the recordings have it).
    pub users_can_be_created: bool,
    /// Which other users make an address taken (UNK; the recordings have no such rule).
    pub address_uniqueness: AddressUniqueness,
    /// Whether blank names and malformed addresses are refused with 422 (UNK; the recordings have both ways).
    pub validation: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_items: 150,
            default_items: 50,
            role_in_hal: RoleInHal::Link,
            users_can_be_created: true,
            address_uniqueness: AddressUniqueness::None,
            validation: true,
        }
    }
}

/// Where a user in HAL carries its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleInHal {
    /// Only as `_links.role.href`.
    Link,
    /// As a link and as `_embedded.role`; plain JSON then holds the role as an object without any IRI.
    Embedded,
    /// As a plain property `role` that holds the IRI.
    Plain,
}

/// Which other users make an address taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressUniqueness {
    /// None: any number of users may hold it.
    None,
    /// Users who are not functional.
    GlobalNonFunctional,
    /// All users.
    Global,
}

impl Options {
    /// Sets one switch from `name=value`.
    ///
    /// # Errors
    /// A text that names the switch, and what it may hold, when name or value is unknown.
    pub fn set(&mut self, assignment: &str) -> Result<(), String> {
        let names = || {
            let options = serde_json::to_value(Self::default()).unwrap_or_default();
            let names: Vec<_> = options.as_object().into_iter().flat_map(|map| map.keys().cloned()).collect();
            names.join(", ")
        };
        let Some((name, text)) = assignment.split_once('=') else {
            return Err(format!("`{assignment}` is not name=value; the names are {}", names()));
        };
        let mut all = serde_json::to_value(&*self).map_err(|error| error.to_string())?;
        let Some(slot) = all.get_mut(name) else {
            return Err(format!("there is no option `{name}`; the names are {}", names()));
        };
        // `true` and `42` are JSON already; everything else is meant as text.
        *slot = serde_json::from_str(text).unwrap_or_else(|_| text.into());
        *self = serde_json::from_value(all).map_err(|error| format!("option `{name}`: {error}"))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_numbers_flags_and_names() {
        let mut options = Options::default();
        options.set("max_items=20").unwrap();
        options.set("users_can_be_created=false").unwrap();
        options.set("address_uniqueness=global_non_functional").unwrap();
        assert_eq!(options.max_items, 20);
        assert!(!options.users_can_be_created);
        assert_eq!(options.address_uniqueness, AddressUniqueness::GlobalNonFunctional);
    }

    #[test]
    fn refuses_unknown_names_and_values_and_says_what_is_known() {
        let mut options = Options::default();
        let error = options.set("max_item=20").unwrap_err();
        assert!(error.contains("max_item") && error.contains("default_items"), "{error}");
        let error = options.set("role_in_hal=nested").unwrap_err();
        assert!(error.contains("embedded"), "{error}");
        assert!(options.set("max_items").is_err());
        assert_eq!(options, Options::default());
    }
}
