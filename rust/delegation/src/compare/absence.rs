//! Whether a snapshot proves that a mailbox does not exist (rule 23).

use super::cause::Cause;
use super::pairs::{Finder, Side};
use crate::snapshot::{Mailbox, ReadStatus, Snapshot};
use std::cell::OnceCell;

/// What a snapshot says about mailboxes that it does not hold.
pub(super) struct Absence<'a> {
    side: Side,
    snapshot: &'a Snapshot,
    recipients: OnceCell<Finder>,
    soft_deleted: OnceCell<Finder>,
}

impl<'a> Absence<'a> {
    pub(super) fn new(side: Side, snapshot: &'a Snapshot) -> Self {
        Self { side, snapshot, recipients: OnceCell::new(), soft_deleted: OnceCell::new() }
    }

    /// Why it is not proved that the mailbox does not exist; `None` when it is.
    pub(super) fn doubt(&self, mailbox: &Mailbox) -> Option<Cause> {
        let soft_deleted = self.soft_deleted.get_or_init(|| Finder::soft_deleted(self.snapshot));
        if soft_deleted.find_mailbox(mailbox).is_some() {
            return Some(Cause::soft_deleted(self.side));
        }
        let text = |what: String| Some(Cause::unknown(self.side, "NotInSnapshot", None, &what));
        let recipients = self.recipients.get_or_init(|| Finder::recipients(self.snapshot));
        if let Some(index) = recipients.find_mailbox(mailbox) {
            let kind = self.snapshot.recipients[index as usize].recipient_type.as_deref().unwrap_or("of another type");
            return text(format!("its permissions were not read: it is a recipient of type {kind}"));
        }
        if !self.snapshot.header.whole {
            return text("it was not among the mailboxes that were asked for".to_owned());
        }
        let unread = ["mailboxes", "recipients", "softDeleted"].into_iter().find(|subject| !self.is_complete(subject));
        unread.and_then(|subject| text(format!("it is not there, but {subject} were not read completely")))
    }

    /// Somebody who is on no `recipient` line does not exist.
    pub(super) fn lists_all_recipients(&self) -> bool {
        self.is_complete("recipients")
    }

    fn is_complete(&self, subject: &str) -> bool {
        self.snapshot.reads.get(subject).is_some_and(|read| read.status == ReadStatus::Complete)
    }
}
