//! Why a run cannot begin or go on.

use crate::state::StateError;

/// Why a run cannot begin or go on. Nothing is half done: the journal knows every write.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The state file cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The plan is not what was sealed.
    #[error("The plan was changed after it was made: its digest does not fit.")]
    Changed,
    /// The plan was made for another target.
    #[error("The plan was made for the {planned}, and the connection is the {connected}.")]
    OtherTarget {
        /// System, name and host of the plan.
        planned: String,
        /// System, name and host of the connection.
        connected: String,
    },
    /// The plan was made with another state file.
    #[error("The plan was made with another state file than '{path}'.")]
    OtherState {
        /// The state file in use.
        path: String,
    },
    /// The plan was made for another tenant.
    #[error("The plan was made from tenant {planned}, and the state file serves tenant {recorded}.")]
    OtherTenant {
        /// Tenant id of the plan.
        planned: String,
        /// Tenant id in the state file.
        recorded: String,
    },
    /// Another plan was applied since this one was made, or the state file is an older one.
    #[error(
        "The state of '{target}' is not the one that the plan was made from: another plan was applied since, or an older state file was put back."
    )]
    Stale {
        /// Name of the target.
        target: String,
    },
    /// The driver told something that does not fit the step: a fault of this program.
    #[error("Step {step} ended with an outcome that it cannot have ({outcome}).")]
    Driver {
        /// The step.
        step: u64,
        /// The outcome.
        outcome: &'static str,
    },
}

impl RunError {
    /// Stable name of the error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::State(error) => error.code(),
            Self::Changed => "PlanChanged",
            Self::OtherTarget { .. } => "PlanForOtherTarget",
            Self::OtherState { .. } => "PlanForOtherState",
            Self::OtherTenant { .. } => "PlanForOtherTenant",
            Self::Stale { .. } => "PlanStale",
            Self::Driver { .. } => "Internal",
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::State(error) => error.advice(),
            Self::Changed => "Make a new plan, and choose by options what it holds.",
            Self::OtherTarget { .. } => "Connect to the target of the plan, or make a new plan for this one.",
            Self::OtherState { .. } => "Use the -StatePath that the plan was made with, or make a new plan.",
            Self::OtherTenant { .. } => {
                "If this tenant was not meant, connect to the other one at Exchange and read again. Otherwise give each tenant a connection \
                 (Connect-Esg -Name) of its own, and make a new plan."
            }
            Self::Stale { .. } => "Make a new plan: it knows what is in place now.",
            Self::Driver { .. } => {
                "Run the same command again: it reads first and finishes the run. Please report this error."
            }
        }
    }
}
