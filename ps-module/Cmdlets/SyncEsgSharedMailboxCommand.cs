using System;
using System.Collections;
using System.IO;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Exchange;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Reads, plans and applies in one go, for scheduled tasks. What goes wrong is told by the exit code of the one result, not thrown.</summary>
    [Cmdlet(VerbsData.Sync, "EsgSharedMailbox", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = ExchangeSet)]
    [OutputType(typeof(MailboxSyncResult))]
    public sealed class SyncEsgSharedMailboxCommand : PlanningCmdlet
    {
        private const string ExchangeSet = "Exchange";
        private const string PathSet = "Path";
        private const int CouldNotRun = 1;
        private const int ProblemsTold = 3;

        /// <summary>Snapshot files to use; without them the Exchange session of this PowerShell session is read.</summary>
        [Parameter(ParameterSetName = PathSet, Mandatory = true, Position = 0)]
        [ValidateNotNullOrEmpty]
        public string[] Path { get; set; }

        /// <summary>File that the snapshot is written to; a read that broke off is continued from it by the next run.</summary>
        [Parameter(ParameterSetName = ExchangeSet)]
        [ValidateNotNullOrEmpty]
        public string SnapshotPath { get; set; }

        /// <summary>With -SnapshotPath: only mailboxes with a change since the snapshot that is there are read again, and all of them every so many days.</summary>
        [Parameter(ParameterSetName = ExchangeSet)]
        [ValidateRange(1, 90)]
        public int FullEvery { get; set; }

        /// <summary>Numbers of the whole plan that are expected and so permitted, for this run: <c>@{ FunctionalUserRemoved = 385 }</c>.</summary>
        [Parameter]
        [ValidateNotNull]
        [ArgumentCompleter(typeof(ExpectCompleter))]
        public IDictionary Expect { get; set; }

        /// <inheritdoc/>
        protected override void EndProcessing()
        {
            var expect = Expectations.Read(Expect);
            var started = DateTime.UtcNow;
            EsgConnection connection = null;
            MailboxDelegationSnapshot snapshot = null;
            MailboxSyncPlan plan = null;
            MailboxSyncRun run = null;
            ErrorRecord error = null;
            PlanRunner runner = null;
            int exitCode;
            try
            {
                connection = Connection;
                snapshot = ReadSnapshot();
                plan = NewPlan(connection, snapshot, CommonOptions());
                var carried = Carried(plan);
                if (carried.Length > 0 && FullEvery > 0)
                {
                    snapshot = ReadAgain(snapshot, carried);
                    plan = NewPlan(connection, snapshot, CommonOptions());
                }
                WarnOfHeldBack(plan);
                runner = new PlanRunner(this, plan, expect, null);
                if (runner.Confirmed()) { run = runner.Apply(connection, null); }
                exitCode = run?.ExitCode ?? plan.ExitCode;
            }
            catch (MailboxSyncException failure)
            {
                error = failure.ErrorRecord;
                exitCode = failure.ExitCode;
            }
            catch (Exception failure) when (!(failure is PipelineStoppedException))
            {
                error = new ErrorRecord(failure, "SyncFailed", ErrorCategory.NotSpecified, null);
                exitCode = CouldNotRun;
            }
            WriteObject(new MailboxSyncResult(connection?.Name, started, exitCode, Message(runner, plan, run, error), snapshot, plan, run, error));
        }

        private MailboxDelegationSnapshot ReadSnapshot()
        {
            if (Path != null) { return ReadSnapshot(Path.SelectMany(ResolveExistingPath)); }
            var options = new TenantReadOptions { Path = SnapshotPath == null ? null : SnapshotFile.Resolve(this, SnapshotPath, false) };
            if (options.Path != null) { options.Resume = TenantReadOptions.DefaultMaxAge; }
            if (FullEvery > 0)
            {
                if (options.Path == null)
                {
                    throw new MailboxSyncException(
                        "SnapshotPathMissing", ErrorCategory.InvalidArgument, "-FullEvery needs a file that keeps the snapshot until the next run.", "Give -SnapshotPath, or leave -FullEvery out.");
                }
                options.FullEvery = FullEvery;
                options.Since = File.Exists(options.Path) ? ReadSnapshot(new[] { options.Path }) : null;
            }
            return TenantReader.Read(this, options);
        }

        /// <summary>The mailboxes about which something would be removed, had their rows not been carried over.</summary>
        private static string[] Carried(MailboxSyncPlan plan)
        {
            return plan.LeftAlone.Where(left => left.Code == "MailboxCarried").Select(left => left.MailboxGuid).Distinct().ToArray();
        }

        /// <summary>Nothing about a carried mailbox is removed before it was read again (rule 16).</summary>
        private MailboxDelegationSnapshot ReadAgain(MailboxDelegationSnapshot snapshot, string[] carried)
        {
            WriteVerbose($"{carried.Length} mailboxes are read again, as something would be removed on their account.");
            var file = SnapshotFile.Resolve(this, SnapshotPath, false);
            return TenantReader.Read(this, new TenantReadOptions { Path = file, Since = snapshot, Reread = carried, FullEvery = FullEvery });
        }

        private static string Message(PlanRunner runner, MailboxSyncPlan plan, MailboxSyncRun run, ErrorRecord error)
        {
            if (error != null) { return error.Exception is MailboxSyncException known ? known.FullText : error.ToString(); }
            var unknown = plan.MailboxesUnknown == 0 ? string.Empty
                : $"; {plan.MailboxesUnknown} of {plan.Mailboxes} mailboxes unknown: see Get-MailboxDelegation -Unknown";
            unknown += string.Concat(plan.HeldBack.Select(finding => "; " + finding.Text));
            if (run == null) { return plan.Changes + (plan.Action.Count == 0 ? string.Empty : "; nothing applied") + unknown; }
            var problems = runner.Problems(run).Select(problem => problem.FullText).ToArray();
            var more = problems.Length > ProblemsTold ? $" And {problems.Length - ProblemsTold} more: see Run.Result." : string.Empty;
            return run.Outcome + unknown + (problems.Length == 0 ? string.Empty : "; " + string.Join(" ", problems.Take(ProblemsTold)) + more);
        }
    }
}
