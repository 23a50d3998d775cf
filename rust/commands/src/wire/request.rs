//! Requests.

use esgsync_delegation::plan::{ChangeKind, PlanOptions};
use esgsync_delegation::resolve::ResolveOptions;
use esgsync_delegation::snapshot::Header;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;

/// What a call does. The number is the ABI's; the request and reply types stand beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Method {
    /// Logs in and checks what the account may do: [`ConnectRequest`], [`super::ConnectReply`].
    Connect = 1,
    /// Forgets a connection and its token: [`DisconnectRequest`], [`super::DoneReply`].
    Disconnect = 2,
    /// Streams users as [`super::UserRecord`] events: [`GetUsersRequest`], [`super::CountReply`].
    GetUsers = 3,
    /// Tells what a snapshot holds: [`SnapshotRequest`], [`super::SnapshotReply`].
    GetSnapshot = 4,
    /// Writes the `end` line and gives the file its name: [`SnapshotRequest`], [`super::SnapshotReply`].
    FinishSnapshot = 5,
    /// Which groups have to be read yet: [`ResolveRequest`], [`super::GroupsReply`].
    GetGroupsToRead = 6,
    /// Streams delegations, mailbox states or findings as events: [`GetDelegationsRequest`], [`super::DelegationsReply`].
    GetDelegations = 7,
    /// Reads the target and plans: [`NewPlanRequest`], [`super::PlanReply`].
    NewPlan = 8,
    /// Checks a plan file and shows it: [`ReadPlanRequest`], [`super::PlanReply`].
    ReadPlan = 9,
    /// Applies a plan; streams [`super::ActionResultRecord`] events: [`InvokePlanRequest`], [`super::RunReply`].
    InvokePlan = 10,
    /// Streams the runs of a target as [`super::RunRecord`], or their actions as [`super::RunActionRecord`] events: [`GetRunsRequest`],
    /// [`super::RunsReply`].
    GetRuns = 11,
    /// Reads the target and plans how a run is taken back: [`NewUndoPlanRequest`], [`super::PlanReply`].
    NewUndoPlan = 12,
    /// Streams what changed between two snapshots as [`super::DifferenceRecord`] events: [`CompareSnapshotsRequest`], [`super::DelegationsReply`].
    CompareSnapshots = 13,
    /// Takes over from an earlier snapshot what a log names no change of: [`CarryOverRequest`], [`super::CarryOverReply`].
    CarryOver = 14,
    /// Takes over what a read that broke off left: [`SnapshotRequest`], [`super::ResumeReply`].
    ResumeSnapshot = 15,
    /// Writes a report of a run, a plan or a snapshot: [`ExportReportRequest`], [`super::ReportReply`].
    ExportReport = 18,
    /// Reads a configuration file: [`PathRequest`], [`super::ConfigurationReply`].
    ReadConfiguration = 16,
    /// Tells about a state file without a connection: [`StateFileRequest`], [`super::StateFileReply`].
    GetStateFile = 17,
    /// Reads a secret that the system protects for this account: [`PathRequest`], [`super::SecretReply`].
    ReadProtected = 20,
}

impl Method {
    /// All methods, for tables.
    pub const ALL: [Self; 19] = [
        Self::Connect,
        Self::Disconnect,
        Self::GetUsers,
        Self::GetSnapshot,
        Self::FinishSnapshot,
        Self::GetGroupsToRead,
        Self::GetDelegations,
        Self::NewPlan,
        Self::ReadPlan,
        Self::InvokePlan,
        Self::GetRuns,
        Self::NewUndoPlan,
        Self::CompareSnapshots,
        Self::CarryOver,
        Self::ResumeSnapshot,
        Self::ExportReport,
        Self::ReadConfiguration,
        Self::GetStateFile,
        Self::ReadProtected,
    ];

    /// The method of a number of the ABI.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|method| *method as u32 == number)
    }
}

