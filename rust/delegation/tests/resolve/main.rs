//! Resolution from lines to delegations: the settled cases, the shapes of Exchange, a small tenant, properties.
#![allow(clippy::unwrap_used, clippy::panic)] // Also in the helpers of tests: a broken test world is a failed test.

mod exchange_shapes;
mod groups;
mod other_rights;
mod properties;
mod rules_mailboxes;
mod rules_reading;
mod rules_trustees;
mod small_tenant;
mod world;
