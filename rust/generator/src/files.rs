//! A tenant as files, for programs that are no tests of ours.

use crate::Tenant;
use serde_json::{Value, json};

/// Name and text of each file. What is no ordinary tenant has neither rows of cmdlets nor an appliance.
pub(crate) fn files(tenant: &Tenant, shape: u64) -> Vec<(&'static str, String)> {
    let mut files = vec![("snapshot.jsonl", tenant.lines(shape).join("\n") + "\n")];
    let appliance = tenant.appliance(shape);
    files.push(("truth.json", text(&truth(tenant, appliance.as_ref().map(|appliance| json!(appliance.end))))));
    files.extend(tenant.exchange(shape).map(|rows| ("exchange.json", text(&rows.file))));
    files.extend(appliance.map(|appliance| ("esg.json", text(&appliance.state))));
    files
}

fn text(value: &Value) -> String {
    format!("{value:#}\n")
}

fn truth(tenant: &Tenant, end: Option<Value>) -> Value {
    let (truth, options) = (tenant.truth(), tenant.options());
    let people =
        |key: &str| tenant.facts.recipients.iter().find(|one| one.key == key).map(|one| one.label().to_owned());
    let delegations = truth.delegations.keys().map(|delegation| {
        json!({"mailbox": delegation.mailbox, "delegate": people(&delegation.delegate), "right": delegation.right})
    });
    json!({
        "rights": options.rights, "includeInherited": options.include_inherited, "expandAll": options.expand_all,
        "delegations": delegations.collect::<Vec<_>>(), "mailboxes": truth.mailboxes, "findings": truth.findings, "end": end,
    })
}
