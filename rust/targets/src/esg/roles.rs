//! Roles: which one is that of functional users (esg 4.1, design 6).

use super::{EsgClient, call::ACCEPT_JSON};
use crate::{
    context::CallContext,
    error::TargetError,
    hal::{Page, Role},
    transport::Transport,
};

/// The only published id of the functional role (esg 4.1).
pub const DEFAULT_FUNCTIONAL_ROLE: u64 = 499;
/// Its published name.
const FUNCTIONAL_NAME: &str = "Functional User";
/// More pages of roles than any appliance has.
const MOST_PAGES: u64 = 100;

/// Where the id of the functional role comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoleSource {
    /// The appliance lists it by its name.
    Listed,
    /// The appliance lists no roles; a setting gives it.
    Configured,
    /// The appliance lists no roles, and nothing gives it: the published default.
    Assumed,
    /// It cannot be settled: nothing may be deleted.
    Unsettled,
}

/// The roles of an appliance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    /// Every role, ascending by id; empty when the appliance does not list them.
    pub all: Vec<Role>,
    /// Id of the functional role; `None` when it cannot be settled.
    pub functional: Option<u64>,
    /// Where it comes from.
    pub source: RoleSource,
}

impl<T: Transport> EsgClient<T> {
    /// Reads the roles and settles which one is functional: by name where the appliance lists them, else by setting, else by default.
    ///
    /// # Errors
    /// Everything that a read can meet, but for the answers that say that this list does not exist or may not be read.
    pub async fn roles(&self, cx: &CallContext) -> Result<Roles, TargetError> {
        let mut all = match self.read_roles(cx).await {
            Err(e) if matches!(e.status, Some(403..=406)) => Vec::new(),
            other => other?,
        };
        all.sort_by_key(|role| role.id);
        let (functional, source) = settle(&all, self.0.functional_role);
        Ok(Roles { all, functional, source })
    }

    async fn read_roles(&self, cx: &CallContext) -> Result<Vec<Role>, TargetError> {
        let mut all: Vec<Role> = Vec::new();
        for page in 1..=MOST_PAGES {
            let path = format!("/api/v2/user-role?page={page}&itemsPerPage=150");
            let Some(value) = self.0.read(cx, &path, ACCEPT_JSON).await? else { return Ok(Vec::new()) };
            let roles = Page::<Role>::read(value).map_err(|e| self.0.protocol(format!("roles: {e}")))?.items;
            let before = all.len();
            all.extend(roles);
            // Past the end a page is empty; an appliance that does not page this list repeats it.
            if all.len() == before || all[before..].iter().any(|role| all[..before].contains(role)) {
                all.truncate(before);
                return Ok(all);
            }
        }
        Err(self.0.protocol("the list of roles has no end"))
    }
}

/// Which role is functional.
fn settle(all: &[Role], setting: Option<u64>) -> (Option<u64>, RoleSource) {
    if all.is_empty() {
        let source = if setting.is_some() { RoleSource::Configured } else { RoleSource::Assumed };
        return (setting.or(Some(DEFAULT_FUNCTIONAL_ROLE)), source);
    }
    let mut named =
        all.iter().filter(|role| role.name.trim().eq_ignore_ascii_case(FUNCTIONAL_NAME)).map(|role| role.id);
    match (named.next(), named.next()) {
        // A setting that contradicts the list, a name that is there twice: nobody knows.
        (Some(id), None) if setting.is_none_or(|setting| setting == id) => (Some(id), RoleSource::Listed),
        (Some(_), _) => (None, RoleSource::Unsettled),
        // The name may be translated: then a setting that the list has counts, but no default.
        (None, _) => match setting.filter(|setting| all.iter().any(|role| role.id == *setting)) {
            Some(id) => (Some(id), RoleSource::Configured),
            None => (None, RoleSource::Unsettled),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functional_role_is_settled_by_name_then_setting_then_default() {
        let role = |id, name: &str| Role { id, name: name.into() };
        let user = role(7, "User");
        for (all, setting, functional, source) in [
            (vec![], None, Some(499), RoleSource::Assumed),
            (vec![], Some(12), Some(12), RoleSource::Configured),
            (vec![user.clone(), role(12, "functional user")], None, Some(12), RoleSource::Listed),
            (vec![user.clone(), role(12, "Functional User")], Some(12), Some(12), RoleSource::Listed),
            (vec![user.clone(), role(12, "Functional User")], Some(7), None, RoleSource::Unsettled),
            (vec![role(12, "Functional User"), role(13, "FUNCTIONAL USER ")], None, None, RoleSource::Unsettled),
            (vec![user.clone(), role(12, "Funktionsbenutzer")], None, None, RoleSource::Unsettled),
            (vec![user.clone(), role(499, "Administrator")], None, None, RoleSource::Unsettled),
            (vec![user.clone(), role(12, "Funktionsbenutzer")], Some(12), Some(12), RoleSource::Configured),
            (vec![user.clone()], Some(12), None, RoleSource::Unsettled),
        ] {
            assert_eq!(settle(&all, setting), (functional, source), "{all:?} {setting:?}");
        }
    }
}
