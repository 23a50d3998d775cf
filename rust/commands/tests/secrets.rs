//! No secret is in what comes out of the engine: replies, events, errors, state file, plan, snapshot, reports, texts of panics, and the
//! log of the appliance. Each search shows first that it would find one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use esgsync_commands::Engine;
use esgsync_commands::wire::{ConnectRequest, Method};
use esgsync_simulator::{Account, Esg, Server, ServerOptions, State};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

const PASSWORD: &str = "planted-password-\u{fc}-\"1";
const WRONG: &str = "planted-wrong-2";
const TOKEN: &str = "planted-token-3";
const OTP: &str = "planted-otp-4";
const PROXY: &str = "planted-proxy-5";
/// `planted-user:planted-proxy-5` and the like would stand so in a header.
const BASIC: &str = "cGxhbnRlZC11c2VyOnBsYW50ZWQtcHJveHktN";

fn small(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join("tests/tenants/small").join(file)
}

/// The secrets that are in a text or file, also as JSON writes them.
fn found(bytes: &[u8], more: &[String]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut secrets: Vec<String> = [PASSWORD, WRONG, TOKEN, OTP, PROXY, BASIC].map(str::to_owned).to_vec();
    secrets.push(PASSWORD.replace('"', "\\\""));
    secrets.push("planted-password".into());
    secrets.extend_from_slice(more);
    secrets.retain(|secret| text.contains(secret));
    secrets
}

/// An engine that keeps everything that came out of it.
struct Desk {
    engine: Engine,
    told: RefCell<Vec<u8>>,
    folder: tempfile::TempDir,
}

impl Desk {
    fn call(&self, method: Method, request: &Value) -> Result<Value, Value> {
        let mut deliver = |_: u32, data: &[u8]| {
            self.told.borrow_mut().extend_from_slice(data);
            true
        };
        let answer =
            self.engine.call(method as u32, request.to_string().as_bytes(), &CancellationToken::new(), &mut deliver);
        let answer = match answer {
            Ok(reply) => Ok(serde_json::from_slice::<Value>(&reply).unwrap()),
            Err(error) => {
                self.told.borrow_mut().extend_from_slice(format!("{error:?}").as_bytes());
                Err(serde_json::to_value(error).unwrap())
            }
        };
        self.told.borrow_mut().extend_from_slice(format!("{answer:?}").as_bytes());
        answer
    }

    fn connect(&self, uri: &str, more: &Value) -> Result<Value, Value> {
        let mut request = json!({"name": "corp", "uri": uri, "allowHttp": true, "stateFolder": self.folder.path()});
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.call(Method::Connect, &request)
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }
}

/// Answers everything with an error that repeats what it was sent.
fn echo() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (mut sent, mut some) = (Vec::new(), [0; 4096]);
            stream.set_read_timeout(Some(std::time::Duration::from_millis(200))).unwrap();
            while let Ok(n @ 1..) = stream.read(&mut some) {
                sent.extend_from_slice(&some[..n]);
            }
            let body = json!({"title": "echo", "detail": String::from_utf8_lossy(&sent)}).to_string();
            let head = "HTTP/1.1 422 Unprocessable\r\nContent-Type: application/problem+json\r\nConnection: close";
            let _ = write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        }
    });
    format!("http://{at}")
}

