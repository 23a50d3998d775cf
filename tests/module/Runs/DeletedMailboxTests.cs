namespace ModuleTests.Runs;

/// <summary>What becomes of our aliases when the mailbox itself is deleted (rule 23), from the cmdlets to the appliance.</summary>
public sealed class DeletedMailboxTests
{
    private const string User = "tim.berg@halden.example";
    private const string Address = "tenders@halden.example";
    private const string Guid = "b0000000-0000-4000-8000-0000000001a6";

    [Fact]
    public void Rule23_A_mailbox_that_is_gone_for_good_takes_our_alias_with_it()
    {
        using var world = AfterTheFirstRun("");
        Assert.Equal(1, (long)world.Read().Single.SoftDeletedMailboxes);
        world.Plan();
        Assert.Contains($"AliasRemoved {User} {Address}", world.Changes());
        Assert.Contains("does not exist any more", Assert.Single(world.Texts($"$plan.Action.Change | Where-Object Address -eq {Address} | ForEach-Object Reason")), StringComparison.Ordinal);
        Assert.Empty(world.Apply().Errors);
        Assert.DoesNotContain(Address, world.Simulator.Addresses(User));
    }

    [Theory]
    [InlineData("")]
    [InlineData(", \"IsInactiveMailbox\": true")]
    public void Rule23_A_soft_deleted_mailbox_may_come_back_so_its_alias_stays(string inactive)
    {
        using var world = AfterTheFirstRun($$"""{"DisplayName": "Tenders", "Name": "tenders20261124", "Identity": "Soft Deleted Objects\\tenders20261124", "PrimarySmtpAddress": "{{Address}}", "RecipientTypeDetails": "SharedMailbox", "Guid": "{{Guid}}"{{inactive}}}""");
        Assert.Equal(2, (long)world.Read().Single.SoftDeletedMailboxes);
        world.Plan();
        AssertKept(world, "MailboxSoftDeleted", "tenders@halden.example is soft-deleted and may be restored");
        // It is no mailbox to anybody who asks who may open what.
        Assert.DoesNotContain(world.Texts("$snapshot | Get-MailboxDelegation -Unknown | ForEach-Object Mailbox"), name => name.Contains("Tenders", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("-Missing 'Get-Mailbox -SoftDeletedMailbox'", "has no parameter -SoftDeletedMailbox")]
    [InlineData("-Missing 'Get-Mailbox -InactiveMailboxOnly'", "has no parameter -InactiveMailboxOnly")]
    [InlineData("-ErrorText @{ 'Get-Mailbox -SoftDeletedMailbox' = 'out of order' }", "out of order")]
    public void Rule23_While_the_soft_deleted_mailboxes_cannot_be_read_nothing_is_removed_and_the_plan_says_why(string hindrance, string reason)
    {
        using var world = AfterTheFirstRun("", hindrance);
        var read = world.Read();
        Assert.Contains(read.Warnings, warning => warning.Contains("no mailbox can be proved gone", StringComparison.Ordinal) && warning.Contains(reason, StringComparison.Ordinal));
        world.Plan();
        AssertKept(world, "SnapshotNotWhole", reason);
    }

    [Fact]
    public void Rule23_A_part_of_the_tenant_proves_nothing_and_asks_for_no_soft_deleted_mailboxes()
    {
        using var world = AfterTheFirstRun("");
        world.Session.RunWell("Clear-ExchangeStandInCall");
        world.Read("-Filter \"DisplayName -like '*'\"");
        Assert.Equal(1, world.Session.RunWell("Get-ExchangeStandInCall -Command Get-Mailbox").Single.Count);
        world.Plan();
        AssertKept(world, "SnapshotNotWhole", "does not prove that it is gone");
    }

    private static World AfterTheFirstRun(string softDeleted, string hindrance = "")
    {
        var world = new World();
        world.ReadAndPlan();
        Assert.Empty(world.Apply().Errors);
        var later = Path.Combine(world.Folder, "tenant.json");
        File.WriteAllText(later, $$"""{"extends": "{{TestPaths.Tenant("sample", "exchange-later.json").Replace("\\", "\\\\", StringComparison.Ordinal)}}", "Get-Mailbox -SoftDeletedMailbox": [{{softDeleted}}]}""");
        world.LoadTenant(later, hindrance);
        return world;
    }

    private static void AssertKept(World world, string code, string reason)
    {
        Assert.DoesNotContain(world.Changes(), change => change.Contains(Address, StringComparison.Ordinal));
        Assert.Equal([code], world.LeftAlone(User, "tenders@*"));
        Assert.Contains(reason, Assert.Single(world.Texts($"$plan.LeftAlone | Where-Object UserName -eq {User} | ForEach-Object Reason")), StringComparison.Ordinal);
        Assert.Empty(world.Apply().Errors);
        Assert.Contains(Address, world.Simulator.Addresses(User));
    }
}
