using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Exchange;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Takes snapshot files, or rows that a script already got from Exchange, as a snapshot.</summary>
    [Cmdlet(VerbsData.Import, "MailboxDelegation", DefaultParameterSetName = PathSet)]
    [OutputType(typeof(MailboxDelegationSnapshot))]
    public sealed class ImportMailboxDelegationCommand : EngineCmdlet
    {
        private const string PathSet = "Path";
        private const string RowSet = "Row";

        private readonly List<string> _files = new List<string>();
        private readonly RowList _mailboxes = new RowList();
        private readonly RowList _permissions = new RowList();
        private readonly RowList _recipientPermissions = new RowList();
        private readonly RowList _recipients = new RowList();
        private readonly RowList _groupMembers = new RowList();

        /// <summary>Snapshot files that are read as one; wildcards are allowed.</summary>
        [Parameter(ParameterSetName = PathSet, Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        [Alias("PSPath", "FullName")]
        [ValidateNotNullOrEmpty]
        [SupportsWildcards]
        public string[] Path { get; set; }

        /// <summary>Rows of Get-Mailbox or Get-EXOMailbox: the mailboxes that matter.</summary>
        [Parameter(ParameterSetName = RowSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
        [Alias("Mailboxes")]
        [AllowEmptyCollection]
        [AllowNull]
        public PSObject[] Mailbox { get; set; }

        /// <summary>Rows of Get-MailboxPermission for these mailboxes.</summary>
        [Parameter(ParameterSetName = RowSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
        [Alias("MailboxPermission", "Permissions")]
        [AllowEmptyCollection]
        [AllowNull]
        public PSObject[] Permission { get; set; }

        /// <summary>Rows of Get-RecipientPermission.</summary>
        [Parameter(ParameterSetName = RowSet, ValueFromPipelineByPropertyName = true)]
        [Alias("SendAs", "RecipientPermissions")]
        [AllowEmptyCollection]
        [AllowNull]
        public PSObject[] RecipientPermission { get; set; }

        /// <summary>Rows of Get-Recipient, Get-User and Get-Group, in any mixture. Without them the Exchange session is asked.</summary>
        [Parameter(ParameterSetName = RowSet, ValueFromPipelineByPropertyName = true)]
        [Alias("Recipients")]
        [AllowEmptyCollection]
        [AllowNull]
        public PSObject[] Recipient { get; set; }

        /// <summary>Members of groups: a hashtable of group and members, or member rows with a property Group. Groups that are not here are read from the
        /// Exchange session where there is one.</summary>
        [Parameter(ParameterSetName = RowSet, ValueFromPipelineByPropertyName = true)]
        [Alias("Member", "GroupMembers")]
        [AllowEmptyCollection]
        [AllowNull]
        public PSObject[] GroupMember { get; set; }

        /// <summary>The rows are all that Exchange has: something may be removed on their account.</summary>
        [Parameter(ParameterSetName = RowSet)]
        public SwitchParameter Complete { get; set; }

        /// <summary>Rights that the rows are about; SendOnBehalf is in the rows of Get-Mailbox.</summary>
        [Parameter(ParameterSetName = RowSet)]
        [ValidateNotNullOrEmpty]
        public Right[] Right { get; set; }

        /// <summary>Which groups are read from the Exchange session.</summary>
        [Parameter(ParameterSetName = RowSet)]
        public ExpandGroup ExpandGroup { get; set; } = ExpandGroup.Security;

        /// <summary>The groups of inherited permissions are read too.</summary>
        [Parameter(ParameterSetName = RowSet)]
        public SwitchParameter IncludeInherited { get; set; }

        /// <summary>-Prefix of the Exchange connection that is asked for what is missing.</summary>
        [Parameter(ParameterSetName = RowSet)]
        [ValidateNotNull]
        public string Prefix { get; set; }

        /// <inheritdoc/>
        protected override void ProcessRecord()
        {
            if (ParameterSetName == PathSet)
            {
                foreach (var path in Path) { _files.AddRange(ResolveExistingPath(path)); }
                return;
            }
            // Objects that carry rows may come one after the other, for example one for each mailbox.
            _mailboxes.Add(Mailbox);
            _permissions.Add(Permission);
            _recipientPermissions.Add(RecipientPermission);
            _recipients.Add(Recipient);
            _groupMembers.Add(GroupMember);
        }

        /// <inheritdoc/>
        protected override void EndProcessing()
        {
            if (ParameterSetName == RowSet) { WriteObject(RowImporter.Import(this, Rows())); }
            else if (_files.Count > 0) { WriteObject(ReadSnapshot(_files.Distinct())); }
        }

        private ImportRows Rows()
        {
            var right = Right ?? (_recipientPermissions.Given == null
                ? new[] { EsgMailboxSync.Right.FullAccess }
                : new[] { EsgMailboxSync.Right.FullAccess, EsgMailboxSync.Right.SendAs });
            return new ImportRows
            {
                Mailboxes = _mailboxes.Given ?? Array.Empty<PSObject>(),
                Permissions = _permissions.Given ?? Array.Empty<PSObject>(),
                RecipientPermissions = _recipientPermissions.Given,
                Recipients = _recipients.Given,
                GroupMembers = _groupMembers.Given,
                Complete = Complete,
                Options = new TenantReadOptions
                {
                    Rights = right.Distinct().ToArray(),
                    ExpandGroup = ExpandGroup,
                    IncludeInherited = IncludeInherited,
                    Prefix = Prefix,
                },
            };
        }

        /// <summary>The rows of one parameter, over all records of the pipeline.</summary>
        private sealed class RowList
        {
            private List<PSObject> _rows;
            private PSObject[] _last;

            /// <summary>Null as long as nothing was handed over, which is not the same as no row.</summary>
            public IReadOnlyList<PSObject> Given => _rows;

            /// <summary>Adds what a record handed over. A command that gave nothing leaves one null behind when its answer is made an array (exo 1.7).</summary>
            public void Add(PSObject[] rows)
            {
                // What stands on the command line is the same array for every record.
                if (rows == null || ReferenceEquals(rows, _last)) { return; }
                _last = rows;
                _rows = _rows ?? new List<PSObject>(rows.Length);
                _rows.AddRange(rows.Where(row => row != null));
            }
        }
    }
}
