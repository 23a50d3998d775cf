//! What a configuration file of Sync-EsgSharedMailbox may say. Its schema is published from these types.

use esgsync_delegation::plan::{AliasScope, FunctionalUser, RemoveStale};
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// Settings of Sync-EsgSharedMailbox. Paths are relative to the folder of this file. What is left out is as without a file; a parameter of the command wins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object { ... } with settings")]
pub struct Configuration {
    /// Where editors find the schema; means nothing to the module.
    #[serde(rename = "$schema", default, skip_serializing)]
    #[schemars(skip)]
    pub schema: Option<String>,
    /// The appliance.
    pub esg: EsgSettings,
    /// How to connect to Exchange Online where no session is open. Absent: a session must be open, or options.path must name snapshots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<ExchangeSettings>,
    /// What is read, planned and applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<SyncSettings>,
    /// Whom to tell, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification: Option<NotificationSettings>,
}

/// The appliance, as the parameters of Connect-Esg name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "camelCase",
    deny_unknown_fields,
    remote = "Self",
    expecting = "an object { ... } with the settings of the appliance"
)]
pub struct EsgSettings {
    /// The appliance: https://host or https://host:port.
    pub uri: String,
    /// Name of the target and of its state file; the host when left out.
    pub name: Option<String>,
    /// Account; with passwordFrom.
    pub user_name: Option<String>,
    /// Where the password of the account is kept.
    pub password_from: Option<SecretSource>,
    /// Where an API token is kept, instead of an account.
    pub token_from: Option<SecretSource>,
    /// Username of the administrator that an API user acts as.
    pub switch_user: Option<String>,
    /// Permits http, which sends the password unprotected. For tests.
    pub allow_http: Option<bool>,
    /// Proxy, instead of that of the system.
    pub proxy: Option<String>,
    /// Account at the proxy; with proxyPasswordFrom.
    pub proxy_user_name: Option<String>,
    /// Where the password for the proxy is kept.
    pub proxy_password_from: Option<SecretSource>,
    /// Uses no proxy, whatever the system says.
    pub no_proxy: Option<bool>,
    /// Files (PEM or DER) with certificates of further authorities to trust.
    pub certificate_authority: Option<Vec<String>>,
    /// Seconds that one call may take, 1 to 3600.
    #[schemars(range(min = 1, max = 3600))]
    pub timeout_sec: Option<u32>,
    /// Calls at a time, 1 to 32.
    #[schemars(range(min = 1, max = 32))]
    pub concurrency: Option<u32>,
    /// Folder of the state file, instead of the one of the machine.
    pub state_path: Option<String>,
    /// Role id of functional users, where the appliance does not list its roles.
    pub functional_role: Option<u64>,
    /// Days after which a run deletes the images of older runs, 1 to 36500.
    #[schemars(range(min = 1, max = 36500))]
    pub run_retention_days: Option<u32>,
}

/// A connection to Exchange Online without a person: an app with a certificate, or a managed identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "camelCase",
    deny_unknown_fields,
    remote = "Self",
    expecting = "an object { ... } with the connection to Exchange"
)]
pub struct ExchangeSettings {
    /// Initial domain of the tenant, for example corpexample.onmicrosoft.com.
    pub organization: String,
    /// Id of the tenant. What is read must be this tenant, and so must be what the state file serves.
    pub tenant_id: Option<String>,
    /// Id of the app, with a certificate.
    pub app_id: Option<String>,
    /// Thumbprint of its certificate in the store of the account (Windows).
    pub certificate_thumbprint: Option<String>,
    /// File (PFX) with its certificate.
    pub certificate_file: Option<String>,
    /// Where the password of that file is kept.
    pub certificate_password_from: Option<SecretSource>,
    /// Uses the managed identity of this machine.
    pub managed_identity: Option<bool>,
    /// Client id of a user-assigned managed identity.
    pub managed_identity_account_id: Option<String>,
}

/// Where a secret is kept. Exactly one of the four.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "camelCase",
    deny_unknown_fields,
    remote = "Self",
    expecting = "an object that names a place, for example { \"secret\": \"esg-admin\" }"
)]
pub struct SecretSource {
    /// Name for Get-Secret of the module Microsoft.PowerShell.SecretManagement.
    pub secret: Option<String>,
    /// The vault of that secret; the default vault when left out.
    pub vault: Option<String>,
    /// File that ConvertFrom-SecureString wrote, on Windows, as the account that reads it (DPAPI).
    pub dpapi_file: Option<String>,
    /// Name of an environment variable.
    pub environment: Option<String>,
    /// Name of a credential of the systemd service (LoadCredential=).
    pub systemd_credential: Option<String>,
}

/// The options of Sync-EsgSharedMailbox.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self", expecting = "an object { ... } with options")]
pub struct SyncSettings {
    /// Snapshot files to plan from, instead of reading Exchange.
    pub path: Option<Vec<String>>,
    /// File that the snapshot is written to while Exchange is read.
    pub snapshot_path: Option<String>,
    /// With snapshotPath: days after which everything is read again, 1 to 90.
    #[schemars(range(min = 1, max = 90))]
    pub full_every: Option<u32>,
    /// Which addresses of a mailbox its delegates get.
    pub alias_scope: Option<AliasScope>,
    /// Whether functional users go whose addresses are all held by delegates.
    pub functional_user: Option<FunctionalUser>,
    /// Which aliases without justification are removed.
    pub remove_stale: Option<RemoveStale>,
    /// Takes over aliases that are there already and justified now.
    pub adopt_existing: Option<bool>,
}

