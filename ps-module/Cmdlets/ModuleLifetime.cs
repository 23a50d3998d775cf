using System.Management.Automation;
using EsgMailboxSync.Connections;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Import and removal of the module, once for each runspace and each -Force.</summary>
    public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
    {
        /// <summary>Loads the native library, so that an import that cannot work fails at once and says why.</summary>
        public void OnImport()
        {
            NativeLoader.EnsureLoaded();
        }

        /// <summary>Disconnects what this runspace connected. The native library stays: it owns threads.</summary>
        public void OnRemove(PSModuleInfo psModuleInfo)
        {
            ConnectionTable.Current.Clear();
        }
    }
}
