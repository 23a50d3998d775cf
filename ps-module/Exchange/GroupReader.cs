using System;
using System.Collections.Generic;
using System.Management.Automation;
using EsgMailboxSync.Cmdlets;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Exchange
{
    /// <summary>Reads the direct members of the groups that the engine asks for, until it asks for no more. Each group is read once.</summary>
    internal sealed class GroupReader
    {
        public const string UnifiedGroup = "GroupMailbox";
        private const string Activity = "Reading groups";
        private const string ViaMember = "member";
        private const string ViaOwner = "owner";

        private readonly EngineCmdlet _cmdlet;
        private readonly ExchangeSession _session;
        private readonly SnapshotBuilder _builder;
        private readonly HashSet<string> _done = new HashSet<string>(StringComparer.Ordinal);

        public GroupReader(EngineCmdlet cmdlet, ExchangeSession session, SnapshotBuilder builder)
        {
            _cmdlet = cmdlet;
            _session = session;
            _builder = builder;
        }

        public void ReadAll(ResolveOptions options)
        {
            var tally = new ReadTally("groups");
            while (true)
            {
                // Members may be groups too, so the engine is asked again after each round.
                var round = new List<GroupToRead>();
                foreach (var group in _builder.GroupsToRead(options))
                {
                    if (_done.Add(group.Key)) { round.Add(group); }
                }
                if (round.Count == 0) { break; }
                for (var i = 0; i < round.Count; i++)
                {
                    _cmdlet.Progress.Report(Activity, round[i].Name, _done.Count - round.Count + i, _done.Count);
                    _builder.Read("group:" + round[i].Key, tally.Add(Read(round[i])));
                }
            }
            _cmdlet.Progress.Complete();
            tally.Warn(_cmdlet);
        }

        /// <summary>Writes a member of a group, and its recipient line where none exists (rule 5).</summary>
        public static void WriteMember(SnapshotBuilder builder, string group, PSObject row, string via)
        {
            var member = builder.Recipients.Merge(RowNormalizer.Recipient(row), out var added);
            if (added) { builder.Writer.Recipient(member); }
            builder.Writer.Member(group, member.Key, via);
        }

        private ReadOutcome Read(GroupToRead group)
        {
            if (string.IsNullOrWhiteSpace(group.Identity)) { return ReadOutcome.Failed("The group has neither an id nor a name to ask for."); }
            switch (group.RecipientType)
            {
                case "MailUniversalSecurityGroup":
                case "MailNonUniversalGroup":
                case "MailUniversalDistributionGroup":
                case "RoomList":
                    return Members(ExchangeCall.For("Get-DistributionGroupMember", group.Identity), group, ViaMember);
                case "RoleGroup":
                    return Members(ExchangeCall.For("Get-RoleGroupMember", group.Identity), group, ViaMember);
                case "DynamicDistributionGroup":
                    return Members(ExchangeCall.For("Get-DynamicDistributionGroupMember", group.Identity), group, ViaMember);
                case UnifiedGroup:
                    return Members(Links(group, "Members"), group, ViaMember).And(Members(Links(group, "Owners"), group, ViaOwner));
                case "UniversalSecurityGroup" when !_session.Tenant.IsCloud:
                    return ListedMembers(group);
                default:
                    return new ReadOutcome(ReadStatus.Unsupported, "Exchange lists no members of a group of type " + group.RecipientType + ".");
            }
        }

        /// <summary>
        /// A security group without mail, which only Get-Group knows, and on-premises only (exo 2.2): its row lists the members by their paths. Windows does not
        /// list there whose primary group it is; that is a group of the directory's own by default.
        /// </summary>
        private ReadOutcome ListedMembers(GroupToRead group)
        {
            var rows = 0;
            string fault = null;
            var outcome = _session.Run(ExchangeCall.For("Get-Group", group.Identity), row =>
            {
                rows++;
                var members = RowValue.List(row, "Members");
                if (members == null) { fault = fault ?? "Get-Group does not tell the members of the group."; }
                foreach (var text in members ?? Array.Empty<string>())
                {
                    var member = _builder.Recipients.FindByText(text, out var several);
                    if (member != null) { _builder.Writer.Member(group.Key, member.Key, ViaMember); }
                    else { fault = fault ?? "The member '" + text + (several ? "' may be any of several recipients." : "' is not among the recipients."); }
                }
            });
            if (fault != null) { return outcome.And(ReadOutcome.Failed(fault)); }
            return outcome.IsComplete && rows != 1 ? ReadOutcome.Failed("Get-Group gave " + rows + " groups for one.") : outcome;
        }

        private static ExchangeCall Links(GroupToRead group, string type)
        {
            return ExchangeCall.For("Get-UnifiedGroupLinks", group.Identity).With("LinkType", type);
        }

        private ReadOutcome Members(ExchangeCall call, GroupToRead group, string via)
        {
            return _session.Run(call.Unlimited(), row => WriteMember(_builder, group.Key, row, via));
        }
    }
}
