using System.Text.Json.Nodes;

namespace ModuleTests.Runs;

/// <summary>An import at ESG brings back what was removed (design 6).</summary>
public sealed class ReimportTests
{
    [Fact]
    public void Rule38_After_the_second_return_it_is_held_back_and_the_plan_says_what_to_change_in_the_import()
    {
        using var company = new Company();
        company.Person("anna").Mailbox("sales", "anna").Mailbox("support", "anna");
        using var world = new World(company.Save());
        var sales = world.Simulator.State["users"]!.AsArray().Single(user => $"{user!["username"]}" == "sales")!.DeepClone();
        world.Read();
        foreach (var round in Enumerable.Range(1, 2))
        {
            world.Plan("-FunctionalUser Remove");
            Assert.Contains("FunctionalUserRemoved sales sales@corp.example", world.Changes());
            Assert.Equal(round - 1, world.Texts("$plan.Finding | Where-Object Code -eq FunctionalUserReturned").Length);
            Assert.Empty(world.Apply().Errors);
            Assert.False(world.Simulator.HasUser("sales"));
            Import(world.Simulator, sales, 5000 + round);
        }

        world.Plan("-FunctionalUser Remove");
        Assert.Empty(world.Changes());
        Assert.Equal(["CameBack"], world.LeftAlone("sales"));
        Assert.Contains("exclude shared mailboxes from the import at ESG", Assert.Single(world.Texts("$plan.LeftAlone | Where-Object Code -eq CameBack | ForEach-Object Reason")), StringComparison.Ordinal);
        Assert.Contains("Exclude shared mailboxes", Assert.Single(world.Texts("$plan.Finding | Where-Object Code -eq FunctionalUserReturned | ForEach-Object Advice")), StringComparison.Ordinal);
        world.Apply();
        Assert.True(world.Simulator.HasUser("sales"));
        // Whoever held the address goes on to see its mail.
        Assert.Contains("sales@corp.example", world.Simulator.Addresses("anna@corp.example"));
    }

    private static void Import(Simulator simulator, JsonNode user, int id)
    {
        var state = simulator.State;
        var anew = user.DeepClone();
        anew["id"] = id;
        state["users"]!.AsArray().Add(anew);
        simulator.Load(state.ToJsonString());
    }
}
