//! The client: what a connection consists of, and connecting.

use super::{BaseUri, EsgConfig, call::ACCEPT_HAL, session::Session};
use crate::{
    context::CallContext,
    error::{ErrorKind, TargetError},
    hal::Page,
    limit::Limiter,
    redact::Redactor,
    retry::Limits,
    transport::{ReqwestTransport, Transport},
};
use esgsync_delegation::esg::EsgUser;
use jiff::Timestamp;
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// A connection to an appliance. Cheap to clone; all clones share session and limits.
pub struct EsgClient<T = ReqwestTransport>(pub(super) Arc<Inner<T>>);

pub(super) struct Inner<T> {
    pub transport: T,
    pub base: BaseUri,
    pub session: Session,
    pub switch_user: Option<String>,
    pub functional_role: Option<u64>,
    pub limiter: Limiter,
    pub limits: Limits,
    pub concurrency: usize,
    pub redactor: Redactor,
    pub seen: Seen,
    jitter: Mutex<fastrand::Rng>,
}

/// What connecting found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// Users that this account can see; absent when the appliance does not say.
    pub users: Option<u64>,
    /// The answers are the simulator's.
    pub simulator: bool,
}

impl EsgClient<ReqwestTransport> {
    /// Connects over the network.
    ///
    /// # Errors
    /// As [`EsgClient::connect`], and for a proxy or certificate authority that cannot be used.
    pub async fn open(config: &EsgConfig, cx: &CallContext) -> Result<(Self, Connected), TargetError> {
        config.check()?;
        Self::connect(config, config.network()?, cx).await
    }
}

impl<T: Transport> EsgClient<T> {
    /// Checks the configuration, logs in where there is no token, and proves by one page of users that this is the API and that the account may read.
    ///
    /// # Errors
    /// The kinds of [`ErrorKind`] for settings, network, login, access; `NotTheApi` when something else answers.
    pub async fn connect(config: &EsgConfig, transport: T, cx: &CallContext) -> Result<(Self, Connected), TargetError> {
        let client = Self(Arc::new(Inner::new(config, transport)?));
        if config.token.is_none() {
            client.0.log_in(cx, 0).await?;
        }
        let path = "/api/v2/user?page=1&itemsPerPage=1";
        let Some(page) = client.0.read(cx, path, ACCEPT_HAL).await? else {
            let text = format!("{} answers, but it knows no list of users.", client.0.base.host());
            return Err(TargetError { status: Some(404), ..TargetError::new(ErrorKind::NotTheApi, text) });
        };
        let page = Page::<EsgUser>::read(page).map_err(|e| client.0.protocol(e))?;
        let connected = Connected { users: page.total, simulator: client.is_simulator() };
        Ok((client, connected))
    }

    /// The address of the appliance.
    pub fn base(&self) -> &BaseUri {
        &self.0.base
    }

    /// An answer carried the simulator's header.
    pub fn is_simulator(&self) -> bool {
        self.0.seen.lock().simulator
    }

    /// The appliance's clock in its last answer.
    pub fn server_date(&self) -> Option<Timestamp> {
        self.0.seen.lock().date
    }
}

impl<T> Clone for EsgClient<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for EsgClient<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EsgClient").field("base", &self.0.base).finish_non_exhaustive()
    }
}

impl<T> Inner<T> {
    fn new(config: &EsgConfig, transport: T) -> Result<Self, TargetError> {
        let base = config.check()?;
        let redactor = Redactor::default();
        config
            .token
            .iter()
            .chain(config.credentials.iter().map(|c| &c.password))
            .for_each(|secret| redactor.learn(secret));
        config
            .proxy
            .iter()
            .filter_map(|proxy| proxy.credentials.as_ref())
            .for_each(|(_, password)| redactor.learn(password));
        Ok(Self {
            transport,
            base,
            session: Session::new(config),
            switch_user: config.switch_user.clone(),
            functional_role: config.functional_role,
            limiter: Limiter::new(config.concurrency),
            limits: Limits::default(),
            concurrency: config.concurrency,
            redactor,
            seen: Seen::default(),
            jitter: Mutex::new(config.jitter_seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed)),
        })
    }

    pub(super) fn jitter(&self) -> f64 {
        self.jitter.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }
}

/// What answers tell besides their content.
#[derive(Default)]
pub(super) struct Seen(Mutex<Notes>);

#[derive(Default)]
struct Notes {
    simulator: bool,
    date: Option<Timestamp>,
}

impl Seen {
    pub fn note(&self, simulator: bool, date: Option<&str>) {
        let date =
            date.and_then(|date| httpdate::parse_http_date(date).ok()).and_then(|date| Timestamp::try_from(date).ok());
        let mut notes = self.lock();
        notes.simulator |= simulator;
        notes.date = date.or(notes.date);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
