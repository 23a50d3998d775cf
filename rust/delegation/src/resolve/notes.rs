//! The texts of resolution: findings and reasons, in one place. Codes are stable, texts are not.

use super::class::GroupKind;
use super::rows::Missing;
use super::{UnknownReason, names};
use crate::finding::{Finding, Severity};
use crate::snapshot::{Recipient, Right};

// ---- Reasons why a mailbox is unknown -------------------------------------------------------------------------------

fn reason(code: &str, subject: &str, text: String) -> UnknownReason {
    UnknownReason { code: code.to_owned(), subject: Some(subject.to_owned()), text }
}

pub(super) fn read_incomplete(right: Right, subject: &str, status: &str) -> UnknownReason {
    reason("ReadIncomplete", subject, format!("Who has {right:?} is not known completely: {status}."))
}

pub(super) fn row_unclear(trustee: &str, missing: Missing) -> UnknownReason {
    let (code, what) = match missing {
        Missing::Rights => ("RightsMissing", "which rights it is about"),
        Missing::Deny => ("DenyMissing", "whether it allows or denies"),
    };
    reason(code, trustee, format!("The row of {trustee} does not tell {what}."))
}

pub(super) fn ambiguous(trustee: &str, candidates: &[&Recipient]) -> UnknownReason {
    let listed: Vec<String> = candidates.iter().map(|one| format!("{} ({})", names::person(one), one.key)).collect();
    reason("AmbiguousTrustee", trustee, format!("{trustee} may be any of: {}.", listed.join(", ")))
}

pub(super) fn unresolved(trustee: &str) -> UnknownReason {
    reason(
        "UnresolvedTrustee",
        trustee,
        format!("Nobody that was read is called {trustee}, and nothing proves that the account is gone."),
    )
}

pub(super) fn deny_not_expanded(trustee: &str) -> UnknownReason {
    reason("DenyNotExpanded", trustee, format!("{trustee} is denied, and who that is cannot be told completely."))
}

pub(super) fn broad_grant_reason(principal: &str) -> UnknownReason {
    reason("BroadGrant", principal, format!("{principal} has the right, so anybody may be a delegate."))
}

pub(super) fn group_not_expanded(group: &str, status: &str) -> UnknownReason {
    reason("GroupNotExpanded", group, format!("Not all members of {group} are known: {status}."))
}

pub(super) fn unresolved_member(group: &str, key: &str) -> UnknownReason {
    reason(
        "UnresolvedMember",
        group,
        format!("The member {key} of {group} is unknown, and the recipients were not read completely."),
    )
}

pub(super) fn unknown_type_reason(recipient: &Recipient, group: Option<&str>) -> UnknownReason {
    reason(
        "UnknownTrusteeType",
        names::person(recipient),
        format!("{}; that may be one person or many.", of_type(recipient, group)),
    )
}

// ---- Findings -------------------------------------------------------------------------------------------------------

fn warning(code: &str, mailbox: Option<&str>, subject: &str, text: String, advice: &str) -> Finding {
    Finding {
        code: code.to_owned(),
        severity: Severity::Warning,
        mailbox: mailbox.map(str::to_owned),
        subject: Some(subject.to_owned()),
        text,
        advice: Some(advice.to_owned()),
    }
}

fn information(code: &str, mailbox: Option<&str>, subject: &str, text: String, advice: &str) -> Finding {
    Finding { severity: Severity::Information, ..warning(code, mailbox, subject, text, advice) }
}

pub(super) fn orphan(mailbox: &str, right: Right, sid: &str, made_anew: Option<&Recipient>) -> Finding {
    let who = match made_anew {
        None => format!("{sid} has {right:?}, but no such account exists any more"),
        Some(recipient) => format!(
            "{} had {right:?} as {sid}; the account of that name today is another one and has nothing",
            names::person(recipient)
        ),
    };
    warning(
        "OrphanedTrustee",
        Some(mailbox),
        made_anew.map_or(sid, names::person),
        format!("{who}."),
        "Remove the permission in Exchange, or grant it again to the account of today.",
    )
}

pub(super) fn text_differs(mailbox: &str, holder: &Recipient, named: &Recipient) -> Finding {
    warning(
        "TrusteeTextDiffers",
        Some(mailbox),
        names::person(holder),
        format!(
            "A row names {}, but its SID is that of {}; the SID decides.",
            names::person(named),
            names::person(holder)
        ),
        "Check in Exchange who is meant, and grant the permission anew if it is the other one.",
    )
}

pub(super) fn broad_grant(mailbox: &str, right: Right, principal: &str) -> Finding {
    warning(
        "BroadGrant",
        Some(mailbox),
        principal,
        format!("{principal} has {right:?}: everybody may use this mailbox."),
        "Replace the permission by one of a person or a security group.",
    )
}

