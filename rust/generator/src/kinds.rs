//! The words of Exchange that the tenants are made of: rights, types of recipients (rule 19), and how far a part was read.

use serde::Serialize;

/// A right on a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Right {
    /// Row of Get-MailboxPermission.
    FullAccess,
    /// Row of Get-RecipientPermission.
    SendAs,
    /// Text in GrantSendOnBehalfTo.
    SendOnBehalf,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::FullAccess, Self::SendAs, Self::SendOnBehalf];

    /// As Exchange and snapshots write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FullAccess => "FullAccess",
            Self::SendAs => "SendAs",
            Self::SendOnBehalf => "SendOnBehalf",
        }
    }
}

/// How far a part was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    Complete,
    Given,
    Carried,
    Truncated,
    Failed,
    Unsupported,
    Denied,
    /// A status of a later version.
    Later,
    /// There is no line about it.
    Missing,
}

impl Read {
    /// Ways in which a part is not read to its end.
    pub(crate) const BROKEN: [Self; 6] =
        [Self::Truncated, Self::Failed, Self::Unsupported, Self::Denied, Self::Later, Self::Missing];

    /// Read, given or carried: good enough to add by (rule 16).
    pub(crate) fn adds(self) -> bool {
        matches!(self, Self::Complete | Self::Given | Self::Carried)
    }

    /// The word of the snapshot; none for a line that is not there.
    pub(crate) fn word(self) -> Option<&'static str> {
        match self {
            Self::Complete => Some("complete"),
            Self::Given => Some("given"),
            Self::Carried => Some("carried"),
            Self::Truncated => Some("truncated"),
            Self::Failed => Some("failed"),
            Self::Unsupported => Some("unsupported"),
            Self::Denied => Some("denied"),
            Self::Later => Some("postponed"),
            Self::Missing => None,
        }
    }
}

/// What carries a right to its members (rule 18).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    Security,
    Distribution,
    /// Dynamic and Microsoft 365 groups.
    Loose,
}

/// Which groups count, by the right and the options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Security,
    Distribution,
    All,
}

impl Scope {
    pub(crate) const ALL: [Self; 3] = [Self::Security, Self::Distribution, Self::All];

    pub(crate) fn counts(self, carrier: Carrier) -> bool {
        match carrier {
            Carrier::Security => true,
            Carrier::Distribution => self != Self::Security,
            Carrier::Loose => self == Self::All,
        }
    }
}

/// People who have a mailbox or an address.
pub(crate) const PEOPLE: [&str; 5] = ["UserMailbox", "LinkedMailbox", "RemoteUserMailbox", "MailUser", "GuestMailUser"];

/// A person without an address.
pub(crate) const BARE_USER: &str = "User";

/// Recipients that are certainly no people.
pub(crate) const NOBODY: [&str; 12] = [
    "RoomMailbox",
    "EquipmentMailbox",
    "RemoteRoomMailbox",
    "RemoteEquipmentMailbox",
    "RemoteSharedMailbox",
    "MailContact",
    "MailForestContact",
    "SchedulingMailbox",
    "DiscoveryMailbox",
    "PublicFolder",
    "SystemMailbox",
    "ArbitrationMailbox",
];

/// Types that no list of this product holds; also met: no type at all.
pub(crate) const STRANGE: [&str; 3] = ["ServicePrinciple", "SharedWithMailUser", "FutureMailbox"];

pub(crate) const SECURITY: [&str; 5] = [
    "MailUniversalSecurityGroup",
    "MailNonUniversalGroup",
    "RoleGroup",
    "UniversalSecurityGroup",
    "ExchangeSecurityGroup",
];
pub(crate) const DISTRIBUTION: [&str; 2] = ["MailUniversalDistributionGroup", "RoomList"];
pub(crate) const LOOSE: [&str; 2] = ["DynamicDistributionGroup", "GroupMailbox"];

/// Security groups that Exchange shows without an address.
pub(crate) fn has_no_mail(kind: &str) -> bool {
    matches!(kind, "RoleGroup" | "UniversalSecurityGroup" | "ExchangeSecurityGroup" | BARE_USER)
}

/// What can be a trustee only by name: it is no security principal.
pub(crate) fn has_no_sid(kind: &str) -> bool {
    kind.contains("Contact") || LOOSE.contains(&kind) || kind == "PublicFolder"
}
