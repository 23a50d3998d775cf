using System.Management.Automation;

namespace ModuleTests.BadInput;

/// <summary>What a refusal must be: one error that a person understands and a script can compare, and a world that is as it was.</summary>
internal static class Refusal
{
    // Locks and the memory of SQLite between processes say who looked, not what is known.
    private static readonly string[] NoContent = [".lock", ".holder", "-shm", "-wal"];

    /// <summary>Runs a script that must be refused, and checks that nothing else happened.</summary>
    /// <param name="world">Where it runs.</param>
    /// <param name="script">What is refused.</param>
    /// <param name="id">Stable name of the error.</param>
    /// <param name="category">Category of the error.</param>
    /// <param name="names">What the message must name.</param>
    /// <param name="advice">What the recommended action must say.</param>
    public static ErrorRecord Of(World world, string script, string id, ErrorCategory category, string names, string advice)
    {
        world.Simulator.ResetCounts();
        var (files, users) = (Files(world.Folder), world.Simulator.Users);
        var result = world.Session.Run(script);

        var error = One(result, id, category, names, advice);
        Assert.Equal(0, world.Simulator.Writes);
        Assert.Equal(users, world.Simulator.Users);
        Assert.Equal(files, Files(world.Folder));
        return error;
    }

    /// <summary>The one error of a script, checked.</summary>
    public static ErrorRecord One(ScriptResult result, string id, ErrorCategory category, string names, string advice)
    {
        Assert.Empty(result.Output);
        var error = result.Error;
        Assert.True(error.FullyQualifiedErrorId.StartsWith(id + ",", StringComparison.Ordinal), $"{error.FullyQualifiedErrorId}: {error} {error.ErrorDetails?.RecommendedAction}");
        Assert.Equal(category, error.CategoryInfo.Category);
        var text = error.ToString()!;
        Assert.Contains(names, text, StringComparison.Ordinal);
        Assert.Contains(advice, error.ErrorDetails!.RecommendedAction, StringComparison.Ordinal);
        // One sentence or two for a person: no dump, no type names of a program.
        Assert.DoesNotContain('\n', text);
        Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 15, 600);
        return error;
    }

    /// <summary>Every file below a folder with its content.</summary>
    private static SortedDictionary<string, string> Files(string folder) => new(
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => !NoContent.Any(ending => file.EndsWith(ending, StringComparison.Ordinal)))
            .ToDictionary(file => file, file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))));
}
