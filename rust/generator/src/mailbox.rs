//! What becomes of one mailbox. Its rows are made up in the order in which Windows reads them, so the first word about a person stays:
//! explicit denies, explicit allows, inherited denies, inherited allows. (They are written in any order.)

use crate::kinds::{Read, Right};
use crate::recipient::Id;
use crate::team::{Chain, Reach};
use crate::tenant::{Effect, Mailbox, Maker, Row, Trustee};
use crate::trustee::{Case, Story, self_texts};
use crate::truth::{Delegation, Finding, Reason, State, Way, finding, reason};
use std::collections::{BTreeMap, BTreeSet};

/// Deny or not, inherited or not, how many rows at most; one right after the other.
const ORDER: [(bool, bool, usize); 4] = [(true, false, 1), (false, false, 3), (true, true, 1), (false, true, 1)];

/// What was decided about a person and a right.
enum Fate {
    Holds { inherited: bool, chains: BTreeSet<Chain> },
    Denied,
}

/// What is true of a mailbox and one right.
#[derive(Default)]
struct Outcome {
    fates: BTreeMap<Id, Fate>,
    reasons: BTreeSet<Reason>,
    findings: BTreeSet<Finding>,
    /// A deny could not be told completely, so every grant is doubtful (rule 16).
    doubtful: bool,
    second_hand: bool,
    /// An inherited allow was not asked for.
    left_out: bool,
}

impl Maker {
    /// Makes up the rows of a mailbox, for every right, and tells what is true for the wanted ones (rule 15).
    pub(crate) fn tell_mailbox(&mut self, mailbox: &Mailbox) {
        let label = self.label(mailbox.id);
        let mut state = State { may_gain: true, ..State::default() };
        let mut anything_read = false;
        let mut second_hand = matches!(mailbox.read, Read::Given | Read::Carried);
        for right in Right::ALL {
            let wanted = self.options.rights.contains(&right);
            let before = self.features.clone();
            let outcome = self.tell_right(mailbox, right, &label);
            if !wanted {
                // True of nothing that is asked for, and so no proof that a rule was met.
                self.features = before;
                self.features
                    .extend((!outcome.reasons.is_empty()).then_some("rule 15 doubt about a right that is not wanted"));
                continue;
            }
            let read = self.read_of(mailbox, right);
            if read.adds() {
                anything_read = true;
                self.tell_holders(mailbox, right, outcome.fates);
            } else {
                let part = ["mailbox", "sendAs", "sendOnBehalf"][right as usize];
                state.unknown.insert(reason("ReadIncomplete", part));
                // The mailbox's own read (rule 16).
                state.may_gain &= right != Right::FullAccess;
                self.saw(if read == Read::Missing {
                    "rule 06 part without a read line"
                } else {
                    "rule 16 part not read to its end"
                });
            }
            second_hand |= outcome.second_hand || matches!(read, Read::Given | Read::Carried);
            state.may_gain &= !outcome.doubtful;
            state.unknown.extend(outcome.reasons);
            self.truth.findings.extend(outcome.findings);
            self.left_out |= outcome.left_out;
        }
        state.may_gain &= anything_read;
        state.may_lose = state.unknown.is_empty() && !second_hand;
        self.see_state(&state, second_hand);
        self.truth.mailboxes.insert(self.key(mailbox.id), state);
    }

    fn see_state(&mut self, state: &State, second_hand: bool) {
        match (state.unknown.is_empty(), state.may_gain) {
            (false, true) => self.saw("rule 16 unknown, gains what is proved"),
            (false, false) => self.saw("rule 16 unknown, gains nothing"),
            (true, _) if second_hand => self.saw("given or carried: may gain, may not lose"),
            (true, _) => self.saw("known"),
        }
    }

    /// How far the part of a right was read.
    fn read_of(&self, mailbox: &Mailbox, right: Right) -> Read {
        match right {
            Right::FullAccess => mailbox.read,
            Right::SendAs => self.reads.send_as,
            // It comes with the mailbox; how good the list of mailboxes is says only whether it is first hand.
            Right::SendOnBehalf if !mailbox.on_behalf => Read::Failed,
            Right::SendOnBehalf if matches!(self.reads.mailboxes, Read::Given | Read::Carried) => self.reads.mailboxes,
            Right::SendOnBehalf => Read::Complete,
        }
    }

