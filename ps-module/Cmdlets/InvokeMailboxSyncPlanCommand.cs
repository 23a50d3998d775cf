using System;
using System.Collections;
using System.Management.Automation;
using EsgMailboxSync.Connections;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Applies exactly a plan, proves the result, and finishes a run that was killed.</summary>
    [Cmdlet(VerbsLifecycle.Invoke, "MailboxSyncPlan", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = PlanSet)]
    [OutputType(typeof(MailboxSyncRun))]
    public sealed class InvokeMailboxSyncPlanCommand : TargetCmdlet
    {
        private const string PlanSet = "Plan";
        private const string PathSet = "Path";

        /// <summary>The plan.</summary>
        [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = PlanSet)]
        [ValidateNotNull]
        public MailboxSyncPlan Plan { get; set; }

        /// <summary>The file of a plan.</summary>
        [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet)]
        [Alias("FullName")]
        [ValidateNotNullOrEmpty]
        public string Path { get; set; }

        /// <summary>Numbers of the whole plan that are expected and so permitted, for this run: <c>@{ FunctionalUserRemoved = 385 }</c>.</summary>
        [Parameter]
        [ValidateNotNull]
        [ArgumentCompleter(typeof(ExpectCompleter))]
        public IDictionary Expect { get; set; }

        /// <summary>Applies only so many of the actions that are still open; the rest of the plan stays applicable.</summary>
        [Parameter]
        [ValidateRange(1, int.MaxValue)]
        public int? First { get; set; }

        /// <summary>An older plan is refused.</summary>
        [Parameter]
        [ValidateNotNull]
        public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(7);

        /// <inheritdoc/>
        protected override void ProcessRecord()
        {
            if (MaxAge < TimeSpan.Zero)
            {
                throw new MailboxSyncException("InvalidMaxAge", ErrorCategory.InvalidArgument, $"-MaxAge is negative: {MaxAge}.", "Give a span such as 7.00:00:00, which is seven days.", MaxAge);
            }
            var expect = Expectations.Read(Expect);
            var plan = Plan ?? new MailboxSyncPlan(Call<PlanReply>(Method.ReadPlan, new ReadPlanRequest { Path = ResolvePath(Path) }));
            var runner = new PlanRunner(this, plan, expect, First);
            if (!runner.Confirmed()) { return; }
            var run = runner.Apply(ConnectionOf(plan), MaxAge);
            WriteObject(run);
            // Not earlier: an error that ends the pipeline must not end the run half-way.
            foreach (var problem in runner.Problems(run)) { WriteError(problem.ErrorRecord); }
        }

        // Without -Target the connection that the plan was made for, where it is there: the engine refuses any other.
        private EsgConnection ConnectionOf(MailboxSyncPlan plan)
        {
            return Target == null && ConnectionTable.Current.Contains(plan.Target) ? ConnectionTable.Current.Select(plan.Target) : Connection;
        }
    }
}
