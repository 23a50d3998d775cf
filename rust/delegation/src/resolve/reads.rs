//! How far the parts of a snapshot were read (rules 6, 16, 20).

use crate::snapshot::{Read, ReadStatus, Snapshot};
use std::collections::HashMap;

/// The read status of every part, by what it is about.
pub(super) struct Reads<'a> {
    snapshot: &'a Snapshot,
    groups: HashMap<&'a str, &'a Read>,
    mailboxes: HashMap<&'a str, &'a Read>,
    send_as: HashMap<&'a str, &'a Read>,
}

impl<'a> Reads<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        let of = |prefix: &str| {
            snapshot.reads.iter().filter_map(|(subject, read)| Some((subject.strip_prefix(prefix)?, read))).collect()
        };
        Self { snapshot, groups: of("group:"), mailboxes: of("mailbox:"), send_as: of("sendAs:") }
    }

    pub(super) fn group(&self, key: &str) -> Option<&'a Read> {
        self.groups.get(key).copied()
    }

    pub(super) fn mailbox(&self, key: &str) -> Option<&'a Read> {
        self.mailboxes.get(key).copied()
    }

    /// SendAs of one mailbox where each was asked for by itself (on-premises), else that of the whole tenant.
    pub(super) fn send_as(&self, key: &str) -> Option<&'a Read> {
        self.send_as.get(key).copied().or_else(|| self.tenant("sendAs"))
    }

    /// A part of the tenant: `mailboxes`, `sendAs`, `recipients`.
    pub(super) fn tenant(&self, subject: &str) -> Option<&'a Read> {
        self.snapshot.reads.get(subject)
    }
}

/// Good enough to add by: complete, given by a script, or carried over (rule 16). A missing line is not (rule 6).
pub(super) fn is_usable(read: Option<&Read>) -> bool {
    read.is_some_and(|read| matches!(read.status, ReadStatus::Complete | ReadStatus::Given | ReadStatus::Carried))
}

/// Good enough to remove by: really read, to its end, for this snapshot (design 4).
pub(super) fn is_complete(read: Option<&Read>) -> bool {
    read.is_some_and(|read| read.status == ReadStatus::Complete)
}

/// Usable, but not for removal.
pub(super) fn is_second_hand(read: Option<&Read>) -> bool {
    is_usable(read) && !is_complete(read)
}

/// The status in words, for the text of a reason.
pub(super) fn describe(read: Option<&Read>) -> String {
    let Some(read) = read else { return "it was not read".to_owned() };
    let status = match read.status {
        ReadStatus::Complete => "it was read completely",
        ReadStatus::Given => "its rows were handed over by a script",
        ReadStatus::Carried => "its rows were carried over from an earlier snapshot",
        ReadStatus::Truncated => "the answer was cut by a limit",
        ReadStatus::Failed => "reading failed",
        ReadStatus::Unsupported => "Exchange cannot list it",
        ReadStatus::Denied => "the account lacks the role to read it",
        ReadStatus::Other => "its read status is of a later version",
    };
    // The caller's sentence goes on or ends by itself, so Exchange's full stop is one too many.
    match read.reason.as_deref().map(|reason| reason.trim().trim_end_matches('.')).filter(|reason| !reason.is_empty()) {
        Some(reason) => format!("{status}: {reason}"),
        None => status.to_owned(),
    }
}
