namespace ModuleTests.Runs;

/// <summary>The sample tenant from the first read to the run that has nothing to do.</summary>
public sealed class WholeRunTests
{
    [Fact]
    public void What_is_read_planned_and_applied_is_what_the_tenant_says()
    {
        using var world = new World();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var before = world.Simulator.Users;
        world.Read();
        Console.WriteLine(clock.Elapsed);
        Assert.Equal(Expected.Delegations, Delegations(world));
        Console.WriteLine(clock.Elapsed);
        var unknown = world.Texts("foreach ($mailbox in $snapshot | Get-MailboxDelegation -Unknown) { \"$($mailbox.MailboxAddress) $($mailbox.Reason.Code)\" }");
        Assert.Equal(Expected.Unknown, unknown.Order(StringComparer.Ordinal));

        var plan = world.Plan();
        Console.WriteLine(clock.Elapsed);
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
        Console.WriteLine(clock.Elapsed);
        Assert.Equal(Expected.UsersAfterFirstRun.Keys.Select(id => $"PATCH /api/v2/user/{id}").Order(), world.Simulator.Written.Order());
        var after = world.Simulator.Users;
        Assert.Equal(before.Keys, after.Keys);
        foreach (var (id, text) in after)
        {
            if (!Expected.UsersAfterFirstRun.TryGetValue(id, out var addresses))
            {
                Assert.Equal(before[id], text);
                continue;
            }

            Assert.Equal(addresses, System.Text.Json.Nodes.JsonNode.Parse(text)!["emailAddresses"]!.AsArray().Select(e => e!["address"]!.GetValue<string>()));
        }
    }

    private static string[] Delegations(World world) => [.. world.Session.RunWell("$snapshot | Get-MailboxDelegation").Output.Select(output =>
    {
        dynamic delegation = output;
        var trail = (IEnumerable<string>)delegation.Trail;
        return Expected.Delegation((string)delegation.MailboxAddress, (string)delegation.DelegateAddress, trail.SkipLast(1));
    }).Order(StringComparer.Ordinal)];
}
