//! What is so, told before there is any row.

use crate::kinds::Right;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Why a person has a right: the keys of the groups from the row to the person, outermost first, and whether the row is inherited.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Way {
    /// The row is inherited.
    pub inherited: bool,
    /// Keys of the groups; none for a direct grant.
    pub groups: Vec<String>,
}

/// Who has what: mailbox key, key of the person, right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Delegation {
    /// Key of the mailbox.
    pub mailbox: String,
    /// Key of the person.
    pub delegate: String,
    /// The right.
    pub right: Right,
}

/// Why a mailbox is unknown: code, and the trustee, group or part that it comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reason {
    /// The code.
    pub code: &'static str,
    /// What it comes from.
    pub subject: String,
}

/// What an administrator should be told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The code.
    pub code: &'static str,
    /// Primary address of the mailbox, else its key; none for what is noticed inside groups.
    pub mailbox: Option<String>,
    /// What it is about.
    pub subject: Option<String>,
}

/// What is known of a mailbox, over the wanted rights.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct State {
    /// Why it is unknown; empty: known.
    pub unknown: BTreeSet<Reason>,
    /// What is proved may be added.
    pub may_gain: bool,
    /// What is not justified may be removed.
    pub may_lose: bool,
}

/// Everything that must come out of the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Truth {
    /// Who has what, with every way that leads there.
    pub delegations: BTreeMap<Delegation, BTreeSet<Way>>,
    /// By key.
    pub mailboxes: BTreeMap<String, State>,
    /// Findings, each kind once for what it is about.
    pub findings: BTreeSet<Finding>,
    /// The snapshot has its end.
    pub complete: bool,
}

pub(crate) fn reason(code: &'static str, subject: &str) -> Reason {
    Reason { code, subject: subject.to_owned() }
}

pub(crate) fn finding(code: &'static str, mailbox: Option<&str>, subject: &str) -> Finding {
    Finding { code, mailbox: mailbox.map(str::to_owned), subject: Some(subject.to_owned()) }
}
