// Builds the MAML help of the module from the markdown pages beside it, and fails when page and cmdlet differ.
// Usage: HelpBuilder MODULE-FOLDER
using HelpBuilder;

if (args.Length != 1)
{
    Console.Error.WriteLine("usage: HelpBuilder MODULE-FOLDER");
    return 64;
}

var module = args[0];
var pages = Directory.GetFiles(Folders.Pages, "*-*.md").Select(Page.Read).ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);
var commands = Commands.Of(Path.Combine(module, "EsgMailboxSync.psd1"));
var problems = commands.SelectMany(c => Check.Command(c, pages.GetValueOrDefault(c.Name))).ToList();
problems.AddRange(pages.Keys.Except(commands.Select(c => c.Name), StringComparer.OrdinalIgnoreCase).Select(name => $"{name}.md describes no cmdlet of the module"));
if (problems.Count > 0)
{
    Console.Error.WriteLine(string.Join(Environment.NewLine, problems));
    return 1;
}

var target = Directory.CreateDirectory(Path.Combine(module, "en-US")).FullName;
Maml.Write(Path.Combine(target, "EsgMailboxSync.dll-Help.xml"), commands.Select(c => (c, pages[c.Name])));
foreach (var about in Directory.GetFiles(Folders.Pages, "about_*.md"))
{
    // PowerShell finds about topics by name; they are text.
    File.WriteAllText(Path.Combine(target, Path.GetFileNameWithoutExtension(about) + ".help.txt"), File.ReadAllText(about));
}

return 0;
