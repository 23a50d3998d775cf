using System.Management.Automation;

namespace ModuleTests;

/// <summary>Tab completes mailboxes, delegates, users, targets and runs from what the session knows, and asks nobody for it.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly World _world = new("small");

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Names_that_were_shown_are_completed_and_nothing_is_asked_for()
    {
        Assert.Empty(Complete("Get-MailboxDelegation -Mailbox "));
        _world.Read();
        var delegations = _world.Session.RunWell("$snapshot | Get-MailboxDelegation").Output.Select(each => (dynamic)each).ToArray();
        _world.Session.RunWell("Get-EsgUser; $plan = $snapshot | New-EsgPlan; $run = $plan | Invoke-MailboxSyncPlan -Confirm:$false");
        _world.Simulator.ResetCounts();
        _world.Session.RunWell("Clear-ExchangeStandInCall");

        string mailbox = delegations[0].MailboxAddress, person = delegations[0].DelegateAddress;
        Assert.Equal([mailbox], Complete($"Get-MailboxDelegation -Mailbox {mailbox}"));
        Assert.Contains(mailbox, Complete($"Get-MailboxDelegation -Mailbox {mailbox[..3]}"));
        Assert.Contains(mailbox, Complete($"Compare-MailboxDelegation -Mailbox {mailbox[..3]}"));
        Assert.Contains(mailbox, Complete($"Export-MailboxDelegation -Path x -Identity {mailbox[..3]}"));
        Assert.Contains(person, Complete($"Get-MailboxDelegation -Delegate {person[..2]}"));
        Assert.DoesNotContain(mailbox, Complete("Get-MailboxDelegation -Mailbox zzz"));
        // By the display name too.
        Assert.Contains(mailbox, Complete($"Get-MailboxDelegation -Mailbox '{((string)delegations[0].Mailbox)[..4]}'"));
        var users = Complete("Get-EsgUser -UserName ");
        Assert.Equal(_world.Texts("(Get-EsgUser).UserName").Distinct(StringComparer.OrdinalIgnoreCase).Count(), users.Length);
        _world.Simulator.ResetCounts();
        Assert.Equal(["corp"], Complete("Get-EsgUser -Target c"));
        Assert.Equal(["1"], Complete("Get-MailboxSyncRun -Id "));

        Assert.Empty(_world.Simulator.Requests);
        Assert.Empty(_world.Texts("Get-ExchangeStandInCall"));
        // Names of one session are no business of another.
        using var other = new Session();
        Assert.Empty(Complete("Get-EsgUser -UserName ", other));
    }

    [Fact]
    public void Names_that_need_quotes_get_them_and_names_of_a_snapshot_of_the_line_are_found_before_they_were_shown()
    {
        _world.Read();
        var address = _world.Texts("@(Import-MailboxDelegation $snapshotPath | Get-MailboxDelegation)[0].MailboxAddress")[0];
        using var fresh = new Session();
        fresh["path"] = _world.SnapshotPath;
        fresh.RunWell("$snapshot = Import-MailboxDelegation $path");
        Assert.Contains(address, Complete("Get-MailboxDelegation -Snapshot $snapshot -Mailbox ", fresh));
        Assert.All(Complete("Get-MailboxDelegation -Snapshot $snapshot -Mailbox ", fresh), text => Assert.DoesNotContain(' ', text));
        _world.Session.RunWell("Get-EsgUser");
        Assert.All(Complete("Get-EsgUser -UserName ").Where(text => text.Contains(' ', StringComparison.Ordinal)), text => Assert.StartsWith("'", text, StringComparison.Ordinal));
    }

    /// <summary>What names a mailbox, a delegate, a user, a target or a run is completed, whichever cmdlet takes it.</summary>
    [Theory]
    [InlineData("Target", "TargetCompleter")]
    [InlineData("Mailbox", "MailboxCompleter")]
    [InlineData("Reread", "MailboxCompleter")]
    [InlineData("Delegate", "DelegateCompleter")]
    [InlineData("UserName", "UserCompleter")]
    [InlineData("Id", "RunCompleter")]
    [InlineData("Expect", "ExpectCompleter")]
    public void Each_parameter_of_that_name_has_its_completer(string name, string completer)
    {
        var parameters = _world.Session.RunWell("Get-Command -Module EsgMailboxSync").Output.Select(command => (CmdletInfo)command.BaseObject)
            .Where(command => command.Parameters.ContainsKey(name) && !(command.Name, name).Equals(("Import-MailboxDelegation", "Mailbox"))).ToArray();
        Assert.NotEmpty(parameters);
        Assert.All(parameters, command => Assert.Equal(completer, Assert.Single(command.Parameters[name].Attributes.OfType<ArgumentCompleterAttribute>()).Type.Name));
    }

    private string[] Complete(string line, Session? session = null)
    {
        session ??= _world.Session;
        session["line"] = line;
        var completion = (CommandCompletion)session.RunWell("TabExpansion2 -inputScript $line -cursorColumn $line.Length").Output.Single().BaseObject;
        return [.. completion.CompletionMatches.Where(match => match.ResultType == CompletionResultType.ParameterValue).Select(match => match.CompletionText)];
    }
}
