//! A snapshot as a report: who may open what.

use super::{count, fact, number, time, unless_zero, verdict};
use crate::delegations::mailbox_name;
use esgsync_delegation::resolve::{self, Delegation, Resolution, ResolveOptions};
use esgsync_delegation::snapshot::{Mailbox, Snapshot};
use esgsync_report::{Report, Subject, Tone, Unknown, Verdict};
use jiff::Timestamp;
use std::collections::BTreeSet;

pub(super) fn report(snapshot: &Snapshot, now: Timestamp) -> Report {
    let header = &snapshot.header;
    let options = ResolveOptions { rights: header.rights.clone(), ..ResolveOptions::default() };
    let resolution = resolve::resolve(snapshot, &options);
    let unknown = resolution.mailboxes.iter().filter(|state| !state.is_known()).count() as u64;
    let tenant = header.tenant.as_ref().map(|tenant| tenant.name.as_ref().unwrap_or(&tenant.id).as_str());

    let title = format!("Who may open what: {}", tenant.unwrap_or("a tenant without a name"));
    let mut report = Report::new(Subject::Snapshot, title, judge(snapshot, unknown), time(now));
    report.facts.extend(tenant.map(|tenant| fact("Tenant", tenant)));
    report.facts.push(fact("Exchange was read", time(header.created)));
    let rights: Vec<String> = header.rights.iter().map(|right| format!("{right:?}")).collect();
    report.facts.push(fact("Rights", rights.join(", ")));
    report.facts.push(fact("Types of mailboxes", header.recipient_types.join(", ")));
    report
        .facts
        .push(fact("Covers", if header.whole { "all mailboxes of these types" } else { "a part of the tenant" }));
    let people: BTreeSet<u32> = resolution.delegations.iter().map(|one| one.delegate).collect();
    report.numbers = vec![
        number("mailboxes", snapshot.mailboxes.len() as u64, Tone::Plain),
        number("people with a right", people.len() as u64, Tone::Plain),
        number("delegations", resolution.delegations.len() as u64, Tone::Plain),
    ];
    report.numbers.extend(unless_zero("mailboxes unknown", unknown, Tone::Caution));
    report.unknown = Some(unknowns(snapshot, &resolution));
    let delegations = resolution.delegations.iter().map(|one| delegation(snapshot, &resolution, one));
    report.delegations = Some(delegations.collect());
    report.findings = Some(resolution.findings.into_iter().map(super::plan::finding).collect());
    report
}

fn judge(snapshot: &Snapshot, unknown: u64) -> Verdict {
    let mailboxes = count(snapshot.mailboxes.len() as u64, "mailbox", "mailboxes");
    if !snapshot.complete {
        let text = format!("The read did not come to its end; {mailboxes} so far. What is missing here is not known.");
        return verdict(Tone::Bad, "Incomplete", text);
    }
    match unknown {
        0 => verdict(Tone::Good, "Known", format!("Everything about {mailboxes} is known.")),
        _ => {
            let text = format!("Of {mailboxes} not everything is known about {unknown}; nobody loses anything there.");
            verdict(Tone::Caution, "Partly unknown", text)
        }
    }
}

fn mailbox(mailbox: &Mailbox) -> esgsync_report::Mailbox {
    esgsync_report::Mailbox { name: mailbox_name(mailbox).to_owned(), address: mailbox.primary.clone() }
}

fn unknowns(snapshot: &Snapshot, resolution: &Resolution) -> Vec<Unknown> {
    let reasons = snapshot.mailboxes.iter().zip(&resolution.mailboxes).flat_map(|(of, state)| {
        state.unknown.iter().map(|reason| Unknown {
            mailbox: mailbox(of),
            code: reason.code.clone(),
            subject: reason.subject.clone(),
            text: reason.text.clone(),
        })
    });
    reasons.collect()
}

fn delegation(snapshot: &Snapshot, resolution: &Resolution, one: &Delegation) -> esgsync_report::Delegation {
    let person = &snapshot.recipients[one.delegate as usize];
    let address = person.primary.as_ref().or(person.upn.as_ref());
    esgsync_report::Delegation {
        mailbox: mailbox(&snapshot.mailboxes[one.mailbox as usize]),
        delegate: person.display_name.as_ref().or(address).unwrap_or(&person.key).clone(),
        delegate_address: address.cloned(),
        right: format!("{:?}", one.right),
        trail: resolve::trail_text(snapshot, one).into(),
        known: resolution.mailboxes[one.mailbox as usize].is_known(),
    }
}
