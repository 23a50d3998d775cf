using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace ModuleTests;

/// <summary>What a script gave, stream by stream.</summary>
internal sealed record ScriptResult(
    IReadOnlyList<PSObject> Output,
    IReadOnlyList<ErrorRecord> Errors,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Verbose,
    IReadOnlyList<ProgressRecord> Progress,
    IReadOnlyList<string> Debug,
    IReadOnlyList<string> Information)
{
    /// <summary>The only output; fails when there is another number of them.</summary>
    public dynamic Single => Assert.Single(Output);

    /// <summary>The only error; fails when there is another number of them.</summary>
    public ErrorRecord Error => Assert.Single(Errors);

    /// <summary>Everything that a person could read, for searches.</summary>
    public string Everything => string.Join(
        "\n",
        [.. Output.Select(o => o?.ToString()), .. Errors.Select(e => e + "\n" + e.Exception + "\n" + e.ErrorDetails?.RecommendedAction), .. Warnings, .. Verbose, .. Debug, .. Information, .. Progress.Select(p => p.ToString())]);
}

/// <summary>A fresh runspace with the built module, as an admin's session has it: StrictMode, no Utility or Management module.</summary>
internal sealed class Session : IDisposable
{
    private readonly Runspace _runspace;

    public Session(params string[] modules)
    {
        var state = InitialSessionState.CreateDefault2();
        state.ImportPSModule([TestPaths.Manifest, .. modules]);
        if (OperatingSystem.IsWindows())
        {
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        }

        _runspace = RunspaceFactory.CreateRunspace(state);
        _runspace.Open();
        Run("Set-StrictMode -Version Latest");
    }

    /// <summary>With the stand-in for Exchange and the commands of PowerShell that the bare engine lacks.</summary>
    public static Session WithExchange() => new(TestPaths.PowerShellCommands, TestPaths.StandIn);

    public object? this[string variable]
    {
        get => _runspace.SessionStateProxy.GetVariable(variable);
        set => _runspace.SessionStateProxy.SetVariable(variable, value);
    }

    /// <summary>Runs a script. Errors that are not terminating are in the result; a terminating one becomes the last of its errors.</summary>
    public ScriptResult Run(string script)
    {
        using var shell = Create(script);
        var output = new PSDataCollection<PSObject>();
        ErrorRecord? thrown = null;
        try
        {
            shell.Invoke(null, output);
        }
        catch (RuntimeException e)
        {
            thrown = e.ErrorRecord;
        }

        return Result(shell, output, thrown);
    }

    /// <summary>Runs a script that must not fail.</summary>
    public ScriptResult RunWell(string script)
    {
        var result = Run(script);
        Assert.True(result.Errors.Count == 0, string.Join("\n", result.Errors.Select(e => $"{e}\n{e.FullyQualifiedErrorId}\n{e.ScriptStackTrace}\n{e.Exception}")));
        return result;
    }

    /// <summary>Starts a script and stops it, as Ctrl+C does, when <paramref name="when"/> holds. Gives how long the stop took.</summary>
    public TimeSpan StopWhen(string script, Func<PSDataCollection<PSObject>, bool> when)
    {
        using var shell = Create(script);
        var output = new PSDataCollection<PSObject>();
        var running = shell.BeginInvoke<PSObject, PSObject>(null, output);
        var limit = DateTime.UtcNow.AddSeconds(30);
        while (!when(output))
        {
            // ReadAll: a collection that is still open blocks who walks it.
            Assert.False(running.IsCompleted, "the script ended before it was stopped: " + string.Join("\n", shell.Streams.Error.ReadAll()));
            Assert.True(DateTime.UtcNow < limit, "the moment to stop did not come");
            Thread.Sleep(5);
        }

        var clock = System.Diagnostics.Stopwatch.StartNew();
        shell.Stop();
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        return clock.Elapsed;
    }

    public void Dispose() => _runspace.Dispose();

    private PowerShell Create(string script)
    {
        var shell = PowerShell.Create(_runspace);
        shell.AddScript(script);
        return shell;
    }

    private static ScriptResult Result(PowerShell shell, PSDataCollection<PSObject> output, ErrorRecord? thrown)
    {
        var errors = shell.Streams.Error.ToList();
        if (thrown is not null)
        {
            errors.Add(thrown);
        }

        return new(
            [.. output],
            errors,
            [.. shell.Streams.Warning.Select(w => w.Message)],
            [.. shell.Streams.Verbose.Select(v => v.Message)],
            [.. shell.Streams.Progress],
            [.. shell.Streams.Debug.Select(d => d.Message)],
            [.. shell.Streams.Information.Select(i => $"{i}")]);
    }
}
