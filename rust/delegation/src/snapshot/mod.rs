//! The snapshot: every fact read from Exchange, with the read status of each part (design 4, rules 1 to 8).

mod count;
mod error;
mod kind;
mod line;
mod merge;
mod pool;
mod reader;
mod resume;
mod schema;

pub use count::LineCounter;
pub use error::SnapshotError;
pub use line::*;
pub use merge::merge;
pub use reader::Reader;
pub use resume::{Carried, Unfinished};
pub use schema::schema;

use std::collections::BTreeMap;

/// The facts of one or several snapshot files, as read.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// What was asked for.
    pub header: Header,
    /// Mailboxes, in the order of the file.
    pub mailboxes: Vec<Mailbox>,
    /// Mailboxes that are soft-deleted or inactive. Nobody can open them and others may have their addresses by now, so they are apart
    /// from the living ones: all that they prove is that their GUID is not gone yet (rule 23).
    pub soft_deleted: Vec<Mailbox>,
    /// Rows of Get-MailboxPermission.
    pub permissions: Vec<Permission>,
    /// Rows of Get-RecipientPermission.
    pub recipient_permissions: Vec<RecipientPermission>,
    /// Recipients.
    pub recipients: Vec<Recipient>,
    /// Membership edges.
    pub members: Vec<Member>,
    /// Read status by subject.
    pub reads: BTreeMap<String, Read>,
    /// The `end` line was there and its count was right.
    pub complete: bool,
}

impl Snapshot {
    /// A snapshot without facts, and without its `end` line.
    pub fn new(header: Header) -> Self {
        Self {
            header,
            mailboxes: Vec::new(),
            soft_deleted: Vec::new(),
            permissions: Vec::new(),
            recipient_permissions: Vec::new(),
            recipients: Vec::new(),
            members: Vec::new(),
            reads: BTreeMap::new(),
            complete: false,
        }
    }
}
