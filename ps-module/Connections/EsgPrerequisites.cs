using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace EsgMailboxSync.Connections
{
    /// <summary>What working on an appliance needs, from what a connection found out when it was made, or from why there is none. Calls nothing.</summary>
    internal static class EsgPrerequisites
    {
        /// <summary>A clock that differs by more makes logs misleading, and one-time passwords and tokens fail.</summary>
        private static readonly TimeSpan MostClockOffset = TimeSpan.FromMinutes(1);

        private static readonly Part Connection = new Part("ESG connection", "Reading and changing user aliases at ESG");
        private static readonly Part Users = new Part("ESG users", "Finding the people and the functional users at ESG", "AccessDenied");
        private static readonly Part SwitchUser = new Part("ESG switch user", "An API user, which has no rights of its own", "AccessDenied");
        private static readonly Part Role = new Part("ESG functional role", "-FunctionalUser Remove; aliases do not need it");
        private static readonly Part Capabilities = new Part("ESG capabilities", "Undo of removed functional users; all else does not need it");
        private static readonly Part Certificate = new Part("ESG certificate", "A connection that nobody else can read or answer", "CertificateNotTrusted", "CertificateAuthorityNotRead", "CertificateAuthorityInvalid", "InvalidCertificateAuthority");
        private static readonly Part Proxy = new Part("Proxy", "The way to ESG", "ProxyRefused", "ProxyContradiction", "ProxyWithAccount");
        private static readonly Part Clock = new Part("Clock", "One-time passwords, the ages of snapshots and plans, and logs that can be compared");

        /// <summary>The results when there is no connection to look at: what is known to be to blame is missing, the rest was not looked at.</summary>
        public static IEnumerable<MailboxSyncPrerequisite> Check(MailboxSyncException wrong)
        {
            yield return Connection.Missing(wrong.Message, wrong.RecommendedAction);
            foreach (var part in new[] { Users, SwitchUser, Role, Capabilities, Certificate, Proxy, Clock })
            {
                yield return part.Codes.Contains(wrong.Code) ? part.Missing(wrong.Message, wrong.RecommendedAction) : part.NotChecked("There is no connection to look at.");
            }
        }

        /// <summary>The results of a connection.</summary>
        public static IEnumerable<MailboxSyncPrerequisite> Check(EsgConnection connection)
        {
            var account = connection.UserName ?? "a token";
            var who = connection.SwitchUser == null ? account : account + " as " + connection.SwitchUser;
            yield return Connection.Ok(connection + ", logged in with " + who + (connection.Simulator ? "; a simulator." : "."));
            yield return CheckUsers(connection);
            yield return SwitchUser.Ok(connection.SwitchUser == null ? "Not needed: the account acts as itself." : "It acts as " + connection.SwitchUser + ".");
            yield return CheckRole(connection);
            yield return CheckCapabilities(connection);
            yield return connection.Uri.StartsWith("https:", StringComparison.OrdinalIgnoreCase)
                ? Certificate.Ok("It is trusted.")
                : Certificate.Missing("There is none: the connection is http, and passwords and addresses travel unprotected.", "Connect with https, and without -AllowHttp.");
            yield return Proxy.Ok(connection.Proxy == null ? "None: the way is direct." : connection.Proxy + ".");
            yield return CheckClock(connection);
        }

        private static MailboxSyncPrerequisite CheckUsers(EsgConnection connection)
        {
            const string Remedy = "Connect with an account of the role Administrator or Domain Admin, or with an API user and -SwitchUser.";
            // An account that may see nobody else still sees itself.
            const long OnlyItself = 1;
            if (connection.Users == null) { return Users.NotChecked("The appliance does not tell how many users there are."); }
            var detail = "The account saw " + View.Count(connection.Users.Value, "user", "users") + " when it connected.";
            return connection.Users > OnlyItself ? Users.Ok(detail) : Users.Missing(detail, Remedy);
        }

        private static MailboxSyncPrerequisite CheckRole(EsgConnection connection)
        {
            const string Remedy = "Connect again with -FunctionalRole and the role id that functional users have at this appliance.";
            if (connection.FunctionalRole == null) { return Role.Missing("It cannot be told which role functional users have; none is removed.", Remedy); }
            var id = connection.FunctionalRole.Value.ToString(CultureInfo.InvariantCulture);
            return connection.FunctionalRoleAssumed ? Role.Ok("Role " + id + ", assumed: the appliance lists no roles.", Remedy) : Role.Ok("Role " + id + ".");
        }

        private static MailboxSyncPrerequisite CheckCapabilities(EsgConnection connection)
        {
            const string Remedy = "Nothing can be done about it here: what -FunctionalUser Remove takes away comes back by an import from Microsoft 365 only. Keep functional users, or accept that.";
            switch (connection.UsersCanBeCreated)
            {
                case true: return Capabilities.Ok("Users can be created.");
                case false: return Capabilities.Missing("Users cannot be created there.", Remedy);
                default: return Capabilities.Missing("The appliance says nothing that can be read about what it can do, so it is taken as not able to create users.", Remedy);
            }
        }

        private static MailboxSyncPrerequisite CheckClock(EsgConnection connection)
        {
            if (connection.ClockAhead == null) { return Clock.NotChecked("The answers of the appliance carry no date."); }
            var ahead = connection.ClockAhead.Value;
            var seconds = Math.Round(Math.Abs(ahead.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            var detail = "The appliance is " + seconds + " seconds " + (ahead < TimeSpan.Zero ? "behind" : "ahead") + ".";
            return ahead.Duration() <= MostClockOffset
                ? Clock.Ok(detail)
                : Clock.Missing(detail, "Compare both with a time server, and let the wrong one be set by it: w32tm /resync on Windows, timedatectl set-ntp true on Linux, the NTP settings of the appliance.");
        }

        /// <summary>A thing to check, and the errors of a connection that are about it.</summary>
        private sealed class Part
        {
            private readonly string _name, _neededFor;

            public Part(string name, string neededFor, params string[] codes)
            {
                _name = name;
                _neededFor = neededFor;
                Codes = codes;
            }

            public string[] Codes { get; }

            public MailboxSyncPrerequisite Ok(string detail, string remedy = null)
            {
                return new MailboxSyncPrerequisite(_name, PrerequisiteStatus.Ok, _neededFor, detail, remedy);
            }

            public MailboxSyncPrerequisite Missing(string detail, string remedy)
            {
                return new MailboxSyncPrerequisite(_name, PrerequisiteStatus.Missing, _neededFor, detail, remedy);
            }

            public MailboxSyncPrerequisite NotChecked(string detail)
            {
                return new MailboxSyncPrerequisite(_name, PrerequisiteStatus.NotChecked, _neededFor, detail);
            }
        }
    }
}
