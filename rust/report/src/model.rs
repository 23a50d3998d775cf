//! What a report tells. A part that is absent is not known, which is another thing than empty.

use serde::Serialize;
use std::sync::Arc;

/// Version of the JSON format.
pub const REPORT_VERSION: u32 = 1;

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Subject {
    /// What was done.
    Run,
    /// What would be done.
    Plan,
    /// Who may open what.
    Snapshot,
}

/// How good something is. Never told by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Neither.
    Plain,
    /// Look at it.
    Caution,
    /// Something went wrong.
    Bad,
}

/// A report. Times are text as people read them: `2026-11-24 06:00:00 UTC`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// [`REPORT_VERSION`].
    pub version: u32,
    /// What it is about.
    pub subject: Subject,
    /// For example `Run 12 at corp`.
    pub title: String,
    /// One sentence for whoever reads nothing else.
    pub verdict: Verdict,
    /// When the report was made.
    pub created: String,
    /// Version of the product that made it.
    pub product: String,
    /// Where, when, by whom.
    pub facts: Vec<Fact>,
    /// The numbers that a person decides from.
    pub numbers: Vec<Number>,
    /// What the report cannot tell, and how it could.
    pub notes: Vec<String>,
    /// Of a run and a plan: what changed, or would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<Change>>,
    /// Of a snapshot: who may open what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegations: Option<Vec<Delegation>>,
    /// Of a snapshot: mailboxes of which not everything is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Vec<Unknown>>,
    /// What was looked at and not touched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_alone: Option<Vec<LeftAlone>>,
    /// What an administrator should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub findings: Option<Vec<Finding>>,
    /// Limits on kinds of change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guards: Option<Vec<Guard>>,
    /// Of a run: where its time went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timings: Option<Timings>,
}

impl Report {
    /// A report that tells nothing yet.
    pub fn new(subject: Subject, title: impl Into<String>, verdict: Verdict, created: impl Into<String>) -> Self {
        Self {
            version: REPORT_VERSION,
            subject,
            title: title.into(),
            verdict,
            created: created.into(),
            product: env!("CARGO_PKG_VERSION").into(),
            facts: Vec::new(),
            numbers: Vec::new(),
            notes: Vec::new(),
            changes: None,
            delegations: None,
            unknown: None,
            left_alone: None,
            findings: None,
            guards: None,
            timings: None,
        }
    }
}

/// The sentence on top.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// How good it is.
    pub tone: Tone,
    /// One word: `Finished`, `Blocked`, `In line`.
    pub word: String,
    /// One sentence.
    pub text: String,
}

/// A name and its value.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fact {
    /// For example `Appliance`.
    pub label: String,
    /// For example `esg.corp.example:443`.
    pub value: String,
}

/// A number with what it counts.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Number {
    /// For example `aliases added`.
    pub label: String,
    /// The number.
    pub value: u64,
    /// How good it is.
    pub tone: Tone,
}

/// One address, or functional user, that changed or would.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// `Planned`, or what became of it: `Applied`, `Unchanged`, `Adopted`, `Released`, `Conflict`, `Failed`, `Withheld`, `NotStarted`,
    /// `Unsettled`, `DoneBefore`.
    pub outcome: String,
    /// `AliasAdded`, `AliasRemoved`, `DuplicateCollapsed`, `FunctionalUserRemoved`, `AliasAdopted`, `AliasRestored`,
    /// `FunctionalUserRestored` or `AliasReleased`.
    pub kind: String,
    /// Username at the target.
    pub user: String,
    /// The address.
    pub address: Arc<str>,
    /// The mailbox it belongs to.
    pub mailbox: Mailbox,
    /// The right that justifies it, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right: Option<String>,
    /// Why.
    pub reason: String,
    /// Names from the grant to the person, the person last; empty where it is not known, or for what goes.
    pub trail: Arc<[String]>,
    /// Why it was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// When its outcome was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
}

/// A mailbox as people call it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mailbox {
    /// Display name, else address, else GUID; empty where nothing is known.
    pub name: String,
    /// Primary address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// A person who may open a mailbox.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Delegation {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// Display name of the person.
    pub delegate: String,
    /// Address of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegate_address: Option<String>,
    /// The right.
    pub right: String,
    /// Names of the groups between, outermost first, and of the person last.
    pub trail: Arc<[String]>,
    /// Everything about the mailbox is known.
    pub known: bool,
}

/// Why a mailbox is not known.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unknown {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// Stable name of the reason.
    pub code: String,
    /// The trustee, group or part it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// One sentence.
    pub text: String,
}

/// What was looked at and not touched.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeftAlone {
    /// Stable name of the reason.
    pub code: String,
    /// Username at the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The mailbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<Mailbox>,
    /// One sentence: why.
    pub reason: String,
}

/// What an administrator should know.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// `Warning` or `Information`.
    pub severity: String,
    /// Stable name.
    pub code: String,
    /// The mailbox it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
    /// The person, group or user it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What is so.
    pub text: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// A kind of change against its limit.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Guard {
    /// Kind of change.
    pub kind: String,
    /// `Within`, `Blocked`, or `Permitted`: over the limit, and let through by an expectation.
    pub state: String,
    /// Changes in the plan.
    pub count: u64,
    /// What exists at the target for that kind.
    pub existing: u64,
    /// More than this many block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// More than this percent of `existing` block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<u64>,
    /// The override, ready to paste.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
}

/// Where the time of a run went.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Timings {
    /// From begin to end, seconds; absent while it runs, or when it was killed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Writes that were sent, tries included.
    pub writes: u64,
    /// Actions that were sent more than once.
    pub repeated: u64,
    /// The median over the actions, seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median: Option<f64>,
    /// The slowest actions, the slowest first.
    pub slowest: Vec<Slow>,
}

/// A slow action.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Slow {
    /// Username at the target.
    pub user: String,
    /// What became of it.
    pub outcome: String,
    /// From its begin to its outcome, seconds.
    pub seconds: f64,
    /// Writes that were sent.
    pub writes: u64,
}
