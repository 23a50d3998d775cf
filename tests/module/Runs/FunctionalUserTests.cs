namespace ModuleTests.Runs;

/// <summary>Functional users go only with proof; whatever is in doubt stays, with the reason in the plan or in the run (design 6).</summary>
public sealed class FunctionalUserTests
{
    private const string Expect = "-Expect @{ FunctionalUserRemoved = 28 }";

    [Fact]
    public void With_the_number_that_the_plan_printed_exactly_the_removable_ones_go()
    {
        using var world = new World();
        var plan = world.ReadAndPlan("-FunctionalUser Remove");
        var before = world.Simulator.Users.Keys;
        var printed = Assert.Single(world.Texts("$plan.Guard | Where-Object Blocked | ForEach-Object Expect"));
        Assert.Equal(Expect, printed);
        var result = world.Apply(printed);
        Assert.Empty(result.Errors);
        var gone = before.Except(world.Simulator.Users.Keys).Order();
        Assert.Equal(Expected.Removable, gone);
        Assert.Equal(28, world.Simulator.Count("DELETE"));
        // After everything else.
        Assert.True(world.Simulator.Written.ToList().FindLastIndex(call => call.StartsWith("PATCH", StringComparison.Ordinal)) < world.Simulator.Written.ToList().FindIndex(call => call.StartsWith("DELETE", StringComparison.Ordinal)));
        Assert.Equal(28, plan.FunctionalUsersRemoved);
    }

    [Fact]
    public void Each_that_stays_has_its_reason_in_the_plan()
    {
        using var world = new World();
        world.ReadAndPlan("-FunctionalUser Remove");
        var reasons = new Dictionary<long, string>
        {
            [1112] = "NotHeld", // nobody holds the right
            [1130] = "NotHeld", // no delegate is known to ESG
            [1175] = "MailboxUnknown",
            [1256] = "ForeignAddress",
            [1265] = "NotHeld", // the only alias is inactive
            [1274] = "MailboxUnknown",
            [1283] = "MailboxUnknown",
            [1292] = "MailboxUnknown",
            [1301] = "MailboxUnknown",
            [1337] = "NotHeld", // the only delegate matches two users
            [1346] = "TwoMailboxes",
            [1355] = "MatchedByNameOnly",
        };
        Assert.Equal(Expected.Kept, reasons.Keys.Order());
        var told = world.Texts("$plan.LeftAlone | Where-Object { $_.UserId -in (Get-EsgUser -Functional).Id } | ForEach-Object { \"$($_.UserId) $($_.Code)\" }");
        Assert.Equal(reasons.Select(reason => $"{reason.Key} {reason.Value}").Order(), told.Order());
        Assert.All(world.Texts("$plan.LeftAlone | ForEach-Object Reason"), reason => Assert.NotEmpty(reason));
    }

