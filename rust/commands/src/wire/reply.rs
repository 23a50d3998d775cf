//! Replies.

use crate::configuration::Configuration;
use esgsync_delegation::finding::Finding;
use esgsync_delegation::plan::{GuardCount, LeftAlone, PlanOptions, SnapshotRef, Summary, TargetRef, UndoneRun};
use schemars::JsonSchema;
use serde::Serialize;

/// Nothing to tell.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DoneReply {
    /// Always true.
    pub done: bool,
}

/// How many records were streamed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CountReply {
    /// Records.
    pub count: u64,
}

/// What [`super::Method::GetDelegations`] streamed, and what it could not find.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DelegationsReply {
    /// Records.
    pub count: u64,
    /// Names of mailboxes that the snapshot does not have.
    pub unknown_mailboxes: Vec<String>,
    /// Names of delegates whom the snapshot does not have.
    pub unknown_delegates: Vec<String>,
}

/// A connection that works.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectReply {
    /// Handle.
    pub connection: u64,
    /// Name of the target.
    pub name: String,
    /// The appliance.
    pub uri: String,
    /// Host and port as plans and state name it.
    pub host: String,
    /// Account that logged in; absent with a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// User that the account acts as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub switch_user: Option<String>,
    /// Users that the account sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<u64>,
    /// Role id of functional users; absent when it cannot be settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub functional_role: Option<u64>,
    /// The role id was assumed, as the appliance lists no roles.
    pub functional_role_assumed: bool,
    /// Users can be created there; absent when the appliance says nothing that can be read about what it can do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users_can_be_created: Option<bool>,
    /// Seconds by which the clock of the appliance is ahead of this machine's; absent when its answers carry no date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_ahead_seconds: Option<f64>,
    /// The target is our simulator.
    pub simulator: bool,
    /// State file.
    pub state_file: String,
}

/// What a snapshot holds.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotReply {
    /// Handle.
    pub snapshot: u64,
    /// Files it was read from, or the file it was written to.
    pub path: Vec<String>,
    /// When the read began, UTC.
    pub created: String,
    /// Tenant id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// Tenant name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_name: Option<String>,
    /// Rights that were read.
    pub rights: Vec<String>,
    /// Recipient types that were asked for.
    pub recipient_types: Vec<String>,
    /// All mailboxes of those types were asked for.
    pub whole: bool,
    /// The `end` line is there.
    pub complete: bool,
    /// Mailboxes.
    pub mailboxes: u64,
    /// Soft-deleted and inactive mailboxes; not among `mailboxes`.
    pub soft_deleted: u64,
    /// Rows of Get-MailboxPermission.
    pub permissions: u64,
    /// Rows of Get-RecipientPermission.
    pub recipient_permissions: u64,
    /// Recipients.
    pub recipients: u64,
    /// Membership edges.
    pub members: u64,
    /// Parts that were not read completely.
    pub incomplete: Vec<IncompleteRead>,
}

/// See [`super::Method::ResumeSnapshot`]: what was taken over, and of the rest why it was not.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResumeReply {
    /// Keys of the mailboxes that need not be read again.
    pub mailboxes: Vec<String>,
    /// Mailboxes whose rows are too old, or that were deleted or restored since.
    pub stale: u64,
    /// Mailboxes whose rows had not all come, or not without an error.
    pub unfinished: u64,
    /// Names of mailboxes that were read and are not listed any more.
    pub vanished: Vec<String>,
    /// The file ended inside of a line.
    pub was_cut: bool,
}

/// See [`super::Method::CarryOver`]: what was carried over, and of the rest why it was not.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CarryOverReply {
    /// Why nothing was, so that everything has to be read; absent for a delta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full: Option<String>,
    /// Keys of the mailboxes that need not be read again.
    pub mailboxes: Vec<String>,
    /// Mailboxes that the log or the caller names.
    pub changed: u64,
    /// Mailboxes that the earlier snapshot does not have.
    pub new: u64,
    /// Mailboxes that it does not know, or did not read itself.
    pub unknown: u64,
    /// What the caller wants to be read again and is no mailbox.
    pub misspelt: Vec<String>,
}

/// A part that was not read completely.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IncompleteRead {
    /// As in the snapshot.
    pub subject: String,
    /// As in the snapshot.
    pub status: String,
    /// In the words of Exchange.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Groups that have to be read yet.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupsReply {
    /// Groups.
    pub groups: Vec<GroupToRead>,
}

