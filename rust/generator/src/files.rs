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

/// JSON with one line for each row: small, and readable in a diff.
fn text(value: &Value) -> String {
    let members = value.as_object().into_iter().flatten();
    let members: Vec<String> = members.map(|(name, value)| format!(" {}: {}", json!(name), lines(value, 1))).collect();
    format!("{{\n{}\n}}\n", members.join(",\n"))
}

fn lines(value: &Value, depth: usize) -> String {
    let indent = " ".repeat(depth);
    match value {
        Value::Array(rows) if depth < 3 && !rows.is_empty() => {
            let rows: Vec<String> = rows.iter().map(|row| format!("{indent} {row}")).collect();
            format!("[\n{}\n{indent}]", rows.join(",\n"))
        }
        Value::Object(members) if depth < 2 && !members.is_empty() => {
            let members = members.iter();
            let members: Vec<String> =
                members.map(|(name, value)| format!("{indent} {}: {}", json!(name), lines(value, depth + 1))).collect();
            format!("{{\n{}\n{indent}}}", members.join(",\n"))
        }
        other => other.to_string(),
    }
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
