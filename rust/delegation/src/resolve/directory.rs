//! The recipients of a snapshot, found by what Exchange calls them (design 5.3).

use crate::address::{AddressKey, smtp};
use crate::snapshot::{Recipient, Snapshot};
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The steps of the search, in their order. The first that hits decides (rule 14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Security identifier, or an earlier one.
    Sid,
    /// Directory id or GUID.
    Id,
    /// User principal name.
    Upn,
    /// `DOMAIN\sam`.
    Account,
    /// Primary address.
    Primary,
    /// Any SMTP address.
    Address,
    /// Name or display name. Not unique, unlike all others.
    Name,
}

const STEPS: [Step; 7] = [Step::Sid, Step::Id, Step::Upn, Step::Account, Step::Primary, Step::Address, Step::Name];

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hit {
    /// One recipient, and the step that found it.
    One(u32, Step),
    /// Several at the first step that hit, in the order of their keys.
    Several(Vec<u32>),
    /// Nobody.
    Nobody,
}

/// The recipients, indexed. One sorted list of hashes for each step: a hash map with texts would take four times the memory.
pub(super) struct Directory<'a> {
    recipients: &'a [Recipient],
    by_key: HashMap<&'a str, u32>,
    by_text: [Vec<(u64, u32)>; STEPS.len()],
    rank: Vec<u32>,
}

impl<'a> Directory<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        let recipients = snapshot.recipients.as_slice();
        let by_key = recipients.iter().zip(0..).map(|(recipient, index)| (recipient.key.as_str(), index)).collect();
        let by_text = STEPS.map(|step| {
            let mut entries: Vec<(u64, u32)> = Vec::with_capacity(recipients.len());
            for (recipient, index) in recipients.iter().zip(0..) {
                entries.extend(texts(step, recipient).map(|text| (hash(&fold(step, text)), index)));
            }
            entries.sort_unstable();
            entries.dedup();
            entries
        });
        let mut order: Vec<u32> = (0..).take(recipients.len()).collect();
        order.sort_unstable_by_key(|index| &recipients[*index as usize].key);
        let mut rank = vec![0; order.len()];
        for (position, index) in (0..).zip(order) {
            rank[index as usize] = position;
        }
        Self { recipients, by_key, by_text, rank }
    }

    pub(super) fn get(&self, index: u32) -> &'a Recipient {
        &self.recipients[index as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.recipients.len()
    }

    pub(super) fn by_key(&self, key: &str) -> Option<u32> {
        self.by_key.get(key).copied()
    }

    /// The position of a recipient when all are sorted by key: what makes results independent of the order of rows.
    pub(super) fn rank(&self, index: u32) -> u32 {
        self.rank[index as usize]
    }

    /// The recipients with this security identifier, now or earlier.
    pub(super) fn find_sid(&self, sid: &str) -> Hit {
        self.find_at(Step::Sid, sid)
    }

    /// The recipients that a text names, by the order of the steps.
    pub(super) fn find(&self, text: &str) -> Hit {
        STEPS.into_iter().map(|step| self.find_at(step, text)).find(|hit| *hit != Hit::Nobody).unwrap_or(Hit::Nobody)
    }

    /// True when some step would find this recipient by the text.
    pub(super) fn is_called(&self, index: u32, text: &str) -> bool {
        STEPS.into_iter().any(|step| has(step, self.get(index), &fold(step, text)))
    }

    fn find_at(&self, step: Step, text: &str) -> Hit {
        let folded = fold(step, text);
        if folded.is_empty() {
            return Hit::Nobody;
        }
        let entries = &self.by_text[step as usize];
        let wanted = hash(&folded);
        let begin = entries.partition_point(|(hash, _)| *hash < wanted);
        let same_hash = entries[begin..].iter().take_while(|(hash, _)| *hash == wanted);
        let mut found: Vec<u32> =
            same_hash.map(|(_, index)| *index).filter(|index| has(step, self.get(*index), &folded)).collect();
        match found.as_slice() {
            [] => Hit::Nobody,
            [one] => Hit::One(*one, step),
            _ => {
                found.sort_unstable_by_key(|index| self.rank(*index));
                Hit::Several(found)
            }
        }
    }
}

/// The texts of a recipient that a step looks at: the order of design 5.3, in one place.
fn texts(step: Step, recipient: &Recipient) -> impl Iterator<Item = &str> {
    let none: &[String] = &[];
    let (first, second, list) = match step {
        Step::Sid => (&recipient.sid, &None, recipient.sid_history.as_slice()),
        Step::Id => (&recipient.directory_id, &recipient.guid, none),
        Step::Upn => (&recipient.upn, &None, none),
        Step::Account => (&recipient.account, &None, none),
        Step::Primary => (&recipient.primary, &None, none),
        Step::Address => (&None, &None, recipient.addresses.as_slice()),
        Step::Name => (&recipient.name, &recipient.display_name, none),
    };
    let texts = first.iter().chain(second).chain(list).map(String::as_str);
    // Exchange answers an empty text, not null, where an object has no directory id (exo 8.4).
    texts
        .filter_map(move |text| if step == Step::Address { smtp(text).map(|(address, _)| address) } else { Some(text) })
        .filter(|text| !text.trim().is_empty())
}

fn has(step: Step, recipient: &Recipient, folded: &str) -> bool {
    texts(step, recipient).any(|text| fold(step, text) == folded)
}

/// Comparison form: case-blind, addresses by [`AddressKey`]. Most texts are in that form already and are not copied.
fn fold(step: Step, text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    match step {
        Step::Upn | Step::Primary | Step::Address => Cow::Owned(AddressKey::new(text).as_str().to_owned()),
        Step::Sid | Step::Id | Step::Account | Step::Name => Cow::Owned(text.to_lowercase()),
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
