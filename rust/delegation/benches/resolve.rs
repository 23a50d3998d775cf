//! Time and memory of reading, resolving and planning for a large tenant: 20,000 mailboxes, 200,000 permissions, 100,000 people, nested groups.
//!
//! A plain program, not a statistical one: what counts is one pass over data that fits in no cache, and the peak memory of the
//! process beside the size of the file. `cargo bench -p esgsync-delegation --bench resolve`. Prints one line for each step.
#![allow(clippy::print_stdout)] // That is what it is for.

use esgsync_delegation::compare::compare;
use esgsync_delegation::esg::{self, EmailAddress, EsgUser, PlanInput};
use esgsync_delegation::plan::{PlanOptions, TargetRef};
use esgsync_delegation::resolve::{Resolution, ResolveOptions, groups_to_read, resolve};
use esgsync_delegation::snapshot::{LineCounter, Reader, Snapshot, SnapshotError};
use measure::{Clock, megabytes, milliseconds, peak_memory};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

mod measure;

const PEOPLE: usize = 100_000;
const MAILBOXES: usize = 20_000;
const PERMISSIONS_EACH: usize = 10;
const TEAMS: usize = 2_000;
const DIVISIONS: usize = 200;
const PIECE: usize = 64 * 1024;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut file = Feed::new();
    write_tenant(&mut file)?;
    let Feed { reader, bytes, lines, reading, .. } = file;
    let started = Instant::now();
    let snapshot: Snapshot = reader.finish()?;
    let reading = reading + started.elapsed();
    println!("file      {:8.1} MB, {lines} lines, {} permissions", megabytes(bytes), snapshot.permissions.len());
    println!("read      {:8.1} ms, {:.0} lines a second", milliseconds(reading), lines as f64 / reading.as_secs_f64());
    report_memory("  memory", bytes);

    let options = ResolveOptions::default();
    let clock = Clock::start();
    let unread = groups_to_read(&snapshot, &options);
    println!("unread    {}, {} groups", clock.read(), unread.len());

    let clock = Clock::start();
    let resolution = resolve(&snapshot, &options);
    let elapsed = clock.read();
    let known = resolution.mailboxes.iter().filter(|state| state.is_known()).count();
    println!(
        "resolve   {elapsed}, {} delegations, {known} mailboxes known, {} findings",
        resolution.delegations.len(),
        resolution.findings.len()
    );
    report_memory("  memory", bytes);

    let users = appliance(&snapshot, &resolution);
    report_memory("users   ", bytes);
    let clock = Clock::start();
    let plan = esg::plan(PlanInput {
        snapshot: &snapshot,
        resolution: &resolution,
        users: &users,
        functional_role: Some(499),
        target: TargetRef::default(),
        options: PlanOptions::default(),
        managed: &[],
        removed: &[],
        removable: &[],
        users_can_be_created: None,
        created: snapshot.header.created,
        product: "bench",
    })?;
    println!(
        "plan      {}, {} users, {} actions, {} in place",
        clock.read(),
        users.len(),
        plan.actions.len(),
        plan.summary.aliases_in_place
    );
    report_memory("  memory", bytes);

    let clock = Clock::start();
    let digest = resolution.digest(&snapshot);
    println!("digest    {}, {digest}", clock.read());
    compared(&snapshot, &options)
}

/// With the same tenant before each tenth row and each tenth membership came: every mailbox and every group has something to explain.
fn compared(snapshot: &Snapshot, options: &ResolveOptions) -> Result<(), Box<dyn std::error::Error>> {
    let mut earlier = snapshot.clone();
    earlier.permissions =
        snapshot.permissions.iter().enumerate().filter(|(at, _)| at % 10 != 0).map(|(_, row)| row.clone()).collect();
    earlier.members =
        snapshot.members.iter().enumerate().filter(|(at, _)| at % 10 != 0).map(|(_, row)| row.clone()).collect();
    let clock = Clock::start();
    let same = compare(snapshot, snapshot, options)?;
    println!("compare   {}, {} differences from itself", clock.read(), same.len());
    let clock = Clock::start();
    let found = compare(&earlier, snapshot, options)?;
    println!("compare   {}, {} differences from before", clock.read(), found.len());
    Ok(())
}

