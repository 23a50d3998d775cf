using System;
using System.Linq;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Exit codes of a task (design 10).</summary>
    internal static class ExitCodes
    {
        internal const int InLine = 0;
        internal const int NotRun = 1;
        internal const int NotApplied = 2;
        internal const int Blocked = 3;
        internal const int FailedOrUnknown = 4;
        internal const int Locked = 5;

        // When several hold, the first of these counts.
        private static readonly int[] Precedence = { NotRun, Locked, Blocked, FailedOrUnknown, NotApplied, InLine };

        internal static int Worst(params int[] codes)
        {
            return codes.OrderBy(code => Array.IndexOf(Precedence, code)).First();
        }
    }
}
