//! Whom a row may name: each story decides what the row means, and only then what it names.

use crate::kinds::{Carrier, Read, Right};
use crate::recipient::{Called, Id};
use crate::team::{Chain, Reach};
use crate::tenant::{Maker, Trustee};
use crate::truth::{finding, reason};
use std::collections::BTreeSet;

/// The row that a story is told for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'a> {
    pub right: Right,
    pub deny: bool,
    /// The mailbox as a recipient, and as findings call it.
    pub own: Id,
    pub label: &'a str,
}

/// What a row names, what is true because of it, and how it is called in findings about the row itself.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    pub trustee: Trustee,
    pub means: Reach,
    pub called: String,
    /// SELF, SYSTEM and the like: nothing is ever said about them.
    pub silent: bool,
    /// It stands for everybody or nobody, so it is not counted among inherited permissions left out.
    pub well_known: bool,
}

impl Story {
    pub(crate) fn new(trustee: Trustee, called: &str) -> Self {
        Self { trustee, means: Reach::default(), called: called.to_owned(), silent: false, well_known: false }
    }

    pub(crate) fn found(mut self, code: &'static str, mailbox: &str, subject: &str) -> Self {
        self.means.findings.insert(finding(code, Some(mailbox), subject));
        self
    }

    /// The row means one person, directly.
    pub(crate) fn about(mut self, person: Id) -> Self {
        self.means.people.insert(person, BTreeSet::from([Chain::new()]));
        self
    }

    pub(crate) fn doubts(mut self, code: &'static str) -> Self {
        self.means.reasons.insert(reason(code, &self.called));
        self
    }
}

type Texts = &'static [(&'static str, Option<&'static str>)];

// English and translated (rule 13); without SID only where the translation has a source.
const SELF_TEXTS: Texts = &[
    ("NT AUTHORITY\\SELF", Some("S-1-5-10")),
    ("NT AUTHORITY\\SELF", None),
    ("NT-AUTORITÄT\\SELBST", None),
    ("AUTORITE NT\\SELF", None),
    ("NT-AUTORITÄT\\SELBST", Some("S-1-5-10")),
    ("ISE\\SAM", Some("s-1-5-10")),
    ("S-1-5-10", None),
];
const SYSTEM_TEXTS: Texts = &[
    ("NT AUTHORITY\\SYSTEM", Some("S-1-5-18")),
    ("NT AUTHORITY\\SYSTEM", None),
    ("NT-AUTORITÄT\\SYSTEM", None),
    ("AUTORITE NT\\Système", None),
    ("LOKALES\\KONTO", Some("S-1-5-18")),
];
const BUILTIN_TEXTS: Texts = &[
    ("BUILTIN\\Administrators", None),
    ("VORDEFINIERT\\Administratoren", Some("S-1-5-32-544")),
    ("Builtin\\Users", Some("S-1-5-32-545")),
];
const BROAD: [(&str, Texts); 3] = [
    ("Everyone", &[("Everyone", None), ("Jeder", Some("S-1-1-0")), ("EVERYONE", Some("S-1-1-0"))]),
    ("Anonymous", &[("NT AUTHORITY\\ANONYMOUS LOGON", None), ("Anonyme", Some("S-1-5-7"))]),
    (
        "Authenticated Users",
        &[("NT AUTHORITY\\Authenticated Users", None), ("Authentifizierte Benutzer", Some("S-1-5-11"))],
    ),
];

impl Maker {
    /// One of all stories that fit a row; most are about people and teams.
    pub(crate) fn story(&mut self, case: Case<'_>) -> Story {
        match self.dice.up_to(41) {
            0..14 => self.direct(),
            14..24 => self.through_team(case),
            24 => self.someone_by_name(),
            25 => self.first_step(),
            26 => self.text_where_no_sid(),
            27 => self.another_by_text(case),
            28 => self.made_anew(case),
            29 => self.orphan(case),
            30 => self.ambiguous(),
            31 => self.unresolved(case),
            32 => self.name_with_strange_sid(case),
            33 => self.off_duty(case),
            34 => self.no_person(case),
            35 => self.strange_type(case),
            36 if !case.deny || self.dice.one_in(2) => self.broad(case),
            37 => self.own_name(case),
            38 => self.same_title(case),
            _ => self.well_known(),
        }
    }

    fn direct(&mut self) -> Story {
        let person = self.somebody();
        let called = self.label(person);
        Story::new(Trustee::Anyhow(person), &called).about(person)
    }

    fn through_team(&mut self, case: Case<'_>) -> Story {
        let team = self.some_team();
        let called = self.label(team.root);
        let mut story = Story::new(Trustee::Anyhow(team.root), &called);
        match team.reach(self.options.scope(case.right)) {
            Some(reach) => story.means = reach.clone(),
            None => story = story.found("GroupWithoutRights", case.label, &self.title(team.root)),
        }
        if team.carrier != Carrier::Security {
            self.saw("rule 18 distribution, dynamic or Microsoft 365 group as trustee");
        }
        if team.carrier == Carrier::Distribution && case.right == Right::SendOnBehalf {
            self.saw("rule 18 distribution group for SendOnBehalf");
        }
        story
    }

