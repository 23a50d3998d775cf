using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace EsgMailboxSync.Tasks
{
    /// <summary>Arguments in one text, quoted as .NET and the C run-time split it again (ProcessStartInfo.ArgumentList is missing in .NET Framework).</summary>
    internal static class CommandLine
    {
        private static readonly char[] Special = { ' ', '\t', '\n', '"' };

        public static string Join(IEnumerable<string> arguments)
        {
            return string.Join(" ", arguments.Select(Quote));
        }

        private static string Quote(string argument)
        {
            if (argument.Length > 0 && argument.IndexOfAny(Special) < 0) { return argument; }
            var text = new StringBuilder("\"");
            var backslashes = 0;
            foreach (var letter in argument)
            {
                // Backslashes are doubled before a quote only.
                if (letter == '"') { text.Append('\\', backslashes + 1); }
                backslashes = letter == '\\' ? backslashes + 1 : 0;
                text.Append(letter);
            }
            return text.Append('\\', backslashes).Append('"').ToString();
        }
    }
}
