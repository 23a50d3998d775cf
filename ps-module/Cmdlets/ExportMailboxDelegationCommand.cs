using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Exchange;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Reads from Exchange who may open which mailbox, into a snapshot file.</summary>
    [Cmdlet(VerbsData.Export, "MailboxDelegation", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low, DefaultParameterSetName = FilterSet)]
    [OutputType(typeof(MailboxDelegationSnapshot))]
    public sealed class ExportMailboxDelegationCommand : EngineCmdlet
    {
        private const string FilterSet = "Filter";
        private const string IdentitySet = "Identity";

        private readonly List<PSObject> _identities = new List<PSObject>();

        /// <summary>The file to write. While the read goes on the rows are in a file of that name with .partial behind it.</summary>
        [Parameter(Mandatory = true, Position = 0)]
        [ValidateNotNullOrEmpty]
        public string Path { get; set; }

        /// <summary>Only these mailboxes: what Get-Mailbox takes as -Identity, or objects of Get-Mailbox and Get-EXOMailbox.</summary>
        [Parameter(ParameterSetName = IdentitySet, Mandatory = true, ValueFromPipeline = true)]
        [ValidateNotNullOrEmpty]
        [ArgumentCompleter(typeof(MailboxCompleter))]
        public PSObject[] Identity { get; set; }

        /// <summary>Only mailboxes that this filter of Get-Mailbox finds.</summary>
        [Parameter(ParameterSetName = FilterSet)]
        [ValidateNotNullOrEmpty]
        public string Filter { get; set; }

        /// <summary>Only a part of the mailboxes, for example 1/3, so that several sessions can read at the same time.</summary>
        [Parameter(ParameterSetName = FilterSet)]
        [ValidateNotNullOrEmpty]
        public string Shard { get; set; }

        /// <summary>Types of the mailboxes to read.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public string[] RecipientTypeDetails { get; set; } = { "SharedMailbox" };

        /// <summary>Rights to read.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public Right[] Right { get; set; } = { EsgMailboxSync.Right.FullAccess };

        /// <summary>Which groups are read: those that carry permissions, or all.</summary>
        [Parameter]
        public ExpandGroup ExpandGroup { get; set; } = ExpandGroup.Security;

        /// <summary>The groups of inherited permissions are read too.</summary>
        [Parameter]
        public SwitchParameter IncludeInherited { get; set; }

        /// <summary>-Prefix that Connect-ExchangeOnline was called with; found by itself when there is one connection.</summary>
        [Parameter]
        [ValidateNotNull]
        public string Prefix { get; set; }

        /// <summary>Continues a read that broke off: the mailboxes that its .partial file holds are not read again.</summary>
        [Parameter]
        public SwitchParameter Resume { get; set; }

        /// <summary>How old rows may be that -Resume takes over; older ones are read again.</summary>
        [Parameter]
        public TimeSpan MaxAge { get; set; } = TenantReadOptions.DefaultMaxAge;

        /// <summary>An earlier snapshot, or the path of its file: only mailboxes with a change since then are read again.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public object Since { get; set; }

        /// <summary>With -Since: these mailboxes are read again too, by GUID, address or name.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        [ArgumentCompleter(typeof(MailboxCompleter))]
        public string[] Reread { get; set; }

        /// <summary>With -Since: after so many days all mailboxes are read again.</summary>
        [Parameter]
        [ValidateRange(1, 90)]
        public int FullEvery { get; set; } = TenantReadOptions.DefaultFullEvery;

        /// <summary>An existing file is an error.</summary>
        [Parameter]
        public SwitchParameter NoClobber { get; set; }

        /// <inheritdoc/>
        protected override void ProcessRecord()
        {
            if (ParameterSetName == IdentitySet) { _identities.AddRange(Identity); }
        }

        /// <inheritdoc/>
        protected override void EndProcessing()
        {
            // A pipeline that gave nothing must not mean everything.
            var listed = ParameterSetName == IdentitySet || MyInvocation.ExpectingInput;
            var file = SnapshotFile.Resolve(this, Path, NoClobber);
            CheckOptions();
            var shard = Shard == null ? null : MailboxShard.Parse(Shard);
            var earlier = Since == null ? null : ResolveSnapshot(Since);
            if (!ShouldProcess(file, "Read Exchange and write a snapshot")) { return; }
            TellOfPartial(file + ".partial");
            WriteObject(TenantReader.Read(this, new TenantReadOptions
            {
                Rights = Right.Distinct().ToArray(),
                RecipientTypes = RecipientTypeDetails,
                Filter = Filter,
                Shard = shard,
                Resume = Resume ? MaxAge : (TimeSpan?)null,
                Identities = listed ? _identities : null,
                ExpandGroup = ExpandGroup,
                IncludeInherited = IncludeInherited,
                Prefix = Prefix,
                Since = earlier,
                Reread = Reread,
                FullEvery = FullEvery,
                Path = file,
            }));
        }

        private void TellOfPartial(string partial)
        {
            WriteVerbose("The rows are in " + partial + " until the read has come to its end.");
            if (Resume && !File.Exists(partial)) { WriteVerbose("There is no read to continue; everything is read."); }
            if (!Resume && File.Exists(partial))
            {
                Warn("'" + partial + "' holds the rows of a read that broke off, and they are about to be overwritten.", "-Resume would continue that read: stop this one, and repeat it with -Resume.");
            }
        }

        private void CheckOptions()
        {
            if (MaxAge < TimeSpan.Zero)
            {
                throw new MailboxSyncException("MaxAgeInvalid", ErrorCategory.InvalidArgument, $"-MaxAge {MaxAge} is before now.", "Give a time span, for example 12:00:00 for twelve hours.", MaxAge);
            }
            if (Since == null && (Reread != null || MyInvocation.BoundParameters.ContainsKey(nameof(FullEvery))))
            {
                throw new MailboxSyncException(
                    "SinceMissing", ErrorCategory.InvalidArgument, "-Reread and -FullEvery mean nothing without -Since: everything is read then.", "Give an earlier snapshot to -Since, or leave them out.");
            }
        }
    }
}
