//! The dispatcher: one engine a process, any number of calls at once.

use crate::wire::ErrorReply;
use tokio_util::sync::CancellationToken;

/// Connections, snapshots and the threads that serve them.
pub struct Engine {
    runtime: tokio::runtime::Runtime,
}

impl Engine {
    /// Opens an engine with two worker threads.
    ///
    /// # Errors
    /// When the system refuses threads.
    pub fn open() -> Result<Self, ErrorReply> {
        todo!()
    }
    /// x
    pub fn call(
        &self,
        _method: u32,
        _request: &[u8],
        _cancel: &CancellationToken,
        _deliver: &mut dyn FnMut(u32, &[u8]) -> bool,
    ) -> Result<Vec<u8>, ErrorReply> {
        let _ = &self.runtime;
        todo!()
    }
    /// x
    pub fn open_snapshot(&self, _request: &[u8], _cancel: &CancellationToken) -> Result<u64, ErrorReply> {
        todo!()
    }
    /// x
    pub fn feed_snapshot(&self, _snapshot: u64, _data: &[u8]) -> Result<(), ErrorReply> {
        todo!()
    }
    /// x
    pub fn close_snapshot(&self, _snapshot: u64) {
        todo!()
    }
}
