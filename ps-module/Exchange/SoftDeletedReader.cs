using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Cmdlets;

namespace EsgMailboxSync.Exchange
{
    /// <summary>
    /// Reads which mailboxes are soft-deleted or inactive. Together with all living ones this proves by GUID which are gone for good (rule 23). Nobody can
    /// open them, so nobody asks for their permissions.
    /// </summary>
    internal sealed class SoftDeletedReader
    {
        // An inactive mailbox is a soft-deleted one on hold; documentation does not say that the first switch shows every one of them.
        private static readonly string[] Switches = { "SoftDeletedMailbox", "InactiveMailboxOnly" };

        private readonly EngineCmdlet _cmdlet;
        private readonly ExchangeSession _session;
        private readonly SnapshotBuilder _builder;
        private readonly HashSet<string> _seen;
        private int _nameless;
        private long _rows;

        /// <param name="cmdlet">Shows the progress.</param>
        /// <param name="session">Where to read.</param>
        /// <param name="builder">Takes the lines.</param>
        /// <param name="living">The mailboxes that were listed before. Who was deleted since then counts as living.</param>
        public SoftDeletedReader(EngineCmdlet cmdlet, ExchangeSession session, SnapshotBuilder builder, IReadOnlyList<MailboxRow> living)
        {
            _cmdlet = cmdlet;
            _session = session;
            _builder = builder;
            _seen = new HashSet<string>(living.Select(mailbox => mailbox.Key), StringComparer.Ordinal);
        }

        /// <summary>Writes a line for each. Call it between the list of mailboxes and that of recipients: what is restored meanwhile is then among those.</summary>
        public ReadOutcome Read()
        {
            var outcome = ReadOutcome.Complete;
            foreach (var name in Switches)
            {
                outcome = outcome.And(_session.Run(new ExchangeCall("Get-Mailbox").With(name, SwitchParameter.Present).Unlimited(), row => Take(RowNormalizer.Mailbox(row))));
            }
            _cmdlet.Progress.Complete();
            return _nameless == 0 ? outcome : outcome.And(ReadOutcome.Failed("A soft-deleted mailbox has no Guid, so it cannot be told from others."));
        }

        private void Take(MailboxRow mailbox)
        {
            _cmdlet.Progress.Report("Reading soft-deleted mailboxes", (++_rows).ToString(CultureInfo.InvariantCulture), _rows, 0);
            // Several may share an address or a name, with each other and with a living one: only the GUID tells them apart (exo 6).
            if (mailbox.Guid == null) { _nameless++; }
            else if (_seen.Add(mailbox.Guid)) { _builder.Writer.SoftDeleted(mailbox); }
        }
    }
}
