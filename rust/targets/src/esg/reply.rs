//! What came back from one exchange, read once: is it the API's, and what does it hold.

use super::SIMULATOR_HEADER;
use crate::{
    hal::{ApiError, clean, page_title},
    redact::Redactor,
    retry::{self, Outcome},
    transport::{Cause, Delivery, Response, TransportError},
};
use serde_json::Value;
use std::time::{Duration, SystemTime};

/// An answer with its body read.
#[derive(Debug)]
pub(super) struct Reply {
    pub status: u16,
    pub content: Content,
    pub retry_after: Option<Duration>,
}

/// What a body holds.
#[derive(Debug)]
pub(super) enum Content {
    /// JSON of the API.
    Json(Value),
    /// Nothing, where nothing is due.
    Empty,
    /// JSON by its type, but cut or broken.
    Broken(String),
    /// Something else: the text says what.
    Foreign(String),
}

impl Reply {
    pub fn read(response: &Response, redactor: &Redactor) -> Self {
        let retry_after =
            retry::retry_after(response.header("retry-after"), response.header("date"), SystemTime::now());
        Self { status: response.status, content: content(response, redactor), retry_after }
    }

    pub fn outcome(&self) -> Outcome {
        match self.content {
            Content::Json(_) | Content::Empty => Outcome::Answer(self.status),
            Content::Broken(_) if self.is_success() => Outcome::Garbled,
            // By its status alone a broken error body says enough.
            Content::Broken(_) => Outcome::Answer(self.status),
            Content::Foreign(_) => Outcome::Foreign(self.status),
        }
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// What it said, for a person, after the status. Success with its data has nothing to say.
    pub fn text(&self) -> String {
        let said = match &self.content {
            Content::Json(_) if self.is_success() => String::new(),
            Content::Json(body) => ApiError::read(self.status, body).text,
            Content::Empty => String::new(),
            Content::Broken(text) | Content::Foreign(text) => text.clone(),
        };
        if said.is_empty() { format!("status {}", self.status) } else { format!("status {}: {said}", self.status) }
    }
}

fn content(response: &Response, redactor: &Redactor) -> Content {
    let success = (200..300).contains(&response.status);
    let kind = response.header("content-type").unwrap_or_default().to_ascii_lowercase();
    if success && response.body.is_empty() {
        return Content::Empty;
    }
    if (300..400).contains(&response.status) {
        let place = response
            .header("location")
            .map(|place| redactor.redact(place))
            .map(|place| clean(&place))
            .unwrap_or_default();
        return Content::Foreign(format!("it redirects to {place:?}, and redirects are not followed"));
    }
    if !kind.split(';').next().unwrap_or_default().contains("json") {
        let title = page_title(&response.body).map(|title| redactor.redact(&title));
        return Content::Foreign(match title {
            Some(title) => format!("a page with the title {title:?}"),
            None if response.body.is_empty() => "an empty answer".to_owned(),
            None if kind.is_empty() => "an answer without a type".to_owned(),
            None => format!("an answer of type {:?}", clean(&kind)),
        });
    }
    match serde_json::from_slice(&response.body) {
        Ok(mut value) => {
            if !success {
                redactor.redact_json(&mut value);
            }
            Content::Json(value)
        }
        // The error names line and column, never content.
        Err(e) => Content::Broken(format!("its JSON is cut or broken: {e}")),
    }
}

/// How a failed exchange counts.
pub(super) fn failed(error: &TransportError) -> Outcome {
    match (error.delivery, error.cause) {
        (delivery, cause) if cause.is_lasting() => Outcome::Hopeless { unsent: delivery == Delivery::NotSent },
        (Delivery::NotSent, _) => Outcome::NotSent,
        (Delivery::Unknown, Cause::Answer | Cause::NotHttp) => Outcome::Garbled,
        (Delivery::Unknown, _) => Outcome::Lost,
    }
}

/// True when the answer is the simulator's.
pub(super) fn is_simulator(response: &Response) -> bool {
    response.header(SIMULATOR_HEADER).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, kind: &str, body: &str) -> Reply {
        let headers = vec![
            ("content-type".to_owned(), kind.to_owned()),
            ("location".to_owned(), "https://portal.example/?t=tok-123".to_owned()),
        ];
        let redactor = Redactor::default();
        redactor.learn(&"tok-123".into());
        Reply::read(&Response { status, headers, body: body.as_bytes().to_vec() }, &redactor)
    }

    #[test]
    fn each_answer_counts_as_what_it_is() {
        for (status, kind, body, outcome, said) in [
            (200, "application/hal+json; charset=utf-8", "{}", Outcome::Answer(200), "status 200"),
            (200, "Application/JSON", "[]", Outcome::Answer(200), "status 200"),
            (204, "", "", Outcome::Answer(204), "status 204"),
            (200, "application/json", "{\"id\":", Outcome::Garbled, "cut or broken"),
            (200, "text/html", "<title>Log in</title>", Outcome::Foreign(200), "a page with the title \"Log in\""),
            (200, "text/html; x=json", "x", Outcome::Foreign(200), "an answer of type"),
            (200, "", "{}", Outcome::Foreign(200), "without a type"),
            (302, "application/json", "{}", Outcome::Foreign(302), "redirects to \"https://portal.example/?t=***\""),
            (
                404,
                "application/problem+json",
                "{\"detail\":\"Not Found\"}",
                Outcome::Answer(404),
                "status 404: Not Found",
            ),
            (
                404,
                "application/ld+json",
                "{\"hydra:description\":\"Not Found\"}",
                Outcome::Answer(404),
                "status 404: Not Found",
            ),
            (404, "text/html", "<title>x</title>", Outcome::Foreign(404), "title \"x\""),
            (404, "", "", Outcome::Foreign(404), "empty"),
            (502, "text/html", "<head><title>502 Bad Gateway</title>", Outcome::Foreign(502), "502 Bad Gateway"),
            (503, "application/json", "{", Outcome::Answer(503), "broken"),
            (401, "application/json", "{\"error\":\"bad tok-123\"}", Outcome::Answer(401), "status 401: bad ***"),
        ] {
            let reply = reply(status, kind, body);
            assert_eq!(reply.outcome(), outcome, "{status} {kind} {body}");
            assert!(reply.text().contains(said), "{}", reply.text());
            assert!(!reply.text().contains("tok-123"), "{}", reply.text());
        }
    }

    #[test]
    fn failures_tell_whether_they_may_have_had_an_effect() {
        let of = |delivery, cause| failed(&TransportError::new(delivery, cause, ""));
        assert_eq!(of(Delivery::NotSent, Cause::Connection), Outcome::NotSent);
        assert_eq!(of(Delivery::NotSent, Cause::Timeout), Outcome::NotSent);
        assert_eq!(of(Delivery::NotSent, Cause::Certificate), Outcome::Hopeless { unsent: true });
        assert_eq!(of(Delivery::Unknown, Cause::Connection), Outcome::Lost);
        assert_eq!(of(Delivery::Unknown, Cause::Timeout), Outcome::Lost);
        assert_eq!(of(Delivery::Unknown, Cause::Answer), Outcome::Garbled);
        assert_eq!(of(Delivery::Unknown, Cause::NotHttp), Outcome::Garbled);
        assert_eq!(of(Delivery::Unknown, Cause::TooLarge), Outcome::Hopeless { unsent: false });
    }
}
