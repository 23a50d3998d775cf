using System;
using System.Globalization;
using System.IO;
using System.Management.Automation;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace EsgMailboxSync.Interop
{
    /// <summary>The engine of this process: opened when first needed, used by all runspaces at once.</summary>
    internal sealed unsafe class EngineHandle : SafeHandle
    {
        private static readonly object Gate = new object();
        private static EngineHandle _current;

        /// <summary>Opens an engine; use <see cref="Current"/>.</summary>
        internal EngineHandle()
            : base(IntPtr.Zero, true)
        {
            NativeLoader.EnsureLoaded();
            EsgSyncEngine* engine = null;
            EsgSyncBytes reply = default;
            try
            {
                Check(NativeMethods.esgsync_engine_open(&engine, &reply), ref reply);
                SetHandle((IntPtr)engine);
            }
            finally
            {
                NativeMethods.esgsync_bytes_free(&reply);
            }
        }

        /// <summary>The one engine.</summary>
        internal static EngineHandle Current
        {
            get
            {
                lock (Gate) { return _current ?? (_current = new EngineHandle()); }
            }
        }

        public override bool IsInvalid => handle == IntPtr.Zero;

        /// <summary>It can still be called: not closed, and the process is not ending.</summary>
        internal bool IsUsable => !IsClosed && !Environment.HasShutdownStarted;

        private EsgSyncEngine* Pointer => (EsgSyncEngine*)handle;

        /// <summary>Runs a method. Blocks; <paramref name="events"/> are handled on this thread, and one that throws ends the call with its exception.</summary>
        /// <exception cref="MailboxSyncException">The engine refused or failed.</exception>
        /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was fired.</exception>
        internal TReply Call<TReply>(Method method, RequestBuffer request, CancelHandle cancel = null, EventHandlers events = null)
        {
            // An exception must not cross native frames: it is kept, the engine is told to stop, and it goes on from here.
            ExceptionDispatchInfo failure = null;
            NativeMethods.esgsync_call_on_event_delegate deliver = (context, kind, data, length) =>
            {
                try
                {
                    events?.Deliver(kind, Borrow(data, length));
                    return 0;
                }
                catch (Exception error)
                {
                    failure = failure ?? ExceptionDispatchInfo.Capture(error);
                    return 1;
                }
            };
            EsgSyncBytes reply = default;
            bool engineHeld = false, cancelHeld = false;
            try
            {
                DangerousAddRef(ref engineHeld);
                cancel?.DangerousAddRef(ref cancelHeld);
                var status = NativeMethods.esgsync_call(
                    Pointer, (uint)method, (byte*)request.Pointer, (ulong)request.Length, cancelHeld ? cancel.Pointer : null, deliver, 0, &reply);
                failure?.Throw();
                Check(status, ref reply);
                return Json.Read<TReply>(Borrow(reply.ptr, reply.len));
            }
            finally
            {
                NativeMethods.esgsync_bytes_free(&reply);
                if (cancelHeld) { cancel.DangerousRelease(); }
                if (engineHeld) { DangerousRelease(); }
                GC.KeepAlive(deliver);
            }
        }

        /// <summary>Opens a snapshot and gives its number.</summary>
        internal ulong OpenSnapshot(RequestBuffer request, CancelHandle cancel)
        {
            ulong snapshot = 0;
            EsgSyncBytes reply = default;
            bool engineHeld = false, cancelHeld = false;
            try
            {
                DangerousAddRef(ref engineHeld);
                cancel?.DangerousAddRef(ref cancelHeld);
                var status = NativeMethods.esgsync_snapshot_open(
                    Pointer, (byte*)request.Pointer, (ulong)request.Length, cancelHeld ? cancel.Pointer : null, &snapshot, &reply);
                Check(status, ref reply);
                return snapshot;
            }
            finally
            {
                NativeMethods.esgsync_bytes_free(&reply);
                if (cancelHeld) { cancel.DangerousRelease(); }
                if (engineHeld) { DangerousRelease(); }
            }
        }

        /// <summary>Gives a snapshot a piece of JSON lines.</summary>
        internal void FeedSnapshot(ulong snapshot, byte[] data, int count)
        {
            if (data == null || count < 0 || count > data.Length) { throw new ArgumentOutOfRangeException(nameof(count)); }
            EsgSyncBytes reply = default;
            var held = false;
            try
            {
                DangerousAddRef(ref held);
                fixed (byte* first = data) { Check(NativeMethods.esgsync_snapshot_feed(Pointer, snapshot, first, (ulong)count, &reply), ref reply); }
            }
            finally
            {
                NativeMethods.esgsync_bytes_free(&reply);
                if (held) { DangerousRelease(); }
            }
        }

        /// <summary>Forgets a snapshot.</summary>
        internal void CloseSnapshot(ulong snapshot)
        {
            var held = false;
            try
            {
                DangerousAddRef(ref held);
                NativeMethods.esgsync_snapshot_close(Pointer, snapshot);
            }
            finally
            {
                if (held) { DangerousRelease(); }
            }
        }

        protected override bool ReleaseHandle()
        {
            // At the end of the process the system takes everything back, and nothing must wait for threads then.
            if (!Environment.HasShutdownStarted) { NativeMethods.esgsync_engine_close(Pointer); }
            return true;
        }

        private static void Check(int status, ref EsgSyncBytes reply)
        {
            if (status == NativeMethods.ESGSYNC_OK) { return; }
            if (status == NativeMethods.ESGSYNC_CANCELLED) { throw new OperationCanceledException(); }
            if (reply.len == 0)
            {
                throw new MailboxSyncException(
                    "NativeLibraryFault",
                    ErrorCategory.NotSpecified,
                    "The native library failed with status " + status.ToString(CultureInfo.InvariantCulture) + " and gave no reason.",
                    "Start a new session; report this as a fault of EsgMailboxSync when it happens again.");
            }
            throw new MailboxSyncException(Json.Read<ErrorReply>(Borrow(reply.ptr, reply.len)));
        }

        private static Stream Borrow(byte* data, ulong length)
        {
            return length == 0 ? Stream.Null : new UnmanagedMemoryStream(data, checked((long)length));
        }
    }
}
