//! What a caller gives along with each call: how to stop it, and who watches.

use crate::{error::TargetError, transport::Method};
use std::{fmt, future::Future, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// One exchange with a target, for verbose output. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallLog {
    /// Method.
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// HTTP status; absent when nothing answered.
    pub status: Option<u16>,
    /// Duration in milliseconds.
    pub millis: u64,
    /// Number of the attempt, from 1.
    pub attempt: u32,
    /// What the server or the network said, where it was no success.
    pub text: Option<String>,
    /// How long the call waits before its next attempt, where it does.
    pub wait: Option<Duration>,
}

/// Watches calls. Called on the worker that made the call: it must not block.
pub trait Observer: Send + Sync {
    /// An exchange ended.
    fn called(&self, call: &CallLog);
}

impl<F: Fn(&CallLog) + Send + Sync> Observer for F {
    fn called(&self, call: &CallLog) {
        self(call);
    }
}

/// How to stop a call, and who watches it.
#[derive(Clone)]
pub struct CallContext {
    /// Stops the call: nothing new is sent, reads end at once, a write in flight is given a moment to finish (design 8).
    pub cancel: CancellationToken,
    /// Watches every exchange.
    pub observer: Arc<dyn Observer>,
}

impl CallContext {
    /// A context with an observer.
    pub fn new(cancel: CancellationToken, observer: Arc<dyn Observer>) -> Self {
        Self { cancel, observer }
    }

    /// A context that nobody watches.
    pub fn unwatched(cancel: CancellationToken) -> Self {
        Self::new(cancel, Arc::new(|_: &CallLog| ()))
    }

    /// Waits for something, unless the caller stops it first.
    pub(crate) async fn or_cancelled<F: Future>(&self, work: F) -> Result<F::Output, TargetError> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(TargetError::cancelled()),
            output = work => Ok(output),
        }
    }
}

impl fmt::Debug for CallContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallContext").field("cancelled", &self.cancel.is_cancelled()).finish_non_exhaustive()
    }
}
