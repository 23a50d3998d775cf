using System.Globalization;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync
{
    /// <summary>The count of one kind of change against its limits (design 7).</summary>
    public sealed class MailboxSyncGuard
    {
        internal MailboxSyncGuard(GuardCount guard)
        {
            Kind = View.Member<ChangeKind>(guard.Kind);
            Count = guard.Count;
            Existing = guard.Existing;
            Limit = guard.Limit;
            Percent = guard.Percent;
            Blocked = guard.Blocked;
            Expect = guard.Expect;
        }

        /// <summary>The kind of change.</summary>
        public ChangeKind Kind { get; }

        /// <summary>Changes of that kind in the whole plan.</summary>
        public long Count { get; }

        /// <summary>What there is at the target of that kind.</summary>
        public long Existing { get; }

        /// <summary>More than this many block; null: no limit.</summary>
        public long? Limit { get; }

        /// <summary>More than this percent of what there is block; null: no limit.</summary>
        public long? Percent { get; }

        /// <summary>A limit is exceeded: no change of this kind is made without the override.</summary>
        public bool Blocked { get; }

        /// <summary>The override, ready to paste; null when nothing is blocked.</summary>
        public string Expect { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            var text = Kind + " " + Count.ToString(CultureInfo.InvariantCulture) + " of " + Existing.ToString(CultureInfo.InvariantCulture);
            return Blocked ? text + " blocked: " + Expect : text;
        }
    }
}
