using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace ModuleTests;

/// <summary>An example as Get-Help shows it, or a block of commands of a page that is text.</summary>
internal sealed record HelpExample(string Title, string Code, string Remarks)
{
    /// <summary>The error that the example ends with, as its remarks say; null when it must not fail.</summary>
    public string? Fails => Regex.Match(Remarks, @"This example fails with the error (\w+)") is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>All names of commands in the code.</summary>
    public IEnumerable<string> Commands() => Ast().FindAll(ast => ast is CommandAst, true).Cast<CommandAst>().Select(command => command.GetCommandName() ?? command.Extent.Text);

    /// <summary>Whether it has something to show: its last statement is neither an assignment nor a command that shows nothing.</summary>
    public bool Shows()
    {
        if (Code.Contains("-WhatIf", StringComparison.Ordinal) || Ast().EndBlock.Statements[^1] is not PipelineAst { PipelineElements: [.., CommandAst last] })
        {
            return false;
        }

        return last.GetCommandName() is not ("Disconnect-Esg" or "Export-Csv");
    }

    private ScriptBlockAst Ast()
    {
        var ast = Parser.ParseInput(Code, out _, out var errors);
        Assert.Empty(errors.Select(error => $"{Title}: {error.Message}"));
        return ast;
    }
}

/// <summary>The pages of ps-module/help, the README, and the help that was built from them.</summary>
internal static class HelpPages
{
    private static readonly string Folder = TestPaths.In("ps-module", "help");

    /// <summary>Names of the pages of cmdlets.</summary>
    public static string[] Cmdlets { get; } = [.. Directory.GetFiles(Folder, "*-*.md").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];

    /// <summary>Names of the pages of concepts.</summary>
    public static string[] Abouts { get; } = [.. Directory.GetFiles(Folder, "about_*.md").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];

    /// <summary>The file of a page.</summary>
    public static string Text(string page) => File.ReadAllText(Path.Combine(Folder, page + ".md"));

    /// <summary>The examples of a cmdlet as Get-Help shows them.</summary>
    public static HelpExample[] Examples(Session session, string cmdlet)
    {
        session["helpName"] = cmdlet;
        return
        [
            .. session.RunWell("(Get-Help $helpName -Full).examples.example").Output.Select(example => new HelpExample(
                $"{cmdlet}, {Property(example, "title")}",
                (string)Property(example, "code")!,
                string.Join("\n", Items(Property(example, "remarks")).Select(remark => Property(remark, "Text"))))),
        ];
    }

    /// <summary>The fenced blocks of PowerShell below a heading of a markdown file, as one.</summary>
    public static HelpExample Fenced(string file, string heading) =>
        new($"{Path.GetFileName(file)}, {heading}", Joined(Regex.Matches(Section(File.ReadAllText(file), heading), " *```powershell\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value)), "");

    /// <summary>The indented lines below a heading of a page that is shown as text.</summary>
    public static HelpExample Indented(string page, string heading) =>
        new($"{page}, {heading}", Joined(Section(Text(page), heading).Split('\n').Where(line => line.StartsWith("    ", StringComparison.Ordinal)).Select(line => line[4..] + "\n")), "");

    public static IEnumerable<PSObject> Items(object? value) => LanguagePrimitives.GetEnumerable(value) is { } items
        ? items.Cast<object>().Select(PSObject.AsPSObject)
        : value is null ? [] : [PSObject.AsPSObject(value)];

    public static object? Property(PSObject item, string name) => item.Properties[name]?.Value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : item.Properties[name]?.Value;

    public static string Section(string text, string heading)
    {
        var body = text.Replace("\r\n", "\n", StringComparison.Ordinal).Split($"\n## {heading}\n");
        Assert.True(body.Length == 2, $"there is not one section '{heading}'");
        return body[1].Split("\n## ")[0];
    }

    private static string Joined(IEnumerable<string> parts)
    {
        var code = string.Concat(parts);
        Assert.NotEmpty(code);
        return code;
    }
}
