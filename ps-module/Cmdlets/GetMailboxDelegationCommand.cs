using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Exchange;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Streams who effectively holds a right on which mailbox, with the way from the grant to the person.</summary>
    [Cmdlet(VerbsCommon.Get, "MailboxDelegation", DefaultParameterSetName = DelegationSet)]
    [OutputType(typeof(MailboxDelegation), ParameterSetName = new[] { DelegationSet })]
    [OutputType(typeof(UnknownMailbox), ParameterSetName = new[] { UnknownSet })]
    [OutputType(typeof(MailboxSyncFinding), ParameterSetName = new[] { FindingSet })]
    public sealed class GetMailboxDelegationCommand : DelegationCmdlet
    {
        private const string DelegationSet = "Delegation";
        private const string UnknownSet = "Unknown";
        private const string FindingSet = "Finding";

        private readonly List<string> _mailboxes = new List<string>();
        private readonly List<PSObject> _identities = new List<PSObject>();
        private readonly List<MailboxDelegationSnapshot> _snapshots = new List<MailboxDelegationSnapshot>();
        private bool _received;

        /// <summary>Only these mailboxes: GUID, directory id, address, alias, name or display name, wildcards allowed, or mailbox objects.</summary>
        [Parameter(Position = 0)]
        [ValidateNotNullOrEmpty]
        [SupportsWildcards]
        [ArgumentCompleter(typeof(MailboxCompleter))]
        public PSObject[] Mailbox { get; set; }

        /// <summary>A snapshot to look at, or a mailbox like those of -Mailbox.</summary>
        [Parameter(ValueFromPipeline = true)]
        [ValidateNotNullOrEmpty]
        public PSObject[] InputObject { get; set; }

        /// <summary>Only these delegates, named likewise: the reverse view.</summary>
        [Parameter(ParameterSetName = DelegationSet)]
        [Parameter(ParameterSetName = FindingSet)]
        [ValidateNotNullOrEmpty]
        [SupportsWildcards]
        [ArgumentCompleter(typeof(DelegateCompleter))]
        public string[] Delegate { get; set; }

        /// <summary>A snapshot, or the path of its file. Without it the Exchange session is read.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public object Snapshot { get; set; }

        /// <summary>The mailboxes whose delegates are not completely known, with the reasons.</summary>
        [Parameter(ParameterSetName = UnknownSet, Mandatory = true)]
        public SwitchParameter Unknown { get; set; }

        /// <summary>What an administrator should know although it is no delegation.</summary>
        [Parameter(ParameterSetName = FindingSet, Mandatory = true)]
        public SwitchParameter Finding { get; set; }

        /// <summary>-Prefix of the Exchange connection, where the session is read.</summary>
        [Parameter]
        [ValidateNotNull]
        public string Prefix { get; set; }

        /// <inheritdoc/>
        protected override void BeginProcessing()
        {
            Add(Mailbox);
        }

        /// <inheritdoc/>
        protected override void ProcessRecord()
        {
            _received |= InputObject != null;
            Add(InputObject);
        }

        /// <inheritdoc/>
        protected override void EndProcessing()
        {
            // A pipeline that gave nothing must not mean everything.
            if (MyInvocation.ExpectingInput && !_received) { return; }
            if (Snapshot != null) { _snapshots.Add(ResolveSnapshot(Snapshot)); }
            if (_snapshots.Count == 0) { _snapshots.Add(ReadExchange()); }
            foreach (var snapshot in _snapshots)
            {
                var count = Stream(snapshot);
                GC.KeepAlive(snapshot);
                WriteVerbose($"{count} found in {snapshot}.");
            }
        }

        private void Add(PSObject[] items)
        {
            foreach (var item in items ?? Array.Empty<PSObject>())
            {
                if (item?.BaseObject is MailboxDelegationSnapshot snapshot) { _snapshots.Add(snapshot); }
                else if (item != null) { AddMailbox(item); }
            }
        }

        private void AddMailbox(PSObject item)
        {
            _mailboxes.Add(MailboxName.Of(item));
            _identities.Add(item);
        }

        /// <summary>Named mailboxes only, where Exchange can be asked for them: wildcards are for the snapshot.</summary>
        private MailboxDelegationSnapshot ReadExchange()
        {
            var named = _mailboxes.Count > 0 && !_mailboxes.Exists(name => name.Contains("*"));
            return TenantReader.Read(this, new TenantReadOptions
            {
                Rights = Right?.Distinct().ToArray() ?? new[] { EsgMailboxSync.Right.FullAccess },
                Identities = named ? _identities : null,
                ExpandGroup = ExpandGroup,
                IncludeInherited = IncludeInherited,
                Prefix = Prefix,
            });
        }

        private void Show(MailboxDelegation delegation)
        {
            SeenNames.Current.Note(delegation);
            WriteObject(delegation);
        }

        private long Stream(MailboxDelegationSnapshot snapshot)
        {
            var request = new GetDelegationsRequest
            {
                Snapshot = snapshot.Number,
                Options = Options(snapshot.Right),
                Mailbox = _mailboxes.ToArray(),
                Delegate = Delegate,
                View = ParameterSetName,
            };
            var events = new EventHandlers()
                .On<DelegationRecord>(EventKind.Delegation, record => Show(new MailboxDelegation(record)))
                .On<MailboxStateRecord>(EventKind.MailboxState, record => WriteObject(new UnknownMailbox(record)))
                .On<Finding>(EventKind.Finding, record => WriteObject(new MailboxSyncFinding(record)));
            var reply = Call<DelegationsReply>(Method.GetDelegations, request, events);
            WriteNotFound(reply, $"The snapshot {snapshot} has no");
            return reply.Count;
        }
    }
}
