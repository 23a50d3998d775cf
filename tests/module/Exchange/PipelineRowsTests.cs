namespace ModuleTests.Exchange;

/// <summary>Import-MailboxDelegation takes what an administrator would pipe into it (design 10).</summary>
public sealed class PipelineRowsTests
{
    [Theory]
    [InlineData("$mailboxes | Import-MailboxDelegation -MailboxPermission $permissions")]
    [InlineData("$permissions | Import-MailboxDelegation -Mailbox $mailboxes")]
    [InlineData("@($mailboxes) + $permissions | Import-MailboxDelegation")]
    [InlineData("@($permissions) + $mailboxes | Import-MailboxDelegation")]
    [InlineData("& { $mailboxes; $permissions; Get-Recipient -ResultSize Unlimited; Get-User -ResultSize Unlimited; Get-Group -ResultSize Unlimited } | Import-MailboxDelegation")]
    [InlineData("& { Get-EXOMailbox -RecipientTypeDetails SharedMailbox -ResultSize Unlimited; $permissions; Get-EXORecipient -ResultSize Unlimited; Get-User -ResultSize Unlimited; Get-Group -ResultSize Unlimited } | Import-MailboxDelegation")]
    public void Rows_are_told_apart_by_their_shape(string import)
    {
        using var session = Company();
        var expected = Shown(session, "Import-MailboxDelegation -Mailbox $mailboxes -Permission $permissions");
        Assert.True(expected.Length > 5);
        Assert.Equal(expected, Shown(session, import));
    }

    [Fact]
    public void SendAs_rows_and_members_come_through_the_pipeline_too()
    {
        using var session = Company();
        var expected = Shown(session, "Import-MailboxDelegation -Mailbox $mailboxes -Permission $permissions -RecipientPermission (Get-RecipientPermission -ResultSize Unlimited) -GroupMember @{ 'Sales Team' = @() }");
        Assert.Equal(expected, Shown(session, "& { $mailboxes; $permissions; Get-RecipientPermission -ResultSize Unlimited; @{ 'Sales Team' = @() } } | Import-MailboxDelegation"));
        Assert.Contains(expected, line => line.Contains("SendAs", StringComparison.Ordinal));
        Assert.DoesNotContain(expected, line => line.Contains("Sales Team", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("$path | Import-MailboxDelegation")]
    [InlineData("Get-Item $path | Import-MailboxDelegation")]
    [InlineData("[pscustomobject]@{ Path = $path } | Import-MailboxDelegation")]
    [InlineData("Import-MailboxDelegation $path")]
    public void Files_come_as_texts_items_and_objects_with_a_path(string import)
    {
        using var session = Company();
        session.RunWell("$null = Export-MailboxDelegation -Path $path -Confirm:$false -WarningAction SilentlyContinue");
        Assert.Equal([session["path"]], (IEnumerable<string>)session.RunWell(import).Single.Path);
    }

    [Theory]
    [InlineData("$mailboxes, 5 | ForEach-Object { $_ } | Import-MailboxDelegation -Permission $permissions", "RowUnusable", "(5)")]
    [InlineData("$mailboxes | Import-MailboxDelegation", "NoPermission", "Get-MailboxPermission")]
    [InlineData("$permissions | Import-MailboxDelegation", "NoMailbox", "-Mailbox")]
    [InlineData("Import-MailboxDelegation", "NoMailbox", "-Mailbox")]
    [InlineData("& { $mailboxes; $path } | Import-MailboxDelegation -Permission $permissions", "InputMixed", "came together")]
    [InlineData("Get-OrganizationConfig | Import-MailboxDelegation", "RowUnusable", "Object 1 of the pipeline")]
    public void What_cannot_be_placed_is_one_clear_error(string import, string code, string says)
    {
        using var session = Company();
        session.RunWell("$null = Export-MailboxDelegation -Path $path -Confirm:$false -WarningAction SilentlyContinue");
        var error = session.Run(import).Error;
        Assert.StartsWith(code + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(says, error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_rows_of_FullAccess_the_other_rights_can_be_imported_and_nobody_knows_who_has_it()
    {
        using var session = Company();
        session.RunWell("$snapshot = $mailboxes | Import-MailboxDelegation -Right SendOnBehalf");
        Assert.Empty(session.RunWell("$snapshot | Get-MailboxDelegation -Unknown").Output);
        Assert.Equal(((System.Collections.ICollection)session["mailboxes"]!).Count, session.RunWell("$snapshot | Get-MailboxDelegation -Unknown -Right FullAccess").Output.Count);
    }

    [Fact]
    public void A_pipeline_that_gave_nothing_gives_nothing()
    {
        using var session = Company();
        Assert.Empty(session.RunWell("& { } | Import-MailboxDelegation").Output);
    }

    private static Session Company()
    {
        var session = Session.WithExchange();
        session["today"] = TestPaths.Tenant("help", "exchange.json");
        session["path"] = Path.Combine(Directory.CreateTempSubdirectory("esgmailboxsync-").FullName, "tenant.jsonl");
        session.RunWell("""
            Set-ExchangeStandIn -Path $today
            Connect-ExchangeOnline
            $mailboxes = Get-Mailbox -RecipientTypeDetails SharedMailbox -ResultSize Unlimited
            $permissions = foreach ($mailbox in $mailboxes) { Get-MailboxPermission -Identity $mailbox.Guid -ResultSize Unlimited -ErrorAction Ignore }
            """);
        return session;
    }

    private static string[] Shown(Session session, string import)
    {
        var script = $$"""
            $snapshot = {{import}}
            "$($snapshot.Mailboxes) mailboxes"
            $snapshot | Get-MailboxDelegation | ForEach-Object { "$($_.MailboxAddress) $($_.DelegateAddress) $($_.Right) $($_.Known) $($_.Trail)" }
            $snapshot | Get-MailboxDelegation -Unknown | ForEach-Object { "$_" }
            """;
        return [.. session.RunWell(script).Output.Select(line => $"{line}").Order(StringComparer.Ordinal)];
    }
}
