//! The facts as lines of a snapshot file (design 4), in one of many shapes that all say the same.

use crate::dice::Dice;
use crate::kinds::Right;
use crate::recipient::{Recipient, recase};
use crate::spelling::spell;
use crate::tenant::{Effect, Group, Mailbox, Maker, Member, Row};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Writes the facts. Members that decide nothing are there or not, rows stand in any order, rights are joined or apart.
pub(crate) fn lines(facts: &Maker, dice: &mut Dice) -> Vec<String> {
    lines_of(facts, &facts.rows, dice)
}

/// The same with other rows.
pub(crate) fn lines_of(facts: &Maker, rows: &[Row], dice: &mut Dice) -> Vec<String> {
    let mut lines = Vec::new();
    for (mailbox, id) in facts.mailboxes.iter().map(|mailbox| (mailbox, mailbox.id)) {
        lines.push(mailbox_line((facts, rows), mailbox, &facts.recipients[id], dice));
        lines.extend(read_line(&format!("mailbox:{}", facts.recipients[id].key), mailbox.read.word()));
    }
    lines.extend(facts.recipients.iter().map(|recipient| recipient_line(recipient, dice)));
    lines.extend(facts.deleted.iter().map(|mailbox| deleted_line(mailbox, dice)));
    lines.extend(facts.groups.iter().flat_map(|group| group_lines(facts, group, dice)));
    for row in rows {
        lines.extend(row_lines(facts, row, dice));
        // The same row twice says nothing new.
        if dice.one_in(30) {
            lines.extend(row_lines(facts, row, dice));
        }
    }
    let reads =
        [("mailboxes", facts.reads.mailboxes), ("sendAs", facts.reads.send_as), ("recipients", facts.reads.recipients)];
    lines.extend(reads.into_iter().filter_map(|(subject, read)| read_line(subject, read.word())));
    if dice.one_in(2) {
        lines.push(json!({"kind": "note", "of": "a later version", "mailbox": 7}));
    }
    dice.shuffle(&mut lines);
    lines.insert(0, header(facts));
    if facts.truth.complete {
        lines.push(end(&lines));
    }
    lines.into_iter().map(|line| text(line, dice)).collect()
}

fn header(facts: &Maker) -> Value {
    let rights: Vec<_> = facts.options.rights.iter().map(|right| right.name()).collect();
    json!({
        "kind": "snapshot", "version": 1, "created": "2026-11-24T06:00:00Z", "whole": true, "rights": rights,
        "recipientTypes": ["SharedMailbox"],
        "tenant": {"id": "11111111-2222-4333-8444-555555555550", "name": "corpexample.onmicrosoft.com"},
    })
}

/// The line that counts all others (rule 2).
fn end(lines: &[Value]) -> Value {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for kind in lines.iter().filter_map(|line| line["kind"].as_str()) {
        *counts.entry(kind).or_default() += 1;
    }
    json!({"kind": "end", "lines": lines.len(), "counts": counts})
}

/// `kind` stands first as a rule, but nothing says that it must.
fn text(line: Value, dice: &mut Dice) -> String {
    match line {
        Value::Object(mut members) if dice.one_in(8) => {
            let mut names: Vec<String> = members.keys().cloned().collect();
            dice.shuffle(&mut names);
            let sorted = names.into_iter().filter_map(|name| members.remove_entry(&name));
            Value::Object(sorted.collect()).to_string()
        }
        line => line.to_string(),
    }
}

fn mailbox_line((facts, rows): (&Maker, &[Row]), mailbox: &Mailbox, recipient: &Recipient, dice: &mut Dice) -> Value {
    let mut line = Line::new("mailbox");
    line.set("key", &recipient.key);
    line.names(recipient, dice);
    if mailbox.on_behalf {
        let of = rows.iter().filter(|row| row.of == recipient.key && row.right == Right::SendOnBehalf);
        let texts: Vec<String> = of.map(|row| spell(facts, row, dice).0).collect();
        line.set("sendOnBehalf", texts);
    }
    line.maybe(dice, "hidden", false);
    line.maybe(dice, "dirSynced", true);
    line.maybe(dice, "attributes", json!({"CustomAttribute1": "x"}));
    line.maybe(dice, "softDeleted", false);
    line.0.into()
}

fn deleted_line(mailbox: &Recipient, dice: &mut Dice) -> Value {
    let mut line = Line::new("mailbox");
    line.set("key", &mailbox.key);
    line.names(mailbox, dice);
    line.set("softDeleted", true);
    line.0.into()
}

fn recipient_line(recipient: &Recipient, dice: &mut Dice) -> Value {
    let mut line = Line::new("recipient");
    line.set("key", &recipient.key);
    line.names(recipient, dice);
    line.set_some("sid", recipient.sid.as_ref());
    line.set_some("account", recipient.account.as_ref());
    if !recipient.sid_history.is_empty() || dice.one_in(3) {
        line.set("sidHistory", &recipient.sid_history);
    }
    match recipient.enabled {
        Some(false) => line.set("enabled", false),
        _ => line.maybe(dice, "enabled", true),
    }
    line.0.into()
}

