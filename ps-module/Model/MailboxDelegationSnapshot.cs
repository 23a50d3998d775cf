using System;
using System.Collections.Generic;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync
{
    /// <summary>Every fact read from Exchange, with the read status of each part (design 4). The facts stay in the engine; this names them.</summary>
    public sealed class MailboxDelegationSnapshot : IDisposable
    {
        private readonly SnapshotHandle _handle;

        internal MailboxDelegationSnapshot(SnapshotHandle handle, SnapshotReply reply)
        {
            _handle = handle;
            Path = View.List(reply.Path);
            Created = View.Time(reply.Created);
            TenantId = reply.TenantId;
            TenantName = reply.TenantName;
            Right = View.List(reply.Rights);
            RecipientType = View.List(reply.RecipientTypes);
            Whole = reply.Whole;
            Complete = reply.Complete;
            Mailboxes = reply.Mailboxes;
            SoftDeletedMailboxes = reply.SoftDeleted;
            Permissions = reply.Permissions;
            RecipientPermissions = reply.RecipientPermissions;
            Recipients = reply.Recipients;
            Members = reply.Members;
            Incomplete = View.List(reply.Incomplete, part => new IncompletePart(part));
        }

        /// <summary>Files it was read from, or the file it was written to.</summary>
        public IReadOnlyList<string> Path { get; }

        /// <summary>When the read began, UTC.</summary>
        public DateTime Created { get; }

        /// <summary>Tenant id; null when the rows did not tell.</summary>
        public string TenantId { get; }

        /// <summary>Tenant name; null when the rows did not tell.</summary>
        public string TenantName { get; }

        /// <summary>Rights that were read.</summary>
        public IReadOnlyList<string> Right { get; }

        /// <summary>Recipient types that were asked for.</summary>
        public IReadOnlyList<string> RecipientType { get; }

        /// <summary>All mailboxes of those types were asked for.</summary>
        public bool Whole { get; }

        /// <summary>The read came to its end. Plans from a snapshot that did not only add.</summary>
        public bool Complete { get; }

        /// <summary>Number of mailboxes.</summary>
        public long Mailboxes { get; }

        /// <summary>Number of soft-deleted and inactive mailboxes; they are not among <see cref="Mailboxes"/>.</summary>
        public long SoftDeletedMailboxes { get; }

        /// <summary>Number of rows of Get-MailboxPermission.</summary>
        public long Permissions { get; }

        /// <summary>Number of rows of Get-RecipientPermission.</summary>
        public long RecipientPermissions { get; }

        /// <summary>Number of recipients.</summary>
        public long Recipients { get; }

        /// <summary>Number of group memberships.</summary>
        public long Members { get; }

        /// <summary>Parts that were not read completely.</summary>
        public IReadOnlyList<IncompletePart> Incomplete { get; }

        /// <summary>Number of the snapshot in the engine.</summary>
        /// <exception cref="MailboxSyncException">It was disposed.</exception>
        internal long Number => _handle.Number;

        /// <summary>Gives the memory back; the files stay.</summary>
        public void Dispose()
        {
            _handle.Dispose();
        }

        /// <inheritdoc/>
        public override string ToString()
        {
            return (TenantName ?? TenantId ?? "Snapshot") + ": " + View.Count(Mailboxes, "mailbox", "mailboxes")
                + (Complete ? string.Empty : ", incomplete");
        }
    }

    /// <summary>A part of a snapshot that was not read completely.</summary>
    public sealed class IncompletePart
    {
        internal IncompletePart(IncompleteRead read)
        {
            Subject = read.Subject;
            Status = read.Status;
            Reason = read.Reason;
        }

        /// <summary>The part, for example <c>mailbox:KEY</c> or <c>recipients</c>.</summary>
        public string Subject { get; }

        /// <summary>given, carried, truncated, failed, unsupported or denied.</summary>
        public string Status { get; }

        /// <summary>In the words of Exchange; null when it said nothing.</summary>
        public string Reason { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return Subject + " " + Status + (Reason == null ? string.Empty : ": " + Reason);
        }
    }
}
