using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace EsgMailboxSync.Exchange
{
    /// <summary>
    /// Makes one and the same row of what Exchange cmdlets give, in every shape that they have (exo 1, 8). Pure; what a row does not tell stays null.
    /// </summary>
    internal static class RowNormalizer
    {
        private const string SmtpPrimary = "SMTP:";
        private const string Smtp = "smtp:";

        private static readonly string[] SendAs = { "SendAs" };
        private static readonly char[] Comma = { ',' };
        private static readonly char[] Separators = { ',', ';', ' ' };

        /// <summary>A row of Get-Mailbox or Get-EXOMailbox.</summary>
        public static MailboxRow Mailbox(PSObject row)
        {
            var mailbox = new MailboxRow
            {
                SendOnBehalf = RowValue.List(row, "GrantSendOnBehalfTo"),
                Hidden = RowValue.Flag(row, "HiddenFromAddressListsEnabled"),
                DirSynced = RowValue.Flag(row, "IsDirSynced"),
            };
            Fill(mailbox, row);
            mailbox.SoftDeleted = SoftDeleted(row, mailbox.Identity);
            return mailbox;
        }

        /// <summary>A row of Get-Recipient, Get-User, Get-Group, or of any cmdlet that lists members.</summary>
        public static RecipientRow Recipient(PSObject row)
        {
            var recipient = new RecipientRow();
            Fill(recipient, row);
            return recipient;
        }

        /// <summary>A row of Get-MailboxPermission or Get-EXOMailboxPermission.</summary>
        public static PermissionRow Permission(PSObject row)
        {
            return new PermissionRow
            {
                Trustee = RowValue.Text(row, "User"),
                Sid = RowValue.Sid(row, "UserSid") ?? SidInside(row, "User"),
                Rights = Rights(RowValue.List(row, "AccessRights")),
                Deny = RowValue.Flag(row, "Deny"),
                Inherited = RowValue.Flag(row, "IsInherited"),
                Inheritance = RowValue.Text(row, "InheritanceType"),
            };
        }

        /// <summary>A row of Get-RecipientPermission or Get-EXORecipientPermission.</summary>
        public static PermissionRow RecipientPermission(PSObject row)
        {
            return new PermissionRow
            {
                Trustee = RowValue.Text(row, "Trustee"),
                Sid = RowValue.Sid(row, "TrusteeSidString") ?? SidInside(row, "Trustee"),
                Rights = Rights(RowValue.List(row, "AccessRights")),
                Access = RowValue.Text(row, "AccessControlType"),
                Inherited = RowValue.Flag(row, "IsInherited"),
            };
        }

        /// <summary>
        /// A row of Get-ADPermission, where on-premises Exchange keeps SendAs: as the extended right Send-As of the account. Full control of an account holds that
        /// right too, as administrators of the directory have it; that is no delegation, and only rows that name Send-As count. Null for all others.
        /// </summary>
        public static PermissionRow AdPermission(PSObject row)
        {
            var inheritance = RowValue.Text(row, "InheritanceType");
            if (!Holds(Rights(RowValue.List(row, "ExtendedRights")), "Send-As") || inheritance == "Children" || inheritance == "Descendents") { return null; }
            var deny = RowValue.Flag(row, "Deny");
            return new PermissionRow
            {
                Trustee = RowValue.Text(row, "User"),
                Sid = SidInside(row, "User"),
                Rights = SendAs,
                Access = deny.HasValue ? (deny.Value ? "Deny" : "Allow") : null,
                Inherited = RowValue.Flag(row, "IsInherited"),
            };
        }

        /// <summary>What a permission row lacks to be one, or null. A row that lost its rights or trustee must not look like one that grants nothing.</summary>
        public static string Fault(PermissionRow row, string trusteeProperty)
        {
            if (row.Trustee == null && row.Sid == null)
            {
                return "has no " + trusteeProperty;
            }
            return row.Rights == null || row.Rights.Count == 0 ? "has no AccessRights" : null;
        }

        /// <summary>Rights, one an element; Exchange puts several into one element (exo 1.2).</summary>
        internal static IReadOnlyList<string> Rights(IReadOnlyList<string> elements)
        {
            return elements == null ? null : Split(elements, Comma);
        }

        /// <summary>SMTP addresses with prefix, from a list or from joined text; other prefixes are no mail addresses and are left out.</summary>
        internal static IReadOnlyList<string> Addresses(IReadOnlyList<string> elements)
        {
            if (elements == null)
            {
                return null;
            }
            var addresses = new List<string>(elements.Count);
            foreach (var element in elements)
            {
                foreach (var part in SplitAtPrefixes(element))
                {
                    var address = Prefixed(part);
                    if (address != null)
                    {
                        addresses.Add(address);
                    }
                }
            }
            return addresses;
        }

        private static bool Holds(IReadOnlyList<string> rights, string right)
        {
            return rights != null && rights.Contains(right, StringComparer.OrdinalIgnoreCase);
        }

        private static void Fill(RecipientRow target, PSObject row)
        {
            target.Guid = RowValue.Id(row, "Guid");
            target.DirectoryId = RowValue.Id(row, "ExternalDirectoryObjectId");
            target.Identity = RowValue.Text(row, "Identity");
            target.Name = RowValue.Text(row, "Name");
            target.DisplayName = RowValue.Text(row, "DisplayName");
            target.Alias = RowValue.Text(row, "Alias");
            target.Upn = RowValue.Text(row, "UserPrincipalName");
            target.Addresses = Addresses(RowValue.List(row, "EmailAddresses"));
            target.Primary = RowValue.Text(row, "PrimarySmtpAddress") ?? PrimaryOf(target.Addresses) ?? External(row);
            target.Type = RowValue.Text(row, "RecipientTypeDetails");
            target.Sid = RowValue.Sid(row, "Sid");
            target.SidHistory = SidHistory(row);
            FillAccount(target, row);
        }

        private static void FillAccount(RecipientRow target, PSObject row)
        {
            target.Account = OnPremisesAccount(target.Identity, RowValue.Text(row, "SamAccountName"));
            if (target.Type == "LinkedMailbox")
            {
                // The account beside a linked mailbox is always disabled; the person has the linked one.
                target.Account = RowValue.Text(row, "LinkedMasterAccount") ?? target.Account;
                return;
            }
            if (target.Type == "DisabledUser")
            {
                target.Type = "User";
                target.Enabled = false;
                return;
            }
            var disabled = RowValue.Flag(row, "AccountDisabled") ?? Disabled(RowValue.List(row, "UserAccountControl"));
            target.Enabled = disabled.HasValue ? !disabled : null;
        }

        /// <summary>
        /// <c>DOMAIN\sam</c>, as permission rows of on-premises Exchange name people (exo 8.25). No row tells the short name of a domain; Windows makes it of
        /// the first label of the domain's DNS name, in 15 letters at most, and so does this. Where a domain is called otherwise its trustees find nobody, and
        /// their mailboxes stay unknown. In the cloud the account name is made up, and Identity is no path.
        /// </summary>
        private static string OnPremisesAccount(string identity, string sam)
        {
            const int LongestShortName = 15;
            var domain = sam == null || identity == null ? 0 : identity.IndexOf('/');
            var label = domain <= 0 ? 0 : identity.IndexOf('.', 0, domain);
            if (label <= 0 || identity.IndexOf(' ', 0, domain) >= 0) { return null; }
            return identity.Substring(0, Math.Min(label, LongestShortName)).ToUpperInvariant() + "\\" + sam;
        }

        /// <summary>UserAccountControl is the text of a flags value (<c>AccountDisabled, NormalAccount</c>) or its number.</summary>
        private static bool? Disabled(IReadOnlyList<string> control)
        {
            const int AccountDisabled = 2;
            if (control == null || control.Count == 0)
            {
                return null;
            }
            foreach (var flag in Split(control, Comma))
            {
                if (int.TryParse(flag, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    return (number & AccountDisabled) != 0;
                }
                if (string.Equals(flag, nameof(AccountDisabled), StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
            return false;
        }

        private static bool? SoftDeleted(PSObject row, string identity)
        {
            if (identity != null && identity.IndexOf("Soft Deleted Objects\\", StringComparison.OrdinalIgnoreCase) >= 0)
            {
                return true;
            }
            return RowValue.Text(row, "WhenSoftDeleted") != null ? true : RowValue.Flag(row, "IsInactiveMailbox");
        }

        private static List<string> SidHistory(PSObject row)
        {
            var history = RowValue.List(row, "SidHistory");
            if (history == null || history.Count == 0)
            {
                return null;
            }
            var sids = new List<string>(history.Count);
            foreach (var part in Split(history, Separators))
            {
                if (RowValue.IsSid(part))
                {
                    sids.Add(part);
                }
            }
            return sids;
        }

        /// <summary>On-premises the trustee is an object that holds its SID.</summary>
        private static string SidInside(PSObject row, string name)
        {
            return RowValue.Get(row, name) is PSObject trustee && !(trustee.BaseObject is string) ? RowValue.Sid(trustee, "SecurityIdentifier") : null;
        }

        private static string PrimaryOf(IReadOnlyList<string> addresses)
        {
            if (addresses != null)
            {
                foreach (var address in addresses)
                {
                    if (address.StartsWith(SmtpPrimary, StringComparison.Ordinal))
                    {
                        return address.Substring(SmtpPrimary.Length);
                    }
                }
            }
            return null;
        }

        /// <summary>Contacts and guests may have nothing but their address outside (exo 2.2).</summary>
        private static string External(PSObject row)
        {
            var address = RowValue.Text(row, "ExternalEmailAddress");
            address = address == null ? null : Prefixed(address);
            return address?.Substring(Smtp.Length);
        }

        /// <summary>An SMTP address as <c>SMTP:</c> (the primary) or <c>smtp:</c>; null for addresses of other kinds.</summary>
        private static string Prefixed(string text)
        {
            var colon = text.IndexOf(':');
            if (colon < 0)
            {
                return text.IndexOf('@') > 0 ? Smtp + text : null;
            }
            if (!text.StartsWith(Smtp, StringComparison.OrdinalIgnoreCase) || colon == text.Length - 1)
            {
                return null;
            }
            return text.StartsWith(SmtpPrimary, StringComparison.Ordinal) ? text : Smtp + text.Substring(Smtp.Length);
        }

        /// <summary>Takes joined addresses apart: at a separator, but only where a prefix follows, since X500 and EUM addresses hold separators.</summary>
        private static IEnumerable<string> SplitAtPrefixes(string text)
        {
            var start = 0;
            for (var at = text.IndexOfAny(Separators); at >= 0; at = text.IndexOfAny(Separators, at + 1))
            {
                if (PrefixFollows(text, at + 1))
                {
                    yield return text.Substring(start, at - start).Trim(Separators);
                    start = at + 1;
                }
            }
            yield return start == 0 ? text : text.Substring(start).Trim(Separators);
        }

        private static bool PrefixFollows(string text, int index)
        {
            var first = index;
            while (index < text.Length && char.IsLetterOrDigit(text[index]))
            {
                index++;
            }
            return index > first && index < text.Length && text[index] == ':';
        }

        private static IReadOnlyList<string> Split(IReadOnlyList<string> elements, char[] separators)
        {
            if (elements.Count == 1 && elements[0].IndexOfAny(separators) < 0)
            {
                return elements;
            }
            var parts = new List<string>(elements.Count + 2);
            foreach (var element in elements)
            {
                foreach (var part in element.Split(separators))
                {
                    var trimmed = part.Trim();
                    if (trimmed.Length > 0)
                    {
                        parts.Add(trimmed);
                    }
                }
            }
            return parts;
        }
    }
}
