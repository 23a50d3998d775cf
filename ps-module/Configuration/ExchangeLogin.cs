using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Cmdlets;
using EsgMailboxSync.Exchange;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Configuration
{
    /// <summary>The Exchange session of a task: one that is there is used, otherwise one is opened as the configuration says, and ended with this.</summary>
    internal sealed class ExchangeLogin : IDisposable
    {
        private readonly EngineCmdlet _cmdlet;
        private readonly HashSet<string> _before;

        private ExchangeLogin(EngineCmdlet cmdlet)
        {
            _cmdlet = cmdlet;
            _before = new HashSet<string>(Connections(), StringComparer.OrdinalIgnoreCase);
        }

        /// <summary>Null when a session is there, or when the configuration says nothing of Exchange.</summary>
        /// <exception cref="MailboxSyncException">The session that is there is to another tenant, or none could be opened.</exception>
        public static ExchangeLogin Open(EngineCmdlet cmdlet, ConfigurationFile configuration)
        {
            if (configuration.Exchange == null || IsThere(cmdlet, configuration)) { return null; }
            var login = new ExchangeLogin(cmdlet);
            try
            {
                login.Connect(configuration.Exchange);
                IsThere(cmdlet, configuration);
                return login;
            }
            catch
            {
                login.Dispose();
                throw;
            }
        }

        /// <summary>Ends what was opened, and leaves the connections of others alone.</summary>
        public void Dispose()
        {
            foreach (var id in Connections().Where(id => !_before.Contains(id)))
            {
                try { CommandCall.Of(_cmdlet, "Disconnect-ExchangeOnline")?.Wish("ConnectionId", new[] { id }).With("Confirm", false).Run(); }
                catch (RuntimeException error) when (!(error is PipelineStoppedException))
                {
                    _cmdlet.WriteVerbose("Disconnect-ExchangeOnline: " + error.Message);
                }
            }
        }

        private static bool IsThere(EngineCmdlet cmdlet, ConfigurationFile configuration)
        {
            using (var session = ExchangeSession.OpenIfThere(cmdlet, null))
            {
                configuration.CheckTenant(session?.Tenant.Id, "The Exchange session is to");
                return session != null;
            }
        }

        private void Connect(ExchangeSettings exchange)
        {
            var call = CommandCall.Of(_cmdlet, "Connect-ExchangeOnline") ?? throw new MailboxSyncException(
                "ExchangeModuleMissing",
                ErrorCategory.NotInstalled,
                "The configuration says how to connect to Exchange Online, but there is no command Connect-ExchangeOnline.",
                "Install the module for all accounts: Install-Module ExchangeOnlineManagement -Scope AllUsers.");
            var password = exchange.CertificatePasswordFrom == null ? null : SecretReader.Read(_cmdlet, exchange.CertificatePasswordFrom, out _);
            call.With("Organization", exchange.Organization)
                .With("AppId", exchange.AppId)
                .With("CertificateThumbprint", exchange.CertificateThumbprint)
                .With("CertificateFilePath", exchange.CertificateFile)
                .With("CertificatePassword", password)
                .With("ManagedIdentity", exchange.ManagedIdentity == true ? (object)true : null)
                .With("ManagedIdentityAccountId", exchange.ManagedIdentityAccountId)
                .Wish("ShowBanner", false);
            _cmdlet.WriteVerbose("Connect-ExchangeOnline -Organization " + exchange.Organization);
            try { call.Run(); }
            catch (RuntimeException error) when (!(error is PipelineStoppedException))
            {
                throw new MailboxSyncException(
                    "ExchangeLoginFailed",
                    ErrorCategory.AuthenticationError,
                    "Connect-ExchangeOnline failed: " + ExchangeAnswer.Reason(error.ErrorRecord),
                    "Check the certificate of the app and its end, the permission Exchange.ManageAsApp and the role of the app; run Connect-ExchangeOnline with the same settings as the account of the task.",
                    exchange.Organization,
                    error);
            }
        }

        private IEnumerable<string> Connections()
        {
            var call = CommandCall.Of(_cmdlet, "Get-ConnectionInformation");
            return call == null ? Enumerable.Empty<string>() : call.Run().Select(row => RowValue.Text(row, "ConnectionId")).Where(id => id != null).ToArray();
        }
    }
}
