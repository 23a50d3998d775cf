//! The network between the client and the simulated appliance: every exchange is on its way for some time, and may meet its fate.

use super::coverage::{Coverage, FAULT};
use super::dice::{Dice, Place};
use super::fate::{Fate, Hint, Way};
use super::ledger::{Ledger, item_of};
use super::sabotage::Sabotage;
use super::switches::Switches;
use super::world::Truth;
use super::{ONE_TIME_PASSWORD, PASSWORD, PLANTED};
use esgsync_simulator::{Action, Esg, Fault, Match, Request as Asked, Response as Answer};
use esgsync_targets::transport::{Cause, Delivery, HeaderText, Request, Response, TransportError};
use secrecy::ExposeSecret;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

/// The longest that the client waits for an answer.
pub(super) const TIMEOUT: Duration = Duration::from_secs(20);
/// More exchanges than any phase of so small a world needs.
const MOST_EXCHANGES: u32 = 1_000;

type Outcome = Result<Response, TransportError>;

/// Everything that a schedule is about.
pub(super) struct World {
    pub dice: Dice,
    pub sabotage: Sabotage,
    pub switches: Switches,
    pub truth: Truth,
    pub esg: Esg,
    pub ledger: Ledger,
    pub phase: u16,
    pub nth: u32,
    /// How rarely something happens to an exchange; none: the phase is quiet.
    pub storm: Option<u32>,
    /// Requests that are still on their way to the appliance.
    pub in_flight: u32,
    pub coverage: Coverage,
    /// What happened, by place.
    pub fired: Vec<(Place, String)>,
    pub faults: u64,
    pub writes: u64,
    /// How often somebody else added or removed a user.
    pub counts_users: u64,
    /// The first invariant that broke.
    pub broken: Option<String>,
    pub trace: Option<Vec<String>>,
    pub began: Instant,
    old_reads: HashMap<u64, Response>,
    edits_when_served: HashMap<u64, u64>,
    /// The exchange that is with the appliance.
    arriving: (u16, u32),
    patched: Vec<u64>,
}

/// The transport of a simulated connection.
#[derive(Clone)]
pub(crate) struct Network(pub(super) Arc<Mutex<World>>);

impl World {
    pub fn new(dice: Dice, sabotage: Sabotage, switches: Switches, truth: Truth, esg: Esg, traced: bool) -> Self {
        Self {
            dice,
            sabotage,
            switches,
            truth,
            esg,
            ledger: Ledger::default(),
            phase: 0,
            nth: 0,
            storm: None,
            in_flight: 0,
            coverage: Coverage::default(),
            fired: Vec::new(),
            faults: 0,
            writes: 0,
            counts_users: 0,
            broken: None,
            trace: traced.then(Vec::new),
            began: Instant::now(),
            old_reads: HashMap::new(),
            edits_when_served: HashMap::new(),
            arriving: (0, 0),
            patched: Vec::new(),
        }
    }

