//! How an error of the API layer looks, by family (FW; esg 9.1, findings 6.1).

use serde_json::{Map, Value, json};

use crate::PREFIX;
use crate::error::{Problem, RFC2616, TITLE, html, hydra};
use crate::framework::{ErrorFamily, Framework};
use crate::json::{self, Escaping};
use crate::message::Response;
use crate::negotiate::Format;
use crate::options::Options;

const PROBLEM: &str = "application/problem+json";
const JSON_LD: &str = "application/ld+json";

/// The reply to a caller of that format.
pub(crate) fn response(problem: &Problem, format: Format, options: &Options) -> Response {
    let family = options.error_family();
    let (media_type, body) = match (family, format) {
        (ErrorFamily::HtmlProxy, _) => {
            return Response::new(problem.status).with_body("text/html", html(problem.status));
        }
        (ErrorFamily::Rfc2616, Format::Hal | Format::Json) | (ErrorFamily::Jsonld, Format::Json) => (
            PROBLEM,
            with_violations(json!({"type": RFC2616, "title": TITLE, "detail": problem.detail}), problem, options),
        ),
        (ErrorFamily::Rfc2616, Format::JsonLd) | (ErrorFamily::Jsonld, Format::Hal | Format::JsonLd) => {
            let name = if problem.violations.is_empty() { "Error" } else { "ConstraintViolationList" };
            (JSON_LD, with_violations(hydra(name, &problem.detail), problem, options))
        }
        (ErrorFamily::Rfc7807 | ErrorFamily::Rfc7807Twins, _) => (PROBLEM, rfc7807(problem, format, options)),
    };
    // The new family is written by the format's own encoder.
    let own = matches!(family, ErrorFamily::Rfc7807 | ErrorFamily::Rfc7807Twins) && format == Format::Json;
    let escaping = if own { Escaping::Ascii } else { Escaping::Html };
    let response = Response::new(problem.status)
        .with_body(&format!("{media_type}; charset=utf-8"), json::write(&body, escaping))
        .with_header("X-Content-Type-Options", "nosniff")
        .with_header("X-Frame-Options", "deny")
        .with_header("Cache-Control", "no-cache, private");
    match family {
        ErrorFamily::Rfc7807Twins => response
            .with_header("Vary", "Accept")
            .with_header("Content-Location", &format!("{PREFIX}{}", kind(problem))),
        ErrorFamily::Rfc7807 => response.with_header("Vary", "Accept"),
        _ => response,
    }
}

fn with_violations(mut body: Value, problem: &Problem, options: &Options) -> Value {
    if !problem.violations.is_empty() {
        body["violations"] = violations(problem, options.framework != Framework::V2_5);
    }
    body
}

fn violations(problem: &Problem, coded: bool) -> Value {
    let violation = |violation: &crate::error::Violation| {
        let mut out = json!({"propertyPath": violation.path, "message": violation.rule.message()});
        if coded {
            out["code"] = violation.rule.code().into();
        }
        out
    };
    problem.violations.iter().map(violation).collect()
}

/// The type of the error: `/errors/404`, or the codes of all violations.
fn kind(problem: &Problem) -> String {
    match problem.violations.as_slice() {
        [] => format!("/errors/{}", problem.status),
        [one] => format!("/validation_errors/{}", one.rule.code()),
        many => {
            let codes: Vec<_> = many.iter().enumerate().map(|(at, one)| format!("{at}={}", one.rule.code())).collect();
            format!("/validation_errors/{}", codes.join(";"))
        }
    }
}

fn rfc7807(problem: &Problem, format: Format, options: &Options) -> Value {
    let (twins, kind) = (options.error_family() == ErrorFamily::Rfc7807Twins, kind(problem));
    let (invalid, linked) = (!problem.violations.is_empty(), format != Format::Json);
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| drop(out.insert(name.to_owned(), value));
    if linked {
        let name = match (invalid, options.framework) {
            (false, _) => "Error",
            (true, Framework::V4_1 | Framework::V4_3) => "ConstraintViolation",
            (true, _) => "ConstraintViolationList",
        };
        if !twins {
            put("@context", format!("{PREFIX}/contexts/{name}").into());
        }
        put("@id", format!("{PREFIX}{kind}").into());
        put("@type", if twins && !invalid { "hydra:Error".into() } else { name.into() });
    }
    if invalid {
        put("status", problem.status.into());
        put("violations", violations(problem, true));
        put("detail", problem.detail.clone().into());
        if linked {
            put("description", problem.detail.clone().into());
        }
        put("type", kind.into());
        put("title", TITLE.into());
    } else {
        put("title", TITLE.into());
        put("detail", problem.detail.clone().into());
        put("status", problem.status.into());
        put("type", kind.into());
        if linked {
            put("description", problem.detail.clone().into());
        }
    }
    if linked && twins {
        put("hydra:description", problem.detail.clone().into());
        put("hydra:title", TITLE.into());
    }
    Value::Object(out)
}