/// How to reach an appliance and who to be there.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectRequest {
    /// Name of the target; names the state file too.
    pub name: String,
    /// `https://host[:port]`.
    pub uri: String,
    /// Account, with `password`.
    pub username: Option<String>,
    /// Password of the account.
    #[schemars(with = "Option<String>")]
    pub password: Option<SecretString>,
    /// Ready API token, instead of an account.
    #[schemars(with = "Option<String>")]
    pub token: Option<SecretString>,
    /// One-time password for the login.
    #[schemars(with = "Option<String>")]
    pub one_time_password: Option<SecretString>,
    /// ESG username that an API user acts as.
    pub switch_user: Option<String>,
    /// Plain http is meant.
    #[serde(default)]
    pub allow_http: bool,
    /// Proxy as the caller resolved it; absent: none.
    pub proxy: Option<ProxySettings>,
    /// PEM text of further authorities to trust.
    pub certificate_authority: Option<String>,
    /// Seconds for one call.
    pub timeout_seconds: Option<u32>,
    /// Calls at a time.
    pub concurrency: Option<u32>,
    /// Role id of functional users, where the appliance lists no roles.
    pub functional_role: Option<u64>,
    /// Folder of the state file, absolute.
    pub state_folder: String,
    /// The name stands for another host from now on.
    #[serde(default)]
    pub rebind: bool,
    /// Account that errors, the lock and runs name; absent: what the system tells.
    pub account: Option<String>,
    /// Machine that the lock and runs name; absent: what the system tells.
    pub machine: Option<String>,
    /// Days after which a run of this connection deletes the images of older runs; absent: never.
    pub run_retention_days: Option<u32>,
}

/// An explicit proxy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProxySettings {
    /// `http://host:port`.
    pub uri: String,
    /// Account at the proxy.
    pub username: Option<String>,
    /// Its password.
    #[schemars(with = "Option<String>")]
    pub password: Option<SecretString>,
}

/// See [`Method::Disconnect`].
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DisconnectRequest {
    /// Handle from [`super::ConnectReply`].
    pub connection: u64,
}

/// See [`Method::GetUsers`]. All conditions that are given must hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetUsersRequest {
    /// Handle of the connection.
    pub connection: u64,
    /// Only functional users, or only others.
    pub functional: Option<bool>,
    /// One of these addresses, case-blind; `*` matches any text.
    #[serde(default)]
    pub address: Vec<String>,
    /// One of these usernames, case-blind; `*` matches any text.
    #[serde(default)]
    pub username: Vec<String>,
}

/// Names a snapshot.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SnapshotRequest {
    /// Handle from `esgsync_snapshot_open`.
    pub snapshot: u64,
}

/// What `esgsync_snapshot_open` takes: files to read, or a header for rows that will be fed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenSnapshotRequest {
    /// Snapshot files that are read as one.
    #[serde(default)]
    pub read: Vec<String>,
    /// First line of a new snapshot; rows are fed afterwards.
    pub header: Option<Header>,
    /// File that a new snapshot is written to as rows arrive; until its end it has `.partial` behind its name.
    pub write: Option<String>,
    /// Continue the read that the `.partial` file holds, where there is one: after the mailboxes were fed, [`Method::ResumeSnapshot`].
    pub resume: Option<ResumeOptions>,
}

/// What is taken over from a read that broke off.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResumeOptions {
    /// Rows that were read longer ago, in seconds, are read again.
    pub max_age_seconds: f64,
}

/// A snapshot and how to resolve it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResolveRequest {
    /// Handle of the snapshot.
    pub snapshot: u64,
    /// How.
    #[serde(default)]
    pub options: ResolveOptions,
}

/// What [`Method::GetDelegations`] streams.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum DelegationView {
    /// [`super::DelegationRecord`]s.
    #[default]
    Delegation,
    /// [`super::MailboxStateRecord`]s of mailboxes that are unknown.
    Unknown,
    /// Findings.
    Finding,
}

/// See [`Method::GetDelegations`].
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetDelegationsRequest {
    /// Handle of the snapshot.
    pub snapshot: u64,
    /// How to resolve.
    #[serde(default)]
    pub options: ResolveOptions,
    /// Only these mailboxes: GUID, directory id, address, alias, name or display name; `*` matches any text. Empty: all.
    #[serde(default)]
    pub mailbox: Vec<String>,
    /// Only these delegates, named likewise.
    #[serde(default)]
    pub delegate: Vec<String>,
    /// What to stream.
    #[serde(default)]
    pub view: DelegationView,
}

