//! A user of ESG as it was read (esg 4). Every field but the id may be missing (esg 7, nulls are left out).

use crate::address::AddressKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;

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

/// One element of `emailAddresses`. Every member goes back as it came (design 6); what planning asks for is kept apart, since an
/// appliance has hundreds of thousands of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Map<String, Value>", into = "Map<String, Value>")]
#[schemars(with = "Map<String, Value>")]
pub struct EmailAddress {
    address: Option<Arc<str>>,
    active: Option<bool>,
    primary: Option<bool>,
    /// Members unknown to us, and known ones of a type that they should not have.
    #[allow(clippy::box_collection)] // Most elements have none: a word in place of a map.
    other: Option<Box<Map<String, Value>>>,
}

impl EmailAddress {
    /// A new secondary alias, active (esg 10.6).
    pub fn alias(address: &str) -> Self {
        Self::shared(address.into())
    }

    /// The same with a text that others have too.
    pub(super) fn shared(address: Arc<str>) -> Self {
        Self { address: Some(address), active: Some(true), primary: Some(false), other: None }
    }

    /// The address text; empty when the element has none.
    pub fn address(&self) -> &str {
        self.address.as_deref().unwrap_or_default()
    }

    /// Comparison form of the address.
    pub fn key(&self) -> AddressKey {
        AddressKey::new(self.address())
    }

    /// Active; absent or not a boolean counts as not active (an alias must be proved to count as held).
    pub fn is_active(&self) -> bool {
        self.active.unwrap_or(false)
    }

    /// The primary address of its user.
    pub fn is_primary(&self) -> bool {
        self.primary.unwrap_or(false)
    }

    /// The same element with one member set.
    pub fn with(self, member: &str, value: impl Into<Value>) -> Self {
        let mut members = Map::from(self);
        members.insert(member.to_owned(), value.into());
        members.into()
    }

    /// Members that this product does not know.
    pub fn unknown_members(&self) -> impl Iterator<Item = (&String, &Value)> {
        let known = |name: &str| matches!(name, "address" | "active" | "primary");
        self.other.iter().flat_map(|other| other.iter()).filter(move |(name, _)| !known(name))
    }
}

impl From<Map<String, Value>> for EmailAddress {
    fn from(members: Map<String, Value>) -> Self {
        let mut element = Self::default();
        let mut other = Map::new();
        for (name, value) in members {
            match (name.as_str(), value) {
                ("address", Value::String(text)) => element.address = Some(text.into()),
                ("active", Value::Bool(flag)) => element.active = Some(flag),
                ("primary", Value::Bool(flag)) => element.primary = Some(flag),
                (_, value) => drop(other.insert(name, value)),
            }
        }
        element.other = (!other.is_empty()).then(|| Box::new(other));
        element
    }
}

impl From<EmailAddress> for Map<String, Value> {
    fn from(element: EmailAddress) -> Self {
        let EmailAddress { address, active, primary, other } = element;
        let mut members = Map::new();
        members.extend(address.map(|text| ("address".to_owned(), (*text).into())));
        members.extend(active.map(|flag| ("active".to_owned(), flag.into())));
        members.extend(primary.map(|flag| ("primary".to_owned(), flag.into())));
        members.extend(other.map(|other| *other).unwrap_or_default());
        members
    }
}

/// An alias that this product added to a user or adopted, as the state file keeps it (rule 23).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ManagedAlias {
    /// Tenant id; entries of another tenant are never touched. Shared, like the next ones: there may be a million entries.
    pub tenant: Arc<str>,
    /// GUID of the mailbox.
    pub mailbox: Arc<str>,
    /// Id of the ESG user.
    pub user_id: u64,
    /// Username of the ESG user: finds a user that an import made anew (rule 34).
    pub username: Arc<str>,
    /// The address, in the spelling that was sent.
    pub address: Arc<str>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_member_goes_back_as_it_came() {
        for element in [
            json!({"address": "a@b.example", "active": true, "primary": false}),
            json!({"primary": true, "meta": {"sync": [1, {"x": null}]}, "address": "a@b.example"}),
            json!({"address": null, "active": "yes", "primary": 1}),
            json!({"active": null}),
            json!({}),
        ] {
            let read: EmailAddress = serde_json::from_value(element.clone()).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), element);
        }
    }

    #[test]
    fn what_is_no_boolean_proves_nothing_and_is_no_unknown_member() {
        let read = EmailAddress::from(json!({"active": "true", "x": 1}).as_object().unwrap().clone());
        assert!(!read.is_active() && !read.is_primary() && read.address().is_empty());
        assert_eq!(read.unknown_members().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["x"]);
        assert!(EmailAddress::alias("a@b.example").with("primary", true).is_primary());
    }
}
