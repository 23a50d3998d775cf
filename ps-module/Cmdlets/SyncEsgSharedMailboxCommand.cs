using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Exchange;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Reads, plans and applies in one go, for scheduled tasks. What goes wrong is told by the exit code of the one result, not thrown.</summary>
    [Cmdlet(VerbsData.Sync, "EsgSharedMailbox", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
    [OutputType(typeof(MailboxSyncResult))]
    public sealed class SyncEsgSharedMailboxCommand : PlanningCmdlet
    {
        /// <summary>Snapshot files to use; without them the Exchange session of this PowerShell session is read.</summary>
        [Parameter(Position = 0)]
        [ValidateNotNullOrEmpty]
        public string[] Path { get; set; }

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
            int exitCode;
            try
            {
                connection = Connection;
                snapshot = ReadSnapshot();
                plan = NewPlan(connection, snapshot, CommonOptions());
                var runner = new PlanRunner(this, plan, expect, null);
                if (runner.Confirmed()) { run = runner.Apply(connection, null); }
                exitCode = run == null ? plan.ExitCode : ExitCodes.Worst(run.ExitCode, plan.MailboxesUnknown > 0 ? ExitCodes.FailedOrUnknown : ExitCodes.InLine);
            }
            catch (MailboxSyncException failure)
            {
                error = failure.ErrorRecord;
                exitCode = failure.ExitCode;
            }
            catch (Exception failure) when (!(failure is PipelineStoppedException))
            {
                error = new ErrorRecord(failure, "SyncFailed", ErrorCategory.NotSpecified, null);
                exitCode = ExitCodes.NotRun;
            }
            WriteObject(new MailboxSyncResult(connection?.Name, started, exitCode, Message(plan, run, error), snapshot, plan, run, error));
        }

        private MailboxDelegationSnapshot ReadSnapshot()
        {
            return Path == null ? TenantReader.Read(this, new TenantReadOptions()) : ReadSnapshot(Path.SelectMany(ResolveExistingPath));
        }

        private static string Message(MailboxSyncPlan plan, MailboxSyncRun run, ErrorRecord error)
        {
            if (error != null) { return error.Exception is MailboxSyncException known ? known.FullText : error.ToString(); }
            if (run == null) { return plan.Changes + (plan.Action.Count == 0 ? string.Empty : "; nothing applied"); }
            var problems = PlanRunner.Problems(run).Select(problem => problem.FullText).ToArray();
            return run.Outcome + (problems.Length == 0 ? string.Empty : "; " + string.Join(" ", problems));
        }
    }
}
