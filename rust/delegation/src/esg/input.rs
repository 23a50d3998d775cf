//! What planning takes, and what it refuses to plan from.

use super::{EsgUser, ManagedAlias, RemovableFunctional, RemovedFunctional};
use crate::plan::{PlanError, PlanOptions, TargetRef};
use crate::resolve::Resolution;
use crate::snapshot::Snapshot;
use jiff::Timestamp;

/// Everything that a plan depends on. Same input in any order of rows and users, same plan.
#[derive(Debug, Clone)]
pub struct PlanInput<'a> {
    /// The facts of Exchange.
    pub snapshot: &'a Snapshot,
    /// What they mean, resolved with the rights and groups of `options`.
    pub resolution: &'a Resolution,
    /// Every user of the appliance, read completely (esg 5.1).
    pub users: &'a [EsgUser],
    /// Id of the role of functional users. `None`: not settled; then nobody is deleted and `RemoveStale::Any` acts as `Managed` (rule 25).
    pub functional_role: Option<u64>,
    /// The appliance and the state that the plan is bound to.
    pub target: TargetRef,
    /// The options.
    pub options: PlanOptions,
    /// Aliases that are ours, of every tenant; those of other tenants are not touched.
    pub managed: &'a [ManagedAlias],
    /// Functional users that runs of ours removed.
    pub removed: &'a [RemovedFunctional],
    /// Functional users that earlier plans found removable.
    pub removable: &'a [RemovableFunctional],
    /// The API can create users; `None`: not known.
    pub users_can_be_created: Option<bool>,
    /// Now.
    pub created: Timestamp,
    /// Version of the product.
    pub product: &'a str,
}

impl PlanInput<'_> {
    pub(super) fn check(&self) -> Result<(), PlanError> {
        if self.snapshot.mailboxes.is_empty() {
            return Err(PlanError::NoMailboxes { created: self.snapshot.header.created });
        }
        if self.users.is_empty() {
            return Err(PlanError::NoUsers);
        }
        self.check_ids().map_err(|problem| PlanError::UserList { problem })?;
        self.check_resolution().map_err(|problem| PlanError::Resolution { problem })
    }

    fn check_ids(&self) -> Result<(), String> {
        let mut ids: Vec<u64> = self.users.iter().map(|user| user.id).collect();
        ids.sort_unstable();
        if ids.first() == Some(&0) {
            return Err("a user has the id 0".into());
        }
        match ids.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(format!("user {} stands in it twice", pair[0])),
            None => Ok(()),
        }
    }

    fn check_resolution(&self) -> Result<(), String> {
        let (mailboxes, recipients) = (self.snapshot.mailboxes.len(), self.snapshot.recipients.len());
        if self.resolution.mailboxes.len() != mailboxes {
            return Err(format!("{} mailboxes instead of {mailboxes}", self.resolution.mailboxes.len()));
        }
        let outside = |index: u32, of: usize| index as usize >= of;
        let stray = self.resolution.delegations.iter().any(|delegation| {
            outside(delegation.mailbox, mailboxes)
                || outside(delegation.delegate, recipients)
                || delegation.groups.iter().any(|&group| outside(group, recipients))
        });
        if stray { Err("a delegation points outside of the snapshot".into()) } else { Ok(()) }
    }
}
