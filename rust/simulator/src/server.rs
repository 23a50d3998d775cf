//! The appliance behind HTTP or HTTPS.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::certificate::Identity;
use crate::message::{Request, Response};
use crate::{Esg, control};

/// The largest body that is read, in bytes.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// How the appliance is served.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Where to listen; port 0 takes a free one.
    pub address: SocketAddr,
    /// HTTPS, with a certificate made at start.
    pub https: bool,
    /// How long every answer takes.
    pub latency: Duration,
    /// A file for one JSON line for each request: method, path, status.
    pub log: Option<PathBuf>,
    /// A file that gets the state after each change.
    pub state_out: Option<PathBuf>,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            https: false,
            latency: Duration::ZERO,
            log: None,
            state_out: None,
        }
    }
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be used, or a thread not started.
    #[error("cannot listen: {0}")]
    Listen(std::io::Error),
    /// The file for the request log cannot be made.
    #[error("cannot open {path}: {error}")]
    Log {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The certificate cannot be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The TLS set-up was refused.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// A running server. It ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    uri: String,
    ca_pem: Option<String>,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server on a thread of its own; it listens when this returns.
    ///
    /// # Errors
    /// The address is taken, or a certificate or the log file cannot be made.
    pub fn start(mut esg: Esg, options: ServerOptions) -> Result<Self, StartError> {
        let identity = options.https.then(Identity::new).transpose()?;
        let log = match &options.log {
            None => None,
            Some(path) => Some(File::create(path).map_err(|error| StartError::Log { path: path.clone(), error })?),
        };
        let listener = TcpListener::bind(options.address).map_err(StartError::Listen)?;
        listener.set_nonblocking(true).map_err(StartError::Listen)?;
        let address = listener.local_addr().map_err(StartError::Listen)?;
        let scheme = if options.https { "https" } else { "http" };

        esg.scheme = scheme;
        let shared = Arc::new(Shared {
            esg: Mutex::new(esg),
            answered: Mutex::default(),
            log: log.map(Mutex::new),
            latency: options.latency,
            state_out: options.state_out,
        });
        let serving = Arc::clone(&shared);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(StartError::Listen)?;
        let (stop, stopped) = oneshot::channel();
        let (ca_pem, acceptor) = match identity {
            Some(identity) => (Some(identity.ca_pem), Some(TlsAcceptor::from(identity.config))),
            None => (None, None),
        };
        let thread = std::thread::Builder::new()
            .name("esg-simulator".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    // Both ends of the channel mean the same here: leave, which drops all connections.
                    tokio::spawn(accept(listener, acceptor, serving));
                    let _ = stopped.await;
                });
            })
            .map_err(StartError::Listen)?;
        Ok(Self { uri: format!("{scheme}://{address}"), ca_pem, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens, for example `http://127.0.0.1:4711`.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The certificate of the authority to trust, in PEM; `None` without HTTPS.
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// The appliance itself. Requests wait while this is held.
    pub fn esg(&self) -> MutexGuard<'_, Esg> {
        lock(&self.shared.esg)
    }

    /// How many answers went out by now, by method and path, for example `PATCH /api/v2/user/6`. A request that is in the
    /// log and not here was carried out, and its answer is still delayed, or its caller went away.
    pub fn answered(&self) -> BTreeMap<String, u64> {
        lock(&self.shared.answered).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // It may have ended by itself.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What all connections share.
#[derive(Debug)]
struct Shared {
    esg: Mutex<Esg>,
    answered: Mutex<BTreeMap<String, u64>>,
    log: Option<Mutex<File>>,
    latency: Duration,
    state_out: Option<PathBuf>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, acceptor: Option<TlsAcceptor>, shared: Arc<Shared>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            // Out of file handles, for example: give others time to close some.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let (acceptor, shared) = (acceptor.clone(), Arc::clone(&shared));
        tokio::spawn(async move {
            match acceptor {
                None => serve(stream, peer, shared).await,
                // A caller that does not trust the certificate ends the handshake; nothing is left to do then.
                Some(acceptor) => {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        serve(stream, peer, shared).await;
                    }
                }
            }
        });
    }
}

async fn serve<S>(stream: S, peer: SocketAddr, shared: Arc<Shared>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let service = service_fn(|request| answer(request, peer, Arc::clone(&shared)));
    // The errors are callers that went away, and connections that a fault rule closed.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// The reason to close a connection without an answer.
#[derive(Debug, thiserror::Error)]
enum Closed {
    #[error("a fault rule closes the connection")]
    Fault,
    #[error("the answer is no HTTP: {0}")]
    Answer(#[from] hyper::http::Error),
}

async fn answer(
    request: hyper::Request<Incoming>,
    peer: SocketAddr,
    shared: Arc<Shared>,
) -> Result<hyper::Response<Full<Bytes>>, Closed> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
        return deliver(Response::new(413));
    };
    let request = Request {
        method: parts.method.to_string(),
        target: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes());
                (name.to_string(), value.into_owned())
            })
            .collect(),
        body: body.to_bytes().into(),
    };
    let steers = request.path().starts_with(control::PREFIX);
    if steers && !may_steer(peer.ip()) {
        return deliver(Response::new(404));
    }
    let response = shared.handle(&request, steers);
    tokio::time::sleep(shared.latency + response.delay).await;
    if !steers && !response.dropped {
        *lock(&shared.answered).entry(format!("{} {}", request.method, request.path())).or_default() += 1;
    }
    deliver(response)
}

/// Only the own machine steers, also where its address comes in the shape of IPv6.
fn may_steer(peer: IpAddr) -> bool {
    peer.to_canonical().is_loopback()
}

impl Shared {
    fn handle(&self, request: &Request, steers: bool) -> Response {
        let mut esg = lock(&self.esg);
        let before = esg.revision();
        let mut response = esg.handle(request);
        let offset = esg.state().options.clock_offset_seconds;
        if offset != 0 {
            let date = now_plus(SystemTime::now(), offset);
            response.headers.push(("Date".into(), httpdate::fmt_http_date(date)));
        }
        if let (Some(log), false) = (&self.log, steers)
            && let Some(Ok(line)) = esg.log().entries().last().map(serde_json::to_string)
        {
            // A full disk must not change what the appliance answers.
            let _ = writeln!(lock(log), "{line}");
        }
        if let Some(path) = &self.state_out
            && esg.revision() != before
        {
            let _ = write_whole(path, &esg.state().to_json());
        }
        response
    }
}

fn now_plus(now: SystemTime, seconds: i64) -> SystemTime {
    let offset = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { now - offset } else { now + offset }
}

/// Writes a file so that a reader sees the old text or the new one, never a part.
///
/// # Errors
/// What the system said.
pub fn write_whole(path: &std::path::Path, text: &str) -> std::io::Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    std::fs::write(&part, text)?;
    std::fs::rename(&part, path)
}

fn deliver(response: Response) -> Result<hyper::Response<Full<Bytes>>, Closed> {
    if response.dropped {
        return Err(Closed::Fault);
    }
    let mut builder = hyper::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    Ok(builder.body(Full::new(Bytes::from(response.body)))?)
}

#[cfg(test)]
mod tests {
    use super::may_steer;

    #[test]
    fn only_the_own_machine_steers() {
        for (peer, steers) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("192.0.2.1", false),
            ("2001:db8::1", false),
        ] {
            assert_eq!(may_steer(peer.parse().unwrap()), steers, "{peer}");
        }
    }
}
