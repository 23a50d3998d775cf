//! One item: a user or a role, in HAL or plain JSON (esg 4).

use crate::{HalError, kind, whole};
use esgsync_delegation::esg::{EmailAddress, EsgUser};
use serde_json::{Map, Value};

/// Something with an id that a collection lists.
pub trait Item: Sized {
    /// Reads it from HAL or plain JSON.
    ///
    /// # Errors
    /// When it has no positive numeric id (rule 48), or a member that matters has another shape than the API gives it.
    fn read(value: Value) -> Result<Self, HalError>;

    /// Its id, positive.
    fn id(&self) -> u64;
}

/// A role of the appliance (esg 4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Id, positive.
    pub id: u64,
    /// Name as the appliance shows it.
    pub name: String,
}

impl Item for Role {
    fn read(value: Value) -> Result<Self, HalError> {
        let mut members = object(value)?;
        Ok(Self { id: take_id(&mut members)?, name: take_text(&mut members, "name")? })
    }

    fn id(&self) -> u64 {
        self.id
    }
}

impl Item for EsgUser {
    /// HAL and plain JSON of the same user give the same value: the links of HAL come back as the IRI members that plain JSON has.
    fn read(value: Value) -> Result<Self, HalError> {
        let mut members = object(value)?;
        let links = members.remove("_links");
        let embedded = members.remove("_embedded");
        let role_member = members.remove("role");
        let id = take_id(&mut members)?;
        let in_user = |e: HalError| HalError::new(format!("user {id}: {e}"));
        let username = take_text(&mut members, "username").map_err(in_user)?;
        let addresses = take_addresses(&mut members).map_err(in_user)?;
        let role = role([
            links.as_ref().and_then(|links| links.pointer("/role/href")),
            embedded.as_ref().and_then(|embedded| embedded.pointer("/role")),
            role_member.as_ref(),
        ]);
        add_relations(&mut members, links);
        Ok(Self { id, username, role, addresses, other: members })
    }

    fn id(&self) -> u64 {
        self.id
    }
}

fn object(value: Value) -> Result<Map<String, Value>, HalError> {
    match value {
        Value::Object(members) => Ok(members),
        other => Err(HalError::new(format!("the answer is no item but {}", kind(&other)))),
    }
}

fn take_id(members: &mut Map<String, Value>) -> Result<u64, HalError> {
    let id = members.remove("id");
    let positive = id.as_ref().and_then(whole).filter(|id| *id > 0);
    positive.ok_or_else(|| HalError::new("it has no positive numeric id"))
}

/// A text; absent and null are empty, for nulls are left out of answers (esg 7).
fn take_text(members: &mut Map<String, Value>, member: &str) -> Result<String, HalError> {
    match members.remove(member) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text),
        Some(other) => Err(HalError::new(format!("{member} is {}, not a string", kind(&other)))),
    }
}

/// The list of address objects. Anything else would be sent back broken with the next change, so it is refused (findings 1.3).
fn take_addresses(members: &mut Map<String, Value>) -> Result<Vec<EmailAddress>, HalError> {
    let elements = match members.remove("emailAddresses") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(elements)) => elements,
        Some(other) => return Err(HalError::new(format!("emailAddresses is {}, not a list", kind(&other)))),
    };
    let element = |(n, element)| match element {
        Value::Object(element) => Ok(element.into()),
        other => Err(HalError::new(format!("emailAddresses[{n}] is {}, not an object", kind(&other)))),
    };
    let mut addresses: Vec<EmailAddress> = elements.into_iter().enumerate().map(element).collect::<Result<_, _>>()?;
    // There may be hundreds of thousands of users: no room to grow in any of them.
    addresses.shrink_to_fit();
    Ok(addresses)
}

/// The role's id from every place that shows one. Places that disagree settle nothing: a delete depends on the role (design 6).
fn role(places: [Option<&Value>; 3]) -> Option<u64> {
    let mut ids = places.into_iter().flatten().filter_map(role_id);
    let first = ids.next()?;
    ids.all(|id| id == first).then_some(first)
}

fn role_id(place: &Value) -> Option<u64> {
    match place {
        Value::String(iri) => iri_id(iri),
        Value::Object(role) => {
            let href = || place.pointer("/_links/self/href").and_then(Value::as_str).and_then(iri_id);
            role.get("id").and_then(whole).filter(|id| *id > 0).or_else(href)
        }
        _ => None,
    }
}

/// The number at the end of an IRI such as `/api/v2/user-role/499`.
fn iri_id(iri: &str) -> Option<u64> {
    let (before, last) = iri.rsplit_once('/')?;
    let digits = !before.is_empty() && !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| last.parse().ok()).flatten().filter(|id| *id > 0)
}

