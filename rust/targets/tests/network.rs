//! The client over real sockets: TLS, proxies, redirects, broken and endless answers. Loopback only.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{
    config, faults,
    sockets::{tiny, write, write_list},
    unwatched, world,
};
use esgsync_simulator::{Esg, Server, ServerOptions};
use esgsync_targets::{
    CallContext, CallLog, TargetError,
    esg::{Connected, EsgClient, EsgConfig, WriteOutcome},
    transport::{Cause, HeaderText, Method, NetworkOptions, ProxyOptions, Request, ReqwestTransport, Transport},
};
use serde_json::json;
use std::{
    io::Write,
    net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

fn serve(https: bool) -> Server {
    Server::start(Esg::new(world(420)), ServerOptions { https, ..ServerOptions::default() }).unwrap()
}

async fn open(config: &EsgConfig) -> Result<(EsgClient, Connected), TargetError> {
    EsgClient::open(config, &unwatched()).await
}

fn with_token(uri: String) -> EsgConfig {
    EsgConfig { uri, ..common::token_config() }
}

#[tokio::test]
async fn http_works_end_to_end() {
    let server = serve(false);
    let (client, connected) = open(&config(server.uri())).await.unwrap();
    assert_eq!((connected.users, connected.simulator), (Some(420), true));
    assert_eq!(client.users(&unwatched(), |_| ()).await.unwrap().len(), 420);
    let user = client.user(&unwatched(), 10).await.unwrap().unwrap();
    assert_eq!((user.username.as_str(), user.role), ("Shared 10", Some(499)));
    assert!(
        matches!(client.patch_addresses(&unwatched(), 4, &user.addresses).await, WriteOutcome::Done(user) if user.id == 4)
    );
    assert_eq!(client.delete_user(&unwatched(), 10).await, WriteOutcome::Removed);
}

#[tokio::test]
async fn https_needs_a_trusted_certificate_for_the_right_name() {
    let server = serve(true);
    let trusting = EsgConfig { allow_http: false, ca_pem: server.ca_pem().map(str::to_owned), ..config(server.uri()) };
    assert_eq!(open(&trusting).await.unwrap().1.users, Some(420));

    let calls = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&calls);
    let counting =
        CallContext::new(CancellationToken::new(), Arc::new(move |_: &CallLog| *counter.lock().unwrap() += 1));
    let error = EsgClient::open(&EsgConfig { ca_pem: None, ..trusting.clone() }, &counting).await.unwrap_err();
    assert_eq!(error.code(), "CertificateNotTrusted");
    assert!(error.text.contains("issuer is unknown"), "{error}");
    assert_eq!(*calls.lock().unwrap(), 1, "a certificate does not change by asking again");

    let port = server.uri().rsplit_once(':').unwrap().1;
    let by_name = EsgConfig { uri: format!("https://localhost:{port}"), ..trusting.clone() };
    assert_eq!(open(&by_name).await.unwrap().1.users, Some(420));

    let elsewhere = ServerOptions { address: "127.0.0.2:0".parse().unwrap(), https: true, ..ServerOptions::default() };
    let elsewhere = Server::start(Esg::new(world(1)), elsewhere).unwrap();
    let wrong_name =
        EsgConfig { uri: elsewhere.uri().to_owned(), ca_pem: elsewhere.ca_pem().map(str::to_owned), ..trusting };
    let error = open(&wrong_name).await.unwrap_err();
    assert_eq!(error.code(), "CertificateNotTrusted");
    assert!(error.text.contains("another name"), "{error}");
}

#[tokio::test]
async fn https_to_a_server_that_speaks_http_says_so() {
    let server = serve(false);
    let error = open(&config(&server.uri().replace("http:", "https:"))).await.unwrap_err();
    assert_eq!(error.code(), "Unreachable");
    assert!(error.text.contains("no TLS connection"), "{error}");
}

#[tokio::test]
async fn ipv6_loopback_works() {
    let options = ServerOptions { address: (Ipv6Addr::LOCALHOST, 0).into(), https: true, ..ServerOptions::default() };
    let server = Server::start(Esg::new(world(20)), options).unwrap();
    assert!(server.uri().starts_with("https://[::1]:"));
    let trusting = EsgConfig { ca_pem: server.ca_pem().map(str::to_owned), ..config(server.uri()) };
    assert_eq!(open(&trusting).await.unwrap().1.users, Some(20));
}

