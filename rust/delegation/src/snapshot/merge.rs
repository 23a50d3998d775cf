//! Several files as one: shards that up to three sessions read (design 4).

use super::{Header, Mailbox, Read, ReadStatus, Recipient, Right, Shard, Snapshot, SnapshotError};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Makes one snapshot of several of the same tenant and the same rights.
///
/// It is `whole` only if each part says so, or the parts are all shards of one whole, and `complete` only if each part is. What every part reads of the tenant (`mailboxes`,
/// `softDeleted`, `sendAs`, `recipients`) is as good as the worst of them. A mailbox or group that several parts read is taken,
/// rows and all, from the part that read it best, the newest of those; a recipient from the newest part. A mailbox that one part saw
/// alive and another soft-deleted counts as alive.
///
/// # Errors
/// When there is none, or when tenants or rights differ.
pub fn merge(mut parts: Vec<Snapshot>) -> Result<Snapshot, SnapshotError> {
    // Newest last, so that later ones overwrite; the order in which the files were named must not matter.
    parts.sort_by_key(|part| part.header.created);
    let header = merge_headers(&parts)?;
    let owners = owners(&parts);
    let mut merged = Snapshot::new(header);
    merged.complete = parts.iter().all(|part| part.complete);
    merged.reads = merge_reads(&parts, &owners);
    let mut mailboxes: BTreeMap<String, Mailbox> = BTreeMap::new();
    let mut soft_deleted: BTreeMap<String, Mailbox> = BTreeMap::new();
    let mut recipients: BTreeMap<String, Recipient> = BTreeMap::new();
    for (index, part) in parts.into_iter().enumerate() {
        let ours = |subject: String| owners.get(&subject).is_none_or(|owner| *owner == index);
        mailboxes.extend(
            part.mailboxes
                .into_iter()
                .filter(|mailbox| ours(mailbox_subject(&mailbox.key)))
                .map(|mailbox| (mailbox.key.clone(), mailbox)),
        );
        soft_deleted.extend(part.soft_deleted.into_iter().map(|mailbox| (mailbox.key.clone(), mailbox)));
        recipients.extend(part.recipients.into_iter().map(|recipient| (recipient.key.clone(), recipient)));
        merged.permissions.extend(part.permissions.into_iter().filter(|row| ours(mailbox_subject(&row.mailbox))));
        merged.members.extend(part.members.into_iter().filter(|row| ours(format!("group:{}", row.group))));
        merged.recipient_permissions.extend(part.recipient_permissions);
    }
    soft_deleted.retain(|key, _| !mailboxes.contains_key(key));
    merged.soft_deleted = soft_deleted.into_values().collect();
    merged.mailboxes = mailboxes.into_values().collect();
    merged.recipients = recipients.into_values().collect();
    Ok(merged)
}

fn mailbox_subject(key: &str) -> String {
    format!("mailbox:{key}")
}

/// A part that belongs to one object; the others belong to the tenant.
fn is_of_one_object(subject: &str) -> bool {
    subject.contains(':')
}

fn merge_headers(parts: &[Snapshot]) -> Result<Header, SnapshotError> {
    let (first, others) = parts.split_first().ok_or(SnapshotError::Empty)?;
    let mut header = first.header.clone();
    for other in others.iter().map(|part| &part.header) {
        let tenant = |header: &Header| header.tenant.as_ref().map_or("no tenant".to_owned(), |t| t.id.to_lowercase());
        same("the tenant", &tenant(&header), &tenant(other))?;
        same("the rights read", &rights(&header), &rights(other))?;
        header.whole &= other.whole;
        for kind in &other.recipient_types {
            if !header.recipient_types.contains(kind) {
                header.recipient_types.push(kind.clone());
            }
        }
        if header.filter != other.filter {
            header.filter = None;
            header.whole = false;
        }
    }
    header.whole |= are_all_shards(parts);
    header.shard = header.shard.filter(|shard| parts.iter().all(|part| part.header.shard == Some(*shard)));
    Ok(header)
}

/// Every mailbox is in one of the parts: they are shards of the same whole, none is missing, and no filter left any out.
fn are_all_shards(parts: &[Snapshot]) -> bool {
    let Some(shards) = parts.iter().map(|part| part.header.shard).collect::<Option<BTreeSet<_>>>() else {
        return false;
    };
    let count = shards.first().map_or(0, |shard| shard.count);
    let all = shards.iter().copied().eq((1..=count).map(|index| Shard { index, count }));
    let types = |part: &Snapshot| part.header.recipient_types.iter().cloned().collect::<BTreeSet<_>>();
    all && parts.iter().all(|part| part.header.filter.is_none() && types(part) == types(&parts[0]))
}

fn rights(header: &Header) -> BTreeSet<Right> {
    header.rights.iter().copied().collect()
}

fn same<T: PartialEq + std::fmt::Debug>(what: &'static str, left: &T, right: &T) -> Result<(), SnapshotError> {
    if left == right {
        return Ok(());
    }
    Err(SnapshotError::CannotMerge { what, left: format!("{left:?}"), right: format!("{right:?}") })
}

/// For each mailbox and group the part it is taken from: the best read, and of those the newest (`parts` are sorted by age).
fn owners(parts: &[Snapshot]) -> HashMap<String, usize> {
    let mut owners: HashMap<String, (ReadStatus, usize)> = HashMap::new();
    for (index, part) in parts.iter().enumerate() {
        for (subject, read) in part.reads.iter().filter(|(subject, _)| is_of_one_object(subject)) {
            let best = owners.entry(subject.clone()).or_insert((read.status, index));
            if read.status <= best.0 {
                *best = (read.status, index);
            }
        }
    }
    owners.into_iter().map(|(subject, (_, index))| (subject, index)).collect()
}

fn merge_reads(parts: &[Snapshot], owners: &HashMap<String, usize>) -> BTreeMap<String, Read> {
    let mut reads: BTreeMap<String, Read> = owners
        .iter()
        .filter_map(|(subject, index)| Some((subject.clone(), parts[*index].reads.get(subject)?.clone())))
        .collect();
    let tenant_wide: BTreeSet<&String> =
        parts.iter().flat_map(|part| part.reads.keys()).filter(|subject| !is_of_one_object(subject)).collect();
    for subject in tenant_wide {
        // A part without the line did not read it completely (rule 6): then the whole did not.
        let each: Option<Vec<&Read>> = parts.iter().map(|part| part.reads.get(subject)).collect();
        if let Some(worst) = each.and_then(|each| each.into_iter().max_by_key(|read| read.status)) {
            reads.insert(subject.clone(), worst.clone());
        }
    }
    reads
}
