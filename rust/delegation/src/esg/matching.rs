//! Which ESG user is which person (design 6, rule 24).

use super::index::{AddressId, Index};
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
    claims: Vec<Vec<usize>>,
    people: Vec<bool>,
}

impl Matching {
    pub fn new(index: &Index<'_>) -> Self {
        let by_identity = index.by_identity();
        let recipients = &index.input.snapshot.recipients;
        let hits: Vec<Vec<usize>> = recipients
            .iter()
            .map(|recipient| {
                let mut users: Vec<usize> =
                    addresses(index, recipient).flat_map(|id| by_identity.of(id)).copied().collect();
                users.sort_unstable();
                users.dedup();
                users
            })
            .collect();
        let mut claims = vec![Vec::new(); index.users.len()];
        for (recipient, users) in hits.iter().enumerate() {
            users.iter().for_each(|&user| claims[user].push(recipient));
        }
        let mut people: Vec<bool> = recipients.iter().map(is_person).collect();
        index.input.resolution.delegations.iter().for_each(|delegation| people[delegation.delegate as usize] = true);
        let settle = |users: Vec<usize>| match users[..] {
            [] => Person::Nobody,
            [user] if claims[user].len() == 1 => Person::User(user),
            _ => Person::Ambiguous(users),
        };
        Self { recipients: hits.into_iter().map(settle).collect(), claims, people }
    }

    /// The one recipient that matches the user and nobody else.
    pub fn recipient(&self, user: usize) -> Option<usize> {
        match self.claims[user][..] {
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
        !self.claims[user].is_empty() && self.recipient(user).is_none()
    }

    /// Recipients that match the user.
    pub fn claimants(&self, user: usize) -> &[usize] {
        &self.claims[user]
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
