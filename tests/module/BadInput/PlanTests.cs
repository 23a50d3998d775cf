using System.Management.Automation;
using System.Text.Json.Nodes;

namespace ModuleTests.BadInput;

/// <summary>Plans that must not be applied here, now, or at all, and expectations that are not theirs.</summary>
public sealed class PlanTests(PlannedWorld shared) : IClassFixture<PlannedWorld>
{
    private World World => shared.World;

    [Theory]
    [InlineData("a note", "this is no plan", "The message says what to do")]
    [InlineData("", "this is no plan", "The message says what to do")]
    [InlineData("{\"version\": 1}", "this is no plan", "The message says what to do")]
    [InlineData("{\"version\": 99}", "format version 99", "The message says what to do")]
    public void A_file_that_is_no_plan_is_refused(string content, string names, string advice)
    {
        World.Session["file"] = shared.Write("no-plan.json", content);
        var error = Refusal.Of(World, "Invoke-MailboxSyncPlan -Path $file -Confirm:$false", "PlanRefused", ErrorCategory.InvalidData, names, advice);
        Assert.Equal(World.Session["file"], error.TargetObject);
    }

    [Fact]
    public void A_plan_whose_text_was_changed_is_refused_whatever_was_changed()
    {
        foreach (var change in new Action<JsonNode>[]
        {
            plan => plan["actions"]![0]!["user"]!["id"] = 999,
            plan => plan["actions"]!.AsArray().RemoveAt(0),
            plan => plan["target"]!["host"] = "esg.other.example",
            plan => plan["created"] = "2030-01-01T00:00:00Z",
            plan => plan["options"]!["removeStale"] = "Any",
        })
        {
            World.Session["file"] = shared.Write("changed.json", shared.ChangedPlan(change));
            Refusal.Of(World, "Invoke-MailboxSyncPlan -Path $file -Confirm:$false", "PlanRefused", ErrorCategory.InvalidData, "the plan was changed after it was made", "The message says what to do");
        }
    }

    [Theory]
    [InlineData("-MaxAge 0:0:0", "PlanTooOld", ErrorCategory.InvalidOperation, "older than -MaxAge", "Make a new plan")]
    [InlineData("-MaxAge ([timespan]::FromHours(-1))", "InvalidMaxAge", ErrorCategory.InvalidArgument, "-MaxAge is negative", "seven days")]
    [InlineData("-Expect @{ AliasAdded = 4711 }", "ExpectRefused", ErrorCategory.LimitsExceeded, "AliasAdded = 4711 was expected and the plan counts", "read its numbers again")]
    [InlineData("-Expect @{ AliasRemoved = 1 }", "ExpectRefused", ErrorCategory.LimitsExceeded, "the plan counts 0", "read its numbers again")]
    [InlineData("-Expect @{ AliasAded = 1 }", "ExpectationUnknown", ErrorCategory.InvalidArgument, "Did you mean 'AliasAdded'?", "FunctionalUserRemoved")]
    [InlineData("-Expect @{ AliasAdded = 'all' }", "ExpectationNotANumber", ErrorCategory.InvalidArgument, "'all'", "-Expect @{ AliasRemoved = 25 }")]
    [InlineData("-Expect @{ AliasAdded = -1 }", "ExpectationNotANumber", ErrorCategory.InvalidArgument, "'-1'", "-Expect @{ AliasRemoved = 25 }")]
    [InlineData("-Target nowhere", "TargetNotConnected", ErrorCategory.ObjectNotFound, "connected: corp", "Connect-Esg -Name")]
    public void A_plan_that_does_not_fit_what_is_asked_is_refused(string parameters, string id, ErrorCategory category, string names, string advice) =>
        Refusal.Of(World, $"$plan | Invoke-MailboxSyncPlan -Confirm:$false {parameters}", id, category, names, advice);

