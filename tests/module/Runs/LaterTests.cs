namespace ModuleTests.Runs;

/// <summary>The sample tenant a month after the first run.</summary>
public sealed class LaterTests
{
    [Fact]
    public void Former_delegates_lose_and_new_ones_gain()
    {
        using var world = AfterTheFirstRun();
        world.ReadAndPlan();
        Assert.Equal(Named("added", "AliasAdded").Concat(Named("removed", "AliasRemoved")).Order(StringComparer.Ordinal), world.Changes());
        Assert.Empty(world.Apply().Errors);
        foreach (var kept in Named("kept", "").Concat(Named("added", "")))
        {
            Assert.Contains(kept.Split(' ')[2], world.Simulator.Addresses(kept.Split(' ')[1]));
        }

        foreach (var removed in Named("removed", ""))
        {
            Assert.DoesNotContain(removed.Split(' ')[2], world.Simulator.Addresses(removed.Split(' ')[1]));
        }

        world.ReadAndPlan();
        Assert.Empty(world.Changes());
    }

    [Fact]
    public void With_RemoveStale_None_nothing_is_removed()
    {
        using var world = AfterTheFirstRun();
        world.ReadAndPlan("-RemoveStale None");
        Assert.Equal(Named("added", "AliasAdded").Order(StringComparer.Ordinal), world.Changes());
        Assert.Equal(["RemovalNotAsked"], world.LeftAlone("omar.said@halden.example"));
    }

    [Fact]
    public void Rule34_An_alias_that_was_taken_away_and_given_by_hand_is_not_ours()
    {
        using var world = new World();
        world.ReadAndPlan();
        Assert.Empty(world.Apply().Errors);
        world.Simulator.Edit("""{"id": 1382, "emailAddresses": [{"address": "omar.said@halden.example", "active": true, "primary": true}]}""");
        world.LoadTenant(TestPaths.Tenant("sample", "exchange-later.json"));
        world.ReadAndPlan();
        world.Simulator.Edit("""{"id": 1382, "emailAddresses": [{"address": "omar.said@halden.example", "active": true, "primary": true}, {"address": "export@halden.example", "active": true, "primary": false}]}""");
        world.Plan();
        Assert.DoesNotContain(world.Changes(), change => change.StartsWith("AliasRemoved omar.said", StringComparison.Ordinal));
        Assert.Contains("omar.said@halden.example", world.Texts("$plan.Finding | Where-Object Code -eq UnexplainedAlias | ForEach-Object Subject"));
    }

    [Fact]
    public void Rule35_What_is_adopted_can_be_taken_away_later()
    {
        using var world = new World();
        // As the template left it: Omar Said has the alias already.
        world.Simulator.Edit("""{"id": 1382, "emailAddresses": [{"address": "omar.said@halden.example", "active": true, "primary": true}, {"address": "export@halden.example", "active": true, "primary": false}]}""");
        world.ReadAndPlan("-AdoptExisting");
        Assert.Contains("AliasAdopted omar.said@halden.example export@halden.example", world.Changes());
        world.Simulator.ResetCounts();
        Assert.Empty(world.Apply().Errors);
        Assert.DoesNotContain(world.Simulator.Calls, call => call.Path.EndsWith("/1382", StringComparison.Ordinal) && call.Method != "GET");
        world.LoadTenant(TestPaths.Tenant("sample", "exchange-later.json"));
        world.ReadAndPlan();
        Assert.Contains("AliasRemoved omar.said@halden.example export@halden.example", world.Changes());
    }

    private static World AfterTheFirstRun()
    {
        var world = new World();
        world.ReadAndPlan();
        Assert.Empty(world.Apply().Errors);
        world.LoadTenant(TestPaths.Tenant("sample", "exchange-later.json"));
        return world;
    }

    private static IEnumerable<string> Named(string list, string kind) =>
        Expected.Later[list]!.AsArray().Select(entry => $"{kind} {entry!["username"]!.GetValue<string>()} {entry["address"]!.GetValue<string>()}");
}
