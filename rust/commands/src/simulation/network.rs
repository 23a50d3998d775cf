//! The network between the client and the simulated appliance: every exchange is on its way for some time, and may meet its fate.

mod broken;
mod serving;

use super::coverage::{Coverage, FAULT};
use super::dice::{Dice, Place};
use super::fate::{Fate, Way};
use super::ledger::{Ledger, item_of};
use super::sabotage::{INVARIANTS, Sabotage};
use super::switches::Switches;
use super::world::Truth;
use super::{ONE_TIME_PASSWORD, PASSWORD, PLANTED};
use esgsync_simulator::{Esg, Request as Asked};
use esgsync_targets::transport::{Cause, Delivery, HeaderText, Request, Response, TransportError};
use secrecy::ExposeSecret;
use std::collections::{BTreeSet, HashMap};
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
    /// All invariants that broke.
    pub kinds: BTreeSet<&'static str>,
    /// A plan that is done is applied again.
    pub second_run: bool,
    pub trace: Option<Vec<String>>,
    pub began: Instant,
    old_reads: HashMap<u64, Response>,
    edits_when_served: HashMap<u64, u64>,
    /// The exchange that is with the appliance.
    arriving: (u16, u32),
    patched: Vec<u64>,
    /// The last PATCH that left the client.
    last_patch: Option<Request>,
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
            kinds: BTreeSet::new(),
            second_run: false,
            trace: traced.then(Vec::new),
            began: Instant::now(),
            old_reads: HashMap::new(),
            edits_when_served: HashMap::new(),
            arriving: (0, 0),
            patched: Vec::new(),
            last_patch: None,
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
            let kind = INVARIANTS.into_iter().find(|kind| text.starts_with(kind));
            self.kinds.insert(kind.unwrap_or_else(|| panic!("no invariant is called so: {text}")));
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
            self.sends_again(&request).await;
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

    /// What broken code would send when everything is done.
    async fn sends_again(&self, request: &Request) {
        let patch = {
            let mut world = self.world();
            if world.sabotage != Sabotage::SendsAgain {
                return;
            }
            if request.method.as_str() == "PATCH" {
                world.last_patch = Some(clone(request));
            }
            if world.second_run { world.last_patch.take() } else { None }
        };
        if let Some(patch) = patch {
            let _ = self.exchange(&patch).await;
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

/// Nothing that is secret may be in it.
pub(super) fn tells_nothing_secret(text: &str, tokens: &[String]) -> Result<(), String> {
    let secrets = [PASSWORD, ONE_TIME_PASSWORD, PLANTED];
    let told = secrets.into_iter().chain(tokens.iter().map(String::as_str)).find(|secret| text.contains(secret));
    match told {
        Some(_) => Err(format!("a secret is told: {}", &text[..text.len().min(300)])),
        None => Ok(()),
    }
}
