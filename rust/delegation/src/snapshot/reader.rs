//! Reading a snapshot in pieces that may end anywhere (design 3, 4).

use super::kind::kind_of;
use super::pool::Pool;
use super::{
    End, Header, LineCounter, Mailbox, Member, Permission, Read, Recipient, RecipientPermission, SNAPSHOT_VERSION,
    Snapshot, SnapshotError,
};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// A streaming reader: feed it the bytes of a file or of rows as they arrive, then [`Reader::finish`].
///
/// UTF-8 with or without BOM, LF or CRLF; blank lines do not count; the last line needs no newline. Unknown kinds and members
/// are ignored. A last line that is cut in the middle is no error: the snapshot is then incomplete, as one without `end` is.
#[derive(Debug, Default)]
pub struct Reader {
    /// The beginning of a line whose end has not come yet.
    rest: Vec<u8>,
    /// Lines begun so far, blank ones included: what an editor shows.
    line: u64,
    counter: LineCounter,
    pool: Pool,
    ended: bool,
    snapshot: Option<Snapshot>,
    /// Set where the rows are kept elsewhere: which trustees have been seen.
    seen: Option<HashSet<Named>>,
}

/// What of a row decides which groups are to be read.
type Named = (String, Option<String>, Arc<[String]>, Option<bool>);

impl Reader {
    /// A reader that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A reader for rows that are on disk already and may be millions: it checks and counts every line, and keeps one permission row
    /// for each trustee, which is what [`crate::resolve::groups_to_read`] needs. All other facts are complete.
    pub fn outline() -> Self {
        Self { seen: Some(HashSet::new()), ..Self::default() }
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// When a line that ends in this piece is broken; the reader is of no use afterwards.
    pub fn feed(&mut self, piece: &[u8]) -> Result<(), SnapshotError> {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            let Some(part) = part.strip_suffix(b"\n") else {
                self.rest.extend_from_slice(part);
                break;
            };
            if self.rest.is_empty() {
                self.take_line(part)?;
            } else {
                let mut line = std::mem::take(&mut self.rest);
                line.extend_from_slice(part);
                self.take_line(&line)?;
            }
        }
        Ok(())
    }

    /// The facts so far, for example to ask which groups are still to be read while a read goes on. `None` before the header.
    pub fn so_far(&self) -> Option<&Snapshot> {
        self.snapshot.as_ref()
    }

    /// The bytes so far end inside of a line: a file that ends here was cut, or lost its last newline.
    pub fn is_inside_a_line(&self) -> bool {
        !self.rest.trim_ascii().is_empty()
    }

    /// The lines counted so far.
    pub fn counter(&self) -> &LineCounter {
        &self.counter
    }

    /// The snapshot; `complete` only when its `end` line was there.
    ///
    /// # Errors
    /// When the file is empty, when its last line is whole JSON and wrong, or when a key occurs twice with different facts.
    pub fn finish(mut self) -> Result<Snapshot, SnapshotError> {
        let last = std::mem::take(&mut self.rest);
        match self.take_line(&last) {
            // No newline follows and it is not whole: the file was cut here.
            Err(SnapshotError::BrokenJson { .. } | SnapshotError::NotUtf8 { .. }) if self.snapshot.is_some() => {}
            other => other?,
        }
        let mut snapshot = self.snapshot.ok_or(SnapshotError::Empty)?;
        snapshot.complete = self.ended;
        // Rule 3: a key is unique among mailboxes and among recipients. The same line twice is harmless.
        settle("mailbox", &mut snapshot.mailboxes, |mailbox| &mailbox.key)?;
        settle("mailbox", &mut snapshot.soft_deleted, |mailbox| &mailbox.key)?;
        apart(&snapshot)?;
        settle("recipient", &mut snapshot.recipients, |recipient| &recipient.key)?;
        Ok(snapshot)
    }

    fn take_line(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.line += 1;
        let bytes = if self.line == 1 { bytes.strip_prefix(BOM).unwrap_or(bytes) } else { bytes };
        if bytes.trim_ascii().is_empty() {
            return Ok(());
        }
        let line = self.line;
        if self.ended {
            return Err(SnapshotError::AfterEnd { line });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| SnapshotError::NotUtf8 { line })?;
        match &mut self.snapshot {
            None => {
                self.snapshot = Some(first_line(text, line)?);
                self.counter.count("snapshot");
                Ok(())
            }
            Some(snapshot) => {
                let kind =
                    kind_of(text).map_err(|error| broken(&error, line))?.ok_or(SnapshotError::NoKind { line })?;
                let at = At { line, kind: &kind, text };
                match kind.as_ref() {
                    "mailbox" => {
                        let mailbox = at.parse::<Mailbox>()?;
                        match mailbox.soft_deleted {
                            Some(true) => snapshot.soft_deleted.push(mailbox),
                            _ => snapshot.mailboxes.push(mailbox),
                        }
                    }
                    "permission" => {
                        let row = self.pool.permission(at.parse::<Permission>()?);
                        if self.seen.as_mut().is_none_or(|seen| is_first(seen, &row)) {
                            snapshot.permissions.push(row);
                        }
                    }
                    "recipientPermission" => {
                        let row = at.parse::<RecipientPermission>()?;
                        snapshot.recipient_permissions.push(self.pool.recipient_permission(row));
                    }
                    "recipient" => snapshot.recipients.push(at.parse::<Recipient>()?),
                    "member" => snapshot.members.push(self.pool.member(at.parse::<Member>()?)),
                    "read" => {
                        // A part that is read again, after an error say, says so in a later line.
                        let read = at.parse::<Read>()?;
                        snapshot.reads.insert(read.subject.clone(), read);
                    }
                    "end" => {
                        check_end(&at.parse::<End>()?, &self.counter.end(), line)?;
                        self.ended = true;
                        return Ok(());
                    }
                    "snapshot" => return Err(SnapshotError::SecondHeader { line }),
                    _ => {
                        serde_json::from_str::<IgnoredAny>(text).map_err(|error| broken(&error, line))?;
                    }
                }
                self.counter.count(&kind);
                Ok(())
            }
        }
    }
}

