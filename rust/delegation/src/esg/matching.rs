//! Which ESG user is which person (design 6, rule 24).

use super::index::{AddressId, Index};
use super::lists::Lists;
use crate::address::smtp;
use crate::snapshot::Recipient;

/// Types of rule 19 that are people.
const PEOPLE: [&str; 6] = ["UserMailbox", "LinkedMailbox", "RemoteUserMailbox", "MailUser", "GuestMailUser", "User"];

/// The ESG user of a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Person {
    Nobody,
    User(usize),
    /// Several users, or one that other recipients match too: nothing of theirs is touched (rule 24).
    Ambiguous(Vec<usize>),
}

/// Both directions of the matching. Every recipient takes part, delegate or not: a user that a second recipient matches
/// may be that one's.
pub(super) struct Matching {
    /// By index of the snapshot's recipients.
    pub recipients: Vec<Person>,
    /// By index of [`Index::users`]: recipients that match it.
    claims: Lists,
    people: Vec<bool>,
}

impl Matching {
    pub fn new(index: &Index<'_>) -> Self {
        let by_identity = index.by_identity();
        let recipients = &index.input.snapshot.recipients;
        // User and recipient, by recipient, then user; each pair once.
        let mut matches: Vec<(usize, usize)> = Vec::with_capacity(recipients.len());
        let mut users: Vec<usize> = Vec::new();
        for (recipient, facts) in recipients.iter().enumerate() {
            users.clear();
            addresses(index, facts).for_each(|id| users.extend(by_identity.of(id)));
            users.sort_unstable();
            users.dedup();
            matches.extend(users.iter().map(|&user| (user, recipient)));
        }
        let claims = Lists::new(index.users.len(), matches.iter().copied());
        let mut people: Vec<bool> = recipients.iter().map(is_person).collect();
        index.input.resolution.delegations.iter().for_each(|delegation| people[delegation.delegate as usize] = true);
        let mut settled = vec![Person::Nobody; recipients.len()];
        for of_one in matches.chunk_by(|a, b| a.1 == b.1) {
            settled[of_one[0].1] = match of_one {
                &[(user, _)] if claims.of(user).len() == 1 => Person::User(user),
                several => Person::Ambiguous(several.iter().map(|&(user, _)| user).collect()),
            };
        }
        Self { recipients: settled, claims, people }
    }

    /// The one recipient that matches the user and nobody else.
    pub fn recipient(&self, user: usize) -> Option<usize> {
        match *self.claims.of(user) {
            [recipient] if self.recipients[recipient] == Person::User(user) => Some(recipient),
            _ => None,
        }
    }

    /// The one person that matches the user.
    pub fn person(&self, user: usize) -> Option<usize> {
        self.recipient(user).filter(|&recipient| self.people[recipient])
    }

    /// Recipients match the user and it cannot be told whose it is (rule 24).
    pub fn is_ambiguous(&self, user: usize) -> bool {
        !self.claims.of(user).is_empty() && self.recipient(user).is_none()
    }

    /// Recipients that match the user.
    pub fn claimants(&self, user: usize) -> &[usize] {
        self.claims.of(user)
    }
}

/// The addresses of a recipient, and its UPN, as far as ESG or a mailbox knows them.
pub(super) fn addresses<'a>(index: &'a Index<'_>, recipient: &'a Recipient) -> impl Iterator<Item = AddressId> + 'a {
    let proxies = recipient.addresses.iter().filter_map(|proxy| smtp(proxy)).map(|(address, _)| address);
    recipient
        .primary
        .as_deref()
        .into_iter()
        .chain(recipient.upn.as_deref())
        .chain(proxies)
        .filter_map(|text| index.find(text))
}

/// How texts name a recipient: primary address, UPN, display name, name, key.
pub(super) fn label(recipient: &Recipient) -> &str {
    [&recipient.primary, &recipient.upn, &recipient.display_name, &recipient.name]
        .into_iter()
        .find_map(|text| text.as_deref().filter(|text| !text.is_empty()))
        .unwrap_or(&recipient.key)
}

// A type that is missing proves no person.
fn is_person(recipient: &Recipient) -> bool {
    recipient.recipient_type.as_deref().is_some_and(is_people_type)
}

/// The type is one of the people of rule 19.
pub(super) fn is_people_type(kind: &str) -> bool {
    PEOPLE.iter().any(|person| person.eq_ignore_ascii_case(kind))
}
