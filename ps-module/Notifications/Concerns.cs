using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace EsgMailboxSync.Notifications
{
    /// <summary>What of a result somebody should hear of. Pure: the same concerns have the same fingerprint, whatever the time and the order.</summary>
    internal sealed class Concerns
    {
        private const int MostTold = 20;

        private readonly List<Concern> _all = new List<Concern>();

        private Concerns()
        {
        }

        public bool Any => _all.Count > 0;

        public IReadOnlyList<NotificationReason> Reasons => _all.Select(concern => concern.Reason).Distinct().OrderBy(reason => reason).ToArray();

        /// <summary>SHA-256, in hexadecimal digits.</summary>
        public string Fingerprint
        {
            get
            {
                var lines = _all.Select(concern => concern.Reason + "\t" + concern.Key).Distinct().OrderBy(line => line, StringComparer.Ordinal);
                using (var hash = SHA256.Create())
                {
                    return BitConverter.ToString(hash.ComputeHash(Encoding.UTF8.GetBytes(string.Join("\n", lines)))).Replace("-", string.Empty);
                }
            }
        }

        /// <param name="result">The result.</param>
        /// <param name="on">What matters; null for everything.</param>
        public static Concerns Of(MailboxSyncResult result, IReadOnlyList<NotificationReason> on)
        {
            var concerns = new Concerns();
            if (result.Error != null)
            {
                // The text may hold what is new each time, such as the number of a process.
                var reason = result.ExitCode == 3 ? NotificationReason.Guard : NotificationReason.Failure;
                concerns.Add(reason, result.Error.FullyQualifiedErrorId, result.Message);
            }
            if (result.Run != null)
            {
                foreach (var action in result.Run.Result.Where(action => action.Status == "Failed" || action.Status == "Conflict" || action.Status == "Unsettled"))
                {
                    concerns.Add(NotificationReason.Failure, action.Status + "\t" + action.UserName, action.UserName + ": " + action.Status + ". " + action.Text);
                }
                if (result.Run.Stopped != null) { concerns.Add(NotificationReason.Failure, "Stopped", "The run stopped early: " + result.Run.Stopped); }
            }
            var guards = result.Run?.Blocked ?? result.Plan?.Guard.Where(guard => guard.Blocked) ?? Enumerable.Empty<MailboxSyncGuard>();
            foreach (var guard in guards)
            {
                concerns.Add(NotificationReason.Guard, guard.Kind + "\t" + guard.Count, $"A guard blocks {guard.Kind}: {guard.Count} of {guard.Existing}. If that number is right, run once with {guard.Expect}.");
            }
            if (result.Plan != null)
            {
                if (result.Plan.MailboxesUnknown > 0)
                {
                    concerns.Add(NotificationReason.Finding, "Unknown\t" + result.Plan.MailboxesUnknown, $"{result.Plan.MailboxesUnknown} of {result.Plan.Mailboxes} mailboxes are unknown: see Get-MailboxDelegation -Unknown.");
                }
                foreach (var finding in result.Plan.Finding.Concat(result.Run?.Finding ?? Array.Empty<MailboxSyncFinding>()))
                {
                    concerns.Add(NotificationReason.Finding, finding.Code + "\t" + finding.Mailbox + "\t" + finding.Subject, finding.Code + ": " + finding.Text);
                }
            }
            concerns._all.RemoveAll(concern => on != null && !on.Contains(concern.Reason));
            return concerns;
        }

        /// <summary>The notification of these concerns.</summary>
        public MailboxSyncNotification Tell(MailboxSyncResult result)
        {
            var what = string.Join(", ", Reasons.Select(reason => View.Count(_all.Count(concern => concern.Reason == reason), One(reason), Many(reason))));
            var text = new StringBuilder();
            text.Append(result.Message).Append("\n\nTarget: ").Append(result.Target ?? "none").Append("\nBegan: ").AppendFormat(CultureInfo.InvariantCulture, "{0:u}", result.Started);
            text.Append("\nExit code: ").Append(result.ExitCode).Append('\n');
            foreach (var reason in Reasons)
            {
                var texts = _all.Where(concern => concern.Reason == reason).Select(concern => concern.Text).Distinct().ToArray();
                text.Append('\n').Append(reason).Append('\n');
                foreach (var line in texts.Take(MostTold)) { text.Append("- ").Append(line).Append('\n'); }
                if (texts.Length > MostTold) { text.Append("- and ").Append(texts.Length - MostTold).Append(" more\n"); }
            }
            return new MailboxSyncNotification($"EsgMailboxSync {result.Target}: {what} (exit code {result.ExitCode})", text.ToString(), Reasons, result);
        }

        private static string One(NotificationReason reason)
        {
            return reason == NotificationReason.Finding ? "finding" : reason == NotificationReason.Guard ? "guard" : "failure";
        }

        private static string Many(NotificationReason reason)
        {
            return One(reason) + "s";
        }

        private void Add(NotificationReason reason, string key, string text)
        {
            _all.Add(new Concern { Reason = reason, Key = key, Text = text });
        }

        private sealed class Concern
        {
            public NotificationReason Reason { get; set; }

            /// <summary>What makes it the same concern next time.</summary>
            public string Key { get; set; }

            public string Text { get; set; }
        }
    }
}
