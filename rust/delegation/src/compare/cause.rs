//! The texts of a comparison, in one place. Codes are stable, texts are not.

use super::pairs::Side;
use crate::resolve::UnknownReason;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What caused a difference, or why a mailbox is unknown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// Stable PascalCase name. Of a change: `PermissionAdded`, `PermissionRemoved`, `DenyAdded`, `DenyRemoved`, `MemberAdded`,
    /// `MemberRemoved`, `MailboxAdded`, `MailboxRemoved`, `DelegateAdded`, `DelegateRemoved`, `AccountEnabled`, `AccountDisabled`, `GroupAdded`,
    /// `GroupRemoved`, `TypeChanged`, `RowsChanged`. Of the unknown: `NotInSnapshot`, `SoftDeleted`, `SecondHand`, or the code of an [`UnknownReason`].
    pub code: String,
    /// The trustee, group or account it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// One sentence.
    pub text: String,
}

/// A difference between the two sides, seen from the side that holds the right.
pub(super) enum Missing<'a> {
    /// The mailbox.
    Mailbox,
    /// The delegate.
    Delegate(&'a str),
    /// An enabled account.
    Enabled(&'a str),
    /// The type by which a recipient counts: its name, and the type on the side that lacks the right.
    Type(&'a str, &'a str),
    /// A permission row of this trustee.
    Row(&'a str),
    /// A group.
    Group(&'a str),
    /// A membership: group and member.
    Member(&'a str, &'a str),
    /// The side that lacks the right has a deny; its trail.
    Deny(Vec<String>),
    /// Something in the rows that none of these names.
    Other,
}

impl Cause {
    /// `holder`: the side that has what is missing on the other.
    pub(super) fn of(holder: Side, missing: &Missing<'_>) -> Self {
        let lost = holder == Side::Reference;
        let pick = |when_lost: &'static str, when_gained: &'static str| if lost { when_lost } else { when_gained };
        let (code, subject, text) = match missing {
            Missing::Mailbox => (
                pick("MailboxRemoved", "MailboxAdded"),
                None,
                pick("The mailbox does not exist any more.", "The mailbox is new.").to_owned(),
            ),
            Missing::Delegate(name) => (
                pick("DelegateRemoved", "DelegateAdded"),
                Some(*name),
                format!("{name} {}.", pick("does not exist any more", "is new, or was made anew")),
            ),
            Missing::Enabled(name) => (
                pick("AccountDisabled", "AccountEnabled"),
                Some(*name),
                format!("The account of {name} {}.", pick("was disabled", "was enabled")),
            ),
            Missing::Type(name, kind) => (
                "TypeChanged",
                Some(*name),
                format!("{name} {} of type {kind}, which holds or passes on no such right.", pick("is now", "was")),
            ),
            Missing::Row(name) => (
                pick("PermissionRemoved", "PermissionAdded"),
                Some(*name),
                format!("The permission of {name} was {}.", pick("removed", "added")),
            ),
            Missing::Group(name) => (
                pick("GroupRemoved", "GroupAdded"),
                Some(*name),
                format!("The group {name} {}.", pick("does not exist any more", "is new")),
            ),
            Missing::Member(group, member) => (
                pick("MemberRemoved", "MemberAdded"),
                Some(*group),
                format!("{member} {} of {group}.", pick("is no longer a member", "became a member")),
            ),
            Missing::Deny(trail) => (
                pick("DenyAdded", "DenyRemoved"),
                trail.first().map(String::as_str),
                format!(
                    "A deny {}: {}.",
                    pick("reaches the delegate", "reaches the delegate no more"),
                    trail.join(" > ")
                ),
            ),
            Missing::Other => {
                ("RowsChanged", None, "The rows that decide changed in another way; look at both snapshots.".to_owned())
            }
        };
        Self { code: code.to_owned(), subject: subject.map(str::to_owned), text }
    }

    /// Why nothing can be said about a mailbox, on account of one side. `what` goes on after the name of that side.
    pub(super) fn unknown(side: Side, code: &str, subject: Option<String>, what: &str) -> Self {
        Self {
            code: code.to_owned(),
            subject,
            text: format!("In the {} snapshot: {}.", side.name(), what.trim_end_matches('.')),
        }
    }

    pub(super) fn of_reason(side: Side, reason: &UnknownReason) -> Self {
        Self::unknown(side, &reason.code, reason.subject.clone(), &reason.text)
    }

    pub(super) fn soft_deleted(side: Side) -> Self {
        Self::unknown(side, "SoftDeleted", None, "the mailbox is soft-deleted: nobody opens it, but it can be restored")
    }

    pub(super) fn second_hand(side: Side) -> Self {
        let what = "some delegates are not shown, but not everything that decides about them was read for that snapshot itself; \
            read the mailbox again with Export-MailboxDelegation -Identity";
        Self::unknown(side, "SecondHand", None, what)
    }
}
