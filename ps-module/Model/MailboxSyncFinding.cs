using EsgMailboxSync.Interop;

namespace EsgMailboxSync
{
    /// <summary>Something that an administrator should know although nothing was done about it.</summary>
    public sealed class MailboxSyncFinding
    {
        internal MailboxSyncFinding(Finding finding)
        {
            Code = finding.Code;
            Severity = View.Member<Severity>(finding.Severity);
            Mailbox = finding.Mailbox;
            Subject = finding.Subject;
            Text = finding.Text;
            Advice = finding.Advice;
        }

        /// <summary>Stable name of the kind of finding, for example OrphanedTrustee.</summary>
        public string Code { get; }

        /// <summary>Weight.</summary>
        public Severity Severity { get; }

        /// <summary>The mailbox it concerns: primary address, else key; null when none.</summary>
        public string Mailbox { get; }

        /// <summary>The person, group, trustee text, user or address it concerns; null when none.</summary>
        public string Subject { get; }

        /// <summary>What is so.</summary>
        public string Text { get; }

        /// <summary>What to do about it; null when nothing needs doing.</summary>
        public string Advice { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return Code + ": " + Text;
        }
    }
}
