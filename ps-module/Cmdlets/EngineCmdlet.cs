using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>What all cmdlets share: calls that stop with the pipeline, errors, progress, and paths as PowerShell sees them.</summary>
    /// <remarks>A <see cref="MailboxSyncException"/> that leaves a cmdlet is a terminating error with its own error record.</remarks>
    public abstract class EngineCmdlet : PSCmdlet, IDisposable
    {
        private protected EngineCmdlet()
        {
            Cancellation = new CancelHandle();
            Progress = new ProgressReporter(this);
        }

        /// <summary>Fired by Ctrl+C.</summary>
        internal CancelHandle Cancellation { get; }

        /// <summary>Raised by Ctrl+C, on another thread, for what blocks outside of the engine. A handler must not wait.</summary>
        internal event Action StopRequested;

        /// <summary>-WhatIf was given, or is preferred.</summary>
        internal bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out var given)
            ? LanguagePrimitives.IsTrue(given)
            : LanguagePrimitives.IsTrue(SessionState.PSVariable.GetValue("WhatIfPreference"));

        /// <summary>Its one result tells everything: not even a warning may end the pipeline before it.</summary>
        private protected virtual bool TellsByResult => false;

        /// <summary>The only way in which the module warns: what is the matter, and what to do about it, as sentences. What a command of Exchange says for itself has no advice of ours.</summary>
        /// <exception cref="MailboxSyncException">A warning is to stop a cmdlet that tells by its result, so the result says it.</exception>
        internal void Warn(string text, string advice)
        {
            var whole = advice == null ? text : text + " " + advice;
            if (TellsByResult && WarningsStop)
            {
                throw new MailboxSyncException(
                    "WarningStopped", ErrorCategory.OperationStopped, "Stopped at a warning, as the preference for warnings asks: " + whole, "Correct what it is about, or run with -WarningAction Continue.");
            }
            WriteWarning(whole);
        }

        private bool WarningsStop => (MyInvocation.BoundParameters.TryGetValue("WarningAction", out var given) ? given : SessionState.PSVariable.GetValue("WarningPreference"))?.ToString() == nameof(ActionPreference.Stop);

        /// <summary>Progress of what the cmdlet does itself.</summary>
        internal ProgressReporter Progress { get; }

        /// <summary>Frees what the cmdlet holds.</summary>
        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        /// <summary>Runs a method of the engine. Progress and log events go to PowerShell's streams, others to <paramref name="events"/>.</summary>
        /// <exception cref="MailboxSyncException">The engine refused or failed.</exception>
        /// <exception cref="PipelineStoppedException">Ctrl+C.</exception>
        internal TReply Call<TReply>(Method method, object request, EventHandlers events = null)
        {
            using (var buffer = new RequestBuffer(request)) { return Call<TReply>(method, buffer, events); }
        }

        /// <inheritdoc cref="Call{TReply}(Method, object, EventHandlers)"/>
        internal TReply Call<TReply>(Method method, RequestBuffer request, EventHandlers events = null)
        {
            var handlers = (events ?? new EventHandlers())
                .On<Interop.ProgressRecord>(EventKind.Progress, Progress.Report)
                .On<LogRecord>(EventKind.Log, WriteLog);
            var before = Progress.Activity;
            try
            {
                return EngineHandle.Current.Call<TReply>(method, request, Cancellation, handlers);
            }
            catch (OperationCanceledException)
            {
                throw new PipelineStoppedException();
            }
            finally
            {
                // A phase of the caller goes on.
                if (Progress.Activity != before) { Progress.Complete(); }
            }
        }

        /// <summary>Opens a snapshot of the engine: files to read, or a header for rows that are fed.</summary>
        internal SnapshotHandle OpenSnapshot(OpenSnapshotRequest request)
        {
            try { return SnapshotHandle.Open(request, Cancellation); }
            catch (OperationCanceledException) { throw new PipelineStoppedException(); }
        }

        /// <summary>Reads snapshot files as one.</summary>
        internal MailboxDelegationSnapshot ReadSnapshot(IEnumerable<string> files)
        {
            var handle = OpenSnapshot(new OpenSnapshotRequest { Read = files.ToArray() });
            try
            {
                return new MailboxDelegationSnapshot(handle, Call<SnapshotReply>(Method.GetSnapshot, new SnapshotRequest { Snapshot = handle.Number }));
            }
            catch
            {
                handle.Dispose();
                throw;
            }
        }

        /// <summary>The snapshot that a <c>-Snapshot</c> parameter means: the object, or files by path (text, or an item of the file system).</summary>
        internal MailboxDelegationSnapshot ResolveSnapshot(object argument)
        {
            var value = argument is PSObject wrapped ? wrapped.BaseObject : argument;
            switch (value)
            {
                case MailboxDelegationSnapshot snapshot: return snapshot;
                case string path: return ReadSnapshot(ResolveExistingPath(path));
                case FileInfo file: return ReadSnapshot(new[] { file.FullName });
                case PathInfo path: return ReadSnapshot(new[] { path.ProviderPath });
                default:
                    throw new MailboxSyncException(
                        "SnapshotInvalid",
                        ErrorCategory.InvalidArgument,
                        $"'{value}' is no snapshot.",
                        "Give what Export-MailboxDelegation or Import-MailboxDelegation returned, or the path of a snapshot file.",
                        value);
            }
        }

        /// <summary>The files that a path means: that of this very name, else those that its wildcards find. A name without wildcards need not exist.</summary>
        /// <exception cref="MailboxSyncException">The path is not one of the file system, or its wildcards find nothing.</exception>
        internal IReadOnlyList<string> ResolveExistingPath(string path)
        {
            var literal = ResolvePath(path);
            if (File.Exists(literal) || !WildcardPattern.ContainsWildcardCharacters(path)) { return new[] { literal }; }
            IEnumerable<string> found;
            try { found = SessionState.Path.GetResolvedProviderPathFromPSPath(path, out _); }
            catch (ItemNotFoundException) { found = Array.Empty<string>(); }
            var files = found.OrderBy(file => file, StringComparer.Ordinal).ToArray();
            return files.Length > 0
                ? files
                : throw new MailboxSyncException("PathNotFound", ErrorCategory.ObjectNotFound, $"'{path}' finds no file.", "Correct the path.", path);
        }

        /// <summary>The file that a path means from where the session is, whether it exists or not. Wildcards are letters here.</summary>
        /// <exception cref="MailboxSyncException">The path is not one of the file system.</exception>
        internal string ResolvePath(string path)
        {
            string resolved;
            ProviderInfo provider;
            try
            {
                resolved = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out provider, out _);
            }
            catch (Exception error) when (error is System.Management.Automation.DriveNotFoundException || error is ProviderNotFoundException || error is NotSupportedException)
            {
                throw NotAFile(path, error);
            }
            return provider.Name == "FileSystem" ? resolved : throw NotAFile(path, null);
        }

        /// <summary>A misspelt name must not look like somebody who holds nothing.</summary>
        internal void WriteNotFound(string code, string what, string name, string whoHasNone)
        {
            var error = new MailboxSyncException(
                code, ErrorCategory.ObjectNotFound, $"{whoHasNone} {what} '{name}'.", "Check the spelling, or use wildcards: *part of the name*.", name);
            WriteError(error.ErrorRecord);
        }

        /// <summary>Ctrl+C: runs on another thread, while a call is blocked.</summary>
        protected override void StopProcessing()
        {
            Cancellation.Fire();
            StopRequested?.Invoke();
        }

        /// <summary>Frees what the cmdlet holds.</summary>
        protected virtual void Dispose(bool disposing)
        {
            if (disposing) { Cancellation.Dispose(); }
        }

        private static MailboxSyncException NotAFile(string path, Exception inner)
        {
            return new MailboxSyncException("PathNotInFileSystem", ErrorCategory.InvalidArgument, $"'{path}' is no path of the file system.", "Give the path of a file.", path, inner);
        }

        private void WriteLog(LogRecord record)
        {
            if (record.Level == nameof(LogLevel.Warning)) { Warn(record.Text, null); }
            else { WriteVerbose(record.Text); }
        }
    }
}
