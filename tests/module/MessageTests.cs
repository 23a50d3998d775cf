using System.Management.Automation;
using System.Text.RegularExpressions;
using ModuleTests.Exchange;

namespace ModuleTests;

/// <summary>Progress, verbose lines and warnings (issue 7): what is shown while something runs, and how much of it.</summary>
public sealed class MessageTests
{
    private const string ThreeRights = "-Right FullAccess, SendAs, SendOnBehalf";

    [Fact]
    public void Progress_is_one_record_for_each_phase_one_phase_at_a_time_and_always_ended()
    {
        using var world = new World();
        var read = world.Read(ThreeRights);
        Assert.Equal(
            ["Reading mailboxes", "Reading soft-deleted mailboxes", "Reading recipients", "Reading mailbox permissions", "Reading SendAs permissions", "Reading groups"],
            Phases(read));
        Assert.Equal(["Reading the users of ESG"], Phases(world.Session.RunWell("$plan = New-EsgPlan -Snapshot $snapshot")));
        Assert.Equal(["Applying the plan"], Phases(world.Session.RunWell("$run = $plan | Invoke-MailboxSyncPlan -Confirm:$false -First 5")));
    }

    [Fact]
    public void Progress_is_silent_where_the_preference_says_so()
    {
        using var world = new World();
        world.Session.RunWell("$ProgressPreference = 'SilentlyContinue'");
        Assert.Empty(world.Read(ThreeRights).Progress);
        Assert.Empty(world.Session.RunWell("$plan = New-EsgPlan -Snapshot $snapshot; $run = $plan | Invoke-MailboxSyncPlan -Confirm:$false -First 5; Get-EsgUser").Progress);
    }

    [Fact]
    public void Progress_is_shown_five_times_a_second_at_most_however_fast_it_goes()
    {
        using var exchange = LongRead.Tenant(300);
        exchange.Define("Get-MailboxPermission", $"[Threading.Thread]::Sleep(3); {LongRead.Rows}");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var shown = exchange.Export().Progress.Where(record => record is { Activity: "Reading mailbox permissions", RecordType: ProgressRecordType.Processing }).ToArray();
        Assert.InRange(shown.Length, 3, (clock.Elapsed.TotalMilliseconds / 200) + 1);
    }

    [Fact]
    public void Progress_without_a_known_end_tells_its_rate_and_no_remaining_time()
    {
        using var exchange = new ExchangeFunctions();
        exchange.Define("Get-Recipient", "foreach ($n in 1..8) { [Threading.Thread]::Sleep(210); [pscustomobject]@{ Guid = [guid]::NewGuid(); Name = \"r$n\"; RecipientTypeDetails = 'UserMailbox' } }");
        var last = exchange.Export().Progress.Last(record => record is { Activity: "Reading recipients", RecordType: ProgressRecordType.Processing });
        // Less than five a second, and the first second tells nothing yet.
        var rate = Regex.Match(last.StatusDescription, @"^Get-Recipient: \d+ \((\d+) per minute\)$");
        Assert.True(rate.Success, last.StatusDescription);
        Assert.InRange(int.Parse(rate.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), 60, 300);
        Assert.Equal((-1, -1), (last.SecondsRemaining, last.PercentComplete));
    }

