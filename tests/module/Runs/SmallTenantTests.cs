namespace ModuleTests.Runs;

/// <summary>The small tenant: the same facts as a snapshot file and as rows of Exchange.</summary>
public sealed class SmallTenantTests
{
    [Theory]
    [InlineData("FullAccess")]
    [InlineData("SendAs")]
    [InlineData("FullAccess, SendAs, SendOnBehalf")]
    public void File_and_rows_lead_to_the_same_delegations_and_actions(string rights)
    {
        using var world = new World("small");
        world.Session["snapshotFile"] = TestPaths.Tenant("small", "snapshot.jsonl");
        world.Session.RunWell("$snapshot = Import-MailboxDelegation $snapshotFile");
        var (delegations, unknown, changes) = Outcome(world, rights);
        Assert.NotEmpty(delegations);

        world.Read($"-Right {rights}");
        var fromRows = Outcome(world, rights);
        Assert.Equal(delegations, fromRows.Delegations);
        Assert.Equal(unknown, fromRows.Unknown);
        Assert.Equal(changes, fromRows.Changes);
    }

    [Fact]
    public void The_plan_from_the_file_is_applied_and_then_there_is_nothing_to_do()
    {
        using var world = new World("small");
        world.Session["snapshotFile"] = TestPaths.Tenant("small", "snapshot.jsonl");
        world.Session.RunWell("$snapshot = Import-MailboxDelegation $snapshotFile");
        world.Plan();
        var changes = world.Changes();
        Assert.NotEmpty(changes);
        Assert.Empty(world.Apply().Errors);
        Assert.All(changes.Where(change => change.StartsWith("AliasAdded", StringComparison.Ordinal)), change => Assert.Contains(change.Split(' ')[2], world.Simulator.Addresses(change.Split(' ')[1])));
        world.Plan();
        Assert.Empty(world.Changes());
    }

    private static (string[] Delegations, string[] Unknown, string[] Changes) Outcome(World world, string rights)
    {
        var delegations = world.Texts($"$snapshot | Get-MailboxDelegation -Right {rights} | ForEach-Object {{ \"$($_.MailboxGuid) $($_.DelegateAddress) $($_.Right) $($_.Known) $($_.Trail -join ' > ')\" }}");
        var unknown = world.Texts($"$snapshot | Get-MailboxDelegation -Unknown -Right {rights} | ForEach-Object {{ \"$($_.MailboxGuid) $($_.MayGain) $($_.Reason.Code -join ' ')\" }}");
        world.Plan($"-FunctionalUser Remove -Right {rights}");
        return (delegations, unknown, world.Changes());
    }
}
