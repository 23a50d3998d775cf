//! The client of a Libraesva ESG appliance (esg 2 to 9).
//!
//! [`EsgClient::connect`] logs in and proves that it speaks to the API. Reads repeat themselves as [`crate::retry`] decides; a write is sent once, and its
//! [`WriteOutcome`] says what is known about it. The caller decides what follows, from a fresh read (rule 44).

mod base;
mod call;
mod capabilities;
mod client;
mod config;
mod item;
mod list;
mod reply;
mod roles;
mod session;

pub use base::BaseUri;
pub use capabilities::Capabilities;
pub use client::{Connected, EsgClient};
pub use config::{Credentials, EsgConfig};
pub use item::WriteOutcome;
pub use list::{PAGE_SIZE, PageRead};
pub use roles::{DEFAULT_FUNCTIONAL_ROLE, RoleSource, Roles};

/// What the simulator adds to every answer: a state file made with it never serves a real appliance (design 8).
pub const SIMULATOR_HEADER: &str = "x-esgmailboxsync-simulator";
