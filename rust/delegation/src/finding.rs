//! What an administrator should know although nothing was done about it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Weight of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Severity {
    /// Worth knowing.
    Information,
    /// Something does not work as an administrator would expect.
    Warning,
}

/// One thing that was seen and left alone.
///
/// `code` is stable and machine readable (for example `OrphanedTrustee`); `text` says what is so, `advice` what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Stable name of the kind of finding, in PascalCase.
    pub code: String,
    /// Weight.
    pub severity: Severity,
    /// The mailbox it concerns: primary address, else key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
    /// The person, group, trustee text, ESG user or address it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// One sentence: what is so.
    pub text: String,
    /// One sentence: what to do about it; absent when nothing needs doing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}
