use crate::{SMALL, read};
use esgsync_delegation::snapshot::{Mailbox, Reader, SnapshotError};
use proptest::prelude::*;

const HEADER: &str = r#"{"kind":"snapshot","version":1,"created":"2026-11-24T06:00:00Z"}"#;
const ROW: &str = r#"{"kind":"permission","mailbox":"m","trustee":"x","rights":["FullAccess"],"deny":false}"#;
const END: &str = r#"{"kind":"end","lines":2,"counts":{"snapshot":1,"permission":1}}"#;

fn joined(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The error of a file, which must name the line and say what to do.
fn error(text: impl AsRef<[u8]>, says: &[&str]) -> SnapshotError {
    let error = read(text).unwrap_err();
    let message = error.to_string();
    for part in says {
        assert!(message.contains(part), "{message:?} does not say {part:?}");
    }
    error
}

#[test]
fn rule_01_the_small_tenant_is_read_completely() {
    let snapshot = read(SMALL).unwrap();
    assert!(snapshot.complete && snapshot.header.whole);
    assert_eq!(snapshot.header.tenant.unwrap().name.as_deref(), Some("corpexample.onmicrosoft.com"));
    let counts = [
        snapshot.mailboxes.len(),
        snapshot.permissions.len(),
        snapshot.recipient_permissions.len(),
        snapshot.recipients.len(),
        snapshot.members.len(),
        snapshot.reads.len(),
    ];
    assert_eq!(counts, [4, 26, 8, 36, 36, 23]);
    assert_eq!(*snapshot.permissions[2].rights, ["ReadPermission", "FullAccess"]);
    assert_eq!(snapshot.recipients[1].sid_history, ["S-1-5-21-3777777777-888888888-999999999-2002"]);
}

#[test]
fn absent_stays_absent() {
    let row = r#"{"kind":"permission","mailbox":"m"}"#;
    let snapshot = read(joined(&[HEADER, row, r#"{"kind":"mailbox","key":"m"}"#])).unwrap();
    let row = &snapshot.permissions[0];
    assert_eq!((row.deny, row.inherited, &row.inheritance, &row.sid), (None, None, &None, &None));
    assert_eq!(snapshot.mailboxes[0].send_on_behalf, None, "not an empty list");
}

#[test]
fn rights_are_split_at_commas() {
    let row = r#"{"kind":"permission","mailbox":"m","rights":["FullAccess, ReadPermission"," SendAs ,",""]}"#;
    let snapshot = read(joined(&[HEADER, row])).unwrap();
    assert_eq!(*snapshot.permissions[0].rights, ["FullAccess", "ReadPermission", "SendAs"]);
}

#[test]
fn rule_02_a_wrong_count_is_an_error_that_names_both_numbers() {
    assert!(read(joined(&[HEADER, ROW, END])).unwrap().complete);
    let lost = error(joined(&[HEADER, END]), &["line 2", "counts 2 lines", "the file has 1", "export again"]);
    assert!(matches!(lost, SnapshotError::WrongCount { stated: 2, found: 1, .. }));
    error(joined(&[HEADER, ROW, ROW, END]), &["counts 2 lines", "the file has 3"]);
    let swapped = r#"{"kind":"member","group":"g","member":"x"}"#;
    error(joined(&[HEADER, swapped, END]), &["counts 1 lines of kind permission", "the file has 0"]);
}

#[test]
fn lines_after_the_end_are_an_error() {
    error(joined(&[HEADER, ROW, END, ROW]), &["line 4", "follows the end line"]);
    error(joined(&[HEADER, ROW, END]) + "{\"kind\":", &["line 4"]);
    assert!(read(joined(&[HEADER, ROW, END, "", " "])).unwrap().complete, "blank lines are nothing");
}

#[test]
fn without_end_it_is_incomplete_wherever_it_was_cut() {
    let text = joined(&[HEADER, ROW, END]);
    for cut in HEADER.len()..text.len() - 2 {
        let snapshot = read(&text[..cut]).unwrap();
        assert!(!snapshot.complete, "cut at {cut}");
        let whole_row = cut >= HEADER.len() + 1 + ROW.len();
        assert_eq!(snapshot.permissions.len(), usize::from(whole_row), "cut at {cut}");
    }
    assert!(read(&text[..text.len() - 1]).unwrap().complete, "the last line needs no newline");
    // Cut inside of a character.
    let umlaut = format!("{HEADER}\n{}", r#"{"kind":"permission","mailbox":"ü"#);
    assert!(!read(&umlaut.as_bytes()[..umlaut.len() - 1]).unwrap().complete);
}

#[test]
fn a_file_that_is_no_snapshot_is_named_as_such() {
    assert_eq!(read("").unwrap_err(), SnapshotError::Empty);
    assert_eq!(read("\n\r\n").unwrap_err(), SnapshotError::Empty);
    error("Identity;User;AccessRights\n", &["no snapshot header", "no JSON", "Export-MailboxDelegation"]);
    error(joined(&[ROW]), &["of kind permission"]);
    error("{\"a\":1}", &["has no kind"]);
    error("[]\n", &["no snapshot header"]);
    error(&HEADER[..20], &["line 1", "broken JSON"]);
    error("\u{feff}".repeat(2) + HEADER, &["no snapshot header"]);
    let later = r#"{"kind":"snapshot","version":2,"made":"differently"}"#;
    error(joined(&[later]), &["version 2", "reads version 1", "install"]);
    error(joined(&[r#"{"kind":"snapshot"}"#]), &["version"]);
}

#[test]
fn broken_lines_are_named_by_their_number() {
    error(joined(&[HEADER, ROW, "{\"kind\":\"permission\",", ROW]), &["line 3", "broken JSON", "export again"]);
    error(joined(&[HEADER, "", "{\"kind\":\"of later\" oops"]), &["line 3", "broken JSON"]);
    error(joined(&[HEADER, "rubbish"]), &["line 2", "broken JSON"]);
    error(joined(&[HEADER, "{\"mailbox\":\"m\"}"]), &["line 2", "no \"kind\""]);
    error(joined(&[HEADER, "[1,2]"]), &["line 2", "no \"kind\""]);
    error(joined(&[HEADER, HEADER]), &["line 2", "second snapshot header"]);
    let deny = r#"{"kind":"permission","mailbox":"m","deny":"False"}"#;
    let wrong = error(joined(&[HEADER, deny]), &["line 2", "permission", "member deny", "boolean"]);
    assert!(matches!(wrong, SnapshotError::WrongMember { line: 2, .. }));
    error(joined(&[HEADER, r#"{"kind":"recipient"}"#]), &["line 2", "missing field `key`"]);
    error(joined(&[HEADER, r#"{"kind":"recipient","key":"a","addresses":["x",5]}"#]), &["addresses[1]"]);
}

#[test]
fn other_encodings_are_told_how_to_be_put_right() {
    let mut bytes = joined(&[HEADER, ROW]).into_bytes();
    bytes.extend(b"{\"kind\":\"recipient\",\"key\":\"M\xFCller\"}\n");
    assert_eq!(error(&bytes, &["line 3", "UTF-8"]), SnapshotError::NotUtf8 { line: 3 });
    let utf16: Vec<u8> = [0xFEFF].into_iter().chain(HEADER.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    error(&utf16, &["UTF-16"]);
}

#[test]
fn bom_and_crlf_are_accepted() {
    let windows = format!("\u{feff}{}", joined(&[HEADER, ROW, END]).replace('\n', "\r\n"));
    assert_eq!(read(windows).unwrap(), read(joined(&[HEADER, ROW, END])).unwrap());
}

#[test]
fn unknown_kinds_and_members_are_ignored_and_counted() {
    let later = r#"{"kind":"ofALaterVersion","x":{"y":[1]}}"#;
    let row = r#"{"extra":{"a":1},"mailbox":"m","kind":"permission","deny":false}"#;
    let end = r#"{"kind":"end","lines":3,"counts":{"ofALaterVersion":1},"more":true}"#;
    let snapshot = read(joined(&[HEADER, later, row, end])).unwrap();
    assert!(snapshot.complete);
    assert_eq!(snapshot.permissions.len(), 1);
}

#[test]
fn rule_03_a_key_that_occurs_twice() {
    let one = r#"{"kind":"recipient","key":"k","upn":"a@corp.example"}"#;
    let other = r#"{"kind":"recipient","key":"k","upn":"b@corp.example"}"#;
    let mailbox = r#"{"kind":"mailbox","key":"k"}"#;
    let snapshot = read(joined(&[HEADER, one, mailbox, one])).unwrap();
    assert_eq!(
        (snapshot.recipients.len(), snapshot.mailboxes.len()),
        (1, 1),
        "the same line twice, and a mailbox of that key"
    );
    error(joined(&[HEADER, one, other]), &["recipient lines", "key k"]);
}

#[test]
fn rule_23_soft_deleted_mailboxes_are_apart_from_the_living_ones() {
    let gone = r#"{"kind":"mailbox","key":"gone","guid":"gone","primary":"m@corp.example","softDeleted":true}"#;
    let live = r#"{"kind":"mailbox","key":"live","guid":"live","primary":"m@corp.example","softDeleted":false}"#;
    let snapshot = read(joined(&[HEADER, gone, live, r#"{"kind":"mailbox","key":"other"}"#])).unwrap();
    let keys = |mailboxes: &[Mailbox]| mailboxes.iter().map(|mailbox| mailbox.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys(&snapshot.mailboxes), ["live", "other"]);
    assert_eq!(keys(&snapshot.soft_deleted), ["gone"]);
    // A mailbox cannot be both.
    error(joined(&[HEADER, gone, &gone.replace("true", "false")]), &["mailbox lines", "key gone"]);
}

#[test]
fn what_was_read_so_far_can_be_asked_in_the_middle() {
    let mut reader = Reader::new();
    assert!(reader.so_far().is_none());
    reader.feed(joined(&[HEADER, ROW]).as_bytes()).unwrap();
    assert_eq!(reader.so_far().unwrap().permissions.len(), 1);
    assert_eq!(reader.counter().end().lines, 2);
    reader.feed(b"{\"kind\":").unwrap();
    reader.feed(b"\"member\",\"group\":\"g\",\"member\":\"x\"}\n").unwrap();
    assert_eq!(reader.so_far().unwrap().members.len(), 1);
}

proptest! {
    #[test]
    fn pieces_may_end_anywhere(cuts in prop::collection::vec(0..SMALL.len(), 0..40)) {
        let mut cuts = cuts;
        cuts.sort_unstable();
        let mut reader = Reader::new();
        let mut begin = 0;
        for cut in cuts.into_iter().chain([SMALL.len()]) {
            reader.feed(&SMALL.as_bytes()[begin..cut]).unwrap();
            begin = cut;
        }
        prop_assert_eq!(reader.finish().unwrap(), read(SMALL).unwrap());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300), after_header in any::<bool>()) {
        let mut file = if after_header { joined(&[HEADER]).into_bytes() } else { Vec::new() };
        file.extend(bytes);
        let _ = read(file);
    }

    #[test]
    fn a_changed_byte_never_goes_unnoticed_as_a_lost_line(place in 0..SMALL.len(), byte in any::<u8>()) {
        let mut bytes = SMALL.as_bytes().to_vec();
        bytes[place] = byte;
        if let Ok(snapshot) = read(bytes) {
            // Still complete: then every line is still there.
            let whole = read(SMALL).unwrap();
            prop_assert!(!snapshot.complete || snapshot.permissions.len() == whole.permissions.len());
        }
    }
}
