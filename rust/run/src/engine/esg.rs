//! ESG as a target: the decisions are those of [`esgsync_delegation::esg`].

use super::target::Target;
use esgsync_delegation::address::AddressKey;
use esgsync_delegation::esg::{self, EmailAddress, EsgUser};
use esgsync_delegation::plan::{Action, Change, PlanOptions, Prepared, Settled};

/// The users of an ESG appliance.
#[derive(Debug, Clone)]
pub struct Esg {
    /// Id of the role of functional users; absent when it could not be settled: then nothing is removed.
    pub functional_role: Option<u64>,
    /// The options of the plan.
    pub options: PlanOptions,
}

impl Target for Esg {
    type Item = EsgUser;
    type Body = Vec<EmailAddress>;

    fn id(item: &EsgUser) -> u64 {
        item.id
    }

    fn prepare(&self, action: &Action, fresh: &EsgUser) -> Prepared<Vec<EmailAddress>> {
        esg::prepare(action, fresh)
    }

    fn confirm(&self, action: &Action, sent: &Vec<EmailAddress>, reply: &EsgUser) -> Result<(), String> {
        esg::confirm(action, sent, reply)
    }

    fn surprises(&self, sent: &Vec<EmailAddress>, reply: &EsgUser) -> Vec<String> {
        esg::surprises(sent, reply)
    }

    fn settled(&self, action: &Action, fresh: &EsgUser) -> Settled {
        esg::settled(action, fresh)
    }

    fn prove(&self, action: &Action, item: &EsgUser, holders: &[EsgUser]) -> Result<(), String> {
        esg::prove(action, item, holders, self.functional_role, &self.options)
    }

    fn has(&self, change: &Change, item: &EsgUser) -> bool {
        let key = AddressKey::new(&change.address);
        item.addresses.iter().any(|element| element.key() == key)
    }

    fn image(&self, action: &Action) -> Option<EsgUser> {
        action.restore.as_deref().cloned()
    }

    fn found(&self, action: &Action, named: &[EsgUser]) -> Settled {
        esg::found(action, named)
    }

    fn addresses(&self, item: &EsgUser) -> Vec<String> {
        item.addresses.iter().map(|element| element.address().to_owned()).collect()
    }
}
