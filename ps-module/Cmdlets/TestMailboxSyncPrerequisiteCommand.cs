using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Configuration;
using EsgMailboxSync.Connections;
using EsgMailboxSync.Exchange;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Tells what this session lacks for reading Exchange and for working on ESG, and what to do about it. What is missing is a result, never an error.</summary>
    [Cmdlet(VerbsDiagnostic.Test, "MailboxSyncPrerequisite")]
    [OutputType(typeof(MailboxSyncPrerequisite))]
    public sealed class TestMailboxSyncPrerequisiteCommand : TargetCmdlet
    {
        private const string NoName = "esg";

        /// <summary>Only what these rights need.</summary>
        [Parameter(Position = 0)]
        [ValidateNotNullOrEmpty]
        public Right[] Right { get; set; } = { EsgMailboxSync.Right.FullAccess, EsgMailboxSync.Right.SendAs, EsgMailboxSync.Right.SendOnBehalf };

        /// <summary>Which groups are to be read.</summary>
        [Parameter]
        public ExpandGroup ExpandGroup { get; set; } = ExpandGroup.Security;

        /// <summary>-Prefix of the Exchange connection; found by itself when there is one.</summary>
        [Parameter]
        [ValidateNotNull]
        public string Prefix { get; set; }

        /// <summary>Configuration file that is checked too: what it says is connected to, looked at, and disconnected.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        [Alias("ConfigurationFile")]
        public string ConfigurationPath { get; set; }

        /// <inheritdoc/>
        protected override void EndProcessing()
        {
            WriteObject(Versions(), true);
            if (ConfigurationPath == null)
            {
                WriteObject(Exchange(null), true);
                WriteObject(Appliance(() => Connection, ConnectionTable.Current.Names.Count == 0 ? NoName : null), true);
                return;
            }
            ConfigurationFile configuration;
            try
            {
                configuration = ConfigurationFile.Read(this, ConfigurationPath);
                WriteObject(Configuration(PrerequisiteStatus.Ok, configuration.Path + ".", null));
            }
            catch (MailboxSyncException wrong)
            {
                WriteObject(Configuration(PrerequisiteStatus.Missing, wrong.Message, wrong.RecommendedAction));
                return;
            }
            WriteObject(Exchange(configuration), true);
            EsgConnection own = null;
            try { WriteObject(Appliance(() => own = configuration.Connect(this), configuration.Target, configuration.StateFolder), true); }
            finally { own?.Handle.Dispose(); }
        }

        private static MailboxSyncPrerequisite Configuration(PrerequisiteStatus status, string detail, string remedy)
        {
            return new MailboxSyncPrerequisite("Configuration", status, "Runs without a person", detail, remedy);
        }

        private IEnumerable<MailboxSyncPrerequisite> Versions()
        {
            var table = (IDictionary)SessionState.PSVariable.GetValue("PSVersionTable");
            var isCore = "Core".Equals(table["PSEdition"] as string, StringComparison.OrdinalIgnoreCase);
            // The version of PowerShell 7 is one with a name for previews: its text without that.
            var version = Version.Parse(table["PSVersion"].ToString().Split('-', '+')[0]);
            yield return MachinePrerequisites.PowerShell(version, isCore);
            var connect = InvokeCommand.GetCommand("Connect-ExchangeOnline", CommandTypes.Cmdlet | CommandTypes.Function);
            var module = connect?.Module;
            yield return MachinePrerequisites.ExchangeModule(module?.Name == MachinePrerequisites.ExchangeModuleName ? module.Version : null, version, isCore);
        }

        private List<MailboxSyncPrerequisite> Exchange(ConfigurationFile configuration)
        {
            var results = new List<MailboxSyncPrerequisite>();
            if (configuration?.Exchange != null)
            {
                results.Add(MachinePrerequisites.AppCertificate(
                    configuration.Exchange, () => configuration.Exchange.CertificatePasswordFrom == null ? null : SecretReader.Read(this, configuration.Exchange.CertificatePasswordFrom, out _)));
            }
            MailboxSyncException refused = null;
            ExchangeLogin login = null;
            try { login = configuration == null ? null : ExchangeLogin.Open(this, configuration); }
            catch (MailboxSyncException error) { refused = error; }
            using (login)
            using (var session = ExchangeSession.Look(this, Prefix, out var wrong))
            {
                results.AddRange(ExchangePrerequisites.Check(session, refused ?? wrong, Right, ExpandGroup));
            }
            return results;
        }

        /// <param name="connect">Gives the connection, or says why there is none.</param>
        /// <param name="name">Name of the target, of which the state file is looked at when there is no connection; null to leave it out.</param>
        /// <param name="folder">Folder of its state file; null for that of the machine.</param>
        private static List<MailboxSyncPrerequisite> Appliance(Func<EsgConnection> connect, string name, string folder = null)
        {
            try
            {
                var connection = connect();
                var results = EsgPrerequisites.Check(connection).ToList();
                results.Add(MachinePrerequisites.State(connection.StateFile));
                return results;
            }
            catch (MailboxSyncException wrong)
            {
                var results = EsgPrerequisites.Check(wrong).ToList();
                if (name != null) { results.Add(MachinePrerequisites.State(System.IO.Path.Combine(folder ?? StateFolder.Default, name + ".esg.db"))); }
                return results;
            }
        }
    }
}
