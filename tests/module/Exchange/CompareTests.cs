using System.Management.Automation;
using ModuleTests.BadInput;

namespace ModuleTests.Exchange;

/// <summary>What Compare-MailboxDelegation shows of two snapshots that were read from Exchange, and what it refuses.</summary>
public sealed class CompareTests
{
    private const string Differences =
        "ForEach-Object { \"$($_.Change) $($_.MailboxAddress) $($_.DelegateAddress) [$(@($_.Cause | ForEach-Object Code) -join ',')]\" }";

    [Fact]
    public void It_tells_who_gained_and_lost_and_what_caused_it()
    {
        using var company = new Company();
        Assert.Equal(
            [
                "Gained invoices@corp.example ben.ortiz@corp.example [PermissionAdded]",
                "Gained sales@corp.example ben.ortiz@corp.example [MemberAdded]",
                // Her permission became a deny.
                "Lost sales@corp.example dora.klein@corp.example [DenyAdded,PermissionRemoved]",
                "Lost support@corp.example emil.weber@corp.example [PermissionRemoved]",
                // A trustee of the one is nobody, and the members of the other's group cannot be read; in both snapshots.
                "Unknown hr@corp.example  [UnresolvedTrustee,UnresolvedTrustee]",
                "Unknown legal@corp.example  [GroupNotExpanded,GroupNotExpanded]",
            ],
            company.Compare("Compare-MailboxDelegation $before $after").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Backwards_it_tells_the_opposite_and_warns()
    {
        using var company = new Company();
        var result = company.Session.RunWell("Compare-MailboxDelegation $after $before | Where-Object Change -ne Unknown | " + Differences);
        Assert.Equal(
            [
                "Gained sales@corp.example dora.klein@corp.example [DenyRemoved,PermissionAdded]",
                "Gained support@corp.example emil.weber@corp.example [PermissionAdded]",
                "Lost invoices@corp.example ben.ortiz@corp.example [PermissionRemoved]",
                "Lost sales@corp.example ben.ortiz@corp.example [MemberRemoved]",
            ],
            result.Output.Select(output => $"{output}").Order(StringComparer.Ordinal));
        Assert.Contains("is newer than", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_difference_has_names_trails_and_texts_of_its_own()
    {
        using var company = new Company();
        var one = company.Session.RunWell("Compare-MailboxDelegation $before $after -Mailbox Sales -Delegate Ben*").Single;
        Assert.Equal("Sales", one.Mailbox);
        Assert.Equal("Ben Ortiz", one.Delegate);
        Assert.Equal("FullAccess", $"{one.Right}");
        Assert.Empty(one.ReferenceTrail);
        Assert.Equal(["Sales Team", "Sales Leads", "ben.ortiz@corp.example"], (IEnumerable<string>)one.DifferenceTrail);
        Assert.Equal("Ben Ortiz <ben.ortiz@corp.example> gained FullAccess on Sales <sales@corp.example>: ben.ortiz@corp.example became a member of Sales Leads.", one.ToString());
    }

    [Fact]
    public void Snapshots_come_as_objects_paths_and_through_the_pipeline()
    {
        using var company = new Company();
        var expected = company.Compare("Compare-MailboxDelegation $before $after");
        Assert.Equal(expected, company.Compare("Compare-MailboxDelegation -ReferenceSnapshot $beforePath -DifferenceSnapshot $afterPath"));
        Assert.Equal(expected, company.Compare("$after | Compare-MailboxDelegation $beforePath"));
        Assert.Equal(6, expected.Length);
    }

    [Fact]
    public void A_snapshot_does_not_differ_from_itself_but_unknown_stays_unknown()
    {
        using var company = new Company();
        Assert.Equal(["Unknown", "Unknown"], company.Texts("Compare-MailboxDelegation $after $after | ForEach-Object Change"));
    }

    [Fact]
    public void Mailboxes_and_people_can_be_chosen_and_a_wrong_name_is_told()
    {
        using var company = new Company();
        string[] invoices = ["Gained invoices@corp.example ben.ortiz@corp.example [PermissionAdded]"];
        Assert.Equal(invoices, company.Compare("Compare-MailboxDelegation $before $after -Mailbox inv* -Delegate Ben*"));
        // Who is unknown may concern everybody.
        Assert.Equal(
            ["Lost support@corp.example emil.weber@corp.example [PermissionRemoved]", "Unknown hr@corp.example  [UnresolvedTrustee,UnresolvedTrustee]", "Unknown legal@corp.example  [GroupNotExpanded,GroupNotExpanded]"],
            company.Compare("Compare-MailboxDelegation $before $after -Delegate emil.weber@corp.example").Order(StringComparer.Ordinal));
        Assert.Equal(invoices, company.Compare("Compare-MailboxDelegation $before $after -Mailbox (Get-Mailbox invoices@corp.example)"));
        var result = company.Session.Run("Compare-MailboxDelegation $before $after -Mailbox Salse -Delegate Bne");
        Assert.Empty(result.Output);
        Assert.Equal(["MailboxNotFound", "DelegateNotFound"], result.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
    }

    [Fact]
    public void A_mailbox_that_could_not_be_read_is_unknown_and_nobody_lost_it()
    {
        using var company = new Company();
        company.Session.RunWell("""
            Set-ExchangeStandIn -ErrorText @{ 'a0000000-0000-4000-8000-000000000023' = 'The directory is not available.' }
            $failed = Export-MailboxDelegation -Path "$folder/failed.jsonl" -Confirm:$false -WarningAction SilentlyContinue
            """);
        var one = company.Session.RunWell("Compare-MailboxDelegation $before $failed -Mailbox support@corp.example").Single;
        Assert.Equal("Unknown", $"{one.Change}");
        Assert.Null(one.Delegate);
        Assert.Contains("In the difference snapshot: ", one.ToString(), StringComparison.Ordinal);
        Assert.Contains("The directory is not available", one.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_of_some_mailboxes_says_nothing_about_the_others()
    {
        using var company = new Company();
        company.Session.RunWell("$some = Export-MailboxDelegation -Path \"$folder/some.jsonl\" -Identity sales@corp.example -Confirm:$false");
        var differences = company.Compare("Compare-MailboxDelegation $before $some");
        Assert.DoesNotContain(differences, text => text.StartsWith("Lost support", StringComparison.Ordinal));
        Assert.Contains("Gained sales@corp.example ben.ortiz@corp.example [MemberAdded]", differences);
        Assert.Contains("Unknown support@corp.example  [NotInSnapshot]", differences);
    }

    [Fact]
    public void Each_right_is_compared_by_itself()
    {
        using var company = new Company();
        company.Session.RunWell("""
            $both = Export-MailboxDelegation -Path "$folder/both.jsonl" -Right FullAccess, SendAs -Confirm:$false -WarningAction SilentlyContinue
            Set-ExchangeStandIn -Missing Get-RecipientPermission
            Connect-ExchangeOnline
            $denied = Export-MailboxDelegation -Path "$folder/denied.jsonl" -Right FullAccess, SendAs -Confirm:$false -WarningAction SilentlyContinue
            """);
        // Only FullAccess is in both.
        Assert.Equal(6, company.Compare("Compare-MailboxDelegation $before $both").Length);
        Assert.Equal(["Unknown SendAs"], company.Texts("Compare-MailboxDelegation $both $denied -Mailbox 'Project 01' | ForEach-Object { \"$($_.Change) $($_.Right)\" }"));
        Assert.Empty(company.Texts("Compare-MailboxDelegation $both $denied -Mailbox 'Project 01' -Right FullAccess"));
    }

    [Fact]
    public void What_cannot_be_compared_is_refused_with_a_reason()
    {
        using var company = new Company();
        company.Session["foreign"] = TestPaths.Tenant("small", "snapshot.jsonl");
        company.Session.RunWell("[IO.File]::WriteAllLines(\"$folder/cut.jsonl\", [IO.File]::ReadAllLines($afterPath)[0..20])");
        Refused("Compare-MailboxDelegation $before $foreign", "SnapshotsOfDifferentTenants", ErrorCategory.InvalidArgument, "different tenants", "same tenant");
        Refused("Compare-MailboxDelegation $before \"$folder/cut.jsonl\"", "SnapshotIncomplete", ErrorCategory.InvalidArgument, "difference snapshot", "to the end");
        Refused("Compare-MailboxDelegation \"$folder/none.jsonl\" $after", "SnapshotUnreadable", ErrorCategory.ObjectNotFound, "none.jsonl", "path");
        Refused("Compare-MailboxDelegation 5 $after", "SnapshotInvalid", ErrorCategory.InvalidArgument, "'5'", "path of a snapshot file");
        company.Session.RunWell("$sendAs = Export-MailboxDelegation -Path \"$folder/sendas.jsonl\" -Right SendAs -Confirm:$false -WarningAction SilentlyContinue");
        Refused("Compare-MailboxDelegation $before $sendAs", "NoRightInCommon", ErrorCategory.InvalidArgument, "no right", "-Right");

        void Refused(string script, string id, ErrorCategory category, string names, string advice) => Refusal.One(company.Session.Run(script), id, category, names, advice);
    }

    [Fact]
    public void The_table_shows_change_mailbox_delegate_right_and_cause()
    {
        using var company = new Company();
        var text = company.Session.RunWell("Compare-MailboxDelegation $before $after -Mailbox Sales -Delegate Ben* | Format-Table | Out-String -Width 200").Single.ToString();
        Assert.Matches(@"Gained\s+Sales\s+Ben Ortiz\s+FullAccess\s+ben\.ortiz@corp\.example became a member of Sales Leads\.", text);
    }

    /// <summary>The company of the help pages, read last week and today.</summary>
    private sealed class Company : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("esgmailboxsync-").FullName;

        public Company()
        {
            Session["folder"] = _folder;
            Session["lastWeek"] = TestPaths.Tenant("help", "exchange-last-week.json");
            Session["today"] = TestPaths.Tenant("help", "exchange.json");
            Session.RunWell("""
                $beforePath, $afterPath = "$folder/before.jsonl", "$folder/after.jsonl"
                Set-ExchangeStandIn -Path $lastWeek
                Connect-ExchangeOnline
                $before = Export-MailboxDelegation -Path $beforePath -Confirm:$false -WarningAction SilentlyContinue
                [Threading.Thread]::Sleep(1100) # snapshots tell their time in seconds
                Set-ExchangeStandIn -Path $today
                Connect-ExchangeOnline
                $after = Export-MailboxDelegation -Path $afterPath -Confirm:$false -WarningAction SilentlyContinue
                """);
        }

        public Session Session { get; } = Session.WithExchange();

        public string[] Compare(string script) => Texts(script + " | " + Differences);

        public string[] Texts(string script) => [.. Session.RunWell(script).Output.Select(output => $"{output}")];

        public void Dispose()
        {
            Session.Dispose();
            Directory.Delete(_folder, true);
        }
    }
}
