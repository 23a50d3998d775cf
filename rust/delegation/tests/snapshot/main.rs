//! The snapshot reader, merging, and the published schema.
#![allow(clippy::unwrap_used, clippy::panic)] // Also in the helpers of tests: a broken test world is a failed test.

mod merging;
mod reading;
mod resuming;
mod schema;

use esgsync_delegation::snapshot::{Reader, Snapshot, SnapshotError};

const SMALL: &str = include_str!("../../../../tests/tenants/small/snapshot.jsonl");

fn read(text: impl AsRef<[u8]>) -> Result<Snapshot, SnapshotError> {
    let mut reader = Reader::new();
    reader.feed(text.as_ref())?;
    reader.finish()
}
