//! People, groups and other recipients, each with names that nobody else has.

use crate::kinds::{self, BARE_USER, Carrier, PEOPLE};
use crate::recipient::{Called, Id, Recipient, UNICODE_DOMAIN};
use crate::tenant::Maker;

const FIRST: [&str; 10] = ["Ann", "Gréta", "Ivo", "José", "Lena", "Nils", "Olga", "Şule", "Zoë", "Jan"];
// Some are traps for whoever looks for a principal by a part of a text.
const LAST: [&str; 10] = [
    "Olsen-Müller",
    "Selfridge",
    "Systems",
    "Everyone",
    "O'Hara",
    "Nt Authority-Smith",
    "Lab S-1-5-21",
    "Builtin",
    "Roth",
    "Self",
];
const DESKS: [&str; 6] = ["Accounts Payable", "Info", "Support", "Bestellungen", "Events", "Sales"];
const DOMAINS: [&str; 4] = ["@corp.example", "@corp.example", "@Corp.example", UNICODE_DOMAIN];
const DOMAIN_SID: &str = "S-1-5-21-1111111111-2222222222-3333333333";
const ONMICROSOFT: &str = "@corpexample.onmicrosoft.com";

impl Maker {
    /// The SID of an account that nobody has.
    pub(crate) fn strange_sid(&mut self) -> String {
        format!("{DOMAIN_SID}-{}", 900_000 + self.next())
    }

    /// A person: one of those that are there, or a new one.
    pub(crate) fn somebody(&mut self) -> Id {
        match self.people.is_empty() || self.dice.one_in(6) {
            true => self.person(),
            false => self.dice.pick(&self.people),
        }
    }

    /// A new person of any kind.
    pub(crate) fn person(&mut self) -> Id {
        let kind = match self.dice.one_in(8) {
            true => BARE_USER,
            false => self.dice.pick(&PEOPLE),
        };
        self.person_of(kind)
    }

    /// A new person of a type.
    pub(crate) fn person_of(&mut self, kind: &'static str) -> Id {
        let mut new = self.blank(kind, &[FIRST.as_slice(), LAST.as_slice()]);
        let number = self.last_number();
        if !kinds::has_no_mail(kind) {
            self.mail(&mut new, "p");
        }
        new.upn = self.upn(&new, kind, number);
        if self.dice.one_in(5) {
            new.sid_history = vec![format!("S-1-5-21-3777777777-888888888-999999999-{}", 2000 + number)];
        }
        // Exchange Online shows an account only beside a linked mailbox.
        if kind == "LinkedMailbox" || (!self.ordinary && self.dice.one_in(6)) {
            new.account = Some(format!("CORP\\gmüller{number}"));
        }
        if kind != "LinkedMailbox" {
            new.enabled = self.dice.one_in(2).then_some(true);
        }
        self.unset_some(&mut new);
        self.see_person(&new);
        self.recipients.push(new);
        self.people.push(self.recipients.len() - 1);
        self.recipients.len() - 1
    }

    fn upn(&mut self, new: &Recipient, kind: &str, number: u64) -> Option<String> {
        Some(match kind {
            "GuestMailUser" => format!("lena.roth{number}_partner.example#EXT#{ONMICROSOFT}"),
            _ => match &new.primary {
                Some(primary) if self.dice.one_in(2) => primary.clone(),
                _ => format!("U{number}@corp.example"),
            },
        })
    }

    /// Exchange does not tell everything of everybody.
    fn unset_some(&mut self, new: &mut Recipient) {
        if self.dice.one_in(10) {
            new.sid = None;
        }
        if self.ordinary {
            return;
        }
        match self.dice.up_to(15) {
            0 => new.upn = None,
            1 => new.guid = None,
            2 => new.key = format!("k{}", self.next()),
            _ => {}
        }
    }

    fn see_person(&mut self, new: &Recipient) {
        if !new.sid_history.is_empty() {
            self.saw("exo 8.24 SID history");
        }
        if new.enabled.is_none() {
            self.saw("rule 08 enabled absent");
        }
        if new.upn.is_some() && new.primary.is_some() && new.upn != new.primary {
            self.saw("exo 8.02 UPN differs from the primary address");
        }
        if new.upn.as_ref().is_some_and(|upn| upn.starts_with('U')) {
            self.saw("exo 8.08 UPN with capitals");
        }
        if new.account.is_some() {
            self.saw("exo 8.25 account of a domain");
        }
        match new.kind {
            Some("GuestMailUser") => self.saw("exo 8.15 guest"),
            Some("MailUser") => self.saw("exo 8.21 person on-premises (MailUser)"),
            _ => {}
        }
    }

