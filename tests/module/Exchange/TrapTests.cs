namespace ModuleTests.Exchange;

/// <summary>The traps of (exo 1.7) and (exo 1.8) that no other test covers, under StrictMode. docs/assurance.md lists them all.</summary>
public sealed class TrapTests
{
    private const string Guid = ExchangeFunctions.MailboxGuid;
    private const string Second = "[pscustomobject]@{ Guid = 'cccccccc-0000-4000-8000-000000000002'; EmailAddresses = @('SMTP:b@corp.example'); RecipientTypeDetails = 'SharedMailbox' }";
    private const string Greta = "[pscustomobject]@{ Guid = 'aaaaaaaa-0000-4000-8000-000000000001'; Name = 'Greta'; PrimarySmtpAddress = 'greta@corp.example'; RecipientTypeDetails = 'UserMailbox' }";

    [Fact]
    public void Trap17_One_row_that_is_no_list_is_a_row()
    {
        using var exchange = new ExchangeFunctions();
        exchange.Session.RunWell($"""
            $mailbox = {ExchangeFunctions.Mailbox}
            $row = {ExchangeFunctions.Self}
            $person = {Greta}
            $snapshot = Import-MailboxDelegation -Mailbox $mailbox -Permission $row -Recipient $person -Complete
            """);
        var snapshot = exchange.Session.RunWell("$snapshot").Single;
        Assert.Equal((1L, 1L), ((long)snapshot.Mailboxes, (long)snapshot.Permissions));
    }

