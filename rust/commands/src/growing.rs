//! A snapshot whose rows arrive: they are on disk as they come, and a read that breaks off can be continued (design 4).

use crate::failure;
use crate::snapshots::{broken, read, read_from, unreadable};
use crate::wire::{CarryOverReply, ErrorCategory, ErrorReply, ResumeOptions, ResumeReply};
use esgsync_delegation::delta::{self, DeltaOptions, ForeignTenant};
use esgsync_delegation::snapshot::{Header, Permission, Read, Reader, Snapshot, SnapshotError, Unfinished};
use esgsync_run::{Lock, LockError, holder};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// A power failure costs what was read since; a process that is killed loses nothing that was fed.
const BETWEEN_SYNCS: Duration = Duration::from_secs(10);

/// Behind the name of the partial file, while a continuation has not taken over its rows yet.
const BESIDE: &str = ".new";

/// Bytes that are taken over at a time.
const PIECE: usize = 256 * 1024;

/// Rows arrive; they are written as they come.
pub(crate) struct Growing {
    reader: Reader,
    header: String,
    target: Option<Target>,
    earlier: Option<Earlier>,
}

/// A read that broke off, until its rows are taken over.
struct Earlier {
    unfinished: Unfinished,
    not_before: Timestamp,
    /// Its file ended inside of a line.
    was_cut: bool,
}

/// A file that gets its name when it is whole: until then an older one of that name stays, and what was read is beside it.
struct Target {
    path: PathBuf,
    /// `PATH.partial`, where a read that breaks off leaves its rows.
    partial: PathBuf,
    /// Made when the first rows come: a read that finds nothing must not overwrite the rows of an earlier one.
    file: Option<Open>,
    /// The rows of an earlier read are still in `partial`: what comes is written to another file until they are taken over.
    beside: bool,
    /// Two reads that write the same file would mix their rows.
    _lock: Lock,
}

struct Open {
    at: PathBuf,
    out: File,
    synced: Instant,
}

impl Growing {
    /// Begins a snapshot; with `resume`, one that continues the read that `PATH.partial` holds, if there is one.
    pub fn begin(
        mut header: Header,
        write: Option<String>,
        resume: Option<ResumeOptions>,
        cancel: &CancellationToken,
    ) -> Result<Self, ErrorReply> {
        let mut target = write.map(|path| Target::new(Path::new(&path))).transpose()?;
        let earlier = match (&target, resume) {
            (Some(target), Some(options)) => Earlier::open(&target.partial, &header, &options, cancel)?,
            _ => None,
        };
        if let (Some(earlier), Some(target)) = (&earlier, &mut target) {
            target.beside = true;
            // As old as the oldest of its rows.
            header.created = earlier
                .unfinished
                .oldest(earlier.not_before)
                .map_or(header.created, |oldest| oldest.min(header.created));
        }
        let header = line("snapshot", &header)?;
        // What is in a file need not be in memory too while a read goes on for hours.
        let mut reader = if target.is_some() { Reader::outline() } else { Reader::new() };
        reader.feed(header.as_bytes()).map_err(|error| broken(&error))?;
        Ok(Self { reader, header, target, earlier })
    }

    /// The facts so far.
    pub fn so_far(&self) -> Option<&Snapshot> {
        self.reader.so_far()
    }

    pub fn take(&mut self, data: &[u8]) -> Result<(), ErrorReply> {
        // Written first: what is wrong in it can then be looked at.
        if let Some(target) = &mut self.target {
            let file = match &mut target.file {
                Some(file) => file,
                None => target.file.insert(Open::create(target.writes_to(), &self.header)?),
            };
            file.write(data)?;
        }
        self.reader.feed(data).map_err(|error| broken(&error))
    }

    /// Takes over what an earlier read left, of the mailboxes fed so far. From then on `PATH.partial` is this read.
    pub fn resume(&mut self) -> Result<ResumeReply, ErrorReply> {
        let Some(Earlier { unfinished, not_before, was_cut }) = self.earlier.take() else {
            return Ok(ResumeReply::default());
        };
        let listed = self.reader.so_far().map_or(&[][..], |snapshot| &snapshot.mailboxes);
        let carried = unfinished.carry(listed, not_before);
        self.take_rows(&carried.permissions, &carried.reads)?;
        if let Some(target) = &mut self.target {
            target.replace_earlier()?;
        }
        Ok(ResumeReply {
            mailboxes: carried.mailboxes,
            stale: carried.stale,
            unfinished: carried.unfinished,
            vanished: carried.vanished,
            was_cut,
        })
    }

