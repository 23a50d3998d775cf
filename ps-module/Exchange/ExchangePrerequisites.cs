using System.Collections.Generic;
using System.Linq;

namespace EsgMailboxSync.Exchange
{
    /// <summary>What reading Exchange needs, and which role has it (exo 4.2). Looks at the commands of the session only; runs none of them.</summary>
    internal static class ExchangePrerequisites
    {
        private const string SessionName = "Exchange session";
        private const string SessionNeededFor = "Reading who may open which mailbox";
        private const string Reader = "View-Only Recipients";
        private const string AuditReader = "View-Only Audit Logs";
        private const string OnlyChanges = "Reading only what changed, with -Since or -FullEvery; a full read does not need it";

        private static readonly Need[] Needs =
        {
            new Need("Get-Mailbox", "The list of mailboxes, and SendOnBehalf", Reader),
            new Need("Get-Mailbox", "The proof that a mailbox is gone; without it its aliases stay", Reader, "SoftDeletedMailbox"),
            new Need("Get-Mailbox", "The proof that a mailbox is gone; without it its aliases stay", Reader, "InactiveMailboxOnly"),
            new Need("Get-MailboxPermission", "FullAccess", Reader) { Right = Right.FullAccess },
            new Need("Get-MailboxPermission", "Permissions of accounts that are gone", Reader, "IncludeUnresolvedPermissions") { Right = Right.FullAccess },
            new Need("Get-RecipientPermission", "SendAs", "Mail Recipients") { Right = Right.SendAs },
            new Need(AdPermissionReader.Command, "SendAs", null) { Right = Right.SendAs, OnlyOnPremises = true },
            new Need("Get-Recipient", "Addresses and kinds of those who have permissions", Reader),
            new Need("Get-User", "Security identifiers of people", Reader),
            new Need("Get-Group", "Security identifiers of groups", Reader),
            new Need("Get-DistributionGroupMember", "Members of security groups", Reader),
            new Need("Get-RoleGroupMember", "Members of role groups that have a permission", null),
            new Need("Get-UnifiedGroupLinks", "Members of Microsoft 365 groups, with -ExpandGroup All", Reader) { OnlyAllGroups = true },
            new Need("Get-DynamicDistributionGroupMember", "Members of dynamic groups, with -ExpandGroup All", Reader) { OnlyAllGroups = true },
            new Need("Get-OrganizationConfig", "The identity of the organisation; without it nothing is removed", "View-Only Configuration") { OnlyOnPremises = true },
            new Need(AuditLogReader.UnifiedLog, OnlyChanges, AuditReader) { OnlyInCloud = true },
            new Need(AuditLogReader.AdminLog, OnlyChanges, AuditReader) { OnlyOnPremises = true },
        };

        /// <summary>One result for the session and for each command that the rights and groups need.</summary>
        public static IEnumerable<MailboxSyncPrerequisite> Check(ExchangeSession session, MailboxSyncException wrong, IReadOnlyList<Right> rights, ExpandGroup groups)
        {
            // In a session of the cloud Get-Mailbox may be missing too: that is a role, not the session.
            var connected = wrong == null || (wrong.Code == ExchangeSession.NotConnectedCode && session.Tenant.IsCloud);
            yield return connected ? Session(session) : new MailboxSyncPrerequisite(SessionName, PrerequisiteStatus.Missing, SessionNeededFor, wrong.Message, wrong.RecommendedAction);
            foreach (var need in Needs.Where(need => need.IsWanted(rights, groups, connected && session.Tenant.IsCloud)))
            {
                yield return connected
                    ? Check(session, need)
                    : new MailboxSyncPrerequisite(need.Name, PrerequisiteStatus.NotChecked, need.NeededFor, "There is no Exchange session to look at.");
            }
        }

        private static MailboxSyncPrerequisite Session(ExchangeSession session)
        {
            var where = session.Tenant.Name ?? session.Tenant.Id ?? "an organisation that does not tell its name";
            var detail = (session.Tenant.IsCloud ? "Exchange Online, " : "Exchange on-premises, ") + where + (session.Prefix.Length == 0 ? "." : ", with the prefix '" + session.Prefix + "'.");
            return new MailboxSyncPrerequisite(SessionName, PrerequisiteStatus.Ok, SessionNeededFor, detail);
        }

