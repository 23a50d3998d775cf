//! A process: it connects, and takes its state and its world from the schedule.

use super::{Desk, Outside};
use crate::connection::connect;
use crate::context::{Context, EventSender};
use crate::engine::Shared;
use crate::simulation::switches::Login;
use crate::simulation::{ONE_TIME_PASSWORD, PASSWORD};
use crate::wire::{ConnectRequest, ErrorReply, Event};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

impl Desk {
    /// Connects where there is no process.
    pub(super) async fn process(&mut self) -> Result<(Arc<Shared>, u64), ErrorReply> {
        if let Some(process) = &self.process {
            return Ok(process.clone());
        }
        let world = Arc::clone(&self.network.0);
        let outside = crate::outside::Outside::Simulated(Outside {
            began: self.network.world().began,
            world,
            memory: Arc::clone(&self.memory),
        });
        let shared = Arc::new(Shared { outside, ..Shared::default() });
        let request = self.connect_request();
        let reply = connect(self.context(&shared, CancellationToken::new()), request).await?;
        self.creates_users = reply.users_can_be_created == Some(true);
        self.process = Some((Arc::clone(&shared), reply.connection));
        Ok((shared, reply.connection))
    }

    pub(super) fn connect_request(&self) -> ConnectRequest {
        let mut world = self.network.world();
        let login = world.switches.login;
        let token = (login == Login::Token).then(|| {
            // The rate limit counts these as well.
            let body = format!(r#"{{"username":"admin","password":"{PASSWORD}"}}"#);
            let login = esgsync_simulator::Request::new("POST", "/api/v2/login")
                .with_header("Content-Type", "application/json");
            let login = login.with_body(body);
            let answers = (0..3).map(|_| world.esg.handle(&login)).find(|answer| answer.status == 200);
            let reply: serde_json::Value =
                serde_json::from_slice(&answers.unwrap_or_default().body).unwrap_or_default();
            reply["token"].as_str().unwrap_or("none").into()
        });
        let username = match login {
            Login::User | Login::SwitchesToItself => Some("admin"),
            Login::ApiUser => Some("apiuser"),
            Login::OneTimePassword => Some("careful"),
            Login::Token => None,
        };
        let role = world.switches.functional_role;
        ConnectRequest {
            name: "corp".into(),
            uri: "https://esg.corp.example".into(),
            username: username.map(str::to_owned),
            password: username.map(|_| PASSWORD.into()),
            token,
            one_time_password: (login == Login::OneTimePassword).then(|| ONE_TIME_PASSWORD.into()),
            switch_user: matches!(login, Login::ApiUser | Login::SwitchesToItself).then(|| "admin".to_owned()),
            allow_http: false,
            proxy: None,
            certificate_authority: None,
            timeout_seconds: Some(20),
            concurrency: Some(self.concurrency),
            functional_role: (role == 12).then_some(role),
            state_folder: "/simulation".into(),
            rebind: false,
            account: Some("simulation".into()),
            machine: Some("simulation".into()),
            run_retention_days: None,
        }
    }

    /// The context of a call. What it tells is taken on a task of its own, as the module does on its thread.
    pub(super) fn context(&self, shared: &Arc<Shared>, cancel: CancellationToken) -> Context {
        let (sender, mut events) = tokio::sync::mpsc::channel(16);
        let told = Arc::clone(&self.told);
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if let Event::Log(records) = &event {
                    told.lock().unwrap().extend(records.iter().map(|record| record.text.clone()));
                }
            }
        });
        Context { shared: Arc::clone(shared), cancel, events: EventSender::new(sender) }
    }
}