    [Fact]
    public void Progress_is_ended_also_when_the_session_ends_in_the_middle_of_a_phase()
    {
        using var exchange = LongRead.Tenant(3);
        exchange.Define("Get-MailboxPermission", $"if ($asked -eq '{LongRead.Guid(2)}') {{ {LongRead.Lost} }} {LongRead.Rows}");
        var broken = exchange.Export();
        Assert.StartsWith("ExchangeSessionLost,", broken.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("Reading mailbox permissions", Phases(broken)[^1]);
    }

    [Fact]
    public void Groups_within_groups_never_take_progress_back()
    {
        using var company = new Company();
        company.Person("ann").Group("g8", "ann");
        foreach (var n in Enumerable.Range(1, 7).Reverse())
        {
            company.Group($"g{n}", $"g{n + 1}");
        }

        using var world = new World(company.Mailbox("info", "g1").Save(), connect: false);
        world.Session.RunWell("Set-ExchangeStandIn -LatencyMilliseconds 210");
        var shown = world.Read().Progress.Where(record => record is { Activity: "Reading groups", RecordType: ProgressRecordType.Processing }).ToArray();
        Assert.InRange(shown.Length, 3, 8);
        Assert.Equal(shown.Select(record => record.PercentComplete).Order(), shown.Select(record => record.PercentComplete));
        Assert.EndsWith(" per minute)", shown[^1].StatusDescription, StringComparison.Ordinal);
        Assert.InRange(shown[^1].SecondsRemaining, 0, 5);
    }

    [Fact]
    public void Verbose_shows_each_call_to_the_appliance_with_its_duration_and_each_retry()
    {
        using var world = new World();
        world.ReadAndPlan();
        world.Simulator.ResetCounts();
        world.Simulator.Faults("""[{"on":{"method":"PATCH","nth":2},"do":{"status":{"code":503}}}]""");
        // More calls at once than events may wait for the pipeline: none is left out.
        var verbose = world.Session.RunWell("$run = $plan | Invoke-MailboxSyncPlan -Confirm:$false -Verbose").Verbose;
        var told = verbose.Select(line => Regex.Match(line, @"^(GET|PATCH|DELETE|POST) (\S+): (\d+) in \d+ ms")).Where(line => line.Success);
        Assert.True(world.Simulator.Requests.Count > 100);
        Assert.Equal(
            world.Simulator.Calls.Select(call => $"{call.Method} {call.Path} {call.Status}").Order(StringComparer.Ordinal),
            told.Select(line => $"{line.Groups[1]} {line.Groups[2]} {line.Groups[3]}").Order(StringComparer.Ordinal));
        Assert.Contains(verbose, line => line.Contains(": 503 in ", StringComparison.Ordinal));
        Assert.Contains(verbose, line => line.Contains("tried again", StringComparison.Ordinal) || line.Contains("attempt 2", StringComparison.Ordinal));
    }

    [Fact]
    public void Verbose_shows_each_call_to_Exchange_with_its_duration_and_each_retry()
    {
        using var world = new World();
        world.Session.RunWell("Set-ExchangeStandIn -TransientEvery 7; Clear-ExchangeStandInCall");
        var verbose = world.Read("-Verbose").Verbose;
        var calls = world.Session.RunWell("Get-ExchangeStandInCall").Output.Select(each => (dynamic)each).Sum(call => (int)call.Count);
        var told = verbose.Where(line => Regex.IsMatch(line, @"^Get-[A-Za-z]+( -\w+ [^:]*)?: \d+ rows in \d+ ms") && !line.StartsWith("Get-ConnectionInformation", StringComparison.Ordinal)).ToArray();
        Assert.Equal(calls, told.Length);
        var failed = told.Where(line => line.Contains("trying again in", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(failed);
        Assert.All(failed, line => Assert.Matches(@": 0 rows in \d+ ms(, attempt 2)? \(.+\), trying again in \d+ ms$", line));
        Assert.Equal(failed.Length, told.Count(line => line.Contains(", attempt ", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_tenant_in_which_all_is_well_is_read_planned_applied_and_undone_without_a_warning()
    {
        using var company = new Company();
        using var world = new World(company.Person("ann").Person("ben").Mailbox("info", "ann", "ben").Save());
        Assert.Empty(world.Read("-Right FullAccess, SendOnBehalf").Warnings);
        Assert.Empty(world.Session.RunWell("""
            $plan = $snapshot | New-EsgPlan
            $run = $plan | Invoke-MailboxSyncPlan -Confirm:$false
            $null = Sync-EsgSharedMailbox -Confirm:$false
            $null = $snapshot | Get-MailboxDelegation
            $null = Undo-MailboxSyncRun -Id $run.Id -Confirm:$false
            """).Warnings);
    }

    /// <summary>Each kind of warning, once however many mailboxes it is about, and what it says to do.</summary>
    [Theory]
    [InlineData("Set-ExchangeStandIn -Missing Get-RecipientPermission; Connect-ExchangeOnline; Export-MailboxDelegation $path -Right FullAccess, SendAs", "SendAs permissions", "Test-MailboxSyncPrerequisite")]
    [InlineData("Set-ExchangeStandIn -Missing Get-User; Connect-ExchangeOnline; Export-MailboxDelegation $path", "recipients", "Test-MailboxSyncPrerequisite")]
    [InlineData("Set-ExchangeStandIn -Missing 'Get-Mailbox -SoftDeletedMailbox'; Connect-ExchangeOnline; Export-MailboxDelegation $path", "soft-deleted", "Test-MailboxSyncPrerequisite")]
    [InlineData("Set-ExchangeStandIn -Missing Get-MailboxPermission; Connect-ExchangeOnline; Export-MailboxDelegation $path", "2 of 2 mailboxes could not be read", "Get-MailboxDelegation -Unknown")]
    [InlineData("Export-MailboxDelegation $path -Identity ann@corp.example, info@corp.example", "of other types", "-RecipientTypeDetails")]
    [InlineData("$a = Export-MailboxDelegation $path; [Threading.Thread]::Sleep(1100); $b = Export-MailboxDelegation ($path + '2'); Compare-MailboxDelegation $b $a", "is newer than", "-ReferenceSnapshot")]
    [InlineData("$a = Export-MailboxDelegation $path; Export-MailboxDelegation $path -Since $a -Reread nobody", "names no mailbox", "Check the spelling")]
    [InlineData("Set-ExchangeStandIn -AuditOff; $a = Export-MailboxDelegation $path; Export-MailboxDelegation $path -Since $a", "All mailboxes are read", "turn the audit log on")]
    public void A_warning_comes_once_and_says_what_to_do(string script, string about, string advice)
    {
        using var company = new Company();
        using var world = new World(company.Person("ann").Person("ben").Mailbox("info", "ann", "ben").Mailbox("more", "ann").Save(), connect: false);
        world.Session["path"] = world.SnapshotPath;
        var warning = Assert.Single(world.Session.Run(script).Warnings, text => text.Contains(about, StringComparison.Ordinal));
        Assert.Contains(advice, warning[warning.IndexOf(about, StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    /// <summary>Warn takes the advice as a parameter of its own. Only what a command of Exchange says for itself, and the engine, whose texts hold theirs, have none.</summary>
    [Fact]
    public void Nothing_in_the_module_warns_without_advice()
    {
        var sources = Directory.GetFiles(TestPaths.In("ps-module"), "*.cs", SearchOption.AllDirectories).Where(file => !file.Contains("obj", StringComparison.Ordinal)).ToDictionary(file => Path.GetFileName(file), File.ReadAllText);
        Assert.Equal(["EngineCmdlet.cs"], sources.Where(source => source.Value.Contains("WriteWarning(", StringComparison.Ordinal)).Select(source => source.Key));
        Assert.Equal(
            ["EngineCmdlet.cs", "ExchangeSession.cs"],
            sources.SelectMany(source => Regex.Matches(source.Value, @"\bWarn\((?:(?!\);).)*,\s*null\);", RegexOptions.Singleline).Select(_ => source.Key)).Order(StringComparer.Ordinal));
    }

    /// <summary>The phases of a script in their order; fails when two run at once, one comes twice, one is not ended, or there is more than one record.</summary>
    private static string[] Phases(ScriptResult result)
    {
        var phases = new List<string>();
        string? current = null;
        foreach (var record in result.Progress)
        {
            Assert.Equal(1, record.ActivityId);
            if (current is null)
            {
                Assert.Equal(ProgressRecordType.Processing, record.RecordType);
                phases.Add(record.Activity);
            }
            else
            {
                Assert.Equal(current, record.Activity);
            }

            current = record.RecordType == ProgressRecordType.Completed ? null : record.Activity;
        }

        Assert.Null(current);
        Assert.Distinct(phases);
        return [.. phases];
    }
}
