//! Small snapshots for tests, written as lines and read by the reader, so that every test goes the way of the data.

use esgsync_delegation::resolve::{Delegation, MailboxState, Resolution, ResolveOptions, resolve, trail_text};
use esgsync_delegation::snapshot::{LineCounter, Reader, Right, Snapshot};
use serde_json::{Value, json};

pub const HEADER: &str = r#"{"kind":"snapshot","version":1,"created":"2026-11-24T06:00:00Z","whole":true}"#;

/// Reads lines as the module writes them; a header and an `end` are added.
pub fn read(lines: &[Value]) -> Snapshot {
    let mut counter = LineCounter::default();
    let mut reader = Reader::new();
    reader.feed(format!("{HEADER}\n").as_bytes()).unwrap();
    counter.count("snapshot");
    for line in lines {
        counter.count(line["kind"].as_str().unwrap());
        reader.feed(format!("{line}\n").as_bytes()).unwrap();
    }
    reader.feed(counter.end_line().as_bytes()).unwrap();
    reader.finish().unwrap()
}

/// A world with everything read: mailbox `m` and the recipients that the tests add.
pub struct World(Vec<Value>);

impl World {
    /// Mailbox `m` (m@corp.example), read completely; recipients and SendAs read completely.
    pub fn new() -> Self {
        Self(vec![
            json!({"kind": "mailbox", "key": "m", "primary": "m@corp.example", "type": "SharedMailbox", "sendOnBehalf": []}),
            recipient("m", "SharedMailbox"),
        ])
        .read("mailbox:m", "complete")
        .read("recipients", "complete")
        .read("mailboxes", "complete")
        .read("sendAs", "complete")
    }

    /// Any line.
    pub fn line(mut self, line: Value) -> Self {
        self.0.push(line);
        self
    }

    /// A recipient with the usual members; `key` gives its name, UPN, address, GUID and SID.
    pub fn has(self, key: &str, kind: &str) -> Self {
        self.line(recipient(key, kind))
    }

    /// A recipient with other members, or without some (`null`).
    pub fn has_with(self, key: &str, kind: &str, change: Value) -> Self {
        let mut line = recipient(key, kind);
        merge(&mut line, change);
        self.line(line)
    }

    /// A security group, read completely.
    pub fn group(self, key: &str, members: &[&str]) -> Self {
        self.has(key, "MailUniversalSecurityGroup").members(key, members)
    }

    /// Members of a group, read completely.
    pub fn members(mut self, key: &str, members: &[&str]) -> Self {
        for member in members {
            self = self.line(json!({"kind": "member", "group": key, "member": member, "via": "member"}));
        }
        self.read(&format!("group:{key}"), "complete")
    }

    /// A read line; an earlier one of the same subject goes.
    pub fn read(mut self, subject: &str, status: &str) -> Self {
        self.0.retain(|line| line["kind"] != "read" || line["subject"] != subject);
        self.line(json!({"kind": "read", "subject": subject, "status": status}))
    }

    /// No read line of a subject.
    pub fn unread(mut self, subject: &str) -> Self {
        self.0.retain(|line| line["kind"] != "read" || line["subject"] != subject);
        self
    }

    /// FullAccess on `m` for the UPN of a recipient, without SID.
    pub fn allow(self, who: &str) -> Self {
        self.permission(json!({"trustee": upn(who)}))
    }

    /// Deny of FullAccess on `m`.
    pub fn deny(self, who: &str) -> Self {
        self.permission(json!({"trustee": upn(who), "deny": true}))
    }

    /// A FullAccess row on `m`, allow, explicit, unless `change` says otherwise; `null` takes a member away.
    pub fn permission(self, change: Value) -> Self {
        let mut line = json!({"kind": "permission", "mailbox": "m", "trustee": "", "rights": ["FullAccess"], "deny": false,
            "inherited": false, "inheritance": "All"});
        merge(&mut line, change);
        self.line(line)
    }

    /// A SendAs row on `m`.
    pub fn send_as(self, change: Value) -> Self {
        let mut line = json!({"kind": "recipientPermission", "mailbox": "m", "trustee": "", "rights": ["SendAs"],
            "access": "Allow"});
        merge(&mut line, change);
        self.line(line)
    }

