namespace ModuleTests.Exchange;

/// <summary>Rows that a script already has (design 4): what they are tied to, and what they may decide.</summary>
public class ImportRowsTests
{
    private const string Greta = "[pscustomobject]@{ Guid = 'aaaaaaaa-0000-4000-8000-000000000001'; Name = 'Greta'; PrimarySmtpAddress = 'greta@corp.example'; EmailAddresses = @('SMTP:greta@corp.example'); Sid = 'S-1-5-21-1-2-3-10'; RecipientTypeDetails = 'UserMailbox' }";
    private const string Team = "[pscustomobject]@{ Guid = 'bbbbbbbb-0000-4000-8000-000000000001'; Name = 'Team'; Sid = 'S-1-5-21-1-2-3-20'; RecipientTypeDetails = 'MailUniversalSecurityGroup' }";
    private const string Second = "[pscustomobject]@{ Guid = 'cccccccc-0000-4000-8000-000000000002'; Identity = 'Second'; Name = 'Second'; EmailAddresses = @('SMTP:second@corp.example'); RecipientTypeDetails = 'SharedMailbox' }";

    private static string Row(string identity, string user = "greta@corp.example", string sid = "S-1-5-21-1-2-3-10") =>
        $"[pscustomobject]@{{ Identity = '{identity}'; User = '{user}'; UserSid = '{sid}'; AccessRights = @('FullAccess'); IsInherited = $false; Deny = $false; InheritanceType = 'All' }}";

    private static ScriptResult Import(Session session, string more, string? mailboxes = null, string? permissions = null) => session.Run($$"""
        $mailboxes = @( {{mailboxes ?? ExchangeFunctions.Mailbox}} )
        $permissions = @( {{permissions ?? ExchangeFunctions.Self + "; " + Row("Accounts")}} )
        Import-MailboxDelegation -Mailbox $mailboxes -Permission $permissions {{more}}
        """);

    private static string[] Delegations(Session session, ScriptResult imported)
    {
        Assert.Empty(imported.Errors);
        session["snapshot"] = imported.Output[^1];
        return [.. session.RunWell("$snapshot | Get-MailboxDelegation").Output.Select(each => (dynamic)each).Select(each => $"{each.MailboxAddress} {each.DelegateAddress} {each.Right} {each.Known}")];
    }

    private static string[] Incomplete(ScriptResult imported) =>
        [.. ((IEnumerable<object>)((dynamic)imported.Output[^1]).Incomplete).Select(part => part.ToString()!)];

    [Theory]
    [InlineData("Accounts")]
    [InlineData("7D1E2B90-2222-4D33-8E03-CCCCCCCC0001")]
    [InlineData("b2f1c6de-0000-4a11-9c01-aaaaaaaa0001")]
    public void A_row_is_tied_to_its_mailbox_by_GUID_directory_id_or_name(string identity)
    {
        using var session = new Session();
        var imported = Import(session, $"-Recipient @( {Greta} ) -Complete", permissions: Row(identity));
        Assert.Equal(["Accounts@corp.example greta@corp.example FullAccess True"], Delegations(session, imported));
        Assert.Empty(Incomplete(imported));
        Assert.False((bool)((dynamic)imported.Output[^1]).Whole);
    }

