//! The headers of replies of the API layer, by version of the framework (FW; findings 4 and 9).

use crate::framework::Framework;
use crate::md5;
use crate::message::{Request, Response};
use crate::negotiate::Format;
use crate::options::Options;
use crate::route::Target;

const PATCH_TYPE: &str = "application/merge-patch+json";
const POST_TYPES: &str = "application/hal+json, application/json, application/ld+json";

/// What a reply is about.
pub(crate) struct About<'a> {
    pub(crate) options: &'a Options,
    pub(crate) request: &'a Request,
    pub(crate) scheme: &'a str,
    pub(crate) target: Target,
    pub(crate) method: &'a str,
    pub(crate) format: Format,
}

/// The headers that every successful reply has.
pub(crate) fn usual(response: Response) -> Response {
    response
        .with_header("Vary", "Accept")
        .with_header("X-Content-Type-Options", "nosniff")
        .with_header("X-Frame-Options", "deny")
        .with_header("Cache-Control", "no-cache, private")
}

/// The reply with the headers that depend on version and target. `iri` is that of the item that was read or written.
pub(crate) fn of_success(mut response: Response, about: &About<'_>, iri: Option<&str>) -> Response {
    let version = about.options.framework;
    let reads = matches!(about.method, "GET" | "HEAD");
    let created = response.status == 201;
    let entity = matches!(about.target, Target::Users | Target::Roles | Target::User(_) | Target::Role(_));
    if reads && entity && (about.method == "GET" || version >= Framework::V3_4) {
        let tag = tag(&response.body, version);
        response = response.with_header("ETag", &tag);
    }
    let patched = matches!(about.target, Target::User(_)) || (created && version >= Framework::V2_7);
    if patched {
        response = response.with_header("Accept-Patch", PATCH_TYPE);
    }
    if let Some(iri) = iri.filter(|_| located(version, about.method)) {
        response = response.with_header("Content-Location", &place(iri, about));
    }
    if about.method == "HEAD" && matches!(about.target, Target::Users | Target::Roles) && version >= Framework::V4_0 {
        let query = about.request.query();
        let query = if query.is_empty() { String::new() } else { format!("?{query}") };
        let path = about.request.path().split('.').next().unwrap_or_default();
        response = response.with_header("Content-Location", &format!("{}{query}", place(path, about)));
    }
    if let (Some(iri), true) = (iri, created) {
        response = response.with_header("Location", iri);
    }
    if entity && version >= Framework::V4_3 {
        let allowed = about.target.methods(about.options);
        response = response.with_header("Allow", &allowed.replacen("GET", "OPTIONS, HEAD, GET", 1));
        if about.target == Target::Users {
            response = response.with_header("Accept-Post", POST_TYPES);
        }
    }
    if entity && version >= Framework::V3_4 {
        response = response.with_header("Link", &documentation(about));
    }
    response
}

/// The error with the headers that depend on the version.
pub(crate) fn of_error(response: Response, about: &About<'_>) -> Response {
    let problem = response.header("Content-Type").is_some_and(|kind| kind.starts_with("application/problem+json"));
    if !problem || about.options.framework < Framework::V3_4Recipe {
        return response;
    }
    let linked = "<http://www.w3.org/ns/hydra/error>; rel=\"http://www.w3.org/ns/json-ld#error\",";
    let linked = if about.format == Format::Json { "" } else { linked };
    response.with_header("Link", &format!("{linked}{}", documentation(about)))
}

/// Where the item is said to be: after writes, from 3.4 on reads too, and from 4.0 on HEAD only.
fn located(version: Framework, method: &str) -> bool {
    match method {
        "DELETE" => false,
        "GET" => matches!(version, Framework::V3_4 | Framework::V3_4Recipe),
        "HEAD" => version >= Framework::V3_4,
        _ => true,
    }
}

/// From 4.0 the path ends with the format.
fn place(path: &str, about: &About<'_>) -> String {
    if about.options.framework >= Framework::V4_0 {
        format!("{path}.{}", about.format.suffix())
    } else {
        path.to_owned()
    }
}

fn documentation(about: &About<'_>) -> String {
    let host = about.request.header("Host").unwrap_or_default();
    let place = format!("{}://{host}{}/docs.jsonld", about.scheme, crate::PREFIX);
    format!("<{place}>; rel=\"http://www.w3.org/ns/hydra/core#apiDocumentation\"")
}

/// The tag of a body. From 4.0 it is another hash of 16 digits; here it is half of the same one, which changes when that would.
fn tag(body: &[u8], version: Framework) -> String {
    let hash = md5::hex(body);
    format!("\"{}\"", if version >= Framework::V4_0 { &hash[..16] } else { &hash })
}
