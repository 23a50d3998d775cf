//! Which groups a reader of Exchange has to ask for next.

use super::class::{Class, Scope, classify};
use super::directory::Directory;
use super::groups::Groups;
use super::mailbox::wanted;
use super::reads::{Reads, is_usable};
use super::rows::Rows;
use super::trustee::{Trustee, identify};
use super::{ResolveOptions, names};
use crate::snapshot::Snapshot;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A group whose members are needed and were not read yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupToRead {
    /// Key of the group, for its `member` and `read` lines.
    pub key: String,
    /// Exchange GUID, to ask Exchange by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guid: Option<String>,
    /// RecipientTypeDetails: which cmdlet lists its members.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub recipient_type: Option<String>,
    /// Display name, for progress.
    pub name: String,
}

/// The groups that carry a wanted right, or are in one that does, that should be expanded and have no `read` line yet; by key.
///
/// A reader of Exchange asks this, reads the members of those groups, feeds them, and asks again until nothing is left. Linear in
/// the size of the snapshot.
pub fn groups_to_read(snapshot: &Snapshot, options: &ResolveOptions) -> Vec<GroupToRead> {
    let directory = Directory::new(snapshot);
    let reads = Reads::new(snapshot);
    let rows = Rows::new(snapshot, options);
    let all_listed = is_usable(reads.tenant("recipients"));
    let mut groups = Groups::new(snapshot, &directory, &reads, options);
    let mut unread = Vec::new();
    for right in wanted(options) {
        let scope = Scope::of(right, options);
        let starts = rows.iter().filter(|row| row.right == right && (options.include_inherited || !row.inherited));
        let starts = starts.filter_map(|row| match identify(&directory, row.text, row.sid, all_listed) {
            Trustee::Found { recipient, .. } => match classify(directory.get(recipient), options) {
                Class::Group(kind) if scope.expands(kind) => Some(recipient),
                _ => None,
            },
            _ => None,
        });
        unread.extend(groups.unread(starts, scope));
    }
    unread.sort_unstable_by_key(|index| directory.rank(*index));
    unread.dedup();
    let named = unread.into_iter().map(|index| directory.get(index)).map(|group| GroupToRead {
        key: group.key.clone(),
        guid: group.guid.clone(),
        recipient_type: group.recipient_type.clone(),
        name: names::group(group).to_owned(),
    });
    named.collect()
}
