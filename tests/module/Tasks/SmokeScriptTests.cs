using System.Management.Automation.Language;

namespace ModuleTests.Tasks;

/// <summary>tests/windows-smoke.ps1 cannot run here; that it can be read, and holds the lines that it is for, is told here.</summary>
public sealed class SmokeScriptTests
{
    [Theory]
    [InlineData("Start-Job")]
    [InlineData("Register-MailboxSyncTask")]
    [InlineData("Start-ScheduledTask")]
    [InlineData("Export-ScheduledTask")]
    public void It_is_PowerShell_and_has_the_line(string command)
    {
        var ast = Parser.ParseFile(TestPaths.In("tests", "windows-smoke.ps1"), out _, out var errors);
        Assert.Empty(errors.Select(error => error.Message));
        Assert.Contains(ast.FindAll(each => each is CommandAst, true).Cast<CommandAst>(), each => each.GetCommandName() == command);
    }
}
