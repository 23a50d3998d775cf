//! Who shall hold what: delegations as pairs of mailbox and delegate, and the addresses that a mailbox gives (design 6, wanted).

use super::index::{Address, AddressId, Index, Standing};
use super::lists::{Lists, id};
use super::matching::{Matching, Person};
use crate::plan::AliasScope;
use crate::resolve::Delegation;

/// A person on a mailbox, by whichever of the wanted rights comes first (rule 15).
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    pub delegation: &'a Delegation,
}

impl Pair<'_> {
    /// Index of the mailbox.
    pub fn mailbox(&self) -> usize {
        self.delegation.mailbox as usize
    }

    /// Index of the person among the recipients.
    pub fn delegate(&self) -> usize {
        self.delegation.delegate as usize
    }
}

pub(super) struct Grants<'a> {
    /// In the order of the delegations.
    pub pairs: Vec<Pair<'a>>,
    /// By mailbox: what its delegates shall hold.
    wanted: Vec<Vec<Address<'a>>>,
    by_mailbox: Lists,
    /// By user, for people who match exactly one: mailbox and pair, sorted by mailbox.
    by_user: Lists<(u32, u32)>,
    /// Pairs of everybody else.
    others: Vec<u32>,
    /// By mailbox: one of its delegates is nobody at ESG.
    stranger: Vec<bool>,
}

impl<'a> Grants<'a> {
    pub fn new(index: &Index<'a>, matching: &Matching) -> Self {
        // Sorted by mailbox, delegate, right: the first of a pair is the right to name.
        let mut pairs: Vec<Pair<'a>> = Vec::with_capacity(index.input.resolution.delegations.len());
        for delegation in &index.input.resolution.delegations {
            let pair = Pair { delegation };
            if pairs.last().is_none_or(|last| (last.mailbox(), last.delegate()) != (pair.mailbox(), pair.delegate())) {
                pairs.push(pair);
            }
        }
        let by_mailbox =
            Lists::new(index.mailboxes.len(), pairs.iter().enumerate().map(|(at, pair)| (pair.mailbox(), at)));
        let mut held: Vec<(usize, (u32, u32))> = Vec::with_capacity(pairs.len());
        let mut others = Vec::new();
        let mut stranger = vec![false; index.mailboxes.len()];
        for (mailbox, stranger) in stranger.iter_mut().enumerate() {
            for &at in by_mailbox.of(mailbox) {
                match matching.recipients[pairs[at].delegate()] {
                    Person::User(user) if index.users[user].standing != Standing::Functional => {
                        held.push((user, (id(mailbox), id(at))));
                    }
                    Person::User(_) | Person::Nobody => {
                        *stranger = true;
                        others.push(id(at));
                    }
                    Person::Ambiguous(_) => others.push(id(at)),
                }
            }
        }
        let by_user = Lists::new(index.users.len(), held.iter().copied());
        Self { pairs, wanted: wanted(index), by_mailbox, by_user, others, stranger }
    }

    /// The addresses that the mailbox's delegates shall hold.
    pub fn wanted(&self, mailbox: usize) -> &[Address<'a>] {
        &self.wanted[mailbox]
    }

    /// The pairs of a mailbox.
    pub fn of_mailbox(&self, mailbox: usize) -> impl Iterator<Item = &Pair<'a>> {
        self.by_mailbox.of(mailbox).iter().map(|&at| &self.pairs[at])
    }

    /// Every pair once, by its user: a million looks at users all over the memory take longer than all else. Those without come last.
    pub fn by_user(&self) -> impl Iterator<Item = usize> + '_ {
        self.by_user.members().iter().map(|&(_, at)| at).chain(self.others.iter().copied()).map(|at| at as usize)
    }

    /// Why the user may have the address: any address of a mailbox that the person has, wanted or not (rule 26).
    pub fn justification(&self, index: &Index<'_>, user: usize, address: AddressId) -> Option<&Pair<'a>> {
        let held = self.by_user.of(user);
        let pair_on = |&mailbox: &usize| held.binary_search_by_key(&id(mailbox), |&(mailbox, _)| mailbox).ok();
        index.owners(address).iter().find_map(pair_on).map(|at| &self.pairs[held[at].1 as usize])
    }

    /// A delegate of the mailbox has no ESG user: an unmatched user may be the same human, renamed (rule 23).
    pub fn has_stranger(&self, mailbox: usize) -> bool {
        self.stranger[mailbox]
    }
}

fn wanted<'a>(index: &Index<'a>) -> Vec<Vec<Address<'a>>> {
    let scope = index.input.options.alias_scope;
    let mut removed = vec![Vec::new(); index.mailboxes.len()];
    if scope == AliasScope::Functional {
        for entry in index.input.removed.iter().filter(|entry| index.is_own_tenant(&entry.tenant)) {
            if let Some(mailbox) = index.mailbox_by_guid(&entry.mailbox) {
                removed[mailbox].extend(entry.addresses.iter().filter_map(|address| index.find(address)));
            }
        }
    }
    let functional =
        |id: AddressId| index.holders(id).iter().any(|&user| index.users[user].standing == Standing::Functional);
    let chosen = |at: usize, address: &Address<'a>| {
        let primary = index.mailboxes[at].primary.is_some_and(|primary| primary.id == address.id);
        let in_scope = match scope {
            AliasScope::Primary => primary,
            AliasScope::Functional => primary || functional(address.id) || removed[at].contains(&address.id),
            AliasScope::All => true,
        };
        // ESG knows `*.onmicrosoft.com` only where mail to it passes; nobody is given one that nobody has.
        in_scope && !(index.is_onmicrosoft(address) && index.holders(address.id).is_empty())
    };
    let mailboxes = index.mailboxes.iter().enumerate();
    mailboxes.map(|(at, mailbox)| mailbox.addresses.iter().filter(|a| chosen(at, a)).copied().collect()).collect()
}
