using System.Collections.Generic;

namespace EsgMailboxSync
{
    /// <summary>What runs a task at its times.</summary>
    public enum MailboxSyncScheduler
    {
        /// <summary>The task scheduler of Windows.</summary>
        Windows,

        /// <summary>A timer of systemd.</summary>
        Systemd,
    }

    /// <summary>A scheduled task that synchronises: its script, its definition, and what is left to do.</summary>
    public sealed class MailboxSyncTask
    {
        internal MailboxSyncTask(Tasks.TaskPlan plan, bool registered)
        {
            Name = plan.Name;
            Scheduler = plan.Scheduler;
            Registered = registered;
            Account = plan.Account;
            Schedule = plan.Schedule;
            Command = plan.Command;
            ScriptPath = plan.ScriptPath;
            LogPath = plan.LogPath;
            DefinitionPath = plan.DefinitionPath;
            NextStep = plan.NextSteps(registered);
        }

        /// <summary>Name of the task or timer.</summary>
        public string Name { get; }

        /// <summary>What runs it.</summary>
        public MailboxSyncScheduler Scheduler { get; }

        /// <summary>The scheduler knows it; false when only its files were written.</summary>
        public bool Registered { get; }

        /// <summary>Account that it runs as.</summary>
        public string Account { get; }

        /// <summary>When it runs, for example <c>daily at 02:00</c>.</summary>
        public string Schedule { get; }

        /// <summary>What is run, as one would type it.</summary>
        public string Command { get; }

        /// <summary>The script.</summary>
        public string ScriptPath { get; }

        /// <summary>Its log; older parts end with .1, .2 and so on.</summary>
        public string LogPath { get; }

        /// <summary>The definition for the scheduler: an XML file, or a service and a timer.</summary>
        public IReadOnlyList<string> DefinitionPath { get; }

        /// <summary>What is left to do, with the commands to run.</summary>
        public IReadOnlyList<string> NextStep { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return Name + ", " + Schedule + " as " + Account;
        }
    }
}
