namespace ModuleTests.Runs;

/// <summary>Rows that a script already has, and mailboxes that come through the pipeline, lead to the same actions as a read of the whole tenant.</summary>
public sealed class RowsTests
{
    private const string Rows = """
        $mailboxes = Get-Mailbox -RecipientTypeDetails SharedMailbox -ResultSize Unlimited
        $permissions = foreach ($mailbox in $mailboxes) { Get-MailboxPermission -Identity $mailbox.Guid -IncludeUnresolvedPermissions -ResultSize Unlimited -ErrorAction Ignore }
        """;

    [Fact]
    public void Complete_rows_lead_to_the_actions_of_a_read()
    {
        using var world = new World();
        world.ReadAndPlan("-FunctionalUser Remove");
        var read = world.Changes();
        world.Session.RunWell($"{Rows}\n$snapshot = Import-MailboxDelegation -Mailbox $mailboxes -Permission $permissions -Complete");
        world.Plan("-FunctionalUser Remove");
        Assert.Equal(read, world.Changes());
    }

    [Fact]
    public void Rows_that_may_not_be_all_add_and_take_nothing_away()
    {
        using var world = new World();
        world.ReadAndPlan();
        Assert.Empty(world.Apply().Errors);
        world.LoadTenant(TestPaths.Tenant("sample", "exchange-later.json"));
        world.ReadAndPlan("-FunctionalUser Remove");
        var read = world.Changes();
        Assert.Contains(read, change => change.StartsWith("AliasRemoved", StringComparison.Ordinal));

        world.Session.RunWell($"{Rows}\n$snapshot = Import-MailboxDelegation -Mailbox $mailboxes -Permission $permissions");
        world.Plan("-FunctionalUser Remove -RemoveStale Any");
        Assert.Equal(read.Where(change => change.StartsWith("AliasAdded", StringComparison.Ordinal)), world.Changes());
        Assert.NotEmpty(world.Changes());
    }

    [Theory]
    [InlineData("Get-Mailbox -RecipientTypeDetails SharedMailbox -ResultSize Unlimited | Where-Object PrimarySmtpAddress -in 'info@halden.example', 'orders@halden.example', 'purchasing@halden.example'")]
    [InlineData("'info@halden.example', 'orders@halden.example', 'purchasing@halden.example'")]
    public void Mailboxes_from_the_pipeline_get_the_actions_that_they_get_in_the_whole(string mailboxes)
    {
        using var world = new World();
        world.ReadAndPlan("-FunctionalUser Remove");
        string[] chosen = ["info@halden.example", "orders@halden.example", "purchasing@halden.example"];
        var whole = world.Changes().Where(change => chosen.Any(mailbox => change.EndsWith(" " + mailbox, StringComparison.Ordinal)));
        world.Session.RunWell($"$snapshot = {mailboxes} | Export-MailboxDelegation -Path $snapshotPath");
        var plan = world.Plan("-FunctionalUser Remove");
        Assert.False(plan.SnapshotWhole);
        Assert.Equal(whole, world.Changes());
    }

    [Fact]
    public void A_part_of_the_tenant_takes_nothing_from_the_rest()
    {
        using var world = new World();
        world.ReadAndPlan();
        Assert.Empty(world.Apply().Errors);
        var before = world.Simulator.Users;
        world.LoadTenant(TestPaths.Tenant("sample", "exchange-later.json"));
        world.Read("-Filter \"DisplayName -like 'Import*'\"");
        world.Plan("-FunctionalUser Remove -RemoveStale Any");
        Assert.Equal(["AliasAdded paula.cruz@halden.example import@halden.example", "FunctionalUserRemoved Import import@halden.example"], world.Changes());
        Assert.Equal(["SnapshotNotWhole"], world.LeftAlone("omar.said@halden.example"));
        Assert.Empty(world.Apply().Errors);
        // Those two users, and nobody else.
        var after = world.Simulator.Users;
        Assert.Equal([1229], before.Keys.Except(after.Keys));
        Assert.Equal([1396], after.Where(user => before[user.Key] != user.Value).Select(user => user.Key));
    }

    [Fact]
    public void A_snapshot_without_its_end_only_adds()
    {
        using var world = new World();
        world.ReadAndPlan();
        Assert.Empty(world.Apply().Errors);
        world.LoadTenant(TestPaths.Tenant("sample", "exchange-later.json"));
        world.Read();
        world.Plan("-FunctionalUser Remove -RemoveStale Any");
        var complete = world.Changes();
        var lines = File.ReadAllLines(world.SnapshotPath);
        File.WriteAllLines(world.SnapshotPath, lines[..^1]);
        world.Session.RunWell("$snapshot = Import-MailboxDelegation $snapshotPath");
        var plan = world.Plan("-FunctionalUser Remove -RemoveStale Any");
        Assert.False(plan.SnapshotComplete);
        Assert.Equal(complete.Where(change => change.StartsWith("AliasAdded", StringComparison.Ordinal)), world.Changes());
        Assert.Equal(["SnapshotIncomplete"], world.LeftAlone("omar.said@halden.example"));
        Assert.Equal(["SnapshotIncomplete"], world.LeftAlone("Accounts Payable"));
    }
}
