using System;
using System.Globalization;
using System.Management.Automation;
using System.Text;
using EsgMailboxSync.Interop;

namespace EsgMailboxSync.Exchange
{
    /// <summary>One of several parts of the mailboxes, which sessions read at the same time: each mailbox is in exactly one, whoever lists them, and stays there.</summary>
    internal sealed class MailboxShard
    {
        private const int Most = 100;

        private MailboxShard(int index, int count)
        {
            Index = index;
            Count = count;
        }

        /// <summary>Which part, from 1.</summary>
        public int Index { get; }

        /// <summary>How many parts there are.</summary>
        public int Count { get; }

        /// <param name="text">For example <c>2/3</c>.</param>
        /// <exception cref="MailboxSyncException">It names no part.</exception>
        public static MailboxShard Parse(string text)
        {
            var parts = text.Split('/');
            if (parts.Length == 2 && TryParse(parts[0], out var index) && TryParse(parts[1], out var count) && index >= 1 && index <= count && count <= Most)
            {
                return new MailboxShard(index, count);
            }
            throw new MailboxSyncException(
                "ShardInvalid", ErrorCategory.InvalidArgument, "'" + text + "' names no part of the mailboxes.", "Give which part of how many, for example 1/3, 2/3 and 3/3 in three sessions.", text);
        }

        /// <summary>The mailbox with that key, a GUID, is in this part.</summary>
        public bool Holds(string key)
        {
            return Hash(key) % (uint)Count == (uint)(Index - 1);
        }

        public Shard ToHeader()
        {
            return new Shard { Index = Index, Count = Count };
        }

        public override string ToString()
        {
            return string.Format(CultureInfo.InvariantCulture, "{0}/{1}", Index, Count);
        }

        private static bool TryParse(string text, out int number)
        {
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        }

        /// <summary>FNV-1a: spreads evenly, and is the same in every process, which string.GetHashCode is not.</summary>
        private static uint Hash(string text)
        {
            var hash = 2166136261;
            foreach (var part in Encoding.UTF8.GetBytes(text)) { hash = unchecked((hash ^ part) * 16777619); }
            return hash;
        }
    }
}