    [Theory]
    [InlineData("-First 0")]
    [InlineData("-Path ''")]
    [InlineData("-Expect $null")]
    public void A_value_that_makes_no_sense_is_refused_by_its_parameter(string parameters)
    {
        var source = parameters.StartsWith("-Path", StringComparison.Ordinal) ? "" : "-Plan $plan";
        World.Simulator.ResetCounts();
        var error = World.Session.Run($"Invoke-MailboxSyncPlan {source} -Confirm:$false {parameters}").Error;
        Assert.Contains(parameters.Split(' ')[0].TrimStart('-'), $"{error}", StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidData, error.CategoryInfo.Category);
        Assert.Equal(0, World.Simulator.Writes);
    }

    [Fact]
    public void A_plan_for_another_target_or_another_state_is_refused()
    {
        // The same appliance by another name, and by the same name with an empty state: both would forget what is managed.
        World.Session.RunWell("$null = Connect-Esg -Name other -Uri $esgUri -Credential $credential -AllowHttp -StatePath $state; $null = New-EsgPlan -Snapshot $snapshot -Target other");
        Refusal.Of(World, "$plan | Invoke-MailboxSyncPlan -Target other -Confirm:$false", "PlanForOtherTarget", ErrorCategory.InvalidOperation, "other", "Connect to the target of the plan");
        World.Session.RunWell("Disconnect-Esg other; Disconnect-Esg corp; $null = Connect-Esg -Name corp -Uri $esgUri -Credential $credential -AllowHttp -StatePath $folder/elsewhere; $null = New-EsgPlan -Snapshot $snapshot");
        Refusal.Of(World, "$plan | Invoke-MailboxSyncPlan -Confirm:$false", "PlanForOtherState", ErrorCategory.InvalidOperation, "elsewhere", "-StatePath that the plan was made with");
        World.Session.RunWell("$null = Connect-Esg -Name corp -Uri $esgUri -Credential $credential -AllowHttp -StatePath $state");
    }

    [Fact]
    public void A_plan_that_another_run_has_overtaken_is_refused()
    {
        using var world = new PlannedWorld();
        world.World.Session.RunWell("$old = $plan; $snapshot | New-EsgPlan -AliasScope Primary | Invoke-MailboxSyncPlan -Confirm:$false");
        Refusal.Of(world.World, "$old | Invoke-MailboxSyncPlan -Confirm:$false", "PlanStale", ErrorCategory.InvalidOperation, "'corp'", "Make a new plan");
    }

    [Fact]
    public void Expect_with_another_number_stops_the_task_with_exit_code_3()
    {
        World.Simulator.ResetCounts();
        var result = World.Session.RunWell("Sync-EsgSharedMailbox -Path $snapshotPath -Expect @{ AliasAdded = 4711 } -Confirm:$false").Single;
        Assert.Equal(3, (int)result.ExitCode);
        Assert.Contains("AliasAdded = 4711 was expected", (string)result.Message, StringComparison.Ordinal);
        Assert.Equal(0, World.Simulator.Writes);
    }

    [Fact]
    public void An_account_that_may_only_read_plans_and_is_told_when_it_writes()
    {
        using var world = new PlannedWorld();
        var state = world.World.Simulator.State;
        state["accounts"]!.AsArray().Add(new JsonObject { ["username"] = "reader", ["password"] = "help-pages", ["administrator"] = false });
        world.World.Simulator.Load(state.ToJsonString());
        world.World.Session.RunWell("$null = Connect-Esg -Name corp -Uri $esgUri -Credential ([pscredential]::new('reader', $password)) -AllowHttp -StatePath $state");
        world.World.Plan();

        var before = world.World.Simulator.Users;
        world.World.Simulator.ResetCounts();
        var errors = world.World.Apply().Errors;
        Assert.Equal(before, world.World.Simulator.Users);
        var stopped = Assert.Single(errors, error => error.FullyQualifiedErrorId.StartsWith("RunStopped,", StringComparison.Ordinal));
        Assert.Contains("403", $"{stopped}", StringComparison.Ordinal);
        Assert.Equal(1, world.World.Simulator.Writes);
    }
}