    /// Changes the mailbox line of `m`.
    pub fn mailbox(mut self, change: Value) -> Self {
        let line = self.0.iter_mut().find(|line| line["kind"] == "mailbox" && line["key"] == "m").unwrap();
        merge(line, change);
        self
    }

    pub fn lines(&self) -> &[Value] {
        &self.0
    }

    pub fn resolve(&self) -> Resolved {
        self.resolve_with(ResolveOptions::default())
    }

    pub fn resolve_for(&self, right: Right) -> Resolved {
        self.resolve_with(ResolveOptions { rights: vec![right], ..ResolveOptions::default() })
    }

    pub fn resolve_with(&self, options: ResolveOptions) -> Resolved {
        let snapshot = read(&self.0);
        let resolution = resolve(&snapshot, &options);
        Resolved { snapshot, resolution }
    }
}

pub fn upn(key: &str) -> String {
    format!("{key}@corp.example")
}

pub fn sid(key: &str) -> String {
    let number: u32 = key.bytes().fold(7, |sum, byte| (sum * 31 + u32::from(byte)) % 90_000);
    format!("S-1-5-21-1111111111-2222222222-3333333333-{}", 10_000 + number)
}

/// A GUID made of the key.
pub fn guid(key: &str) -> String {
    let number = sid(key).rsplit('-').next().unwrap().parse::<u32>().unwrap();
    format!("a0000000-0000-4000-8000-{number:012}")
}

fn recipient(key: &str, kind: &str) -> Value {
    json!({"kind": "recipient", "key": key, "guid": guid(key), "directoryId": guid(key).replace("a0", "d0"), "sid": sid(key),
        "name": format!("{key} name"), "displayName": format!("{key} display"), "upn": upn(key), "primary": upn(key),
        "addresses": [format!("SMTP:{}", upn(key)), format!("smtp:{key}.alias@corp.example")], "type": kind})
}

fn merge(line: &mut Value, change: Value) {
    let (Some(line), Value::Object(change)) = (line.as_object_mut(), change) else { panic!("objects are merged") };
    for (name, value) in change {
        if value.is_null() {
            line.remove(&name);
        } else {
            line.insert(name, value);
        }
    }
}

/// A snapshot with its resolution.
pub struct Resolved {
    pub snapshot: Snapshot,
    pub resolution: Resolution,
}

impl Resolved {
    /// Delegations as `mailbox right: trail`, in order.
    pub fn delegations(&self) -> Vec<String> {
        self.resolution.delegations.iter().map(|delegation| self.text(delegation)).collect()
    }

    fn text(&self, delegation: &Delegation) -> String {
        let mailbox = &self.snapshot.mailboxes[delegation.mailbox as usize].key;
        format!("{mailbox} {:?}: {}", delegation.right, trail_text(&self.snapshot, delegation).join(" > "))
    }

    /// The keys of the delegates of mailbox `m`.
    pub fn delegates(&self) -> Vec<&str> {
        let of_m = |delegation: &&Delegation| self.snapshot.mailboxes[delegation.mailbox as usize].key == "m";
        let key = |delegation: &Delegation| self.snapshot.recipients[delegation.delegate as usize].key.as_str();
        self.resolution.delegations.iter().filter(of_m).map(key).collect()
    }

    /// The state of a mailbox.
    pub fn state_of(&self, key: &str) -> &MailboxState {
        let index = self.snapshot.mailboxes.iter().position(|mailbox| mailbox.key == key).unwrap();
        &self.resolution.mailboxes[index]
    }

    /// The state of mailbox `m`.
    pub fn state(&self) -> &MailboxState {
        self.state_of("m")
    }

    /// The codes of the reasons why `m` is unknown; empty when it is known.
    pub fn unknown(&self) -> Vec<&str> {
        let mut codes: Vec<&str> = self.state().unknown.iter().map(|reason| reason.code.as_str()).collect();
        codes.dedup();
        codes
    }

    /// Findings as `code subject`.
    pub fn findings(&self) -> Vec<String> {
        let text = |finding: &esgsync_delegation::finding::Finding| {
            format!("{} {}", finding.code, finding.subject.as_deref().unwrap_or_default()).trim_end().to_owned()
        };
        self.resolution.findings.iter().map(text).collect()
    }
}
