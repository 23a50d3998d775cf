using System;
using System.Linq;
using System.Management.Automation;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>What a synchronisation came to so far. Whatever happens, it becomes one result with the right exit code (design 10).</summary>
    internal sealed class SyncOutcome
    {
        private const int CouldNotRun = 1;
        private const int ProblemsTold = 3;

        private readonly DateTime _started = DateTime.UtcNow;
        private ErrorRecord _error;
        private int _failure;

        public string Target { get; set; }

        public string StateFile { get; set; }

        public MailboxDelegationSnapshot Snapshot { get; set; }

        public MailboxSyncPlan Plan { get; set; }

        public MailboxSyncRun Run { get; set; }

        public PlanRunner Runner { get; set; }

        /// <summary>It ended early.</summary>
        public void Fail(Exception failure)
        {
            _failure = (failure as MailboxSyncException)?.ExitCode ?? CouldNotRun;
            _error = (failure as IContainsErrorRecord)?.ErrorRecord ?? new ErrorRecord(failure, "SyncFailed", ErrorCategory.NotSpecified, null);
        }

        public MailboxSyncResult ToResult()
        {
            var exitCode = _error != null ? _failure : Run?.ExitCode ?? Plan.ExitCode;
            return new MailboxSyncResult(Target, _started, exitCode, Message(), Snapshot, Plan, Run, _error);
        }

        private string Message()
        {
            if (_error != null) { return _error.Exception is MailboxSyncException known ? known.FullText : _error.ToString(); }
            var unknown = Plan.MailboxesUnknown == 0 ? string.Empty
                : $"; {Plan.MailboxesUnknown} of {Plan.Mailboxes} mailboxes unknown: see Get-MailboxDelegation -Unknown";
            unknown += string.Concat(Plan.HeldBack.Select(finding => "; " + finding.Text));
            if (Run == null) { return Plan.Changes + (Plan.Action.Count == 0 ? string.Empty : "; nothing applied") + unknown; }
            var problems = Runner.Problems(Run).Select(problem => problem.FullText).ToArray();
            var more = problems.Length > ProblemsTold ? $" And {problems.Length - ProblemsTold} more: see Run.Result." : string.Empty;
            return Run.Outcome + unknown + (problems.Length == 0 ? string.Empty : "; " + string.Join(" ", problems.Take(ProblemsTold)) + more);
        }
    }
}
