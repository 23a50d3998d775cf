//! Faults on demand: a list of rules that disturb chosen requests, in the order in which they were set.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::message::Request;

/// One rule of the fault script.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Which requests it is about.
    #[serde(default)]
    pub on: Match,
    /// What happens to them.
    #[serde(rename = "do")]
    pub action: Action,
    /// How often it happens at most; without it there is no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
}

/// A rule in force.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Armed {
    #[serde(flatten)]
    rule: Fault,
    /// How many requests it was about.
    matched: u64,
    /// How often it struck.
    fired: u64,
}

/// Which requests a rule is about. What is left out does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// The method in capitals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// A part of path and query as sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_contains: Option<String>,
    /// Only the n-th of these requests, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// Only each n-th of these requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
}

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing is done; this status is the answer. 502 and 503 come as a web server's HTML page.
    Status {
        /// The status code.
        code: u16,
        /// Seconds for a `Retry-After` header.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
        /// That header is a date, not seconds.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        as_date: bool,
    },
    /// Nothing is done, and the connection is closed.
    DropBefore,
    /// The request is carried out, and the connection is closed before the answer.
    DropAfterCommit,
    /// The answer takes this many milliseconds. Further rules apply as well.
    DelayMs(u64),
    /// The request is carried out, and the body of the answer is cut in the middle.
    Garbage,
    /// Nothing is done; the answer is 200 with somebody else's HTML page.
    HtmlPage,
    /// Somebody else changes a user just before. Further rules apply as well.
    EditUser(Edit),
    /// An import from the directory runs just before. Further rules apply as well.
    Import(Import),
}

/// An import from the directory (UNK: esg 12 #1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// Functional users that were removed through the API come back, with a new id.
    #[serde(default)]
    pub recreate: bool,
    /// Users that the last import gave addresses get exactly these again.
    #[serde(default)]
    pub reset: bool,
}

/// A change of one user that does not come through the API: another editor, or an import from the directory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// The user; one of that id is made when there is none.
    pub id: u64,
    /// The user is removed instead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub delete: bool,
    /// The members that change, in the shape of the state file.
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

impl From<Fault> for Armed {
    fn from(rule: Fault) -> Self {
        Self { rule, matched: 0, fired: 0 }
    }
}

impl Armed {
    /// Counts a request, and gives the action if this rule strikes.
    pub(crate) fn strike(&mut self, request: &Request) -> Option<Action> {
        let on = &self.rule.on;
        let about = on.method.as_ref().is_none_or(|method| *method == request.method)
            && on.path_contains.as_ref().is_none_or(|part| request.target.contains(part.as_str()));
        if !about {
            return None;
        }
        self.matched += 1;
        let strikes = on.nth.is_none_or(|nth| self.matched == nth)
            && on.every.is_none_or(|every| self.matched.is_multiple_of(every))
            && self.rule.times.is_none_or(|times| self.fired < times);
        self.fired += u64::from(strikes);
        strikes.then(|| self.rule.action.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(json: &str) -> Vec<bool> {
        let mut armed = Armed::from(serde_json::from_str::<Fault>(json).unwrap());
        let request = Request::new("PATCH", "/api/v2/user/6");
        (0..6).map(|_| armed.strike(&request).is_some()).collect()
    }

    #[test]
    fn counts_nth_every_and_times() {
        let nth = strikes(r#"{"on": {"nth": 2}, "do": "garbage"}"#);
        assert_eq!(nth, [false, true, false, false, false, false]);
        let every = strikes(r#"{"on": {"every": 2}, "do": {"delay_ms": 5}, "times": 2}"#);
        assert_eq!(every, [false, true, false, true, false, false]);
        let times = strikes(r#"{"on": {"method": "PATCH"}, "do": "drop_before", "times": 1}"#);
        assert_eq!(times, [true, false, false, false, false, false]);
    }

    #[test]
    fn other_requests_do_not_count() {
        let json =
            r#"{"on": {"method": "PATCH", "path_contains": "/user/6", "nth": 1}, "do": {"status": {"code": 503}}}"#;
        let mut armed = Armed::from(serde_json::from_str::<Fault>(json).unwrap());
        let mut strikes = |method, target| armed.strike(&Request::new(method, target)).is_some();
        assert!(!strikes("GET", "/api/v2/user/6"));
        assert!(!strikes("PATCH", "/api/v2/user/7"));
        assert!(strikes("PATCH", "/api/v2/user/6"));
    }
}
