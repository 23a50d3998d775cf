using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using EsgMailboxSync.Connections;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>The history of a target, the newest run first: from its state file, with or without a connection. Changes nothing.</summary>
    [Cmdlet(VerbsCommon.Get, "MailboxSyncRun")]
    [OutputType(typeof(MailboxSyncRunRecord), typeof(MailboxSyncRunAction))]
    public sealed class GetMailboxSyncRunCommand : HistoryCmdlet
    {
        private readonly List<long> _ids = new List<long>();

        /// <summary>Only the runs of these numbers.</summary>
        [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
        [ValidateRange(1L, long.MaxValue)]
        [ArgumentCompleter(typeof(RunCompleter))]
        public long[] Id { get; set; }

        /// <summary>Only the newest so many.</summary>
        [Parameter]
        [ValidateRange(1, int.MaxValue)]
        public int? Newest { get; set; }

        /// <summary>The actions of the runs, each with its user before and after, in place of the runs.</summary>
        [Parameter]
        public SwitchParameter Action { get; set; }

        /// <inheritdoc/>
        protected override void ProcessRecord()
        {
            // One walk over the history, however much comes through the pipeline.
            _ids.AddRange(Id ?? Array.Empty<long>());
        }

        /// <inheritdoc/>
        protected override void EndProcessing()
        {
            if (MyInvocation.ExpectingInput && _ids.Count == 0) { return; }
            var request = Request(StatePath == null ? null : ResolvePath(StatePath), Target, out var connection);
            request.Run = _ids.Count == 0 ? null : _ids.ToArray();
            request.Newest = Newest;
            request.Actions = Action;
            var folder = connection == null ? request.StateFolder : System.IO.Path.GetDirectoryName(connection.StateFile);
            var events = new EventHandlers()
                .On<RunRecord>(EventKind.Run, record => WriteObject(new MailboxSyncRunRecord(record, folder)))
                .On<RunActionRecord>(EventKind.RunAction, record => WriteObject(new MailboxSyncRunAction(record)));
            var reply = Call<RunsReply>(Method.GetRuns, request, events);
            GC.KeepAlive(connection);
            foreach (var id in reply.UnknownRuns)
            {
                WriteError(new MailboxSyncException("RunUnknown", ErrorCategory.ObjectNotFound, $"The target '{reply.Target}' has no run {id}.", "Get-MailboxSyncRun without -Id lists the runs; name another target with -Target.", id).ErrorRecord);
            }
        }
    }

    /// <summary>Numbers of the runs of the target that is meant, the newest first.</summary>
    public sealed class RunCompleter : IArgumentCompleter
    {
        private const int Most = 50;

        /// <inheritdoc/>
        public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
        {
            var found = new List<CompletionResult>();
            var events = new EventHandlers().On<RunRecord>(EventKind.Run, record =>
            {
                var id = record.Id.ToString(CultureInfo.InvariantCulture);
                if (!id.StartsWith(wordToComplete ?? string.Empty, StringComparison.Ordinal)) { return; }
                var run = new MailboxSyncRunRecord(record, null);
                found.Add(new CompletionResult(id, id, CompletionResultType.ParameterValue, $"{run.Started:u} {run}"));
            });
            // Whoever presses Tab gets what there is, and no error.
            try
            {
                var request = HistoryCmdlet.Request(fakeBoundParameters["StatePath"]?.ToString(), fakeBoundParameters["Target"]?.ToString(), out var connection);
                request.Newest = Most;
                using (var buffer = new RequestBuffer(request))
                using (var cancellation = new CancelHandle())
                {
                    EngineHandle.Current.Call<RunsReply>(Method.GetRuns, buffer, cancellation, events);
                }
                GC.KeepAlive(connection);
            }
            catch (MailboxSyncException)
            {
                found.Clear();
            }
            return found;
        }
    }
}
