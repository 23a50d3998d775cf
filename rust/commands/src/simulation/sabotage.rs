//! The invariants, and code that is broken on purpose for each of them: a simulation that does not find these finds nothing.

/// What has to hold, by the words that a broken one begins with. The first five are those of (design 12).
pub(super) const INVARIANTS: [&str; 19] = [
    "address lost",
    "address held by nobody",
    "plan not reached",
    "undo does not restore",
    "sends on the second run",
    "sent twice",
    "not planned",
    "element changed",
    "not read right before",
    "deleted without proof",
    "claims what is not ours",
    "claims what is not there",
    "forgets what is ours",
    "plan of a part",
    "plans to take away",
    "does not converge",
    "does not end by itself",
    "does not stop when it is told to",
    "a secret is told",
];

/// What is broken. It sits between the code and its surroundings, and does what that code would do if it were written wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Sabotage {
    /// Nothing.
    #[default]
    None,
    /// The list that is sent lacks an address that the user has: as code that knows only what it wants.
    ForgetsForeignAddress,
    /// Holders count as holders without being asked: what the plan brings is there.
    BelievesInHolders,
    /// An action counts as done as soon as its write is on its way.
    DoneEarly,
    /// An action is missing in the journal that an undo is made from.
    LosesJournal,
    /// The last write is sent again when everything is done.
    SendsAgain,
    /// A write that was confirmed is sent again at once.
    SendsTwice,
    /// Something else than the plan is sent.
    AddsWhatNobodyPlanned,
    /// The functional user is deleted although the plan keeps it.
    DeletesUnplanned,
    /// Members of an element that it does not know are not sent back.
    DropsUnknownMembers,
    /// A user is not read again before it is changed: what an earlier read said is good enough.
    KeepsOldReads,
    /// Holders are not read again before a functional user is deleted.
    TrustsThePlan,
    /// Aliases that were there before count as ours.
    ClaimsForeign,
    /// An alias counts as ours as soon as its write is on its way.
    BooksEarly,
    /// What a run brought is not kept.
    ForgetsAtOnce,
    /// A list counts as complete without proof.
    BelievesAnyList,
    /// A permission that was read is not in the snapshot.
    LosesPermissions,
    /// The list of users is read without their aliases.
    ReadsListsWithoutAliases,
    /// A read is repeated for ever.
    NeverGivesUp,
    /// A stop of the caller is not passed on.
    DeafToStop,
    /// A secret gets into a text.
    TellsSecret,
}

impl Sabotage {
    /// Each with the invariant that it breaks.
    pub const ALL: [(Self, &str); 20] = [
        (Self::ForgetsForeignAddress, "address lost"),
        (Self::BelievesInHolders, "address held by nobody"),
        (Self::DoneEarly, "plan not reached"),
        (Self::LosesJournal, "undo does not restore"),
        (Self::SendsAgain, "sends on the second run"),
        (Self::SendsTwice, "sent twice"),
        (Self::AddsWhatNobodyPlanned, "not planned"),
        (Self::DeletesUnplanned, "not planned"),
        (Self::DropsUnknownMembers, "element changed"),
        (Self::KeepsOldReads, "not read right before"),
        (Self::TrustsThePlan, "deleted without proof"),
        (Self::ClaimsForeign, "claims what is not ours"),
        (Self::BooksEarly, "claims what is not there"),
        (Self::ForgetsAtOnce, "forgets what is ours"),
        (Self::BelievesAnyList, "plan of a part"),
        (Self::LosesPermissions, "plans to take away"),
        (Self::ReadsListsWithoutAliases, "does not converge"),
        (Self::NeverGivesUp, "does not end by itself"),
        (Self::DeafToStop, "does not stop when it is told to"),
        (Self::TellsSecret, "a secret is told"),
    ];
}
