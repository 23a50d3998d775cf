//! A plan as a file: sealed, written, read and checked.

use super::{Action, ActionKind, ChangeKind, PLAN_VERSION, Plan, PlanError, guards};
use crate::digest;
use serde::Deserialize;
use std::collections::HashSet;

impl Plan {
    /// Sets the digest over everything else in the plan.
    #[must_use]
    pub fn seal(mut self) -> Self {
        self.digest = self.content_digest();
        self
    }

    /// Compares the digest with the content.
    ///
    /// # Errors
    /// [`PlanError::Digest`] when the plan was changed after it was sealed, or never sealed.
    pub fn verify_digest(&self) -> Result<(), PlanError> {
        let found = self.content_digest();
        if self.digest == found { Ok(()) } else { Err(PlanError::Digest { sealed: self.digest.clone(), found }) }
    }

    /// The plan as indented JSON, members in the order of the type, one trailing newline.
    pub fn write(&self) -> String {
        let mut text = json(serde_json::to_string_pretty(self));
        text.push('\n');
        text
    }

    /// Reads what [`Plan::write`] wrote.
    ///
    /// # Errors
    /// When the text is no plan, has another version, was changed after it was sealed, or contradicts itself.
    pub fn read(text: &str) -> Result<Self, PlanError> {
        let not_a_plan = |error: serde_json::Error| PlanError::NotAPlan { problem: error.to_string() };
        // The version first: a later format may lack members of this one.
        let Envelope { version } = serde_json::from_str(text).map_err(not_a_plan)?;
        if version != u64::from(PLAN_VERSION) {
            return Err(PlanError::Version { found: version, supported: PLAN_VERSION });
        }
        let plan: Self = serde_json::from_str(text).map_err(not_a_plan)?;
        plan.verify_digest()?;
        plan.check().map_err(|problem| PlanError::Inconsistent { problem })?;
        Ok(plan)
    }

    // The digests of the actions stand for the actions: a plan of many thousand is never held twice as JSON.
    fn content_digest(&self) -> String {
        let actions: Vec<String> = self.actions.iter().map(|action| json(digest::of(action))).collect();
        json(digest::of(&(
            (self.version, &self.created, &self.product, &self.target, &self.tenant),
            (&self.snapshot, &self.undoes, &self.options, &self.summary, &self.guards),
            (actions, &self.left_alone, &self.findings),
        )))
    }

    fn check(&self) -> Result<(), String> {
        let mut ids = HashSet::new();
        let mut written = HashSet::new();
        for action in &self.actions {
            let id = &action.id;
            action.check().map_err(|problem| format!("action {id}: {problem}"))?;
            if let Some(missing) = action.depends_on.iter().find(|needed| !ids.contains(needed.as_str())) {
                return Err(format!("action {id} depends on {missing}, which does not stand before it"));
            }
            if !ids.insert(id.as_str()) {
                return Err(format!("action {id} stands there twice"));
            }
            let calls = !matches!(action.kind, ActionKind::AdoptAlias | ActionKind::ReleaseAlias);
            if calls && !written.insert(action.user.id) {
                return Err(format!("user {} is written to by two actions", action.user.id));
            }
        }
        let existing = self.guards.iter().map(|guard| (guard.kind, guard.existing)).collect();
        let counted = guards(&self.counts(), &existing);
        let same = counted.len() == self.guards.len()
            && counted.iter().zip(&self.guards).all(|(a, b)| (a.kind, a.count) == (b.kind, b.count));
        if same { Ok(()) } else { Err("its guards do not count its actions".into()) }
    }
}

impl Action {
    /// The id that belongs to kind, user and changes: stable within the plan and across identical plans. Reasons and trails
    /// are not in it, they change nothing.
    pub fn content_id(&self) -> String {
        let mut digest = digest::Lines::default();
        digest.push(&(self.kind, &self.user));
        self.changes.iter().for_each(|change| digest.push(&(change.kind, &change.address)));
        digest.finish().trim_start_matches("sha256:").chars().take(ID_DIGITS).collect()
    }

    fn check(&self) -> Result<(), String> {
        if self.user.id == 0 {
            return Err("its user has the id 0".into());
        }
        if self.changes.is_empty() {
            return Err("it changes nothing".into());
        }
        if let Some(change) = self.changes.iter().find(|change| change.kind.action() != self.kind) {
            return Err(format!("{:?} is no change of {:?}", change.kind, self.kind));
        }
        if (self.kind == ActionKind::RemoveUser) != self.after.is_none() {
            return Err("only the removal of a user has no addresses afterwards".into());
        }
        if self.kind == ActionKind::RemoveUser && (self.holders.is_empty() || self.mailbox_addresses.is_empty()) {
            return Err("it removes a user and names nobody who holds its addresses".into());
        }
        if (self.kind == ActionKind::CreateUser) != self.restore.is_some() {
            return Err("only a user that is created again comes with its image".into());
        }
        if self.id != self.content_id() {
            return Err("its id does not belong to its content".into());
        }
        Ok(())
    }
}

impl ChangeKind {
    /// The kind of action that carries such a change.
    pub fn action(self) -> ActionKind {
        match self {
            Self::AliasAdded | Self::AliasRemoved | Self::DuplicateCollapsed | Self::AliasRestored => {
                ActionKind::UpdateUser
            }
            Self::AliasAdopted => ActionKind::AdoptAlias,
            Self::FunctionalUserRemoved => ActionKind::RemoveUser,
            Self::FunctionalUserRestored => ActionKind::CreateUser,
            Self::AliasReleased => ActionKind::ReleaseAlias,
        }
    }
}

/// JSON schema of a plan file.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Plan).to_value()
}

// 128 bits: two actions of one plan never share an id.
const ID_DIGITS: usize = 32;

#[derive(Deserialize)]
struct Envelope {
    version: u64,
}

#[expect(
    clippy::expect_used,
    reason = "plans hold no map whose keys are not text, the only thing that JSON cannot write"
)]
fn json<T>(written: Result<T, serde_json::Error>) -> T {
    written.expect("a plan is JSON")
}
