using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Xml;
using System.Xml.Linq;

namespace EsgMailboxSync.Tasks
{
    /// <summary>A task of the Windows task scheduler as XML (Task Scheduler Schema, version 1.2).</summary>
    internal static class WindowsTask
    {
        private const string Principal = "Author";
        private static readonly XNamespace Schema = "http://schemas.microsoft.com/windows/2004/02/mit/task";
        private static readonly string[] Services = { "SYSTEM", "LOCAL SERVICE", "NETWORK SERVICE", "LOCALSERVICE", "NETWORKSERVICE" };

        public static string Write(TaskPlan plan)
        {
            var task = new XElement(
                Schema + "Task",
                new XAttribute("version", "1.2"),
                new XElement(
                    Schema + "RegistrationInfo",
                    new XElement(Schema + "Author", TaskPlan.Mark),
                    new XElement(Schema + "Description", plan.Description),
                    new XElement(Schema + "URI", "\\" + plan.Name)),
                new XElement(Schema + "Triggers", Trigger(plan)),
                new XElement(
                    Schema + "Principals",
                    new XElement(
                        Schema + "Principal",
                        new XAttribute("id", Principal),
                        new XElement(Schema + "UserId", plan.Account),
                        LogonType(plan) == null ? null : new XElement(Schema + "LogonType", LogonType(plan)),
                        new XElement(Schema + "RunLevel", "LeastPrivilege"))),
                new XElement(
                    Schema + "Settings",
                    new XElement(Schema + "MultipleInstancesPolicy", "IgnoreNew"),
                    new XElement(Schema + "DisallowStartIfOnBatteries", "false"),
                    new XElement(Schema + "StopIfGoingOnBatteries", "false"),
                    new XElement(Schema + "StartWhenAvailable", "true"),
                    new XElement(Schema + "RunOnlyIfNetworkAvailable", "true"),
                    // A large tenant takes hours: no limit.
                    new XElement(Schema + "ExecutionTimeLimit", "PT0S")),
                new XElement(
                    Schema + "Actions",
                    new XAttribute("Context", Principal),
                    new XElement(
                        Schema + "Exec",
                        new XElement(Schema + "Command", plan.Interpreter),
                        new XElement(Schema + "Arguments", CommandLine.Join(plan.Arguments)),
                        new XElement(Schema + "WorkingDirectory", plan.Folder))));
            // The scheduler reads UTF-16.
            using (var text = new StringWriter(CultureInfo.InvariantCulture))
            {
                using (var writer = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\r\n" })) { new XDocument(task).Save(writer); }
                return text + "\r\n";
            }
        }

        /// <summary>
        /// Password: the scheduler keeps the password, or the account is a group managed service account, which needs none. S4U: no password, and so neither
        /// network logons of the account nor DPAPI. Null: an account of the system.
        /// </summary>
        public static string LogonType(TaskPlan plan)
        {
            var name = plan.Account.Substring(plan.Account.IndexOf('\\') + 1);
            if (Services.Contains(name, StringComparer.OrdinalIgnoreCase)) { return null; }
            return plan.HasPassword || name.EndsWith("$", StringComparison.Ordinal) ? "Password" : "S4U";
        }

        private static XElement Trigger(TaskPlan plan)
        {
            // A day that has passed: the first time is the next one that fits.
            var start = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Unspecified) + plan.At;
            var schedule = plan.Days.Count == 0
                ? new XElement(Schema + "ScheduleByDay", new XElement(Schema + "DaysInterval", 1))
                : new XElement(Schema + "ScheduleByWeek", new XElement(Schema + "DaysOfWeek", plan.Days.Select(day => new XElement(Schema + day.ToString()))), new XElement(Schema + "WeeksInterval", 1));
            return new XElement(Schema + "CalendarTrigger", new XElement(Schema + "StartBoundary", start.ToString("s", CultureInfo.InvariantCulture)), schedule);
        }
    }
}
