using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace EsgMailboxSync.Exchange
{
    /// <summary>Members of groups that were handed over: hashtables of group and members, or member rows with a property Group.</summary>
    internal sealed class MemberRows
    {
        private const string Parameter = "GroupMember";
        private const string ViaMember = "member";

        private readonly SnapshotBuilder _builder;
        private readonly IReadOnlyList<PSObject> _rows;
        private readonly HashSet<string> _groups = new HashSet<string>(StringComparer.Ordinal);

        public MemberRows(SnapshotBuilder builder, IReadOnlyList<PSObject> rows)
        {
            _builder = builder;
            _rows = rows ?? Array.Empty<PSObject>();
        }

        /// <summary>Writes the members, then what came of each group.</summary>
        public void Write(ReadOutcome outcome)
        {
            for (var i = 0; i < _rows.Count; i++)
            {
                if (_rows[i].BaseObject is IDictionary groups && !groups.Contains("Group")) { WriteGroups(groups, i); }
                else { WriteMember(GroupKey(RowValue.Get(_rows[i], "Group"), i), _rows[i], i); }
            }
            foreach (var group in _groups.OrderBy(key => key, StringComparer.Ordinal)) { _builder.Read("group:" + group, outcome); }
        }

        private void WriteGroups(IDictionary groups, int position)
        {
            foreach (DictionaryEntry group in groups)
            {
                var key = GroupKey(group.Key, position);
                // A group with nothing beside it is an empty group.
                foreach (var member in LanguagePrimitives.GetEnumerable(group.Value) ?? new[] { group.Value })
                {
                    if (member != null) { WriteMember(key, PSObject.AsPSObject(member), position); }
                }
            }
        }

        private void WriteMember(string group, PSObject row, int position)
        {
            if (row.BaseObject is string)
            {
                var found = _builder.Recipients.FindByText(RowValue.TextOf(row) ?? string.Empty, out _);
                if (found == null) { throw RowImporter.Unusable(Parameter, position, row.ToString(), "is a text that names no recipient; hand over the member's row"); }
                _builder.Writer.Member(group, found.Key, ViaMember);
                return;
            }
            var member = RowNormalizer.Recipient(row);
            if (member.Guid == null && member.DirectoryId == null && member.Identity == null && member.Name == null)
            {
                throw RowImporter.Unusable(Parameter, position, member.Label, "has no Guid, ExternalDirectoryObjectId, Identity or Name");
            }
            GroupReader.WriteMember(_builder, group, row, ViaMember);
        }

        /// <summary>The key of a group that is named by GUID, directory id, Identity or Name, or given as its row.</summary>
        private string GroupKey(object group, int position)
        {
            var row = group is PSObject wrapped && !(wrapped.BaseObject is string) ? RowNormalizer.Recipient(wrapped) : null;
            var text = row == null ? RowValue.TextOf(group) : row.Guid ?? row.DirectoryId ?? row.Identity ?? row.Name;
            if (text == null) { throw RowImporter.Unusable(Parameter, position, _rows[position].ToString(), "has no Group"); }
            var found = _builder.Recipients.FindByText(text, out var several);
            if (found == null)
            {
                throw RowImporter.Unusable(Parameter, position, text, several ? "fits several groups" : "names a group that is not among the recipients");
            }
            _groups.Add(found.Key);
            return found.Key;
        }
    }
}
