//! A whole run against a server that stops answering, answers garbage, or answers for ever, over real sockets: it ends by itself with one
//! clear error, and the next run finishes what it left (design 8).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use esgsync_commands::Engine;
use esgsync_commands::wire::{EventKind, Method};
use esgsync_simulator::{Esg, Server, ServerOptions, State};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// What the server does with the answers of the appliance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// Passes them on.
    Sane,
    /// Sends nothing, and keeps the connection.
    Silent,
    /// Sends the head, then a byte now and then.
    Drips,
    /// Sends what is no HTTP.
    Garbage,
    /// Sends JSON that has nothing to do with the question.
    Nonsense,
    /// Sends a body without end.
    EndlessBody,
    /// Sends a head without end.
    EndlessHead,
}

/// What the server does from which request on.
#[derive(Debug, Clone, Copy)]
struct Plot {
    mood: Mood,
    /// So many requests are served well before.
    after: usize,
    /// Requests still reach the appliance; only their answers are spoiled.
    delivers: bool,
}

const SANE: Plot = Plot { mood: Mood::Sane, after: 0, delivers: true };

/// A server in front of the simulator whose mood may turn.
struct Front {
    at: SocketAddr,
    plot: Arc<Mutex<Plot>>,
}

impl Front {
    fn new(appliance: &str) -> Self {
        let appliance: SocketAddr = appliance.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (at, plot) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(SANE)));
        let shared = Arc::clone(&plot);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, plot) = (stream.unwrap(), Arc::clone(&shared));
                std::thread::spawn(move || serve(stream, appliance, &plot));
            }
        });
        Self { at, plot }
    }

    fn turn(&self, plot: Plot) {
        *self.plot.lock().unwrap() = plot;
    }
}

