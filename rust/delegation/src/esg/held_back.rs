//! Why a plan removes less than it could, told once for each reason: what is left alone alias by alias is not read by who expects removals.

use super::draft::{Draft, World, warning};

/// The one code of these findings; cmdlets show them as warnings.
const CODE: &str = "RemovalsHeldBack";

pub(super) fn findings(world: &World<'_>, draft: &mut Draft) {
    by_snapshot(draft);
    by_tenant(world, draft);
    by_state(world, draft);
}

/// What a better snapshot would permit. Reasons that lie in a single user have no advice here, and are only left alone.
fn by_snapshot(draft: &mut Draft) {
    for (code, held) in std::mem::take(&mut draft.held_back) {
        let Some(advice) = advice(code) else { continue };
        let how_many = match held.count {
            1 => "1 removal is held back:".to_owned(),
            count => format!("{count} removals are held back, for example"),
        };
        draft.findings.push(warning(CODE, None, None, format!("{how_many} {}", held.example), advice));
    }
}

fn advice(code: &str) -> Option<&'static str> {
    Some(match code {
        "SnapshotIncomplete" => {
            "Read to the end (Export-MailboxDelegation -Resume goes on where a read broke off), and plan from that"
        }
        "SnapshotNotWhole" => {
            "Plan from a complete read of all mailboxes, without -Identity and -Filter: only that proves that a mailbox is gone"
        }
        "MailboxUnknown" => "Get-MailboxDelegation -Unknown says why: correct that, read again, and plan from that",
        "MailboxCarried" => {
            "Read these mailboxes again with Export-MailboxDelegation -Since -Reread, and plan from that; Sync-EsgSharedMailbox does it by itself"
        }
        "RightNotRead" => "Read and plan with -Right for every right that aliases were made for",
        "TenantUnknown" => "Read again from a session that names its tenant, and plan from that",
        _ => return None,
    })
}

/// A session on the wrong tenant: all that is ours there is somebody else's here.
fn by_tenant(world: &World<'_>, draft: &mut Draft) {
    let users = world.index.users.len();
    if world.managed.present(users) > 0 {
        return;
    }
    let this = world.index.tenant.as_deref().unwrap_or("a tenant that the snapshot does not name");
    for (tenant, count) in world.managed.foreign(users) {
        let text = format!(
            "{count} aliases at ESG are managed for tenant {tenant}, and none for {this}: those of another tenant are never removed"
        );
        let advice = "If that tenant was meant, connect to it at Exchange and read again; a first plan for one more tenant needs nothing";
        draft.findings.push(warning(CODE, None, None, text, advice));
    }
}

/// A state that knows nothing, at an appliance where somebody added aliases before: it is new, or the old one was lost.
fn by_state(world: &World<'_>, draft: &mut Draft) {
    let input = world.index.input;
    let unexplained = draft.findings.iter().filter(|finding| finding.code == "UnexplainedAlias").count() as u64;
    let there = draft.adoptable + unexplained;
    if !input.managed.is_empty() || input.options.adopt_existing || there == 0 {
        return;
    }
    let text = format!(
        "the state file of '{}' knows no alias as ours, and {there} aliases of mailboxes are at ESG already: none of them is ever removed",
        input.target.name
    );
    let advice = "If the state file was lost, put it back from a backup; otherwise plan once with -AdoptExisting";
    draft.findings.push(warning(CODE, None, None, text, advice));
}
