namespace ModuleTests.Template;

/// <summary>Defects of the vendor's template in how it reads: users page by page, and what Exchange answers only in part (T1 to T3, T9, T12, T21).</summary>
public sealed class TemplateReadingTests
{
    private const string Users = "/api/v2/user";

    [Fact]
    public void T01_Users_on_every_page_are_read_in_a_fresh_session()
    {
        using var world = new World();
        Assert.Equal(420, world.Texts("Get-EsgUser | ForEach-Object Id").Distinct().Count());
        world.ReadAndPlan();
        // One on each page of the list.
        Assert.Contains("AliasAdded leo.hansen@halden.example nord@halden.example", world.Changes());
        Assert.Contains("AliasAdded ines.moreau@halden.example ap@halden.example", world.Changes());
        Assert.Contains("AliasAdded uli.stark@halden.example season@halden.example", world.Changes());
    }

    [Fact]
    public async Task T02_What_variables_the_session_has_does_not_keep_the_walk_from_ending()
    {
        using var world = new World();
        // The template's loop tests $response, which it never sets itself.
        world.Session.RunWell("""
            $response = [pscustomobject]@{ _embedded = [pscustomobject]@{ item = @([pscustomobject]@{ id = 1; username = 'left over' }) }; totalItems = 1000000 }
            $page = 1; $users = @($response); $get_users_response = $response
            """);
        var walk = Task.Run(() => world.Texts("Get-EsgUser | ForEach-Object UserName"), TestContext.Current.CancellationToken);
        var users = await walk.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(420, users.Length);
        Assert.DoesNotContain("left over", users);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1000)]
    public async Task T02_An_appliance_that_gives_the_same_page_for_ever_is_an_error(int? total)
    {
        using var appliance = new EndlessAppliance(total);
        using var session = new Session(TestPaths.PowerShellCommands);
        session["uri"] = appliance.Uri;
        session["state"] = Path.Combine(Path.GetTempPath(), "esg-endless");
        session.RunWell("$null = Connect-Esg -Name endless -Uri $uri -AllowHttp -Token (ConvertTo-SecureString 'x' -AsPlainText -Force) -StatePath $state");
        var walk = Task.Run(() => session.Run("Get-EsgUser"), TestContext.Current.CancellationToken);
        var result = await walk.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.StartsWith("IncompleteList", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.InRange(appliance.Pages, 2, 100);
    }

    [Theory]
    [InlineData(49, 1)]
    [InlineData(50, 1)]
    [InlineData(149, 1)]
    [InlineData(150, 1)]
    [InlineData(151, 2)]
    [InlineData(300, 2)]
    [InlineData(301, 3)]
    public void T03_Each_page_is_asked_for_once_and_none_beyond_the_last(int users, int pages)
    {
        using var company = new Company();
        foreach (var i in Enumerable.Range(1, users))
        {
            company.EsgUser($"user{i}@corp.example", 7, $"user{i}@corp.example");
        }

        using var world = new World(company.Save());
        world.Simulator.ResetCounts();
        Assert.Equal(users, world.Texts("Get-EsgUser | ForEach-Object Id").Distinct().Count());
        Assert.Equal(pages, world.Simulator.Calls.Count());
        Assert.All(world.Simulator.Calls, call => Assert.Equal(("GET", Users, 200), call));
    }

    [Fact]
    public void T09_A_group_of_more_than_a_thousand_is_read_to_its_end()
    {
        using var world = new World();
        world.ReadAndPlan();
        var delegates = world.Texts("$snapshot | Get-MailboxDelegation season@halden.example | ForEach-Object DelegateAddress");
        Assert.Equal(1052, delegates.Length);
        Assert.Contains("AliasAdded uli.stark@halden.example season@halden.example", world.Changes());
    }

    [Fact]
    public void T09_A_group_that_Exchange_cuts_makes_its_mailbox_unknown()
    {
        using var world = new World();
        const string warning = "There are more results available than are currently displayed. To view them, increase the value for the ResultSize parameter.";
        world.Session.RunWell($"Set-ExchangeStandIn -WarningText @{{ 'c0000000-0000-4000-8000-000000000181' = '{warning}' }}");
        world.ReadAndPlan("-FunctionalUser Remove");
        Assert.Equal(["MailboxUnknown"], world.LeftAlone("Season"));
    }

    [Fact]
    public void T12_An_error_is_neither_an_answer_nor_an_empty_one()
    {
        using var world = new World();
        // Front Office can be read as a recipient, and its members cannot.
        world.Session.RunWell("Set-ExchangeStandIn -ErrorText @{ 'c0000000-0000-4000-8000-00000000017c' = 'Ex5F|Some.OtherException|The operation could not be performed.' }");
        world.ReadAndPlan("-FunctionalUser Remove");
        Assert.Contains("info@halden.example", world.Texts("$snapshot | Get-MailboxDelegation -Unknown | ForEach-Object MailboxAddress"));
        Assert.Equal(["MailboxUnknown"], world.LeftAlone("Info"));
        Assert.Equal(["MailboxUnknown"], world.LeftAlone("Payroll"));
        Assert.DoesNotContain(world.Changes(), change => change.Contains("front.office@", StringComparison.Ordinal) || change.EndsWith(" info@halden.example", StringComparison.Ordinal));
        Assert.DoesNotContain(world.Changes(), change => change.EndsWith(" payroll@halden.example", StringComparison.Ordinal));
    }

    [Fact]
    public void T12_Without_the_list_of_recipients_nobody_is_taken_for_somebody_else()
    {
        using var world = new World();
        world.ReadAndPlan("-FunctionalUser Remove");
        var all = world.Changes();
        world.Session.RunWell("Set-ExchangeStandIn -ErrorText @{ 'Get-Recipient' = 'Ex5F|Some.OtherException|The operation could not be performed.' }");
        world.ReadAndPlan("-FunctionalUser Remove");
        Assert.Contains("recipients", world.Texts("$snapshot.Incomplete | ForEach-Object Subject"));
        // What is still proved is a part of what is true. Who cannot be found is neither a person of that name nor gone.
        Assert.Subset(all.ToHashSet(), world.Changes().ToHashSet());
        Assert.Equal(["MailboxUnknown"], world.LeftAlone("Berlin Office"));
        Assert.Equal(["MailboxUnknown"], world.LeftAlone("Legal"));
    }

    [Fact]
    public void T12_A_busy_server_is_asked_again()
    {
        using var world = new World();
        world.ReadAndPlan();
        var quiet = world.Changes();
        world.Session.RunWell("Set-ExchangeStandIn -TransientEvery 5");
        world.ReadAndPlan();
        Assert.Equal(quiet, world.Changes());
    }

    [Fact]
    public void T21_Twice_the_company_takes_twice_the_calls()
    {
        var (small, large) = (CountCalls(20), CountCalls(40));
        // Mailboxes are asked for one by one; the lists of the whole tenant, and each group, as often in both.
        Assert.Equal((20, 40), (small.Exchange["Get-MailboxPermission"], large.Exchange["Get-MailboxPermission"]));
        Assert.Equal(3, small.Exchange["Get-DistributionGroupMember"]);
        Assert.All(small.Exchange.Where(call => call.Key != "Get-MailboxPermission"), call => Assert.Equal(call.Value, large.Exchange[call.Key]));
        Assert.Equal(small.Exchange.Count, large.Exchange.Count);
        Assert.Equal((2, 4), (small.Planning, large.Planning));
        // A read and a write for each user that changes, and nothing for each pair of user and mailbox.
        Assert.Equal((2 * 10, 2 * 20), (small.Applying, large.Applying));
    }

    // n mailboxes: all to a group in a group in a group of n/2 people, who are among n users for each of five departments.
    private static (Dictionary<string, int> Exchange, int Planning, int Applying) CountCalls(int mailboxes)
    {
        using var company = new Company();
        var people = Enumerable.Range(1, mailboxes / 2).Select(i => $"person{i}").ToArray();
        foreach (var person in people)
        {
            company.Person(person);
        }

        company.Group("Team", people).Group("Department", "Team").Group("Branch", "Department");
        foreach (var i in Enumerable.Range(1, mailboxes))
        {
            company.Mailbox($"box{i}", "Branch", "Department", people[i % people.Length]);
        }

        // Two pages of 150 for 20 mailboxes, four for 40.
        foreach (var i in Enumerable.Range(1, 13 * mailboxes))
        {
            company.EsgUser($"other{i}@corp.example", 7, $"other{i}@corp.example");
        }

        using var world = new World(company.Save());
        world.Session.RunWell("Clear-ExchangeStandInCall");
        world.Read();
        var exchange = world.Texts("Get-ExchangeStandInCall | ForEach-Object { foreach ($i in 1..$_.Count) { $_.Command } }").CountBy(command => command).ToDictionary();
        world.Simulator.ResetCounts();
        world.Plan();
        Assert.Equal(mailboxes * people.Length, world.Changes().Length);
        var planning = world.Simulator.Calls.Count();
        world.Simulator.ResetCounts();
        Assert.Empty(world.Apply().Errors);
        return (exchange, planning, world.Simulator.Calls.Count());
    }
}
