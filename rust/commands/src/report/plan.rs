//! A plan as a report, and what a report of a run takes from the plan that it applied.

use super::{count, fact, number, time, unless_zero, verdict};
use crate::planning::{exit_code, guards};
use esgsync_delegation::finding::Finding;
use esgsync_delegation::plan::{Change, ChangeKind, GuardCount, LeftAlone, MailboxRef, Plan, TargetRef};
use esgsync_report::{Fact, Mailbox, Number, Report, Subject, Tone, Verdict};
use jiff::Timestamp;

/// What the changes of a plan have become before it is applied.
const PLANNED: &str = "Planned";

pub(super) fn report(plan: Plan, now: Timestamp) -> Report {
    let title = match &plan.undoes {
        Some(undone) => format!("Plan to take back run {} at {}", undone.run, plan.target.name),
        None => format!("Plan for {}", plan.target.name),
    };
    let mut report = Report::new(Subject::Plan, title, judge(&plan), time(now));
    report.facts.push(fact("Appliance", appliance(&plan.target)));
    report.facts.extend(tenant(&plan));
    report.facts.push(fact("Made", time(plan.created)));
    report.facts.extend(origin(&plan));
    report.facts.push(fact("Plan", &plan.digest));
    report.numbers = numbers(&plan);
    if plan.target.simulator {
        report.notes.push("This plan was made for a simulated appliance.".into());
    }
    let changes = plan.actions.iter().flat_map(|action| {
        action
            .changes
            .iter()
            .map(|one| esgsync_report::Change { outcome: PLANNED.into(), ..change(one, &action.user.username) })
    });
    report.changes = Some(changes.collect());
    report.guards = Some(guards(&plan).map(|one| guard(one, false)).collect());
    report.left_alone = Some(plan.left_alone.into_iter().map(left_alone).collect());
    report.findings = Some(plan.findings.into_iter().map(finding).collect());
    report
}

fn judge(plan: &Plan) -> Verdict {
    let actions = count(plan.actions.len() as u64, "user would be changed", "users would be changed");
    let unknown = count(plan.summary.mailboxes_unknown, "mailbox is", "mailboxes are");
    match exit_code(plan) {
        3 => {
            let blocked = plan.guards.iter().filter(|guard| guard.blocked).filter_map(|guard| guard.expect.as_deref());
            let text = format!(
                "A guard blocks a part of it. If the number is right, apply it with {}.",
                blocked.collect::<Vec<_>>().join(" and ")
            );
            verdict(Tone::Bad, "Blocked", text)
        }
        4 => verdict(
            Tone::Caution,
            "Partly unknown",
            format!("{actions}; {unknown} unknown, and nobody loses anything there."),
        ),
        2 => verdict(Tone::Plain, "To apply", format!("{actions}. Nothing was done yet.")),
        _ => verdict(Tone::Good, "In line", "Everything is as it should be; there is nothing to do.".into()),
    }
}

fn numbers(plan: &Plan) -> Vec<Number> {
    let summary = &plan.summary;
    let kinds = [
        (ChangeKind::AliasAdded, summary.aliases_added),
        (ChangeKind::AliasRemoved, summary.aliases_removed),
        (ChangeKind::DuplicateCollapsed, summary.duplicates_collapsed),
        (ChangeKind::FunctionalUserRemoved, summary.functional_users_removed),
        (ChangeKind::AliasAdopted, summary.aliases_adopted),
        (ChangeKind::AliasRestored, summary.aliases_restored),
        (ChangeKind::FunctionalUserRestored, summary.functional_users_restored),
        (ChangeKind::AliasReleased, summary.aliases_released),
    ];
    let changed = kinds.into_iter().filter_map(|(kind, number)| unless_zero(plural(kind), number, Tone::Plain));
    [number("users to change", summary.users_changed, Tone::Plain)]
        .into_iter()
        .chain(changed)
        .chain(unless_zero("aliases in place", summary.aliases_in_place, Tone::Good))
        .chain(unless_zero("left alone", plan.left_alone.len() as u64, Tone::Plain))
        .chain(unless_zero("mailboxes unknown", summary.mailboxes_unknown, Tone::Caution))
        .collect()
}

/// What a number of changes is called.
pub(super) fn plural(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::AliasAdded => "aliases added",
        ChangeKind::AliasRemoved => "aliases removed",
        ChangeKind::DuplicateCollapsed => "duplicates collapsed",
        ChangeKind::FunctionalUserRemoved => "functional users removed",
        ChangeKind::AliasAdopted => "aliases adopted",
        ChangeKind::AliasRestored => "aliases restored",
        ChangeKind::FunctionalUserRestored => "functional users restored",
        ChangeKind::AliasReleased => "aliases released",
    }
}

fn appliance(target: &TargetRef) -> String {
    format!("{} at {}", target.name, target.host)
}

/// Name and id of the tenant.
pub(super) fn tenant(plan: &Plan) -> Option<Fact> {
    let tenant = plan.tenant.as_ref()?;
    Some(fact("Tenant", tenant.name.as_ref().unwrap_or(&tenant.id)))
}

/// When Exchange was read.
pub(super) fn origin(plan: &Plan) -> Option<Fact> {
    let snapshot = plan.snapshot.as_ref()?;
    let part = if snapshot.whole { "" } else { ", a part of the tenant" };
    let mailboxes = count(snapshot.mailboxes, "mailbox", "mailboxes");
    Some(fact("Exchange was read", format!("{}, {mailboxes}{part}", time(snapshot.created))))
}

/// A change without what became of it.
pub(super) fn change(change: &Change, username: &str) -> esgsync_report::Change {
    esgsync_report::Change {
        outcome: String::new(),
        kind: format!("{:?}", change.kind),
        user: username.to_owned(),
        address: change.address.clone(),
        mailbox: mailbox(&change.mailbox),
        right: change.right.map(|right| format!("{right:?}")),
        reason: change.reason.to_string(),
        trail: change.trail.clone(),
        problem: None,
        ended: None,
    }
}

fn mailbox(mailbox: &MailboxRef) -> Mailbox {
    let name = mailbox.display_name.as_ref().or(mailbox.primary.as_ref()).unwrap_or(&mailbox.guid);
    Mailbox { name: name.clone(), address: mailbox.primary.clone() }
}

/// `permitted`: it blocks, and an expectation let it through.
pub(super) fn guard(guard: &GuardCount, permitted: bool) -> esgsync_report::Guard {
    let state = match (guard.blocked, permitted) {
        (false, _) => "Within",
        (true, false) => "Blocked",
        (true, true) => "Permitted",
    };
    esgsync_report::Guard {
        kind: format!("{:?}", guard.kind),
        state: state.into(),
        count: guard.count,
        existing: guard.existing,
        limit: guard.limit,
        percent: guard.percent,
        expect: guard.expect.clone(),
    }
}

pub(super) fn left_alone(left: LeftAlone) -> esgsync_report::LeftAlone {
    esgsync_report::LeftAlone {
        code: left.code,
        user: left.user.map(|user| user.username),
        address: left.address,
        mailbox: left.mailbox.as_deref().map(mailbox),
        reason: match &*left.trail {
            [] | [_] => left.reason,
            trail => format!("{} ({})", left.reason, trail.join(" > ")),
        },
    }
}

pub(super) fn finding(finding: Finding) -> esgsync_report::Finding {
    esgsync_report::Finding {
        severity: format!("{:?}", finding.severity),
        code: finding.code,
        mailbox: finding.mailbox,
        subject: finding.subject,
        text: finding.text,
        advice: finding.advice,
    }
}
