//! Events: arrays of records that arrive while a call runs, on the calling thread.

use super::ChangeRecord;
use esgsync_delegation::compare::{Cause, DelegationChange};
use esgsync_delegation::finding::Finding;
use esgsync_delegation::plan::ChangeKind;
use esgsync_delegation::resolve::{TrailStep, UnknownReason};
use schemars::JsonSchema;
use serde::Serialize;

/// Most records of one event.
pub const MAX_RECORDS: usize = 256;

/// Kind of an event, as the C ABI numbers it; each carries an array of one record type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum EventKind {
    /// [`ProgressRecord`].
    Progress = 1,
    /// [`LogRecord`].
    Log = 2,
    /// [`UserRecord`].
    User = 3,
    /// [`DelegationRecord`].
    Delegation = 4,
    /// [`MailboxStateRecord`].
    MailboxState = 5,
    /// [`Finding`].
    Finding = 6,
    /// [`ActionResultRecord`].
    ActionResult = 7,
    /// [`DifferenceRecord`].
    Difference = 8,
    /// [`RunRecord`].
    Run = 11,
    /// [`RunActionRecord`].
    RunAction = 12,
}

/// An array of records of one kind.
#[derive(Debug)]
pub enum Event {
    /// Progress.
    Progress(Vec<ProgressRecord>),
    /// Log.
    Log(Vec<LogRecord>),
    /// Users.
    User(Vec<UserRecord>),
    /// Delegations.
    Delegation(Vec<DelegationRecord>),
    /// Mailbox states.
    MailboxState(Vec<MailboxStateRecord>),
    /// Findings.
    Finding(Vec<Finding>),
    /// Action results.
    ActionResult(Vec<ActionResultRecord>),
    /// Differences of two snapshots.
    Difference(Vec<DifferenceRecord>),
    /// Runs.
    Run(Vec<RunRecord>),
    /// Actions of runs.
    RunAction(Vec<RunActionRecord>),
}

impl Event {
    /// Its kind.
    pub fn kind(&self) -> EventKind {
        match self {
            Self::Progress(_) => EventKind::Progress,
            Self::Log(_) => EventKind::Log,
            Self::User(_) => EventKind::User,
            Self::Delegation(_) => EventKind::Delegation,
            Self::MailboxState(_) => EventKind::MailboxState,
            Self::Finding(_) => EventKind::Finding,
            Self::ActionResult(_) => EventKind::ActionResult,
            Self::Difference(_) => EventKind::Difference,
            Self::Run(_) => EventKind::Run,
            Self::RunAction(_) => EventKind::RunAction,
        }
    }

    /// Its records as a JSON array.
    ///
    /// # Errors
    /// When a record cannot be serialised.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        match self {
            Self::Progress(records) => serde_json::to_vec(records),
            Self::Log(records) => serde_json::to_vec(records),
            Self::User(records) => serde_json::to_vec(records),
            Self::Delegation(records) => serde_json::to_vec(records),
            Self::MailboxState(records) => serde_json::to_vec(records),
            Self::Finding(records) => serde_json::to_vec(records),
            Self::ActionResult(records) => serde_json::to_vec(records),
            Self::Difference(records) => serde_json::to_vec(records),
            Self::Run(records) => serde_json::to_vec(records),
            Self::RunAction(records) => serde_json::to_vec(records),
        }
    }
}

/// How far a phase is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProgressRecord {
    /// What is done.
    pub activity: String,
    /// At what.
    pub status: String,
    /// Units done.
    pub current: u64,
    /// Units in all; 0 when not known.
    pub total: u64,
    /// The phase is over.
    pub completed: bool,
}

/// Where a log record belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub enum LogLevel {
    /// Each call with its duration.
    Verbose,
    /// Something to do.
    Warning,
}

/// One line for the verbose or warning stream.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LogRecord {
    /// Stream.
    pub level: LogLevel,
    /// Text.
    pub text: String,
}

/// A user of ESG.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserRecord {
    /// Id.
    pub id: u64,
    /// Username.
    pub username: String,
    /// Role id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<u64>,
    /// Has the functional role.
    pub functional: bool,
    /// Address elements in their order.
    pub addresses: Vec<AddressRecord>,
}

/// One address of a user.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddressRecord {
    /// Address.
    pub address: String,
    /// Active.
    pub active: bool,
    /// Primary.
    pub primary: bool,
}

/// One delegation with its trail.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DelegationRecord {
    /// Display name of the mailbox.
    pub mailbox: String,
    /// Primary address of the mailbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailbox_address: Option<String>,
    /// GUID of the mailbox.
    pub mailbox_guid: String,
    /// Display name of the person.
    pub delegate: String,
    /// Primary address, else UPN, of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegate_address: Option<String>,
    /// RecipientTypeDetails of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegate_type: Option<String>,
    /// Right.
    pub right: String,
    /// Groups between, outermost first, and the person last.
    pub trail: Vec<TrailStep>,
    /// Comes from an inherited row.
    pub inherited: bool,
    /// The mailbox is known.
    pub known: bool,
}

