using System;
using System.Runtime.InteropServices;

namespace EsgMailboxSync.Interop
{
    /// <summary>Stops calls that were given it.</summary>
    internal sealed unsafe class CancelHandle : SafeHandle
    {
        internal CancelHandle()
            : base(IntPtr.Zero, true)
        {
            NativeLoader.EnsureLoaded();
            SetHandle((IntPtr)NativeMethods.esgsync_cancel_new());
        }

        public override bool IsInvalid => handle == IntPtr.Zero;

        /// <summary>Valid while a reference is held.</summary>
        internal EsgSyncCancel* Pointer => (EsgSyncCancel*)handle;

        /// <summary>From any thread, any number of times, also after the end.</summary>
        internal void Fire()
        {
            var held = false;
            try
            {
                DangerousAddRef(ref held);
                NativeMethods.esgsync_cancel_fire(Pointer);
            }
            catch (ObjectDisposedException)
            {
                // The cmdlet ended first: nothing runs that could be stopped.
            }
            finally
            {
                if (held) { DangerousRelease(); }
            }
        }

        protected override bool ReleaseHandle()
        {
            NativeMethods.esgsync_cancel_free(Pointer);
            return true;
        }
    }
}
