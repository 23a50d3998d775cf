using System.Runtime.InteropServices;
using System.Text;

namespace ModuleTests.Loading;

/// <summary>A module whose native library is missing or is not the right one: importing it fails with one error that says what to do.</summary>
public sealed class DamagedModuleTests : IDisposable
{
    private const int ElfMachine = 18;
    private const string Library = "esgmailboxsync_native.so";

    private readonly string _folder = Directory.CreateTempSubdirectory("esg-module-").FullName;

    private string Natives => Path.Combine(_folder, "bin", RuntimeId);

    private static string RuntimeId => "linux-" + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    public static TheoryData<string, string, string, string> Damages => new()
    {
        { "missing", "NativeLibraryMissing", "is missing", "Reinstall EsgMailboxSync" },
        { "of other platforms only", "NativeLibraryMissing", "is missing", "serves linux-other" },
        { "text", "NativeLibraryNotLoaded", "cannot be loaded into this " + RuntimeId, "Reinstall EsgMailboxSync" },
        { "empty", "NativeLibraryNotLoaded", "cannot be loaded", "Reinstall EsgMailboxSync" },
        { "cut in its header", "NativeLibraryNotLoaded", "cannot be loaded", "Reinstall EsgMailboxSync" },
        { "of another machine", "NativeLibraryNotLoaded", "cannot be loaded into this " + RuntimeId, "Reinstall EsgMailboxSync" },
        { "of another ABI", "NativeLibraryOfAnotherVersion", "are of different versions", "Import only one version" },
        { "of another program", "NativeLibraryOfAnotherVersion", "and none", "Import only one version" },
    };

    public void Dispose() => Directory.Delete(_folder, true);

    [Theory]
    [MemberData(nameof(Damages))]
    public void Import_fails_with_one_error_that_says_what_to_do(string damage, string id, string names, string advice)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the damages are those of an ELF library");
        CopyModule();
        Damage(damage);
        using var child = new HostProcess($$"""
            try { Import-Module '{{_folder}}/EsgMailboxSync.psd1' -ErrorAction Stop; 'imported' }
            catch { $_.FullyQualifiedErrorId; "$_"; "DO $($_.ErrorDetails.RecommendedAction)" }
            "commands: $(@(Get-Command -Module EsgMailboxSync).Count), errors: $($Error.Count)"
            """, _folder, bare: true);
        Assert.Equal(0, child.WaitForExit());
        var lines = child.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((4, "commands: 0, errors: 1"), (lines.Length, lines[^1]));
        Assert.StartsWith(id, lines[0], StringComparison.Ordinal);
        Assert.Contains(names, lines[1], StringComparison.Ordinal);
        Assert.Contains(Path.Combine(Natives, Library), lines[1], StringComparison.Ordinal);
        Assert.StartsWith("DO ", lines[2], StringComparison.Ordinal);
        Assert.Contains(advice, lines[2], StringComparison.Ordinal);
    }

    private void CopyModule()
    {
        foreach (var file in Directory.GetFiles(TestPaths.ModuleFolder, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(_folder, Path.GetRelativePath(TestPaths.ModuleFolder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private void Damage(string damage)
    {
        var library = Path.Combine(Natives, Library);
        var good = File.ReadAllBytes(library);
        switch (damage)
        {
            case "missing":
                File.Delete(library);
                break;
            case "of other platforms only":
                Directory.Move(Natives, Path.Combine(_folder, "bin", "linux-other"));
                break;
            case "text":
                File.WriteAllText(library, "Git LFS was here.\n");
                break;
            case "empty":
                File.WriteAllBytes(library, []);
                break;
            case "cut in its header":
                File.WriteAllBytes(library, good[..40]);
                break;
            case "of another machine":
                // s390x: no machine that this test could run on is of both kinds.
                good[ElfMachine] = 22;
                File.WriteAllBytes(library, good);
                break;
            case "of another ABI":
                var at = good.AsSpan().IndexOf(Encoding.ASCII.GetBytes(AbiHash()));
                Assert.True(at > 0, "the library does not hold the hash");
                good[at] = good[at] == '0' ? (byte)'1' : (byte)'0';
                File.WriteAllBytes(library, good);
                break;
            case "of another program":
                File.Copy(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "libSystem.Native.so"), library, true);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(damage));
        }
    }

    private static string AbiHash()
    {
        using var session = new Session();
        var assembly = ((System.Management.Automation.CmdletInfo)Assert.Single(session.RunWell("Get-Command Connect-Esg").Output).BaseObject).ImplementingType.Assembly;
        return (string)assembly.GetType("EsgMailboxSync.Interop.Abi", throwOnError: true)!.GetField("Hash", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!.GetValue(null)!;
    }
}
