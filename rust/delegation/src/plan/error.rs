//! Why there is no plan, or why a plan file is refused.

use jiff::Timestamp;

/// Why no plan could be made or read. Each text says what to do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Zero mailboxes is an error, never an empty world (design 4).
    #[error(
        "the snapshot of {created} holds no mailbox: nothing can be concluded from that. Check the filter, the recipient types and the roles of the account that read it, then read again"
    )]
    NoMailboxes {
        /// When the snapshot was read.
        created: Timestamp,
    },
    /// An appliance always has at least the user who asks.
    #[error(
        "the target returned no user: nothing can be concluded from that. Check that the account may list users (administrator role, switch user), then plan again"
    )]
    NoUsers,
    /// Ids are positive and distinct, or the list was not read completely (design 6).
    #[error("the user list of the target is not complete: {problem}. Plan again when nobody imports users")]
    UserList {
        /// What is wrong with it.
        problem: String,
    },
    /// Snapshot and resolution do not belong together: an error of the caller.
    #[error("the resolution does not belong to this snapshot ({problem}). Resolve this snapshot again")]
    Resolution {
        /// What does not fit.
        problem: String,
    },
    /// Not JSON, or JSON that is no plan.
    #[error("this is no plan: {problem}. Give the file that New-EsgPlan wrote")]
    NotAPlan {
        /// What the parser says, with line and column.
        problem: String,
    },
    /// A format of a later product.
    #[error(
        "the plan has format version {found}, this product reads version {supported}. Make the plan again with this product"
    )]
    Version {
        /// What the file says.
        found: u64,
        /// What this crate reads.
        supported: u32,
    },
    /// The content is not what was sealed.
    #[error(
        "the plan was changed after it was made: its digest says {sealed}, its content gives {found}. Make the plan again"
    )]
    Digest {
        /// The digest in the file.
        sealed: String,
        /// The digest of its content.
        found: String,
    },
    /// The digest fits and the content does not: made by something else.
    #[error("the plan contradicts itself: {problem}. Make the plan again")]
    Inconsistent {
        /// What contradicts what.
        problem: String,
    },
}
