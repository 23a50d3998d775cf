//! One mailbox: from its rows to its delegations and its state (design 5, rules 7, 9, 10, 11, 13, 15, 16, 21, 22).

use super::class::{Class, Scope, classify};
use super::deny::{Denied, Grant};
use super::directory::Directory;
use super::groups::Groups;
use super::reads::{Reads, describe, is_complete, is_second_hand, is_usable};
use super::rows::{Effect, Reach, Row};
use super::trustee::{Trustee, identify};
use super::{Delegation, MailboxState, ResolveOptions, UnknownReason, names, notes};
use crate::finding::Finding;
use crate::snapshot::{Mailbox, Read, Right};

/// What every mailbox is resolved with.
pub(super) struct World<'a> {
    pub directory: &'a Directory<'a>,
    pub reads: &'a Reads<'a>,
    pub options: &'a ResolveOptions,
}

/// What became of one mailbox.
pub(super) struct Outcome {
    pub state: MailboxState,
    /// By rank of the delegate, then right.
    pub delegations: Vec<Delegation>,
    pub findings: Vec<Finding>,
}

/// Resolves the mailbox at `index` from its rows of the wanted rights.
pub(super) fn resolve(
    world: &World<'_>,
    groups: &mut Groups<'_>,
    (index, mailbox): (u32, &Mailbox),
    rows: &[Row<'_>],
) -> Outcome {
    let mut case = Case::new(world, mailbox);
    let mut delegations = Vec::new();
    let mut anything_read = false;
    for right in wanted(world.options) {
        let usable = case.check_read(right);
        anything_read |= usable;
        let rows = rows.iter().filter(|row| row.right == right);
        let grants = case.take_rows(groups, rows);
        // What is not read to its end proves nobody: a deny may be missing.
        if usable {
            delegations.extend(grants.into_iter().map(|grant| Delegation {
                mailbox: index,
                delegate: grant.person,
                right,
                groups: grant.groups,
                inherited: grant.inherited,
            }));
        }
    }
    delegations.sort_by_key(|delegation| (world.directory.rank(delegation.delegate), delegation.right));
    case.may_gain &= anything_read;
    let (state, findings) = case.close();
    Outcome { state, delegations, findings }
}

/// The wanted rights, each once, in their order.
pub(super) fn wanted(options: &ResolveOptions) -> impl Iterator<Item = Right> {
    [Right::FullAccess, Right::SendAs, Right::SendOnBehalf].into_iter().filter(|right| options.rights.contains(right))
}

/// A mailbox while it is looked at.
struct Case<'w> {
    world: &'w World<'w>,
    name: &'w str,
    mailbox: &'w Mailbox,
    /// The mailbox as a recipient (rule 3).
    own: Option<u32>,
    reasons: Vec<UnknownReason>,
    findings: Vec<Finding>,
    /// Rule 16: whether it gains at all.
    may_gain: bool,
    /// Design 4: nothing that it depends on was handed over or carried over.
    first_hand: bool,
}

impl<'w> Case<'w> {
    fn new(world: &'w World<'w>, mailbox: &'w Mailbox) -> Self {
        Self {
            world,
            name: names::mailbox(mailbox),
            mailbox,
            own: world.directory.by_key(&mailbox.key),
            reasons: Vec::new(),
            findings: Vec::new(),
            may_gain: true,
            // A mailbox that is carried over is read again before anything about it is removed, whatever the right.
            first_hand: !is_second_hand(world.reads.mailbox(&mailbox.key)),
        }
    }

    fn close(mut self) -> (MailboxState, Vec<Finding>) {
        self.reasons.sort_unstable();
        self.reasons.dedup();
        let may_lose = self.reasons.is_empty() && self.first_hand;
        (MailboxState { unknown: self.reasons, may_gain: self.may_gain, may_lose }, self.findings)
    }

    /// True when the rows of a right were read well enough to add by. Each right has its own part (rule 15).
    fn check_read(&mut self, right: Right) -> bool {
        let (subject, read): (&str, Option<&Read>) = match right {
            Right::FullAccess => ("mailbox", self.world.reads.mailbox(&self.mailbox.key)),
            Right::SendAs => ("sendAs", self.world.reads.send_as(&self.mailbox.key)),
            // Read with the mailbox itself: there when the member is there.
            Right::SendOnBehalf => {
                self.first_hand &= !is_second_hand(self.world.reads.tenant("mailboxes"));
                if self.mailbox.send_on_behalf.is_none() {
                    self.reasons.push(notes::read_incomplete(right, "sendOnBehalf", "it was not read"));
                    return false;
                }
                return true;
            }
        };
        self.first_hand &= !is_second_hand(read);
        let usable = is_usable(read);
        if !usable {
            self.reasons.push(notes::read_incomplete(right, subject, &describe(read)));
            // The mailbox's own read (rule 16).
            self.may_gain &= right != Right::FullAccess;
        }
        usable
    }

