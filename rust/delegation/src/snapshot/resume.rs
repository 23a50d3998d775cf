//! Continuing a read that broke off (design 4): of which mailboxes the rows need not be asked for again.

use super::{Header, Mailbox, Permission, Read, ReadStatus, Right, Snapshot, SnapshotError};
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};

/// The mailboxes of a read that broke off, with the rows that came.
///
/// A mailbox is done when its `read` line is there, which is written after its rows. Rows without that line are those of the
/// mailbox that was read when the read broke off: they may be a part, and are asked for again.
#[derive(Debug)]
pub struct Unfinished {
    header: Header,
    mailboxes: Vec<Mailbox>,
    permissions: HashMap<String, Vec<Permission>>,
    reads: HashMap<String, Read>,
}

/// What a read takes over from one that broke off.
#[derive(Debug, Default, PartialEq)]
pub struct Carried {
    /// The mailboxes that need not be read again, as the new list names them.
    pub mailboxes: Vec<String>,
    /// Their rows.
    pub permissions: Vec<Permission>,
    /// Their `read` lines, with the time of the read.
    pub reads: Vec<Read>,
    /// Mailboxes whose rows are too old.
    pub stale: u64,
    /// Mailboxes whose rows had not all come, or not without an error.
    pub unfinished: u64,
    /// Names of the mailboxes that were read and are not listed any more.
    pub vanished: Vec<String>,
}

impl Unfinished {
    /// Takes what was read as far as it goes; whether it came to its end does not matter.
    pub fn new(snapshot: Snapshot) -> Self {
        let mut permissions: HashMap<String, Vec<Permission>> = HashMap::new();
        for row in snapshot.permissions {
            permissions.entry((*row.mailbox).to_owned()).or_default().push(row);
        }
        let of_mailbox = |(subject, read): (String, Read)| Some((subject.strip_prefix("mailbox:")?.to_owned(), read));
        let reads = snapshot.reads.into_iter().filter_map(of_mailbox).collect();
        Self { header: snapshot.header, mailboxes: snapshot.mailboxes, permissions, reads }
    }

    /// Whether a read with this header asks for the same.
    ///
    /// # Errors
    /// When it is of another tenant, or of other rights, types, filter or shard: rows of one would be missing in the other.
    pub fn check(&self, now: &Header) -> Result<(), SnapshotError> {
        let earlier = &self.header;
        let tenant = |header: &Header| header.tenant.as_ref().map_or("none".into(), |tenant| tenant.id.to_lowercase());
        let extent = |header: &Header| match (&header.filter, header.shard, header.whole) {
            (Some(filter), None, _) => format!("filter {filter}"),
            (Some(filter), Some(shard), _) => format!("filter {filter}, shard {shard}"),
            (None, Some(shard), _) => format!("shard {shard}"),
            (None, None, true) => "all mailboxes".into(),
            (None, None, false) => "a list of mailboxes".into(),
        };
        same("the tenant", tenant(earlier), tenant(now))?;
        same("the rights", rights(earlier), rights(now))?;
        same("the types of mailboxes", types(earlier), types(now))?;
        same("which mailboxes are read", extent(earlier), extent(now))
    }

    /// When the oldest of the rows that may be taken over were read.
    pub fn oldest(&self, not_before: Timestamp) -> Option<Timestamp> {
        self.reads
            .values()
            .filter(|read| read.status == ReadStatus::Complete)
            .filter_map(|read| read.since)
            .filter(|since| *since >= not_before)
            .min()
    }

    /// Takes over what was read completely, `not_before` or later, of the mailboxes that are `listed` now; by GUID.
    ///
    /// A mailbox that was deleted or brought back since then is asked for again: its rows are another answer.
    pub fn carry(mut self, listed: &[Mailbox], not_before: Timestamp) -> Carried {
        let mut carried = Carried::default();
        let guid = |mailbox: &Mailbox| mailbox.guid.as_ref().map(|guid| guid.to_lowercase());
        let now: HashMap<String, &Mailbox> =
            listed.iter().filter_map(|mailbox| Some((guid(mailbox)?, mailbox))).collect();
        for mailbox in std::mem::take(&mut self.mailboxes) {
            let rows = self.permissions.remove(&mailbox.key);
            let Some(read) = self.reads.remove(&mailbox.key) else {
                carried.unfinished += u64::from(rows.is_some());
                continue;
            };
            match guid(&mailbox).map(|guid| now.get(&guid)) {
                // Nothing says that it is the same one.
                None => carried.unfinished += 1,
                Some(None) => carried.vanished.push(name(&mailbox).to_owned()),
                Some(Some(_)) if read.status != ReadStatus::Complete => carried.unfinished += 1,
                Some(Some(same))
                    if read.since.is_none_or(|since| since < not_before)
                        || same.soft_deleted != mailbox.soft_deleted =>
                {
                    carried.stale += 1
                }
                Some(Some(same)) => carried.take(&same.key, rows.unwrap_or_default(), read),
            }
        }
        carried
    }
}

impl Carried {
    fn take(&mut self, key: &str, rows: Vec<Permission>, read: Read) {
        self.mailboxes.push(key.to_owned());
        self.permissions.extend(rows.into_iter().map(|row| Permission { mailbox: key.into(), ..row }));
        self.reads.push(Read { subject: format!("mailbox:{key}"), ..read });
    }
}

fn name(mailbox: &Mailbox) -> &str {
    mailbox.primary.as_ref().or(mailbox.display_name.as_ref()).unwrap_or(&mailbox.key)
}

fn rights(header: &Header) -> String {
    let rights: BTreeSet<Right> = header.rights.iter().copied().collect();
    rights.iter().map(|right| format!("{right:?}")).collect::<Vec<_>>().join(", ")
}

fn types(header: &Header) -> String {
    let types: BTreeSet<String> = header.recipient_types.iter().map(|name| name.to_lowercase()).collect();
    types.into_iter().collect::<Vec<_>>().join(", ")
}

fn same(what: &'static str, earlier: String, now: String) -> Result<(), SnapshotError> {
    if earlier == now { Ok(()) } else { Err(SnapshotError::OtherOptions { what, earlier, now }) }
}
