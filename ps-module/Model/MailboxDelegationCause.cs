namespace EsgMailboxSync
{
    /// <summary>Why a mailbox is unknown, or what caused a change between two snapshots.</summary>
    public sealed class MailboxDelegationCause
    {
        internal MailboxDelegationCause(string code, string subject, string text)
        {
            Code = code;
            Subject = subject;
            Text = text;
        }

        /// <summary>Stable name, for example ReadIncomplete, AmbiguousTrustee, PermissionRemoved or MemberAdded.</summary>
        public string Code { get; }

        /// <summary>The trustee, group, account or part it is about; null for the mailbox itself.</summary>
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
