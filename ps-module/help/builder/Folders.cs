namespace HelpBuilder;

internal static class Folders
{
    /// <summary>The folder of the pages: the first above the program that holds a page and the folder of this program.</summary>
    public static string Pages { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var pages = Path.Combine(folder.FullName, "ps-module", "help");
            if (Directory.Exists(Path.Combine(pages, "builder")))
            {
                return pages;
            }
        }

        throw new DirectoryNotFoundException("ps-module/help was not found above " + AppContext.BaseDirectory);
    }
}
