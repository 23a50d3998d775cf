using System.Management.Automation.Language;

namespace ModuleTests.Tasks;

/// <summary>tests/windows-smoke.ps1 cannot run here; that it can be read, and holds the lines that it is for, is told here.</summary>
public sealed class SmokeScriptTests
{
    /// <summary>Windows PowerShell 5.1 reads it too: none of the syntax that came later, nor a byte that it would take for one of the machine's code page.</summary>
    [Fact]
    public void It_holds_nothing_that_Windows_PowerShell_cannot_read()
    {
        var path = TestPaths.In("tests", "windows-smoke.ps1");
        Assert.Empty(Newer(Parser.ParseFile(path, out var tokens, out _), tokens));
        Assert.All(File.ReadAllBytes(path), each => Assert.True(each < 0x80));
    }

    [Theory]
    [InlineData("$a ? 1 : 2")]
    [InlineData("$a ?? 1")]
    [InlineData("$a ??= 1")]
    [InlineData("${a}?.Name")]
    [InlineData("${a}?[0]")]
    [InlineData("Get-Item x && Get-Item y")]
    [InlineData("Get-Item x || Get-Item y")]
    [InlineData("Get-Item x &")]
    [InlineData("1..3 | ForEach-Object -Parallel { $_ }")]
    [InlineData("$IsWindows")]
    public void Syntax_that_came_later_is_found(string script) => Assert.NotEmpty(Newer(Parser.ParseInput(script, out var tokens, out _), tokens));

    private static IEnumerable<string> Newer(Ast ast, Token[] tokens)
    {
        string[] parameters = ["Parallel", "AsHashtable", "AsArray", "EnumsAsStrings", "AsByteStream", "NoProxy", "SkipCertificateCheck"], variables = ["IsWindows", "IsLinux", "IsMacOS", "IsCoreCLR", "PSStyle"];
        TokenKind[] kinds = [TokenKind.QuestionMark, TokenKind.QuestionQuestion, TokenKind.QuestionQuestionEquals, TokenKind.QuestionDot, TokenKind.QuestionLBracket, TokenKind.AndAnd, TokenKind.OrOr, TokenKind.Ampersand];
        return tokens.Where((token, at) => kinds.Contains(token.Kind) && !(token.Kind == TokenKind.Ampersand && IsCall(tokens, at))).Select(token => token.Text)
            .Concat(ast.FindAll(each => each is CommandParameterAst parameter && parameters.Contains(parameter.ParameterName), true).Select(each => each.Extent.Text))
            .Concat(ast.FindAll(each => each is VariableExpressionAst variable && variables.Contains(variable.VariablePath.UserPath), true).Select(each => each.Extent.Text));
    }

    // As the first word of a command it calls what follows; as the last it would send the command to the background.
    private static bool IsCall(Token[] tokens, int at) => tokens[at + 1].Kind is TokenKind.Variable or TokenKind.LCurly or TokenKind.LParen or TokenKind.StringExpandable or TokenKind.StringLiteral;

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
