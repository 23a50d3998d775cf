namespace ModuleTests.Stopping;

/// <summary>Ctrl+C at any point ends within a second and loses nothing: the next invocation comes to the same end.</summary>
public sealed class StoppingTests : IDisposable
{
    private const string UserList = "/api/v2/user";

    /// <summary>All users of the sample appliance after a run that nobody stopped.</summary>
    private static readonly Lazy<IReadOnlyDictionary<long, string>> End = new(() =>
    {
        using var world = new World();
        world.ReadAndPlan();
        Assert.Empty(world.Apply().Errors);
        return world.Simulator.Users;
    });

    private readonly World _world = new();

    private Session Session => _world.Session;

    private Simulator Simulator => _world.Simulator;

    public void Dispose() => _world.Dispose();

    [Fact]
    public void While_logging_in_no_connection_is_left()
    {
        Session.RunWell("Disconnect-Esg");
        Simulator.Faults("""[{"on":{"path_contains":"/login"},"do":{"delay_ms":4000}}]""");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Stops("Connect-Esg -Name corp -Uri $esgUri -Credential $credential -AllowHttp -StatePath $esgState", () => clock.ElapsedMilliseconds > 500);
        Assert.StartsWith("NotConnected,", Session.Run("Get-EsgUser").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Simulator.Faults("[]");
        _world.Connect();
        Assert.Equal(420, Session.RunWell("Get-EsgUser").Output.Count);
    }

    [Fact]
    public void While_reading_Exchange_an_earlier_snapshot_stays_and_the_next_read_is_whole()
    {
        File.WriteAllText(_world.SnapshotPath, "earlier");
        Session["snapshotPath"] = _world.SnapshotPath;
        Session.RunWell("Set-ExchangeStandIn -LatencyMilliseconds 100");
        Stops("Export-MailboxDelegation -Path $snapshotPath", () => File.Exists(_world.SnapshotPath + ".partial"));
        Assert.Equal("earlier", File.ReadAllText(_world.SnapshotPath));

        Session.RunWell("Set-ExchangeStandIn -LatencyMilliseconds 0");
        ComesToTheEnd();
        Assert.False(File.Exists(_world.SnapshotPath + ".partial"));
    }

    [Fact]
    public void While_paging_through_users_the_next_walk_is_whole()
    {
        Simulator.Faults("""[{"on":{"path_contains":"page=2"},"do":{"delay_ms":4000}}]""");
        Simulator.ResetCounts();
        Stops("Get-EsgUser", () => Simulator.Calls.Any(call => call.Path == UserList));
        Simulator.Faults("[]");
        Assert.Equal(420, Session.RunWell("Get-EsgUser").Output.Select(user => ((dynamic)user).Id).Distinct().Count());
    }

    [Fact]
    public void While_planning_the_state_is_free_again_and_no_plan_file_is_left()
    {
        _world.Read();
        Session["planPath"] = _world.PlanPath;
        Simulator.Faults("""[{"on":{"path_contains":"page=2"},"do":{"delay_ms":4000}}]""");
        Simulator.ResetCounts();
        Stops("New-EsgPlan $snapshot -Path $planPath", () => Simulator.Calls.Any(call => call.Path == UserList));
        Assert.False(File.Exists(_world.PlanPath) || File.Exists(_world.PlanPath + ".partial"));
        Assert.Equal(0, Simulator.Writes);
        Simulator.Faults("[]");
        ComesToTheEnd();
    }

    // The first finishes within the grace of 700 ms, the second does not: whether it was applied is not known until the next run looks.
    [Theory]
    [InlineData(200)]
    [InlineData(3000)]
    public void While_applying_the_same_plan_finishes_the_run(int milliseconds)
    {
        _world.ReadAndPlan();
        Simulator.ResetCounts();
        Simulator.Faults("""[{"on":{"method":"PATCH"},"do":{"delay_ms":50}}]""");
        Stops("$plan | Invoke-MailboxSyncPlan -Confirm:$false", () =>
        {
            if (Simulator.Count("PATCH") < 5)
            {
                return false;
            }

            // All that is sent from now on waits, so that nothing but the stop itself can end the run.
            Simulator.Faults($$$"""[{"on":{"method":"PATCH"},"do":{"delay_ms":{{{milliseconds}}}}}]""");
            Thread.Sleep(150);
            return true;
        });
        var users = End.Value.Count(user => Simulator.Users[user.Key] != user.Value);
        Assert.True(users > 3, "the run came to its end before it was stopped");

        Simulator.Faults("[]");
        Assert.Empty(_world.Apply().Errors);
        Assert.Equal(End.Value, Simulator.Users);
        // What the first invocation had settled was not sent again.
        Assert.InRange(Simulator.Count("PATCH"), users, Patches() + 4);
        NothingIsLeft();
    }

    [Fact]
    public void While_a_task_applies_the_next_task_finishes()
    {
        _world.Read();
        Simulator.ResetCounts();
        Simulator.Faults("""[{"on":{"method":"PATCH"},"do":{"delay_ms":150}}]""");
        Stops("Sync-EsgSharedMailbox -Path $snapshotPath -Confirm:$false", () => Simulator.Count("PATCH") >= 3);
        Simulator.Faults("[]");
        Session.RunWell("Sync-EsgSharedMailbox -Path $snapshotPath -Confirm:$false");
        Assert.Equal(End.Value, Simulator.Users);
        NothingIsLeft();
    }

    /// <summary>Starts a script, stops it when the moment has come, and checks that the stop took less than a second.</summary>
    private void Stops(string script, Func<bool> when)
    {
        var took = Session.StopWhen(script, output => when());
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    private void ComesToTheEnd()
    {
        _world.ReadAndPlan();
        Assert.Empty(_world.Apply().Errors);
        Assert.Equal(End.Value, Simulator.Users);
        NothingIsLeft();
    }

    private void NothingIsLeft()
    {
        Simulator.ResetCounts();
        Assert.Empty((IReadOnlyCollection<object>)_world.Plan().Action);
        Assert.Empty(_world.Apply().Errors);
        Assert.Equal(0, Simulator.Writes);
    }

    private static int Patches()
    {
        using var world = new World();
        var before = world.Simulator.Users;
        return End.Value.Count(user => before[user.Key] != user.Value);
    }
}
