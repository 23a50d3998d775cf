using System;
using System.Management.Automation;
using System.Runtime.InteropServices;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync
{
    /// <summary>What went wrong, what to do about it, and which exit code a task gets (design 10).</summary>
    /// <remarks>PowerShell takes the error record from here when the exception leaves a cmdlet.</remarks>
    public sealed class MailboxSyncException : Exception, IContainsErrorRecord
    {
        // PowerShell 7 shows the recommended action below the message; Windows PowerShell does not, so there it is a part of the message.
        private static readonly bool ActionIsShown = !RuntimeInformation.FrameworkDescription.StartsWith(".NET Framework", StringComparison.Ordinal);

        internal MailboxSyncException(string code, ErrorCategory category, string message, string recommendedAction, object target = null, Exception inner = null)
            : base(message, inner)
        {
            Code = code;
            ExitCode = 1;
            RecommendedAction = recommendedAction;
            ErrorRecord = new ErrorRecord(this, code, category, target)
            {
                ErrorDetails = new ErrorDetails(ActionIsShown ? message : FullText) { RecommendedAction = recommendedAction },
            };
        }

        internal MailboxSyncException(ErrorReply reply)
            : this(reply.Code, Category(reply.Category), reply.Message, reply.RecommendedAction, reply.Target)
        {
            ExitCode = (int)reply.ExitCode;
        }

        /// <summary>Stable PascalCase name of the error; begins the FullyQualifiedErrorId.</summary>
        public string Code { get; }

        /// <summary>1 could not run, 3 an expectation was refused, 5 another run holds the lock.</summary>
        public int ExitCode { get; }

        /// <summary>What to do next.</summary>
        public string RecommendedAction { get; }

        /// <summary>The record that PowerShell shows.</summary>
        public ErrorRecord ErrorRecord { get; }

        /// <summary>Message and action in one text, for places that show only one.</summary>
        internal string FullText => Message + " " + RecommendedAction;

        private static ErrorCategory Category(string name)
        {
            return Enum.TryParse(name, out ErrorCategory category) ? category : ErrorCategory.NotSpecified;
        }
    }
}
