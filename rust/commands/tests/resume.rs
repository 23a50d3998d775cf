//! A read that broke off and is continued, as the module does it: through the engine, over files (design 4).
#![allow(clippy::unwrap_used, clippy::panic)] // Also in the helpers of tests: a broken test world is a failed test.

use esgsync_commands::Engine;
use esgsync_commands::wire::Method;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;

/// An engine, and a file that a read writes.
struct World {
    engine: Engine,
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        Self { engine: Engine::open().unwrap(), folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("tenant.jsonl")
    }

    fn partial(&self) -> PathBuf {
        self.folder.path().join("tenant.jsonl.partial")
    }

    fn files(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        // The lock stays: deleting it would let two reads lock two files of one name.
        names.retain(|name| !name.ends_with(".lock") && !name.ends_with(".holder"));
        names.sort();
        names
    }

    /// Begins a read; error: the code of the reply.
    fn begin(&self, created: &str, change: Value, resume: bool) -> Result<u64, Value> {
        let mut header = json!({"version": 1, "created": created, "tenant": {"id": "t"}, "rights": ["FullAccess"],
            "recipientTypes": ["SharedMailbox"], "whole": true});
        header.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let mut request = json!({"header": header, "write": self.path()});
        if resume {
            request["resume"] = json!({"maxAgeSeconds": 3600.0});
        }
        let request = serde_json::to_vec(&request).unwrap();
        let opened = self.engine.open_snapshot(&request, &CancellationToken::new());
        opened.map_err(|error| serde_json::to_value(error).unwrap())
    }

