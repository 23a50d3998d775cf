using System.Collections.Generic;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync
{
    /// <summary>A user of the appliance.</summary>
    public sealed class EsgUser
    {
        internal EsgUser(UserRecord record, string target)
        {
            Id = record.Id;
            UserName = record.Username;
            Role = record.Role;
            Functional = record.Functional;
            Address = View.List(record.Addresses, address => new EsgAddress(address));
            foreach (var address in Address)
            {
                if (address.Primary) { PrimaryAddress = PrimaryAddress ?? address.Address; }
            }
            Target = target;
        }

        /// <summary>Id at the appliance.</summary>
        public long Id { get; }

        /// <summary>Username.</summary>
        public string UserName { get; }

        /// <summary>Role id; null when the appliance does not show it.</summary>
        public long? Role { get; }

        /// <summary>Has the functional role: stands for a shared mailbox, not for a person.</summary>
        public bool Functional { get; }

        /// <summary>The primary address; null when there is none.</summary>
        public string PrimaryAddress { get; }

        /// <summary>All addresses, in their order.</summary>
        public IReadOnlyList<EsgAddress> Address { get; }

        /// <summary>Connection that it was read from.</summary>
        public string Target { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return View.Named(UserName, PrimaryAddress);
        }
    }

    /// <summary>An address of a user.</summary>
    public sealed class EsgAddress
    {
        internal EsgAddress(AddressRecord record)
        {
            Address = record.Address;
            Active = record.Active;
            Primary = record.Primary;
        }

        /// <summary>The address.</summary>
        public string Address { get; }

        /// <summary>Mail to it is shown to the user.</summary>
        public bool Active { get; }

        /// <summary>It is the primary one.</summary>
        public bool Primary { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return Address;
        }
    }
}