    pub fn note(&mut self, line: String) {
        let at = self.began.elapsed().as_secs_f64();
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{at:>9.3} {line}"));
        }
    }

    /// Keeps the first thing that is wrong.
    pub fn check(&mut self, verdict: Result<(), String>) {
        if let Err(text) = verdict {
            self.note(format!("   BROKEN {text}"));
            self.broken.get_or_insert(text);
        }
    }

    /// A phase begins: an invocation, or a plan.
    pub fn begin(&mut self, storm: Option<u32>) {
        self.phase += 1;
        self.nth = 0;
        self.storm = storm;
        self.ledger.begin();
        self.old_reads.clear();
        self.patched.clear();
        let phase = self.phase;
        self.note(format!("-- phase {phase}{}", if storm.is_some() { "" } else { ", quiet" }));
    }

    /// A request leaves the client.
    fn departs(&mut self, request: &Request) -> (Asked, Way, (u16, u32)) {
        self.nth += 1;
        let place = Place::Exchange { phase: self.phase, nth: self.nth };
        let mut asked = convert(request);
        self.spoil(&mut asked);
        let way = Way::draw(&self.dice, place, self.storm, &asked);
        let what = format!("{} {}", asked.method, asked.target);
        if way.fate == Fate::Clean {
            self.note(what);
        } else {
            let fate = way.fate.name();
            self.note(format!("{what}: {:?}", way.fate));
            self.faults += 1;
            self.coverage.count(FAULT, &fate);
            self.fired.push((place, format!("{what}: {:?}", way.fate)));
        }
        if self.nth > MOST_EXCHANGES {
            self.check(Err("does not end by itself: a thousand exchanges".into()));
        }
        if let (Some(id), "PATCH" | "DELETE") = (item_of(&asked), asked.method.as_str()) {
            self.writes += 1;
            let functional = self.switches.functional_role;
            let of = (self.phase, self.nth);
            let verdict = self.ledger.sends(of, &asked.method, id, &asked.body, functional);
            self.check(verdict);
        }
        self.in_flight += 1;
        (asked, way, (self.phase, self.nth))
    }

    /// A request arrives at the appliance, or at what stands before it.
    fn arrives(&mut self, asked: &Asked, fate: Fate, place: (u16, u32)) -> Outcome {
        self.in_flight -= 1;
        self.arriving = place;
        self.ledger.late = matches!(fate, Fate::SlowBefore(time) if time > TIMEOUT);
        if self.storm.is_some() {
            self.others(Place::Beside { phase: place.0, nth: place.1 });
        }
        let lost = |cause, text: &str| Err(TransportError::new(Delivery::Unknown, cause, text));
        let answer = match fate {
            Fate::Clean | Fate::NotSent | Fate::SlowBefore(_) | Fate::SlowAfter(_) | Fate::TimeoutAfter => {
                self.serve(asked)
            }
            Fate::TokensEnd => {
                self.esg.expire_tokens();
                self.serve(asked)
            }
            Fate::LostBefore | Fate::TimeoutBefore => return lost(Cause::Connection, "connection reset"),
            Fate::LostAfter => {
                self.serve(asked);
                return lost(Cause::Connection, "connection reset");
            }
            Fate::BrokenTransfer => {
                self.serve(asked);
                return lost(Cause::Answer, "unexpected end of file");
            }
            Fate::Endless => {
                self.serve(asked);
                return lost(Cause::TooLarge, "its answer is larger than 64 MiB");
            }
            Fate::Throttled(hint) => self.instead(asked, status(429, hint)),
            Fate::BusyBefore(hint) => self.instead(asked, status(503, hint)),
            Fate::GatewayBefore(code) => self.instead(asked, status(code, Hint::Nothing)),
            Fate::ErrorBefore => self.instead(asked, status(500, Hint::Nothing)),
            Fate::Forbidden => self.instead(asked, status(403, Hint::Nothing)),
            Fate::Refused(code) => self.instead(asked, status(code, Hint::Nothing)),
            Fate::Portal => self.instead(asked, Action::HtmlPage),
            Fate::BusyAfter => self.and_then(asked, 503),
            Fate::GatewayAfter(code) => self.and_then(asked, code),
            Fate::ErrorAfter => self.and_then(asked, 500),
            Fate::CutBody => {
                let mut answer = self.serve(asked);
                answer.body.truncate(answer.body.len() / 2);
                answer
            }
            Fate::Redirect => Answer::new(302).with_header("Location", "https://portal.example/login"),
            Fate::HtmlNotFound => Answer::new(404).with_body("text/html", "<!DOCTYPE html><title>Not Found</title>"),
            Fate::EmptyAnswer => Answer::new(200).with_body("application/json", ""),
            Fate::OtherUser => self.about_another(asked),
            Fate::Ignored => self.look(asked, &asked.target.clone()),
        };
        Ok(self.deliver(answer))
    }

    /// The appliance does what it is asked.
    fn serve(&mut self, asked: &Asked) -> Answer {
        let id = item_of(asked).filter(|_| matches!(asked.method.as_str(), "PATCH" | "DELETE"));
        let before = id.and_then(|id| self.esg.state().user(id).cloned());
        let answer = self.esg.handle(asked);
        if let (Some(id), "GET") = (item_of(asked), asked.method.as_str()) {
            self.ledger.serves(id);
            self.edits_when_served.insert(id, self.ledger.edits);
        }
        if let Some(id) = id {
            let after = self.esg.state().user(id).cloned();
            self.note(format!("   {} user {id} arrives: {}", asked.method, answer.status));
            if before != after {
                let of = self.arriving;
                let verdict = self.ledger.arrived(of, id, before.as_ref(), after.as_ref(), self.esg.state());
                self.check(verdict);
            } else if matches!(answer.status, 400..=428 | 430..=500) && answer.status != 401 {
                self.ledger.refused.insert(id);
                self.ledger.refusals += 1;
            }
        }
        answer
    }

    /// Something stands before the appliance and answers in its place.
    fn instead(&mut self, asked: &Asked, action: Action) -> Answer {
        self.esg.set_faults(vec![Fault { on: Match::default(), action, times: Some(1) }]);
        let answer = self.esg.handle(asked);
        self.esg.set_faults(Vec::new());
        answer
    }

    /// The appliance has done it, and something on the way back answers in its place.
    fn and_then(&mut self, asked: &Asked, code: u16) -> Answer {
        self.serve(asked);
        self.instead(asked, status(code, Hint::Nothing))
    }

    /// Reads instead of doing what was asked.
    fn look(&mut self, asked: &Asked, target: &str) -> Answer {
        let mut look = Asked::new("GET", target);
        look.headers = asked.headers.iter().filter(|(name, _)| name != "content-type").cloned().collect();
        self.esg.handle(&look)
    }

    fn about_another(&mut self, asked: &Asked) -> Answer {
        let answer = self.serve(asked);
        let id = item_of(asked).unwrap_or(0);
        let other = self.esg.state().users.iter().map(|user| user.id).find(|other| *other != id);
        match other.filter(|_| answer.status == 200) {
            Some(other) => self.look(asked, &format!("/api/v2/user/{other}")),
            None => answer,
        }
    }

    /// An answer is with the client, whole or not.
    fn returned(&mut self, asked: &Asked, fate: Fate, answer: &Outcome) {
        let Some(id) = item_of(asked) else { return };
        let sound = matches!(fate, Fate::Clean | Fate::SlowBefore(_) | Fate::SlowAfter(_) | Fate::TokensEnd);
        let Ok(response) = answer else { return };
        match (asked.method.as_str(), response.status) {
            ("GET", 200) if sound => {
                let edits = self.edits_when_served.get(&id).copied().unwrap_or(0);
                self.ledger.read(id, &response.body, edits);
                self.old_reads.entry(id).or_insert_with(|| response.clone());
            }
            ("PATCH", 200) | ("DELETE", 204) if sound => {
                self.ledger.confirms(id);
                self.patched.push(id);
            }
            ("PATCH" | "DELETE", 401) => self.ledger.turned_away(id),
            _ => {}
        }
    }

    fn deliver(&mut self, mut answer: Answer) -> Response {
        if self.sabotage == Sabotage::BelievesAnyList {
            believe(&mut answer);
        }
        let headers = answer.headers.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
        Response { status: answer.status, headers, body: answer.body }
    }

    /// What broken code would have sent.
    fn spoil(&mut self, asked: &mut Asked) {
        if asked.method != "PATCH" || self.sabotage == Sabotage::None {
            return;
        }
        let Some(id) = item_of(asked) else { return };
        let Ok(mut body) = serde_json::from_slice::<Value>(&asked.body) else { return };
        let Some(list) = body["emailAddresses"].as_array_mut() else { return };
        match self.sabotage {
            Sabotage::ForgetsForeignAddress => {
                let adds = self.ledger.planned.updates.get(&id).map(|update| update.adds.clone()).unwrap_or_default();
                let own =
                    |element: &Value| !adds.contains(&element["address"].as_str().unwrap_or_default().to_lowercase());
                if let Some(at) = list.iter().rposition(own).filter(|at| *at > 0) {
                    list.remove(at);
                }
            }
            Sabotage::DropsUnknownMembers => {
                list.iter_mut().filter_map(Value::as_object_mut).for_each(|element| drop(element.remove("source")));
            }
            Sabotage::AddsWhatNobodyPlanned => {
                list.push(serde_json::json!({"address": "evil@corp.example", "active": true, "primary": false}));
            }
            _ => return,
        }
        asked.body = body.to_string().into_bytes();
    }

    /// What broken code would not have asked the appliance for.
    fn old_answer(&mut self, asked: &Asked) -> Option<Response> {
        let id = item_of(asked).filter(|_| asked.method == "GET")?;
        match self.sabotage {
            Sabotage::KeepsOldReads => self.old_reads.get(&id).cloned(),
            Sabotage::TrustsThePlan if self.patched.contains(&id) || !self.ledger.planned.updates.contains_key(&id) => {
                let person = self.esg.state().user(id).is_some_and(|user| user.role != self.switches.functional_role);
                person.then(|| {
                    let answer = self.esg.handle(asked);
                    self.deliver(answer)
                })
            }
            _ => None,
        }
    }
}

