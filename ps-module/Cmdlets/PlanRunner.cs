using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Asks once for a whole plan, and applies it: what Invoke-MailboxSyncPlan and Sync-EsgSharedMailbox share.</summary>
    internal sealed class PlanRunner
    {
        private readonly EngineCmdlet _cmdlet;
        private readonly MailboxSyncPlan _plan;
        private readonly Expectation[] _expect;
        private readonly int? _first;

        internal PlanRunner(EngineCmdlet cmdlet, MailboxSyncPlan plan, Expectation[] expect, int? first)
        {
            _cmdlet = cmdlet;
            _plan = plan;
            _expect = expect;
            _first = first;
        }

        /// <summary>One question for the plan; none when there is nothing to do. With -WhatIf each action tells what it would do, and the answer is no.</summary>
        internal bool Confirmed()
        {
            if (_plan.Action.Count == 0 && !_cmdlet.IsWhatIf) { return true; }
            var what = $"{_plan}" + (_first == null ? string.Empty : $" (the first {_first} actions that are still open)");
            if (_cmdlet.ShouldProcess(what, $"Apply this to {_plan.Target} ({_plan.HostName})?\n{what}.", "Confirm", out var reason)) { return true; }
            if (reason.HasFlag(ShouldProcessReason.WhatIf))
            {
                foreach (var action in _plan.Action.Take(_first ?? int.MaxValue)) { _cmdlet.ShouldProcess(Describe(action), null, null); }
            }
            return false;
        }

        /// <summary>Applies the plan.</summary>
        internal MailboxSyncRun Apply(EsgConnection connection, TimeSpan? maxAge)
        {
            var results = new List<MailboxSyncActionResult>();
            var events = new EventHandlers().On<ActionResultRecord>(EventKind.ActionResult, record => results.Add(new MailboxSyncActionResult(record)));
            var request = new InvokePlanRequest
            {
                Connection = connection.Handle.Number,
                Plan = _plan.Text,
                Expect = _expect,
                First = _first,
                MaxAgeSeconds = maxAge == null ? (long?)null : (long)maxAge.Value.TotalSeconds,
            };
            var reply = _cmdlet.Call<RunReply>(Method.InvokePlan, request, events);
            GC.KeepAlive(connection);
            return new MailboxSyncRun(reply, _plan, connection, results.AsReadOnly());
        }

        /// <summary>What a run could not do: one for each action that failed, one for each guard, one for all else that was held back, one for a stop.</summary>
        internal IEnumerable<MailboxSyncException> Problems(MailboxSyncRun run)
        {
            foreach (var result in run.Result)
            {
                var problem = Problem(result);
                if (problem != null) { yield return problem; }
            }
            foreach (var guard in run.Blocked) { yield return Blocked(guard); }
            var heldBack = HeldBackOtherwise(run);
            if (heldBack.Length > 0)
            {
                yield return new MailboxSyncException(
                    "ActionWithheld",
                    ErrorCategory.InvalidOperation,
                    $"{View.Count(heldBack.Length, "action was", "actions were")} held back, for example {heldBack[0].UserName}: {heldBack[0].Text}",
                    "Result of the run tells the reason of each. Make a new plan when it is gone.",
                    run.Target);
            }
            if (run.Stopped != null)
            {
                yield return new MailboxSyncException("RunStopped", ErrorCategory.OperationStopped, $"The run stopped early: {run.Stopped}", "Correct the cause, then apply the same plan again: it goes on where it stopped.", run.Target);
            }
        }

        private static MailboxSyncException Blocked(MailboxSyncGuard guard)
        {
            return new MailboxSyncException(
                "GuardBlocked",
                ErrorCategory.LimitsExceeded,
                string.Format(CultureInfo.InvariantCulture, "{0}: {1} of {2} is more than the guard permits; no change of this kind was made.", guard.Kind, guard.Count, guard.Existing),
                $"If that number is right, repeat with {guard.Expect}.",
                guard.Kind);
        }

        private static MailboxSyncException Problem(MailboxSyncActionResult result)
        {
            switch (result.Status)
            {
                case "Failed":
                    return new MailboxSyncException("ActionFailed", ErrorCategory.WriteError, $"{result.UserName}: {result.Text}", "Apply the plan again, or make a new one.", result.UserName);
                case "Conflict":
                    return new MailboxSyncException("ActionConflict", ErrorCategory.ResourceBusy, $"{result.UserName}: {result.Text}", "Make a new plan.", result.UserName);
                case "Unsettled":
                    return new MailboxSyncException("ActionUnsettled", ErrorCategory.OperationTimeout, $"{result.UserName}: it was sent, but whether it was applied is not known. {result.Text}".TrimEnd(), "Apply the same plan again: it looks first, then decides.", result.UserName);
                default:
                    return null;
            }
        }

        // Not by a guard, which has its own error: because what an action needs did not happen.
        private MailboxSyncActionResult[] HeldBackOtherwise(MailboxSyncRun run)
        {
            var blocked = new HashSet<ChangeKind>(run.Blocked.Select(guard => guard.Kind));
            var byGuard = new HashSet<string>(_plan.Action.Where(action => action.Change.All(change => blocked.Contains(change.Kind))).Select(action => action.Id));
            return run.Result.Where(result => result.Status == "Withheld" && !byGuard.Contains(result.Id)).ToArray();
        }

        private string Describe(MailboxSyncAction action)
        {
            return action.UserName + ": " + string.Join("; ", action.Change.Select(change => change + (IsHeldBack(change) ? " (held back by the guard)" : string.Empty)));
        }

        private bool IsHeldBack(MailboxSyncChange change)
        {
            var guard = _plan.Guard.FirstOrDefault(each => each.Kind == change.Kind);
            return guard != null && guard.Blocked && !_expect.Any(each => each.Kind == guard.Kind.ToString() && each.Count == guard.Count);
        }
    }
}
