//! The C functions, called as C calls them.

use super::*;
use esgsync_commands::wire::{ErrorReply, EventKind, Method};
use std::ptr;

/// An engine and the bytes of its last reply, freed as a C caller frees them.
struct Caller {
    engine: *mut EsgSyncEngine,
}

fn empty() -> EsgSyncBytes {
    EsgSyncBytes { ptr: ptr::null_mut(), len: 0, cap: 0 }
}

fn take(mut bytes: EsgSyncBytes) -> Vec<u8> {
    let copy = match bytes.ptr.is_null() {
        true => Vec::new(),
        // SAFETY: the library filled it and it is freed below.
        false => unsafe { std::slice::from_raw_parts(bytes.ptr, bytes.len as usize) }.to_vec(),
    };
    // SAFETY: filled by the library, freed once; the second call must do nothing.
    unsafe {
        esgsync_bytes_free(&mut bytes);
        esgsync_bytes_free(&mut bytes);
    }
    assert!(bytes.ptr.is_null() && bytes.len == 0 && bytes.cap == 0);
    copy
}

fn error(bytes: &[u8]) -> ErrorReply {
    serde_json::from_slice(bytes).unwrap()
}

extern "C" fn count(context: u64, kind: u32, data: *const u8, len: u64) -> i32 {
    // SAFETY: the tests pass a pointer to a live Seen; data is valid during the callback.
    let (seen, data) = unsafe { (&mut *(context as *mut Seen), std::slice::from_raw_parts(data, len as usize)) };
    let records: Vec<serde_json::Value> = serde_json::from_slice(data).unwrap();
    assert!(!records.is_empty() && records.len() <= 256);
    assert_eq!(std::thread::current().id(), seen.thread.unwrap(), "events come on the calling thread");
    seen.records += records.len();
    seen.kinds.push(kind);
    seen.answer
}

#[derive(Default)]
struct Seen {
    records: usize,
    kinds: Vec<u32>,
    answer: i32,
    thread: Option<std::thread::ThreadId>,
}

impl Caller {
    fn new() -> Self {
        let mut engine = ptr::null_mut();
        let mut reply = empty();
        // SAFETY: both places are valid for a write.
        assert_eq!(unsafe { esgsync_engine_open(&mut engine, &mut reply) }, ESGSYNC_OK);
        take(reply);
        Self { engine }
    }

    fn call(&self, method: u32, request: &str, cancel: *const EsgSyncCancel, seen: &mut Seen) -> (i32, Vec<u8>) {
        seen.thread = Some(std::thread::current().id());
        let mut reply = empty();
        let context = seen as *mut Seen as u64;
        // SAFETY: everything is live for the call.
        let status = unsafe {
            esgsync_call(
                self.engine,
                method,
                request.as_ptr(),
                request.len() as u64,
                cancel,
                Some(count),
                context,
                &mut reply,
            )
        };
        (status, take(reply))
    }

    fn open(&self, request: &str) -> (i32, u64, Vec<u8>) {
        let (mut snapshot, mut reply) = (0, empty());
        // SAFETY: everything is live for the call.
        let status = unsafe {
            esgsync_snapshot_open(
                self.engine,
                request.as_ptr(),
                request.len() as u64,
                ptr::null(),
                &mut snapshot,
                &mut reply,
            )
        };
        (status, snapshot, take(reply))
    }

    fn feed(&self, snapshot: u64, rows: &str) -> (i32, Vec<u8>) {
        let mut reply = empty();
        // SAFETY: everything is live for the call.
        let status =
            unsafe { esgsync_snapshot_feed(self.engine, snapshot, rows.as_ptr(), rows.len() as u64, &mut reply) };
        (status, take(reply))
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        // SAFETY: opened in new, not used again.
        unsafe { esgsync_engine_close(self.engine) };
    }
}

const HEADER: &str = r#"{"header":{"version":1,"created":"2026-01-01T00:00:00Z","rights":["FullAccess"]}}"#;

