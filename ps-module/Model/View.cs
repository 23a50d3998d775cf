using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Linq;

namespace EsgMailboxSync
{
    /// <summary>Helps public objects to be immutable views over what the engine tells.</summary>
    internal static class View
    {
        internal static IReadOnlyList<string> List(string[] values)
        {
            return new ReadOnlyCollection<string>(values ?? Array.Empty<string>());
        }

        internal static IReadOnlyList<TView> List<TRecord, TView>(TRecord[] records, Func<TRecord, TView> view)
        {
            return new ReadOnlyCollection<TView>((records ?? Array.Empty<TRecord>()).Select(view).ToArray());
        }

        /// <summary>A time of the engine (RFC 3339, UTC) as UTC.</summary>
        internal static DateTime Time(string text)
        {
            return DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);
        }

        /// <summary>A member of a public enum; engine and module are of one ABI, so it is one.</summary>
        internal static T Member<T>(string name)
            where T : struct
        {
            return (T)Enum.Parse(typeof(T), name);
        }

        /// <summary><c>1 alias</c>, <c>2 aliases</c>.</summary>
        internal static string Count(long count, string one, string many)
        {
            return count.ToString(CultureInfo.InvariantCulture) + " " + (count == 1 ? one : many);
        }

        /// <summary><c>Sales &lt;sales@contoso.example&gt;</c>, or what there is of it.</summary>
        internal static string Named(string name, string address)
        {
            if (string.IsNullOrEmpty(address) || address == name) { return name; }
            return string.IsNullOrEmpty(name) ? address : name + " <" + address + ">";
        }
    }
}
