//! The switches of the appliance: what may differ between real ones, or is unknown about them (esg 12, 13.2).

use serde::{Deserialize, Serialize};

use crate::framework::{CheckOrder, ErrorFamily, Framework};
use crate::profile::Profile;

/// What a caller may set with `--option name=value` or under `options` in the state file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Whose words and members it has: an ESG's, or the recorder's.
    pub profile: Profile,
    /// The version of the framework (UNK; the recordings have eleven).
    pub framework: Framework,
    /// How errors look, where not as in that version.
    pub error_family: Option<ErrorFamily>,
    /// Which error of several wins, where not as in that version.
    pub check_order: Option<CheckOrder>,
    /// The status of a validation error, where not as in that version: 422 or 400.
    pub validation_status: Option<u16>,
    /// The largest page; a larger wish is cut down silently (CLIENT: 150).
    pub max_items: u64,
    /// The page size when the caller names none (INF: 50).
    pub default_items: u64,
    /// Whether the caller may name a page size at all.
    pub client_items_enabled: bool,
    /// How a list tells its total.
    pub totals: Totals,
    /// Where a HAL user carries its role (INF: `link`).
    pub role_in_hal: RoleInHal,
    /// Whether `POST /api/v2/user` exists (UNK; the recordings have it).
    pub users_can_be_created: bool,
    /// Whether `GET /api/v2/user-role` exists (UNK; the recordings have it).
    pub roles_listed: bool,
    /// Whether the document that describes the API can be read (UNK; the recordings have it).
    pub describes_itself: bool,
    /// Whether the list of users can be filtered and ordered (UNK; the recordings have it).
    pub filters: bool,
    /// Who else makes an address taken (UNK; the recordings have no such rule).
    pub address_uniqueness: AddressUniqueness,
    /// What becomes of an address that a list has twice (UNK; the recordings keep it).
    pub duplicate_in_list: DuplicateInList,
    /// How addresses are stored (UNK; the recordings keep them).
    pub address_case: AddressCase,
    /// How many primary addresses a list must have (UNK; the recordings do not care).
    pub primary_rule: PrimaryRule,
    /// Whether blank names and malformed addresses are refused (UNK; the recordings have both ways).
    pub validation: bool,
    /// Whether unknown members of a body are refused.
    pub strict_extra_attributes: bool,
    /// Whether members that are null are left out of answers.
    pub null_skip: bool,
    /// How many requests a token serves; without a number there is no end (UNK).
    pub token_ttl: Option<u64>,
    /// What becomes of a normal account that names a user to act for (UNK; the recordings refuse it).
    pub switch_user_policy: SwitchUserPolicy,
    /// A limit on requests (UNK).
    pub rate_limit: Option<RateLimit>,
    /// Seconds by which its clock, as `Date` tells it, differs from that of this machine.
    pub clock_offset_seconds: i64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            profile: Profile::default(),
            framework: Framework::default(),
            error_family: None,
            check_order: None,
            validation_status: None,
            max_items: 150,
            default_items: 50,
            client_items_enabled: true,
            totals: Totals::Integer,
            role_in_hal: RoleInHal::Link,
            users_can_be_created: true,
            roles_listed: true,
            describes_itself: true,
            filters: true,
            address_uniqueness: AddressUniqueness::None,
            duplicate_in_list: DuplicateInList::Keep,
            address_case: AddressCase::Keep,
            primary_rule: PrimaryRule::Any,
            validation: true,
            strict_extra_attributes: false,
            null_skip: true,
            token_ttl: None,
            switch_user_policy: SwitchUserPolicy::Refuse,
            rate_limit: None,
            clock_offset_seconds: 0,
        }
    }
}

/// How a list tells its total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Totals {
    /// As a whole number.
    Integer,
    /// As a number with a fraction of zero (esg 5.10).
    Float,
    /// Not at all: partial pagination (esg 5.13).
    Absent,
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

/// Who else makes an address taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressUniqueness {
    /// Nobody: any number of users may hold it.
    None,
    /// The same user: a key of the database refuses it twice in one list, with 500.
    PerUser,
    /// Users who are not functional.
    GlobalNonFunctional,
    /// All users.
    Global,
}

/// What becomes of an address that a list has twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateInList {
    /// It is stored twice.
    Keep,
    /// The first one stays.
    Dedupe,
    /// The list is refused.
    Refuse,
}

/// How addresses are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressCase {
    /// As they were sent.
    Keep,
    /// In small letters.
    Lower,
}

/// How many primary addresses a list must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrimaryRule {
    /// Any number.
    Any,
    /// One, unless the list is empty.
    ExactlyOne,
}

/// What becomes of a normal account that names a user to act for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SwitchUserPolicy {
    /// 403.
    Refuse,
    /// It acts for itself.
    Ignore,
    /// It acts for that user.
    Allow,
}

/// Each so-manieth request is refused with 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Each so-manieth.
    pub every: u64,
    /// How it says when to come back.
    pub retry_after: RetryAfter,
}

/// How an answer says when to come back: in two seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfter {
    /// In seconds.
    Seconds,
    /// As a date.
    Date,
    /// Not at all.
    Missing,
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
        // `true`, `42` and `{...}` are JSON already; everything else is meant as text, versions too.
        let json = if name == "framework" { None } else { serde_json::from_str(text).ok() };
        *slot = json.unwrap_or_else(|| text.into());
        *self = serde_json::from_value(all).map_err(|error| format!("option `{name}`: {error}"))?;
        Ok(())
    }

    pub(crate) fn error_family(&self) -> ErrorFamily {
        self.error_family.unwrap_or_else(|| self.framework.error_family())
    }

    pub(crate) fn check_order(&self) -> CheckOrder {
        self.check_order.unwrap_or_else(|| self.framework.check_order())
    }

    pub(crate) fn validation_status(&self) -> u16 {
        self.validation_status.unwrap_or_else(|| self.framework.validation_status())
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
        options.set("framework=4.0.22").unwrap();
        options.set("validation_status=400").unwrap();
        options.set("error_family=html_proxy").unwrap();
        options.set(r#"rate_limit={"every": 5, "retry_after": "date"}"#).unwrap();
        assert_eq!(options.max_items, 20);
        assert!(!options.users_can_be_created);
        assert_eq!(options.address_uniqueness, AddressUniqueness::GlobalNonFunctional);
        assert_eq!((options.framework, options.validation_status()), (Framework::V4_0, 400));
        assert_eq!(options.error_family(), ErrorFamily::HtmlProxy);
        assert_eq!(options.rate_limit, Some(RateLimit { every: 5, retry_after: RetryAfter::Date }));
        options.set("error_family=null").unwrap();
        assert_eq!(options.error_family(), ErrorFamily::Rfc7807);
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
