namespace ModuleTests.Loading;

/// <summary>A scheduled task: PowerShell without a person, whose output goes to a file and whose exit code is the result (design 10).</summary>
public sealed class TaskTests : IDisposable
{
    private readonly Company _company = new();
    private readonly World _world;

    public TaskTests()
    {
        // Everything is known here, so that "in line" can be reached.
        _world = new World(_company.Person("ann").Person("ben").Mailbox("info", "ann", "ben").Save());
        _world.Read();
    }

    public void Dispose()
    {
        _world.Dispose();
        _company.Dispose();
    }

    [Theory]
    [InlineData("-WhatIf", 2)]
    [InlineData("-Confirm:$false -Expect @{ AliasAdded = 4711 }", 3)]
    [InlineData("-Confirm:$false -Target nowhere", 1)]
    [InlineData("-Confirm:$false -FunctionalUser Sometimes", 1)]
    [InlineData("", 0)]
    public void The_task_line_ends_with_the_exit_code_of_the_result(string parameters, int exitCode)
    {
        using var child = Task($"$r = Sync-EsgSharedMailbox -Path '{_world.SnapshotPath}' {parameters}; if ($null -eq $r) {{ exit 1 }}; exit $r.ExitCode");
        Assert.True(child.WaitForExit() == exitCode, child.Output);
    }

    [Fact]
    public void What_would_ask_a_person_fails_instead_of_waiting_and_changes_nothing()
    {
        var before = _world.Simulator.Users;
        using var child = Task($"$snapshot = Import-MailboxDelegation '{_world.SnapshotPath}'; New-EsgPlan $snapshot | Invoke-MailboxSyncPlan; 'went' + ' on'");
        Assert.Equal(1, child.WaitForExit());
        Assert.Contains("-NonInteractive", child.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("went on", child.Output, StringComparison.Ordinal);
        Assert.Equal(before, _world.Simulator.Users);
    }

    [Fact]
    public void An_error_ends_a_task_that_wants_it_to_and_says_what_to_do_in_its_output()
    {
        using var child = Task("Get-EsgUser nobody -ErrorAction Stop; 'went' + ' on'");
        Assert.Equal(1, child.WaitForExit());
        Assert.Contains("has no such user: nobody", child.Output, StringComparison.Ordinal);
        Assert.Contains("Look for parts of the name with wildcards", child.Output.Replace('\n', ' '), StringComparison.Ordinal);
        Assert.DoesNotContain("went on", child.Output, StringComparison.Ordinal);
    }

    private HostProcess Task(string script) => new($"""
        $credential = [pscredential]::new('admin', (ConvertTo-SecureString 'simulator-admin' -AsPlainText -Force))
        $null = Connect-Esg -Name corp -Uri '{_world.Simulator.Uri}' -Credential $credential -AllowHttp -StatePath '{_world.StatePath}'
        {script}
        """, _world.Folder);
}