/// Adds the other relations of HAL as plain JSON has them, so that a before-image misses nothing.
fn add_relations(members: &mut Map<String, Value>, links: Option<Value>) {
    let Some(Value::Object(links)) = links else { return };
    for (relation, link) in links {
        let iri = match link {
            Value::Object(mut link) => link.remove("href"),
            Value::Array(links) => Some(links.iter().filter_map(|link| link.get("href").cloned()).collect()),
            _ => None,
        };
        if let Some(iri) = iri.filter(|_| relation != "self" && relation != "role" && !members.contains_key(&relation))
        {
            members.insert(relation, iri);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn user(value: Value) -> Result<EsgUser, HalError> {
        EsgUser::read(value)
    }

    fn role_of(value: Value) -> Option<u64> {
        user(value).unwrap().role
    }

    #[test]
    fn hal_and_plain_json_give_the_same_user() {
        let address = json!({"address": "a@corp.example", "active": true, "primary": true, "source": {"n": [1, null]}});
        let hal = json!({
            "_links": {
                "self": {"href": "/api/v2/user/4"}, "role": {"href": "/api/v2/user-role/499"},
                "domain": {"href": "/api/v2/domain/3"}, "lists": [{"href": "/api/v2/list/1"}, {"href": "/api/v2/list/2"}]
            },
            "id": 4, "username": "Büro", "enabled": true, "emailAddresses": [address]
        });
        let plain = json!({
            "id": 4, "username": "Büro", "enabled": true, "emailAddresses": [address], "role": "/api/v2/user-role/499",
            "domain": "/api/v2/domain/3", "lists": ["/api/v2/list/1", "/api/v2/list/2"]
        });
        let hal = user(hal).unwrap();
        assert_eq!(hal, user(plain).unwrap());
        assert_eq!((hal.id, hal.role, hal.username.as_str()), (4, Some(499), "Büro"));
        assert_eq!(Value::Object(hal.addresses[0].clone().into()), address);
        assert_eq!(hal.other["enabled"], json!(true));
    }

    #[test]
    fn the_role_is_read_from_each_of_its_places() {
        for (n, value) in [
            json!({"id": 1, "_links": {"role": {"href": "/api/v2/user-role/499"}}}),
            json!({"id": 1, "_embedded": {"role": {"_links": {"self": {"href": "/api/v2/user-role/499"}}}}}),
            json!({"id": 1, "role": "/api/v2/user-role/499"}),
            json!({"id": 1, "role": "https://esg.example/api/v2/user-role/499"}),
            json!({"id": 1, "role": {"id": 499, "name": "Functional User"}}),
            json!({"id": 1, "role": {"id": 499.0}}),
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(role_of(value), Some(499), "case {n}");
        }
    }

    #[test]
    fn a_role_that_is_not_plain_is_unknown() {
        for role in [
            json!("499"),
            json!("/api/v2/user-role/"),
            json!("/api/v2/user-role/499x"),
            json!("/api/v2/user-role/+499"),
            json!(499),
            json!({"name": "x"}),
            json!(null),
        ] {
            assert_eq!(role_of(json!({"id": 1, "role": role})), None, "{role}");
        }
        let contradiction =
            json!({"id": 1, "role": "/api/v2/user-role/7", "_links": {"role": {"href": "/api/v2/user-role/499"}}});
        assert_eq!(role_of(contradiction), None);
    }

    #[test]
    fn rule_48_an_item_without_a_positive_numeric_id_is_refused() {
        for id in [json!(null), json!(0), json!(-4), json!("4"), json!(4.5), json!("4abc"), json!([4])] {
            let error = user(json!({"id": id, "username": "x"})).unwrap_err();
            assert!(error.to_string().contains("positive numeric id"), "{id}");
        }
        assert!(user(json!({"username": "x"})).is_err());
        assert!(user(json!([{"id": 1}])).is_err(), "a list is no item");
    }

    #[test]
    fn a_whole_number_may_be_written_as_a_float() {
        assert_eq!(user(json!({"id": 4.0})).unwrap(), user(json!({"id": 4})).unwrap());
        for id in [json!(-4.0), json!(0.0), json!(1e300), json!(9_007_199_254_740_992.0)] {
            assert!(user(json!({"id": id})).is_err(), "{id}");
        }
    }

    #[test]
    fn missing_and_null_members_are_empty() {
        let bare = user(json!({"id": 1})).unwrap();
        assert_eq!(bare, user(json!({"id": 1, "username": null, "emailAddresses": null})).unwrap());
        assert_eq!((bare.username.as_str(), bare.addresses.len(), bare.role), ("", 0, None));
    }

    #[test]
    fn a_list_of_addresses_in_another_shape_is_refused_with_user_and_place() {
        let text = |addresses: Value| user(json!({"id": 9, "emailAddresses": addresses})).unwrap_err().to_string();
        assert_eq!(text(json!({"0": {"address": "a@b.example"}})), "user 9: emailAddresses is an object, not a list");
        assert_eq!(
            text(json!([{"address": "a@b.example"}, "c@d.example"])),
            "user 9: emailAddresses[1] is a string, not an object"
        );
        assert_eq!(text(json!([null])), "user 9: emailAddresses[0] is null, not an object");
        assert!(user(json!({"id": 9, "username": 5})).is_err());
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".*".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 48, 6, |inner| {
            let name = prop_oneof![
                Just("id".to_owned()),
                Just("role".to_owned()),
                Just("_links".to_owned()),
                Just("_embedded".to_owned()),
                Just("item".to_owned()),
                Just("href".to_owned()),
                Just("emailAddresses".to_owned()),
                Just("username".to_owned()),
                Just("totalItems".to_owned()),
                "[a-z]{1,4}"
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((name, inner), 0..8)
                    .prop_map(|members| Value::Object(members.into_iter().collect()))
            ]
        })
    }

    proptest! {
        // Values are large and slow to make.
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn what_is_read_keeps_every_address_element_and_has_an_id(value in any_json()) {
            if let Ok(read) = EsgUser::read(value.clone()) {
                prop_assert!(read.id > 0);
                let elements = value["emailAddresses"].as_array().cloned().unwrap_or_default();
                let kept: Vec<Value> = read.addresses.into_iter().map(|a| Value::Object(a.into())).collect();
                prop_assert_eq!(kept, elements);
            }
        }

        #[test]
        fn no_page_panics_and_what_is_read_has_all_its_items(value in any_json()) {
            if let Ok(page) = crate::Page::<EsgUser>::read(value.clone()) {
                let items = value.pointer("/_embedded/item").or(Some(&value)).and_then(Value::as_array).map_or(0, Vec::len);
                prop_assert_eq!(page.items.len(), items);
            }
        }
    }
}
