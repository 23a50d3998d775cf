using System;
using System.Collections.Generic;
using System.Globalization;

namespace EsgMailboxSync.Exchange
{
    /// <summary>
    /// The objects that rows of several cmdlets tell about, one entry each, found by GUID, else by directory id. Rows that have neither are found by
    /// Identity or Name where exactly one entry has it.
    /// </summary>
    internal sealed class RecipientTable
    {
        /// <summary>Stands in an index for a text that several entries have.</summary>
        private static readonly RecipientRow Several = new RecipientRow();

        private readonly Dictionary<string, RecipientRow> _byId = new Dictionary<string, RecipientRow>(StringComparer.OrdinalIgnoreCase);
        private readonly Dictionary<string, RecipientRow> _byName = new Dictionary<string, RecipientRow>(StringComparer.OrdinalIgnoreCase);
        private readonly HashSet<string> _nameKeys = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        private readonly List<RecipientRow> _entries = new List<RecipientRow>();

        /// <summary>All entries, in the order in which they came.</summary>
        public IReadOnlyList<RecipientRow> Entries => _entries;

        /// <summary>Adds what a row tells to its entry, or makes one; what an earlier row told stays. The entry has a key.</summary>
        /// <returns>The entry, and whether it is new.</returns>
        public RecipientRow Merge(RecipientRow row, out bool added)
        {
            var entry = Find(row);
            added = entry == null;
            if (added)
            {
                entry = new RecipientRow { Key = row.Key ?? row.Guid ?? row.DirectoryId ?? NameKey(row) };
                _entries.Add(entry);
            }
            Complete(entry, row);
            Index(entry);
            return entry;
        }

        /// <summary>The only entry with this GUID, directory id, Identity or Name; null for none and for several.</summary>
        /// <param name="text">What another row calls the object.</param>
        /// <param name="several">More than one entry has it.</param>
        public RecipientRow FindByText(string text, out bool several)
        {
            several = false;
            return ById(text) ?? ByName(text, out several);
        }

        private RecipientRow Find(RecipientRow row)
        {
            var byName = ByName(row.Identity, out _) ?? ByName(row.Name, out _);
            if (row.Guid == null && row.DirectoryId == null)
            {
                return byName;
            }
            // Names decide nothing between two objects that both have an id.
            return ById(row.Guid) ?? ById(row.DirectoryId) ?? (byName?.Guid == null && byName?.DirectoryId == null ? byName : null);
        }

        private RecipientRow ById(string id)
        {
            return id != null && _byId.TryGetValue(id, out var entry) ? entry : null;
        }

        private RecipientRow ByName(string name, out bool several)
        {
            several = false;
            if (name == null || !_byName.TryGetValue(name, out var entry))
            {
                return null;
            }
            several = entry == Several;
            return several ? null : entry;
        }

        private void Index(RecipientRow entry)
        {
            if (entry.Guid != null)
            {
                _byId[entry.Guid] = entry;
            }
            if (entry.DirectoryId != null)
            {
                _byId[entry.DirectoryId] = entry;
            }
            IndexName(entry.Identity, entry);
            IndexName(entry.Name, entry);
        }

        private void IndexName(string name, RecipientRow entry)
        {
            if (name != null)
            {
                _byName[name] = _byName.TryGetValue(name, out var other) && other != entry ? Several : entry;
            }
        }

        /// <summary>A key for an object that shows no id. The prefix keeps it apart from keys that are GUIDs.</summary>
        private string NameKey(RecipientRow row)
        {
            var key = "name:" + (row.Identity ?? row.Name ?? row.Upn ?? row.Primary ?? row.DisplayName ?? row.Sid);
            return _nameKeys.Add(key) ? key : NameKeyWithNumber(key);
        }

        private string NameKeyWithNumber(string key)
        {
            var number = 2;
            while (!_nameKeys.Add(key + "#" + number.ToString(CultureInfo.InvariantCulture)))
            {
                number++;
            }
            return key + "#" + number.ToString(CultureInfo.InvariantCulture);
        }

        private static void Complete(RecipientRow entry, RecipientRow row)
        {
            entry.Guid = entry.Guid ?? row.Guid;
            entry.DirectoryId = entry.DirectoryId ?? row.DirectoryId;
            entry.Sid = entry.Sid ?? row.Sid;
            entry.SidHistory = entry.SidHistory ?? row.SidHistory;
            entry.Account = entry.Account ?? row.Account;
            entry.Name = entry.Name ?? row.Name;
            entry.DisplayName = entry.DisplayName ?? row.DisplayName;
            entry.Alias = entry.Alias ?? row.Alias;
            entry.Upn = entry.Upn ?? row.Upn;
            entry.Primary = entry.Primary ?? row.Primary;
            entry.Addresses = entry.Addresses ?? row.Addresses;
            entry.Type = entry.Type ?? row.Type;
            entry.Enabled = entry.Enabled ?? row.Enabled;
            entry.Identity = entry.Identity ?? row.Identity;
        }
    }
}
