//! What a recipient is to a permission: a person, a group, or something else (design 5.4, 5.6, rules 8, 18, 19, 22).

use super::ExpandGroup;
use super::ResolveOptions;
use crate::snapshot::{Recipient, Right};

/// The kinds of group that are told apart (rules 18, 19).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GroupKind {
    /// A security principal: carries permissions.
    Security,
    /// A distribution list; counts for SendOnBehalf.
    Distribution,
    /// A dynamic distribution list or a Microsoft 365 group.
    Other,
}

/// What a recipient is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// A person who can hold a right.
    Person,
    /// A person whose account is disabled (rule 22).
    Disabled,
    /// Certainly nobody: room, equipment, contact, shared or system mailbox.
    NotAPerson,
    /// A group.
    Group(GroupKind),
    /// A type that is not in rule 19.
    Unknown,
}

/// Classifies by RecipientTypeDetails.
pub(super) fn classify(recipient: &Recipient, options: &ResolveOptions) -> Class {
    let kind = recipient.recipient_type.as_deref().unwrap_or_default();
    let class = class_of_type(kind);
    match class {
        // Only a known `false` excludes (rule 8).
        Class::Person if recipient.enabled == Some(false) => Class::Disabled,
        // Asked for by type; the account of a shared mailbox is disabled as a rule, so that says nothing here.
        Class::NotAPerson | Class::Unknown if options.include_delegate_type.iter().any(|asked| asked == kind) => {
            Class::Person
        }
        _ => class,
    }
}

fn class_of_type(kind: &str) -> Class {
    match kind {
        "UserMailbox" | "LinkedMailbox" | "RemoteUserMailbox" | "MailUser" | "GuestMailUser" | "User" => Class::Person,
        "DisabledUser" => Class::Disabled,
        "MailUniversalSecurityGroup"
        | "UniversalSecurityGroup"
        | "MailNonUniversalGroup"
        | "ExchangeSecurityGroup"
        | "RoleGroup" => Class::Group(GroupKind::Security),
        // A room list is a distribution list of rooms.
        "MailUniversalDistributionGroup" | "RoomList" => Class::Group(GroupKind::Distribution),
        "DynamicDistributionGroup" | "GroupMailbox" => Class::Group(GroupKind::Other),
        "RoomMailbox" | "RemoteRoomMailbox" | "LinkedRoomMailbox" | "EquipmentMailbox" | "RemoteEquipmentMailbox" => {
            Class::NotAPerson
        }
        "SharedMailbox" | "RemoteSharedMailbox" | "TeamMailbox" | "RemoteTeamMailbox" => Class::NotAPerson,
        "MailContact" | "MailForestContact" | "Contact" => Class::NotAPerson,
        "SchedulingMailbox"
        | "DiscoveryMailbox"
        | "PublicFolder"
        | "PublicFolderMailbox"
        | "SystemMailbox"
        | "SystemAttendantMailbox"
        | "ArbitrationMailbox"
        | "MonitoringMailbox"
        | "AuditLogMailbox"
        | "AuxAuditLogMailbox"
        | "SupervisoryReviewPolicyMailbox" => Class::NotAPerson,
        _ => Class::Unknown,
    }
}

/// Which kinds of group are mapped to their people for a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Scope {
    /// Those that carry permissions.
    Security,
    /// Also distribution lists: SendOnBehalf is a list of recipients, not of security principals (rule 18).
    Distribution,
    /// All (`-ExpandGroup All`).
    All,
}

impl Scope {
    pub(super) fn of(right: Right, options: &ResolveOptions) -> Self {
        match (options.expand_group, right) {
            (ExpandGroup::All, _) => Self::All,
            (ExpandGroup::Security, Right::SendOnBehalf) => Self::Distribution,
            (ExpandGroup::Security, _) => Self::Security,
        }
    }

    pub(super) fn expands(self, kind: GroupKind) -> bool {
        match kind {
            GroupKind::Security => true,
            GroupKind::Distribution => self != Self::Security,
            GroupKind::Other => self == Self::All,
        }
    }
}
