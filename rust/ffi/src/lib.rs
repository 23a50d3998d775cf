//! The C ABI of EsgMailboxSync (design 9). No logic: it checks pointers, catches panics and hands JSON to
//! `esgsync_commands::Engine`.
//!
//! # Rules of the boundary
//! * What can fail returns a status (`ESGSYNC_OK` and so on); what cannot returns nothing.
//! * Text is UTF-8 as pointer and length; lengths are 64 bit; there are no strings that end in zero.
//! * **Borrowed**: every `const uint8_t *` argument belongs to the caller and is read during the call only. Event data belongs to
//!   the library and is valid during the callback only.
//! * **Owned**: an `EsgSyncBytes` that a function fills belongs to the caller, who gives it back once with `esgsync_bytes_free`.
//!   A function that takes a place for a reply always fills it, with `{null, 0, 0}` where there is nothing to say.
//! * Handles are given by `*_open` or `*_new` and end with `*_close` or `*_free`. An engine may be used by many threads at once. Snapshots are numbers:
//!   a number that is not open is an error, never undefined.
//! * `esgsync_call` blocks, and calls `on_event` on the calling thread only. A callback that returns other than 0 ends the call with
//!   `ESGSYNC_CANCELLED`.
//! * The library reads no environment variable, prints nothing, and must never be unloaded (it owns threads).

mod abi_hash;
mod boundary;
#[cfg(windows)]
mod dpapi;
mod panic;

#[cfg(feature = "bindings")]
mod inventory;
#[cfg(feature = "bindings")]
pub use inventory::inventory;

#[cfg(test)]
mod tests;

use boundary::{borrowed, fill, guard};
use esgsync_commands::Engine;
use tokio_util::sync::CancellationToken;

/// Done.
pub const ESGSYNC_OK: i32 = 0;
/// A null pointer, a length that cannot be, an unknown method. The reply says which; nothing was done.
pub const ESGSYNC_INVALID: i32 = 1;
/// It failed; the reply is an error as JSON.
pub const ESGSYNC_FAILED: i32 = 2;
/// Stopped by `esgsync_cancel_fire` or by the callback.
pub const ESGSYNC_CANCELLED: i32 = 3;
/// A fault in this library; the reply is an error as JSON.
pub const ESGSYNC_PANICKED: i32 = 4;

#[cfg(windows)]
const UNPROTECT: Option<esgsync_commands::Unprotect> = Some(dpapi::unprotect);
#[cfg(not(windows))]
const UNPROTECT: Option<esgsync_commands::Unprotect> = None;

/// Owned bytes; give them back with `esgsync_bytes_free`.
#[cfg_attr(feature = "bindings", interoptopus::ffi_type)]
#[repr(C)]
pub struct EsgSyncBytes {
    /// First byte, or null.
    pub ptr: *mut u8,
    /// Bytes in use.
    pub len: u64,
    /// Bytes allocated.
    pub cap: u64,
}

/// Connections, snapshots and threads. Opaque.
#[cfg_attr(feature = "bindings", interoptopus::ffi_type(opaque))]
pub struct EsgSyncEngine {
    engine: Engine,
}

/// A cancellation. Opaque.
#[cfg_attr(feature = "bindings", interoptopus::ffi_type(opaque))]
pub struct EsgSyncCancel {
    token: CancellationToken,
}

/// SHA-256 over the C header and the JSON schemas of all requests, replies and events: 64 ASCII hex digits, static. The caller compares
/// them with its own before any other call.
#[cfg_attr(feature = "bindings", interoptopus::ffi_function)]
#[no_mangle]
pub extern "C" fn esgsync_abi_hash() -> *const u8 {
    abi_hash::ABI_HASH.as_ptr()
}

