using System;
using System.Collections.Generic;
using System.IO;

namespace EsgMailboxSync.Interop
{
    /// <summary>Who gets the records that arrive while a call runs. Kinds without a handler are passed over.</summary>
    internal sealed class EventHandlers
    {
        private readonly Dictionary<uint, Action<Stream>> _handlers = new Dictionary<uint, Action<Stream>>();

        /// <summary>Hands each record of a kind to <paramref name="handle"/>, on the thread that made the call.</summary>
        internal EventHandlers On<T>(EventKind kind, Action<T> handle)
        {
            _handlers[(uint)kind] = data =>
            {
                foreach (var record in Json.Read<T[]>(data)) { handle(record); }
            };
            return this;
        }

        internal void Deliver(uint kind, Stream data)
        {
            if (_handlers.TryGetValue(kind, out var handler)) { handler(data); }
        }
    }
}
