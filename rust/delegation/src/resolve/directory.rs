//! The recipients of a snapshot, found by what Exchange calls them (design 5.3).

use super::principal::is_sid;
use crate::address::{AddressKey, smtp};
use crate::snapshot::{Recipient, Snapshot};
use foldhash::HashMap;
use foldhash::fast::RandomState;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::hash::BuildHasher as _;

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

/// The recipients, indexed. The index of a step is made when a row first needs it: where every row has a SID, only that of SIDs.
pub(super) struct Directory<'a> {
    recipients: &'a [Recipient],
    by_key: HashMap<&'a str, u32>,
    by_text: [OnceCell<Index>; STEPS.len()],
    rank: Vec<u32>,
    hasher: RandomState,
}

impl<'a> Directory<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        let recipients = snapshot.recipients.as_slice();
        let by_key = recipients.iter().zip(0..).map(|(recipient, index)| (recipient.key.as_str(), index)).collect();
        Self {
            recipients,
            by_key,
            by_text: Default::default(),
            rank: ranks(recipients),
            hasher: RandomState::default(),
        }
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
        let steps = STEPS.into_iter().filter(|step| may_be(*step, text));
        let hit = steps.map(|step| self.find_at(step, text)).find(|hit| *hit != Hit::Nobody);
        hit.or_else(|| Some(self.find_at(Step::Name, name_in_path(text)?))).unwrap_or(Hit::Nobody)
    }

    /// True when some step would find this recipient by the text.
    pub(super) fn is_called(&self, index: u32, text: &str) -> bool {
        let recipient = self.get(index);
        // Nearly always it is the same text but for ASCII case: no need to fold it for every step.
        STEPS.into_iter().any(|step| texts(step, recipient).any(|other| other.eq_ignore_ascii_case(text)))
            || STEPS.into_iter().any(|step| has(step, recipient, &fold(step, text)))
    }

    fn find_at(&self, step: Step, text: &str) -> Hit {
        let folded = fold(step, text);
        // Exchange answers an empty text, not null, where an object has no directory id (exo 8.4).
        if folded.is_empty() {
            return Hit::Nobody;
        }
        let index = self.by_text[step as usize].get_or_init(|| Index::new(step, self.recipients, &self.hasher));
        let candidates = index.with_hash(self.hasher.hash_one(&*folded));
        let mut found: Vec<u32> = candidates.filter(|index| has(step, self.get(*index), &folded)).collect();
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

/// The recipients of one step by the hashes of their texts: a sorted list, and where in it the first bits of a hash begin.
///
/// A hash map with the texts would take four times the memory; a search by halves alone, four times the time.
struct Index {
    entries: Vec<(u64, u32)>,
    starts: Vec<u32>,
    bits: u32,
}

impl Index {
    fn new(step: Step, recipients: &[Recipient], hasher: &RandomState) -> Self {
        let mut entries: Vec<(u64, u32)> = Vec::with_capacity(recipients.len());
        for (recipient, index) in recipients.iter().zip(0..) {
            entries.extend(texts(step, recipient).map(|text| (hasher.hash_one(&*fold(step, text)), index)));
        }
        entries.sort_unstable();
        entries.dedup();
        // About one entry for each start.
        let bits = entries.len().max(2).ilog2();
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        for (position, (hash, _)) in (0..).zip(&entries) {
            starts.resize(starts.len().max(bucket(*hash, bits) + 1), position);
        }
        starts.resize((1 << bits) + 1, u32::try_from(entries.len()).unwrap_or(u32::MAX));
        Self { entries, starts, bits }
    }

    fn with_hash(&self, hash: u64) -> impl Iterator<Item = u32> {
        let bucket = bucket(hash, self.bits);
        let range = self.starts[bucket] as usize..self.starts[bucket + 1] as usize;
        self.entries[range].iter().filter(move |(other, _)| *other == hash).map(|(_, index)| *index)
    }
}

fn bucket(hash: u64, bits: u32) -> usize {
    (hash >> (u64::BITS - bits)) as usize
}

/// For each recipient its position by key.
fn ranks(recipients: &[Recipient]) -> Vec<u32> {
    // The first bytes beside the index: most comparisons then need no look at the key itself.
    let first_bytes = |key: &str| {
        key.bytes().chain(std::iter::repeat(0)).take(8).fold(0, |sum: u64, byte| sum << 8 | u64::from(byte))
    };
    let mut order: Vec<(u64, u32)> =
        recipients.iter().zip(0..).map(|(recipient, index)| (first_bytes(&recipient.key), index)).collect();
    let key = |index: u32| &recipients[index as usize].key;
    order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| key(a.1).cmp(key(b.1))));
    let mut ranks = vec![0; order.len()];
    for (position, (_, index)) in (0..).zip(order) {
        ranks[index as usize] = position;
    }
    ranks
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
    texts
        .filter_map(move |text| if step == Step::Address { smtp(text).map(|(address, _)| address) } else { Some(text) })
}

/// Whether a text has the form of what a step looks for: most texts need one or two steps of the seven, and their indexes only.
fn may_be(step: Step, text: &str) -> bool {
    match step {
        Step::Sid => is_sid(text),
        Step::Id => text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'),
        Step::Upn | Step::Primary | Step::Address => text.contains('@'),
        Step::Account => text.contains('\\'),
        Step::Name => true,
    }
}

/// The Name in a path of on-premises Exchange, such as `corp.example/Users/Jane Doe`, by which SendOnBehalf names people there.
fn name_in_path(text: &str) -> Option<&str> {
    let (domain, rest) = text.split_once('/')?;
    (domain.contains('.') && !domain.contains(' ')).then(|| rest.rsplit('/').next().unwrap_or(rest))
}

fn has(step: Step, recipient: &Recipient, folded: &str) -> bool {
    texts(step, recipient).any(|text| fold(step, text) == folded)
}

/// Comparison form: case-blind, addresses by [`AddressKey`]. Texts that are in that form already are not copied.
fn fold(step: Step, text: &str) -> Cow<'_, str> {
    let text = text.trim();
    match step {
        // Capitals, as they are written.
        Step::Sid if !text.bytes().any(|byte| byte.is_ascii_lowercase()) => Cow::Borrowed(text),
        Step::Sid => Cow::Owned(text.to_ascii_uppercase()),
        _ if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) => Cow::Borrowed(text),
        Step::Upn | Step::Primary | Step::Address => Cow::Owned(AddressKey::new(text).as_str().to_owned()),
        Step::Id | Step::Account | Step::Name => Cow::Owned(text.to_lowercase()),
    }
}
