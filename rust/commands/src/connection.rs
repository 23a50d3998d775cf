//! Connections to targets: made once, used by many calls.

use crate::context::{Batch, Context};
use crate::failure;
use crate::outside::Network;
use crate::select::Selection;
use crate::wire::{
    AddressRecord, ConnectReply, ConnectRequest, CountReply, DisconnectRequest, DoneReply, ErrorCategory, ErrorReply,
    Event, GetUsersRequest, UserRecord,
};
use esgsync_delegation::esg::EsgUser;
use esgsync_run::{Identity, Memory, Mode, OpenOptions, State};
use esgsync_targets::esg::{Credentials, EsgClient, EsgConfig, PageRead, RoleSource};
use esgsync_targets::transport::ProxyOptions;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Open connections by number.
#[derive(Default)]
pub(crate) struct Connections {
    last: AtomicU64,
    open: Mutex<HashMap<u64, Arc<Connection>>>,
}

/// A connection that worked.
pub(crate) struct Connection {
    pub client: EsgClient<Network>,
    pub identity: Identity,
    pub state_file: PathBuf,
    pub functional_role: Option<u64>,
    pub users_can_be_created: Option<bool>,
    /// The list of users can be filtered by username.
    pub can_filter_usernames: bool,
    pub concurrency: usize,
    /// Who works with the state file.
    pub account: Option<String>,
    pub machine: Option<String>,
    /// Days that the images of runs are kept; absent: for ever.
    pub run_retention_days: Option<u32>,
    /// Where its state lies in place of a file.
    pub memory: Option<Arc<Memory>>,
}

impl Connection {
    /// How its state file is opened.
    pub fn state_options(&self, mode: Mode) -> OpenOptions {
        let (account, machine) = (self.account.clone(), self.machine.clone());
        OpenOptions { mode, account, machine, memory: self.memory.clone(), ..OpenOptions::default() }
    }

    /// There is a state file.
    pub fn has_state(&self) -> bool {
        State::exists(&self.state_file, self.memory.as_ref())
    }
}

impl Connections {
    fn add(&self, connection: Connection) -> u64 {
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        self.lock().insert(number, Arc::new(connection));
        number
    }

    pub fn get(&self, number: u64) -> Result<Arc<Connection>, ErrorReply> {
        self.lock().get(&number).cloned().ok_or_else(|| {
            let text = "This connection is closed.".into();
            failure::new("NotConnected", ErrorCategory::ConnectionError, text, "Connect again with Connect-Esg.")
        })
    }

