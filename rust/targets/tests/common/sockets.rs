//! Servers that answer what no appliance answers.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

const EMPTY_LIST: &str = r#"{"_links":{},"totalItems":0,"itemsPerPage":1}"#;

/// A server that reads the head of each request, and answers what a function writes. Gives its address and the heads that it read.
pub fn tiny(
    address: &str,
    answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static,
) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind(address).unwrap();
    let (at, heads) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
    let (log, answer) = (Arc::clone(&heads), Arc::new(answer));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, log, answer) = (stream.unwrap(), Arc::clone(&log), Arc::clone(&answer));
            std::thread::spawn(move || {
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
                    head.push(byte[0]);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                log.lock().unwrap().push(head.clone());
                answer(&head, &mut stream);
            });
        }
    });
    (at, heads)
}

pub fn write(stream: &mut TcpStream, head: &str, body: &str) {
    // The client may be gone already.
    let _ = write!(stream, "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
}

pub fn write_list(stream: &mut TcpStream) {
    write(stream, "200 OK\r\nContent-Type: application/hal+json", EMPTY_LIST);
}
