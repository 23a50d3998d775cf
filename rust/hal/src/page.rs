//! One page of a collection (esg 5).

use crate::{HalError, Item, kind, whole};
use serde_json::{Map, Value};

/// One page of a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<I> {
    /// The items, in order. Empty past the end, where `_embedded` is missing (esg 5.4).
    pub items: Vec<I>,
    /// `totalItems`; absent with partial pagination (esg 5.13).
    pub total: Option<u64>,
    /// `itemsPerPage`: the size the server used, which may be less than was asked for (esg 5.11).
    pub per_page: Option<u64>,
}

impl<I: Item> Page<I> {
    /// Reads a page. A bare list, as plain JSON callers get it (esg 5.12), is a page without totals.
    ///
    /// # Errors
    /// When the value is no collection, a count is no whole number, or an item cannot be read; the text names the place.
    pub fn read(value: Value) -> Result<Self, HalError> {
        match value {
            Value::Array(items) => Ok(Self { items: read_items(items)?, total: None, per_page: None }),
            Value::Object(mut page) => {
                if !["_links", "_embedded", "totalItems"].iter().any(|member| page.contains_key(*member)) {
                    return Err(HalError::new(
                        "the answer is no list: it has neither _links nor _embedded nor totalItems",
                    ));
                }
                let items = embedded_items(page.remove("_embedded"))?;
                Ok(Self {
                    items: read_items(items)?,
                    total: count(&page, "totalItems")?,
                    per_page: count(&page, "itemsPerPage")?,
                })
            }
            other => Err(HalError::new(format!("the answer is no list but {}", kind(&other)))),
        }
    }
}

fn read_items<I: Item>(items: Vec<Value>) -> Result<Vec<I>, HalError> {
    let read = |(n, item)| I::read(item).map_err(|e| HalError::new(format!("item {} of the page: {e}", n + 1)));
    items.into_iter().enumerate().map(read).collect()
}

fn embedded_items(embedded: Option<Value>) -> Result<Vec<Value>, HalError> {
    match embedded {
        None => Ok(Vec::new()),
        // PHP writes an empty map as a list.
        Some(Value::Array(empty)) if empty.is_empty() => Ok(Vec::new()),
        Some(Value::Object(mut embedded)) => match embedded.remove("item") {
            Some(Value::Array(items)) => Ok(items),
            Some(other) => Err(HalError::new(format!("_embedded.item is {}, not a list", kind(&other)))),
            None if embedded.is_empty() => Ok(Vec::new()),
            None => Err(HalError::new("_embedded has members, but no item")),
        },
        Some(other) => Err(HalError::new(format!("_embedded is {}, not an object", kind(&other)))),
    }
}

/// A count: a whole number.
fn count(page: &Map<String, Value>, member: &str) -> Result<Option<u64>, HalError> {
    let Some(value) = page.get(member).filter(|value| !value.is_null()) else { return Ok(None) };
    whole(value).map(Some).ok_or_else(|| HalError::new(format!("{member} is no whole number")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
    use serde_json::json;

    fn read(value: Value) -> Result<Page<Role>, HalError> {
        Page::read(value)
    }

    #[test]
    fn a_page_has_its_items_and_both_counts() {
        let page = read(json!({
            "_links": {"self": {"href": "/x"}}, "totalItems": 420, "itemsPerPage": 150,
            "_embedded": {"item": [{"id": 7, "name": "User"}]}
        }));
        let page = page.unwrap();
        assert_eq!((page.total, page.per_page), (Some(420), Some(150)));
        assert_eq!(page.items, [Role { id: 7, name: "User".into() }]);
    }

    #[test]
    fn a_page_past_the_end_is_empty_although_next_is_there() {
        let page =
            read(json!({"_links": {"next": {"href": "/x?page=10"}}, "totalItems": 420, "itemsPerPage": 150})).unwrap();
        assert!(page.items.is_empty());
        assert_eq!(page.total, Some(420));
        for embedded in [json!([]), json!({})] {
            assert!(read(json!({"_links": {}, "_embedded": embedded})).unwrap().items.is_empty());
        }
    }

    #[test]
    fn a_count_is_whole_or_missing() {
        let total = |value: Value| read(json!({"_links": {}, "totalItems": value})).map(|page| page.total);
        assert_eq!(total(json!(3)), Ok(Some(3)));
        assert_eq!(total(json!(3.0)), Ok(Some(3)));
        assert_eq!(total(Value::Null), Ok(None));
        assert_eq!(read(json!({"_links": {}})).unwrap().total, None);
        for bad in [json!(3.5), json!(-1), json!(-1.0), json!("3"), json!(1e300), json!([])] {
            assert!(total(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_no_list_is_refused_with_a_text_that_names_it() {
        let text = |value: Value| read(value).unwrap_err().to_string();
        assert!(text(json!({"message": "hello"})).contains("no list"));
        assert!(text(json!("x")).contains("a string"));
        assert!(text(json!({"_embedded": {"item": {"id": 1}}})).contains("_embedded.item is an object"));
        assert!(text(json!({"_embedded": {"users": []}})).contains("no item"));
        assert!(text(json!({"_embedded": "x"})).contains("_embedded is a string"));
        assert!(text(json!([{"id": 1, "name": "a"}, {"id": 0, "name": "b"}])).starts_with("item 2 of the page: "));
    }

    #[test]
    fn a_bare_list_is_a_page_without_totals() {
        let page = read(json!([{"id": 1, "name": "a"}])).unwrap();
        assert_eq!((page.items.len(), page.total, page.per_page), (1, None, None));
    }
}
