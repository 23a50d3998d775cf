namespace ModuleTests.Exchange;

/// <summary>The trail of a delegation as text and as objects, and what they look like.</summary>
public sealed class TrailTests
{
    private const string Ben = "ben.ortiz@corp.example";

    [Fact]
    public void Each_step_tells_who_it_is_and_why_it_is_there()
    {
        using var session = Company();
        var delegation = session.RunWell($"Get-MailboxDelegation -Snapshot $path sales@corp.example -Delegate {Ben}").Single;
        Assert.Equal(["Sales Team", "Sales Leads", Ben], (IEnumerable<string>)delegation.Trail);
        var steps = ((IEnumerable<object>)delegation.Step).Select(step => (dynamic)step).ToArray();
        Assert.Equal(["Group Sales Team", "Group Sales Leads", $"Person {Ben}"], steps.Select(step => $"{step.Kind} {step.Name}"));
        Assert.Equal(["has FullAccess on Sales", "is a member of Sales Team", "is a member of Sales Leads"], steps.Select(step => (string)step.Reason));
        Assert.All(steps, step => Assert.Equal(("Sales", "FullAccess"), ((string)step.Mailbox, $"{step.Right}")));
        Assert.Equal(["MailUniversalSecurityGroup", "MailUniversalSecurityGroup", "UserMailbox"], steps.Select(step => (string)step.Type));
        Assert.Equal(["sales-team@corp.example", "sales-leads@corp.example", Ben], steps.Select(step => (string)step.Address));
        Assert.Equal(session.RunWell("'Sales Team', 'Sales Leads' | ForEach-Object { (Get-Recipient $_).Guid.ToString() }").Output.Select(guid => $"{guid}"), steps[..2].Select(step => (string)step.Id));
    }

    [Fact]
    public void A_direct_grant_is_one_step()
    {
        using var session = Company();
        var delegation = session.RunWell($"Get-MailboxDelegation -Snapshot $path invoices@corp.example -Delegate {Ben}").Single;
        var step = (dynamic)Assert.Single((IEnumerable<object>)delegation.Step);
        Assert.Equal(("Person", "has FullAccess on Invoices"), ($"{step.Kind}", (string)step.Reason));
    }

    [Fact]
    public void A_difference_has_the_steps_of_the_side_that_holds_the_right()
    {
        using var session = Company();
        session["today"] = TestPaths.Tenant("help", "exchange-last-week.json");
        session.RunWell("Set-ExchangeStandIn -Path $today; Connect-ExchangeOnline; $older = Export-MailboxDelegation -Path \"$path.older\" -Confirm:$false -WarningAction SilentlyContinue");
        var one = session.RunWell($"Compare-MailboxDelegation $older $path -Mailbox Sales -Delegate {Ben} -WarningAction SilentlyContinue").Single;
        Assert.Empty((IEnumerable<object>)one.ReferenceStep);
        Assert.Equal(["Sales Team", "Sales Leads", Ben], ((IEnumerable<object>)one.DifferenceStep).Select(step => $"{step}"));
    }

    [Fact]
    public void The_table_of_steps_shows_kind_name_type_and_reason()
    {
        using var session = Company();
        var text = session.RunWell($"Get-MailboxDelegation -Snapshot $path sales@corp.example -Delegate {Ben} | ForEach-Object Step | Format-Table | Out-String -Width 200").Single.ToString();
        Assert.Matches(@"Sales\s+Group\s+Sales Leads\s+MailUniversalSecurityGroup\s+is a member of Sales Team", text);
    }

    private static Session Company()
    {
        var session = Session.WithExchange();
        session["today"] = TestPaths.Tenant("help", "exchange.json");
        session["path"] = Path.Combine(Directory.CreateTempSubdirectory("esgmailboxsync-").FullName, "tenant.jsonl");
        session.RunWell("Set-ExchangeStandIn -Path $today; Connect-ExchangeOnline; $null = Export-MailboxDelegation -Path $path -Confirm:$false -WarningAction SilentlyContinue");
        return session;
    }
}
