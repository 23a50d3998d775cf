namespace ModuleTests.Template;

/// <summary>The vendor's template itself, in the engine, against simulator and stand-in: its defects beside what this module does with the same company.</summary>
public sealed class VendorTemplateTests(BothRuns runs) : IClassFixture<BothRuns>
{
    private const string Anna = "anna@corp.example", Ben = "ben@corp.example", Carla = "carla@corp.example";
    private const string Sales = "Sales@corp.example", Team = "Team@corp.example", Contracts = "Contracts@corp.example", Invoices = "Invoices@corp.example";

    [Fact]
    public void T01_Who_stands_on_the_second_page_is_not_seen()
    {
        BothRuns.SkipWithoutTemplate();
        Assert.Equal([Ben], runs.Theirs[0].Of(Ben));
        Assert.Equal([Ben, Sales, Team], runs.Ours[0].Of(Ben));
    }

    [Fact]
    public void T04_A_second_run_doubles_what_is_there()
    {
        BothRuns.SkipWithoutTemplate();
        Assert.Equal(2, runs.Theirs[1].Of(Anna).Count(address => address == Sales));
        Assert.Equal(3, runs.Theirs[2].Of(Anna).Count(address => address == Sales));
        Assert.Empty(runs.Ours[1].Written);
        Assert.Equal(1, runs.Ours[2].Of(Anna).Count(address => address == Sales));
    }

    [Fact]
    public void T05_A_request_for_each_pair_of_user_and_mailbox()
    {
        BothRuns.SkipWithoutTemplate();
        Assert.Equal(4, runs.Theirs[0].Written.Count(call => call == "PATCH /api/v2/user/1001"));
        Assert.Equal(1, runs.Ours[0].Written.Count(call => call == "PATCH /api/v2/user/1001"));
        Assert.Equal([Anna, Contracts, Invoices, Sales, Team], runs.Ours[0].Of(Anna));
    }

    [Fact]
    public void T08_A_deny_counts_as_a_grant()
    {
        BothRuns.SkipWithoutTemplate();
        Assert.Equal([Carla, Sales], runs.Theirs[0].Of(Carla));
        Assert.Equal([Carla], runs.Ours[0].Of(Carla));
    }

    [Fact]
    public void T10_A_group_in_a_group_gets_the_mailbox_and_its_members_do_not()
    {
        BothRuns.SkipWithoutTemplate();
        const string Leads = "Sales-Leads@corp.example";
        Assert.Equal([Leads, Team], runs.Theirs[0].Of(Leads));
        Assert.DoesNotContain(Team, runs.Theirs[0].Of(Ben));
        Assert.Equal([Leads], runs.Ours[0].Of(Leads));
        Assert.Contains(Team, runs.Ours[0].Of(Ben));
    }

    [Fact]
    public void T14_Functional_users_are_found_by_display_name()
    {
        BothRuns.SkipWithoutTemplate();
        Assert.True(runs.Theirs[0].Has(Contracts)); // mapped, and not found
        Assert.False(runs.Theirs[0].Has("Invoices")); // a partner's, deleted for its name
        Assert.False(runs.Ours[0].Has(Contracts));
        Assert.Equal(["invoices@partner.example"], runs.Ours[0].Of("Invoices"));
    }

    [Fact]
    public void T15_A_functional_user_is_deleted_although_nobody_has_its_address()
    {
        BothRuns.SkipWithoutTemplate();
        Assert.False(runs.Theirs[0].Has("Archive"));
        Assert.DoesNotContain("Archive@corp.example", runs.Theirs[0].State.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(["Archive@corp.example"], runs.Ours[0].Of("Archive"));
    }

    [Fact]
    public void T16_Nothing_is_ever_removed()
    {
        BothRuns.SkipWithoutTemplate();
        Assert.DoesNotContain(runs.Theirs[2].Written, call => call.StartsWith($"PATCH /api/v2/user/{runs.Ours[0].IdOf(Ben)}", StringComparison.Ordinal));
        Assert.True(runs.Theirs[2].Of(Carla).Length > runs.Theirs[0].Of(Carla).Length);
        Assert.Equal([Ben, Team], runs.Ours[2].Of(Ben));
    }
}
