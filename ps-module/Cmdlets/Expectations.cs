using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Reads <c>-Expect @{ FunctionalUserRemoved = 385 }</c>: the numbers of the whole plan that the caller has seen and permits (design 7).</summary>
    internal static class Expectations
    {
        /// <exception cref="MailboxSyncException">A name that is no kind of change, or a value that is no number.</exception>
        internal static Expectation[] Read(IDictionary expect)
        {
            if (expect == null) { return Array.Empty<Expectation>(); }
            var result = new List<Expectation>(expect.Count);
            foreach (DictionaryEntry entry in expect) { result.Add(new Expectation { Kind = Kind(Text(entry.Key)), Count = Count(entry) }); }
            return result.ToArray();
        }

        private static string Kind(string name)
        {
            var kinds = Enum.GetNames(typeof(ChangeKind));
            var kind = kinds.FirstOrDefault(known => string.Equals(known, name, StringComparison.OrdinalIgnoreCase));
            if (kind != null) { return kind; }
            var nearest = kinds.OrderBy(known => Distance(known.ToUpperInvariant(), name.ToUpperInvariant())).First();
            throw new MailboxSyncException(
                "ExpectationUnknown",
                ErrorCategory.InvalidArgument,
                $"-Expect: '{name}' is no kind of change. Did you mean '{nearest}'?",
                "Kinds: " + string.Join(", ", kinds) + ".",
                name);
        }

        private static long Count(DictionaryEntry entry)
        {
            return long.TryParse(Text(entry.Value), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                ? count
                : throw new MailboxSyncException(
                    "ExpectationNotANumber",
                    ErrorCategory.InvalidArgument,
                    $"-Expect: the value of '{Text(entry.Key)}' is no number: '{Text(entry.Value)}'.",
                    "Give the number that the plan shows, for example -Expect @{ AliasRemoved = 25 }.",
                    entry.Value);
        }

        private static string Text(object value)
        {
            return Convert.ToString(value is PSObject wrapped ? wrapped.BaseObject : value, CultureInfo.InvariantCulture);
        }

        /// <summary>Edit distance (Levenshtein), in one row.</summary>
        private static int Distance(string left, string right)
        {
            var row = Enumerable.Range(0, right.Length + 1).ToArray();
            for (var i = 1; i <= left.Length; i++)
            {
                var diagonal = row[0];
                row[0] = i;
                for (var j = 1; j <= right.Length; j++)
                {
                    var above = row[j];
                    row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (left[i - 1] == right[j - 1] ? 0 : 1));
                    diagonal = above;
                }
            }
            return row[right.Length];
        }
    }

    /// <summary>Shapes of -Expect, one for each kind; the number is for the caller to fill in.</summary>
    public sealed class ExpectCompleter : IArgumentCompleter
    {
        /// <inheritdoc/>
        public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
        {
            return Enum.GetNames(typeof(ChangeKind)).Select(kind => new CompletionResult("@{ " + kind + " = ", kind, CompletionResultType.ParameterValue, kind));
        }
    }
}
