use crate::{SMALL, read};
use esgsync_delegation::snapshot::{Mailbox, ReadStatus, Snapshot, SnapshotError, merge};
use serde_json::{Value, json};

/// A shard of tenant `t` with these lines.
fn shard(created: &str, change: Value, lines: &[Value]) -> Snapshot {
    let mut header = json!({"kind": "snapshot", "version": 1, "created": created, "tenant": {"id": "t"},
        "rights": ["FullAccess"], "recipientTypes": ["SharedMailbox"], "whole": true});
    for (name, value) in change.as_object().unwrap() {
        header[name] = value.clone();
    }
    let mut text = format!("{header}\n");
    for line in lines {
        text += &format!("{line}\n");
    }
    text += &json!({"kind": "end", "lines": lines.len() + 1}).to_string();
    read(text).unwrap()
}

const FIRST: &str = "2026-11-24T06:00:00Z";
const LATER: &str = "2026-11-24T09:00:00Z";

fn mailbox(key: &str, status: &str, trustee: &str) -> [Value; 3] {
    [
        json!({"kind": "mailbox", "key": key, "displayName": trustee}),
        json!({"kind": "permission", "mailbox": key, "trustee": trustee, "rights": ["FullAccess"], "deny": false}),
        json!({"kind": "read", "subject": format!("mailbox:{key}"), "status": status}),
    ]
}

fn everything() -> Value {
    json!({"kind": "read", "subject": "recipients", "status": "complete"})
}

#[test]
fn shards_become_one() {
    let one = shard(FIRST, json!({}), &[&mailbox("a", "complete", "x")[..], &[everything()]].concat());
    let two = shard(LATER, json!({}), &[&mailbox("b", "complete", "y")[..], &[everything()]].concat());
    let merged = merge(vec![one.clone(), two.clone()]).unwrap();
    assert_eq!(merged.mailboxes.len(), 2);
    assert_eq!(merged.permissions.len(), 2);
    assert!(merged.complete && merged.header.whole);
    assert_eq!(merged.header.created, FIRST.parse().unwrap(), "as old as its oldest part");
    assert_eq!(merged, merge(vec![two, one]).unwrap(), "in whatever order they are named");
    let small = read(SMALL).unwrap();
    assert_eq!(merge(vec![small.clone()]).unwrap().permissions, small.permissions);
}

#[test]
fn it_is_whole_and_complete_only_if_each_part_is() {
    let whole = || shard(FIRST, json!({}), &mailbox("a", "complete", "x"));
    let list = shard(LATER, json!({"whole": false}), &mailbox("b", "complete", "y"));
    let merged = merge(vec![whole(), list]).unwrap();
    assert!(!merged.header.whole && merged.complete);
    let mut cut = shard(LATER, json!({}), &mailbox("b", "complete", "y"));
    cut.complete = false;
    assert!(!merge(vec![whole(), cut]).unwrap().complete);
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let one = || shard(FIRST, json!({}), &[]);
    let other_tenant = shard(FIRST, json!({"tenant": {"id": "u"}}), &[]);
    let other_rights = shard(FIRST, json!({"rights": ["SendAs"]}), &[]);
    for (other, what) in [(other_tenant, "the tenant"), (other_rights, "the rights read")] {
        let error = merge(vec![one(), other]).unwrap_err();
        assert!(matches!(error, SnapshotError::CannotMerge { .. }));
        assert!(error.to_string().contains(what), "{error}");
    }
    assert_eq!(merge(vec![]).unwrap_err(), SnapshotError::Empty);
    let mut no_tenant = one();
    no_tenant.header.tenant = None;
    assert!(merge(vec![one(), no_tenant]).is_err(), "an unknown tenant is not the same one");
}

#[test]
fn what_is_read_of_the_tenant_is_as_good_as_the_worst_part() {
    let part =
        |status: &str| shard(FIRST, json!({}), &[json!({"kind": "read", "subject": "recipients", "status": status})]);
    let merged = merge(vec![part("complete"), part("truncated"), part("given")]).unwrap();
    assert_eq!(merged.reads["recipients"].status, ReadStatus::Truncated);
    let silent = shard(LATER, json!({}), &[]);
    let merged = merge(vec![part("complete"), silent]).unwrap();
    assert!(!merged.reads.contains_key("recipients"), "a part that does not say so did not read them (rule 6)");
}

