using System.Management.Automation;
using System.Text.Json.Nodes;

namespace ModuleTests.Runs;

/// <summary>Undo-MailboxSyncRun takes back exactly what a run did, again as a plan with guards (design 8).</summary>
public sealed class UndoTests
{
    [Fact]
    public void Undo_returns_ESG_to_the_exact_lists_before_the_run()
    {
        using var world = new World();
        var before = Lists(world.Simulator);
        world.ReadAndPlan("-FunctionalUser Remove -AdoptExisting");
        Assert.Empty(world.Apply("-Expect @{ FunctionalUserRemoved = 28 }").Errors);
        Assert.NotEqual(before, Lists(world.Simulator));

        // A first undo meets the guard, and takes back what it lets through.
        var blocked = world.Session.Run("$run | Undo-MailboxSyncRun -Confirm:$false");
        Assert.StartsWith("GuardBlocked", blocked.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        var expect = System.Text.RegularExpressions.Regex.Match(blocked.Error.ErrorDetails.RecommendedAction, @"-Expect @\{ AliasRemoved = \d+ \}").Value;
        Assert.Equal(28, world.Simulator.Calls.Count(call => call is { Method: "POST", Path: "/api/v2/user" }));
        var result = world.Session.Run($"$undo = Get-MailboxSyncRun | Where-Object CanBeUndone | Undo-MailboxSyncRun {expect} -Confirm:$false; $undo");
        Assert.Empty(result.Errors);
        Assert.Equal((0, 1L), ((int)result.Single.ExitCode, (long)result.Single.Undoes));
        Assert.Equal(before, Lists(world.Simulator));

        // Nothing of it is ours any more: the next plan is that of the first day, and what was adopted can be adopted again.
        world.Plan("-RemoveStale Managed");
        Assert.DoesNotContain(world.Changes(), change => change.StartsWith("AliasRemoved", StringComparison.Ordinal));
        Assert.Equal(28, world.Simulator.Calls.Count(call => call is { Method: "POST", Path: "/api/v2/user" }));
    }

    [Fact]
    public void Where_users_cannot_be_created_aliases_of_deleted_functional_users_stay_and_are_listed()
    {
        using var company = Office.Company();
        using var world = new World(company.Save(), ["--option", "users_can_be_created=false"]);
        world.ReadAndPlan("-FunctionalUser Remove");
        Assert.Empty(world.Apply(Office.Expect).Errors);
        world.Simulator.ResetCounts();
        var result = world.Session.RunWell("$undo = $run | Undo-MailboxSyncRun -Confirm:$false; $undo");
        Assert.Equal(0, world.Simulator.Writes);
        Office.AssertEnd(world.Simulator, removed: true);
        Assert.Equal(
            ["FunctionalUserDeleted 24", "UserCannotBeCreated 12"],
            world.Texts("$undo.LeftAlone | ForEach-Object Code | ForEach-Object { $n = @{} } { $n[$_]++ } { $n.Keys | ForEach-Object { \"$_ $($n[$_])\" } }").Order());
        Assert.Equal(2, result.Warnings.Count);
        Assert.All(result.Warnings, warning => Assert.Contains("LeftAlone of the result lists all", warning, StringComparison.Ordinal));
    }

    [Fact]
    public void With_Path_the_undo_is_a_plan_to_review_and_with_WhatIf_nothing_is_sent()
    {
        using var company = Office.Company();
        using var world = new World(company.Save());
        var before = Lists(world.Simulator);
        world.ReadAndPlan();
        world.Apply();
        world.Session["undoPath"] = Path.Combine(world.Folder, "undo.json");
        world.Simulator.ResetCounts();
        Assert.Empty(world.Session.RunWell("$run | Undo-MailboxSyncRun -WhatIf; Undo-MailboxSyncRun -Id $run.Id -Path $undoPath -WhatIf").Output);
        Assert.False(File.Exists(Path.Combine(world.Folder, "undo.json")));
        var plan = world.Session.RunWell("$plan = $run | Undo-MailboxSyncRun -Path $undoPath; $plan").Single;
        Assert.Equal((1L, 24L, "Undo of run 1 for corp: remove 24 aliases"), ((long)plan.Undoes, (long)plan.AliasesRemoved, (string)plan.ToString()));
        Assert.Null(plan.SnapshotCreated);
        Assert.Equal(0, world.Simulator.Writes);

        var missing = world.Session.Run("$run | Undo-MailboxSyncRun -Path ./no/such/folder/undo.json");
        Assert.StartsWith("PlanNotWritten", missing.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.WriteError, missing.Error.CategoryInfo.Category);

        var applied = world.Session.Run("Invoke-MailboxSyncPlan -Path $undoPath -Expect @{ AliasRemoved = 24 } -Confirm:$false");
        Assert.Empty(applied.Errors);
        Assert.Equal(before, Lists(world.Simulator));
    }

    [Fact]
    public void What_others_changed_since_is_left_and_listed()
    {
        using var company = Office.Company();
        using var world = new World(company.Save());
        world.ReadAndPlan();
        world.Apply();
        // By hand: one alias is off, another one is gone, and one is new.
        world.Simulator.Edit("""{"id": 1001, "emailAddresses": [{"address": "hand@corp.example", "active": true, "primary": false}, {"address": "person1@corp.example", "active": true, "primary": true}, {"address": "box1@corp.example", "active": false, "primary": false}]}""");
        var result = world.Session.RunWell("$undo = $run | Undo-MailboxSyncRun -Expect @{ AliasRemoved = 22 } -Confirm:$false; $undo");
        Assert.Equal(0, result.Single.ExitCode);
        Assert.Equal(["hand@corp.example", "person1@corp.example", "box1@corp.example"], world.Simulator.Addresses("person1@corp.example"));
        Assert.Equal(["person2@corp.example"], world.Simulator.Addresses("person2@corp.example"));
        Assert.Equal(["BackAlready box12@corp.example", "ChangedSince box1@corp.example"], world.Texts("$undo.LeftAlone | ForEach-Object { \"$($_.Code) $($_.Address)\" }"));
    }

    [Theory]
    [InlineData("PATCH", 6)]
    [InlineData("DELETE", 2)]
    public void A_run_that_was_killed_is_taken_back_as_it_is(string method, int count)
    {
        using var company = Office.Company();
        using var world = new World(company.Save(), ["--latency-ms", "100"]);
        var before = Lists(world.Simulator);
        world.Read();
        world.Session["planPath"] = world.PlanPath;
        world.Plan("-FunctionalUser Remove -Path $planPath");
        KillRun(world, method, count);
        var killed = world.Session.RunWell("$killed = Get-MailboxSyncRun -Newest 1; $killed").Single;
        Assert.Equal("Killed", $"{killed.Outcome}");
        Assert.Null(killed.Ended);

        var plan = world.Session.RunWell("$killed | Undo-MailboxSyncRun -Path \"$planPath.undo\"").Single;
        var expect = (long)plan.AliasesRemoved > 10 ? $"-Expect @{{ AliasRemoved = {plan.AliasesRemoved} }}" : "";
        Assert.Empty(world.Session.Run($"$killed | Undo-MailboxSyncRun {expect} -Confirm:$false").Errors);
        Assert.Equal(before, Lists(world.Simulator));
        // What was taken back is not finished by accident.
        var stale = world.Session.Run($"Invoke-MailboxSyncPlan -Path $planPath {Office.Expect} -Confirm:$false");
        Assert.StartsWith("PlanStale", stale.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_are_taken_back_the_newest_first_and_each_once()
    {
        using var company = Office.Company();
        using var world = new World(company.Save());
        var before = Lists(world.Simulator);
        world.ReadAndPlan();
        world.Apply("-First 4");
        world.Apply();
        world.Session.RunWell("$all = Get-MailboxSyncRun");
        Assert.Empty(world.Session.Run("$all | Undo-MailboxSyncRun -Expect @{ AliasRemoved = 99 } -Confirm:$false").Output);
        // Four users, then eight: the guards count each undo for itself.
        Assert.Empty(world.Session.Run("$all[0] | Undo-MailboxSyncRun -Expect @{ AliasRemoved = 16 } -Confirm:$false; $all[1] | Undo-MailboxSyncRun -Confirm:$false").Errors);
        Assert.Equal(before, Lists(world.Simulator));
        world.Simulator.ResetCounts();
        var again = world.Session.RunWell("$all | Undo-MailboxSyncRun -Confirm:$false");
        Assert.Equal(0, world.Simulator.Writes);
        Assert.All(again.Warnings, warning => Assert.Contains("UndoneBefore", warning, StringComparison.Ordinal));

        var undo = world.Session.Run("Get-MailboxSyncRun | Where-Object Undoes | Undo-MailboxSyncRun -Confirm:$false; 'goes on'");
        Assert.Equal("goes on", $"{undo.Single}");
        Assert.Equal(4, undo.Errors.Count);
        Assert.All(undo.Errors, error => Assert.StartsWith("RunIsUndo", error.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.Contains("New-EsgPlan", undo.Errors[0].ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_is_known_only_to_its_own_target()
    {
        using var company = Office.Company();
        using var world = new World(company.Save());
        world.ReadAndPlan();
        world.Apply();
        world.Session.RunWell("$null = Connect-Esg -Name lab -Uri $esgUri -Credential $credential -AllowHttp -StatePath $esgState");
        world.Session.RunWell("$null = New-EsgPlan -Snapshot $snapshot -Target lab; $null = $run | Undo-MailboxSyncRun -Path \"$snapshotPath.undo\"");
        var unknown = world.Session.Run("Undo-MailboxSyncRun -Id 1 -Target lab -Confirm:$false");
        Assert.StartsWith("RunUnknown", unknown.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("'lab'", unknown.Error.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("TargetNotNamed", world.Session.Run("Undo-MailboxSyncRun -Id 1").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        var other = world.Session.Run("Invoke-MailboxSyncPlan -Path \"$snapshotPath.undo\" -Target lab -Confirm:$false");
        Assert.StartsWith("PlanForOtherTarget", other.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        world.Session.RunWell("Disconnect-Esg -Target corp");
        // A run brings the name of its target, and no other one is taken in its place.
        Assert.StartsWith("TargetNotConnected", world.Session.Run("$run | Undo-MailboxSyncRun").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    /// <summary>Every user by name, in the words of the simulator, without the id that a user who is created again cannot keep.</summary>
    private static string[] Lists(Simulator simulator)
    {
        var lists = new List<string>();
        foreach (var user in simulator.State["users"]!.AsArray().Select(user => user!.AsObject()))
        {
            user.Remove("id");
            lists.Add(user.ToJsonString());
        }

        return [.. lists.Order(StringComparer.Ordinal)];
    }

    private static void KillRun(World world, string method, int count)
    {
        using var host = new HostProcess(
            $$"""
            $credential = [pscredential]::new('admin', (ConvertTo-SecureString 'simulator-admin' -AsPlainText -Force))
            $null = Connect-Esg -Name corp -Uri {{world.Simulator.Uri}} -Credential $credential -AllowHttp -StatePath '{{world.StatePath}}'
            Invoke-MailboxSyncPlan -Path '{{world.PlanPath}}' {{Office.Expect}} -Confirm:$false
            """,
            world.Folder);
        var limit = DateTime.UtcNow.AddSeconds(60);
        while (world.Simulator.Count(method) < count)
        {
            Assert.False(host.HasExited, "the run ended before it was killed: " + (host.HasExited ? host.Output : ""));
            Assert.True(DateTime.UtcNow < limit, "the moment to kill did not come");
        }

        host.Kill();
    }
}
