using System;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync
{
    /// <summary>A connection to an appliance. Holds no secret: the token stays in the engine.</summary>
    public sealed class EsgConnection
    {
        internal EsgConnection(ConnectReply reply, ConnectionHandle handle, string proxy)
        {
            Handle = handle;
            Proxy = proxy;
            UsersCanBeCreated = reply.UsersCanBeCreated;
            ClockAhead = reply.ClockAheadSeconds == null ? (TimeSpan?)null : TimeSpan.FromSeconds(reply.ClockAheadSeconds.Value);
            Name = reply.Name;
            Uri = reply.Uri;
            HostName = reply.Host;
            UserName = reply.Username;
            SwitchUser = reply.SwitchUser;
            Users = reply.Users;
            FunctionalRole = reply.FunctionalRole;
            FunctionalRoleAssumed = reply.FunctionalRoleAssumed;
            Simulator = reply.Simulator;
            StateFile = reply.StateFile;
        }

        /// <summary>Name that <c>-Target</c> selects it by.</summary>
        public string Name { get; }

        /// <summary>The appliance.</summary>
        public string Uri { get; }

        /// <summary>Host and port as plans and state name it.</summary>
        public string HostName { get; }

        /// <summary>Account that logged in; null with a token.</summary>
        public string UserName { get; }

        /// <summary>User that the account acts as; null when itself.</summary>
        public string SwitchUser { get; }

        /// <summary>Users that the account sees; null when the appliance does not tell.</summary>
        public long? Users { get; }

        /// <summary>Role id of functional users; null when it cannot be settled, and then none is removed.</summary>
        public long? FunctionalRole { get; }

        /// <summary>The role id was assumed, as the appliance lists no roles.</summary>
        public bool FunctionalRoleAssumed { get; }

        /// <summary>Users can be created there, so that an undo can bring functional users back; null when the appliance does not tell.</summary>
        public bool? UsersCanBeCreated { get; }

        /// <summary>By how much the clock of the appliance is ahead of this computer's, to the second; null when it does not tell.</summary>
        public TimeSpan? ClockAhead { get; }

        /// <summary>Proxy on the way; null when the way is direct.</summary>
        public string Proxy { get; }

        /// <summary>It is the simulator of this product.</summary>
        public bool Simulator { get; }

        /// <summary>File that keeps what is managed at this target.</summary>
        public string StateFile { get; }

        internal ConnectionHandle Handle { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return Name + " (" + Uri + ")";
        }
    }
}