    /// The people who hold the right, each by their best grant.
    fn take_rows<'r>(&mut self, groups: &mut Groups<'_>, rows: impl Iterator<Item = &'r Row<'r>>) -> Vec<Grant> {
        let mut grants = Vec::new();
        let mut denied = Denied::default();
        for row in rows {
            // Inherited denies count only where inherited allows do (rule 11).
            if row.inherited && !self.world.options.include_inherited {
                continue;
            }
            match row.effect {
                Effect::Unclear(member) => {
                    self.reasons.push(notes::row_unclear(self.name_of(row), member));
                    self.may_gain = false;
                }
                Effect::Allow => {
                    let people = self.reached(groups, row).into_iter();
                    grants.extend(people.map(|(person, groups)| Grant { person, inherited: row.inherited, groups }));
                }
                Effect::Deny => {
                    let before = self.reasons.len();
                    let people = self.reached(groups, row).into_iter();
                    denied.level(row.inherited).extend(people.map(|(person, _)| person));
                    // Whatever cannot be told about a deny makes every grant doubtful (rules 10, 16).
                    if self.reasons.len() > before {
                        self.reasons.push(notes::deny_not_expanded(self.name_of(row)));
                        self.may_gain = false;
                    }
                }
            }
        }
        grants.retain(|grant| denied.allows(grant) && Some(grant.person) != self.own);
        self.best_of_each(grants)
    }

    // Explicit before inherited, then the shortest trail, ties by key.
    fn best_of_each(&self, mut grants: Vec<Grant>) -> Vec<Grant> {
        let rank = |index: &u32| self.world.directory.rank(*index);
        grants.sort_by(|a, b| {
            (rank(&a.person), a.inherited, a.groups.len())
                .cmp(&(rank(&b.person), b.inherited, b.groups.len()))
                .then_with(|| a.groups.iter().map(rank).cmp(b.groups.iter().map(rank)))
        });
        grants.dedup_by_key(|grant| grant.person);
        grants
    }

    /// The people whom a row reaches, each with the groups between, outermost first.
    fn reached(&mut self, groups: &mut Groups<'_>, row: &Row<'_>) -> Vec<(u32, Vec<u32>)> {
        let world = self.world;
        let Some(recipient) = self.trustee(row) else { return Vec::new() };
        let trustee = world.directory.get(recipient);
        let scope = Scope::of(row.right, world.options);
        match classify(trustee, world.options) {
            Class::Person => return vec![(recipient, Vec::new())],
            Class::Group(kind) if scope.expands(kind) => {
                let members = groups.expand(recipient, scope);
                self.reasons.extend(members.reasons.iter().cloned());
                self.first_hand &= members.first_hand;
                return members.trails().collect();
            }
            Class::Group(kind) => {
                self.findings.push(notes::group_without_rights(Some(self.name), trustee, kind, None));
            }
            Class::Disabled => self.findings.push(notes::disabled(Some(self.name), trustee, None)),
            Class::NotAPerson => self.findings.push(notes::not_a_person(Some(self.name), trustee, None)),
            Class::Unknown => {
                self.findings.push(notes::unknown_type(Some(self.name), trustee, None));
                self.reasons.push(notes::unknown_type_reason(trustee, None));
            }
        }
        Vec::new()
    }

    fn who(&self, row: &Row<'_>) -> Trustee {
        identify(self.world.directory, row.text, row.sid, is_usable(self.world.reads.tenant("recipients")))
    }

    /// How a row's trustee is called in texts: the same for every spelling that finds it.
    fn name_of<'r>(&self, row: &Row<'r>) -> &'r str
    where
        'w: 'r,
    {
        match self.who(row) {
            Trustee::Found { recipient, .. } => names::person(self.world.directory.get(recipient)),
            Trustee::Broad(principal) => principal,
            _ => row.name(),
        }
    }

    /// The recipient that a row is about; `None` when there is none to go on with, which is then said.
    fn trustee(&mut self, row: &Row<'_>) -> Option<u32> {
        let directory = self.world.directory;
        let recipients = self.world.reads.tenant("recipients");
        let who = self.who(row);
        if who == Trustee::Dropped || !self.covers_the_mailbox(row) {
            return None;
        }
        match who {
            Trustee::Dropped => None,
            // The mailbox itself, by another name than SELF.
            Trustee::Found { recipient, .. } if Some(recipient) == self.own => None,
            Trustee::Found { recipient, by_name, text_names } => {
                // A name is unique only in a list that is whole.
                self.first_hand &= !by_name || is_complete(recipients);
                if let Some(other) = text_names {
                    let (holder, named) = (directory.get(recipient), directory.get(other));
                    self.findings.push(notes::text_differs(self.name, holder, named));
                }
                Some(recipient)
            }
            // A deny of everybody is one that cannot be expanded.
            Trustee::Broad(principal) if row.effect == Effect::Deny => {
                self.reasons.push(notes::deny_not_expanded(principal));
                None
            }
            Trustee::Broad(principal) => {
                self.findings.push(notes::broad_grant(self.name, row.right, principal));
                self.reasons.push(notes::broad_grant_reason(principal));
                None
            }
            Trustee::Several(all) => {
                let all: Vec<_> = all.into_iter().map(|index| directory.get(index)).collect();
                self.reasons.push(notes::ambiguous(row.name(), &all));
                None
            }
            Trustee::Orphan(made_anew) => {
                self.first_hand &= is_complete(recipients);
                self.orphan(row, made_anew);
                None
            }
            Trustee::Unresolved => {
                self.reasons.push(notes::unresolved(row.name()));
                None
            }
        }
    }

    fn orphan(&mut self, row: &Row<'_>, made_anew: Option<u32>) {
        // It may be a group that was not synchronised, whose members are denied (rule 10).
        if row.effect == Effect::Deny {
            self.reasons.push(notes::deny_not_expanded(row.name()));
            return;
        }
        let made_anew = made_anew.map(|index| self.world.directory.get(index));
        let sid = row.sid.unwrap_or(row.text);
        self.findings.push(notes::orphan(self.name, row.right, sid, made_anew));
    }

    // Rule 21.
    fn covers_the_mailbox(&mut self, row: &Row<'_>) -> bool {
        match row.reach {
            Reach::All => true,
            Reach::RootOnly => {
                self.findings.push(notes::root_only(self.name, row.right, self.name_of(row)));
                true
            }
            Reach::NotTheMailbox(inheritance) => {
                self.findings.push(notes::not_the_mailbox(self.name, row.right, self.name_of(row), inheritance));
                false
            }
        }
    }
}
