//! Snapshots and what they mean.

use crate::context::{Batch, Context};
use crate::select::Selection;
use crate::wire::{
    CarryOverReply, CarryOverRequest, DelegationRecord, DelegationView, DelegationsReply, ErrorReply, Event,
    GetDelegationsRequest, GroupToRead, GroupsReply, IncompleteRead, MailboxStateRecord, ResolveRequest, ResumeReply,
    SnapshotReply, SnapshotRequest,
};
use esgsync_delegation::address::smtp;
use esgsync_delegation::resolve::{self, Delegation, Resolution};
use esgsync_delegation::snapshot::{Mailbox, ReadStatus, Recipient, Snapshot};

pub(crate) async fn get_snapshot(context: Context, request: SnapshotRequest) -> Result<SnapshotReply, ErrorReply> {
    context.shared.snapshots.outline(request.snapshot, |snapshot, permissions, path| SnapshotReply {
        permissions,
        ..describe(request.snapshot, snapshot, path)
    })
}

pub(crate) async fn finish_snapshot(context: Context, request: SnapshotRequest) -> Result<SnapshotReply, ErrorReply> {
    context.shared.snapshots.finish(request.snapshot)?;
    get_snapshot(context, request).await
}

pub(crate) async fn resume_snapshot(context: Context, request: SnapshotRequest) -> Result<ResumeReply, ErrorReply> {
    context.shared.snapshots.resume(request.snapshot)
}

pub(crate) async fn carry_over(context: Context, request: CarryOverRequest) -> Result<CarryOverReply, ErrorReply> {
    context.shared.snapshots.carry_over(&request, context.now())
}

pub(crate) async fn get_groups_to_read(context: Context, request: ResolveRequest) -> Result<GroupsReply, ErrorReply> {
    let groups = context.shared.snapshots.look(request.snapshot, |snapshot| {
        resolve::groups_to_read(snapshot, &request.options)
            .into_iter()
            .map(|group| GroupToRead {
                identity: group.guid.unwrap_or_else(|| group.key.clone()),
                recipient_type: group.recipient_type.unwrap_or_default(),
                name: group.name,
                key: group.key,
            })
            .collect()
    })?;
    Ok(GroupsReply { groups })
}

pub(crate) async fn get_delegations(
    context: Context,
    request: GetDelegationsRequest,
) -> Result<DelegationsReply, ErrorReply> {
    let (snapshot, _) = context.shared.snapshots.ready(request.snapshot)?;
    let resolution = resolve::resolve(&snapshot, &request.options);
    let mailboxes = Selection::new(&request.mailbox);
    let delegates = Selection::new(&request.delegate);
    let selected: Vec<bool> =
        snapshot.mailboxes.iter().map(|mailbox| mailboxes.accepts(names_of_mailbox(mailbox))).collect();
    // By index, like `selected`; empty when every delegate is meant.
    let chosen: Vec<bool> = match delegates.is_empty() {
        true => Vec::new(),
        false => snapshot.recipients.iter().map(|person| delegates.accepts(names_of_recipient(person))).collect(),
    };
    let count = match request.view {
        DelegationView::Delegation => {
            let mut batch = Batch::new(&context.events, Event::Delegation);
            for delegation in &resolution.delegations {
                let wanted = selected[delegation.mailbox as usize]
                    && (chosen.is_empty() || chosen[delegation.delegate as usize]);
                if wanted {
                    batch.push(delegation_record(&snapshot, &resolution, delegation)).await?;
                }
            }
            batch.flush().await?;
            batch.count
        }
        DelegationView::Unknown => {
            let mut batch = Batch::new(&context.events, Event::MailboxState);
            for (index, mailbox) in snapshot.mailboxes.iter().enumerate() {
                let state = &resolution.mailboxes[index];
                if selected[index] && !state.is_known() {
                    batch
                        .push(MailboxStateRecord {
                            mailbox: mailbox_name(mailbox).to_owned(),
                            mailbox_address: mailbox.primary.clone(),
                            mailbox_guid: mailbox.guid.as_ref().unwrap_or(&mailbox.key).clone(),
                            may_gain: state.may_gain,
                            reasons: state.unknown.clone(),
                        })
                        .await?;
                }
            }
            batch.flush().await?;
            batch.count
        }
        DelegationView::Finding => {
            let mut batch = Batch::new(&context.events, Event::Finding);
            for finding in resolution.findings {
                if mailboxes.accepts(finding.mailbox.as_deref()) && delegates.accepts(finding.subject.as_deref()) {
                    batch.push(finding).await?;
                }
            }
            batch.flush().await?;
            batch.count
        }
    };
    // A delegate who has nothing is no mistake; one whom nobody knows most likely is.
    Ok(DelegationsReply { count, unknown_mailboxes: mailboxes.missed(), unknown_delegates: delegates.missed() })
}

