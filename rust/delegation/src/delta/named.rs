//! Which mailboxes a log means by the texts that it gives.
//!
//! An administrator names a mailbox by anything that `-Identity` takes, and the log keeps that, or a canonical path, or a name
//! behind that of the organisation. What might mean a mailbox counts: one read too many costs a second, one too few a wrong answer.

use crate::address::smtp;
use crate::snapshot::Mailbox;
use std::collections::HashSet;

/// The texts of a log, in every form in which they may be a name.
pub(super) struct Named(HashSet<String>);

impl Named {
    pub(super) fn new<'a>(texts: impl IntoIterator<Item = &'a String>) -> Self {
        Self(texts.into_iter().flat_map(|text| forms(text)).collect())
    }

    /// One of the names of the mailbox is there.
    pub(super) fn has(&self, mailbox: &Mailbox) -> bool {
        !self.0.is_empty() && names(mailbox).any(|name| self.0.contains(&name.trim().to_lowercase()))
    }
}

/// Texts that are no name of any of the mailboxes.
pub(super) fn missed(texts: &[String], mailboxes: &[Mailbox]) -> Vec<String> {
    if texts.is_empty() {
        return Vec::new();
    }
    let known: HashSet<String> = mailboxes.iter().flat_map(names).map(|name| name.trim().to_lowercase()).collect();
    texts.iter().filter(|text| !forms(text).iter().any(|form| known.contains(form))).cloned().collect()
}

/// The text itself, and what follows each `/` and `\` in it: `halden.onmicrosoft.com/Users/Sales` and `halden.onmicrosoft.com\Sales` end in a name.
/// Of a distinguished name, the first part.
fn forms(text: &str) -> Vec<String> {
    let text = text.trim().to_lowercase();
    let mut forms: Vec<String> = text
        .char_indices()
        .filter(|(_, letter)| matches!(letter, '/' | '\\'))
        // A slash within a name is written with a backslash before it.
        .map(|(at, _)| text[at + 1..].replace("\\/", "/"))
        .collect();
    if let Some(rest) = text.strip_prefix("cn=") {
        let end = rest.match_indices(',').find(|(at, _)| !rest[..*at].ends_with('\\')).map_or(rest.len(), |(at, _)| at);
        forms.push(rest[..end].replace("\\,", ","));
    }
    if let Some(address) = text.strip_prefix("smtp:") {
        forms.push(address.to_owned());
    }
    forms.push(text);
    forms.retain(|form| !form.is_empty());
    forms
}

fn names(mailbox: &Mailbox) -> impl Iterator<Item = &str> {
    let names = [
        &mailbox.guid,
        &mailbox.directory_id,
        &mailbox.name,
        &mailbox.display_name,
        &mailbox.alias,
        &mailbox.upn,
        &mailbox.primary,
    ];
    let addresses = mailbox.addresses.iter().filter_map(|address| Some(smtp(address)?.0));
    std::iter::once(mailbox.key.as_str()).chain(names.into_iter().flatten().map(String::as_str)).chain(addresses)
}
