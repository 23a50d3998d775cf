using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace EsgMailboxSync.Connections
{
    /// <summary>The connections of a runspace, by name without regard to case. Runspaces do not see each other's.</summary>
    internal sealed class ConnectionTable
    {
        private static readonly ConditionalWeakTable<Runspace, ConnectionTable> Tables = new ConditionalWeakTable<Runspace, ConnectionTable>();
        private readonly SortedDictionary<string, EsgConnection> _connections = new SortedDictionary<string, EsgConnection>(StringComparer.OrdinalIgnoreCase);

        private ConnectionTable()
        {
        }

        /// <summary>The table of the runspace that this thread runs for.</summary>
        internal static ConnectionTable Current => Tables.GetValue(Runspace.DefaultRunspace, runspace => new ConnectionTable());

        internal IReadOnlyCollection<string> Names => _connections.Keys;

        /// <summary>Adds a connection; one of the same name gives way to it.</summary>
        internal void Add(EsgConnection connection)
        {
            Remove(connection.Name);
            _connections.Add(connection.Name, connection);
        }

        /// <summary>Ends a connection.</summary>
        internal void Remove(string name)
        {
            if (!_connections.TryGetValue(name, out var connection)) { return; }
            _connections.Remove(name);
            connection.Handle.Dispose();
        }

        /// <summary>Ends all connections.</summary>
        internal void Clear()
        {
            foreach (var connection in _connections.Values) { connection.Handle.Dispose(); }
            _connections.Clear();
        }

        internal bool Contains(string name)
        {
            return _connections.ContainsKey(name);
        }

        /// <summary>The connection of that name; without a name the only one.</summary>
        /// <exception cref="MailboxSyncException">There is none, or the name does not settle which.</exception>
        internal EsgConnection Select(string name)
        {
            if (_connections.Count == 0)
            {
                throw new MailboxSyncException(
                    "NotConnected", ErrorCategory.ConnectionError, "There is no connection to an appliance.", "Connect first: Connect-Esg -Uri https://esg.example.com -Credential (Get-Credential).", name);
            }
            if (name != null)
            {
                return _connections.TryGetValue(name, out var connection)
                    ? connection
                    : throw new MailboxSyncException("TargetNotConnected", ErrorCategory.ObjectNotFound, $"'{name}' is not connected; connected: {string.Join(", ", Names)}.", "Name one of these with -Target, or connect it with Connect-Esg -Name.", name);
            }
            if (_connections.Count > 1)
            {
                throw new MailboxSyncException("TargetNotNamed", ErrorCategory.InvalidArgument, $"Several appliances are connected: {string.Join(", ", Names)}.", "Name the one that is meant with -Target.");
            }
            foreach (var only in _connections.Values) { return only; }
            throw new InvalidOperationException();
        }
    }
}
