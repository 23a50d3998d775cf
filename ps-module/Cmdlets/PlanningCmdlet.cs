using System;
using System.Management.Automation;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>A cmdlet that plans for an appliance, with the options that are common to all.</summary>
    public abstract class PlanningCmdlet : TargetCmdlet
    {
        private protected PlanningCmdlet()
        {
        }

        /// <summary>Which addresses of a mailbox its delegates get.</summary>
        [Parameter]
        public AliasScope AliasScope { get; set; } = AliasScope.Functional;

        /// <summary>Whether functional users go whose addresses are all held by delegates.</summary>
        [Parameter]
        public FunctionalUser FunctionalUser { get; set; } = FunctionalUser.Keep;

        /// <summary>Which aliases without justification are removed.</summary>
        [Parameter]
        public RemoveStale RemoveStale { get; set; } = RemoveStale.Managed;

        /// <summary>Takes over aliases that are there already and justified now.</summary>
        [Parameter]
        public SwitchParameter AdoptExisting { get; set; }

        /// <summary>The options as the engine takes them; what a cmdlet has besides is added by it.</summary>
        internal PlanOptions CommonOptions()
        {
            return new PlanOptions
            {
                AliasScope = AliasScope.ToString(),
                FunctionalUser = FunctionalUser.ToString(),
                RemoveStale = RemoveStale.ToString(),
                AdoptExisting = AdoptExisting,
            };
        }

        /// <summary>Reads the appliance and plans; <paramref name="path"/> is the file to write, or null.</summary>
        internal MailboxSyncPlan NewPlan(EsgConnection connection, MailboxDelegationSnapshot snapshot, PlanOptions options, string path = null)
        {
            var request = new NewPlanRequest { Connection = connection.Handle.Number, Snapshot = snapshot.Number, Options = options, Path = path };
            var plan = new MailboxSyncPlan(Call<PlanReply>(Method.NewPlan, request));
            GC.KeepAlive(connection);
            GC.KeepAlive(snapshot);
            SeenNames.Current.Note(plan);
            return plan;
        }

        /// <summary>Tells why the plan removes less than it could: who expects removals reads that, and not what is left alone alias by alias.</summary>
        internal void WarnOfHeldBack(MailboxSyncPlan plan)
        {
            foreach (var finding in plan.HeldBack) { Warn(finding.Text + ".", finding.Advice + "."); }
        }
    }
}