    [Theory]
    [InlineData("Somebody else", "belongs to no mailbox")]
    [InlineData("Accounts Payable", "belongs to no mailbox")]
    [InlineData("", "has no Identity")]
    public void A_row_that_cannot_be_tied_is_an_error_that_names_it(string identity, string reason)
    {
        using var session = new Session();
        var error = Import(session, "-Complete", permissions: $"{ExchangeFunctions.Self}; {Row(identity)}").Error;
        Assert.StartsWith("RowUnusable", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(reason, error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("Row 2 of -Permission", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("greta@corp.example", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_two_mailboxes_have_ties_nothing()
    {
        using var session = new Session();
        var twice = $"{ExchangeFunctions.Mailbox}; {Second.Replace("'Second'", "'Accounts'", StringComparison.Ordinal)}";
        Assert.Contains("fits several mailboxes", Import(session, "", twice).Error.Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("EmailAddresses = 'System.Object[]'")]
    [InlineData("Other = 1")]
    public void A_mailbox_that_lost_its_addresses_is_an_error(string addresses)
    {
        using var session = new Session();
        var mailbox = $"[pscustomobject]@{{ Guid = '{ExchangeFunctions.MailboxGuid}'; Name = 'Accounts'; Identity = 'Accounts'; RecipientTypeDetails = 'SharedMailbox'; {addresses} }}";
        Assert.Contains("has no EmailAddresses", Import(session, "-Complete", mailbox).Error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_mailbox_row_is_an_error_also_when_it_is_one_null()
    {
        using var session = new Session();
        Assert.StartsWith("NoMailbox", session.Run("Import-MailboxDelegation -Mailbox @() -Permission @()").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("NoMailbox", session.Run("Import-MailboxDelegation -Mailbox @($null) -Permission @($null)").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("NoMailbox", session.Run("Import-MailboxDelegation -Mailbox $null -Permission $null").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Rule16_Rows_are_given_unless_the_caller_says_that_they_are_complete()
    {
        using var session = new Session();
        var recipients = $"-Recipient @( {Greta} )";
        var given = Import(session, recipients);
        Assert.Equal(["Accounts@corp.example greta@corp.example FullAccess True"], Delegations(session, given));
        Assert.All(Incomplete(given), part => Assert.Contains("given", part, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(["mailbox:" + ExchangeFunctions.MailboxGuid, "mailboxes", "recipients"], Incomplete(given).Select(part => part.Split(' ')[0]).Order());
        Assert.Empty(Incomplete(Import(session, recipients + " -Complete")));
    }

    [Fact]
    public void With_Complete_a_mailbox_without_any_row_is_unknown()
    {
        using var session = new Session();
        var imported = Import(session, $"-Recipient @( {Greta} ) -Complete", $"{ExchangeFunctions.Mailbox}; {Second}");
        Assert.StartsWith("mailbox:cccccccc-0000-4000-8000-000000000002 failed", Assert.Single(Incomplete(imported)), StringComparison.OrdinalIgnoreCase);
        session["snapshot"] = imported.Output[^1];
        Assert.Equal("second@corp.example", session.RunWell("$snapshot | Get-MailboxDelegation -Unknown").Single.MailboxAddress);
    }

    [Fact]
    public void With_Complete_no_SendAs_row_at_all_is_no_answer()
    {
        using var session = new Session();
        var imported = Import(session, $"-Recipient @( {Greta} ) -RecipientPermission @() -Complete");
        Assert.StartsWith("sendAs failed", Assert.Single(Incomplete(imported)), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Rule20_Without_recipients_and_without_a_session_the_mailboxes_are_unknown()
    {
        using var session = new Session();
        var imported = Import(session, "-Complete");
        Assert.Contains("no Exchange session", Assert.Single(imported.Warnings), StringComparison.Ordinal);
        Assert.Empty(Delegations(session, imported));
        Assert.Equal("Accounts@corp.example", session.RunWell("$snapshot | Get-MailboxDelegation -Unknown").Single.MailboxAddress);
    }

    [Fact]
    public void Recipients_and_groups_that_were_not_handed_over_are_asked_for()
    {
        using var exchange = new ExchangeFunctions(recipients: $"{Greta}; {Team}");
        exchange.Define("Get-DistributionGroupMember", Greta);
        var imported = Import(exchange.Session, "-Complete", permissions: $"{ExchangeFunctions.Self}; {Row("Accounts", "Team", "S-1-5-21-1-2-3-20")}");
        Assert.Equal(["Accounts@corp.example greta@corp.example FullAccess True"], Delegations(exchange.Session, imported));
        Assert.DoesNotContain(exchange.Calls, call => call.StartsWith("Get-Mailbox", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("@{ Team = @( GRETA ) }")]
    [InlineData("@{ 'bbbbbbbb-0000-4000-8000-000000000001' = GRETA }")]
    [InlineData("@{ Team = 'Greta' }")]
    [InlineData("@( [pscustomobject]@{ Group = 'Team'; Guid = 'aaaaaaaa-0000-4000-8000-000000000001'; Name = 'Greta' } )")]
    [InlineData("@( [pscustomobject]@{ Group = TEAM; Guid = 'aaaaaaaa-0000-4000-8000-000000000001' } )")]
    public void Members_are_taken_as_a_table_or_as_rows_with_their_group(string members)
    {
        using var session = new Session();
        var rows = members.Replace("GRETA", Greta, StringComparison.Ordinal).Replace("TEAM", Team, StringComparison.Ordinal);
        var imported = Import(session, $"-Recipient @( {Greta}; {Team} ) -GroupMember {rows} -Complete", permissions: $"{ExchangeFunctions.Self}; {Row("Accounts", "Team", "S-1-5-21-1-2-3-20")}");
        Assert.Equal(["Accounts@corp.example greta@corp.example FullAccess True"], Delegations(session, imported));
    }

    [Theory]
    [InlineData("@{ Nobody = @() }", "names a group that is not among the recipients")]
    [InlineData("@( [pscustomobject]@{ Name = 'Greta' } )", "has no Group")]
    [InlineData("@{ Team = 'Nobody' }", "names no recipient")]
    [InlineData("@{ Team = @( [pscustomobject]@{ DisplayName = 'Greta' } ) }", "has no Guid")]
    public void Members_that_cannot_be_placed_are_an_error(string members, string reason)
    {
        using var session = new Session();
        var error = Import(session, $"-Recipient @( {Greta}; {Team} ) -GroupMember {members}").Error;
        Assert.StartsWith("RowUnusable", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(reason, error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_group_that_was_handed_over_is_read()
    {
        using var session = new Session();
        var imported = Import(session, $"-Recipient @( {Greta}; {Team} ) -GroupMember @{{ Team = @() }} -Complete", permissions: $"{ExchangeFunctions.Self}; {Row("Accounts", "Team", "S-1-5-21-1-2-3-20")}");
        Assert.Empty(Delegations(session, imported));
        Assert.Empty(session.RunWell("$snapshot | Get-MailboxDelegation -Unknown").Output);
    }

    [Fact]
    public void Rows_come_as_properties_of_objects_that_are_taken_together()
    {
        using var session = new Session();
        var imported = session.Run($$"""
            $one = [pscustomobject]@{ Mailbox = @( {{ExchangeFunctions.Mailbox}} ); Permissions = @( {{Row("Accounts")}} ); Recipient = @( {{Greta}} ) }
            $two = [pscustomobject]@{ Mailbox = {{Second}}; MailboxPermission = {{Row("Second")}} }
            $one, $two | Import-MailboxDelegation -Right FullAccess
            """);
        Assert.Equal(["Accounts@corp.example greta@corp.example FullAccess True", "second@corp.example greta@corp.example FullAccess True"], Delegations(session, imported).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_stands_on_the_command_line_is_taken_once_for_all_records()
    {
        using var session = new Session();
        var imported = session.Run($$"""
            $permissions = @( {{Row("Accounts")}}; {{Row("Second")}} )
            [pscustomobject]@{ Mailbox = @( {{ExchangeFunctions.Mailbox}} ) }, [pscustomobject]@{ Mailbox = @( {{Second}} ) } | Import-MailboxDelegation -Permissions $permissions -Recipients @( {{Greta}} )
            """);
        Assert.Empty(imported.Errors);
        Assert.Equal((2L, 2L), ((long)imported.Single.Mailboxes, (long)imported.Single.Permissions));
    }
}
