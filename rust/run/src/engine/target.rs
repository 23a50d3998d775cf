//! What the engine must know of a target system: pure decisions, no calls.

use esgsync_delegation::plan::{Action, Change, Prepared, Settled};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A target system: its items (users, groups) and the decisions about them.
pub trait Target {
    /// An item as it was read; journalled as the before-image.
    type Item: Clone + Serialize + DeserializeOwned;
    /// What an update sends.
    type Body: Clone + Serialize;

    /// The id of the item (rule 48).
    fn id(item: &Self::Item) -> u64;
    /// The update, computed from an item that was read just now.
    fn prepare(&self, action: &Action, fresh: &Self::Item) -> Prepared<Self::Body>;
    /// Does the reply show what the action wants (rule 39)?
    ///
    /// # Errors
    /// What it does not show.
    fn confirm(&self, action: &Action, sent: &Self::Body, reply: &Self::Item) -> Result<(), String>;
    /// What the reply shows and nobody sent (rule 43).
    fn surprises(&self, sent: &Self::Body, reply: &Self::Item) -> Vec<String>;
    /// Did an update happen whose outcome got lost?
    fn settled(&self, action: &Action, fresh: &Self::Item) -> Settled;
    /// May the item of a removal go (rules 29 to 32)? `holders` are those that could be read.
    ///
    /// # Errors
    /// Why it may not.
    fn prove(&self, action: &Action, item: &Self::Item, holders: &[Self::Item]) -> Result<(), String>;
    /// Does the item have what the change is about?
    fn has(&self, change: &Change, item: &Self::Item) -> bool;
    /// The item that an undo creates again, as it was; absent: the action creates none.
    fn image(&self, action: &Action) -> Option<Self::Item>;
    /// What the items of that name say about one that an undo creates again.
    fn found(&self, action: &Action, named: &[Self::Item]) -> Settled;
    /// The addresses that go with the item when it is removed.
    fn addresses(&self, item: &Self::Item) -> Vec<String>;
}
