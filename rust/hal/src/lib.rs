//! Reads what an ESG appliance answers: HAL collection pages, items in HAL or plain JSON, and error bodies (esg 4, 5, 9).
//!
//! Pure: values in, values out. It knows nothing of HTTP: the fuzz target builds it without the client.

mod api_error;
mod item;
mod page;

pub use api_error::{ApiError, Violation, clean, page_title};
pub use item::{Item, Role};
pub use page::Page;

/// An answer that does not have the shape of the API. The text says what was wrong and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct HalError(String);

impl HalError {
    fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// A whole number that is not negative, written as an integer or as `x.0` (esg 5.10).
fn whole(value: &serde_json::Value) -> Option<u64> {
    // Above this a float no longer holds every whole number.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let Some(number) = value.as_u64() {
        return Some(number);
    }
    let number = value.as_f64().filter(|number| number.fract() == 0.0 && (0.0..EXACT).contains(number))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be whole, not negative and exact"
    )]
    Some(number as u64)
}

/// The JSON type of a value, as error texts name it.
fn kind(value: &serde_json::Value) -> &'static str {
    match value {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "a boolean",
        serde_json::Value::Number(_) => "a number",
        serde_json::Value::String(_) => "a string",
        serde_json::Value::Array(_) => "a list",
        serde_json::Value::Object(_) => "an object",
    }
}
