using System;
using System.Diagnostics;
using System.Linq;
using System.Management.Automation;
using System.Runtime.InteropServices;
using EsgMailboxSync.Configuration;
using EsgMailboxSync.Connections;
using EsgMailboxSync.Interop;
using EsgMailboxSync.Tasks;

namespace EsgMailboxSync.Cmdlets
{
    /// <summary>Writes the script and the definition of a scheduled task that runs Sync-EsgSharedMailbox with a configuration file, and registers it.</summary>
    [Cmdlet(VerbsLifecycle.Register, "MailboxSyncTask", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
    [OutputType(typeof(MailboxSyncTask))]
    public sealed class RegisterMailboxSyncTaskCommand : EngineCmdlet
    {
        private const long Kibi = 1024;
        private static readonly string[] Hosts = { "pwsh", "powershell" };

        /// <summary>Configuration file that the task uses. It is read and checked.</summary>
        [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
        [ValidateNotNullOrEmpty]
        [Alias("ConfigurationFile", "FullName")]
        public string ConfigurationPath { get; set; }

        /// <summary>Name of the task; EsgMailboxSync- and the target when left out.</summary>
        [Parameter]
        [ValidatePattern("^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
        public string Name { get; set; }

        /// <summary>Folder of the script and the log; that of the configuration when left out.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public string Path { get; set; }

        /// <summary>Time of day.</summary>
        [Parameter]
        public DateTime At { get; set; } = DateTime.Today.AddHours(2);

        /// <summary>Days on which it runs; every day when left out.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public DayOfWeek[] DayOfWeek { get; set; }

        /// <summary>What runs it; that of this machine when left out.</summary>
        [Parameter]
        public MailboxSyncScheduler Scheduler { get; set; } = RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? MailboxSyncScheduler.Windows : MailboxSyncScheduler.Systemd;

        /// <summary>Account that it runs as: it must be able to use the state file.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public string Account { get; set; }

        /// <summary>Windows: account and password that the scheduler keeps.</summary>
        [Parameter]
        [ValidateNotNull]
        [Credential]
        public PSCredential Credential { get; set; }

        /// <summary>The PowerShell that runs the script; this one when left out.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public string PowerShellPath { get; set; }

        /// <summary>Log of the task.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public string LogPath { get; set; }

        /// <summary>KiB after which a new log is begun.</summary>
        [Parameter]
        [ValidateRange(1, 1048576)]
        public int LogSizeKB { get; set; } = 1024;

        /// <summary>Older logs that are kept.</summary>
        [Parameter]
        [ValidateRange(1, 999)]
        public int LogCount { get; set; } = 9;

        /// <summary>Script block that is called with the notification; its text becomes a part of the script.</summary>
        [Parameter]
        [ValidateNotNull]
        public ScriptBlock Notification { get; set; }

        /// <summary>Writes script and definition, and tells the scheduler nothing.</summary>
        [Parameter]
        public SwitchParameter NoRegistration { get; set; }

        /// <inheritdoc/>
        protected override void ProcessRecord()
        {
            if (Account != null && Credential != null)
            {
                throw new MailboxSyncException("AccountContradiction", ErrorCategory.InvalidArgument, "-Account and -Credential contradict each other.", "Leave one of them out: -Credential for an account with a password, -Account for all others.");
            }
            var configuration = ConfigurationFile.Read(this, ConfigurationPath);
            var state = configuration.State(this);
            var plan = Plan(configuration, state);
            CheckSecrets(plan);
            CheckAccount(plan, state);
            if (!ShouldProcess(plan.Name, "Register a task that runs " + plan.Schedule + " as " + plan.Account)) { return; }
            if (!NoRegistration) { TaskRegistration.CheckScheduler(Scheduler); }
            var xml = Scheduler == MailboxSyncScheduler.Windows ? WindowsTask.Write(plan) : null;
            TaskFiles.Write(plan, xml);
            if (!NoRegistration) { TaskRegistration.Register(this, plan, xml, Credential); }
            WriteObject(new MailboxSyncTask(plan, !NoRegistration));
        }

        private TaskPlan Plan(ConfigurationFile configuration, StateFileReply state)
        {
            var name = Name ?? "EsgMailboxSync-" + configuration.Target;
            var folder = Path == null ? System.IO.Path.GetDirectoryName(configuration.Path) : ResolvePath(Path);
            return new TaskPlan
            {
                Name = name,
                Scheduler = Scheduler,
                Target = configuration.Target,
                // Whoever owns the state file can use it; a new one belongs to whoever runs first.
                Account = Credential?.UserName ?? Account ?? (state.Exists ? state.Owner : null) ?? EsgConnector.Account,
                HasPassword = Credential != null,
                At = At.TimeOfDay,
                Days = DayOfWeek == null ? Array.Empty<DayOfWeek>() : DayOfWeek.Distinct().OrderBy(day => day).ToArray(),
                Interpreter = PowerShellPath == null ? Interpreter() : ResolvePath(PowerShellPath),
                Module = ModuleToImport(),
                ConfigurationPath = configuration.Path,
                Notification = Notification?.ToString(),
                Folder = folder,
                DefinitionFolder = Scheduler == MailboxSyncScheduler.Systemd && !NoRegistration ? TaskPlan.UnitFolder : folder,
                LogPath = LogPath == null ? System.IO.Path.Combine(folder, name + ".log") : ResolvePath(LogPath),
                LogBytes = LogSizeKB * Kibi,
                LogCount = LogCount,
                StateFile = state.Path,
                Secrets = configuration.Secrets.Where(secret => secret != null).ToArray(),
            };
        }

        /// <summary>A newer version of the module beside this one is taken too: the folder that holds the versions is named.</summary>
        private string ModuleToImport()
        {
            var module = MyInvocation.MyCommand.Module;
            var parent = System.IO.Path.GetDirectoryName(module.ModuleBase);
            return System.IO.Path.GetFileName(parent) == module.Name ? parent : System.IO.Path.Combine(module.ModuleBase, module.Name + ".psd1");
        }

        private string Interpreter()
        {
            string running;
            using (var process = Process.GetCurrentProcess()) { running = process.MainModule?.FileName; }
            if (running != null && Hosts.Contains(System.IO.Path.GetFileNameWithoutExtension(running), StringComparer.OrdinalIgnoreCase)) { return running; }
            foreach (var host in Hosts)
            {
                if (InvokeCommand.GetCommand(host, CommandTypes.Application) is ApplicationInfo found) { return found.Path; }
            }
            throw new MailboxSyncException("PowerShellNotFound", ErrorCategory.ObjectNotFound, "There is no pwsh and no powershell that could run the script of the task.", "Name one with -PowerShellPath.");
        }

        private static void CheckSecrets(TaskPlan plan)
        {
            var isSystemd = plan.Scheduler == MailboxSyncScheduler.Systemd;
            var unfit = plan.Secrets.Select(secret => isSystemd ? secret.DpapiFile : secret.SystemdCredential).FirstOrDefault(place => place != null);
            if (unfit == null) { return; }
            throw new MailboxSyncException(
                "SecretUnfit",
                ErrorCategory.InvalidOperation,
                $"The configuration keeps a secret in {(isSystemd ? "the DPAPI file" : "the systemd credential")} {unfit}, which a task of {plan.Scheduler} cannot read.",
                isSystemd ? "Use systemdCredential, environment or secret in place of dpapiFile." : "Use dpapiFile, environment or secret in place of systemdCredential.",
                unfit);
        }

        /// <summary>A state file is private to its owner (design 8): another account could not run.</summary>
        private static void CheckAccount(TaskPlan plan, StateFileReply state)
        {
            const string Root = "root";
            if (!state.Exists || state.Owner == null || plan.Account == state.Owner || plan.Account == Root) { return; }
            throw new MailboxSyncException(
                "TaskAccountUnfit",
                ErrorCategory.PermissionDenied,
                $"The state file {state.Path} belongs to {state.Owner}; a task of {plan.Account} could not use it.",
                $"Leave -Account out to run as {state.Owner}, or give the file and its folder to {plan.Account} (chown).",
                plan.Account);
        }
    }
}
