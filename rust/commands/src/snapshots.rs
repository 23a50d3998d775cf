//! Snapshots that the module has open: files that were read, or rows that arrive.

use crate::failure;
use crate::growing::{Finished, Growing, Written};
use crate::wire::{CarryOverReply, CarryOverRequest, ErrorCategory, ErrorReply, OpenSnapshotRequest, ResumeReply};
use esgsync_delegation::delta::DeltaOptions;
use esgsync_delegation::snapshot::{Reader, Snapshot, SnapshotError, merge};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;

/// Bytes that are read from a file at a time.
const PIECE: usize = 256 * 1024;

/// Open snapshots by number.
#[derive(Default)]
pub(crate) struct Snapshots {
    last: AtomicU64,
    open: Mutex<HashMap<u64, Arc<Mutex<Slot>>>>,
}

/// One snapshot.
enum Slot {
    Growing(Box<Growing>),
    Ready {
        snapshot: Arc<Snapshot>,
        paths: Vec<String>,
    },
    /// Finished, and in its file: nobody has asked for its rows yet.
    OnDisk(Box<Written>),
    /// A line was wrong or the file could not be written: nothing more can come of it.
    Failed,
}

impl Snapshots {
    pub fn open(&self, request: OpenSnapshotRequest, cancel: &CancellationToken) -> Result<u64, ErrorReply> {
        let slot = match request.header {
            Some(header) => Slot::Growing(Box::new(Growing::begin(header, request.write, request.resume, cancel)?)),
            None if request.read.is_empty() => {
                return Err(failure::invalid_request("a snapshot needs a header, or files to read"));
            }
            None => {
                let read = request.read.iter().map(|path| read_file(Path::new(path), cancel));
                let snapshots = read.collect::<Result<Vec<_>, _>>()?;
                let snapshot = merge(snapshots).map_err(|error| broken(&error).about(request.read.join(", ")))?;
                Slot::Ready { snapshot: Arc::new(snapshot), paths: request.read }
            }
        };
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        lock(&self.open).insert(number, Arc::new(Mutex::new(slot)));
        Ok(number)
    }

    /// A snapshot that is there already.
    #[cfg(test)]
    pub fn put(&self, snapshot: Snapshot) -> u64 {
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let slot = Slot::Ready { snapshot: Arc::new(snapshot), paths: Vec::new() };
        lock(&self.open).insert(number, Arc::new(Mutex::new(slot)));
        number
    }

    pub fn feed(&self, number: u64, data: &[u8]) -> Result<(), ErrorReply> {
        let slot = self.slot(number)?;
        let mut slot = lock(&slot);
        let Slot::Growing(growing) = &mut *slot else {
            return Err(failure::invalid_request(&format!("snapshot {number} takes no more rows")));
        };
        growing.take(data).inspect_err(|_| *slot = Slot::Failed)
    }

    /// Takes over from a read that broke off what need not be asked for again.
    pub fn resume(&self, number: u64) -> Result<ResumeReply, ErrorReply> {
        let slot = self.slot(number)?;
        let mut slot = lock(&slot);
        let Slot::Growing(growing) = &mut *slot else {
            return Err(failure::invalid_request(&format!("snapshot {number} takes no more rows")));
        };
        growing.resume().inspect_err(|_| *slot = Slot::Failed)
    }

    /// Takes over from an earlier snapshot what need not be asked for again.
    pub fn carry_over(&self, request: &CarryOverRequest, now: Timestamp) -> Result<CarryOverReply, ErrorReply> {
        let (earlier, _) = self.ready(request.earlier)?;
        let slot = self.slot(request.snapshot)?;
        let mut slot = lock(&slot);
        let Slot::Growing(growing) = &mut *slot else {
            return Err(failure::invalid_request(&format!("snapshot {} takes no more rows", request.snapshot)));
        };
        let full_every = SignedDuration::try_from_secs_f64(request.full_every_seconds).unwrap_or(SignedDuration::MAX);
        let options = DeltaOptions { changed: &request.changed, reread: &request.reread, full_every, now };
        growing.carry_over(&earlier, &options).inspect_err(|_| *slot = Slot::Failed)
    }

    /// Writes the `end` line, gives the file its name, and makes the snapshot ready.
    pub fn finish(&self, number: u64) -> Result<(), ErrorReply> {
        let slot = self.slot(number)?;
        let mut slot = lock(&slot);
        match std::mem::replace(&mut *slot, Slot::Failed) {
            Slot::Growing(growing) => {
                *slot = match growing.finish()? {
                    Finished::InMemory(snapshot) => Slot::Ready { snapshot: Arc::new(snapshot), paths: Vec::new() },
                    Finished::OnDisk(written) => Slot::OnDisk(Box::new(written)),
                };
                Ok(())
            }
            other => {
                *slot = other;
                Err(failure::invalid_request(&format!("snapshot {number} is finished already")))
            }
        }
    }