impl Network {
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn send(&self, request: Request) -> Outcome {
        let sabotage = self.world().sabotage;
        loop {
            let answer = self.exchange(&request).await;
            let failed = !matches!(&answer, Ok(response) if response.status < 400);
            if sabotage == Sabotage::NeverGivesUp && failed && request.method.as_str() == "GET" {
                if self.world().broken.is_some() {
                    return answer;
                }
                continue;
            }
            let confirmed = matches!(&answer, Ok(response) if matches!(response.status, 200 | 204));
            if confirmed && request.method.as_str() == "PATCH" {
                match sabotage {
                    Sabotage::SendsTwice => return self.exchange(&request).await,
                    Sabotage::DeletesUnplanned => {
                        let mut delete = Request {
                            method: esgsync_targets::transport::Method::Delete,
                            body: None,
                            ..clone(&request)
                        };
                        let target = self.world().esg.state().users.iter().rev().map(|user| user.id).next();
                        delete.url.set_path(&format!("/api/v2/user/{}", target.unwrap_or(100)));
                        let _ = self.exchange(&delete).await;
                    }
                    _ => {}
                }
            }
            return answer;
        }
    }

    async fn exchange(&self, request: &Request) -> Outcome {
        let asked = convert(request);
        let old = self.world().old_answer(&asked);
        if let Some(old) = old {
            sleep(Duration::from_millis(1)).await;
            return Ok(old);
        }
        let (asked, way, place) = self.world().departs(request);
        if way.fate == Fate::NotSent {
            // Before the wait: whoever waits may die.
            self.world().in_flight -= 1;
            sleep(way.there).await;
            return Err(TransportError::new(Delivery::NotSent, Cause::Connection, "connection refused"));
        }
        let (tell, told) = oneshot::channel();
        let (network, request) = (self.clone(), asked.clone());
        // Apart from the client: what is on its way arrives, whatever becomes of whoever sent it.
        tokio::spawn(async move {
            sleep(way.there).await;
            let answer = network.world().arrives(&request, way.fate, place);
            let back = if matches!(way.fate, Fate::TimeoutBefore | Fate::TimeoutAfter) { TIMEOUT } else { way.back };
            sleep(back).await;
            // The client may be gone.
            let _ = tell.send(answer);
        });
        let answer = match timeout(TIMEOUT, told).await {
            Ok(Ok(answer)) => answer,
            _ => Err(TransportError::new(Delivery::Unknown, Cause::Timeout, "no answer in time")),
        };
        let mut world = self.world();
        world.returned(&asked, way.fate, &answer);
        match answer {
            Err(error) if world.sabotage == Sabotage::TellsSecret => {
                Err(TransportError { text: format!("{} with {PLANTED}", error.text), ..error })
            }
            answer => answer,
        }
    }
}

