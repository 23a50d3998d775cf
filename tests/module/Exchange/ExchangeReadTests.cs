namespace ModuleTests.Exchange;

/// <summary>How the Exchange session is called, and what comes of answers that are not whole (design 4, exo 1.8).</summary>
public class ExchangeReadTests
{
    private const string Guid = ExchangeFunctions.MailboxGuid;
    private const string Person = "[pscustomobject]@{ Guid = 'aaaaaaaa-0000-4000-8000-000000000001'; Name = 'Greta'; PrimarySmtpAddress = 'greta@corp.example'; RecipientTypeDetails = 'UserMailbox' }";
    private const string Team = "[pscustomobject]@{ Guid = 'bbbbbbbb-0000-4000-8000-000000000001'; Name = 'Team'; DisplayName = 'Team'; Sid = 'S-1-5-21-1-2-3-20'; RecipientTypeDetails = '%TYPE%' }";
    private const string TeamRow = "[pscustomobject]@{ User = 'Team'; UserSid = 'S-1-5-21-1-2-3-20'; AccessRights = 'FullAccess'; Deny = $false; IsInherited = $false; InheritanceType = 'All' }";

    [Fact]
    public void A_mailbox_is_asked_for_by_GUID_with_orphans_and_without_limit()
    {
        using var exchange = new ExchangeFunctions();
        exchange.Define("Get-MailboxPermission", $"$global:asked = $PSBoundParameters; {ExchangeFunctions.Self}");
        exchange.Lines("permission");
        Assert.Equal(Guid, exchange.Session.RunWell("$asked['Identity']").Single.ToString());
        Assert.Equal("Unlimited", exchange.Session.RunWell("$asked['ResultSize']").Single.ToString());
        Assert.Equal("True", exchange.Session.RunWell("$asked['IncludeUnresolvedPermissions']").Single.ToString());
    }

    [Fact]
    public void Parameters_that_a_command_lacks_are_left_out()
    {
        using var exchange = new ExchangeFunctions();
        exchange.Define("Get-MailboxPermission", ExchangeFunctions.Self, "$Identity");
        Assert.Single(exchange.Lines("permission"));
        Assert.Equal("complete", exchange.Read("mailbox:" + Guid));
    }

    [Theory]
    [InlineData("There are more results available than are currently displayed. To view them, increase the value for the ResultSize parameter.", 3, "truncated")]
    [InlineData("Es liegen mehr Ergebnisse vor. Erhöhen Sie den Wert des Parameters ResultSize.", 3, "truncated")]
    [InlineData("Une autre raison, dans une autre langue.", 1000, "truncated")]
    [InlineData("Une autre raison, dans une autre langue.", 999, "complete")]
    [InlineData("", 1000, "complete")]
    public void A_cut_list_is_seen_in_every_language_and_under_every_preference(string warning, int rows, string status)
    {
        using var exchange = new ExchangeFunctions(users: $$"""
            foreach ($i in 1..{{rows}}) { [pscustomobject]@{ Guid = [guid]::NewGuid(); RecipientTypeDetails = 'User' } }
            if ('{{warning}}') { $PSCmdlet.WriteWarning('{{warning}}') }
            """);
        exchange.Session.RunWell("$global:WarningPreference = 'SilentlyContinue'");
        Assert.Empty(exchange.Export().Errors);
        Assert.StartsWith(status, exchange.Read("recipients"), StringComparison.Ordinal);
    }

