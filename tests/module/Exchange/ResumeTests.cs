using System.Management.Automation;
using System.Text.RegularExpressions;
using static ModuleTests.Exchange.LongRead;

namespace ModuleTests.Exchange;

/// <summary>A read that broke off goes on where it was (design 4).</summary>
public sealed class ResumeTests
{
    [Fact]
    public void A_lost_session_costs_only_the_mailbox_that_was_being_read()
    {
        using var exchange = Tenant(6);
        exchange.Define("Get-RecipientPermission", "foreach ($n in 1..6) { [pscustomobject]@{ Identity = \"m$n\"; Trustee = 'NT AUTHORITY\\SELF'; AccessRights = 'SendAs'; AccessControlType = 'Allow' } }");
        var unbroken = Unbroken(exchange, "-Right FullAccess, SendAs");
        // It dies in the middle of the answer for the fourth mailbox: two of its rows have come.
        exchange.Define("Get-MailboxPermission", $"if ($asked -eq '{Guid(4)}') {{ {ExchangeFunctions.Self}; {ExchangeFunctions.Self}; {Lost} }} {Rows}");
        var error = exchange.Export("-Right FullAccess, SendAs").Error;
        Assert.StartsWith("ExchangeSessionLost,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(exchange.SnapshotPath + ".partial", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("with -Resume", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(8, File.ReadLines(exchange.SnapshotPath + ".partial").Count(line => line.Contains("\"kind\":\"permission\"", StringComparison.Ordinal)));

        exchange.Define("Get-MailboxPermission", Rows);
        exchange.Session.RunWell("$calls.Clear()");
        var resumed = exchange.Export("-Right FullAccess, SendAs -Resume -Verbose");
        Assert.Empty(resumed.Errors);
        Assert.Empty(resumed.Warnings);
        Assert.Contains(resumed.Verbose, text => text.Contains("the rows of 3 mailboxes are taken over; 0 are too old, 1 had not come", StringComparison.Ordinal));
        Assert.Equal(Guids(4, 5, 6), Asked(exchange));
        Assert.Equal(unbroken, Lines(exchange));
        Assert.False(File.Exists(exchange.SnapshotPath + ".partial"));
    }

    [Fact]
    public void Ctrl_C_costs_only_the_mailbox_that_was_being_read()
    {
        using var exchange = Tenant(4);
        var unbroken = Unbroken(exchange);
        var state = new bool[2];
        exchange.Session["state"] = state;
        exchange.Define("Get-MailboxPermission", $"if ($asked -eq '{Guid(3)}') {{ $state[0] = $true; while (-not $state[1]) {{ [Threading.Thread]::Sleep(5) }} }} {Rows}");
        exchange.Session.StopWhen("Export-MailboxDelegation -Path $path", _ => state[0]);
        state[1] = true;
        exchange.Session.RunWell("$calls.Clear()");
        Assert.Empty(exchange.Export("-Resume").Errors);
        Assert.Equal(Guids(3, 4), Asked(exchange));
        Assert.Equal(unbroken, Lines(exchange));
    }

    [Fact]
    public void Without_Resume_a_warning_says_what_is_about_to_be_lost()
    {
        using var exchange = Tenant(3);
        BreakAt(exchange, 2);
        var again = exchange.Export();
        Assert.Contains("-Resume would continue", Assert.Single(again.Warnings), StringComparison.Ordinal);
        Assert.Equal(5, Asked(exchange).Length);
    }

    [Fact]
    public void A_read_that_finds_no_mailbox_does_not_cost_an_earlier_one_its_rows()
    {
        using var exchange = Tenant(3);
        BreakAt(exchange, 3);
        var before = File.ReadAllText(exchange.SnapshotPath + ".partial");
        exchange.Define("Get-Mailbox", "");
        foreach (var more in new[] { "", "-Resume" })
        {
            Assert.StartsWith("NoMailbox,", exchange.Export(more).Error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Equal(before, File.ReadAllText(exchange.SnapshotPath + ".partial"));
        }
    }

    [Theory]
    [InlineData("-Right FullAccess, SendAs", "the rights (FullAccess, now FullAccess, SendAs)")]
    [InlineData("-RecipientTypeDetails RoomMailbox", "the types of mailboxes (sharedmailbox, now roommailbox)")]
    [InlineData("-Filter \"Name -like 'a*'\"", "(all mailboxes, now filter Name -like 'a*')")]
    [InlineData("-Shard 1/2", "(all mailboxes, now shard 1/2)")]
    [InlineData("-Identity accounts", "(all mailboxes, now a list of mailboxes)")]
    public void Another_read_is_not_continued_and_Exchange_is_not_asked(string options, string says)
    {
        using var exchange = Tenant(3);
        BreakAt(exchange, 2);
        exchange.Session.RunWell("$calls.Clear()");
        var before = File.ReadAllText(exchange.SnapshotPath + ".partial");
        var error = exchange.Export("-Resume " + options).Error;
        Assert.StartsWith("ResumeMismatch,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidOperation, error.CategoryInfo.Category);
        Assert.Contains(says, error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("another -Path", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(exchange.Calls);
        Assert.Equal(before, File.ReadAllText(exchange.SnapshotPath + ".partial"));
    }

    [Fact]
    public void Another_tenant_is_not_continued()
    {
        using var exchange = Tenant(3);
        exchange.Define("Get-OrganizationConfig", "[pscustomobject]@{ Name = 'one'; Guid = '11111111-2222-4333-8444-555555555550' }", "");
        BreakAt(exchange, 2);
        exchange.Define("Get-OrganizationConfig", "[pscustomobject]@{ Name = 'two'; Guid = '11111111-2222-4333-8444-555555555551' }", "");
        var error = exchange.Export("-Resume").Error;
        Assert.StartsWith("ResumeMismatch,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("the tenant (11111111-2222-4333-8444-555555555550, now 11111111-2222-4333-8444-555555555551)", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Old_rows_are_read_again_and_the_snapshot_is_as_old_as_its_oldest_row()
    {
        using var exchange = Tenant(3);
        BreakAt(exchange, 3);
        Age(exchange, Guid(1), TimeSpan.FromHours(30));
        Age(exchange, Guid(2), TimeSpan.FromHours(3));
        exchange.Session.RunWell("$calls.Clear()");
        var resumed = exchange.Export("-Resume");
        Assert.Empty(resumed.Errors);
        Assert.Equal(Guids(1, 3), Asked(exchange));
        Assert.InRange(DateTime.UtcNow - (DateTime)resumed.Single.Created, TimeSpan.FromHours(3), TimeSpan.FromHours(3.1));

        BreakAt(exchange, 3);
        Age(exchange, Guid(2), TimeSpan.FromHours(3));
        exchange.Session.RunWell("$calls.Clear()");
        Assert.InRange(DateTime.UtcNow - (DateTime)exchange.Export("-Resume -MaxAge 02:00:00").Single.Created, TimeSpan.Zero, TimeSpan.FromHours(0.1));
        Assert.Equal(Guids(2, 3), Asked(exchange));
    }

    [Fact]
    public void New_mailboxes_are_read_and_those_that_are_gone_are_told()
    {
        using var exchange = Tenant(4);
        BreakAt(exchange, 4);
        exchange.Define("Get-Mailbox", Mailboxes(2, 6));
        exchange.Session.RunWell("$calls.Clear()");
        var resumed = exchange.Export("-Resume");
        Assert.Contains("1 mailboxes were read before and are not listed any more; their rows are left out: m1@corp.example.", Assert.Single(resumed.Warnings), StringComparison.Ordinal);
        Assert.Equal(Guids(4, 5, 6), Asked(exchange));
        Assert.Equal(Unbroken(exchange), Lines(exchange));
    }

    [Fact]
    public void A_mailbox_that_failed_is_read_again()
    {
        using var exchange = Tenant(4);
        exchange.Define("Get-MailboxPermission", $"if ($asked -eq '{Guid(2)}') {{ {ExchangeFunctions.Self}; throw 'half of it' }} if ($asked -eq '{Guid(4)}') {{ {Lost} }} {Rows}");
        exchange.Export();
        exchange.Define("Get-MailboxPermission", Rows);
        exchange.Session.RunWell("$calls.Clear()");
        Assert.Empty(exchange.Export("-Resume").Errors);
        Assert.Equal(Guids(2, 4), Asked(exchange));
        Assert.Equal(Unbroken(exchange), Lines(exchange));
    }

    [Fact]
    public void A_last_line_that_was_cut_is_told_and_harmless()
    {
        using var exchange = Tenant(4);
        BreakAt(exchange, 4);
        var partial = exchange.SnapshotPath + ".partial";
        File.WriteAllText(partial, File.ReadAllText(partial)[..^20]); // in the middle of the read line of the third
        exchange.Session.RunWell("$calls.Clear()");
        var resumed = exchange.Export("-Resume -Verbose");
        Assert.Empty(resumed.Errors);
        Assert.Contains(resumed.Verbose, text => text.Contains("last line was cut", StringComparison.Ordinal));
        Assert.Equal(Guids(3, 4), Asked(exchange));
        Assert.Equal(Unbroken(exchange), Lines(exchange));
    }

    [Fact]
    public void Where_nothing_broke_off_Resume_reads_everything()
    {
        using var exchange = Tenant(2);
        var first = exchange.Export("-Resume -Verbose");
        Assert.Empty(first.Errors);
        Assert.Contains(first.Verbose, text => text.Contains("no read to continue", StringComparison.Ordinal));
        Assert.Empty(exchange.Export("-Resume").Errors);
        Assert.Equal(4, Asked(exchange).Length);
    }

    [Fact]
    public void An_age_in_the_future_is_refused()
    {
        using var exchange = Tenant(1);
        Assert.StartsWith("MaxAgeInvalid,", exchange.Export("-Resume -MaxAge (-[timespan]'01:00')").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    /// <summary>Makes the rows of a mailbox in the partial file older.</summary>
    private static void Age(ExchangeFunctions exchange, string guid, TimeSpan age)
    {
        var partial = exchange.SnapshotPath + ".partial";
        var since = (DateTime.UtcNow - age).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var text = Regex.Replace(File.ReadAllText(partial), $"(\"mailbox:{guid}\"[^\n]*\"since\":\")[^\"]+", $"${{1}}{since}");
        Assert.Contains(since, text, StringComparison.Ordinal);
        File.WriteAllText(partial, text);
    }
}
