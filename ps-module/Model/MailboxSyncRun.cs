using System;
using System.Collections.Generic;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync
{
    /// <summary>One application of a plan.</summary>
    public sealed class MailboxSyncRun
    {
        internal MailboxSyncRun(RunReply reply, MailboxSyncPlan plan, EsgConnection connection, IReadOnlyList<MailboxSyncActionResult> results)
        {
            Id = reply.Run;
            Target = connection.Name;
            StateFolder = System.IO.Path.GetDirectoryName(connection.StateFile);
            Plan = plan;
            PlanDigest = reply.Plan;
            Started = View.Time(reply.Started);
            Ended = View.Time(reply.Ended);
            Applied = reply.Applied;
            Unchanged = reply.Unchanged;
            DoneBefore = reply.DoneBefore;
            Undoes = plan.Undoes;
            LeftAlone = plan.LeftAlone;
            Conflicts = reply.Conflicts;
            Failed = reply.Failed;
            Withheld = reply.Withheld;
            Remaining = reply.Remaining;
            Unsettled = reply.Unsettled;
            Blocked = View.List(reply.Blocked, guard => new MailboxSyncGuard(guard));
            Stopped = reply.Stopped;
            Finding = View.List(reply.Findings, finding => new MailboxSyncFinding(finding));
            Result = results;
            ExitCode = (int)reply.ExitCode;
        }

        /// <summary>Number of the run in the state file; null when nothing was begun.</summary>
        public long? Id { get; }

        /// <summary>Connection that it ran against.</summary>
        public string Target { get; }

        /// <summary>Digest of the plan.</summary>
        public string PlanDigest { get; }

        /// <summary>When it began, UTC.</summary>
        public DateTime Started { get; }

        /// <summary>When it ended, UTC.</summary>
        public DateTime Ended { get; }

        /// <summary>Actions that were applied.</summary>
        public long Applied { get; }

        /// <summary>Actions that were there already when the run came to them.</summary>
        public long Unchanged { get; }

        /// <summary>Actions that earlier runs of the same plan had done.</summary>
        public long DoneBefore { get; }

        /// <summary>Number of the run that it took back; null when it brought the appliance in line with a snapshot.</summary>
        public long? Undoes { get; }

        /// <summary>What its plan left alone, and why.</summary>
        public IReadOnlyList<MailboxSyncLeftAlone> LeftAlone { get; }

        /// <summary>Actions that were skipped because somebody else changed the same.</summary>
        public long Conflicts { get; }

        /// <summary>Actions that failed.</summary>
        public long Failed { get; }

        /// <summary>Actions that a guard, or what they depend on, held back.</summary>
        public long Withheld { get; }

        /// <summary>Actions that were not started: the same plan can be applied again.</summary>
        public long Remaining { get; }

        /// <summary>Actions that were sent and whose outcome is not known: the next run looks, then decides.</summary>
        public long Unsettled { get; }

        /// <summary>Guards that blocked, each with the override.</summary>
        public IReadOnlyList<MailboxSyncGuard> Blocked { get; }

        /// <summary>Why it stopped early; null when it did not.</summary>
        public string Stopped { get; }

        /// <summary>What was seen on the way.</summary>
        public IReadOnlyList<MailboxSyncFinding> Finding { get; }

        /// <summary>How each action went.</summary>
        public IReadOnlyList<MailboxSyncActionResult> Result { get; }

        /// <summary>Exit code for a task (design 10).</summary>
        public int ExitCode { get; }

        /// <summary>Folder of the state file that it is journalled in.</summary>
        internal string StateFolder { get; }

        /// <summary>The plan that it applied.</summary>
        internal MailboxSyncPlan Plan { get; }

        /// <summary>The numbers that are not zero, in words.</summary>
        internal string Outcome
        {
            get
            {
                var parts = new List<string> { View.Count(Applied, "action applied", "actions applied") };
                Tell(parts, DoneBefore, "done before");
                Tell(parts, Unchanged, "done already");
                Tell(parts, Conflicts, "in conflict");
                Tell(parts, Failed, "failed");
                Tell(parts, Withheld, "withheld");
                Tell(parts, Unsettled, "unsettled");
                Tell(parts, Remaining, "not started");
                return string.Join(", ", parts);
            }
        }

        /// <inheritdoc/>
        public override string ToString()
        {
            return "Run " + (Id?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-") + " at " + Target + ": " + Outcome;
        }

        private static void Tell(List<string> parts, long count, string what)
        {
            if (count > 0) { parts.Add(count.ToString(System.Globalization.CultureInfo.InvariantCulture) + " " + what); }
        }
    }

    /// <summary>How one action went.</summary>
    public sealed class MailboxSyncActionResult
    {
        internal MailboxSyncActionResult(ActionResultRecord record)
        {
            Id = record.Id;
            Kind = record.Kind;
            UserId = record.UserId;
            UserName = record.Username;
            Status = record.Status;
            Address = View.List(record.Addresses);
            Text = record.Text;
        }

        /// <summary>Id of the action within the plan.</summary>
        public string Id { get; }

        /// <summary>UpdateUser, AdoptAlias or RemoveUser; of an undo also CreateUser or ReleaseAlias.</summary>
        public string Kind { get; }

        /// <summary>Id of the user.</summary>
        public long UserId { get; }

        /// <summary>Username.</summary>
        public string UserName { get; }

        /// <summary>Applied, Unchanged, Adopted, Released, Conflict, Failed, Withheld, NotStarted or Unsettled.</summary>
        public string Status { get; }

        /// <summary>Addresses that it was about.</summary>
        public IReadOnlyList<string> Address { get; }

        /// <summary>Why it was not applied; null when it was.</summary>
        public string Text { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return UserName + ": " + Status + (Text == null ? string.Empty : ", " + Text);
        }
    }
}
