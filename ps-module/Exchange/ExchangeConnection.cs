using System;
using System.Collections.Generic;
using System.Management.Automation;

namespace EsgMailboxSync.Exchange
{
    /// <summary>An open connection to Exchange Online, a row of Get-ConnectionInformation.</summary>
    internal sealed class ExchangeConnection
    {
        public string Prefix { get; private set; }

        public string TenantId { get; private set; }

        public string Organization { get; private set; }

        /// <summary>Its token has ended. Where the module can renew it, the next call does.</summary>
        public bool HasExpired { get; private set; }

        /// <summary>Null for a connection that is closed, or that is to Security &amp; Compliance, which has other commands.</summary>
        public static ExchangeConnection From(PSObject row)
        {
            if (RowValue.Flag(row, "IsEopSession") == true || !Same(RowValue.Text(row, "State") ?? "Connected", "Connected")) { return null; }
            return new ExchangeConnection
            {
                Prefix = RowValue.Text(row, "ModulePrefix") ?? string.Empty,
                TenantId = RowValue.Id(row, "TenantID"),
                Organization = RowValue.Text(row, "Organization"),
                HasExpired = Same(RowValue.Text(row, "TokenStatus"), "Expired"),
            };
        }

        /// <summary>The connection to read from: the one with that prefix, or the only one; null where nothing is known of any.</summary>
        /// <exception cref="MailboxSyncException">There are several, and nothing says which is meant.</exception>
        public static ExchangeConnection Choose(IReadOnlyList<ExchangeConnection> connections, string prefix)
        {
            ExchangeConnection chosen = null;
            foreach (var connection in connections)
            {
                if (prefix != null && !Same(connection.Prefix, prefix)) { continue; }
                if (chosen != null && !(Same(chosen.Prefix, connection.Prefix) && Same(chosen.TenantId, connection.TenantId)))
                {
                    throw new MailboxSyncException(
                        "ExchangeConnectionAmbiguous",
                        ErrorCategory.InvalidOperation,
                        "Several Exchange connections are open: " + chosen + " and " + connection + ".",
                        "Name one with -Prefix, or disconnect the others.");
                }
                chosen = connection;
            }
            return chosen;
        }

        /// <summary>One of them is to that tenant, and a call that failed did not fail because its token has ended: that call would have renewed it.</summary>
        public static bool AnyAlive(IReadOnlyList<ExchangeConnection> connections, string tenantId)
        {
            foreach (var connection in connections)
            {
                if (connection.HasExpired) { continue; }
                if (connection.TenantId == null || tenantId == null || Same(connection.TenantId, tenantId)) { return true; }
            }
            return false;
        }

        public override string ToString()
        {
            return (Organization ?? TenantId ?? "unnamed") + " with the prefix '" + Prefix + "'";
        }

        private static bool Same(string left, string right)
        {
            return string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>The tenant or on-premises organisation that a session is connected to.</summary>
    internal sealed class ExchangeTenant
    {
        public ExchangeTenant(string id, string name, bool isCloud)
        {
            Id = id;
            Name = name;
            IsCloud = isCloud;
        }

        /// <summary>Directory id of the tenant, on-premises the GUID of the organisation; null when neither is told.</summary>
        public string Id { get; }

        /// <summary>Initial domain, on-premises the name of the organisation; null when not told.</summary>
        public string Name { get; }

        public bool IsCloud { get; }
    }
}