fn status(code: u16, hint: Hint) -> Action {
    let (retry_after, as_date) = match hint {
        Hint::Seconds(seconds) => (Some(seconds), false),
        Hint::Date(seconds) => (Some(seconds), true),
        Hint::Nothing => (None, false),
    };
    Action::Status { code, retry_after, as_date }
}

fn clone(request: &Request) -> Request {
    let Request { method, url, headers, body } = request;
    Request { method: *method, url: url.clone(), headers: headers.clone(), body: body.clone() }
}

fn convert(request: &Request) -> Asked {
    let url = &request.url;
    let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let text = |text: &HeaderText| match text {
        HeaderText::Plain(text) => text.clone(),
        HeaderText::Secret(secret) => secret.expose_secret().to_owned(),
    };
    Asked {
        method: request.method.as_str().to_owned(),
        target,
        headers: request.headers.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect(),
        body: request.body.as_ref().map(|body| body.to_vec()).unwrap_or_default(),
    }
}

/// A list without its last user, whose total says that it is whole.
fn believe(answer: &mut Answer) {
    let Ok(mut page) = serde_json::from_slice::<Value>(&answer.body) else { return };
    let count = |page: &Value, name: &str| page.get(name).and_then(Value::as_u64);
    let (total, size) = (count(&page, "totalItems"), count(&page, "itemsPerPage"));
    if let (Some(total), Some(size), Some(Value::Array(items))) = (total, size, page.pointer_mut("/_embedded/item"))
        && total <= size
        && items.pop().is_some()
    {
        page["totalItems"] = (total - 1).into();
        answer.body = page.to_string().into_bytes();
    }
}

/// Nothing that is secret may be in it.
pub(super) fn tells_nothing_secret(text: &str, tokens: &[String]) -> Result<(), String> {
    let secrets = [PASSWORD, ONE_TIME_PASSWORD, PLANTED];
    let told = secrets.into_iter().chain(tokens.iter().map(String::as_str)).find(|secret| text.contains(secret));
    match told {
        Some(_) => Err(format!("a secret is told: {}", &text[..text.len().min(300)])),
        None => Ok(()),
    }
}
