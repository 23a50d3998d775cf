using System.Management.Automation;

namespace ModuleTests.Stopping;

/// <summary>A pipeline that has enough ends each streaming cmdlet cleanly, and whatever happens progress comes to its end.</summary>
public sealed class FirstOnlyTests(FirstOnlyTests.ReadyWorld shared) : IClassFixture<FirstOnlyTests.ReadyWorld>
{
    private readonly World _world = shared.World;

    /// <summary>A connected session with a snapshot and a plan.</summary>
    public sealed class ReadyWorld : IDisposable
    {
        public ReadyWorld()
        {
            World.ReadAndPlan();
            World.Session["more"] = Path.Combine(World.Folder, "more.jsonl");
        }

        internal World World { get; } = new();

        public void Dispose() => World.Dispose();
    }

    [Theory]
    [InlineData("Get-EsgUser", 420)]
    [InlineData("Get-MailboxDelegation -Snapshot $snapshot", 1000)]
    [InlineData("Get-MailboxDelegation -Snapshot $snapshot -Unknown", 5)]
    [InlineData("Get-MailboxDelegation -Snapshot $snapshot -Finding", 5)]
    [InlineData("Get-MailboxDelegation", 1000)]
    [InlineData("$snapshotPath, $snapshotPath | ForEach-Object { Import-MailboxDelegation $_ }", 2)]
    [InlineData("Export-MailboxDelegation -Path $more -Confirm:$false", 1)]
    [InlineData("$snapshot, $snapshot | New-EsgPlan", 2)]
    [InlineData("$plan | Invoke-MailboxSyncPlan -First 1 -Confirm:$false", 1)]
    [InlineData("Sync-EsgSharedMailbox -Path $snapshotPath -WhatIf", 1)]
    public void The_first_is_given_and_the_session_works_on(string script, int all)
    {
        var first = _world.Session.Run(script + " | Select-Object -First 1");
        Assert.Empty(first.Errors);
        Assert.Single(first.Output);
        ProgressEnds(first);
        // The same again, to its end: nothing is locked, cut or half open.
        var whole = _world.Session.RunWell(script);
        Assert.InRange(whole.Output.Count, all, int.MaxValue);
        ProgressEnds(whole);
        Assert.Single(_world.Session.RunWell("Get-EsgUser -UserName admin").Output);
    }

    [Fact]
    public void Progress_is_shown_and_ends_also_when_a_cmdlet_fails()
    {
        _world.Simulator.Faults("""[{"on":{"path_contains":"page=3"},"do":{"status":{"code":403}}}]""");
        var failed = _world.Session.Run("New-EsgPlan $snapshot");
        _world.Simulator.Faults("[]");
        Assert.StartsWith("AccessDenied,", failed.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(failed.Progress, record => record.RecordType == ProgressRecordType.Processing);
        ProgressEnds(failed);
    }

    private static void ProgressEnds(ScriptResult result) =>
        Assert.All(result.Progress.GroupBy(record => record.ActivityId), records => Assert.Equal(ProgressRecordType.Completed, records.Last().RecordType));
}
