using System.Management.Automation;

namespace ModuleTests.Runs;

/// <summary>Get-MailboxSyncRun: what did last night's task do?</summary>
public sealed class HistoryTests
{
    [Fact]
    public void The_history_is_read_without_a_connection_and_tells_who_did_what()
    {
        using var company = Office.Company();
        using var world = new World(company.Save());
        world.ReadAndPlan("-FunctionalUser Remove");
        world.Apply(Office.Expect);
        world.Session.RunWell("Disconnect-Esg -Target corp");

        var run = world.Session.RunWell("$last = Get-MailboxSyncRun -StatePath $esgState; $last").Single;
        Assert.Equal((1L, "corp", "Finished", 24L, 0L), ((long)run.Id, (string)run.Target, (string)run.Outcome.ToString(), (long)run.Applied, (long)run.Failed));
        Assert.Equal((Environment.UserName, Environment.MachineName), ((string)run.Account, (string)run.Machine));
        Assert.Equal(["AliasAdded 24", "FunctionalUserRemoved 12"], world.Texts("$last.Change.GetEnumerator() | ForEach-Object { \"$($_.Key) $($_.Value)\" }").Order());
        Assert.True(run.CanBeUndone);

        // Each user with its list before and after, and why.
        var action = world.Session.RunWell("$actions = Get-MailboxSyncRun -Target CORP -StatePath $esgState -Id 1 -Action; $actions | Where-Object UserName -eq person1@corp.example").Single;
        Assert.Equal(("UpdateUser", "Applied", 1L), ((string)action.Kind, (string)action.Status, (long)action.RunId));
        Assert.Equal(24, world.Texts("$actions.UserName").Length);
        Assert.Equal(["person1@corp.example"], world.Texts("($actions | Where-Object UserName -eq person1@corp.example).Before"));
        Assert.Equal(["box12@corp.example", "box1@corp.example", "person1@corp.example"], world.Texts("($actions | Where-Object UserName -eq person1@corp.example).After").Order(StringComparer.Ordinal));
        Assert.All(world.Texts("$actions.Change.Reason"), Assert.NotEmpty);
        Assert.Empty(world.Texts("($actions | Where-Object UserName -eq box1).After"));
    }