    /// Takes over from an earlier snapshot what a log names no change of.
    pub fn carry_over(&mut self, earlier: &Snapshot, options: &DeltaOptions<'_>) -> Result<CarryOverReply, ErrorReply> {
        let so_far = self.reader.so_far().ok_or_else(|| failure::internal("The snapshot has no header".into()))?;
        let carried = delta::carry_over(earlier, so_far, options).map_err(|error| foreign(&error))?;
        self.take_rows(&carried.permissions, &carried.reads)?;
        Ok(CarryOverReply {
            full: carried.full,
            mailboxes: carried.mailboxes,
            changed: carried.changed,
            new: carried.new,
            unknown: carried.unknown,
            misspelt: carried.misspelt,
        })
    }

    /// Rows of an earlier read. The line that says that those of a mailbox are all there comes after them.
    fn take_rows(&mut self, rows: &[Permission], reads: &[Read]) -> Result<(), ErrorReply> {
        let rows = rows.iter().map(|row| line("permission", row));
        let mut piece = String::new();
        for text in rows.chain(reads.iter().map(|read| line("read", read))) {
            piece += &text?;
            if piece.len() >= PIECE {
                self.take(piece.as_bytes())?;
                piece.clear();
            }
        }
        self.take(piece.as_bytes())
    }

    /// Writes the `end` line and gives the file its name.
    pub fn finish(mut self) -> Result<Finished, ErrorReply> {
        if self.earlier.is_some() {
            return Err(failure::invalid_request("the rows of the earlier read were not taken over"));
        }
        let end = format!("{}\n", self.reader.counter().end_line());
        self.take(end.as_bytes())?;
        let counts = self.reader.counter().end().counts;
        let file = self.target.map(Target::finish).transpose()?;
        let snapshot = self.reader.finish().map_err(|error| broken(&error))?;
        Ok(match file {
            Some(file) => Finished::OnDisk(Written { outline: snapshot, counts, file }),
            None => Finished::InMemory(snapshot),
        })
    }
}

/// What came of a snapshot whose rows arrived.
pub(crate) enum Finished {
    InMemory(Snapshot),
    OnDisk(Written),
}

/// A snapshot that is in its file; its rows are read from there when somebody asks for them.
pub(crate) struct Written {
    /// Everything but most permission rows ([`Reader::outline`]).
    pub outline: Snapshot,
    /// Lines by kind.
    pub counts: BTreeMap<String, u64>,
    file: WrittenFile,
}

/// Open, so that it stays the same file when another takes its name.
struct WrittenFile {
    path: PathBuf,
    open: File,
    length: u64,
}

impl Written {
    pub fn path(&self) -> String {
        self.file.path.display().to_string()
    }

    /// All of it.
    pub fn read(&self) -> Result<Snapshot, ErrorReply> {
        let WrittenFile { path, open, length } = &self.file;
        let about = |error: ErrorReply| error.about(path.display().to_string());
        let mut file = open.try_clone().map_err(|error| unreadable(path, &error))?;
        file.rewind().map_err(|error| unreadable(path, &error))?;
        let snapshot = read_from(&mut file, path, &CancellationToken::new())?;
        if file.metadata().map(|found| found.len()).ok() != Some(*length) {
            return Err(about(changed(path)));
        }
        snapshot.finish().map_err(|error| about(broken(&error)))
    }
}

impl Earlier {
    /// `None` when there is no such file, or nothing was written to it yet.
    fn open(
        partial: &Path,
        now: &Header,
        options: &ResumeOptions,
        cancel: &CancellationToken,
    ) -> Result<Option<Self>, ErrorReply> {
        if !partial.exists() {
            return Ok(None);
        }
        let about = |error: ErrorReply| error.about(partial.display().to_string());
        let reader = read(partial, cancel)?;
        let was_cut = reader.is_inside_a_line();
        if reader.so_far().is_none() {
            // Killed while the first line was written.
            return Ok(None);
        }
        let unfinished = Unfinished::new(reader.finish().map_err(|error| about(broken(&error)))?);
        unfinished.check(now).map_err(|error| about(other_options(partial, &error)))?;
        let age = SignedDuration::try_from_secs_f64(options.max_age_seconds).unwrap_or(SignedDuration::MAX);
        let not_before = now.created.checked_sub(age).unwrap_or(Timestamp::MIN);
        Ok(Some(Self { unfinished, not_before, was_cut }))
    }
}

