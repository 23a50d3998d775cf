using System.Text.RegularExpressions;

namespace ModuleTests.Runs;

/// <summary>What an appliance or a proxy does in the middle of a run: it ends in the state of the plan, and what was confirmed is not sent twice (rule 44).</summary>
public sealed class InterruptedRunTests
{
    // The fault, and how many requests it costs: none where the write was carried out, which a read shows.
    public static TheoryData<string, int> Faults => new()
    {
        { "\"drop_after_commit\"", 0 },
        { "\"garbage\"", 0 },
        { "\"drop_before\"", 1 },
        { "\"html_page\"", 1 },
        { "{\"status\": {\"code\": 429, \"retry_after\": 1}}", 1 },
        { "{\"status\": {\"code\": 502}}", 1 },
        { "{\"status\": {\"code\": 503, \"retry_after\": 1}}", 1 },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Rule44_A_PATCH_without_a_clear_answer_is_settled_by_a_read(string fault, int more)
    {
        using var company = Office.Company();
        using var world = new World(company.Save());
        world.ReadAndPlan();
        // The first one goes alone, the fifth one among others.
        world.Simulator.Faults($$"""[{"on": {"method": "PATCH", "nth": 1}, "do": {{fault}} }, {"on": {"method": "PATCH", "nth": 5}, "do": {{fault}} }]""");
        var result = world.Apply();
        Assert.Empty(result.Errors);
        Office.AssertEnd(world.Simulator, removed: false);
        Assert.Equal(Office.People, (int)world.Simulator.Counts["changes"]!);
        Assert.Equal(Office.People + (2 * more), world.Simulator.Count("PATCH"));
        Assert.Equal(0, result.Single.ExitCode);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Rule44_A_DELETE_without_a_clear_answer_is_settled_by_a_read(string fault, int more)
    {
        using var company = Office.Company();
        using var world = new World(company.Save());
        world.ReadAndPlan("-FunctionalUser Remove");
        world.Simulator.Faults($$"""[{"on": {"method": "DELETE", "nth": 3}, "do": {{fault}} }]""");
        var result = world.Apply(Office.Expect);
        Assert.Empty(result.Errors);
        Office.AssertEnd(world.Simulator, removed: true);
        Assert.Equal(Office.People + more, world.Simulator.Count("DELETE"));
        Assert.Equal(24, result.Single.Applied);
    }

    [Theory]
    [InlineData("\"drop_before\"")]
    [InlineData("\"garbage\"")]
    [InlineData("{\"status\": {\"code\": 502}}")]
    [InlineData("{\"status\": {\"code\": 429, \"retry_after\": 1}}")]
    public void Reads_are_repeated(string fault)
    {
        using var world = new World();
        world.Read();
        world.Simulator.Faults($$"""[{"on": {"method": "GET", "path_contains": "page=2", "nth": 1}, "do": {{fault}} }, {"on": {"method": "GET", "path_contains": "/user/1266", "nth": 1}, "do": {{fault}} }]""");
        Assert.Equal(420L, world.Plan().Users);
        Assert.Empty(world.Apply().Errors);
        Assert.Equal(5, world.Simulator.Addresses("ines.moreau@halden.example").Length);
        Assert.Equal(Expected.UsersAfterFirstRun.Count, world.Simulator.Count("PATCH"));
    }

    [Fact]
    public void Rule45_Five_failures_in_a_row_stop_the_run_and_the_next_invocation_finishes_it()
    {
        using var company = Office.Company();
        using var world = new World(company.Save());
        world.ReadAndPlan("-FunctionalUser Remove");
        // Three succeed, then nothing does.
        world.Simulator.Faults("""[{"on": {"method": "PATCH"}, "do": {"delay_ms": 1}, "times": 3}, {"on": {"method": "PATCH", "path_contains": "/user/100"}, "do": {"status": {"code": 500}}}, {"on": {"method": "PATCH", "path_contains": "/user/101"}, "do": {"status": {"code": 500}}}]""");
        var result = world.Apply(Office.Expect);
        Assert.Contains(result.Errors, error => error.FullyQualifiedErrorId.StartsWith("RunStopped", StringComparison.Ordinal));
        Assert.True(result.Single.Remaining > 0);
        Assert.Equal(0, world.Simulator.Count("DELETE"));

        // What the run before left open is settled by reading, and is no failure of this one.
        world.Simulator.Faults("[]");
        var next = world.Apply(Office.Expect);
        Assert.Empty(next.Errors);
        Assert.Equal(0, next.Single.ExitCode);
        Office.AssertEnd(world.Simulator, removed: true);
        Assert.Equal(24, (int)world.Simulator.Counts["changes"]!);
    }

    [Fact]
    public void A_failed_write_is_made_up_for_by_the_same_plan()
    {
        using var company = Office.Company();
        using var world = new World(company.Save());
        world.ReadAndPlan("-FunctionalUser Remove");
        world.Simulator.Faults("""[{"on": {"method": "PATCH", "path_contains": "/user/1003"}, "do": {"status": {"code": 400}}}]""");
        Assert.NotEmpty(world.Apply(Office.Expect).Errors);
        Assert.Equal(Office.People - 1, (int)world.Simulator.Users.Values.Count(user => user.Contains("\"box", StringComparison.Ordinal) && user.Contains("person", StringComparison.Ordinal)));

        world.Simulator.Faults("[]");
        world.Simulator.ResetCounts();
        Assert.Empty(world.Apply(Office.Expect).Errors);
        Office.AssertEnd(world.Simulator, removed: true);
        Assert.Equal(["PATCH /api/v2/user/1003"], world.Simulator.Written.Where(call => call.StartsWith("PATCH", StringComparison.Ordinal)));
    }

    [Fact]
    public void Rule47_First_repeated_reaches_the_same_end()
    {
        using var company = Office.Company();
        using var world = new World(company.Save());
        world.ReadAndPlan("-FunctionalUser Remove");
        var remaining = 24L;
        for (var turn = 0; remaining > 0; turn++)
        {
            var result = world.Apply($"-First 5 {Office.Expect}");
            Assert.Empty(result.Errors);
            Assert.Equal(Math.Min(5, remaining), (long)result.Single.Applied);
            remaining -= 5;
            Assert.Equal(Math.Max(0, remaining), (long)result.Single.Remaining);
            Assert.Equal(remaining > 0 ? 2 : 0, result.Single.ExitCode);
            Assert.Equal(Math.Min(24, 5 * (turn + 1)), world.Simulator.Written.Length);
        }

        Office.AssertEnd(world.Simulator, removed: true);
        Assert.All(Office.Written(world.Simulator), call => Assert.Equal(1, call.Value));
        var last = world.Apply(Office.Expect);
        Assert.Empty(last.Errors);
        Assert.Equal((0L, 0L), ((long)last.Single.Applied, (long)last.Single.Remaining));
        Assert.Equal(24, world.Simulator.Written.Length);
    }

    [Fact]
    public void Two_blocked_guards_have_one_override_that_is_pasted_as_it_is()
    {
        using var company = new Company().Person("anna").Person("ben");
        foreach (var i in Enumerable.Range(1, 11))
        {
            company.HiddenMailbox($"box{i}", "anna").Mailbox($"desk{i}", "ben");
        }

        using var world = new World(company.Save());
        world.ReadAndPlan("-FunctionalUser Keep");
        Assert.Empty(world.Apply().Errors);
        foreach (var i in Enumerable.Range(1, 11))
        {
            company.RevokeAll($"box{i}").Grant($"box{i}", "ben");
        }

        world.LoadTenant(Path.Combine(company.Save(), "exchange.json"));
        world.ReadAndPlan("-FunctionalUser Remove");
        var blocked = world.Apply();
        Assert.Equal(2, blocked.Errors.Count);
        var texts = blocked.Errors.Select(error => Regex.Match(error.ErrorDetails.RecommendedAction, @"-Expect @\{[^}]*\}").Value);
        var expect = Assert.Single(texts.Distinct());
        Assert.Equal("-Expect @{ AliasRemoved = 11; FunctionalUserRemoved = 11 }", expect);
        Assert.Equal(0, world.Simulator.Count("DELETE"));

        Assert.Empty(world.Apply(expect).Errors);
        Assert.Equal(11, world.Simulator.Count("DELETE"));
        Assert.Equal(["anna@corp.example"], world.Simulator.Addresses("anna@corp.example"));

        // What is done already is not counted, and not held back, again.
        var again = world.Apply();
        Assert.Empty(again.Errors);
        Assert.Equal((0, 0L, 0L), ((int)again.Single.ExitCode, (long)again.Single.Withheld, (long)again.Single.Applied));
    }

    [Fact]
    public void Rule41_A_guard_that_blocks_removals_trims_them_out_of_the_PATCH()
    {
        using var company = new Company().Person("anna").Person("ben");
        foreach (var i in Enumerable.Range(1, 11))
        {
            company.HiddenMailbox($"box{i}", "anna");
        }

        using var world = new World(company.HiddenMailbox("sales", "ben").Save());
        world.ReadAndPlan();
        Assert.Empty(world.Apply().Errors);

        // Anna loses eleven mailboxes, more than the guard permits, and gets another one.
        using var later = new Company().Person("anna").Person("ben");
        foreach (var i in Enumerable.Range(1, 11))
        {
            later.HiddenMailbox($"box{i}", "ben");
        }

        world.LoadTenant(Path.Combine(later.HiddenMailbox("sales", "anna", "ben").Save(), "exchange.json"));
        world.ReadAndPlan();
        world.Simulator.ResetCounts();
        var result = world.Apply();
        Assert.Contains("-Expect @{ AliasRemoved = 11 }", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(13, world.Simulator.Addresses("anna@corp.example").Length);
        Assert.Contains("sales@corp.example", world.Simulator.Addresses("anna@corp.example"));
        Assert.Equal(2, world.Simulator.Count("PATCH"));

        Assert.Empty(world.Apply("-Expect @{ AliasRemoved = 11 }").Errors);
        Assert.Equal(["anna@corp.example", "sales@corp.example"], world.Simulator.Addresses("anna@corp.example"));
    }
}
