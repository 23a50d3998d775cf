//! What the engine asks of its driver, and what the driver tells it.

use esgsync_delegation::plan::Action;
use jiff::Timestamp;
use std::fmt;
use std::time::Duration;

/// Names a step in flight. Unique within a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(pub u64);

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Why an item is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A write got lost: did it happen?
    Settle,
    /// An update follows.
    Update,
    /// It may prove that addresses are held.
    Holder,
    /// It may be removed.
    Removal,
}

/// The next thing to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Step<B> {
    /// Read the item of that id, not from a list.
    Read {
        /// Names this step.
        step: StepId,
        /// Id at the target.
        user_id: u64,
        /// Why.
        purpose: Purpose,
    },
    /// Send the body to the item, once. It is journalled already; it was computed from a read of just now, so send it now.
    Update {
        /// Names this step.
        step: StepId,
        /// Id at the target.
        user_id: u64,
        /// What to send.
        body: B,
    },
    /// Delete the item, once. It is journalled already.
    Remove {
        /// Names this step.
        step: StepId,
        /// Id at the target.
        user_id: u64,
    },
    /// Find every item of that name, whatever its id.
    Find {
        /// Names this step.
        step: StepId,
        /// Name at the target.
        username: String,
    },
    /// Create the item that the action holds, once. It is journalled already.
    Create {
        /// Names this step.
        step: StepId,
        /// An action of kind `CreateUser`.
        action: Box<Action>,
    },
    /// Nothing to hand out until then; absent: until a step in flight is complete.
    Wait {
        /// When to ask again.
        until: Option<Timestamp>,
    },
    /// The run is over: call `finish`.
    Done,
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome<I> {
    /// The item as read, or as the reply of an update or creation shows it.
    Item(I),
    /// Every item of that name.
    Found(Vec<I>),
    /// There is no item of that id (404).
    Missing,
    /// The delete was confirmed.
    Removed,
    /// The target understood the write and did not do it.
    Refused {
        /// HTTP status.
        status: u16,
        /// What it said.
        text: String,
    },
    /// Not now (429, 503).
    Later {
        /// How long to wait, where the target said so.
        after: Option<Duration>,
        /// What it said.
        text: String,
    },
    /// The write may or may not have happened (rule 44).
    Unsettled {
        /// What was seen.
        text: String,
    },
    /// The call never left.
    NotSent {
        /// Why.
        text: String,
    },
    /// No permission (401 after a new login, 403).
    Denied {
        /// What the target said.
        text: String,
    },
    /// A read failed, after the driver's own retries.
    ReadFailed {
        /// Why.
        text: String,
    },
}
