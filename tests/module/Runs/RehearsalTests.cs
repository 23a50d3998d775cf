namespace ModuleTests.Runs;

/// <summary>A rehearsal against the simulator leaves nothing behind that a real appliance would take (design 8).</summary>
public sealed class RehearsalTests
{
    [Fact]
    public void A_state_and_a_plan_of_a_rehearsal_serve_no_real_appliance_and_the_other_way_round()
    {
        using var company = new Company().Person("anna").HiddenMailbox("sales", "anna");
        using var world = new World(company.Save());
        using var real = new UnmarkedAppliance(world.Simulator);
        Assert.True((bool)world.ReadAndPlan().Simulator);
        world.Session["realUri"] = real.Uri;
        world.Session["realState"] = Path.Combine(world.Folder, "real");
        world.Session["simulatorPlan"] = world.Session["plan"];

        // The same name, on the state of the rehearsal: not even when the administrator says that it is the same appliance.
        foreach (var rebind in new[] { "", "-Rebind -Confirm:$false" })
        {
            var refused = world.Session.Run($"Connect-Esg -Name corp -Uri $realUri -Credential $credential -AllowHttp -StatePath $esgState {rebind}").Error;
            Assert.StartsWith("StateSimulatorMixed", refused.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Contains("simulator", refused.ToString(), StringComparison.Ordinal);
        }

        // With a state of its own it plans anew, and takes no plan of the rehearsal.
        world.Session.RunWell("$null = Connect-Esg -Name corp -Uri $realUri -Credential $credential -AllowHttp -StatePath $realState");
        Assert.False((bool)world.Plan().Simulator);
        var plan = world.Session.Run("$simulatorPlan | Invoke-MailboxSyncPlan -Confirm:$false");
        Assert.StartsWith("PlanForOtherTarget", plan.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(0, world.Simulator.Writes);
        Assert.Empty(world.Apply().Errors);
        Assert.Contains("sales@corp.example", world.Simulator.Addresses("anna@corp.example"));

        // And a state of the real one serves no rehearsal.
        var back = world.Session.Run("Connect-Esg -Name corp -Uri $esgUri -Credential $credential -AllowHttp -StatePath $realState -Rebind -Confirm:$false").Error;
        Assert.StartsWith("StateSimulatorMixed", back.FullyQualifiedErrorId, StringComparison.Ordinal);
    }
}
