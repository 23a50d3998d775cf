//! What the appliance does with a request that nothing disturbs.

use serde_json::{Value, json};

use crate::auth::{Caller, Refusal};
use crate::collection::{self, Page, Window};
use crate::error::{self, Problem};
use crate::framework::{CheckOrder, Framework};
use crate::headers::{self, About};
use crate::input;
use crate::json::{self, Escaping};
use crate::message::{Request, Response};
use crate::negotiate::{self, Format};
use crate::options::Options;
use crate::query::Query;
use crate::render;
use crate::route::{Route, Target};
use crate::state::User;
use crate::{Esg, openapi};

impl Esg {
    /// Answers a request as the appliance does, check by check in the order of the framework 2.7 (FW; findings 6,
    /// table 9.3): route, method, format, caller, item, rights, body type, body, validation.
    pub(crate) fn answer(&mut self, request: &Request) -> Response {
        let scheme = self.scheme;
        let method = match request.header("X-HTTP-Method-Override") {
            Some(method) if request.method == "POST" => method.to_ascii_uppercase(),
            _ => request.method.clone(),
        };
        let Some(route) = Route::find(request.path()) else {
            return error::outside(request, scheme, None);
        };
        let query = Query::parse(request.query());
        let reads = matches!(method.as_str(), "GET" | "HEAD");
        if route.trailing_slash {
            if !reads || !route.target.allows("GET", &self.state.options) {
                return error::outside(request, scheme, None);
            }
            return match self.state.authenticate(request, &query) {
                Ok(_) => redirect(request, scheme),
                Err(refusal) => refuse(&refusal, Format::Hal, &self.state.options),
            };
        }
        if !route.target.allows(&method, &self.state.options) {
            let allow = route.target.methods(&self.state.options);
            return error::outside(request, scheme, Some(allow));
        }
        if route.target == Target::Login {
            let tokens = self.state.tokens.len();
            let response = self.state.login(request, scheme);
            self.revision += u64::from(self.state.tokens.len() != tokens);
            return response;
        }
        let accept = request.header("Accept");
        let format = negotiate::reply_format(route.suffix.as_deref(), accept, self.state.options.framework);
        let written = match method.as_str() {
            "PATCH" | "POST" | "PUT" => negotiate::wrong_type(&method, request.header("Content-Type")),
            _ => Ok(()),
        };
        let caller = self.spend(request).and_then(|()| self.state.authenticate(request, &query));
        let shown = format.as_ref().copied().unwrap_or(Format::Hal);
        let (format, caller) = match self.first_error(format, written, caller) {
            Ok(passed) => passed,
            Err(response) => {
                let options = &self.state.options;
                let about = About { options, request, scheme, target: route.target, method: &method, format: shown };
                return headers::of_error(response, &about);
            }
        };
        let result = if reads {
            self.read(route.target, format, &caller, request, &query)
        } else {
            self.write(route.target, format, &method, &caller, request)
        };
        let options = &self.state.options;
        let about = About { options, request, scheme, target: route.target, method: &method, format };
        let mut response = match result {
            Ok((response, iri)) => headers::of_success(response, &about, iri.as_deref()),
            Err(problem) => headers::of_error(problem.response(format, options), &about),
        };
        if method == "HEAD" {
            response.body.clear();
        }
        response
    }

    /// Format and caller, or the error that comes first in the order of checks.
    fn first_error(
        &self,
        format: Result<Format, Problem>,
        written: Result<(), Problem>,
        caller: Result<Caller, Refusal>,
    ) -> Result<(Format, Caller), Response> {
        let options = &self.state.options;
        let shown = format.as_ref().copied().unwrap_or(Format::Hal);
        let of = |problem: &Problem| problem.response(shown, options);
        let accepted = format.as_ref().err().map(of);
        let typed = written.as_ref().err().map(of);
        let refused = caller.as_ref().err().map(|refusal| refuse(refusal, shown, options));
        // A type that is wrong is seen by the reader of bodies in the older versions: after item and rights.
        let first = match options.check_order() {
            CheckOrder::Firewall => refused.or(accepted),
            CheckOrder::Listener => accepted.or(refused),
            CheckOrder::TypeFirst => typed.or(accepted).or(refused),
            CheckOrder::Provider | CheckOrder::RightsFirst => refused.or(typed).or(accepted),
        };
        match (first, format, caller) {
            (None, Ok(format), Ok(caller)) => Ok((format, caller)),
            (first, ..) => Err(first.unwrap_or_else(|| of(&Problem::internal()))),
        }
    }