/// One request on each connection.
fn serve(mut stream: TcpStream, appliance: SocketAddr, plot: &Mutex<Plot>) {
    let Some(request) = read_request(&mut stream) else { return };
    let now = {
        let mut plot = plot.lock().unwrap();
        let now = if plot.after > 0 { SANE } else { *plot };
        plot.after = plot.after.saturating_sub(1);
        now
    };
    let answer = if now.delivers { ask(appliance, &request) } else { Vec::new() };
    // The caller may be gone at any time.
    let _ = match now.mood {
        Mood::Sane => stream.write_all(&answer),
        Mood::Silent => stream.read(&mut [0]).map(drop),
        Mood::Drips => for_ever(&mut stream, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", b" ", 50),
        Mood::Garbage => stream.write_all(b"\x00\xffSSH-2.0-OpenSSH_9.6\r\n\r\n"),
        Mood::Nonsense => {
            let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n";
            stream.write_all(head).and_then(|()| stream.write_all(b"Content-Length: 17\r\n\r\n[[\"id\",null,4e9]]"))
        }
        Mood::EndlessBody => {
            for_ever(&mut stream, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[", &[b' '; 65_536], 0)
        }
        Mood::EndlessHead => for_ever(&mut stream, b"HTTP/1.1 200 OK\r\n", b"X-More: more and more\r\n", 0),
    };
    let _ = stream.shutdown(Shutdown::Both);
}

fn for_ever(stream: &mut TcpStream, head: &[u8], piece: &[u8], pause: u64) -> std::io::Result<()> {
    stream.write_all(head)?;
    loop {
        stream.write_all(piece)?;
        std::thread::sleep(Duration::from_millis(pause));
    }
}

fn read_request(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let (mut request, mut byte) = (Vec::new(), [0]);
    while !request.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        request.push(byte[0]);
    }
    let head = String::from_utf8(request.clone()).unwrap().to_lowercase();
    let length =
        head.split("content-length: ").nth(1).map_or(0, |rest| rest.split('\r').next().unwrap().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    request.extend(body);
    Some(request)
}

/// The whole answer of the appliance to a request that closes its connection.
fn ask(appliance: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut upstream = TcpStream::connect(appliance).unwrap();
    let line = request.windows(2).position(|two| two == b"\r\n").unwrap() + 2;
    upstream.write_all(&[&request[..line], b"Connection: close\r\n", &request[line..]].concat()).unwrap();
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer).unwrap();
    answer
}

fn small(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join("tests/tenants/small").join(file)
}

/// An administrator's session: a process of its own would differ in nothing that matters here.
struct Session {
    engine: Engine,
    connection: Value,
}

impl Session {
    fn begin(front: &Front, state: &Path) -> Self {
        let engine = Engine::open().unwrap();
        let request = json!({
            "name": "corp", "uri": format!("http://{}", front.at), "allowHttp": true, "username": "admin",
            "password": "simulator-admin", "stateFolder": state, "timeoutSeconds": 1,
        });
        let connection = call(&engine, Method::Connect, &request).0.unwrap()["connection"].clone();
        Self { engine, connection }
    }

    fn plan(&self) -> Value {
        let read = json!({"read": [small("snapshot.jsonl")]}).to_string();
        let snapshot = self.engine.open_snapshot(read.as_bytes(), &CancellationToken::new()).unwrap();
        let options = json!({"functionalUser": "Remove"});
        let request = json!({"connection": self.connection, "snapshot": snapshot, "options": options});
        call(&self.engine, Method::NewPlan, &request).0.unwrap()
    }

    fn apply(&self, plan: &Value) -> (Value, Vec<(String, String)>) {
        let count = &plan["summary"]["functionalUsersRemoved"];
        let expect = json!([{"kind": "FunctionalUserRemoved", "count": count}]);
        let request = json!({"connection": self.connection, "plan": plan["text"], "expect": expect});
        let (reply, told) = call(&self.engine, Method::InvokePlan, &request);
        (reply.unwrap(), told)
    }
}

/// The reply, and what was told on the way: levels of messages and statuses of actions, each with its text.
fn call(engine: &Engine, method: Method, request: &Value) -> (Result<Value, Value>, Vec<(String, String)>) {
    let mut told = Vec::new();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut deliver = |kind: u32, data: &[u8]| {
        let records: Vec<Value> = serde_json::from_slice(data).unwrap();
        if kind == EventKind::Log as u32 {
            told.extend(records.iter().map(|record| (text(&record["level"]).to_lowercase(), text(&record["text"]))));
        } else if kind == EventKind::ActionResult as u32 {
            told.extend(records.iter().map(|record| (text(&record["status"]), text(&record["text"]))));
        }
        true
    };
    let reply = engine.call(method as u32, request.to_string().as_bytes(), &CancellationToken::new(), &mut deliver);
    let reply = reply.map(|reply| serde_json::from_slice(&reply).unwrap());
    (reply.map_err(|error| serde_json::to_value(error).unwrap()), told)
}

fn simulator() -> Server {
    let state = State::from_json(&std::fs::read_to_string(small("esg.json")).unwrap()).unwrap();
    Server::start(Esg::new(state), ServerOptions::default()).unwrap()
}

fn users(server: &Server) -> Value {
    serde_json::to_value(server.esg().state()).unwrap()["users"].clone()
}

/// Applies a plan while the server turns, then again while it is sane.
fn a_run_meets(plot: Plot, said: &str) {
    let unbroken = {
        let (server, folder) = (simulator(), tempfile::tempdir().unwrap());
        let session = Session::begin(&Front::new(server.uri()), folder.path());
        assert_eq!(session.apply(&session.plan()).0["exitCode"], 0);
        users(&server)
    };

    let (server, folder) = (simulator(), tempfile::tempdir().unwrap());
    let front = Front::new(server.uri());
    let session = Session::begin(&front, folder.path());
    let plan = session.plan();
    let before = users(&server);

    front.turn(plot);
    let start = Instant::now();
    let (run, told) = session.apply(&plan);
    let took = start.elapsed();
    assert!(took < Duration::from_secs(120), "{plot:?}: {took:?}");
    assert_eq!(run["exitCode"], 4, "{plot:?}: {run}");
    // Five failures stop it; where fewer were left to fail, each says why.
    match run["stopped"].as_str() {
        Some(text) => {
            assert!(text.contains(said) && !text.contains(".."), "{plot:?}: {text}");
            assert!(text.contains("run the same command again"), "{plot:?}: {text}");
            // The result says it; a warning would say it twice.
            assert!(!told.iter().any(|(kind, _)| kind == "warning"), "{plot:?}: {told:?}");
        }
        None => {
            let failed: Vec<_> = told.iter().filter(|(kind, _)| kind == "Failed" || kind == "Unsettled").collect();
            assert_eq!(failed.len() as u64, run["failed"].as_u64().unwrap() + run["unsettled"].as_u64().unwrap());
            assert!(!failed.is_empty() && failed.iter().all(|(_, text)| text.contains(said)), "{plot:?}: {failed:?}");
        }
    }
    let middle = users(&server);
    assert!(middle != before && middle != unbroken, "{plot:?}: it stopped in the middle");

    front.turn(SANE);
    drop(session);
    let session = Session::begin(&front, folder.path());
    let (runs, _) = call(&session.engine, Method::GetRuns, &json!({"stateFolder": folder.path()}));
    assert_eq!(runs.unwrap()["count"], 1, "{plot:?}: the state file can be read");
    let (run, _) = session.apply(&plan);
    assert_eq!((&run["exitCode"], &run["stopped"]), (&json!(0), &Value::Null), "{plot:?}: {run}");
    assert_eq!(users(&server), unbroken, "{plot:?}");
    assert_eq!(session.plan()["actions"], json!([]), "{plot:?}");
}

/// All at once: nearly all of their time is waiting.
#[test]
fn a_run_whose_server_falls_silent_or_answers_garbage_or_for_ever_ends_by_itself_and_the_next_one_finishes_it() {
    std::thread::scope(|scope| {
        for (mood, delivers, said) in [
            (Mood::Silent, false, "no answer in time"),
            (Mood::Silent, true, "no answer in time"),
            (Mood::Drips, true, "no answer in time"),
            (Mood::Garbage, true, "speaks no HTTP"),
            (Mood::Nonsense, true, "the answer is no item but a list"),
            (Mood::EndlessBody, true, "larger than 64 MiB"),
            (Mood::EndlessHead, true, "speaks no HTTP"),
        ] {
            scope.spawn(move || a_run_meets(Plot { mood, after: 6, delivers }, said));
        }
    });
}
