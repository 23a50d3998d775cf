//! Lists: filters, paging, and the three shapes of a page (FW; esg 5, findings 3).

use std::cmp::Reverse;

use serde_json::{Map, Value, json};

use crate::PREFIX;
use crate::error::Problem;
use crate::negotiate::Format;
use crate::options::{Options, Totals};
use crate::query::{Query, cast};
use crate::render::link;
use crate::route::{Route, Target};
use crate::state::User;

/// The filters and orders of the user list: the parameter, and the member of a user that it looks at.
pub(crate) const USER_FILTERS: [(&str, &str); 7] = [
    ("username", "username"),
    ("role", "role"),
    ("role[]", "role"),
    ("id", "id"),
    ("id[]", "id"),
    ("order[id]", "id"),
    ("order[username]", "username"),
];

/// The page that a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    page: i64,
    /// The size in force, after the limit.
    limit: usize,
    offset: usize,
}

impl Window {
    /// # Errors
    /// 400 for a page below 1, a negative size, or a page beyond what can be counted.
    pub(crate) fn of(query: &Query, options: &Options) -> Result<Self, Problem> {
        let bad = |text: &str| Err(Problem::new(400, text));
        let most = i64::try_from(options.max_items).unwrap_or(i64::MAX);
        let usual = i64::try_from(options.default_items).unwrap_or(i64::MAX);
        let page = query.number("page").unwrap_or(1);
        if page < 1 {
            return bad("Page should not be less than 1");
        }
        let wish = query.number("itemsPerPage").filter(|_| options.client_items_enabled);
        let limit = wish.map_or(usual, |size| size.min(most));
        if limit < 0 {
            return bad("Limit should not be less than 0");
        }
        if limit == 0 && page > 1 {
            return bad("Page should not be greater than 1 if limit is equal to 0");
        }
        let offset = (page - 1).checked_mul(limit);
        match (offset.map(usize::try_from), usize::try_from(limit)) {
            (Some(Ok(offset)), Ok(limit)) => Ok(Self { page, limit, offset }),
            _ => bad("Page parameter is too large."),
        }
    }

    /// The rows of this page.
    pub(crate) fn slice<'a, T>(&self, rows: &'a [T]) -> &'a [T] {
        let start = self.offset.min(rows.len());
        let end = start.saturating_add(self.limit).min(rows.len());
        &rows[start..end]
    }

    fn last_page(&self, total: usize) -> i64 {
        let pages = if self.limit == 0 { 1 } else { total.div_ceil(self.limit).max(1) };
        i64::try_from(pages).unwrap_or(i64::MAX)
    }
}

/// The rows that the filters leave, in the order asked for; `None` when no filter and no order is in force.
/// A value that a filter cannot use is ignored, so the list is then not narrowed.
pub(crate) fn select<'a>(users: &'a [User], query: &Query, host: &str) -> Option<Vec<&'a User>> {
    let name = query.get("username").map(str::to_lowercase);
    let ids: Vec<i64> = query.all("id").filter(|value| is_number(value)).map(cast).collect();
    let roles: Vec<i64> = query
        .all("role")
        .filter_map(|value| {
            let path = value.split_once("://").and_then(|(_, rest)| rest.strip_prefix(host)).unwrap_or(value);
            match Route::find(path).map(|route| route.target) {
                Some(Target::Role(id)) => Some(id),
                _ => is_number(value).then(|| cast(value)),
            }
        })
        .collect();
    let orders: Vec<(&str, bool)> = ["username", "id"]
        .into_iter()
        .filter_map(|field| {
            let direction = query.get(&format!("order[{field}]"))?.to_ascii_lowercase();
            match direction.as_str() {
                "asc" => Some((field, false)),
                "desc" => Some((field, true)),
                _ => None,
            }
        })
        .collect();
    if name.is_none() && ids.is_empty() && roles.is_empty() && orders.is_empty() {
        return None;
    }
    let one_of = |wanted: &[i64], id: u64| wanted.is_empty() || wanted.iter().any(|&one| u64::try_from(one) == Ok(id));
    let mut rows: Vec<&User> = users
        .iter()
        .filter(|user| {
            one_of(&ids, user.id)
                && one_of(&roles, user.role)
                && name.as_ref().is_none_or(|name| user.username.to_lowercase().contains(name))
        })
        .collect();
    match orders.first() {
        Some(("username", false)) => rows.sort_by(|a, b| a.username.cmp(&b.username)),
        Some(("username", true)) => rows.sort_by(|a, b| b.username.cmp(&a.username)),
        Some((_, true)) => rows.sort_by_key(|user| Reverse(user.id)),
        Some(_) | None => {}
    }
    Some(rows)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// One page of a collection.
