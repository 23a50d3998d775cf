//! Login, tokens and impersonation (DOC and FW; esg 2, findings 7).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{self, Problem};
use crate::framework::Framework;
use crate::message::{Request, Response};
use crate::options::SwitchUserPolicy;
use crate::query::Query;
use crate::state::{State, User};

/// A login account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Login name; letter case does not matter.
    pub username: String,
    /// Password.
    pub password: String,
    /// One-time password, for an account with two-factor login. It stays the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otp: Option<String>,
    /// What sort of account it is.
    #[serde(default)]
    pub kind: AccountKind,
    /// Whether a normal account may change users; others only read. Default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub administrator: Option<bool>,
    /// The mail domain of an account that sees only the users whose primary address is in it; others look absent (UNK).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Whether it may name a user to act for. Default: API accounts may, others not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_switch: Option<bool>,
}

/// The two sorts of account (DOC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// Has its own rights.
    #[default]
    User,
    /// Has no rights of its own: every call names a user to act for.
    Api,
}

impl Account {
    /// A normal account that may change users.
    #[must_use]
    pub fn administrator(username: &str, password: &str) -> Self {
        Self {
            username: username.to_owned(),
            password: password.to_owned(),
            otp: None,
            kind: AccountKind::User,
            administrator: None,
            domain: None,
            may_switch: None,
        }
    }

    /// An API account.
    #[must_use]
    pub fn api(username: &str, password: &str) -> Self {
        Self { kind: AccountKind::Api, ..Self::administrator(username, password) }
    }

    fn rights(&self) -> Option<Caller> {
        let caller = || Caller { administrator: self.administrator.unwrap_or(true), domain: self.domain.clone() };
        (self.kind == AccountKind::User).then(caller)
    }

    fn may_switch(&self) -> bool {
        self.may_switch.unwrap_or(self.kind == AccountKind::Api)
    }
}

/// Who a call counts as, after impersonation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Whether the caller may change users.
    pub(crate) administrator: bool,
    /// The mail domain that it sees, where it does not see all.
    pub(crate) domain: Option<String>,
}

impl Caller {
    /// Whether this caller sees the user.
    pub(crate) fn sees(&self, user: &User) -> bool {
        let Some(domain) = &self.domain else { return true };
        let primary = user.email_addresses.iter().find(|element| element.primary);
        let host = primary.and_then(|element| element.address.as_deref()).and_then(|text| text.rsplit_once('@'));
        host.is_some_and(|(_, host)| host.eq_ignore_ascii_case(domain))
    }
}

/// The reply to a failed authentication.
pub(crate) enum Refusal {
    /// Written by the API layer.
    Problem(Problem),
    /// Written by the application: the token is not known.
    Token,
}

impl Refusal {
    fn problem(status: u16, detail: impl Into<String>) -> Self {
        Self::Problem(Problem::new(status, detail))
    }
}

impl State {
    /// Who the caller is: token first, then the user that it names to act for.
    pub(crate) fn authenticate(&self, request: &Request, query: &Query) -> Result<Caller, Refusal> {
        // The name may also come as a query parameter, and an empty one counts as none.
        let target = request
            .header("X-Switch-User")
            .filter(|name| !name.is_empty())
            .or_else(|| query.get("X-Switch-User").filter(|name| !name.is_empty()));
        let Some(token) = request.header("X-ESG-Auth-Token") else {
            let detail = match target {
                Some(_) => "Could not find original Token object.",
                None => "Full authentication is required to access this resource.",
            };
            return Err(Refusal::problem(401, detail));
        };
        let account = self.tokens.get(token).and_then(|username| self.account(username)).ok_or(Refusal::Token)?;
        let policy = self.options.switch_user_policy;
        let ignores = account.kind == AccountKind::User && policy == SwitchUserPolicy::Ignore;
        let caller = match target.filter(|_| !ignores) {
            None => account.rights(),
            Some("_exit") => {
                return Err(Refusal::problem(401, "Could not find original Token object."));
            }
            Some(target) => {
                let rights = self.rights_of(target).ok_or_else(|| {
                    let detail = format!("Switch User failed: Username \"{target}\" does not exist.");
                    Refusal::problem(403, detail)
                })?;
                rights.filter(|_| account.may_switch() || policy == SwitchUserPolicy::Allow)
            }
        };
        let role = if target.is_some() { "ROLE_ALLOWED_TO_SWITCH" } else { self.options.profile.words().right };
        caller.ok_or_else(|| Refusal::Problem(self.refused_by_the_firewall(role)))
    }

    /// Newer versions of the framework name the role that is missing.
    fn refused_by_the_firewall(&self, role: &str) -> Problem {
        match self.options.framework {
            Framework::V4_1 | Framework::V4_3 => {
                Problem::new(403, format!("Access Denied. The user doesn't have {role}."))
            }
            _ => Problem::access_denied(),
        }
    }

    /// The rights of the account or user of that name; the outer `None` when there is neither.
    fn rights_of(&self, name: &str) -> Option<Option<Caller>> {
        if let Some(account) = self.account(name) {
            return Some(account.rights());
        }
        let user = self.users.iter().find(|user| user.username.eq_ignore_ascii_case(name))?;
        Some(Some(Caller { administrator: self.is_administrator(user.role), domain: None }))
    }

    fn account(&self, username: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.username.eq_ignore_ascii_case(username))
    }

    /// Answers `POST /api/v2/login`. An account that has a token gets the same one again (UNK).
    pub(crate) fn login(&mut self, request: &Request, scheme: &str) -> Response {
        let media_type =
            request.header("Content-Type").and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        if !matches!(media_type, "application/json" | "application/ld+json") {
            // The login listener does not feel responsible, and no controller stands behind the route.
            return error::outside(request, scheme, None);
        }
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let (Some(username), Some(password)) = (body["username"].as_str(), body["password"].as_str()) else {
            return error::outside_json(400);
        };
        let account = self.account(username).filter(|account| {
            account.password == password && account.otp.as_ref().is_none_or(|otp| body["otp"].as_str() == Some(otp))
        });
        let Some(username) = account.map(|account| account.username.clone()) else {
            return error::plain(401, &json!({"error": "Invalid credentials."}));
        };
        let token = self.token_for(&username);
        error::plain(200, &json!({"username": username, "token": token}))
    }

    fn token_for(&mut self, username: &str) -> String {
        let known = self.tokens.iter().find(|(_, owner)| owner.eq_ignore_ascii_case(username));
        if let Some((token, _)) = known {
            return token.clone();
        }
        // Hard to mistake for anything else in an output, and the same in every simulation.
        let seed = format!("{username}:{}", self.tokens.len() + self.expired);
        let token = crate::md5::hex(seed.as_bytes());
        self.tokens.insert(token.clone(), username.to_owned());
        token
    }
}
