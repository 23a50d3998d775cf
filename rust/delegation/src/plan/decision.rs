//! What a fresh read means for an action: the words between a target's decisions and the run engine.

/// What a fresh read makes of an action, right before its write (rule 42). `Body` is what an update sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prepared<Body> {
    /// Send this: computed from the fresh read.
    Write(Body),
    /// All changes are there already.
    Nothing,
    /// Somebody changed what the action is about: skip it, and say why.
    Conflict(String),
}

/// What a fresh read makes of an action whose write had no clear answer (rule 44).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The write happened.
    Done,
    /// It did not: prepare again.
    NotDone,
    /// Neither: somebody else wrote too, or the write was half done.
    Mixed(String),
}
