using System;
using System.Management.Automation;

namespace EsgMailboxSync
{
    /// <summary>How a synchronisation went, from reading to the last action.</summary>
    public sealed class MailboxSyncResult
    {
        internal MailboxSyncResult(string target, DateTime started, int exitCode, string message, MailboxDelegationSnapshot snapshot, MailboxSyncPlan plan, MailboxSyncRun run, ErrorRecord error)
        {
            Target = target;
            Started = started;
            Ended = DateTime.UtcNow;
            ExitCode = exitCode;
            Message = message;
            Snapshot = snapshot;
            Plan = plan;
            Run = run;
            Error = error;
        }

        /// <summary>Connection; null when none was found.</summary>
        public string Target { get; }

        /// <summary>0 in line, 1 could not run, 2 changes planned and not applied, 3 a guard blocked or an expectation was refused, 4 something failed or stayed unknown, 5 another run holds the lock.</summary>
        public int ExitCode { get; }

        /// <summary>What happened, in one line.</summary>
        public string Message { get; }

        /// <summary>When it began, UTC.</summary>
        public DateTime Started { get; }

        /// <summary>When it ended, UTC.</summary>
        public DateTime Ended { get; }

        /// <summary>What was read; null when reading failed.</summary>
        public MailboxDelegationSnapshot Snapshot { get; }

        /// <summary>The plan; null when planning failed.</summary>
        public MailboxSyncPlan Plan { get; }

        /// <summary>The run; null when nothing was applied.</summary>
        public MailboxSyncRun Run { get; }

        /// <summary>What ended it early; null when nothing did.</summary>
        public ErrorRecord Error { get; }

        /// <summary>What became of the notification; null when nobody is to be told.</summary>
        public string Notification { get; internal set; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return Message;
        }
    }
}
