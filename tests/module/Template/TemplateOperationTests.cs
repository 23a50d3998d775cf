using System.Management.Automation;
using System.Security;
using System.Text;
using System.Text.Json.Nodes;

namespace ModuleTests.Template;

/// <summary>Defects of the vendor's template in how it is run: nothing is asked, limited or told (T17), and secrets and network are in the script (T20).</summary>
public sealed class TemplateOperationTests
{
    private static readonly string[] SecretWords = ["password", "token", "secret", "credential"];

    [Fact]
    public void T17_WhatIf_tells_each_action_and_sends_nothing()
    {
        using var world = new World();
        var plan = world.ReadAndPlan();
        world.Simulator.ResetCounts();
        Assert.Empty(world.Session.RunWell("$plan | Invoke-MailboxSyncPlan -WhatIf").Output);
        Assert.Empty(world.Simulator.Calls);
        var result = world.Session.RunWell("Sync-EsgSharedMailbox -WhatIf -Path $snapshotPath").Single;
        Assert.Equal((long)plan.AliasesAdded, (long)result.Plan.AliasesAdded);
        Assert.Equal(0, world.Simulator.Writes);
    }

    [Fact]
    public void T17_Without_an_answer_to_the_question_nothing_is_sent()
    {
        using var world = new World();
        world.ReadAndPlan();
        world.Simulator.ResetCounts();
        // A session that nobody can answer in: the question is an error, not a yes.
        Assert.NotEmpty(world.Session.Run("$plan | Invoke-MailboxSyncPlan").Errors);
        Assert.Empty(world.Simulator.Calls);
    }

