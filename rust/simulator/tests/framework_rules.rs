//! What the framework does, asked with data that is in no recording.

#![allow(clippy::unwrap_used)]

mod own;

use esgsync_simulator::{Framework, Options, Request};
use own::{HAL, JSON, TOKEN, address, body, esg, get, ids, patch, request, send, text};
use serde_json::json;

#[test]
fn pages_of_own_users_link_to_their_neighbours() {
    let mut esg = esg(Options::default());
    let page = |esg: &mut _, number: u64| get(esg, &format!("/api/v2/user?zoo=1&page={number}&itemsPerPage=3"), HAL);
    let href = |number: u64| json!({"href": format!("/api/v2/user?itemsPerPage=3&zoo=1&page={number}")});

    let second = body(&page(&mut esg, 2));
    let keys: Vec<_> = second.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["_links", "totalItems", "itemsPerPage", "_embedded"]);
    let links = second["_links"].as_object().unwrap();
    assert_eq!(links.keys().collect::<Vec<_>>(), ["self", "first", "last", "prev", "next", "item"]);
    for (relation, number) in [("self", 2), ("first", 1), ("last", 3), ("prev", 1), ("next", 3)] {
        assert_eq!(links[relation], href(number), "{relation}");
    }
    assert_eq!(links["item"][0], json!({"href": "/api/v2/user/40"}));
    assert_eq!((&second["totalItems"], &second["itemsPerPage"]), (&json!(7), &json!(3)));

    let past = body(&page(&mut esg, 9));
    assert_eq!(past["_links"]["next"], href(10), "a next page past the end");
    assert!(past.get("_embedded").is_none() && past["_links"].get("item").is_none());
    let last = body(&page(&mut esg, 3));
    assert!(last["_links"].get("next").is_none() && last["_embedded"]["item"].as_array().unwrap().len() == 1);
    let one = body(&get(&mut esg, "/api/v2/user?page=5&itemsPerPage=100", HAL));
    assert_eq!(one["_links"], json!({"self": {"href": "/api/v2/user?itemsPerPage=100"}}));
    assert_eq!(ids(&get(&mut esg, "/api/v2/user?page=2&itemsPerPage=3", JSON)), [40, 50, 60]);
    assert_eq!(text(&get(&mut esg, "/api/v2/user?page=4&itemsPerPage=3", JSON)), "[]");
}

#[test]
fn bad_page_parameters_are_refused_or_ignored() {
    let mut esg = esg(Options::default());
    for (query, status, count) in [
        ("page=0", 400, 0),
        ("page=owl", 400, 0),
        ("page=2owls&itemsPerPage=4", 200, 3),
        ("itemsPerPage=-3", 400, 0),
        ("itemsPerPage=0", 200, 0),
        ("itemsPerPage=0&page=2", 400, 0),
        ("itemsPerPage=", 200, 0),
        ("page=9223372036854775807&itemsPerPage=7", 400, 0),
        ("owls=5", 200, 7),
    ] {
        let reply = get(&mut esg, &format!("/api/v2/user?{query}"), HAL);
        let count_of = if reply.status == 200 { ids(&reply).len() } else { 0 };
        assert_eq!((reply.status, count_of), (status, count), "{query}");
    }
}

#[test]
fn filters_narrow_and_unusable_ones_are_ignored() {
    let mut esg = esg(Options::default());
    for (query, expected) in [
        ("username=OWL3", &[30][..]),
        ("role=/api/v2/user-role/499", &[30, 70]),
        ("role=/api/v2/user-role/12345", &[]),
        ("id[]=20&id[]=60", &[20, 60]),
        ("id=owl", &[10, 20, 30, 40, 50, 60, 70]),
        ("role=/api/v2/user-role/499&order[id]=desc", &[70, 30]),
        ("order[id]=sideways&itemsPerPage=2", &[10, 20]),
    ] {
        assert_eq!(ids(&get(&mut esg, &format!("/api/v2/user?{query}"), HAL)), expected, "{query}");
    }
}