    /// Counts a request against the life of its token.
    fn spend(&mut self, request: &Request) -> Result<(), Refusal> {
        let (Some(ttl), Some(token)) = (self.state.options.token_ttl, request.header("X-ESG-Auth-Token")) else {
            return Ok(());
        };
        let rest = self.token_rest.entry(token.to_owned()).or_insert(ttl);
        match rest.checked_sub(1) {
            Some(less) => *rest = less,
            None => self.state.expire(token),
        }
        Ok(())
    }

    /// The reply, and the IRI of the item where it is about one.
    fn read(
        &self,
        target: Target,
        format: Format,
        caller: &Caller,
        request: &Request,
        query: &Query,
    ) -> Result<(Response, Option<String>), Problem> {
        Ok(match target {
            Target::EntryPoint => (ok(200, format, &render::entry_point(format, &self.state.options)), None),
            Target::Docs if format == Format::Json && self.state.options.framework >= Framework::V4_0 => {
                return Err(Problem::new(404, "Format \"json\" is not supported"));
            }
            Target::Docs if format == Format::Json => {
                let document = match query.number("spec_version") {
                    Some(3) => openapi::document(&self.schema, &self.state),
                    _ => openapi::swagger(&self.schema, &self.state),
                };
                (ok(200, format, &document), None)
            }
            Target::User(id) => {
                let user = self.user(id, caller)?;
                (ok(200, format, &self.document(user, format)), Some(render::user_iri(user.id)))
            }
            Target::Role(id) => {
                let id = u64::try_from(id)
                    .ok()
                    .filter(|id| self.state.roles.contains_key(id))
                    .ok_or_else(Problem::not_found)?;
                let role = render::role(id, format, &self.state);
                (ok(200, format, &in_context("UserRole", role, format)), Some(input::role_iri(id)))
            }
            Target::Users | Target::Roles => {
                (ok(200, format, &self.list(target, format, caller, request, query)?), None)
            }
            Target::Login | Target::Docs => return Err(Problem::not_found()),
        })
    }

    fn list(
        &self,
        target: Target,
        format: Format,
        caller: &Caller,
        request: &Request,
        query: &Query,
    ) -> Result<Value, Problem> {
        let window = Window::of(query, &self.state.options)?;
        let (name, total, iris, items) = if target == Target::Users {
            let host = request.header("Host").unwrap_or_default();
            let filters = self.state.options.filters.then(|| collection::select(&self.state.users, query, host));
            let selected = match (filters.flatten(), &caller.domain) {
                (None, Some(_)) => Some(self.state.users.iter().collect()),
                (selected, _) => selected,
            };
            let selected = selected.map(|mut rows| {
                rows.retain(|user| caller.sees(user));
                rows
            });
            let (total, rows): (usize, Vec<&User>) = match &selected {
                Some(rows) => (rows.len(), window.slice(rows).to_vec()),
                None => {
                    let users = &self.state.users;
                    (users.len(), window.slice(users).iter().collect())
                }
            };
            let iris = rows.iter().map(|user| render::user_iri(user.id)).collect();
            let items = rows.iter().map(|user| render::user(user, format, &self.schema, &self.state)).collect();
            ("User", total, iris, items)
        } else {
            let ids: Vec<u64> = self.state.roles.keys().copied().collect();
            let page = window.slice(&ids);
            let iris = page.iter().map(|&id| input::role_iri(id)).collect();
            let items = page.iter().map(|&id| render::role(id, format, &self.state)).collect();
            ("UserRole", ids.len(), iris, items)
        };
        let totals = self.state.options.totals;
        let page =
            Page { name, path: request.path().to_owned(), query: query.clone(), window, total, totals, iris, items };
        Ok(page.render(format))
    }