#[tokio::test]
async fn nobody_listening_is_an_error_soon() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let start = Instant::now();
    let error = open(&config(&format!("http://{free}"))).await.unwrap_err();
    assert_eq!(error.code(), "Unreachable");
    assert!(error.text.contains(&free.to_string()) && error.text.contains("refused"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_connection_that_breaks_is_survived_by_reads_and_told_by_writes() {
    let server = serve(false);
    let (client, _) = open(&config(server.uri())).await.unwrap();
    let drops = |method: &str, what: &str| faults(json!([{"on": {"method": method}, "do": what, "times": 1}]));
    for what in ["drop_before", "drop_after_commit", "garbage"] {
        server.esg().set_faults(drops("GET", what));
        assert_eq!(client.users(&unwatched(), |_| ()).await.unwrap().len(), 420, "{what}");
        server.esg().reset_log();
        server.esg().set_faults(drops("PATCH", what));
        let outcome = client.patch_addresses(&unwatched(), 4, &[]).await;
        assert!(matches!(outcome, WriteOutcome::Unsettled { .. }), "{what}: {outcome:?}");
        assert_eq!(server.esg().log().counts().writes, 1, "{what}");
    }
}

#[tokio::test]
async fn rule_44_a_timeout_of_a_write_is_unsettled() {
    let (at, _) = tiny("127.0.0.1:0", |head, stream| {
        if head.starts_with("GET") {
            write_list(stream);
        } else {
            std::thread::sleep(Duration::from_secs(5));
        }
    });
    let (client, _) =
        open(&EsgConfig { timeout: Duration::from_secs(1), ..with_token(format!("http://{at}")) }).await.unwrap();
    let start = Instant::now();
    let outcome = client.delete_user(&unwatched(), 4).await;
    assert!(matches!(&outcome, WriteOutcome::Unsettled { text } if text.contains("no answer in time")), "{outcome:?}");
    assert!(start.elapsed() < Duration::from_secs(5), "not as long as the server takes");
}

#[tokio::test]
async fn rule_48_redirects_are_not_followed() {
    let (at, heads) = tiny("127.0.0.1:0", |head, stream| match head.contains("itemsPerPage=1 ") {
        true => write_list(stream),
        false => write(
            stream,
            "301 Moved Permanently\r\nContent-Type: text/html\r\nLocation: http://127.0.0.1:1/portal",
            "<title>Moved</title>",
        ),
    });
    let (client, _) = open(&with_token(format!("http://{at}"))).await.unwrap();
    let error = client.user(&unwatched(), 4).await.unwrap_err();
    assert_eq!(error.code(), "NotTheApi");
    assert!(error.text.contains("http://127.0.0.1:1/portal"), "{error}");
    assert!(matches!(client.delete_user(&unwatched(), 4).await, WriteOutcome::Unsettled { .. }));
    assert!(matches!(client.patch_addresses(&unwatched(), 4, &[]).await, WriteOutcome::Unsettled { .. }));
    assert_eq!(heads.lock().unwrap().len(), 4, "each was sent once, and nothing else");
}

#[tokio::test]
async fn what_is_sent_is_what_the_api_wants_and_names_this_module() {
    let (at, heads) = tiny("127.0.0.1:0", |_, stream| write_list(stream));
    open(&EsgConfig { switch_user: Some("Jürgen".into()), ..with_token(format!("http://{at}")) }).await.unwrap();
    let head = heads.lock().unwrap()[0].to_lowercase();
    assert!(head.starts_with("get /api/v2/user?page=1&itemsperpage=1 http/1.1\r\n"), "{head}");
    for line in [
        "accept: application/hal+json, application/problem+json",
        "x-esg-auth-token: tok-secret-1",
        "x-switch-user: jürgen",
        "user-agent: esgmailboxsync/",
        "accept-encoding: gzip",
    ] {
        assert!(head.contains(&format!("\r\n{line}")), "{line} in {head}");
    }
    assert!(!head.contains("cookie") && !head.contains("referer") && !head.contains("authorization"), "{head}");
}

fn direct() -> NetworkOptions {
    NetworkOptions { proxy: None, ca_pem: None, timeout: Duration::from_secs(20) }
}

fn get(at: SocketAddr) -> Request {
    let url = format!("http://{at}/").parse().unwrap();
    Request { method: Method::Get, url, headers: vec![("accept", HeaderText::Plain("*/*".into()))], body: None }
}

#[tokio::test]
async fn an_endless_answer_ends_at_the_limit() {
    let (at, _) = tiny("127.0.0.1:0", |_, stream| {
        let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n");
        while stream.write_all(&[b' '; 64 * 1024]).is_ok() {}
    });
    let transport = ReqwestTransport::new(&direct()).unwrap().with_body_limit(1024 * 1024);
    let error = transport.send(get(at)).await.unwrap_err();
    assert_eq!(error.cause, Cause::TooLarge);
    assert!(error.text.contains("1 MiB"), "{error}");
}

#[tokio::test]
async fn the_limit_counts_what_comes_out_of_compression() {
    let bomb = gzip_of_zeros(8 * 1024 * 1024);
    assert!(bomb.len() < 64 * 1024);
    let (at, _) = tiny("127.0.0.1:0", move |_, stream| {
        let _ = write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            bomb.len()
        );
        let _ = stream.write_all(&bomb);
    });
    let small = ReqwestTransport::new(&direct()).unwrap().with_body_limit(1024 * 1024);
    assert_eq!(small.send(get(at)).await.unwrap_err().cause, Cause::TooLarge);
    let large = ReqwestTransport::new(&direct()).unwrap();
    assert_eq!(large.send(get(at)).await.unwrap().body.len(), 8 * 1024 * 1024, "it is a sound answer otherwise");
}

fn gzip_of_zeros(n: usize) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&vec![0; n]).unwrap();
    gzip.finish().unwrap()
}

