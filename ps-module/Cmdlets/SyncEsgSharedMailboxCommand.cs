using System;
using System.Collections;
using System.IO;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Configuration;
using EsgMailboxSync.Exchange;
using EsgMailboxSync.Interop;
using EsgMailboxSync.Notifications;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Reads, plans and applies in one go, for scheduled tasks. What goes wrong is told by the exit code of the one result, not thrown.</summary>
    [Cmdlet(VerbsData.Sync, "EsgSharedMailbox", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = ExchangeSet)]
    [OutputType(typeof(MailboxSyncResult))]
    public sealed class SyncEsgSharedMailboxCommand : PlanningCmdlet
    {
        private const string ExchangeSet = "Exchange";
        private const string PathSet = "Path";

        private ConfigurationFile _configuration;
        private string _configurationFile;

        /// <summary>Configuration file: how to connect, what to do, whom to tell.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        [Alias("ConfigurationFile")]
        public string ConfigurationPath { get; set; }

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

        /// <summary>Called with the notification when there are findings, guards or failures that are other than at the last time.</summary>
        [Parameter]
        [ValidateNotNull]
        public ScriptBlock Notification { get; set; }

        private protected override bool TellsByResult => true;

        /// <inheritdoc/>
        protected override void EndProcessing()
        {
            var outcome = new SyncOutcome();
            EsgConnection own = null;
            ExchangeLogin login = null;
            try
            {
                var expect = Expectations.Read(Expect);
                own = Configure(outcome);
                var connection = own ?? Connection;
                outcome.Target = connection.Name;
                outcome.StateFile = connection.StateFile;
                if (_configuration != null && Path == null) { login = ExchangeLogin.Open(this, _configuration); }
                Synchronise(outcome, connection, expect);
            }
            catch (Exception failure) when (!(failure is PipelineStoppedException))
            {
                outcome.Fail(failure);
            }
            finally
            {
                CleanUp(login, own);
            }
            var result = outcome.ToResult();
            if (!IsWhatIf) { Tell(result, outcome.StateFile); }
            WriteObject(result);
        }

        /// <summary>Reads the configuration, where there is one, and connects as it says. Parameters win over its options.</summary>
        private EsgConnection Configure(SyncOutcome outcome)
        {
            if (ConfigurationPath == null) { return null; }
            if (Target != null)
            {
                throw new MailboxSyncException("TargetContradiction", ErrorCategory.InvalidArgument, "-Target and -ConfigurationPath contradict each other.", "Leave -Target out: the configuration names its target, with esg.name.");
            }
            _configurationFile = ResolvePath(ConfigurationPath);
            _configuration = ConfigurationFile.Read(this, ConfigurationPath);
            outcome.Target = _configuration.Target;
            var state = _configuration.State(this);
            outcome.StateFile = state.Path;
            _configuration.CheckTenant(state.Tenant, $"The state file {state.Path} serves");
            Take(_configuration.Options);
            return _configuration.Connect(this);
        }

        private void Take(SyncSettings options)
        {
            bool Given(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
            if (!Given(nameof(Path)) && !Given(nameof(SnapshotPath)))
            {
                Path = options.Path;
                SnapshotPath = options.SnapshotPath;
                if (!Given(nameof(FullEvery))) { FullEvery = (int)(options.FullEvery ?? 0); }
            }
            if (!Given(nameof(AliasScope)) && options.AliasScope != null) { AliasScope = View.Member<AliasScope>(options.AliasScope); }
            if (!Given(nameof(FunctionalUser)) && options.FunctionalUser != null) { FunctionalUser = View.Member<FunctionalUser>(options.FunctionalUser); }
            if (!Given(nameof(RemoveStale)) && options.RemoveStale != null) { RemoveStale = View.Member<RemoveStale>(options.RemoveStale); }
            if (!Given(nameof(AdoptExisting))) { AdoptExisting = options.AdoptExisting == true; }
        }

        private void Synchronise(SyncOutcome outcome, EsgConnection connection, Expectation[] expect)
        {
            outcome.Snapshot = ReadSnapshot();
            _configuration?.CheckTenant(outcome.Snapshot.TenantId, "The snapshot is of");
            outcome.Plan = NewPlan(connection, outcome.Snapshot, CommonOptions());
            var carried = Carried(outcome.Plan);
            if (carried.Length > 0 && FullEvery > 0)
            {
                outcome.Snapshot = ReadAgain(outcome.Snapshot, carried);
                outcome.Plan = NewPlan(connection, outcome.Snapshot, CommonOptions());
            }
            WarnOfHeldBack(outcome.Plan);
            outcome.Runner = new PlanRunner(this, outcome.Plan, expect, null);
            if (outcome.Runner.Confirmed()) { outcome.Run = outcome.Runner.Apply(connection, null); }
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

        /// <summary>What this opened it closes; a failure of that changes no result.</summary>
        private static void CleanUp(ExchangeLogin login, EsgConnection own)
        {
            own?.Handle.Dispose();
            try { login?.Dispose(); }
            catch (RuntimeException error) when (!(error is PipelineStoppedException))
            {
                // The session of the process ends with it.
            }
        }

        private void Tell(MailboxSyncResult result, string stateFile)
        {
            result.Notification = new Notifier(this, Notification, _configuration?.Notification, stateFile, _configurationFile).Tell(result);
        }
    }
}
