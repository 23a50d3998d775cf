//! Each switch both ways, with data that is in no recording.

#![allow(clippy::unwrap_used)]

mod own;

use esgsync_simulator::{
    Account, AddressCase, AddressUniqueness, CheckOrder, DuplicateInList, ErrorFamily, Esg, Framework, Import, Options,
    PrimaryRule, Profile, RateLimit, Request, RetryAfter, State, SwitchUserPolicy, Totals,
};
use own::{HAL, JSON, TOKEN, address, body, esg, get, ids, patch, send, text};
use serde_json::{Value, json};

fn with(set: impl FnOnce(&mut Options)) -> Esg {
    let mut options = Options::default();
    set(&mut options);
    esg(options)
}

#[test]
fn totals_are_whole_floating_or_absent() {
    for (totals, shown) in [(Totals::Integer, Some("7,")), (Totals::Float, Some("7.0,")), (Totals::Absent, None)] {
        let mut esg = with(|options| options.totals = totals);
        let page = text(&get(&mut esg, "/api/v2/user?itemsPerPage=3", HAL));
        let total = page.split("\"totalItems\":").nth(1);
        assert_eq!(total.map(|rest| &rest[..rest.find(',').unwrap() + 1]), shown, "{totals:?}");
        let last = body(&get(&mut esg, "/api/v2/user?itemsPerPage=3&page=2", HAL));
        assert_eq!(last["_links"].get("last").is_some(), totals != Totals::Absent, "{totals:?}");
    }
}

#[test]
fn roles_are_listed_unless_the_switch_says_no() {
    let mut listed = with(|_| {});
    let names: Vec<_> = body(&get(&mut listed, "/api/v2/user-role", JSON)).as_array().unwrap().to_vec();
    assert_eq!(names.len(), 8);
    assert!(names.contains(&json!({"id": 499, "name": "Functional User"})));
    assert_eq!(body(&get(&mut listed, "/api/v2/user-role/4", JSON))["name"], "Domain Admin");
    let mut unlisted = with(|options| options.roles_listed = false);
    assert_eq!(get(&mut unlisted, "/api/v2/user-role", JSON).status, 405);
    assert_eq!(get(&mut unlisted, "/api/v2/user-role/4", JSON).status, 200);
}

#[test]
fn a_document_and_filters_are_switches() {
    let path = "/api/v2/docs.json?spec_version=3";
    let mut told = with(|_| {});
    assert!(body(&get(&mut told, path, "*/*"))["paths"]["/api/v2/user"]["post"].is_object());
    let mut silent = with(|options| options.describes_itself = false);
    assert_eq!(get(&mut silent, path, "*/*").status, 405);
    let mut unfiltered = with(|options| options.filters = false);
    assert_eq!(ids(&get(&mut unfiltered, "/api/v2/user?username=owl30", HAL)).len(), 7);
}

#[test]
fn what_a_list_of_addresses_must_be_is_a_switch() {
    let twice = json!([address("Kite@nest.example", true), address("kite@nest.example", false)]);
    let two_primary = json!([address("kite@nest.example", true), address("jay@nest.example", true)]);
    let malformed = json!([address("kite at nest", true)]);
    type Set = fn(&mut Options);
    let cases: [(Set, &Value, u16, usize); 9] = [
        (|_| {}, &twice, 200, 2),
        (|options| options.duplicate_in_list = DuplicateInList::Dedupe, &twice, 200, 1),
        (|options| options.duplicate_in_list = DuplicateInList::Refuse, &twice, 422, 1),
        (|options| options.address_uniqueness = AddressUniqueness::PerUser, &twice, 500, 1),
        (|_| {}, &two_primary, 200, 2),
        (|options| options.primary_rule = PrimaryRule::ExactlyOne, &two_primary, 422, 1),
        (|options| options.primary_rule = PrimaryRule::ExactlyOne, &json!([]), 200, 0),
        (|_| {}, &malformed, 422, 1),
        (|options| options.validation = false, &malformed, 200, 1),
    ];
    for (n, (set, list, status, count)) in cases.into_iter().enumerate() {
        let mut esg = with(set);
        assert_eq!(patch(&mut esg, 20, &json!({"emailAddresses": list})).status, status, "case {n}");
        assert_eq!(esg.state().user(20).unwrap().email_addresses.len(), count, "case {n}");
    }
    for (case, stored) in [(AddressCase::Keep, "Kite@nest.example"), (AddressCase::Lower, "kite@nest.example")] {
        let mut esg = with(|options| options.address_case = case);
        let reply = body(&patch(&mut esg, 20, &json!({"emailAddresses": [address("Kite@nest.example", true)]})));
        assert_eq!(reply["emailAddresses"][0]["address"], stored);
    }
}

#[test]
fn an_unknown_member_is_an_error_where_the_switch_says_so() {
    for (strict, status) in [(false, 200), (true, 400)] {
        let mut esg = with(|options| options.strict_extra_attributes = strict);
        let reply = patch(&mut esg, 20, &json!({"feathers": 2}));
        assert_eq!(reply.status, status);
        assert_eq!(text(&reply).contains("feathers"), strict);
    }
}

