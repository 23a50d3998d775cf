using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace ModuleTests.Tasks;

/// <summary>Each thing that Test-MailboxSyncPrerequisite looks at, broken alone: it is the one that is missing, and its remedy says what to do.</summary>
public sealed class PrerequisiteBreakTests
{
    private const string Managed = """{ "exchange": { "organization": "corpexample.onmicrosoft.com", "managedIdentity": true } }""";

    [Fact]
    public void A_configuration_that_is_whole_lacks_nothing_and_leaves_nothing_open()
    {
        using var world = Https();
        world.Session.RunWell("Disconnect-ExchangeOnline -Confirm:$false");
        Assert.Equal([], Missing(world));
        Assert.Empty(world.World.Texts("Get-ConnectionInformation"));
        Assert.StartsWith("NotConnected,", world.Session.Run("Get-EsgUser").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.False(Directory.Exists(world.World.StatePath));
    }

    [Fact]
    public void A_configuration_that_is_wrong_is_the_only_result_after_the_versions()
    {
        using var world = Https();
        world.Configure("""{ "option": {} }""");
        Assert.Equal(["Configuration"], Missing(world));
        Assert.Contains("Did you mean 'options'?", Detail(world, "Configuration"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("clock_offset_seconds=300", "Clock", "seconds ahead", "w32tm /resync")]
    [InlineData("clock_offset_seconds=-90", "Clock", "seconds behind", "timedatectl")]
    [InlineData("users_can_be_created=false", "ESG capabilities", "cannot be created", "by an import")]
    public void What_the_appliance_is_or_lacks_is_told(string option, string name, string detail, string remedy)
    {
        using var world = Https(["--option", option]);
        Assert.Equal([name], Missing(world));
        Assert.Contains(detail, Detail(world, name), StringComparison.Ordinal);
        Assert.Contains(remedy, Remedy(world, name), StringComparison.Ordinal);
    }

    [Fact]
    public void A_clock_that_is_off_by_seconds_is_in_order()
    {
        using var world = Https(["--option", "clock_offset_seconds=30"]);
        Assert.Equal([], Missing(world));
    }

    [Fact]
    public void An_appliance_that_tells_nothing_of_itself_is_taken_as_able_to_do_nothing_more()
    {
        using var world = Https();
        world.World.Simulator.Faults("""[{"on": {"path_contains": "docs.json"}, "do": {"status": {"code": 404}}}]""");
        Assert.Equal(["ESG capabilities"], Missing(world));
    }

    [Fact]
    public void A_certificate_that_is_not_trusted_is_told_as_that()
    {
        using var world = Https();
        var esg = Esg(world);
        esg.Remove("certificateAuthority");
        world.Configure(Managed, esg);
        Assert.Equal(["ESG connection", "ESG certificate"], Missing(world));
        Assert.Contains("-CertificateAuthority", Remedy(world, "ESG certificate"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_without_a_certificate_is_told()
    {
        using var world = new TaskWorld();
        world.Configure(Managed);
        Assert.Equal(["ESG certificate"], Missing(world));
    }

    [Fact]
    public void A_proxy_that_refuses_is_told_and_one_that_serves_is_named()
    {
        using var world = Https();
        using var proxy = new ConnectProxy();
        var esg = Esg(world);
        esg["proxy"] = $"http://127.0.0.1:{proxy.Port}";
        world.Configure(Managed, esg);
        Assert.Equal([], Missing(world));
        Assert.Contains($"127.0.0.1:{proxy.Port}", Detail(world, "Proxy"), StringComparison.Ordinal);

        using var refusing = new RefusingProxy();
        esg = Esg(world);
        esg["proxy"] = $"http://127.0.0.1:{refusing.Port}";
        world.Configure(Managed, esg);
        Assert.Equal(["ESG connection", "Proxy"], Missing(world));
    }

    [Fact]
    public void An_API_user_needs_somebody_to_act_as()
    {
        using var world = new World("help", ["--https"], connect: false);
        world.Session["ca"] = world.Simulator.Certificate;
        world.Session["uri"] = world.Simulator.Uri;
        world.Session["state"] = world.StatePath;
        var path = Path.Combine(world.Folder, "api.json");
        Environment.SetEnvironmentVariable("ESG_HELP_PAGES", "help-pages");
        var esg = new JsonObject { ["uri"] = world.Simulator.Uri, ["name"] = "corp", ["userName"] = "apiuser", ["passwordFrom"] = new JsonObject { ["environment"] = "ESG_HELP_PAGES" }, ["certificateAuthority"] = new JsonArray(world.Simulator.Certificate), ["statePath"] = "state" };
        File.WriteAllText(path, new JsonObject { ["esg"] = esg.DeepClone() }.ToJsonString());
        Assert.Equal(["ESG connection", "ESG users", "ESG switch user"], Missing(world.Session, path));
        esg["switchUser"] = "admin";
        File.WriteAllText(path, new JsonObject { ["esg"] = esg }.ToJsonString());
        Assert.Equal([], Missing(world.Session, path));
        world.Session["configuration"] = path;
        Assert.Equal(["It acts as admin."], world.Texts("(Test-MailboxSyncPrerequisite -ConfigurationPath $configuration | Where-Object Name -eq 'ESG switch user').Detail"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_folder_for_the_state_that_cannot_be_used_is_told_also_without_a_connection(bool connected)
    {
        using var world = Https();
        File.WriteAllText(Path.Combine(world.World.Folder, "state"), "a file, no folder");
        var esg = Esg(world);
        if (!connected)
        {
            esg["uri"] = "https://localhost:1";
        }

        world.Configure(Managed, esg);
        Assert.Contains("State folder", Missing(world));
        Assert.Contains("statePath", Remedy(world, "State folder"), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(400, true, null, null)]
    [InlineData(10, true, "valid until", "Make a new certificate")]
    [InlineData(400, false, "app.pfx: ", "certificatePasswordFrom")]
    public void The_certificate_of_the_app_is_there_opens_and_lasts(int days, bool rightPassword, string? detail, string? remedy)
    {
        using var world = Https();
        using var key = RSA.Create(2048);
        using (var certificate = new CertificateRequest("CN=app", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(days)))
        {
            File.WriteAllBytes(Path.Combine(world.World.Folder, "app.pfx"), certificate.Export(X509ContentType.Pfx, rightPassword ? "simulator-admin" : "another"));
        }

        world.Configure($$"""{ "exchange": { "organization": "o", "appId": "a", "certificateFile": "app.pfx", "certificatePasswordFrom": { "environment": "{{world.Variable}}" } } }""", Esg(world));
        Assert.Equal(detail is null ? [] : ["Exchange certificate"], Missing(world));
        if (detail is not null)
        {
            Assert.Contains(detail, Detail(world, "Exchange certificate"), StringComparison.Ordinal);
            Assert.Contains(remedy!, Remedy(world, "Exchange certificate"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_thumbprint_that_no_store_has_is_told()
    {
        using var world = Https();
        world.Configure("""{ "exchange": { "organization": "o", "appId": "a", "certificateThumbprint": "00112233445566778899AABBCCDDEEFF00112233" } }""", Esg(world));
        Assert.Equal(["Exchange certificate"], Missing(world));
        Assert.Contains("certificateFile", Remedy(world, "Exchange certificate"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_login_to_Exchange_that_fails_is_the_session_that_is_missing()
    {
        using var world = Https();
        world.Session.RunWell("Disconnect-ExchangeOnline -Confirm:$false; function global:Connect-ExchangeOnline { [CmdletBinding()] param([string]$Organization, [switch]$ManagedIdentity) throw 'no identity here' }");
        Assert.Equal(["Exchange session"], Missing(world));
        Assert.Contains("no identity here", Detail(world, "Exchange session"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2.0.5", true, "Install-Module ExchangeOnlineManagement")]
    [InlineData("3.9.2", false, "")]
    public void The_version_of_the_Exchange_module_is_looked_at(string version, bool missing, string remedy)
    {
        using var world = Https();
        var folder = Directory.CreateDirectory(Path.Combine(world.World.Folder, "ExchangeOnlineManagement")).FullName;
        File.WriteAllText(Path.Combine(folder, "ExchangeOnlineManagement.psm1"), "function Connect-ExchangeOnline { }");
        File.WriteAllText(Path.Combine(folder, "ExchangeOnlineManagement.psd1"), $"@{{ RootModule = 'ExchangeOnlineManagement.psm1'; ModuleVersion = '{version}'; FunctionsToExport = 'Connect-ExchangeOnline' }}");
        world.Session["module"] = folder;
        world.Session.RunWell("Import-Module $module");
        Assert.Equal(missing ? ["ExchangeOnlineManagement"] : [], Missing(world));
        Assert.Contains(remedy, Remedy(world, "ExchangeOnlineManagement"), StringComparison.Ordinal);
        Assert.Contains(version, Detail(world, "ExchangeOnlineManagement"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PowerShell", "5.1", false, null, "Ok")]
    [InlineData("PowerShell", "4.0", false, null, "Missing")]
    [InlineData("PowerShell", "7.4.1", true, null, "Ok")]
    [InlineData("PowerShell", "7.2", true, null, "Missing")]
    [InlineData("ExchangeModule", "7.4", true, "3.10.0", "Missing")]
    [InlineData("ExchangeModule", "7.6", true, "3.10.1", "Ok")]
    [InlineData("ExchangeModule", "5.1", false, "3.10.1", "Ok")]
    public void Versions_that_this_process_does_not_have_are_judged(string check, string powerShell, bool isCore, string? module, string status)
    {
        using var session = new Session();
        var assembly = ((System.Management.Automation.CmdletInfo)session.RunWell("Get-Command Connect-Esg").Output[0].BaseObject).ImplementingType.Assembly;
        var method = assembly.GetType("EsgMailboxSync.Connections.MachinePrerequisites", throwOnError: true)!.GetMethod(check, BindingFlags.Public | BindingFlags.Static)!;
        dynamic result = module is null ? method.Invoke(null, [Version.Parse(powerShell), isCore])! : method.Invoke(null, [Version.Parse(module), Version.Parse(powerShell), isCore])!;
        Assert.Equal(status, $"{result.Status}");
        Assert.Equal(status == "Missing", !string.IsNullOrEmpty((string?)result.Remedy));
    }

    private static TaskWorld Https(string[]? options = null)
    {
        var world = new TaskWorld(["--https", .. options ?? []]);
        world.Configure(Managed, Esg(world));
        return world;
    }

    private static JsonObject Esg(TaskWorld world)
    {
        var esg = world.Esg;
        esg.Remove("allowHttp");
        esg["certificateAuthority"] = new JsonArray(world.World.Simulator.Certificate);
        return esg;
    }

    private static string[] Missing(TaskWorld world) => Missing(world.Session, world.ConfigurationPath);

    private static string[] Missing(Session session, string configuration)
    {
        session["configuration"] = configuration;
        var missing = session.RunWell("Test-MailboxSyncPrerequisite -ConfigurationPath $configuration").Output.Select(each => (dynamic)each).Where(each => $"{each.Status}" == "Missing").ToArray();
        Assert.All(missing, each => Assert.NotEmpty((string)each.Remedy));
        return [.. missing.Select(each => (string)each.Name)];
    }

    private static string Detail(TaskWorld world, string name) => One(world, name, "Detail");

    private static string Remedy(TaskWorld world, string name) => One(world, name, "Remedy");

    private static string One(TaskWorld world, string name, string property)
    {
        world.Session["configuration"] = world.ConfigurationPath;
        return world.World.Texts($"(Test-MailboxSyncPrerequisite -ConfigurationPath $configuration | Where-Object Name -eq '{name}').{property}").Single();
    }

    /// <summary>Wants an account of its own.</summary>
    private sealed class RefusingProxy : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public RefusingProxy()
        {
            _listener.Start();
            _ = ServeAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    var stream = client.GetStream();
                    await stream.ReadExactlyAsync(new byte[1]);
                    await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"corp\"\r\nContent-Length: 0\r\n\r\n"));
                    await Task.Delay(50);
                }
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException or IOException)
            {
                // The test has ended.
            }
        }
    }
}
