using System.Diagnostics;
using System.Text.RegularExpressions;

namespace ModuleTests;

/// <summary>
/// Who has nothing but a fresh clone and types what the README says, word for word, gets what the README shows: to a plan, through its application, to a report,
/// and back by an undo. Build, the first command, is what made the files that these tests run on.
/// </summary>
public sealed partial class ReadmeTests
{
    private const string Heading = "Try it by hand";
    private const string Prompt = "PS> ";

    /// <summary>What is another at each time, and nothing else; on both sides.</summary>
    private static readonly (Regex What, string Name)[] Varies =
    [
        (Port(), "127.0.0.1:PORT"),
        (Moment(), "MOMENT"),
    ];

    private static readonly string Readme = TestPaths.In("README.md");

    [Fact]
    public void The_readme_followed_word_for_word_reaches_plan_apply_report_and_undo_and_prints_what_it_shows()
    {
        var shell = Blocks("").Single().Split('\n');
        Assert.Equal("dotnet run tests/pwsh.cs build.ps1 Build", shell[0]);
        var shown = Blocks("text");
        var typed = shown.SelectMany(block => block.Split('\n')).Where(line => line.StartsWith(Prompt, StringComparison.Ordinal)).Select(line => line[Prompt.Length..]).ToArray();
        foreach (var step in (string[])["New-EsgPlan", "Invoke-MailboxSyncPlan", "Export-MailboxSyncReport", "Get-MailboxSyncRun", "Undo-MailboxSyncRun"])
        {
            Assert.Contains(typed, command => command.Contains(step, StringComparison.Ordinal));
        }

        var clone = Clone();
        var screen = Type(clone, Assert.Single(shell[1..]), typed);
        if (Environment.GetEnvironmentVariable("UPDATE_README") == "1")
        {
            Update(screen);
            shown = Blocks("text");
        }

        Assert.Equal(Alike(string.Join('\n', shown)), Alike(screen));
        Assert.StartsWith("<!doctype html>", File.ReadAllText(Path.Combine(clone, "target", "lab", "run.html")), StringComparison.Ordinal);
    }

    /// <summary>A folder as git and Build leave it, as far as the README leads into it.</summary>
    private static string Clone()
    {
        var clone = Path.Combine(AppContext.BaseDirectory, "readme");
        if (Directory.Exists(clone))
        {
            Directory.Delete(clone, true);
        }

        Copy(TestPaths.ModuleFolder, Path.Combine(clone, "out", "EsgMailboxSync", Path.GetFileName(TestPaths.ModuleFolder)));
        foreach (var folder in (string[])["exchange", "powershell", Path.Combine("tenants", "sample")])
        {
            Copy(TestPaths.In("tests", folder), Path.Combine(clone, "tests", folder));
        }

        foreach (var file in (string[])["pwsh.cs", "lab.ps1"])
        {
            File.Copy(TestPaths.In("tests", file), Path.Combine(clone, "tests", file));
        }

        var programs = Directory.CreateDirectory(Path.Combine(clone, "target", "release")).FullName;
        File.Copy(TestPaths.Simulator, Path.Combine(programs, Path.GetFileName(TestPaths.Simulator)));
        return clone;
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    /// <summary>Starts a program and types into it; gives what stood on the screen.</summary>
    private static string Type(string folder, string program, string[] lines)
    {
        var words = program.Split(' ');
        var start = new ProcessStartInfo(words[0], words[1..]) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        foreach (var line in lines)
        {
            process.StandardInput.WriteLine(line);
        }

        process.StandardInput.Close();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(3)), "the session did not end");
        Assert.Equal("", errors.GetAwaiter().GetResult());
        Assert.Equal(0, process.ExitCode);
        return output.GetAwaiter().GetResult();
    }

    /// <summary>The fenced blocks of one language below the heading.</summary>
    private static string[] Blocks(string language) =>
        [.. Fences().Matches(HelpPages.Section(File.ReadAllText(Readme), Heading)).Where(block => block.Groups[1].Value == language).Select(block => block.Groups[2].Value)];

    /// <summary>Writes what came into the blocks of the README, each command where it stands (UPDATE_README=1): for a change that is meant.</summary>
    private static void Update(string screen)
    {
        var answers = new Queue<string>(screen.Split(Environment.NewLine + Prompt).Select((answer, at) => (at == 0 ? "" : Prompt) + answer));
        var text = File.ReadAllText(Readme);
        foreach (var block in Blocks("text"))
        {
            var commands = block.Split('\n').Count(line => line.StartsWith(Prompt, StringComparison.Ordinal));
            var lines = string.Join('\n', Enumerable.Range(0, commands).Select(_ => answers.Dequeue())).Split('\n');
            text = text.Replace(block, string.Join('\n', lines.Select(line => line.TrimEnd())).TrimEnd(), StringComparison.Ordinal);
        }

        File.WriteAllText(Readme, text);
    }

    /// <summary>Lines without what varies and without empty lines; spaces count once, for columns are as wide as what is in them.</summary>
    private static string[] Alike(string text)
    {
        var same = Varies.Aggregate(text.Replace("\r\n", "\n", StringComparison.Ordinal), (now, varies) => varies.What.Replace(now, varies.Name));
        return [.. same.Split('\n').Select(line => Spaces().Replace(Rules().Replace(line, "-"), " ").Trim()).Where(line => line.Length > 0)];
    }

    [GeneratedRegex(@"^```(\w*)\n(.*?)\n```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fences();

    [GeneratedRegex(@"127\.0\.0\.1:\d+")]
    private static partial Regex Port();

    [GeneratedRegex(@"\d+[./-]\d+[./-]\d+ \d+:\d\d(:\d\d)?(\s[AP]M)?")]
    private static partial Regex Moment();

    [GeneratedRegex("-{2,}")]
    private static partial Regex Rules();

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();
}
