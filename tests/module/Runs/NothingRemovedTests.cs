using System.Management.Automation;

namespace ModuleTests.Runs;

/// <summary>What an administrator gets wrong most easily takes nothing from anybody, and the message says why and what to do.</summary>
public sealed class NothingRemovedTests(SharedWorld shared) : IClassFixture<SharedWorld>
{
    private const string Remove = "-RemoveStale Any -FunctionalUser Remove";

    private World World => shared.World;

    [Fact]
    public void A_filter_to_ten_mailboxes_removes_nothing_of_the_others_and_says_why()
    {
        using var company = TwelveBoxes();
        World.Begin(company);
        var lists = World.Simulator.Users;
        World.Read("-Identity " + string.Join(", ", Enumerable.Range(1, 10).Select(i => $"box{i}@corp.example")));
        AssertHeldBack("4 removals are held back, for example box11@corp.example of person11@corp.example", "does not prove that it is gone", "without -Identity and -Filter");
        Assert.Equal(lists, World.Simulator.Users);
    }

    [Fact]
    public void A_session_on_the_wrong_tenant_removes_nothing_and_says_which_tenant_was_meant()
    {
        using var company = TwelveBoxes();
        World.Begin(company);
        var lists = World.Simulator.Users;
        // A copy of the tenant, in which nobody was granted anything yet.
        foreach (var i in Enumerable.Range(1, 12))
        {
            company.RevokeAll($"box{i}");
        }

        World.Change(company.Tenant(0xBBBB));
        World.Read();
        AssertWarned($"12 aliases at ESG are managed for tenant {Company.Guid(0xFFFF)}, and none for {Company.Guid(0xBBBB)}", "never removed", "connect to it at Exchange and read again");
        // The state is of the first tenant: no plan of another one is applied, not even one that has nothing to do.
        Assert.StartsWith("PlanForOtherTenant", World.Apply().Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        var task = World.Session.RunWell($"Sync-EsgSharedMailbox {Remove} -Confirm:$false").Single;
        Assert.Equal(1, (int)task.ExitCode);
        Assert.All(new[] { Company.Guid(0xBBBB), Company.Guid(0xFFFF), "connect to the other one at Exchange and read again" }, text => Assert.Contains(text, (string)task.Message, StringComparison.Ordinal));
        Assert.Equal(0, World.Simulator.Writes);
        Assert.Equal(lists, World.Simulator.Users);
    }

    [Fact]
    public void A_snapshot_with_a_cut_end_removes_nothing_and_says_that_it_was_not_read_to_the_end()
    {
        using var company = TwelveBoxes();
        World.Begin(company);
        var lists = World.Simulator.Users;
        foreach (var i in Enumerable.Range(1, 9))
        {
            company.Revoke($"box{i}", $"person{i}");
        }

        World.Change(company);
        World.Read();
        var lines = File.ReadAllLines(World.SnapshotPath);
        File.WriteAllText(World.SnapshotPath, string.Join('\n', lines[..^3]) + "\n" + lines[^3][..20]);
        World.Session.RunWell("$snapshot = Import-MailboxDelegation $snapshotPath");
        Assert.False((bool)World.Session.RunWell("$snapshot").Single.Complete);
        // The nine that were revoked, and the functional users whose delegates hold the address.
        AssertHeldBack("removals are held back, for example box1@corp.example of person1@corp.example", "the snapshot has no end", "-Resume");
        Assert.Equal(lists, World.Simulator.Users);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_empty_snapshot_is_no_empty_world_and_says_what_to_check(bool empty)
    {
        using var company = TwelveBoxes();
        World.Begin(company);
        var lists = World.Simulator.Users;
        World.Read();
        var lines = File.ReadAllLines(World.SnapshotPath);
        var header = lines.Where(line => line.Contains("\"kind\":\"snapshot\"", StringComparison.Ordinal));
        File.WriteAllLines(World.SnapshotPath, empty ? [] : [.. header, "{\"kind\":\"end\",\"lines\":1,\"counts\":{\"snapshot\":1}}"]);
        var plan = World.Session.Run($"New-EsgPlan -Snapshot $snapshotPath {Remove}");
        Assert.Empty(plan.Output);
        var (id, text, advice) = empty ? ("SnapshotBroken", "empty", "read Exchange again") : ("PlanRefused", "holds no mailbox", "then read again");
        Assert.StartsWith(id, plan.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(text, plan.Error.ToString(), StringComparison.Ordinal);

        var task = World.Session.RunWell($"Sync-EsgSharedMailbox -Path $snapshotPath {Remove} -Confirm:$false").Single;
        Assert.Equal(1, (int)task.ExitCode);
        Assert.Contains(text, (string)task.Message, StringComparison.Ordinal);
        Assert.Contains(advice, (string)task.Message, StringComparison.Ordinal);
        Assert.Equal(lists, World.Simulator.Users);
    }

    [Fact]
    public void A_tenant_without_mailboxes_is_an_error_and_not_an_empty_world()
    {
        using var company = TwelveBoxes();
        World.Begin(company);
        var lists = World.Simulator.Users;
        using var nobody = new Company().Person("anna");
        World.Change(nobody);
        var task = World.Session.RunWell($"Sync-EsgSharedMailbox {Remove} -Confirm:$false").Single;
        Assert.Equal(1, (int)task.ExitCode);
        Assert.Contains("mailbox", (string)task.Message, StringComparison.Ordinal);
        Assert.Equal(lists, World.Simulator.Users);
    }

    [Fact]
    public void A_deleted_state_file_removes_nothing_and_says_how_to_get_on()
    {
        using var company = TwelveBoxes();
        World.Begin(company);
        World.Change(company.RevokeAll("box1"));
        World.ReadAndPlan();
        Assert.Equal(["AliasRemoved person1@corp.example box1@corp.example"], World.Changes());
        var lists = World.Simulator.Users;
        foreach (var file in Directory.GetFiles(World.StatePath))
        {
            File.Delete(file);
        }

        // The plan of before is bound to the state that is gone.
        var refused = World.Apply().Error;
        Assert.StartsWith("PlanForOtherState", refused.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidOperation, refused.CategoryInfo.Category);

        // Any would remove what is an address of a mailbox, ours or not: here it is not asked for.
        AssertHeldBack("the state file of 'corp' knows no alias as ours, and 12 aliases of mailboxes are at ESG already", "none of them is ever removed", "put it back from a backup; otherwise plan once with -AdoptExisting", "-RemoveStale Managed");
        Assert.Equal(lists, World.Simulator.Users);
    }

    /// <summary>Plan and task: nothing is removed, and both say why, and the plan what to do.</summary>
    private void AssertHeldBack(string what, string why, string advice, string options = Remove)
    {
        var warning = AssertWarned(what, why, advice, options);
        Assert.Empty(World.Apply().Errors);

        var task = World.Session.RunWell($"Sync-EsgSharedMailbox -Path $snapshotPath {options} -Confirm:$false");
        Assert.Contains(what, (string)task.Single.Message, StringComparison.Ordinal);
        Assert.Equal(warning, Assert.Single(task.Warnings));
        Assert.Equal(0, World.Simulator.Writes);
    }

    private string AssertWarned(string what, string why, string advice, string options = Remove)
    {
        var plan = World.Session.RunWell($"$plan = New-EsgPlan -Snapshot $snapshot {options}; $plan");
        Assert.Empty(World.Changes());
        var warning = Assert.Single(plan.Warnings);
        Assert.All(new[] { what, why, advice }, text => Assert.Contains(text, warning, StringComparison.Ordinal));
        Assert.Contains(World.Texts("$plan.FindingByKind"), line => line.StartsWith("1 RemovalsHeldBack: ", StringComparison.Ordinal));
        return warning;
    }

    // Each person opens a box of their own; only the last two boxes have functional users.
    private static Company TwelveBoxes()
    {
        var company = new Company();
        foreach (var i in Enumerable.Range(1, 12))
        {
            company.Person($"person{i}");
        }

        foreach (var i in Enumerable.Range(1, 10))
        {
            company.HiddenMailbox($"box{i}", $"person{i}");
        }

        return company.Mailbox("box11", "person11").Mailbox("box12", "person12");
    }
}
