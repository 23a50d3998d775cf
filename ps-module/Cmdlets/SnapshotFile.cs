using System.IO;
using System.Management.Automation;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>The file that a read of Exchange is to write.</summary>
    internal static class SnapshotFile
    {
        /// <summary>The full path of the file. A read takes hours: what would fail at its end fails before it.</summary>
        /// <param name="cmdlet">From whose location the path is meant.</param>
        /// <param name="path">As it was given.</param>
        /// <param name="noClobber">An existing file is an error.</param>
        /// <exception cref="MailboxSyncException">It cannot be written there.</exception>
        public static string Resolve(EngineCmdlet cmdlet, string path, bool noClobber)
        {
            var file = cmdlet.ResolvePath(path);
            if (Directory.Exists(file))
            {
                throw new MailboxSyncException("PathIsFolder", ErrorCategory.InvalidArgument, $"'{path}' is a folder.", "Give the path of a file.", path);
            }
            if (!Directory.Exists(Path.GetDirectoryName(file)))
            {
                throw new MailboxSyncException("PathNotFound", ErrorCategory.ObjectNotFound, $"The folder of '{path}' does not exist.", "Create the folder first.", path);
            }
            if (noClobber && File.Exists(file))
            {
                throw new MailboxSyncException("FileExists", ErrorCategory.ResourceExists, $"'{path}' exists.", "Give another -Path, or leave -NoClobber out.", path);
            }
            return file;
        }
    }
}
