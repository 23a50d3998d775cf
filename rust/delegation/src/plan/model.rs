//! The plan as it stands in a file. Readable in a diff: one action per user, one change per address.

use super::{GuardCount, PlanOptions};
use crate::esg::{EmailAddress, EsgUser, ManagedAlias};
use crate::finding::Finding;
use crate::snapshot::{Right, Tenant};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Version of the plan format.
pub const PLAN_VERSION: u32 = 1;

/// The target that a plan is bound to (design 8).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetRef {
    /// `-Name` of the connection.
    pub name: String,
    /// Kind of system: `esg`.
    pub system: String,
    /// Host and port.
    pub host: String,
    /// The target is our simulator.
    #[serde(default)]
    pub simulator: bool,
    /// The id of the state file, made when the file was made: a plan does not outlive its state.
    pub state_id: String,
    /// Generation of the state when the plan was made.
    pub state_generation: u64,
}

/// The snapshot that a plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotRef {
    /// When it was read.
    pub created: Timestamp,
    /// It covers all mailboxes of its types.
    pub whole: bool,
    /// It has its `end` line.
    pub complete: bool,
    /// Number of mailboxes.
    pub mailboxes: u64,
    /// Number of them that are known.
    pub known: u64,
}

/// Kinds of change. All that call the target are guarded (rule 40; later kinds come with their targets).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ChangeKind {
    /// An alias that a delegation wants and the user lacks.
    AliasAdded,
    /// A stale alias.
    AliasRemoved,
    /// The same address twice on one user becomes one.
    DuplicateCollapsed,
    /// A functional user is deleted.
    FunctionalUserRemoved,
    /// An alias that is there and justified becomes ours (rule 35): no call.
    AliasAdopted,
    /// Undo: the elements of an address are again as they were before a run removed or collapsed them.
    AliasRestored,
    /// Undo: a functional user that a run deleted is created again.
    FunctionalUserRestored,
    /// Undo: an alias that a run adopted is not ours any more: no call.
    AliasReleased,
}

/// A mailbox as plans and runs name it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MailboxRef {
    /// Exchange GUID; the snapshot's key where there is none.
    pub guid: String,
    /// Display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Primary address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<String>,
}

/// One address (or functional user) that changes, and why. A first run has a million: texts that many of them have are shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// What happens.
    pub kind: ChangeKind,
    /// The address, in its original spelling. For `FunctionalUserRemoved` the user's primary address.
    pub address: Arc<str>,
    /// The mailbox it belongs to.
    pub mailbox: Arc<MailboxRef>,
    /// The right that justifies it; for removals the right that it was managed for, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<Right>,
    /// One sentence: why.
    pub reason: Box<str>,
    /// Names from the grant to the person: `Division 0 > Team 0 > jane@corp.example`; empty for removals.
    #[serde(default, skip_serializing_if = "<[String]>::is_empty")]
    pub trail: Arc<[String]>,
}

/// What an action does to its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ActionKind {
    /// One PATCH with the whole new list.
    UpdateUser,
    /// No call: aliases become ours (rule 35).
    AdoptAlias,
    /// One DELETE, after proof.
    RemoveUser,
    /// Undo: one POST with the whole user as it was.
    CreateUser,
    /// Undo: no call: aliases are not ours any more.
    ReleaseAlias,
}

/// The user at the target, as it was when the plan was made. Each of the three belongs to every action (rule 42).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserRef {
    /// Id at the target.
    pub id: u64,
    /// Username.
    pub username: String,
    /// Role id; absent when the target did not show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<u64>,
}

/// One call to the target: one user, all its changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    /// Stable within the plan and across identical plans: hex of a digest over kind, user, and the kind and address of each change.
    pub id: String,
    /// What it does.
    pub kind: ActionKind,
    /// Whose.
    pub user: UserRef,
    /// What changes; sorted by kind, address.
    pub changes: Vec<Change>,
    /// The address elements of the user as they were read, in order.
    pub before: Vec<EmailAddress>,
    /// The address elements as they shall be (what the PATCH sends when nobody else edits); absent for `RemoveUser`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Vec<EmailAddress>>,
    /// For `RemoveUser`: the delegates who may prove that the addresses are held (rules 31, 32).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holders: Vec<UserRef>,
    /// For `RemoveUser`: every address of the mailbox. An address of the user that is not among them is foreign, and keeps it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mailbox_addresses: Vec<String>,
    /// Ids of actions that must have succeeded before this one (rule 41).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
    /// Undo: what is managed again as soon as its alias is back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub managed_again: Vec<ManagedAlias>,
    /// For `CreateUser`: the whole user as it was right before it was deleted. It gets a new id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore: Option<Box<EsgUser>>,
}

