using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using EsgMailboxSync.Cmdlets;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Exchange
{
    /// <summary>
    /// Takes the rows of mailboxes that a log names no change of from an earlier snapshot, so that Exchange is asked for the others only (design 4).
    /// A log proves nothing about what it does not tell: what is carried over lets a mailbox gain, never lose. The engine decides and copies.
    /// </summary>
    internal sealed class DeltaReader
    {
        /// <summary>
        /// The log is asked from so long before the earlier snapshot on. Microsoft names 60 to 90 minutes as usual until an event is found, and no limit;
        /// what came too late for the earlier read is found by this one.
        /// </summary>
        internal static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

        private readonly EngineCmdlet _cmdlet;
        private readonly ExchangeSession _session;
        private readonly SnapshotBuilder _builder;

        public DeltaReader(EngineCmdlet cmdlet, ExchangeSession session, SnapshotBuilder builder)
        {
            _cmdlet = cmdlet;
            _session = session;
            _builder = builder;
        }

        /// <summary>The keys of the mailboxes whose rows were carried over. Call it when all mailboxes are written; what has a <c>read</c> line already stays as it is.</summary>
        /// <exception cref="MailboxSyncException">The earlier snapshot is of another tenant.</exception>
        public IReadOnlyList<string> CarryOver(TenantReadOptions options)
        {
            var from = options.Since.Created - Overlap;
            var log = new AuditLogReader(_cmdlet, _session);
            var outcome = log.Read(from, DateTime.UtcNow);
            if (!outcome.IsComplete)
            {
                _cmdlet.Warn("All mailboxes are read, as no log tells which of them had a change: " + outcome.Reason, "Test-MailboxSyncPrerequisite tells whether the account lacks the role for it; turn the audit log on where it is off, or leave -Since out.");
                return Array.Empty<string>();
            }
            var reply = _builder.CarryOver(options.Since, log.Names.ToArray(), options.Reread?.ToArray(), TimeSpan.FromDays(options.FullEvery));
            // Not an error: the read is right without it, and under -ErrorAction Stop it would cost all of it.
            foreach (var name in reply.Misspelt) { _cmdlet.Warn("-Reread '" + name + "' names no mailbox of this read.", "Check the spelling."); }
            _cmdlet.WriteVerbose(reply.Full != null
                ? "All mailboxes are read: " + reply.Full + "."
                : string.Format(
                    CultureInfo.InvariantCulture,
                    "Since {0:u} the log (or -Reread) names {1} mailboxes, {2} are new, and {3} were unknown: these are read, and the rows of {4} are carried over.",
                    from,
                    reply.Changed,
                    reply.New,
                    reply.Unknown,
                    reply.Mailboxes.Length));
            return reply.Mailboxes;
        }
    }
}
