//! The facts of a tenant while they are made up, and what is true because of them.

use crate::dice::Dice;
use crate::kinds::{Read, Right, Scope};
use crate::recipient::{Called, Id, Recipient};
use crate::team::Team;
use crate::truth::Truth;
use std::collections::{BTreeMap, BTreeSet};

/// How the rows are to be resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Wanted rights.
    pub rights: BTreeSet<Right>,
    /// Inherited allows count.
    pub include_inherited: bool,
    /// Every kind of group is expanded.
    pub expand_all: bool,
    /// Types that count as people although they are not.
    pub include_delegate_type: Vec<&'static str>,
}

impl Options {
    /// Which groups count for a right.
    pub(crate) fn scope(&self, right: Right) -> Scope {
        match (self.expand_all, right) {
            (true, _) => Scope::All,
            (false, Right::SendOnBehalf) => Scope::Distribution,
            (false, _) => Scope::Security,
        }
    }
}

/// What a row does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
    /// The row does not tell.
    NoDeny,
    /// The row does not tell which rights.
    NoRights,
}

/// Whom a row names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trustee {
    /// A recipient, by anything that names it and nobody else.
    Anyhow(Id),
    /// A recipient, by this.
    By(Id, Called),
    /// Exactly this text and SID.
    Exactly(String, Option<String>),
    /// One of these: text and SID.
    OneOf(&'static [(&'static str, Option<&'static str>)]),
}

/// One row, before it has a shape.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Key of the mailbox, or of something that is none.
    pub of: String,
    pub right: Right,
    /// What else the row is about; only that, where `holds` is not set.
    pub beside: &'static [&'static str],
    /// The row is about the right itself.
    pub holds: bool,
    pub trustee: Trustee,
    pub effect: Effect,
    pub inherited: bool,
    /// InheritanceType; `All` in most rows.
    pub inheritance: &'static str,
}

/// A mailbox of the snapshot; as a recipient it has the same key (rule 3).
#[derive(Debug, Clone)]
pub(crate) struct Mailbox {
    pub id: Id,
    pub read: Read,
    /// GrantSendOnBehalfTo was read.
    pub on_behalf: bool,
}

/// A group and who is in it.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub id: Id,
    pub members: Vec<Member>,
    pub read: Read,
}

/// One edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Member {
    Of(Id),
    Owner(Id),
    /// A key that no recipient has.
    Gone(String),
}

/// How far the parts of the tenant were read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TenantReads {
    pub recipients: Read,
    pub send_as: Read,
    pub mailboxes: Read,
}

/// What a tenant is made with: facts, dice, and the truth so far.
pub(crate) struct Maker {
    pub dice: Dice,
    /// Only what the cmdlets of Exchange can tell and an appliance can hold.
    pub ordinary: bool,
    pub options: Options,
    pub reads: TenantReads,
    pub recipients: Vec<Recipient>,
    pub people: Vec<Id>,
    pub mailboxes: Vec<Mailbox>,
    /// Mailboxes that are soft-deleted.
    pub deleted: Vec<Recipient>,
    pub groups: Vec<Group>,
    pub teams: Vec<Team>,
    pub rows: Vec<Row>,
    pub truth: Truth,
    pub features: BTreeSet<&'static str>,
    pub left_out: bool,
    /// People whom a second recipient would be taken for at ESG, by username.
    pub shadowed: BTreeSet<Id>,
    last: u64,
}

impl Maker {
    pub(crate) fn new(mut dice: Dice, ordinary: bool) -> Self {
        let options = some_options(&mut dice, ordinary);
        let reads = some_reads(&mut dice, ordinary);
        Self {
            dice,
            ordinary,
            options,
            reads,
            recipients: Vec::new(),
            people: Vec::new(),
            deleted: Vec::new(),
            mailboxes: Vec::new(),
            groups: Vec::new(),
            teams: Vec::new(),
            rows: Vec::new(),
            truth: Truth::default(),
            features: BTreeSet::new(),
            left_out: false,
            shadowed: BTreeSet::new(),
            last: 0,
        }
    }

    pub(crate) fn last_number(&self) -> u64 {
        self.last
    }

    /// A number that was not given before: what makes every name unique.
    pub(crate) fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    pub(crate) fn saw(&mut self, feature: &'static str) {
        self.features.insert(feature);
    }

    pub(crate) fn label(&self, id: Id) -> String {
        self.recipients[id].label().to_owned()
    }

    pub(crate) fn title(&self, id: Id) -> String {
        self.recipients[id].title().to_owned()
    }

    pub(crate) fn key(&self, id: Id) -> String {
        self.recipients[id].key.clone()
    }

    /// The type counts as a person because it was asked for (design 5.6).
    pub(crate) fn is_asked_for(&self, kind: Option<&str>) -> bool {
        kind.is_some_and(|kind| self.options.include_delegate_type.contains(&kind))
    }
}

fn some_options(dice: &mut Dice, ordinary: bool) -> Options {
    let mut rights = BTreeSet::from([dice.pick(&Right::ALL)]);
    if dice.one_in(2) {
        rights = BTreeSet::from([Right::FullAccess]);
    }
    rights.extend(Right::ALL.into_iter().filter(|_| dice.one_in(4)));
    let kinds = ["SharedMailbox", "MailContact", "RoomMailbox"];
    let asked = !ordinary && dice.one_in(5);
    Options {
        rights,
        include_inherited: dice.one_in(3),
        expand_all: dice.one_in(4),
        include_delegate_type: if asked { vec![dice.pick(&kinds)] } else { Vec::new() },
    }
}

fn some_reads(dice: &mut Dice, ordinary: bool) -> TenantReads {
    let part = |dice: &mut Dice| match (ordinary, dice.up_to(19)) {
        (_, 0..15) => Read::Complete,
        (true, 15) => Read::Truncated,
        (true, _) => Read::Complete,
        (false, 15) => Read::Given,
        (false, 16) => Read::Carried,
        (false, _) => dice.pick(&Read::BROKEN),
    };
    let (recipients, send_as) = (part(dice), part(dice));
    TenantReads { recipients, send_as, mailboxes: if ordinary { Read::Complete } else { part(dice) } }
}

/// Counts in how many tenants each feature occurs.
pub fn count<'a>(coverage: &mut BTreeMap<&'static str, u64>, features: impl Iterator<Item = &'a &'static str>) {
    features.for_each(|feature| *coverage.entry(feature).or_default() += 1);
}
