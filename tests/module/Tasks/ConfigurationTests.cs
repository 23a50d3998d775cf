using System.Text.Json.Nodes;

namespace ModuleTests.Tasks;

/// <summary>Sync-EsgSharedMailbox with a configuration file: it connects as the file says, and no secret is in it.</summary>
public sealed class ConfigurationTests
{
    private const string App = """
        "organization": "corpexample.onmicrosoft.com", "appId": "00000000-0000-0000-0000-000000000000", "certificateThumbprint": "A1B2C3"
        """;

    [Fact]
    public void It_connects_reads_applies_and_leaves_nothing_open()
    {
        using var world = new TaskWorld();
        world.Session.RunWell("Disconnect-ExchangeOnline -Confirm:$false");
        world.Configure($$"""{ "exchange": { {{App}}, "tenantId": "{{world.TenantId}}" }, "options": { "snapshotPath": "kept.jsonl", "fullEvery": 7 } }""");
        var result = world.Sync();
        Assert.Equal((0, "corp"), ((int)result.ExitCode, (string)result.Target));
        Assert.Contains("info@corp.example", world.World.Simulator.Addresses("ann@corp.example"));
        Assert.True(File.Exists(Path.Combine(world.World.Folder, "kept.jsonl")));
        Assert.True(File.Exists(Path.Combine(world.World.StatePath, "corp.esg.db")));
        Assert.Empty(world.World.Texts("Get-ConnectionInformation"));
        Assert.StartsWith("NotConnected,", world.Session.Run("Get-EsgUser").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_that_is_there_is_used_and_stays()
    {
        using var world = new TaskWorld();
        world.Configure($$"""{ "exchange": { {{App}} } }""");
        var before = world.World.Texts("(Get-ConnectionInformation).ConnectionId");
        Assert.Equal(0, world.Sync().ExitCode);
        Assert.Equal(before, world.World.Texts("(Get-ConnectionInformation).ConnectionId"));
    }

    [Theory]
    [InlineData("""{ "managedIdentity": true, "managedIdentityAccountId": "m" }""", "-ManagedIdentity:True -ManagedIdentityAccountId:m")]
    [InlineData("""{ "appId": "a", "certificateFile": "app.pfx", "certificatePasswordFrom": { "secret": "pfx" } }""", "-AppId:a -CertificateFilePath:*app.pfx -CertificatePassword:System.Security.SecureString")]
    [InlineData("""{ "appId": "a", "certificateThumbprint": "A1B2C3" }""", "-AppId:a -CertificateThumbprint:A1B2C3")]
    public void Every_way_to_log_in_to_Exchange_reaches_its_command(string exchange, string parameters)
    {
        using var world = new TaskWorld();
        world.Session.RunWell("""
            Disconnect-ExchangeOnline -Confirm:$false
            $global:asked = $null
            function global:Connect-ExchangeOnline { [CmdletBinding()] param([string]$Organization, [string]$AppId, [string]$CertificateThumbprint, [string]$CertificateFilePath, [securestring]$CertificatePassword, [switch]$ManagedIdentity, [string]$ManagedIdentityAccountId, [bool]$ShowBanner)
                $global:asked = @(foreach ($name in $PSBoundParameters.Keys) { if ($name -notin 'Organization', 'ShowBanner') { "-${name}:$($PSBoundParameters[$name])" } }) -join ' '
                & (Get-Module ExchangeStandIn) { Connect-ExchangeOnline -Organization $args[0] } $Organization }
            function global:Get-Secret { [CmdletBinding()] param([string]$Name) if ($Name -eq 'pfx') { 'pfx-password' } }
            """);
        var settings = JsonNode.Parse(exchange)!.AsObject();
        settings["organization"] = "corpexample.onmicrosoft.com";
        world.Configure($$"""{ "exchange": {{settings.ToJsonString()}} }""");
        Assert.Equal(0, world.Sync().ExitCode);
        Assert.True(world.Session.RunWell($"$asked -like '{parameters}'").Single.Equals(true), $"{world.Session["asked"]}");
    }

    [Theory]
    [InlineData("""{ "secret": "password" }""")]
    [InlineData("""{ "secret": "credential" }""")]
    [InlineData("""{ "secret": "text", "vault": "corp" }""")]
    [InlineData("""{ "systemdCredential": "esg-secret" }""")]
    public void A_secret_comes_from_where_it_is_kept(string source)
    {
        using var world = new TaskWorld();
        world.Session.RunWell("""
            function Get-Secret { [CmdletBinding()] param([string]$Name, [string]$Vault)
                $secret = ConvertTo-SecureString 'simulator-admin' -AsPlainText -Force
                switch ("$Vault/$Name") { '/password' { $secret } '/credential' { [pscredential]::new('admin', $secret) } 'corp/text' { 'simulator-admin' } } }
            """);
        world.Session["credentialFolder"] = world.World.Folder;
        var esg = world.Esg;
        esg["passwordFrom"] = JsonNode.Parse(source);
        if (source.Contains("credential\"", StringComparison.Ordinal))
        {
            esg.Remove("userName");
        }

        world.Configure(esg: esg);
        var result = WithCredentialsFolder(world);
        Assert.True(result.ExitCode == 0, (string)result.Message);
    }

    [Theory]
    [InlineData("""{ "secret": "other" }""", "The secret 'other' is no text and no credential")]
    [InlineData("""{ "environment": "ESG_NOWHERE" }""", "The environment variable 'ESG_NOWHERE' is not set")]
    [InlineData("""{ "systemdCredential": "nothing" }""", "The systemd credential 'nothing' cannot be read")]
    [InlineData("""{ "systemdCredential": "../esg-secret" }""", "it is no name of a credential")]
    [InlineData("""{ "dpapiFile": "esg.dpapi" }""", "DPAPI exists on Windows only")]
    public void A_secret_that_is_not_there_ends_with_1_and_says_what_to_do(string source, string text)
    {
        using var world = new TaskWorld();
        world.Session.RunWell("function Get-Secret { [CmdletBinding()] param([string]$Name) }");
        var esg = world.Esg;
        esg["passwordFrom"] = JsonNode.Parse(source);
        world.Configure(esg: esg);
        var result = WithCredentialsFolder(world);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(text, (string)result.Message, StringComparison.Ordinal);
        Assert.NotEmpty((string)result.Error.ErrorDetails.RecommendedAction);
        Assert.Empty(world.World.Simulator.Requests);
    }

    [Fact]
    public void Without_the_module_of_Get_Secret_the_remedy_names_it()
    {
        using var world = new TaskWorld();
        var esg = world.Esg;
        esg["passwordFrom"] = JsonNode.Parse("""{ "secret": "x" }""");
        world.Configure(esg: esg);
        Assert.Contains("Microsoft.PowerShell.SecretManagement", (string)world.Sync().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_misspelt_setting_ends_with_1_and_names_line_column_and_what_was_meant()
    {
        using var world = new TaskWorld();
        world.Configure("""{ "options": { "aliasScop": "All" } }""");
        var result = world.Sync();
        Assert.Equal((1, "ConfigurationInvalid"), ((int)result.ExitCode, TaskWorld.Code(result)));
        Assert.Matches(@"corp\.json, line 3, column \d+ \(options\): 'aliasScop' is no setting\. Did you mean 'aliasScope'\?", (string)result.Message);
    }

    [Fact]
    public void A_secret_in_the_file_is_refused_and_shown_nowhere()
    {
        using var world = new TaskWorld();
        var esg = world.Esg;
        esg["password"] = "hunter2-planted";
        world.Configure(esg: esg);
        world.Session["configuration"] = world.ConfigurationPath;
        var result = world.Session.Run("Sync-EsgSharedMailbox -ConfigurationPath $configuration -Confirm:$false -Verbose");
        Assert.Equal("ConfigurationHoldsSecret", TaskWorld.Code(result.Single));
        Assert.Contains("\"passwordFrom\": { \"secret\": \"NAME\" }", (string)result.Single.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", result.Everything, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_are_taken_and_parameters_win()
    {
        using var world = new TaskWorld();
        world.Configure("""{ "options": { "aliasScope": "All", "functionalUser": "Remove", "removeStale": "None", "adoptExisting": true } }""");
        var option = world.Sync("-WhatIf").Plan.Option;
        Assert.Equal(("All", "Remove", "None", true), ($"{option.AliasScope}", $"{option.FunctionalUser}", $"{option.RemoveStale}", (bool)option.AdoptExisting));
        option = world.Sync("-WhatIf -AliasScope Primary -FunctionalUser Keep -RemoveStale Managed -AdoptExisting:$false").Plan.Option;
        Assert.Equal(("Primary", "Keep", "Managed", false), ($"{option.AliasScope}", $"{option.FunctionalUser}", $"{option.RemoveStale}", (bool)option.AdoptExisting));
    }

    [Fact]
    public void A_snapshot_that_the_configuration_names_needs_no_session()
    {
        using var world = new TaskWorld();
        world.World.Read();
        world.Session.RunWell("Disconnect-ExchangeOnline -Confirm:$false");
        world.Configure("""{ "options": { "path": ["snapshot.jsonl"] } }""");
        Assert.Equal(0, world.Sync().ExitCode);
    }

    [Fact]
    public void Another_tenant_is_refused_by_session_snapshot_and_state_before_anything_is_written()
    {
        using var world = new TaskWorld();
        const string Other = "11111111-2222-4333-8444-555555555555";
        world.Configure($$"""{ "exchange": { {{App}}, "tenantId": "{{Other}}" } }""");
        Assert.Contains("The Exchange session is to the tenant", Refused(world), StringComparison.Ordinal);
        world.World.Read();
        world.Configure($$"""{ "exchange": { {{App}}, "tenantId": "{{Other}}" }, "options": { "path": ["snapshot.jsonl"] } }""");
        Assert.Contains("The snapshot is of the tenant", Refused(world), StringComparison.Ordinal);

        world.Configure();
        Assert.Equal(0, world.Sync().ExitCode);
        world.World.Simulator.ResetCounts();
        world.Configure($$"""{ "exchange": { {{App}}, "tenantId": "{{Other}}" } }""");
        Assert.Contains("corp.esg.db serves the tenant " + world.TenantId, Refused(world), StringComparison.Ordinal);
        // It was not even logged in to.
        Assert.Empty(world.World.Simulator.Requests);
    }

    [Fact]
    public void A_target_beside_the_configuration_is_a_contradiction()
    {
        using var world = new TaskWorld();
        Assert.Equal("TargetContradiction", TaskWorld.Code(world.Sync("-Target corp")));
    }

    [Fact]
    public void A_login_to_Exchange_that_fails_says_what_to_check()
    {
        using var world = new TaskWorld();
        world.Session.RunWell("Disconnect-ExchangeOnline -Confirm:$false; function global:Connect-ExchangeOnline { [CmdletBinding()] param([string]$Organization, [string]$AppId, [string]$CertificateThumbprint) throw 'AADSTS700027: the certificate has expired' }");
        world.Configure($$"""{ "exchange": { {{App}} } }""");
        var result = world.Sync();
        Assert.Equal((1, "ExchangeLoginFailed"), ((int)result.ExitCode, TaskWorld.Code(result)));
        Assert.Contains("AADSTS700027", (string)result.Message, StringComparison.Ordinal);
        Assert.Contains("Exchange.ManageAsApp", (string)result.Message, StringComparison.Ordinal);
    }

    private static string Refused(TaskWorld world)
    {
        var result = world.Sync();
        Assert.Equal((1, "ConfigurationTenantMismatch"), ((int)result.ExitCode, TaskWorld.Code(result)));
        Assert.Equal(0, world.World.Simulator.Writes);
        return (string)result.Message;
    }

    // A test process has one environment: the variable of systemd is there only for the call.
    private static dynamic WithCredentialsFolder(TaskWorld world)
    {
        Environment.SetEnvironmentVariable("CREDENTIALS_DIRECTORY", world.World.Folder);
        try
        {
            return world.Sync();
        }
        finally
        {
            Environment.SetEnvironmentVariable("CREDENTIALS_DIRECTORY", null);
        }
    }
}
