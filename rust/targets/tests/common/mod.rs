//! What the tests of the client share: a world, and transports without a network.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses a part of it; a test may panic")]

pub mod sockets;

use esgsync_simulator::{Account, Esg, Fault, State};
use esgsync_targets::{
    CallContext, TargetError,
    esg::{Connected, Credentials, EsgClient, EsgConfig},
    transport::{Cause, Delivery, HeaderText, Request, Response, Transport, TransportError},
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

pub const PASSWORD: &str = "simulator-admin";

/// Users 1 to `n`; each tenth is functional.
pub fn world(n: u64) -> State {
    let user = |id: u64| {
        let (name, role) =
            if id.is_multiple_of(10) { (format!("Shared {id}"), 499) } else { (format!("user{id}@corp.example"), 7) };
        json!({"id": id, "username": name, "role": role, "language": null,
            "emailAddresses": [{"address": format!("user{id}@corp.example"), "active": true, "primary": true, "source": {"import": id, "note": "Büro"}}]})
    };
    State::from_json(&json!({"users": (1..=n).map(user).collect::<Vec<_>>()}).to_string()).unwrap()
}

pub fn faults(faults: Value) -> Vec<Fault> {
    serde_json::from_value(faults).unwrap()
}

pub fn config(uri: &str) -> EsgConfig {
    let credentials = Credentials { username: "admin".into(), password: PASSWORD.into() };
    EsgConfig {
        allow_http: true,
        credentials: Some(credentials),
        timeout: Duration::from_secs(20),
        ..EsgConfig::new(uri)
    }
}

pub fn unwatched() -> CallContext {
    CallContext::unwatched(CancellationToken::new())
}

/// What a transport sent, for counting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub method: &'static str,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Sent {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

fn sent(request: &Request) -> Sent {
    let text = |text: &HeaderText| match text {
        HeaderText::Plain(text) => text.clone(),
        HeaderText::Secret(secret) => secret.expose_secret().to_owned(),
    };
    let url = &request.url;
    Sent {
        method: request.method.as_str(),
        path: url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path())),
        headers: request.headers.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect(),
        body: request.body.as_ref().map(|body| String::from_utf8(body.to_vec()).unwrap()).unwrap_or_default(),
    }
}

/// The simulator's state machine as a transport: no network, so that time may be paused.
#[derive(Clone)]
pub struct Simulated {
    esg: Arc<Mutex<Esg>>,
    log: Arc<Mutex<Vec<Sent>>>,
    running: Arc<Mutex<(usize, usize)>>,
}

impl Simulated {
    pub fn new(state: State) -> Self {
        Self { esg: Arc::new(Mutex::new(Esg::new(state))), log: Arc::default(), running: Arc::default() }
    }

    pub fn esg(&self) -> MutexGuard<'_, Esg> {
        self.esg.lock().unwrap()
    }

    pub fn fault(&self, list: Value) {
        self.esg().set_faults(faults(list));
    }

    /// What was sent since the last call of this.
    pub fn take_sent(&self) -> Vec<Sent> {
        std::mem::take(&mut *self.log.lock().unwrap())
    }

    pub fn count(&self, method: &str, path: &str) -> usize {
        self.log.lock().unwrap().iter().filter(|sent| sent.method == method && sent.path.starts_with(path)).count()
    }

    /// Most calls that ran at once since the last call of this.
    pub fn take_most_running(&self) -> usize {
        std::mem::take(&mut self.running.lock().unwrap().1)
    }

    pub async fn connect(&self) -> (EsgClient<Self>, Connected) {
        self.connect_with(config("http://esg.corp.example")).await.unwrap()
    }

    pub async fn connect_with(&self, config: EsgConfig) -> Result<(EsgClient<Self>, Connected), TargetError> {
        EsgClient::connect(&config, self.clone(), &unwatched()).await
    }
}

impl Transport for Simulated {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let sent = sent(&request);
        self.log.lock().unwrap().push(sent.clone());
        {
            let mut running = self.running.lock().unwrap();
            running.0 += 1;
            running.1 = running.1.max(running.0);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
        let mut asked = esgsync_simulator::Request::new(sent.method, &sent.path).with_body(sent.body.clone());
        for (name, value) in &sent.headers {
            asked = asked.with_header(name, value);
        }
        let answer = self.esg().handle(&asked);
        tokio::time::sleep(answer.delay).await;
        self.running.lock().unwrap().0 -= 1;
        if answer.dropped {
            return Err(TransportError::new(Delivery::Unknown, Cause::Connection, "connection reset"));
        }
        let headers = answer.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
        Ok(Response { status: answer.status, headers, body: answer.body })
    }
}

type Answer = Box<dyn Fn(&Sent, usize) -> Result<Response, TransportError> + Send + Sync>;

/// Answers that a function makes up, from the request and the number of requests before it.
#[derive(Clone)]
pub struct Scripted {
    answer: Arc<Answer>,
    log: Arc<Mutex<Vec<Sent>>>,
}

impl Scripted {
    pub fn new(answer: impl Fn(&Sent, usize) -> Result<Response, TransportError> + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(Box::new(answer)), log: Arc::default() }
    }

    /// What was sent, without the request that connected.
    pub fn sent(&self) -> Vec<Sent> {
        self.log.lock().unwrap()[1..].to_vec()
    }

    /// A client with a token; the script answers what follows the connecting.
    pub async fn client(&self) -> EsgClient<Self> {
        EsgClient::connect(&token_config(), self.clone(), &unwatched()).await.unwrap().0
    }
}

impl Transport for Scripted {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let sent = sent(&request);
        let before = {
            let mut log = self.log.lock().unwrap();
            log.push(sent.clone());
            log.len() - 1
        };
        tokio::time::sleep(Duration::from_millis(1)).await;
        match before.checked_sub(1) {
            None => Ok(json_answer(200, &json!({"_links": {}}))),
            Some(before) => (self.answer)(&sent, before),
        }
    }
}

/// Gives answers in turn, then the last one for ever.
pub struct InTurn {
    answers: Mutex<Vec<Response>>,
    last: Response,
}

impl InTurn {
    pub fn new(answers: impl IntoIterator<Item = Response>, last: Response) -> Self {
        let mut answers: Vec<_> = answers.into_iter().collect();
        answers.reverse();
        Self { answers: Mutex::new(answers), last }
    }
}

impl Transport for InTurn {
    async fn send(&self, _: Request) -> Result<Response, TransportError> {
        Ok(self.answers.lock().unwrap().pop().unwrap_or_else(|| self.last.clone()))
    }
}

pub fn token_config() -> EsgConfig {
    EsgConfig { credentials: None, token: Some("tok-secret-1".into()), ..config("http://esg.corp.example") }
}

pub fn json_answer(status: u16, body: &Value) -> Response {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Response { status, headers, body: body.to_string().into_bytes() }
}

pub fn html_answer(status: u16, title: &str) -> Response {
    let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
    Response { status, headers, body: format!("<html><head><title>{title}</title></head></html>").into_bytes() }
}

/// An account with a one-time password beside the default ones.
pub fn with_otp_account(mut state: State) -> State {
    state
        .accounts
        .push(Account { otp: Some("654321".into()), ..Account::administrator("careful", "simulator-careful") });
    state
}
