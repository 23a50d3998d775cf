//! A small tenant and appliance, made by hand: what a test says is what the world holds, all read completely.

use esgsync_delegation::esg::{
    self, EmailAddress, EsgUser, ManagedAlias, PlanInput, RemovableFunctional, RemovedFunctional,
};
use esgsync_delegation::plan::{Action, ActionKind, Change, ChangeKind, Plan, PlanError, PlanOptions, TargetRef};
use esgsync_delegation::resolve::{Delegation, MailboxState, Resolution, UnknownReason};
use esgsync_delegation::snapshot::{Header, Mailbox, Read, ReadStatus, Recipient, Right, Snapshot, Tenant};
use std::collections::BTreeMap;

pub const TENANT: &str = "11111111-2222-4333-8444-555555555550";
pub const FUNCTIONAL: u64 = 499;
pub const PERSON: u64 = 7;

#[derive(Clone)]
pub struct World {
    pub snapshot: Snapshot,
    pub resolution: Resolution,
    pub users: Vec<EsgUser>,
    pub functional_role: Option<u64>,
    pub options: PlanOptions,
    pub managed: Vec<ManagedAlias>,
    pub removed: Vec<RemovedFunctional>,
    pub removable: Vec<RemovableFunctional>,
    pub users_can_be_created: Option<bool>,
}

impl World {
    pub fn new() -> Self {
        let created = "2026-11-24T06:00:00Z".parse().unwrap();
        let header = Header {
            version: 1,
            created,
            tenant: Some(Tenant { id: TENANT.into(), name: None }),
            rights: vec![Right::FullAccess],
            recipient_types: vec!["SharedMailbox".into()],
            filter: None,
            whole: true,
            shard: None,
            options: serde_json::Map::new(),
        };
        let mut world = Self {
            snapshot: Snapshot {
                header,
                mailboxes: Vec::new(),
                soft_deleted: Vec::new(),
                permissions: Vec::new(),
                recipient_permissions: Vec::new(),
                recipients: Vec::new(),
                members: Vec::new(),
                reads: BTreeMap::new(),
                complete: true,
            },
            resolution: Resolution::default(),
            users: Vec::new(),
            functional_role: Some(FUNCTIONAL),
            options: PlanOptions::default(),
            managed: Vec::new(),
            removed: Vec::new(),
            removable: Vec::new(),
            users_can_be_created: Some(true),
        };
        ["mailboxes", "recipients"].into_iter().for_each(|subject| world.read(subject, ReadStatus::Complete));
        world
    }

    pub fn read(&mut self, subject: &str, status: ReadStatus) {
        let read = Read { subject: subject.into(), status, since: None, reason: None };
        self.snapshot.reads.insert(subject.into(), read);
    }

    /// A shared mailbox `NAME@corp.example` with further addresses; its GUID is `mb-NAME`.
    pub fn mailbox(&mut self, name: &str, others: &[&str]) -> usize {
        let primary = format!("{name}@corp.example");
        let proxies =
            std::iter::once(format!("SMTP:{primary}")).chain(others.iter().map(|other| format!("smtp:{other}")));
        self.snapshot.mailboxes.push(Mailbox {
            key: format!("mb-{name}"),
            guid: Some(format!("mb-{name}")),
            display_name: Some(format!("The {name}")),
            primary: Some(primary.clone()),
            addresses: proxies.collect(),
            recipient_type: Some("SharedMailbox".into()),
            ..Mailbox::default()
        });
        self.resolution.mailboxes.push(MailboxState { unknown: Vec::new(), may_gain: true, may_lose: true });
        self.snapshot.mailboxes.len() - 1
    }

    /// A person `NAME@corp.example`, UPN `NAME@login.example`.
    pub fn person(&mut self, name: &str) -> usize {
        self.snapshot.recipients.push(Recipient {
            key: format!("r-{name}"),
            guid: Some(format!("r-{name}")),
            display_name: Some(name.to_uppercase()),
            upn: Some(format!("{name}@login.example")),
            primary: Some(format!("{name}@corp.example")),
            addresses: vec![format!("SMTP:{name}@corp.example"), format!("smtp:{name}@old.example")],
            recipient_type: Some("UserMailbox".into()),
            ..Recipient::default()
        });
        self.snapshot.recipients.len() - 1
    }

    pub fn group(&mut self, name: &str) -> usize {
        self.snapshot.recipients.push(Recipient {
            key: format!("g-{name}"),
            display_name: Some(name.into()),
            recipient_type: Some("MailUniversalSecurityGroup".into()),
            ..Recipient::default()
        });
        self.snapshot.recipients.len() - 1
    }

    pub fn grant(&mut self, mailbox: usize, delegate: usize) {
        self.grant_right(mailbox, delegate, Right::FullAccess, &[]);
    }

    pub fn grant_right(&mut self, mailbox: usize, delegate: usize, right: Right, groups: &[usize]) {
        let groups = groups.iter().map(|&group| group as u32).collect();
        let delegation =
            Delegation { mailbox: mailbox as u32, delegate: delegate as u32, right, groups, inherited: false };
        self.resolution.delegations.push(delegation);
    }

    /// Rows of the mailbox leave a doubt: it may gain, and loses nothing.
    pub fn doubt(&mut self, mailbox: usize) {
        let reason = UnknownReason {
            code: "GroupNotExpanded".into(),
            subject: None,
            text: "group Wardens was not expanded".into(),
        };
        self.resolution.mailboxes[mailbox] = MailboxState { unknown: vec![reason], may_gain: true, may_lose: false };
    }