fn is_first(seen: &mut HashSet<Named>, row: &Permission) -> bool {
    seen.insert((row.trustee.clone(), row.sid.clone(), Arc::clone(&row.rights), row.inherited))
}

/// A line that is being parsed.
struct At<'a> {
    line: u64,
    kind: &'a str,
    text: &'a str,
}

impl At<'_> {
    fn parse<T: DeserializeOwned>(&self) -> Result<T, SnapshotError> {
        serde_json::from_str(self.text).map_err(|error| self.explain::<T>(&error))
    }

    // Only on the way to an error: parses again, this time keeping track of the member.
    fn explain<T: DeserializeOwned>(&self, error: &serde_json::Error) -> SnapshotError {
        if !error.is_data() {
            return broken(error, self.line);
        }
        let mut json = serde_json::Deserializer::from_str(self.text);
        let member = match serde_path_to_error::deserialize::<_, T>(&mut json) {
            Err(error) => error.path().to_string(),
            Ok(_) => ".".to_owned(),
        };
        SnapshotError::WrongMember { line: self.line, kind: self.kind.to_owned(), member, reason: reason(error) }
    }
}

fn first_line(text: &str, line: u64) -> Result<Snapshot, SnapshotError> {
    #[derive(Deserialize)]
    struct Version {
        version: serde_json::Value,
    }
    let not = |found: String| SnapshotError::NotASnapshot { found };
    match kind_of(text) {
        Ok(Some(kind)) if kind == "snapshot" => {}
        Ok(Some(kind)) => return Err(not(format!("it is of kind {kind}"))),
        Ok(None) => return Err(not("it has no kind".to_owned())),
        Err(_) => return Err(not("it is no JSON object".to_owned())),
    }
    let at = At { line, kind: "snapshot", text };
    // The version first: the rest of a later header may look different.
    let version = at.parse::<Version>()?.version;
    if version != SNAPSHOT_VERSION {
        return Err(SnapshotError::UnsupportedVersion { found: version.to_string(), supported: SNAPSHOT_VERSION });
    }
    Ok(Snapshot::new(at.parse::<Header>()?))
}

fn check_end(stated: &End, found: &End, line: u64) -> Result<(), SnapshotError> {
    let wrong = |of_kind, stated, found| Err(SnapshotError::WrongCount { line, of_kind, stated, found });
    if stated.lines != found.lines {
        return wrong(String::new(), stated.lines, found.lines);
    }
    let found_of = |kind: &String| found.counts.get(kind).copied().unwrap_or_default();
    match stated.counts.iter().find(|(kind, count)| found_of(kind) != **count) {
        Some((kind, count)) => wrong(format!(" of kind {kind}"), *count, found_of(kind)),
        None => Ok(()),
    }
}

fn broken(error: &serde_json::Error, line: u64) -> SnapshotError {
    SnapshotError::BrokenJson { line, column: error.column(), reason: reason(error) }
}

// serde_json ends its texts with a position, and every line is its line 1.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((reason, _)) => reason.to_owned(),
        None => text,
    }
}

/// No mailbox both lives and is soft-deleted.
fn apart(snapshot: &Snapshot) -> Result<(), SnapshotError> {
    let gone: HashSet<&str> = snapshot.soft_deleted.iter().map(|mailbox| mailbox.key.as_str()).collect();
    match snapshot.mailboxes.iter().find(|mailbox| gone.contains(mailbox.key.as_str())) {
        Some(mailbox) => Err(SnapshotError::KeyTwice { kind: "mailbox", key: mailbox.key.clone() }),
        None => Ok(()),
    }
}

fn settle<T: PartialEq>(kind: &'static str, items: &mut Vec<T>, key: fn(&T) -> &String) -> Result<(), SnapshotError> {
    let mut seen: HashMap<&str, &T> = HashMap::with_capacity(items.len());
    let mut extra = Vec::new();
    for item in items.iter() {
        let first = *seen.entry(key(item)).or_insert(item);
        if first != item {
            return Err(SnapshotError::KeyTwice { kind, key: key(item).clone() });
        }
        extra.push(!std::ptr::eq(first, item));
    }
    drop(seen);
    let mut extra = extra.into_iter();
    items.retain(|_| !extra.next().unwrap_or_default());
    Ok(())
}
