//! What the appliance was asked, without anything secret: no header, no body, no query.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::message::{Request, Response};
use crate::route::template;

/// The requests so far, in their order, and counts of them. Requests that steer the simulator are not among them.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Log {
    entries: Vec<Entry>,
    counts: Counts,
}

/// One request and its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The method as sent.
    pub method: String,
    /// The path as sent, without the query.
    pub path: String,
    /// The status; 0 when the connection was closed without an answer.
    pub status: u16,
}

/// How many requests there were.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All requests.
    pub requests: u64,
    /// POST, PUT, PATCH and DELETE, except logins, whatever became of them.
    pub writes: u64,
    /// Writes that changed what the appliance holds.
    pub changes: u64,
    /// By method and path with `{id}` in place of ids, for example `GET /api/v2/user/{id}`.
    pub by_path: BTreeMap<String, u64>,
}

impl Log {
    /// The requests in their order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The counts.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    pub(crate) fn push(&mut self, request: &Request, response: &Response, changed: bool) {
        let template = template(request.path());
        let writes = matches!(request.method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE")
            && template != format!("{}/login", crate::PREFIX);
        self.counts.requests += 1;
        self.counts.writes += u64::from(writes);
        self.counts.changes += u64::from(writes && changed);
        let key = format!("{} {template}", request.method);
        *self.counts.by_path.entry(key).or_default() += 1;
        self.entries.push(Entry {
            method: request.method.clone(),
            path: request.path().to_owned(),
            status: response.status,
        });
    }
}
