//! A recipient, and the texts by which a row may name it.

use crate::dice::Dice;

/// Index of a recipient in its tenant.
pub(crate) type Id = usize;

/// What a row may name a recipient by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Called {
    /// By its SID beside any text that it is called by.
    Sid,
    /// Likewise, by a SID from before a migration.
    SidHistory,
    /// A SID as the text.
    SidText,
    Guid,
    DirectoryId,
    Upn,
    Account,
    Primary,
    Address,
    Name,
    DisplayName,
}

impl Called {
    const ALL: [Self; 11] = [
        Self::Sid,
        Self::SidHistory,
        Self::SidText,
        Self::Guid,
        Self::DirectoryId,
        Self::Upn,
        Self::Account,
        Self::Primary,
        Self::Address,
        Self::Name,
        Self::DisplayName,
    ];

    /// Not unique by itself: it needs the list of recipients to be whole.
    pub(crate) fn is_weak(self) -> bool {
        matches!(self, Self::Name | Self::DisplayName)
    }
}

/// An object of the tenant. What is `None` is not written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recipient {
    pub key: String,
    pub guid: Option<String>,
    pub directory_id: Option<String>,
    pub sid: Option<String>,
    pub sid_history: Vec<String>,
    pub account: Option<String>,
    pub name: Option<String>,
    pub display_name: Option<String>,
    pub alias: Option<String>,
    pub upn: Option<String>,
    pub primary: Option<String>,
    /// SMTP addresses besides the primary.
    pub others: Vec<String>,
    pub kind: Option<&'static str>,
    pub enabled: Option<bool>,
    /// What somebody else is called too, or is found by first.
    pub shared: Vec<Called>,
}

impl Recipient {
    /// How findings call it: primary address, UPN, display name, name, key, whichever is there.
    pub(crate) fn label(&self) -> &str {
        first([&self.primary, &self.upn, &self.display_name, &self.name], &self.key)
    }

    /// How findings call it as a group.
    pub(crate) fn title(&self) -> &str {
        first([&self.display_name, &self.name, &self.primary, &self.upn], &self.key)
    }

    /// SMTP addresses, the primary first.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &str> {
        self.primary.iter().chain(&self.others).map(String::as_str)
    }

    pub(crate) fn text(&self, name: Called) -> Option<&str> {
        let text = match name {
            Called::Sid | Called::SidText => &self.sid,
            Called::SidHistory => return self.sid_history.first().map(String::as_str),
            Called::Guid => &self.guid,
            Called::DirectoryId => &self.directory_id,
            Called::Upn => &self.upn,
            Called::Account => &self.account,
            Called::Primary => &self.primary,
            Called::Address => return self.others.first().map(String::as_str),
            Called::Name => &self.name,
            Called::DisplayName => &self.display_name,
        };
        text.as_deref().filter(|text| !text.is_empty())
    }

    /// What names this one and nobody else.
    pub(crate) fn names(&self) -> impl Iterator<Item = Called> {
        // Since 2022 a name is mostly the directory id (exo 1.6): then it is found as that.
        let is_name = |name: Called| name != Called::Name || self.name != self.directory_id;
        Called::ALL
            .into_iter()
            .filter(move |name| self.text(*name).is_some() && is_name(*name) && !self.shared.contains(name))
    }

    /// Trustee and SID of a row that names it so.
    pub(crate) fn spell(&self, name: Called, dice: &mut Dice) -> (String, Option<String>) {
        let text = self.text(name).unwrap_or_default().to_owned();
        match name {
            Called::Sid | Called::SidHistory => {
                let called: Vec<&str> =
                    Called::ALL.into_iter().filter_map(|other| self.text(other)).chain([""]).collect();
                let beside = dice.pick(&called).to_owned();
                (recase(beside, dice), Some(recase(text, dice)))
            }
            Called::SidText => (recase(text.clone(), dice), dice.one_in(2).then_some(text)),
            _ => (recase(text, dice), None),
        }
    }
}

fn first<'a>(texts: [&'a Option<String>; 4], key: &'a str) -> &'a str {
    texts.into_iter().flatten().map(String::as_str).find(|text| !text.is_empty()).unwrap_or(key)
}

/// The same text in other letters: everything that names somebody compares case-blind, domains also in IDNA form (design 5.8).
pub(crate) fn recase(text: String, dice: &mut Dice) -> String {
    match dice.up_to(7) {
        0 => text.to_uppercase(),
        1 => text.to_lowercase(),
        2 => text.replace(UNICODE_DOMAIN, ASCII_DOMAIN),
        _ => text,
    }
}

/// A domain in both of its forms.
pub(crate) const UNICODE_DOMAIN: &str = "@müller.example";
const ASCII_DOMAIN: &str = "@xn--mller-kva.example";