fn delegation_record(snapshot: &Snapshot, resolution: &Resolution, delegation: &Delegation) -> DelegationRecord {
    let mailbox = &snapshot.mailboxes[delegation.mailbox as usize];
    let person = &snapshot.recipients[delegation.delegate as usize];
    let address = person.primary.as_ref().or(person.upn.as_ref());
    DelegationRecord {
        mailbox: mailbox_name(mailbox).to_owned(),
        mailbox_address: mailbox.primary.clone(),
        mailbox_guid: mailbox.guid.as_ref().unwrap_or(&mailbox.key).clone(),
        delegate: person.display_name.as_ref().or(address).unwrap_or(&person.key).clone(),
        delegate_address: address.cloned(),
        delegate_type: person.recipient_type.clone(),
        right: format!("{:?}", delegation.right),
        trail: resolve::trail(snapshot, delegation),
        inherited: delegation.inherited,
        known: resolution.mailboxes[delegation.mailbox as usize].is_known(),
    }
}

pub(crate) fn mailbox_name(mailbox: &Mailbox) -> &str {
    mailbox.display_name.as_ref().or(mailbox.primary.as_ref()).unwrap_or(&mailbox.key)
}

pub(crate) fn names_of_mailbox(mailbox: &Mailbox) -> impl Iterator<Item = &str> {
    let names = [
        &mailbox.guid,
        &mailbox.directory_id,
        &mailbox.display_name,
        &mailbox.alias,
        &mailbox.name,
        &mailbox.upn,
        &mailbox.primary,
    ];
    std::iter::once(mailbox.key.as_str())
        .chain(names.into_iter().flatten().map(String::as_str))
        .chain(mailbox.addresses.iter().filter_map(|address| Some(smtp(address)?.0)))
}

pub(crate) fn names_of_recipient(person: &Recipient) -> impl Iterator<Item = &str> {
    let names = [
        &person.guid,
        &person.directory_id,
        &person.display_name,
        &person.alias,
        &person.name,
        &person.upn,
        &person.primary,
        &person.sid,
        &person.account,
    ];
    std::iter::once(person.key.as_str())
        .chain(names.into_iter().flatten().map(String::as_str))
        .chain(person.addresses.iter().filter_map(|address| Some(smtp(address)?.0)))
}

fn describe(number: u64, snapshot: &Snapshot, path: Vec<String>) -> SnapshotReply {
    let header = &snapshot.header;
    let incomplete = snapshot.reads.values().filter(|read| read.status != ReadStatus::Complete);
    SnapshotReply {
        snapshot: number,
        path,
        created: header.created.to_string(),
        tenant_id: header.tenant.as_ref().map(|tenant| tenant.id.clone()),
        tenant_name: header.tenant.as_ref().and_then(|tenant| tenant.name.clone()),
        rights: header.rights.iter().map(|right| format!("{right:?}")).collect(),
        recipient_types: header.recipient_types.clone(),
        whole: header.whole,
        complete: snapshot.complete,
        mailboxes: snapshot.mailboxes.len() as u64,
        soft_deleted: snapshot.soft_deleted.len() as u64,
        permissions: snapshot.permissions.len() as u64,
        recipient_permissions: snapshot.recipient_permissions.len() as u64,
        recipients: snapshot.recipients.len() as u64,
        members: snapshot.members.len() as u64,
        incomplete: incomplete
            .map(|read| IncompleteRead {
                subject: read.subject.clone(),
                status: status_name(read.status),
                reason: read.reason.clone(),
            })
            .collect(),
    }
}

/// As it stands in the file.
fn status_name(status: ReadStatus) -> String {
    match serde_json::to_value(status) {
        Ok(serde_json::Value::String(name)) => name,
        _ => format!("{status:?}"),
    }
}
