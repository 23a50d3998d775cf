using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Cmdlets;

namespace EsgMailboxSync.Exchange
{
    /// <summary>Rows that a caller's script already has; null for what it did not hand over.</summary>
    internal sealed class ImportRows
    {
        public IReadOnlyList<PSObject> Mailboxes { get; set; }

        public IReadOnlyList<PSObject> Permissions { get; set; }

        public IReadOnlyList<PSObject> RecipientPermissions { get; set; }

        public IReadOnlyList<PSObject> Recipients { get; set; }

        public IReadOnlyList<PSObject> GroupMembers { get; set; }

        /// <summary>The caller vouches that nothing is missing; otherwise rows only add (design 4).</summary>
        public bool Complete { get; set; }

        public TenantReadOptions Options { get; set; }
    }

    /// <summary>Makes a snapshot of rows that were handed over, and asks the Exchange session for recipients and groups that were not.</summary>
    internal sealed class RowImporter
    {
        private readonly EngineCmdlet _cmdlet;
        private readonly ImportRows _rows;
        private readonly ExchangeSession _session;
        private readonly ReadOutcome _given;
        private readonly List<MailboxRow> _softDeleted = new List<MailboxRow>();

        private RowImporter(EngineCmdlet cmdlet, ImportRows rows, ExchangeSession session)
        {
            _cmdlet = cmdlet;
            _rows = rows;
            _session = session;
            _given = new ReadOutcome(rows.Complete ? ReadStatus.Complete : ReadStatus.Given, null);
        }

        /// <exception cref="MailboxSyncException">No mailbox, or a row that cannot be used.</exception>
        public static MailboxDelegationSnapshot Import(EngineCmdlet cmdlet, ImportRows rows)
        {
            using (var session = ExchangeSession.OpenIfThere(cmdlet, rows.Options.Prefix))
            {
                return new RowImporter(cmdlet, rows, session).Import();
            }
        }

        private MailboxDelegationSnapshot Import()
        {
            var mailboxes = Mailboxes(out var index);
            if (_rows.Permissions == null && _rows.Options.Reads(Right.FullAccess)) { throw NoPermission(); }
            var permissions = (_rows.Permissions ?? Array.Empty<PSObject>()).Select((row, i) => Tied(row, i, "Permission", index, RowNormalizer.Permission, "User")).ToList();
            var recipients = new RecipientTable();
            foreach (var mailbox in mailboxes) { recipients.Merge(mailbox, out _); }
            _rows.Options.RecipientTypes = mailboxes.Select(mailbox => mailbox.Type).Where(type => type != null).Distinct().OrderBy(type => type, StringComparer.Ordinal).ToArray();
            // Rows never prove that all mailboxes were asked for.
            using (var builder = new SnapshotBuilder(_cmdlet, _rows.Options.ToHeader(_session?.Tenant, false), null, recipients))
            {
                foreach (var mailbox in mailboxes) { builder.Writer.Mailbox(mailbox.Key, mailbox); }
                foreach (var mailbox in _softDeleted) { builder.Writer.SoftDeleted(mailbox); }
                builder.Read("mailboxes", _given);
                WriteRecipients(builder);
                WritePermissions(builder, mailboxes, permissions);
                if (_rows.RecipientPermissions != null) { WriteSendAs(builder, mailboxes); }
                var members = new MemberRows(builder, _rows.GroupMembers);
                members.Write(_given);
                if (_session != null) { new GroupReader(_cmdlet, _session, builder).ReadAll(_rows.Options.ToResolveOptions()); }
                return builder.Finish();
            }
        }

        private List<MailboxRow> Mailboxes(out RecipientTable index)
        {
            index = new RecipientTable();
            var mailboxes = new List<MailboxRow>();
            for (var i = 0; i < _rows.Mailboxes.Count; i++)
            {
                var mailbox = RowNormalizer.Mailbox(_rows.Mailboxes[i]);
                if (mailbox.Guid == null && mailbox.DirectoryId == null) { throw Unusable("Mailbox", i, mailbox.Label, "has neither Guid nor ExternalDirectoryObjectId"); }
                if (mailbox.Addresses == null) { throw Unusable("Mailbox", i, mailbox.Label, "has no EmailAddresses"); }
                if (mailbox.SoftDeleted == true)
                {
                    // Its name and addresses may be those of a living one, so nothing is tied to it.
                    if (mailbox.Guid == null) { throw Unusable("Mailbox", i, mailbox.Label, "is soft-deleted and has no Guid"); }
                    _softDeleted.Add(mailbox);
                    continue;
                }
                mailbox.Key = index.Merge(mailbox, out var added).Key;
                if (added) { mailboxes.Add(mailbox); }
            }
            if (mailboxes.Count > 0) { return mailboxes; }
            throw new MailboxSyncException(
                "NoMailbox", ErrorCategory.ObjectNotFound, "There is no row in -Mailbox.", "Check the command that got the mailboxes: none at all is never taken for an answer.");
        }

