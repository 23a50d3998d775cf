using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync
{
    /// <summary>A run in the history of a target.</summary>
    public sealed class MailboxSyncRunRecord
    {
        internal MailboxSyncRunRecord(RunRecord record, string stateFolder)
        {
            StateFolder = stateFolder;
            Id = record.Id;
            Target = record.Target;
            HostName = record.Host;
            Outcome = View.Member<RunOutcome>(record.Outcome);
            Started = View.Time(record.Started);
            Ended = record.Ended == null ? (DateTime?)null : View.Time(record.Ended);
            Stopped = record.Stopped;
            Account = record.Account;
            Machine = record.Machine;
            PlanDigest = record.Plan;
            TenantId = record.TenantId;
            Undoes = record.Undoes;
            CanBeUndone = record.CanBeUndone;
            Change = record.Changes.ToDictionary(change => View.Member<ChangeKind>(change.Kind), change => change.Count);
            Applied = record.Applied;
            Unchanged = record.Unchanged;
            Conflicts = record.Conflicts;
            Failed = record.Failed;
            Withheld = record.Withheld;
            Remaining = record.Remaining;
            Unsettled = record.Unsettled;
        }

        /// <summary>Number of the run, growing; Undo-MailboxSyncRun takes it from the pipeline.</summary>
        public long Id { get; }

        /// <summary>Name of the target.</summary>
        public string Target { get; }

        /// <summary>Host and port of the appliance.</summary>
        public string HostName { get; }

        /// <summary>Finished, Unfinished (actions of its plan are open), Stopped, Killed or Running.</summary>
        public RunOutcome Outcome { get; }

        /// <summary>When it began, UTC.</summary>
        public DateTime Started { get; }

        /// <summary>When it ended, UTC; null when it runs or was killed.</summary>
        public DateTime? Ended { get; }

        /// <summary>Name of the reason why it stopped early; null when it did not.</summary>
        public string Stopped { get; }

        /// <summary>Account that ran it; null when that is not known.</summary>
        public string Account { get; }

        /// <summary>Machine that ran it; null when that is not known.</summary>
        public string Machine { get; }

        /// <summary>Digest of the plan; the runs of one plan share it.</summary>
        public string PlanDigest { get; }

        /// <summary>Tenant id; null when the plan did not tell.</summary>
        public string TenantId { get; }

        /// <summary>Number of the run that it took back; null when it was no undo.</summary>
        public long? Undoes { get; }

        /// <summary>Undo-MailboxSyncRun can take it back: it is no undo itself, and its images are kept.</summary>
        public bool CanBeUndone { get; }

        /// <summary>What it changed: number by kind.</summary>
        public IReadOnlyDictionary<ChangeKind, long> Change { get; }

        /// <summary>Actions that it did.</summary>
        public long Applied { get; }

        /// <summary>Actions that were there already when it came to them.</summary>
        public long Unchanged { get; }

        /// <summary>Actions that were skipped because somebody else changed the same.</summary>
        public long Conflicts { get; }

        /// <summary>Actions that failed.</summary>
        public long Failed { get; }

        /// <summary>Actions that a guard, or what they depend on, held back.</summary>
        public long Withheld { get; }

        /// <summary>Actions that were not started.</summary>
        public long Remaining { get; }

        /// <summary>Actions that were sent and whose outcome is not known.</summary>
        public long Unsettled { get; }

        /// <summary>Folder of the state file that it was read from.</summary>
        internal string StateFolder { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            var changes = Change.Count == 0 ? "nothing changed" : string.Join(", ", Change.Select(change => change.Key + " " + change.Value.ToString(CultureInfo.InvariantCulture)));
            return "Run " + Id.ToString(CultureInfo.InvariantCulture) + " at " + Target + ": " + Outcome + ", " + changes;
        }
    }

    /// <summary>What a run did to one user.</summary>
    public sealed class MailboxSyncRunAction
    {
        internal MailboxSyncRunAction(RunActionRecord record)
        {
            RunId = record.Run;
            Target = record.Target;
            ActionId = record.Id;
            Kind = record.Kind;
            Status = record.Status;
            UserId = record.UserId;
            UserName = record.Username;
            Change = View.List(record.Changes, change => new MailboxSyncChange(change));
            Before = View.List(record.Before, address => new EsgAddress(address));
            After = View.List(record.After, address => new EsgAddress(address));
            Text = record.Text;
            Attempts = record.Attempts;
            Started = View.Time(record.Started);
            Ended = record.Ended == null ? (DateTime?)null : View.Time(record.Ended);
        }

        /// <summary>Number of the run.</summary>
        public long RunId { get; }

        /// <summary>Name of the target.</summary>
        public string Target { get; }

        /// <summary>Id of the action within its plan.</summary>
        public string ActionId { get; }

        /// <summary>UpdateUser, AdoptAlias or RemoveUser; of an undo also CreateUser or ReleaseAlias.</summary>
        public string Kind { get; }

        /// <summary>Applied, Unchanged, Adopted, Released, Conflict, Failed, Withheld or Unsettled.</summary>
        public string Status { get; }

        /// <summary>Id of the user.</summary>
        public long UserId { get; }

        /// <summary>Username.</summary>
        public string UserName { get; }

        /// <summary>What it was to change, each with its reason.</summary>
        public IReadOnlyList<MailboxSyncChange> Change { get; }

        /// <summary>Addresses right before the write; empty when nothing was written, and when the image was deleted.</summary>
        public IReadOnlyList<EsgAddress> Before { get; }

        /// <summary>Addresses after the write; empty when the user is gone, nothing was written, or the image was deleted.</summary>
        public IReadOnlyList<EsgAddress> After { get; }

        /// <summary>Why it was not applied; null when it was.</summary>
        public string Text { get; }

        /// <summary>How often it was sent.</summary>
        public long Attempts { get; }

        /// <summary>When it was begun, UTC.</summary>
        public DateTime Started { get; }

        /// <summary>When its outcome was known, UTC; null when it is not.</summary>
        public DateTime? Ended { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return UserName + ": " + Status + ", " + string.Join("; ", Change) + (Text == null ? string.Empty : ", " + Text);
        }
    }
}
