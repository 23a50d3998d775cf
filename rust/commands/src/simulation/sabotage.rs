//! Code that is broken on purpose, one fault for each invariant: a simulation that does not find these finds nothing.

/// What is broken. It sits between the code and its surroundings, and does what that code would do if it were written wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Sabotage {
    /// Nothing.
    #[default]
    None,
    /// The list that is sent lacks an address that the user has: as code that knows only what it wants.
    ForgetsForeignAddress,
    /// Members of an element that it does not know are not sent back.
    DropsUnknownMembers,
    /// A write that was confirmed is sent again.
    SendsTwice,
    /// A user is not read again before it is changed: what an earlier read said is good enough.
    KeepsOldReads,
    /// Holders are not read again before a functional user is deleted.
    TrustsThePlan,
    /// An alias counts as ours as soon as its write is on its way.
    BooksEarly,
    /// Aliases that were there before count as ours.
    ClaimsForeign,
    /// An action counts as done as soon as its write is on its way.
    DoneEarly,
    /// A read is repeated for ever.
    NeverGivesUp,
    /// A stop of the caller is not passed on.
    DeafToStop,
    /// A list counts as complete without proof.
    BelievesAnyList,
    /// A secret gets into a text.
    TellsSecret,
    /// Something else than the plan is sent.
    AddsWhatNobodyPlanned,
    /// The functional user is deleted although the plan keeps it.
    DeletesUnplanned,
}

impl Sabotage {
    pub const ALL: [Self; 14] = [
        Self::ForgetsForeignAddress,
        Self::DropsUnknownMembers,
        Self::SendsTwice,
        Self::KeepsOldReads,
        Self::TrustsThePlan,
        Self::BooksEarly,
        Self::ClaimsForeign,
        Self::DoneEarly,
        Self::NeverGivesUp,
        Self::DeafToStop,
        Self::BelievesAnyList,
        Self::TellsSecret,
        Self::AddsWhatNobodyPlanned,
        Self::DeletesUnplanned,
    ];
}
