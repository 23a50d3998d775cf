//! Errors of every part as the one error reply: what is wrong, and what to do next.

use crate::wire::{ErrorCategory, ErrorReply};
use esgsync_run::RunError;
use esgsync_run::StateError;
use esgsync_run::UndoError;
use esgsync_targets::{ErrorKind, TargetError};

/// A fault of ours.
pub(crate) fn internal(text: String) -> ErrorReply {
    new("InternalFault", ErrorCategory::NotSpecified, text, "Report this text as a fault of EsgMailboxSync.")
}

/// The module and the library do not understand each other.
pub(crate) fn invalid_request(text: &str) -> ErrorReply {
    new(
        "InvalidRequest",
        ErrorCategory::InvalidArgument,
        format!("The native library did not understand the module: {text}."),
        "Report this text as a fault of EsgMailboxSync.",
    )
}

/// The caller stopped it.
pub(crate) fn stopped() -> ErrorReply {
    new(
        "Stopped",
        ErrorCategory::OperationStopped,
        "Stopped.".into(),
        "Run the command again: it goes on where it was.",
    )
}

/// Exit code 1: could not run.
pub(crate) fn new(code: &str, category: ErrorCategory, message: String, action: &str) -> ErrorReply {
    ErrorReply { code: code.into(), category, message, recommended_action: action.into(), target: None, exit_code: 1 }
}

impl ErrorReply {
    pub(crate) fn about(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }

    pub(crate) fn exit(mut self, code: i32) -> Self {
        self.exit_code = code;
        self
    }
}

/// A failure of the client.
pub(crate) fn target(error: &TargetError) -> ErrorReply {
    if error.kind == ErrorKind::Cancelled {
        return stopped();
    }
    let category = match error.kind {
        ErrorKind::InvalidUri
        | ErrorKind::PlainHttpRefused
        | ErrorKind::InvalidSetting
        | ErrorKind::InvalidCertificateAuthority => ErrorCategory::InvalidArgument,
        ErrorKind::Unreachable | ErrorKind::CertificateNotTrusted | ErrorKind::ProxyRefused => {
            ErrorCategory::ConnectionError
        }
        ErrorKind::Timeout => ErrorCategory::OperationTimeout,
        ErrorKind::LoginFailed | ErrorKind::OneTimePasswordNeeded => ErrorCategory::AuthenticationError,
        ErrorKind::AccessDenied => ErrorCategory::PermissionDenied,
        ErrorKind::Throttled => ErrorCategory::LimitsExceeded,
        ErrorKind::IncompleteList | ErrorKind::ServerError => ErrorCategory::ResourceUnavailable,
        ErrorKind::NotTheApi | ErrorKind::Refused | ErrorKind::TooLarge | ErrorKind::Protocol => {
            ErrorCategory::InvalidResult
        }
        ErrorKind::Cancelled => ErrorCategory::OperationStopped,
    };
    new(error.code(), category, error.to_string(), error.recommended_action())
}

/// A failure of the state file. Another run that holds the lock has an exit code of its own.
pub(crate) fn state(error: &StateError) -> ErrorReply {
    let (category, exit_code) = match error {
        StateError::Locked { .. } => (ErrorCategory::ResourceBusy, 5),
        StateError::NotAState { .. } | StateError::Damaged { .. } | StateError::TooNew { .. } => {
            (ErrorCategory::InvalidData, 1)
        }
        StateError::Unusable { .. } | StateError::NetworkPath { .. } => (ErrorCategory::ResourceUnavailable, 1),
        StateError::Missing { .. } => (ErrorCategory::ObjectNotFound, 1),
        StateError::Full { .. } | StateError::Failed { .. } => (ErrorCategory::WriteError, 1),
        _ => (ErrorCategory::InvalidOperation, 1),
    };
    new(error.code(), category, error.to_string(), error.advice()).exit(exit_code)
}

/// A failure of a run.
pub(crate) fn run(error: &RunError) -> ErrorReply {
    match error {
        RunError::State(error) => state(error),
        _ => new(error.code(), ErrorCategory::InvalidOperation, error.to_string(), error.advice()),
    }
}

/// A run that cannot be taken back.
pub(crate) fn undo(error: &UndoError) -> ErrorReply {
    let category = match error {
        UndoError::State(error) => return state(error),
        UndoError::Unknown { .. } => ErrorCategory::ObjectNotFound,
        UndoError::IsUndo { .. } | UndoError::ImagesDeleted { .. } => ErrorCategory::InvalidOperation,
    };
    new(error.code(), category, error.to_string(), error.advice())
}
