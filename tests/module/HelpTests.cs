using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ModuleTests;

/// <summary>The help tells the truth: it covers what the module has, and every example in it runs.</summary>
public sealed class HelpTests
{
    // Real names of Exchange Online that an example may use; the stand-in has them.
    private static readonly string[] ExchangeCommands =
    [
        "Connect-ExchangeOnline", "Disconnect-ExchangeOnline", "Get-ConnectionInformation", "Get-Mailbox", "Get-MailboxPermission", "Get-RecipientPermission", "Get-Recipient",
        "Get-User", "Get-Group", "Get-DistributionGroupMember", "Get-UnifiedGroupLinks", "Get-DynamicDistributionGroupMember", "Get-RoleGroupMember", "Get-OrganizationConfig",
        "Get-EXOMailbox", "Get-EXOMailboxPermission", "Get-EXORecipient", "Get-EXORecipientPermission",
    ];

    private static HelpExample AboutFirstRun => HelpPages.Indented("about_EsgMailboxSync", "A safe first run");

    private static HelpExample ReadmeFirstRun => HelpPages.Fenced(TestPaths.In("README.md"), "A first safe run");

    private static HelpExample TaskScript => HelpPages.Fenced(TestPaths.In("README.md"), "A scheduled task");

    public static TheoryData<string> Cmdlets => new(HelpPages.Cmdlets);

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Every_example_runs(string cmdlet)
    {
        using var world = new HelpWorld();
        foreach (var example in HelpPages.Examples(world.Session, cmdlet))
        {
            RunAndCheck(world, example);
        }

        // An example that names a proxy must have used it.
        Assert.Equal(HelpPages.Text(cmdlet).Contains("-Proxy http", StringComparison.Ordinal), world.Tunnels > 0);
    }

    [Fact]
    public void The_first_run_of_the_about_page_runs_and_ends_in_line()
    {
        using var world = new HelpWorld();
        FirstRunEndsInLine(world, AboutFirstRun);
    }

    [Fact]
    public void The_first_run_of_the_readme_runs_and_ends_in_line()
    {
        using var world = new HelpWorld();
        FirstRunEndsInLine(world, ReadmeFirstRun);
    }

