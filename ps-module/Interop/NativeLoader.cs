using System;
using System.ComponentModel;
using System.Globalization;
using System.IO;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace EsgMailboxSync.Interop
{
    /// <summary>Loads <c>&lt;rid&gt;/esgmailboxsync_native</c> from beside this assembly, once a process, and checks that it is of the same ABI.</summary>
    /// <remarks>
    /// Windows PowerShell resolves no natives at all and PowerShell 7 only by a fallback, so both get an absolute path. The library owns
    /// threads and is never unloaded.
    /// </remarks>
    internal static class NativeLoader
    {
        private const string Name = "esgmailboxsync_native";
        private static readonly object Gate = new object();
        private static IntPtr _library;
        private static bool _resolverSet;
        private static bool _ready;

        /// <summary>File of the native library of this process.</summary>
        internal static string LibraryPath => Path.Combine(Folder, RuntimeId, Name + Extension);

        /// <summary>Architecture of the process, which may differ from that of the system.</summary>
        internal static string RuntimeId =>
            (IsWindows ? "win-" : IsMac ? "osx-" : "linux-") + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

        private static string AssemblyPath => typeof(NativeLoader).Assembly.Location;

        private static string Folder => Path.GetDirectoryName(AssemblyPath);

        private static string Extension => IsWindows ? ".dll" : IsMac ? ".dylib" : ".so";

        private static bool IsWindows => RuntimeInformation.IsOSPlatform(OSPlatform.Windows);

        private static bool IsMac => RuntimeInformation.IsOSPlatform(OSPlatform.OSX);

        /// <summary>Any number of times, from any thread.</summary>
        /// <exception cref="MailboxSyncException">The library is missing, cannot be loaded, or is of another version.</exception>
        internal static void EnsureLoaded()
        {
            lock (Gate)
            {
                if (_ready) { return; }
                var path = LibraryPath;
                if (!File.Exists(path)) { throw Missing(path); }
                Load(path);
                CheckAbi(path);
                _ready = true;
            }
        }

        private static void Load(string path)
        {
            // NativeLibrary is no part of netstandard2.0; .NET has it, .NET Framework does not.
            var nativeLibrary = Type.GetType("System.Runtime.InteropServices.NativeLibrary, System.Runtime.InteropServices");
            try
            {
                if (nativeLibrary == null) { LoadOnFramework(path); }
                else { LoadOnCore(nativeLibrary, path); }
            }
            catch (Exception error) when (error is Win32Exception || error is DllNotFoundException || error is BadImageFormatException)
            {
                throw new MailboxSyncException(
                    "NativeLibraryNotLoaded",
                    ErrorCategory.ResourceUnavailable,
                    $"The native library {path} cannot be loaded into this {RuntimeId} process: {LastLine(error.Message)}",
                    "Reinstall EsgMailboxSync for this platform; the library must be the one that came with it.",
                    path,
                    error);
            }
        }

        // On Linux .NET puts general advice before what the linker said.
        private static string LastLine(string text)
        {
            var trimmed = text.Trim();
            return trimmed.Substring(trimmed.LastIndexOf('\n') + 1);
        }

        // A later DllImport of the bare name finds the module that is loaded already. The flags keep PATH and the current folder out of it.
        private static void LoadOnFramework(string path)
        {
            const uint searchFolderOfLibrary = 0x100;
            const uint searchDefaultFolders = 0x1000;
            if (IsWindows && LoadLibraryExW(path, IntPtr.Zero, searchFolderOfLibrary | searchDefaultFolders) == IntPtr.Zero)
            {
                throw new Win32Exception(Marshal.GetLastWin32Error());
            }
        }

        private static void LoadOnCore(Type nativeLibrary, string path)
        {
            if (_library == IntPtr.Zero)
            {
                try { _library = (IntPtr)nativeLibrary.GetMethod("Load", new[] { typeof(string) }).Invoke(null, new object[] { path }); }
                catch (TargetInvocationException error) when (error.InnerException != null) { throw error.InnerException; }
            }
            if (_resolverSet) { return; }
            var resolver = Delegate.CreateDelegate(
                Type.GetType("System.Runtime.InteropServices.DllImportResolver, System.Runtime.InteropServices", true),
                typeof(NativeLoader).GetMethod(nameof(Resolve), BindingFlags.NonPublic | BindingFlags.Static));
            nativeLibrary.GetMethod("SetDllImportResolver").Invoke(null, new object[] { typeof(NativeLoader).Assembly, resolver });
            _resolverSet = true;
        }

        private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
        {
            return name == Name ? _library : IntPtr.Zero;
        }

        // First of all calls: the hash covers the header and every schema, so nothing else is safe to call when it differs.
        private static void CheckAbi(string path)
        {
            string found;
            try { found = ReadAbiHash(); }
            catch (EntryPointNotFoundException) { found = "none"; }
            if (found == Abi.Hash) { return; }
            throw new MailboxSyncException(
                "NativeLibraryOfAnotherVersion",
                ErrorCategory.ResourceUnavailable,
                $"{AssemblyPath} and {path} are of different versions (ABI {Abi.Hash} and {found}).",
                "Import only one version of EsgMailboxSync in a session: start a new session. If it happens there too, reinstall the module.",
                path);
        }

        private static unsafe string ReadAbiHash()
        {
            return Encoding.ASCII.GetString(NativeMethods.esgsync_abi_hash(), Abi.Hash.Length);
        }

        private static MailboxSyncException Missing(string path)
        {
            var shipped = new StringBuilder();
            foreach (var folder in Directory.GetDirectories(Folder))
            {
                if (File.Exists(Path.Combine(folder, Name + Extension)))
                {
                    shipped.Append(shipped.Length == 0 ? string.Empty : ", ").Append(Path.GetFileName(folder));
                }
            }
            var action = shipped.Length == 0
                ? "Reinstall EsgMailboxSync: the folder is incomplete."
                : string.Format(CultureInfo.InvariantCulture, "This process is {0}; the installed module serves {1}. Use a PowerShell of that architecture, or install EsgMailboxSync for {0}.", RuntimeId, shipped);
            return new MailboxSyncException("NativeLibraryMissing", ErrorCategory.ObjectNotFound, $"The native library {path} is missing.", action, path);
        }

        [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true, ExactSpelling = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern IntPtr LoadLibraryExW(string file, IntPtr reserved, uint flags);
    }
}
