using System.Text.Json.Nodes;

namespace ModuleTests.Template;

/// <summary>Defects of the vendor's template in what it writes, and in what it deletes (T4, T5, T14 to T16, T18).</summary>
public sealed class TemplateWritingTests
{
    [Fact]
    public void T04_What_is_there_is_not_added_again()
    {
        using var world = new World();
        world.ReadAndPlan();
        Assert.DoesNotContain(world.Changes(), change => change.Contains("yara.dogan@", StringComparison.Ordinal));
        Assert.Equal(["DuplicateCollapsed zeno.bauer@halden.example travel@halden.example"], world.Changes().Where(change => change.Contains("zeno.bauer@", StringComparison.Ordinal)));
        Assert.Empty(world.Apply().Errors);
        foreach (var user in world.Simulator.State["users"]!.AsArray())
        {
            var addresses = user!["emailAddresses"]!.AsArray().Select(element => element!["address"]!.GetValue<string>().ToUpperInvariant()).ToArray();
            Assert.Equal(addresses.Distinct(), addresses);
        }

        var after = world.Simulator.Users;
        world.ReadAndPlan();
        Assert.Empty(world.Changes());
        Assert.Empty(world.Apply().Errors);
        Assert.Equal(after, world.Simulator.Users);
    }

    [Fact]
    public void T05_A_user_gets_all_addresses_in_one_PATCH()
    {
        using var world = new World();
        world.ReadAndPlan();
        Assert.Empty(world.Apply().Errors);
        Assert.Equal(["PATCH /api/v2/user/1266"], world.Simulator.Written.Where(call => call.EndsWith("/1266", StringComparison.Ordinal)));
        Assert.Equal(
            ["ines.moreau@halden.example", "ap@halden.example", "complaints@halden.example", "info@halden.example", "orders@halden.example"],
            world.Simulator.Addresses("ines.moreau@halden.example"));
    }

    [Fact]
    public void T05_What_somebody_else_changed_since_the_plan_is_kept()
    {
        using var world = new World();
        world.ReadAndPlan();
        world.Simulator.Edit("""
            {"id": 1266, "emailAddresses": [{"address": "ines.moreau@halden.example", "active": true, "primary": true}, {"address": "ines@private.example", "active": false, "primary": false}]}
            """);
        Assert.Empty(world.Apply().Errors);
        Assert.Equal(
            ["ines.moreau@halden.example", "ines@private.example", "ap@halden.example", "complaints@halden.example", "info@halden.example", "orders@halden.example"],
            world.Simulator.Addresses("ines.moreau@halden.example"));
        Assert.False(world.Simulator.Elements("ines.moreau@halden.example")[1]["active"]!.GetValue<bool>());
    }

    [Fact]
    public void T14_A_user_with_the_name_of_a_mailbox_and_another_address_stays()
    {
        using var world = new World();
        var plan = world.ReadAndPlan("-FunctionalUser Remove");
        Assert.Equal(["FunctionalUserRemoved Facilities facilities@halden.example"], world.Changes().Where(change => change.StartsWith("FunctionalUserRemoved Facilities ", StringComparison.Ordinal)));
        Assert.Equal(["MatchedByNameOnly"], world.LeftAlone("Facilities", "facilities-all@*"));
        // The user of a mailbox whose name it does not bear goes, a person with the address of a mailbox never does.
        Assert.Contains("FunctionalUserRemoved Service Desk Nord nord@halden.example", world.Changes());
        Assert.Equal(["RoleDiffers"], world.LeftAlone("ombudsman@halden.example"));

        Assert.Empty(world.Apply($"-Expect @{{ FunctionalUserRemoved = {plan.FunctionalUsersRemoved} }}").Errors);
        var left = world.Simulator.Users;
        Assert.False(left.ContainsKey(1121));
        Assert.True(left.ContainsKey(1355));
        Assert.True(left.ContainsKey(1259));
    }

    [Fact]
    public void T15_Without_a_delegate_at_ESG_the_functional_user_stays()
    {
        using var world = new World();
        world.ReadAndPlan("-FunctionalUser Remove");
        Assert.Equal(["NotHeld"], world.LeftAlone("Visitors"));
        Assert.Equal(["NotHeld"], world.LeftAlone("Archive 2019"));
    }

    [Fact]
    public void T15_When_the_mapping_fails_the_functional_user_stays()
    {
        using var world = new World();
        var plan = world.ReadAndPlan("-FunctionalUser Remove");
        world.Simulator.Faults("""[{"on": {"method": "PATCH", "path_contains": "/user/1248"}, "do": {"status": {"code": 422}}}]""");
        var errors = world.Apply($"-Expect @{{ FunctionalUserRemoved = {plan.FunctionalUsersRemoved} }}").Errors;
        // Marta Lindqvist is the only delegate of ar@.
        Assert.Contains(errors, error => error.ToString().StartsWith("marta.lindqvist@halden.example:", StringComparison.Ordinal));
        Assert.True(world.Simulator.HasUser("Accounts Receivable"));
        Assert.False(world.Simulator.HasUser("Accounts Payable"));
    }

    [Fact]
    public void T16_A_former_delegate_loses_the_address_that_this_product_gave()
    {
        using var world = new World();
        world.ReadAndPlan();
        Assert.Empty(world.Apply().Errors);
        Assert.Contains("export@halden.example", world.Simulator.Addresses("omar.said@halden.example"));
        world.LoadTenant(TestPaths.Tenant("sample", "exchange-later.json"));
        world.ReadAndPlan();
        Assert.Empty(world.Apply().Errors);
        Assert.Equal(["omar.said@halden.example"], world.Simulator.Addresses("omar.said@halden.example"));
        // An address that somebody gave by hand is not ours to take, and is told.
        Assert.Contains("complaints@halden.example", world.Simulator.Addresses("hugo.prins@halden.example"));
        Assert.Equal(["hugo.prins@halden.example"], world.Texts("$plan.Finding | Where-Object Code -eq UnexplainedAlias | ForEach-Object Subject"));
    }

    [Fact]
    public void T18_Nested_members_of_addresses_go_back_as_they_came()
    {
        using var world = new World();
        var before = world.Simulator.Elements("milan.kolar@halden.example");
        Assert.NotNull(before[0]["meta"]!["source"]!["tags"]![1]!["b"]![2]);
        world.ReadAndPlan();
        Assert.Empty(world.Apply().Errors);
        var after = world.Simulator.Elements("milan.kolar@halden.example");
        Assert.Equal(3, after.Length);
        Assert.True(JsonNode.DeepEquals(before[0], after[0]), after[0].ToJsonString());
        Assert.True(JsonNode.DeepEquals(before[1], after[1]), after[1].ToJsonString());
        Assert.Equal("media@halden.example", after[2]["address"]!.GetValue<string>());
    }
}
