//! A panic prints nothing into the admin's console; its place becomes part of the error.

use esgsync_commands::wire::{ErrorCategory, ErrorReply};
use std::any::Any;
use std::cell::RefCell;
use std::sync::Once;

thread_local! {
    // Where the last panic of this thread was; taken when it is described.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Replaces the hook that prints; once a process. The hook belongs to this library's own copy of std.
pub(crate) fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let place = info.location().map(|location| format!("{}:{}", location.file(), location.line()));
            PLACE.with(|slot| *slot.borrow_mut() = place);
        }));
    });
}

/// The error for a panic that was caught on this thread.
pub(crate) fn describe(payload: &(dyn Any + Send)) -> ErrorReply {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no text".into());
    let place = PLACE.with(|slot| slot.borrow_mut().take()).unwrap_or_else(|| "an unknown place".into());
    ErrorReply {
        code: "InternalFault".into(),
        category: ErrorCategory::NotSpecified,
        message: format!("A fault in the native library at {place}: {text}"),
        recommended_action: "Nothing more was sent. Report this text; the next run reads what is there and goes on."
            .into(),
        target: None,
        exit_code: 1,
    }
}