pub(crate) struct Page {
    /// The JSON-LD name of the resource.
    pub(crate) name: &'static str,
    /// The path as it was sent.
    pub(crate) path: String,
    pub(crate) query: Query,
    pub(crate) window: Window,
    pub(crate) total: usize,
    pub(crate) totals: Totals,
    /// The IRIs of the items, in their order.
    pub(crate) iris: Vec<String>,
    pub(crate) items: Vec<Value>,
}

impl Page {
    /// The document of this page.
    pub(crate) fn render(self, format: Format) -> Value {
        match format {
            Format::Json => Value::Array(self.items),
            Format::Hal => self.hal(),
            Format::JsonLd => self.json_ld(),
        }
    }

    /// The links that a page has beside `self`: none when everything fits on one page.
    fn links(&self) -> Vec<(&'static str, String)> {
        let (page, last) = (self.window.page, self.window.last_page(self.total));
        if self.totals == Totals::Absent {
            return self.partial_links();
        }
        if last == 1 {
            return vec![("self", self.href(None))];
        }
        let mut links =
            vec![("self", self.href(Some(page))), ("first", self.href(Some(1))), ("last", self.href(Some(last)))];
        if page != 1 {
            links.push(("prev", self.href(Some(page - 1))));
        }
        // Not `page < last`: a page past the end has a `next` too.
        if page != last {
            links.push(("next", self.href(Some(page + 1))));
        }
        links
    }

    /// Nobody counts: a page that is full may have a next one (esg 5.13).
    fn partial_links(&self) -> Vec<(&'static str, String)> {
        let page = self.window.page;
        let mut links = vec![("self", self.href(Some(page)))];
        if page != 1 {
            links.push(("prev", self.href(Some(page - 1))));
        }
        if self.items.len() == self.window.limit && !self.items.is_empty() {
            links.push(("next", self.href(Some(page + 1))));
        }
        links
    }

    fn href(&self, page: Option<i64>) -> String {
        format!("{}{}", self.path, self.query.link(page))
    }

    fn hal(self) -> Value {
        let mut links: Map<String, Value> =
            self.links().into_iter().map(|(name, href)| (name.to_owned(), link(&href))).collect();
        if !self.iris.is_empty() {
            let items = self.iris.iter().map(|iri| link(iri)).collect();
            links.insert("item".to_owned(), items);
        }
        let mut out = json!({"_links": links});
        match self.totals {
            Totals::Integer => out["totalItems"] = self.total.into(),
            // Exact below 2^53, and more users there are not.
            #[allow(clippy::cast_precision_loss)]
            Totals::Float => out["totalItems"] = (self.total as f64).into(),
            Totals::Absent => {}
        }
        out["itemsPerPage"] = self.window.limit.into();
        if !self.items.is_empty() {
            out["_embedded"] = json!({"item": self.items});
        }
        out
    }

    fn json_ld(self) -> Value {
        let links = self.links();
        let collection = format!("{PREFIX}/{}", if self.name == "User" { "user" } else { "user-role" });
        let mut out = json!({
            "@id": collection,
            "@type": "hydra:Collection",
            "hydra:member": self.items,
            "hydra:totalItems": self.total,
        });
        if links.len() > 1 {
            let last = self.window.last_page(self.total);
            let mut view = Map::new();
            for (name, href) in links {
                let key = match name {
                    "self" => "@id",
                    "first" => "hydra:first",
                    "last" => "hydra:last",
                    "prev" => "hydra:previous",
                    // Unlike HAL, JSON-LD has no next page past the end.
                    _ if self.window.page > last => continue,
                    _ => "hydra:next",
                };
                view.insert(key.to_owned(), href.into());
                if name == "self" {
                    view.insert("@type".to_owned(), "hydra:PartialCollectionView".into());
                }
            }
            out["hydra:view"] = view.into();
        }
        if self.name == "User" {
            out["hydra:search"] = search_template(&collection);
        }
        crate::render::with_context(self.name, out)
    }
}

/// The JSON-LD description of the filters.
fn search_template(collection: &str) -> Value {
    let variables = USER_FILTERS.map(|(variable, _)| variable).join(",");
    let mapping: Vec<_> = USER_FILTERS
        .iter()
        .map(|(variable, property)| {
            json!({"@type": "IriTemplateMapping", "variable": variable, "property": property, "required": false})
        })
        .collect();
    json!({
        "@type": "hydra:IriTemplate",
        "hydra:template": format!("{collection}{{?{variables}}}"),
        "hydra:variableRepresentation": "BasicRepresentation",
        "hydra:mapping": mapping,
    })
}
