//! The world that the recordings were made in, and a reader for their files.

use std::path::{Path, PathBuf};

use esgsync_simulator::{Account, Options, Profile, Request, Response, State};
use serde_json::json;

/// The recorder's words and members.
pub fn recorded_app() -> Options {
    Options { profile: Profile::RecordedApp, ..Options::default() }
}

/// The 420 users of the recorder, its accounts and its tokens.
pub fn state() -> State {
    let users: Vec<_> = (1..=420).map(user).collect();
    let state = json!({
        "users": users,
        "roles": {
            "1": "Administrator", "2": "Quarantine Administrator", "3": "Read-Only Administrator",
            "4": "Domain Admin", "100": "User", "499": "Functional User",
        },
    });
    let mut state = State::from_json(&state.to_string()).unwrap();
    let mut reader = Account::administrator("jdoe", "secret");
    reader.administrator = Some(false);
    state.accounts = vec![Account::administrator("admin", "secret"), Account::api("apiuser", "secret"), reader];
    let tokens = [("11111111aaaa", "admin"), ("22222222bbbb", "apiuser"), ("33333333cccc", "jdoe")];
    state.tokens = tokens.map(|(token, name)| (token.to_owned(), name.to_owned())).into();
    state
}

fn user(id: u64) -> serde_json::Value {
    let functional = id.is_multiple_of(10);
    let (username, primary) = match id {
        1 => ("admin".to_owned(), None),
        2 => ("jdoe".to_owned(), None),
        3 => ("apiuser".to_owned(), None),
        151 => ("Jürgen Müller".to_owned(), Some("jürgen.müller@corp.example".to_owned())),
        152 => ("O'Brien \"Bob\" & Sons <R&D>".to_owned(), None),
        153 => ("山田 太郎".to_owned(), None),
        154 => ("Zoë 😀 emoji".to_owned(), None),
        155 => ("slash/back\\slash".to_owned(), None),
        156 => ("Łukasz Żółć".to_owned(), None),
        _ if functional => (format!("Shared Mailbox {id}"), Some(format!("shared{id}@corp.example"))),
        _ => (format!("user{id}@corp.example"), None),
    };
    let mut addresses = Vec::new();
    if functional || !id.is_multiple_of(5) {
        let primary = primary.unwrap_or_else(|| format!("user{id}@corp.example"));
        addresses.push(json!({"address": primary, "active": true, "primary": true}));
    }
    if !functional && id.is_multiple_of(4) {
        let alias = format!("alias{id}@corp.example");
        addresses.push(json!({"address": alias, "active": true, "primary": false}));
    }
    json!({
        "id": id,
        "username": username,
        "description": id.is_multiple_of(3).then(|| format!("Row {id}")),
        "enabled": !id.is_multiple_of(7),
        "emailAddresses": addresses,
        "role": if functional { 499 } else if id == 1 { 1 } else { 100 },
    })
}

/// One recorded exchange.
pub struct Recording {
    pub slug: String,
    pub request: Request,
    pub response: Response,
}

/// The recordings of one folder by name.
pub fn recordings(folder: &str) -> Vec<Recording> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/recordings");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no recordings in {folder}");
    files.iter().map(|file| read(file)).collect()
}

fn read(file: &Path) -> Recording {
    let bytes = std::fs::read(file).unwrap();
    let start = position(&bytes, b"\nHTTP/1.1 ").unwrap() + 1;
    let (first, headers, body) = parse(&bytes[..start]);
    let mut words = first.split(' ');
    let mut request = Request::new(words.next().unwrap(), words.next().unwrap());
    let length =
        headers.iter().find(|(name, _)| name == "Content-Length").map_or(0, |(_, value)| value.trim().parse().unwrap());
    request.headers = headers;
    request.body = body[..length].to_vec();

    let (first, headers, body) = parse(&bytes[start..]);
    let mut response = Response::new(first.split(' ').nth(1).unwrap().parse().unwrap());
    response.headers = headers;
    response.body = body.to_vec();
    Recording { slug: file.file_stem().unwrap().to_str().unwrap().to_owned(), request, response }
}

/// First line, headers and the rest.
fn parse(bytes: &[u8]) -> (String, Vec<(String, String)>, &[u8]) {
    let end = position(bytes, b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap().to_owned();
    let headers = lines
        .map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            let value = value.strip_prefix(' ').unwrap_or(value);
            (name.to_owned(), value.to_owned())
        })
        .collect();
    (first, headers, &bytes[end + 4..])
}

fn position(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}
