using System.Collections.Generic;
using System.Globalization;

namespace EsgMailboxSync.Connections
{
    /// <summary>What working on an appliance needs, from what a connection found out when it was made. Calls nothing.</summary>
    internal static class EsgPrerequisites
    {
        private const string ConnectionName = "ESG connection";
        private const string ConnectionNeededFor = "Reading and changing user aliases at ESG";
        private const string UsersName = "ESG users";
        private const string UsersNeededFor = "Finding the people and the functional users at ESG";
        private const string RoleName = "ESG functional role";
        private const string RoleNeededFor = "-FunctionalUser Remove; aliases do not need it";
        private const string StateName = "State file";
        private const string StateNeededFor = "Removing what was added earlier, finishing and undoing runs";

        /// <summary>The results when there is no connection to look at.</summary>
        public static IEnumerable<MailboxSyncPrerequisite> Check(MailboxSyncException wrong)
        {
            const string NotThere = "There is no connection to look at.";
            yield return new MailboxSyncPrerequisite(ConnectionName, PrerequisiteStatus.Missing, ConnectionNeededFor, wrong.Message, wrong.RecommendedAction);
            yield return new MailboxSyncPrerequisite(UsersName, PrerequisiteStatus.NotChecked, UsersNeededFor, NotThere);
            yield return new MailboxSyncPrerequisite(RoleName, PrerequisiteStatus.NotChecked, RoleNeededFor, NotThere);
            yield return new MailboxSyncPrerequisite(StateName, PrerequisiteStatus.NotChecked, StateNeededFor, NotThere);
        }

        /// <summary>The results of a connection.</summary>
        public static IEnumerable<MailboxSyncPrerequisite> Check(EsgConnection connection)
        {
            var account = connection.UserName ?? "a token";
            var who = connection.SwitchUser == null ? account : account + " as " + connection.SwitchUser;
            yield return new MailboxSyncPrerequisite(ConnectionName, PrerequisiteStatus.Ok, ConnectionNeededFor, connection + ", logged in with " + who + (connection.Simulator ? "; a simulator." : "."));
            yield return Users(connection);
            yield return Role(connection);
            // Connecting opens it, or fails.
            yield return new MailboxSyncPrerequisite(StateName, PrerequisiteStatus.Ok, StateNeededFor, connection.StateFile);
        }

        private static MailboxSyncPrerequisite Users(EsgConnection connection)
        {
            const string Remedy = "Connect with an account of the role Administrator or Domain Admin, or with an API user and -SwitchUser.";
            // An account that may see nobody else still sees itself.
            const long OnlyItself = 1;
            if (connection.Users == null) { return new MailboxSyncPrerequisite(UsersName, PrerequisiteStatus.NotChecked, UsersNeededFor, "The appliance does not tell how many users there are."); }
            var detail = "The account saw " + View.Count(connection.Users.Value, "user", "users") + " when it connected.";
            return connection.Users > OnlyItself
                ? new MailboxSyncPrerequisite(UsersName, PrerequisiteStatus.Ok, UsersNeededFor, detail)
                : new MailboxSyncPrerequisite(UsersName, PrerequisiteStatus.Missing, UsersNeededFor, detail, Remedy);
        }

        private static MailboxSyncPrerequisite Role(EsgConnection connection)
        {
            const string Remedy = "Connect again with -FunctionalRole and the role id that functional users have at this appliance.";
            if (connection.FunctionalRole == null)
            {
                return new MailboxSyncPrerequisite(RoleName, PrerequisiteStatus.Missing, RoleNeededFor, "It cannot be told which role functional users have; none is removed.", Remedy);
            }
            var id = connection.FunctionalRole.Value.ToString(CultureInfo.InvariantCulture);
            return connection.FunctionalRoleAssumed
                ? new MailboxSyncPrerequisite(RoleName, PrerequisiteStatus.Ok, RoleNeededFor, "Role " + id + ", assumed: the appliance lists no roles.", Remedy)
                : new MailboxSyncPrerequisite(RoleName, PrerequisiteStatus.Ok, RoleNeededFor, "Role " + id + ".");
        }
    }
}