    [Fact]
    public void The_script_of_the_scheduled_task_runs_and_tells_what_it_did()
    {
        using var world = new HelpWorld();
        RunAndCheck(world, TaskScript);
        // One mailbox of this company is unknown, and everything else is applied.
        Assert.Equal(4, world.Session.RunWell("$r").Single.ExitCode);
        Assert.Contains("sales@corp.example", world.Simulator.Addresses("ben.ortiz@corp.example"));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Examples_use_only_commands_that_real_PowerShell_Exchange_or_the_module_has(string cmdlet)
    {
        using var session = new Session();
        Assert.Empty(HelpPages.Examples(session, cmdlet).SelectMany(Unreal));
    }

    [Fact]
    public void Scripts_of_the_about_page_and_the_readme_use_only_real_commands() =>
        Assert.Empty(new[] { AboutFirstRun, ReadmeFirstRun, TaskScript }.SelectMany(Unreal));

    [Fact]
    public void A_command_that_real_PowerShell_lacks_is_found()
    {
        var example = new HelpExample("planted", "Get-EsgUser | Select-Frist 3 | ForEach-Object { Set-ExchangeStandIn }; & $x; Write-Output 1", "");
        Assert.Equal(["Select-Frist", "Set-ExchangeStandIn", "& $x"], Unreal(example));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Get_Help_shows_synopsis_description_every_parameter_and_two_examples(string cmdlet)
    {
        using var session = new Session();
        session["helpName"] = cmdlet;
        var help = Assert.Single(session.RunWell("Get-Help $helpName -Full").Output);
        var command = (CmdletInfo)Assert.Single(session.RunWell("Get-Command $helpName").Output).BaseObject;

        Assert.Contains($"\n{HelpPages.Property(help, "Synopsis")}\n", HelpPages.Text(cmdlet), StringComparison.Ordinal);
        Assert.NotEmpty(HelpPages.Items(HelpPages.Property(help, "description")));
        Assert.True(HelpPages.Examples(session, cmdlet).Length >= 2);
        var shown = HelpPages.Items(HelpPages.Property((PSObject)help.Properties["parameters"].Value, "parameter"))
            .ToDictionary(p => (string)HelpPages.Property(p, "name")!, p => HelpPages.Items(HelpPages.Property(p, "description")).Select(text => (string?)HelpPages.Property(text, "Text")).ToArray());
        Assert.Equal(Parameters(command).Order(StringComparer.Ordinal), shown.Keys.Order(StringComparer.Ordinal));
        Assert.All(shown, parameter => Assert.True(parameter.Value.Any(text => text?.Length > 20), $"-{parameter.Key} is not described"));
        // What comes out is what the page says.
        Assert.All(command.OutputType.Where(type => type.Name != "System.Void"), type => Assert.Contains(type.Name, HelpPages.Text(cmdlet), StringComparison.Ordinal));
    }

    [Fact]
    public void Exported_documented_and_compiled_cmdlets_are_the_same()
    {
        using var session = new Session();
        var exported = Names(session.RunWell("Get-Command -Module EsgMailboxSync"));
        var compiled = ModuleAssembly(session).GetExportedTypes().Select(type => type.GetCustomAttribute<CmdletAttribute>()).OfType<CmdletAttribute>().Select(cmdlet => $"{cmdlet.VerbName}-{cmdlet.NounName}");

        Assert.Equal(HelpPages.Cmdlets, exported.Order(StringComparer.Ordinal));
        Assert.Equal(HelpPages.Cmdlets, compiled.Order(StringComparer.Ordinal));
        Assert.All(HelpPages.Cmdlets, name => Assert.Contains($"'{name}'", File.ReadAllText(TestPaths.Manifest), StringComparison.Ordinal));
    }

    [Fact]
    public void Views_name_types_and_properties_that_exist_and_cover_what_cmdlets_return()
    {
        using var session = new Session();
        var assembly = ModuleAssembly(session);
        var views = XDocument.Load(Path.Combine(TestPaths.ModuleFolder, "EsgMailboxSync.format.ps1xml")).Descendants("View").ToList();

        var seen = new HashSet<string>();
        foreach (var view in views)
        {
            var type = assembly.GetType(view.Descendants("TypeName").Single().Value, throwOnError: true)!;
            seen.Add(type.FullName!);
            Assert.All(view.Descendants("PropertyName"), name => Assert.NotNull(type.GetProperty(name.Value)));
        }

        var returned = session.RunWell("(Get-Command -Module EsgMailboxSync).OutputType.Name").Output.Select(name => name.ToString()!).Where(name => name != "System.Void").Distinct();
        // Of a type that is not ours PowerShell has a view.
        Assert.Empty(returned.Where(name => name.StartsWith("EsgMailboxSync.", StringComparison.Ordinal)).Except(seen));
    }

    [Fact]
    public void The_about_page_is_found_and_names_every_exit_code()
    {
        using var session = new Session();
        var text = session.RunWell("Get-Help about_EsgMailboxSync").Single.ToString();
        Assert.All(Enumerable.Range(0, 6), code => Assert.Contains($"\n- {code}: ", text, StringComparison.Ordinal));
        Assert.Equal(4, HelpPages.Abouts.Length);
        Assert.All(HelpPages.Abouts[1..], page => Assert.Contains($"\n- {page}: ", text, StringComparison.Ordinal));
        // And every cmdlet is named among what to see.
        Assert.All(HelpPages.Cmdlets, cmdlet => Assert.Contains($"\n- {cmdlet}\n", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("about_EsgMailboxSync", "A safe first run")]
    [InlineData("about_EsgMailboxSync", "Scheduled tasks")]
    [InlineData("about_EsgMailboxSync_Template", "The first cleaning")]
    [InlineData("about_EsgMailboxSync_HelloID", "Try it")]
    [InlineData("about_EsgMailboxSync_SailPoint", "Try it")]
    public void Every_about_page_is_found_fits_a_console_and_names_only_commands_and_parameters_that_are(string page, string heading)
    {
        using var session = new Session();
        session["helpName"] = page;
        Assert.Contains("## Short description", session.RunWell("Get-Help $helpName").Single.ToString(), StringComparison.Ordinal);
        Assert.All(HelpPages.Text(page).Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.Empty(Unreal(HelpPages.Indented(page, heading)));
        var parameters = session.RunWell("(Get-Command -Module EsgMailboxSync).Parameters.Keys; 'Full'").Output.Select(name => name.ToString()).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.All(Regex.Matches(HelpPages.Text(page), @"(?<=[\s(])-([A-Z]\w+)").Select(match => match.Groups[1].Value), name => Assert.Contains(name, parameters));
        var commands = HelpPages.Cmdlets.Concat(RealCommands()).Concat(ExchangeCommands).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.All(Regex.Matches(HelpPages.Text(page), @"\b(?:New|Invoke|Get|Export|Import|Compare|Undo|Sync|Test|Register|Connect|Disconnect)-[A-Z]\w+").Select(match => match.Value), name => Assert.Contains(name, commands));
    }

    [Theory]
    [InlineData("about_EsgMailboxSync_Template", "The first cleaning")]
    [InlineData("about_EsgMailboxSync_HelloID", "Try it")]
    [InlineData("about_EsgMailboxSync_SailPoint", "Try it")]
    public void What_an_about_page_says_to_type_runs(string page, string heading)
    {
        using var world = new HelpWorld();
        RunAndCheck(world, HelpPages.Indented(page, heading));
    }

    [Fact]
    public void Links_between_documents_lead_to_files()
    {
        var documents = Directory.GetFiles(TestPaths.Root, "*.md").Concat(Directory.GetFiles(TestPaths.In("docs"), "*.md")).Concat(Directory.GetFiles(TestPaths.In("ps-module", "help"), "*.md"));
        var links = documents.SelectMany(file => Regex.Matches(File.ReadAllText(file), @"\]\((?!https?:)([^)#]+)").Select(link => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, link.Groups[1].Value)))).ToList();
        Assert.True(links.Count > 20);
        Assert.All(links, link => Assert.True(Path.Exists(link), link));
    }

    [Fact]
    public void Limits_of_the_guards_are_those_of_the_code()
    {
        var code = File.ReadAllText(TestPaths.In("rust", "delegation", "src", "plan", "guard.rs"));
        var rows = Regex.Matches(code, @"kind: ChangeKind::(\w+),\s+count: (?:Some\((\w+)\)|None),\s+few: (?:Some\((\w+)\)|None),\s+percent: (?:Some\((\w+)\)|None)");
        Assert.Equal(6, rows.Count);
        var page = HelpPages.Text("New-EsgPlan");
        foreach (Match row in rows)
        {
            var line = Assert.Single(page.Split('\n'), text => text.StartsWith($"- {row.Groups[1].Value}: ", StringComparison.Ordinal));
            var told = Regex.Matches(line, @"(?<!fewer than )\b[\d,]+\b").Select(number => number.Value);
            // One number where few and many have the same limit.
            var limits = new[] { row.Groups[3].Value == row.Groups[2].Value ? "" : row.Groups[3].Value, row.Groups[2].Value, row.Groups[4].Value };
            Assert.Equal(limits.Where(limit => limit.Length > 0).Select(Readable), told);
        }
    }

    private static string Readable(string literal) =>
        int.Parse(literal.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture).ToString("N0", CultureInfo.InvariantCulture);

    private static ScriptResult RunAndCheck(HelpWorld world, HelpExample example)
    {
        var result = world.Run(example.Code);
        if (example.Fails is { } error)
        {
            Assert.NotEmpty(result.Errors);
            Assert.All(result.Errors, e => Assert.StartsWith(error + ",", e.FullyQualifiedErrorId, StringComparison.Ordinal));
        }
        else
        {
            Assert.True(result.Errors.Count == 0, $"{example.Title}\n{string.Join("\n", result.Errors.Select(e => $"{e.FullyQualifiedErrorId}: {e}\n{e.ScriptStackTrace}"))}");
            Assert.True(result.Output.Count > 0 || !example.Shows(), $"{example.Title}: it shows nothing");
        }

        return result;
    }

    private static void FirstRunEndsInLine(HelpWorld world, HelpExample example)
    {
        var shown = RunAndCheck(world, example);
        // The first five actions, then the rest: two runs, however few this company needs.
        Assert.Equal(2, shown.Output.Count(each => each.TypeNames.Contains("EsgMailboxSync.MailboxSyncRun")));
        Assert.Contains("sales@corp.example", world.Simulator.Addresses("ben.ortiz@corp.example"));
        var plan = world.Session.RunWell("$snapshot | New-EsgPlan").Single;
        Assert.Empty(plan.Action);
        // Nobody asked for more than aliases.
        Assert.True(world.Simulator.HasUser("Sales"));
    }

    private static IEnumerable<string> Unreal(HelpExample example) =>
        example.Commands().Except([.. HelpPages.Cmdlets, .. ExchangeCommands, .. RealCommands()], StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<string> RealCommands() =>
        File.ReadLines(TestPaths.In("tests", "powershell", "RealNames.txt")).Where(line => !line.StartsWith('#')).SelectMany(line => line.Split(' '));

    private static Assembly ModuleAssembly(Session session) => ((CmdletInfo)Assert.Single(session.RunWell("Get-Command Connect-Esg").Output).BaseObject).ImplementingType.Assembly;

    private static IEnumerable<string> Names(ScriptResult commands) => commands.Output.Select(command => ((CommandInfo)command.BaseObject).Name);

    private static IEnumerable<string> Parameters(CommandInfo command) =>
        command.Parameters.Keys.Except(Cmdlet.CommonParameters, StringComparer.OrdinalIgnoreCase);
}
