using System.Text.Json.Nodes;

namespace ModuleTests.Runs;

/// <summary>The sample tenant from the first read to the run that has nothing to do.</summary>
public sealed class WholeRunTests
{
    [Fact]
    public void What_is_read_planned_and_applied_is_what_the_tenant_says()
    {
        using var world = new World();
        var before = world.Simulator.Users;
        world.Read();
        Assert.Equal(Expected.Delegations, Delegations(world));
        var unknown = world.Texts("foreach ($mailbox in $snapshot | Get-MailboxDelegation -Unknown) { \"$($mailbox.MailboxAddress) $($mailbox.Reason.Code)\" }");
        Assert.Equal(Expected.Unknown, unknown.Order(StringComparer.Ordinal));

        var plan = world.Plan();
        foreach (var (count, value) in new (string, long)[]
        {
            ("mailboxes", plan.Mailboxes), ("esgUsers", plan.Users), ("aliasesAdded", plan.AliasesAdded), ("duplicatesCollapsed", plan.DuplicatesCollapsed),
            ("usersChanged", plan.UsersChanged), ("functionalUsersRemovable", plan.FunctionalUsersRemovable),
        })
        {
            Assert.Equal((count, Expected.Counts[count]!.GetValue<long>()), (count, value));
        }

        world.Simulator.ResetCounts();
        Assert.Empty(world.Apply().Errors);
        Assert.Equal(Expected.UsersAfterFirstRun.Keys.Select(id => $"PATCH /api/v2/user/{id}").Order(), world.Simulator.Written.Order());
        var after = world.Simulator.Users;
        Assert.Equal(before.Keys, after.Keys);
        foreach (var (id, text) in after)
        {
            if (Expected.UsersAfterFirstRun.TryGetValue(id, out var addresses))
            {
                Assert.Equal(addresses, JsonNode.Parse(text)!["emailAddresses"]!.AsArray().Select(element => element!["address"]!.GetValue<string>()));
            }
            else
            {
                Assert.Equal(before[id], text);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("-FunctionalUser Remove")]
    public void The_second_run_reads_everything_anew_and_sends_reads_only(string options)
    {
        using var world = new World();
        var plan = world.ReadAndPlan(options);
        var expect = options.Length == 0 ? "" : $"-Expect @{{ FunctionalUserRemoved = {plan.FunctionalUsersRemoved} }}";
        Assert.Empty(world.Apply(expect).Errors);
        var first = world.Texts("Get-ExchangeStandInCall | ForEach-Object { \"$($_.Command) $($_.Identity) $($_.Count)\" }");
        var users = world.Simulator.Users;

        world.Session.RunWell("Clear-ExchangeStandInCall");
        world.Simulator.ResetCounts();
        plan = world.ReadAndPlan(options);
        Assert.Empty(world.Changes());
        Assert.Equal("nothing to do", $"{plan}".Split(": ")[1]);
        var run = world.Apply();
        Assert.Empty(run.Errors);
        Assert.Equal(0, run.Single.Applied);

        Assert.Equal(41, world.Texts("Get-ExchangeStandInCall -Command Get-MailboxPermission").Length);
        Assert.Equal(first, world.Texts("Get-ExchangeStandInCall | ForEach-Object { \"$($_.Command) $($_.Identity) $($_.Count)\" }"));
        Assert.Equal(users.Count, plan.Users);
        Assert.All(world.Simulator.Calls, call => Assert.Equal(("GET", "/api/v2/user"), (call.Method, call.Path)));
        Assert.Equal((users.Count + 149) / 150, world.Simulator.Calls.Count());
        Assert.Equal(users, world.Simulator.Users);
    }

    [Fact]
    public void Nobody_who_needs_no_change_is_written_to_when_the_tenant_grows()
    {
        using var world = new World();
        world.ReadAndPlan();
        Assert.Empty(world.Apply().Errors);
        world.LoadTenant(TestPaths.Tenant("sample", "exchange-later.json"));
        world.ReadAndPlan();
        world.Simulator.ResetCounts();
        Assert.Empty(world.Apply().Errors);
        // Tim Berg, whose mailbox was deleted, Paula Cruz, Omar Said, Sara Blom, Una Kelly.
        Assert.Equal(["/1235", "/1267", "/1286", "/1382", "/1396"], world.Simulator.Written.Select(call => call.Replace("PATCH /api/v2/user", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    private static string[] Delegations(World world) => [.. world.Session.RunWell("$snapshot | Get-MailboxDelegation").Output.Select(output =>
    {
        dynamic delegation = output;
        var trail = (IEnumerable<string>)delegation.Trail;
        return Expected.Delegation((string)delegation.MailboxAddress, (string)delegation.DelegateAddress, trail.SkipLast(1));
    }).Order(StringComparer.Ordinal)];
}