#[test]
fn nulls_are_left_out_unless_the_switch_says_no() {
    for skip in [true, false] {
        let mut esg = with(|options| options.null_skip = skip);
        let user = body(&get(&mut esg, "/api/v2/user/20", JSON));
        assert_eq!(user.get("nickname"), if skip { None } else { Some(&Value::Null) });
    }
}

#[test]
fn a_token_serves_so_many_requests() {
    let mut esg = with(|options| options.token_ttl = Some(3));
    let statuses: Vec<u16> = (0..5).map(|_| get(&mut esg, "/api/v2/user/20", JSON).status).collect();
    assert_eq!(statuses, [200, 200, 200, 401, 401]);
    let login = send(&mut esg, "POST", "/api/v2/login", r#"{"username":"admin","password":"simulator-admin"}"#);
    let token = body(&login)["token"].as_str().unwrap().to_owned();
    assert_ne!(token, TOKEN);
    let fresh = Request::new("GET", "/api/v2/user/20").with_header("X-ESG-Auth-Token", &token);
    assert_eq!(esg.handle(&fresh).status, 200);
}

#[test]
fn each_so_manieth_request_is_429() {
    for (retry_after, header) in [
        (RetryAfter::Seconds, Some("2")),
        (RetryAfter::Date, Some("Tue, 24 Nov 2026 00:00:02 GMT")),
        (RetryAfter::Missing, None),
    ] {
        let mut esg = with(|options| options.rate_limit = Some(RateLimit { every: 4, retry_after }));
        let replies: Vec<_> = (0..8).map(|_| get(&mut esg, "/api/v2/user/20", JSON)).collect();
        assert_eq!(
            replies.iter().map(|reply| reply.status).collect::<Vec<_>>(),
            [200, 200, 200, 429, 200, 200, 200, 429]
        );
        assert_eq!(replies[3].header("Retry-After"), header);
    }
}

#[test]
fn a_normal_account_that_names_another_user() {
    let mut reader = Account::administrator("owlet", "hoot");
    reader.administrator = Some(false);
    let base = State { accounts: vec![reader, Account::administrator("admin", "x")], ..own::state() };
    let rename = |policy, may_switch| {
        let mut state = base.clone();
        state.tokens.insert("owlet-token".into(), "owlet".into());
        state.accounts[0].may_switch = may_switch;
        state.options.switch_user_policy = policy;
        let request = Request::new("PATCH", "/api/v2/user/20")
            .with_header("X-ESG-Auth-Token", "owlet-token")
            .with_header("X-Switch-User", "admin")
            .with_header("Content-Type", "application/merge-patch+json")
            .with_body(r#"{"username":"kite"}"#);
        Esg::new(state).handle(&request).status
    };
    assert_eq!(rename(SwitchUserPolicy::Refuse, None), 403);
    assert_eq!(rename(SwitchUserPolicy::Ignore, None), 403, "it acts for itself, who only reads");
    assert_eq!(rename(SwitchUserPolicy::Allow, None), 200, "it acts for the administrator");
    assert_eq!(rename(SwitchUserPolicy::Refuse, Some(true)), 200);
}

#[test]
fn an_account_of_a_domain_sees_that_domain() {
    let mut state = own::state();
    state.accounts[0].domain = Some("barn.example".into());
    let mut esg = Esg::new(state);
    assert_eq!(patch(&mut esg, 20, &json!({"username": "kite"})).status, 404);
    let edit = json!({"id": 20, "emailAddresses": [address("owl20@Barn.example", true)]});
    esg.edit(&serde_json::from_value(edit).unwrap()).unwrap();
    assert_eq!(ids(&get(&mut esg, "/api/v2/user", HAL)), [20]);
    assert_eq!(patch(&mut esg, 20, &json!({"username": "kite"})).status, 200);
}

#[test]
fn an_import_brings_back_and_resets() {
    let mut state = own::state();
    state.imported.insert("20".into(), vec!["kite@nest.example".into()]);
    let mut esg = Esg::new(state);
    send(&mut esg, "DELETE", "/api/v2/user/30", "");
    send(&mut esg, "DELETE", "/api/v2/user/40", "");
    esg.import(Import { recreate: false, reset: false });
    assert_eq!(esg.state().users.len(), 5);
    esg.import(Import { recreate: true, reset: true });
    let back: Vec<_> = esg.state().users.iter().filter(|user| user.username == "owl30@nest.example").collect();
    assert_eq!((esg.state().users.len(), back[0].id), (6, 71), "the functional one, under an id of its own");
    let addresses = &esg.state().user(20).unwrap().email_addresses;
    assert_eq!(addresses.iter().filter_map(|one| one.address.as_deref()).collect::<Vec<_>>(), ["kite@nest.example"]);
}

#[test]
fn versions_differ_in_headers_and_errors() {
    let mut seen = std::collections::BTreeSet::new();
    for framework in Framework::ALL {
        let mut esg = with(|options| options.framework = framework);
        let item = get(&mut esg, "/api/v2/user/20", HAL);
        let (missing, invalid) = (get(&mut esg, "/api/v2/user/99", HAL), patch(&mut esg, 20, &json!({"username": ""})));
        assert_eq!((item.status, missing.status), (200, 404), "{framework:?}");
        assert_eq!(invalid.status, if framework == Framework::V2_5 { 400 } else { 422 });
        let newer = framework >= Framework::V4_0;
        assert_eq!(item.header("ETag").unwrap().len(), if newer { 18 } else { 34 }, "{framework:?}");
        assert_eq!(item.header("Link").is_some(), framework >= Framework::V3_4, "{framework:?}");
        assert_eq!(item.header("Allow").is_some(), framework >= Framework::V4_3, "{framework:?}");
        let written = patch(&mut esg, 20, &json!({"username": "kite"}));
        let place = if newer { "/api/v2/user/20.json" } else { "/api/v2/user/20" };
        assert_eq!(written.header("Content-Location"), Some(place), "{framework:?}");
        let keys: Vec<String> = body(&missing).as_object().unwrap().keys().cloned().collect();
        seen.insert((missing.header("Content-Type").unwrap().to_owned(), keys));
    }
    assert_eq!(seen.len(), 4, "four families: {seen:?}");
    let mut page = with(|options| options.error_family = Some(ErrorFamily::HtmlProxy));
    assert_eq!(get(&mut page, "/api/v2/user/99", HAL).header("Content-Type"), Some("text/html"));
    let mut old = with(|options| options.validation_status = Some(400));
    assert_eq!(patch(&mut old, 20, &json!({"username": ""})).status, 400);
}

#[test]
fn the_order_of_checks_is_a_switch() {
    for (order, bad_accept, wrong_type, unknown) in [
        (CheckOrder::Firewall, 401, 401, 404),
        (CheckOrder::Listener, 406, 401, 404),
        (CheckOrder::TypeFirst, 406, 415, 404),
        (CheckOrder::Provider, 401, 401, 404),
        (CheckOrder::RightsFirst, 401, 401, 403),
    ] {
        let mut state = own::state();
        state.options.check_order = Some(order);
        state.accounts[0].administrator = Some(false);
        let mut esg = Esg::new(state);
        let bare =
            |accept: &str| Request::new("PATCH", "/api/v2/user/20").with_header("Accept", accept).with_body("{}");
        let merge = "application/merge-patch+json";
        assert_eq!(esg.handle(&bare("text/csv").with_header("Content-Type", merge)).status, bad_accept, "{order:?}");
        assert_eq!(esg.handle(&bare(JSON).with_header("Content-Type", "text/csv")).status, wrong_type, "{order:?}");
        assert_eq!(patch(&mut esg, 999, &json!({})).status, unknown, "{order:?}");
    }
}

#[test]
fn the_words_of_a_profile() {
    for (profile, class, right, stored) in [
        (Profile::Esg, "App\\Entity\\EmailAddress", "ROLE_USER", None),
        (Profile::RecordedApp, "\"App\\EmailAddress", "ROLE_ESG", Some("hoots")),
    ] {
        let mut esg = with(|options| {
            options.profile = profile;
            options.framework = Framework::V4_3;
        });
        let wrong = body(&patch(&mut esg, 20, &json!({"emailAddresses": "kite"})));
        assert!(wrong["detail"].as_str().unwrap().contains(class), "{wrong}");
        // A member that only the recorder's users have, in a world where no user has it.
        let reply = body(&patch(&mut esg, 20, &json!({"description": "hoots"})));
        assert_eq!(reply.get("description").and_then(Value::as_str), stored);
        let login = send(&mut esg, "POST", "/api/v2/login", r#"{"username":"apiuser","password":"simulator-apiuser"}"#);
        let token = body(&login)["token"].as_str().unwrap().to_owned();
        let bare = Request::new("GET", "/api/v2/user").with_header("X-ESG-Auth-Token", &token);
        assert!(text(&esg.handle(&bare)).contains(right));
        let unknown = Request::new("GET", "/api/v2/user").with_header("X-ESG-Auth-Token", "owl");
        assert_eq!(text(&esg.handle(&unknown)).contains("Invalid token."), profile == Profile::RecordedApp);
    }
}

#[test]
fn faults_by_chance_are_the_same_for_the_same_seed() {
    let run = |seed| {
        let mut esg = with(|_| {});
        esg.set_chance(seed, 0.3);
        let statuses: Vec<(u16, bool)> = (0..200)
            .map(|_| get(&mut esg, "/api/v2/user/20", JSON))
            .map(|reply| (reply.status, reply.dropped))
            .collect();
        let told = body(&esg.handle(&Request::new("GET", "/__simulator/chance")));
        (statuses, told["struck"].as_u64().unwrap())
    };
    let (statuses, struck) = run(5);
    assert_eq!(run(5).0, statuses);
    assert_ne!(run(6).0, statuses);
    assert!((35..90).contains(&struck), "{struck}");
    for status in [429, 500, 502, 503] {
        assert!(statuses.iter().any(|(got, _)| *got == status), "{status} never came");
    }
    assert!(statuses.iter().any(|(_, dropped)| *dropped));
}
