//! Resolution from lines to delegations: the settled cases, the shapes of Exchange, a small tenant, properties.

mod exchange_shapes;
mod groups;
mod properties;
mod rules_mailboxes;
mod rules_reading;
mod rules_trustees;
mod small_tenant;
mod world;
