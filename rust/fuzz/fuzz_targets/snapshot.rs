//! Any bytes as a snapshot file, in pieces: an error, or a snapshot that resolves and whose digest does not depend on where the pieces end.
#![no_main]

use esgsync_delegation::resolve::{ResolveOptions, resolve};
use esgsync_delegation::snapshot::{Reader, Snapshot};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&size, text)) = data.split_first() else { return };
    let whole = read(text, text.len().max(1));
    let pieces = read(text, usize::from(size) + 1);
    assert_eq!(whole.is_some(), pieces.is_some(), "it is a snapshot in one piece or in none");
    if let (Some(whole), Some(pieces)) = (whole, pieces) {
        let options = ResolveOptions::default();
        let resolution = resolve(&whole, &options);
        assert_eq!(resolution.mailboxes.len(), whole.mailboxes.len());
        assert_eq!(resolution.digest(&whole), resolve(&pieces, &options).digest(&pieces));
    }
});

fn read(text: &[u8], piece: usize) -> Option<Snapshot> {
    let mut reader = Reader::new();
    for piece in text.chunks(piece) {
        reader.feed(piece).ok()?;
    }
    reader.finish().ok()
}