/// Something that the plan looked at and does not touch, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LeftAlone {
    /// Stable PascalCase. Of wanted pairs: `DelegateNotAtEsg`, `DelegateAmbiguous`, `DelegateIsFunctional`, `RoleUnsettled`,
    /// `AliasInactive`, `MailboxUnknown`, `NoAddress`. Of stale aliases also: `SnapshotIncomplete`, `SnapshotNotWhole`, `TenantUnknown`,
    /// `ForeignTenant`, `RightNotRead`, `MailboxCarried`, `MailboxIsRecipient`, `MayBeRenamed`, `UserAmbiguous`, `UserIsMailbox`, `FunctionalUser`,
    /// `PrimaryAddress`, `DuplicatesDiffer`, `RemovalNotAsked`. Of functional users also: `FunctionalUserKept`, `NotHeld`, `NotHeldByAll`,
    /// `ForeignAddress`, `TwoMailboxes`, `NoMailbox`, `MatchedByNameOnly`, `CameBack`, `RoleDiffers`. Of an undo: `UndoneBefore`,
    /// `ChangedByLaterRun`, `ChangedSince`, `BackAlready`, `UserGone`, `UserChanged`, `UserIsThere`, `UserCannotBeCreated`,
    /// `FunctionalUserDeleted`.
    pub code: String,
    /// The user at the target it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserRef>,
    /// The address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The mailbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<Arc<MailboxRef>>,
    /// One sentence: why.
    pub reason: String,
    /// Names from the grant to the person; empty where there is none, as for stale aliases and functional users.
    #[serde(default, skip_serializing_if = "<[String]>::is_empty")]
    pub trail: Arc<[String]>,
}

/// Numbers that a person decides from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Summary {
    /// Users read at the target.
    pub users: u64,
    /// Functional users among them.
    pub functional_users: u64,
    /// Delegations of the snapshot.
    pub delegations: u64,
    /// Users that the plan writes to.
    pub users_changed: u64,
    /// Aliases to add.
    pub aliases_added: u64,
    /// Aliases to remove.
    pub aliases_removed: u64,
    /// Duplicates to collapse.
    pub duplicates_collapsed: u64,
    /// Aliases to adopt.
    pub aliases_adopted: u64,
    /// Undo: addresses whose elements come back.
    pub aliases_restored: u64,
    /// Undo: aliases that are not ours any more.
    pub aliases_released: u64,
    /// Undo: functional users to create again.
    pub functional_users_restored: u64,
    /// Functional users to remove.
    pub functional_users_removed: u64,
    /// Functional users that `FunctionalUser = Remove` would remove now.
    pub functional_users_removable: u64,
    /// Aliases that are there, justified and not ours: `AdoptExisting` would take them over.
    pub aliases_adoptable: u64,
    /// Delegations that ESG already fulfils.
    pub aliases_in_place: u64,
    /// Mailboxes that are unknown.
    pub mailboxes_unknown: u64,
}

/// The run that an undo takes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UndoneRun {
    /// Number in the state file.
    pub run: u64,
    /// Digest of the plan that it applied.
    pub plan_digest: String,
    /// When it began.
    pub started: Timestamp,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Format version, 1.
    pub version: u32,
    /// When it was made, UTC.
    pub created: Timestamp,
    /// Version of the product that made it.
    pub product: String,
    /// The target.
    pub target: TargetRef,
    /// The tenant of the snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Tenant>,
    /// The snapshot; absent when the plan takes a run back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotRef>,
    /// The run that the plan takes back; absent when it brings the target in line with a snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<UndoneRun>,
    /// The options. An undo has none: those of the default.
    pub options: PlanOptions,
    /// Numbers.
    pub summary: Summary,
    /// Guards of every kind, with those that block.
    pub guards: Vec<GuardCount>,
    /// In the order of the run: additions, removals, adoptions, then functional users; an undo creates functional users first.
    pub actions: Vec<Action>,
    /// What is not touched and why; sorted.
    pub left_alone: Vec<LeftAlone>,
    /// Findings of resolution and planning; sorted.
    pub findings: Vec<Finding>,
    /// [`Plan::seal`] of everything above.
    #[serde(default)]
    pub digest: String,
}
