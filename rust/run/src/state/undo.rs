//! What the journal says for an undo, and which runs cannot be taken back.

use super::{RunRecord, State, StateError};
use esgsync_delegation::esg::{JournalledAction, Touches};
use esgsync_delegation::plan::UndoneRun;

/// What an undo of a run decides from, besides the users of the target.
#[derive(Debug, Clone)]
pub struct UndoFacts {
    /// The run.
    pub run: UndoneRun,
    /// Tenant id of its plan.
    pub tenant: Option<String>,
    /// What it did, or may have done.
    pub actions: Vec<JournalledAction>,
    /// What it and all later runs touched.
    pub touches: Touches,
}

/// Why a run cannot be taken back.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// The state file cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// There is no such run at this target.
    #[error("The target '{target}' has no run {run}.")]
    Unknown {
        /// Name of the target.
        target: String,
        /// The number that was asked for.
        run: u64,
    },
    /// It is an undo itself.
    #[error("Run {run} took run {undone} back; an undo is not taken back.")]
    IsUndo {
        /// The run that was asked for.
        run: u64,
        /// The run that it took back.
        undone: u64,
    },
    /// Its images were deleted.
    #[error("The images of run {run} were deleted on {deleted}, as the connection keeps them only for a time.")]
    ImagesDeleted {
        /// The run.
        run: u64,
        /// Day of the deletion.
        deleted: String,
    },
}

impl UndoError {
    /// Stable name of the error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::State(error) => error.code(),
            Self::Unknown { .. } => "RunUnknown",
            Self::IsUndo { .. } => "RunIsUndo",
            Self::ImagesDeleted { .. } => "RunImagesDeleted",
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::State(error) => error.advice(),
            Self::Unknown { .. } => "Get-MailboxSyncRun lists the runs of a target; name another target with -Target.",
            Self::IsUndo { .. } => {
                "Make a new plan with New-EsgPlan: it brings back what the delegations of today want, and deletes only with proof."
            }
            Self::ImagesDeleted { .. } => {
                "Make a new plan with New-EsgPlan, or correct single users by hand: Get-MailboxSyncRun -Action still lists what the run changed."
            }
        }
    }
}

impl State {
    /// What an undo of that run decides from.
    ///
    /// A run that was killed can be taken back as it is: a write whose outcome nobody knows counts as one that may have happened, and the
    /// users as just read decide.
    ///
    /// # Errors
    /// [`UndoError`]. Images of later runs that were deleted hide what those touched: that is an error too.
    pub fn undo_facts(&self, run: u64) -> Result<UndoFacts, UndoError> {
        let runs = self.runs()?;
        let at = runs.iter().position(|known| known.id == run);
        let known = at.map(|at| &runs[at..]).and_then(<[RunRecord]>::split_first);
        let Some((record, later)) = known else {
            return Err(UndoError::Unknown { target: self.identity().name.clone(), run });
        };
        if let Some(undone) = record.undoes {
            return Err(UndoError::IsUndo { run, undone });
        }
        let deleted = |run: &RunRecord| Some((run.id, run.images_deleted?));
        if let Some((run, deleted)) = deleted(record).or_else(|| later.iter().find_map(deleted)) {
            return Err(UndoError::ImagesDeleted { run, deleted: deleted.strftime("%Y-%m-%d").to_string() });
        }
        let (mut actions, mut touches) = (Vec::new(), Touches::default());
        self.each_effect(run, |effect| {
            touches.add(run, None, &effect);
            actions.push(effect);
        })?;
        for next in later {
            self.each_effect(next.id, |effect| touches.add(next.id, next.undoes, &effect))?;
        }
        let undone = UndoneRun { run, plan_digest: record.plan_digest.clone(), started: record.started };
        Ok(UndoFacts { run: undone, tenant: record.tenant.clone(), actions, touches })
    }
}
