using System.Text;

namespace ModuleTests.Tasks;

/// <summary>Splits command lines again, by the documented rules of systemd and of the C run-time of Windows: written here, apart from what quotes them.</summary>
internal static class CommandWords
{
    /// <summary>As ExecStart= is read: double quotes, backslash escapes, and %% and $$ for one letter each.</summary>
    public static string[] OfSystemd(string line)
    {
        List<string> words = [];
        StringBuilder? word = null;
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            switch (line[i])
            {
                case '"':
                    quoted = !quoted;
                    word ??= new();
                    break;
                case '\\':
                    (word ??= new()).Append(line[++i]);
                    break;
                case '%' or '$' when line[i + 1] == line[i]:
                    (word ??= new()).Append(line[i++]);
                    break;
                case '%' or '$':
                    throw new FormatException($"systemd would replace something at {i}: {line}");
                case ' ' when !quoted:
                    if (word is not null)
                    {
                        words.Add($"{word}");
                    }

                    word = null;
                    break;
                default:
                    (word ??= new()).Append(line[i]);
                    break;
            }
        }

        return word is null ? [.. words] : [.. words, $"{word}"];
    }

    /// <summary>As the C run-time of Windows splits: 2n backslashes and a quote are n and a delimiter, 2n + 1 are n and a quote.</summary>
    public static string[] OfWindows(string line)
    {
        List<string> words = [];
        StringBuilder? word = null;
        var quoted = false;
        for (var i = 0; i < line.Length;)
        {
            var slashes = line.AsSpan(i).IndexOfAnyExcept('\\') is >= 0 and var n ? n : line.Length - i;
            i += slashes;
            if (i < line.Length && line[i] == '"')
            {
                (word ??= new()).Append('\\', slashes / 2);
                if (slashes % 2 == 1)
                {
                    word.Append('"');
                }
                else
                {
                    quoted = !quoted;
                }

                i++;
                continue;
            }

            if (slashes > 0)
            {
                (word ??= new()).Append('\\', slashes);
                continue;
            }

            if (line[i] == ' ' && !quoted)
            {
                if (word is not null)
                {
                    words.Add($"{word}");
                }

                word = null;
            }
            else
            {
                (word ??= new()).Append(line[i]);
            }

            i++;
        }

        return word is null ? [.. words] : [.. words, $"{word}"];
    }
}
