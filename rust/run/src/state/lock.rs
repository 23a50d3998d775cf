//! A lock that one run or read holds: an operating-system lock, so that it ends with its process, however that ends.

use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Held until dropped.
#[derive(Debug)]
pub struct Lock {
    // The file itself stays when the lock goes: deleting it would let two runs lock two files of one name.
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing would do, but for a child process that is being started at this moment: it has our handles until it is what it shall be.
        let _ = self.file.unlock();
    }
}

impl Lock {
    /// Takes the lock of the file `of` at once or says who has it. `open` makes and opens a file beside it.
    ///
    /// The holder's text lies beside the lock (`.holder`), not in it: Windows lets nobody read a locked file.
    ///
    /// # Errors
    /// Another process has it, or it cannot be used.
    pub fn take(of: &Path, holder: &str, open: impl Fn(&Path) -> io::Result<File>) -> Result<Self, LockError> {
        let file = open(&beside(of, ".lock")).map_err(LockError::Unusable)?;
        let text = beside(of, ".holder");
        match try_for_a_moment(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                // Whoever has just locked may not have written yet.
                let known = std::fs::read_to_string(&text).unwrap_or_default();
                let known = known.trim();
                let holder = if known.is_empty() { "another process" } else { known };
                return Err(LockError::Held(holder.to_owned()));
            }
            Err(TryLockError::Error(error)) => return Err(LockError::Unusable(error)),
        }
        let mut said = open(&text).map_err(LockError::Unusable)?;
        said.set_len(0).and_then(|()| said.write_all(holder.as_bytes())).map_err(LockError::Unusable)?;
        Ok(Self { file })
    }

    /// True when somebody has the lock. What cannot be asked counts as not held.
    pub(super) fn is_held(state: &Path) -> bool {
        let Ok(file) = File::open(beside(state, ".lock")) else { return false };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }
}

/// Who only asks whether there is a lock holds it for less than a moment ([`Lock::is_held`]).
fn try_for_a_moment(file: &File) -> Result<(), TryLockError> {
    for _ in 0..5 {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(10)),
            end => return end,
        }
    }
    file.try_lock()
}

/// Why there is no lock.
#[derive(Debug)]
pub enum LockError {
    /// Another process has it: process, machine, account and since when, as it wrote that itself.
    Held(String),
    /// The lock file cannot be used.
    Unusable(io::Error),
}

fn beside(state: &Path, suffix: &str) -> PathBuf {
    let mut name = state.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
