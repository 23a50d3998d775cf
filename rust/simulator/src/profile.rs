//! Words and members that the application brings along, not the framework: they differ between a real ESG and the recorder.

use serde::{Deserialize, Serialize};

use crate::framework::Framework;
use crate::options::Options;
use crate::schema::Kind;

/// Whose words and members the appliance has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// An ESG, as far as it is known: the members that the state file has, and words of our own (UNK).
    #[default]
    Esg,
    /// The application that the recordings were made with.
    RecordedApp,
}

/// The words of a profile.
pub(crate) struct Words {
    /// What class names begin with; they reach callers in texts of errors (findings 6.1).
    pub(crate) namespace: &'static str,
    /// The right that newer versions name when they refuse somebody.
    pub(crate) right: &'static str,
    /// What is said to a token that is not known.
    pub(crate) unknown_token: &'static str,
    /// Members of users besides those of the state file: name, type, and whether they may be null.
    pub(crate) members: &'static [(&'static str, Kind, bool)],
}

const ESG: Words =
    Words { namespace: "App\\Entity\\", right: "ROLE_USER", unknown_token: "The token is not valid.", members: &[] };

const RECORDED_APP: Words = Words {
    namespace: "App\\",
    right: "ROLE_ESG",
    unknown_token: "Invalid token.",
    members: &[("description", Kind::Text, true), ("enabled", Kind::Flag, false)],
};

impl Profile {
    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::Esg => &ESG,
            Self::RecordedApp => &RECORDED_APP,
        }
    }
}

/// The names that [`apply`] takes: `esg`, `recorded-app`, and one for each version of the framework.
#[must_use]
pub fn profiles() -> Vec<String> {
    let versions = Framework::ALL.iter().filter_map(|version| serde_json::to_value(version).ok());
    let versions = versions.filter_map(|version| version.as_str().map(str::to_owned));
    ["esg", "recorded-app"].map(str::to_owned).into_iter().chain(versions).collect()
}

/// Sets the switches of a profile. Several add up: `recorded-app`, then `3.4.17`.
///
/// # Errors
/// A text that names the profiles that there are.
pub fn apply(name: &str, options: &mut Options) -> Result<(), String> {
    if !profiles().iter().any(|known| known == name) {
        return Err(format!("there is no profile `{name}`; the profiles are {}", profiles().join(", ")));
    }
    let switch = if name.starts_with(|first: char| first.is_ascii_digit()) { "framework" } else { "profile" };
    options.set(&format!("{switch}={name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_add_up_and_an_unknown_one_is_told_all_names() {
        let mut options = Options::default();
        for name in ["recorded-app", "4.3.15"] {
            apply(name, &mut options).unwrap();
        }
        assert_eq!((options.profile, options.framework), (Profile::RecordedApp, Framework::V4_3));
        assert_eq!(profiles().len(), 2 + Framework::ALL.len());
        let error = apply("4.9", &mut options).unwrap_err();
        assert!(error.contains("3.4.17-recipe") && error.contains("recorded-app"), "{error}");
    }
}
