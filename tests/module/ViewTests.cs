using System.Management.Automation;
using System.Reflection;
using System.Xml.Linq;

namespace ModuleTests;

/// <summary>Every object that comes out has a table and a list, and reads well as text.</summary>
public sealed class ViewTests
{
    // Parts of other objects that have no more than three properties.
    private static readonly string[] Small = ["EsgAddress", "IncompletePart", "MailboxDelegationCause"];

    [Fact]
    public void Every_object_has_a_table_of_four_to_six_columns_and_a_list()
    {
        var views = XDocument.Load(Path.Combine(TestPaths.ModuleFolder, "EsgMailboxSync.format.ps1xml")).Descendants("View").ToLookup(view => view.Descendants("TypeName").Single().Value.Split('.')[1]);
        Assert.True(views.Count > 20);
        foreach (var type in views)
        {
            var table = Assert.Single(type, view => view.Element("TableControl") is not null);
            Assert.Single(type, view => view.Element("ListControl") is not null);
            var headers = table.Descendants("TableColumnHeader").Count();
            Assert.True(Small.Contains(type.Key) ? headers == 3 : headers is >= 4 and <= 6, $"{type.Key} has {headers} columns");
            Assert.Equal(headers, table.Descendants("TableColumnItem").Count());
        }
    }

    [Fact]
    public void Every_object_says_what_it_is_in_its_own_words()
    {
        using var session = new Session();
        var assembly = ((CmdletInfo)session.RunWell("Get-Command Connect-Esg").Output[0].BaseObject).ImplementingType.Assembly;
        var views = XDocument.Load(Path.Combine(TestPaths.ModuleFolder, "EsgMailboxSync.format.ps1xml")).Descendants("TypeName").Select(name => assembly.GetType(name.Value, throwOnError: true)!).Distinct();
        Assert.All(views, type => Assert.NotNull(type.GetMethod("ToString", BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly, Type.EmptyTypes)));
    }

    [Fact]
    public void What_is_missing_is_red_on_a_terminal_and_plain_text_in_a_file()
    {
        using var world = new World("help", connect: false);
        var script = Path.Combine(world.Folder, "look.ps1");
        File.WriteAllText(script, $"Import-Module '{TestPaths.Manifest}'; Test-MailboxSyncPrerequisite -Right FullAccess");
        using var child = new HostProcess($"Test-MailboxSyncPrerequisite -Right FullAccess", world.Folder);
        Assert.Equal(0, child.WaitForExit());
        Assert.Contains("Missing", child.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", child.Output, StringComparison.Ordinal);

        Assert.SkipUnless(File.Exists("/usr/bin/script"), "script, which gives a terminal, is not installed");
        var start = new System.Diagnostics.ProcessStartInfo("script", ["-qec", $"'{HostProcess.Program}' -NonInteractive -File '{script}'", "/dev/null"]) { RedirectStandardOutput = true };
        using var terminal = System.Diagnostics.Process.Start(start)!;
        var shown = terminal.StandardOutput.ReadToEnd();
        terminal.WaitForExit();
        Assert.Contains("\u001b[31mMissing\u001b[0m", shown, StringComparison.Ordinal);
    }
}
