namespace EsgMailboxSync.Exchange
{
    /// <summary>What a call to Exchange came to.</summary>
    internal sealed class ReadOutcome
    {
        public static readonly ReadOutcome Complete = new ReadOutcome(ReadStatus.Complete, null);

        public ReadOutcome(ReadStatus status, string reason)
        {
            Status = status;
            Reason = reason;
        }

        public ReadStatus Status { get; }

        /// <summary>Why it is not complete, in the words of Exchange; null when it is.</summary>
        public string Reason { get; }

        public bool IsComplete => Status == ReadStatus.Complete;

        /// <summary>The first of two parts that is not complete speaks for both.</summary>
        public ReadOutcome And(ReadOutcome next)
        {
            return IsComplete ? next : this;
        }

        public static ReadOutcome Failed(string reason)
        {
            return new ReadOutcome(ReadStatus.Failed, reason);
        }
    }
}
