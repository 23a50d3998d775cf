using System;
using System.IO;
using System.Management.Automation;
using System.Text;

namespace EsgMailboxSync.Tasks
{
    /// <summary>Writes the files of a task. Replaces those that it wrote before, and no others.</summary>
    internal static class TaskFiles
    {
        // Windows PowerShell takes a script without a mark for one in the code page of the machine.
        private static readonly Encoding ScriptEncoding = new UTF8Encoding(true);
        private static readonly Encoding UnitEncoding = new UTF8Encoding(false);

        /// <exception cref="MailboxSyncException">A file of somebody else is there, or the folder cannot be written to.</exception>
        public static void Write(TaskPlan plan, string xml)
        {
            foreach (var file in plan.DefinitionPath) { CheckOurs(file); }
            CheckOurs(plan.ScriptPath);
            Write(plan.ScriptPath, TaskScript.Write(plan), ScriptEncoding);
            if (plan.Scheduler == MailboxSyncScheduler.Windows)
            {
                Write(plan.XmlPath, xml, Encoding.Unicode);
                return;
            }
            Write(plan.ServicePath, SystemdUnits.Service(plan), UnitEncoding);
            Write(plan.TimerPath, SystemdUnits.Timer(plan), UnitEncoding);
        }

        private static void CheckOurs(string path)
        {
            if (!File.Exists(path) || Read(path).Contains(TaskPlan.Mark)) { return; }
            throw new MailboxSyncException(
                "TaskFileExists",
                ErrorCategory.ResourceExists,
                $"{path} is there, and Register-MailboxSyncTask did not write it. Nothing was written.",
                "Give another -Name or -Path, or move that file away.",
                path);
        }

        private static string Read(string path)
        {
            try { return File.ReadAllText(path); }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException) { throw NotWritten(path, error); }
        }

        private static void Write(string path, string text, Encoding encoding)
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path));
                File.WriteAllText(path, text, encoding);
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException) { throw NotWritten(path, error); }
        }

        private static MailboxSyncException NotWritten(string path, Exception error)
        {
            return new MailboxSyncException("TaskNotWritten", ErrorCategory.WriteError, $"{path} cannot be written: {error.Message}", "Run as an administrator (root), or give -Path in a folder that this account may write to.", path, error);
        }
    }
}
