//! The line kinds of a snapshot file (design 4). Member names are the JSON names (rule 1); absent stays absent.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Version of the snapshot format that this crate reads and writes.
pub const SNAPSHOT_VERSION: u32 = 1;

/// Text that many rows repeat. The reader keeps one copy of each: a large snapshot then needs less memory than its file would suggest.
pub type Shared = Arc<str>;

/// A right on a mailbox that a delegation can be about. Other rights are facts of the snapshot only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Right {
    /// May open the mailbox (`Get-MailboxPermission`).
    FullAccess,
    /// May send as the mailbox (`Get-RecipientPermission`).
    SendAs,
    /// May send on behalf of the mailbox (`GrantSendOnBehalfTo`).
    SendOnBehalf,
}

/// The tenant that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    /// Directory (tenant) id, a GUID.
    pub id: String,
    /// Initial domain, for example `contoso.onmicrosoft.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// One of several parts of a tenant that sessions read at the same time: every mailbox is in exactly one of them (design 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Shard {
    /// Which part, from 1.
    pub index: u32,
    /// How many parts there are.
    pub count: u32,
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

/// First line: what was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// Format version, 1.
    pub version: u32,
    /// When the read began, UTC.
    pub created: Timestamp,
    /// The tenant; absent when the caller's rows did not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Tenant>,
    /// Rights that were asked for.
    #[serde(default)]
    pub rights: Vec<Right>,
    /// Recipient types of the mailboxes that were asked for, for example `SharedMailbox`.
    #[serde(default)]
    pub recipient_types: Vec<String>,
    /// The filter that was given to Exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// True only when all mailboxes of those types were asked for, without filter, list or shard.
    #[serde(default)]
    pub whole: bool,
    /// The part of the tenant that was asked for; all parts together are whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// What else the reader was told; kept, not interpreted.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub options: serde_json::Map<String, serde_json::Value>,
}

/// A mailbox whose delegates matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mailbox {
    /// Opaque, unique among mailboxes and recipients; the Exchange GUID where there is one (rule 3).
    pub key: String,
    /// Exchange object GUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guid: Option<String>,
    /// ExternalDirectoryObjectId (Entra object id).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory_id: Option<String>,
    /// Exchange Name; not an address, since 2022 often a GUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Display name; not unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Mail alias (mailNickname).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// User principal name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upn: Option<String>,
    /// Primary SMTP address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<String>,
    /// Proxy addresses with prefix: `SMTP:` primary, `smtp:` others; other prefixes are no mail addresses.
    #[serde(default, deserialize_with = "exact", skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
    /// RecipientTypeDetails.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub recipient_type: Option<String>,
    /// Raw texts of GrantSendOnBehalfTo (rule 4); absent when it was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_on_behalf: Option<Vec<String>>,
    /// Hidden from address lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<bool>,
    /// Synchronised from an on-premises directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir_synced: Option<bool>,
    /// Soft-deleted or inactive: a mailbox that nobody can open, kept by its GUID for what it proves (rule 23).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soft_deleted: Option<bool>,
    /// What else was asked for; kept, not interpreted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, serde_json::Value>,
}

/// One row of Get-MailboxPermission.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Permission {
    /// Key of the mailbox.
    pub mailbox: Shared,
    /// What Exchange names in the row.
    #[serde(default)]
    pub trustee: String,
    /// Security identifier of the trustee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Rights, one an element (the reader also splits elements that hold several, design 5.1).
    #[serde(default, deserialize_with = "split_rights")]
    #[schemars(with = "Vec<String>")]
    pub rights: Arc<[String]>,
    /// Deny row; absent makes the mailbox unknown (rule 7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deny: Option<bool>,
    /// Inherited row; absent counts as not inherited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inherited: Option<bool>,
    /// InheritanceType (rule 21).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inheritance: Option<Shared>,
}

