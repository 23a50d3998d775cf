namespace ModuleTests.Exchange;

/// <summary>Test-MailboxSyncPrerequisite: what is missing is a result with a remedy, never an error.</summary>
public sealed class PrerequisiteTests
{
    [Fact]
    public void Without_any_session_everything_is_told_and_nothing_fails()
    {
        using var session = new Session();
        var results = session.RunWell("Test-MailboxSyncPrerequisite").Output.Select(result => (dynamic)result).ToArray();
        // Whether this account may write where the machine keeps state files is the machine's affair.
        var missing = results.Where(result => $"{result.Status}" == "Missing").Select(result => (string)result.Name).Except(["State folder"]);
        Assert.Equal(["Exchange session", "ESG connection"], missing);
        Assert.Equal(["PowerShell"], results.Where(result => $"{result.Status}" == "Ok").Select(result => (string)result.Name).Except(["State folder"]));
        Assert.Contains("Connect-ExchangeOnline", (string)results.Single(result => result.Name == "Exchange session").Remedy, StringComparison.Ordinal);
        Assert.Contains("Connect-Esg", (string)results.Single(result => result.Name == "ESG connection").Remedy, StringComparison.Ordinal);
        Assert.All(results, result => Assert.NotEmpty((string)result.NeededFor));
        Assert.All(results, result => Assert.NotEmpty((string)result.Detail));
        Assert.All(results.Where(result => $"{result.Status}" == "Missing"), result => Assert.NotEmpty((string)result.Remedy));
    }