        private static MailboxSyncException NoPermission()
        {
            return new MailboxSyncException(
                "NoPermission",
                ErrorCategory.InvalidArgument,
                "No row of Get-MailboxPermission was handed over.",
                "Add them with -Permission or through the pipeline, give -Right SendAs or SendOnBehalf where FullAccess does not matter, or let Export-MailboxDelegation read them.");
        }

        /// <summary>Ties a row to its mailbox by GUID, directory id or Name, with exactly one hit.</summary>
        private static KeyValuePair<string, PermissionRow> Tied(
            PSObject row, int position, string parameter, RecipientTable mailboxes, Func<PSObject, PermissionRow> normalize, string trusteeProperty)
        {
            var permission = normalize(row);
            var identity = RowValue.Text(row, "Identity");
            var label = "Identity '" + identity + "', " + trusteeProperty + " '" + permission.Trustee + "'";
            if (identity == null) { throw Unusable(parameter, position, label, "has no Identity"); }
            var mailbox = mailboxes.FindByText(identity, out var several);
            if (mailbox == null)
            {
                throw Unusable(parameter, position, label, several ? "fits several mailboxes of -Mailbox" : "belongs to no mailbox of -Mailbox");
            }
            var fault = RowNormalizer.Fault(permission, trusteeProperty);
            return fault == null ? new KeyValuePair<string, PermissionRow>(mailbox.Key, permission) : throw Unusable(parameter, position, label, fault);
        }

        private void WriteRecipients(SnapshotBuilder builder)
        {
            ReadOutcome outcome;
            if (_rows.Recipients != null)
            {
                foreach (var row in _rows.Recipients) { builder.Recipients.Merge(RowNormalizer.Recipient(row), out _); }
                outcome = _given;
            }
            else if (_session != null)
            {
                outcome = new RecipientReader(_cmdlet, _session, builder.Recipients).Read();
            }
            else
            {
                outcome = ReadOutcome.Failed("No recipients were handed over, and there is no Exchange session to ask.");
            }
            foreach (var recipient in builder.Recipients.Entries) { builder.Writer.Recipient(recipient); }
            builder.Read("recipients", outcome);
            if (outcome.Status != ReadStatus.Complete && outcome.Status != ReadStatus.Given)
            {
                _cmdlet.Warn("The recipients are not complete; mailboxes that need them count as unknown and lose nothing: " + outcome.Reason, "Hand them over with -Recipient, or connect to Exchange first.");
            }
        }

        private void WritePermissions(SnapshotBuilder builder, List<MailboxRow> mailboxes, List<KeyValuePair<string, PermissionRow>> permissions)
        {
            var withRows = new HashSet<string>(StringComparer.Ordinal);
            foreach (var permission in permissions)
            {
                withRows.Add(permission.Key);
                builder.Writer.Permission(permission.Key, permission.Value);
            }
            // Without any row handed over, who has FullAccess was not read at all (rule 6).
            if (_rows.Permissions == null) { return; }
            foreach (var mailbox in mailboxes)
            {
                var absent = _rows.Complete && !withRows.Contains(mailbox.Key);
                builder.Read("mailbox:" + mailbox.Key, absent ? ReadOutcome.Failed(TenantReader.NoRow) : _given);
            }
        }

        private void WriteSendAs(SnapshotBuilder builder, List<MailboxRow> mailboxes)
        {
            var rows = new SendAsRows(builder, mailboxes);
            foreach (var row in _rows.RecipientPermissions) { rows.Take(row); }
            builder.Read("sendAs", rows.Outcome.And(_given));
            if (!rows.Outcome.IsComplete) { _cmdlet.Warn("The rows of -RecipientPermission cannot be used: " + rows.Outcome.Reason, "Hand over the rows as Get-RecipientPermission gives them, of all mailboxes."); }
        }

        internal static MailboxSyncException Unusable(string parameter, int position, string label, string fault)
        {
            return new MailboxSyncException(
                "RowUnusable",
                ErrorCategory.InvalidData,
                string.Format(CultureInfo.InvariantCulture, "Row {0} of -{1} ({2}) {3}.", position + 1, parameter, label, fault),
                "Hand over the objects as Exchange gave them, or read back with Import-Clixml: Select-Object and Export-Csv lose properties and lists.",
                label);
        }
    }
}
