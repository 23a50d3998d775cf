//! What resolution takes and gives.

use crate::finding::Finding;
use crate::snapshot::Right;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which groups are mapped to their people (design 5.4, rule 18).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ExpandGroup {
    /// Security groups only: the groups that carry permissions.
    #[default]
    Security,
    /// Also distribution, dynamic and Microsoft 365 groups, as the vendor's template does.
    All,
}

/// How to resolve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ResolveOptions {
    /// Wanted rights; any of them justifies (rule 15).
    pub rights: Vec<Right>,
    /// Map inherited allows too (rule 11).
    pub include_inherited: bool,
    /// Which groups are expanded.
    pub expand_group: ExpandGroup,
    /// RecipientTypeDetails that count as people although they are not (design 5.6), for example `SharedMailbox`.
    pub include_delegate_type: Vec<String>,
}

impl Default for ResolveOptions {
    fn default() -> Self {
        Self {
            rights: vec![Right::FullAccess],
            include_inherited: false,
            expand_group: ExpandGroup::default(),
            include_delegate_type: Vec::new(),
        }
    }
}

/// A person who effectively holds a right on a mailbox. Indexes point into the snapshot's `mailboxes` and `recipients`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delegation {
    /// Index into [`crate::snapshot::Snapshot::mailboxes`].
    pub mailbox: u32,
    /// Index into [`crate::snapshot::Snapshot::recipients`].
    pub delegate: u32,
    /// The right.
    pub right: Right,
    /// Groups between the row and the person, outermost first; empty for a direct grant. The shortest trail, ties by key.
    pub groups: Vec<u32>,
    /// The grant is inherited (only with `include_inherited`).
    pub inherited: bool,
}

/// What a step of a trail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum TrailStepKind {
    /// A group that passes the right on to its members.
    Group,
    /// The delegate, always the last step.
    Person,
}

/// A step from a grant to a person: the first is the trustee of the row, each further one a member of the one before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrailStep {
    /// Group or person.
    pub kind: TrailStepKind,
    /// As texts call it: a group by its display name, a person by address.
    pub name: String,
    /// GUID; the key where Exchange shows none.
    pub id: String,
    /// Primary address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// RecipientTypeDetails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient_type: Option<String>,
}

/// Why a mailbox is not known. `code` is stable PascalCase, for example `ReadIncomplete`, `GroupNotExpanded`, `AmbiguousTrustee`,
/// `UnresolvedTrustee`, `DenyNotExpanded`, `DenyMissing`, `BroadGrant`, `UnknownTrusteeType`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnknownReason {
    /// Stable name.
    pub code: String,
    /// The trustee, group or part it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// One sentence.
    pub text: String,
}

/// What is known of one mailbox, over the wanted rights only (rule 15).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailboxState {
    /// Empty: known. Sorted, without repetition.
    pub unknown: Vec<UnknownReason>,
    /// The mailbox may gain what its rows prove (rule 16). A known mailbox may always.
    pub may_gain: bool,
    /// Its rows let something about it be removed: known, and no part was `given` or `carried` (design 4).
    pub may_lose: bool,
}

impl MailboxState {
    /// No reason to doubt.
    pub fn is_known(&self) -> bool {
        self.unknown.is_empty()
    }
}

/// The result: complete, sorted, and the same for the same facts in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolution {
    /// Sorted by mailbox key, delegate key, right. Also delegations of unknown mailboxes as far as proved; see [`MailboxState::may_gain`].
    pub delegations: Vec<Delegation>,
    /// By index of the snapshot's mailboxes.
    pub mailboxes: Vec<MailboxState>,
    /// Sorted, without repetition.
    pub findings: Vec<Finding>,
}