    fn tell_holders(&mut self, mailbox: &Mailbox, right: Right, fates: BTreeMap<Id, Fate>) {
        for (person, fate) in fates {
            let Fate::Holds { inherited, chains } = fate else { continue };
            let delegation = Delegation { mailbox: self.key(mailbox.id), delegate: self.key(person), right };
            let keys = |chain: &Chain| chain.iter().map(|group| self.key(*group)).collect();
            let ways = chains.iter().map(|chain| Way { inherited, groups: keys(chain) }).collect();
            self.truth.delegations.insert(delegation, ways);
        }
    }

    fn tell_right(&mut self, mailbox: &Mailbox, right: Right, label: &str) -> Outcome {
        let mut outcome = Outcome::default();
        // A mailbox that Exchange does not answer for has no rows, and one without the member has none for it.
        let silent = match right {
            Right::FullAccess => self.ordinary && mailbox.read == Read::Failed,
            Right::SendAs => false,
            Right::SendOnBehalf => !mailbox.on_behalf,
        };
        if silent {
            return outcome;
        }
        if right != Right::SendOnBehalf {
            self.add_self(mailbox, right);
        }
        for (deny, inherited, most) in ORDER {
            if right == Right::SendOnBehalf && (deny || inherited) {
                continue;
            }
            let rows = if deny || inherited { self.dice.one_in(4).into() } else { self.dice.up_to(most) };
            for _ in 0..rows {
                let story = self.story(Case { right, deny, own: mailbox.id, label });
                self.tell_row(mailbox, (right, deny, inherited), story, label, &mut outcome);
            }
        }
        self.add_noise(mailbox, right, label, &mut outcome);
        outcome
    }

    fn tell_row(
        &mut self,
        mailbox: &Mailbox,
        (right, deny, inherited): (Right, bool, bool),
        story: Story,
        label: &str,
        outcome: &mut Outcome,
    ) {
        let effect = if deny { Effect::Deny } else { Effect::Allow };
        let mut row = self.row(mailbox, right, story.trustee);
        (row.effect, row.inherited) = (effect, inherited);
        let counts = !inherited || self.options.include_inherited;
        self.see_row(&row, counts);
        if !counts {
            outcome.left_out |= !deny && !story.well_known;
        } else if !story.silent && !inherited && right != Right::SendOnBehalf && self.dice.one_in(25) {
            self.make_unclear(&mut row, &story.called, outcome);
        } else if self.covers(&mut row, &story.called, story.silent, label, outcome) {
            let held_doubt = !story.means.reasons.is_empty();
            let contrary = tell_people(mailbox.id, deny, inherited, &story.means, &mut outcome.fates);
            self.features.extend(contrary);
            take(story.means, outcome);
            if deny && held_doubt {
                outcome.reasons.insert(reason("DenyNotExpanded", &story.called));
                outcome.doubtful = true;
                self.saw("rule 10 deny that cannot be told");
            }
        }
        self.rows.push(row);
    }

    fn see_row(&mut self, row: &Row, counts: bool) {
        match (row.effect, row.inherited) {
            (Effect::Deny, true) if counts => self.saw("rule 11 inherited deny, asked for"),
            (Effect::Deny, true) => self.saw("rule 11 inherited deny, not asked for"),
            (Effect::Deny, false) => self.saw("exo 8.10 deny"),
            (_, true) => self.saw("exo 8.14 inherited row"),
            _ => {}
        }
        match (row.right, row.effect) {
            (Right::SendOnBehalf, _) => self.saw("rule 04 SendOnBehalf text"),
            (Right::SendAs, Effect::Deny) => self.saw("exo 8.19 deny of SendAs"),
            (Right::SendAs, _) => self.saw("exo 8.18 SendAs row"),
            _ => {}
        }
    }

    /// A row that does not tell whether it allows, or what (rule 7): whoever it names, nothing is proved.
    fn make_unclear(&mut self, row: &mut Row, called: &str, outcome: &mut Outcome) {
        let code = match !self.ordinary && self.dice.one_in(3) {
            true => {
                row.effect = Effect::NoRights;
                "RightsMissing"
            }
            false => {
                row.effect = Effect::NoDeny;
                "DenyMissing"
            }
        };
        outcome.reasons.insert(reason(code, called));
        outcome.doubtful = true;
        self.saw("rule 07 row without deny or rights");
    }

