using System;
using System.IO;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>The file that a read of Exchange writes.</summary>
    internal static class SnapshotFile
    {
        private const int Begin = 4096;

        private static readonly Regex Header = new Regex("^\\s*\\{\\s*\"kind\"\\s*:\\s*\"snapshot\"", RegexOptions.CultureInvariant);

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

        /// <summary>The file begins as a snapshot does: with its header. A file that cannot be read is none.</summary>
        public static bool IsSnapshot(string file)
        {
            try
            {
                using (var reader = new StreamReader(file))
                {
                    var begin = new char[Begin];
                    return Header.IsMatch(new string(begin, 0, reader.ReadBlock(begin, 0, Begin)));
                }
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
            {
                return false;
            }
        }
    }
}
