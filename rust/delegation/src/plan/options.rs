//! What an administrator chooses for a plan (design 6).

use crate::resolve::ExpandGroup;
use crate::snapshot::Right;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which addresses of a mailbox its delegates get (design 6, wanted).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum AliasScope {
    /// The primary address.
    Primary,
    /// The primary, and every address of the mailbox that its functional user holds, or held when a run of ours removed it.
    #[default]
    Functional,
    /// Every SMTP address.
    All,
}

/// What happens to functional users whose addresses are all held by delegates (design 6).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum FunctionalUser {
    /// They stay.
    #[default]
    Keep,
    /// They are removed, each only with proof.
    Remove,
}

/// Which aliases without justification are removed (design 6).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum RemoveStale {
    /// Those that this product added or adopted.
    #[default]
    Managed,
    /// None.
    None,
    /// Also hand-made ones that are an address of a mailbox of the snapshot.
    Any,
}

/// Everything that a plan depends on besides snapshot and target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct PlanOptions {
    /// Wanted rights.
    pub rights: Vec<Right>,
    /// Which addresses.
    pub alias_scope: AliasScope,
    /// Functional users.
    pub functional_user: FunctionalUser,
    /// Stale aliases.
    pub remove_stale: RemoveStale,
    /// Take over aliases that are there already and justified now.
    pub adopt_existing: bool,
    /// A functional user goes only when all delegates hold its addresses, not just one.
    pub require_all_delegates: bool,
    /// Which groups are expanded.
    pub expand_group: ExpandGroup,
    /// Inherited allows count.
    pub include_inherited: bool,
    /// Types that count as people although they are not.
    pub include_delegate_type: Vec<String>,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self {
            rights: vec![Right::FullAccess],
            alias_scope: AliasScope::default(),
            functional_user: FunctionalUser::default(),
            remove_stale: RemoveStale::default(),
            adopt_existing: false,
            require_all_delegates: false,
            expand_group: ExpandGroup::default(),
            include_inherited: false,
            include_delegate_type: Vec::new(),
        }
    }
}
