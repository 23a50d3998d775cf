//! Snapshots that the module has open: files that were read, or rows that arrive.

use crate::failure;
use crate::wire::{ErrorCategory, ErrorReply, OpenSnapshotRequest};
use esgsync_delegation::snapshot::{Header, Reader, Snapshot, SnapshotError, merge};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
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
    /// A line was wrong or the file could not be written: nothing more can come of it.
    Failed,
}

/// Rows arrive; they are written as they come.
struct Growing {
    reader: Reader,
    file: Option<GrowingFile>,
}

/// A file that gets its name when it is whole: until then an older one of that name stays, and what was read stays beside it.
struct GrowingFile {
    path: PathBuf,
    partial: PathBuf,
    out: BufWriter<File>,
}

impl Snapshots {
    pub fn open(&self, request: OpenSnapshotRequest, cancel: &CancellationToken) -> Result<u64, ErrorReply> {
        let slot = match request.header {
            Some(header) => Slot::Growing(Box::new(Growing::begin(&header, request.write)?)),
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

    pub fn feed(&self, number: u64, data: &[u8]) -> Result<(), ErrorReply> {
        let slot = self.slot(number)?;
        let mut slot = lock(&slot);
        let Slot::Growing(growing) = &mut *slot else {
            return Err(failure::invalid_request(&format!("snapshot {number} takes no more rows")));
        };
        growing.take(data).inspect_err(|_| *slot = Slot::Failed)
    }

    /// Writes the `end` line, gives the file its name, and makes the snapshot ready.
    pub fn finish(&self, number: u64) -> Result<(), ErrorReply> {
        let slot = self.slot(number)?;
        let mut slot = lock(&slot);
        match std::mem::replace(&mut *slot, Slot::Failed) {
            Slot::Growing(growing) => {
                let (snapshot, paths) = growing.finish()?;
                *slot = Slot::Ready { snapshot: Arc::new(snapshot), paths };
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
        match &*lock(&slot) {
            Slot::Ready { snapshot, paths } => Ok((Arc::clone(snapshot), paths.clone())),
            _ => Err(failure::invalid_request(&format!("snapshot {number} is not finished"))),
        }
    }

    /// Looks at a snapshot, finished or not.
    pub fn look<T>(&self, number: u64, look: impl FnOnce(&Snapshot) -> T) -> Result<T, ErrorReply> {
        let slot = self.slot(number)?;
        match &*lock(&slot) {
            Slot::Ready { snapshot, .. } => Ok(look(snapshot)),
            Slot::Growing(growing) => {
                growing.reader.so_far().map(look).ok_or_else(|| failure::internal("The snapshot has no header".into()))
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

impl Growing {
    fn begin(header: &Header, write: Option<String>) -> Result<Self, ErrorReply> {
        let mut value = serde_json::to_value(header).map_err(|error| failure::internal(error.to_string()))?;
        let mut line = serde_json::Map::new();
        line.insert("kind".into(), "snapshot".into());
        if let Some(members) = value.as_object_mut() {
            line.append(members);
        }
        let line = format!("{}\n", serde_json::Value::Object(line));
        let file = write.map(|path| GrowingFile::create(Path::new(&path))).transpose()?;
        let mut growing = Self { reader: Reader::new(), file };
        growing.take(line.as_bytes())?;
        Ok(growing)
    }

    fn take(&mut self, data: &[u8]) -> Result<(), ErrorReply> {
        // Written first: what is wrong in it can then be looked at.
        if let Some(file) = &mut self.file {
            file.out.write_all(data).map_err(|error| not_written(&file.partial, &error))?;
        }
        self.reader.feed(data).map_err(|error| broken(&error))
    }

    fn finish(mut self) -> Result<(Snapshot, Vec<String>), ErrorReply> {
        let end = format!("{}\n", self.reader.counter().end_line());
        self.take(end.as_bytes())?;
        let paths = match self.file {
            Some(file) => vec![file.finish()?],
            None => Vec::new(),
        };
        let snapshot = self.reader.finish().map_err(|error| broken(&error))?;
        Ok((snapshot, paths))
    }
}

impl GrowingFile {
    fn create(path: &Path) -> Result<Self, ErrorReply> {
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = File::create(&partial).map_err(|error| not_written(&partial, &error))?;
        Ok(Self { path: path.to_owned(), partial, out: BufWriter::with_capacity(PIECE, file) })
    }

    fn finish(self) -> Result<String, ErrorReply> {
        let written = self.out.into_inner().map_err(|error| error.into_error()).and_then(|file| file.sync_all());
        written
            .and_then(|()| fs::rename(&self.partial, &self.path))
            .map_err(|error| not_written(&self.path, &error))?;
        Ok(self.path.display().to_string())
    }
}

fn read_file(path: &Path, cancel: &CancellationToken) -> Result<Snapshot, ErrorReply> {
    let unreadable = |error: &std::io::Error| {
        let category = match error.kind() {
            std::io::ErrorKind::NotFound => ErrorCategory::ObjectNotFound,
            std::io::ErrorKind::PermissionDenied => ErrorCategory::PermissionDenied,
            _ => ErrorCategory::ReadError,
        };
        let action = "Check the path, and that this account may read the file.";
        failure::new(
            "SnapshotUnreadable",
            category,
            format!("The snapshot {} cannot be read: {error}.", path.display()),
            action,
        )
        .about(path.display().to_string())
    };
    let mut file = File::open(path).map_err(|error| unreadable(&error))?;
    let mut reader = Reader::new();
    let mut piece = vec![0; PIECE];
    loop {
        if cancel.is_cancelled() {
            return Err(failure::stopped());
        }
        let count = file.read(&mut piece).map_err(|error| unreadable(&error))?;
        if count == 0 {
            break;
        }
        reader.feed(&piece[..count]).map_err(|error| broken(&error).about(path.display().to_string()))?;
    }
    reader.finish().map_err(|error| broken(&error).about(path.display().to_string()))
}

// The texts of SnapshotError say what to do themselves.
fn broken(error: &SnapshotError) -> ErrorReply {
    failure::new(
        "SnapshotBroken",
        ErrorCategory::InvalidData,
        format!("The snapshot cannot be used: {error}."),
        "Nothing was changed. Correct the file or read Exchange again with Export-MailboxDelegation.",
    )
}

fn not_written(path: &Path, error: &std::io::Error) -> ErrorReply {
    let category = match error.kind() {
        std::io::ErrorKind::PermissionDenied => ErrorCategory::PermissionDenied,
        std::io::ErrorKind::NotFound => ErrorCategory::ObjectNotFound,
        _ => ErrorCategory::WriteError,
    };
    let text = format!("The snapshot {} cannot be written: {error}.", path.display());
    failure::new(
        "SnapshotNotWritten",
        category,
        text,
        "Give -Path in a folder that exists and that this account may write to.",
    )
    .about(path.display().to_string())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is guarded is whole between statements; a panic elsewhere does not make it worse.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
