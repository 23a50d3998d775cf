using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Connections;
using EsgMailboxSync.Exchange;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Tells what this session lacks for reading Exchange and for working on ESG, and what to do about it. What is missing is a result, never an error.</summary>
    [Cmdlet(VerbsDiagnostic.Test, "MailboxSyncPrerequisite")]
    [OutputType(typeof(MailboxSyncPrerequisite))]
    public sealed class TestMailboxSyncPrerequisiteCommand : TargetCmdlet
    {
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

        /// <inheritdoc/>
        protected override void EndProcessing()
        {
            using (var session = ExchangeSession.Look(this, Prefix, out var wrong))
            {
                WriteObject(ExchangePrerequisites.Check(session, wrong, Right, ExpandGroup).ToList(), true);
            }
            WriteObject(Appliance(), true);
        }

        private List<MailboxSyncPrerequisite> Appliance()
        {
            try { return EsgPrerequisites.Check(Connection).ToList(); }
            catch (MailboxSyncException wrong) { return EsgPrerequisites.Check(wrong).ToList(); }
        }
    }
}
