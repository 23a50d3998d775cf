//! Functional users that a run deleted: which come back, and which stay away.

use super::{Reason, Undo, blank, with_id};
use crate::esg::effect::{Effects, Touches};
use crate::esg::{EmailAddress, EsgUser, JournalledAction};
use crate::plan::{Action, ActionKind, Change, ChangeKind};

impl Undo<'_> {
    pub(super) fn functional(&mut self, journalled: &JournalledAction) {
        let Some(Effects::Deleted(image)) = journalled.effects() else { return };
        let Some(change) = journalled.action.changes.first() else { return };
        match self.creation(journalled, image, change) {
            Ok(action) => {
                let addresses = image.addresses.iter().map(|element| (element.key(), action.id.clone()));
                self.restored.extend(addresses);
                self.creations.push(action);
            }
            Err(reason) => self.leave(&journalled.action.user, change, reason),
        }
    }

    fn creation(&self, journalled: &JournalledAction, image: &EsgUser, change: &Change) -> Result<Action, Reason> {
        self.still_its_own(&Touches::of_user(image))?;
        if self.is_there(&image.username, &image.addresses) {
            return Err(("UserIsThere", "a user of that name or primary address is there again".into()));
        }
        if image.role.is_none() {
            return Err(("UserCannotBeCreated", "its role is not known".into()));
        }
        if self.input.users_can_be_created != Some(true) {
            let text = "the API of this appliance cannot create users: import it, or create it by hand";
            return Err(("UserCannotBeCreated", text.into()));
        }
        let reason = format!("run {} deleted it", self.input.run.run).into();
        let change = Change { kind: ChangeKind::FunctionalUserRestored, reason, ..change.clone() };
        let action = Action {
            after: Some(image.addresses.clone()),
            restore: Some(Box::new(image.clone())),
            ..blank(ActionKind::CreateUser, &journalled.action.user, vec![change])
        };
        Ok(with_id(action))
    }

    /// Which functional users stay away after this undo.
    pub(super) fn find_deleted(&mut self) {
        let unsettled = self.input.actions.iter().filter_map(|journalled| match journalled.effects() {
            Some(Effects::Deleted(image)) if !self.by_id.contains_key(&image.id) => {
                let addresses = image.addresses.iter().map(|element| element.address().to_owned()).collect();
                Some((image.username.clone(), addresses))
            }
            _ => None,
        });
        let noted = self.input.removed.iter().map(|entry| (entry.username.clone(), entry.addresses.clone()));
        let gone: Vec<(String, Vec<String>)> = unsettled.chain(noted).collect();
        for (username, addresses) in gone {
            let elements: Vec<EmailAddress> = addresses.iter().map(|address| EmailAddress::alias(address)).collect();
            if self.is_there(&username, &elements) {
                continue;
            }
            let away = elements.iter().map(EmailAddress::key).filter(|key| !self.restored.contains_key(key));
            self.deleted.extend(away.map(|key| (key, username.clone())).collect::<Vec<_>>());
        }
    }

    /// A user of that name with one of those addresses, or any user with one of them as its primary one: a delegate has it as a secondary.
    fn is_there(&self, username: &str, addresses: &[EmailAddress]) -> bool {
        let named = self.named.get(&username.to_lowercase());
        addresses.iter().any(|element| {
            let key = element.key();
            self.primaries.contains(&key) || named.is_some_and(|held| held.contains(&key))
        })
    }
}
