using static ModuleTests.Exchange.LongRead;

namespace ModuleTests.Exchange;

/// <summary>A fault makes unknown exactly what it touches; the rest is known (design 4 and 5).</summary>
public sealed class UnknownTests
{
    private const string Group = "bbbbbbbb-0000-4000-8000-000000000001";
    private const int Members = 1400;

    [Theory]
    [InlineData("There are more results available than are currently displayed. To view them, increase the value for the ResultSize parameter.")]
    [InlineData("By default, only the first 1000 items are returned. Use the ResultSize parameter to specify the number of items returned.")]
    [InlineData("Es liegen mehr Ergebnisse vor, als angezeigt werden. Erhöhen Sie den Wert des Parameters ResultSize, um sie zu sehen.")]
    [InlineData("Il existe davantage de résultats que ceux affichés. Pour les afficher, augmentez la valeur du paramètre ResultSize.")]
    [InlineData("現在表示されている結果より多くの結果があります。表示するには、ResultSize パラメーターの値を大きくしてください。")]
    [InlineData("現在表示されている結果より多くの結果があります。")]
    public void A_group_of_1400_that_is_cut_at_1000(string warning)
    {
        using var exchange = World();
        exchange.Session.RunWell("$global:WarningPreference = 'SilentlyContinue'; $global:PSDefaultParameterValues = @{ '*:WarningAction' = 'SilentlyContinue' }");
        exchange.Define("Get-DistributionGroupMember", People(1000) + $"; $PSCmdlet.WriteWarning('{warning}')");
        Assert.Empty(exchange.Export().Errors);
        Assert.Equal("truncated: Exchange cut the list at 1000 rows.", exchange.Read("group:" + Group));
        OnlyTheFirstIsUnknown(exchange);
    }

    [Fact]
    public void A_group_that_gives_as_many_rows_as_the_limit_where_the_command_takes_no_other()
    {
        using var exchange = World();
        exchange.Define("Get-DistributionGroupMember", People(1000), "$Identity");
        Assert.Empty(exchange.Export().Errors);
        Assert.StartsWith("truncated", exchange.Read("group:" + Group), StringComparison.Ordinal);
        OnlyTheFirstIsUnknown(exchange);
    }

    [Fact]
    public void A_group_without_a_role_to_read_it()
    {
        using var exchange = World();
        exchange.Session.RunWell("[void]$ExecutionContext.InvokeProvider.Item.Remove('function:Get-DistributionGroupMember', $false)");
        var result = exchange.Export();
        Assert.Contains("Get-DistributionGroupMember", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.StartsWith("denied", exchange.Read("group:" + Group), StringComparison.Ordinal);
        OnlyTheFirstIsUnknown(exchange);
    }

    [Fact]
    public void A_mailbox_whose_read_fails()
    {
        using var exchange = World();
        exchange.Define("Get-MailboxPermission", $"if ($asked -eq '{Guid(1)}') {{ throw 'no answer' }} {Rows}");
        Assert.Empty(exchange.Export().Errors);
        Assert.Equal("failed: no answer", exchange.Read("mailbox:" + Guid(1)));
        OnlyTheFirstIsUnknown(exchange);
    }

    [Fact]
    public void A_session_that_dies()
    {
        using var exchange = World();
        exchange.Define("Get-MailboxPermission", $"if ($asked -eq '{Guid(3)}') {{ {Lost} }} {Rows}");
        Assert.Single(exchange.Export().Errors);
        // The first was read, but not its group; the third was not. What came of the second is whole.
        Assert.Equal(["m1@corp.example", "m3@corp.example"], Unknown(exchange, ".partial"));
        Assert.Equal(["m2@corp.example p2@corp.example"], Delegations(exchange, ".partial"));
        exchange.Define("Get-MailboxPermission", Rows);
        Assert.Empty(exchange.Export("-Resume").Errors);
        Assert.Empty(Unknown(exchange));
        Assert.Equal(Members + 2, Delegations(exchange).Length);
    }

    private static void OnlyTheFirstIsUnknown(ExchangeFunctions exchange)
    {
        Assert.Equal(["m1@corp.example"], Unknown(exchange));
        // What was read of the group is proved, the others have what they had.
        Assert.Equal(["m2@corp.example p2@corp.example", "m3@corp.example p3@corp.example"], Delegations(exchange).Where(text => !text.StartsWith("m1@", StringComparison.Ordinal)));
    }

    private static string[] Unknown(ExchangeFunctions exchange, string suffix = "") =>
        Texts(exchange, $"Get-MailboxDelegation -Snapshot \"$path{suffix}\" -Unknown | ForEach-Object MailboxAddress");

    private static string[] Delegations(ExchangeFunctions exchange, string suffix = "") =>
        Texts(exchange, $"Get-MailboxDelegation -Snapshot \"$path{suffix}\" | ForEach-Object {{ \"$($_.MailboxAddress) $($_.DelegateAddress)\" }}");

    private static string[] Texts(ExchangeFunctions exchange, string script) =>
        [.. exchange.Session.RunWell(script).Output.Select(text => text.ToString()).Order(StringComparer.Ordinal)];

    /// <summary>Three mailboxes: a group of 1,400 has the first, a person each of the others.</summary>
    private static ExchangeFunctions World()
    {
        var exchange = new ExchangeFunctions(Mailboxes(1, 3), Rows);
        exchange.Define("Get-Recipient", $$"""
            if ($types) { return }
            foreach ($n in 1..{{Members}}) { [pscustomobject]@{ Guid = 'aaaaaaaa-0000-4000-8000-' + $n.ToString('d12'); PrimarySmtpAddress = "p$n@corp.example"; RecipientTypeDetails = 'UserMailbox' } }
            [pscustomobject]@{ Guid = '{{Group}}'; Name = 'everyone'; PrimarySmtpAddress = 'everyone@corp.example'; RecipientTypeDetails = 'MailUniversalSecurityGroup' }
            """);
        exchange.Define("Get-DistributionGroupMember", People(Members));
        return exchange;
    }

    private static string People(int count) =>
        $"foreach ($n in 1..{count}) {{ [pscustomobject]@{{ Guid = 'aaaaaaaa-0000-4000-8000-' + $n.ToString('d12'); RecipientTypeDetails = 'UserMailbox' }} }}";

    private static string Rows => $"{ExchangeFunctions.Self}; [pscustomobject]@{{ User = $(if ($asked -eq '{Guid(1)}') {{ 'everyone@corp.example' }} else {{ \"p$([int]$asked.Substring(24))@corp.example\" }}); AccessRights = 'FullAccess'; Deny = $false; IsInherited = $false }}";
}