/// What is known of a mailbox.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MailboxStateRecord {
    /// Display name.
    pub mailbox: String,
    /// Primary address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailbox_address: Option<String>,
    /// GUID.
    pub mailbox_guid: String,
    /// It may gain what its rows prove.
    pub may_gain: bool,
    /// Why it is not known.
    pub reasons: Vec<UnknownReason>,
}

/// What changed between two snapshots for one mailbox, and for one delegate unless it is unknown.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DifferenceRecord {
    /// What became of it.
    pub change: DelegationChange,
    /// Display name of the mailbox, as the newer snapshot that has it tells; so are all names here.
    pub mailbox: String,
    /// Primary address of the mailbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailbox_address: Option<String>,
    /// GUID of the mailbox.
    pub mailbox_guid: String,
    /// Display name of the person; absent for what is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegate: Option<String>,
    /// Primary address, else UPN, of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegate_address: Option<String>,
    /// RecipientTypeDetails of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegate_type: Option<String>,
    /// Right; absent where several are compared and all are unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right: Option<String>,
    /// What caused it, or why it is unknown.
    pub causes: Vec<Cause>,
    /// Groups between, outermost first, and the person last, in the reference; empty where it has no such delegation.
    pub reference_trail: Vec<TrailStep>,
    /// The same in the difference.
    pub difference_trail: Vec<TrailStep>,
}

/// How one action went.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActionResultRecord {
    /// Id within the plan.
    pub id: String,
    /// Kind.
    pub kind: String,
    /// Id of the user.
    pub user_id: u64,
    /// Username.
    pub username: String,
    /// `Applied`, `Unchanged`, `Adopted`, `Released`, `Conflict`, `Failed`, `Withheld`, `NotStarted`, `Unsettled`.
    pub status: String,
    /// Addresses that it was about.
    pub addresses: Vec<String>,
    /// Why, when it was not applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// How a run ended, or whether it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub enum RunOutcome {
    /// It came to its end; single actions may have failed all the same.
    Finished,
    /// It ended and left actions of its plan open (`-First`), or a write whose outcome is not known.
    Unfinished,
    /// It stopped before its end, and says why.
    Stopped,
    /// Its process ended without a word: the same plan finishes it, and an undo takes it back as it is.
    Killed,
    /// It works at this moment.
    Running,
}

/// Changes of one kind.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KindCount {
    /// Kind.
    pub kind: ChangeKind,
    /// How many.
    pub count: u64,
}

/// A run of the history.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunRecord {
    /// Number in the state file.
    pub id: u64,
    /// Name of the target.
    pub target: String,
    /// Host and port of the target.
    pub host: String,
    /// Digest of the plan; runs of one plan share it.
    pub plan: String,
    /// Tenant id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// The run that it took back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<u64>,
    /// Account that ran it, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Machine that ran it, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// When it began, UTC.
    pub started: String,
    /// When it ended, UTC; absent: it runs, or was killed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// How it ended.
    pub outcome: RunOutcome,
    /// Name of the reason why it stopped early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// Actions that it did.
    pub applied: u64,
    /// Actions that were there already when it came to them.
    pub unchanged: u64,
    /// Conflicts.
    pub conflicts: u64,
    /// Failures.
    pub failed: u64,
    /// Withheld by a guard or by what they depend on.
    pub withheld: u64,
    /// Not started.
    pub remaining: u64,
    /// Sent, outcome not known.
    pub unsettled: u64,
    /// What it changed, by kind.
    pub changes: Vec<KindCount>,
    /// It can be taken back: its images are there, and it is no undo.
    pub can_be_undone: bool,
}

/// What a run did to one user.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunActionRecord {
    /// Number of the run.
    pub run: u64,
    /// Name of the target.
    pub target: String,
    /// Id within the plan.
    pub id: String,
    /// Kind.
    pub kind: String,
    /// Id of the user.
    pub user_id: u64,
    /// Username.
    pub username: String,
    /// As in [`ActionResultRecord`].
    pub status: String,
    /// Why, when it was not applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Writes that were sent.
    pub attempts: u32,
    /// When it was begun, UTC.
    pub started: String,
    /// When its outcome was known, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// What it changes, and why.
    pub changes: Vec<ChangeRecord>,
    /// Addresses right before the write; empty where there was none, and when its image was deleted.
    pub before: Vec<AddressRecord>,
    /// Addresses after the write as the appliance showed them, else as they were sent; empty when the user is gone.
    pub after: Vec<AddressRecord>,
}
