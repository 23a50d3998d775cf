//! What the simulation has to meet: every switch of (esg 13.2) with each of its values, by the names in the table.

use super::coverage::{Coverage, FAULT, SWITCH};

/// Kind, the switch as (esg 13.2) names it, and how the table begins for each of its values.
const REQUIRED: &[(&str, &str, &[&str])] = &[
    (SWITCH, "error_family", &["= Rfc2616", "= Rfc7807", "= Jsonld", "= HtmlProxy"]),
    (SWITCH, "validation_status", &["= 422", "= 400"]),
    (SWITCH, "check_order", &["= Listener", "= Provider"]),
    (SWITCH, "max_items", &["= as usual", "= 2", "= 7"]),
    (SWITCH, "default_items", &["= as usual", "= 30"]),
    (SWITCH, "client_items_enabled", &["= as usual", "= false"]),
    (SWITCH, "role_in_hal", &["= as usual", "= Embedded", "= Plain"]),
    (SWITCH, "functional_role_id", &["= as usual", "= 12", "= 500"]),
    (SWITCH, "functional_username", &["= as usual", "= Smtp", "= Upn"]),
    (SWITCH, "addr_unique", &["= as usual", "= PerUser", "= GlobalNonFunctional", "= Global"]),
    (SWITCH, "duplicate_in_list", &["= as usual", "= Dedupe", "= Refuse"]),
    (SWITCH, "addr_case", &["= as usual", "= Lower"]),
    (SWITCH, "primary_rule", &["= as usual", "= ExactlyOne"]),
    (SWITCH, "strict_extra_attributes", &["= as usual", "= true"]),
    (SWITCH, "null_skip", &["= as usual", "= false"]),
    (SWITCH, "token_ttl", &["= as usual", "= 12", "= 25"]),
    (SWITCH, "account_kind", &["= as usual", "= ApiUser"]),
    (SWITCH, "switch_user_policy", &["= as usual", "= Ignore", "= Allow"]),
    (SWITCH, "domain_scope", &["= as usual", "= true"]),
    (SWITCH, "rate_limit", &["= as usual", "= Seconds", "= Date", "= Missing"]),
    (SWITCH, "reimport", &["= import brings back functional users", "= import resets addresses"]),
    (SWITCH, "concurrent_editor", &["= between list and PATCH"]),
    (SWITCH, "shift_during_paging", &[""]),
    // Its faults: drop after commit, 502 and 503, slow, truncated JSON, HTML.
    (FAULT, "LostAfter", &[""]),
    (FAULT, "GatewayBefore(502)", &[""]),
    (FAULT, "GatewayAfter(502)", &[""]),
    (FAULT, "BusyBefore,", &[""]),
    (FAULT, "BusyAfter", &[""]),
    (FAULT, "SlowBefore", &[""]),
    (FAULT, "SlowAfter", &[""]),
    (FAULT, "CutBody", &[""]),
    (FAULT, "Portal", &[""]),
    (FAULT, "HtmlNotFound", &[""]),
];

/// What was not met.
pub(super) fn missing(coverage: &Coverage) -> Vec<String> {
    let wanted = REQUIRED.iter().flat_map(|(kind, switch, values)| {
        values.iter().map(move |value| (*kind, format!("{switch} {value}").trim_end().to_owned()))
    });
    let met = |kind: &str, begins: &str| coverage.names(kind).iter().any(|name| name.starts_with(begins));
    wanted.filter(|(kind, begins)| !met(kind, begins)).map(|(kind, begins)| format!("{kind} {begins}")).collect()
}