    /// A finished snapshot, and the files it lies in.
    pub fn ready(&self, number: u64) -> Result<(Arc<Snapshot>, Vec<String>), ErrorReply> {
        let slot = self.slot(number)?;
        let mut slot = lock(&slot);
        if let Slot::OnDisk(written) = &*slot {
            *slot = Slot::Ready { snapshot: Arc::new(written.read()?), paths: vec![written.path()] };
        }
        match &*slot {
            Slot::Ready { snapshot, paths } => Ok((Arc::clone(snapshot), paths.clone())),
            _ => Err(failure::invalid_request(&format!("snapshot {number} is not finished"))),
        }
    }

    /// Looks at a snapshot, finished or not, beside the number of its permission rows, which it need not have (`Reader::outline`), and its files.
    pub fn outline<T>(
        &self,
        number: u64,
        look: impl FnOnce(&Snapshot, u64, Vec<String>) -> T,
    ) -> Result<T, ErrorReply> {
        let slot = self.slot(number)?;
        if let Slot::OnDisk(written) = &*lock(&slot) {
            let permissions = written.counts.get("permission").copied().unwrap_or_default();
            return Ok(look(&written.outline, permissions, vec![written.path()]));
        }
        let (snapshot, paths) = self.ready(number)?;
        Ok(look(&snapshot, snapshot.permissions.len() as u64, paths))
    }

    /// Looks at a snapshot, finished or not.
    pub fn look<T>(&self, number: u64, look: impl FnOnce(&Snapshot) -> T) -> Result<T, ErrorReply> {
        let slot = self.slot(number)?;
        match &*lock(&slot) {
            Slot::Ready { snapshot, .. } => Ok(look(snapshot)),
            Slot::OnDisk(written) => Ok(look(&written.outline)),
            Slot::Growing(growing) => {
                growing.so_far().map(look).ok_or_else(|| failure::internal("The snapshot has no header".into()))
            }
            Slot::Failed => Err(failure::invalid_request(&format!("snapshot {number} has failed"))),
        }
    }

    pub fn close(&self, number: u64) {
        lock(&self.open).remove(&number);
    }

    fn slot(&self, number: u64) -> Result<Arc<Mutex<Slot>>, ErrorReply> {
        let open = lock(&self.open);
        open.get(&number).cloned().ok_or_else(|| {
            failure::new(
                "SnapshotClosed",
                ErrorCategory::ObjectNotFound,
                "This snapshot is not open in this session.".into(),
                "Read it again with Import-MailboxDelegation -Path.",
            )
        })
    }
}

fn read_file(path: &Path, cancel: &CancellationToken) -> Result<Snapshot, ErrorReply> {
    read(path, cancel)?.finish().map_err(|error| broken(&error).about(path.display().to_string()))
}

/// Feeds a file to a reader.
pub(crate) fn read(path: &Path, cancel: &CancellationToken) -> Result<Reader, ErrorReply> {
    let mut file = File::open(path).map_err(|error| unreadable(path, &error))?;
    read_from(&mut file, path, cancel)
}

/// Feeds an open file to a reader, from where it is; `path` is for errors.
pub(crate) fn read_from(file: &mut File, path: &Path, cancel: &CancellationToken) -> Result<Reader, ErrorReply> {
    let mut reader = Reader::new();
    let mut piece = vec![0; PIECE];
    loop {
        if cancel.is_cancelled() {
            return Err(failure::stopped());
        }
        let count = file.read(&mut piece).map_err(|error| unreadable(path, &error))?;
        if count == 0 {
            break;
        }
        reader.feed(&piece[..count]).map_err(|error| broken(&error).about(path.display().to_string()))?;
    }
    Ok(reader)
}

pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> ErrorReply {
    let category = match error.kind() {
        std::io::ErrorKind::NotFound => ErrorCategory::ObjectNotFound,
        std::io::ErrorKind::PermissionDenied => ErrorCategory::PermissionDenied,
        _ => ErrorCategory::ReadError,
    };
    let text = format!("The snapshot {} cannot be read: {error}.", path.display());
    failure::new("SnapshotUnreadable", category, text, "Check the path, and that this account may read the file.")
        .about(path.display().to_string())
}

// The texts of SnapshotError say what to do themselves.
pub(crate) fn broken(error: &SnapshotError) -> ErrorReply {
    failure::new(
        "SnapshotBroken",
        ErrorCategory::InvalidData,
        format!("The snapshot cannot be used: {error}."),
        "Nothing was changed. Correct the file or read Exchange again with Export-MailboxDelegation.",
    )
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is guarded is whole between statements; a panic elsewhere does not make it worse.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
