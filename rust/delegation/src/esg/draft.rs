//! What the steps of planning put together, before it becomes a plan.

use super::grants::{Grants, Pair};
use super::index::{AddressId, Index, Mailbox, User};
use super::lists::Lists;
use super::managed::Managed;
use super::matching::{self, Matching, Person};
use crate::finding::{Finding, Severity};
use crate::plan::{Change, LeftAlone};
use crate::resolve;
use crate::snapshot::{Read, ReadStatus};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// What every step reads.
pub(super) struct World<'a> {
    pub index: Index<'a>,
    pub matching: Matching,
    pub grants: Grants<'a>,
    pub managed: Managed<'a>,
    /// By mailbox: how often an import brought its functional user back (rule 38).
    pub returned: BTreeMap<usize, u32>,
}

/// An alias that a user lacks, and the pair of [`Grants::pairs`] that wants it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Addition {
    pub address: AddressId,
    pub pair: u32,
}

/// What every step writes to.
#[derive(Default)]
pub(super) struct Draft {
    /// By index of the users: aliases to add, sorted by address. Numbers as long as it can be: there may be a million.
    pub added: Lists<Addition>,
    /// By index of the users: the other changes of one PATCH.
    pub writes: Vec<Vec<Change>>,
    /// By index of the users: aliases that become ours.
    pub adoptions: Vec<Vec<Change>>,
    pub removed: HashSet<(usize, AddressId)>,
    pub in_place: u64,
    pub adoptable: u64,
    pub left_alone: Vec<LeftAlone>,
    /// By code: removals that something about the whole snapshot may hold back.
    pub held_back: BTreeMap<&'static str, HeldBack>,
    pub findings: Vec<Finding>,
}

/// Removals that are held back for one reason.
pub(super) struct HeldBack {
    pub count: u64,
    /// The first of them.
    pub example: String,
}

impl Draft {
    /// Notes that the removal of `what` is held back.
    pub fn hold_back(&mut self, hold: &Hold, what: impl FnOnce() -> String) {
        let first = || HeldBack { count: 0, example: format!("{}: {}", what(), hold.reason) };
        self.held_back.entry(hold.code).or_insert_with(first).count += 1;
    }
}

/// Why something is left alone: a stable code and one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hold {
    pub code: &'static str,
    pub reason: String,
}

impl Hold {
    pub fn new(code: &'static str, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }

    /// Nothing about a mailbox may be removed that is not known, or was not read for this snapshot.
    pub fn doubt(index: &Index<'_>, mailbox: &Mailbox<'_>) -> Self {
        let read = index.input.snapshot.reads.get(&format!("mailbox:{}", mailbox.facts.key));
        match read.filter(|read| read.status == ReadStatus::Carried && mailbox.state.is_known()) {
            Some(Read { since, .. }) => {
                let since = since.map_or_else(String::new, |since| format!(" of {since}"));
                let reason = format!(
                    "the permissions of mailbox {} were carried over from an earlier snapshot{since}: read it again with \
                     Export-MailboxDelegation -Since and -Reread {}, and plan from that",
                    mailbox.label(),
                    mailbox.guid()
                );
                Self::new("MailboxCarried", reason)
            }
            None => Self::new("MailboxUnknown", mailbox.doubt()),
        }
    }

    /// About an alias, or a functional user without an address.
    pub fn about(self, user: Option<&User<'_>>, address: Option<&str>, mailbox: Option<&Mailbox<'_>>) -> LeftAlone {
        LeftAlone {
            code: self.code.to_owned(),
            user: user.map(User::reference),
            address: address.map(str::to_owned),
            mailbox: mailbox.map(Mailbox::reference),
            reason: self.reason,
            trail: Arc::default(),
        }
    }
}

impl<'a> World<'a> {
    /// The ESG user of a pair's delegate.
    pub fn person(&self, pair: &Pair<'_>) -> &Person {
        &self.matching.recipients[pair.delegate()]
    }

    /// How texts name the delegate of a pair.
    pub fn delegate_label(&self, pair: &Pair<'_>) -> &'a str {
        matching::label(&self.index.input.snapshot.recipients[pair.delegate()])
    }

    /// `a (id 1), b (id 2)`.
    pub fn user_labels(&self, users: &[usize]) -> String {
        let labels: Vec<String> = users.iter().map(|&user| self.index.users[user].label()).collect();
        labels.join(", ")
    }

    /// Names from the outermost group to the person.
    pub fn trail(&self, pair: &Pair<'_>) -> Arc<[String]> {
        resolve::trail_text(self.index.input.snapshot, pair.delegation).into()
    }
}

impl Draft {
    /// The user gets the address by this plan.
    pub fn adds(&self, user: usize, address: AddressId) -> bool {
        self.added.of(user).binary_search_by_key(&address, |addition| addition.address).is_ok()
    }
}

/// A finding of planning; `mailbox` and `subject` as in [`Finding`].
pub(super) fn warning(code: &str, mailbox: Option<&str>, subject: Option<&str>, text: String, advice: &str) -> Finding {
    Finding {
        code: code.to_owned(),
        severity: Severity::Warning,
        mailbox: mailbox.map(str::to_owned),
        subject: subject.map(str::to_owned),
        text,
        advice: Some(advice.to_owned()),
    }
}
