//! From rows to delegations: rights, well-known principals, identity, groups, deny (design 5, rules 3 to 22).
//!
//! `rows` picks the rows that matter, `trustee` says whom each means (`principal`, `directory`), `class` what that is, `groups` who is
//! in it, `deny` what remains, `mailbox` puts it together for one mailbox, `other_rights` looks at what is no delegation, `notes` holds
//! the texts. `entries` tells afterwards which rows reach a person.

mod class;
mod deny;
mod directory;
mod entries;
mod groups;
mod mailbox;
mod model;
pub(crate) mod names;
mod notes;
mod other_rights;
mod principal;
mod reads;
mod rows;
mod trustee;
mod unread;

pub(crate) use entries::{Entry, Standing, entries, standing};
pub use model::*;
pub use names::{trail, trail_text};
pub use unread::{GroupToRead, groups_to_read};

use crate::digest;
use crate::snapshot::Snapshot;
use directory::Directory;
use groups::Groups;
use mailbox::World;
use reads::Reads;
use rows::{Effect, Rows};

/// Works out who holds which wanted right on which mailbox, and what is known of each mailbox.
///
/// The result does not depend on the order of the rows. A snapshot without mailboxes gives an empty result: that this is an error
/// is for the caller to say.
pub fn resolve(snapshot: &Snapshot, options: &ResolveOptions) -> Resolution {
    let directory = Directory::new(snapshot);
    let reads = Reads::new(snapshot);
    let rows = Rows::new(snapshot, options);
    let mut groups = Groups::new(snapshot, &directory, &reads, options);
    let world = World { directory: &directory, reads: &reads, options };

    let mut by_key: Vec<_> = (0..).zip(&snapshot.mailboxes).collect();
    by_key.sort_unstable_by_key(|(_, mailbox)| &mailbox.key);
    let mut resolution =
        Resolution { mailboxes: vec![MailboxState::default(); snapshot.mailboxes.len()], ..Resolution::default() };
    for (index, mailbox) in by_key {
        let outcome = mailbox::resolve(&world, &mut groups, (index, mailbox), rows.of(index));
        resolution.mailboxes[index as usize] = outcome.state;
        resolution.delegations.extend(outcome.delegations);
        resolution.findings.extend(outcome.findings);
    }
    resolution.findings.append(&mut groups.findings);
    resolution.findings.extend(rows.strays.iter().map(|key| notes::stray(key)));
    let left_out = if options.include_inherited { 0 } else { inherited_allows(&rows) };
    resolution.findings.extend(other_rights::findings(snapshot, &world));
    resolution.findings.extend((left_out > 0).then(|| notes::inherited_left_out(left_out)));
    resolution.findings.sort_unstable();
    resolution.findings.dedup();
    resolution
}

fn inherited_allows(rows: &Rows<'_>) -> usize {
    let counts = |row: &&rows::Row<'_>| {
        row.inherited && row.effect == Effect::Allow && principal::well_known(row.text, row.sid).is_none()
    };
    rows.iter().filter(counts).count()
}

impl Resolution {
    /// `sha256:` and 64 hex digits over delegations and mailbox states. By keys, not indexes: the same facts in any order, and with
    /// trustees in any spelling, give the same digest. Texts are left out, so that better wording changes nothing.
    pub fn digest(&self, snapshot: &Snapshot) -> String {
        let recipient = |index: u32| snapshot.recipients.get(index as usize).map(|recipient| &recipient.key);
        let mailbox = |index: u32| snapshot.mailboxes.get(index as usize).map(|mailbox| &mailbox.key);
        let mut lines = digest::Lines::default();
        for delegation in &self.delegations {
            let groups: Vec<_> = delegation.groups.iter().map(|group| recipient(*group)).collect();
            let delegate = recipient(delegation.delegate);
            lines.push(&(mailbox(delegation.mailbox), delegate, delegation.right, groups, delegation.inherited));
        }
        let mut states: Vec<_> = snapshot.mailboxes.iter().zip(&self.mailboxes).collect();
        states.sort_unstable_by_key(|(mailbox, _)| &mailbox.key);
        for (mailbox, state) in states {
            let reasons: Vec<_> = state.unknown.iter().map(|reason| (&reason.code, &reason.subject)).collect();
            lines.push(&(&mailbox.key, reasons, state.may_gain, state.may_lose));
        }
        lines.finish()
    }
}
