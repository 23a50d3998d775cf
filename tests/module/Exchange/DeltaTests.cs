using System.Text.Json;

namespace ModuleTests.Exchange;

/// <summary>Export-MailboxDelegation -Since: which mailboxes are asked for, what the log must tell, and what never follows from its silence.</summary>
public sealed class DeltaTests
{
    private const string Log = "Search-UnifiedAuditLog";

    [Fact]
    public void Only_mailboxes_with_a_change_new_ones_and_unknown_ones_are_asked_for()
    {
        using var world = new Office();
        world.Company.Grant("sales", "cleo").Log("Add-MailboxPermission", "corpexample.onmicrosoft.com/Users/sales", "sales@corp.example");
        world.Company.HiddenMailbox("export", "anna");
        world.Load();
        Assert.Equal(["export", "hr", "sales"], world.Delta("-Verbose"));
        Assert.Equal("carried", world.Status("support"));
        Assert.Equal("complete", world.Status("sales"));
        Assert.Contains("cleo@corp.example", world.Delegates("sales"));
        Assert.Contains(world.Last.Verbose, text => text.Contains("1 mailboxes, 1 are new, and 1 were unknown", StringComparison.Ordinal) && text.Contains("of 2 are carried over", StringComparison.Ordinal));
        Assert.DoesNotContain(world.Last.Warnings, text => text.Contains("All mailboxes are read", StringComparison.Ordinal));
    }

    [Fact]
    public void A_carried_mailbox_keeps_its_rows_and_the_time_at_which_it_was_read()
    {
        using var world = new Office();
        var read = world.Since("support");
        world.Load();
        Assert.Equal(["hr"], world.Delta());
        Assert.Equal(["ben@corp.example"], world.Delegates("support"));
        Assert.Equal(read, world.Since("support"));
        // A delta of a delta carries that time on.
        world.Session.RunWell("[IO.File]::Copy($deltaPath, $earlierPath, $true)");
        Assert.Equal(["hr"], world.Delta());
        Assert.Equal(read, world.Since("support"));
    }

    [Fact]
    public void Groups_people_and_members_are_read_in_full_whatever_the_log_says()
    {
        using var world = new Office();
        world.Company.Members("team", "anna");
        world.Load();
        Assert.Equal(["hr"], world.Delta());
        // Cleo was in the team.
        Assert.Equal(["anna@corp.example"], world.Delegates("orders"));
    }

    [Theory]
    [InlineData("", "Remove-MailboxPermission", "", "support")]
    [InlineData("", "Remove-MailboxPermission", "EURPR01A001.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/corpexample.onmicrosoft.com/support", "")]
    [InlineData("", "Set-Mailbox", "a0000000-0000-4000-8000-000000000006", "")]
    [InlineData("-Missing Search-UnifiedAuditLog", "Remove-MailboxPermission", "corp.example/Users/support", "")]
    [InlineData("-Missing Search-UnifiedAuditLog", "Remove-MailboxPermission", "", "support@corp.example")]
    public void Both_logs_name_a_mailbox_by_path_GUID_or_what_was_typed(string options, string operation, string objectId, string identity)
    {
        using var world = new Office();
        world.Company.Log(operation, objectId, identity);
        world.Load(options);
        Assert.Equal(["hr", "support"], world.Delta());
        Assert.Equal(options.Length > 0, world.Called("Search-AdminAuditLog") > 0);
    }

    [Fact]
    public void The_log_is_read_page_by_page_to_its_end()
    {
        using var world = new Office();
        world.Company.Log("Set-Mailbox", "somebody{n}", "", repeat: 5000).Log("Remove-MailboxPermission", "support", "");
        world.Load();
        Assert.Equal(["hr", "support"], world.Delta());
        Assert.Equal(3, world.Called(Log));
    }

