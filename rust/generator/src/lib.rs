//! Tenants of which it is known who has access, made for tests of everything that works it out.
//!
//! [`generate`] decides first: who works here, which mailboxes there are, who effectively holds which right on which of them and
//! why, which mailboxes cannot be known, and what an administrator should be told. Only then it writes rows that express exactly
//! this, by means that chance chooses. The truth is never read back from rows, so a resolver that is wrong has nothing to agree with.
//!
//! The same facts can be written in many shapes ([`Tenant::lines`]): other order, other spelling, other optional members. This
//! crate knows none of ours, and writes its lines itself.

mod appliance;
mod dice;
mod exchange;
mod files;
mod kinds;
mod later;
mod lines;
mod mailbox;
mod nobody;
mod people;
mod recipient;
mod spelling;
mod team;
mod tenant;
mod trustee;
mod truth;

pub use appliance::{Added, Appliance, End};
pub use exchange::Rows;
pub use kinds::Right;
pub use later::Later;
pub use tenant::{Options, count};
pub use truth::{Delegation, Finding, Reason, State, Truth, Way};

use dice::Dice;
use kinds::Read;
use recipient::Recipient;
use std::collections::BTreeSet;
use tenant::{Mailbox, Maker, Trustee};
use truth::finding;

/// What kind of tenant to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How many mailboxes; at least one is made.
    pub size: usize,
    /// Only what the cmdlets of Exchange Online can tell and an appliance can hold.
    pub ordinary: bool,
}

/// A tenant: its facts, and what is true because of them.
pub struct Tenant {
    facts: Maker,
}

/// Makes the tenant of a seed: the same seed and settings, the same tenant.
#[must_use]
pub fn generate(seed: u64, settings: Settings) -> Tenant {
    let mut maker = Maker::new(Dice::new(seed), settings.ordinary);
    for _ in 0..2 + settings.size {
        maker.person();
    }
    for _ in 0..settings.size.max(1) {
        maker.add_mailbox();
    }
    for at in 0..maker.mailboxes.len() {
        let mailbox = maker.mailboxes[at].clone();
        maker.tell_mailbox(&mailbox);
    }
    maker.add_surroundings();
    Tenant { facts: maker }
}

impl Tenant {
    /// What must come out.
    #[must_use]
    pub fn truth(&self) -> &Truth {
        &self.facts.truth
    }

    /// How it is to be resolved.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.facts.options
    }

    /// Which kinds of facts and rules this tenant has: `rule 12 ...` for a rule, `exo 8.11 ...` for a kind of fact.
    #[must_use]
    pub fn features(&self) -> &BTreeSet<&'static str> {
        &self.facts.features
    }

    /// The snapshot, line by line without newlines. Every shape says the same.
    #[must_use]
    pub fn lines(&self, shape: u64) -> Vec<String> {
        lines::lines(&self.facts, &mut Dice::new(shape))
    }

    /// The rows of Exchange for its stand-in; none for a tenant that is not ordinary.
    #[must_use]
    pub fn exchange(&self, shape: u64) -> Option<Rows> {
        self.facts.ordinary.then(|| exchange::rows(&self.facts, &mut Dice::new(shape)))
    }

    /// An appliance after an import, and the end of the whole run; none for a tenant that is not ordinary.
    #[must_use]
    pub fn appliance(&self, seed: u64) -> Option<Appliance> {
        self.facts.ordinary.then(|| appliance::appliance(&self.facts, &mut Dice::new(seed)))
    }

    /// The tenant after a change that takes rights away, and what a second run must leave of an appliance that a first one has brought in line.
    #[must_use]
    pub fn later(&self, appliance: &Appliance, seed: u64) -> Later {
        later::later(&self.facts, appliance, &mut Dice::new(seed))
    }

    /// Everything as files: name and text.
    #[must_use]
    pub fn files(&self, shape: u64) -> Vec<(&'static str, String)> {
        files::files(self, shape)
    }
}

impl Maker {
    fn add_mailbox(&mut self) {
        let user = !self.ordinary && self.dice.one_in(12);
        let id = self.desk(if user { "UserMailbox" } else { "SharedMailbox" });
        if user {
            self.people.push(id);
        }
        let read = match (self.dice.up_to(19), self.ordinary) {
            (0, false) => Read::Given,
            (1, false) => Read::Carried,
            (2, false) => self.dice.pick(&Read::BROKEN),
            (2, true) => self.dice.pick(&[Read::Truncated, Read::Failed]),
            _ => Read::Complete,
        };
        let on_behalf = !self.dice.one_in(10);
        if !on_behalf {
            self.saw("exo 8.03 mailbox without GrantSendOnBehalfTo");
        }
        self.mailboxes.push(Mailbox { id, read, on_behalf });
        if !self.ordinary && self.dice.one_in(10) {
            self.bury_mailbox();
        }
    }

    /// Somebody has the names and addresses of a mailbox that was deleted (exo 8.5): only its GUID is its own, and it changes nothing.
    fn bury_mailbox(&mut self) {
        let (person, key) = (self.somebody(), format!("deleted-{}", self.next()));
        let facts = self.recipients[person].clone();
        self.deleted.push(Recipient { guid: Some(key.clone()), key, directory_id: None, ..facts });
        self.saw("exo 8.05 address of a deleted mailbox, used again");
    }

    /// What a tenant has besides the mailboxes that were asked for.
    fn add_surroundings(&mut self) {
        for always in
            ["rule 01 members as documented", "rule 02 end counts the lines", "rule 03 mailbox is a recipient too"]
        {
            self.saw(always);
        }
        if self.options.rights.len() > 1 {
            self.saw("rule 15 several wanted rights");
        }
        if self.options.expand_all {
            self.saw("rule 18 every kind of group expanded");
        }
        if self.left_out {
            let left_out = Finding { subject: None, ..finding("InheritedLeftOut", None, "") };
            self.truth.findings.insert(left_out);
        }
        self.truth.complete = self.ordinary || !self.dice.one_in(12);
        if !self.truth.complete {
            self.saw("snapshot without its end");
        }
        if !self.ordinary && self.dice.one_in(10) {
            self.add_stray();
        }
        if self.dice.one_in(4) {
            self.add_list_with_send_as();
        }
    }

    /// Rows of a mailbox that has no line.
    fn add_stray(&mut self) {
        let (person, key) = (self.somebody(), format!("stray-{}", self.next()));
        let anywhere = self.mailboxes[0].clone();
        let mut row = self.row(&anywhere, Right::FullAccess, Trustee::Anyhow(person));
        row.of.clone_from(&key);
        self.rows.push(row);
        if self.options.rights.contains(&Right::FullAccess) {
            self.truth.findings.insert(finding("PermissionWithoutMailbox", None, &key));
            self.saw("row of a mailbox that has no line");
        }
    }

    /// SendAs rows come for the whole tenant: most are about other recipients (exo 8.18).
    fn add_list_with_send_as(&mut self) {
        let (person, list) = (self.somebody(), self.group("MailUniversalDistributionGroup"));
        let anywhere = self.mailboxes[0].clone();
        let mut row = self.row(&anywhere, Right::SendAs, Trustee::Anyhow(person));
        row.of = self.key(list);
        self.rows.push(row);
        self.saw("exo 8.18 SendAs on a distribution group");
    }
}