/// `user:pass@%ß` in Base64.
const AUTHORIZATION: &str = "dXNlcjpwYXNzQCXDnw==";

/// A proxy that wants credentials: tunnels for https, answers plain requests itself.
fn proxy() -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    tiny("127.0.0.1:0", |head, stream| {
        if !head.contains(&format!("Basic {AUTHORIZATION}\r\n")) {
            return write(
                stream,
                "407 Proxy Authentication Required\r\nContent-Type: text/html\r\nProxy-Authenticate: Basic",
                "<title>407</title>",
            );
        }
        let Some(target) = head.strip_prefix("CONNECT ").and_then(|head| head.split(' ').next()) else {
            return write_list(stream);
        };
        let mut upstream = TcpStream::connect(target).unwrap();
        let _ = write!(stream, "HTTP/1.1 200 Connection established\r\n\r\n");
        let (mut from, mut to) = (stream.try_clone().unwrap(), upstream.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut from, &mut to));
        let _ = std::io::copy(&mut upstream, stream);
    })
}

fn through(at: SocketAddr, password: &str, config: EsgConfig) -> EsgConfig {
    let proxy = ProxyOptions { uri: format!("http://{at}"), credentials: Some(("user".into(), password.into())) };
    EsgConfig { proxy: Some(proxy), ..config }
}

#[tokio::test]
async fn a_proxy_with_credentials_carries_http_and_https() {
    let (at, heads) = proxy();
    let plain = through(at, "pass@%ß", with_token("http://esg.corp.example".into()));
    open(&plain).await.unwrap();
    assert!(
        heads.lock().unwrap()[0].starts_with("GET http://esg.corp.example/api/v2/user?"),
        "{:?}",
        heads.lock().unwrap()
    );

    let server = serve(true);
    let trusting = EsgConfig { ca_pem: server.ca_pem().map(str::to_owned), ..config(server.uri()) };
    let (client, _) = open(&through(at, "pass@%ß", trusting)).await.unwrap();
    assert_eq!(client.users(&unwatched(), |_| ()).await.unwrap().len(), 420);
    let heads = heads.lock().unwrap();
    assert!(heads[1..].iter().all(|head| head.starts_with("CONNECT 127.0.0.1:")), "{heads:?}");
    assert!(
        heads[1..].iter().all(|head| !head.to_lowercase().contains("x-esg-auth-token")),
        "the token stays inside the tunnel"
    );
}

#[tokio::test]
async fn a_proxy_that_refuses_is_its_own_error() {
    let (at, _) = proxy();
    for uri in ["http://esg.corp.example", "https://esg.corp.example"] {
        let error = open(&through(at, "wrong-secret", with_token(uri.into()))).await.unwrap_err();
        assert_eq!(error.code(), "ProxyRefused", "{uri}: {error}");
        assert!(!format!("{error:?}").contains("wrong-secret"));
    }
}

/// Runs itself with proxy variables set: the appliance must be asked directly all the same.
#[test]
fn proxies_of_the_environment_are_not_used() {
    const CHILD: &str = "ESGSYNC_TEST_CHILD_URI";
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if let Ok(uri) = std::env::var(CHILD) {
        let (_, connected) = runtime.block_on(open(&config(&uri))).unwrap();
        println!("child read {:?}", connected.users);
        return;
    }
    let server = serve(false);
    let (at, heads) = tiny("127.0.0.1:0", |_, stream| write_list(stream));
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["proxies_of_the_environment_are_not_used", "--exact", "--nocapture"]).env(CHILD, server.uri());
    for variable in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(variable, format!("http://{at}"));
    }
    let output = child.env_remove("NO_PROXY").env_remove("no_proxy").env_remove("REQUEST_METHOD").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("child read Some(420)"), "{text}");
    assert_eq!(*heads.lock().unwrap(), Vec::<String>::new());
}
