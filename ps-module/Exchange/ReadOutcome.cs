using System.Globalization;
using EsgMailboxSync.Cmdlets;

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

    /// <summary>Counts the parts of one kind that did not come complete, to say so once.</summary>
    internal sealed class ReadTally
    {
        private readonly string _what;
        private int _parts;
        private int _incomplete;
        private string _reason;

        /// <param name="what">Name of the parts, for example <c>mailboxes</c>.</param>
        public ReadTally(string what)
        {
            _what = what;
        }

        public ReadOutcome Add(ReadOutcome outcome)
        {
            _parts++;
            if (!outcome.IsComplete)
            {
                _incomplete++;
                _reason = _reason ?? outcome.Reason;
            }
            return outcome;
        }

        public void Warn(EngineCmdlet cmdlet)
        {
            if (_incomplete == 0) { return; }
            cmdlet.Warn(
                string.Format(
                    CultureInfo.CurrentCulture,
                    "{0} of {1} {2} could not be read completely; what depends on them counts as unknown and loses nothing. The first reason: {3}",
                    _incomplete,
                    _parts,
                    _what,
                    _reason),
                "Get-MailboxDelegation -Unknown tells the reason of each; correct it and read again.");
        }
    }
}
