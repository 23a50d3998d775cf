//! Bodies of PATCH, PUT and POST: from JSON to a changed user (FW; esg 7, findings 5).

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::PREFIX;
use crate::error::{Problem, Rule, Violation};
use crate::options::{AddressCase, AddressUniqueness, DuplicateInList, Options, PrimaryRule};
use crate::profile::Profile;
use crate::route::{Route, Target};
use crate::schema::{Kind, Schema};
use crate::state::{Address, State, User};

/// Reads a body. Only objects carry changes; a list is taken and changes nothing.
///
/// # Errors
/// 400 for bytes that are no UTF-8, no JSON, or JSON of another type.
pub(crate) fn parse(body: &[u8], profile: Profile) -> Result<Map<String, Value>, Problem> {
    let text = std::str::from_utf8(body)
        .map_err(|_| Problem::new(400, "Malformed UTF-8 characters, possibly incorrectly encoded"))?;
    let value: Value = serde_json::from_str(text).map_err(|_| Problem::new(400, "Syntax error"))?;
    match value {
        Value::Object(members) => Ok(members),
        Value::Array(_) => Ok(Map::new()),
        Value::String(text) => Err(invalid_iri(&text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Err(Problem::new(
            400,
            format!(
                "Expected IRI or document for resource \"{}User\", \"{}\" given.",
                profile.words().namespace,
                type_name(&value)
            ),
        )),
    }
}

/// The user with the members of `body` set; unknown and read-only members are ignored. Members are taken in the
/// order of the body, so the first wrong one names the error.
///
/// # Errors
/// 400 for a value of the wrong type.
pub(crate) fn apply(
    body: Map<String, Value>,
    mut user: User,
    schema: &Schema,
    state: &State,
    host: &str,
) -> Result<User, Problem> {
    let strict = state.options.strict_extra_attributes;
    for (name, value) in body {
        match name.as_str() {
            "username" => match value {
                Value::String(text) => user.username = text,
                other => return Err(wrong_type("username", Kind::Text, &other)),
            },
            "emailAddresses" => {
                user.email_addresses = stored(addresses(value, schema, &state.options)?, &state.options)
            }
            "role" => user.role = role(&value, state, host)?,
            "id" if !strict => {}
            _ => {
                let Some(field) = schema.field(&name) else {
                    if strict {
                        return Err(extra(&name));
                    }
                    continue;
                };
                let fits = if value.is_null() { schema.nullable(field) } else { field.accepts(&value) };
                if !fits {
                    let kind = field.kind().unwrap_or(Kind::Text);
                    return Err(wrong_type(&name, kind, &value));
                }
                user.fields.insert(name, value);
            }
        }
    }
    Ok(user)
}

/// The list that replaces the old one. Every element is made anew, so members left out fall back to their defaults.
/// An object is taken as a list of its values, and what is no object becomes an empty element.
fn addresses(value: Value, schema: &Schema, options: &Options) -> Result<Vec<Address>, Problem> {
    let elements: Vec<Value> = match value {
        Value::Array(elements) => elements,
        Value::Object(members) => members.into_iter().map(|(_, element)| element).collect(),
        other => {
            let namespace = options.profile.words().namespace;
            let kind = short_type_name(&other);
            let detail = format!("Data expected to be \"{namespace}EmailAddress[]\", \"{kind}\" given.");
            return Err(Problem::new(400, detail));
        }
    };
    elements
        .into_iter()
        .map(|element| match element {
            Value::Object(members) => address(members, schema, options),
            _ => Ok(Address::default()),
        })
        .collect()
}

/// The list as the appliance keeps it.
fn stored(mut list: Vec<Address>, options: &Options) -> Vec<Address> {
    if options.address_case == AddressCase::Lower {
        for element in &mut list {
            element.address = element.address.take().map(|text| text.to_lowercase());
        }
    }
    if options.duplicate_in_list == DuplicateInList::Dedupe {
        let mut seen = HashSet::new();
        list.retain(|element| element.address.as_ref().is_none_or(|text| seen.insert(text.to_ascii_lowercase())));
    }
    list
}

fn extra(name: &str) -> Problem {
    Problem::new(400, format!("Extra attributes are not allowed (\"{name}\" is unknown)."))
}

fn address(members: Map<String, Value>, schema: &Schema, options: &Options) -> Result<Address, Problem> {
    let mut address = Address::default();
    for (name, value) in members {
        let wrong = |kind: Kind, value: &Value| {
            Problem::new(
                400,
                format!(
                    "The type of the \"{name}\" attribute for class \"{}EmailAddress\" must be one of \"{}\" (\"{}\" given).",
                    options.profile.words().namespace,
                    kind.name(),
                    short_type_name(value)
                ),
            )
        };
        match name.as_str() {
            "address" => match value {
                Value::String(text) => address.address = Some(text),
                Value::Null => address.address = None,
                other => return Err(wrong(Kind::Text, &other)),
            },
            "active" => address.active = value.as_bool().ok_or_else(|| wrong(Kind::Flag, &value))?,
            "primary" => {
                address.primary = value.as_bool().ok_or_else(|| wrong(Kind::Flag, &value))?;
            }
            _ if schema.address.contains(&name) => {
                address.fields.insert(name, value);
            }
            _ if options.strict_extra_attributes => return Err(extra(&name)),
            _ => {}
        }
    }
    Ok(address)
}

fn role(value: &Value, state: &State, host: &str) -> Result<u64, Problem> {
    let iri = match value {
        Value::String(iri) => iri,
        Value::Object(_) | Value::Array(_) => {
            return Err(Problem::new(
                400,
                "Nested documents for attribute \"role\" are not allowed. Use IRIs instead.",
            ));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            return Err(Problem::new(
                400,
                format!("Expected IRI or nested document for attribute \"role\", \"{}\" given.", type_name(value)),
            ));
        }
    };
    let path = iri.split_once("://").and_then(|(_, rest)| rest.strip_prefix(host)).unwrap_or(iri);
    let found = match Route::find(path).map(|route| route.target) {
        Some(Target::Role(id)) => u64::try_from(id).ok().filter(|id| state.roles.contains_key(id)).map(Ok),
        Some(Target::User(id)) => {
            u64::try_from(id).ok().and_then(|id| state.user(id)).map(|_| Err(other_resource(state.options.profile)))
        }
        _ => return Err(invalid_iri(iri)),
    };
    found.unwrap_or_else(|| Err(Problem::new(400, format!("Item not found for \"{iri}\"."))))
}

fn other_resource(profile: Profile) -> Problem {
    let namespace = profile.words().namespace;
    let class = format!("Failed to denormalize attribute \"role\" value for class \"{namespace}User\": ");
    let given = format!(
        "Expected argument of type \"?{namespace}UserRole\", \"{namespace}User\" given at property path \"role\"."
    );
    Problem::new(400, class + &given)
}

/// The IRI of a role.
pub(crate) fn role_iri(id: u64) -> String {
    format!("{PREFIX}/user-role/{id}")
}

/// Checks the rules that a changed user has to keep.
///
/// # Errors
/// 422 with one violation for each broken rule.
pub(crate) fn validate(user: &User, state: &State) -> Result<(), Problem> {
    let mut violations = Vec::new();
    let refuses_twins = state.options.duplicate_in_list == DuplicateInList::Refuse;
    if state.options.validation && user.username.is_empty() {
        violations.push(Violation { path: "username".to_owned(), rule: Rule::NotBlank });
    }
    for (index, element) in user.email_addresses.iter().enumerate() {
        let text = element.address.as_deref().unwrap_or_default();
        let rule = if state.options.validation && text.is_empty() {
            Rule::NotBlank
        } else if state.options.validation && !is_email(text) {
            Rule::Email
        } else if is_taken(text, user, state) || (refuses_twins && is_twin(user, index)) {
            Rule::Unique
        } else {
            continue;
        };
        violations.push(Violation { path: format!("emailAddresses[{index}].address"), rule });
    }
    let primaries = user.email_addresses.iter().filter(|element| element.primary).count();
    let listed = !user.email_addresses.is_empty();
    if state.options.primary_rule == PrimaryRule::ExactlyOne && listed && primaries != 1 {
        violations.push(Violation { path: "emailAddresses".to_owned(), rule: Rule::OnePrimary });
    }
    if !violations.is_empty() {
        return Err(Problem::invalid(violations, state.options.validation_status()));
    }
    let twins = (0..user.email_addresses.len()).any(|index| is_twin(user, index));
    if state.options.address_uniqueness == AddressUniqueness::PerUser && twins {
        return Err(Problem::internal());
    }
    Ok(())
}

/// The list has the address of that element before it already.
fn is_twin(user: &User, index: usize) -> bool {
    let text = |at: usize| user.email_addresses[at].address.as_deref().unwrap_or_default();
    (0..index).any(|before| text(before).eq_ignore_ascii_case(text(index)))
}

fn is_taken(text: &str, user: &User, state: &State) -> bool {
    let counts = |other: &User| match state.options.address_uniqueness {
        AddressUniqueness::None | AddressUniqueness::PerUser => false,
        AddressUniqueness::GlobalNonFunctional => other.role != state.functional_role,
        AddressUniqueness::Global => true,
    };
    matches!(state.options.address_uniqueness, AddressUniqueness::Global | AddressUniqueness::GlobalNonFunctional)
        && state.users.iter().any(|other| {
            other.id != user.id
                && counts(other)
                && other
                    .email_addresses
                    .iter()
                    .any(|element| element.address.as_ref().is_some_and(|held| held.eq_ignore_ascii_case(text)))
        })
}

/// The address rule of HTML forms: an ASCII local part, and a host of at least two labels.
fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.split_once('@') else {
        return false;
    };
    let local_fits = !local.is_empty()
        && local.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte));
    let label_fits = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    local_fits && host.contains('.') && host.split('.').all(label_fits)
}

fn wrong_type(name: &str, kind: Kind, value: &Value) -> Problem {
    Problem::new(
        400,
        format!("The type of the \"{name}\" attribute must be \"{}\", \"{}\" given.", kind.name(), type_name(value)),
    )
}

fn invalid_iri(iri: &str) -> Problem {
    Problem::new(400, format!("Invalid IRI \"{iri}\"."))
}

/// The long type names of the application's language.
fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NULL",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "double",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) | Value::Object(_) => "array",
    }
}

/// The short type names of the application's language.
fn short_type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "string",
        Value::Array(_) | Value::Object(_) => "array",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_by_the_rule_of_html_forms() {
        for good in ["a@b.example", "a.b+c@x-y.example", "'o'@b.c"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "a", "@b.c", "a@b", "a@-b.c", "a@b..c", "jürgen@b.c", "a@b.c@d.e"] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
