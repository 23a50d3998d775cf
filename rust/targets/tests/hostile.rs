//! Servers that stop answering, answer what is no HTTP, or answer for ever: each exchange ends by itself (esg 13.1).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{
    sockets::{tiny, write, write_list},
    token_config, unwatched,
};
use esgsync_targets::{
    esg::{EsgClient, EsgConfig, WriteOutcome},
    transport::{Cause, Delivery, Method, NetworkOptions, Request, ReqwestTransport, Transport, TransportError},
};
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

const TIMEOUT: Duration = Duration::from_secs(1);
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";

/// What one GET meets there, and after how long.
async fn meet(answer: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> (TransportError, Duration) {
    let (at, _) = tiny("127.0.0.1:0", move |_, stream| answer(stream));
    let transport = ReqwestTransport::new(&NetworkOptions { proxy: None, ca_pem: None, timeout: TIMEOUT }).unwrap();
    let url = format!("http://{at}/").parse().unwrap();
    let start = Instant::now();
    let answer = transport.send(Request { method: Method::Get, url, headers: vec![], body: None }).await;
    (answer.unwrap_err(), start.elapsed())
}

/// Writes a piece again and again, until nobody reads any more.
fn for_ever(stream: &mut TcpStream, piece: &[u8], pause: Duration) {
    while stream.write_all(piece).is_ok() {
        std::thread::sleep(pause);
    }
}

#[tokio::test]
async fn a_server_that_stops_answering_ends_at_the_timeout() {
    let silent = |stream: &mut TcpStream| drop(stream.read(&mut [0]));
    let slow = Duration::from_millis(50);
    let head_drips = move |stream: &mut TcpStream| {
        let _ = stream.write_all(HEAD).and_then(|()| stream.write_all(b"X-More: "));
        for_ever(stream, b"x", slow);
    };
    let body_drips = move |stream: &mut TcpStream| {
        let _ = stream.write_all(HEAD).and_then(|()| stream.write_all(b"\r\n"));
        for_ever(stream, b" ", slow);
    };
    let silent_body = |stream: &mut TcpStream| {
        let _ = stream.write_all(HEAD).and_then(|()| stream.write_all(b"Content-Length: 9\r\n\r\n{"));
        let _ = stream.read(&mut [0]);
    };
    let continues = move |stream: &mut TcpStream| for_ever(stream, b"HTTP/1.1 100 Continue\r\n\r\n", slow);
    for (what, (error, took)) in [
        ("silent", meet(silent).await),
        ("the head drips", meet(head_drips).await),
        ("the body drips", meet(body_drips).await),
        ("the body stops", meet(silent_body).await),
        ("it says 100 for ever", meet(continues).await),
    ] {
        assert_eq!((error.cause, error.delivery), (Cause::Timeout, Delivery::Unknown), "{what}: {error}");
        assert!(took >= TIMEOUT && took < 3 * TIMEOUT, "{what}: {took:?}");
    }
}

#[tokio::test]
async fn what_is_no_http_says_so_at_once() {
    let says = |bytes: &'static [u8]| move |stream: &mut TcpStream| drop(stream.write_all(bytes));
    let endless_head = |stream: &mut TcpStream| {
        let _ = stream.write_all(HEAD);
        for_ever(stream, format!("X-More: {}\r\n", "x".repeat(8192)).as_bytes(), Duration::ZERO);
    };
    let endless_line = |stream: &mut TcpStream| {
        let _ = stream.write_all(HEAD);
        let _ = stream.write_all(b"X-More: ");
        for_ever(stream, &[b'x'; 8192], Duration::ZERO);
    };
    let many_lines = |stream: &mut TcpStream| {
        let _ = stream.write_all(HEAD);
        for_ever(stream, b"a: b\r\n", Duration::ZERO);
    };
    for (what, (error, took)) in [
        ("another protocol", meet(says(b"SSH-2.0-OpenSSH_9.6\r\n")).await),
        ("bytes", meet(says(b"\x00\x15\x03\x01\xff\xfe\r\n\r\n")).await),
        ("no length", meet(says(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}")).await),
        ("a head without end", meet(endless_head).await),
        ("a line without end", meet(endless_line).await),
        ("lines without end", meet(many_lines).await),
    ] {
        assert_eq!((error.cause, error.delivery), (Cause::NotHttp, Delivery::Unknown), "{what}: {error}");
        assert_eq!(error.cause.error_kind().code(), "NotTheApi");
        assert!(error.text.starts_with("what answers speaks no HTTP ("), "{what}: {error}");
        assert!(took < TIMEOUT, "{what}: {took:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_or_whose_compression_is_broken_is_no_answer() {
    let cut = |stream: &mut TcpStream| {
        let _ = stream.write_all(HEAD).and_then(|()| stream.write_all(b"Content-Length: 9\r\n\r\n{}"));
    };
    let broken = |stream: &mut TcpStream| {
        let _ = stream.write_all(HEAD);
        let _ = stream.write_all(b"Content-Encoding: gzip\r\nContent-Length: 12\r\n\r\nno gzip, no!");
    };
    let (error, _) = meet(cut).await;
    assert_eq!((error.cause, error.delivery), (Cause::Answer, Delivery::Unknown), "{error}");
    let (error, _) = meet(broken).await;
    assert_eq!((error.cause, error.delivery), (Cause::Answer, Delivery::Unknown), "{error}");
}

/// Whatever a server does to a write: it is sent once, and what became of it is open (rule 44).
#[tokio::test]
async fn rule_44_a_write_to_a_server_that_makes_no_sense_is_sent_once_and_unsettled() {
    let (at, heads) = tiny("127.0.0.1:0", |head, stream| match head.split_once(' ').unwrap().0 {
        "GET" => write_list(stream),
        "PATCH" => drop(stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n")),
        _ => for_ever(stream, b"HTTP/1.1 100 Continue\r\n\r\n", Duration::from_millis(50)),
    });
    let config = EsgConfig { uri: format!("http://{at}"), timeout: TIMEOUT, ..token_config() };
    let (client, _) = EsgClient::open(&config, &unwatched()).await.unwrap();
    let patched = client.patch_addresses(&unwatched(), 4, &[]).await;
    assert!(matches!(&patched, WriteOutcome::Unsettled { text } if text.contains("no HTTP")), "{patched:?}");
    let deleted = client.delete_user(&unwatched(), 4).await;
    assert!(matches!(&deleted, WriteOutcome::Unsettled { text } if text.contains("in time")), "{deleted:?}");
    assert_eq!(heads.lock().unwrap().len(), 3);
}

/// A connection that somebody keeps writing to is not used for the next request.
#[tokio::test]
async fn an_answer_that_nobody_asked_for_is_not_taken_for_the_next_one() {
    let (at, _) = tiny("127.0.0.1:0", |head, stream| {
        if head.contains("itemsPerPage=1 ") {
            let body = r#"{"_links":{},"totalItems":0,"itemsPerPage":1}"#;
            let kind = "Content-Type: application/hal+json";
            let one = format!("HTTP/1.1 200 OK\r\n{kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            let two = r#"{"id":4,"username":"planted"}"#;
            let two = format!("HTTP/1.1 200 OK\r\n{kind}\r\nContent-Length: {}\r\n\r\n{two}", two.len());
            let _ = stream.write_all(format!("{one}{two}").as_bytes());
            let _ = stream.read(&mut [0]);
        } else {
            write(stream, "200 OK\r\nContent-Type: application/json", r#"{"id":4,"username":"real"}"#);
        }
    });
    let config = EsgConfig { uri: format!("http://{at}"), timeout: TIMEOUT, ..token_config() };
    let (client, _) = EsgClient::open(&config, &unwatched()).await.unwrap();
    let user = client.user(&unwatched(), 4).await.unwrap().unwrap();
    assert_eq!(user.username, "real");
}
