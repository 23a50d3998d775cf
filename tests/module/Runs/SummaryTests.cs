namespace ModuleTests.Runs;

/// <summary>What an administrator decides from: the summary of a plan, and the answer to "why?".</summary>
public sealed class SummaryTests
{
    [Fact]
    public void The_summary_tells_what_is_added_collapsed_removed_kept_and_why_the_guard_and_what_is_left_alone()
    {
        using var company = new Company().Person("anna").Person("ben").Person("cleo").Person("dora", atEsg: false).Group("leads", "anna").Group("team", "leads");
        foreach (var i in Enumerable.Range(1, 11))
        {
            company.HiddenMailbox($"box{i}", "cleo");
        }

        using var world = new World(company.Save());
        world.ReadAndPlan();
        Assert.Empty(world.Apply().Errors);
        foreach (var i in Enumerable.Range(1, 11))
        {
            company.RevokeAll($"box{i}").Grant($"box{i}", "ben");
        }

        company.Mailbox("sales", "team", "ben", "dora").HiddenMailbox("hr", "anna").Unknown("hr");
        var state = world.Simulator.State;
        state["users"]!.AsArray().Add(System.Text.Json.Nodes.JsonNode.Parse("""{"id": 2000, "username": "sales", "role": 499, "emailAddresses": [{"address": "sales@corp.example", "active": true, "primary": true}]}"""));
        world.Simulator.Load(state.ToJsonString());
        world.Simulator.Edit("""{"id": 1002, "emailAddresses": [{"address": "ben@corp.example", "active": true, "primary": true}, {"address": "sales@corp.example", "active": true, "primary": false}, {"address": "sales@corp.example", "active": true, "primary": false}]}""");
        world.LoadTenant(Path.Combine(company.Save(), "exchange.json"));
        world.Read("-WarningAction SilentlyContinue");
        world.Plan();

        var shown = Assert.Single(world.Texts("$plan | Format-List | Out-String -Width 400"));
        foreach (var part in new[]
        {
            "MailboxesUnknown         : 1",
            "AliasesAdded             : 13",
            "AliasesRemoved           : 11",
            "DuplicatesCollapsed      : 1",
            "FunctionalUsersRemovable : 1",
            "AliasRemoved 11 of 11 is blocked; if that is right: -Expect @{ AliasRemoved = 11 }",
            "1 FunctionalUserKept: sales: every address is held by delegates; it stays as FunctionalUser is Keep",
            "1 DelegateNotAtEsg: ",
            "DelegateWithoutEsgUser: no ESG user has an address or the UPN of dora",
        })
        {
            Assert.True(shown.Contains(part, StringComparison.Ordinal), part + " is not in\n" + shown);
        }
    }

    [Fact]
    public void Why_does_somebody_get_an_address_is_answered_by_the_change_itself()
    {
        using var company = new Company().Person("anna").Person("ben").Group("leads", "anna").Group("team", "leads").HiddenMailbox("sales", "team", "ben");
        using var world = new World(company.Save());
        world.Read();
        world.Session.RunWell("$why = (New-EsgPlan $snapshot).Action.Change | where Address -eq sales@corp.example");
        Assert.Equal(
            ["anna@corp.example FullAccess team > leads > anna@corp.example", "ben@corp.example FullAccess ben@corp.example"],
            world.Texts("foreach ($change in $why) { \"$($change.UserName) $($change.Right) $($change.Trail -join ' > ')\" }").Order(StringComparer.Ordinal));
        Assert.All(world.Texts("$why.Reason"), reason => Assert.Contains("FullAccess on sales@corp.example", reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Who_is_left_alone_has_the_reason_and_the_trail()
    {
        using var company = new Company().Person("anna").Person("cleo", atEsg: false).Group("leads", "cleo").Group("team", "leads").HiddenMailbox("sales", "team", "anna");
        using var world = new World(company.Save());
        world.Read();
        world.Session.RunWell("$left = (New-EsgPlan $snapshot).LeftAlone | where Code -eq DelegateNotAtEsg");
        Assert.Equal(["cleo@corp.example has no ESG user"], world.Texts("$left.Reason"));
        Assert.Equal(["team > leads > cleo@corp.example"], world.Texts("$left.Trail -join ' > '"));
        Assert.Matches(@"Trail\s+: team > leads > cleo@corp.example", Assert.Single(world.Texts("$left | Format-List | Out-String -Width 200")));
    }

    [Fact]
    public void Guards_of_kinds_that_a_plan_cannot_have_are_not_shown()
    {
        using var company = new Company().Person("anna").HiddenMailbox("sales", "anna");
        using var world = new World(company.Save());
        world.ReadAndPlan();
        Assert.Equal(["AliasAdded", "AliasRemoved", "DuplicateCollapsed", "FunctionalUserRemoved"], world.Texts("$plan.Guard.Kind"));
        world.Apply();
        world.Session["undoPath"] = Path.Combine(world.Folder, "undo.json");
        Assert.Equal(["AliasRemoved", "AliasRestored", "FunctionalUserRestored"], world.Texts("($run | Undo-MailboxSyncRun -Path $undoPath).Guard.Kind"));
    }

    /// <summary>Set-StrictMode lets no property of an empty list be read; the help of New-EsgPlan says so, and what to write instead.</summary>
    [Fact]
    public void Changes_of_a_plan_without_actions_are_none_under_StrictMode_as_the_help_says()
    {
        using var company = new Company();
        using var world = new World(company.Person("ann").Person("ben").Mailbox("info", "ann", "ben").Save());
        world.ReadAndPlan();
        Assert.Equal(2, world.Session.RunWell("$plan.Action | ForEach-Object Change").Output.Count);
        Assert.Equal(2, world.Session.RunWell("$plan.Action.Change").Output.Count);
        Assert.Empty(world.Apply().Errors);
        world.Plan();
        Assert.Empty(world.Session.RunWell("$plan.Action | ForEach-Object Change").Output);
        Assert.StartsWith("PropertyNotFoundStrict", world.Session.Run("$plan.Action.Change").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }
}
