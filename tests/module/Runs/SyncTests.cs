namespace ModuleTests.Runs;

/// <summary>Sync-EsgSharedMailbox gives exactly one object, and its exit code is that of design 10.</summary>
public sealed class SyncTests
{
    [Fact]
    public void Zero_when_all_was_applied_and_when_there_is_nothing_to_do()
    {
        using var company = Clean();
        using var world = new World(company.Save());
        var first = Sync(world, "-Confirm:$false");
        Assert.Equal((0, 2L), ((int)first.ExitCode, (long)first.Run.Applied));
        Assert.Contains("sales@corp.example", world.Simulator.Addresses("anna@corp.example"));
        world.Simulator.ResetCounts();
        var second = Sync(world, "-Confirm:$false");
        Assert.Equal((0, 0L), ((int)second.ExitCode, (long)second.Run.Applied));
        Assert.Equal(0, world.Simulator.Writes);
    }

    [Theory]
    [InlineData("Disconnect-Esg", "", "NotConnected")]
    [InlineData("", "-Target nowhere", "")]
    [InlineData("Disconnect-ExchangeOnline -Confirm:$false", "", "ExchangeNotConnected")]
    [InlineData("", "-Path ./no-such-file.jsonl", "")]
    public void One_when_it_could_not_run(string before, string arguments, string code)
    {
        using var company = Clean();
        using var world = new World(company.Save());
        world.Session.RunWell(before);
        world.Simulator.ResetCounts();
        var result = Sync(world, $"-Confirm:$false {arguments}");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith(code, (string)result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Null((object)result.Run);
        Assert.Equal(0, world.Simulator.Writes);
    }

    [Fact]
    public void One_when_the_appliance_cannot_be_reached()
    {
        using var company = Clean();
        using var world = new World(company.Save());
        world.Simulator.Kill();
        var result = Sync(world, "-Confirm:$false");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("Unreachable", (string)result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_when_changes_wait()
    {
        using var company = Clean();
        using var world = new World(company.Save());
        var result = Sync(world, "-WhatIf");
        Assert.Equal((2, 2L), ((int)result.ExitCode, (long)result.Plan.AliasesAdded));
        Assert.Null((object)result.Run);
        Assert.Equal(0, world.Simulator.Writes);
        Assert.Equal(0, Sync(world, "-Confirm:$false").ExitCode);
        Assert.Equal(0, Sync(world, "-WhatIf").ExitCode);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("-Expect @{ FunctionalUserRemoved = 10 }", 0)]
    [InlineData("-Expect @{ AliasAdded = 99 }", 0)]
    [InlineData("-Expect @{ FunctionalUserRemoved = 11 }", 11)]
    public void Three_when_a_guard_blocks_or_a_number_is_wrong(string expect, int removed)
    {
        using var company = Clean(mailboxes: 11);
        using var world = new World(company.Save());
        var result = Sync(world, $"-FunctionalUser Remove -Confirm:$false {expect}");
        Assert.Equal(removed == 0 ? 3 : 0, result.ExitCode);
        Assert.Equal(removed, world.Simulator.Count("DELETE"));
        if (removed == 0)
        {
            Assert.Contains(expect.Length == 0 ? "-Expect @{ FunctionalUserRemoved = 11 }" : "was expected", (string)result.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Ten_removals_need_no_number()
    {
        using var company = Clean(mailboxes: 10);
        using var world = new World(company.Save());
        Assert.Equal(0, Sync(world, "-FunctionalUser Remove -Confirm:$false").ExitCode);
        Assert.Equal(10, world.Simulator.Count("DELETE"));
    }

    [Fact]
    public void Four_when_a_mailbox_stayed_unknown()
    {
        using var company = Clean();
        using var world = new World(company.Save());
        world.Session.RunWell($"Set-ExchangeStandIn -ErrorText @{{ '{company.GuidOf("sales")}' = 'Ex5F|Some.OtherException|no' }}");
        var result = Sync(world, "-Confirm:$false");
        Assert.Equal(4, result.ExitCode);
        Assert.Equal(1L, result.Plan.MailboxesUnknown);
    }

    [Fact]
    public void Four_when_an_action_failed()
    {
        using var company = Clean();
        using var world = new World(company.Save());
        world.Simulator.Faults("""[{"on": {"method": "PATCH", "nth": 2}, "do": {"status": {"code": 400}}}]""");
        var result = Sync(world, "-Confirm:$false");
        Assert.Equal((4, 1L, 1L), ((int)result.ExitCode, (long)result.Run.Applied, (long)result.Run.Failed));
        Assert.Contains("400", (string)result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_when_the_session_ends_and_the_next_run_goes_on_where_it_was()
    {
        using var company = Clean();
        company.Person("zoe").Mailbox("one", "zoe").Mailbox("two", "zoe").Mailbox("three", "zoe");
        using var world = new World(company.Save());
        var file = Path.Combine(world.Folder, "sync.jsonl");
        // The lists, then two mailboxes.
        world.Session.RunWell("Set-ExchangeStandIn -EndSessionAfter 10");
        var broken = Sync(world, $"-SnapshotPath '{file}' -Confirm:$false");
        Assert.Equal((1, "ExchangeSessionLost"), ((int)broken.ExitCode, ((string)broken.Error.FullyQualifiedErrorId).Split(',')[0]));
        Assert.Contains("the same command goes on", (string)broken.Message, StringComparison.Ordinal);

        world.Session.RunWell("Set-ExchangeStandIn -EndSessionAfter 0; Connect-ExchangeOnline");
        Assert.Equal(0, Sync(world, $"-SnapshotPath '{file}' -Confirm:$false").ExitCode);
        var asked = world.Texts("foreach ($call in Get-ExchangeStandInCall -Command Get-MailboxPermission) { \"$($call.Count)\" }");
        // The third call met the end of the session.
        Assert.Equal(["1", "1", "2", "1"], asked);
        Assert.Contains("one@corp.example", world.Simulator.Addresses("zoe@corp.example"));
        Assert.True(File.Exists(file) && !File.Exists(file + ".partial"));
    }

    [Fact]
    public void Five_while_another_run_holds_the_lock()
    {
        using var company = Clean();
        using var world = new World(company.Save());
        world.Read();
        using var other = new HostProcess(
            $$"""
            $credential = [pscredential]::new('admin', (ConvertTo-SecureString 'simulator-admin' -AsPlainText -Force))
            $null = Connect-Esg -Name corp -Uri {{world.Simulator.Uri}} -Credential $credential -AllowHttp -StatePath '{{world.StatePath}}'
            exit (Sync-EsgSharedMailbox -Path '{{world.SnapshotPath}}' -Confirm:$false).ExitCode
            """,
            world.Folder);
        // It has its lock as soon as it reads users; its first PATCH then takes long.
        world.Simulator.Faults("""[{"on": {"method": "PATCH", "nth": 1}, "do": {"delay_ms": 8000}}]""");
        WaitFor(() => world.Simulator.Calls.Any(call => call is { Method: "GET", Path: not "/api/v2/user" } && call.Path.StartsWith("/api/v2/user/", StringComparison.Ordinal)), other);
        var result = Sync(world, "-Path $snapshotPath -Confirm:$false");
        Assert.Equal(5, result.ExitCode);
        Assert.Contains(other.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), (string)result.Message, StringComparison.Ordinal);
        Assert.True(other.WaitForExit() == 0, other.Output);
        Assert.Equal(0, Sync(world, "-Path $snapshotPath -Confirm:$false").ExitCode);
        Assert.Equal(2, world.Simulator.Count("PATCH"));
    }

    private static void WaitFor(Func<bool> condition, HostProcess other)
    {
        var limit = DateTime.UtcNow.AddSeconds(60);
        while (!condition())
        {
            Assert.False(other.HasExited, "the other run ended too early");
            Assert.True(DateTime.UtcNow < limit, "the moment did not come");
            Thread.Sleep(20);
        }
    }

    // Everything is known: sales@ to Anna and Ben; and more mailboxes that Anna has already.
    private static Company Clean(int mailboxes = 1)
    {
        var company = new Company().Person("anna").Person("ben").Mailbox("sales", "anna", "ben");
        foreach (var i in Enumerable.Range(2, mailboxes - 1))
        {
            company.Mailbox($"box{i}", "anna");
        }

        return company;
    }

    private static dynamic Sync(World world, string arguments)
    {
        var result = world.Session.Run($"Sync-EsgSharedMailbox {arguments}");
        Assert.Empty(result.Errors);
        return result.Single;
    }
}
