//! How recipients and mailboxes are called in texts and trails.

use super::{Delegation, TrailStep, TrailStepKind};
use crate::snapshot::{Mailbox, Recipient, Snapshot};

fn first<'a>(texts: [&'a Option<String>; 4], key: &'a str) -> &'a str {
    texts.into_iter().flatten().map(String::as_str).find(|text| !text.is_empty()).unwrap_or(key)
}

/// Primary address, else UPN, else display name, else name: what tells people apart.
pub(crate) fn person(recipient: &Recipient) -> &str {
    first([&recipient.primary, &recipient.upn, &recipient.display_name, &recipient.name], &recipient.key)
}

/// Display name, else name, else primary address: what groups are known by.
pub(crate) fn group(recipient: &Recipient) -> &str {
    first([&recipient.display_name, &recipient.name, &recipient.primary, &recipient.upn], &recipient.key)
}

/// Primary address, else key, as [`crate::finding::Finding::mailbox`] wants it.
pub(crate) fn mailbox(mailbox: &Mailbox) -> &str {
    first([&mailbox.primary, &None, &None, &None], &mailbox.key)
}

/// The names from the outermost group to the person, for example `["Division 0", "Team 0", "jane@corp.example"]`; only the
/// person for a direct grant.
pub fn trail_text(snapshot: &Snapshot, delegation: &Delegation) -> Vec<String> {
    steps(snapshot, delegation).map(|(kind, recipient)| name(kind, recipient).to_owned()).collect()
}

/// The same steps with what tells each of them apart from others of that name.
pub fn trail(snapshot: &Snapshot, delegation: &Delegation) -> Vec<TrailStep> {
    let step = |(kind, recipient): (TrailStepKind, &Recipient)| TrailStep {
        kind,
        name: name(kind, recipient).to_owned(),
        id: recipient.guid.as_ref().unwrap_or(&recipient.key).clone(),
        address: recipient.primary.clone(),
        recipient_type: recipient.recipient_type.clone(),
    };
    steps(snapshot, delegation).map(step).collect()
}

fn steps<'a>(
    snapshot: &'a Snapshot,
    delegation: &'a Delegation,
) -> impl Iterator<Item = (TrailStepKind, &'a Recipient)> {
    let groups = delegation.groups.iter().map(|group| (TrailStepKind::Group, *group));
    let all = groups.chain([(TrailStepKind::Person, delegation.delegate)]);
    all.filter_map(|(kind, index)| Some((kind, snapshot.recipients.get(index as usize)?)))
}

fn name(kind: TrailStepKind, recipient: &Recipient) -> &str {
    match kind {
        TrailStepKind::Group => group(recipient),
        TrailStepKind::Person => person(recipient),
    }
}
