using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace EsgMailboxSync.Exchange
{
    /// <summary>Takes the rows of Get-RecipientPermission, or those of Get-ADPermission that a script handed over, and keeps those of the mailboxes that are read.</summary>
    internal sealed class SendAsRows
    {
        private readonly SnapshotBuilder _builder;
        private readonly HashSet<string> _wanted;
        private string _fault;
        private long _rows;
        private long _kept;
        private long _untied;

        public SendAsRows(SnapshotBuilder builder, IReadOnlyList<MailboxRow> mailboxes)
        {
            _builder = builder;
            _wanted = new HashSet<string>(mailboxes.Select(mailbox => mailbox.Key), StringComparer.Ordinal);
        }

        /// <summary>Whether each row could be understood. Each mailbox has a row of its own account, so no row at all is no answer. Rows of objects that
        /// Get-Recipient does not list (system mailboxes) are normal, but when all rows are such, Exchange names mailboxes in a way that we do not know.</summary>
        public ReadOutcome Outcome
        {
            get
            {
                if (_fault != null) { return ReadOutcome.Failed("A row of Get-RecipientPermission " + _fault + "."); }
                if (_rows == 0) { return ReadOutcome.Failed("Get-RecipientPermission gave no row, not even NT AUTHORITY\\SELF."); }
                return _untied > 0 && _kept == 0 ? ReadOutcome.Failed("No row of Get-RecipientPermission could be tied to a mailbox.") : ReadOutcome.Complete;
            }
        }

        /// <summary>Takes a row; gives how many came so far.</summary>
        public long Take(PSObject row)
        {
            _rows++;
            var of = RowValue.Text(row, "Identity");
            var several = false;
            var recipient = of == null ? null : _builder.Recipients.FindByText(of, out several);
            if (of == null) { _fault = _fault ?? "has no Identity"; }
            else if (several) { _fault = _fault ?? "is of '" + of + "', and several recipients have that name"; }
            else if (recipient == null) { _untied++; }
            else if (_wanted.Contains(recipient.Key)) { Keep(recipient, row); }
            return _rows;
        }

        private void Keep(RecipientRow recipient, PSObject row)
        {
            _kept++;
            var ofDirectory = RowShape.IsAdPermission(row);
            var permission = ofDirectory ? RowNormalizer.AdPermission(row) : RowNormalizer.RecipientPermission(row);
            if (permission == null) { return; }
            _fault = _fault ?? RowNormalizer.Fault(permission, ofDirectory ? "User" : "Trustee");
            _builder.Writer.RecipientPermission(recipient.Key, permission);
        }
    }
}
