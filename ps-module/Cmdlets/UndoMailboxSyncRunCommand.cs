using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Takes back exactly what a run did, as a plan with guards.</summary>
    [Cmdlet(VerbsCommon.Undo, "MailboxSyncRun", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
    [OutputType(typeof(MailboxSyncRun), typeof(MailboxSyncPlan))]
    public sealed class UndoMailboxSyncRunCommand : TargetCmdlet
    {
        private static readonly string[] OfOneRun = { "RunUnknown", "RunIsUndo", "RunImagesDeleted" };

        /// <summary>Number of the run.</summary>
        [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
        [ValidateRange(1L, long.MaxValue)]
        [ArgumentCompleter(typeof(RunCompleter))]
        public long Id { get; set; }

        /// <summary>Name of the connection; a run from the pipeline brings its own.</summary>
        [Parameter(ValueFromPipelineByPropertyName = true)]
        [ValidateNotNullOrEmpty]
        [ArgumentCompleter(typeof(TargetCompleter))]
        public override string Target { get; set; }

        /// <summary>Writes the plan of the undo to this file, for review and for Invoke-MailboxSyncPlan -Path, and changes nothing.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public string Path { get; set; }

        /// <summary>Numbers of the whole undo that are expected and so permitted: <c>@{ AliasRemoved = 25 }</c>.</summary>
        [Parameter]
        [ValidateNotNull]
        [ArgumentCompleter(typeof(ExpectCompleter))]
        public IDictionary Expect { get; set; }

        /// <inheritdoc/>
        protected override void ProcessRecord()
        {
            var expect = Expectations.Read(Expect);
            var connection = Connection;
            var file = Path == null ? null : ResolvePath(Path);
            // A file to look at needs no question of its own; only what changes the appliance asks.
            if (file != null && IsWhatIf && !ShouldProcess(file, "Write the plan of the undo")) { return; }
            MailboxSyncPlan plan;
            try
            {
                plan = new MailboxSyncPlan(Call<PlanReply>(Method.NewUndoPlan, new NewUndoPlanRequest { Connection = connection.Handle.Number, Run = Id, Path = file }));
            }
            catch (MailboxSyncException failure) when (OfOneRun.Contains(failure.Code))
            {
                WriteError(failure.ErrorRecord);
                return;
            }
            TellWhatStays(plan);
            if (file != null)
            {
                WriteObject(plan);
                return;
            }
            var runner = new PlanRunner(this, plan, expect, null);
            if (!runner.Confirmed()) { return; }
            var run = runner.Apply(connection, null);
            WriteObject(run);
            foreach (var problem in runner.Problems(run)) { WriteError(problem.ErrorRecord); }
            GC.KeepAlive(connection);
        }

        // One line for each reason: a large undo may leave thousands alone, and all are in LeftAlone.
        private void TellWhatStays(MailboxSyncPlan plan)
        {
            foreach (var reason in plan.LeftAlone.GroupBy(left => left.Code))
            {
                var first = reason.First();
                Warn(
                    $"{View.Count(reason.LongCount(), "change", "changes")} of run {Id} cannot be taken back ({reason.Key}), for example {first.Address} of {first.UserName}: {first.Reason}.",
                    "LeftAlone of the result lists all: change by hand what is to be otherwise.");
            }
        }
    }
}
