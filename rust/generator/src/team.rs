//! Groups with people: who is in a team is decided here, and told for each scope as the team grows. Nobody looks at its edges later.

use crate::kinds::{BARE_USER, Carrier, Read, STRANGE, Scope};
use crate::recipient::Id;
use crate::tenant::{Group, Maker, Member};
use crate::truth::{Finding, Reason, finding, reason};
use std::collections::{BTreeMap, BTreeSet};

/// Groups from the outermost to the one that the person is in.
pub(crate) type Chain = Vec<Id>;

/// Whom a row with this group means.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reach {
    /// People, with each chain that leads to them.
    pub people: BTreeMap<Id, BTreeSet<Chain>>,
    /// Why there may be more people.
    pub reasons: BTreeSet<Reason>,
    pub findings: BTreeSet<Finding>,
    /// It rests on rows that were handed over or carried over, or on a list that is not whole.
    pub second_hand: bool,
}

/// A group that rows may name, with everything in it.
#[derive(Debug, Clone)]
pub(crate) struct Team {
    pub root: Id,
    pub carrier: Carrier,
    reach: [Reach; 3],
}

impl Team {
    fn new(root: Id, carrier: Carrier) -> Self {
        Self { root, carrier, reach: Default::default() }
    }

    /// Whom it means in a scope; nobody where its kind carries nothing.
    pub(crate) fn reach(&self, scope: Scope) -> Option<&Reach> {
        scope.counts(self.carrier).then(|| &self.reach[scope as usize])
    }

    fn each(&mut self, tell: impl Fn(&mut Reach)) {
        self.reach.iter_mut().for_each(tell);
    }

    fn takes_person(&mut self, person: Id) {
        let root = self.root;
        self.each(|reach| {
            reach.people.entry(person).or_default().insert(vec![root]);
        });
    }

    fn takes_team(&mut self, inner: &Team, title: &str) {
        for scope in Scope::ALL {
            let reach = &mut self.reach[scope as usize];
            let Some(from) = inner.reach(scope) else {
                reach.findings.insert(finding("GroupWithoutRights", None, title));
                continue;
            };
            for (person, chains) in &from.people {
                let through = chains.iter().map(|chain| [&[self.root], chain.as_slice()].concat());
                reach.people.entry(*person).or_default().extend(through);
            }
            reach.reasons.extend(from.reasons.iter().cloned());
            reach.findings.extend(from.findings.iter().cloned());
            reach.second_hand |= from.second_hand;
        }
    }
}

/// A group while its members are chosen.
struct Draft {
    team: Team,
    members: Vec<Member>,
    /// Groups that only this one holds: they may hold it in turn, which changes nothing.
    private: Vec<usize>,
}

impl Maker {
    /// A team that rows may name: one that is there, or a new one.
    pub(crate) fn some_team(&mut self) -> Team {
        if !self.teams.is_empty() && self.dice.one_in(3) {
            let at = self.dice.up_to(self.teams.len() - 1);
            return self.teams[at].clone();
        }
        let levels = match self.dice.one_in(8) {
            true => 4 + self.dice.up_to(8),
            false => self.dice.up_to(2),
        };
        if levels > 4 {
            self.saw("groups nested more than four deep");
        }
        let (team, _) = self.team(levels);
        self.teams.push(team.clone());
        team
    }

    /// Makes a group and everything below; gives it with the place of its facts.
    fn team(&mut self, levels: usize) -> (Team, usize) {
        let carrier = self.dice.weigh(&[(10, Carrier::Security), (1, Carrier::Distribution), (1, Carrier::Loose)]);
        let kind = self.carrier_kind(carrier);
        let root = self.group(kind);
        // Exchange cannot list the members of these (exo 2.2).
        let closed = self.ordinary && matches!(kind, "UniversalSecurityGroup" | "ExchangeSecurityGroup");
        let read = if closed { Read::Unsupported } else { self.group_read() };
        let mut draft = Draft { team: Team::new(root, carrier), members: Vec::new(), private: Vec::new() };
        self.tell_read(&mut draft.team, read);
        if !(closed || (self.ordinary && read == Read::Failed)) {
            self.fill(&mut draft, levels);
        }
        let at = self.groups.len();
        self.groups.push(Group { id: root, members: draft.members, read });
        if !draft.private.is_empty() && self.dice.one_in(2) {
            let inner = self.dice.pick(&draft.private);
            self.groups[inner].members.push(Member::Of(root));
            self.saw("exo 8.22 loop of groups");
        }
        (draft.team, at)
    }

    fn group_read(&mut self) -> Read {
        match (self.dice.up_to(23), self.ordinary) {
            (0, false) => Read::Given,
            (1, false) => Read::Carried,
            (2, false) => self.dice.pick(&Read::BROKEN),
            (2, true) => self.dice.pick(&[Read::Truncated, Read::Failed]),
            _ => Read::Complete,
        }
    }

