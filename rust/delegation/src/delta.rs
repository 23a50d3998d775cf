//! Delta reading (design 4): of which mailboxes the rows of an earlier snapshot need not be asked for again.
//!
//! A log tells which mailboxes had a change; that it tells of none proves nothing. So what is carried over lets a mailbox gain, and nothing
//! about it is removed before it was read again (rule 16). Only rows of FullAccess are carried: everything else is read anew each time.

mod named;

use crate::resolve::{ResolveOptions, resolve};
use crate::snapshot::{Mailbox, Permission, Read, ReadStatus, Right, Snapshot};
use jiff::{SignedDuration, Timestamp};
use named::Named;
use std::collections::{BTreeMap, HashMap};
use thiserror::Error;

/// What a delta goes by.
#[derive(Debug, Clone)]
pub struct DeltaOptions<'a> {
    /// What a log names: object ids, identities, names of mailboxes that had a change, in any spelling.
    pub changed: &'a [String],
    /// What the caller wants to be read again whatever the log says, named likewise.
    pub reread: &'a [String],
    /// Everything is read again when the oldest rows are older than this.
    pub full_every: SignedDuration,
    /// Now.
    pub now: Timestamp,
}

/// What is taken over from the earlier snapshot.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CarryOver {
    /// Why nothing is, and everything has to be read; `None` for a delta.
    pub full: Option<String>,
    /// Keys of the mailboxes that need not be read again, in the order of the list.
    pub mailboxes: Vec<String>,
    /// Their rows, under those keys.
    pub permissions: Vec<Permission>,
    /// Their `read` lines: `carried`, with the time at which Exchange was really asked.
    pub reads: Vec<Read>,
    /// Mailboxes that the log or the caller names.
    pub changed: u64,
    /// Mailboxes that the earlier snapshot does not have.
    pub new: u64,
    /// Mailboxes that it does not know, or did not read itself.
    pub unknown: u64,
    /// What of [`DeltaOptions::reread`] names no mailbox: most likely misspelt.
    pub misspelt: Vec<String>,
}

/// A snapshot of another organisation: nothing of it may be taken over.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the earlier snapshot is of tenant {earlier}, and this session is connected to {now}")]
pub struct ForeignTenant {
    /// Tenant id of the earlier snapshot.
    pub earlier: String,
    /// Tenant id of the one that is being read.
    pub now: String,
}

/// Decides for each mailbox that `now` lists and has not read yet. Linear in the size of both.
///
/// # Errors
/// When the earlier snapshot is of another tenant.
pub fn carry_over(earlier: &Snapshot, now: &Snapshot, options: &DeltaOptions<'_>) -> Result<CarryOver, ForeignTenant> {
    let misspelt = named::missed(options.reread, &now.mailboxes);
    if let Some(reason) = full(earlier, now, options)? {
        return Ok(CarryOver { full: Some(reason), misspelt, ..CarryOver::default() });
    }
    let known = known(earlier);
    let changed = Named::new(options.changed.iter().chain(options.reread));
    let mut rows: HashMap<&str, Vec<&Permission>> = HashMap::new();
    for row in &earlier.permissions {
        rows.entry(&row.mailbox).or_default().push(row);
    }
    let mut out = CarryOver { misspelt, ..CarryOver::default() };
    for mailbox in &now.mailboxes {
        if now.reads.contains_key(&subject(mailbox)) {
            continue;
        }
        // By GUID: a name or address may have passed to another mailbox.
        let before = mailbox.guid.as_ref().and_then(|guid| known.get(&guid.to_lowercase()));
        match before {
            None => out.new += 1,
            Some(before) if changed.has(mailbox) || changed.has(before.mailbox) => out.changed += 1,
            Some(Before { read: None, .. }) => out.unknown += 1,
            Some(Before { mailbox: before, read: Some(since) }) => {
                let rows = rows.remove(before.key.as_str()).unwrap_or_default();
                out.take(mailbox, rows, *since);
            }
        }
    }
    Ok(out)
}

/// A mailbox as the earlier snapshot has it.
struct Before<'a> {
    mailbox: &'a Mailbox,
    /// When Exchange was asked for its rows; `None` where they cannot be taken over.
    read: Option<Timestamp>,
}

/// Why everything has to be read.
fn full(earlier: &Snapshot, now: &Snapshot, options: &DeltaOptions<'_>) -> Result<Option<String>, ForeignTenant> {
    let tenant = |snapshot: &Snapshot| snapshot.header.tenant.as_ref().map(|tenant| tenant.id.to_lowercase());
    match (tenant(earlier), tenant(now)) {
        (Some(earlier), Some(now)) if earlier == now => {}
        (Some(earlier), Some(now)) => return Err(ForeignTenant { earlier, now }),
        _ => return Ok(Some("it cannot be told that the earlier snapshot is of this tenant".to_owned())),
    }
    if !earlier.complete {
        return Ok(Some("the earlier snapshot is incomplete".to_owned()));
    }
    if !earlier.header.rights.contains(&Right::FullAccess) {
        return Ok(Some("the earlier snapshot did not read FullAccess".to_owned()));
    }
    let oldest = earlier.reads.values().filter(|read| read.subject.starts_with("mailbox:"));
    let oldest = oldest.filter_map(|read| asked_at(earlier, read)).min().unwrap_or(earlier.header.created);
    if options.now.duration_since(oldest) < options.full_every {
        return Ok(None);
    }
    Ok(Some(format!("the oldest rows are of {oldest}, and a full read is due")))
}

/// The mailboxes of the earlier snapshot by GUID.
fn known(earlier: &Snapshot) -> BTreeMap<String, Before<'_>> {
    let resolution = resolve(earlier, &ResolveOptions { rights: vec![Right::FullAccess], ..ResolveOptions::default() });
    let mailboxes = earlier.mailboxes.iter().zip(&resolution.mailboxes);
    mailboxes
        .filter_map(|(mailbox, state)| {
            let read = earlier.reads.get(&subject(mailbox)).filter(|_| state.is_known());
            let read = read.and_then(|read| asked_at(earlier, read));
            Some((mailbox.guid.as_ref()?.to_lowercase(), Before { mailbox, read }))
        })
        .collect()
}

/// When Exchange was asked; `None` where it did not answer completely, or was not asked by us.
fn asked_at(earlier: &Snapshot, read: &Read) -> Option<Timestamp> {
    match read.status {
        // A read takes hours: where the line does not tell its own time, the beginning is the safe side.
        ReadStatus::Complete => Some(read.since.unwrap_or(earlier.header.created)),
        ReadStatus::Carried => read.since,
        _ => None,
    }
}

fn subject(mailbox: &Mailbox) -> String {
    format!("mailbox:{}", mailbox.key)
}

impl CarryOver {
    fn take(&mut self, mailbox: &Mailbox, rows: Vec<&Permission>, since: Timestamp) {
        let key = mailbox.key.as_str();
        self.mailboxes.push(key.to_owned());
        self.permissions.extend(rows.into_iter().map(|row| Permission { mailbox: key.into(), ..row.clone() }));
        self.reads.push(Read {
            subject: subject(mailbox),
            status: ReadStatus::Carried,
            since: Some(since),
            reason: None,
        });
    }
}
