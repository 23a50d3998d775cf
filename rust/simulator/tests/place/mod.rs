//! Where a test of a listening simulator has its files, and where the simulator is.

use std::path::PathBuf;

/// A folder of its own below the folder of the build.
pub fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Host and port of a URI.
pub fn address(uri: &str) -> &str {
    uri.split_once("://").unwrap().1
}
