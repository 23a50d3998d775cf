namespace ModuleTests.Runs;

/// <summary>Parameters that a cmdlet hands on: each arrives.</summary>
public sealed class OptionTests
{
    [Fact]
    public void Options_of_a_plan_are_in_the_plan()
    {
        using var world = new World("small");
        world.Read();
        var option = world.Session.RunWell("($snapshot | New-EsgPlan -ExpandGroup All -IncludeInherited -IncludeDelegateType SharedMailbox -RequireAllDelegates).Option").Single;
        Assert.Equal(("All", true, true), ($"{option.ExpandGroup}", (bool)option.IncludeInherited, (bool)option.RequireAllDelegates));
        Assert.Equal(["SharedMailbox"], (IEnumerable<string>)option.IncludeDelegateType);
    }

    [Fact]
    public void An_old_plan_is_refused_by_MaxAge_and_a_plan_can_be_named()
    {
        using var world = new World("small");
        world.ReadAndPlan();
        Assert.StartsWith("PlanTooOld,", world.Session.Run("Invoke-MailboxSyncPlan -Plan $plan -MaxAge 0:0:0 -Confirm:$false").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(0L, world.Session.RunWell("Invoke-MailboxSyncPlan -Plan $plan -MaxAge 1:0:0 -Confirm:$false").Single.Failed);
    }

    [Fact]
    public void A_connection_takes_its_limits_and_refuses_those_that_make_no_sense()
    {
        using var world = new World("small", connect: false);
        world.Connect("-TimeoutSec 30 -Concurrency 2");
        Assert.NotEmpty(world.Session.RunWell("Get-EsgUser").Output);
        foreach (var wrong in new[] { "-TimeoutSec 0", "-Concurrency 33" })
        {
            Assert.StartsWith("ParameterArgumentValidationError,", world.Session.Run($"Connect-Esg -Uri $esgUri -Credential $credential -AllowHttp {wrong}").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Export-MailboxDelegation -Path $snapshotPath -IncludeInherited -Confirm:$false -Prefix")]
    [InlineData("Get-MailboxDelegation -Prefix")]
    [InlineData("Import-MailboxDelegation -Mailbox $mailboxes -Permission $permissions -ExpandGroup All -IncludeInherited -Prefix")]
    public void A_prefix_names_the_session_and_a_wrong_one_is_no_session(string command)
    {
        using var world = new World("small", connect: false);
        world.Session["snapshotPath"] = world.SnapshotPath;
        world.Session.RunWell("Connect-ExchangeOnline -Prefix Corp; $mailboxes = @(Get-CorpMailbox -RecipientTypeDetails SharedMailbox); $permissions = @($mailboxes | Get-CorpMailboxPermission)");
        Assert.NotEmpty(world.Session.RunWell($"{command} Corp").Output);
        if (!command.StartsWith("Import", StringComparison.Ordinal))
        {
            Assert.StartsWith("ExchangeNotConnected,", world.Session.Run($"{command} Other").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Views_of_a_snapshot_take_the_options_of_resolution()
    {
        using var world = new World("sample");
        world.Read();
        var plain = world.Session.RunWell("Get-MailboxDelegation -InputObject $snapshot").Output.Count;
        Assert.True(world.Session.RunWell("Get-MailboxDelegation -InputObject $snapshot -IncludeDelegateType SharedMailbox -IncludeInherited -ExpandGroup All").Output.Count >= plain);
        Assert.Empty(world.Session.RunWell("Compare-MailboxDelegation $snapshot $snapshot -ExpandGroup All -IncludeInherited -IncludeDelegateType SharedMailbox | Where-Object Change -ne Unknown").Output);
        var file = Path.Combine(world.Folder, "snapshot.jsonl");
        world.Session["file"] = file;
        Assert.Equal(file, world.Session.RunWell("(Import-MailboxDelegation -InputObject $file).Path").Single.ToString());
    }

    [Theory]
    [InlineData("Json", "{")]
    [InlineData("Html", "<!doctype html>")]
    public void A_report_has_the_format_that_is_asked_for_whatever_its_file_is_called(string format, string begins)
    {
        using var world = new World("small");
        world.Read();
        world.Session["path"] = Path.Combine(world.Folder, "report.txt");
        world.Session.RunWell($"$snapshot | Export-MailboxSyncReport -Path $path -Format {format} -Confirm:$false");
        Assert.StartsWith(begins, File.ReadAllText((string)world.Session["path"]!), StringComparison.OrdinalIgnoreCase);
    }
}