impl Target {
    fn new(path: &Path) -> Result<Self, ErrorReply> {
        let open = |at: &Path| OpenOptions::new().write(true).create(true).truncate(false).open(at);
        let lock = Lock::take(path, &holder(None, None), open).map_err(|error| match error {
            LockError::Held(holder) => in_use(path, &holder),
            LockError::Unusable(error) => not_written(path, &error),
        })?;
        let partial = with_suffix(path, ".partial");
        Ok(Self { path: path.to_owned(), partial, file: None, beside: false, _lock: lock })
    }

    fn writes_to(&self) -> PathBuf {
        match self.beside {
            true => with_suffix(&self.partial, BESIDE),
            false => self.partial.clone(),
        }
    }

    /// The rows of the earlier read are in the new file as well: it takes the place of the old one.
    fn replace_earlier(&mut self) -> Result<(), ErrorReply> {
        let Some(file) = self.file.as_mut().filter(|_| self.beside) else { return Ok(()) };
        file.sync()?;
        fs::rename(&file.at, &self.partial).map_err(|error| not_written(&self.partial, &error))?;
        file.at.clone_from(&self.partial);
        self.beside = false;
        Ok(())
    }

    fn finish(mut self) -> Result<WrittenFile, ErrorReply> {
        let failed = |error: std::io::Error| not_written(&self.path, &error);
        if let Some(mut file) = self.file.take() {
            file.sync()?;
            fs::rename(&file.at, &self.path).map_err(failed)?;
            // What a continuation left that was killed before it had taken over anything.
            let _ = fs::remove_file(with_suffix(&self.partial, BESIDE));
        }
        let open = File::open(&self.path).map_err(failed)?;
        let length = open.metadata().map_err(failed)?.len();
        Ok(WrittenFile { path: self.path.clone(), open, length })
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // A continuation that broke off before it had the earlier rows: those are where they were, and are all that counts.
        if let Some(file) = self.file.take().filter(|_| self.beside) {
            let _ = fs::remove_file(&file.at);
        }
    }
}

impl Open {
    fn create(at: PathBuf, header: &str) -> Result<Self, ErrorReply> {
        let out = File::create(&at).map_err(|error| not_written(&at, &error))?;
        let mut file = Self { at, out, synced: Instant::now() };
        file.write(header.as_bytes())?;
        Ok(file)
    }

    fn write(&mut self, data: &[u8]) -> Result<(), ErrorReply> {
        self.out.write_all(data).map_err(|error| not_written(&self.at, &error))?;
        if self.synced.elapsed() < BETWEEN_SYNCS { Ok(()) } else { self.sync() }
    }

    fn sync(&mut self) -> Result<(), ErrorReply> {
        self.synced = Instant::now();
        self.out.sync_all().map_err(|error| not_written(&self.at, &error))
    }
}

/// A line of a snapshot, `kind` first.
fn line<T: Serialize>(kind: &str, members: &T) -> Result<String, ErrorReply> {
    #[derive(Serialize)]
    struct Line<'a, T> {
        kind: &'a str,
        #[serde(flatten)]
        members: &'a T,
    }
    let text = serde_json::to_string(&Line { kind, members }).map_err(|error| failure::internal(error.to_string()))?;
    Ok(text + "\n")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn other_options(partial: &Path, error: &SnapshotError) -> ErrorReply {
    failure::new(
        "ResumeMismatch",
        ErrorCategory::InvalidOperation,
        format!("The read in {} cannot be continued: {error}.", partial.display()),
        "Give the options that it was begun with, or another -Path. Without -Resume it is read from the beginning, and what is there is lost.",
    )
}

fn foreign(error: &ForeignTenant) -> ErrorReply {
    failure::new(
        "SnapshotsOfDifferentTenants",
        ErrorCategory::InvalidArgument,
        format!("Nothing can be carried over: {error}."),
        "Give a snapshot of this tenant to -Since, or leave it out to read everything.",
    )
}

fn changed(path: &Path) -> ErrorReply {
    failure::new(
        "SnapshotChanged",
        ErrorCategory::InvalidData,
        format!("The snapshot {} was changed after it was written.", path.display()),
        "Read it with Import-MailboxDelegation -Path if the change was meant; otherwise read Exchange again.",
    )
}

fn in_use(path: &Path, holder: &str) -> ErrorReply {
    failure::new(
        "SnapshotInUse",
        ErrorCategory::ResourceBusy,
        format!("The snapshot {} is being written by {holder}.", path.display()),
        "Wait for that read to end, or give another -Path.",
    )
    .about(path.display().to_string())
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
