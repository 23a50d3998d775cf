using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ModuleTests;

/// <summary>docs/assurance.md lists a test for each sample and trap, and each of those tests exists.</summary>
public sealed partial class AssuranceTests
{
    private static readonly string[] Lines = File.ReadAllLines(TestPaths.In("docs", "assurance.md"));

    [Fact]
    public void Every_sample_has_the_test_of_its_number()
    {
        var rows = Table("Samples of Exchange");
        using var samples = JsonDocument.Parse(File.ReadAllText(TestPaths.In("tests", "exchange", "samples", "rows.json")));
        Assert.Equal(samples.RootElement.EnumerateObject().Select(sample => sample.Name), rows.Select(row => row[0]));
        Assert.Equal(28, rows.Length);
        Assert.All(rows, row => Assert.StartsWith($"Sample{int.Parse(row[0], System.Globalization.CultureInfo.InvariantCulture):D2}_", Assert.Single(Names(row[2])), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Samples of Exchange", 28)]
    [InlineData("Traps of shapes", 11)]
    [InlineData("Traps of errors and warnings", 14)]
    public void Every_row_names_tests_that_exist(string heading, int rows)
    {
        var tests = typeof(AssuranceTests).Assembly.GetTypes().SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance))
            .Where(method => method.GetCustomAttributes().Any(attribute => attribute is FactAttribute)).Select(method => method.Name).ToHashSet();
        var table = Table(heading);
        Assert.Equal(rows, table.Length);
        Assert.All(table, row => Assert.NotEmpty(Names(row[^1])));
        Assert.Empty(table.SelectMany(row => Names(row[^1])).Except(tests));
    }

    [Fact]
    public void Every_test_of_a_sample_or_trap_is_listed()
    {
        var listed = Names(string.Join(' ', Lines)).ToHashSet();
        var written = typeof(AssuranceTests).Assembly.GetTypes().SelectMany(type => type.GetMethods()).Select(method => method.Name).Where(name => Numbered().IsMatch(name));
        Assert.Empty(written.Except(listed));
    }

    private static string[][] Table(string heading) =>
        [.. Lines.SkipWhile(line => line != "## " + heading).Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(line => line.StartsWith('|')).Skip(2).Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries))];

    private static string[] Names(string text) => [.. Quoted().Matches(text).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("`([A-Z][A-Za-z0-9]*_\\w+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^(Sample|Trap)\d\d_")]
    private static partial Regex Numbered();
}
