using System.Collections.Generic;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync
{
    /// <summary>One call to the target: one user, with all that changes there.</summary>
    public sealed class MailboxSyncAction
    {
        internal MailboxSyncAction(ActionRecord record)
        {
            Id = record.Id;
            Kind = record.Kind;
            UserId = record.UserId;
            UserName = record.Username;
            Change = View.List(record.Changes, change => new MailboxSyncChange(change));
            Before = View.List(record.Before);
            After = View.List(record.After);
        }

        /// <summary>Id within the plan; the same action has it in every plan.</summary>
        public string Id { get; }

        /// <summary>UpdateUser, AdoptAlias or RemoveUser; of an undo also CreateUser or ReleaseAlias.</summary>
        public string Kind { get; }

        /// <summary>Id of the user.</summary>
        public long UserId { get; }

        /// <summary>Username.</summary>
        public string UserName { get; }

        /// <summary>What changes, one for each address.</summary>
        public IReadOnlyList<MailboxSyncChange> Change { get; }

        /// <summary>Addresses as they were read.</summary>
        public IReadOnlyList<string> Before { get; }

        /// <summary>Addresses as they shall be; empty when the user goes.</summary>
        public IReadOnlyList<string> After { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return UserName + ": " + string.Join("; ", Change);
        }
    }

    /// <summary>One address (or functional user) that changes, and why.</summary>
    public sealed class MailboxSyncChange
    {
        internal MailboxSyncChange(ChangeRecord record)
        {
            Kind = View.Member<ChangeKind>(record.Kind);
            Address = record.Address;
            UserName = record.Username;
            Mailbox = record.Mailbox;
            MailboxAddress = record.MailboxAddress;
            MailboxGuid = record.MailboxGuid;
            Right = record.Right == null ? (Right?)null : View.Member<Right>(record.Right);
            Reason = record.Reason;
            Trail = View.List(record.Trail);
        }

        /// <summary>What happens.</summary>
        public ChangeKind Kind { get; }

        /// <summary>The address; of a functional user its primary one.</summary>
        public string Address { get; }

        /// <summary>User that it happens to.</summary>
        public string UserName { get; }

        /// <summary>Display name of the mailbox.</summary>
        public string Mailbox { get; }

        /// <summary>Primary address of the mailbox.</summary>
        public string MailboxAddress { get; }

        /// <summary>GUID of the mailbox.</summary>
        public string MailboxGuid { get; }

        /// <summary>The right that justifies it, where one does.</summary>
        public Right? Right { get; }

        /// <summary>Why.</summary>
        public string Reason { get; }

        /// <summary>From the grant to the person; empty for removals.</summary>
        public IReadOnlyList<string> Trail { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            switch (Kind)
            {
                case ChangeKind.AliasAdded: return "add " + Address;
                case ChangeKind.AliasRemoved: return "remove " + Address;
                case ChangeKind.DuplicateCollapsed: return "keep " + Address + " once";
                case ChangeKind.AliasAdopted: return "take over " + Address;
                case ChangeKind.AliasRestored: return "put back " + Address;
                case ChangeKind.AliasReleased: return "let go " + Address;
                case ChangeKind.FunctionalUserRestored: return "create again the functional user " + Address;
                default: return "remove the functional user " + Address;
            }
        }
    }
}