    fn remove(&self, number: u64) {
        self.lock().remove(&number);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Arc<Connection>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) async fn connect(context: Context, request: ConnectRequest) -> Result<ConnectReply, ErrorReply> {
    let state_file = state_file(&request.state_folder, &request.name)?;
    let mut config = EsgConfig::new(request.uri);
    config.allow_http = request.allow_http;
    config.credentials = match (request.username.clone(), request.password) {
        (Some(username), Some(password)) => Some(Credentials { username, password }),
        _ => None,
    };
    config.token = request.token;
    config.otp = request.one_time_password;
    config.switch_user = request.switch_user.clone();
    config.proxy =
        request.proxy.map(|proxy| ProxyOptions { uri: proxy.uri, credentials: proxy.username.zip(proxy.password) });
    config.ca_pem = request.certificate_authority;
    if let Some(seconds) = request.timeout_seconds {
        config.timeout = Duration::from_secs(seconds.into());
    }
    if let Some(concurrency) = request.concurrency {
        config.concurrency = concurrency as usize;
    }
    config.functional_role = request.functional_role;

    let calls = context.calls();
    let outside = &context.shared.outside;
    config.jitter_seed = outside.jitter_seed();
    let opening = async {
        config.check()?;
        EsgClient::connect(&config, outside.network(&config)?, &calls).await
    };
    let (client, connected) = opening.await.map_err(|error| failure::target(&error))?;
    let roles = client.roles(&calls).await.map_err(|error| failure::target(&error))?;
    let capabilities = client.capabilities(&calls).await.map_err(|error| failure::target(&error))?;
    let identity = Identity {
        name: request.name.clone(),
        system: "esg".into(),
        host: client.base().host(),
        simulator: connected.simulator,
    };
    // Looked at now when it is there, so that a name that means another appliance is refused at once; made by the first plan.
    let memory = outside.memory();
    if State::exists(&state_file, memory.as_ref()) {
        let (account, machine) = (request.account.clone(), request.machine.clone());
        let options =
            OpenOptions { rebind: request.rebind, account, machine, memory: memory.clone(), ..OpenOptions::default() };
        State::open(&state_file, &identity, &options).map_err(|error| failure::state(&error))?;
    }
    let reply = ConnectReply {
        connection: 0,
        name: request.name,
        uri: config.uri.clone(),
        host: identity.host.clone(),
        username: request.username,
        switch_user: request.switch_user,
        users: connected.users,
        functional_role: roles.functional,
        functional_role_assumed: roles.source == RoleSource::Assumed,
        users_can_be_created: capabilities.as_ref().map(|known| known.create_users),
        clock_ahead_seconds: client
            .server_date()
            .and_then(|there| (there - outside.now()).total(jiff::Unit::Second).ok()),
        simulator: identity.simulator,
        state_file: state_file.display().to_string(),
    };
    let connection = context.shared.connections.add(Connection {
        client,
        identity,
        state_file,
        functional_role: roles.functional,
        can_filter_usernames: capabilities.as_ref().is_some_and(|known| known.user_filters.contains("username")),
        users_can_be_created: capabilities.map(|known| known.create_users),
        concurrency: config.concurrency,
        account: request.account,
        machine: request.machine,
        run_retention_days: request.run_retention_days,
        memory,
    });
    Ok(ConnectReply { connection, ..reply })
}

pub(crate) async fn disconnect(context: Context, request: DisconnectRequest) -> Result<DoneReply, ErrorReply> {
    context.shared.connections.remove(request.connection);
    Ok(DoneReply { done: true })
}

pub(crate) async fn get_users(context: Context, request: GetUsersRequest) -> Result<CountReply, ErrorReply> {
    let connection = context.shared.connections.get(request.connection)?;
    let addresses = Selection::new(&request.address);
    let usernames = Selection::new(&request.username);
    let mut batch = Batch::new(&context.events, Event::User);
    // Users go out as their pages come in. The client cannot wait in its callback, and need not: it holds all users anyway.
    let (sender, mut users) = tokio::sync::mpsc::unbounded_channel();
    let reading = async {
        let calls = context.calls();
        let on_page = move |page: PageRead<'_>| page.new.iter().for_each(|user| drop(sender.send(user.clone())));
        connection.client.users(&calls, on_page).await.map_err(|error| failure::target(&error))
    };
    let telling = async {
        while let Some(user) = users.recv().await {
            let functional = connection.functional_role.is_some() && user.role == connection.functional_role;
            let wanted = request.functional.is_none_or(|wanted| wanted == functional)
                && usernames.accepts([user.username.as_str()])
                && addresses.accepts(user.addresses.iter().map(|element| element.address()));
            if wanted {
                batch.push(user_record(&user, functional)).await?;
            }
        }
        Ok::<(), ErrorReply>(())
    };
    tokio::try_join!(biased; reading, telling)?;
    batch.flush().await?;
    Ok(CountReply { count: batch.count })
}

fn user_record(user: &EsgUser, functional: bool) -> UserRecord {
    UserRecord {
        id: user.id,
        username: user.username.clone(),
        role: user.role,
        functional,
        addresses: user
            .addresses
            .iter()
            .map(|element| AddressRecord {
                address: element.address().to_owned(),
                active: element.is_active(),
                primary: element.is_primary(),
            })
            .collect(),
    }
}

/// The state file of a name. The name becomes a file name, so it is kept to what every file system takes.
pub(crate) fn state_file(folder: &str, name: &str) -> Result<PathBuf, ErrorReply> {
    let fits = !name.is_empty()
        && name.len() <= 64
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && !name.starts_with('.')
        && !name.ends_with('.');
    if !fits {
        let text = format!("'{name}' cannot be the name of a target: it names a file too.");
        let action = "Give -Name of 1 to 64 letters, digits, '-', '_' and '.', neither beginning nor ending with '.'.";
        return Err(failure::new("InvalidName", ErrorCategory::InvalidArgument, text, action).about(name));
    }
    if !Path::new(folder).is_absolute() {
        let text = format!("The state folder '{folder}' is not an absolute path.");
        let action = "Give -StatePath as a full path.";
        return Err(failure::new("InvalidStatePath", ErrorCategory::InvalidArgument, text, action).about(folder));
    }
    Ok(Path::new(folder).join(format!("{}.esg.db", name.to_lowercase())))
}

#[cfg(test)]
mod tests {
    use super::state_file;

    #[test]
    fn a_name_that_is_no_file_name_is_refused() {
        for name in ["", ".", "..", "a/b", "a\\b", "ä", ".hidden", "con:", "a b", &"x".repeat(65)] {
            assert_eq!(state_file("/var/lib/x", name).unwrap_err().code, "InvalidName", "{name}");
        }
        assert_eq!(state_file("/var/lib/x", "Corp-1.eu").unwrap().file_name().unwrap(), "corp-1.eu.esg.db");
        assert_eq!(state_file("relative", "corp").unwrap_err().code, "InvalidStatePath");
    }
}
