//! Each text once: most of a report of 50,000 rows are the same names again and again.

use foldhash::HashMap;
use serde::Serialize;
use std::borrow::Cow;

/// Texts by number.
#[derive(Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Pool<'a> {
    texts: Vec<Cow<'a, str>>,
    #[serde(skip)]
    numbers: HashMap<Cow<'a, str>, usize>,
}

impl<'a> Pool<'a> {
    /// The number of a text.
    pub fn number(&mut self, text: Cow<'a, str>) -> usize {
        if let Some(number) = self.numbers.get(&text) {
            return *number;
        }
        let number = self.texts.len();
        self.texts.push(text.clone());
        self.numbers.insert(text, number);
        number
    }
}
