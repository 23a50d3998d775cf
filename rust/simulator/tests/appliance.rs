//! Rules of the appliance that no recording shows: switches, accounts, unknown members, other editors, size.

#![allow(clippy::unwrap_used)]

use esgsync_simulator::{AddressUniqueness, Edit, Esg, Options, Request, Response, RoleInHal, State, User};
use serde_json::{Value, json};

const HAL: &str = "application/hal+json";
const TOKEN: &str = "0123456789abcdef";

/// Four users: a person with members that the framework does not know, another person, and two functional users.
fn state() -> State {
    let state = json!({
        "users": [
            {"id": 1, "username": "ann@x.example", "role": 7, "language": "en", "emailAddresses": [
                {"address": "ann@x.example", "active": true, "primary": true, "meta": {"by": {"id": 7, "tags": ["a", [1]]}}}]},
            {"id": 2, "username": "bob@x.example", "role": 7, "language": null, "emailAddresses": [
                {"address": "bob@x.example", "active": true, "primary": true}]},
            {"id": 10, "username": "Sales", "role": 499, "emailAddresses": [
                {"address": "sales@x.example", "active": true, "primary": true}]},
            {"id": 11, "username": "Desk", "role": 499, "emailAddresses": []},
        ],
        "tokens": {TOKEN: "admin"},
    });
    State::from_json(&state.to_string()).unwrap()
}

fn esg(options: Options) -> Esg {
    Esg::new(State { options, ..state() })
}

fn request(method: &str, target: &str) -> Request {
    Request::new(method, target).with_header("X-ESG-Auth-Token", TOKEN).with_header("Accept", "application/json")
}

fn patch(esg: &mut Esg, id: u64, body: &Value) -> Response {
    let request = request("PATCH", &format!("/api/v2/user/{id}"))
        .with_header("Content-Type", "application/merge-patch+json")
        .with_body(body.to_string());
    esg.handle(&request)
}

fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}

fn address(text: &str, primary: bool) -> Value {
    json!({"address": text, "active": true, "primary": primary})
}

#[test]
fn every_reply_names_the_simulator() {
    let mut esg = esg(Options::default());
    for target in ["/api/v2/user", "/nothing", "/api/v2/user/", "/__simulator/counts", "/__simulator/nothing"] {
        let response = esg.handle(&Request::new("GET", target));
        assert_eq!(response.header("X-EsgMailboxSync-Simulator"), Some(env!("CARGO_PKG_VERSION")), "{target}");
    }
}

#[test]
fn unknown_members_are_served_and_kept_when_they_come_back() {
    let mut esg = esg(Options::default());
    let read = body(&esg.handle(&request("GET", "/api/v2/user/1")));
    let mut elements = read["emailAddresses"].clone();
    assert_eq!(elements[0]["meta"]["by"]["tags"], json!(["a", [1]]));
    elements.as_array_mut().unwrap().push(address("sales@x.example", false));
    let reply = patch(&mut esg, 1, &json!({"emailAddresses": elements}));
    assert_eq!(reply.status, 200);
    assert_eq!(body(&reply)["emailAddresses"], elements);
    assert_eq!(body(&esg.handle(&request("GET", "/api/v2/user/1"))), body(&reply));
}

#[test]
fn a_member_left_out_of_an_element_is_lost_and_one_nobody_has_is_ignored() {
    let mut esg = esg(Options::default());
    let mut element = address("ann@x.example", true);
    element["origin"] = "import".into();
    let reply = body(&patch(&mut esg, 1, &json!({"emailAddresses": [element], "nickname": "x"})));
    assert_eq!(reply["emailAddresses"], json!([address("ann@x.example", true)]));
    assert_eq!(reply.get("nickname"), None);
    assert_eq!(reply["language"], "en");
}

#[test]
fn a_member_that_some_users_lack_may_be_set_cleared_and_is_typed() {
    let mut esg = esg(Options::default());
    assert_eq!(body(&esg.handle(&request("GET", "/api/v2/user/2"))).get("language"), None);
    assert_eq!(body(&patch(&mut esg, 2, &json!({"language": "de"})))["language"], "de");
    let cleared = patch(&mut esg, 2, &json!({"language": null}));
    assert_eq!((cleared.status, body(&cleared).get("language")), (200, None));
    assert_eq!(patch(&mut esg, 2, &json!({"language": 5})).status, 400);
}

#[test]
fn a_taken_address_is_refused_and_nothing_is_stored() {
    for (uniqueness, sales, bob) in [
        (AddressUniqueness::None, 200, 200),
        (AddressUniqueness::GlobalNonFunctional, 200, 422),
        (AddressUniqueness::Global, 422, 422),
    ] {
        let mut esg = esg(Options { address_uniqueness: uniqueness, ..Options::default() });
        let wish = |text| json!({"emailAddresses": [address("ann@x.example", true), address(text, false)]});
        assert_eq!(patch(&mut esg, 1, &wish("SALES@x.example")).status, sales, "{uniqueness:?}");
        let before = esg.state().clone();
        let reply = patch(&mut esg, 1, &wish("bob@x.example"));
        assert_eq!(reply.status, bob, "{uniqueness:?}");
        if bob == 422 {
            assert_eq!(body(&reply)["violations"][0]["propertyPath"], "emailAddresses[1].address");
            assert_eq!(*esg.state(), before);
        }
    }
}