/// A snapshot of one mailbox with `people` direct delegates.
fn grown(caller: &Caller, people: usize) -> u64 {
    let (status, snapshot, _) = caller.open(HEADER);
    assert_eq!(status, ESGSYNC_OK);
    let mut rows = String::from("{\"kind\":\"mailbox\",\"key\":\"m\",\"primary\":\"m@corp.example\"}\n");
    rows.push_str("{\"kind\":\"read\",\"subject\":\"mailbox:m\",\"status\":\"complete\"}\n");
    rows.push_str("{\"kind\":\"read\",\"subject\":\"recipients\",\"status\":\"complete\"}\n");
    for n in 0..people {
        rows.push_str(&format!(
            "{{\"kind\":\"recipient\",\"key\":\"p{n}\",\"sid\":\"S-1-5-21-1-{n}\",\"type\":\"UserMailbox\"}}\n"
        ));
        rows.push_str(&format!(
            "{{\"kind\":\"permission\",\"mailbox\":\"m\",\"trustee\":\"p{n}\",\"sid\":\"S-1-5-21-1-{n}\",\"rights\":[\"FullAccess\"],\"deny\":false}}\n"
        ));
    }
    // A piece may end anywhere, also in the middle of a character.
    for piece in rows.as_bytes().chunks(997) {
        let mut reply = empty();
        // SAFETY: everything is live for the call.
        let status =
            unsafe { esgsync_snapshot_feed(caller.engine, snapshot, piece.as_ptr(), piece.len() as u64, &mut reply) };
        assert_eq!(status, ESGSYNC_OK, "{}", String::from_utf8_lossy(&take(reply)));
    }
    let request = format!("{{\"snapshot\":{snapshot}}}");
    let (status, reply) = caller.call(Method::FinishSnapshot as u32, &request, ptr::null(), &mut Seen::default());
    assert_eq!(status, ESGSYNC_OK, "{}", String::from_utf8_lossy(&reply));
    snapshot
}

#[test]
fn the_hash_is_static_text() {
    // SAFETY: 64 bytes, static, by the contract of the function.
    let hash = unsafe { std::slice::from_raw_parts(esgsync_abi_hash(), 64) };
    assert!(hash.iter().all(u8::is_ascii_hexdigit));
    assert_eq!(hash, abi_hash::ABI_HASH);
}

#[test]
fn records_come_in_arrays_on_the_calling_thread() {
    let caller = Caller::new();
    let snapshot = grown(&caller, 1000);
    let mut seen = Seen::default();
    let request = format!("{{\"snapshot\":{snapshot}}}");
    let (status, reply) = caller.call(Method::GetDelegations as u32, &request, ptr::null(), &mut seen);
    assert_eq!(status, ESGSYNC_OK);
    assert_eq!(seen.records, 1000);
    assert_eq!(seen.kinds, [EventKind::Delegation as u32; 4]);
    let reply: serde_json::Value = serde_json::from_slice(&reply).unwrap();
    assert_eq!(reply["count"], 1000);
}

#[test]
fn a_callback_that_says_no_ends_the_call() {
    let caller = Caller::new();
    let snapshot = grown(&caller, 20_000);
    let mut seen = Seen { answer: 1, ..Seen::default() };
    let request = format!("{{\"snapshot\":{snapshot}}}");
    let (status, reply) = caller.call(Method::GetDelegations as u32, &request, ptr::null(), &mut seen);
    assert_eq!((status, error(&reply).code.as_str()), (ESGSYNC_CANCELLED, "Stopped"));
    assert_eq!(seen.kinds.len(), 1);
}

#[test]
fn a_fired_cancellation_ends_a_call_and_may_be_fired_again() {
    let caller = Caller::new();
    let snapshot = grown(&caller, 10);
    let cancel = esgsync_cancel_new();
    // SAFETY: live until freed below.
    unsafe {
        esgsync_cancel_fire(cancel);
        esgsync_cancel_fire(cancel);
    }
    let request = format!("{{\"snapshot\":{snapshot}}}");
    let (status, _) = caller.call(Method::GetDelegations as u32, &request, cancel, &mut Seen::default());
    assert_eq!(status, ESGSYNC_CANCELLED);
    // SAFETY: not used again.
    unsafe { esgsync_cancel_free(cancel) };
}