/// One group to read.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupToRead {
    /// Key in the snapshot.
    pub key: String,
    /// What to ask Exchange for: GUID, else directory id, else name.
    pub identity: String,
    /// RecipientTypeDetails.
    pub recipient_type: String,
    /// Display name.
    pub name: String,
}

/// A plan: its text, which alone counts, and a view of it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanReply {
    /// The original text.
    pub text: String,
    /// File it was written to or read from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Digest.
    pub digest: String,
    /// When it was made, UTC.
    pub created: String,
    /// Target.
    pub target: TargetRef,
    /// Tenant id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// Tenant name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_name: Option<String>,
    /// Snapshot; absent when the plan takes a run back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotRef>,
    /// The run that the plan takes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<UndoneRun>,
    /// Options.
    pub options: PlanOptions,
    /// Numbers.
    pub summary: Summary,
    /// Guards.
    pub guards: Vec<GuardCount>,
    /// Actions.
    pub actions: Vec<ActionRecord>,
    /// What is not touched and why.
    pub left_alone: Vec<LeftAlone>,
    /// Findings.
    pub findings: Vec<Finding>,
    /// Exit code of a task that would stop here: 0 nothing to do, 2 changes, 3 a guard blocks, 4 something is unknown (design 10).
    pub exit_code: i32,
}

/// An action as cmdlets show it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActionRecord {
    /// Id within the plan.
    pub id: String,
    /// Kind.
    pub kind: String,
    /// Id of the user.
    pub user_id: u64,
    /// Username.
    pub username: String,
    /// Changes.
    pub changes: Vec<ChangeRecord>,
    /// Addresses before.
    pub before: Vec<String>,
    /// Addresses after.
    pub after: Vec<String>,
}

/// A change as cmdlets show it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeRecord {
    /// Kind.
    pub kind: String,
    /// Address.
    pub address: String,
    /// User it happens to.
    pub username: String,
    /// Display name of the mailbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
    /// Primary address of the mailbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailbox_address: Option<String>,
    /// GUID of the mailbox.
    pub mailbox_guid: String,
    /// Right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right: Option<String>,
    /// Why.
    pub reason: String,
    /// From the grant to the person.
    pub trail: Vec<String>,
}

/// How a run went.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunReply {
    /// Number of the run in the state file; absent when nothing was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<u64>,
    /// Digest of the plan.
    pub plan: String,
    /// When it began, UTC.
    pub started: String,
    /// When it ended, UTC.
    pub ended: String,
    /// Actions applied by this run.
    pub applied: u64,
    /// Actions that were there already when the run came to them.
    pub unchanged: u64,
    /// Actions that earlier runs of the same plan had done.
    pub done_before: u64,
    /// Conflicts.
    pub conflicts: u64,
    /// Failures.
    pub failed: u64,
    /// Withheld by a guard or by what they depend on.
    pub withheld: u64,
    /// Not started, with `first` or after a stop.
    pub remaining: u64,
    /// Sent, outcome not known: the next run reads, then decides.
    pub unsettled: u64,
    /// Guards that blocked.
    pub blocked: Vec<GuardCount>,
    /// Why it stopped early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// What was seen on the way.
    pub findings: Vec<Finding>,
    /// Exit code (design 10).
    pub exit_code: i32,
}

/// What [`super::Method::GetRuns`] streamed, and what it could not find.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunsReply {
    /// Records.
    pub count: u64,
    /// Name of the target.
    pub target: String,
    /// State file that was read.
    pub state_file: String,
    /// Numbers of runs that were asked for and are not there.
    pub unknown_runs: Vec<u64>,
}

/// A report that was written.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportReply {
    /// File.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// A configuration file that is right. Its paths are absolute.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfigurationReply {
    /// What it says.
    pub configuration: Configuration,
}

/// What is told of a state file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StateFileReply {
    /// The file.
    pub path: String,
    /// It is there.
    pub exists: bool,
    /// Owner of the file, or of the folder nearest to it that exists; absent where the system does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The tenant whose plans were applied so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
}

/// A secret, as UTF-16 code units: no text of the caller's language ever holds it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretReply {
    /// Code units.
    pub units: Vec<u16>,
}
