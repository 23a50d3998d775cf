using System;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Shows who gained and lost which right between two snapshots, and the change that caused it.</summary>
    [Cmdlet(VerbsData.Compare, "MailboxDelegation")]
    [OutputType(typeof(MailboxDelegationDifference))]
    public sealed class CompareMailboxDelegationCommand : DelegationCmdlet
    {
        private MailboxDelegationSnapshot _reference;
        private string[] _mailboxes;

        /// <summary>The older snapshot, or the path of its file.</summary>
        [Parameter(Mandatory = true, Position = 0)]
        [ValidateNotNullOrEmpty]
        public object ReferenceSnapshot { get; set; }

        /// <summary>The newer snapshot, or the path of its file.</summary>
        [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
        [ValidateNotNullOrEmpty]
        public object DifferenceSnapshot { get; set; }

        /// <summary>Only these mailboxes: GUID, directory id, address, alias, name or display name, wildcards allowed, or mailbox objects.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        [SupportsWildcards]
        [ArgumentCompleter(typeof(MailboxCompleter))]
        public PSObject[] Mailbox { get; set; }

        /// <summary>Only these delegates, named likewise. Mailboxes that are unknown are shown all the same.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        [SupportsWildcards]
        [ArgumentCompleter(typeof(DelegateCompleter))]
        public string[] Delegate { get; set; }

        /// <inheritdoc/>
        protected override void BeginProcessing()
        {
            _mailboxes = Mailbox?.Select(MailboxName.Of).ToArray();
            _reference = ResolveSnapshot(ReferenceSnapshot);
        }

        /// <inheritdoc/>
        protected override void ProcessRecord()
        {
            var difference = ResolveSnapshot(DifferenceSnapshot);
            if (_reference.Created > difference.Created)
            {
                Warn(
                    $"The reference snapshot ({_reference.Created:u}) is newer than the difference snapshot ({difference.Created:u}): what is shown as gained was lost, and the other way round.",
                    "Give the older one as -ReferenceSnapshot.");
            }
            var request = new CompareSnapshotsRequest
            {
                Reference = _reference.Number,
                Difference = difference.Number,
                Options = Options(Enumerable.Empty<string>()),
                Mailbox = _mailboxes,
                Delegate = Delegate,
            };
            var events = new EventHandlers().On<DifferenceRecord>(EventKind.Difference, record => WriteObject(new MailboxDelegationDifference(record)));
            var reply = Call<DelegationsReply>(Method.CompareSnapshots, request, events);
            GC.KeepAlive(_reference);
            GC.KeepAlive(difference);
            WriteNotFound(reply, "Neither snapshot has a");
            WriteVerbose($"{reply.Count} differences between {_reference} and {difference}.");
        }
    }
}
