namespace ModuleTests.Runs;

/// <summary>Sync-EsgSharedMailbox gives exactly one object, whatever the caller's preferences are and whatever goes wrong.</summary>
public sealed class OneResultTests : IDisposable
{
    private readonly Company _company = new();
    private readonly World _world;

    public OneResultTests()
    {
        _world = new World(_company.Person("ann").Person("ben").Mailbox("info", "ann", "ben").Save());
        _world.Session["missing"] = Path.Combine(_world.Folder, "missing.json");
    }

    public void Dispose()
    {
        _world.Dispose();
        _company.Dispose();
    }

    [Theory]
    [InlineData("", "-Confirm:$false", 0)]
    [InlineData("", "-WhatIf", 2)]
    [InlineData("$WhatIfPreference = $true", "", 2)]
    [InlineData("$ErrorActionPreference = 'Stop'", "-Confirm:$false -Target nowhere", 1)]
    [InlineData("", "-Confirm:$false -ErrorAction Stop -Path ./nothing.jsonl", 1)]
    [InlineData("", "-Confirm:$false -Expect @{ AliasAded = 1 }", 1)]
    [InlineData("", "-Confirm:$false -Expect @{ AliasAdded = 'many' }", 1)]
    [InlineData("", "-Confirm:$false -Expect @{ AliasAdded = 9 }", 3)]
    [InlineData("", "-Confirm:$false -FullEvery 7", 1)]
    [InlineData("", "-Confirm:$false -ConfigurationPath $missing", 1)]
    [InlineData("", "-Confirm:$false -SnapshotPath /proc/nowhere/x.jsonl", 1)]
    [InlineData("$WarningPreference = 'Stop'; Set-ExchangeStandIn -WarningText @{ 'Get-Mailbox' = 'something is odd' }", "-Confirm:$false", 1)]
    [InlineData("Set-ExchangeStandIn -EndSessionAfter 4", "-Confirm:$false", 1)]
    [InlineData("$ConfirmPreference = 'Low'", "", 1)]
    [InlineData("", "-Confirm", 1)]
    [InlineData("", "-Confirm:$false -Notification { throw 'no' }", 0)]
    [InlineData("", "-Confirm:$false -Target nowhere -Notification { 1; 2; 3 }", 1)]
    public void One_object_with_its_exit_code(string before, string arguments, int exitCode)
    {
        var result = _world.Session.Run($"{before}; $all = @(Sync-EsgSharedMailbox {arguments}); $all.Count; $all");
        Assert.Empty(result.Errors);
        Assert.Equal(1, result.Output[0].BaseObject);
        dynamic one = Assert.Single(result.Output.Skip(1));
        Assert.True(exitCode == (int)one.ExitCode, $"{one.ExitCode}: {one.Message}");
        Assert.NotEmpty((string)one.Message);
        Assert.Equal(exitCode is 1 or 3, one.Error is not null);
    }
}