    [Fact]
    public void In_a_whole_session_everything_is_ok()
    {
        using var world = new World("small", ["--https"], connect: false);
        world.Connect($"-CertificateAuthority '{world.Simulator.Certificate}'");
        // The stand-in is not the module of Microsoft.
        Assert.Equal(["ExchangeOnlineManagement"], world.Texts("Test-MailboxSyncPrerequisite -ExpandGroup All | Where-Object Status -ne Ok | ForEach-Object Name"));
        Assert.Empty(world.Texts("Test-MailboxSyncPrerequisite | ForEach-Object Remedy | Where-Object { $_ -and $_ -notlike '*-FunctionalRole*' -and $_ -notlike '*Install-Module*' }"));
        Assert.Contains("corp", world.Texts("(Test-MailboxSyncPrerequisite | Where-Object Name -eq 'ESG connection').Detail")[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-Mailbox", "View-Only Recipients")]
    [InlineData("Get-MailboxPermission", "View-Only Recipients")]
    [InlineData("Get-RecipientPermission", "New-ManagementRole -Name 'SendAs Reader' -Parent 'Mail Recipients'")]
    [InlineData("Get-User", "View-Only Recipients")]
    [InlineData("Get-Group", "View-Only Recipients")]
    [InlineData("Get-DistributionGroupMember", "View-Only Recipients")]
    [InlineData("Get-RoleGroupMember", "Get-ManagementRole -Cmdlet Get-RoleGroupMember")]
    [InlineData("Get-UnifiedGroupLinks", "View-Only Recipients")]
    [InlineData("Search-UnifiedAuditLog", "or leave -Since and -FullEvery out")]
    [InlineData("Get-Mailbox -SoftDeletedMailbox", "Get-ManagementRole -Cmdlet Get-Mailbox -CmdletParameters SoftDeletedMailbox")]
    [InlineData("Get-MailboxPermission -IncludeUnresolvedPermissions", "View-Only Recipients")]
    public void A_missing_role_is_told_by_its_command_with_the_role_that_has_it(string command, string remedy)
    {
        using var session = Session.WithExchange();
        session["tenantFile"] = TestPaths.Tenant("help", "exchange.json");
        session["absent"] = command;
        session.RunWell("Set-ExchangeStandIn -Path $tenantFile -Missing $absent; Connect-ExchangeOnline");
        var results = session.RunWell("Test-MailboxSyncPrerequisite -ExpandGroup All | Where-Object Name -match '^(Get|Search)-'").Output.Select(result => (dynamic)result).ToArray();
        var missing = results.Where(result => $"{result.Status}" == "Missing").ToArray();
        Assert.All(missing, result => Assert.NotEmpty((string)result.Remedy));
        Assert.All(missing, result => Assert.StartsWith(command, (string)result.Name, StringComparison.Ordinal));
        var one = missing.First(result => result.Name == command);
        Assert.Contains(remedy, (string)one.Remedy, StringComparison.Ordinal);
        Assert.Contains("no role of the account contains it", (string)one.Detail, StringComparison.Ordinal);
        Assert.Equal(["Ok"], session.RunWell("Test-MailboxSyncPrerequisite | Where-Object Name -eq 'Exchange session' | ForEach-Object Status").Output.Select(status => $"{status}"));
        Assert.True(results.Length > missing.Length + 5);
    }

    [Theory]
    [InlineData("-Right FullAccess", "Get-RecipientPermission", 0)]
    [InlineData("-Right SendAs", "Get-RecipientPermission", 1)]
    [InlineData("-Right SendAs", "Get-MailboxPermission", 0)]
    [InlineData("", "Get-UnifiedGroupLinks", 0)]
    [InlineData("-ExpandGroup All", "Get-UnifiedGroupLinks", 1)]
    [InlineData("", "Get-OrganizationConfig", 0)]
    [InlineData("", "Search-UnifiedAuditLog", 1)]
    [InlineData("", "Search-AdminAuditLog", 0)]
    public void Only_what_is_asked_for_is_checked(string parameters, string command, int results)
    {
        using var world = new World("small", connect: false);
        Assert.Equal(results, world.Texts($"Test-MailboxSyncPrerequisite {parameters} | Where-Object Name -eq {command}").Length);
    }

    [Fact]
    public void A_prefix_is_found_or_given_and_a_wrong_one_is_no_session()
    {
        using var session = Session.WithExchange();
        session["tenantFile"] = TestPaths.Tenant("help", "exchange.json");
        session.RunWell("Set-ExchangeStandIn -Path $tenantFile -Missing Get-Group; Connect-ExchangeOnline -Prefix Corp");
        foreach (var prefix in new[] { "", "-Prefix Corp" })
        {
            var missing = session.RunWell($"Test-MailboxSyncPrerequisite {prefix} | Where-Object {{ $_.Status -eq 'Missing' -and $_.Name -like 'Get-*' }}").Single;
            Assert.Contains("Get-CorpGroup", (string)missing.Detail, StringComparison.Ordinal);
        }

        Assert.Equal(["Missing"], session.RunWell("Test-MailboxSyncPrerequisite -Prefix Other | Where-Object Name -eq 'Exchange session' | ForEach-Object Status").Output.Select(status => $"{status}"));
    }

    [Fact]
    public void On_premises_the_identity_of_the_organisation_matters_and_what_is_not_there_is_no_role()
    {
        using var tenant = new SampleTenant(SampleShape.Json);
        OnPremises.Make(tenant);
        Assert.Equal(["Get-ADPermission"], tenant.Texts("Test-MailboxSyncPrerequisite -Right SendAs | Where-Object { $_.Status -eq 'Missing' -and $_.Name -like 'Get-*' } | ForEach-Object Name"));
        tenant.Exchange.Define("Get-ADPermission", "", "$Identity");
        Assert.Empty(tenant.Texts("Test-MailboxSyncPrerequisite -ExpandGroup All | Where-Object { $_.Status -eq 'Missing' -and $_.Name -like 'Get-*' } | ForEach-Object Name"));
        Assert.Equal(["NotChecked"], tenant.Texts("Test-MailboxSyncPrerequisite | Where-Object Name -eq Get-RecipientPermission | ForEach-Object Status"));
        Assert.Equal(["Ok"], tenant.Texts("Test-MailboxSyncPrerequisite | Where-Object Name -eq Get-OrganizationConfig | ForEach-Object Status"));
        // The unified log is one of the cloud.
        Assert.Equal(["Search-AdminAuditLog"], tenant.Texts("Test-MailboxSyncPrerequisite | Where-Object Name -like 'Search-*' | ForEach-Object Name"));
        tenant.Exchange.Session.RunWell("[void]$ExecutionContext.InvokeProvider.Item.Remove('function:Get-OrganizationConfig', $false)");
        Assert.Equal(["Missing"], tenant.Texts("Test-MailboxSyncPrerequisite | Where-Object Name -eq Get-OrganizationConfig | ForEach-Object Status"));
    }

    [Fact]
    public void A_session_that_has_ended_is_no_session()
    {
        using var session = Session.WithExchange();
        session["tenantFile"] = TestPaths.Tenant("help", "exchange.json");
        session.RunWell("Set-ExchangeStandIn -Path $tenantFile; Connect-ExchangeOnline; Set-ExchangeStandIn -EndSessionAfter 1; $null = Get-Mailbox");
        var results = session.RunWell("Test-MailboxSyncPrerequisite").Output.Select(result => (dynamic)result).ToArray();
        var ended = results.Single(result => result.Name == "Exchange session");
        Assert.Equal("Missing", $"{ended.Status}");
        Assert.Contains("Connect again", (string)ended.Remedy, StringComparison.Ordinal);
        Assert.All(results.Where(result => ((string)result.Name).StartsWith("Get-", StringComparison.Ordinal)), result => Assert.Equal("NotChecked", $"{result.Status}"));
    }

    [Fact]
    public void An_appliance_is_told_by_what_its_connection_found_out()
    {
        using var world = new World("small");
        Assert.Equal(
            ["ESG connection", "ESG users", "ESG switch user", "ESG functional role", "ESG capabilities", "ESG certificate", "Proxy", "Clock", "State folder"],
            world.Texts("Test-MailboxSyncPrerequisite -Target corp | Where-Object Name -match 'ESG|Proxy|Clock|State' | ForEach-Object Name"));
        Assert.Contains("'nobody' is not connected", world.Texts("Test-MailboxSyncPrerequisite -Target nobody | Where-Object Name -eq 'ESG connection' | ForEach-Object Detail")[0], StringComparison.Ordinal);
        Assert.Contains("Role 499", world.Texts("Test-MailboxSyncPrerequisite | Where-Object Name -eq 'ESG functional role' | ForEach-Object Detail")[0], StringComparison.Ordinal);
        // A role that the appliance does not have settles nothing.
        world.Connect("-FunctionalRole 7");
        var role = world.Session.RunWell("Test-MailboxSyncPrerequisite | Where-Object Name -eq 'ESG functional role'").Single;
        Assert.Equal("Missing", $"{role.Status}");
        Assert.Contains("-FunctionalRole", (string)role.Remedy, StringComparison.Ordinal);
    }
}
