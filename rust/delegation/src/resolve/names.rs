//! How recipients and mailboxes are called in texts and trails.

use super::Delegation;
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
    let groups = delegation.groups.iter().filter_map(|index| snapshot.recipients.get(*index as usize)).map(group);
    let delegate = snapshot.recipients.get(delegation.delegate as usize).map(person);
    groups.chain(delegate).map(str::to_owned).collect()
}
