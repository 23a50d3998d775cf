using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Tasks
{
    /// <summary>A task as it is wanted. Pure: texts and paths come from it, nothing is written.</summary>
    internal sealed class TaskPlan
    {
        /// <summary>First words of every file that is written, by which one of ours is known again.</summary>
        public const string Mark = "Written by Register-MailboxSyncTask";

        public const string UnitFolder = "/etc/systemd/system";
        public const string CredentialStore = "/etc/credstore.encrypted";

        public string Name { get; set; }

        public MailboxSyncScheduler Scheduler { get; set; }

        /// <summary>Name of the target, for the description.</summary>
        public string Target { get; set; }

        public string Account { get; set; }

        /// <summary>Windows: the account logs on with a password that the scheduler keeps.</summary>
        public bool HasPassword { get; set; }

        public TimeSpan At { get; set; }

        /// <summary>Empty for every day.</summary>
        public IReadOnlyList<DayOfWeek> Days { get; set; } = Array.Empty<DayOfWeek>();

        /// <summary>The PowerShell that runs the script.</summary>
        public string Interpreter { get; set; }

        /// <summary>What Import-Module is given.</summary>
        public string Module { get; set; }

        public string ConfigurationPath { get; set; }

        /// <summary>The text of the notification's script block; null for none.</summary>
        public string Notification { get; set; }

        public string Folder { get; set; }

        /// <summary>Folder of the definition.</summary>
        public string DefinitionFolder { get; set; }

        public string LogPath { get; set; }

        public long LogBytes { get; set; }

        public int LogCount { get; set; }

        /// <summary>Folder and file of the state.</summary>
        public string StateFile { get; set; }

        public IReadOnlyList<SecretSource> Secrets { get; set; } = Array.Empty<SecretSource>();

        public string ScriptPath => Path.Combine(Folder, Name + ".ps1");

        public string ServicePath => Path.Combine(DefinitionFolder, Name + ".service");

        public string TimerPath => Path.Combine(DefinitionFolder, Name + ".timer");

        public string XmlPath => Path.Combine(DefinitionFolder, Name + ".xml");

        /// <summary>Variables for the service: only root can read the file.</summary>
        public string EnvironmentFile => Path.Combine(Folder, Name + ".env");

        public IReadOnlyList<string> DefinitionPath => Scheduler == MailboxSyncScheduler.Systemd ? new[] { ServicePath, TimerPath } : new[] { XmlPath };

        public IEnumerable<string> SystemdCredentials => Secrets.Select(secret => secret.SystemdCredential).Where(name => name != null).Distinct();

        public IEnumerable<string> EnvironmentVariables => Secrets.Select(secret => secret.Environment).Where(name => name != null).Distinct();

        public string Description => "Brings the aliases of the ESG target " + Target + " in line with the shared mailboxes of Exchange.";

        public IReadOnlyList<string> Arguments
        {
            get
            {
                var arguments = new List<string> { "-NoLogo", "-NoProfile", "-NonInteractive" };
                // A script of this machine may run whatever the default of the machine is; a policy of the domain still decides.
                if (Scheduler == MailboxSyncScheduler.Windows)
                {
                    arguments.Add("-ExecutionPolicy");
                    arguments.Add("RemoteSigned");
                }
                arguments.Add("-File");
                arguments.Add(ScriptPath);
                return arguments;
            }
        }

        public string Command => CommandLine.Join(new[] { Interpreter }.Concat(Arguments));

        public string Schedule
        {
            get
            {
                var time = At.ToString("hh\\:mm", CultureInfo.InvariantCulture);
                return Days.Count == 0 ? "daily at " + time : string.Join(", ", Days) + " at " + time;
            }
        }

        public IReadOnlyList<string> NextSteps(bool registered)
        {
            return (Scheduler == MailboxSyncScheduler.Systemd ? SystemdSteps(registered) : WindowsSteps(registered)).ToArray();
        }

        private IEnumerable<string> SystemdSteps(bool registered)
        {
            foreach (var name in SystemdCredentials)
            {
                yield return $"Keep the secret, once, as root: systemd-ask-password -n | systemd-creds encrypt --name={name} - {CredentialStore}/{name}";
            }
            foreach (var name in EnvironmentVariables)
            {
                yield return $"Put the line {name}=... into {EnvironmentFile}, which only root may read (chmod 600).";
            }
            if (!registered)
            {
                yield return $"Register it, as root: cp {Path.Combine(Folder, Name)}.service {Path.Combine(Folder, Name)}.timer {UnitFolder} && systemctl daemon-reload && systemctl enable --now {Name}.timer";
            }
            yield return $"Try it: systemctl start {Name}.service; the exit code: systemctl show -p ExecMainStatus {Name}.service; when it runs next: systemctl list-timers {Name}.timer";
        }

        private IEnumerable<string> WindowsSteps(bool registered)
        {
            if (!registered) { yield return $"Register it, as an administrator: Register-ScheduledTask -TaskName {Name} -Xml (Get-Content '{XmlPath}' -Raw)" + (HasPassword ? " -User " + Account + " -Password (read it when asked)" : string.Empty); }
            if (Secrets.Any(secret => secret.DpapiFile != null) && WindowsTask.LogonType(this) == "S4U")
            {
                yield return "An account without a kept password cannot open DPAPI files: register with -Credential, or as a group managed service account.";
            }
            yield return $"Try it: Start-ScheduledTask {Name}; the exit code: (Get-ScheduledTaskInfo {Name}).LastTaskResult";
        }
    }
}
