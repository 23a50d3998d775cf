//! The program: what it takes, prints, writes and refuses.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

use esgsync_simulator::{RULES, State, profiles};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

mod place;

use place::{address, folder};

const TOKEN: &str = "0123456789abcdef";

fn state() -> String {
    let user = json!({"id": 6, "username": "Jürgen", "role": 7, "emailAddresses": []});
    json!({"users": [user], "tokens": {TOKEN: "admin"}}).to_string()
}

/// Sends one request over a connection of its own; everything that came back.
fn ask(uri: &str, method: &str, target: &str, body: &str) -> String {
    let kind = if method == "PATCH" { "merge-patch+json" } else { "json" };
    let mut stream = TcpStream::connect(address(uri)).unwrap();
    let head =
        format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-ESG-Auth-Token: {TOKEN}");
    let length = body.len();
    write!(stream, "{head}\r\nContent-Type: application/{kind}\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
    let mut reply = String::new();
    // A fault may cut it.
    let _ = stream.read_to_string(&mut reply);
    reply
}

/// The address that a program says when it listens.
fn listens(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    said["uri"].as_str().unwrap().to_owned()
}

fn end(mut child: Child) {
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_esg-simulator")).args(arguments).output().unwrap()
}

/// The program on `arguments`, with a state file in `folder`.
fn program(folder: &std::path::Path, arguments: &[&str]) -> Child {
    let file = folder.join("esg.json");
    std::fs::write(&file, state()).unwrap();
    Command::new(env!("CARGO_BIN_EXE_esg-simulator"))
        .arg("--state")
        .arg(file)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn the_program_says_where_it_listens_saves_changes_and_ends_with_its_input() {
    let folder = folder("program");
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (out, ready) = (path("out.json"), path("ready.json"));
    let mut child = program(
        &folder,
        &["--exit-with-stdin", "--state-out", &out, "--ready-file", &ready, "--option", "users_can_be_created=false"],
    );
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(std::fs::read_to_string(&ready).unwrap(), line.trim_end());
    assert_eq!(said["certificate"], Value::Null);

    let uri = said["uri"].as_str().unwrap();
    assert!(ask(uri, "POST", "/api/v2/user", "{}").starts_with("HTTP/1.1 405"));
    ask(uri, "PATCH", "/api/v2/user/6", r#"{"username": "new"}"#);
    let saved = State::from_json(&std::fs::read_to_string(&out).unwrap()).unwrap();
    assert_eq!(saved.user(6).unwrap().username, "new");
    assert!(!saved.options.users_can_be_created);

    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert!(TcpStream::connect(address(uri)).is_err());
}

#[test]
fn the_program_writes_the_certificate_to_trust() {
    let folder = folder("certificate");
    let certificate = folder.join("ca.pem");
    let certificate = certificate.to_str().unwrap();
    let mut child = program(&folder, &["--https", "--certificate-out", certificate, "--exit-with-stdin"]);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(said["certificate"], certificate);
    assert!(said["uri"].as_str().unwrap().starts_with("https://127.0.0.1:"));
    assert!(CertificateDer::from_pem_file(certificate).is_ok());
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn the_program_refuses_bad_input_with_one_line() {
    let folder = folder("refuses");
    for (arguments, part) in [
        (&["--option", "max_item=3"][..], "there is no option `max_item`"),
        (&["--fault-rate", "1.5"], "from 0 to 1"),
        (&["--faults", "/nothing/here/faults"], "/nothing/here/faults"),
        (&["--state-out", "x", "--log", "/nothing/here/log"][..], "/nothing/here/log"),
    ] {
        let output = program(&folder, arguments).wait_with_output().unwrap();
        assert!(!output.status.success());
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.starts_with("esg-simulator: ") && text.contains(part), "{text}");
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn the_help_names_every_argument() {
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    for argument in [
        "--state",
        "--state-out",
        "--port",
        "--address",
        "--https",
        "--certificate-out",
        "--log",
        "--profile",
        "--option",
        "--faults",
        "--faults-seed",
        "--fault-rate",
        "--rules",
        "--latency-ms",
        "--ready-file",
        "--exit-with-stdin",
    ] {
        assert!(
            help.contains(&format!("{argument} ")) || help.contains(&format!("{argument}\n")),
            "{argument}: {help}"
        );
    }
}

#[test]
fn the_rules_are_printed_without_a_state_file() {
    let output = run(&["--rules"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), RULES.len() + 1);
    for rule in RULES {
        let line = text.lines().find(|line| line.starts_with(&format!("{} ", rule.subject))).unwrap();
        assert!(
            line.contains(rule.ground.as_str()) && line.contains(rule.source) && line.ends_with(rule.text),
            "{line}"
        );
    }
    assert!(String::from_utf8(run(&[]).stderr).unwrap().contains("--state"), "otherwise there must be one");
}

#[test]
fn a_profile_is_whose_words_and_which_version() {
    let folder = folder("profile");
    let mut child = program(&folder, &["--exit-with-stdin", "--profile", "recorded-app", "--profile", "4.3.15"]);
    let uri = listens(&mut child);
    let reply = ask(&uri, "GET", "/api/v2/user/7", "");
    assert!(reply.contains("\\/errors\\/404") && reply.to_lowercase().contains("\r\nlink: "), "{reply}");
    let reply = ask(&uri, "PATCH", "/api/v2/user/6", r#"{"description": "from the recorder"}"#);
    assert!(reply.contains("from the recorder"), "{reply}");
    end(child);
    let output = program(&folder, &["--profile", "5.0"]).wait_with_output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(profiles().iter().all(|name| text.contains(name)), "{text}");
}

#[test]
fn faults_come_from_a_file_or_by_chance_the_same_for_the_same_seed() {
    let folder = folder("faults");
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    std::fs::write(path("faults.json"), r#"[{"on": {"method": "GET", "nth": 2}, "do": {"status": {"code": 418}}}]"#)
        .unwrap();
    let mut child = program(&folder, &["--exit-with-stdin", "--faults", &path("faults.json")]);
    let uri = listens(&mut child);
    let statuses: Vec<String> = (0..3).map(|_| ask(&uri, "GET", "/api/v2/user/6", "")[9..12].to_owned()).collect();
    assert_eq!(statuses, ["200", "418", "200"]);
    end(child);

    let statuses = |seed: &str, log: &str| -> Vec<u64> {
        let log = path(log);
        let mut child =
            program(&folder, &["--exit-with-stdin", "--faults-seed", seed, "--fault-rate", "0.5", "--log", &log]);
        let uri = listens(&mut child);
        (0..24).for_each(|_| drop(ask(&uri, "GET", "/api/v2/user/6", "")));
        end(child);
        let text = std::fs::read_to_string(log).unwrap();
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["status"].as_u64().unwrap()).collect()
    };
    let first = statuses("1", "one");
    assert_eq!(first.len(), 24);
    assert!(first.iter().any(|status| *status != 200) && first.contains(&200), "{first:?}");
    assert_eq!(statuses("1", "again"), first);
    assert_ne!(statuses("2", "two"), first);
}
