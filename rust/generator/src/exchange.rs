//! The facts as rows of Exchange's cmdlets, in the tenant file of the stand-in (`tests/exchange/README.md`).

use crate::dice::Dice;
use crate::kinds::{LOOSE, Read, Right};
use crate::recipient::Recipient;
use crate::spelling::spell;
use crate::tenant::{Effect, Group, Maker, Member, Row};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const CUT: &str = "There are more results available than are currently displayed. To view them, increase the value for the ResultSize parameter.";
const FAILED: &str =
    "Ex3B8F20|Microsoft.Exchange.Data.Storage.MailboxUnavailableException|The mailbox or group could not be opened.";

/// Rows of Exchange, and which shapes of samples they have.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// The tenant file.
    pub file: Value,
    /// As [`crate::Tenant::features`].
    pub features: BTreeSet<&'static str>,
}

/// Writes the facts of an ordinary tenant.
pub(crate) fn rows(facts: &Maker, dice: &mut Dice) -> Rows {
    let mut writer = Writer { facts, dice, features: BTreeSet::new() };
    let (errors, warnings) = writer.faults();
    let mut file = json!({
        "tenant": {"id": "11111111-2222-4333-8444-555555555550", "name": "corpexample.onmicrosoft.com", "displayName": "Corp Example"},
        "missing": [], "warnings": warnings, "errors": errors,
    });
    file["Get-Mailbox"] = writer.mailboxes();
    file["Get-MailboxPermission"] = writer.permissions();
    file["Get-RecipientPermission"] = writer.recipient_permissions();
    let listed = |command: &str| {
        facts.recipients.iter().filter(|one| lists(command, one)).map(move |one| object(one, command)).collect()
    };
    for command in ["Get-Recipient", "Get-User", "Get-Group"] {
        file[command] = listed(command);
    }
    for command in MEMBER_COMMANDS {
        let of_command =
            facts.groups.iter().filter(|group| members_by(facts.recipients[group.id].kind) == Some(command));
        let answers = of_command.map(|group| (facts.recipients[group.id].key.clone(), members(facts, group)));
        file[command] = Value::Object(answers.collect());
    }
    Rows { file, features: writer.features }
}

struct Writer<'a> {
    facts: &'a Maker,
    dice: &'a mut Dice,
    features: BTreeSet<&'static str>,
}

impl Writer<'_> {
    /// What fails and what is cut: by GUID, or by the command for the parts of the tenant.
    fn faults(&self) -> (Map<String, Value>, Map<String, Value>) {
        let facts = self.facts;
        let key = |id: usize| facts.recipients[id].key.as_str();
        let mailboxes = facts.mailboxes.iter().map(|mailbox| (key(mailbox.id), mailbox.read));
        let groups = facts.groups.iter().map(|group| (key(group.id), group.read));
        let parts = [("Get-User", facts.reads.recipients), ("Get-RecipientPermission", facts.reads.send_as)];
        let (mut errors, mut warnings) = (Map::new(), Map::new());
        for (subject, read) in mailboxes.chain(groups).chain(parts) {
            match read {
                Read::Truncated => warnings.insert(subject.to_owned(), CUT.into()),
                Read::Failed => errors.insert(subject.to_owned(), FAILED.into()),
                _ => None,
            };
        }
        (errors, warnings)
    }

    fn mailboxes(&mut self) -> Value {
        let facts = self.facts;
        let rows = facts.mailboxes.iter().map(|mailbox| {
            let recipient = &facts.recipients[mailbox.id];
            let mut row = object(recipient, "Get-Mailbox");
            if mailbox.on_behalf {
                let of = facts.rows.iter().filter(|row| row.of == recipient.key && row.right == Right::SendOnBehalf);
                row["GrantSendOnBehalfTo"] = of.map(|row| spell(facts, row, self.dice).0).collect();
            }
            row
        });
        rows.collect()
    }

    fn permissions(&mut self) -> Value {
        let facts = self.facts;
        let answers = facts.mailboxes.iter().map(|mailbox| {
            let recipient = &facts.recipients[mailbox.id];
            let of = facts.rows.iter().filter(|row| row.of == recipient.key && row.right == Right::FullAccess);
            let mut rows: Vec<Value> = of.map(|row| self.permission(recipient, row)).collect();
            self.dice.shuffle(&mut rows);
            (recipient.key.clone(), rows.into())
        });
        Value::Object(answers.collect())
    }

    fn permission(&mut self, of: &Recipient, row: &Row) -> Value {
        let (trustee, sid) = spell(self.facts, row, self.dice);
        let mut line = json!({"Identity": of.name, "User": trustee});
        if let Some(sid) = &sid {
            line["UserSid"] = sid.as_str().into();
        }
        line["AccessRights"] = self.rights(row, sid.is_some());
        line["IsInherited"] = self.flag(row.inherited, "exo 8.09 booleans as text");
        match row.effect {
            Effect::NoDeny | Effect::NoRights => {}
            effect => line["Deny"] = self.flag(effect == Effect::Deny, "exo 8.10 Deny as a switch"),
        }
        line["InheritanceType"] = row.inheritance.into();
        line["PrimarySmtpAddress"] = "".into();
        line["IsValid"] = true.into();
        line["ObjectState"] = "Unchanged".into();
        line
    }

    /// Bool, text, or a switch that went through the serializer (exo 1.2).
    fn flag(&mut self, flag: bool, other: &'static str) -> Value {
        match self.dice.up_to(3) {
            0 => {
                self.features.insert("exo 8.09 booleans as text");
                if flag { "True" } else { "False" }.into()
            }
            1 => {
                self.features.insert(other);
                json!({"IsPresent": flag})
            }
            _ => flag.into(),
        }
    }

    /// One element for all rights, an element for each, a single text, or what Windows PowerShell's JSON makes of a list.
    fn rights(&mut self, row: &Row, has_sid: bool) -> Value {
        let mut all: Vec<&str> = row.beside.to_vec();
        if row.holds {
            all.insert(self.dice.up_to(all.len()), row.right.name());
        }
        match self.dice.up_to(3) {
            0 => all.join(", ").into(),
            1 => {
                if !has_sid {
                    self.features.insert("exo 8.17 rights one by one, and no SID");
                }
                all.into()
            }
            2 => {
                self.features.insert("exo 8.27 list as value and Count");
                json!({"value": all, "Count": all.len()})
            }
            _ => json!([all.join(", ")]),
        }
    }

    fn recipient_permissions(&mut self) -> Value {
        let facts = self.facts;
        let mut rows: Vec<Value> = Vec::new();
        for row in facts.rows.iter().filter(|row| row.right == Right::SendAs) {
            let Some(of) = facts.recipients.iter().find(|recipient| recipient.key == row.of) else { continue };
            let (trustee, sid) = spell(facts, row, self.dice);
            let mut line =
                json!({"Identity": of.name, "Trustee": trustee, "AccessRights": self.rights(row, sid.is_some())});
            match row.effect {
                Effect::Deny => line["AccessControlType"] = "Deny".into(),
                Effect::Allow => line["AccessControlType"] = "Allow".into(),
                Effect::NoDeny | Effect::NoRights => {}
            }
            if row.inherited || self.dice.one_in(2) {
                line["IsInherited"] = row.inherited.into();
            } else {
                self.features.insert("exo 8.19 SendAs row without IsInherited");
            }
            if let Some(sid) = sid {
                line["TrusteeSidString"] = sid.into();
            }
            rows.push(line);
        }
        self.dice.shuffle(&mut rows);
        rows.into()
    }
}