    [Fact]
    public void Without_the_number_none_goes_and_the_error_says_what_to_type()
    {
        using var world = new World();
        world.ReadAndPlan("-FunctionalUser Remove");
        var result = world.Apply();
        Assert.Contains(Expect, result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(0, world.Simulator.Count("DELETE"));
        // Other kinds go on.
        Assert.Equal(Expected.UsersAfterFirstRun.Count, world.Simulator.Count("PATCH"));
        Assert.Equal((53L, 28L), ((long)result.Single.Applied, (long)result.Single.Withheld));
        Assert.Equal(28, world.Texts("$run.Result | Where-Object Status -eq Withheld").Length);
    }

    [Theory]
    [InlineData(27)]
    [InlineData(29)]
    [InlineData(0)]
    public void Another_number_is_refused_and_nothing_is_sent(int number)
    {
        using var world = new World();
        world.ReadAndPlan("-FunctionalUser Remove");
        var result = world.Apply($"-Expect @{{ FunctionalUserRemoved = {number} }}");
        Assert.StartsWith("ExpectRefused", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(0, world.Simulator.Writes);
    }

    [Fact]
    public void With_Keep_none_goes_and_the_plan_says_how_many_could()
    {
        using var world = new World();
        var plan = world.ReadAndPlan("-FunctionalUser Keep");
        Assert.Equal((0L, 28L), ((long)plan.FunctionalUsersRemoved, (long)plan.FunctionalUsersRemovable));
        Assert.Equal(["FunctionalUserKept"], world.LeftAlone("Accounts Payable"));
        Assert.Empty(world.Apply().Errors);
        Assert.Equal(0, world.Simulator.Count("DELETE"));
    }

    [Fact]
    public void The_next_plan_says_since_when_a_functional_user_could_go()
    {
        using var world = new World();
        world.ReadAndPlan("-FunctionalUser Keep");
        var first = world.Texts("$plan.LeftAlone | Where-Object Code -eq FunctionalUserKept | ForEach-Object Reason");
        Assert.Equal(28, first.Length);
        Assert.All(first, reason => Assert.DoesNotContain("since", reason, StringComparison.Ordinal));
        world.Plan("-FunctionalUser Keep");
        var today = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var second = world.Texts("$plan.LeftAlone | Where-Object Code -eq FunctionalUserKept | ForEach-Object Reason");
        Assert.Equal(28, second.Length);
        Assert.All(second, reason => Assert.Equal($"every address is held by delegates since {today}; it stays as FunctionalUser is Keep", reason));
    }

    [Fact]
    public void Rule31_A_holder_who_is_no_delegate_of_that_mailbox_proves_nothing()
    {
        using var world = new World();
        // Somebody else got the address of visitors@ by hand; and the only delegate of ap@ has it, but inactive.
        world.Simulator.Edit("""{"id": 1343, "emailAddresses": [{"address": "anton.hansen@halden.example", "active": true, "primary": true}, {"address": "visitors@halden.example", "active": true, "primary": false}]}""");
        world.Simulator.Edit("""{"id": 1266, "emailAddresses": [{"address": "ines.moreau@halden.example", "active": true, "primary": true}, {"address": "ap@halden.example", "active": false, "primary": false}]}""");
        world.ReadAndPlan("-FunctionalUser Remove");
        Assert.Equal(["NotHeld"], world.LeftAlone("Visitors"));
        Assert.Equal(["NotHeld"], world.LeftAlone("Accounts Payable"));
        Assert.Equal(["AliasInactive"], world.LeftAlone("ines.moreau@halden.example", "ap@*"));
        Assert.Empty(world.Apply("-Expect @{ FunctionalUserRemoved = 27 }").Errors);
        Assert.True(world.Simulator.HasUser("Visitors"));
        Assert.True(world.Simulator.HasUser("Accounts Payable"));
    }

    [Fact]
    public void Rule41_When_the_PATCH_of_the_only_holder_fails_the_functional_user_stays()
    {
        using var world = new World();
        world.ReadAndPlan("-FunctionalUser Remove");
        world.Simulator.Faults("""[{"on": {"method": "PATCH", "path_contains": "/user/1266"}, "do": {"status": {"code": 500}}}]""");
        var result = world.Apply(Expect);
        // Ines Moreau is alone for ap@, and one of several for info@, orders@ and complaints@.
        Assert.True(world.Simulator.HasUser("Accounts Payable"));
        Assert.NotEqual(0, result.Single.ExitCode);
        world.Session["held"] = "Accounts Payable";
        Assert.Equal(["Withheld"], world.Texts("$run.Result | Where-Object UserName -eq $held | ForEach-Object Status"));
        Assert.Contains("ines.moreau@halden.example", Assert.Single(world.Texts("$run.Result | Where-Object UserName -eq $held | ForEach-Object Text")), StringComparison.Ordinal);
        Assert.False(world.Simulator.HasUser("Accounts Receivable"));
    }

    [Theory]
    [InlineData("""{"id": 1004, "role": 7}""", "Conflict|Withheld")] // no functional user any more
    [InlineData("""{"id": 1004, "emailAddresses": [{"address": "ap@halden.example", "active": true, "primary": true}, {"address": "ap@supplier.example", "active": true, "primary": false}]}""", "Withheld")]
    [InlineData("""{"id": 1004, "emailAddresses": []}""", "Withheld")]
    [InlineData("""{"id": 1004, "username": "Somebody Else"}""", "Conflict|Withheld")]
    public void Rule32_What_the_item_shows_at_the_end_decides(string edit, string status)
    {
        using var world = new World();
        world.ReadAndPlan("-FunctionalUser Remove");
        world.Simulator.Faults($$"""[{"on": {"method": "GET", "path_contains": "/user/1004", "nth": 1}, "do": {"edit_user": {{edit}} } }]""");
        var result = world.Apply(Expect);
        Assert.Contains(1004L, world.Simulator.Users.Keys);
        var outcome = Assert.Single(world.Session.RunWell("$run.Result | Where-Object UserId -eq 1004").Output);
        Assert.Contains((string)((dynamic)outcome).Status, status.Split('|'));
        Assert.NotEmpty((string)((dynamic)outcome).Text);
        Assert.Equal(27, world.Simulator.Count("DELETE"));
        Assert.Equal(4, result.Single.ExitCode);
    }

    [Fact]
    public void Rule32_A_holder_who_lost_the_address_meanwhile_proves_nothing()
    {
        using var world = new World();
        world.ReadAndPlan("-FunctionalUser Remove");
        // Yara Dogan and Zeno Bauer hold travel@ before the run; both lose it after the last write and before the proof.
        world.Simulator.Faults("""
            [{"on": {"method": "GET", "path_contains": "/user/1069"}, "do": {"edit_user": {"id": 1069, "emailAddresses": [{"address": "yara.dogan@halden.example", "active": true, "primary": true}]}}},
             {"on": {"method": "GET", "path_contains": "/user/1066", "nth": 2}, "do": {"edit_user": {"id": 1066, "emailAddresses": [{"address": "zeno.bauer@halden.example", "active": true, "primary": true}]}}}]
            """);
        world.Apply(Expect);
        Assert.True(world.Simulator.HasUser("Travel"));
        Assert.Equal(["Withheld"], world.Texts("$run.Result | Where-Object UserName -eq Travel | ForEach-Object Status"));
        Assert.Equal(27, world.Simulator.Count("DELETE"));
    }
}
