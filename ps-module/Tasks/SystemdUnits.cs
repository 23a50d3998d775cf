using System.Globalization;
using System.Linq;
using System.Text;

namespace EsgMailboxSync.Tasks
{
    /// <summary>Service and timer of systemd.</summary>
    internal static class SystemdUnits
    {
        private const string MachineStateFolder = "/var/lib/esgmailboxsync";

        public static string Service(TaskPlan plan)
        {
            var text = new StringBuilder();
            text.Append("# ").Append(TaskPlan.Mark).Append("; registering the task again replaces this file.\n");
            text.Append("[Unit]\nDescription=").Append(plan.Description).Append("\nWants=network-online.target\nAfter=network-online.target\n\n");
            text.Append("[Service]\nType=oneshot\nUser=").Append(plan.Account).Append('\n');
            text.Append("ExecStart=").Append(string.Join(" ", new[] { plan.Interpreter }.Concat(plan.Arguments).Select(Quote))).Append('\n');
            text.Append("WorkingDirectory=").Append(plan.Folder.Replace("%", "%%")).Append('\n');
            if (plan.StateFile.StartsWith(MachineStateFolder + "/", System.StringComparison.Ordinal)) { text.Append("StateDirectory=esgmailboxsync\nStateDirectoryMode=0750\n"); }
            if (plan.EnvironmentVariables.Any()) { text.Append("EnvironmentFile=").Append(plan.EnvironmentFile.Replace("%", "%%")).Append('\n'); }
            foreach (var name in plan.SystemdCredentials) { text.Append("LoadCredentialEncrypted=").Append(name).Append(':').Append(TaskPlan.CredentialStore).Append('/').Append(name).Append('\n'); }
            // A large tenant takes hours.
            text.Append("TimeoutStartSec=infinity\nUMask=0077\nNoNewPrivileges=true\nPrivateTmp=true\n");
            return text.ToString();
        }

        public static string Timer(TaskPlan plan)
        {
            var days = plan.Days.Count == 0 ? string.Empty : string.Join(",", plan.Days.Select(day => day.ToString().Substring(0, 3))) + " ";
            return "# " + TaskPlan.Mark + "; registering the task again replaces this file.\n"
                + "[Unit]\nDescription=" + plan.Description + "\n\n"
                + "[Timer]\nOnCalendar=" + days + "*-*-* " + plan.At.ToString("hh\\:mm\\:ss", CultureInfo.InvariantCulture)
                + "\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n";
        }

        /// <summary>A word of a command line: quotes, and the letters that mean something to systemd.</summary>
        public static string Quote(string word)
        {
            return "\"" + word.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("%", "%%").Replace("$", "$$") + "\"";
        }
    }
}
