//! The dispatcher: one engine a process, any number of calls at once.

use crate::connection::Connections;
use crate::context::{Context, EventSender};
use crate::failure;
use crate::outside::Outside;
use crate::snapshots::Snapshots;
use crate::wire::{ErrorReply, Method};
use crate::{compare, connection, delegations, history, invoke, planning, report, settings, undo};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

/// Events that may wait for the calling thread. Small: what is not taken yet is not read yet.
const EVENTS_IN_FLIGHT: usize = 16;

/// Connections, snapshots and the threads that serve them.
///
/// A call runs on a thread of its own and blocks its caller, who delivers the events meanwhile: a cmdlet may write to its pipeline from there.
pub struct Engine {
    // An Option only so that Drop can end it with a time limit.
    runtime: Option<tokio::runtime::Runtime>,
    shared: Arc<Shared>,
}

/// What all calls share.
#[derive(Default)]
pub(crate) struct Shared {
    pub connections: Connections,
    pub snapshots: Snapshots,
    pub outside: Outside,
    /// Absent where the system has none.
    pub unprotect: Option<Unprotect>,
}

/// Opens what the system protects for an account (DPAPI). Unsafe code is at home in the crate of the C ABI only, so it comes from there.
pub type Unprotect = fn(&[u8]) -> std::io::Result<Zeroizing<Vec<u8>>>;

type Answer = Result<Vec<u8>, ErrorReply>;
type Handling = Pin<Box<dyn Future<Output = Answer>>>;

impl Engine {
    /// Opens an engine with two worker threads; each call adds one of its own.
    ///
    /// # Errors
    /// When the system refuses threads.
    pub fn open() -> Result<Self, ErrorReply> {
        Self::open_with(None)
    }

    /// As [`Engine::open`], on a system that protects data for an account.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub fn open_with(unprotect: Option<Unprotect>) -> Result<Self, ErrorReply> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("esgmailboxsync")
            .enable_all()
            .build()
            .map_err(|error| failure::internal(format!("Threads could not be started: {error}")))?;
        Ok(Self { runtime: Some(runtime), shared: Arc::new(Shared { unprotect, ..Shared::default() }) })
    }

    /// Runs a method and hands its events to `deliver` on this thread: kind and JSON array. When `deliver` returns false the call is stopped.
    ///
    /// # Errors
    /// As the method; category `OperationStopped` when it was stopped.
    pub fn call(
        &self,
        method: u32,
        request: &[u8],
        cancel: &CancellationToken,
        deliver: &mut dyn FnMut(u32, &[u8]) -> bool,
    ) -> Result<Vec<u8>, ErrorReply> {
        let method = Method::from_number(method)
            .ok_or_else(|| failure::invalid_request(&format!("there is no method {method}")))?;
        // A child: a callback that ends this call must not end others that share the caller's cancellation.
        let cancel = cancel.child_token();
        let (sender, mut events) = tokio::sync::mpsc::channel(EVENTS_IN_FLIGHT);
        let context =
            Context { shared: Arc::clone(&self.shared), cancel: cancel.clone(), events: EventSender::new(sender) };
        let start = dispatch(method, request)?;
        let runtime = self.runtime()?;
        let handle = runtime.handle().clone();
        // A thread of the blocking pool: SQLite and resolution may block there, while the workers serve the network.
        let task = runtime.spawn_blocking(move || handle.block_on(start(context)));
        while let Some(event) = events.blocking_recv() {
            let bytes = event.to_json().map_err(|error| failure::internal(error.to_string()))?;
            if !deliver(event.kind() as u32, &bytes) {
                cancel.cancel();
                break;
            }
        }
        drop(events);
        match runtime.block_on(task) {
            Ok(Err(_)) | Ok(Ok(_)) if cancel.is_cancelled() && method != Method::InvokePlan => Err(failure::stopped()),
            Ok(answer) => answer,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(error) => Err(failure::internal(error.to_string())),
            },
        }
    }

    /// Opens a snapshot: reads files, or begins a new one. Gives its number.
    ///
    /// # Errors
    /// When a file cannot be read or written, or is no snapshot.
    pub fn open_snapshot(&self, request: &[u8], cancel: &CancellationToken) -> Result<u64, ErrorReply> {
        self.shared.snapshots.open(parse(request)?, cancel)
    }

    /// Takes a piece of JSON lines; a piece may end anywhere.
    ///
    /// # Errors
    /// When a line is wrong, with its number, or the file cannot be written.
    pub fn feed_snapshot(&self, snapshot: u64, data: &[u8]) -> Result<(), ErrorReply> {
        self.shared.snapshots.feed(snapshot, data)
    }

    /// Forgets a snapshot.
    pub fn close_snapshot(&self, snapshot: u64) {
        self.shared.snapshots.close(snapshot);
    }

    fn runtime(&self) -> Result<&tokio::runtime::Runtime, ErrorReply> {
        self.runtime.as_ref().ok_or_else(|| failure::internal("The engine is closed".into()))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(2));
        }
    }
}

