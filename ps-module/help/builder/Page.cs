using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace HelpBuilder;

/// <summary>An example of a page: what it shows, and the commands.</summary>
internal sealed record Example(string Title, string Code, IReadOnlyList<string> Remarks);

/// <summary>A link of a page.</summary>
internal sealed record Link(string Text, string Uri);

/// <summary>A help page: <c># Name</c>, the synopsis, and the sections Description, Parameters, Examples, Inputs, Outputs, Notes, Links.</summary>
internal sealed class Page
{
    private Page(string name) => Name = name;

    public string Name { get; }

    public List<string> Synopsis { get; } = [];

    public List<string> Description { get; } = [];

    public Dictionary<string, List<string>> Parameters { get; } = new(StringComparer.OrdinalIgnoreCase);

    public List<Example> Examples { get; } = [];

    public List<string> Inputs { get; } = [];

    public List<string> Outputs { get; } = [];

    public List<string> Notes { get; } = [];

    public List<Link> Links { get; } = [];

    public static Page Read(string path)
    {
        var page = new Page(Path.GetFileNameWithoutExtension(path));
        string section = "", part = "";
        var code = "";
        List<string> remarks = [];

        void EndExample()
        {
            if (section == "Examples" && part.Length > 0)
            {
                page.Examples.Add(new(part, code, remarks));
                (code, remarks) = ("", []);
            }
        }

        foreach (var block in Markdown.Parse(File.ReadAllText(path)))
        {
            switch (block)
            {
                case HeadingBlock { Level: 1 } heading when Text(heading.Inline) != page.Name:
                    throw new InvalidDataException($"{path}: the title is not {page.Name}");
                case HeadingBlock { Level: 2 } heading:
                    EndExample();
                    (section, part) = (Text(heading.Inline), "");
                    break;
                case HeadingBlock { Level: 3 } heading:
                    EndExample();
                    part = Text(heading.Inline);
                    if (section == "Parameters")
                    {
                        part = part.TrimStart('-');
                        page.Parameters.Add(part, []);
                    }

                    break;
                case CodeBlock block2 when section == "Examples":
                    code = (code + "\n" + block2.Lines).Trim();
                    break;
                case ListBlock list when section == "Links":
                    page.Links.AddRange(list.Descendants<LinkInline>().Select(link => new Link(Text(link), link.Url ?? "")));
                    break;
                case ListBlock list:
                    page.Target(section, part, remarks, path).AddRange(list.OfType<ListItemBlock>().Select(item => "- " + string.Join(" ", item.OfType<ParagraphBlock>().Select(p => Text(p.Inline)))));
                    break;
                case CodeBlock other:
                    page.Target(section, part, remarks, path).Add(other.Lines.ToString());
                    break;
                case ParagraphBlock paragraph:
                    page.Target(section, part, remarks, path).Add(Text(paragraph.Inline));
                    break;
            }
        }

        EndExample();
        return page;
    }

    private List<string> Target(string section, string part, List<string> remarks, string path) => section switch
    {
        "" => Synopsis,
        "Description" => Description,
        "Parameters" => Parameters[part],
        "Examples" => remarks,
        "Inputs" => Inputs,
        "Outputs" => Outputs,
        "Notes" => Notes,
        _ => throw new InvalidDataException($"{path}: there is no section '{section}'"),
    };

    private static string Text(ContainerInline? inlines)
    {
        if (inlines is null)
        {
            return "";
        }

        var text = new System.Text.StringBuilder();
        foreach (var inline in inlines.Descendants())
        {
            text.Append(inline switch
            {
                LiteralInline literal => literal.Content.ToString(),
                CodeInline code => code.Content,
                LineBreakInline => " ",
                HtmlEntityInline entity => entity.Transcoded.ToString(),
                _ => "",
            });
        }

        return text.ToString();
    }
}
