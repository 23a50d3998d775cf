using System;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;
using EsgMailboxSync.Cmdlets;

namespace EsgMailboxSync.Exchange
{
    /// <summary>Reads SendAs where Exchange has no Get-RecipientPermission: on-premises it is a right on the account in the directory, asked for mailbox by mailbox.</summary>
    internal sealed class AdPermissionReader
    {
        public const string Command = "Get-ADPermission";
        private const string Activity = "Reading SendAs permissions";

        private readonly EngineCmdlet _cmdlet;
        private readonly ExchangeSession _session;
        private readonly SnapshotBuilder _builder;

        public AdPermissionReader(EngineCmdlet cmdlet, ExchangeSession session, SnapshotBuilder builder)
        {
            _cmdlet = cmdlet;
            _session = session;
            _builder = builder;
        }

        /// <summary>Writes the rows and what came of each mailbox; gives what came of all.</summary>
        public ReadOutcome Read(IReadOnlyList<MailboxRow> mailboxes)
        {
            var all = ReadOutcome.Complete;
            for (var i = 0; i < mailboxes.Count; i++)
            {
                _cmdlet.Progress.Report(Activity, string.Format(CultureInfo.InvariantCulture, "Mailbox {0} of {1}: {2}", i + 1, mailboxes.Count, mailboxes[i].Label), i, mailboxes.Count);
                var outcome = Read(mailboxes[i]);
                _builder.Read("sendAs:" + mailboxes[i].Key, outcome);
                all = all.And(outcome);
            }
            _cmdlet.Progress.Complete();
            return all;
        }

        private ReadOutcome Read(MailboxRow mailbox)
        {
            var identity = MailboxReader.IdentityOf(mailbox);
            if (identity == null) { return ReadOutcome.Failed("The mailbox has neither an id nor a name to ask for."); }
            var rows = 0;
            string fault = null;
            var outcome = _session.Run(ExchangeCall.For(Command, identity), row =>
            {
                rows++;
                var permission = RowNormalizer.AdPermission(row);
                if (permission == null) { return; }
                fault = fault ?? RowNormalizer.Fault(permission, "User");
                _builder.Writer.RecipientPermission(mailbox.Key, permission);
            });
            if (fault != null) { outcome = outcome.And(ReadOutcome.Failed("A row of " + Command + " " + fault + ".")); }
            // Every account in the directory has permissions, so none at all is no answer.
            return outcome.IsComplete && rows == 0 ? ReadOutcome.Failed(Command + " gave no row.") : outcome;
        }
    }
}