/// The appliance some time after the first run: nearly every delegate has the alias, one in a hundred lacks it.
fn appliance(snapshot: &Snapshot, resolution: &Resolution) -> Vec<EsgUser> {
    let element = |address: &str, primary: bool| EmailAddress::alias(address).with("primary", primary);
    let person = |at: usize| {
        let username = format!("person{at}@corp.example");
        EsgUser {
            id: at as u64 + 1,
            addresses: vec![element(&username, true)],
            username,
            role: Some(7),
            ..EsgUser::default()
        }
    };
    let mut users: Vec<EsgUser> = (0..PEOPLE).map(person).collect();
    for (at, delegation) in resolution.delegations.iter().enumerate() {
        let delegate = &snapshot.recipients[delegation.delegate as usize];
        let number = delegate.alias.as_deref().and_then(|alias| alias.strip_prefix("person")?.parse::<usize>().ok());
        let address = snapshot.mailboxes[delegation.mailbox as usize].primary.as_deref();
        if let (Some(user), Some(address)) = (number.and_then(|number| users.get_mut(number)), address)
            && at % 100 != 0
        {
            user.addresses.push(element(address, false));
        }
    }
    users
}

/// Feeds lines in pieces as a file would come; the file itself is never held.
struct Feed {
    reader: Reader,
    counter: LineCounter,
    piece: String,
    bytes: usize,
    lines: usize,
    reading: Duration,
}

impl Feed {
    fn new() -> Self {
        Self {
            reader: Reader::new(),
            counter: LineCounter::default(),
            piece: String::with_capacity(2 * PIECE),
            bytes: 0,
            lines: 0,
            reading: Duration::ZERO,
        }
    }