    /// Gives some rows another reach than all; true when the mailbox itself is meant (rule 21).
    fn covers(&mut self, row: &mut Row, called: &str, silent: bool, label: &str, outcome: &mut Outcome) -> bool {
        if row.right != Right::FullAccess || silent || !self.dice.one_in(10) {
            return true;
        }
        row.inheritance = self.dice.pick(&["None", "None", "Children", "Descendents"]);
        let root_only = row.inheritance == "None";
        let code = if root_only { "InheritanceNone" } else { "InheritanceIgnored" };
        outcome.findings.insert(finding(code, Some(label), called));
        self.saw(if root_only { "rule 21 inheritance None" } else { "rule 21 inheritance of children only" });
        root_only
    }

    pub(crate) fn row(&self, mailbox: &Mailbox, right: Right, trustee: Trustee) -> Row {
        Row {
            of: self.key(mailbox.id),
            right,
            beside: &[],
            holds: true,
            trustee,
            effect: Effect::Allow,
            inherited: false,
            inheritance: "All",
        }
    }

    /// Every mailbox has a row of itself, some have two (exo 8.6, 8.7, 8.16).
    fn add_self(&mut self, mailbox: &Mailbox, right: Right) {
        let first = self.row(mailbox, right, self_texts());
        let mut second = first.clone();
        self.rows.push(Row { beside: &["ReadPermission"], ..first });
        self.saw("exo 8.06 SELF with two rights");
        if right == Right::FullAccess && self.dice.one_in(3) {
            second.beside = match self.dice.one_in(2) {
                true => &["ExternalAccount", "ReadPermission"],
                false => &["SendAs", "ReadPermission"],
            };
            self.saw(if second.beside[0] == "SendAs" {
                "exo 8.16 SendAs inside a mailbox row"
            } else {
                "exo 8.07 second SELF"
            });
            self.rows.push(second);
        }
    }

    /// Rows that are about something else, whoever they name: they give nobody the right, and are told.
    fn add_noise(&mut self, mailbox: &Mailbox, right: Right, label: &str, outcome: &mut Outcome) {
        if right != Right::FullAccess || !self.dice.one_in(3) {
            return;
        }
        let person = self.somebody();
        let mut row = self.row(mailbox, right, Trustee::Anyhow(person));
        row.holds = false;
        row.beside =
            self.dice.pick(&[&["ReadPermission"] as &[_], &["SendAs", "ReadPermission"], &["ChangePermission"]]);
        let code = if row.beside == ["ChangePermission"] { "MayChangePermissions" } else { "OtherRight" };
        // What a mailbox may do with itself is told to nobody.
        outcome.findings.extend((person != mailbox.id).then(|| finding(code, Some(label), &self.label(person))));
        self.rows.push(row);
        self.saw("rule 15 row of another right");
    }
}

/// Says the first word about each person, and tells where an earlier one stands against it.
fn tell_people(
    own: Id,
    deny: bool,
    inherited: bool,
    means: &Reach,
    fates: &mut BTreeMap<Id, Fate>,
) -> Option<&'static str> {
    let mut contrary = None;
    for (person, chains) in means.people.iter().filter(|(person, _)| **person != own) {
        let first_word = match deny {
            true => Fate::Denied,
            false => Fate::Holds { inherited, chains: BTreeSet::new() },
        };
        let fate = fates.entry(*person).or_insert(first_word);
        match fate {
            // A further way to the same right; an inherited one beside an explicit one tells nothing new.
            Fate::Holds { inherited: level, chains: known } if !deny && *level == inherited => {
                known.extend(chains.iter().cloned());
            }
            Fate::Holds { .. } if deny => contrary = Some("explicit allow that outranks an inherited deny"),
            Fate::Denied if !deny => contrary = Some("deny laid over an allow"),
            Fate::Holds { .. } | Fate::Denied => {}
        }
    }
    contrary
}

fn take(means: Reach, outcome: &mut Outcome) {
    outcome.reasons.extend(means.reasons);
    outcome.findings.extend(means.findings);
    outcome.second_hand |= means.second_hand;
}