    fn write(
        &mut self,
        target: Target,
        format: Format,
        method: &str,
        caller: &Caller,
        request: &Request,
    ) -> Result<(Response, Option<String>), Problem> {
        let rights = if caller.administrator { Ok(()) } else { Err(Problem::access_denied()) };
        if self.state.options.check_order() == CheckOrder::RightsFirst {
            rights.clone()?;
        }
        let old = match target {
            Target::User(id) => Some(self.user(id, caller)?.clone()),
            _ => None,
        };
        rights?;
        if let (Some(old), "DELETE") = (&old, method) {
            if old.role == self.state.functional_role {
                self.removed.push(old.clone());
            }
            self.state.remove(old.id);
            self.revision += 1;
            return Ok((headers::usual(Response::new(204)), None));
        }
        let content_type = request.header("Content-Type");
        if method == "PATCH" {
            negotiate::patch_type(content_type)?;
        } else {
            negotiate::document_type(content_type)?;
        }
        let body = input::parse(&request.body, self.state.options.profile)?;
        let created = old.is_none();
        // The role is a relation of its own: without one the database refuses the row, which is an error of the server.
        let complete = !created || body.contains_key("role");
        // A standard PUT replaces: what it does not name is as of a new user.
        let replaces = method == "PUT" && self.state.options.framework.put_replaces();
        let fresh = |id: u64, role: u64| User {
            id,
            username: String::new(),
            email_addresses: Vec::new(),
            role,
            fields: self.schema.defaults(),
        };
        let base = match old {
            Some(old) if replaces => fresh(old.id, old.role),
            Some(old) => old,
            None => fresh(self.next_id, 0),
        };
        let host = request.header("Host").unwrap_or_default();
        let user = input::apply(body, base, &self.schema, &self.state, host)?;
        input::validate(&user, &self.state)?;
        if !complete {
            return Err(Problem::internal());
        }
        let iri = render::user_iri(user.id);
        let response = ok(if created { 201 } else { 200 }, format, &self.document(&user, format));
        self.next_id += u64::from(created);
        if self.state.user(user.id) != Some(&user) {
            self.state.put(user);
            self.revision += 1;
        }
        Ok((response, Some(iri)))
    }

    /// The user of that id; one that the caller does not see is not there for it.
    fn user(&self, id: i64, caller: &Caller) -> Result<&User, Problem> {
        let found = u64::try_from(id).ok().and_then(|id| self.state.user(id));
        found.filter(|user| caller.sees(user)).ok_or_else(Problem::not_found)
    }

    fn document(&self, user: &User, format: Format) -> Value {
        let document = render::user(user, format, &self.schema, &self.state);
        in_context("User", document, format)
    }
}

fn in_context(name: &str, document: Value, format: Format) -> Value {
    if format == Format::JsonLd { render::with_context(name, document) } else { document }
}

/// A reply of the API layer.
fn ok(status: u16, format: Format, document: &Value) -> Response {
    let escaping = if format == Format::Json { Escaping::Ascii } else { Escaping::Html };
    let content_type = format!("{}; charset=utf-8", format.media_type());
    let body = json::write(document, escaping);
    headers::usual(Response::new(status).with_body(&content_type, body))
}

fn refuse(refusal: &Refusal, format: Format, options: &Options) -> Response {
    match refusal {
        Refusal::Problem(problem) => problem.response(format, options),
        Refusal::Token => error::plain(401, &json!({"message": options.profile.words().unknown_token})),
    }
}

/// The answer to a path with a slash too many: the same address without it, as an absolute URL.
fn redirect(request: &Request, scheme: &str) -> Response {
    let host = request.header("Host").unwrap_or_default();
    let path = request.path().trim_end_matches('/');
    let query = match request.query() {
        "" => String::new(),
        query => format!("?{query}"),
    };
    let location = format!("{scheme}://{host}{path}{query}");
    Response::new(301).with_body("text/html; charset=utf-8", error::html(301)).with_header("Location", &location)
}
