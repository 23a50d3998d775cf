//! What every export does: check, catch, and hand bytes over.

use crate::{panic, EsgSyncBytes, ESGSYNC_CANCELLED, ESGSYNC_FAILED, ESGSYNC_INVALID, ESGSYNC_OK, ESGSYNC_PANICKED};
use esgsync_commands::wire::{ErrorCategory, ErrorReply};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// A status other than OK with the error that the reply shows.
pub(crate) type Failure = (i32, ErrorReply);

pub(crate) fn invalid(what: &str) -> Failure {
    let error = ErrorReply {
        code: "InvalidCall".into(),
        category: ErrorCategory::InvalidArgument,
        message: format!("The native library was called wrongly: {what}."),
        recommended_action: "Report this as a fault of EsgMailboxSync.".into(),
        target: None,
        exit_code: 1,
    };
    (ESGSYNC_INVALID, error)
}

pub(crate) fn failed(error: ErrorReply) -> Failure {
    let status = match error.category {
        ErrorCategory::OperationStopped => ESGSYNC_CANCELLED,
        _ => ESGSYNC_FAILED,
    };
    (status, error)
}

/// Runs `body`; a panic becomes a status and an error. Fills `reply` when it is not null.
pub(crate) fn guard(reply: *mut EsgSyncBytes, body: impl FnOnce() -> Result<Vec<u8>, Failure>) -> i32 {
    let result = catch_unwind(AssertUnwindSafe(body))
        .unwrap_or_else(|payload| Err((ESGSYNC_PANICKED, panic::describe(payload.as_ref()))));
    let (status, bytes) = match result {
        Ok(bytes) => (ESGSYNC_OK, bytes),
        Err((status, error)) => (status, serde_json::to_vec(&error).unwrap_or_default()),
    };
    // SAFETY: null or valid for a write, by the contract of every export; what was there is not read.
    if let Some(place) = unsafe { reply.as_mut() } {
        *place = into_parts(bytes);
    }
    status
}

/// Borrowed bytes of the caller.
///
/// # Safety
/// `ptr` is null or valid for `len` bytes for `'a`.
pub(crate) unsafe fn borrowed<'a>(ptr: *const u8, len: u64) -> Result<&'a [u8], Failure> {
    if len == 0 {
        return Ok(&[]);
    }
    let length = usize::try_from(len).ok().filter(|length| isize::try_from(*length).is_ok());
    match length {
        Some(length) if !ptr.is_null() => {
            // SAFETY: not null, valid for `len` bytes by contract, and no longer than isize::MAX (checked).
            Ok(unsafe { std::slice::from_raw_parts(ptr, length) })
        }
        Some(_) => Err(invalid("a pointer is null although its length is not 0")),
        None => Err(invalid("a length is impossible")),
    }
}

/// Frees what `place` owns and puts `bytes` there.
///
/// # Safety
/// The parts in `place` are `{null, 0, 0}` or come from [`into_parts`].
pub(crate) unsafe fn fill(place: &mut EsgSyncBytes, bytes: Vec<u8>) {
    let old = std::mem::replace(place, into_parts(bytes));
    if !old.ptr.is_null() {
        // SAFETY: the parts come from a Vec<u8> (contract), whose lengths fit in usize.
        drop(unsafe { Vec::from_raw_parts(old.ptr, old.len as usize, old.cap as usize) });
    }
}

fn into_parts(bytes: Vec<u8>) -> EsgSyncBytes {
    if bytes.capacity() == 0 {
        return EsgSyncBytes { ptr: std::ptr::null_mut(), len: 0, cap: 0 };
    }
    let mut bytes = std::mem::ManuallyDrop::new(bytes);
    EsgSyncBytes { ptr: bytes.as_mut_ptr(), len: bytes.len() as u64, cap: bytes.capacity() as u64 }
}