    /// A user; see [`element`] for the spelling of addresses.
    pub fn user(&mut self, id: u64, username: &str, role: u64, addresses: &[&str]) {
        let addresses = addresses.iter().map(|text| element(text)).collect();
        let other = serde_json::Map::new();
        self.users.push(EsgUser { id, username: username.into(), role: Some(role), addresses, other });
    }

    /// The ESG user of `person(name)`: `NAME@corp.example` is username and primary address.
    pub fn colleague(&mut self, id: u64, name: &str, aliases: &[&str]) {
        let primary = format!("*{name}@corp.example");
        let addresses: Vec<&str> = std::iter::once(primary.as_str()).chain(aliases.iter().copied()).collect();
        self.user(id, &format!("{name}@corp.example"), PERSON, &addresses);
    }

    /// The functional user of `mailbox(name)`, with further addresses.
    pub fn functional(&mut self, id: u64, name: &str, others: &[&str]) {
        let primary = format!("*{name}@corp.example");
        let addresses: Vec<&str> = std::iter::once(primary.as_str()).chain(others.iter().copied()).collect();
        self.user(id, &format!("Functional {name}"), FUNCTIONAL, &addresses);
    }

    pub fn manage(&mut self, user: u64, address: &str, mailbox: &str) {
        let username = self.users.iter().find(|known| known.id == user).unwrap().username.clone();
        self.managed.push(ManagedAlias {
            tenant: TENANT.into(),
            mailbox: format!("mb-{mailbox}").into(),
            user_id: user,
            username: username.into(),
            address: address.into(),
            right: Right::FullAccess,
        });
    }

    pub fn try_plan(&self) -> Result<Plan, PlanError> {
        let mut resolution = self.resolution.clone();
        let (mailboxes, recipients) = (&self.snapshot.mailboxes, &self.snapshot.recipients);
        resolution.delegations.sort_by(|a, b| {
            let key = |d: &Delegation| {
                let mailbox = mailboxes.get(d.mailbox as usize).map(|mailbox| mailbox.key.clone());
                (mailbox, recipients.get(d.delegate as usize).map(|recipient| recipient.key.clone()), d.right)
            };
            key(a).cmp(&key(b))
        });
        esg::plan(PlanInput {
            snapshot: &self.snapshot,
            resolution: &resolution,
            users: &self.users,
            functional_role: self.functional_role,
            target: TargetRef {
                name: "corp".into(),
                system: "esg".into(),
                host: "esg.corp.example:443".into(),
                simulator: false,
                state_id: "5eed".into(),
                state_generation: 3,
            },
            options: self.options.clone(),
            managed: &self.managed,
            removed: &self.removed,
            removable: &self.removable,
            users_can_be_created: self.users_can_be_created,
            created: "2026-11-24T08:00:00Z".parse().unwrap(),
            product: "0.1.0",
        })
    }

    pub fn plan(&self) -> Plan {
        self.try_plan().unwrap()
    }
}

/// An address element: `*` before the address is the primary one, `!` one that is not active, `#N` after it a member that
/// this product does not know.
pub fn element(text: &str) -> EmailAddress {
    let (text, tag) = text.split_once('#').map_or((text, None), |(text, tag)| (text, Some(tag)));
    let address = text.trim_start_matches(['*', '!']);
    let flags = &text[..text.len() - address.len()];
    let element =
        EmailAddress::alias(address).with("primary", flags.contains('*')).with("active", !flags.contains('!'));
    match tag {
        Some(tag) => element.with("source", tag),
        None => element,
    }
}

/// The inverse of [`element`], for the list that an action sends.
pub fn spell(element: &EmailAddress) -> String {
    let tag = element
        .unknown_members()
        .find(|(name, _)| *name == "source")
        .and_then(|(_, tag)| tag.as_str())
        .map(|tag| format!("#{tag}"))
        .unwrap_or_default();
    let flag = |on: bool, sign: &'static str| if on { sign } else { "" };
    format!("{}{}{}{tag}", flag(element.is_primary(), "*"), flag(!element.is_active(), "!"), element.address())
}

/// `AliasAdded shop@corp.example -> 12` for every change, in the order of the plan.
pub fn changes(plan: &Plan) -> Vec<String> {
    let of = |action: &Action| -> Vec<String> {
        let line = |change: &Change| format!("{:?} {} -> {}", change.kind, change.address, action.user.id);
        action.changes.iter().map(line).collect()
    };
    plan.actions.iter().flat_map(of).collect()
}

pub fn has_finding(plan: &Plan, code: &str) -> bool {
    plan.findings.iter().any(|finding| finding.code == code)
}

/// Codes of what was left alone about a user.
pub fn left(plan: &Plan, user: u64) -> Vec<&str> {
    let about = |user_ref: &Option<esgsync_delegation::plan::UserRef>| user_ref.as_ref().is_some_and(|u| u.id == user);
    plan.left_alone.iter().filter(|left| about(&left.user)).map(|left| left.code.as_str()).collect()
}

/// Why the first thing about a user was left alone.
pub fn reason(plan: &Plan, user: u64) -> String {
    let about = |left: &&esgsync_delegation::plan::LeftAlone| left.user.as_ref().is_some_and(|u| u.id == user);
    plan.left_alone.iter().find(about).unwrap().reason.clone()
}

pub fn update(plan: &Plan, user: u64) -> &Action {
    plan.actions.iter().find(|action| action.user.id == user && action.kind == ActionKind::UpdateUser).unwrap()
}

pub fn after(action: &Action) -> Vec<String> {
    action.after.as_ref().unwrap().iter().map(spell).collect()
}

pub fn count(plan: &Plan, kind: ChangeKind) -> u64 {
    plan.counts().get(&kind).copied().unwrap_or(0)
}