    [Fact]
    public void As_many_rows_as_the_limit_are_cut_where_the_command_takes_no_other_limit()
    {
        using var exchange = new ExchangeFunctions();
        exchange.Define("Get-User", "foreach ($i in 1..1000) { [pscustomobject]@{ Guid = [guid]::NewGuid(); RecipientTypeDetails = 'User' } }", "$Identity");
        Assert.Empty(exchange.Export().Errors);
        Assert.StartsWith("truncated: In Get-User", exchange.Read("recipients"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-Recipient")]
    [InlineData("Get-User")]
    [InlineData("Get-Group")]
    public void Rule20_Recipients_are_complete_only_if_each_list_came(string missing)
    {
        using var exchange = new ExchangeFunctions();
        exchange.Session.RunWell($"[void]$ExecutionContext.InvokeProvider.Item.Remove('function:{missing}', $false)");
        var result = exchange.Export();
        Assert.Contains(missing, Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.StartsWith("denied", exchange.Read("recipients"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mailbox_that_fails_is_told_in_the_words_of_Exchange_and_the_read_goes_on()
    {
        using var exchange = new ExchangeFunctions($"{ExchangeFunctions.Mailbox}; [pscustomobject]@{{ Guid = 'cccccccc-0000-4000-8000-000000000002'; EmailAddresses = @('SMTP:b@corp.example'); RecipientTypeDetails = 'SharedMailbox' }}");
        exchange.Define("Get-MailboxPermission", $"if ($asked -eq '{Guid}') {{ throw 'Ex1F|Some.NotFoundException|The object couldn''t be   found.' }} {ExchangeFunctions.Self}");
        var result = exchange.Export();
        Assert.Empty(result.Errors);
        Assert.Contains("1 of 2 mailboxes", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Equal("failed: The object couldn't be found.", exchange.Read("mailbox:" + Guid));
        Assert.Equal("complete", exchange.Read("mailbox:cccccccc-0000-4000-8000-000000000002"));
    }

    [Fact]
    public void An_error_that_does_not_terminate_fails_the_part_too()
    {
        using var exchange = new ExchangeFunctions();
        exchange.Define("Get-MailboxPermission", $"{ExchangeFunctions.Self}; $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([Exception]::new('half'), 'x', 'NotSpecified', $null))");
        Assert.Empty(exchange.Export().Errors);
        Assert.Equal("failed: half", exchange.Read("mailbox:" + Guid));
    }

    [Fact]
    public void Not_even_SELF_is_no_answer()
    {
        using var exchange = new ExchangeFunctions(permissions: "");
        Assert.Empty(exchange.Export().Errors);
        Assert.StartsWith("failed", exchange.Read("mailbox:" + Guid), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Microsoft.Exchange.Data.Storage.ServerBusyException", 2)]
    [InlineData("Some.OtherException", 1)]
    public void Only_errors_that_pass_are_tried_again(string type, int calls)
    {
        using var exchange = new ExchangeFunctions();
        exchange.Define("Get-MailboxPermission", $"if (-not $global:tried) {{ $global:tried = $true; throw 'Ex1|{type}|busy' }} {ExchangeFunctions.Self}");
        exchange.Session.RunWell("$global:tried = $false");
        Assert.Empty(exchange.Export().Errors);
        Assert.Equal(calls, exchange.Calls.Count(call => call.StartsWith("Get-MailboxPermission", StringComparison.Ordinal)));
        Assert.Equal(calls == 2 ? "complete" : "failed: busy", exchange.Read("mailbox:" + Guid));
    }

    [Fact]
    public void A_session_that_ends_stops_the_read_and_spares_the_old_file()
    {
        using var exchange = new ExchangeFunctions();
        exchange.Define("Get-MailboxPermission", "throw 'You must call the Connect-ExchangeOnline cmdlet before calling any other cmdlets.'");
        File.WriteAllText(exchange.SnapshotPath, "old");
        var error = exchange.Export().Error;
        Assert.StartsWith("ExchangeSessionLost", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(exchange.SnapshotPath + ".partial", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(exchange.SnapshotPath));
        var partial = File.ReadAllText(exchange.SnapshotPath + ".partial");
        Assert.Contains("\"subject\":\"recipients\"", partial, StringComparison.Ordinal);
        Assert.DoesNotContain("mailbox:", partial, StringComparison.Ordinal);
    }

    [Fact]
    public void Commands_that_go_away_in_the_middle_are_the_end_of_the_session()
    {
        using var exchange = new ExchangeFunctions();
        exchange.Define("Get-MailboxPermission", "[void]$ExecutionContext.InvokeProvider.Item.Remove('function:Get-MailboxPermission', $false); throw 'gone'");
        Assert.StartsWith("ExchangeSessionLost", exchange.Export().Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_Exchange_one_error_says_what_is_missing_and_what_to_do()
    {
        using var session = new Session();
        session["path"] = Path.Combine(Path.GetTempPath(), "no-such-snapshot.jsonl");
        var error = session.Run("Export-MailboxDelegation -Path $path").Error;
        Assert.StartsWith("ExchangeNotConnected", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("Get-Mailbox", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("Connect-ExchangeOnline", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.False(File.Exists((string)session["path"]! + ".partial"));
    }

    [Fact]
    public void No_mailbox_is_an_error_and_writes_nothing()
    {
        using var exchange = new ExchangeFunctions(mailbox: "");
        Assert.StartsWith("NoMailbox", exchange.Export().Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.False(File.Exists(exchange.SnapshotPath));
    }

    [Fact]
    public void A_pipeline_that_gives_nothing_does_not_mean_everything()
    {
        using var exchange = new ExchangeFunctions();
        var result = exchange.Session.Run("@() | Export-MailboxDelegation -Path $path");
        Assert.StartsWith("NoMailbox", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.DoesNotContain(exchange.Calls, call => call.StartsWith("Get-MailboxPermission", StringComparison.Ordinal));
    }

    [Fact]
    public void A_piped_mailbox_is_not_asked_for_again_and_its_snapshot_is_not_whole()
    {
        using var exchange = new ExchangeFunctions();
        exchange.Session.RunWell($"$global:calls.Clear(); $global:snapshot = {ExchangeFunctions.Mailbox} | Export-MailboxDelegation -Path $path");
        Assert.DoesNotContain(exchange.Calls, call => call.StartsWith("Get-Mailbox ", StringComparison.Ordinal) || call == "Get-Mailbox");
        Assert.Equal("False", exchange.AllLines().First().GetProperty("whole").ToString());
        exchange.Export();
        Assert.Equal("True", exchange.AllLines().First().GetProperty("whole").ToString());
        exchange.Export("-Filter 'x'");
        Assert.Equal("False", exchange.AllLines().First().GetProperty("whole").ToString());
    }

    [Fact]
    public void A_mailbox_that_is_not_found_is_an_error_of_its_own_and_the_others_are_read()
    {
        using var exchange = new ExchangeFunctions();
        exchange.Define("Get-Mailbox", $"if ($asked -eq 'nobody') {{ throw 'not found' }} {ExchangeFunctions.Mailbox}");
        var result = exchange.Session.Run("'nobody', 'accounts' | Export-MailboxDelegation -Path $path");
        Assert.StartsWith("MailboxNotFound", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("failed", exchange.Read("mailboxes"), StringComparison.Ordinal);
        Assert.Equal("complete", exchange.Read("mailbox:" + Guid));
    }

    [Theory]
    [InlineData("MailUniversalSecurityGroup", "Get-DistributionGroupMember", "complete")]
    [InlineData("RoleGroup", "Get-RoleGroupMember", "complete")]
    [InlineData("ExchangeSecurityGroup", null, "unsupported")]
    public void Rule5_A_group_is_read_once_by_the_command_for_its_type(string type, string? command, string status)
    {
        using var exchange = new ExchangeFunctions(permissions: $"{ExchangeFunctions.Self}; {TeamRow}", groups: Team.Replace("%TYPE%", type, StringComparison.Ordinal));
        foreach (var each in new[] { "Get-DistributionGroupMember", "Get-RoleGroupMember", "Get-UnifiedGroupLinks", "Get-DynamicDistributionGroupMember" })
        {
            exchange.Define(each, $"{Person}; {Person}; {Person}");
        }

        var members = exchange.Lines("member");
        Assert.StartsWith(status, exchange.Read("group:bbbbbbbb-0000-4000-8000-000000000001"), StringComparison.Ordinal);
        var calls = exchange.Calls.Where(call => call.Contains("bbbbbbbb", StringComparison.Ordinal)).ToArray();
        Assert.Equal(command is null ? [] : new[] { command + " bbbbbbbb-0000-4000-8000-000000000001" }, calls);
        Assert.All(members, member => Assert.Equal("aaaaaaaa-0000-4000-8000-000000000001", member.Text("member")));
        Assert.Equal(command is null ? 0 : 1, exchange.AllLines().Count(line => line.Text("kind") == "recipient" && line.Text("key") == "aaaaaaaa-0000-4000-8000-000000000001"));
    }

    [Fact]
    public void Rule17_Members_and_owners_of_a_Microsoft_365_group_are_kept_apart()
    {
        using var exchange = new ExchangeFunctions(permissions: $"{ExchangeFunctions.Self}; {TeamRow}", groups: Team.Replace("%TYPE%", "GroupMailbox", StringComparison.Ordinal));
        exchange.Define("Get-UnifiedGroupLinks", $"if ($LinkType -eq 'Members') {{ {Person} }} else {{ [pscustomobject]@{{ Guid = 'aaaaaaaa-0000-4000-8000-000000000009'; RecipientTypeDetails = 'UserMailbox' }} }}");
        var members = exchange.Lines("member", "-ExpandGroup All").ToDictionary(line => line.Text("via")!, line => line.Text("member"));
        Assert.Equal("aaaaaaaa-0000-4000-8000-000000000001", members["member"]);
        Assert.Equal("aaaaaaaa-0000-4000-8000-000000000009", members["owner"]);
    }

    [Theory]
    [InlineData("Identity = 'Accounts'", "complete", 1)]
    [InlineData("Identity = 'b2f1c6de-0000-4a11-9c01-aaaaaaaa0001'", "complete", 1)]
    [InlineData("Identity = 'Unheard of'", "failed", 0)]
    [InlineData("Other = 1", "failed", 0)]
    public void SendAs_rows_are_tied_to_their_mailbox(string identity, string status, int lines)
    {
        using var exchange = new ExchangeFunctions();
        exchange.Define("Get-RecipientPermission", $"[pscustomobject]@{{ {identity}; Trustee = 'x@corp.example'; TrusteeSidString = 'S-1-5-21-1-2-3-4'; AccessControlType = 'Allow'; AccessRights = @('SendAs') }}");
        var rows = exchange.Lines("recipientPermission", "-Right SendAs");
        Assert.Equal(lines, rows.Count);
        Assert.StartsWith(status, exchange.Read("sendAs"), StringComparison.Ordinal);
        Assert.All(rows, row => Assert.Equal(("Allow", Guid), (row.Text("access"), row.Text("mailbox"))));
        Assert.DoesNotContain(exchange.Calls, call => call.StartsWith("Get-MailboxPermission", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("-Prefix Corp", null)]
    [InlineData("", null)]
    [InlineData("-Prefix Other", "ExchangeNotConnected")]
    public void A_prefix_is_found_or_given(string parameter, string? error)
    {
        using var exchange = new ExchangeFunctions();
        foreach (var (command, body) in new[] { ("Mailbox", ExchangeFunctions.Mailbox), ("MailboxPermission", ExchangeFunctions.Self), ("Recipient", ""), ("User", ""), ("Group", "") })
        {
            exchange.Define("Get-Corp" + command, body);
            exchange.Define("Get-" + command, "throw 'the wrong session'");
        }

        exchange.Define("Get-ConnectionInformation", "[pscustomobject]@{ State = 'Connected'; ModulePrefix = 'Corp'; TenantID = '11111111-2222-4333-8444-555555555550'; Organization = 'corp.onmicrosoft.com' }", "");
        var result = exchange.Export(parameter);
        Assert.Equal(error, result.Errors.Count == 0 ? null : result.Error.FullyQualifiedErrorId.Split(',')[0]);
        if (error is null)
        {
            Assert.Equal("corp.onmicrosoft.com", exchange.AllLines().First().GetProperty("tenant").Text("name"));
        }
    }

    [Fact]
    public void Several_connections_are_never_guessed_between()
    {
        using var exchange = new ExchangeFunctions();
        exchange.Define("Get-ConnectionInformation", """
            foreach ($id in '11111111-2222-4333-8444-555555555550', '11111111-2222-4333-8444-555555555551') { [pscustomobject]@{ State = 'Connected'; ModulePrefix = ''; TenantID = $id } }
            [pscustomobject]@{ State = 'Connected'; IsEopSession = $true; TenantID = '11111111-2222-4333-8444-555555555552' }
            """, "");
        Assert.StartsWith("ExchangeConnectionAmbiguous", exchange.Export().Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-User")]
    [InlineData("Get-MailboxPermission")]
    public void Ctrl_C_ends_a_read_within_a_second_and_the_next_one_comes_to_its_end(string slow)
    {
        using var exchange = new ExchangeFunctions();
        // Shared as an array: a session cannot be asked for a variable while it runs.
        var state = new bool[2];
        exchange.Session["state"] = state;
        exchange.Define(slow, $"$state[0] = $true; while (-not $state[1]) {{ [Threading.Thread]::Sleep(5) }} {(slow == "Get-User" ? "" : ExchangeFunctions.Self)}");
        var took = exchange.Session.StopWhen("Export-MailboxDelegation -Path $path", _ => state[0]);
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.False(File.Exists(exchange.SnapshotPath));
        state[1] = true;
        Assert.Empty(exchange.Export().Errors);
        Assert.Equal("complete", exchange.Read("mailbox:" + Guid));
    }

    [Fact]
    public void WhatIf_and_NoClobber_read_and_write_nothing()
    {
        using var exchange = new ExchangeFunctions();
        Assert.Empty(exchange.Export("-WhatIf").Output);
        File.WriteAllText(exchange.SnapshotPath, "old");
        Assert.StartsWith("FileExists", exchange.Export("-NoClobber").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(exchange.SnapshotPath));
        Assert.Empty(exchange.Calls);
    }
}
