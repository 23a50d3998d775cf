//! The router: which path means what, and which methods it has (FW; esg 3, findings 1.7).

use crate::PREFIX;
use crate::options::Options;
use crate::query::{cast, decode};

/// What a path means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Login,
    EntryPoint,
    Docs,
    Users,
    User(i64),
    Roles,
    Role(i64),
}

impl Target {
    /// The methods, in the order of the `Allow` header.
    pub(crate) fn methods(self, options: &Options) -> &'static str {
        match self {
            Self::Login => "POST",
            Self::Users if options.users_can_be_created => "GET, POST",
            Self::User(_) => "GET, PUT, PATCH, DELETE",
            Self::Roles if !options.roles_listed => "",
            Self::Docs if !options.describes_itself => "",
            Self::Users | Self::EntryPoint | Self::Docs | Self::Roles | Self::Role(_) => "GET",
        }
    }

    /// Whether the route has this method; HEAD goes with GET.
    pub(crate) fn allows(self, method: &str, options: &Options) -> bool {
        let method = if method == "HEAD" { "GET" } else { method };
        self.methods(options).split(", ").any(|allowed| allowed == method)
    }
}

/// A path that the router knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) target: Target,
    /// The format part of the path: `json` in `/api/v2/user/4.json`.
    pub(crate) suffix: Option<String>,
    /// The path ends in a slash that the route does not have.
    pub(crate) trailing_slash: bool,
}

impl Route {
    /// Finds the route of a path as it was sent.
    pub(crate) fn find(path: &str) -> Option<Self> {
        let path = decode(path);
        let rest = path.strip_prefix(PREFIX)?;
        let (rest, trailing_slash) = match rest.strip_suffix('/') {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let mut segments = rest.split('/');
        if segments.next() != Some("") {
            return None;
        }
        let segments: Vec<&str> = segments.collect();
        let last = segments.last().copied().unwrap_or_default();
        let (last, suffix) = match last.split_once('.') {
            Some((last, suffix)) => (last, Some(suffix)),
            None => (last, None),
        };
        let target = match (segments.as_slice(), last) {
            ([], _) => Target::EntryPoint,
            ([_], "login") if suffix.is_none() => Target::Login,
            ([_], "docs") => Target::Docs,
            ([_], "user") => Target::Users,
            ([_], "user-role") => Target::Roles,
            (["user", _], id) if !id.is_empty() => Target::User(cast(id)),
            (["user-role", _], id) if !id.is_empty() => Target::Role(cast(id)),
            _ => return None,
        };
        Some(Self { target, suffix: suffix.map(str::to_owned), trailing_slash })
    }
}

/// A path with its id replaced, for counting: `/api/v2/user/{id}`.
pub(crate) fn template(path: &str) -> String {
    match Route::find(path).map(|route| route.target) {
        Some(Target::User(_)) => format!("{PREFIX}/user/{{id}}"),
        Some(Target::Role(_)) => format!("{PREFIX}/user-role/{{id}}"),
        Some(_) | None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(path: &str) -> Option<Target> {
        Route::find(path).map(|route| route.target)
    }

    #[test]
    fn ids_are_cast() {
        for (text, id) in [("4", 4), ("004", 4), ("4abc", 4), ("4%20", 4), ("abc", 0), ("-1", -1)] {
            assert_eq!(target(&format!("/api/v2/user/{text}")), Some(Target::User(id)), "{text}");
        }
    }

    #[test]
    fn suffixes_and_slashes() {
        let route = Route::find("/api/v2/user/4.json").unwrap();
        assert_eq!(route.suffix.as_deref(), Some("json"));
        assert!(Route::find("/api/v2/user/").unwrap().trailing_slash);
        assert_eq!(target("/api/v2"), Some(Target::EntryPoint));
        for unknown in ["/api/v2//user/4", "/api/v2/user/4%2F5", "/api/v2/users", "/user", "/api/v20"] {
            assert_eq!(target(unknown), None, "{unknown}");
        }
    }
}
