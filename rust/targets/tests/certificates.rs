//! Certificates that are out of date, and host names with other letters. Loopback only.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{
    sockets::{tiny, write_list},
    token_config, unwatched,
};
use esgsync_targets::{
    TargetError,
    esg::{Connected, EsgClient, EsgConfig},
    transport::ProxyOptions,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

/// An appliance without users behind TLS, for a name and some years. Gives its address, its authority, and the server names it was asked for.
fn secure(name: &str, years: std::ops::Range<i32>) -> (SocketAddr, String, Arc<Mutex<Vec<String>>>) {
    let mut ca = CertificateParams::new([]).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let ca_key = KeyPair::generate().unwrap();
    let ca_pem = ca.self_signed(&ca_key).unwrap().pem();

    let mut server = CertificateParams::new([name.to_owned()]).unwrap();
    (server.not_before, server.not_after) = (date_time_ymd(years.start, 1, 1), date_time_ymd(years.end, 1, 1));
    let key = KeyPair::generate().unwrap();
    let certificate = server.signed_by(&key, &Issuer::new(ca, ca_key)).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let (config, names) = (Arc::new(config), Arc::new(Mutex::new(Vec::new())));

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (at, asked) = (listener.local_addr().unwrap(), Arc::clone(&names));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut tls = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream.unwrap());
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && tls.read(&mut byte).is_ok_and(|n| n == 1) {
                head.push(byte[0]);
            }
            asked.lock().unwrap().push(tls.conn.server_name().unwrap_or_default().to_owned());
            let body = r#"{"_links":{},"totalItems":0,"itemsPerPage":1}"#;
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/hal+json\r\nConnection: close";
            let _ = write!(tls, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            tls.conn.send_close_notify();
            let _ = tls.flush();
        }
    });
    (at, ca_pem, names)
}

async fn open(uri: String, ca_pem: String) -> Result<(EsgClient, Connected), TargetError> {
    EsgClient::open(&EsgConfig { uri, ca_pem: Some(ca_pem), ..token_config() }, &unwatched()).await
}

#[tokio::test]
async fn a_certificate_out_of_its_time_is_refused_with_that_reason() {
    for (years, said) in [(2001..2020, "it has expired"), (2090..2095, "it is not valid yet")] {
        let (at, ca_pem, _) = secure("127.0.0.1", years);
        let error = open(format!("https://{at}"), ca_pem).await.unwrap_err();
        assert_eq!(error.code(), "CertificateNotTrusted");
        assert!(error.text.contains(said), "{error}");
    }
    let (at, ca_pem, _) = secure("127.0.0.1", 2001..2095);
    assert_eq!(open(format!("https://{at}"), ca_pem).await.unwrap().1.users, Some(0), "the time was the only reason");
}

/// A proxy that leads every tunnel to one place, whatever name it was asked for.
fn lead_to(at: SocketAddr) -> (EsgConfig, Arc<Mutex<Vec<String>>>) {
    let (proxy, heads) = tiny("127.0.0.1:0", move |head, stream| {
        if !head.starts_with("CONNECT ") {
            return write_list(stream);
        }
        let mut upstream = TcpStream::connect(at).unwrap();
        let _ = write!(stream, "HTTP/1.1 200 Connection established\r\n\r\n");
        let (mut from, mut to) = (stream.try_clone().unwrap(), upstream.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut from, &mut to));
        let _ = std::io::copy(&mut upstream, stream);
    });
    let proxy = ProxyOptions { uri: format!("http://{proxy}"), credentials: None };
    (EsgConfig { proxy: Some(proxy), ..token_config() }, heads)
}

#[tokio::test]
async fn an_internationalised_host_name_goes_out_in_its_ascii_form_everywhere() {
    const ASCII: &str = "esg.xn--mller-kva.example";
    let (at, ca_pem, names) = secure(ASCII, 2001..2095);
    let (config, heads) = lead_to(at);
    let config = EsgConfig { ca_pem: Some(ca_pem), ..config };
    let named = |uri: &str| EsgConfig { uri: uri.into(), ..config.clone() };

    let (client, _) = EsgClient::open(&named("https://esg.Müller.example"), &unwatched()).await.unwrap();
    assert_eq!(client.base().host(), ASCII);
    assert_eq!(*names.lock().unwrap(), [ASCII], "the name in the handshake");
    EsgClient::open(&named("http://esg.müller.example"), &unwatched()).await.unwrap();
    let error = EsgClient::open(&named("https://esg.möller.example"), &unwatched()).await.unwrap_err();
    assert!(error.text.contains("another name"), "{error}");

    let heads = heads.lock().unwrap();
    assert!(heads[0].starts_with(&format!("CONNECT {ASCII}:443 ")), "{heads:?}");
    assert!(heads[1].starts_with(&format!("GET http://{ASCII}/api/v2/user?")), "{heads:?}");
    assert!(heads[1].to_lowercase().contains(&format!("\r\nhost: {ASCII}\r\n")), "{heads:?}");
}
