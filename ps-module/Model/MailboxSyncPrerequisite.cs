namespace EsgMailboxSync
{
    /// <summary>What a check came to.</summary>
    public enum PrerequisiteStatus
    {
        /// <summary>It is there.</summary>
        Ok,

        /// <summary>It is not there: what needs it is left out or fails.</summary>
        Missing,

        /// <summary>It could not be looked at, or is not needed here.</summary>
        NotChecked,
    }

    /// <summary>One thing that this product needs, whether it is there, and what to do when it is not.</summary>
    public sealed class MailboxSyncPrerequisite
    {
        internal MailboxSyncPrerequisite(string name, PrerequisiteStatus status, string neededFor, string detail, string remedy = null)
        {
            Name = name;
            Status = status;
            NeededFor = neededFor;
            Detail = detail;
            Remedy = remedy;
        }

        /// <summary>What is checked, for example a command of Exchange.</summary>
        public string Name { get; }

        /// <summary>What the check came to.</summary>
        public PrerequisiteStatus Status { get; }

        /// <summary>What is not possible without it.</summary>
        public string NeededFor { get; }

        /// <summary>What was found.</summary>
        public string Detail { get; }

        /// <summary>What to do, with the commands to run; null where nothing needs doing.</summary>
        public string Remedy { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return Name + ": " + Status;
        }
    }
}