/// What a notification is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum NotificationReason {
    /// Something to clean up, or a mailbox that is unknown.
    Finding,
    /// A guard blocked, or a number was refused.
    Guard,
    /// It could not run, or an action failed.
    Failure,
}

/// When a notification is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum NotificationRepeat {
    /// When something is other than it was at the last one.
    WhenChanged,
    /// After each run that has a reason.
    Always,
}

/// Whom to tell. Exactly one of script and command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "camelCase",
    deny_unknown_fields,
    remote = "Self",
    expecting = "an object { ... } with a script or a command"
)]
pub struct NotificationSettings {
    /// PowerShell script; it gets the notification as its first argument.
    pub script: Option<String>,
    /// Program that sends mail; it gets the text on its standard input. No shell is used.
    pub command: Option<String>,
    /// Its arguments; {subject} stands for the subject.
    pub arguments: Option<Vec<String>>,
    /// What is worth a notification; all three when left out.
    pub on: Option<Vec<NotificationReason>>,
    /// How often the same is told; WhenChanged when left out.
    pub repeat: Option<NotificationRepeat>,
}

/// What tells a text of [`Check`] from one of serde.
pub(super) const CONTRADICTION: &str = "contradiction: ";

/// Members of an object that contradict each other, or of which one is missing.
trait Check {
    fn check(&self) -> Result<(), String>;
}

macro_rules! checked {
    ($($name:ty),*) => { $(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = Self::deserialize(deserializer)?;
                value.check().map_err(|text| D::Error::custom(format!("{CONTRADICTION}{text}")))?;
                Ok(value)
            }
        }
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }
    )* };
}
checked!(EsgSettings, ExchangeSettings, SecretSource, SyncSettings, NotificationSettings);

fn within(name: &str, value: Option<u32>, most: u32) -> Result<(), String> {
    match value {
        Some(value) if value == 0 || value > most => Err(format!("{name} is {value}; it goes from 1 to {most}")),
        _ => Ok(()),
    }
}

fn refuse(wrong: bool, text: &str) -> Result<(), String> {
    if wrong { Err(text.to_owned()) } else { Ok(()) }
}

/// `scheme://user:password@host`: the account of an address would be a secret in the file.
fn has_account(uri: Option<&str>) -> bool {
    uri.and_then(|uri| uri.split_once("://"))
        .is_some_and(|(_, rest)| rest.split('/').next().unwrap_or(rest).contains('@'))
}

impl Check for EsgSettings {
    fn check(&self) -> Result<(), String> {
        refuse(
            has_account(Some(&self.uri)) || has_account(self.proxy.as_deref()),
            "an address holds an account; name it with userName or proxyUserName, and its password with passwordFrom or proxyPasswordFrom",
        )?;
        refuse(
            self.password_from.is_some() == self.token_from.is_some(),
            "give either passwordFrom or tokenFrom: how to log in",
        )?;
        let from_vault = self.password_from.as_ref().is_some_and(|source| source.secret.is_some());
        refuse(
            self.password_from.is_some() && self.user_name.is_none() && !from_vault,
            "userName is missing: whose password it is",
        )?;
        refuse(self.token_from.is_some() && self.user_name.is_some(), "a token needs no userName")?;
        refuse(
            self.proxy_user_name.is_some() != self.proxy_password_from.is_some(),
            "proxyUserName and proxyPasswordFrom belong together",
        )?;
        refuse(self.no_proxy == Some(true) && self.proxy.is_some(), "proxy and noProxy contradict each other")?;
        within("timeoutSec", self.timeout_sec, 3600)?;
        within("concurrency", self.concurrency, 32)?;
        within("runRetentionDays", self.run_retention_days, 36500)
    }
}

impl Check for ExchangeSettings {
    fn check(&self) -> Result<(), String> {
        let managed = self.managed_identity == Some(true);
        let certificates =
            usize::from(self.certificate_thumbprint.is_some()) + usize::from(self.certificate_file.is_some());
        refuse(
            certificates + usize::from(managed) != 1,
            "give exactly one of certificateThumbprint, certificateFile and managedIdentity: true",
        )?;
        refuse(certificates == 1 && self.app_id.is_none(), "appId is missing: whose certificate it is")?;
        refuse(
            self.certificate_password_from.is_some() && self.certificate_file.is_none(),
            "certificatePasswordFrom belongs to certificateFile",
        )?;
        refuse(
            self.managed_identity_account_id.is_some() && !managed,
            "managedIdentityAccountId belongs to managedIdentity: true",
        )
    }
}

impl Check for SecretSource {
    fn check(&self) -> Result<(), String> {
        let places = [&self.secret, &self.dpapi_file, &self.environment, &self.systemd_credential];
        refuse(
            places.into_iter().flatten().count() != 1,
            "give exactly one of secret, dpapiFile, environment and systemdCredential",
        )?;
        refuse(self.vault.is_some() && self.secret.is_none(), "vault belongs to secret")
    }
}

impl Check for SyncSettings {
    fn check(&self) -> Result<(), String> {
        refuse(self.path.is_some() && self.snapshot_path.is_some(), "path and snapshotPath contradict each other")?;
        refuse(self.full_every.is_some() && self.snapshot_path.is_none(), "fullEvery needs snapshotPath")?;
        within("fullEvery", self.full_every, 90)
    }
}

impl Check for NotificationSettings {
    fn check(&self) -> Result<(), String> {
        refuse(self.script.is_some() == self.command.is_some(), "give either script or command")?;
        refuse(self.arguments.is_some() && self.command.is_none(), "arguments belong to command")
    }
}
