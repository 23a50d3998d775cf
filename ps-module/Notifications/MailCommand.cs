using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using EsgMailboxSync.Tasks;

namespace EsgMailboxSync.Notifications
{
    /// <summary>Runs a program that sends mail: the text is its input, {subject} in an argument is the subject. No shell sees either.</summary>
    internal static class MailCommand
    {
        private const string Subject = "{subject}";
        private const int MostMilliseconds = 60000;

        /// <exception cref="InvalidOperationException">It did not end well, or not in time.</exception>
        public static void Run(string command, string[] arguments, MailboxSyncNotification notification)
        {
            var start = new ProcessStartInfo(command, CommandLine.Join(arguments.Select(argument => argument.Replace(Subject, OneLine(notification.Subject)))))
            {
                UseShellExecute = false,
                CreateNoWindow = true,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using (var process = Process.Start(start))
            {
                // Both are read while it runs, so that it never waits for a full pipe.
                var errors = process.StandardError.ReadToEndAsync();
                var output = process.StandardOutput.ReadToEndAsync();
                try
                {
                    using (var input = new StreamWriter(process.StandardInput.BaseStream, new UTF8Encoding(false))) { input.Write(notification.Text); }
                }
                catch (IOException)
                {
                    // It ended without reading; its exit code tells.
                }
                if (!process.WaitForExit(MostMilliseconds))
                {
                    process.Kill();
                    throw new InvalidOperationException(command + " did not end within " + (MostMilliseconds / 1000) + " seconds.");
                }
                if (process.ExitCode != 0) { throw new InvalidOperationException(command + " ended with exit code " + process.ExitCode + ". " + OneLine(errors.Result + " " + output.Result).Trim()); }
            }
        }

        private static string OneLine(string text)
        {
            return text.Replace('\r', ' ').Replace('\n', ' ');
        }
    }
}
