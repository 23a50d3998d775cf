//! From rows to delegations: rights, well-known principals, identity, groups, deny (design 5, rules 9 to 22).

mod model;

pub use model::*;