/// Opens an engine.
///
/// # Safety
/// `engine` is null or valid for a write.
#[cfg_attr(feature = "bindings", interoptopus::ffi_function)]
#[no_mangle]
pub unsafe extern "C" fn esgsync_engine_open(engine: *mut *mut EsgSyncEngine, reply: *mut EsgSyncBytes) -> i32 {
    guard(reply, || {
        if engine.is_null() {
            return Err(boundary::invalid("engine is null"));
        }
        panic::silence();
        let opened = Engine::open_with(UNPROTECT).map_err(boundary::failed)?;
        // SAFETY: not null (checked), valid for a write by contract.
        unsafe { *engine = Box::into_raw(Box::new(EsgSyncEngine { engine: opened })) };
        Ok(Vec::new())
    })
}

/// Closes an engine: connections are forgotten, threads get two seconds to end.
///
/// # Safety
/// `engine` is null, or came from `esgsync_engine_open`, is used by no other thread and not again.
#[cfg_attr(feature = "bindings", interoptopus::ffi_function)]
#[no_mangle]
pub unsafe extern "C" fn esgsync_engine_close(engine: *mut EsgSyncEngine) {
    guard(std::ptr::null_mut(), || {
        if !engine.is_null() {
            // SAFETY: came from Box::into_raw in esgsync_engine_open and is not used again, by contract.
            drop(unsafe { Box::from_raw(engine) });
        }
        Ok(Vec::new())
    });
}

/// Runs a method with a JSON request. The reply is JSON: of the method with `ESGSYNC_OK`, an error otherwise.
///
/// # Safety
/// `engine` and `cancel` are null or live; `request` is null or valid for `request_len` bytes; `reply` is null or valid for a write;
/// `on_event` does not unwind.
#[cfg_attr(feature = "bindings", interoptopus::ffi_function)]
#[no_mangle]
pub unsafe extern "C" fn esgsync_call(
    engine: *const EsgSyncEngine,
    method: u32,
    request: *const u8,
    request_len: u64,
    cancel: *const EsgSyncCancel,
    on_event: Option<extern "C" fn(context: u64, kind: u32, data: *const u8, len: u64) -> i32>,
    context: u64,
    reply: *mut EsgSyncBytes,
) -> i32 {
    guard(reply, || {
        // SAFETY: null or live, by contract.
        let engine = unsafe { engine.as_ref() }.ok_or_else(|| boundary::invalid("engine is null"))?;
        // SAFETY: null or live, by contract.
        let cancel = unsafe { cancel.as_ref() }.map(|cancel| cancel.token.clone()).unwrap_or_default();
        // SAFETY: null or valid for that many bytes, by contract.
        let request = unsafe { borrowed(request, request_len) }?;
        let mut deliver = |kind: u32, data: &[u8]| match on_event {
            Some(callback) => callback(context, kind, data.as_ptr(), data.len() as u64) == 0,
            None => true,
        };
        engine.engine.call(method, request, &cancel, &mut deliver).map_err(boundary::failed)
    })
}

/// Opens a snapshot: reads files, or begins a new one that rows are fed to. Gives its number.
///
/// # Safety
/// `engine` is null or live; `request` is null or valid for `request_len` bytes; `snapshot` and `reply` are null or valid for a write.
#[cfg_attr(feature = "bindings", interoptopus::ffi_function)]
#[no_mangle]
pub unsafe extern "C" fn esgsync_snapshot_open(
    engine: *const EsgSyncEngine,
    request: *const u8,
    request_len: u64,
    cancel: *const EsgSyncCancel,
    snapshot: *mut u64,
    reply: *mut EsgSyncBytes,
) -> i32 {
    guard(reply, || {
        // SAFETY: null or live, by contract.
        let engine = unsafe { engine.as_ref() }.ok_or_else(|| boundary::invalid("engine is null"))?;
        // SAFETY: null or live, by contract.
        let cancel = unsafe { cancel.as_ref() }.map(|cancel| cancel.token.clone()).unwrap_or_default();
        // SAFETY: null or valid for that many bytes, by contract.
        let request = unsafe { borrowed(request, request_len) }?;
        if snapshot.is_null() {
            return Err(boundary::invalid("snapshot is null"));
        }
        let opened = engine.engine.open_snapshot(request, &cancel).map_err(boundary::failed)?;
        // SAFETY: not null (checked), valid for a write by contract.
        unsafe { *snapshot = opened };
        Ok(Vec::new())
    })
}

