using System.Collections;
using System.Management.Automation;
using System.Reflection;
using System.Security;
using System.Text;

namespace ModuleTests.Secrets;

/// <summary>Secrets that a test gives to the module, and the search for them in everything that could hold one.</summary>
internal sealed class Planted
{
    private const int Depth = 8;
    private static readonly string[] ProcessFiles = ["cmdline", "environ"];
    private readonly List<string> _secrets = [];

    /// <summary>Everything that is searched for, in each form that it could travel in.</summary>
    public IReadOnlyList<string> Secrets => _secrets;

    /// <summary>A new secret as the cmdlets take it; each is another text.</summary>
    /// <param name="what">A part of it, so that a find tells which one it was.</param>
    /// <param name="account">The account that it goes with, for the form that Basic authentication has.</param>
    public SecureString New(string what, string? account = null)
    {
        var text = $"planted-{what}-{Guid.NewGuid():n}";
        Add(text, account);
        var secret = new SecureString();
        foreach (var letter in text)
        {
            secret.AppendChar(letter);
        }

        return secret;
    }

    /// <summary>One more to search for, for example a token that the appliance made.</summary>
    public void Add(string text, string? account = null)
    {
        _secrets.Add(text);
        // Without the padding and the last letters, which depend on what follows.
        _secrets.Add(Convert.ToBase64String(Encoding.UTF8.GetBytes(account is null ? text : $"{account}:{text}")).TrimEnd('=')[..^2]);
    }

    /// <summary>The plain text of a secret that was planted.</summary>
    public static string Plain(SecureString secret) => new System.Net.NetworkCredential("", secret).Password;

    /// <summary>The secrets that a text holds.</summary>
    public string[] In(string text) => [.. _secrets.Where(secret => text.Contains(secret, StringComparison.OrdinalIgnoreCase))];

    /// <summary>The secrets in what a script gave: all streams, and all that hangs on its objects and error records.</summary>
    public string[] In(ScriptResult result) => In(string.Join('\n', [result.Everything, .. result.Output.SelectMany(Texts), .. result.Errors.SelectMany(Texts)]));

    /// <summary>The secrets in the files below a folder, as UTF-8 or UTF-16, with the files' names.</summary>
    public string[] InFiles(string folder) =>
    [
        .. from file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
           let bytes = Read(file)
           from secret in _secrets
           where bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) >= 0 || bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(secret)) >= 0 || file.Contains(secret, StringComparison.Ordinal)
           select $"{file}: {secret}",
    ];

    /// <summary>The secrets in the command lines of all processes, and in the environments of those whose environment may be read.</summary>
    public string[] InProcesses() =>
    [
        .. from process in Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _))
           from file in ProcessFiles
           from secret in In(Encoding.UTF8.GetString(Read(Path.Combine(process, file))))
           select $"{process}: {secret}",
    ];

    /// <summary>Every text that hangs on an object: its public properties, and the fields of our own objects, some steps deep.</summary>
    public static IEnumerable<string> Texts(object? value)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        return Walk(value, Depth);

        IEnumerable<string> Walk(object? item, int depth)
        {
            if (item is PSObject { BaseObject: not PSCustomObject } wrapped)
            {
                item = wrapped.BaseObject;
            }

            switch (item)
            {
                case null or Type or Assembly or Delegate or Pointer: return [];
                case string text: return [text];
                case SecureString: return [];
            }

            if (depth == 0 || item.GetType().IsPrimitive || (!item.GetType().IsValueType && !seen.Add(item)))
            {
                return [$"{item}"];
            }

            var inside = item is IDictionary pairs ? pairs.Keys.Cast<object?>().Concat(pairs.Values.Cast<object?>())
                : item is IEnumerable items ? items.Cast<object?>().Take(1000)
                : Members(item);
            return [.. inside.SelectMany(each => Walk(each, depth - 1)), $"{item}"];
        }
    }

    private static IEnumerable<object?> Members(object item)
    {
        foreach (var property in item.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(each => each.GetIndexParameters().Length == 0))
        {
            object? value;
            try
            {
                value = property.GetValue(item);
            }
            catch (Exception e) when (e is TargetInvocationException or NotSupportedException)
            {
                continue;
            }

            yield return value;
        }

        if (item.GetType().Namespace?.StartsWith("EsgMailboxSync", StringComparison.Ordinal) == true)
        {
            foreach (var field in item.GetType().GetFields(BindingFlags.NonPublic | BindingFlags.Instance))
            {
                yield return field.GetValue(item);
            }
        }
    }

    private static byte[] Read(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return copy.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A process that has ended, or that of somebody else.
            return [];
        }
    }
}
