using System.Collections.Generic;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync
{
    /// <summary>A person who effectively holds a right on a mailbox, and the way from the grant to the person.</summary>
    public sealed class MailboxDelegation
    {
        internal MailboxDelegation(DelegationRecord record)
        {
            Mailbox = record.Mailbox;
            MailboxAddress = record.MailboxAddress;
            MailboxGuid = record.MailboxGuid;
            Delegate = record.Delegate;
            DelegateAddress = record.DelegateAddress;
            DelegateType = record.DelegateType;
            Right = View.Member<Right>(record.Right);
            Inherited = record.Inherited;
            Step = MailboxDelegationStep.Steps(record.Trail, record.Mailbox, Right, record.Inherited);
            Trail = MailboxDelegationStep.Names(record.Trail);
            Known = record.Known;
        }

        /// <summary>Display name of the mailbox.</summary>
        public string Mailbox { get; }

        /// <summary>Primary address of the mailbox; null when Exchange shows none.</summary>
        public string MailboxAddress { get; }

        /// <summary>GUID of the mailbox.</summary>
        public string MailboxGuid { get; }

        /// <summary>Display name of the person.</summary>
        public string Delegate { get; }

        /// <summary>Primary address, else UPN, of the person.</summary>
        public string DelegateAddress { get; }

        /// <summary>RecipientTypeDetails of the person.</summary>
        public string DelegateType { get; }

        /// <summary>The right.</summary>
        public Right Right { get; }

        /// <summary>Groups between, outermost first, and the person last: one element for a direct grant.</summary>
        public IReadOnlyList<string> Trail { get; }

        /// <summary>The same trail as objects: who each of them is, and why it has a part in it.</summary>
        public IReadOnlyList<MailboxDelegationStep> Step { get; }

        /// <summary>It comes from an inherited row.</summary>
        public bool Inherited { get; }

        /// <summary>Everything about the mailbox is known; otherwise there may be more delegates than are shown.</summary>
        public bool Known { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return View.Named(Delegate, DelegateAddress) + " has " + Right + " on " + View.Named(Mailbox, MailboxAddress);
        }
    }

    /// <summary>A mailbox whose delegates cannot be told completely. It loses nothing (design 5.7).</summary>
    public sealed class UnknownMailbox
    {
        internal UnknownMailbox(MailboxStateRecord record)
        {
            Mailbox = record.Mailbox;
            MailboxAddress = record.MailboxAddress;
            MailboxGuid = record.MailboxGuid;
            MayGain = record.MayGain;
            Reason = View.List(record.Reasons, reason => new MailboxDelegationCause(reason.Code, reason.Subject, reason.Text));
        }

        /// <summary>Display name.</summary>
        public string Mailbox { get; }

        /// <summary>Primary address; null when Exchange shows none.</summary>
        public string MailboxAddress { get; }

        /// <summary>GUID.</summary>
        public string MailboxGuid { get; }

        /// <summary>Its delegates may gain what its rows prove.</summary>
        public bool MayGain { get; }

        /// <summary>Why it is not known.</summary>
        public IReadOnlyList<MailboxDelegationCause> Reason { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return View.Named(Mailbox, MailboxAddress) + ": " + string.Join("; ", Reason);
        }
    }
}