/// Takes a piece of JSON lines; a piece may end anywhere.
///
/// # Safety
/// `engine` is null or live; `data` is null or valid for `len` bytes; `reply` is null or valid for a write.
#[cfg_attr(feature = "bindings", interoptopus::ffi_function)]
#[no_mangle]
pub unsafe extern "C" fn esgsync_snapshot_feed(
    engine: *const EsgSyncEngine,
    snapshot: u64,
    data: *const u8,
    len: u64,
    reply: *mut EsgSyncBytes,
) -> i32 {
    guard(reply, || {
        // SAFETY: null or live, by contract.
        let engine = unsafe { engine.as_ref() }.ok_or_else(|| boundary::invalid("engine is null"))?;
        // SAFETY: null or valid for that many bytes, by contract.
        let data = unsafe { borrowed(data, len) }?;
        engine.engine.feed_snapshot(snapshot, data).map_err(boundary::failed)?;
        Ok(Vec::new())
    })
}

/// Forgets a snapshot. A number that is not open is ignored.
///
/// # Safety
/// `engine` is null or live.
#[cfg_attr(feature = "bindings", interoptopus::ffi_function)]
#[no_mangle]
pub unsafe extern "C" fn esgsync_snapshot_close(engine: *const EsgSyncEngine, snapshot: u64) {
    guard(std::ptr::null_mut(), || {
        // SAFETY: null or live, by contract.
        if let Some(engine) = unsafe { engine.as_ref() } {
            engine.engine.close_snapshot(snapshot);
        }
        Ok(Vec::new())
    });
}

/// Makes a cancellation.
#[cfg_attr(feature = "bindings", interoptopus::ffi_function)]
#[no_mangle]
pub extern "C" fn esgsync_cancel_new() -> *mut EsgSyncCancel {
    Box::into_raw(Box::new(EsgSyncCancel { token: CancellationToken::new() }))
}

/// Fires it, from any thread, any number of times.
///
/// # Safety
/// `cancel` is null or live.
#[cfg_attr(feature = "bindings", interoptopus::ffi_function)]
#[no_mangle]
pub unsafe extern "C" fn esgsync_cancel_fire(cancel: *const EsgSyncCancel) {
    guard(std::ptr::null_mut(), || {
        // SAFETY: null or live, by contract.
        if let Some(cancel) = unsafe { cancel.as_ref() } {
            cancel.token.cancel();
        }
        Ok(Vec::new())
    });
}

/// Frees it. Calls that use it go on.
///
/// # Safety
/// `cancel` is null, or came from `esgsync_cancel_new` and is not used again.
#[cfg_attr(feature = "bindings", interoptopus::ffi_function)]
#[no_mangle]
pub unsafe extern "C" fn esgsync_cancel_free(cancel: *mut EsgSyncCancel) {
    guard(std::ptr::null_mut(), || {
        if !cancel.is_null() {
            // SAFETY: came from Box::into_raw in esgsync_cancel_new and is not used again, by contract.
            drop(unsafe { Box::from_raw(cancel) });
        }
        Ok(Vec::new())
    });
}

/// Frees owned bytes and leaves `{null, 0, 0}`, so that a second call does nothing.
///
/// # Safety
/// `bytes` is null, or points at bytes that this library filled, or at `{null, 0, 0}`.
#[cfg_attr(feature = "bindings", interoptopus::ffi_function)]
#[no_mangle]
pub unsafe extern "C" fn esgsync_bytes_free(bytes: *mut EsgSyncBytes) {
    guard(std::ptr::null_mut(), || {
        // SAFETY: null or live, by contract.
        if let Some(owned) = unsafe { bytes.as_mut() } {
            // SAFETY: filled by `fill`, which took the parts from a Vec; freed once, as the parts are cleared here.
            unsafe { fill(owned, Vec::new()) };
        }
        Ok(Vec::new())
    });
}
