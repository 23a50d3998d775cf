//! What differs between the versions of the framework (FW; findings 6 and 9). Each was run and recorded.

use serde::{Deserialize, Serialize};

/// A version of API Platform that the appliance may be built on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Framework {
    /// 2.5.10: validation errors are 400.
    #[serde(rename = "2.5.10")]
    V2_5,
    /// 2.6.8.
    #[serde(rename = "2.6.8")]
    V2_6,
    /// 2.7.18, the one that most was recorded of.
    #[default]
    #[serde(rename = "2.7.18")]
    V2_7,
    /// 3.0.12.
    #[serde(rename = "3.0.12")]
    V3_0,
    /// 3.1.29.
    #[serde(rename = "3.1.29")]
    V3_1,
    /// 3.2.26: errors for HAL callers are JSON-LD.
    #[serde(rename = "3.2.26")]
    V3_2,
    /// 3.4.17 with default settings.
    #[serde(rename = "3.4.17")]
    V3_4,
    /// 3.4.17 with the settings that a new project gets.
    #[serde(rename = "3.4.17-recipe")]
    V3_4Recipe,
    /// 4.0.22.
    #[serde(rename = "4.0.22")]
    V4_0,
    /// 4.1.30.
    #[serde(rename = "4.1.30")]
    V4_1,
    /// 4.3.15.
    #[serde(rename = "4.3.15")]
    V4_3,
}

/// How errors look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorFamily {
    /// problem+json with one fixed link as its type, and no status.
    Rfc2616,
    /// The same for plain JSON; JSON-LD for HAL callers.
    Jsonld,
    /// problem+json with type, title, detail and status; HAL callers get JSON-LD members and their older twins beside them.
    Rfc7807Twins,
    /// The same without the twins.
    Rfc7807,
    /// A proxy in front replaces every error by its own page of HTML.
    HtmlProxy,
}

/// Which error of several wins (findings 9.3). Route and method come first in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckOrder {
    /// 401 and 403 of the firewall, 406, 404, 403 of rights, 415, 400, 422.
    Firewall,
    /// 406, 401 and 403, 404, 403 of rights, 415, 400, 422.
    Listener,
    /// 415 of a wrong type, 406, 401 and 403, 404, 403 of rights, 415 of a missing type, 400, 422.
    TypeFirst,
    /// 401 and 403, 415 of a wrong type, 406, 404, 403 of rights, 415 of a missing type, 400, 422.
    Provider,
    /// As `Provider`, with 403 of rights before 404.
    RightsFirst,
}

impl Framework {
    /// Every version, oldest first.
    pub const ALL: [Self; 11] = [
        Self::V2_5,
        Self::V2_6,
        Self::V2_7,
        Self::V3_0,
        Self::V3_1,
        Self::V3_2,
        Self::V3_4,
        Self::V3_4Recipe,
        Self::V4_0,
        Self::V4_1,
        Self::V4_3,
    ];

    pub(crate) fn error_family(self) -> ErrorFamily {
        match self {
            Self::V2_5 | Self::V2_6 | Self::V2_7 | Self::V3_0 | Self::V3_1 => ErrorFamily::Rfc2616,
            Self::V3_2 | Self::V3_4 => ErrorFamily::Jsonld,
            Self::V3_4Recipe => ErrorFamily::Rfc7807Twins,
            Self::V4_0 | Self::V4_1 | Self::V4_3 => ErrorFamily::Rfc7807,
        }
    }

    pub(crate) fn check_order(self) -> CheckOrder {
        match self {
            Self::V2_5 | Self::V2_6 => CheckOrder::Firewall,
            Self::V2_7 | Self::V3_0 | Self::V3_1 | Self::V3_2 => CheckOrder::Listener,
            Self::V3_4 => CheckOrder::TypeFirst,
            Self::V3_4Recipe | Self::V4_0 | Self::V4_1 => CheckOrder::Provider,
            Self::V4_3 => CheckOrder::RightsFirst,
        }
    }

    pub(crate) fn put_replaces(self) -> bool {
        self >= Self::V3_4Recipe
    }

    pub(crate) fn validation_status(self) -> u16 {
        if self == Self::V2_5 { 400 } else { 422 }
    }
}
