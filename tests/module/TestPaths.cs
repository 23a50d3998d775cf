namespace ModuleTests;

/// <summary>Where the built module, the simulator and the data of the tests are. build.ps1 says; without it the usual places are taken.</summary>
internal static class TestPaths
{
    public static string Root { get; } = Environment.GetEnvironmentVariable("ESGMAILBOXSYNC_TEST_ROOT") ?? FindRoot();

    public static string Manifest { get; } = Environment.GetEnvironmentVariable("ESGMAILBOXSYNC_TEST_MODULE") ?? FindManifest();

    public static string Simulator { get; } = Environment.GetEnvironmentVariable("ESGMAILBOXSYNC_TEST_SIMULATOR")
        ?? Path.Combine(Root, "target", "release", OperatingSystem.IsWindows() ? "esg-simulator.exe" : "esg-simulator");

    public static string ModuleFolder => Path.GetDirectoryName(Manifest)!;

    public static string StandIn => In("tests", "exchange", "ExchangeStandIn.psd1");

    public static string PowerShellCommands => In("tests", "powershell", "PowerShellCommands.psd1");

    public static string In(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>A file of one of the tenants under tests/tenants.</summary>
    public static string Tenant(string tenant, string file) => In("tests", "tenants", tenant, file);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "build.ps1")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("No folder above the tests holds build.ps1.");
    }

    private static string FindManifest() =>
        Directory.GetFiles(Path.Combine(Root, "out", "EsgMailboxSync"), "EsgMailboxSync.psd1", SearchOption.AllDirectories).Single();
}
