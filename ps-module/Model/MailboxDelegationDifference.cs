using System;
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
            Cause = View.List(record.Causes, cause => new MailboxDelegationCause(cause.Code, cause.Subject, cause.Text));
            ReferenceTrail = MailboxDelegationStep.Names(record.ReferenceTrail);
            ReferenceStep = Steps(record.ReferenceTrail);
            DifferenceTrail = MailboxDelegationStep.Names(record.DifferenceTrail);
            DifferenceStep = Steps(record.DifferenceTrail);
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

        /// <summary>The same trail as objects.</summary>
        public IReadOnlyList<MailboxDelegationStep> ReferenceStep { get; }

        /// <summary>Groups between and the person in the difference snapshot; empty where it has no such delegation.</summary>
        public IReadOnlyList<string> DifferenceTrail { get; }

        /// <summary>The same trail as objects.</summary>
        public IReadOnlyList<MailboxDelegationStep> DifferenceStep { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            var mailbox = View.Named(Mailbox, MailboxAddress);
            return Change == DelegationChange.Unknown
                ? mailbox + " is unknown: " + string.Join(" ", Cause)
                : View.Named(Delegate, DelegateAddress) + (Change == DelegationChange.Gained ? " gained " : " lost ") + Right + " on " + mailbox + ": " + string.Join(" ", Cause);
        }

        /// <summary>A trail is of one right; what is unknown of several has none.</summary>
        private IReadOnlyList<MailboxDelegationStep> Steps(TrailStep[] trail)
        {
            return Right.HasValue ? MailboxDelegationStep.Steps(trail, Mailbox, Right.Value, false) : Array.Empty<MailboxDelegationStep>();
        }
    }
}
