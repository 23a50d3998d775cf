using System.Collections.Generic;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync
{
    /// <summary>What changed for a delegate of a mailbox between two snapshots; or a mailbox of which nothing can be said.</summary>
    public sealed class MailboxDelegationDifference
    {
        internal MailboxDelegationDifference(DifferenceRecord record)
        {
            Change = View.Member<DelegationChange>(record.Change);
            Mailbox = record.Mailbox;
            MailboxAddress = record.MailboxAddress;
            MailboxGuid = record.MailboxGuid;
            Delegate = record.Delegate;
            DelegateAddress = record.DelegateAddress;
            DelegateType = record.DelegateType;
            Right = record.Right == null ? (Right?)null : View.Member<Right>(record.Right);
            Cause = View.List(record.Causes, cause => new MailboxDelegationCause(cause));
            ReferenceTrail = View.List(record.ReferenceTrail);
            DifferenceTrail = View.List(record.DifferenceTrail);
        }

        /// <summary>Gained, Lost or Unknown.</summary>
        public DelegationChange Change { get; }

        /// <summary>Display name of the mailbox, as the newer snapshot that has it tells; so are all names here.</summary>
        public string Mailbox { get; }

        /// <summary>Primary address of the mailbox; null when Exchange shows none.</summary>
        public string MailboxAddress { get; }

        /// <summary>GUID of the mailbox.</summary>
        public string MailboxGuid { get; }

        /// <summary>Display name of the person; null for an unknown mailbox.</summary>
        public string Delegate { get; }

        /// <summary>Primary address, else UPN, of the person.</summary>
        public string DelegateAddress { get; }

        /// <summary>RecipientTypeDetails of the person.</summary>
        public string DelegateType { get; }

        /// <summary>The right; null where several are compared and all of them are unknown.</summary>
        public Right? Right { get; }

        /// <summary>What caused the change; for an unknown mailbox, why it is unknown.</summary>
        public IReadOnlyList<MailboxDelegationCause> Cause { get; }

        /// <summary>Groups between, outermost first, and the person last, in the reference snapshot; empty where it has no such delegation.</summary>
        public IReadOnlyList<string> ReferenceTrail { get; }

        /// <summary>The same in the difference snapshot.</summary>
        public IReadOnlyList<string> DifferenceTrail { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            var mailbox = View.Named(Mailbox, MailboxAddress);
            return Change == DelegationChange.Unknown
                ? mailbox + " is unknown: " + string.Join(" ", Cause)
                : View.Named(Delegate, DelegateAddress) + (Change == DelegationChange.Gained ? " gained " : " lost ") + Right + " on " + mailbox + ": " + string.Join(" ", Cause);
        }
    }

    /// <summary>What caused a change between two snapshots, or why a mailbox is unknown.</summary>
    public sealed class MailboxDelegationCause
    {
        internal MailboxDelegationCause(Cause cause)
        {
            Code = cause.Code;
            Subject = cause.Subject;
            Text = cause.Text;
        }

        /// <summary>Stable name, for example PermissionRemoved, MemberAdded or ReadIncomplete.</summary>
        public string Code { get; }

        /// <summary>The trustee, group or account it is about; null for the mailbox itself.</summary>
        public string Subject { get; }

        /// <summary>One sentence.</summary>
        public string Text { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return Text;
        }
    }
}
