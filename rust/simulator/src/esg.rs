//! The appliance: one request in, one response out.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use crate::chance::Chance;
use crate::control;
use crate::error::{self, Problem};
use crate::fault::{Action, Armed, Edit, Fault, Import};
use crate::log::Log;
use crate::message::{Request, Response, SIMULATOR_HEADER};
use crate::negotiate::Format;
use crate::options::{Options, RetryAfter};
use crate::schema::Schema;
use crate::state::{Address, State, User};

/// An ESG appliance without any I/O: it does not wait, read a clock or touch a network.
#[derive(Clone, Debug)]
pub struct Esg {
    pub(crate) state: State,
    pub(crate) schema: Schema,
    /// The id of the next user that is created; ids are not used twice.
    pub(crate) next_id: u64,
    /// The scheme of absolute links, as the web server in front reports it to the application.
    pub(crate) scheme: &'static str,
    pub(crate) faults: Vec<Armed>,
    pub(crate) chance: Option<Chance>,
    log: Log,
    pub(crate) revision: u64,
    /// Functional users that were removed through the API: what an import brings back.
    pub(crate) removed: Vec<User>,
    /// Requests so far, for the rate limit.
    asked: u64,
    /// Requests that each token may still serve.
    pub(crate) token_rest: BTreeMap<String, u64>,
}

impl Esg {
    /// An appliance that holds `state`.
    #[must_use]
    pub fn new(mut state: State) -> Self {
        state.users.sort_by_key(|user| user.id);
        Self {
            schema: Schema::of(&state.users, state.options.profile),
            next_id: state.users.last().map_or(1, |user| user.id + 1),
            state,
            scheme: "https",
            faults: Vec::new(),
            chance: None,
            log: Log::default(),
            revision: 0,
            removed: Vec::new(),
            asked: 0,
            token_rest: BTreeMap::new(),
        }
    }

    /// What it holds now.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Rises with every change of what it holds.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What it was asked so far.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Forgets what it was asked so far.
    pub fn reset_log(&mut self) {
        self.log = Log::default();
    }

    /// Sets the rules that disturb requests, in place of the earlier ones.
    pub fn set_faults(&mut self, faults: Vec<Fault>) {
        self.faults = faults.into_iter().map(Armed::from).collect();
    }

    /// Lets faults strike by chance as well: a share of the requests, from 0 to 1, drawn from a seed.
    pub fn set_chance(&mut self, seed: u64, rate: f64) {
        self.chance = Some(Chance::new(seed, rate));
    }

    /// Changes a user as another editor would.
    ///
    /// # Errors
    /// A text that says why the changed user would be none.
    pub fn edit(&mut self, edit: &Edit) -> Result<(), String> {
        if edit.delete {
            self.state.remove(edit.id);
        } else {
            let mut user = match self.state.user(edit.id) {
                Some(user) => serde_json::to_value(user).map_err(|error| error.to_string())?,
                None => json!({"id": edit.id}),
            };
            for (name, value) in &edit.members {
                user[name] = value.clone();
            }
            let user: User =
                serde_json::from_value(user).map_err(|error| format!("user {} after the edit: {error}", edit.id))?;
            if !self.state.roles.contains_key(&user.role) {
                return Err(format!("there is no role {}", user.role));
            }
            self.schema.observe(&user);
            self.next_id = self.next_id.max(user.id + 1);
            self.state.put(user);
        }
        self.revision += 1;
        Ok(())
    }

    /// Ends every token.
    pub fn expire_tokens(&mut self) {
        let tokens: Vec<String> = self.state.tokens.keys().cloned().collect();
        tokens.iter().for_each(|token| self.state.expire(token));
    }

    /// Imports from the directory.
    pub fn import(&mut self, import: Import) {
        if import.recreate {
            for mut user in std::mem::take(&mut self.removed) {
                user.id = self.next_id;
                self.next_id += 1;
                self.state.put(user);
            }
        }
        if import.reset {
            let imported = std::mem::take(&mut self.state.imported);
            for user in &mut self.state.users {
                if let Some(addresses) = imported.get(&user.id.to_string()) {
                    reset(user, addresses);
                }
            }
            self.state.imported = imported;
        }
        self.revision += 1;
    }

    /// Replaces everything it holds, and keeps log and faults.
    pub fn replace(&mut self, state: State) {
        let fresh = Self::new(state);
        self.state = fresh.state;
        self.schema = fresh.schema;
        self.next_id = fresh.next_id.max(self.next_id);
        self.revision += 1;
    }

