//! Time and memory of planning for a large appliance: 200,000 people, 20,000 functional users, 1,000,000 grants over 20,000 mailboxes.
//!
//! A plain program, as `resolve` beside it: `cargo bench -p esgsync-delegation --bench plan`. It plans for a second run, in
//! which all is in place, for one with few changes, and for a first run, in which all is missing.
#![allow(clippy::print_stdout)] // That is what it is for.

use esgsync_delegation::esg::{self, EmailAddress, EsgUser, ManagedAlias, PlanInput};
use esgsync_delegation::plan::{Plan, PlanError, PlanOptions, TargetRef};
use esgsync_delegation::resolve::{Delegation, MailboxState, Resolution};
use esgsync_delegation::snapshot::{Header, Mailbox, Recipient, Right, Snapshot, Tenant};
use jiff::Timestamp;
use measure::{Clock, megabytes, peak_memory};
use std::collections::BTreeMap;
use std::sync::Arc;

mod measure;

const PEOPLE: u64 = 200_000;
const MAILBOXES: u64 = 20_000;
const GRANTS_EACH: u64 = 50;
const FUNCTIONAL: u64 = 499;

/// What is planned for, and one of how many grants is not at ESG yet (0: none).
const WORLDS: [(&str, u64); 3] =
    [("second run, all in place", 0), ("one grant of 200 is missing", 200), ("first run, all missing", 1)];

/// Each world in a process of its own: its peak of memory is not that of another.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    if let Some((what, missing)) = WORLDS.into_iter().find(|(what, _)| std::env::args().any(|arg| arg == *what)) {
        return Ok(plan(what, missing)?);
    }
    for (what, _) in WORLDS {
        std::process::Command::new(std::env::current_exe()?).arg(what).status()?;
    }
    Ok(())
}

fn plan(what: &str, missing: u64) -> Result<(), PlanError> {
    let (snapshot, resolution) = tenant();
    let (users, managed) = appliance(|grant| missing > 0 && grant % missing == 0);
    println!("{what}: {} users, {} grants", users.len(), resolution.delegations.len());
    tell_memory("tenant and users");
    let input = PlanInput {
        snapshot: &snapshot,
        resolution: &resolution,
        users: &users,
        functional_role: Some(FUNCTIONAL),
        target: TargetRef::default(),
        options: PlanOptions::default(),
        managed: &managed,
        removed: &[],
        removable: &[],
        users_can_be_created: None,
        created: Timestamp::UNIX_EPOCH,
        product: "bench",
    };
    let plan = timed("plan", || esg::plan(input))?;
    tell_memory("and the plan");
    let plan = timed("seal", || plan.seal());
    let text = timed("write", || plan.write());
    let again = timed("read", || Plan::read(&text))?;
    let (actions, summary) = (again.actions.len(), &again.summary);
    let (there, added) = (summary.aliases_in_place, summary.aliases_added);
    println!("  {actions} actions, {there} aliases in place, {added} added; {:.1} MB as a file", megabytes(text.len()));
    Ok(())
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let clock = Clock::start();
    let result = work();
    println!("  {what:<6}{}", clock.read());
    result
}

fn tell_memory(what: &str) {
    if let Some(peak) = peak_memory() {
        println!("  {what}: {:.0} MB at the peak of the process", megabytes(peak));
    }
}

/// The people of a mailbox: spread, and the same in every run.
fn delegates(mailbox: u64) -> impl Iterator<Item = u64> {
    (0..GRANTS_EACH).map(move |at| (mailbox * 7_919 + at * 4_001) % PEOPLE)
}

