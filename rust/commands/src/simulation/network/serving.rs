//! What becomes of a request when it arrives.

use super::broken::{believe, forget_aliases};
use super::{Outcome, TIMEOUT, World};
use crate::simulation::coverage::SWITCH;
use crate::simulation::dice::Place;
use crate::simulation::fate::{Fate, Hint};
use crate::simulation::ledger::item_of;
use crate::simulation::sabotage::Sabotage;
use esgsync_simulator::{Action, Fault, Match, Request as Asked, Response as Answer};
use esgsync_targets::transport::{Cause, Delivery, Response, TransportError};

impl World {
    /// A request arrives at the appliance, or at what stands before it.
    pub(super) fn arrives(&mut self, asked: &Asked, fate: Fate, place: (u16, u32)) -> Outcome {
        self.in_flight -= 1;
        self.arriving = place;
        self.ledger.late = matches!(fate, Fate::SlowBefore(time) if time > TIMEOUT);
        if self.storm.is_some() {
            let users = self.counts_users;
            self.others(Place::Beside { phase: place.0, nth: place.1 });
            if users != self.counts_users && is_later_page(asked) {
                self.coverage.count(SWITCH, "shift_during_paging");
            }
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
    pub(super) fn serve(&mut self, asked: &Asked) -> Answer {
        let id = item_of(asked).filter(|_| matches!(asked.method.as_str(), "PATCH" | "DELETE"));
        let before = id.and_then(|id| self.esg.state().user(id).cloned());
        let mut answer = self.esg.handle(asked);
        if let (Some(id), "GET") = (item_of(asked), asked.method.as_str())
            && self.sabotage == Sabotage::BelievesInHolders
        {
            self.pretend(id, &mut answer);
        }
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
    pub(super) fn instead(&mut self, asked: &Asked, action: Action) -> Answer {
        self.esg.set_faults(vec![Fault { on: Match::default(), action, times: Some(1) }]);
        let answer = self.esg.handle(asked);
        self.esg.set_faults(Vec::new());
        answer
    }

    /// The appliance has done it, and something on the way back answers in its place.
    pub(super) fn and_then(&mut self, asked: &Asked, code: u16) -> Answer {
        self.serve(asked);
        self.instead(asked, status(code, Hint::Nothing))
    }

    /// Reads instead of doing what was asked.
    pub(super) fn look(&mut self, asked: &Asked, target: &str) -> Answer {
        let mut look = Asked::new("GET", target);
        look.headers = asked.headers.iter().filter(|(name, _)| name != "content-type").cloned().collect();
        self.esg.handle(&look)
    }

    pub(super) fn about_another(&mut self, asked: &Asked) -> Answer {
        let answer = self.serve(asked);
        let id = item_of(asked).unwrap_or(0);
        let other = self.esg.state().users.iter().map(|user| user.id).find(|other| *other != id);
        match other.filter(|_| answer.status == 200) {
            Some(other) => self.look(asked, &format!("/api/v2/user/{other}")),
            None => answer,
        }
    }

    pub(super) fn deliver(&mut self, mut answer: Answer) -> Response {
        if self.sabotage == Sabotage::BelievesAnyList {
            believe(&mut answer);
        }
        if self.sabotage == Sabotage::ReadsListsWithoutAliases {
            forget_aliases(&mut answer);
        }
        let headers = answer.headers.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
        Response { status: answer.status, headers, body: answer.body }
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

/// A list is being walked, and this is not its first page.
fn is_later_page(asked: &Asked) -> bool {
    let page = asked.query().split('&').find_map(|pair| pair.strip_prefix("page=")?.parse().ok()).unwrap_or(1);
    asked.path() == "/api/v2/user" && asked.method == "GET" && page > 1
}
