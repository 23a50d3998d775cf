//! The switches of (esg 13.2): which appliance a seed is about, and who connects to it.

use super::dice::{Dice, Place, one_in, pick};
use esgsync_simulator::{
    Account, AddressCase, AddressUniqueness, CheckOrder, DuplicateInList, ErrorFamily, Framework, Options, PrimaryRule,
    Profile, RateLimit, RetryAfter, RoleInHal, SwitchUserPolicy, Totals,
};
use fastrand::Rng;

/// How an import names functional users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FunctionalUsername {
    DisplayName,
    Smtp,
    Upn,
}

/// Who connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Login {
    /// A normal account with user name and password.
    User,
    /// An API account that acts as an administrator.
    ApiUser,
    /// A token without credentials.
    Token,
    /// An account with two-factor login.
    OneTimePassword,
    /// A normal account that names itself as the user to act for.
    SwitchesToItself,
}

/// One appliance.
#[derive(Debug, Clone)]
pub(super) struct Switches {
    pub options: Options,
    pub functional_role: u64,
    pub functional_username: FunctionalUsername,
    pub login: Login,
    /// The account sees the users of one mail domain only.
    pub domain_scope: bool,
    /// What is not as usual, for the table.
    pub names: Vec<(Place, String)>,
}

/// A setting: how often it is not as usual, its name, and what makes it so.
type Setting = (u32, &'static str, fn(&mut Switches, &mut Rng) -> String);

const SETTINGS: &[Setting] = &[
    (3, "framework", |s, r| set(&mut s.options.framework, pick(r, &Framework::ALL))),
    (6, "error_family", |s, r| {
        use ErrorFamily::{HtmlProxy, Jsonld, Rfc2616, Rfc7807, Rfc7807Twins};
        some(&mut s.options.error_family, pick(r, &[Rfc2616, Jsonld, Rfc7807Twins, Rfc7807, HtmlProxy]))
    }),
    (8, "check_order", |s, r| {
        use CheckOrder::{Firewall, Listener, Provider, RightsFirst, TypeFirst};
        some(&mut s.options.check_order, pick(r, &[Firewall, Listener, Provider, RightsFirst, TypeFirst]))
    }),
    (8, "validation_status", |s, r| some(&mut s.options.validation_status, pick(r, &[400, 422]))),
    (4, "max_items", |s, r| set(&mut s.options.max_items, pick(r, &[2, 3, 4, 7]))),
    (10, "default_items", |s, r| set(&mut s.options.default_items, pick(r, &[3, 5, 30]))),
    (10, "client_items_enabled", |s, r| {
        s.options.default_items = pick(r, &[3, 6, 50]);
        set(&mut s.options.client_items_enabled, false)
    }),
    (8, "totals", |s, r| set(&mut s.options.totals, pick(r, &[Totals::Float, Totals::Absent]))),
    (4, "role_in_hal", |s, r| set(&mut s.options.role_in_hal, pick(r, &[RoleInHal::Embedded, RoleInHal::Plain]))),
    (6, "functional_role_id", |s, r| set(&mut s.functional_role, pick(r, &[12, 500]))),
    (3, "functional_username", |s, r| {
        set(&mut s.functional_username, pick(r, &[FunctionalUsername::Smtp, FunctionalUsername::Upn]))
    }),
    (6, "addr_unique", |s, r| {
        use AddressUniqueness::{Global, GlobalNonFunctional, PerUser};
        set(&mut s.options.address_uniqueness, pick(r, &[PerUser, PerUser, GlobalNonFunctional, Global]))
    }),
    (6, "duplicate_in_list", |s, r| {
        set(&mut s.options.duplicate_in_list, pick(r, &[DuplicateInList::Dedupe, DuplicateInList::Refuse]))
    }),
    (5, "addr_case", |s, _| set(&mut s.options.address_case, AddressCase::Lower)),
    (6, "primary_rule", |s, _| set(&mut s.options.primary_rule, PrimaryRule::ExactlyOne)),
    (6, "strict_extra_attributes", |s, _| set(&mut s.options.strict_extra_attributes, true)),
    (6, "null_skip", |s, _| set(&mut s.options.null_skip, false)),
    (8, "token_ttl", |s, r| some(&mut s.options.token_ttl, pick(r, &[12, 25]))),
    (3, "account_kind", |s, r| {
        set(&mut s.login, pick(r, &[Login::ApiUser, Login::ApiUser, Login::Token, Login::OneTimePassword]))
    }),
    (8, "switch_user_policy", |s, r| {
        s.login = Login::SwitchesToItself;
        set(&mut s.options.switch_user_policy, pick(r, &[SwitchUserPolicy::Ignore, SwitchUserPolicy::Allow]))
    }),
    (8, "domain_scope", |s, _| set(&mut s.domain_scope, true)),
    (8, "rate_limit", |s, r| {
        let every = pick(r, &[5, 9, 20]);
        let retry_after = pick(r, &[RetryAfter::Seconds, RetryAfter::Date, RetryAfter::Missing]);
        s.options.rate_limit = Some(RateLimit { every, retry_after });
        format!("{retry_after:?}")
    }),
    (4, "users_can_be_created", |s, _| set(&mut s.options.users_can_be_created, false)),
    (4, "roles_listed", |s, _| set(&mut s.options.roles_listed, false)),
    (12, "describes_itself", |s, _| set(&mut s.options.describes_itself, true)),
    (6, "filters", |s, _| set(&mut s.options.filters, false)),
    (6, "validation", |s, _| set(&mut s.options.validation, false)),
    (8, "profile", |s, _| set(&mut s.options.profile, Profile::RecordedApp)),
];

fn set<T: std::fmt::Debug + Copy>(slot: &mut T, value: T) -> String {
    *slot = value;
    format!("{value:?}")
}

fn some<T: std::fmt::Debug + Copy>(slot: &mut Option<T>, value: T) -> String {
    *slot = Some(value);
    format!("{value:?}")
}

impl Switches {
    /// The appliance of a seed.
    pub fn of(dice: &Dice) -> Self {
        let mut switches = Self {
            // The document is long, and read at every connection: most seeds do without.
            options: Options { describes_itself: false, ..Options::default() },
            functional_role: 499,
            functional_username: FunctionalUsername::DisplayName,
            login: Login::User,
            domain_scope: false,
            names: Vec::new(),
        };
        for (nth, (times, name, make)) in (0..).zip(SETTINGS) {
            let place = Place::Switch { nth };
            let mut rng = dice.at(place);
            if one_in(&mut rng, *times) && !dice.leaves_out(place) {
                let value = make(&mut switches, &mut rng);
                switches.names.push((place, format!("{name} = {value}")));
            }
        }
        if matches!(switches.login, Login::Token | Login::OneTimePassword)
            && switches.options.token_ttl.take().is_some()
        {
            // Who cannot log in again cannot finish what takes longer.
            switches.names.retain(|(_, name)| !name.starts_with("token_ttl"));
        }
        switches
    }

    /// Settings that are as usual, for the table.
    pub fn usual(&self) -> impl Iterator<Item = String> {
        let drawn = |name: &str| self.names.iter().any(|(_, drawn)| drawn.split(' ').next() == Some(name));
        SETTINGS.iter().filter(move |(_, name, _)| !drawn(name)).map(|(_, name, _)| format!("{name} = as usual"))
    }

    /// The accounts of the appliance.
    pub fn accounts(&self) -> Vec<Account> {
        let mut admin = Account::administrator("admin", super::PASSWORD);
        admin.domain = self.domain_scope.then(|| "corp.example".to_owned());
        let careful =
            Account { username: "careful".into(), otp: Some(super::ONE_TIME_PASSWORD.into()), ..admin.clone() };
        vec![admin, Account::api("apiuser", super::PASSWORD), careful]
    }
}
