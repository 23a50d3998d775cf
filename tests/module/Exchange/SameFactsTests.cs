using System.Text.RegularExpressions;

namespace ModuleTests.Exchange;

/// <summary>Rows that hold the same facts give the same snapshot, in whatever shape they arrive (design 4, exo 1.7).</summary>
public sealed class SameFactsTests
{
    private const string Rights = "-Right FullAccess, SendAs, SendOnBehalf";

    /// <summary>What a script gets that asks by itself.</summary>
    private const string Rows = """
        $mailboxes = Get-Mailbox -RecipientTypeDetails SharedMailbox -ResultSize Unlimited
        $permissions = foreach ($mailbox in $mailboxes) { Get-MailboxPermission -Identity $mailbox.Guid -IncludeUnresolvedPermissions -ResultSize Unlimited -ErrorAction Ignore }
        """;

    [Theory]
    [InlineData("-BooleanShape String")]
    [InlineData("-BooleanShape Switch")]
    [InlineData("-ObjectShape Deserialized")]
    [InlineData("-ObjectShape Json")]
    [InlineData("-ObjectShape Json -BooleanShape String")]
    public void A_read_gives_the_same_lines_in_every_shape(string shape)
    {
        using var world = new World(connect: false);
        world.Read(Rights);
        var lines = Lines(world);
        world.LoadTenant(TestPaths.Tenant("sample", "exchange.json"), shape);
        world.Read(Rights);
        Assert.Equal(lines, Lines(world));
        Assert.True(lines.Length > 1000, $"{lines.Length} lines");
    }

    /// <summary>Get-EXO* rows show fewer properties: no SIDs, no ids of recipients. What both show is the same.</summary>
    [Fact]
    public void Rows_of_the_EXO_commands_lead_to_the_same_delegations_as_classic_rows()
    {
        using var world = new World(connect: false);
        world.Session.RunWell($$"""
            {{Rows}}
            $classicMailboxes = $mailboxes
            $without = 'UserSid', 'TrusteeSidString'
            $classicPermissions = $permissions | Select-Object * -ExcludeProperty $without
            $classicSendAs = Get-RecipientPermission -ResultSize Unlimited | Select-Object * -ExcludeProperty $without
            $mailboxes = Get-EXOMailbox -RecipientTypeDetails SharedMailbox -ResultSize Unlimited -Properties GrantSendOnBehalfTo
            $exoPermissions = foreach ($mailbox in $mailboxes) { Get-EXOMailboxPermission -Identity $mailbox.Guid -ResultSize Unlimited -ErrorAction Ignore }
            $exoSendAs = Get-EXORecipientPermission -ResultSize Unlimited
            $exoMailboxes = $mailboxes
            $show = {
                param($mailboxes, $permissions, $sendAs)
                $snapshot = Import-MailboxDelegation -Mailbox $mailboxes -Permission $permissions -RecipientPermission $sendAs -Right FullAccess, SendAs, SendOnBehalf -Complete
                $snapshot | Get-MailboxDelegation | ForEach-Object { "$($_.MailboxAddress) $($_.DelegateAddress) $($_.Right) $($_.Known) $($_.Trail)" }
                $snapshot | Get-MailboxDelegation -Unknown | ForEach-Object { "$_" }
            }
            """);
        var classic = world.Texts("& $show $classicMailboxes $classicPermissions $classicSendAs");
        Assert.Equal(classic, world.Texts("& $show $exoMailboxes $exoPermissions $exoSendAs"));
        foreach (var right in new[] { "FullAccess", "SendAs", "SendOnBehalf" })
        {
            Assert.Contains(classic, line => line.Contains($" {right} ", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("$rows | Export-Clixml -Path $file; Import-Clixml -Path $file")]
    [InlineData("ConvertFrom-Json (ConvertTo-Json @($rows) -Depth 4)")]
    [InlineData("$rows | Select-Object $columns | Export-Csv -Path $file -NoTypeInformation; Import-Csv -Path $file")]
    public void Rows_that_were_kept_in_a_file_lead_to_the_same_delegations(string keepAndReadBack)
    {
        using var world = new World(connect: false);
        world.Session.RunWell(Rows);
        var shown = Shown(world);
        world.Session["file"] = Path.Combine(world.Folder, "rows");
        world.Session.RunWell($$"""
            $columns = 'Guid', 'ExternalDirectoryObjectId', 'Name', 'DisplayName', 'Alias', 'UserPrincipalName', 'PrimarySmtpAddress', 'RecipientTypeDetails',
                @{ Name = 'EmailAddresses'; Expression = { $_.EmailAddresses -join '; ' } }
            $mailboxes = & { $rows = $mailboxes; {{keepAndReadBack}} }
            $columns = 'Identity', 'User', 'UserSid', @{ Name = 'AccessRights'; Expression = { $_.AccessRights -join ', ' } }, 'Deny', 'IsInherited', 'InheritanceType'
            $permissions = & { $rows = $permissions; {{keepAndReadBack}} }
            """);
        Assert.Equal(shown, Shown(world));
        Assert.Contains(shown, line => line.Contains("info@halden.example", StringComparison.Ordinal));
    }

    /// <summary>The lines of the snapshot without times, in the order of their texts.</summary>
    private static string[] Lines(World world) =>
        [.. File.ReadLines(world.SnapshotPath).Select(line => Regex.Replace(line, "\"(since|created)\": ?\"[^\"]*\"", "")).Order(StringComparer.Ordinal)];

    private static string[] Shown(World world) => world.Texts("""
        $snapshot = Import-MailboxDelegation -Mailbox $mailboxes -Permission $permissions -Complete
        $snapshot | Get-MailboxDelegation | ForEach-Object { "$($_.MailboxAddress) $($_.DelegateAddress) $($_.Right) $($_.Known) $($_.Trail)" }
        $snapshot | Get-MailboxDelegation -Unknown | ForEach-Object { "$_" }
        $snapshot | Get-MailboxDelegation -Finding | ForEach-Object { "$($_.Code) $($_.Mailbox) $_" }
        """);
}
