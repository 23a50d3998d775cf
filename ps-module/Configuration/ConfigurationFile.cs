using System;
using System.Management.Automation;
using System.Security;
using EsgMailboxSync.Cmdlets;
using EsgMailboxSync.Connections;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Configuration
{
    /// <summary>A configuration file of Sync-EsgSharedMailbox, read and checked by the engine. Holds no secret: those are fetched when they are needed.</summary>
    internal sealed class ConfigurationFile
    {
        private readonly Interop.Configuration _said;

        private ConfigurationFile(string path, Interop.Configuration said)
        {
            Path = path;
            _said = said;
        }

        public string Path { get; }

        public ExchangeSettings Exchange => _said.Exchange;

        public SyncSettings Options => _said.Options ?? new SyncSettings();

        public NotificationSettings Notification => _said.Notification;

        /// <summary>All places of secrets that it names; entries may be null.</summary>
        public SecretSource[] Secrets => new[] { _said.Esg.PasswordFrom, _said.Esg.TokenFrom, _said.Esg.ProxyPasswordFrom, Exchange?.CertificatePasswordFrom };

        /// <summary>The name of the target, without logging in.</summary>
        public string Target => Login().TargetName;

        /// <summary>The folder of the state file.</summary>
        public string StateFolder => Login().Folder;

        /// <exception cref="MailboxSyncException">It cannot be read, or is wrong.</exception>
        public static ConfigurationFile Read(EngineCmdlet cmdlet, string path)
        {
            var file = cmdlet.ResolvePath(path);
            return new ConfigurationFile(file, cmdlet.Call<ConfigurationReply>(Method.ReadConfiguration, new PathRequest { Path = file }).Configuration);
        }

        /// <summary>What is told of the state file, without a connection.</summary>
        public StateFileReply State(EngineCmdlet cmdlet)
        {
            return cmdlet.Call<StateFileReply>(Method.GetStateFile, new StateFileRequest { StateFolder = StateFolder, Name = Target });
        }

        /// <summary>Connects to the appliance. The connection belongs to the caller and is in no table.</summary>
        public EsgConnection Connect(EngineCmdlet cmdlet)
        {
            var esg = _said.Esg;
            var login = Login();
            if (esg.TokenFrom != null)
            {
                login.Token = SecretReader.Read(cmdlet, esg.TokenFrom, out _);
            }
            else
            {
                var password = SecretReader.Read(cmdlet, esg.PasswordFrom, out var userName);
                login.Credential = Credential(esg.UserName ?? userName, password);
            }
            if (esg.ProxyPasswordFrom != null)
            {
                login.ProxyCredential = Credential(esg.ProxyUserName, SecretReader.Read(cmdlet, esg.ProxyPasswordFrom, out _));
            }
            return EsgConnector.Connect(cmdlet, login);
        }

        /// <summary>The tenant that the configuration names must be the one of <paramref name="tenantId"/>; what is not told is not compared.</summary>
        /// <exception cref="MailboxSyncException">It is another.</exception>
        public void CheckTenant(string tenantId, string whose)
        {
            if (Exchange?.TenantId == null || tenantId == null || string.Equals(Exchange.TenantId.Trim('{', '}'), tenantId, StringComparison.OrdinalIgnoreCase)) { return; }
            throw new MailboxSyncException(
                "ConfigurationTenantMismatch",
                ErrorCategory.InvalidOperation,
                $"{whose} the tenant {tenantId}; the configuration {Path} names {Exchange.TenantId}.",
                "Nothing was changed. Correct exchange.tenantId, or give each tenant a configuration and a target name (esg.name) of its own.",
                Path);
        }

        private EsgLogin Login()
        {
            var esg = _said.Esg;
            return new EsgLogin
            {
                Uri = Address(esg.Uri, "esg.uri"),
                Name = esg.Name,
                SwitchUser = esg.SwitchUser,
                AllowHttp = esg.AllowHttp == true,
                Proxy = esg.Proxy == null ? null : Address(esg.Proxy, "esg.proxy"),
                NoProxy = esg.NoProxy == true,
                CertificateAuthority = esg.CertificateAuthority,
                TimeoutSec = (int?)esg.TimeoutSec,
                Concurrency = (int?)esg.Concurrency,
                StatePath = esg.StatePath,
                FunctionalRole = esg.FunctionalRole,
                RunRetentionDays = (int?)esg.RunRetentionDays,
            };
        }

        private Uri Address(string text, string setting)
        {
            return Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var uri)
                ? uri
                : throw new MailboxSyncException("ConfigurationInvalid", ErrorCategory.InvalidData, $"The configuration {Path}: {setting} is no address: '{text}'.", "Give scheme and host, for example https://esg.corp.example.", Path);
        }

        private PSCredential Credential(string userName, SecureString password)
        {
            return string.IsNullOrEmpty(userName)
                ? throw new MailboxSyncException("ConfigurationInvalid", ErrorCategory.InvalidData, $"The configuration {Path} does not tell the account: esg.userName is missing, and the secret is no credential.", "Add esg.userName, or store a PSCredential with Set-Secret.", Path)
                : new PSCredential(userName, password);
        }
    }
}
