using System.Diagnostics;
using System.Management.Automation;
using System.Text.Json.Nodes;

namespace ModuleTests.Secrets;

/// <summary>Passwords and tokens are in nothing that comes out of the module. Each search shows first that it would find one.</summary>
public sealed class SecretsTests : IDisposable
{
    private readonly Planted _planted = new();
    private readonly World _world = new("help", ["--https"], connect: false);
    private readonly ConnectProxy _proxy = new();

    public SecretsTests()
    {
        var (password, oneTime, token) = (_planted.New("password", "admin"), _planted.New("otp"), _planted.New("token"));
        var state = _world.Simulator.State;
        state["accounts"] = new JsonArray(new JsonObject { ["username"] = "admin", ["password"] = Planted.Plain(password), ["otp"] = Planted.Plain(oneTime) });
        state["tokens"] = new JsonObject { [Planted.Plain(token)] = "admin" };
        _world.Simulator.Load(state.ToJsonString());

        Session["uri"] = _world.Simulator.Uri;
        Session["ca"] = _world.Simulator.Certificate;
        Session["state"] = _world.StatePath;
        Session["proxy"] = $"http://127.0.0.1:{_proxy.Port}";
        Session["admin"] = new PSCredential("admin", password);
        Session["wrong"] = new PSCredential("admin", _planted.New("wrong", "admin"));
        Session["otp"] = oneTime;
        Session["token"] = token;
        Session["noToken"] = _planted.New("notoken");
        Session["proxyUser"] = new PSCredential("proxyuser", _planted.New("proxy", "proxyuser"));
        Session["snapshotPath"] = _world.SnapshotPath;
        Session["planPath"] = _world.PlanPath;
        Session.RunWell("""
            $VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'
            $PSDefaultParameterValues = @{ 'Connect-Esg:StatePath' = $state; 'Connect-Esg:CertificateAuthority' = $ca; 'Connect-Esg:Uri' = $uri; 'Connect-Esg:Name' = 'corp' }
            """);
    }

    private Session Session => _world.Session;

    public void Dispose()
    {
        _world.Dispose();
        _proxy.Dispose();
    }

    [Fact]
    public void No_secret_is_in_a_stream_an_object_an_error_or_a_file()
    {
        ControlOfStreams();
        string[] good =
        [
            "Connect-Esg -Credential $admin -OneTimePassword $otp -Proxy $proxy -ProxyCredential $proxyUser",
            "Connect-Esg -Token $token",
            "Get-EsgUser",
            "$snapshot = Export-MailboxDelegation -Path $snapshotPath; $snapshot",
            "$plan = New-EsgPlan $snapshot -Path $planPath; $plan",
            "$plan | Invoke-MailboxSyncPlan -WhatIf",
            "$plan | Invoke-MailboxSyncPlan -First 1 -Confirm:$false",
            "Sync-EsgSharedMailbox -Path $snapshotPath -Confirm:$false",
        ];
        string[] bad =
        [
            "Connect-Esg -Credential $wrong",
            "Connect-Esg -Credential $admin -OneTimePassword $noToken",
            "Connect-Esg -Token $noToken",
            "Connect-Esg -Credential $admin -OneTimePassword $otp -SwitchUser nobody",
            "Connect-Esg -Credential $admin -OneTimePassword $otp -Uri 'https://127.0.0.1:1' -NoProxy",
            "Connect-Esg -Credential $admin -OneTimePassword $otp -Proxy 'http://127.0.0.1:1' -ProxyCredential $proxyUser",
            "Connect-Esg -Credential $admin -OneTimePassword $otp -CertificateAuthority $snapshotPath",
            "Invoke-MailboxSyncPlan -Path $snapshotPath -Confirm:$false",
        ];
        List<ScriptResult> results = [.. good.Select(Session.RunWell), .. bad.Select(Session.Run)];
        Assert.All(results[good.Length..], result => Assert.NotEmpty(result.Errors));
        Assert.True(_proxy.Tunnels > 0, "no call went through the proxy");

        // Tokens that the appliance made for the logins count as well.
        foreach (var (made, _) in _world.Simulator.State["tokens"]!.AsObject())
        {
            _planted.Add(made);
        }

        Assert.All(results, result => Assert.Empty(_planted.In(result)));
        Assert.Empty(_planted.In(Session.RunWell("$Error; $snapshot; $plan")));
        var verbose = string.Join('\n', results.SelectMany(result => result.Verbose));
        Assert.Contains("GET /api/v2/user", verbose, StringComparison.Ordinal);
        Assert.Contains("POST /api/v2/login", verbose, StringComparison.Ordinal);
        Assert.DoesNotContain("Auth-Token", verbose, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Authorization", verbose, StringComparison.OrdinalIgnoreCase);

        // State file with its companions, snapshot and plan; and what the appliance noted of each request.
        Assert.True(File.Exists(_world.PlanPath) && File.Exists(_world.SnapshotPath) && Directory.GetFiles(_world.StatePath, "*.db").Length == 1);
        Assert.Empty(_planted.InFiles(_world.Folder));
        Assert.Empty(_planted.In(File.ReadAllText(_world.Simulator.Log)));
        ControlOfFiles();
    }

    [Fact]
    public void What_a_server_repeats_is_not_repeated_to_the_person()
    {
        using var echo = new EchoAppliance();
        Session["echo"] = echo.Uri;
        ScriptResult[] results =
        [
            Session.Run("Connect-Esg -Uri $echo -AllowHttp -Credential $admin -OneTimePassword $otp"),
            Session.Run("Connect-Esg -Uri $echo -AllowHttp -Token $token"),
        ];
        // The server did get them, and its text did arrive.
        Assert.Contains("planted-password", echo.Received, StringComparison.Ordinal);
        Assert.Contains("planted-otp", echo.Received, StringComparison.Ordinal);
        Assert.Contains("planted-token", echo.Received, StringComparison.Ordinal);
        Assert.All(results, result => Assert.Contains("***", $"{result.Error}", StringComparison.Ordinal));
        Assert.All(results, result => Assert.Empty(_planted.In(result)));
    }

    [Fact]
    public void No_secret_is_in_a_command_line_an_environment_or_the_output_of_a_task()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux shows command lines and environments as files");
        using (var planted = Process.Start(new ProcessStartInfo("sh", ["-c", "read line", _planted.Secrets[0]]) { RedirectStandardInput = true })!)
        {
            Assert.Contains(_planted.InProcesses(), found => found.EndsWith(_planted.Secrets[0], StringComparison.Ordinal));
            planted.StandardInput.Close();
            planted.WaitForExit();
        }

        _world.Read();
        var secrets = Directory.CreateTempSubdirectory("esg-secrets-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(secrets, "password"), Planted.Plain(((PSCredential)Session["admin"]!).Password));
            File.WriteAllText(Path.Combine(secrets, "otp"), Planted.Plain((System.Security.SecureString)Session["otp"]!));
            _world.Simulator.Faults("""[{"do":{"delay_ms":300}}]""");
            using var child = new HostProcess($$"""
                $VerbosePreference = 'Continue'
                function Read-Secret($name) { ConvertTo-SecureString ([IO.File]::ReadAllText("{{secrets}}/$name")) -AsPlainText -Force }
                $credential = [pscredential]::new('admin', (Read-Secret password))
                Connect-Esg -Uri '{{_world.Simulator.Uri}}' -CertificateAuthority '{{_world.Simulator.Certificate}}' -Name corp -Credential $credential -OneTimePassword (Read-Secret otp) -StatePath '{{_world.StatePath}}'
                Sync-EsgSharedMailbox -Path '{{_world.SnapshotPath}}' -Confirm:$false
                """, _world.Folder);
            var searches = 0;
            while (!child.HasExited)
            {
                Assert.Empty(_planted.InProcesses());
                searches += _world.Simulator.Requests.Count > 0 ? 1 : 0;
                Thread.Sleep(50);
            }

            Assert.Equal(0, child.WaitForExit());
            Assert.True(searches > 3, "the search came too late");
            Assert.Contains("PATCH /api/v2/user/", child.Output, StringComparison.Ordinal);
            Assert.Empty(_planted.In(child.Output));
            Assert.Empty(_planted.InFiles(_world.Folder));
        }
        finally
        {
            Directory.Delete(secrets, true);
        }
    }