        private static MailboxSyncPrerequisite Check(ExchangeSession session, Need need)
        {
            if (session.Has(need.Command, need.Parameter))
            {
                return new MailboxSyncPrerequisite(need.Name, PrerequisiteStatus.Ok, need.NeededFor, "The account may use it.");
            }
            if (!session.Tenant.IsCloud && ExchangeSession.IsCloudOnly(need.Name))
            {
                return new MailboxSyncPrerequisite(need.Name, PrerequisiteStatus.NotChecked, need.NeededFor, "Exchange on-premises does not have it.");
            }
            var named = session.Named(need.Command);
            var detail = session.Has(need.Command)
                ? "The command " + named + " has no parameter -" + need.Parameter + ": no role of the account contains it."
                : "The command " + named + " is not in the session: no role of the account contains it, or -CommandName of Connect-ExchangeOnline left it out.";
            return new MailboxSyncPrerequisite(need.Name, PrerequisiteStatus.Missing, need.NeededFor, detail, Remedy(need));
        }

        private static string Remedy(Need need)
        {
            var ask = "Get-ManagementRole -Cmdlet " + need.Command + (need.Parameter == null ? string.Empty : " -CmdletParameters " + need.Parameter);
            if (need.Role == null) { return "Assign a role that contains it; an Exchange administrator finds one with: " + ask; }
            if (need.Role == AuditReader) { return "Assign the role '" + need.Role + "', or leave -Since and -FullEvery out. Other roles that contain it: " + ask; }
            return need.Command == "Get-RecipientPermission"
                ? "The role '" + need.Role + "' contains it, and may change recipients too. A role that only reads, made once by an Exchange administrator:\n" + SendAsReader
                    + "\nOther roles that contain it: " + ask
                : "Assign the role '" + need.Role + "' (the role group 'View-Only Organization Management' and, in Entra, 'Global Reader' have it). "
                    + "Other roles that contain it: " + ask;
        }

        /// <summary>exo 4.2: a child of the role that has the command, with everything else taken out.</summary>
        private const string SendAsReader =
            "  New-ManagementRole -Name 'SendAs Reader' -Parent 'Mail Recipients'\n"
            + "  Get-ManagementRoleEntry 'SendAs Reader\\*' | Where-Object Name -ne 'Get-RecipientPermission' | ForEach-Object { Remove-ManagementRoleEntry ('SendAs Reader\\' + $_.Name) -Confirm:$false }\n"
            + "  New-RoleGroup -Name 'Mailbox Delegation Readers' -Roles 'View-Only Recipients', 'SendAs Reader'\n"
            + "  Add-RoleGroupMember 'Mailbox Delegation Readers' -Member ACCOUNT";

        /// <summary>A command, or a parameter of one, and what for.</summary>
        private sealed class Need
        {
            public Need(string command, string neededFor, string role, string parameter = null)
            {
                Command = command;
                Parameter = parameter;
                NeededFor = neededFor;
                Role = role;
            }

            public string Command { get; }

            public string Parameter { get; }

            public string NeededFor { get; }

            /// <summary>The least role that has it; null where no source says which.</summary>
            public string Role { get; }

            /// <summary>Only for this right; null for all.</summary>
            public Right? Right { get; set; }

            public bool OnlyAllGroups { get; set; }

            /// <summary>In the cloud the connection tells it.</summary>
            public bool OnlyOnPremises { get; set; }

            public bool OnlyInCloud { get; set; }

            public string Name => Parameter == null ? Command : Command + " -" + Parameter;

            public bool IsWanted(IReadOnlyList<Right> rights, ExpandGroup groups, bool isCloud)
            {
                return (Right == null || rights.Contains(Right.Value)) && (!OnlyAllGroups || groups == ExpandGroup.All) && (!OnlyOnPremises || !isCloud) && (!OnlyInCloud || isCloud);
            }
        }
    }
}
