using System;
using System.Threading;

namespace EsgMailboxSync.Interop
{
    /// <summary>A connection that the engine holds, with its token: a number. Forgotten when this is disposed or collected.</summary>
    internal sealed class ConnectionHandle : IDisposable
    {
        private readonly EngineHandle _engine;
        private int _closed;

        internal ConnectionHandle(EngineHandle engine, long number)
        {
            _engine = engine;
            Number = number;
        }

        ~ConnectionHandle()
        {
            Close();
        }

        /// <summary>The number as requests carry it.</summary>
        internal long Number { get; }

        public void Dispose()
        {
            Close();
            GC.SuppressFinalize(this);
        }

        private void Close()
        {
            if (Interlocked.Exchange(ref _closed, 1) != 0 || !_engine.IsUsable) { return; }
            try
            {
                using (var request = new RequestBuffer(new DisconnectRequest { Connection = Number })) { _engine.Call<DoneReply>(Method.Disconnect, request); }
            }
            catch (MailboxSyncException)
            {
                // It is forgotten already; a finalizer must not throw.
            }
        }
    }
}