    /// By a name, which is unique only in a list that is whole.
    fn someone_by_name(&mut self) -> Story {
        let person = self.person();
        let called = self.label(person);
        let name = match self.recipients[person].names().any(|name| name == Called::Name) && self.dice.one_in(2) {
            true => Called::Name,
            false => Called::DisplayName,
        };
        let mut story = Story::new(Trustee::By(person, name), &called).about(person);
        story.means.second_hand = self.reads.recipients != Read::Complete;
        self.saw("exo 8.20 display name without SID");
        story
    }

    /// The text is one person's UPN and another's address: the step of the UPN comes first (rule 14).
    fn first_step(&mut self) -> Story {
        let (holder, other) = (self.person_of("UserMailbox"), self.person_of("UserMailbox"));
        let text = format!("shared{}@corp.example", self.next());
        self.recipients[holder].upn = Some(text.clone());
        self.recipients[other].others.insert(0, text);
        self.recipients[other].shared.push(Called::Address);
        self.shadowed.insert(holder);
        let called = self.label(holder);
        self.saw("rule 14 UPN of one, address of another");
        Story::new(Trustee::By(holder, Called::Upn), &called).about(holder)
    }

    /// The row has a SID, the recipient has none: the text decides (rule 12).
    fn text_where_no_sid(&mut self) -> Story {
        let person = self.person_of("MailUser");
        self.recipients[person].sid = None;
        self.recipients[person].sid_history.clear();
        let called = self.label(person);
        let text = self.recipients[person].primary.clone().unwrap_or_default();
        let sid = self.strange_sid();
        self.saw("rule 12 SID beside a recipient without one");
        Story::new(Trustee::Exactly(text, Some(sid)), &called).about(person)
    }

    /// The SID is that of one, the text of another: the SID decides, and that is a finding (rule 12).
    fn another_by_text(&mut self, case: Case<'_>) -> Story {
        if case.right == Right::SendOnBehalf {
            return self.direct();
        }
        let (holder, other) = (self.person_of("UserMailbox"), self.person_of("UserMailbox"));
        let sid = self.strange_sid();
        self.recipients[holder].sid = Some(sid.clone());
        let text = self.recipients[other].primary.clone().unwrap_or_default();
        let called = self.label(holder);
        let story = Story::new(Trustee::Exactly(text, Some(sid)), &called).about(holder);
        self.saw("rule 12 SID of one, text of another");
        story.found("TrusteeTextDiffers", case.label, &called)
    }

    fn broad(&mut self, case: Case<'_>) -> Story {
        let (principal, texts) = self.dice.pick(&BROAD);
        self.saw("rule 13 everybody");
        let mut story = Story::new(Trustee::OneOf(texts), principal);
        story.well_known = true;
        match case.deny {
            true => story.doubts("DenyNotExpanded"),
            false => story.found("BroadGrant", case.label, principal).doubts("BroadGrant"),
        }
    }

    /// The mailbox itself by another name than SELF.
    fn own_name(&mut self, case: Case<'_>) -> Story {
        self.saw("rule 03 mailbox as its own trustee");
        let called = self.label(case.own);
        Story::new(Trustee::Anyhow(case.own), &called)
    }

    /// Two groups with one display name, told apart by their SIDs (exo 8.11).
    fn same_title(&mut self, case: Case<'_>) -> Story {
        let team = self.some_team();
        let Some(sid) = self.recipients[team.root].sid.clone().filter(|_| case.right != Right::SendOnBehalf) else {
            return self.direct();
        };
        let title = self.title(team.root);
        let twin = self.group("MailUniversalSecurityGroup");
        self.recipients[twin].display_name = Some(title.clone());
        for id in [team.root, twin] {
            self.recipients[id].shared.push(Called::DisplayName);
        }
        let called = self.label(team.root);
        let mut story = Story::new(Trustee::Exactly(title.clone(), Some(sid)), &called);
        match team.reach(self.options.scope(case.right)) {
            Some(reach) => story.means = reach.clone(),
            None => story = story.found("GroupWithoutRights", case.label, &title),
        }
        self.saw("exo 8.11 two groups with one display name");
        story
    }

    /// SELF, SYSTEM and the groups of the server, in several languages.
    pub(crate) fn well_known(&mut self) -> Story {
        self.saw("rule 13 SELF, SYSTEM or a group of the server");
        let texts = self.dice.pick(&[SELF_TEXTS, SELF_TEXTS, SYSTEM_TEXTS, BUILTIN_TEXTS]);
        let mut story = Story::new(Trustee::OneOf(texts), "");
        (story.silent, story.well_known) = (true, true);
        story
    }
}

/// The row that every mailbox has of itself (exo 8.6).
pub(crate) fn self_texts() -> Trustee {
    Trustee::OneOf(SELF_TEXTS)
}
