//! A Libraesva ESG appliance as a pure state machine, and a server for it.
//!
//! [`Esg::handle`] takes a request and gives the response, without any I/O, so that a test can simulate an appliance
//! in memory. [`Server`] puts it behind HTTP or HTTPS; the program `esg-simulator` does the same for other languages.
//!
//! What a real ESG does is known from public sources only. [`RULES`] lists each rule with its ground: the vendor's documentation (DOC),
//! published client code (CLIENT), recordings of the framework API Platform, 2.5.10 to 4.3.15 (FW), worked out from these (INF), or unknown
//! (UNK), which makes it a switch of [`Options`] or one choice. `esg-simulator --rules` prints them.
//!
//! ```
//! use esgsync_simulator::{Esg, Request, State};
//!
//! let mut esg = Esg::new(State::default());
//! let login = Request::new("POST", "/api/v2/login")
//!     .with_header("Content-Type", "application/json")
//!     .with_body(r#"{"username": "admin", "password": "simulator-admin"}"#);
//! assert_eq!(esg.handle(&login).status, 200);
//! ```
//!
//! # Steering
//!
//! Paths below `/__simulator/` are answered to the own machine only, and are not counted. Errors are
//! `{"error": text}`.
//!
//! | request | does |
//! |---|---|
//! | `GET /__simulator/state` | the state file as it stands |
//! | `PUT /__simulator/state` | replaces everything held |
//! | `GET /__simulator/counts` | [`Counts`] |
//! | `GET /__simulator/log` | list of [`Entry`] |
//! | `POST /__simulator/reset-counts` | empties counts and log |
//! | `POST /__simulator/faults` | list of [`Fault`], in place of the earlier ones |
//! | `GET /__simulator/faults` | the same with `matched` and `fired`: how many requests each was about and struck |
//! | `GET /__simulator/chance` | seed and rate of the faults by chance, and how many requests they `struck`; null without |
//! | `POST /__simulator/edit` | one [`Edit`]: a user changes as by another editor |

mod api;
mod auth;
mod certificate;
mod chance;
mod collection;
mod control;
mod error;
mod esg;
mod family;
mod fault;
mod framework;
mod headers;
mod input;
mod json;
mod log;
mod md5;
mod message;
mod negotiate;
mod openapi;
mod options;
mod profile;
mod query;
mod render;
mod route;
mod rules;
mod schema;
mod server;
mod state;

pub use auth::{Account, AccountKind};
pub use esg::Esg;
pub use fault::{Action, Edit, Fault, Import, Match};
pub use framework::{CheckOrder, ErrorFamily, Framework};
pub use log::{Counts, Entry, Log};
pub use message::{Request, Response, SIMULATOR_HEADER};
pub use options::{
    AddressCase, AddressUniqueness, DuplicateInList, Options, PrimaryRule, RateLimit, RetryAfter, RoleInHal,
    SwitchUserPolicy, Totals,
};
pub use profile::{Profile, apply as apply_profile, profiles};
pub use rules::{Ground, RULES, Rule, table as rules_table};
pub use server::{Server, ServerOptions, StartError, write_whole};
pub use state::{Address, State, User, default_accounts};

/// The version that every reply names.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The start of every path of the API.
pub const PREFIX: &str = "/api/v2";
