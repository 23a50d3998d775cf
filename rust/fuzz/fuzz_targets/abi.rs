//! Any sequence of calls of the C functions, on one engine: a status each time, never a panic, and every reply is given back once.
//!
//! Requests that could name a file or a host are left out: what the methods do there is for other tests.
#![no_main]

use esgmailboxsync_native::*;
use libfuzzer_sys::fuzz_target;
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

struct Engine(*mut EsgSyncEngine);
// SAFETY: an engine may be used by many threads at once (rules of the boundary).
unsafe impl Send for Engine {}
// SAFETY: as above.
unsafe impl Sync for Engine {}

fn engine() -> *const EsgSyncEngine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE
        .get_or_init(|| {
            let (mut engine, mut reply) = (null_mut(), empty());
            // SAFETY: both places are valid for a write.
            assert_eq!(unsafe { esgsync_engine_open(&mut engine, &mut reply) }, ESGSYNC_OK);
            give_back(reply);
            Engine(engine)
        })
        .0
}

fn empty() -> EsgSyncBytes {
    EsgSyncBytes { ptr: null_mut(), len: 0, cap: 0 }
}

/// Reads the reply to its end and frees it, twice.
fn give_back(mut reply: EsgSyncBytes) {
    if reply.len > 0 {
        // SAFETY: the library filled it.
        let bytes = unsafe { std::slice::from_raw_parts(reply.ptr, reply.len as usize) };
        assert!(std::str::from_utf8(bytes).is_ok());
    }
    // SAFETY: the library filled it; afterwards it is {null, 0, 0}.
    unsafe {
        esgsync_bytes_free(&mut reply);
        esgsync_bytes_free(&mut reply);
    }
}

fn settled(status: i32, reply: EsgSyncBytes) {
    assert_ne!(status, ESGSYNC_PANICKED);
    assert!((ESGSYNC_OK..=ESGSYNC_CANCELLED).contains(&status));
    give_back(reply);
}

extern "C" fn on_event(context: u64, _kind: u32, _data: *const u8, _len: u64) -> i32 {
    i32::from(context & 1 == 1)
}

fuzz_target!(|data: &[u8]| {
    let mut open: Vec<u64> = Vec::new();
    // SAFETY: new, fired and freed below, and nowhere else.
    let cancel = esgsync_cancel_new();
    // Calls are divided by 0xFF, which no UTF-8 text holds.
    for call in data.split(|byte| *byte == 0xFF).take(64) {
        let Some((&what, rest)) = call.split_first() else { continue };
        let (argument, rest) = rest.split_first().map_or((0, rest), |(argument, rest)| (*argument, rest));
        if rest.iter().any(|byte| matches!(byte, b'/' | b'\\')) {
            continue;
        }
        let (request, length) = (if argument & 0x80 == 0 { rest.as_ptr() } else { null() }, rest.len() as u64);
        let snapshot = open.get(usize::from(argument & 0x7F)).copied().unwrap_or(u64::from(argument));
        let mut reply = empty();
        // SAFETY: the engine lives for the process, every pointer is null or valid for its length, every place for a write.
        unsafe {
            match what % 6 {
                0 => {
                    let status = esgsync_call(engine(), u32::from(argument & 0x7F), request, length, cancel, Some(on_event), length, &mut reply);
                    settled(status, reply);
                }
                1 => {
                    let mut number = 0;
                    let status = esgsync_snapshot_open(engine(), request, length, cancel, &mut number, &mut reply);
                    if status == ESGSYNC_OK {
                        open.push(number);
                    }
                    settled(status, reply);
                }
                2 => settled(esgsync_snapshot_feed(engine(), snapshot, request, length, &mut reply), reply),
                3 => esgsync_snapshot_close(engine(), snapshot),
                4 => esgsync_cancel_fire(cancel),
                _ => {
                    settled(esgsync_call(null(), 0, request, length, null(), None, 0, &mut reply), reply);
                    esgsync_snapshot_close(null(), snapshot);
                    esgsync_cancel_fire(null());
                    esgsync_cancel_free(null_mut());
                    esgsync_bytes_free(null_mut());
                    assert!(!esgsync_abi_hash().is_null());
                }
            }
        }
    }
    // SAFETY: the engine lives; the cancellation came from esgsync_cancel_new and ends here.
    unsafe {
        open.iter().for_each(|number| esgsync_snapshot_close(engine(), *number));
        esgsync_cancel_free(cancel);
    }
});
