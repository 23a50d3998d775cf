//! Each way in which a state file cannot be used: what is so, and what to do (design 8). There is never a second file elsewhere.

use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};

/// Why a state file cannot be used. The text names the file; [`StateError::advice`] says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// SQLite over a network file system loses data: its locks are not dependable there.
    #[error("The state file '{}' is on a network path.", .path.display())]
    NetworkPath {
        /// The file.
        path: PathBuf,
    },
    /// The file, or its folder, cannot be created, opened, read or written.
    #[error("The state file '{}'{} cannot be used by {account}: {reason}.", .path.display(), owned(owner.as_deref()))]
    Unusable {
        /// The file.
        path: PathBuf,
        /// The owner of the file, or of the folder nearest to it that exists.
        owner: Option<String>,
        /// The account that tried.
        account: String,
        /// What the system said.
        reason: String,
    },
    /// Not a SQLite database, or one of another program.
    #[error("The file '{}' is not a state file of this product: {reason}.", .path.display())]
    NotAState {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// SQLite found damage.
    #[error("The state file '{}' is damaged: {reason}.", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The first fault.
        reason: String,
    },
    /// Another run holds the lock.
    #[error("The state file '{}' is in use by {holder}.", .path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// Process, machine, account and since when, as the holder wrote it.
        holder: String,
    },
    /// Made by a newer version of the product.
    #[error("The state file '{}' has format {found}, and this version knows formats up to {known}.", .path.display())]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Format of the file.
        found: i64,
        /// Newest known format.
        known: i64,
    },
    /// The file serves a target of another name or system.
    #[error("The state file '{}' belongs to the {recorded}, not to the {asked}.", .path.display())]
    OtherTarget {
        /// The file.
        path: PathBuf,
        /// System and name in the file.
        recorded: String,
        /// System and name of the connection.
        asked: String,
    },
    /// The target of that name was another host so far.
    #[error("The target '{name}' is the host {recorded} in the state file '{}', and the connection goes to {asked}.", .path.display())]
    HostDiffers {
        /// The file.
        path: PathBuf,
        /// Name of the target.
        name: String,
        /// Host in the file.
        recorded: String,
        /// Host of the connection.
        asked: String,
    },
    /// A file made with the simulator never serves anything else, nor the other way round.
    #[error("The state file '{}' was made {}, and the connection is {}.", .path.display(), made(*.recorded), is(!*.recorded))]
    SimulatorMixed {
        /// The file.
        path: PathBuf,
        /// The file was made with the simulator.
        recorded: bool,
    },
    /// There is no such file: no plan was made for that target with that folder.
    #[error("There is no state file '{}'.", .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The disk, or the quota of the account, has no room for what must be journalled.
    #[error("The state file '{}' cannot grow: the disk is full.", .path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// A change was asked of a state that was opened with [`super::Mode::Read`].
    #[error("The state file '{}' was opened for reading only.", .path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// SQLite or the disk failed while the file was in use.
    #[error("The state file '{}' could not be read or written: {reason}.", .path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },
}

impl StateError {
    /// Stable name of the error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NetworkPath { .. } => "StateOnNetworkPath",
            Self::Unusable { .. } => "StateUnusable",
            Self::NotAState { .. } => "StateNotAState",
            Self::Damaged { .. } => "StateDamaged",
            Self::Locked { .. } => "StateLocked",
            Self::TooNew { .. } => "StateTooNew",
            Self::OtherTarget { .. } => "StateOtherTarget",
            Self::HostDiffers { .. } => "StateHostDiffers",
            Self::SimulatorMixed { .. } => "StateSimulatorMixed",
            Self::Missing { .. } => "StateMissing",
            Self::Full { .. } => "StateFull",
            Self::ReadOnly { .. } => "StateReadOnly",
            Self::Failed { .. } => "StateFailed",
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NetworkPath { .. } => "Name a folder on a local disk with -StatePath.",
            Self::Unusable { .. } => {
                "Run as the account that made the file, give this account read and write access to the file and its folder, or name \
                 another folder with -StatePath. What is managed is known only to the file that the earlier runs used."
            }
            Self::NotAState { .. } => "Name the right file or folder with -StatePath, or move this file away.",
            Self::Damaged { .. } => {
                "Put back a copy from a backup. Without one, move the file away, connect again and make a plan with -AdoptExisting: it \
                 takes over the aliases that are there and justified."
            }
            Self::Locked { .. } => {
                "Wait until that run has ended, or end that process; then run the same command again."
            }
            Self::TooNew { .. } => "Install the newest version of the module; older ones do not touch this file.",
            Self::OtherTarget { .. } => {
                "Connect with the -Name that the file was made for, or name another folder with -StatePath."
            }
            Self::HostDiffers { .. } => {
                "Connect with -Rebind when it is the same appliance under another address; otherwise give the connection another -Name."
            }
            Self::SimulatorMixed { .. } => "Give the connection another -Name, or another folder with -StatePath.",
            Self::Missing { .. } => {
                "Name the target with -Target and its folder with -StatePath. The file is made by the first New-EsgPlan."
            }
            Self::Full { .. } => {
                "Free space on that disk; then run the same command again: it reads first and finishes the run. Nothing was sent that the \
                 file could not note."
            }
            Self::ReadOnly { .. } => "Open the state for writing.",
            Self::Failed { .. } => {
                "Check the space and the health of that disk; then run the same command again: it finishes the run."
            }
        }
    }

    pub(super) fn sqlite(path: &Path, error: rusqlite::Error) -> Self {
        let (path, reason) = (path.to_owned(), error.to_string());
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotAState { path, reason },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { path, reason },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            _ => Self::Failed { path, reason },
        }
    }

    pub(crate) fn failed(path: &Path, source: impl std::fmt::Display) -> Self {
        Self::Failed { path: path.to_owned(), reason: source.to_string() }
    }
}

fn owned(owner: Option<&str>) -> String {
    owner.map(|owner| format!(" (owner: {owner})")).unwrap_or_default()
}

fn made(simulator: bool) -> &'static str {
    if simulator { "with the simulator" } else { "with a real appliance" }
}

fn is(simulator: bool) -> &'static str {
    if simulator { "the simulator" } else { "a real appliance" }
}
