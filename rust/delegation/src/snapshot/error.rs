//! What can be wrong with a snapshot file. Every text says what to do next.

use thiserror::Error;

/// A file that is no snapshot, or a broken one. Line numbers count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// Nothing was read.
    #[error("the snapshot is empty: make it with Export-MailboxDelegation, or check the path")]
    Empty,

    /// The first line is something else.
    #[error(
        "line 1 is no snapshot header ({found}): give a file that Export-MailboxDelegation wrote; its first line has \"kind\":\"snapshot\""
    )]
    NotASnapshot {
        /// What is there instead.
        found: String,
    },

    /// A later format.
    #[error(
        "the snapshot has version {found}, this product reads version {supported}: install the version that wrote it, or export again"
    )]
    UnsupportedVersion {
        /// The version of the file.
        found: String,
        /// The version that is read here.
        supported: u32,
    },

    /// Bytes that are no UTF-8.
    #[error(
        "line {line} is not UTF-8: save the file as UTF-8 (Out-File of Windows PowerShell writes UTF-16; use the file as it was exported)"
    )]
    NotUtf8 {
        /// The line.
        line: u64,
    },

    /// Text that is no JSON.
    #[error("line {line} is broken JSON at column {column} ({reason}): export again, or restore the line")]
    BrokenJson {
        /// The line.
        line: u64,
        /// The column, in bytes from 1.
        column: usize,
        /// What the parser says.
        reason: String,
    },

    /// JSON without a `kind`.
    #[error(
        "line {line} has no \"kind\": every line of a snapshot is a JSON object with a \"kind\" text; remove the line or export again"
    )]
    NoKind {
        /// The line.
        line: u64,
    },

    /// A member that is missing or has another type.
    #[error("line {line} (kind {kind}), member {member}: {reason}; correct the value, or export again")]
    WrongMember {
        /// The line.
        line: u64,
        /// The kind of line.
        kind: String,
        /// Path of the member; `.` for the line as a whole.
        member: String,
        /// What is wrong with it.
        reason: String,
    },

    /// A second header.
    #[error(
        "line {line} is a second snapshot header: pass several files to Import-MailboxDelegation -Path instead of joining them"
    )]
    SecondHeader {
        /// The line.
        line: u64,
    },

    /// Something follows `end`.
    #[error("line {line} follows the end line: something was appended to the file; remove it or export again")]
    AfterEnd {
        /// The line.
        line: u64,
    },

    /// Lines are missing or too many.
    #[error(
        "the end line (line {line}) counts {stated} lines{of_kind}, the file has {found}: lines were lost or added; export again"
    )]
    WrongCount {
        /// The line.
        line: u64,
        /// Empty, or which kind is counted.
        of_kind: String,
        /// The number that the end line states.
        stated: u64,
        /// The number of lines that are there.
        found: u64,
    },

    /// Two lines with one key that say different things (rule 3).
    #[error("two {kind} lines with the key {key} differ: a key is unique; remove one of them or export again")]
    KeyTwice {
        /// The kind of line.
        kind: &'static str,
        /// The key.
        key: String,
    },

    /// Files that do not belong together.
    #[error("the files cannot be imported as one: {what} differs ({left} and {right}); import them one by one")]
    CannotMerge {
        /// What differs.
        what: &'static str,
        /// In one file.
        left: String,
        /// In the other.
        right: String,
    },

    /// A broken read that cannot be continued as this one.
    #[error("it was read with other options: {what} ({earlier}, now {now})")]
    OtherOptions {
        /// What differs.
        what: &'static str,
        /// In the broken read.
        earlier: String,
        /// In the read that was to continue it.
        now: String,
    },
}