    fn line(&mut self, kind: &str, members: std::fmt::Arguments<'_>) -> Result<(), SnapshotError> {
        // Writing to a String cannot fail.
        let _ = writeln!(self.piece, "{{\"kind\":\"{kind}\",{members}}}");
        self.counter.count(kind);
        self.lines += 1;
        if self.piece.len() >= PIECE { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), SnapshotError> {
        self.bytes += self.piece.len();
        let started = Instant::now();
        self.reader.feed(self.piece.as_bytes())?;
        self.reading += started.elapsed();
        self.piece.clear();
        Ok(())
    }
}

fn write_tenant(file: &mut Feed) -> Result<(), SnapshotError> {
    file.line("snapshot", format_args!(r#""version":1,"created":"2026-11-24T06:00:00Z","tenant":{{"id":"11111111-2222-4333-8444-555555555550"}},"rights":["FullAccess"],"recipientTypes":["SharedMailbox"],"whole":true"#))?;
    for person in 0..PEOPLE {
        recipient(file, person, "UserMailbox", "person")?;
    }
    for group in 0..TEAMS + DIVISIONS {
        recipient(file, PEOPLE + group, "MailUniversalSecurityGroup", "team")?;
    }
    read(file, "recipients")?;
    for team in 0..TEAMS {
        for member in 0..5 {
            member_of(file, PEOPLE + team, (team * 37 + member * 7_919) % PEOPLE)?;
        }
        read(file, &format!("group:{}", guid(PEOPLE + team)))?;
    }
    for division in 0..DIVISIONS {
        // Three teams, and the next division: a loop of divisions in pairs.
        let group = PEOPLE + TEAMS + division;
        for team in 0..3 {
            member_of(file, group, PEOPLE + (division * 3 + team) % TEAMS)?;
        }
        member_of(file, group, PEOPLE + TEAMS + (division ^ 1))?;
        read(file, &format!("group:{}", guid(group)))?;
    }
    for mailbox in 0..MAILBOXES {
        write_mailbox(file, mailbox)?;
    }
    read(file, "mailboxes")?;
    let end = file.counter.end_line();
    file.piece.push_str(&end);
    file.flush()
}

fn write_mailbox(file: &mut Feed, mailbox: usize) -> Result<(), SnapshotError> {
    let object = PEOPLE + TEAMS + DIVISIONS + mailbox;
    recipient(file, object, "SharedMailbox", "shared")?;
    let key = guid(object);
    file.line("mailbox", format_args!(
        r#""key":"{key}","guid":"{key}","directoryId":"{}d","name":"{}d","displayName":"Shared Mailbox {mailbox}","alias":"shared{object}","upn":"shared{object}@corp.example","primary":"shared{object}@corp.example","addresses":["SMTP:shared{object}@corp.example","smtp:shared{object}@corpexample.onmicrosoft.com"],"type":"SharedMailbox","sendOnBehalf":[],"hidden":false,"dirSynced":false"#,
        &key[..35], &key[..35]
    ))?;
    permission(file, &key, "NT AUTHORITY\\\\SELF", Some("S-1-5-10"), false)?;
    for row in 0..PERMISSIONS_EACH - 2 {
        let person = (mailbox * 13 + row * 6_151) % PEOPLE;
        // Half of the rows without SID, as Get-EXOMailboxPermission answers.
        let sid = (row % 2 == 0).then(|| sid(person));
        permission(file, &key, &format!("Person{person}@corp.example"), sid.as_deref(), row == 7)?;
    }
    let group = PEOPLE + (mailbox * 11) % (TEAMS + DIVISIONS);
    permission(file, &key, &format!("Some team {group}"), Some(&sid(group)), false)?;
    read(file, &format!("mailbox:{key}"))
}

fn permission(file: &mut Feed, key: &str, trustee: &str, sid: Option<&str>, deny: bool) -> Result<(), SnapshotError> {
    let sid = sid.map(|sid| format!(r#""sid":"{sid}","#)).unwrap_or_default();
    file.line(
        "permission",
        format_args!(
            r#""mailbox":"{key}","trustee":"{trustee}",{sid}"rights":["FullAccess"],"deny":{deny},"inherited":false,"inheritance":"All""#
        ),
    )
}

fn recipient(file: &mut Feed, object: usize, kind: &str, word: &str) -> Result<(), SnapshotError> {
    let (key, sid) = (guid(object), sid(object));
    file.line("recipient", format_args!(
        r#""key":"{key}","guid":"{key}","directoryId":"{}d","sid":"{sid}","name":"{}d","displayName":"Some {word} {object}","alias":"{word}{object}","upn":"{word}{object}@corp.example","primary":"{word}{object}@corp.example","addresses":["SMTP:{word}{object}@corp.example","smtp:{word}{object}@corpexample.onmicrosoft.com"],"type":"{kind}","enabled":true"#,
        &key[..35], &key[..35]
    ))
}

fn member_of(file: &mut Feed, group: usize, member: usize) -> Result<(), SnapshotError> {
    file.line("member", format_args!(r#""group":"{}","member":"{}","via":"member""#, guid(group), guid(member)))
}

fn read(file: &mut Feed, subject: &str) -> Result<(), SnapshotError> {
    file.line("read", format_args!(r#""subject":"{subject}","status":"complete""#))
}

fn guid(object: usize) -> String {
    // Spread, as real GUIDs are: neighbours in the file are no neighbours by key.
    let spread = (object as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    format!("{:08x}-{:04x}-4000-8000-{:012x}", spread >> 32, spread & 0xffff, spread >> 16)
}

fn sid(object: usize) -> String {
    format!("S-1-5-21-1111111111-2222222222-3333333333-{}", 10_000 + object)
}

fn report_memory(label: &str, file_bytes: usize) {
    match peak_memory() {
        Some(peak) => {
            println!(
                "{label}  {:8.1} MB at its peak, {:.2} times the file",
                megabytes(peak),
                peak as f64 / file_bytes as f64
            );
        }
        None => println!("{label}  not known on this system"),
    }
}