    [Fact]
    public void Trap17_A_null_is_no_row()
    {
        using var exchange = new ExchangeFunctions(permissions: "$null; " + ExchangeFunctions.Self + "; $null");
        Assert.Single(exchange.Lines("permission"));
        exchange.Define("Get-MailboxPermission", "$null");
        Assert.Empty(exchange.Export().Errors);
        Assert.StartsWith("failed", exchange.Read("mailbox:" + Guid), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[datetime]'2026-02-14T10:01:00'", true)]
    [InlineData("'2026-02-14T10:01:00'", true)]
    [InlineData(@"'\/Date(1771063260000)\/'", true)]
    [InlineData("$null", false)]
    [InlineData("''", false)]
    public void Trap17_A_date_is_a_date_in_every_shape(string date, bool gone)
    {
        using var exchange = new ExchangeFunctions(mailbox: $"{Second}; [pscustomobject]@{{ Guid = '{Guid}'; EmailAddresses = @('SMTP:a@corp.example'); RecipientTypeDetails = 'SharedMailbox'; WhenSoftDeleted = {date} }}");
        var result = exchange.Export();
        Assert.Equal(gone ? 1 : 2, exchange.AllLines().Count(line => line.Text("kind") == "mailbox"));
        Assert.Equal(gone ? 1 : 0, result.Warnings.Count(warning => warning.Contains("1 of the mailboxes are soft-deleted", StringComparison.Ordinal)));
    }

    [Fact]
    public void Trap17_The_file_is_UTF8_without_BOM_and_text_arrives_whole()
    {
        using var exchange = new ExchangeFunctions(ExchangeFunctions.Mailbox.Replace("'Accounts Payable'", "'Müller & Søn'", StringComparison.Ordinal));
        Assert.Equal("Müller & Søn", Assert.Single(exchange.Lines("mailbox")).Text("displayName"));
        var bytes = File.ReadAllBytes(exchange.SnapshotPath);
        Assert.Equal((byte)'{', bytes[0]);
        Assert.Contains("Müller & Søn", new System.Text.UTF8Encoding(false, true).GetString(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void Trap17_No_command_of_PowerShell_makes_or_reads_our_text()
    {
        // ConvertTo-Json, Out-File and native programs differ between editions; the module has one place that calls commands, and those are Exchange's.
        var callers = "Cmdlets Connections Exchange Interop Model".Split(' ').SelectMany(folder => Directory.EnumerateFiles(TestPaths.In("ps-module", folder), "*.cs"))
            .Where(file => System.Text.RegularExpressions.Regex.IsMatch(File.ReadAllText(file), @"\.AddCommand\(|\.AddScript\(|InvokeScript\(|Process\.Start"))
            .Select(Path.GetFileName);
        Assert.Equal(["ExchangeCall.cs"], callers);
    }

    [Theory]
    [InlineData("Ex7F9E4D|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|The operation couldn''t be performed because object ''x'' couldn''t be found on ''AM7.PROD.OUTLOOK.COM''.", "The operation couldn't be performed because object 'x' couldn't be found on 'AM7.PROD.OUTLOOK.COM'.")]
    [InlineData("||The operation couldn''t be performed.", "The operation couldn't be performed.")]
    [InlineData("Error while querying REST service. HttpStatusCode=404 ErrorMessage={\"error\":{\"code\":\"NotFound\"}}", "Error while querying REST service. HttpStatusCode=404 ErrorMessage={\"error\":{\"code\":\"NotFound\"}}")]
    [InlineData("`0`0`0`0", "Exchange gave no reason.")]
    [InlineData("Response status code does not indicate success: 400 (Bad Request). ErrorMessage={\"error\":{\"details\":[{\"message\":\"Invalid Operation\"}]}}", "Response status code does not indicate success: 400 (Bad Request). ErrorMessage={\"error\":{\"details\":[{\"message\":\"Invalid Operation\"}]}}")]
    public void Trap18_An_error_fails_its_mailbox_only_and_is_told_in_its_own_words(string text, string reason)
    {
        using var exchange = new ExchangeFunctions($"{ExchangeFunctions.Mailbox}; {Second}");
        exchange.Session["text"] = text.Replace("''", "'", StringComparison.Ordinal).Replace("`0", "\0", StringComparison.Ordinal);
        exchange.Define("Get-MailboxPermission", $"if ($asked -eq '{Guid}') {{ $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([Exception]::new($text), 'x', 'NotSpecified', $null)); return }} {ExchangeFunctions.Self}");
        Assert.Empty(exchange.Export().Errors);
        Assert.Equal("failed: " + reason, exchange.Read("mailbox:" + Guid));
        Assert.Equal("complete", exchange.Read("mailbox:cccccccc-0000-4000-8000-000000000002"));
        Assert.Equal(1, exchange.Calls.Count(call => call == "Get-MailboxPermission " + Guid));
        Assert.Equal(["ReadIncomplete"], exchange.Session.RunWell("Get-MailboxDelegation -Snapshot $path -Unknown | ForEach-Object { $_.Reason.Code }").Output.Select(code => $"{code}"));
    }

    [Theory]
    [InlineData("Get-MailboxPermission", "mailbox:" + Guid, "-Right FullAccess, SendOnBehalf")]
    [InlineData("Get-RecipientPermission", "sendAs", "-Right FullAccess, SendAs")]
    [InlineData("Get-DistributionGroupMember", "group:bbbbbbbb-0000-4000-8000-000000000001", "")]
    public void Trap18_A_missing_command_is_a_missing_role_and_the_rest_goes_on(string command, string subject, string more)
    {
        using var exchange = new ExchangeFunctions(
            permissions: $"{ExchangeFunctions.Self}; [pscustomobject]@{{ User = 'Team'; UserSid = 'S-1-5-21-1-2-3-20'; AccessRights = 'FullAccess'; Deny = $false }}",
            groups: "[pscustomobject]@{ Guid = 'bbbbbbbb-0000-4000-8000-000000000001'; Name = 'Team'; Sid = 'S-1-5-21-1-2-3-20'; RecipientTypeDetails = 'MailUniversalSecurityGroup' }");
        exchange.Define("Get-ConnectionInformation", "[pscustomobject]@{ State = 'Connected'; TenantID = '11111111-2222-4333-8444-555555555550' }", "");
        exchange.Define("Get-Mailbox", $"if ($SoftDeletedMailbox -or $InactiveMailboxOnly) {{ return }} {ExchangeFunctions.Mailbox}", "$Identity, $ResultSize, $RecipientTypeDetails, [switch]$SoftDeletedMailbox, [switch]$InactiveMailboxOnly");
        foreach (var other in "Get-RecipientPermission Get-DistributionGroupMember".Split(' ').Where(other => other != command))
        {
            exchange.Define(other, "[pscustomobject]@{ Identity = 'Accounts'; Guid = 'aaaaaaaa-0000-4000-8000-000000000001'; Trustee = 'NT AUTHORITY\\SELF'; TrusteeSidString = 'S-1-5-10'; AccessControlType = 'Allow'; AccessRights = 'SendAs'; RecipientTypeDetails = 'UserMailbox' }");
        }

        if (command == "Get-MailboxPermission")
        {
            exchange.Session.RunWell("[void]$ExecutionContext.InvokeProvider.Item.Remove('function:Get-MailboxPermission', $false)");
        }

        var result = exchange.Export(more);
        Assert.Empty(result.Errors);
        var warning = Assert.Single(result.Warnings);
        Assert.Contains(command, warning, StringComparison.Ordinal);
        Assert.Contains("Test-MailboxSyncPrerequisite", warning, StringComparison.Ordinal);
        Assert.StartsWith("denied: ", exchange.Read(subject), StringComparison.Ordinal);
        Assert.Equal("complete", exchange.Read("recipients"));
        Assert.Equal([command == "Get-DistributionGroupMember" ? "GroupNotExpanded" : "ReadIncomplete"], exchange.Session.RunWell("Get-MailboxDelegation -Snapshot $path -Unknown | ForEach-Object { $_.Reason.Code }").Output.Select(code => $"{code}"));
    }

    [Theory]
    [InlineData("Name = 'Sales'; PrimarySmtpAddress = ''", "Get-MailboxPermission Sales")]
    [InlineData("ExternalDirectoryObjectId = ''; Guid = [guid]::Empty; UserPrincipalName = 's@corp.example'", "Get-MailboxPermission s@corp.example")]
    [InlineData("Alias = ''", null)]
    public void Trap18_No_command_is_called_with_an_empty_identity(string members, string? call)
    {
        using var exchange = new ExchangeFunctions(mailbox: $"[pscustomobject]@{{ RecipientTypeDetails = 'SharedMailbox'; {members} }}");
        Assert.Empty(exchange.Export().Errors);
        Assert.Equal(call is null ? [] : new[] { call }, exchange.Calls.Where(made => made.StartsWith("Get-MailboxPermission", StringComparison.Ordinal)));
        Assert.Equal(call is null, exchange.AllLines().Any(line => line.Text("kind") == "read" && line.Text("status") == "failed"));
    }

    [Theory]
    [InlineData("By default, only the first 1000 items are returned. Use the ResultSize parameter to specify the number of items returned.", 1000, "truncated")]
    [InlineData("By default, only the first 1000 items are returned.", 1000, "truncated")]
    [InlineData("Something else that Exchange would like to say.", 3, "complete")]
    public void Trap18_The_old_warning_of_a_cut_list_counts_too(string warning, int rows, string status)
    {
        using var exchange = new ExchangeFunctions(permissions: $"{ExchangeFunctions.Self}; foreach ($i in 2..{rows}) {{ [pscustomobject]@{{ User = \"u$i\"; AccessRights = 'FullAccess'; Deny = $false }} }}; $PSCmdlet.WriteWarning('{warning}')");
        exchange.Session.RunWell("$global:WarningPreference = 'SilentlyContinue'");
        Assert.Empty(exchange.Export().Errors);
        Assert.StartsWith(status, exchange.Read("mailbox:" + Guid), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("You have reached the maximum number of concurrent requests per tenant. Please wait and try again.")]
    [InlineData("Error while querying REST service. HttpStatusCode=429 ErrorMessage={}")]
    [InlineData("Ex1|Microsoft.Exchange.Data.Directory.TransientException|x")]
    [InlineData("Ex1|Microsoft.Exchange.Net.BackendCommunicationException|x")]
    [InlineData("CmdletProxyNotAvailableFailure")]
    public void Trap18_What_passes_is_tried_again(string text)
    {
        using var exchange = new ExchangeFunctions();
        exchange.Session["text"] = text;
        exchange.Session["tries"] = 0;
        exchange.Define("Get-MailboxPermission", $"$global:tries++; if ($tries -lt 2) {{ throw $text }} {ExchangeFunctions.Self}");
        Assert.Empty(exchange.Export().Errors);
        Assert.Equal("complete", exchange.Read("mailbox:" + Guid));
        Assert.Equal(2, (int)exchange.Session["tries"]!);
    }

    [Fact]
    public void Trap18_The_global_flag_of_the_last_command_decides_nothing()
    {
        using var exchange = new ExchangeFunctions();
        exchange.Define("Get-MailboxPermission", $"$global:EXO_LastExecutionStatus = $false; {ExchangeFunctions.Self}");
        Assert.Empty(exchange.Export().Errors);
        Assert.Equal("complete", exchange.Read("mailbox:" + Guid));
        exchange.Define("Get-MailboxPermission", "$global:EXO_LastExecutionStatus = $true; throw 'no'");
        Assert.Empty(exchange.Export().Errors);
        Assert.Equal("failed: no", exchange.Read("mailbox:" + Guid));
    }
}