    fn feed(&self, read: u64, lines: &[Value]) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        self.engine.feed_snapshot(read, text.as_bytes()).unwrap();
    }

    fn call(&self, method: Method, read: u64) -> Value {
        let request = serde_json::to_vec(&json!({"snapshot": read})).unwrap();
        let reply = self.engine.call(method as u32, &request, &CancellationToken::new(), &mut |_, _| true).unwrap();
        serde_json::from_slice(&reply).unwrap()
    }

    /// The differences of two snapshots.
    fn compare(&self, reference: u64, difference: u64) -> Value {
        let request = json!({"reference": reference, "difference": difference}).to_string();
        let mut events = Vec::new();
        let cancel = CancellationToken::new();
        let reply = self.engine.call(Method::CompareSnapshots as u32, request.as_bytes(), &cancel, &mut |_, event| {
            events.extend(serde_json::from_slice::<Vec<Value>>(event).unwrap());
            true
        });
        reply.unwrap();
        Value::Array(events)
    }

    /// A read of mailboxes that breaks off after the rows of the last.
    fn break_off(&self, keys: &[&str]) {
        let read = self.begin("2026-11-24T06:00:00Z", json!({}), false).unwrap();
        self.feed(read, &keys.iter().map(|key| mailbox(key)).collect::<Vec<_>>());
        let (last, done) = keys.split_last().unwrap();
        done.iter().for_each(|key| self.feed(read, &rows(key, "2026-11-24T06:00:00Z")));
        self.feed(read, &rows(last, "")[..1]);
        self.engine.close_snapshot(read);
    }

    fn lines(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn mailbox(key: &str) -> Value {
    json!({"kind": "mailbox", "key": key, "guid": key, "primary": format!("{key}@corp.example")})
}

fn rows(key: &str, since: &str) -> [Value; 2] {
    [
        json!({"kind": "permission", "mailbox": key, "trustee": "x", "rights": ["FullAccess"], "deny": false, "inherited": false}),
        json!({"kind": "read", "subject": format!("mailbox:{key}"), "status": "complete", "since": since}),
    ]
}

#[test]
fn a_continued_read_holds_each_line_once_and_ends_as_an_unbroken_one() {
    let world = World::new();
    world.break_off(&["a", "b", "c"]);
    assert_eq!(world.files(), ["tenant.jsonl.partial"]);

    let read = world.begin("2026-11-24T06:30:00Z", json!({}), true).unwrap();
    world.feed(read, &["a", "c", "d"].map(mailbox));
    let reply = world.call(Method::ResumeSnapshot, read);
    assert_eq!(
        reply,
        json!({"mailboxes": ["a"], "stale": 0, "unfinished": 1, "vanished": ["b@corp.example"], "wasCut": false})
    );
    world.feed(read, &rows("c", "2026-11-24T06:31:00Z"));
    world.feed(read, &rows("d", "2026-11-24T06:31:00Z"));
    let reply = world.call(Method::FinishSnapshot, read);
    assert_eq!((&reply["mailboxes"], &reply["permissions"]), (&json!(3), &json!(3)));
    assert_eq!(reply["created"], "2026-11-24T06:00:00Z", "as old as the oldest of its rows");
    assert_eq!(world.files(), ["tenant.jsonl"]);

    let lines = world.lines();
    assert_eq!(lines[0]["created"], "2026-11-24T06:00:00Z");
    let expected: Vec<Value> = ["a", "c", "d"].iter().map(|key| mailbox(key)).collect();
    assert_eq!(lines[1..4], expected[..]);
    assert_eq!(lines[4..6], rows("a", "2026-11-24T06:00:00Z"));
    assert_eq!(lines[6..10], [rows("c", "2026-11-24T06:31:00Z"), rows("d", "2026-11-24T06:31:00Z")].concat());
    assert_eq!((lines.len(), &lines[10]["kind"], &lines[10]["lines"]), (11, &json!("end"), &json!(10)));
}

#[test]
fn a_continuation_that_breaks_off_loses_nothing_wherever_it_does() {
    let world = World::new();
    world.break_off(&["a", "b", "c"]);
    let before = fs::read(world.partial()).unwrap();

    // Before it has taken over anything.
    let read = world.begin("2026-11-24T06:30:00Z", json!({}), true).unwrap();
    world.feed(read, &["a", "b", "c"].map(mailbox));
    assert_eq!(world.files(), ["tenant.jsonl.partial", "tenant.jsonl.partial.new"]);
    world.engine.close_snapshot(read);
    assert_eq!(world.files(), ["tenant.jsonl.partial"], "only the earlier rows count");
    assert_eq!(fs::read(world.partial()).unwrap(), before);

    // Killed there: what it had begun stays, and is nobody's.
    fs::write(world.folder.path().join("tenant.jsonl.partial.new"), "{\"kind\":\"snaps").unwrap();
    let read = world.begin("2026-11-24T06:30:00Z", json!({}), true).unwrap();
    world.feed(read, &["a", "b", "c"].map(mailbox));
    assert_eq!(world.call(Method::ResumeSnapshot, read)["mailboxes"], json!(["a", "b"]));
    assert_eq!(world.files(), ["tenant.jsonl.partial"]);
    // After it: the next one goes on from there.
    world.feed(read, &rows("c", "2026-11-24T06:31:00Z"));
    world.engine.close_snapshot(read);
    let read = world.begin("2026-11-24T06:40:00Z", json!({}), true).unwrap();
    world.feed(read, &["a", "b", "c"].map(mailbox));
    assert_eq!(world.call(Method::ResumeSnapshot, read)["mailboxes"], json!(["a", "b", "c"]));
    world.call(Method::FinishSnapshot, read);
    assert_eq!(world.files(), ["tenant.jsonl"]);
}

#[test]
fn old_rows_are_not_taken_over_and_do_not_make_the_snapshot_old() {
    let world = World::new();
    world.break_off(&["a", "b"]);
    let read = world.begin("2026-11-24T07:00:01Z", json!({}), true).unwrap();
    world.feed(read, &["a", "b"].map(mailbox));
    let reply = world.call(Method::ResumeSnapshot, read);
    assert_eq!((&reply["mailboxes"], &reply["stale"]), (&json!([]), &json!(1)));
    assert_eq!(world.call(Method::FinishSnapshot, read)["created"], "2026-11-24T07:00:01Z");
}

#[test]
fn a_file_that_was_cut_anywhere_is_continued() {
    let world = World::new();
    world.break_off(&["a", "b", "c"]);
    let whole = fs::read(world.partial()).unwrap();
    let header = whole.iter().position(|byte| *byte == b'\n').unwrap();
    for cut in (0..whole.len()).step_by(7) {
        fs::write(world.partial(), &whole[..cut]).unwrap();
        let read = world.begin("2026-11-24T06:30:00Z", json!({}), true).unwrap();
        world.feed(read, &["a", "b", "c"].map(mailbox));
        let reply = world.call(Method::ResumeSnapshot, read);
        let is_inside = cut > header && whole[cut - 1] != b'\n';
        assert_eq!(reply["wasCut"], json!(is_inside), "cut at {cut}");
        world.engine.close_snapshot(read);
    }
    // A disk that had the length but not the bytes.
    fs::write(world.partial(), [&whole[..], &[0; 100]].concat()).unwrap();
    let read = world.begin("2026-11-24T06:30:00Z", json!({}), true).unwrap();
    world.feed(read, &["a", "b", "c"].map(mailbox));
    assert_eq!(world.call(Method::ResumeSnapshot, read)["mailboxes"], json!(["a", "b"]));
}

#[test]
fn another_read_or_a_broken_file_is_refused_and_left_alone() {
    let world = World::new();
    world.break_off(&["a", "b"]);
    let before = fs::read(world.partial()).unwrap();
    let error = world.begin("2026-11-24T06:30:00Z", json!({"rights": ["FullAccess", "SendAs"]}), true).unwrap_err();
    assert_eq!((&error["code"], &error["category"]), (&json!("ResumeMismatch"), &json!("InvalidOperation")));
    assert!(error["message"].as_str().unwrap().contains("the rights (FullAccess, now FullAccess, SendAs)"), "{error}");
    assert!(error["recommendedAction"].as_str().unwrap().contains("another -Path"), "{error}");
    assert_eq!(error["target"], json!(world.partial()));
    assert_eq!(fs::read(world.partial()).unwrap(), before);

    fs::write(world.partial(), [&before[..], b"rubbish\n", &rows("c", "")[0].to_string().into_bytes(), b"\n"].concat())
        .unwrap();
    assert_eq!(world.begin("2026-11-24T06:30:00Z", json!({}), true).unwrap_err()["code"], "SnapshotBroken");
}

#[test]
fn without_a_broken_read_it_begins_anew() {
    let world = World::new();
    let read = world.begin("2026-11-24T06:30:00Z", json!({}), true).unwrap();
    world.feed(read, &[mailbox("a")]);
    assert_eq!(world.files(), ["tenant.jsonl.partial"]);
    assert_eq!(world.call(Method::ResumeSnapshot, read)["mailboxes"], json!([]));
    world.feed(read, &rows("a", "2026-11-24T06:31:00Z"));
    world.call(Method::FinishSnapshot, read);
    assert_eq!(world.lines().len(), 5);
}

#[test]
fn rows_are_in_the_file_when_they_were_fed_and_no_file_is_made_before() {
    let world = World::new();
    fs::write(world.partial(), "hours of reading").unwrap();
    let read = world.begin("2026-11-24T06:30:00Z", json!({}), false).unwrap();
    assert_eq!(fs::read(world.partial()).unwrap(), b"hours of reading", "nothing came yet");
    world.feed(read, &[mailbox("a")]);
    assert!(fs::read_to_string(world.partial()).unwrap().ends_with(&format!("{}\n", mailbox("a"))));
}

#[test]
fn two_reads_do_not_write_the_same_file_and_the_second_is_told_who_does() {
    let world = World::new();
    let first = world.begin("2026-11-24T06:00:00Z", json!({}), false).unwrap();
    world.feed(first, &[mailbox("a")]);
    let before = fs::read(world.partial()).unwrap();
    for resume in [false, true] {
        let refused = world.begin("2026-11-24T07:00:00Z", json!({}), resume).unwrap_err();
        assert_eq!(refused["code"], "SnapshotInUse");
        assert_eq!(refused["category"], "ResourceBusy");
        let process = format!("(process {})", std::process::id());
        assert!(refused["message"].as_str().unwrap().contains(&process), "{refused}");
        assert_eq!(fs::read(world.partial()).unwrap(), before);
    }
    world.engine.close_snapshot(first);
    let next = world.begin("2026-11-24T08:00:00Z", json!({}), true).unwrap();
    world.engine.close_snapshot(next);
}

#[test]
fn a_snapshot_that_was_written_is_read_from_its_file_also_when_another_takes_its_name() {
    let world = World::new();
    let write = |key: &str| {
        let read = world.begin("2026-11-24T06:00:00Z", json!({}), false).unwrap();
        world.feed(read, &[mailbox(key)]);
        // Twice the same trustee, of which an outline keeps one row.
        world.feed(read, &rows(key, "2026-11-24T06:00:00Z"));
        world.feed(read, &rows(key, "2026-11-24T06:00:00Z"));
        (read, world.call(Method::FinishSnapshot, read))
    };
    let (first, told) = write("a");
    let (second, _) = write("b");
    let permissions = told["permissions"].as_u64().unwrap();
    assert!(permissions >= 2 && permissions.is_multiple_of(2), "{told}");
    assert_eq!(world.call(Method::GetSnapshot, first), told, "before the rows are read");
    for (read, key) in [(first, "a"), (second, "b")] {
        let unknown = world.compare(read, read);
        assert_eq!(unknown[0]["mailbox"], format!("{key}@corp.example"));
        assert_eq!(world.call(Method::GetSnapshot, read)["permissions"], permissions, "after the rows were read");
    }
}

#[test]
fn a_file_that_was_changed_in_place_is_not_taken_for_what_was_read() {
    let world = World::new();
    let read = world.begin("2026-11-24T06:00:00Z", json!({}), false).unwrap();
    world.feed(read, &[mailbox("a")]);
    world.call(Method::FinishSnapshot, read);
    let mut file = fs::OpenOptions::new().append(true).open(world.path()).unwrap();
    std::io::Write::write_all(&mut file, b"\n").unwrap();
    let request = json!({"reference": read, "difference": read}).to_string();
    let refused = world.engine.call(
        Method::CompareSnapshots as u32,
        request.as_bytes(),
        &CancellationToken::new(),
        &mut |_, _| true,
    );
    assert_eq!(serde_json::to_value(refused.unwrap_err()).unwrap()["code"], "SnapshotChanged");
}
