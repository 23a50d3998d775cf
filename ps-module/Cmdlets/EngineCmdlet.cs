using System;
using System.Management.Automation;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>What all cmdlets share: calls that stop with the pipeline, errors, progress, and paths as PowerShell sees them.</summary>
    /// <remarks>A <see cref="MailboxSyncException"/> that leaves a cmdlet is a terminating error with its own error record.</remarks>
    public abstract class EngineCmdlet : PSCmdlet, IDisposable
    {
        private readonly ProgressReporter _progress;

        private protected EngineCmdlet()
        {
            Cancellation = new CancelHandle();
            _progress = new ProgressReporter(this);
        }

        /// <summary>Fired by Ctrl+C.</summary>
        internal CancelHandle Cancellation { get; }

        /// <summary>Progress of what the cmdlet does itself.</summary>
        internal ProgressReporter Progress => _progress;

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
                .On<Interop.ProgressRecord>(EventKind.Progress, _progress.Report)
                .On<LogRecord>(EventKind.Log, WriteLog);
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
                _progress.Complete();
            }
        }

        /// <summary>Opens a snapshot of the engine: files to read, or a header for rows that are fed.</summary>
        internal SnapshotHandle OpenSnapshot(OpenSnapshotRequest request)
        {
            try { return SnapshotHandle.Open(request, Cancellation); }
            catch (OperationCanceledException) { throw new PipelineStoppedException(); }
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

        /// <summary>Ctrl+C: runs on another thread, while a call is blocked.</summary>
        protected override void StopProcessing()
        {
            Cancellation.Fire();
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
            if (record.Level == nameof(LogLevel.Warning)) { WriteWarning(record.Text); }
            else { WriteVerbose(record.Text); }
        }
    }
}
