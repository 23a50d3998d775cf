//! Resolution from lines to delegations: the settled cases, the shapes of Exchange, a small tenant, properties.

mod exchange_shapes;
mod groups;
mod properties;
mod rules;
mod small_tenant;
mod world;
