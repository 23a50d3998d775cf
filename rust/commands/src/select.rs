//! Names with `*`, compared without case, as PowerShell users write them.

use std::cell::Cell;

/// Conditions of which one must hold; none: everything.
pub(crate) struct Selection(Vec<Pattern>);

struct Pattern {
    text: String,
    parts: Vec<String>,
    /// It fitted something so far.
    hit: Cell<bool>,
}

impl Selection {
    pub fn new(texts: &[String]) -> Self {
        let pattern = |text: &String| {
            let parts = text.to_lowercase().split('*').map(str::to_owned).collect();
            Pattern { text: text.clone(), parts, hit: Cell::new(false) }
        };
        Self(texts.iter().map(pattern).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True when there is no condition, or one of the names fits one.
    pub fn accepts<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> bool {
        if self.0.is_empty() {
            return true;
        }
        // No short cut: every pattern that fits is to know it.
        let mut accepted = false;
        for name in names {
            let name = name.to_lowercase();
            for pattern in self.0.iter().filter(|pattern| pattern.fits(&name)) {
                pattern.hit.set(true);
                accepted = true;
            }
        }
        accepted
    }

    /// Names without `*` that nothing had so far: most likely misspelt.
    pub fn missed(&self) -> Vec<String> {
        self.0.iter().filter(|pattern| pattern.parts.len() == 1 && !pattern.hit.get()).map(|p| p.text.clone()).collect()
    }
}

impl Pattern {
    fn fits(&self, name: &str) -> bool {
        let [first, middle @ .., last] = self.parts.as_slice() else {
            return self.parts.first().is_some_and(|only| only == name);
        };
        let Some(rest) = name.strip_prefix(first.as_str()) else { return false };
        let Some(mut rest) = rest.strip_suffix(last.as_str()) else { return false };
        for part in middle {
            match rest.find(part.as_str()) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(pattern: &str, name: &str) -> bool {
        Selection::new(&[pattern.into()]).accepts([name])
    }

    #[test]
    fn stars_stand_for_any_text_and_case_does_not_matter() {
        assert!(accepts("Info@Corp.example", "info@corp.EXAMPLE"));
        assert!(!accepts("info", "info@corp.example"));
        assert!(accepts("info*", "info@corp.example"));
        assert!(accepts("*@corp.example", "info@corp.example"));
        assert!(accepts("*o@*e", "info@corp.example"));
        assert!(accepts("*", ""));
        assert!(accepts("a*b*c", "aXbYc"));
        assert!(!accepts("a*b*c", "aXcYb"));
        assert!(!accepts("aa*aa", "aaa"));
    }

    #[test]
    fn names_that_nothing_had_are_told_and_patterns_are_not() {
        let selection = Selection::new(&["Info".into(), "info@corp.example".into(), "Nobody".into(), "x*".into()]);
        assert!(selection.accepts(["info", "info@corp.example"]));
        assert_eq!(selection.missed(), ["Nobody"]);
    }

    #[test]
    fn no_condition_accepts_everything_and_one_of_several_is_enough() {
        assert!(Selection::new(&[]).accepts([]));
        let two = Selection::new(&["a".into(), "b*".into()]);
        assert!(two.accepts(["x", "bcd"]));
        assert!(!two.accepts(["x"]));
    }
}
