using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Linq;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync
{
    /// <summary>What would bring a target in line, with what is left alone and why. A view: what is applied is the original text that it was made from.</summary>
    public sealed class MailboxSyncPlan
    {
        internal MailboxSyncPlan(PlanReply reply)
        {
            Text = reply.Text;
            Path = reply.Path;
            Digest = reply.Digest;
            Created = View.Time(reply.Created);
            Target = reply.Target.Name;
            HostName = reply.Target.Host;
            Simulator = reply.Target.Simulator ?? false;
            TenantId = reply.TenantId;
            TenantName = reply.TenantName;
            SnapshotCreated = reply.Snapshot == null ? (DateTime?)null : View.Time(reply.Snapshot.Created);
            SnapshotWhole = reply.Snapshot?.Whole;
            SnapshotComplete = reply.Snapshot?.Complete;
            Mailboxes = reply.Snapshot?.Mailboxes ?? 0;
            Undoes = reply.Undoes?.Run;
            Option = new MailboxSyncPlanOption(reply.Options);
            var summary = reply.Summary;
            Users = summary.Users ?? 0;
            FunctionalUsers = summary.FunctionalUsers ?? 0;
            Delegations = summary.Delegations ?? 0;
            UsersChanged = summary.UsersChanged ?? 0;
            AliasesAdded = summary.AliasesAdded ?? 0;
            AliasesRemoved = summary.AliasesRemoved ?? 0;
            DuplicatesCollapsed = summary.DuplicatesCollapsed ?? 0;
            AliasesAdopted = summary.AliasesAdopted ?? 0;
            AliasesRestored = summary.AliasesRestored ?? 0;
            AliasesReleased = summary.AliasesReleased ?? 0;
            FunctionalUsersRestored = summary.FunctionalUsersRestored ?? 0;
            FunctionalUsersRemoved = summary.FunctionalUsersRemoved ?? 0;
            FunctionalUsersRemovable = summary.FunctionalUsersRemovable ?? 0;
            AliasesAdoptable = summary.AliasesAdoptable ?? 0;
            AliasesInPlace = summary.AliasesInPlace ?? 0;
            MailboxesUnknown = summary.MailboxesUnknown ?? 0;
            Guard = View.List(reply.Guards, guard => new MailboxSyncGuard(guard));
            Action = View.List(reply.Actions, action => new MailboxSyncAction(action));
            LeftAlone = View.List(reply.LeftAlone, left => new MailboxSyncLeftAlone(left));
            Finding = View.List(reply.Findings, finding => new MailboxSyncFinding(finding));
            ExitCode = (int)reply.ExitCode;
        }

        /// <summary>Connection that it is for.</summary>
        public string Target { get; }

        /// <summary>Host and port of the appliance.</summary>
        public string HostName { get; }

        /// <summary>The appliance is the simulator of this product.</summary>
        public bool Simulator { get; }

        /// <summary>When it was made, UTC.</summary>
        public DateTime Created { get; }

        /// <summary>File that it was written to or read from; null when none.</summary>
        public string Path { get; }

        /// <summary>Names the plan: same world, same options, same digest.</summary>
        public string Digest { get; }

        /// <summary>Tenant id; null when the snapshot does not tell.</summary>
        public string TenantId { get; }

        /// <summary>Tenant name; null when the snapshot does not tell.</summary>
        public string TenantName { get; }

        /// <summary>When Exchange was read, UTC; null when the plan takes a run back.</summary>
        public DateTime? SnapshotCreated { get; }

        /// <summary>The snapshot covers all mailboxes of its types; null when the plan takes a run back.</summary>
        public bool? SnapshotWhole { get; }

        /// <summary>The snapshot was read to its end; null when the plan takes a run back.</summary>
        public bool? SnapshotComplete { get; }

        /// <summary>Number of the run that the plan takes back; null when it brings the appliance in line with a snapshot.</summary>
        public long? Undoes { get; }

        /// <summary>What was asked for.</summary>
        public MailboxSyncPlanOption Option { get; }

        /// <summary>Mailboxes of the snapshot.</summary>
        public long Mailboxes { get; }

        /// <summary>Those of them whose delegates cannot be told completely: they lose nothing.</summary>
        public long MailboxesUnknown { get; }

        /// <summary>Delegations of the snapshot.</summary>
        public long Delegations { get; }

        /// <summary>Users read at the appliance.</summary>
        public long Users { get; }

        /// <summary>Functional users among them.</summary>
        public long FunctionalUsers { get; }

        /// <summary>Users that are written to.</summary>
        public long UsersChanged { get; }

        /// <summary>Aliases to add.</summary>
        public long AliasesAdded { get; }

        /// <summary>Aliases to remove.</summary>
        public long AliasesRemoved { get; }

        /// <summary>Addresses that are twice on one user and become one.</summary>
        public long DuplicatesCollapsed { get; }

        /// <summary>Aliases to take over.</summary>
        public long AliasesAdopted { get; }

        /// <summary>Undo: addresses that come back as they were.</summary>
        public long AliasesRestored { get; }

        /// <summary>Undo: aliases that are not ours any more, and stay.</summary>
        public long AliasesReleased { get; }

        /// <summary>Undo: functional users to create again.</summary>
        public long FunctionalUsersRestored { get; }

        /// <summary>Aliases that are there, justified and not ours: -AdoptExisting would take them over.</summary>
        public long AliasesAdoptable { get; }

        /// <summary>Aliases that are there as they should be.</summary>
        public long AliasesInPlace { get; }

        /// <summary>Functional users to remove.</summary>
        public long FunctionalUsersRemoved { get; }

        /// <summary>Functional users that -FunctionalUser Remove would remove now.</summary>
        public long FunctionalUsersRemovable { get; }

        /// <summary>Counts against limits, by kind of change.</summary>
        public IReadOnlyList<MailboxSyncGuard> Guard { get; }

        /// <summary>One action for each user, in the order of the run.</summary>
        public IReadOnlyList<MailboxSyncAction> Action { get; }

        /// <summary>What is not touched, and why.</summary>
        public IReadOnlyList<MailboxSyncLeftAlone> LeftAlone { get; }

        /// <summary>What an administrator should know.</summary>
        public IReadOnlyList<MailboxSyncFinding> Finding { get; }

        /// <summary>Exit code of a task that stops here: 0 nothing to do, 2 changes, 3 a guard blocks, 4 something is unknown.</summary>
        public int ExitCode { get; }

        /// <summary>What is not touched, a line for each reason: how much, and the first of it.</summary>
        public IReadOnlyList<string> LeftAloneByReason => ByCode(LeftAlone, left => left.Code, left => left.ToString());

        /// <summary>What an administrator should know, a line for each kind: how much, and the first of it.</summary>
        public IReadOnlyList<string> FindingByKind => ByCode(Finding, finding => finding.Code, finding => finding.Text);

        /// <summary>Why fewer removals are planned than there could be.</summary>
        internal IEnumerable<MailboxSyncFinding> HeldBack => Finding.Where(finding => finding.Code == "RemovalsHeldBack");

        /// <summary>The original text, which alone counts.</summary>
        internal string Text { get; }

        /// <summary>What changes, in words.</summary>
        internal string Changes
        {
            get
            {
                var parts = new List<string>();
                Tell(parts, "create again", FunctionalUsersRestored, "functional user", "functional users");
                Tell(parts, "put back", AliasesRestored, "address", "addresses");
                Tell(parts, "add", AliasesAdded, "alias", "aliases");
                Tell(parts, "remove", AliasesRemoved, "alias", "aliases");
                Tell(parts, "collapse", DuplicatesCollapsed, "duplicate", "duplicates");
                Tell(parts, "take over", AliasesAdopted, "alias", "aliases");
                Tell(parts, "let go", AliasesReleased, "alias", "aliases");
                Tell(parts, "remove", FunctionalUsersRemoved, "functional user", "functional users");
                return parts.Count == 0 ? "nothing to do" : string.Join(", ", parts);
            }
        }

        /// <inheritdoc/>
        public override string ToString()
        {
            var what = Undoes == null ? "Plan" : "Undo of run " + Undoes.Value.ToString(CultureInfo.InvariantCulture);
            return what + " for " + Target + ": " + Changes;
        }

        private static ReadOnlyCollection<string> ByCode<T>(IEnumerable<T> items, Func<T, string> code, Func<T, string> text)
        {
            var groups = items.GroupBy(code).OrderBy(group => group.Key, StringComparer.Ordinal);
            return new ReadOnlyCollection<string>(groups.Select(group => Line(group.Key, group.Count(), text(group.First()))).ToArray());
        }

        private static string Line(string code, int count, string first)
        {
            return count == 1 ? $"1 {code}: {first}" : $"{count.ToString(CultureInfo.InvariantCulture)} {code}, for example {first}";
        }

        private static void Tell(List<string> parts, string verb, long count, string one, string many)
        {
            if (count > 0) { parts.Add(verb + " " + View.Count(count, one, many)); }
        }
    }
}