/// Which list shows what (exo 2.2).
fn lists(command: &str, one: &Recipient) -> bool {
    let kind = one.kind.unwrap_or_default();
    let is_group = is_group(kind);
    match command {
        "Get-Recipient" => one.primary.is_some(),
        "Get-Group" => is_group && !LOOSE.contains(&kind),
        _ => !is_group && (one.sid.is_some() || one.upn.is_some()),
    }
}

fn is_group(kind: &str) -> bool {
    kind.contains("Group") || kind == "RoomList"
}

fn object(one: &Recipient, command: &str) -> Value {
    let addresses = one.primary.iter().map(|primary| format!("SMTP:{primary}"));
    let addresses: Vec<String> = addresses.chain(one.others.iter().map(|other| format!("smtp:{other}"))).collect();
    let mut row = json!({
        "Identity": one.name, "Name": one.name, "ExternalDirectoryObjectId": one.directory_id, "Guid": one.guid,
        "DisplayName": one.display_name, "Alias": one.alias, "PrimarySmtpAddress": one.primary.as_deref().unwrap_or(""),
        "RecipientTypeDetails": one.kind, "EmailAddresses": addresses,
    });
    match command {
        "Get-Recipient" => {}
        "Get-Mailbox" => row["UserPrincipalName"] = json!(one.upn),
        _ => {
            row["UserPrincipalName"] = json!(one.upn);
            row["Sid"] = json!(one.sid);
            row["SidHistory"] = json!(one.sid_history);
            row["LinkedMasterAccount"] = json!(one.account);
            row["AccountDisabled"] = json!(one.enabled.map(|enabled| !enabled));
        }
    }
    row
}

const MEMBER_COMMANDS: [&str; 4] = [
    "Get-DistributionGroupMember",
    "Get-UnifiedGroupLinks",
    "Get-DynamicDistributionGroupMember",
    "Get-RoleGroupMember",
];

fn members_by(kind: Option<&str>) -> Option<&'static str> {
    match kind? {
        "MailUniversalSecurityGroup" | "MailNonUniversalGroup" | "MailUniversalDistributionGroup" | "RoomList" => {
            Some(MEMBER_COMMANDS[0])
        }
        "GroupMailbox" => Some(MEMBER_COMMANDS[1]),
        "DynamicDistributionGroup" => Some(MEMBER_COMMANDS[2]),
        "RoleGroup" => Some(MEMBER_COMMANDS[3]),
        _ => None,
    }
}

/// Members by GUID; those of a Microsoft 365 group say which kind of link they are.
fn members(facts: &Maker, group: &Group) -> Value {
    let rows = group.members.iter().map(|member| match member {
        Member::Of(id) => json!(facts.recipients[*id].key),
        Member::Owner(id) => json!({"Member": facts.recipients[*id].key, "LinkType": "Owners"}),
        Member::Gone(key) => json!(key),
    });
    rows.collect()
}
