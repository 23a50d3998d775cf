use crate::read;
use esgsync_delegation::snapshot::{Carried, Mailbox, Snapshot, SnapshotError, Unfinished};
use jiff::Timestamp;
use serde_json::{Value, json};

const HEADER: &str = r#"{"kind":"snapshot","version":1,"created":"2026-11-24T06:00:00Z","tenant":{"id":"t"},"rights":["FullAccess"],"recipientTypes":["SharedMailbox"],"whole":true}"#;

/// A read that broke off after these lines.
fn broken(lines: &[Value]) -> Snapshot {
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    read(format!("{HEADER}\n{lines}")).unwrap()
}

fn mailbox(key: &str) -> Value {
    json!({"kind": "mailbox", "key": key, "guid": key, "primary": format!("{key}@corp.example")})
}

fn row(key: &str, trustee: &str) -> Value {
    json!({"kind": "permission", "mailbox": key, "trustee": trustee, "rights": ["FullAccess"], "deny": false})
}

fn done(key: &str, status: &str, since: &str) -> Value {
    json!({"kind": "read", "subject": format!("mailbox:{key}"), "status": status, "since": since})
}

fn listed(keys: &[&str]) -> Vec<Mailbox> {
    keys.iter().map(|key| serde_json::from_value(mailbox(key)).unwrap()).collect()
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn carry(lines: &[Value], now: &[Mailbox]) -> Carried {
    Unfinished::new(broken(lines)).carry(now, time("2026-11-24T06:00:00Z"))
}

#[test]
fn a_mailbox_is_done_when_its_read_line_is_there() {
    let lines = [
        mailbox("a"),
        mailbox("b"),
        mailbox("c"),
        row("a", "x"),
        row("a", "y"),
        done("a", "complete", "2026-11-24T06:00:01Z"),
        row("b", "x"),
    ];
    let carried = carry(&lines, &listed(&["a", "b", "c"]));
    assert_eq!(carried.mailboxes, ["a"]);
    assert_eq!(carried.permissions.iter().map(|row| row.trustee.as_str()).collect::<Vec<_>>(), ["x", "y"]);
    assert_eq!(carried.reads.len(), 1);
    assert_eq!(carried.reads[0].since, Some(time("2026-11-24T06:00:01Z")), "it stays as old as it is");
    assert_eq!(carried.unfinished, 1, "the rows of b may be a part; of c there is nothing");
}

#[test]
fn what_was_not_read_completely_or_is_too_old_is_asked_for_again() {
    let mut undated = done("d", "complete", "x");
    undated.as_object_mut().unwrap().remove("since");
    let lines = [
        mailbox("a"),
        mailbox("b"),
        mailbox("c"),
        mailbox("d"),
        row("a", "x"),
        done("a", "failed", "2026-11-24T07:00:00Z"),
        row("b", "x"),
        done("b", "complete", "2026-11-24T05:59:59Z"),
        row("c", "x"),
        done("c", "complete", "2026-11-24T06:00:00Z"),
        row("d", "x"),
        undated,
    ];
    let carried = carry(&lines, &listed(&["a", "b", "c", "d"]));
    assert_eq!((carried.mailboxes, carried.permissions.len()), (vec!["c".to_owned()], 1));
    assert_eq!((carried.unfinished, carried.stale), (1, 2), "a time that is not told is no time");
}

#[test]
fn mailboxes_are_the_same_by_guid_and_only_those_that_are_listed_now_count() {
    let mut now = listed(&["A", "new"]);
    now[0].key = "other-key".into();
    let lines = [
        mailbox("a"),
        mailbox("gone"),
        row("a", "x"),
        done("a", "complete", "2026-11-24T06:00:00Z"),
        row("gone", "x"),
        done("gone", "complete", "2026-11-24T06:00:00Z"),
    ];
    let carried = carry(&lines, &now);
    assert_eq!(carried.mailboxes, ["other-key"]);
    assert_eq!((&*carried.permissions[0].mailbox, carried.permissions.len()), ("other-key", 1));
    assert_eq!(carried.reads[0].subject, "mailbox:other-key");
    assert_eq!(carried.vanished, ["gone@corp.example"]);
}

#[test]
fn a_mailbox_that_was_deleted_or_has_no_guid_is_asked_for_again() {
    let mut now = listed(&["a", "b"]);
    now[0].soft_deleted = Some(true);
    let mut nameless = mailbox("b");
    nameless.as_object_mut().unwrap().remove("guid");
    let lines = [
        mailbox("a"),
        nameless,
        done("a", "complete", "2026-11-24T06:00:00Z"),
        done("b", "complete", "2026-11-24T06:00:00Z"),
    ];
    let carried = carry(&lines, &now);
    assert_eq!((carried.mailboxes.len(), carried.stale, carried.unfinished, carried.vanished.len()), (0, 1, 1, 0));
}

#[test]
fn the_oldest_is_that_of_what_may_be_taken_over() {
    let lines = [
        mailbox("a"),
        done("a", "complete", "2026-11-24T05:00:00Z"),
        done("b", "complete", "2026-11-24T06:30:00Z"),
        done("c", "failed", "2026-11-24T06:10:00Z"),
        done("d", "complete", "2026-11-24T07:00:00Z"),
    ];
    let unfinished = Unfinished::new(broken(&lines));
    assert_eq!(unfinished.oldest(time("2026-11-24T06:00:00Z")), Some(time("2026-11-24T06:30:00Z")));
    assert_eq!(unfinished.oldest(time("2026-11-24T08:00:00Z")), None);
}

#[test]
fn another_read_is_not_continued() {
    let unfinished = Unfinished::new(broken(&[]));
    let header = || broken(&[]).header;
    let with = |member: &str, value: Value| {
        let mut line: Value = serde_json::to_value(header()).unwrap();
        line[member] = value;
        serde_json::from_value(line).unwrap()
    };
    unfinished.check(&header()).unwrap();
    unfinished.check(&with("created", json!("2026-11-25T06:00:00Z"))).unwrap();
    unfinished.check(&with("tenant", json!({"id": "T", "name": "renamed"}))).unwrap();
    unfinished.check(&with("recipientTypes", json!(["sharedmailbox"]))).unwrap();
    for (member, value, what) in [
        ("tenant", json!({"id": "u"}), "the tenant (t, now u)"),
        ("tenant", Value::Null, "the tenant (t, now none)"),
        ("rights", json!(["FullAccess", "SendAs"]), "the rights (FullAccess, now FullAccess, SendAs)"),
        ("recipientTypes", json!(["SharedMailbox", "RoomMailbox"]), "the types of mailboxes"),
        ("filter", json!("Name -like 'a*'"), "(all mailboxes, now filter Name -like 'a*')"),
        ("whole", json!(false), "(all mailboxes, now a list of mailboxes)"),
        ("shard", json!({"index": 2, "count": 3}), "(all mailboxes, now shard 2/3)"),
    ] {
        let error = unfinished.check(&with(member, value)).unwrap_err();
        assert!(matches!(error, SnapshotError::OtherOptions { .. }));
        assert!(error.to_string().contains(what), "{error} does not say {what:?}");
    }
}