/// Parses the request now, on the caller's thread, so that borrowed bytes (they may hold a secret) are not copied; gives what runs.
fn dispatch(method: Method, request: &[u8]) -> Result<Box<dyn FnOnce(Context) -> Handling + Send>, ErrorReply> {
    match method {
        Method::Connect => handle(request, connection::connect),
        Method::Disconnect => handle(request, connection::disconnect),
        Method::GetUsers => handle(request, connection::get_users),
        Method::GetSnapshot => handle(request, delegations::get_snapshot),
        Method::FinishSnapshot => handle(request, delegations::finish_snapshot),
        Method::GetGroupsToRead => handle(request, delegations::get_groups_to_read),
        Method::GetDelegations => handle(request, delegations::get_delegations),
        Method::NewPlan => handle(request, planning::new_plan),
        Method::ReadPlan => handle(request, planning::read_plan),
        Method::InvokePlan => handle(request, invoke::invoke_plan),
        Method::CompareSnapshots => handle(request, compare::compare_snapshots),
        Method::CarryOver => handle(request, delegations::carry_over),
        Method::ResumeSnapshot => handle(request, delegations::resume_snapshot),
        Method::GetRuns => handle(request, history::get_runs),
        Method::NewUndoPlan => handle(request, undo::new_undo_plan),
        Method::ExportReport => handle(request, report::export_report),
        Method::ReadConfiguration => handle(request, settings::read_configuration),
        Method::GetStateFile => handle(request, settings::get_state_file),
        Method::ReadProtected => handle(request, settings::read_protected),
    }
}

fn handle<Request, Reply, Run, Work>(
    request: &[u8],
    run: Run,
) -> Result<Box<dyn FnOnce(Context) -> Handling + Send>, ErrorReply>
where
    Request: DeserializeOwned + Send + 'static,
    Reply: Serialize,
    Run: FnOnce(Context, Request) -> Work + Send + 'static,
    Work: Future<Output = Result<Reply, ErrorReply>> + 'static,
{
    let request: Request = parse(request)?;
    Ok(Box::new(move |context| {
        Box::pin(async move {
            let events = context.events.clone();
            let reply = run(context, request).await;
            // Nobody takes them after a stop; then they are nobody's loss.
            let _ = events.flush().await;
            let reply = reply?;
            serde_json::to_vec(&reply).map_err(|error| failure::internal(error.to_string()))
        })
    }))
}

fn parse<Request: DeserializeOwned>(request: &[u8]) -> Result<Request, ErrorReply> {
    let mut reader = serde_json::Deserializer::from_slice(request);
    // Only the place is told, never the text: it may be a secret.
    serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| failure::invalid_request(&format!("the request is wrong at '{}'", error.path())))
}
