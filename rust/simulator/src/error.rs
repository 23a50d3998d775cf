//! Error replies of the API layer, and of the layers around it (FW; esg 9.1, findings 6).

use serde_json::{Value, json};

use crate::family;
use crate::json::{self, Escaping};
use crate::message::{Request, Response};
use crate::negotiate::{Format, MediaRange};
use crate::options::Options;

/// The link that the old error family gives as the type of every error.
pub(crate) const RFC2616: &str = "https://tools.ietf.org/html/rfc2616#section-10";
pub(crate) const TITLE: &str = "An error occurred";

/// One broken validation rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) path: String,
    pub(crate) rule: Rule,
}

/// The validation rules. Their codes are constants of the framework's validator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    NotBlank,
    Email,
    Unique,
    OnePrimary,
}

impl Rule {
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::NotBlank => "This value should not be blank.",
            Self::Email => "This value is not a valid email address.",
            Self::Unique => "This value is already used.",
            Self::OnePrimary => "There must be one primary address.",
        }
    }

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::NotBlank => "c1051bb4-d103-4f74-8988-acbcafc7fdc3",
            Self::Email => "bd79c0ab-ddba-46cc-a703-a7a4b08de310",
            Self::Unique => "23bd9dbf-6b9b-41cd-a99e-4844bcf3077f",
            // A rule that an application would write itself.
            Self::OnePrimary => "7703c766-b5d5-4cef-ace7-ae0dd82304e9",
        }
    }
}

/// An error inside the API layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    pub(crate) detail: String,
    pub(crate) violations: Vec<Violation>,
}

impl Problem {
    pub(crate) fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), violations: Vec::new() }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    pub(crate) fn access_denied() -> Self {
        Self::new(403, "Access Denied.")
    }

    pub(crate) fn internal() -> Self {
        Self::new(500, "Internal Server Error")
    }

    pub(crate) fn invalid(violations: Vec<Violation>, status: u16) -> Self {
        let lines: Vec<_> =
            violations.iter().map(|violation| format!("{}: {}", violation.path, violation.rule.message())).collect();
        Self { status, detail: lines.join("\n"), violations }
    }

    /// The reply to a caller of that format, in the family of the appliance.
    pub(crate) fn response(&self, format: Format, options: &Options) -> Response {
        family::response(self, format, options)
    }
}

pub(crate) fn hydra(name: &str, description: &str) -> Value {
    let error_type = if name == "Error" { "hydra:Error" } else { name };
    json!({
        "@context": format!("{}/contexts/{name}", crate::PREFIX),
        "@type": error_type,
        "hydra:title": TITLE,
        "hydra:description": description,
    })
}

/// JSON that the application writes by itself, outside the API layer: no charset, no `Vary`.
pub(crate) fn plain(status: u16, body: &Value) -> Response {
    Response::new(status)
        .with_body("application/json", json::write(body, Escaping::Ascii))
        .with_header("Cache-Control", "no-cache, private")
}

/// An error outside the API layer in JSON.
pub(crate) fn outside_json(status: u16) -> Response {
    let detail = reason(status);
    let body = json!({"type": RFC2616, "title": TITLE, "status": status, "detail": detail});
    plain(status, &body).with_header("Vary", "Accept")
}

/// An error of the router: there HAL is an unknown type, so its callers get a page of HTML.
pub(crate) fn outside(request: &Request, scheme: &str, allow: Option<&str>) -> Response {
    let status = if allow.is_some() { 405 } else { 404 };
    let response = match outside_type(request) {
        Some(Format::JsonLd) => {
            let host = request.header("Host").unwrap_or_default();
            let mut text = format!("No route found for \"{} {scheme}://{host}{}\"", request.method, request.target);
            if let Some(allow) = allow {
                text.push_str(&format!(": Method Not Allowed (Allow: {allow})"));
            }
            let body = json::write(&hydra("Error", &text), Escaping::Html);
            Response::new(status)
                .with_body("application/ld+json", body)
                .with_header("Vary", "Accept")
                .with_header("Cache-Control", "no-cache, private")
        }
        Some(Format::Json) => outside_json(status),
        Some(Format::Hal) | None => Response::new(status)
            .with_body("text/html; charset=UTF-8", html(status))
            .with_header("Vary", "Accept")
            .with_header("Cache-Control", "no-cache, private"),
    };
    match allow {
        Some(allow) => response.with_header("Allow", allow),
        None => response,
    }
}

/// The first type that the caller accepts and that is known outside the API layer.
fn outside_type(request: &Request) -> Option<Format> {
    let mut ranges: Vec<_> =
        request.header("Accept").unwrap_or_default().split(',').filter_map(MediaRange::parse).collect();
    ranges.sort_by_key(|range| std::cmp::Reverse(range.quality()));
    ranges
        .iter()
        .find_map(|range| match range.media_type.as_str() {
            "application/json" => Some(Some(Format::Json)),
            "application/ld+json" => Some(Some(Format::JsonLd)),
            "text/html" | "application/xhtml+xml" => Some(None),
            _ => None,
        })
        .flatten()
}

/// A short page for an error, as a web server or application would send it.
pub(crate) fn html(status: u16) -> String {
    let text = format!("{status} {}", reason(status));
    format!("<!DOCTYPE html>\n<html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>\n")
}

/// The usual words for a status code.
pub(crate) fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Error",
    }
}