    [Fact]
    public void T17_More_removals_than_the_limit_need_the_number_from_the_plan()
    {
        using var world = new World();
        world.ReadAndPlan("-FunctionalUser Remove");
        var result = world.Apply();
        Assert.StartsWith("GuardBlocked", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("-Expect @{ FunctionalUserRemoved = 28 }", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(0, world.Simulator.Count("DELETE"));
        Assert.Equal(3, result.Single.ExitCode);
    }

    [Theory]
    [InlineData("-FunctionalUser Remove -Confirm:$false", 3)]
    [InlineData("-WhatIf", 4)] // five mailboxes are unknown
    [InlineData("-Target nowhere", 1)]
    public void T17_A_task_ends_with_the_exit_code_of_what_happened(string arguments, int exitCode)
    {
        using var world = new World(connect: false);
        world.Read();
        using var host = new HostProcess(
            $$"""
            $credential = [pscredential]::new('admin', (ConvertTo-SecureString 'simulator-admin' -AsPlainText -Force))
            $null = Connect-Esg -Name corp -Uri {{world.Simulator.Uri}} -Credential $credential -AllowHttp -StatePath '{{world.StatePath}}'
            $r = Sync-EsgSharedMailbox -Path '{{world.SnapshotPath}}' {{arguments}}
            if ($null -eq $r) { exit 1 }
            exit $r.ExitCode
            """,
            world.Folder);
        Assert.True(host.WaitForExit() == exitCode, host.Output);
    }

    [Fact]
    public void T20_No_parameter_takes_a_secret_as_clear_text()
    {
        using var session = new Session();
        var parameters = session.RunWell("Get-Command -Module EsgMailboxSync | ForEach-Object { $_.Parameters.Values }").Output.Select(output => (ParameterMetadata)output.BaseObject);
        var secrets = parameters.Where(parameter => SecretWords.Any(word => parameter.Name.Contains(word, StringComparison.OrdinalIgnoreCase))).ToArray();
        Assert.Superset(new HashSet<string> { "Credential", "Token", "OneTimePassword", "ProxyCredential" }, secrets.Select(parameter => parameter.Name).ToHashSet());
        Assert.All(secrets, parameter => Assert.True(parameter.ParameterType == typeof(SecureString) || parameter.ParameterType == typeof(PSCredential), parameter.Name));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void T20_Secrets_are_in_no_output_file_or_command_line(bool withToken)
    {
        using var world = new World("small", ["--https"], connect: false);
        var secret = withToken ? World.Token : "simulator-admin";
        if (withToken)
        {
            var state = world.Simulator.State;
            state["tokens"] = new JsonObject { [secret] = "admin" };
            world.Simulator.Load(state.ToJsonString());
        }

        world.Session["secret"] = secret;
        world.Session["certificate"] = world.Simulator.Certificate;
        world.Session["esgUri"] = world.Simulator.Uri.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        world.Session["esgState"] = world.StatePath;
        world.Session["snapshotPath"] = world.SnapshotPath;
        world.Session["planPath"] = world.PlanPath;
        world.Simulator.Faults("""[{"on": {"method": "PATCH", "nth": 2}, "do": {"status": {"code": 422}}}]""");
        var login = withToken
            ? "-Token (ConvertTo-SecureString $secret -AsPlainText -Force)"
            : "-Credential ([pscredential]::new('admin', (ConvertTo-SecureString $secret -AsPlainText -Force)))";
        var told = world.Session.Run($$"""
            $VerbosePreference = 'Continue'
            $connection = Connect-Esg -Name corp -Uri $esgUri {{login}} -CertificateAuthority $certificate -StatePath $esgState -Verbose
            $snapshot = Export-MailboxDelegation -Path $snapshotPath -Confirm:$false -Verbose
            $plan = New-EsgPlan -Snapshot $snapshot -Path $planPath -Verbose
            $run = $plan | Invoke-MailboxSyncPlan -Confirm:$false -Verbose
            $wrong = Connect-Esg -Name other -Uri $esgUri -Credential ([pscredential]::new('wrong', (ConvertTo-SecureString $secret -AsPlainText -Force))) -CertificateAuthority $certificate -StatePath $esgState -Verbose
            """);
        Assert.NotEmpty(told.Verbose);
        Assert.NotEmpty(told.Errors);
        var shown = world.Texts("$connection, $snapshot, $plan, $run | Format-List * | Out-String; $connection, $plan, $run | ConvertTo-Json -Depth 6 -WarningAction SilentlyContinue");
        Assert.NotEmpty(world.Simulator.Written);

        string[] Leaks(string secret) =>
        [
            .. Found(secret, "streams", told.Everything + string.Join('\n', shown)),
            .. Directory.GetFiles(world.Folder, "*", SearchOption.AllDirectories).Append(world.Simulator.Log).SelectMany(file => Found(secret, file, File.ReadAllText(file, Encoding.Latin1))),
            .. Found(secret, "command line", CommandLine(Environment.ProcessId)),
        ];
        Assert.Empty(Leaks(secret));

        // The search finds what is there: the name of the connection in the streams, and a secret that a careless script wrote down.
        Assert.Contains("streams", Leaks("corp"));
        var careless = Path.Combine(world.StatePath, "careless.txt");
        File.WriteAllText(careless, secret);
        Assert.Equal([careless], Leaks(secret));
        Assert.Contains("command line", Leaks(Path.GetFileName(Environment.ProcessPath!)));
    }

    [Fact]
    public void T20_TLS_is_checked_and_a_further_authority_can_be_trusted()
    {
        using var world = new World("small", ["--https"], connect: false);
        world.Session["certificate"] = world.Simulator.Certificate;
        world.Session["esgUri"] = world.Simulator.Uri.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        world.Session["esgState"] = world.StatePath;
        world.Session.RunWell("$credential = [pscredential]::new('admin', (ConvertTo-SecureString 'simulator-admin' -AsPlainText -Force))");
        Assert.StartsWith("CertificateNotTrusted", world.Session.Run("Connect-Esg -Name corp -Uri $esgUri -Credential $credential -StatePath $esgState").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(world.Simulator.Calls);
        world.Session.RunWell("$null = Connect-Esg -Name corp -Uri $esgUri -Credential $credential -CertificateAuthority $certificate -StatePath $esgState");
        Assert.NotEmpty(world.Session.RunWell("Get-EsgUser").Output);
    }

    [Fact]
    public void T20_Plain_http_is_refused_unless_it_is_asked_for()
    {
        using var world = new World("small", connect: false);
        world.Session["esgUri"] = world.Simulator.Uri;
        world.Session["esgState"] = world.StatePath;
        world.Session.RunWell("$credential = [pscredential]::new('admin', (ConvertTo-SecureString 'simulator-admin' -AsPlainText -Force))");
        Assert.StartsWith("PlainHttpRefused", world.Session.Run("Connect-Esg -Name corp -Uri $esgUri -Credential $credential -StatePath $esgState").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(world.Simulator.Calls);
    }

    [Fact]
    public void T20_A_proxy_is_used_when_it_is_named()
    {
        using var proxy = new ConnectProxy();
        using var world = new World("small", ["--https"], connect: false);
        world.Session["certificate"] = world.Simulator.Certificate;
        world.Session["proxy"] = $"http://127.0.0.1:{proxy.Port}";
        world.Session["esgUri"] = world.Simulator.Uri.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        world.Session["esgState"] = world.StatePath;
        world.Session.RunWell("""
            $credential = [pscredential]::new('admin', (ConvertTo-SecureString 'simulator-admin' -AsPlainText -Force))
            $null = Connect-Esg -Name corp -Uri $esgUri -Credential $credential -CertificateAuthority $certificate -StatePath $esgState -NoProxy
            """);
        Assert.Equal(0, proxy.Tunnels);
        world.Session.RunWell("$null = Connect-Esg -Name corp -Uri $esgUri -Credential $credential -CertificateAuthority $certificate -StatePath $esgState -Proxy $proxy");
        Assert.True(proxy.Tunnels > 0);
    }

    private static string[] Found(string secret, string where, string text)
    {
        // As it is, and as a log might hold it.
        string[] forms = [secret, Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)), Convert.ToBase64String(Encoding.Unicode.GetBytes(secret)), Uri.EscapeDataString(secret)];
        return forms.Any(form => text.Contains(form, StringComparison.OrdinalIgnoreCase)) ? [where] : [];
    }

    private static string CommandLine(int process)
    {
        var file = $"/proc/{process}/cmdline";
        return File.Exists(file) ? File.ReadAllText(file).Replace('\0', ' ') + File.ReadAllText($"/proc/{process}/environ") : Environment.CommandLine;
    }
}
