using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Text;

namespace EsgMailboxSync.Exchange
{
    /// <summary>What an error of Exchange means for a read.</summary>
    internal enum ExchangeFault
    {
        /// <summary>This call failed; the next may not.</summary>
        Other,

        /// <summary>Worth another try.</summary>
        Transient,

        /// <summary>There is no session, or it has ended: every further call fails alike.</summary>
        NoSession,
    }

    /// <summary>Reads the warnings and errors of Exchange (exo 1.8). Their texts may be localised, so names of types and parameters come first. Pure.</summary>
    internal static class ExchangeAnswer
    {
        private const int LongestReason = 400;

        private static readonly string[] TransientNames =
        {
            "ServerBusyException", "TransientException", "BackendCommunicationException", "CmdletProxyNotAvailable",
            "HttpStatusCode=429", "HttpStatusCode=5", "maximum number of concurrent requests",
        };

        /// <summary>Exchange Online: no connection, or a token that has ended or cannot be renewed. On-premises: the remote session has broken.</summary>
        private static readonly string[] NoSessionNames =
        {
            "Connect-ExchangeOnline", "HttpStatusCode=401", "401 (Unauthorized)", "TokenExpired", "InvalidAuthenticationToken", "token has expired", "token is expired", "AADSTS",
            "MsalUiRequiredException", "PSRemotingTransportException", "PSSessionStateBroken",
        };

        /// <summary>What an error means.</summary>
        public static ExchangeFault Fault(ErrorRecord error)
        {
            var text = error.FullyQualifiedErrorId + "\n" + error.Exception?.GetType().FullName + "\n" + Message(error);
            if (ContainsAny(text, NoSessionNames)) { return ExchangeFault.NoSession; }
            return ContainsAny(text, TransientNames) ? ExchangeFault.Transient : ExchangeFault.Other;
        }

        /// <summary>
        /// Rows were cut. Exchange only warns, in the caller's language; the name of the parameter in that warning is not translated. A warning of any kind
        /// beside a number of rows at which Exchange cuts counts too, and so does a number of rows that is the limit.
        /// </summary>
        public static bool IsCut(long rows, int? limit, IReadOnlyList<string> warnings)
        {
            const int PageOfExchange = 1000;
            if (limit.HasValue && rows >= limit) { return true; }
            foreach (var warning in warnings)
            {
                if (warning.IndexOf("ResultSize", StringComparison.OrdinalIgnoreCase) >= 0
                    || warning.IndexOf("more results available", StringComparison.OrdinalIgnoreCase) >= 0)
                {
                    return true;
                }
            }
            return warnings.Count > 0 && rows > 0 && rows % PageOfExchange == 0;
        }

        /// <summary>The words of Exchange, in one line and without the codes before them.</summary>
        public static string Reason(ErrorRecord error)
        {
            var message = Message(error);
            var codes = message.LastIndexOf('|');
            return OneLine(codes >= 0 && codes < message.Length - 1 ? message.Substring(codes + 1) : message);
        }

        private static string Message(ErrorRecord error)
        {
            return error.ErrorDetails?.Message ?? error.Exception?.Message ?? error.ToString();
        }

        private static string OneLine(string text)
        {
            var line = new StringBuilder(text.Length);
            // An answer that the web service refuses to word is a row of NUL characters (exo 1.8).
            foreach (var word in text.Replace('\0', ' ').Split((char[])null, StringSplitOptions.RemoveEmptyEntries))
            {
                if (line.Length + word.Length > LongestReason)
                {
                    return line.Append(" ...").ToString();
                }
                line.Append(line.Length == 0 ? string.Empty : " ").Append(word);
            }
            return line.Length == 0 ? "Exchange gave no reason." : line.ToString();
        }

        private static bool ContainsAny(string text, string[] names)
        {
            return Array.Exists(names, name => text.IndexOf(name, StringComparison.OrdinalIgnoreCase) >= 0);
        }
    }
}