#[test]
fn text_is_escaped_by_format() {
    let mut esg = esg(Options::default());
    assert_eq!(patch(&mut esg, 20, &json!({"username": "Käuzchen & <Uhu> 'x' \"y\" a/b 🦉"})).status, 200);
    let hal = text(&get(&mut esg, "/api/v2/user/20", HAL));
    let expected = r#""Käuzchen \u0026 \u003CUhu\u003E \u0027x\u0027 \u0022y\u0022 a\/b 🦉""#;
    assert!(hal.contains(expected), "{hal}");
    assert!(hal.contains(r#""href":"\/api\/v2\/user\/20""#), "{hal}");
    let plain = text(&get(&mut esg, "/api/v2/user/20", JSON));
    let expected = r#""K\u00e4uzchen & <Uhu> 'x' \"y\" a\/b \ud83e\udd89""#;
    assert!(plain.contains(expected), "{plain}");
}

#[test]
fn the_answer_has_the_type_that_was_asked_for() {
    let mut esg = esg(Options::default());
    for (accept, kind) in [
        (HAL, "application/hal+json; charset=utf-8"),
        ("*/*", "application/hal+json; charset=utf-8"),
        ("application/json, application/hal+json", "application/hal+json; charset=utf-8"),
        ("application/hal+json;q=0.3, application/json;q=0.4", "application/json; charset=utf-8"),
        ("application/ld+json", "application/ld+json; charset=utf-8"),
        ("text/csv", "application/problem+json; charset=utf-8"),
    ] {
        let reply = get(&mut esg, "/api/v2/user/40", accept);
        assert_eq!(reply.header("Content-Type"), Some(kind), "{accept}");
        assert_eq!(reply.status, if accept == "text/csv" { 406 } else { 200 }, "{accept}");
    }
    assert_eq!(
        get(&mut esg, "/api/v2/user/40.json", "*/*").header("Content-Type"),
        Some("application/json; charset=utf-8")
    );
    assert_eq!(get(&mut esg, "/api/v2/user/40.owl", "*/*").status, 404);
}

#[test]
fn bodies_of_other_types_are_415() {
    let mut esg = esg(Options::default());
    let typed = |method: &str, target: &str, kind: &str| {
        let request = request(method, target, JSON).with_body("{}");
        if kind.is_empty() { request } else { request.with_header("Content-Type", kind) }
    };
    for (kind, patched, posted) in [
        ("application/merge-patch+json", 200, 415),
        ("application/merge-patch+json; charset=utf-8", 200, 415),
        ("Application/Merge-Patch+JSON", 415, 415),
        ("application/json", 415, 422),
        ("application/hal+json", 415, 400),
        ("text/csv", 415, 415),
        ("", 415, 415),
    ] {
        assert_eq!(esg.handle(&typed("PATCH", "/api/v2/user/40", kind)).status, patched, "PATCH {kind}");
        assert_eq!(esg.handle(&typed("POST", "/api/v2/user", kind)).status, posted, "POST {kind}");
    }
}

#[test]
fn bodies_that_cannot_be_read_are_400() {
    let mut esg = esg(Options::default());
    let before = esg.state().clone();
    for (body, status) in [
        ("{\"username\": \"owl", 400),
        ("", 400),
        ("null", 400),
        ("\"owl\"", 400),
        ("[]", 200),
        ("[{\"username\": \"eagle\"}]", 200),
        ("{\"username\": 17}", 400),
        ("{\"emailAddresses\": \"owl@nest.example\"}", 400),
        ("{\"emailAddresses\": [{\"address\": 17}]}", 400),
        ("{\"feathers\": 17}", 200),
        ("{\"id\": 17}", 200),
    ] {
        assert_eq!(send(&mut esg, "PATCH", "/api/v2/user/50", body).status, status, "{body}");
        assert_eq!(*esg.state(), before, "{body}");
    }
    let latin = request("PATCH", "/api/v2/user/50", JSON).with_header("Content-Type", "application/merge-patch+json");
    assert_eq!(esg.handle(&latin.with_body(b"{\"username\": \"K\xe4uzchen\"}".to_vec())).status, 400);
}

#[test]
fn an_object_in_place_of_the_list_is_taken_apart() {
    let options = Options { validation: false, ..Options::default() };
    let mut esg = esg(options);
    let one = body(&patch(&mut esg, 60, &json!({"emailAddresses": address("kite@nest.example", true)})));
    let empty = json!({"active": true, "primary": false});
    assert_eq!(one["emailAddresses"], json!([empty, empty, empty]), "its three members became three empty elements");
    let keyed =
        json!({"emailAddresses": {"a": address("kite@nest.example", true), "b": address("jay@nest.example", false)}});
    let keyed = body(&patch(&mut esg, 60, &keyed));
    assert_eq!(keyed["emailAddresses"][1]["address"], "jay@nest.example");
}

#[test]
fn a_role_is_set_by_its_iri_only() {
    let mut esg = esg(Options::default());
    for (role, status) in [
        (json!("/api/v2/user-role/4"), 200),
        (json!("https://nest.test/api/v2/user-role/6"), 200),
        (json!("/api/v2/user-role/777"), 400),
        (json!("/api/v2/user/20"), 400),
        (json!("owl"), 400),
        (json!(6), 400),
        (json!({"id": 6}), 400),
        (json!(null), 400),
    ] {
        assert_eq!(patch(&mut esg, 40, &json!({"role": role})).status, status, "{role}");
    }
    assert_eq!(body(&get(&mut esg, "/api/v2/user/40", JSON))["role"], "/api/v2/user-role/6");
    assert_eq!(body(&get(&mut esg, "/api/v2/user/40", HAL))["_links"]["role"]["href"], "/api/v2/user-role/6");
}

#[test]
fn a_put_keeps_or_replaces_by_version() {
    for (framework, kept) in [(Framework::V2_7, true), (Framework::V3_4, true), (Framework::V3_4Recipe, false)] {
        let mut esg = esg(Options { framework, ..Options::default() });
        let body = json!({"username": "eagle@nest.example", "role": "/api/v2/user-role/7"});
        assert_eq!(send(&mut esg, "PUT", "/api/v2/user/20", &body.to_string()).status, 200, "{framework:?}");
        assert_eq!(esg.state().user(20).unwrap().email_addresses.len() == 1, kept, "{framework:?}");
    }
}

#[test]
fn a_delete_answers_nothing_and_then_404() {
    let mut esg = esg(Options::default());
    let gone = send(&mut esg, "DELETE", "/api/v2/user/30", "");
    assert_eq!((gone.status, gone.body.len(), gone.header("Content-Type")), (204, 0, None));
    assert_eq!(send(&mut esg, "DELETE", "/api/v2/user/30", "").status, 404);
    assert_eq!(esg.state().users.len(), 6);
}

#[test]
fn entity_tags_are_there_and_never_enforced() {
    let mut esg = esg(Options::default());
    let first = get(&mut esg, "/api/v2/user/50", JSON).header("ETag").unwrap().to_owned();
    assert_eq!(first.len(), 34);
    let again = esg.handle(&request("GET", "/api/v2/user/50", JSON).with_header("If-None-Match", &first));
    assert_eq!((again.status, again.header("ETag")), (200, Some(first.as_str())));
    let stale = request("PATCH", "/api/v2/user/50", JSON).with_header("If-Match", "\"stale\"");
    let stale = stale.with_header("Content-Type", "application/merge-patch+json").with_body(r#"{"username":"kite"}"#);
    let written = esg.handle(&stale);
    assert_eq!((written.status, written.header("ETag")), (200, None));
    assert_ne!(get(&mut esg, "/api/v2/user/50", JSON).header("ETag"), Some(first.as_str()));
}

#[test]
fn a_call_without_a_good_token_is_401() {
    let mut esg = esg(Options::default());
    for (header, value) in
        [("X-Other", TOKEN), ("X-ESG-Auth-Token", "owl"), ("Authorization", "Bearer fedcba9876543210")]
    {
        let bare = Request::new("GET", "/api/v2/user/50").with_header("Accept", HAL).with_header(header, value);
        let reply = esg.handle(&bare);
        assert_eq!((reply.status, reply.header("WWW-Authenticate")), (401, None), "{header}");
    }
}

#[test]
fn paths_outside_the_collections() {
    let mut esg = esg(Options::default());
    let entry = body(&get(&mut esg, "/api/v2", HAL));
    assert_eq!(entry["_links"]["userRole"]["href"], "/api/v2/user-role");
    let slash = get(&mut esg, "/api/v2/user/?owls=2", HAL);
    assert_eq!((slash.status, slash.header("Location")), (301, Some("https://nest.test/api/v2/user?owls=2")));
    assert_eq!(send(&mut esg, "DELETE", "/api/v2/user/", "").status, 404);
    // The router comes before the token, and knows no HAL.
    for (method, target, status) in [("GET", "/api/v2/owl", 404), ("DELETE", "/api/v2/user", 405)] {
        let html = esg.handle(&Request::new(method, target).with_header("Accept", HAL));
        assert_eq!((html.status, html.header("Content-Type")), (status, Some("text/html; charset=UTF-8")), "{target}");
        let json = esg.handle(&Request::new(method, target).with_header("Accept", JSON));
        assert_eq!((json.status, json.header("Content-Type")), (status, Some("application/json")), "{target}");
    }
}
