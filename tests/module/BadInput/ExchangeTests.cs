using System.Management.Automation;

namespace ModuleTests.BadInput;

/// <summary>Reading Exchange where there is none, where it shows nothing, or into nowhere; and rows that fit nothing.</summary>
public sealed class ExchangeTests(PlannedWorld shared) : IClassFixture<PlannedWorld>
{
    private World World => shared.World;

    [Theory]
    [InlineData("Export-MailboxDelegation -Path $folder/new.jsonl -Filter \"DisplayName -eq 'Nobody'\"", "NoMailbox", ErrorCategory.ObjectNotFound, "DisplayName -eq 'Nobody'", "-Filter")]
    [InlineData("Export-MailboxDelegation -Path $folder/new.jsonl -RecipientTypeDetails RoomMailbox", "NoMailbox", ErrorCategory.ObjectNotFound, "RoomMailbox", "-RecipientTypeDetails")]
    [InlineData("@() | Export-MailboxDelegation -Path $folder/new.jsonl", "NoMailbox", ErrorCategory.ObjectNotFound, "The pipeline gave no mailbox", "Check the command before it")]
    [InlineData("Export-MailboxDelegation -Path $folder/new.jsonl -Identity ''", "MailboxNotFound", ErrorCategory.ObjectNotFound, "'' could not be read: it names no mailbox", "Name it by GUID or address")]
    [InlineData("Export-MailboxDelegation -Path $folder/new.jsonl -Identity nobody@corp.example", "MailboxNotFound", ErrorCategory.ObjectNotFound, "'nobody@corp.example'", "Name it by GUID or address")]
    [InlineData("Get-MailboxDelegation -Mailbox ''", "MailboxInvalid", ErrorCategory.InvalidArgument, "'' names no mailbox", "Give names, addresses")]
    [InlineData("Export-MailboxDelegation -Path $folder/none/new.jsonl", "PathNotFound", ErrorCategory.ObjectNotFound, "none/new.jsonl", "Create the folder")]
    [InlineData("Export-MailboxDelegation -Path $folder", "PathIsFolder", ErrorCategory.InvalidArgument, "is a folder", "path of a file")]
    [InlineData("Export-MailboxDelegation -Path $snapshotPath -NoClobber", "FileExists", ErrorCategory.ResourceExists, "snapshot.jsonl", "another -Path")]
    [InlineData("New-EsgPlan -Snapshot $snapshot -Path $folder/none/plan.json", "PlanNotWritten", ErrorCategory.WriteError, "plan.json", "folder that exists")]
    [InlineData("Import-MailboxDelegation -Mailbox @() -Permission @()", "NoMailbox", ErrorCategory.ObjectNotFound, "no row in -Mailbox", "Check the command")]
    [InlineData("Import-MailboxDelegation -Mailbox (Get-Mailbox sales@corp.example) -Permission (Get-MailboxPermission invoices@corp.example)", "RowUnusable", ErrorCategory.InvalidData, "Row 1 of -Permission (Identity 'Invoices'", "as Exchange gave them")]
    [InlineData("Import-MailboxDelegation -Mailbox (Get-Mailbox sales@corp.example) -Permission ([pscustomobject]@{ Identity = 'Sales'; User = 'x'; Deny = $false })", "RowUnusable", ErrorCategory.InvalidData, "has no AccessRights", "as Exchange gave them")]
    [InlineData("Get-EsgUser nobody", "UserNotFound", ErrorCategory.ObjectNotFound, "nobody", "-UserName '*smith*'")]
    public void What_leads_nowhere_is_refused_and_leaves_no_file(string script, string id, ErrorCategory category, string names, string advice) =>
        Refusal.Of(World, script, id, category, names, advice);

    [Theory]
    [InlineData("Export-MailboxDelegation -Path $folder/new.jsonl -Identity $null", "Identity")]
    [InlineData("Export-MailboxDelegation -Path ''", "Path")]
    [InlineData("Get-MailboxDelegation -Mailbox @()", "Mailbox")]
    [InlineData("New-EsgPlan -Snapshot $null", "Snapshot")]
    [InlineData("Get-MailboxDelegation -Snapshot $snapshot -Right Everything", "Right")]
    public void An_empty_value_never_means_everything(string script, string parameter)
    {
        var result = World.Session.Run(script);
        Assert.IsAssignableFrom<ParameterBindingException>(result.Error.Exception);
        Assert.Contains($"'{parameter}'", $"{result.Error}", StringComparison.Ordinal);
        Assert.Empty(result.Output);
        Assert.False(File.Exists(Path.Combine(World.Folder, "new.jsonl.partial")));
    }

    [Fact]
    public void A_mailbox_that_nobody_has_is_an_error_beside_the_others()
    {
        var result = World.Session.Run("'sales@corp.example', 'nobody@corp.example' | Export-MailboxDelegation -Path $folder/two.jsonl");
        Assert.StartsWith("MailboxNotFound,", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("'nobody@corp.example'", $"{result.Error}", StringComparison.Ordinal);
        Assert.Equal(1, result.Single.Mailboxes);
        Assert.Contains("mailboxes failed: The mailbox 'nobody@corp.example'", string.Join(' ', World.Texts("(Import-MailboxDelegation $folder/two.jsonl).Incomplete")), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_Exchange_session_each_way_to_read_it_says_how_to_connect()
    {
        World.Session.RunWell("Disconnect-ExchangeOnline -Confirm:$false");
        try
        {
            foreach (var script in new[] { "Export-MailboxDelegation -Path $folder/new.jsonl", "'sales@corp.example' | Export-MailboxDelegation -Path $folder/new.jsonl", "Get-MailboxDelegation", "Get-MailboxDelegation sales@corp.example" })
            {
                Refusal.Of(World, script, "ExchangeNotConnected", ErrorCategory.ResourceUnavailable, "Get-Mailbox was not found", "Connect-ExchangeOnline");
            }

            World.Simulator.ResetCounts();
            var result = World.Session.RunWell("Sync-EsgSharedMailbox -Confirm:$false").Single;
            Assert.Equal(1, (int)result.ExitCode);
            Assert.Contains("Connect-ExchangeOnline", (string)result.Message, StringComparison.Ordinal);
            Assert.Empty(World.Simulator.Calls);
        }
        finally
        {
            World.Session.RunWell("Connect-ExchangeOnline");
        }
    }

    [Fact]
    public void Without_a_connection_to_an_appliance_each_cmdlet_says_how_to_connect()
    {
        using var world = new World("help", connect: false);
        world.Read();
        foreach (var script in new[] { "Get-EsgUser", "New-EsgPlan -Snapshot $snapshot", "Disconnect-Esg", "Get-EsgUser -Target corp" })
        {
            Refusal.Of(world, script, "NotConnected", ErrorCategory.ConnectionError, "no connection to an appliance", "Connect-Esg -Uri");
        }
    }
}