    [Fact]
    public void The_help_shows_no_secret_in_plain_text()
    {
        var help = Directory.GetFiles(TestPaths.ModuleFolder, "*Help.xml", SearchOption.AllDirectories).Concat(Directory.GetFiles(TestPaths.ModuleFolder, "*.help.txt", SearchOption.AllDirectories)).ToArray();
        Assert.Equal(1 + HelpPages.Abouts.Length, help.Length);
        foreach (var text in help.Select(File.ReadAllText))
        {
            Assert.DoesNotContain("AsPlainText", text, StringComparison.Ordinal);
            Assert.DoesNotMatch("-(Token|OneTimePassword) ['\"a-z0-9]", text);
        }

        Assert.Matches("-(Token|OneTimePassword) ['\"a-z0-9]", "Connect-Esg -Token 'abc'");
    }

    private void ControlOfStreams()
    {
        Session["plain"] = _planted.Secrets[0];
        foreach (var script in new[]
        {
            "$plain",
            "[pscustomobject]@{ A = @{ B = @(1, $plain) } }",
            "Write-Verbose $plain", "Write-Debug $plain", "Write-Warning $plain", "Write-Information $plain",
            "Write-Progress -Activity x -Status $plain",
            "throw $plain",
            "throw [Exception]::new('outer', [Exception]::new($plain))",
            "& { [CmdletBinding()] param() $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([Exception]::new('x'), 'x', 'NotSpecified', [pscustomobject]@{ Inside = $plain })) }",
        })
        {
            Assert.True(_planted.In(Session.Run(script)).Contains(_planted.Secrets[0]), "the search does not find: " + script);
        }

        Session["plain"] = null;
        Session.RunWell("$Error.Clear()");
    }

    private void ControlOfFiles()
    {
        File.AppendAllText(_world.Simulator.Log, $"{{\"path\":\"/{_planted.Secrets[1]}\"}}");
        Assert.NotEmpty(_planted.In(File.ReadAllText(_world.Simulator.Log)));
        foreach (var encoding in new[] { System.Text.Encoding.UTF8, System.Text.Encoding.Unicode })
        {
            File.WriteAllText(Path.Combine(_world.StatePath, "planted"), "xx" + _planted.Secrets[0] + "yy", encoding);
            Assert.Single(_planted.InFiles(_world.Folder));
        }
    }
}
