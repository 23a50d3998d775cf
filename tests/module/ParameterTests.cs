using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;

namespace ModuleTests;

/// <summary>Exported = implemented = documented = tested: names of cmdlets are compared in HelpTests; here each parameter, its help, and its use in a test.</summary>
public sealed class ParameterTests
{
    /// <summary>What tests call a cmdlet by, besides its name.</summary>
    private static readonly Dictionary<string, string> Helpers = new()
    {
        ["Connect-Esg"] = @"Connect\(",
        ["Export-MailboxDelegation"] = @"Read\(|ReadAndPlan\(",
        ["Invoke-MailboxSyncPlan"] = @"Apply\(",
        ["New-EsgPlan"] = @"Plan\(",
        ["Register-MailboxSyncTask"] = @"Register\(|Command\(",
        ["Sync-EsgSharedMailbox"] = @"Sync\(|InlineData\(",
    };

    public static TheoryData<string> Cmdlets => new(HelpPages.Cmdlets);

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Every_parameter_is_used_in_a_test_or_in_an_example_that_is_run(string cmdlet)
    {
        using var session = new Session();
        var sources = string.Join("\n", Directory.GetFiles(TestPaths.In("tests", "module"), "*.cs", SearchOption.AllDirectories).Where(file => !file.EndsWith("ParameterTests.cs", StringComparison.Ordinal)).Select(File.ReadAllText)
            .Concat(HelpPages.Cmdlets.SelectMany(page => HelpPages.Examples(session, page)).Select(example => example.Code)));
        var called = Helpers.TryGetValue(cmdlet, out var helper) ? $"{cmdlet}|{helper}" : cmdlet;
        var others = string.Join("|", HelpPages.Cmdlets.Where(other => other != cmdlet));
        Assert.All(Own(session, cmdlet), parameter =>
            Assert.Matches(new Regex($@"(?:{called})(?:(?!{others})[^|;]){{0,400}}?-{parameter.Name}\b", RegexOptions.Singleline | RegexOptions.IgnoreCase, TimeSpan.FromSeconds(20)), sources));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Help_tells_pipeline_input_accepted_values_and_the_default_that_the_code_has(string cmdlet)
    {
        using var session = new Session();
        session["helpName"] = cmdlet;
        var help = Assert.Single(session.RunWell("Get-Help $helpName -Full").Output);
        var shown = HelpPages.Items(HelpPages.Property((PSObject)help.Properties["parameters"].Value, "parameter")).ToDictionary(p => (string)HelpPages.Property(p, "name")!);
        var type = ((CmdletInfo)session.RunWell("Get-Command $helpName").Output[0].BaseObject).ImplementingType;
        var instance = Activator.CreateInstance(type)!;
        using var disposed = instance as IDisposable;
        foreach (var parameter in Own(session, cmdlet))
        {
            var told = shown[parameter.Name];
            var pipeline = parameter.ParameterSets.Values.Any(set => set.ValueFromPipeline || set.ValueFromPipelineByPropertyName);
            Assert.True(pipeline == $"{HelpPages.Property(told, "pipelineInput")}".StartsWith("true", StringComparison.OrdinalIgnoreCase), $"-{parameter.Name}: pipeline input");

            var element = parameter.ParameterType.GetElementType() ?? Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
            if (element.IsEnum)
            {
                var values = HelpPages.Items(HelpPages.Property(HelpPages.Items(told.Properties["parameterValueGroup"].Value).Single(), "parameterValue")).Select(value => value.ToString());
                Assert.Equal(Enum.GetNames(element), values);
            }

            // A default of the code stands in the help, whatever its words are.
            var value = type.GetProperty(parameter.Name)!.GetValue(instance);
            if (value is Enum or int and not 0)
            {
                Assert.Contains(element == typeof(DayOfWeek) || parameter.Name == "Scheduler" ? "that of this machine" : $"{value}", $"{HelpPages.Property(told, "defaultValue")}", StringComparison.Ordinal);
            }
        }
    }

    private static IEnumerable<ParameterMetadata> Own(Session session, string cmdlet)
    {
        session["helpName"] = cmdlet;
        var command = (CmdletInfo)session.RunWell("Get-Command $helpName").Output[0].BaseObject;
        return command.Parameters.Values.Where(parameter => !Cmdlet.CommonParameters.Contains(parameter.Name) && !Cmdlet.OptionalCommonParameters.Contains(parameter.Name));
    }
}
