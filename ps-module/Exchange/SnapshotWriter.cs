using System;
using System.Collections.Generic;
using System.Globalization;

namespace EsgMailboxSync.Exchange
{
    /// <summary>How far a part was read (design 4).</summary>
    internal enum ReadStatus
    {
        Complete,
        Given,
        Truncated,
        Failed,
        Unsupported,
        Denied,
    }

    /// <summary>Writes rows as the lines of a snapshot. Member names are those of design 4 (rule 1).</summary>
    internal sealed class SnapshotWriter
    {
        private readonly RowWriter _row;

        public SnapshotWriter(Action<byte[], int> feed)
        {
            _row = new RowWriter(feed);
        }

        public void Mailbox(string key, MailboxRow mailbox)
        {
            _row.Begin("mailbox");
            _row.Member("key", key);
            Names(mailbox);
            _row.Member("sendOnBehalf", mailbox.SendOnBehalf);
            _row.Member("hidden", mailbox.Hidden);
            _row.Member("dirSynced", mailbox.DirSynced);
            _row.Member("softDeleted", mailbox.SoftDeleted);
            _row.End();
        }

        /// <summary>A mailbox that nobody can open any more. It must have a GUID, which is its key.</summary>
        public void SoftDeleted(MailboxRow mailbox)
        {
            mailbox.SoftDeleted = true;
            Mailbox(mailbox.Guid, mailbox);
        }

        public void Recipient(RecipientRow recipient)
        {
            _row.Begin("recipient");
            _row.Member("key", recipient.Key);
            Names(recipient);
            _row.Member("sid", recipient.Sid);
            _row.Member("sidHistory", recipient.SidHistory);
            _row.Member("account", recipient.Account);
            _row.Member("enabled", recipient.Enabled);
            _row.End();
        }

        public void Permission(string mailbox, PermissionRow permission)
        {
            _row.Begin("permission");
            Trustee(mailbox, permission);
            _row.Member("deny", permission.Deny);
            _row.Member("inherited", permission.Inherited);
            _row.Member("inheritance", permission.Inheritance);
            _row.End();
        }

        public void RecipientPermission(string mailbox, PermissionRow permission)
        {
            _row.Begin("recipientPermission");
            Trustee(mailbox, permission);
            _row.Member("access", permission.Access);
            _row.Member("inherited", permission.Inherited);
            _row.End();
        }

        /// <param name="group">Key of the group.</param>
        /// <param name="member">Key of the member.</param>
        /// <param name="via"><c>member</c> or <c>owner</c> (rule 17).</param>
        public void Member(string group, string member, string via)
        {
            _row.Begin("member");
            _row.Member("group", group);
            _row.Member("member", member);
            _row.Member("via", via);
            _row.End();
        }

        /// <summary>What a part came to. A part without this line is not complete (rule 6).</summary>
        /// <param name="subject">The part.</param>
        /// <param name="status">How far it was read.</param>
        /// <param name="reason">Why not completely; null when it was.</param>
        /// <param name="since">When it was read, UTC; null where nobody asks.</param>
        public void Read(string subject, ReadStatus status, string reason, DateTime? since)
        {
            _row.Begin("read");
            _row.Member("subject", subject);
            _row.Member("status", Text(status));
            _row.Member("since", since.HasValue ? Time(since.Value) : null);
            _row.Member("reason", reason);
            _row.End();
        }

        /// <summary>A time as the engine reads it.</summary>
        public static string Time(DateTime utc)
        {
            return utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }

        /// <summary>Hands on what is still in the buffer, so that a read that breaks off later keeps it.</summary>
        public void Flush()
        {
            _row.Flush();
        }

        private void Trustee(string mailbox, PermissionRow permission)
        {
            _row.Member("mailbox", mailbox);
            // A row without text is known by its SID alone; the line always has the member.
            _row.Member("trustee", permission.Trustee ?? permission.Sid);
            _row.Member("sid", permission.Sid);
            _row.Member("rights", permission.Rights);
        }

        private void Names(RecipientRow row)
        {
            _row.Member("guid", row.Guid);
            _row.Member("directoryId", row.DirectoryId);
            _row.Member("name", row.Name);
            _row.Member("displayName", row.DisplayName);
            _row.Member("alias", row.Alias);
            _row.Member("upn", row.Upn);
            _row.Member("primary", row.Primary);
            _row.Member("addresses", row.Addresses);
            _row.Member("type", row.Type);
        }

        private static string Text(ReadStatus status)
        {
            switch (status)
            {
                case ReadStatus.Complete: return "complete";
                case ReadStatus.Given: return "given";
                case ReadStatus.Truncated: return "truncated";
                case ReadStatus.Failed: return "failed";
                case ReadStatus.Unsupported: return "unsupported";
                case ReadStatus.Denied: return "denied";
                default: throw new ArgumentOutOfRangeException(nameof(status));
            }
        }
    }
}
