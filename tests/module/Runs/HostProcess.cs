using System.Diagnostics;

namespace ModuleTests;

/// <summary>PowerShell in a process of its own (tests/pwsh.cs, built once), for exit codes and for being killed.</summary>
internal sealed class HostProcess : IDisposable
{
    private static readonly Lazy<string> Host = new(Build);

    private readonly Process _process;
    private readonly Task<string> _output, _errors;

    /// <param name="script">What it runs; the module is imported, StrictMode is on and errors stop it.</param>
    /// <param name="folder">Where the script file is put.</param>
    /// <param name="bare">Nothing but the script is run.</param>
    public HostProcess(string script, string folder, bool bare = false)
    {
        var file = Path.Combine(folder, $"child-{Guid.NewGuid():n}.ps1");
        File.WriteAllText(file, bare ? script : $"""
            Set-StrictMode -Version Latest
            $ErrorActionPreference = 'Stop'
            Import-Module '{TestPaths.Manifest}'
            Import-Module '{TestPaths.PowerShellCommands}'
            {script}
            """);
        _process = Process.Start(new ProcessStartInfo("dotnet", [Host.Value, "-NonInteractive", file]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        _process.StandardInput.Close();
        (_output, _errors) = (_process.StandardOutput.ReadToEndAsync(), _process.StandardError.ReadToEndAsync());
    }

    /// <summary>The host as a program of its own, which takes the arguments of a real pwsh that tasks use.</summary>
    public static string Program => Path.Combine(Path.GetDirectoryName(Host.Value)!, OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh");

    /// <summary>Process that runs the script.</summary>
    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What it wrote, when it has ended.</summary>
    public string Output => _output.GetAwaiter().GetResult() + _errors.GetAwaiter().GetResult();

    /// <summary>Waits for its end and gives the exit code.</summary>
    public int WaitForExit()
    {
        Assert.True(_process.WaitForExit(TimeSpan.FromSeconds(90)), "the script did not end");
        return _process.ExitCode;
    }

    /// <summary>As a power failure would, as far as a process can tell.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    private static string Build()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "host");
        var start = new ProcessStartInfo("dotnet", ["build", TestPaths.In("tests", "pwsh.cs"), "-o", folder, "--nologo", "-v", "quiet"]) { RedirectStandardOutput = true };
        using var build = Process.Start(start)!;
        var output = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        return build.ExitCode == 0 ? Path.Combine(folder, "pwsh.dll") : throw new InvalidOperationException(output);
    }
}
