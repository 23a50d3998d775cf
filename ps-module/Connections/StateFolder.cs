using System;
using System.IO;
using System.Runtime.InteropServices;

namespace EsgMailboxSync.Connections
{
    /// <summary>Where state files are kept: one place for the machine, so that a task and an administrator share what is managed (design 8).</summary>
    internal static class StateFolder
    {
        internal static string Default => RuntimeInformation.IsOSPlatform(OSPlatform.Windows)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "EsgMailboxSync")
            : "/var/lib/esgmailboxsync";
    }
}