/// One row of Get-RecipientPermission.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecipientPermission {
    /// Key of the mailbox or recipient.
    pub mailbox: Shared,
    /// What Exchange names in the row.
    #[serde(default)]
    pub trustee: String,
    /// Security identifier of the trustee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Rights; `SendAs`.
    #[serde(default, deserialize_with = "split_rights")]
    #[schemars(with = "Vec<String>")]
    pub rights: Arc<[String]>,
    /// `Allow` or `Deny`; absent makes the mailbox unknown for SendAs, as rule 7 does for `deny`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Shared>,
    /// Inherited row; absent counts as not inherited (rule 7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inherited: Option<bool>,
}

/// Anything that can be a trustee, a member, or the owner of an address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Recipient {
    /// As [`Mailbox::key`].
    pub key: String,
    /// Exchange object GUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guid: Option<String>,
    /// ExternalDirectoryObjectId.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory_id: Option<String>,
    /// Security identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Earlier security identifiers.
    #[serde(default, deserialize_with = "exact", skip_serializing_if = "Vec::is_empty")]
    pub sid_history: Vec<String>,
    /// `DOMAIN\sam`, on-premises only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Exchange Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Mail alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// User principal name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upn: Option<String>,
    /// Primary SMTP address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<String>,
    /// Proxy addresses with prefix.
    #[serde(default, deserialize_with = "exact", skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
    /// RecipientTypeDetails (rule 19).
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub recipient_type: Option<String>,
    /// Account enabled; absent counts as enabled (rule 8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// One membership edge (rule 5).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Key of the group.
    pub group: Shared,
    /// Key of the member.
    pub member: String,
    /// `member` or `owner` (rule 17); absent counts as `member`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Shared>,
}

impl Member {
    /// An owner who is not a member holds nothing (rule 17).
    pub(crate) fn makes_a_member(&self) -> bool {
        self.via.as_deref().is_none_or(|via| via.eq_ignore_ascii_case("member"))
    }
}

/// How far a part was read. Only `Complete`, `Given` and `Carried` let a mailbox gain (rule 16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ReadStatus {
    /// Read to its end.
    Complete,
    /// Handed over by a caller's script: complete for additions, not for removal.
    Given,
    /// Taken over from an earlier snapshot.
    Carried,
    /// Cut by a result limit.
    Truncated,
    /// An error.
    Failed,
    /// Exchange cannot list it.
    Unsupported,
    /// The account lacks the role.
    Denied,
    /// A status of a later version: not complete (design 4).
    #[serde(other)]
    #[schemars(skip)]
    Other,
}

/// The read status of one part. A part without such a line is not complete (rule 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Read {
    /// `mailboxes`, `softDeleted`, `sendAs`, `recipients`, `mailbox:KEY`, `sendAs:KEY` (on-premises, where each mailbox is asked for by itself) or `group:KEY`.
    pub subject: String,
    /// How far.
    pub status: ReadStatus,
    /// When it was read, UTC: of each mailbox, so that a broken read can be continued; for `Carried`, when it was really read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Why it is not complete, in the words of Exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Last line. Without it a snapshot is incomplete, and plans from it only add.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct End {
    /// Number of lines before this one (rule 2).
    pub lines: u64,
    /// Lines by kind.
    #[serde(default)]
    pub counts: BTreeMap<String, u64>,
}

// An element may hold several rights, joined by commas (design 5.1).
fn split_rights<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<[String]>, D::Error> {
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Element<'a>(#[serde(borrow)] Cow<'a, str>);
    let elements = Vec::<Element<'de>>::deserialize(deserializer)?;
    let rights = elements.iter().flat_map(|Element(text)| text.split(','));
    Ok(rights.map(str::trim).filter(|right| !right.is_empty()).map(str::to_owned).collect())
}

// Lists grow by doubling, from four on; there are too many of them to leave that room unused.
fn exact<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let mut list = Vec::deserialize(deserializer)?;
    list.shrink_to_fit();
    Ok(list)
}