#[test]
fn a_mailbox_of_two_parts_is_taken_from_the_best_and_newest() {
    let names = |parts: Vec<Snapshot>| -> Vec<String> {
        let merged = merge(parts).unwrap();
        assert_eq!(merged.mailboxes.len(), 1);
        assert_eq!(merged.mailboxes[0].display_name.as_deref(), Some(merged.permissions[0].trustee.as_str()));
        merged.permissions.into_iter().map(|row| row.trustee).collect()
    };
    let old = || shard(FIRST, json!({}), &mailbox("a", "complete", "old"));
    let new = shard(LATER, json!({}), &mailbox("a", "complete", "new"));
    let failed = shard(LATER, json!({}), &mailbox("a", "failed", "failed"));
    assert_eq!(names(vec![old(), new]), ["new"], "an old grant does not come back");
    assert_eq!(names(vec![old(), failed]), ["old"]);
}

#[test]
fn members_of_a_group_come_from_one_part_and_recipients_from_the_newest() {
    let group = |member: &str| {
        [
            json!({"kind": "recipient", "key": "g", "displayName": member}),
            json!({"kind": "member", "group": "g", "member": member}),
            json!({"kind": "read", "subject": "group:g", "status": "complete"}),
        ]
    };
    let merged = merge(vec![shard(LATER, json!({}), &group("new")), shard(FIRST, json!({}), &group("old"))]).unwrap();
    assert_eq!(merged.members.iter().map(|edge| edge.member.as_str()).collect::<Vec<_>>(), ["new"]);
    assert_eq!(merged.recipients.len(), 1);
    assert_eq!(merged.recipients[0].display_name.as_deref(), Some("new"));
}

#[test]
fn all_shards_of_a_tenant_are_whole_and_fewer_are_not() {
    let part = |index: u32, count: u32, change: Value| {
        let mut all = json!({"whole": false, "shard": {"index": index, "count": count}});
        all.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        shard(FIRST, all, &mailbox(&format!("m{index}"), "complete", "x"))
    };
    let of = |index, count| part(index, count, json!({}));
    let merged = merge(vec![of(3, 3), of(1, 3), of(2, 3)]).unwrap();
    assert!(merged.header.whole && merged.header.shard.is_none());
    assert_eq!(merged.mailboxes.len(), 3);
    let whole = |parts: Vec<Snapshot>| merge(parts).unwrap().header.whole;
    assert!(whole(vec![of(1, 3), of(2, 3), of(2, 3), of(3, 3)]), "one of them twice");
    assert!(whole(vec![of(1, 1)]));
    assert!(!whole(vec![of(1, 3), of(3, 3)]));
    assert!(!whole(vec![of(1, 3), of(2, 3)]));
    assert!(!whole(vec![of(1, 3), of(2, 3), of(3, 4)]), "of different numbers");
    assert!(!whole(vec![of(1, 2), shard(FIRST, json!({"whole": false}), &[])]), "a part that is no shard");
    assert!(!whole(vec![of(1, 2), part(2, 2, json!({"filter": "x"}))]));
    assert!(!whole(vec![part(1, 2, json!({"filter": "x"})), part(2, 2, json!({"filter": "x"}))]));
    assert!(!whole(vec![of(1, 2), part(2, 2, json!({"recipientTypes": ["RoomMailbox"]}))]), "other types");
    assert_eq!(merge(vec![of(2, 3)]).unwrap().header.shard.map(|shard| shard.to_string()).as_deref(), Some("2/3"));
}

#[test]
fn a_mailbox_that_one_shard_saw_alive_is_not_soft_deleted() {
    let gone = |key: &str| json!({"kind": "mailbox", "key": key, "softDeleted": true});
    let one = shard(FIRST, json!({}), &[&mailbox("a", "complete", "x")[..], &[gone("b"), gone("c")]].concat());
    let two = shard(LATER, json!({}), &[&mailbox("b", "complete", "y")[..], &[gone("a"), gone("c")]].concat());
    let merged = merge(vec![two, one]).unwrap();
    let keys = |mailboxes: &[Mailbox]| mailboxes.iter().map(|mailbox| mailbox.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys(&merged.mailboxes), ["a", "b"]);
    assert_eq!(keys(&merged.soft_deleted), ["c"]);
}