    [Theory]
    [InlineData("-Missing Search-UnifiedAuditLog, Search-AdminAuditLog", "is not there")]
    [InlineData("-ErrorText @{ 'Search-UnifiedAuditLog' = 'The audit log search is not available.' }", "The audit log search is not available")]
    [InlineData("-AuditCutAfter 1", "did not give all of its rows")]
    [InlineData("-AuditOff", "turned off")]
    public void Where_the_log_cannot_be_read_it_says_so_and_all_mailboxes_are_read(string options, string reason)
    {
        using var world = new Office();
        world.Company.Log("Set-Mailbox", "one", "").Log("Set-Mailbox", "two", "");
        world.Load(options);
        Assert.Equal(["hr", "orders", "sales", "support"], world.Delta());
        Assert.Contains(world.Last.Warnings, text => text.StartsWith("All mailboxes are read", StringComparison.Ordinal) && text.Contains(reason, StringComparison.Ordinal));
        Assert.Equal("complete", world.Status("support"));
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("""{"Operation": "Set-Mailbox"}""")]
    public void A_row_that_does_not_tell_what_it_changed_makes_the_log_unreadable(string data)
    {
        using var world = new Office();
        world.Company.Log("Set-Mailbox", "", "", data: data);
        world.Load();
        Assert.Equal(["hr", "orders", "sales", "support"], world.Delta());
        Assert.Contains(world.Last.Warnings, text => text.Contains("do not tell what they changed", StringComparison.Ordinal));
    }

    [Fact]
    public void An_event_that_the_log_shows_late_is_found_by_the_next_read()
    {
        using var world = new Office();
        world.Company.Revoke("support", "ben").Log("Remove-MailboxPermission", "support", "", minutesAgo: 90);
        world.Load("-AuditDelayMinutes 120");
        Assert.Equal(["hr"], world.Delta());
        Assert.Equal(["ben@corp.example"], world.Delegates("support"));
        world.Session.RunWell("[IO.File]::Copy($deltaPath, $earlierPath, $true); Set-ExchangeStandIn -AuditDelayMinutes 60");
        // The event is older than the snapshot that did not know it: the log is asked from before that.
        Assert.Equal(["hr", "support"], world.Delta());
        Assert.Empty(world.Delegates("support"));
    }

    [Fact]
    public void Everything_is_read_when_a_full_read_is_due()
    {
        using var world = new Office();
        world.Age(days: 7);
        world.Load();
        Assert.Equal(["hr"], world.Delta("-FullEvery 8"));
        Assert.Equal(["hr", "orders", "sales", "support"], world.Delta());
        Assert.DoesNotContain(world.Last.Warnings, text => text.StartsWith("All mailboxes", StringComparison.Ordinal));
    }

    [Fact]
    public void Reread_names_mailboxes_that_are_asked_for_too()
    {
        using var world = new Office();
        world.Load();
        Assert.Equal(["hr", "support"], world.Delta("-Reread support@corp.example"));
    }

