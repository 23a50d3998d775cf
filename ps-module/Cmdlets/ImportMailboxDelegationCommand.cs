using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Exchange;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Takes snapshot files, or rows that a script already got from Exchange, as a snapshot.</summary>
    [Cmdlet(VerbsData.Import, "MailboxDelegation", DefaultParameterSetName = RowSet)]
    [OutputType(typeof(MailboxDelegationSnapshot))]
    public sealed class ImportMailboxDelegationCommand : EngineCmdlet
    {
        private const string PathSet = "Path";
        private const string RowSet = "Row";

        /// <summary>Properties of an object that carries rows, with their aliases.</summary>
        private static readonly string[] Carriers = typeof(ImportMailboxDelegationCommand).GetProperties()
            .Where(property => property.GetCustomAttributes(typeof(ParameterAttribute), false).Cast<ParameterAttribute>().Any(parameter => parameter.ValueFromPipelineByPropertyName))
            .SelectMany(property => property.GetCustomAttributes(typeof(AliasAttribute), false).Cast<AliasAttribute>().SelectMany(alias => alias.AliasNames).Concat(new[] { property.Name }))
            .ToArray();

        private readonly List<string> _files = new List<string>();
        private readonly RowList _mailboxes = new RowList();
        private readonly RowList _permissions = new RowList();
        private readonly RowList _recipientPermissions = new RowList();
        private readonly RowList _recipients = new RowList();
        private readonly RowList _groupMembers = new RowList();
        private int _position;

        /// <summary>Snapshot files that are read as one; wildcards are allowed.</summary>
        [Parameter(ParameterSetName = PathSet, Mandatory = true, Position = 0)]
        [ValidateNotNullOrEmpty]
        [SupportsWildcards]
        public string[] Path { get; set; }

        /// <summary>Snapshot files, or rows of all kinds in any mixture: each is told by its properties.</summary>
        [Parameter(ParameterSetName = RowSet, ValueFromPipeline = true)]
        [AllowEmptyCollection]
        [AllowNull]
        public PSObject[] InputObject { get; set; }

        /// <summary>Rows of Get-Mailbox or Get-EXOMailbox: the mailboxes that matter.</summary>
        [Parameter(ParameterSetName = RowSet, ValueFromPipelineByPropertyName = true)]
        [Alias("Mailboxes")]
        [AllowEmptyCollection]
        [AllowNull]
        public PSObject[] Mailbox { get; set; }

        /// <summary>Rows of Get-MailboxPermission for these mailboxes.</summary>
        [Parameter(ParameterSetName = RowSet, ValueFromPipelineByPropertyName = true)]
        [Alias("MailboxPermission", "Permissions")]
        [AllowEmptyCollection]
        [AllowNull]
        public PSObject[] Permission { get; set; }

        /// <summary>Rows of Get-RecipientPermission, or on-premises of Get-ADPermission.</summary>
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
            foreach (var item in InputObject ?? Array.Empty<PSObject>()) { Add(item); }
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
            if (_files.Count > 0 && HasRows) { throw new MailboxSyncException("InputMixed", ErrorCategory.InvalidArgument, "Snapshot files and rows came together.", "Import the files and the rows by two commands."); }
            if (_files.Count > 0) { WriteObject(ReadSnapshot(_files.Distinct())); }
            // A pipeline that gave nothing is no empty world, and no question for the user.
            else if (HasRows || !MyInvocation.ExpectingInput) { WriteObject(RowImporter.Import(this, Rows())); }
        }

        private bool HasRows => new[] { _mailboxes, _permissions, _recipientPermissions, _recipients, _groupMembers }.Any(rows => rows.Given != null);

        /// <summary>Takes what the pipeline gives by value. An object that carries rows in its properties was bound by those.</summary>
        private void Add(PSObject item)
        {
            if (item == null || Carriers.Any(name => item.Properties[name] != null)) { return; }
            var path = PathOf(item);
            if (path != null)
            {
                _files.AddRange(ResolveExistingPath(path));
                return;
            }
            _position++;
            switch (RowShape.Of(item))
            {
                case RowKind.Mailbox: _mailboxes.Add(item); break;
                case RowKind.Permission: _permissions.Add(item); break;
                case RowKind.RecipientPermission: _recipientPermissions.Add(item); break;
                case RowKind.Recipient: _recipients.Add(item); break;
                case RowKind.GroupMember: _groupMembers.Add(item); break;
                default:
                    throw new MailboxSyncException(
                        "RowUnusable",
                        ErrorCategory.InvalidData,
                        $"Object {_position} of the pipeline ({item}) is no row of Get-Mailbox, Get-MailboxPermission, Get-RecipientPermission, Get-Recipient, Get-User or Get-Group, and no file.",
                        "Hand the rows over as Exchange gave them, or name their parameter: -Mailbox, -Permission, -RecipientPermission, -Recipient, -GroupMember.",
                        item);
            }
        }

        /// <summary>The path that a text, an item of the file system, or an object with a path means; null for others.</summary>
        private static string PathOf(PSObject item)
        {
            if (item.BaseObject is string text) { return text; }
            if (item.BaseObject is System.IO.FileInfo file) { return file.FullName; }
            return (item.Properties["PSPath"] ?? item.Properties["FullName"] ?? item.Properties["Path"])?.Value?.ToString();
        }

        private ImportRows Rows()
        {
            var right = Right ?? (_recipientPermissions.Given == null
                ? new[] { EsgMailboxSync.Right.FullAccess }
                : new[] { EsgMailboxSync.Right.FullAccess, EsgMailboxSync.Right.SendAs });
            return new ImportRows
            {
                Mailboxes = _mailboxes.Given ?? Array.Empty<PSObject>(),
                Permissions = _permissions.Given,
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

            /// <summary>Adds a row that was told by its shape.</summary>
            public void Add(PSObject row)
            {
                _rows = _rows ?? new List<PSObject>();
                _rows.Add(row);
            }

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
