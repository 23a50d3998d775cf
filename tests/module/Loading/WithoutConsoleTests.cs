using System.Diagnostics;

namespace ModuleTests.Loading;

/// <summary>One whole use of the module, from reading to undo, in every way in which nobody may be at the console (issue 7).</summary>
public sealed class WithoutConsoleTests : IDisposable
{
    /// <summary>Uses every cmdlet, and ends with one line that tells what was done; <c>$name</c>, <c>$uri</c>, <c>$state</c>, <c>$snapshotPath</c>, <c>$tenant</c> are set before.</summary>
    private const string Whole = """
        $credential = [pscredential]::new('admin', (ConvertTo-SecureString 'simulator-admin' -AsPlainText -Force))
        $null = Test-MailboxSyncPrerequisite
        $null = Connect-Esg -Name $name -Uri $uri -Credential $credential -AllowHttp -StatePath $state
        $snapshot = Import-MailboxDelegation -Path $snapshotPath
        $delegations = @($snapshot | Get-MailboxDelegation)
        $users = @(Get-EsgUser)
        $plan = $snapshot | New-EsgPlan -Confirm:$false
        $run = $plan | Invoke-MailboxSyncPlan -Confirm:$false
        $results = @(Sync-EsgSharedMailbox -Path $snapshotPath -Confirm:$false)
        $report = Export-MailboxSyncReport -Path ($state + '.html') $run -Confirm:$false
        $undone = Get-MailboxSyncRun -Id $run.Id | Undo-MailboxSyncRun -Confirm:$false
        Disconnect-Esg
        Set-ExchangeStandIn -Path $tenant
        Connect-ExchangeOnline -ShowBanner:$false
        $live = Export-MailboxDelegation -Path ($state + '.jsonl') -Confirm:$false
        $differences = @(Compare-MailboxDelegation $snapshot $live)
        [IO.File]::WriteAllText($state + '.json', "{ `"esg`": { `"uri`": `"$uri`", `"name`": `"$name`", `"userName`": `"admin`", `"passwordFrom`": { `"environment`": `"NOBODY`" }, `"allowHttp`": true } }")
        $task = Register-MailboxSyncTask ($state + '.json') -Path ($state + '.task') -NoRegistration -PowerShellPath $snapshotPath -Confirm:$false
        "$($delegations.Count) $($users.Count) $($run.Applied) $($results.Count) $($results[0].ExitCode) $($report.Exists) $($undone.Applied) $($live.Mailboxes) $($differences.Count) $($task.Registered)"
        """;

    private readonly Company _company = new();
    private readonly World _world;

    public WithoutConsoleTests()
    {
        _world = new World(_company.Person("ann").Person("ben").Mailbox("info", "ann", "ben").Save(), connect: false);
        _world.Read();
    }

    private string Expected => $"2 {_world.Simulator.Users.Count} 2 1 0 True 2 1 0 False";

    private string Variables => $"Import-Module '{TestPaths.StandIn}'; " + Set("corp", _world.Simulator.Uri, Path.Combine(_world.Folder, "state"));

    public void Dispose()
    {
        _world.Dispose();
        _company.Dispose();
    }

    [Fact]
    public void Every_cmdlet_is_among_what_is_run()
    {
        var commands = _world.Texts("Get-Command -Module EsgMailboxSync | ForEach-Object Name");
        Assert.True(commands.Length > 14);
        Assert.All(commands, command => Assert.Matches($@"\b{command}\b", Whole));
    }

    [Theory]
    [InlineData("")]
    [InlineData("$ConfirmPreference = 'Low'")]
    [InlineData("$PSDefaultParameterValues = @{ '*:ErrorAction' = 'Stop' }")]
    [InlineData("$WarningPreference = $VerbosePreference = $DebugPreference = $InformationPreference = 'SilentlyContinue'; $ProgressPreference = 'SilentlyContinue'")]
    public void With_NonInteractive_and_the_preferences_of_a_task(string preferences)
    {
        using var child = new HostProcess($"{Variables}\n{preferences}\n{Whole}", _world.Folder);
        Assert.True(child.WaitForExit() == 0, child.Output);
        Assert.Equal(Expected, child.Output.Trim());
    }

    [Fact]
    public void With_every_stream_redirected_to_a_file()
    {
        var file = Path.Combine(_world.Folder, "all.txt");
        using var child = new HostProcess($"{Variables}\n& {{ {Whole} }} *> '{file}'", _world.Folder);
        Assert.True(child.WaitForExit() == 0, child.Output);
        Assert.Empty(child.Output);
        Assert.Equal(Expected, File.ReadAllText(file).Trim());
    }

    [Fact]
    public void With_no_console_no_terminal_and_nothing_open_but_the_null_device()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "setsid is of Linux");
        var told = Path.Combine(_world.Folder, "told.txt");
        var script = Path.Combine(_world.Folder, "detached.ps1");
        File.WriteAllText(script, $"$ErrorActionPreference = 'Stop'; Import-Module '{TestPaths.Manifest}'; Import-Module '{TestPaths.PowerShellCommands}'\n{Variables}\n[IO.File]::WriteAllText('{told}', (& {{ {Whole} }}))");
        using var process = Process.Start(new ProcessStartInfo("setsid", ["--wait", "sh", "-c", $"exec '{HostProcess.Program}' -NoProfile -NonInteractive -File '{script}' </dev/null >/dev/null 2>&1"]))!;
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(90)));
        Assert.Equal(0, process.ExitCode);
        Assert.Equal(Expected, File.ReadAllText(told));
    }

    [Fact]
    public void In_a_child_process_of_the_host_that_hands_on_its_exit_code()
    {
        var inner = Path.Combine(_world.Folder, "inner.ps1");
        File.WriteAllText(inner, $"$ErrorActionPreference = 'Stop'; Import-Module '{TestPaths.Manifest}'; Import-Module '{TestPaths.PowerShellCommands}'\n{Variables}\n{Whole}\nexit 4");
        using var outer = new HostProcess($"$line = & '{HostProcess.Program}' -NoProfile -NonInteractive -File '{inner}'; \"$line|$LASTEXITCODE\"; exit $LASTEXITCODE", _world.Folder, bare: true);
        Assert.True(outer.WaitForExit() == 4, outer.Output);
        Assert.Equal(Expected + "|4", outer.Output.Trim());
    }

    [Fact]
    public void In_four_runspaces_without_any_host_side_by_side()
    {
        var simulators = Enumerable.Range(0, 4).Select(_ => new Simulator(Path.Combine(_world.Tenant, "esg.json"))).ToArray();
        try
        {
            Parallel.For(0, simulators.Length, new ParallelOptions { MaxDegreeOfParallelism = simulators.Length }, i =>
            {
                using var session = Session.WithExchange();
                Assert.Equal(Expected, session.RunWell($"{Set($"corp{i}", simulators[i].Uri, Path.Combine(_world.Folder, $"state{i}"))}\n{Whole}").Single.ToString());
            });
        }
        finally
        {
            Array.ForEach(simulators, simulator => simulator.Dispose());
        }
    }

    private string Set(string name, string uri, string state) => $"$name = '{name}'; $uri = '{uri}'; $state = '{state}'; $snapshotPath = '{_world.SnapshotPath}'; $tenant = '{Path.Combine(_world.Tenant, "exchange.json")}'";
}