    [Fact]
    public void Reread_of_a_name_that_no_mailbox_has_is_told()
    {
        using var world = new Office();
        world.Load();
        Assert.Equal(["hr", "support"], world.Delta("-Reread support@corp.example, suport@corp.example"));
        Assert.Contains("'suport@corp.example' names no mailbox", Assert.Single(world.Last.Warnings, text => text.Contains("-Reread", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_delta_that_broke_off_goes_on_and_carries_over_what_it_has_not_asked_for()
    {
        using var world = new Office();
        world.Company.Grant("sales", "cleo").Log("Add-MailboxPermission", "sales", "");
        world.Load();
        Assert.Equal(["hr", "sales"], world.Delta());
        var unbroken = world.Lines();
        File.Delete(world.DeltaPath);

        // The session ends while the second of the two is asked for.
        var calls = world.Session.RunWell("$sum = 0; Get-ExchangeStandInCall | ForEach-Object { $sum += $_.Count }; $sum").Single.ToString();
        world.Load($"-EndSessionAfter {int.Parse(calls, System.Globalization.CultureInfo.InvariantCulture) - 2}");
        var error = world.Session.Run("Export-MailboxDelegation -Path $deltaPath -Since $earlierPath -Confirm:$false").Errors[^1];
        Assert.StartsWith("ExchangeSessionLost,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        world.Load();
        var again = world.Delta("-Resume");
        Assert.NotEmpty(again);
        Assert.DoesNotContain("support", again);
        Assert.Equal(unbroken, world.Lines());
        Assert.Equal("carried", world.Status("support"));
    }

    [Fact]
    public void A_snapshot_of_another_tenant_is_refused_and_options_without_Since_too()
    {
        using var world = new Office();
        world.Session["foreign"] = TestPaths.Tenant("small", "snapshot.jsonl");
        var refused = world.Session.Run("Export-MailboxDelegation -Path $deltaPath -Since $foreign -Confirm:$false -WarningAction SilentlyContinue");
        Assert.StartsWith("SnapshotsOfDifferentTenants,", refused.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.False(File.Exists(world.DeltaPath));
        Assert.StartsWith("SinceMissing,", world.Session.Run("Export-MailboxDelegation -Path $deltaPath -FullEvery 3 -Confirm:$false").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Rule16_A_loss_that_the_log_left_out_removes_nothing_until_the_mailbox_is_read_again()
    {
        using var world = new Office();
        using var esg = new World(world.Company.Save());
        esg.Session["earlierPath"] = world.EarlierPath;
        esg.Session["deltaPath"] = world.DeltaPath;
        esg.Session["againPath"] = world.DeltaPath + ".again";
        esg.Session.RunWell("$null = Export-MailboxDelegation -Path $earlierPath -Confirm:$false -WarningAction SilentlyContinue; $snapshot = Import-MailboxDelegation -Path $earlierPath");
        esg.Plan();
        Assert.Empty(esg.Apply().Errors);
        Assert.Contains("support@corp.example", esg.Simulator.Addresses("ben@corp.example"));
        Assert.Contains("orders@corp.example", esg.Simulator.Addresses("cleo@corp.example"));

        // Ben loses support by a row, cleo loses orders by her team; the log tells of neither, but members are read each time.
        world.Company.Revoke("support", "ben").Members("team", "anna");
        esg.LoadTenant(Path.Combine(world.Company.Save(), "exchange.json"));
        esg.Session.RunWell("$snapshot = Export-MailboxDelegation -Path $deltaPath -Since $earlierPath -Confirm:$false -WarningAction SilentlyContinue");
        var plan = esg.Plan("-FunctionalUser Remove");
        Assert.Empty(esg.Changes());
        Assert.Equal(["MailboxCarried"], esg.LeftAlone("cleo@corp.example"));
        Assert.Equal(["MailboxCarried"], esg.LeftAlone("support"));
        Assert.Contains("-Reread " + world.Company.GuidOf("orders"), (string)esg.Texts("$plan.LeftAlone | Where-Object UserName -eq cleo@corp.example | ForEach-Object Reason").Single(), StringComparison.Ordinal);

        // What the plan says: read these again, and plan from that.
        esg.Session.RunWell("""
            $guids = $plan.LeftAlone | Where-Object Code -eq MailboxCarried | Where-Object UserName -eq cleo@corp.example | ForEach-Object MailboxGuid
            $snapshot = Export-MailboxDelegation -Path $againPath -Since $deltaPath -Reread $guids -Confirm:$false -WarningAction SilentlyContinue
            """);
        esg.Plan();
        Assert.Equal(["AliasRemoved cleo@corp.example orders@corp.example"], esg.Changes());

        // A full read finds what the log left out.
        esg.Read("-WarningAction SilentlyContinue");
        esg.Plan();
        Assert.Equal(["AliasRemoved ben@corp.example support@corp.example", "AliasRemoved cleo@corp.example orders@corp.example"], esg.Changes());
    }

    [Fact]
    public void Rule16_Sync_reads_again_what_it_would_remove_something_of_and_only_that()
    {
        using var world = new Office();
        using var esg = new World(world.Company.Save());
        esg.Session["syncPath"] = Path.Combine(esg.Folder, "sync.jsonl");
        // The first run reads everything: there is nothing to carry over from. One mailbox is unknown.
        Assert.Equal(["4"], esg.Texts("(Sync-EsgSharedMailbox -SnapshotPath $syncPath -FullEvery 7 -Confirm:$false -WarningAction SilentlyContinue).ExitCode"));
        Assert.Contains("orders@corp.example", esg.Simulator.Addresses("cleo@corp.example"));

        world.Company.Revoke("support", "ben").Members("team", "anna");
        esg.LoadTenant(Path.Combine(world.Company.Save(), "exchange.json"));
        esg.Session.RunWell("$result = Sync-EsgSharedMailbox -SnapshotPath $syncPath -FullEvery 7 -Confirm:$false -WarningAction SilentlyContinue");
        Assert.DoesNotContain("orders@corp.example", esg.Simulator.Addresses("cleo@corp.example"));
        // The log said nothing of it, and nothing else did: it waits for the full read.
        Assert.Contains("support@corp.example", esg.Simulator.Addresses("ben@corp.example"));
        var asked = esg.Texts("Get-ExchangeStandInCall -Command Get-MailboxPermission | ForEach-Object Identity").Select(world.Company.NameOf);
        Assert.Equal(["hr", "orders"], asked.Order(StringComparer.Ordinal));
        // The file is whole, and the next run goes on from it.
        Assert.Equal(["True"], esg.Texts("$result.Snapshot.Whole"));
        Assert.Equal(["True"], esg.Texts("(Import-MailboxDelegation $syncPath).Complete"));

        Assert.StartsWith("SnapshotPathMissing", $"{esg.Session.RunWell("(Sync-EsgSharedMailbox -FullEvery 7 -Confirm:$false).Error.FullyQualifiedErrorId").Single}", StringComparison.Ordinal);
    }

    /// <summary>Four mailboxes, one of them unknown, that were read an hour ago; the stand-in tells which were asked for.</summary>
    private sealed class Office : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("esgmailboxsync-").FullName;

        public Office()
        {
            Company.Person("anna").Person("ben").Person("cleo").Group("team", "anna", "cleo").Mailbox("sales", "anna").Mailbox("support", "ben").Mailbox("orders", "team").HiddenMailbox("hr", "anna").Unknown("hr");
            Session["earlierPath"] = EarlierPath;
            Session["deltaPath"] = DeltaPath;
            Load();
            Session.RunWell("$null = Export-MailboxDelegation -Path $earlierPath -Confirm:$false -WarningAction SilentlyContinue");
        }

        public Company Company { get; } = new();

        public Session Session { get; } = Session.WithExchange();

        public string EarlierPath => Path.Combine(_folder, "earlier.jsonl");

        public string DeltaPath => Path.Combine(_folder, "delta.jsonl");

        public ScriptResult Last { get; private set; } = null!;

        /// <summary>Serves the company as it is now.</summary>
        public void Load(string more = "")
        {
            Session["tenantFile"] = Path.Combine(Company.Save(), "exchange.json");
            Session.RunWell($"Set-ExchangeStandIn -Path $tenantFile {more}; Connect-ExchangeOnline");
        }

        /// <summary>Reads with -Since and gives the names of the mailboxes that were asked for their permissions.</summary>
        public string[] Delta(string more = "")
        {
            Last = Session.RunWell($"Clear-ExchangeStandInCall; $delta = Export-MailboxDelegation -Path $deltaPath -Since $earlierPath -Confirm:$false {more}");
            var guids = Session.RunWell("Get-ExchangeStandInCall -Command Get-MailboxPermission | ForEach-Object Identity").Output.Select(guid => $"{guid}");
            return [.. guids.Select(Company.NameOf).Order(StringComparer.Ordinal)];
        }

        public int Called(string command) =>
            Session.RunWell($"Get-ExchangeStandInCall -Command {command} | ForEach-Object Count").Output.Sum(count => (int)count.BaseObject);

        public string[] Delegates(string mailbox) =>
            [.. Session.RunWell($"$delta | Get-MailboxDelegation -Mailbox {mailbox} | ForEach-Object DelegateAddress").Output.Select(delegated => $"{delegated}").Order(StringComparer.Ordinal)];

        /// <summary>The lines of the delta without times, in the order of their texts.</summary>
        public string[] Lines() =>
            [.. File.ReadLines(DeltaPath).Select(line => System.Text.RegularExpressions.Regex.Replace(line, "\"(since|created)\": ?\"[^\"]*\"", "")).Order(StringComparer.Ordinal)];

        public string? Status(string mailbox) => Read(mailbox).Text("status");

        public string? Since(string mailbox) => Read(mailbox).Text("since");

        /// <summary>Makes the earlier snapshot so old.</summary>
        public void Age(int days)
        {
            var text = File.ReadAllText(EarlierPath);
            var today = DateTime.UtcNow;
            foreach (var day in new[] { today, today.AddDays(-1) })
            {
                text = text.Replace($"{day:yyyy-MM-dd}T", $"{day.AddDays(-days):yyyy-MM-dd}T", StringComparison.Ordinal);
            }

            File.WriteAllText(EarlierPath, text);
        }

        public void Dispose()
        {
            Session.Dispose();
            Company.Dispose();
            Directory.Delete(_folder, true);
        }

        private JsonElement Read(string mailbox)
        {
            var path = File.Exists(DeltaPath) ? DeltaPath : EarlierPath;
            var lines = File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement);
            return lines.Single(line => line.Text("subject") == "mailbox:" + Company.GuidOf(mailbox));
        }
    }
}
