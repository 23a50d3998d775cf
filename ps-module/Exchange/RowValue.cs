using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;

namespace EsgMailboxSync.Exchange
{
    /// <summary>
    /// Reads one property of a row in whatever shape it arrives (exo 1.7): live objects, property bags of remoting and CLIXML,
    /// JSON and CSV read back. Null means "not told", which is never <c>false</c> and never an empty list.
    /// </summary>
    internal static class RowValue
    {
        private static readonly IReadOnlyList<string> Nothing = Array.Empty<string>();

        /// <summary>The raw value of a property; null where the row has none. A hashtable is a row too.</summary>
        public static object Get(PSObject row, string name)
        {
            if (row.BaseObject is IDictionary members)
            {
                return members.Contains(name) ? members[name] : null;
            }
            return row.Properties[name]?.Value;
        }

        /// <summary>Text without blanks around it; null for none, for blanks, and where only the name of a .NET type is left.</summary>
        public static string Text(PSObject row, string name)
        {
            return TextOf(Get(row, name));
        }

        /// <summary>A GUID in lower case with dashes, from a Guid or from text; null for none, for the empty one, and for other text.</summary>
        public static string Id(PSObject row, string name)
        {
            return IdOf(Get(row, name));
        }

        /// <summary>A security identifier; null for anything else.</summary>
        public static string Sid(PSObject row, string name)
        {
            return SidOf(Get(row, name));
        }

        /// <summary>True or false from a bool, its English text, or a switch; null for anything else (exo 1.7).</summary>
        public static bool? Flag(PSObject row, string name)
        {
            return FlagOf(Get(row, name));
        }

        /// <summary>A list from a list, a single value, or the <c>{value, Count}</c> that Windows PowerShell's JSON makes of one.</summary>
        public static IReadOnlyList<string> List(PSObject row, string name)
        {
            return ListOf(Get(row, name));
        }

        /// <summary>The objects of a list, or the one that stands for it.</summary>
        public static IEnumerable<PSObject> Rows(PSObject row, string name)
        {
            var value = Get(row, name);
            foreach (var element in Elements(value) ?? new[] { value })
            {
                if (element != null) { yield return PSObject.AsPSObject(element); }
            }
        }

        internal static string TextOf(object value)
        {
            switch (value)
            {
                case null:
                    return null;
                case string text:
                    return Clean(text);
                case Guid guid:
                    return guid == Guid.Empty ? null : guid.ToString("D");
                case PSObject wrapped when wrapped.BaseObject is string || wrapped.BaseObject is Guid:
                    return TextOf(wrapped.BaseObject);
            }
            if (Elements(value) is IEnumerable elements)
            {
                return Single(elements);
            }
            // ToString of the wrapper, not of what is inside: an enum that went through CLIXML is a number with its name beside it.
            return Clean(value is PSObject bag ? bag.ToString() : Convert.ToString(value, CultureInfo.InvariantCulture));
        }

        internal static string IdOf(object value)
        {
            return Guid.TryParse(TextOf(value), out var guid) && guid != Guid.Empty ? guid.ToString("D") : null;
        }

        internal static string SidOf(object value)
        {
            // A SecurityIdentifier that was read back is a property bag with the text in Value.
            var text = TextOf(value is PSObject bag && bag.BaseObject is PSCustomObject ? Get(bag, "Value") ?? bag : value);
            return IsSid(text) ? text : null;
        }

        internal static bool IsSid(string text)
        {
            return text != null && text.StartsWith("S-1-", StringComparison.OrdinalIgnoreCase);
        }

        internal static bool? FlagOf(object value)
        {
            switch (value)
            {
                case null:
                    return null;
                case bool flag:
                    return flag;
                case SwitchParameter present:
                    return present.IsPresent;
                case PSObject bag when bag.BaseObject is bool || bag.BaseObject is SwitchParameter:
                    return FlagOf(bag.BaseObject);
                case PSObject bag when bag.Properties["IsPresent"] != null:
                    return FlagOf(bag.Properties["IsPresent"].Value);
            }
            var text = TextOf(value);
            if (string.Equals(text, "True", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
            return string.Equals(text, "False", StringComparison.OrdinalIgnoreCase) ? false : (bool?)null;
        }

        internal static IReadOnlyList<string> ListOf(object value)
        {
            if (value == null)
            {
                return null;
            }
            if (!(Elements(value) is IEnumerable elements))
            {
                var single = TextOf(value);
                return single == null ? null : new[] { single };
            }
            List<string> texts = null;
            foreach (var element in elements)
            {
                var text = TextOf(element);
                if (text != null)
                {
                    (texts ?? (texts = new List<string>())).Add(text);
                }
            }
            return texts ?? Nothing;
        }

        /// <summary>What a value holds when it is a list or wraps one, else null.</summary>
        private static IEnumerable Elements(object value)
        {
            var inner = value is PSObject wrapped ? wrapped.BaseObject : value;
            if (inner is string || inner is IDictionary)
            {
                return null;
            }
            if (inner is IEnumerable elements)
            {
                return elements;
            }
            if (inner is PSCustomObject && value is PSObject bag && bag.Properties["value"] != null && bag.Properties["Count"] != null)
            {
                var content = bag.Properties["value"].Value;
                return content == null ? Nothing : Elements(content) ?? new[] { content };
            }
            return null;
        }

        private static string Single(IEnumerable elements)
        {
            object only = null;
            var count = 0;
            foreach (var element in elements)
            {
                only = element;
                count++;
            }
            return count == 1 ? TextOf(only) : null;
        }

        private static string Clean(string text)
        {
            var trimmed = text.Trim();
            return trimmed.Length == 0 || IsTypeName(trimmed) ? null : trimmed;
        }

        /// <summary>Export-Csv writes the type of a list in place of its elements, and text of a JSON object is no name.</summary>
        private static bool IsTypeName(string text)
        {
            return text.StartsWith("System.Collections.", StringComparison.Ordinal)
                || text.StartsWith("Microsoft.Exchange.", StringComparison.Ordinal)
                || text.StartsWith("@{", StringComparison.Ordinal)
                || text == "System.String[]" || text == "System.Object[]";
        }
    }
}
