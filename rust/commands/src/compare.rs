//! What changed between two snapshots.

use crate::context::{Batch, Context};
use crate::delegations::{mailbox_name, names_of_mailbox, names_of_recipient};
use crate::failure;
use crate::select::Selection;
use crate::wire::{CompareSnapshotsRequest, DelegationsReply, DifferenceRecord, ErrorCategory, ErrorReply, Event};
use esgsync_delegation::compare::{CompareError, Difference, Pair, compare};
use esgsync_delegation::snapshot::{Mailbox, Recipient, Snapshot};

pub(crate) async fn compare_snapshots(
    context: Context,
    request: CompareSnapshotsRequest,
) -> Result<DelegationsReply, ErrorReply> {
    let (reference, _) = context.shared.snapshots.ready(request.reference)?;
    let (difference, _) = context.shared.snapshots.ready(request.difference)?;
    let sides = [&*reference, &*difference];
    let mailboxes = Selection::new(&request.mailbox);
    let delegates = Selection::new(&request.delegate);
    let of_mailboxes = Chosen::new(&mailboxes, sides.map(|side| side.mailboxes.iter().map(names_of_mailbox)));
    let of_delegates = Chosen::new(&delegates, sides.map(|side| side.recipients.iter().map(names_of_recipient)));
    let mut batch = Batch::new(&context.events, Event::Difference);
    for one in compare(sides[0], sides[1], &request.options).map_err(|error| refused(&error))? {
        if of_mailboxes.has(one.mailbox) && one.delegate.is_none_or(|delegate| of_delegates.has(delegate)) {
            batch.push(record(sides, one)).await?;
        }
    }
    batch.flush().await?;
    // Where nothing changed there is no mistake; a name that neither snapshot knows most likely is one.
    let (unknown_mailboxes, unknown_delegates) = (mailboxes.missed(), delegates.missed());
    Ok(DelegationsReply { count: batch.count, unknown_mailboxes, unknown_delegates })
}

/// What a selection accepts in each snapshot, by index; `None` when it accepts everything.
struct Chosen(Option<[Vec<bool>; 2]>);

impl Chosen {
    fn new<'a, Names, Objects>(selection: &Selection, sides: [Objects; 2]) -> Self
    where
        Names: Iterator<Item = &'a str>,
        Objects: Iterator<Item = Names>,
    {
        let chosen = || sides.map(|objects| objects.map(|names| selection.accepts(names)).collect());
        Self((!selection.is_empty()).then(chosen))
    }

    /// By what either snapshot knows of it: it may have been renamed.
    fn has(&self, object: Pair) -> bool {
        let indexes = [object.reference, object.difference];
        self.0.as_ref().is_none_or(|sides| {
            sides.iter().zip(indexes).any(|(chosen, index)| index.is_some_and(|index| chosen[index as usize]))
        })
    }
}

fn record(sides: [&Snapshot; 2], one: Difference) -> DifferenceRecord {
    let mailbox = newest(one.mailbox, sides.map(|side| &side.mailboxes));
    let delegate = one.delegate.and_then(|pair| newest(pair, sides.map(|side| &side.recipients)));
    let address = delegate.and_then(|person| person.primary.as_ref().or(person.upn.as_ref()));
    let name = |person: &Recipient| person.display_name.as_ref().or(address).unwrap_or(&person.key).clone();
    DifferenceRecord {
        change: one.change,
        mailbox: mailbox.map(|mailbox| mailbox_name(mailbox).to_owned()).unwrap_or_default(),
        mailbox_address: mailbox.and_then(|mailbox| mailbox.primary.clone()),
        mailbox_guid: mailbox.map(guid).unwrap_or_default(),
        delegate: delegate.map(name),
        delegate_address: address.cloned(),
        delegate_type: delegate.and_then(|person| person.recipient_type.clone()),
        right: one.right.map(|right| format!("{right:?}")),
        causes: one.causes,
        reference_trail: one.reference_trail,
        difference_trail: one.difference_trail,
    }
}

/// An object as the newest snapshot that has it knows it.
fn newest<T>(pair: Pair, [reference, difference]: [&Vec<T>; 2]) -> Option<&T> {
    match (pair.difference, pair.reference) {
        (Some(index), _) => difference.get(index as usize),
        (None, Some(index)) => reference.get(index as usize),
        (None, None) => None,
    }
}

fn guid(mailbox: &Mailbox) -> String {
    mailbox.guid.as_ref().unwrap_or(&mailbox.key).clone()
}

fn refused(error: &CompareError) -> ErrorReply {
    let code = match error {
        CompareError::Tenants { .. } => "SnapshotsOfDifferentTenants",
        CompareError::Incomplete { .. } => "SnapshotIncomplete",
        CompareError::NoRight => "NoRightInCommon",
    };
    let message = format!("The snapshots cannot be compared: {error}.");
    failure::new(code, ErrorCategory::InvalidArgument, message, error.advice())
}
