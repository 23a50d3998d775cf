using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>
    /// The names that the cmdlets of a runspace have shown, for completion. Whoever presses Tab must never wait for a network, so nothing is asked for: what was
    /// shown is offered, and what a snapshot holds that is named on the line and is not large.
    /// </summary>
    internal sealed class SeenNames
    {
        /// <summary>More than anybody would complete from, and little enough to keep.</summary>
        private const int Most = 20000;

        private static readonly ConditionalWeakTable<Runspace, SeenNames> Tables = new ConditionalWeakTable<Runspace, SeenNames>();

        private SeenNames()
        {
        }

        internal static SeenNames Current => Tables.GetValue(Runspace.DefaultRunspace, runspace => new SeenNames());

        /// <summary>Addresses of mailboxes, with their display names.</summary>
        internal IDictionary<string, string> Mailboxes { get; } = new SortedDictionary<string, string>(StringComparer.OrdinalIgnoreCase);

        /// <summary>Addresses of people, with their display names.</summary>
        internal IDictionary<string, string> Delegates { get; } = new SortedDictionary<string, string>(StringComparer.OrdinalIgnoreCase);

        /// <summary>User names at ESG.</summary>
        internal IDictionary<string, string> Users { get; } = new SortedDictionary<string, string>(StringComparer.OrdinalIgnoreCase);

        internal static void Note(IDictionary<string, string> names, string name, string text)
        {
            if (!string.IsNullOrEmpty(name) && names.Count < Most) { names[name] = string.IsNullOrEmpty(text) ? name : text; }
        }

        internal void Note(MailboxDelegation delegation)
        {
            Note(Mailboxes, delegation.MailboxAddress, delegation.Mailbox);
            Note(Delegates, delegation.DelegateAddress, delegation.Delegate);
        }

        internal void Note(MailboxSyncPlan plan)
        {
            foreach (var action in plan.Action)
            {
                Note(Users, action.UserName, null);
                foreach (var change in action.Change) { Note(Mailboxes, change.MailboxAddress, change.Mailbox); }
            }
        }
    }

    /// <summary>Completes names: those that begin with the word, or whose display name does.</summary>
    public abstract class NameCompleter : IArgumentCompleter
    {
        private const int Most = 200;
        private static readonly char[] NeedQuotes = { ' ', '\'', '"', '`', '$', ';', ',', '(', ')', '{', '}', '&', '|', '@', '#' };

        private protected NameCompleter()
        {
        }

        /// <inheritdoc/>
        public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
        {
            var word = (wordToComplete ?? string.Empty).Trim('\'', '"');
            return Names(fakeBoundParameters)
                .Where(name => name.Key.StartsWith(word, StringComparison.OrdinalIgnoreCase) || name.Value.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                .Take(Most)
                .Select(name => new CompletionResult(Quoted(name.Key), name.Key, CompletionResultType.ParameterValue, name.Value));
        }

        internal abstract IEnumerable<KeyValuePair<string, string>> Names(IDictionary parameters);

        private static string Quoted(string name)
        {
            return name.IndexOfAny(NeedQuotes, 0) < 0 || IsPlainAddress(name) ? name : "'" + CodeGeneration.EscapeSingleQuotedStringContent(name) + "'";
        }

        // PowerShell takes an @ that does not begin a word as a letter.
        private static bool IsPlainAddress(string name)
        {
            return name[0] != '@' && name.All(letter => letter == '@' || Array.IndexOf(NeedQuotes, letter) < 0);
        }
    }

    /// <summary>Names that a snapshot of the line holds, and those that were shown.</summary>
    public abstract class SnapshotNameCompleter : NameCompleter
    {
        /// <summary>A larger snapshot takes longer than a Tab may.</summary>
        private const long MostMailboxes = 2000;

        private protected SnapshotNameCompleter()
        {
        }

        internal static SeenNames Look(IDictionary parameters)
        {
            var seen = SeenNames.Current;
            foreach (var parameter in new[] { "Snapshot", "DifferenceSnapshot", "ReferenceSnapshot", "InputObject", "Since" })
            {
                var value = parameters?[parameter];
                var snapshot = (value is PSObject wrapped ? wrapped.BaseObject : value) as MailboxDelegationSnapshot;
                if (snapshot == null || snapshot.Mailboxes > MostMailboxes) { continue; }
                // Whoever presses Tab gets what there is, and no error.
                try { Read(snapshot, seen); }
                catch (MailboxSyncException) { }
                catch (ObjectDisposedException) { }
            }
            return seen;
        }

        private static void Read(MailboxDelegationSnapshot snapshot, SeenNames seen)
        {
            var request = new GetDelegationsRequest { Snapshot = snapshot.Number, Options = new ResolveOptions { Rights = snapshot.Right.ToArray() }, View = nameof(DelegationView.Delegation) };
            var events = new EventHandlers().On<DelegationRecord>(EventKind.Delegation, record => seen.Note(new MailboxDelegation(record)));
            using (var buffer = new RequestBuffer(request))
            using (var cancellation = new CancelHandle())
            {
                EngineHandle.Current.Call<DelegationsReply>(Method.GetDelegations, buffer, cancellation, events);
            }
            GC.KeepAlive(snapshot);
        }
    }

    /// <summary>Addresses of mailboxes.</summary>
    public sealed class MailboxCompleter : SnapshotNameCompleter
    {
        internal override IEnumerable<KeyValuePair<string, string>> Names(IDictionary parameters)
        {
            return Look(parameters).Mailboxes;
        }
    }

    /// <summary>Addresses of people who have a right on a mailbox.</summary>
    public sealed class DelegateCompleter : SnapshotNameCompleter
    {
        internal override IEnumerable<KeyValuePair<string, string>> Names(IDictionary parameters)
        {
            return Look(parameters).Delegates;
        }
    }

    /// <summary>Names of users at ESG.</summary>
    public sealed class UserCompleter : NameCompleter
    {
        internal override IEnumerable<KeyValuePair<string, string>> Names(IDictionary parameters)
        {
            return SeenNames.Current.Users;
        }
    }
}
