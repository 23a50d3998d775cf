//! Stories about rows that name nobody, or nobody who counts: gone, unknown, ambiguous, disabled, no person.

use crate::kinds::{Read, Right, STRANGE};
use crate::recipient::Called;
use crate::tenant::{Maker, Trustee};
use crate::trustee::{Case, Story};

/// Translations without a source: whoever that is.
const UNTRANSLATED: [&str; 3] = ["VORDEFINIERT\\Administratoren", "Jeder", "NT-AUTORITET\\SELV"];

impl Maker {
    /// What the list of recipients proves: whoever is not there does not exist.
    fn all_listed(&self) -> bool {
        self.reads.recipients.adds()
    }

    /// The account of that name was made anew: the grant was to one that is gone (rule 12).
    pub(crate) fn made_anew(&mut self, case: Case<'_>) -> Story {
        if case.right == Right::SendOnBehalf {
            return self.orphan(case);
        }
        let person = self.person_of("UserMailbox");
        let sid = self.strange_sid();
        let known = self.strange_sid();
        self.recipients[person].sid = Some(known);
        let text = self.recipients[person].primary.clone().unwrap_or_default();
        self.saw("rule 12 SID contradicts the person of the text");
        let subject = self.label(person);
        self.gone(Story::new(Trustee::Exactly(text.clone(), Some(sid)), &text), case, &subject)
    }

    /// The SID of an account that is gone (exo 8.12).
    pub(crate) fn orphan(&mut self, case: Case<'_>) -> Story {
        let sid = self.strange_sid();
        let beside = (case.right != Right::SendOnBehalf && self.dice.one_in(2)).then(|| sid.clone());
        self.saw(match case.right {
            Right::SendAs => "exo 8.18 orphaned SID with SendAs",
            _ => "exo 8.12 orphaned SID",
        });
        self.gone(Story::new(Trustee::Exactly(sid.clone(), beside), &sid), case, &sid)
    }

    fn gone(&mut self, mut story: Story, case: Case<'_>, subject: &str) -> Story {
        if !self.all_listed() {
            self.saw("rule 20 trustee not found, list not whole");
            return story.doubts("UnresolvedTrustee");
        }
        story.means.second_hand = self.reads.recipients != Read::Complete;
        match case.deny {
            true => story.doubts("DenyNotExpanded"),
            false => story.found("OrphanedTrustee", case.label, subject),
        }
    }

    pub(crate) fn ambiguous(&mut self) -> Story {
        self.saw("rule 09 ambiguous trustee");
        let (text, one) = self.namesakes();
        // A SID that two have, after a migration that was done twice.
        if !self.ordinary && self.dice.one_in(3) {
            let sid = self.strange_sid();
            let other = self.person();
            for id in [one, other] {
                self.recipients[id].sid_history = vec![sid.clone()];
                self.recipients[id].shared.push(Called::SidHistory);
            }
            return Story::new(Trustee::Exactly(sid.clone(), None), &sid).doubts("AmbiguousTrustee");
        }
        Story::new(Trustee::Exactly(text.clone(), None), &text).doubts("AmbiguousTrustee")
    }

    /// A text that finds nobody, and is no SID.
    pub(crate) fn unresolved(&mut self, case: Case<'_>) -> Story {
        self.saw("rule 09 unresolved trustee");
        let number = self.next();
        let strange = self.strange_sid();
        let (text, sid) = match self.dice.up_to(4) {
            0 => (format!("Nobody {number}"), None),
            1 => (format!("nobody{number}@gone.example"), None),
            2 => {
                self.saw("exo 8.28 app as trustee");
                (format!("6d4c7189-0000-45cc-a70c-{number:012}"), Some(strange))
            }
            3 => {
                self.saw("rule 13 translated name without a source");
                (self.dice.pick(&UNTRANSLATED).to_owned(), None)
            }
            _ => {
                self.saw("exo 8.14 service entry");
                (format!("EURPR99A{number:03}\\Organization Management"), Some(strange))
            }
        };
        let sid = sid.filter(|_| case.right != Right::SendOnBehalf);
        Story::new(Trustee::Exactly(text.clone(), sid), &text).doubts("UnresolvedTrustee")
    }

    /// A name may as well be that of another one, whom Exchange does not list.
    pub(crate) fn name_with_strange_sid(&mut self, case: Case<'_>) -> Story {
        if case.right == Right::SendOnBehalf {
            return self.unresolved(case);
        }
        let person = self.person_of("UserMailbox");
        let known = self.strange_sid();
        self.recipients[person].sid = Some(known);
        let (text, sid) = (self.title(person), self.strange_sid());
        self.saw("rule 12 name beside a strange SID");
        Story::new(Trustee::Exactly(text.clone(), Some(sid)), &text).doubts("UnresolvedTrustee")
    }

    pub(crate) fn off_duty(&mut self, case: Case<'_>) -> Story {
        let leaver = self.leaver();
        let called = self.label(leaver);
        self.saw("rule 22 leaver as trustee");
        Story::new(Trustee::Anyhow(leaver), &called).found("DisabledDelegate", case.label, &called)
    }

    pub(crate) fn no_person(&mut self, case: Case<'_>) -> Story {
        // Another mailbox of the tenant, or a thing.
        let others = self.mailboxes.iter().map(|mailbox| mailbox.id);
        let mut others = others.filter(|id| *id != case.own && self.recipients[*id].kind == Some("SharedMailbox"));
        let thing = if self.dice.one_in(3) { others.next() } else { None };
        let kind = self.no_person_kind();
        let thing = thing.unwrap_or_else(|| self.thing(Some(kind)));
        self.saw("rule 19 no person as trustee");
        let called = self.label(thing);
        if self.is_asked_for(self.recipients[thing].kind) {
            return Story::new(Trustee::Anyhow(thing), &called).about(thing);
        }
        Story::new(Trustee::Anyhow(thing), &called).found("DelegateNotPerson", case.label, &called)
    }

    pub(crate) fn strange_type(&mut self, case: Case<'_>) -> Story {
        let kind = self.dice.pick(&STRANGE);
        let kind = (self.ordinary || !self.dice.one_in(4)).then_some(kind);
        let thing = self.thing(kind);
        let called = self.label(thing);
        if self.is_asked_for(kind) {
            return Story::new(Trustee::Anyhow(thing), &called).about(thing);
        }
        self.saw("rule 19 unknown type as trustee");
        let story = Story::new(Trustee::Anyhow(thing), &called).doubts("UnknownTrusteeType");
        story.found("UnknownTrusteeType", case.label, &called)
    }
}
