using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace HelpBuilder;

/// <summary>Writes MAML, the format that Get-Help reads for compiled cmdlets.</summary>
internal static partial class Maml
{
    private static readonly XNamespace Help = "http://msh";
    private static readonly XNamespace M = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>Parameters that mean the same in every cmdlet, and so are on no page.</summary>
    private static readonly Dictionary<string, List<string>> Everywhere = new(StringComparer.OrdinalIgnoreCase)
    {
        ["WhatIf"] = ["Shows what the command would do, and does not do it."],
        ["Confirm"] = ["Asks before the command does it. With -Confirm:$false it does not ask."],
    };

    public static void Write(string path, IEnumerable<(CmdletInfo Command, Page Page)> commands)
    {
        var root = new XElement(Help + "helpItems", new XAttribute("schema", "maml"), commands.Select(c => Element(c.Command, c.Page)));
        new XDocument(new XDeclaration("1.0", "utf-8", null), root).Save(path);
    }

    private static XElement Element(CmdletInfo command, Page page) => new(
        Command + "command",
        new XAttribute(XNamespace.Xmlns + "maml", M),
        new XAttribute(XNamespace.Xmlns + "command", Command),
        new XAttribute(XNamespace.Xmlns + "dev", Dev),
        new XElement(
            Command + "details",
            new XElement(Command + "name", command.Name),
            new XElement(M + "description", Paragraphs(page.Synopsis)),
            new XElement(Command + "verb", command.Verb),
            new XElement(Command + "noun", command.Noun)),
        new XElement(M + "description", Paragraphs(page.Description)),
        new XElement(Command + "syntax", command.ParameterSets.Select(set => Syntax(command.Name, set, page))),
        new XElement(Command + "parameters", Described(command).Select(p => Parameter(p.Name, p.ParameterType, Best(command, p.Name), page))),
        new XElement(Command + "inputTypes", page.Inputs.Select(text => Type(Command + "inputType", text))),
        new XElement(Command + "returnValues", page.Outputs.Select(text => Type(Command + "returnValue", text))),
        page.Notes.Count == 0 ? null : new XElement(M + "alertSet", new XElement(M + "alert", Paragraphs(page.Notes))),
        new XElement(Command + "examples", page.Examples.Select((e, i) => Element(e, i + 1))),
        new XElement(M + "relatedLinks", page.Links.Select(link => new XElement(M + "navigationLink", new XElement(M + "linkText", link.Text), Address(link)))));

    // A link to another page is a file name, which means nothing in an installed module: the text names the command or topic.
    private static XElement? Address(Link link) => Uri.IsWellFormedUriString(link.Uri, UriKind.Absolute) ? new XElement(M + "uri", link.Uri) : null;

    private static IEnumerable<ParameterMetadata> Described(CommandInfo command) =>
        command.Own().OrderBy(p => p.Name, StringComparer.Ordinal).Concat(command.Parameters.Values.Where(p => Everywhere.ContainsKey(p.Name)));

    private static XElement Syntax(string name, CommandParameterSetInfo set, Page page) => new(
        Command + "syntaxItem",
        new XElement(M + "name", name),
        set.Parameters.Where(p => page.Parameters.ContainsKey(p.Name) || Everywhere.ContainsKey(p.Name)).Select(p => Parameter(p.Name, p.ParameterType, p, page)));

    // The same parameter may differ between sets; the help shows it as where it is needed most.
    private static CommandParameterInfo Best(CommandInfo command, string name) =>
        command.ParameterSets.SelectMany(set => set.Parameters).Where(p => p.Name == name).OrderByDescending(p => p.IsMandatory).First();

    private static XElement Parameter(string name, Type type, CommandParameterInfo info, Page page)
    {
        var texts = page.Parameters.GetValueOrDefault(name) ?? Everywhere.GetValueOrDefault(name) ?? [];
        var isSwitch = type == typeof(SwitchParameter);
        var values = ValuesOf(type);
        return new XElement(
            Command + "parameter",
            new XAttribute("required", Lower(info.IsMandatory)),
            new XAttribute("variableLength", Lower(type.IsArray)),
            new XAttribute("globbing", Lower(info.Attributes.OfType<SupportsWildcardsAttribute>().Any())),
            new XAttribute("pipelineInput", Pipeline(info)),
            new XAttribute("position", info.Position == int.MinValue ? "named" : info.Position.ToString(CultureInfo.InvariantCulture)),
            new XAttribute("aliases", info.Aliases.Count == 0 ? "none" : string.Join(", ", info.Aliases)),
            new XElement(M + "name", name),
            new XElement(M + "description", Paragraphs(texts)),
            isSwitch ? null : new XElement(Command + "parameterValue", new XAttribute("required", "true"), new XAttribute("variableLength", Lower(type.IsArray)), ShortName(type)),
            values.Length == 0 ? null : new XElement(Command + "parameterValueGroup", values.Select(v => new XElement(Command + "parameterValue", new XAttribute("required", "false"), v))),
            new XElement(Dev + "type", new XElement(M + "name", ShortName(type))),
            new XElement(Dev + "defaultValue", DefaultOf(texts, isSwitch)));
    }

    private static string Pipeline(CommandParameterInfo info) => (info.ValueFromPipeline, info.ValueFromPipelineByPropertyName) switch
    {
        (true, true) => "true (ByValue, ByPropertyName)",
        (true, false) => "true (ByValue)",
        (false, true) => "true (ByPropertyName)",
        _ => "false",
    };

    private static string[] ValuesOf(Type type)
    {
        var element = type.GetElementType() ?? Nullable.GetUnderlyingType(type) ?? type;
        return element.IsEnum ? Enum.GetNames(element) : [];
    }

    private static string DefaultOf(List<string> texts, bool isSwitch)
    {
        var match = texts.Select(text => Default().Match(text)).FirstOrDefault(m => m.Success);
        return match?.Groups[1].Value ?? (isSwitch ? "False" : "None");
    }

    private static string ShortName(Type type)
    {
        var inner = Nullable.GetUnderlyingType(type) ?? type;
        return inner.Name;
    }

    private static XElement Element(Example example, int number) => new(
        Command + "example",
        new XElement(M + "title", $"-------- Example {number.ToString(CultureInfo.InvariantCulture)}: {example.Title} --------"),
        new XElement(Dev + "code", example.Code),
        // Get-Help puts the next example right below; the empty paragraph keeps them apart.
        new XElement(Dev + "remarks", Paragraphs([.. example.Remarks, ""])));

    private static XElement Type(XName name, string text) => new(name, new XElement(Dev + "type", new XElement(M + "name", text)));

    private static IEnumerable<XElement> Paragraphs(IEnumerable<string> texts) => texts.Select(text => new XElement(M + "para", text));

    private static string Lower(bool value) => value ? "true" : "false";

    /// <summary>A page says "Default: 30." in a parameter's text.</summary>
    [GeneratedRegex(@"Default: (.+?)\.(?:\s|$)")]
    private static partial Regex Default();
}
