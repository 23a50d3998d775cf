using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Exchange
{
    /// <summary>What to read from Exchange. The defaults are those of Export-MailboxDelegation.</summary>
    internal sealed class TenantReadOptions
    {
        public const int DefaultFullEvery = 7;

        /// <summary>Longer than the largest tenant takes with its breaks, and short enough that a snapshot tells of one day.</summary>
        public static readonly TimeSpan DefaultMaxAge = TimeSpan.FromDays(1);

        /// <summary>Rights to read.</summary>
        public IReadOnlyList<Right> Rights { get; set; } = new[] { Right.FullAccess };

        /// <summary>RecipientTypeDetails of the mailboxes to read.</summary>
        public IReadOnlyList<string> RecipientTypes { get; set; } = new[] { "SharedMailbox" };

        /// <summary>-Filter for Get-Mailbox; null for all.</summary>
        public string Filter { get; set; }

        /// <summary>Only these mailboxes: texts that Get-Mailbox takes as -Identity, or mailbox objects; null for all.</summary>
        public IReadOnlyList<PSObject> Identities { get; set; }

        /// <summary>Only this part of the mailboxes; null for all.</summary>
        public MailboxShard Shard { get; set; }

        /// <summary>How old the rows of a read that broke off may be that is continued; null to read everything anew.</summary>
        public TimeSpan? Resume { get; set; }

        /// <summary>A snapshot whose rows are carried over where a log names no change; null to read all mailboxes.</summary>
        public MailboxDelegationSnapshot Since { get; set; }

        /// <summary>Mailboxes that are read again whatever the log says: GUIDs, addresses or names; null for none.</summary>
        public IReadOnlyList<string> Reread { get; set; }

        /// <summary>After so many days everything is read again, whatever the log says.</summary>
        public int FullEvery { get; set; } = DefaultFullEvery;

        /// <summary>Which groups are read.</summary>
        public ExpandGroup ExpandGroup { get; set; } = ExpandGroup.Security;

        /// <summary>Groups of inherited rows are read too.</summary>
        public bool IncludeInherited { get; set; }

        /// <summary>-Prefix of the Exchange connection; null to find it.</summary>
        public string Prefix { get; set; }

        /// <summary>File that the snapshot is written to; null to keep it in memory only.</summary>
        public string Path { get; set; }

        /// <summary>All mailboxes of the types are asked for; only then can an absent one be proved gone (design 4).</summary>
        public bool Whole => AsksForAll && Shard == null;

        /// <summary>No filter and no list; it may be a part that is whole together with the others.</summary>
        public bool AsksForAll => Filter == null && Identities == null;

        public bool Reads(Right right)
        {
            return Rights.Contains(right);
        }

        public ResolveOptions ToResolveOptions()
        {
            return new ResolveOptions
            {
                Rights = Rights.Select(right => right.ToString()).ToArray(),
                ExpandGroup = ExpandGroup.ToString(),
                IncludeInherited = IncludeInherited,
            };
        }

        public Header ToHeader(ExchangeTenant tenant, bool whole)
        {
            return new Header
            {
                Version = 1,
                Created = SnapshotWriter.Time(DateTime.UtcNow),
                Tenant = tenant?.Id == null ? null : new Tenant { Id = tenant.Id, Name = tenant.Name },
                Rights = Rights.Select(right => right.ToString()).ToArray(),
                RecipientTypes = RecipientTypes.ToArray(),
                Filter = Filter,
                Whole = whole,
                Shard = Shard?.ToHeader(),
            };
        }
    }
}
