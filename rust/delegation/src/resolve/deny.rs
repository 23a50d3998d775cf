//! Allow against deny, per person and right (design 5.5).

use std::collections::HashSet;

/// One allow that reaches a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grant {
    /// The person.
    pub person: u32,
    /// The row is inherited.
    pub inherited: bool,
    /// Groups between row and person, outermost first.
    pub groups: Vec<u32>,
}

/// The people whom deny rows reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Denied {
    /// By a row of the mailbox itself.
    pub explicit: HashSet<u32>,
    /// By an inherited row.
    pub inherited: HashSet<u32>,
}

impl Denied {
    /// The people that a row of this level reaches.
    pub(super) fn level(&mut self, inherited: bool) -> &mut HashSet<u32> {
        if inherited { &mut self.inherited } else { &mut self.explicit }
    }

    /// Windows order: explicit deny, explicit allow, inherited deny, inherited allow; the first that concerns the person decides.
    pub(super) fn allows(&self, grant: &Grant) -> bool {
        !self.explicit.contains(&grant.person) && (!grant.inherited || !self.inherited.contains(&grant.person))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The order as Windows walks it, written down independently: the first entry that is there decides.
    fn windows(explicit_deny: bool, explicit_allow: bool, inherited_deny: bool, inherited_allow: bool) -> bool {
        let walk = [(explicit_deny, false), (explicit_allow, true), (inherited_deny, false), (inherited_allow, true)];
        walk.into_iter().find(|(there, _)| *there).is_some_and(|(_, allow)| allow)
    }

    #[test]
    fn follows_the_windows_order_in_all_sixteen_cases() {
        for case in 0..16 {
            let [explicit_deny, explicit_allow, inherited_deny, inherited_allow] =
                [1, 2, 4, 8].map(|bit| case & bit != 0);
            let mut denied = Denied::default();
            if explicit_deny {
                denied.level(false).insert(7);
            }
            if inherited_deny {
                denied.level(true).insert(7);
            }
            let grants = [(explicit_allow, false), (inherited_allow, true)];
            let holds = grants
                .into_iter()
                .filter(|(there, _)| *there)
                .any(|(_, inherited)| denied.allows(&Grant { person: 7, inherited, groups: vec![] }));
            assert_eq!(
                holds,
                windows(explicit_deny, explicit_allow, inherited_deny, inherited_allow),
                "explicit deny {explicit_deny}, allow {explicit_allow}; inherited deny {inherited_deny}, allow {inherited_allow}"
            );
        }
    }
}
