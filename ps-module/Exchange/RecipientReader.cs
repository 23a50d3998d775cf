using EsgMailboxSync.Cmdlets;

namespace EsgMailboxSync.Exchange
{
    /// <summary>Reads everything that can be a trustee or a member (design 4): addresses and types, people, groups, each in one tenant-wide call.</summary>
    internal sealed class RecipientReader
    {
        private const string Activity = "Reading recipients";
        private static readonly string[] UnifiedGroups = { GroupReader.UnifiedGroup };

        private readonly EngineCmdlet _cmdlet;
        private readonly ExchangeSession _session;
        private readonly RecipientTable _table;
        private long _rows;

        public RecipientReader(EngineCmdlet cmdlet, ExchangeSession session, RecipientTable table)
        {
            _cmdlet = cmdlet;
            _session = session;
            _table = table;
        }

        /// <summary>Fills the table. Complete only if every list came complete: a missing one leaves people without SID, or groups unfound.</summary>
        public ReadOutcome Read()
        {
            var outcome = List(new ExchangeCall("Get-Recipient"), out var groups);
            if (_session.Tenant.IsCloud && groups == 0)
            {
                // Exchange Online lists Microsoft 365 groups only when asked for them (exo 2.2).
                outcome = outcome.And(List(new ExchangeCall("Get-Recipient").With("RecipientTypeDetails", UnifiedGroups), out _));
            }
            outcome = outcome.And(List(new ExchangeCall("Get-User"), out _));
            outcome = outcome.And(List(new ExchangeCall("Get-Group"), out _));
            _cmdlet.Progress.Complete();
            return outcome;
        }

        /// <param name="call">What to list.</param>
        /// <param name="unifiedGroups">How many Microsoft 365 groups were among the rows.</param>
        private ReadOutcome List(ExchangeCall call, out int unifiedGroups)
        {
            long rows = 0;
            var found = 0;
            var outcome = _session.Run(call.Unlimited(), row =>
            {
                var recipient = RowNormalizer.Recipient(row);
                if (recipient.Type == GroupReader.UnifiedGroup) { found++; }
                _table.Merge(recipient, out _);
                _cmdlet.Progress.Report(Activity, call.Command + ": " + ++rows, ++_rows, 0);
            });
            unifiedGroups = found;
            return outcome.IsComplete ? outcome : new ReadOutcome(outcome.Status, "In " + call.Command + ": " + outcome.Reason);
        }
    }
}
