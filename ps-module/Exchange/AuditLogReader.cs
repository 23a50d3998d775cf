using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Management.Automation;
using System.Runtime.Serialization;
using System.Text;
using EsgMailboxSync.Cmdlets;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Exchange
{
    /// <summary>
    /// Asks a log of Exchange which mailboxes had a change: the unified audit log, and where it is not there, as on-premises, the administrator audit log.
    /// The shapes of both come from Microsoft's documentation alone (docs/assurance.md), so what is not as documented counts as a log that cannot be read.
    /// </summary>
    internal sealed class AuditLogReader
    {
        public const string UnifiedLog = "Search-UnifiedAuditLog";
        public const string AdminLog = "Search-AdminAuditLog";
        private const string Activity = "Reading the audit log";

        /// <summary>Rows that the unified log gives in one answer at most, and in one search.</summary>
        private const int Page = 5000;
        private const int Most = 50000;

        /// <summary>Commands that may change who has FullAccess on a mailbox, or which mailbox it is. Failed ones are in the log too, and count.</summary>
        private static readonly string[] Commands =
        {
            "Add-MailboxPermission", "Remove-MailboxPermission", "Set-Mailbox", "New-Mailbox", "Enable-Mailbox", "Disable-Mailbox", "Connect-Mailbox", "Remove-Mailbox",
            "Undo-SoftDeletedMailbox",
        };

        private readonly EngineCmdlet _cmdlet;
        private readonly ExchangeSession _session;
        private readonly HashSet<string> _names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        private readonly HashSet<string> _rows = new HashSet<string>(StringComparer.Ordinal);
        private long _expected;
        private int _unreadable;

        public AuditLogReader(EngineCmdlet cmdlet, ExchangeSession session)
        {
            _cmdlet = cmdlet;
            _session = session;
        }

        /// <summary>What the log names as changed: object ids, identities and names, as they stand there. Only of use when <see cref="Read"/> came complete.</summary>
        public IReadOnlyCollection<string> Names => _names;

        /// <summary>Reads what happened between two times (UTC).</summary>
        public ReadOutcome Read(DateTime from, DateTime to)
        {
            try
            {
                if (!_session.Has(UnifiedLog) && _session.Has(AdminLog)) { return ReadAdminLog(from, to); }
                var off = UnifiedLogIsOff();
                return off ?? ReadUnifiedLog(from, to);
            }
            finally
            {
                _cmdlet.Progress.Complete();
            }
        }

        /// <summary>A log that records nothing answers with nothing, which would look like a tenant where nothing happened.</summary>
        private ReadOutcome UnifiedLogIsOff()
        {
            const string Setting = "UnifiedAuditLogIngestionEnabled";
            if (!_session.Has("Get-AdminAuditLogConfig")) { return null; }
            bool? on = null;
            var outcome = _session.Run(new ExchangeCall("Get-AdminAuditLogConfig"), row => on = RowValue.Flag(row, Setting));
            if (!outcome.IsComplete) { return outcome; }
            return on == false ? ReadOutcome.Failed("The unified audit log is turned off (" + Setting + " is False).") : null;
        }

        private ReadOutcome ReadUnifiedLog(DateTime from, DateTime to)
        {
            var search = Guid.NewGuid().ToString();
            while (true)
            {
                var before = _rows.Count;
                var call = new ExchangeCall(UnifiedLog)
                    .With("StartDate", from)
                    .With("EndDate", to)
                    .With("Operations", Commands)
                    .With("SessionId", search)
                    .With("SessionCommand", "ReturnLargeSet")
                    .Wish("ResultSize", Page)
                    .Wish("HighCompleteness", SwitchParameter.Present);
                long answered = 0;
                var outcome = _session.Run(call, row =>
                {
                    answered++;
                    TakeUnified(row);
                });
                if (!outcome.IsComplete) { return outcome; }
                if (answered == 0) { break; }
                if (_rows.Count >= Most) { return Cut(); }
                // An answer that only repeats would be asked for without end.
                if (_rows.Count == before) { break; }
            }
            return _rows.Count < _expected ? Cut() : Judge(UnifiedLog);
        }

        private void TakeUnified(PSObject row)
        {
            if (!_rows.Add(RowValue.Text(row, "Identity") ?? Guid.NewGuid().ToString())) { return; }
            if (long.TryParse(RowValue.Text(row, "ResultCount"), NumberStyles.None, CultureInfo.InvariantCulture, out var count)) { _expected = Math.Max(_expected, count); }
            _cmdlet.Progress.Report(Activity, _rows.Count.ToString(CultureInfo.InvariantCulture), _rows.Count, _expected);
            var data = Parse(RowValue.Text(row, "AuditData"));
            if (data == null)
            {
                _unreadable++;
                return;
            }
            var named = Name(data.ObjectId) | Name(data.ModifiedObjectResolvedName);
            foreach (var parameter in data.Parameters ?? Array.Empty<AuditParameter>())
            {
                if (IsIdentity(parameter.Name)) { named |= Name(parameter.Value); }
            }
            if (!named) { _unreadable++; }
        }

        private ReadOutcome ReadAdminLog(DateTime from, DateTime to)
        {
            var call = new ExchangeCall(AdminLog).With("StartDate", from).With("EndDate", to).With("Cmdlets", Commands).Wish("ResultSize", Most);
            long rows = 0;
            var outcome = _session.Run(call, row =>
            {
                _cmdlet.Progress.Report(Activity, (++rows).ToString(CultureInfo.InvariantCulture), rows, 0);
                var named = Name(RowValue.Text(row, "ObjectModified")) | Name(RowValue.Text(row, "ModifiedObjectResolvedName"));
                foreach (var parameter in RowValue.Rows(row, "CmdletParameters"))
                {
                    if (IsIdentity(RowValue.Text(parameter, "Name"))) { named |= Name(RowValue.Text(parameter, "Value")); }
                }
                if (!named) { _unreadable++; }
            });
            if (!outcome.IsComplete) { return outcome; }
            return rows >= Most ? Cut() : Judge(AdminLog);
        }

        private ReadOutcome Judge(string log)
        {
            return _unreadable == 0
                ? ReadOutcome.Complete
                : ReadOutcome.Failed(string.Format(CultureInfo.InvariantCulture, "{0} rows of {1} do not tell what they changed.", _unreadable, log));
        }

        private static ReadOutcome Cut()
        {
            return new ReadOutcome(ReadStatus.Truncated, "The log did not give all of its rows.");
        }

        private bool Name(string text)
        {
            if (text == null) { return false; }
            _names.Add(text);
            return true;
        }

        private static bool IsIdentity(string parameter)
        {
            return string.Equals(parameter, "Identity", StringComparison.OrdinalIgnoreCase) || string.Equals(parameter, "Name", StringComparison.OrdinalIgnoreCase);
        }

        private static AuditData Parse(string json)
        {
            if (json == null) { return null; }
            try
            {
                using (var stream = new MemoryStream(Encoding.UTF8.GetBytes(json))) { return Json.Read<AuditData>(stream); }
            }
            catch (Exception error) when (error is SerializationException || error is FormatException || error is System.Xml.XmlException)
            {
                return null;
            }
        }

        /// <summary>What is needed of the column AuditData, a text of JSON.</summary>
        [DataContract]
        private sealed class AuditData
        {
            [DataMember]
            public string ObjectId { get; set; }

            [DataMember]
            public string ModifiedObjectResolvedName { get; set; }

            [DataMember]
            public AuditParameter[] Parameters { get; set; }
        }

        [DataContract]
        private sealed class AuditParameter
        {
            [DataMember]
            public string Name { get; set; }

            [DataMember]
            public string Value { get; set; }
        }
    }
}
