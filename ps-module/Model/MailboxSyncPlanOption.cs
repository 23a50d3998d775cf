using System.Collections.Generic;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync
{
    /// <summary>What a plan was asked for.</summary>
    public sealed class MailboxSyncPlanOption
    {
        internal MailboxSyncPlanOption(PlanOptions options)
        {
            Right = View.List(options.Rights, View.Member<Right>);
            AliasScope = View.Member<AliasScope>(options.AliasScope);
            FunctionalUser = View.Member<FunctionalUser>(options.FunctionalUser);
            RemoveStale = View.Member<RemoveStale>(options.RemoveStale);
            AdoptExisting = options.AdoptExisting ?? false;
            RequireAllDelegates = options.RequireAllDelegates ?? false;
            ExpandGroup = View.Member<ExpandGroup>(options.ExpandGroup);
            IncludeInherited = options.IncludeInherited ?? false;
            IncludeDelegateType = View.List(options.IncludeDelegateType);
        }

        /// <summary>Rights that justify an alias; any of them.</summary>
        public IReadOnlyList<Right> Right { get; }

        /// <summary>Which addresses of a mailbox its delegates get.</summary>
        public AliasScope AliasScope { get; }

        /// <summary>What happens to functional users.</summary>
        public FunctionalUser FunctionalUser { get; }

        /// <summary>Which aliases without justification are removed.</summary>
        public RemoveStale RemoveStale { get; }

        /// <summary>Aliases that are there and justified are taken over.</summary>
        public bool AdoptExisting { get; }

        /// <summary>A functional user goes only when all delegates hold its addresses.</summary>
        public bool RequireAllDelegates { get; }

        /// <summary>Which groups are expanded.</summary>
        public ExpandGroup ExpandGroup { get; }

        /// <summary>Inherited permissions count.</summary>
        public bool IncludeInherited { get; }

        /// <summary>Types that count as people although they are not.</summary>
        public IReadOnlyList<string> IncludeDelegateType { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return string.Join("+", Right) + ", alias scope " + AliasScope + ", functional users " + FunctionalUser + ", stale aliases " + RemoveStale
                + (AdoptExisting ? ", adopt existing" : string.Empty);
        }
    }
}
