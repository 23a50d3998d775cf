using System.Management.Automation;
using EsgMailboxSync.Exchange;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>What a <c>-Mailbox</c> parameter means: a name as it stands, or the best id of a mailbox object.</summary>
    internal static class MailboxName
    {
        /// <exception cref="MailboxSyncException">It is neither.</exception>
        public static string Of(PSObject item)
        {
            var name = item == null ? null
                : item.BaseObject is string ? RowValue.TextOf(item)
                : MailboxReader.IdentityOf(RowNormalizer.Mailbox(item));
            return name ?? throw new MailboxSyncException(
                "MailboxInvalid", ErrorCategory.InvalidArgument, $"'{item}' names no mailbox.", "Give names, addresses, GUIDs, or objects of Get-Mailbox.", item);
        }
    }
}
