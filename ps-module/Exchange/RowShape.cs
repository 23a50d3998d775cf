using System;
using System.Collections;
using System.Management.Automation;

namespace EsgMailboxSync.Exchange
{
    /// <summary>What a row is, of those that a pipeline may mix.</summary>
    internal enum RowKind
    {
        Mailbox,
        Permission,
        RecipientPermission,
        Recipient,
        GroupMember,
    }

    /// <summary>Tells rows of Exchange apart by the properties that only one kind has: type names do not survive a file (exo 1.1, 1.6).</summary>
    internal static class RowShape
    {
        /// <summary>The kind of a row; null for what is none of Exchange's.</summary>
        public static RowKind? Of(PSObject row)
        {
            if (Has(row, "Group") || (row.BaseObject is IDictionary && !Has(row, "RecipientTypeDetails") && !Has(row, "AccessRights"))) { return RowKind.GroupMember; }
            if (IsAdPermission(row)) { return RowKind.RecipientPermission; }
            if (Has(row, "AccessRights"))
            {
                if (Has(row, "Trustee")) { return RowKind.RecipientPermission; }
                return Has(row, "User") ? RowKind.Permission : (RowKind?)null;
            }
            if (!Has(row, "RecipientTypeDetails")) { return null; }
            return IsMailbox(row) ? RowKind.Mailbox : RowKind.Recipient;
        }

        /// <summary>A row of Get-ADPermission, which on-premises Exchange has in place of Get-RecipientPermission.</summary>
        public static bool IsAdPermission(PSObject row)
        {
            return Has(row, "ExtendedRights") && Has(row, "User");
        }

        /// <summary>
        /// Get-Recipient lists mailboxes too, but without UserPrincipalName; Get-User has that one, and a Sid. A remote mailbox and a mail user have both, and are
        /// recipients: their rights are kept elsewhere.
        /// </summary>
        private static bool IsMailbox(PSObject row)
        {
            var type = RowValue.Text(row, "RecipientTypeDetails") ?? string.Empty;
            return Has(row, "EmailAddresses") && Has(row, "UserPrincipalName") && !Has(row, "Sid")
                && type.EndsWith("Mailbox", StringComparison.OrdinalIgnoreCase) && !type.StartsWith("Remote", StringComparison.OrdinalIgnoreCase);
        }

        private static bool Has(PSObject row, string name)
        {
            return row.BaseObject is IDictionary members ? members.Contains(name) : row.Properties[name] != null;
        }
    }
}