#[test]
fn a_panic_comes_back_as_an_error_and_prints_nothing() {
    let _caller = Caller::new();
    let mut reply = empty();
    let place = line!() + 1;
    let status = guard(&mut reply, || panic!("planted {}", 4711));
    let error = error(&take(reply));
    assert_eq!(status, ESGSYNC_PANICKED);
    assert_eq!(error.code, "InternalFault");
    assert!(error.message.contains("planted 4711"), "{}", error.message);
    assert!(error.message.contains(&format!("tests.rs:{place}")), "{}", error.message);
}

#[test]
fn null_and_nonsense_are_errors() {
    let caller = Caller::new();
    let mut reply = empty();
    // SAFETY: null is allowed everywhere.
    unsafe {
        assert_eq!(esgsync_engine_open(ptr::null_mut(), &mut reply), ESGSYNC_INVALID);
        assert_eq!(error(&take(reply)).code, "InvalidCall");
        reply = empty();
        assert_eq!(esgsync_call(ptr::null(), 1, ptr::null(), 0, ptr::null(), None, 0, &mut reply), ESGSYNC_INVALID);
        take(reply);
        reply = empty();
        assert_eq!(esgsync_call(caller.engine, 4, ptr::null(), 7, ptr::null(), None, 0, &mut reply), ESGSYNC_INVALID);
        take(reply);
        reply = empty();
        assert_eq!(
            esgsync_call(caller.engine, 4, b"x".as_ptr(), u64::MAX, ptr::null(), None, 0, &mut reply),
            ESGSYNC_INVALID
        );
        take(reply);
        // No place for a reply is allowed too.
        assert_eq!(
            esgsync_call(caller.engine, 4, ptr::null(), 0, ptr::null(), None, 0, ptr::null_mut()),
            ESGSYNC_FAILED
        );
        esgsync_engine_close(ptr::null_mut());
        esgsync_cancel_fire(ptr::null());
        esgsync_cancel_free(ptr::null_mut());
        esgsync_bytes_free(ptr::null_mut());
        esgsync_snapshot_close(ptr::null(), 1);
    }
    for method in [0, 999, u32::MAX] {
        let (status, reply) = caller.call(method, "{}", ptr::null(), &mut Seen::default());
        assert_eq!((status, error(&reply).code.as_str()), (ESGSYNC_FAILED, "InvalidRequest"));
    }
    for method in Method::ALL {
        for request in ["", "null", "[]", "{", "{\"snapshot\":\"x\"}", "\u{0}"] {
            let (status, reply) = caller.call(method as u32, request, ptr::null(), &mut Seen::default());
            assert_eq!(
                (status, error(&reply).code.as_str()),
                (ESGSYNC_FAILED, "InvalidRequest"),
                "{method:?} {request}"
            );
        }
    }
}

#[test]
fn a_closed_snapshot_is_an_error_and_never_undefined() {
    let caller = Caller::new();
    let snapshot = grown(&caller, 1);
    // SAFETY: the engine is live; closing twice is allowed.
    unsafe {
        esgsync_snapshot_close(caller.engine, snapshot);
        esgsync_snapshot_close(caller.engine, snapshot);
    }
    let (status, reply) = caller.feed(snapshot, "{}\n");
    assert_eq!((status, error(&reply).code.as_str()), (ESGSYNC_FAILED, "SnapshotClosed"));
    let request = format!("{{\"snapshot\":{snapshot}}}");
    let (status, reply) = caller.call(Method::GetSnapshot as u32, &request, ptr::null(), &mut Seen::default());
    assert_eq!((status, error(&reply).code.as_str()), (ESGSYNC_FAILED, "SnapshotClosed"));
}

#[test]
fn threads_share_an_engine_and_do_not_mix_rows() {
    let caller = Caller::new();
    let engine = caller.engine as usize;
    std::thread::scope(|scope| {
        for people in [10, 200, 3000] {
            scope.spawn(move || {
                let caller = std::mem::ManuallyDrop::new(Caller { engine: engine as *mut EsgSyncEngine });
                let snapshot = grown(&caller, people);
                let mut seen = Seen::default();
                let request = format!("{{\"snapshot\":{snapshot}}}");
                caller.call(Method::GetDelegations as u32, &request, ptr::null(), &mut seen);
                assert_eq!(seen.records, people);
            });
        }
    });
}
