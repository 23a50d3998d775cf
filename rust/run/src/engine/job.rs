//! One action on its way through a run.

use super::target::Target;
use super::{ActionResult, ActionStatus};
use esgsync_delegation::plan::{Action, ActionKind, Change, ChangeKind};
use jiff::Timestamp;

/// The order of a run (design 8). A stage begins when the one before has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Writes of earlier runs whose outcome nobody knows: settled by reading before anything else.
    Leftover,
    /// Functional users that an undo brings back: before the aliases of their delegates are withdrawn.
    Creations,
    /// Updates that add.
    Additions,
    /// Other updates: after the additions, so that no address is without a user in between.
    Updates,
    /// No call: aliases become ours, or cease to be.
    Adoptions,
    /// Removals: proved by reads after all updates (rule 32).
    Removals,
}

impl Stage {
    pub(super) fn of(action: &Action) -> Self {
        let adds = |change: &Change| matches!(change.kind, ChangeKind::AliasAdded | ChangeKind::AliasRestored);
        match action.kind {
            ActionKind::UpdateUser if action.changes.iter().any(adds) => Self::Additions,
            ActionKind::UpdateUser => Self::Updates,
            ActionKind::AdoptAlias | ActionKind::ReleaseAlias => Self::Adoptions,
            ActionKind::CreateUser => Self::Creations,
            ActionKind::RemoveUser => Self::Removals,
        }
    }
}

pub(super) enum Phase<T: Target> {
    /// The next thing is to read, not before that time.
    Open(Option<Timestamp>),
    Reading,
    /// Read just now; the write has not been handed out. No body: a removal, or a creation of `before`.
    Ready {
        before: T::Item,
        body: Option<T::Body>,
        read_at: Timestamp,
    },
    Writing {
        before: T::Item,
        body: Option<T::Body>,
    },
    Ended(ActionResult),
}

pub(super) struct Job<T: Target> {
    /// The run whose journal holds this action: an earlier one for leftovers.
    pub run: u64,
    /// The tenant of that run.
    pub tenant: Option<String>,
    pub stage: Stage,
    pub action: Action,
    pub phase: Phase<T>,
    /// Writes handed out.
    pub attempts: u32,
    /// Reads that the target put off.
    pub read_retries: u32,
    /// The before-image of a write that may have happened: the next read settles it.
    pub open_write: Option<T::Item>,
    /// What was seen last, for the result of a job that does not end.
    pub seen: Option<String>,
}

impl<T: Target> Job<T> {
    pub(super) fn new(run: u64, tenant: Option<String>, action: Action) -> Self {
        let (stage, phase) = (Stage::of(&action), Phase::Open(None));
        Self { run, tenant, stage, action, phase, attempts: 0, read_retries: 0, open_write: None, seen: None }
    }

    pub(super) fn removes(&self) -> bool {
        self.action.kind == ActionKind::RemoveUser
    }

    pub(super) fn creates(&self) -> bool {
        self.action.kind == ActionKind::CreateUser
    }

    pub(super) fn has_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended(_))
    }

    /// Where it stands when the run ends now.
    pub(super) fn result(&self, otherwise: &str) -> ActionResult {
        match &self.phase {
            Phase::Ended(result) => result.clone(),
            _ if self.is_unsettled() => {
                let text = self.seen.clone().unwrap_or_else(|| "the run ended before the answer came".into());
                ActionResult::new(&self.action, ActionStatus::Unsettled, Some(text))
            }
            _ => ActionResult::new(
                &self.action,
                ActionStatus::NotStarted,
                self.seen.clone().or_else(|| Some(otherwise.into())),
            ),
        }
    }

    fn is_unsettled(&self) -> bool {
        self.open_write.is_some() || matches!(self.phase, Phase::Writing { .. })
    }
}