    fn tell_read(&mut self, team: &mut Team, read: Read) {
        if read.adds() {
            team.each(|reach| reach.second_hand |= read != Read::Complete);
            return;
        }
        let title = self.title(team.root);
        team.each(|reach| {
            reach.reasons.insert(reason("GroupNotExpanded", &title));
        });
        self.saw(match read {
            Read::Missing => "rule 06 group without a read line",
            Read::Truncated => "exo 8.26 cut list of members",
            _ => "rule 19 group that cannot be expanded",
        });
    }

    fn fill(&mut self, draft: &mut Draft, levels: usize) {
        for _ in 0..self.dice.up_to(3) {
            let person = self.somebody();
            self.add_person(draft, person);
        }
        if levels > 0 {
            self.add_group(draft, levels - 1);
        }
        while self.dice.one_in(4) {
            self.add_other(draft);
        }
        if self.recipients[draft.team.root].kind == Some("GroupMailbox") && self.dice.one_in(2) {
            self.add_owner(draft);
        }
        // An edge that leads back to where it begins.
        if self.dice.one_in(20) {
            draft.members.push(Member::Of(draft.team.root));
        }
    }

    fn add_person(&mut self, draft: &mut Draft, person: Id) {
        draft.team.takes_person(person);
        draft.members.push(Member::Of(person));
        if self.recipients[person].kind == Some(BARE_USER) {
            self.saw("exo 8.22 member without mail");
        }
    }

    fn add_group(&mut self, draft: &mut Draft, levels: usize) {
        let inner = if !self.teams.is_empty() && self.dice.one_in(4) {
            let at = self.dice.up_to(self.teams.len() - 1);
            self.teams[at].clone()
        } else {
            let (inner, at) = self.team(levels);
            draft.private.push(at);
            inner
        };
        if inner.carrier != Carrier::Security {
            self.saw("rule 18 distribution, dynamic or Microsoft 365 group in a group");
        }
        let title = self.title(inner.root);
        draft.team.takes_team(&inner, &title);
        draft.members.push(Member::Of(inner.root));
    }

    /// A member that is no plain person.
    fn add_other(&mut self, draft: &mut Draft) {
        match self.dice.up_to(if self.ordinary { 3 } else { 5 }) {
            0 => {
                let leaver = self.leaver();
                self.add_other_one(draft, leaver, "DisabledDelegate");
                self.saw("rule 22 leaver in a group");
            }
            1 => {
                let kind = self.no_person_kind();
                let thing = self.thing(Some(kind));
                self.add_counted(draft, thing, "DelegateNotPerson");
                self.saw("rule 19 no person in a group");
            }
            2 => {
                let kind = self.dice.pick(&STRANGE);
                let thing = self.thing(Some(kind));
                let subject = self.label(thing);
                if !self.add_counted(draft, thing, "UnknownTrusteeType") {
                    draft.team.each(|reach| {
                        reach.reasons.insert(reason("UnknownTrusteeType", &subject));
                    });
                }
                self.saw("rule 19 unknown type in a group");
            }
            3 => self.add_owner(draft),
            _ => self.add_gone(draft),
        }
    }

    /// Counts where its type was asked for, else it is a finding. True when it counts.
    fn add_counted(&mut self, draft: &mut Draft, thing: Id, code: &'static str) -> bool {
        let counts = self.is_asked_for(self.recipients[thing].kind);
        match counts {
            true => self.add_person(draft, thing),
            false => self.add_other_one(draft, thing, code),
        }
        counts
    }

    fn add_other_one(&mut self, draft: &mut Draft, other: Id, code: &'static str) {
        let subject = self.label(other);
        draft.team.each(|reach| {
            reach.findings.insert(finding(code, None, &subject));
        });
        draft.members.push(Member::Of(other));
    }

    /// An owner who is not a member holds nothing (rule 17): so nothing is told.
    fn add_owner(&mut self, draft: &mut Draft) {
        if self.ordinary && self.recipients[draft.team.root].kind != Some("GroupMailbox") {
            return;
        }
        let owner = self.person();
        draft.members.push(Member::Owner(owner));
        self.saw("rule 17 owner who is no member");
        self.saw("exo 8.23 links of a group");
    }

    /// A member that no list knows: gone, or, where the list is not whole, anybody (rules 5, 20).
    fn add_gone(&mut self, draft: &mut Draft) {
        let key = format!("gone-{}", self.next());
        let recipients = self.reads.recipients;
        let title = self.title(draft.team.root);
        draft.team.each(|reach| {
            reach.findings.insert(finding("OrphanedMember", None, &key));
            reach.second_hand |= recipients != Read::Complete;
            if !recipients.adds() {
                reach.reasons.insert(reason("UnresolvedMember", &title));
            }
        });
        draft.members.push(Member::Gone(key));
        self.saw("rule 05 member without a recipient line");
        if !recipients.adds() {
            self.saw("rule 20 member without a recipient line, list not whole");
        }
    }
}