pub(super) fn group_without_rights(
    mailbox: Option<&str>,
    group: &Recipient,
    kind: GroupKind,
    parent: Option<&str>,
) -> Finding {
    let name = names::group(group);
    let what = match kind {
        GroupKind::Security => "a security group",
        GroupKind::Distribution => "a distribution list",
        GroupKind::Other => "a dynamic or Microsoft 365 group",
    };
    let place = place(parent);
    warning(
        "GroupWithoutRights",
        mailbox,
        name,
        format!("{name} is {what}{place}: it carries no permission to its members."),
        "Use a mail-enabled security group, or ask for ExpandGroup All to map its members all the same.",
    )
}

pub(super) fn disabled(mailbox: Option<&str>, person: &Recipient, group: Option<&str>) -> Finding {
    let name = names::person(person);
    information(
        "DisabledDelegate",
        mailbox,
        name,
        format!("{name}{} is disabled and does not count as a delegate.", place(group)),
        "Remove the permission or membership if the person has left.",
    )
}

pub(super) fn not_a_person(mailbox: Option<&str>, recipient: &Recipient, group: Option<&str>) -> Finding {
    information(
        "DelegateNotPerson",
        mailbox,
        names::person(recipient),
        format!("{} and not a person; it does not count as a delegate.", of_type(recipient, group)),
        "Name the type in IncludeDelegateType if it should count.",
    )
}

pub(super) fn unknown_type(mailbox: Option<&str>, recipient: &Recipient, group: Option<&str>) -> Finding {
    warning(
        "UnknownTrusteeType",
        mailbox,
        names::person(recipient),
        format!("{}, a type that this product does not know.", of_type(recipient, group)),
        "Name the type in IncludeDelegateType if it is a person, or remove the permission.",
    )
}

pub(super) fn orphaned_member(group: &str, key: &str) -> Finding {
    warning(
        "OrphanedMember",
        None,
        key,
        format!("{group} has the member {key}, which no list of recipients holds."),
        "Remove the member from the group if it is gone.",
    )
}

pub(super) fn may_change_permissions(mailbox: &str, trustee: &str, rights: &str) -> Finding {
    warning(
        "MayChangePermissions",
        Some(mailbox),
        trustee,
        format!("{trustee} has {rights}: enough to give anybody every right on this mailbox."),
        "Remove the right in Exchange if it is not meant; opening a mailbox does not need it.",
    )
}

pub(super) fn other_right(mailbox: &str, trustee: &str, rights: &str) -> Finding {
    information(
        "OtherRight",
        Some(mailbox),
        trustee,
        format!(
            "{trustee} has {rights} in a row without FullAccess; that does not open the mailbox and is no delegation."
        ),
        "Grant FullAccess if the mailbox should be opened, or remove the permission.",
    )
}

pub(super) fn root_only(mailbox: &str, right: Right, trustee: &str) -> Finding {
    information(
        "InheritanceNone",
        Some(mailbox),
        trustee,
        format!("The {right:?} row of {trustee} covers the mailbox but no folder in it; it counts."),
        "Grant the permission anew to cover the folders, or remove it.",
    )
}

pub(super) fn not_the_mailbox(mailbox: &str, right: Right, trustee: &str, inheritance: &str) -> Finding {
    warning(
        "InheritanceIgnored",
        Some(mailbox),
        trustee,
        format!(
            "The {right:?} row of {trustee} (inheritance {inheritance}) does not cover the mailbox itself; it does not count."
        ),
        "Grant the permission anew if it is meant for the mailbox.",
    )
}

pub(super) fn inherited_left_out(count: usize) -> Finding {
    Finding {
        code: "InheritedLeftOut".to_owned(),
        severity: Severity::Information,
        mailbox: None,
        subject: None,
        text: format!("{count} inherited permissions were left out."),
        advice: Some("Ask for IncludeInherited to map them too.".to_owned()),
    }
}

pub(super) fn stray(key: &str) -> Finding {
    warning(
        "PermissionWithoutMailbox",
        None,
        key,
        format!("There are permission rows for the mailbox {key}, but no mailbox line; they were left out."),
        "Export the mailbox again.",
    )
}

fn of_type(recipient: &Recipient, group: Option<&str>) -> String {
    let kind = recipient.recipient_type.as_deref().unwrap_or("no type");
    format!("{}{} is of type {kind}", names::person(recipient), place(group))
}

fn place(group: Option<&str>) -> String {
    group.map_or_else(String::new, |group| format!(" in {group}"))
}
