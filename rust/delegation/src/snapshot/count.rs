//! Counting lines for the `end` line (rule 2).

use super::End;
use std::collections::BTreeMap;

/// Counts the lines of a snapshot by kind. The reader checks with it what a writer stated with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineCounter {
    lines: u64,
    counts: BTreeMap<String, u64>,
}

impl LineCounter {
    /// Counts one line. Every line before `end` counts, also one of an unknown kind; `end` itself does not.
    pub fn count(&mut self, kind: &str) {
        self.lines += 1;
        // Looked up first: a new String for each of a million lines would cost more than parsing them.
        match self.counts.get_mut(kind) {
            Some(count) => *count += 1,
            None => {
                self.counts.insert(kind.to_owned(), 1);
            }
        }
    }

    /// The members of the `end` line for what was counted so far.
    pub fn end(&self) -> End {
        End { lines: self.lines, counts: self.counts.clone() }
    }

    /// The `end` line as JSON, without a newline.
    pub fn end_line(&self) -> String {
        serde_json::json!({"kind": "end", "lines": self.lines, "counts": self.counts}).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_02_end_counts_the_lines_before_it() {
        let mut counter = LineCounter::default();
        for kind in ["snapshot", "permission", "permission", "later"] {
            counter.count(kind);
        }
        assert_eq!(counter.end().lines, 4);
        assert_eq!(counter.end().counts["permission"], 2);
        assert_eq!(counter.end_line(), r#"{"kind":"end","lines":4,"counts":{"later":1,"permission":2,"snapshot":1}}"#);
    }
}
