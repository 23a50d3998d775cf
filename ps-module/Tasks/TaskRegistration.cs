using System;
using System.Diagnostics;
using System.IO;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.InteropServices;
using EsgMailboxSync.Cmdlets;
using EsgMailboxSync.Configuration;

namespace EsgMailboxSync.Tasks
{
    /// <summary>Tells the scheduler of this machine about a task whose files are written.</summary>
    internal static class TaskRegistration
    {
        private const string SystemdRuns = "/run/systemd/system";

        /// <exception cref="MailboxSyncException">This machine has no such scheduler.</exception>
        public static void CheckScheduler(MailboxSyncScheduler scheduler)
        {
            var isThere = scheduler == MailboxSyncScheduler.Windows ? RuntimeInformation.IsOSPlatform(OSPlatform.Windows) : Directory.Exists(SystemdRuns);
            if (isThere) { return; }
            var what = scheduler == MailboxSyncScheduler.Windows ? "the task scheduler of Windows" : "systemd";
            throw new MailboxSyncException(
                "SchedulerMissing",
                ErrorCategory.ResourceUnavailable,
                $"This machine does not run {what}; nothing was written.",
                "Use -NoRegistration to write script and definition only, and register them where they belong; or name another -Scheduler.",
                scheduler);
        }

        /// <exception cref="MailboxSyncException">The scheduler refused.</exception>
        public static void Register(EngineCmdlet cmdlet, TaskPlan plan, string xml, PSCredential credential)
        {
            try
            {
                if (plan.Scheduler == MailboxSyncScheduler.Systemd)
                {
                    Systemctl("daemon-reload");
                    Systemctl("enable --now " + plan.Name + ".timer");
                }
                else
                {
                    RegisterOnWindows(cmdlet, plan, xml, credential);
                }
            }
            catch (Exception error) when (!(error is PipelineStoppedException) && !(error is MailboxSyncException))
            {
                throw new MailboxSyncException(
                    "TaskNotRegistered",
                    ErrorCategory.InvalidResult,
                    $"The files of the task {plan.Name} are written, but the scheduler refused it: {(error as TargetInvocationException)?.InnerException?.Message ?? error.Message}",
                    "Run as an administrator (root), correct what the message says, and register again.",
                    plan.Name,
                    error);
            }
        }

        private static void Systemctl(string arguments)
        {
            var start = new ProcessStartInfo("systemctl", arguments) { UseShellExecute = false, RedirectStandardError = true };
            using (var process = Process.Start(start))
            {
                var errors = process.StandardError.ReadToEnd();
                process.WaitForExit();
                if (process.ExitCode != 0) { throw new InvalidOperationException("systemctl " + arguments + ": " + errors.Trim()); }
            }
        }

        private static void RegisterOnWindows(EngineCmdlet cmdlet, TaskPlan plan, string xml, PSCredential credential)
        {
            var password = credential?.GetNetworkCredential().Password;
            var call = CommandCall.Of(cmdlet, "Register-ScheduledTask");
            if (call != null)
            {
                call.With("TaskName", plan.Name).With("Xml", xml).With("User", credential?.UserName).With("Password", password).With("Force", true).Run();
                return;
            }
            // Windows without the module ScheduledTasks: the same by COM.
            const int CreateOrUpdate = 6;
            const int LogonPassword = 1;
            const int LogonAsDefined = 0;
            var service = Activator.CreateInstance(Type.GetTypeFromProgID("Schedule.Service", true));
            Invoke(service, "Connect");
            var folder = Invoke(service, "GetFolder", "\\");
            Invoke(folder, "RegisterTask", plan.Name, xml, CreateOrUpdate, credential?.UserName, password, password == null ? LogonAsDefined : LogonPassword, null);
        }

        private static object Invoke(object target, string method, params object[] arguments)
        {
            return target.GetType().InvokeMember(method, BindingFlags.InvokeMethod, null, target, arguments, System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