    [Fact]
    public void Each_way_in_which_a_run_ends_has_its_word()
    {
        using var company = Office.Company();
        using var world = new World(company.Save(), connect: false);
        // One after the other: the user that stops the run must come after the one that only fails.
        world.Connect("-Concurrency 1");
        world.ReadAndPlan();
        world.Apply("-First 2");
        world.Simulator.Faults("""
            [{"on": {"method": "PATCH", "path_contains": "/user/1003"}, "do": {"status": {"code": 400}}},
             {"on": {"method": "PATCH", "path_contains": "/user/1006"}, "do": {"status": {"code": 403}}}]
            """);
        world.Apply();
        world.Simulator.Faults("[]");
        world.Apply();
        world.Apply();
        Assert.Equal(
            ["4 Finished ", "3 Finished ", "2 Stopped AccessDenied", "1 Unfinished "],
            world.Texts("Get-MailboxSyncRun | ForEach-Object { \"$($_.Id) $($_.Outcome) $($_.Stopped)\" }"));
        Assert.Equal(["0 10"], world.Texts("Get-MailboxSyncRun -Id 1 | ForEach-Object { \"$($_.Failed) $($_.Remaining)\" }"));
        Assert.Equal(["person3@corp.example", "person6@corp.example"], world.Texts("Get-MailboxSyncRun -Id 2 -Action | Where-Object Status -eq Failed | ForEach-Object UserName").Order());
        Assert.Equal(["2", "1"], world.Texts("(Get-MailboxSyncRun -Id 1, 2).Id"));
        Assert.Equal(["4"], world.Texts("(Get-MailboxSyncRun -Newest 1).Id"));
        var unknown = world.Session.Run("Get-MailboxSyncRun -Id 1, 77");
        Assert.Equal(1L, (long)unknown.Single.Id);
        Assert.StartsWith("RunUnknown", unknown.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_finished_plan_that_is_applied_again_says_done_before()
    {
        using var company = Office.Company();
        using var world = new World(company.Save());
        world.ReadAndPlan();
        world.Apply("-First 5");
        Assert.Equal(5L, (long)world.Apply().Single.DoneBefore);
        var again = world.Apply().Single;
        Assert.Equal((12L, 0L, 0), ((long)again.DoneBefore, (long)again.Applied, (int)again.ExitCode));
        Assert.Contains("12 done before", (string)again.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_a_run_works_another_session_sees_it_running()
    {
        using var company = Office.Company();
        using var world = new World(company.Save(), ["--latency-ms", "100"]);
        world.ReadAndPlan();
        using var other = new Session(TestPaths.PowerShellCommands);
        other["state"] = world.StatePath;
        var applying = Task.Run(() => world.Apply(), TestContext.Current.CancellationToken);
        dynamic? run = null;
        var limit = DateTime.UtcNow.AddSeconds(30);
        while (run is null)
        {
            Assert.True(DateTime.UtcNow < limit, "the run did not begin");
            run = other.RunWell("Get-MailboxSyncRun -StatePath $state").Output is [var first, ..] ? first : null;
        }

        Assert.Equal("Running", $"{run.Outcome}");
        Assert.False((bool)run.CanBeUndone);
        Assert.Empty((await applying).Errors);
        Assert.Equal("Finished", $"{other.RunWell("Get-MailboxSyncRun -StatePath $state").Single.Outcome}");
    }

    [Fact]
    public void Images_are_kept_unless_the_connection_says_for_how_long()
    {
        using var company = Office.Company();
        using var world = new World(company.Save());
        world.ReadAndPlan();
        world.Apply();
        world.Connect("-RunRetentionDays 30");
        world.ReadAndPlan();
        world.Apply();
        Assert.Equal(["True", "True"], world.Texts("(Get-MailboxSyncRun).CanBeUndone"));
        Assert.NotEmpty(world.Texts("(Get-MailboxSyncRun -Id 1 -Action).Before"));
    }

    [Theory]
    [InlineData(39, true)]
    [InlineData(41, false)]
    public void The_next_run_deletes_images_that_are_older_than_the_connection_says_and_looking_deletes_none(int days, bool deleted)
    {
        using var company = Office.Company();
        using var world = new World(company.Save());
        world.ReadAndPlan();
        world.Apply("-First 6");
        Age(Path.Combine(world.StatePath, "corp.esg.db"), days: 40);
        world.Connect($"-RunRetentionDays {days}");
        world.Session.RunWell("$null = Get-MailboxSyncRun; $null = Get-MailboxSyncRun -Action");
        Assert.Equal(["True"], world.Texts("(Get-MailboxSyncRun -Id 1).CanBeUndone"));
        Assert.Equal(6, world.Texts("(Get-MailboxSyncRun -Id 1 -Action).Before").Length);

        world.ReadAndPlan();
        Assert.Empty(world.Apply().Errors);
        Assert.Equal([$"2 True", $"1 {!deleted}"], world.Texts("Get-MailboxSyncRun | ForEach-Object { \"$($_.Id) $($_.CanBeUndone)\" }"));
        Assert.Equal(deleted ? 0 : 6, world.Texts("Get-MailboxSyncRun -Id 1 -Action | ForEach-Object Before").Length);
        // What was changed, and why, stays in the history.
        Assert.Equal(12, world.Texts("(Get-MailboxSyncRun -Id 1 -Action).Change.Reason").Length);
        var undo = world.Session.Run("Undo-MailboxSyncRun -Id 1 -WhatIf");
        Assert.Equal(deleted ? ["RunImagesDeleted"] : [], undo.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
    }

    /// <summary>Makes what a state file notes of today so old: times are text of one length in it.</summary>
    private static void Age(string file, int days)
    {
        var text = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file));
        foreach (var day in new[] { DateTime.UtcNow, DateTime.UtcNow.AddDays(-1) })
        {
            text = text.Replace($"{day:yyyy-MM-dd}T", $"{day.AddDays(-days):yyyy-MM-dd}T", StringComparison.Ordinal);
        }

        File.WriteAllBytes(file, System.Text.Encoding.Latin1.GetBytes(text));
    }

    [Fact]
    public void Where_no_history_can_be_meant_one_clear_error_says_so()
    {
        using var company = Office.Company();
        using var world = new World(company.Save(), connect: false);
        world.Session["none"] = Path.Combine(world.Folder, "none");
        var nothing = world.Session.Run("Get-MailboxSyncRun -StatePath $none");
        Assert.StartsWith("StateMissing", nothing.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ObjectNotFound, nothing.Error.CategoryInfo.Category);
        Assert.False(Directory.Exists(Path.Combine(world.Folder, "none")));
        world.Connect();
        Assert.StartsWith("StateMissing", world.Session.Run("Get-MailboxSyncRun").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        world.ReadAndPlan();
        Assert.Empty(world.Session.RunWell("Get-MailboxSyncRun").Output);
        world.Session.RunWell("$null = Connect-Esg -Name lab -Uri $esgUri -Credential $credential -AllowHttp -StatePath $esgState; $null = New-EsgPlan -Snapshot $snapshot -Target lab; Disconnect-Esg -Target corp; Disconnect-Esg -Target lab");
        var several = world.Session.Run("Get-MailboxSyncRun -StatePath $esgState");
        Assert.StartsWith("TargetNotNamed", several.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("corp, lab", several.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_of_runs_are_completed_with_what_they_did()
    {
        using var company = Office.Company();
        using var world = new World(company.Save());
        const string Complete = "[System.Management.Automation.CommandCompletion]::CompleteInput('Undo-MailboxSyncRun -Id ', 24, $null).CompletionMatches";
        Assert.DoesNotContain("1", world.Texts($"{Complete} | ForEach-Object CompletionText"));
        world.ReadAndPlan();
        world.Apply("-First 2");
        world.Apply();
        Assert.Equal(["2", "1"], world.Texts($"{Complete} | ForEach-Object CompletionText"));
        Assert.Contains("AliasAdded 20", world.Texts($"{Complete} | ForEach-Object ToolTip")[0], StringComparison.Ordinal);
    }
}