fn tenant() -> (Snapshot, Resolution) {
    let mailboxes = (0..MAILBOXES).map(|at| Mailbox {
        key: format!("m{at:08}"),
        guid: Some(format!("m{at:08}")),
        display_name: Some(format!("Mailbox {at}")),
        primary: Some(format!("box{at}@corp.example")),
        addresses: vec![format!("SMTP:box{at}@corp.example"), format!("smtp:box{at}@old.example")],
        recipient_type: Some("SharedMailbox".into()),
        ..Mailbox::default()
    });
    let recipients = (0..PEOPLE).map(|at| Recipient {
        key: format!("r{at:08}"),
        upn: Some(format!("p{at}@corp.example")),
        primary: Some(format!("p{at}@corp.example")),
        addresses: vec![format!("SMTP:p{at}@corp.example"), format!("smtp:p{at}@old.example")],
        recipient_type: Some("UserMailbox".into()),
        ..Recipient::default()
    });
    let mut delegations: Vec<Delegation> = Vec::new();
    for mailbox in 0..MAILBOXES {
        let mut people: Vec<u64> = delegates(mailbox).collect();
        people.sort_unstable();
        let (mailbox, right) = (mailbox as u32, Right::FullAccess);
        let delegation =
            |person| Delegation { mailbox, delegate: person as u32, right, groups: Vec::new(), inherited: false };
        delegations.extend(people.into_iter().map(delegation));
    }
    let snapshot = Snapshot {
        header: Header {
            version: 1,
            created: Timestamp::UNIX_EPOCH,
            tenant: Some(Tenant { id: "tenant".into(), name: None }),
            rights: vec![Right::FullAccess],
            recipient_types: vec!["SharedMailbox".into()],
            filter: None,
            whole: true,
            shard: None,
            options: serde_json::Map::new(),
        },
        mailboxes: mailboxes.collect(),
        soft_deleted: Vec::new(),
        permissions: Vec::new(),
        recipient_permissions: Vec::new(),
        recipients: recipients.collect(),
        members: Vec::new(),
        reads: BTreeMap::new(),
        complete: true,
    };
    let known = MailboxState { unknown: Vec::new(), may_gain: true, may_lose: true };
    let mailboxes = vec![known; snapshot.mailboxes.len()];
    (snapshot, Resolution { delegations, mailboxes, findings: Vec::new() })
}

/// Users as they are when the grants that `lacks` names, by number, are not at ESG.
fn appliance(lacks: impl Fn(u64) -> bool) -> (Vec<EsgUser>, Vec<ManagedAlias>) {
    let user = |id: u64, username: String, role: u64, address: String| {
        let primary = EmailAddress::alias(&address).with("primary", true);
        EsgUser { id, username, role: Some(role), addresses: vec![primary], other: serde_json::Map::new() }
    };
    let person = |at: u64| user(at + 1, format!("p{at}@corp.example"), 7, format!("p{at}@corp.example"));
    let mut users: Vec<EsgUser> = (0..PEOPLE).map(person).collect();
    // Shared texts, as the state file gives them.
    let tenant: Arc<str> = "tenant".into();
    let names: Vec<Arc<str>> = users.iter().map(|user| user.username.as_str().into()).collect();
    let mut managed = Vec::new();
    for mailbox in 0..MAILBOXES {
        let guid: Arc<str> = format!("m{mailbox:08}").into();
        let address: Arc<str> = format!("box{mailbox}@corp.example").into();
        let grants = (mailbox * GRANTS_EACH..).zip(delegates(mailbox));
        for (_, at) in grants.filter(|(grant, _)| !lacks(*grant)) {
            let user = &mut users[at as usize];
            user.addresses.push(EmailAddress::alias(&address));
            managed.push(ManagedAlias {
                tenant: tenant.clone(),
                mailbox: guid.clone(),
                user_id: user.id,
                username: names[at as usize].clone(),
                address: address.clone(),
                right: Right::FullAccess,
            });
        }
    }
    // As the reader gives them.
    users.iter_mut().for_each(|user| user.addresses.shrink_to_fit());
    let functional =
        |at: u64| user(PEOPLE + at + 1, format!("Mailbox {at}"), FUNCTIONAL, format!("box{at}@corp.example"));
    users.extend((0..MAILBOXES).map(functional));
    (users, managed)
}
