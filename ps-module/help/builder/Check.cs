using System.Management.Automation;

namespace HelpBuilder;

/// <summary>A page and its cmdlet must tell the same.</summary>
internal static class Check
{
    public static IEnumerable<string> Command(CommandInfo command, Page? page)
    {
        if (page is null)
        {
            yield return $"{command.Name} has no page";
            yield break;
        }

        var own = command.Own().Select(p => p.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var missing in own.Where(name => !page.Parameters.TryGetValue(name, out var text) || text.Count == 0))
        {
            yield return $"{command.Name}.md does not describe -{missing}";
        }

        foreach (var surplus in page.Parameters.Keys.Where(name => !own.Contains(name)))
        {
            yield return $"{command.Name}.md describes -{surplus}, which the cmdlet does not have";
        }

        if (page.Synopsis.Count != 1 || page.Description.Count == 0)
        {
            yield return $"{command.Name}.md needs one paragraph as synopsis, and a description";
        }

        if (page.Examples.Count < 2 || page.Examples.Any(e => e.Code.Length == 0))
        {
            yield return $"{command.Name}.md needs two examples with code";
        }
    }
}
