using System.Collections.Generic;

namespace EsgMailboxSync
{
    /// <summary>What a notification tells: handed to the script block or script, and sent as mail by a command.</summary>
    public sealed class MailboxSyncNotification
    {
        internal MailboxSyncNotification(string subject, string text, IReadOnlyList<NotificationReason> reason, MailboxSyncResult result)
        {
            Subject = subject;
            Text = text;
            Reason = reason;
            Result = result;
        }

        /// <summary>One line.</summary>
        public string Subject { get; }

        /// <summary>Lines for a mail.</summary>
        public string Text { get; }

        /// <summary>Why it is sent.</summary>
        public IReadOnlyList<NotificationReason> Reason { get; }

        /// <summary>The synchronisation that it is about.</summary>
        public MailboxSyncResult Result { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return Subject;
        }
    }
}