#[test]
fn users_cannot_be_created_where_the_route_is_missing() {
    let mut esg = esg(Options { users_can_be_created: false, ..Options::default() });
    let reply = esg.handle(&request("POST", "/api/v2/user").with_header("Content-Type", "application/json"));
    assert_eq!((reply.status, reply.header("Allow")), (405, Some("GET")));
    let document = body(&esg.handle(&request("GET", "/api/v2/docs.json?spec_version=3")));
    assert!(document["paths"]["/api/v2/user"]["get"].is_object());
    assert_eq!(document["paths"]["/api/v2/user"].get("post"), None);
}

#[test]
fn a_new_user_gets_an_id_that_was_never_used() {
    let mut esg = esg(Options::default());
    assert_eq!(esg.handle(&request("DELETE", "/api/v2/user/11")).status, 204);
    for id in [12, 13] {
        let new = json!({"username": "Desk", "role": "/api/v2/user-role/499", "emailAddresses": []}).to_string();
        let create = request("POST", "/api/v2/user").with_header("Content-Type", "application/json").with_body(new);
        let reply = esg.handle(&create);
        assert_eq!((reply.status, reply.header("Location")), (201, Some(&*format!("/api/v2/user/{id}"))));
    }
    let ids: Vec<_> = esg.state().users.iter().map(|user| user.id).collect();
    assert_eq!(ids, [1, 2, 10, 12, 13]);
}

#[test]
fn the_role_of_a_hal_user_may_be_a_plain_property() {
    let mut esg = esg(Options { role_in_hal: RoleInHal::Plain, ..Options::default() });
    let request = Request::new("GET", "/api/v2/user/10").with_header("X-ESG-Auth-Token", TOKEN);
    let user = body(&esg.handle(&request.with_header("Accept", HAL)));
    assert_eq!(user["role"], "/api/v2/user-role/499");
    assert_eq!(user["_links"].get("role"), None);
}

#[test]
fn page_sizes_are_switches() {
    let mut esg = esg(Options { max_items: 3, default_items: 1, ..Options::default() });
    let mut size = |target| body(&esg.handle(&request("GET", target))).as_array().unwrap().len();
    assert_eq!(size("/api/v2/user"), 1);
    assert_eq!(size("/api/v2/user?itemsPerPage=150"), 3);
}

fn login(esg: &mut Esg, body: &Value) -> Response {
    let request = Request::new("POST", "/api/v2/login").with_header("Content-Type", "application/json");
    esg.handle(&request.with_body(body.to_string()))
}

#[test]
fn the_accounts_of_a_state_without_any() {
    let mut esg = esg(Options::default());
    let reply = body(&login(&mut esg, &json!({"username": "apiuser", "password": "simulator-apiuser"})));
    let token = reply["token"].as_str().unwrap().to_owned();
    let as_api = |esg: &mut Esg, name: Option<&str>| {
        let mut request = Request::new("DELETE", "/api/v2/user/11").with_header("X-ESG-Auth-Token", &token);
        if let Some(name) = name {
            request = request.with_header("X-Switch-User", name);
        }
        esg.handle(&request).status
    };
    assert_eq!(as_api(&mut esg, None), 403);
    // A user of the appliance is a target too, with the rights of its role.
    assert_eq!(as_api(&mut esg, Some("bob@x.example")), 403);
    assert_eq!(as_api(&mut esg, Some("admin")), 204);
}

#[test]
fn an_account_with_a_one_time_password_needs_it() {
    let mut state = state();
    state.accounts[0].otp = Some("123456".to_owned());
    let mut esg = Esg::new(state);
    let mut body = json!({"username": "admin", "password": "simulator-admin"});
    assert_eq!(login(&mut esg, &body).status, 401);
    body["otp"] = "000000".into();
    assert_eq!(login(&mut esg, &body).status, 401);
    body["otp"] = "123456".into();
    assert_eq!(login(&mut esg, &body).status, 200);
}

#[test]
fn another_editor_changes_makes_and_removes_users() {
    let mut esg = esg(Options::default());
    let edit = |json: Value| serde_json::from_value::<Edit>(json).unwrap();
    esg.edit(&edit(json!({"id": 1, "username": "ann2@x.example"}))).unwrap();
    assert_eq!(esg.state().user(1).unwrap().username, "ann2@x.example");
    assert_eq!(esg.state().user(1).unwrap().email_addresses.len(), 1);
    esg.edit(&edit(json!({"id": 30, "username": "New", "role": 499}))).unwrap();
    assert!(esg.state().user(30).unwrap().email_addresses.is_empty());
    esg.edit(&edit(json!({"id": 2, "delete": true}))).unwrap();
    assert_eq!(esg.state().user(2), None);
    let before = esg.state().clone();
    assert!(esg.edit(&edit(json!({"id": 1, "role": 12}))).unwrap_err().contains("12"));
    assert!(esg.edit(&edit(json!({"id": 31, "username": "no role"}))).is_err());
    assert_eq!(*esg.state(), before);
}

#[test]
fn two_hundred_thousand_users_are_paged_completely() {
    let users = (1..=200_000)
        .map(|id| User {
            id,
            username: format!("user{id}@x.example"),
            email_addresses: Vec::new(),
            role: 7,
            fields: serde_json::Map::new(),
        })
        .collect();
    let mut esg = Esg::new(State { users, ..state() });
    let mut next = 1;
    let mut page = 0;
    loop {
        page += 1;
        let target = format!("/api/v2/user?itemsPerPage=150&page={page}");
        let rows = body(&esg.handle(&request("GET", &target)));
        let rows = rows.as_array().unwrap();
        if rows.is_empty() {
            break;
        }
        for row in rows {
            assert_eq!(row["id"], next);
            next += 1;
        }
    }
    assert_eq!((next, page), (200_001, 1335));
}