    /// Answers one request.
    ///
    /// Paths below `/__simulator/` steer the simulator, see [`crate`]; all others are the appliance's.
    pub fn handle(&mut self, request: &Request) -> Response {
        let response = if request.path().starts_with(control::PREFIX) {
            control::handle(self, request)
        } else {
            let (response, changed) = self.disturbed(request);
            self.log.push(request, &response, changed);
            response
        };
        if response.dropped {
            return response;
        }
        response.with_header(SIMULATOR_HEADER, crate::VERSION)
    }

    /// Answers a request under the rules that disturb it, and says whether the request changed anything.
    fn disturbed(&mut self, request: &Request) -> (Response, bool) {
        let drawn = self.chance.as_mut().and_then(Chance::draw);
        let struck = self.faults.iter_mut().filter_map(|fault| fault.strike(request));
        let struck: Vec<Action> = struck.chain(drawn).collect();
        let mut delay = Duration::ZERO;
        let mut end = None;
        for action in struck {
            match action {
                Action::DelayMs(milliseconds) => delay += Duration::from_millis(milliseconds),
                Action::EditUser(edit) => {
                    // A script that cannot be carried out must not pass for one that was.
                    if let Err(text) = self.edit(&edit) {
                        return (error::plain(500, &json!({"error": text})), false);
                    }
                }
                Action::Import(import) => self.import(import),
                action => end = end.or(Some(action)),
            }
        }
        self.asked += 1;
        let end = end.or_else(|| over_limit(&self.state.options, self.asked));
        let before = self.revision;
        let mut response = match end {
            Some(Action::Status { code, retry_after, as_date }) => {
                failed(code, retry_after, as_date, &self.state.options)
            }
            Some(Action::DropBefore) => Response::dropped(),
            Some(Action::HtmlPage) => Response::new(200).with_body("text/html; charset=utf-8", error::html(200)),
            Some(Action::DropAfterCommit) => {
                self.answer(request);
                Response::dropped()
            }
            Some(Action::Garbage) => {
                let mut response = self.answer(request);
                response.body.truncate(response.body.len() / 2);
                response
            }
            Some(Action::DelayMs(_) | Action::EditUser(_) | Action::Import(_)) | None => self.answer(request),
        };
        response.delay = delay;
        (response, self.revision != before)
    }
}

/// The addresses of the import, each as it is where the user has it; all others go.
fn reset(user: &mut User, addresses: &[String]) {
    let old = std::mem::take(&mut user.email_addresses);
    let element = |(at, address): (usize, &String)| {
        let known = old.iter().find(|element| element.address.as_deref() == Some(address)).cloned();
        known.unwrap_or_else(|| Address { address: Some(address.clone()), primary: at == 0, ..Address::default() })
    };
    user.email_addresses = addresses.iter().enumerate().map(element).collect();
}

/// How long a limited caller is told to wait, in seconds.
const LIMITED_FOR: u64 = 2;

fn over_limit(options: &Options, asked: u64) -> Option<Action> {
    let limit = options.rate_limit.filter(|limit| limit.every > 0 && asked.is_multiple_of(limit.every))?;
    let retry_after = (limit.retry_after != RetryAfter::Missing).then_some(LIMITED_FOR);
    Some(Action::Status { code: 429, retry_after, as_date: limit.retry_after == RetryAfter::Date })
}

/// The answer of a fault rule, or of the rate limit.
fn failed(code: u16, retry_after: Option<u64>, as_date: bool, options: &Options) -> Response {
    let response = match code {
        502..=504 => Response::new(code).with_body("text/html", error::html(code)),
        401 => error::plain(401, &json!({"message": options.profile.words().unknown_token})),
        403 => Problem::access_denied().response(Format::Hal, options),
        _ => Problem::new(code, error::reason(code)).response(Format::Hal, options),
    };
    match retry_after {
        None => response,
        // There is no clock here, so the answer brings its own.
        Some(seconds) if as_date => {
            let date = |seconds: u64| {
                format!("Tue, 24 Nov 2026 {:02}:{:02}:{:02} GMT", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
            };
            response.with_header("Date", &date(0)).with_header("Retry-After", &date(seconds))
        }
        Some(seconds) => response.with_header("Retry-After", &seconds.to_string()),
    }
}
