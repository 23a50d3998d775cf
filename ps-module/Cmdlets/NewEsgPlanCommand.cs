using System.Linq;
using System.Management.Automation;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Plans what brings the user aliases of an appliance in line with a snapshot. Changes nothing there.</summary>
    [Cmdlet(VerbsCommon.New, "EsgPlan", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
    [OutputType(typeof(MailboxSyncPlan))]
    public sealed class NewEsgPlanCommand : PlanningCmdlet
    {
        /// <summary>A snapshot, or the path of its file.</summary>
        [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
        [ValidateNotNullOrEmpty]
        public object Snapshot { get; set; }

        /// <summary>Rights that justify an alias; any of them.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public Right[] Right { get; set; } = { EsgMailboxSync.Right.FullAccess };

        /// <summary>Which groups are expanded to their people.</summary>
        [Parameter]
        public ExpandGroup ExpandGroup { get; set; } = ExpandGroup.Security;

        /// <summary>Inherited permissions count too.</summary>
        [Parameter]
        public SwitchParameter IncludeInherited { get; set; }

        /// <summary>RecipientTypeDetails that count as people although they are not, for example SharedMailbox.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public string[] IncludeDelegateType { get; set; }

        /// <summary>A functional user goes only when all delegates of its mailbox hold its addresses.</summary>
        [Parameter]
        public SwitchParameter RequireAllDelegates { get; set; }

        /// <summary>File that the plan is written to, for review and for Invoke-MailboxSyncPlan -Path.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public string Path { get; set; }

        /// <inheritdoc/>
        protected override void ProcessRecord()
        {
            var connection = Connection;
            var options = CommonOptions();
            options.Rights = Right.Select(right => right.ToString()).Distinct().ToArray();
            options.ExpandGroup = ExpandGroup.ToString();
            options.IncludeInherited = IncludeInherited;
            options.IncludeDelegateType = IncludeDelegateType;
            options.RequireAllDelegates = RequireAllDelegates;
            var file = Path == null ? null : ResolvePath(Path);
            if (file != null && !ShouldProcess(file, "Write the plan")) { file = null; }
            var plan = NewPlan(connection, ResolveSnapshot(Snapshot), options, file);
            WarnOfHeldBack(plan);
            WriteObject(plan);
        }
    }
}