fn group_lines(facts: &Maker, group: &Group, dice: &mut Dice) -> Vec<Value> {
    let of = &facts.recipients[group.id].key;
    let mut lines: Vec<Value> = Vec::new();
    for member in &group.members {
        let mut line = Line::new("member");
        line.set("group", of);
        match member {
            Member::Of(id) | Member::Owner(id) => line.set("member", &facts.recipients[*id].key),
            Member::Gone(key) => line.set("member", key),
        }
        match member {
            Member::Owner(_) => line.set("via", "owner"),
            _ => line.maybe(dice, "via", "member"),
        }
        lines.push(line.0.into());
    }
    lines.extend(read_line(&format!("group:{of}"), group.read.word()));
    lines
}

fn read_line(subject: &str, status: Option<&str>) -> Option<Value> {
    let mut line = json!({"kind": "read", "subject": subject, "status": status?});
    match status {
        Some("carried") => line["since"] = "2026-11-20T06:00:00Z".into(),
        Some("complete" | "given") => {}
        _ => line["reason"] = "Exchange says why.".into(),
    }
    Some(line)
}

fn row_lines(facts: &Maker, row: &Row, dice: &mut Dice) -> Vec<Value> {
    if row.right == Right::SendOnBehalf {
        return Vec::new();
    }
    rights(row, dice).into_iter().map(|rights| permission(facts, row, &rights, dice)).collect()
}

/// The rights of each line that a row becomes: one element or several, in one line or in several (exo 1.2, 8.17).
fn rights(row: &Row, dice: &mut Dice) -> Vec<Vec<String>> {
    if row.effect == Effect::NoRights {
        return vec![Vec::new()];
    }
    let mut all: Vec<&str> = row.beside.to_vec();
    if row.holds {
        all.insert(dice.up_to(all.len()), row.right.name());
    }
    match dice.up_to(3) {
        0 => vec![vec![all.join(", ")]],
        1 => all.into_iter().map(|right| vec![right.to_owned()]).collect(),
        2 => vec![all.into_iter().map(|right| recase(right.to_owned(), dice)).collect()],
        _ => vec![all.into_iter().map(str::to_owned).collect()],
    }
}

fn permission(facts: &Maker, row: &Row, rights: &[String], dice: &mut Dice) -> Value {
    let (trustee, sid) = spell(facts, row, dice);
    let send_as = row.right == Right::SendAs;
    let mut line = Line::new(if send_as { "recipientPermission" } else { "permission" });
    line.set("mailbox", &row.of);
    line.set("trustee", trustee);
    line.set_some("sid", sid.as_ref());
    line.set("rights", rights);
    match (send_as, row.effect) {
        (false, Effect::Allow | Effect::NoRights) => line.set("deny", false),
        (false, Effect::Deny) => line.set("deny", true),
        (true, Effect::Allow | Effect::NoRights) => line.set("access", recase("Allow".to_owned(), dice)),
        (true, Effect::Deny) => line.set("access", recase("Deny".to_owned(), dice)),
        (false, Effect::NoDeny) => {}
        (true, Effect::NoDeny) => line.maybe(dice, "access", "Audit"),
    }
    match row.inherited {
        true => line.set("inherited", true),
        false => line.maybe(dice, "inherited", false),
    }
    match row.inheritance {
        _ if send_as => {}
        "All" => {
            let all = dice.pick(&["All", "all", "SelfAndChildren", ""]);
            line.maybe(dice, "inheritance", all);
        }
        other => line.set("inheritance", recase(other.to_owned(), dice)),
    }
    line.0.into()
}

/// A line while its members are added.
struct Line(Map<String, Value>);

impl Line {
    fn new(kind: &str) -> Self {
        Self(Map::from_iter([("kind".to_owned(), kind.into())]))
    }

    fn set(&mut self, member: &str, value: impl Serialize) {
        self.0.insert(member.to_owned(), json!(value));
    }

    fn set_some(&mut self, member: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.set(member, value.as_str());
        }
    }

    /// Says what is so without it.
    fn maybe(&mut self, dice: &mut Dice, member: &str, value: impl Serialize) {
        if dice.one_in(2) {
            self.set(member, value);
        }
    }

    /// What mailboxes and recipients have in common.
    fn names(&mut self, recipient: &Recipient, dice: &mut Dice) {
        self.set_some("guid", recipient.guid.as_ref());
        self.set_some("directoryId", recipient.directory_id.as_ref());
        self.set_some("name", recipient.name.as_ref());
        self.set_some("displayName", recipient.display_name.as_ref());
        self.set_some("upn", recipient.upn.as_ref());
        self.set_some("primary", recipient.primary.as_ref());
        self.set_some("type", recipient.kind.map(str::to_owned).as_ref());
        if dice.one_in(2) {
            self.set_some("alias", recipient.alias.as_ref());
        }
        if let Some(primary) = &recipient.primary {
            let mut addresses = vec![format!("SMTP:{primary}")];
            addresses.extend(recipient.others.iter().map(|other| format!("smtp:{other}")));
            // Other kinds of address are none to mail (exo 8.2).
            if dice.one_in(3) {
                addresses.push(format!("SIP:{primary}"));
                addresses.push("X500:/o=OldOrg/cn=Recipients/cn=a@b".to_owned());
            }
            dice.shuffle(&mut addresses);
            self.set("addresses", addresses);
        }
        self.maybe(dice, "laterMember", json!({"any": [1]}));
    }
}
