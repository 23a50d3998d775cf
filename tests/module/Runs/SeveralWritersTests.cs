using System.Text.Json.Nodes;

namespace ModuleTests.Runs;

/// <summary>A run is not alone: another run, an editor, an import (design 8). What is in the way of a second run is in <see cref="SyncTests"/> too.</summary>
public sealed class SeveralWritersTests(SharedWorld shared) : IClassFixture<SharedWorld>
{
    private World World => shared.World;

    [Fact]
    public async Task Of_two_runs_at_once_one_works_and_the_other_is_told_who_holds_the_lock()
    {
        using var company = Begin();
        using var other = new Session(TestPaths.PowerShellCommands);
        foreach (var name in new[] { "esgUri", "esgState", "credential", "plan" })
        {
            other[name] = World.Session[name];
        }

        other.RunWell("$null = Connect-Esg -Name corp -Uri $esgUri -Credential $credential -AllowHttp -StatePath $esgState");
        var applying = await FirstWriteUnderWay();
        var refused = other.Run("$plan | Invoke-MailboxSyncPlan -Confirm:$false");
        Assert.StartsWith("StateLocked", refused.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains($"(process {Environment.ProcessId})", refused.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty((await applying).Errors);
        // Each user was written to once, and the plan is done: the same one finds nothing to do.
        Assert.All(Office.Written(World.Simulator), call => Assert.Equal(1, call.Value));
        Assert.Equal(12L, (long)other.RunWell("$plan | Invoke-MailboxSyncPlan -Confirm:$false").Single.DoneBefore);
        Assert.Equal(12, World.Simulator.Count("PATCH"));
    }

    [Fact]
    public void A_run_beside_an_editor_keeps_what_the_editor_did_and_does_the_rest()
    {
        using var company = Begin();
        // In the moment of the fresh read somebody gave person3 another alias, took one of ours by hand to person4 (inactive), and renamed person5.
        World.Simulator.Faults("""
            [{"on": {"method": "GET", "path_contains": "/user/1003", "nth": 1}, "do": {"edit_user": {"id": 1003, "emailAddresses": [{"address": "hand@corp.example", "active": false, "primary": false}, {"address": "person3@corp.example", "active": true, "primary": true}]}}},
             {"on": {"method": "GET", "path_contains": "/user/1004", "nth": 1}, "do": {"edit_user": {"id": 1004, "emailAddresses": [{"address": "person4@corp.example", "active": true, "primary": true}, {"address": "box4@corp.example", "active": false, "primary": false}]}}},
             {"on": {"method": "GET", "path_contains": "/user/1005", "nth": 1}, "do": {"edit_user": {"id": 1005, "username": "somebody.else@corp.example"}}}]
            """);
        var result = World.Apply();
        Assert.Equal((10L, 2L), ((long)result.Single.Applied, (long)result.Single.Conflicts));
        Assert.Equal(["hand@corp.example", "person3@corp.example", "box2@corp.example", "box3@corp.example"], World.Simulator.Addresses("person3@corp.example"));
        Assert.Equal(["person4@corp.example", "box4@corp.example"], World.Simulator.Addresses("person4@corp.example"));
        Assert.Equal(["person5@corp.example"], World.Simulator.Addresses("somebody.else@corp.example"));
        Assert.All(result.Errors, error => Assert.StartsWith("ActionConflict", error.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.Equal(["person4@corp.example", "person5@corp.example"], result.Errors.Select(error => $"{error.TargetObject}").Order());
    }

    [Fact]
    public async Task A_run_beside_an_import_gives_nobody_else_anything_and_the_next_plan_finds_the_new_users()
    {
        using var company = Begin();
        var applying = await FirstWriteUnderWay();
        // The import makes seven users anew, under new ids, and one of the old ids is somebody else now.
        var state = World.Simulator.State;
        foreach (var user in state["users"]!.AsArray().Where(user => (int)user!["id"]! is >= 1006 and <= 1012))
        {
            user!["id"] = (int)user["id"]! + 5000;
        }

        state["users"]!.AsArray().Add(JsonNode.Parse("""{"id": 1006, "username": "stranger@corp.example", "role": 7, "emailAddresses": [{"address": "stranger@corp.example", "active": true, "primary": true}]}"""));
        World.Simulator.Load(state.ToJsonString());
        var result = await applying;
        Assert.Equal((5L, 7L), ((long)result.Single.Applied, (long)result.Single.Conflicts));
        Assert.Equal(["stranger@corp.example"], World.Simulator.Addresses("stranger@corp.example"));

        World.ReadAndPlan();
        Assert.Equal(7, (int)World.Plan().UsersChanged);
        Assert.Empty(World.Apply().Errors);
        Office.AssertEnd(World.Simulator, removed: false);
        Assert.Equal(["stranger@corp.example"], World.Simulator.Addresses("stranger@corp.example"));
    }

    // Twelve people who lack two aliases each, and a plan for that.
    private Company Begin()
    {
        using var nothing = new Company().Person("nobody").HiddenMailbox("none", "nobody");
        World.Begin(nothing);
        var company = Office.Company();
        World.Simulator.Load(File.ReadAllText(Path.Combine(company.Save(), "esg.json")));
        World.Connect();
        World.Change(company);
        World.ReadAndPlan();
        World.Simulator.ResetCounts();
        return company;
    }

    /// <summary>Applies <c>$plan</c> in the background; gives the run when its first write, which goes alone, is on its way and takes long.</summary>
    private async Task<Task<ScriptResult>> FirstWriteUnderWay()
    {
        World.Simulator.Faults("""[{"on": {"method": "PATCH", "nth": 1}, "do": {"delay_ms": 2000}}]""");
        var applying = Task.Run(() => World.Apply());
        var limit = DateTime.UtcNow.AddSeconds(30);
        while (!World.Simulator.Calls.Any(call => call is { Method: "GET", Path: "/api/v2/user/1001" }))
        {
            Assert.True(DateTime.UtcNow < limit && !applying.IsCompleted, "the run did not begin");
            await Task.Delay(20);
        }

        // The write follows its read at once.
        await Task.Delay(300);
        return applying;
    }
}
