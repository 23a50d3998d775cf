//! The one error reply, and the table that C# makes ErrorRecords from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Category of PowerShell's ErrorRecord; the names are those of `System.Management.Automation.ErrorCategory`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ErrorCategory {
    /// Wrong credentials.
    AuthenticationError,
    /// Not allowed.
    PermissionDenied,
    /// No such thing.
    ObjectNotFound,
    /// Something else holds it.
    ResourceBusy,
    /// Cannot be used now.
    ResourceUnavailable,
    /// Too many calls.
    LimitsExceeded,
    /// Network.
    ConnectionError,
    /// Took too long.
    OperationTimeout,
    /// Bad argument.
    InvalidArgument,
    /// Bad file or rows.
    InvalidData,
    /// Does not fit the state of things.
    InvalidOperation,
    /// The other side answered what it should not.
    InvalidResult,
    /// Stopped by the caller.
    OperationStopped,
    /// Reading a file.
    ReadError,
    /// Writing a file.
    WriteError,
    /// A fault of this product.
    NotSpecified,
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErrorReply {
    /// Stable PascalCase name: becomes the FullyQualifiedErrorId.
    pub code: String,
    /// Category.
    pub category: ErrorCategory,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub recommended_action: String,
    /// What it is about: a path, a URI, a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Exit code for a task (design 10): 1 could not run, 3 an expectation was refused, 5 another run holds the lock.
    pub exit_code: i32,
}
