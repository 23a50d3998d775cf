using System.Collections.Generic;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync
{
    /// <summary>Something that a plan looked at and does not touch, with the reason.</summary>
    public sealed class MailboxSyncLeftAlone
    {
        internal MailboxSyncLeftAlone(LeftAlone left)
        {
            Code = left.Code;
            UserId = left.User?.Id;
            UserName = left.User?.Username;
            Address = left.Address;
            Mailbox = left.Mailbox?.DisplayName;
            MailboxAddress = left.Mailbox?.Primary;
            MailboxGuid = left.Mailbox?.Guid;
            Reason = left.Reason;
            Trail = View.List(left.Trail);
        }

        /// <summary>Stable name of the reason, for example NotHeld or MailboxUnknown.</summary>
        public string Code { get; }

        /// <summary>Id of the user it is about; null when none.</summary>
        public long? UserId { get; }

        /// <summary>The user it is about; null when none.</summary>
        public string UserName { get; }

        /// <summary>The address it is about; null when none.</summary>
        public string Address { get; }

        /// <summary>Display name of the mailbox; null when none.</summary>
        public string Mailbox { get; }

        /// <summary>Primary address of the mailbox; null when none.</summary>
        public string MailboxAddress { get; }

        /// <summary>GUID of the mailbox; null when none.</summary>
        public string MailboxGuid { get; }

        /// <summary>Why it is left alone.</summary>
        public string Reason { get; }

        /// <summary>Names from the grant to the person, where the person is left alone; else empty.</summary>
        public IReadOnlyList<string> Trail { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return (UserName ?? Address ?? MailboxAddress ?? Mailbox ?? Code) + ": " + Reason;
        }
    }
}
