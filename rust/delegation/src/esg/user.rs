//! A user of ESG as it was read (esg 4). Every field but the id may be missing (esg 7, nulls are left out).

use crate::address::AddressKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A user of the appliance.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EsgUser {
    /// Id, positive.
    pub id: u64,
    /// Username; a UPN or address for people, often the display name for functional users.
    #[serde(default)]
    pub username: String,
    /// Id at the end of the role's IRI; absent when the appliance did not show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<u64>,
    /// The elements of `emailAddresses`, in order, with every member they came with.
    #[serde(default)]
    pub addresses: Vec<EmailAddress>,
    /// Every other member of the user as it came (before-image).
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub other: Map<String, Value>,
}

/// One element of `emailAddresses`: the object as it came. Untouched members go back as they came (design 6).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct EmailAddress(pub Map<String, Value>);

impl EmailAddress {
    /// A new secondary alias, active (esg 10.6).
    pub fn alias(address: &str) -> Self {
        let mut element = Map::new();
        element.insert("address".into(), address.into());
        element.insert("active".into(), true.into());
        element.insert("primary".into(), false.into());
        Self(element)
    }

    /// The address text; empty when the element has none.
    pub fn address(&self) -> &str {
        self.0.get("address").and_then(Value::as_str).unwrap_or_default()
    }

    /// Comparison form of the address.
    pub fn key(&self) -> AddressKey {
        AddressKey::new(self.address())
    }

    /// Active; absent or not a boolean counts as not active (an alias must be proved to count as held).
    pub fn is_active(&self) -> bool {
        self.0.get("active").and_then(Value::as_bool).unwrap_or(false)
    }

    /// The primary address of its user.
    pub fn is_primary(&self) -> bool {
        self.0.get("primary").and_then(Value::as_bool).unwrap_or(false)
    }
}

/// An alias that this product added to a user or adopted, as the state file keeps it (rule 23).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManagedAlias {
    /// Tenant id; entries of another tenant are never touched.
    pub tenant: String,
    /// GUID of the mailbox.
    pub mailbox: String,
    /// Id of the ESG user.
    pub user_id: u64,
    /// Username of the ESG user: finds a user that an import made anew (rule 34).
    pub username: String,
    /// The address, in the spelling that was sent.
    pub address: String,
    /// The right it was made for.
    pub right: crate::snapshot::Right,
}

/// Addresses that a functional user held when a run of ours removed it (design 6, `AliasScope = Functional`; rule 38).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemovedFunctional {
    /// Tenant id.
    pub tenant: String,
    /// GUID of the mailbox.
    pub mailbox: String,
    /// Username that the functional user had.
    pub username: String,
    /// Its addresses.
    pub addresses: Vec<String>,
    /// How often an import has brought it back after a removal of ours.
    pub returned: u32,
}