/// See [`Method::CompareSnapshots`].
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CompareSnapshotsRequest {
    /// Handle of the older snapshot.
    pub reference: u64,
    /// Handle of the newer snapshot.
    pub difference: u64,
    /// How to resolve both. No rights: those that both snapshots have.
    #[serde(default)]
    pub options: ResolveOptions,
    /// Only these mailboxes, named as in [`GetDelegationsRequest`], by what either snapshot knows of them. Empty: all.
    #[serde(default)]
    pub mailbox: Vec<String>,
    /// Only these delegates, named likewise. What is unknown is about nobody in particular and is told all the same.
    #[serde(default)]
    pub delegate: Vec<String>,
}

/// See [`Method::CarryOver`].
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CarryOverRequest {
    /// Handle of the snapshot that is being fed; its mailboxes are fed already.
    pub snapshot: u64,
    /// Handle of the earlier snapshot.
    pub earlier: u64,
    /// What a log names as changed, as it stands there.
    #[serde(default)]
    pub changed: Vec<String>,
    /// What is to be read again whatever the log says.
    #[serde(default)]
    pub reread: Vec<String>,
    /// Everything is read again when the oldest rows are older than this; seconds.
    pub full_every_seconds: f64,
}

/// See [`Method::NewPlan`].
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewPlanRequest {
    /// Handle of the connection.
    pub connection: u64,
    /// Handle of the snapshot.
    pub snapshot: u64,
    /// Options.
    #[serde(default)]
    pub options: PlanOptions,
    /// File that the plan is written to.
    pub path: Option<String>,
}

/// See [`Method::ReadPlan`].
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReadPlanRequest {
    /// File of the plan.
    pub path: String,
}

/// A number that the caller expects and so permits, for one run (design 7).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Expectation {
    /// Kind of change.
    pub kind: ChangeKind,
    /// The number of the whole plan.
    pub count: u64,
}

/// See [`Method::InvokePlan`].
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InvokePlanRequest {
    /// Handle of the connection.
    pub connection: u64,
    /// The plan's original text.
    pub plan: String,
    /// Numbers expected.
    #[serde(default)]
    pub expect: Vec<Expectation>,
    /// Only the first so many open actions (rule 47).
    pub first: Option<u64>,
    /// Older plans are refused; seconds.
    pub max_age_seconds: Option<u64>,
}

/// See [`Method::GetRuns`]. Names a connection, or else a state file by folder and name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetRunsRequest {
    /// Handle of the connection.
    pub connection: Option<u64>,
    /// Folder of the state file, absolute; without a connection.
    pub state_folder: Option<String>,
    /// Name of the target; absent: the only one in the folder.
    pub name: Option<String>,
    /// Only these runs; empty: all.
    #[serde(default)]
    pub run: Vec<u64>,
    /// Only the newest so many.
    pub newest: Option<u64>,
    /// The actions of the runs in place of the runs.
    #[serde(default)]
    pub actions: bool,
}

/// See [`Method::NewUndoPlan`].
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewUndoPlanRequest {
    /// Handle of the connection.
    pub connection: u64,
    /// Number of the run.
    pub run: u64,
    /// File that the plan is written to.
    pub path: Option<String>,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum ReportFormat {
    /// One page that needs nothing else.
    Html,
    /// One table for a spreadsheet.
    Csv,
    /// For programs.
    Json,
}

/// See [`Method::ExportReport`]: of a run, or of a plan, or of a snapshot.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportReportRequest {
    /// The history that the run is in, with the number of that run alone.
    pub history: Option<GetRunsRequest>,
    /// Text of a plan; with `history` that of the plan which the run applied.
    pub plan: Option<String>,
    /// Handle of a snapshot.
    pub snapshot: Option<u64>,
    /// Format.
    pub format: ReportFormat,
    /// Between the cells of a line of [`ReportFormat::Csv`], one character; absent: a comma.
    pub separator: Option<String>,
    /// File to write; one that is there is replaced.
    pub path: String,
}

/// A file to read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PathRequest {
    /// The file, absolute.
    pub path: String,
}

/// See [`Method::GetStateFile`].
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StateFileRequest {
    /// Folder of the state file, absolute.
    pub state_folder: String,
    /// Name of the target.
    pub name: String,
}