#[test]
fn no_secret_is_in_anything_that_comes_out_of_the_engine() {
    let mut state = State::from_json(&std::fs::read_to_string(small("esg.json")).unwrap()).unwrap();
    let careful = Account { otp: Some(OTP.into()), ..Account::administrator("admin", PASSWORD) };
    state.accounts = vec![careful, Account::administrator("second", "unused")];
    state.tokens.insert(TOKEN.into(), "second".into());
    let desk = Desk { engine: Engine::open().unwrap(), told: RefCell::default(), folder: tempfile::tempdir().unwrap() };
    let log = desk.folder.path().join("requests.log");
    let options = ServerOptions { log: Some(log.clone()), ..ServerOptions::default() };
    let server = Server::start(Esg::new(state), options).unwrap();
    let proxy = json!({"uri": "http://127.0.0.1:1", "username": "planted-user", "password": PROXY});

    // What goes well: login with one-time password, a plan, a run, and every report.
    let login = json!({"username": "admin", "password": PASSWORD, "oneTimePassword": OTP});
    let connection = desk.connect(server.uri(), &login).unwrap()["connection"].clone();
    desk.connect(server.uri(), &json!({"token": TOKEN})).unwrap();
    desk.call(Method::GetUsers, &json!({"connection": connection})).unwrap();
    let read = json!({"read": [small("snapshot.jsonl")]}).to_string();
    let snapshot = desk.engine.open_snapshot(read.as_bytes(), &CancellationToken::new()).unwrap();
    let request = json!({"connection": connection, "snapshot": snapshot, "path": desk.path("plan.json")});
    let plan = desk.call(Method::NewPlan, &request).unwrap();
    desk.call(Method::InvokePlan, &json!({"connection": connection, "plan": plan["text"]})).unwrap();
    for format in ["Html", "Csv", "Json"] {
        let history = json!({"stateFolder": desk.folder.path(), "run": [1], "actions": true});
        let request = json!({"history": history, "plan": plan["text"], "format": format, "path": desk.path(&format!("run.{format}"))});
        desk.call(Method::ExportReport, &request).unwrap();
    }

    // What goes wrong: wrong secrets, a server that repeats them, a proxy, a broken request.
    let echo = echo();
    for (uri, more) in [
        (server.uri(), json!({"username": "admin", "password": WRONG})),
        (server.uri(), json!({"token": WRONG})),
        (server.uri(), json!({"username": "admin", "password": PASSWORD, "oneTimePassword": WRONG})),
        (
            server.uri(),
            json!({"username": "admin", "password": PASSWORD, "oneTimePassword": OTP, "switchUser": "nobody"}),
        ),
        (server.uri(), json!({"token": TOKEN, "proxy": proxy})),
        (server.uri(), json!({"token": TOKEN, "proxy": {"uri": format!("http://planted-user:{PROXY}@127.0.0.1:1")}})),
        (server.uri(), json!({"token": [TOKEN]})),
        (&echo, json!({"username": "admin", "password": PASSWORD, "oneTimePassword": OTP})),
        (&echo, json!({"token": TOKEN})),
        (&format!("http://admin:{WRONG}@127.0.0.1"), json!({"token": TOKEN})),
    ] {
        desk.connect(uri, &more).unwrap_err();
    }

    // A panic can only show what a type shows of itself.
    let whole = json!({"name": "corp", "uri": "https://esg.example", "stateFolder": "/x", "username": "admin",
        "password": PASSWORD, "token": TOKEN, "oneTimePassword": OTP, "proxy": proxy});
    let whole: ConnectRequest = serde_json::from_value(whole).unwrap();
    let shown = format!("{whole:?}");
    assert!(shown.contains("esg.example"));
    desk.told.borrow_mut().extend_from_slice(shown.as_bytes());

    // The tokens that logins were given are secrets, too.
    let made: Vec<String> = server.esg().state().tokens.keys().cloned().collect();
    assert_eq!(made.len(), 2, "one by login, one that was there");
    let told = desk.told.borrow();
    let text = String::from_utf8_lossy(&told);
    assert!(text.contains("POST /api/v2/login") && text.contains("***"), "calls are told, and what a server repeats");
    assert_eq!(found(&told, &made), Vec::<String>::new(), "{text}");
    let mut files = 0;
    for entry in std::fs::read_dir(desk.folder.path()).unwrap().map(Result::unwrap) {
        files += 1;
        assert_eq!(found(&std::fs::read(entry.path()).unwrap(), &made), Vec::<String>::new(), "{:?}", entry.path());
    }
    assert!(files >= 6 && log.exists(), "state, plan, three reports, log");

    for secret in [PASSWORD, WRONG, TOKEN, OTP, PROXY, BASIC, &made[0], &made[1]] {
        assert!(!found(format!("x{secret}x").as_bytes(), &made).is_empty(), "the search does not find {secret}");
    }
}
