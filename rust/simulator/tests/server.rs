//! The appliance behind real sockets, and the program.

#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use esgsync_simulator::{Action, Esg, Fault, Match, Server, ServerOptions, State};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};

mod place;

use place::{address, folder};

const TOKEN: &str = "0123456789abcdef";

fn state() -> String {
    json!({
        "users": [{"id": 6, "username": "Jürgen", "role": 7, "emailAddresses": []}],
        "tokens": {TOKEN: "admin"},
    })
    .to_string()
}

fn start(options: ServerOptions) -> Server {
    Server::start(Esg::new(State::from_json(&state()).unwrap()), options).unwrap()
}

fn text(method: &str, target: &str, body: &str) -> String {
    let kind = if method == "PATCH" { "merge-patch+json" } else { "json" };
    format!(
        "{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-ESG-Auth-Token: {TOKEN}\r\n\
         Content-Type: application/{kind}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Sends one request over a connection of its own; everything that came back.
fn ask(uri: &str, method: &str, target: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address(uri)).unwrap();
    stream.write_all(text(method, target, body).as_bytes()).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply
}

#[test]
fn serves_over_http_and_ends_when_dropped() {
    let server = start(ServerOptions::default());
    let uri = server.uri().to_owned();
    assert!(uri.starts_with("http://127.0.0.1:"), "{uri}");
    assert_eq!(server.ca_pem(), None);
    let reply = ask(&uri, "GET", "/api/v2/user/6", "");
    assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{reply}");
    assert!(reply.contains("\"username\":\"Jürgen\""), "{reply}");
    let redirect = ask(&uri, "GET", "/api/v2/user/6/", "");
    assert!(redirect.contains("http://localhost/api/v2/user/6\r\n"), "{redirect}");
    ask(&uri, "PATCH", "/api/v2/user/6", r#"{"username": "new"}"#);
    assert_eq!(server.esg().state().user(6).unwrap().username, "new");
    drop(server);
    assert!(TcpStream::connect(address(&uri)).is_err());
}

#[test]
fn the_clock_may_differ() {
    let mut state = State::from_json(&state()).unwrap();
    state.options.clock_offset_seconds = -3600;
    let server = Server::start(Esg::new(state), ServerOptions::default()).unwrap();
    let reply = ask(server.uri(), "GET", "/api/v2/user/6", "");
    let date = reply.lines().find_map(|line| httpdate::parse_http_date(line.split_once(": ")?.1).ok()).unwrap();
    let late = std::time::SystemTime::now().duration_since(date).unwrap();
    assert!((3590..3610).contains(&late.as_secs()), "{late:?}");
}

#[test]
fn closes_the_connection_without_a_byte() {
    let server = start(ServerOptions::default());
    let rule = |nth, action| Fault { on: Match { nth: Some(nth), ..Match::default() }, action, times: None };
    server.esg().set_faults(vec![rule(1, Action::DropBefore), rule(2, Action::DropAfterCommit)]);
    for expected in ["Jürgen", "new"] {
        assert_eq!(ask(server.uri(), "PATCH", "/api/v2/user/6", r#"{"username": "new"}"#), "");
        assert_eq!(server.esg().state().user(6).unwrap().username, expected);
    }
}

#[test]
fn slow_answers_do_not_hold_up_others() {
    let server = start(ServerOptions { latency: Duration::from_secs(1), ..ServerOptions::default() });
    let uri = server.uri();
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert!(ask(uri, "GET", "/api/v2/user", "").starts_with("HTTP/1.1 200")));
        }
    });
    let passed = begin.elapsed();
    assert!(passed >= Duration::from_secs(1) && passed < Duration::from_secs(3), "{passed:?}");
}

#[test]
fn serves_over_https_to_callers_that_trust_its_authority() {
    let server = start(ServerOptions { https: true, ..ServerOptions::default() });
    assert!(server.uri().starts_with("https://"));
    let mut roots = RootCertStore::empty();
    let attempt = |roots: RootCertStore| {
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let stream = TcpStream::connect(address(server.uri())).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        stream.write_all(text("GET", "/api/v2/user/6", "").as_bytes())?;
        let mut reply = [0; 15];
        stream.read_exact(&mut reply)?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&reply).into_owned())
    };
    assert!(attempt(roots.clone()).is_err());
    roots.add(CertificateDer::from_pem_slice(server.ca_pem().unwrap().as_bytes()).unwrap()).unwrap();
    assert_eq!(attempt(roots).unwrap(), "HTTP/1.1 200 OK");
}

#[test]
fn an_address_in_use_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let options = ServerOptions { address: taken.local_addr().unwrap(), ..ServerOptions::default() };
    let error = Server::start(Esg::new(State::default()), options).unwrap_err();
    assert!(error.to_string().starts_with("cannot listen: "), "{error}");
}

#[test]
fn the_log_holds_requests_and_no_secret() {
    let log = folder("log").join("requests.jsonl");
    let server = start(ServerOptions { log: Some(log.clone()), ..ServerOptions::default() });
    let login = r#"{"username": "admin", "password": "simulator-admin"}"#;
    // The search below finds what it looks for: the login reply holds the token.
    assert!(ask(server.uri(), "POST", "/api/v2/login", login).contains(TOKEN));
    ask(server.uri(), "GET", "/api/v2/user?page=1&secret=simulator-admin", "");
    ask(server.uri(), "GET", "/__simulator/counts", "");
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(!text.contains(TOKEN) && !text.contains("simulator-admin"), "{text}");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        lines,
        [
            json!({"method": "POST", "path": "/api/v2/login", "status": 200}),
            json!({"method": "GET", "path": "/api/v2/user", "status": 200}),
        ]
    );
}
