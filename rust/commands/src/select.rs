//! Names with `*`, compared without case, as PowerShell users write them.

/// Conditions of which one must hold; none: everything.
pub(crate) struct Selection(Vec<Pattern>);

struct Pattern {
    parts: Vec<String>,
}

impl Selection {
    pub fn new(texts: &[String]) -> Self {
        Self(
            texts
                .iter()
                .map(|text| Pattern { parts: text.to_lowercase().split('*').map(str::to_owned).collect() })
                .collect(),
        )
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True when there is no condition, or one of the names fits one.
    pub fn accepts<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> bool {
        if self.0.is_empty() {
            return true;
        }
        names.into_iter().any(|name| {
            let name = name.to_lowercase();
            self.0.iter().any(|pattern| pattern.fits(&name))
        })
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
    fn no_condition_accepts_everything_and_one_of_several_is_enough() {
        assert!(Selection::new(&[]).accepts([]));
        let two = Selection::new(&["a".into(), "b*".into()]);
        assert!(two.accepts(["x", "bcd"]));
        assert!(!two.accepts(["x"]));
    }
}