    /// A person who has left: a known disabled account (rule 22).
    pub(crate) fn leaver(&mut self) -> Id {
        let id = self.person_of("UserMailbox");
        self.people.retain(|person| *person != id);
        self.recipients[id].enabled = Some(false);
        if !self.ordinary && self.dice.one_in(3) {
            self.recipients[id].kind = Some("DisabledUser");
            self.recipients[id].enabled = None;
        }
        id
    }

    /// A recipient that is no person: a room, a contact, a type that nobody knows.
    pub(crate) fn thing(&mut self, kind: Option<&'static str>) -> Id {
        let mut new = self.blank(kind.unwrap_or("none"), &[&["Room", "Supplier Desk", "Projector", "Scanner"]]);
        new.kind = kind;
        self.mail(&mut new, "t");
        self.recipients.push(new);
        self.recipients.len() - 1
    }

    /// A type that is no person's; mostly the one that was asked for, where one was.
    pub(crate) fn no_person_kind(&mut self) -> &'static str {
        match self.options.include_delegate_type.first().copied() {
            Some(asked) if self.dice.one_in(2) => {
                self.saw("type that is no person's but was asked for");
                asked
            }
            _ => self.dice.pick(&kinds::NOBODY),
        }
    }

    /// A group without members so far.
    pub(crate) fn group(&mut self, kind: &'static str) -> Id {
        let mut new =
            self.blank(kind, &[&["Finance Team", "Division", "All Berlin", "Project Atlas", "Legacy Admins"]]);
        if !kinds::has_no_mail(kind) {
            self.mail(&mut new, "g");
        }
        if kind == "RoleGroup" {
            self.saw("exo 8.13 role group");
        }
        self.recipients.push(new);
        self.recipients.len() - 1
    }

    /// A mailbox as a recipient.
    pub(crate) fn desk(&mut self, kind: &'static str) -> Id {
        let mut new = self.blank(kind, &[&DESKS]);
        self.mail(&mut new, "m");
        new.upn = new.primary.clone();
        new.enabled = self.dice.one_in(2).then_some(kind == "UserMailbox");
        if !self.ordinary && self.dice.one_in(12) {
            // As system mailboxes show it.
            new.directory_id = Some(String::new());
            self.saw("exo 8.04 directory id that is an empty text");
        }
        if new.name == new.directory_id {
            self.saw("exo 8.01 mailbox whose name is its directory id");
        }
        self.recipients.push(new);
        self.recipients.len() - 1
    }

    pub(crate) fn carrier_kind(&mut self, carrier: Carrier) -> &'static str {
        match carrier {
            Carrier::Security => self.dice.pick(&kinds::SECURITY),
            Carrier::Distribution => self.dice.pick(&kinds::DISTRIBUTION),
            Carrier::Loose => self.dice.pick(&kinds::LOOSE),
        }
    }

    /// Ids, a SID and two names, all of one number.
    fn blank(&mut self, kind: &'static str, words: &[&[&str]]) -> Recipient {
        let number = self.next();
        let guid = format!("a0000000-0000-4000-8000-{number:012}");
        let directory_id = format!("d0000000-0000-4000-9000-{number:012}");
        let mut display_name: String = words.iter().flat_map(|list| [self.dice.pick(list), " "]).collect();
        display_name += &number.to_string();
        let readable = self.dice.one_in(3);
        Recipient {
            key: guid.clone(),
            guid: Some(guid),
            name: Some(if readable { format!("N {display_name}") } else { directory_id.clone() }),
            directory_id: Some(directory_id),
            sid: (!kinds::has_no_sid(kind)).then(|| format!("{DOMAIN_SID}-{}", 10_000 + number)),
            display_name: Some(display_name),
            alias: Some(format!("alias{number}")),
            kind: Some(kind),
            ..Recipient::default()
        }
    }

    fn mail(&mut self, new: &mut Recipient, letter: &str) {
        let number = self.last_number();
        let local = self.dice.pick(&["Greta.Olsen", "gréta", "office"]);
        new.primary = Some(format!("{local}.{letter}{number}{}", self.dice.pick(&DOMAINS)));
        if self.dice.one_in(2) {
            new.others.push(format!("{letter}{number}.second@corp.example"));
        }
        if self.dice.one_in(3) {
            new.others.push(format!("{letter}{number}{ONMICROSOFT}"));
        }
    }

    /// Two people with one display name, whom only it would name.
    pub(crate) fn namesakes(&mut self) -> (String, Id) {
        let (one, other) = (self.person(), self.person());
        let text = self.title(one);
        // The name of one may also be the display name of the other.
        match self.dice.one_in(3) {
            true => self.recipients[other].name = Some(text.clone()),
            false => self.recipients[other].display_name = Some(text.clone()),
        }
        self.recipients[one].shared.push(Called::DisplayName);
        self.recipients[other].shared.extend([Called::Name, Called::DisplayName]);
        (text, one)
    }
}
