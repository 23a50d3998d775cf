using System;
using System.Management.Automation;
using System.Threading;

namespace EsgMailboxSync.Interop
{
    /// <summary>A snapshot that the engine holds: a number. Forgotten when this is disposed or collected.</summary>
    internal sealed class SnapshotHandle : IDisposable
    {
        private readonly EngineHandle _engine;
        private readonly ulong _number;
        private int _closed;

        private SnapshotHandle(EngineHandle engine, ulong number)
        {
            _engine = engine;
            _number = number;
        }

        ~SnapshotHandle()
        {
            Close();
        }

        /// <summary>The number as requests carry it.</summary>
        /// <exception cref="MailboxSyncException">It was closed.</exception>
        internal long Number => _closed == 0
            ? checked((long)_number)
            : throw new MailboxSyncException("SnapshotClosed", ErrorCategory.InvalidOperation, "The snapshot was disposed.", "Read it again: Import-MailboxDelegation -Path.");

        internal static SnapshotHandle Open(OpenSnapshotRequest request, CancelHandle cancel)
        {
            var engine = EngineHandle.Current;
            using (var buffer = new RequestBuffer(request)) { return new SnapshotHandle(engine, engine.OpenSnapshot(buffer, cancel)); }
        }

        /// <summary>Gives the first <paramref name="count"/> bytes of JSON lines; a piece may end anywhere.</summary>
        internal void Feed(byte[] data, int count)
        {
            _engine.FeedSnapshot(checked((ulong)Number), data, count);
            GC.KeepAlive(this);
        }

        public void Dispose()
        {
            Close();
            GC.SuppressFinalize(this);
        }

        private void Close()
        {
            if (Interlocked.Exchange(ref _closed, 1) == 0 && _engine.IsUsable) { _engine.CloseSnapshot(_number); }
        }
    }
}
