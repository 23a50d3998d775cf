using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ModuleTests.BadInput;

/// <summary>An appliance with https and a session that is not connected to it, for tests that change neither.</summary>
public sealed class ConnectWorld : IDisposable
{
    public ConnectWorld()
    {
        World = new World("help", ["--https"], connect: false);
        World.Session.RunWell("function New-Secret([string]$Text) { ConvertTo-SecureString $Text -AsPlainText -Force }");
        World.Session["ca"] = World.Simulator.Certificate;
        World.Session["uri"] = World.Simulator.Uri;
        World.Session["state"] = World.StatePath;
        World.Session["folder"] = World.Folder;
        World.Session["password"] = World.Session.RunWell("New-Secret 'help-pages'").Single;
        World.Session["admin"] = World.Session.RunWell("[pscredential]::new('admin', $password)").Single;
        File.WriteAllText(InFolder("other-ca.pem"), OtherAuthority());
        File.WriteAllText(InFolder("broken-ca.pem"), "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n");
        File.WriteAllText(InFolder("no-ca.pem"), "This is a note, not a certificate.\n");
    }

    internal World World { get; }

    public void Dispose() => World.Dispose();

    private string InFolder(string name) => Path.Combine(World.Folder, name);

    private static string OtherAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Another authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return certificate.ExportCertificatePem();
    }
}

/// <summary>Connect-Esg with what cannot work: addresses, accounts, certificates, and hosts that are no appliance.</summary>
public sealed class ConnectTests(ConnectWorld shared) : IClassFixture<ConnectWorld>
{
    private World World => shared.World;

    private Session Session => World.Session;

    [Theory]
    [InlineData("esg.corp.example", "InvalidUri", "write https:// before esg.corp.example", "-Uri https://")]
    [InlineData("esg.corp.example:8443", "InvalidUri", "no scheme", "-Uri https://")]
    [InlineData("ftp://esg.corp.example", "InvalidUri", "scheme ftp", "-Uri https://")]
    [InlineData("https://esg.corp.example/api/v2", "InvalidUri", "path /api/v2", "scheme and host only")]
    [InlineData("https://esg.corp.example?a=b", "InvalidUri", "query", "scheme and host only")]
    [InlineData("https://admin:geheim@esg.corp.example", "InvalidUri", "user name or password", "scheme and host only")]
    [InlineData("admin:geheim@esg.corp.example", "InvalidUri", "no scheme", "-Uri https://")]
    [InlineData("http://esg.corp.example", "PlainHttpRefused", "http://esg.corp.example would send", "-AllowHttp")]
    [InlineData("http://localhost", "PlainHttpRefused", "http://localhost would send", "-AllowHttp")]
    public void An_address_that_cannot_be_used_is_refused_before_anything_is_sent(string uri, string id, string names, string advice)
    {
        var error = Refusal.Of(World, $"Connect-Esg -Name bad -Uri '{uri}' -Credential $admin -StatePath $state", id, ErrorCategory.InvalidArgument, names, advice);
        Assert.DoesNotContain("geheim", error + error.ErrorDetails.RecommendedAction + error.TargetObject, StringComparison.Ordinal);
        Assert.Empty(World.Simulator.Calls);
    }

    [Theory]
    [InlineData("-Credential ([pscredential]::new('admin', (New-Secret 'wrong')))", "LoginFailed", ErrorCategory.AuthenticationError, "127.0.0.1", "user name and password")]
    [InlineData("-Credential ([pscredential]::new('anna.admin', $password))", "LoginFailed", ErrorCategory.AuthenticationError, "127.0.0.1", "-OneTimePassword")]
    [InlineData("-Credential ([pscredential]::new('anna.admin', $password)) -OneTimePassword (New-Secret '000000')", "LoginFailed", ErrorCategory.AuthenticationError, "127.0.0.1", "-OneTimePassword")]
    [InlineData("-Token (New-Secret 'no-such-token')", "LoginFailed", ErrorCategory.AuthenticationError, "refuses the token", "the token")]
    [InlineData("-Token (New-Secret 'two words')", "InvalidSetting", ErrorCategory.InvalidArgument, "The token", "Correct the setting")]
    [InlineData("-Credential ([pscredential]::new('apiuser', $password))", "AccessDenied", ErrorCategory.PermissionDenied, "127.0.0.1", "-SwitchUser")]
    [InlineData("-Credential $admin -SwitchUser nobody", "AccessDenied", ErrorCategory.PermissionDenied, "nobody", "-SwitchUser")]
    [InlineData("-Credential $admin -Name 'a b'", "InvalidName", ErrorCategory.InvalidArgument, "'a b'", "-Name of 1 to 64 letters")]
    public void An_account_that_may_not_is_told_what_it_needs(string parameters, string id, ErrorCategory category, string names, string advice) =>
        Refusal.Of(World, $"Connect-Esg -Uri $uri -CertificateAuthority $ca -StatePath $state {parameters}", id, category, names, advice);

    [Theory]
    [InlineData("", "CertificateNotTrusted", ErrorCategory.ConnectionError, "127.0.0.1", "-CertificateAuthority")]
    [InlineData("-CertificateAuthority $folder/other-ca.pem", "CertificateNotTrusted", ErrorCategory.ConnectionError, "127.0.0.1", "-CertificateAuthority")]
    [InlineData("-CertificateAuthority $folder/no-ca.pem", "CertificateAuthorityInvalid", ErrorCategory.InvalidData, "no-ca.pem", "PEM or DER")]
    [InlineData("-CertificateAuthority $folder/broken-ca.pem", "InvalidCertificateAuthority", ErrorCategory.InvalidArgument, "certificate", "PEM file")]
    [InlineData("-CertificateAuthority $folder/none.pem", "CertificateAuthorityNotRead", ErrorCategory.ReadError, "none.pem", "-CertificateAuthority")]
    [InlineData("-Proxy http://127.0.0.1:1 -NoProxy", "ProxyContradiction", ErrorCategory.InvalidArgument, "-Proxy and -NoProxy", "one of them")]
    [InlineData("-Proxy http://user:geheim@127.0.0.1:1", "ProxyWithAccount", ErrorCategory.InvalidArgument, "-Proxy", "-ProxyCredential")]
    public void A_certificate_or_a_proxy_that_is_no_good_sends_no_password(string parameters, string id, ErrorCategory category, string names, string advice)
    {
        Refusal.Of(World, $"Connect-Esg -Name bad -Uri $uri -Credential $admin -StatePath $state {parameters}", id, category, names, advice);
        Assert.Empty(World.Simulator.Calls);
    }

    [Fact]
    public void The_right_authority_is_trusted()
    {
        Session.RunWell("$null = Connect-Esg -Name good -Uri $uri -Credential $admin -StatePath $state -CertificateAuthority $folder/other-ca.pem, $ca; Disconnect-Esg good");
    }

    [Theory]
    [InlineData("\"html_page\"", "NotTheApi", ErrorCategory.InvalidResult, "page with the title", "no proxy, portal or load balancer")]
    [InlineData("{\"status\":{\"code\":502}}", "ServerError", ErrorCategory.ResourceUnavailable, "502 Bad Gateway", "Try again later")]
    [InlineData("{\"status\":{\"code\":429,\"retry_after\":3600}}", "Throttled", ErrorCategory.LimitsExceeded, "3600", "-Concurrency 1")]
    public void An_answer_that_is_not_the_appliances_is_told_as_what_it_is(string fault, string id, ErrorCategory category, string names, string advice)
    {
        World.Simulator.Faults($$"""[{"do":{{fault}}}]""");
        try
        {
            Refusal.Of(World, "Connect-Esg -Name bad -Uri $uri -Credential $admin -StatePath $state -CertificateAuthority $ca", id, category, names, advice);
        }
        finally
        {
            World.Simulator.Faults("[]");
        }
    }

    [Theory]
    [InlineData("https://127.0.0.1:{0}", "127.0.0.1:{0}")]
    [InlineData("https://no-such-host.invalid", "no-such-host.invalid")]
    [InlineData("https://localhost:{1}", "localhost:{1}")]
    public void A_host_that_does_not_answer_is_named(string uri, string names)
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        using var plain = new Simulator(TestPaths.Tenant("help", "esg.json"));
        string Here(string text) => text.Replace("{0}", $"{port}", StringComparison.Ordinal).Replace("{1}", $"{new Uri(plain.Uri).Port}", StringComparison.Ordinal);
        Refusal.Of(
            World, $"Connect-Esg -Name bad -Uri '{Here(uri)}' -Credential $admin -StatePath $state", "Unreachable", ErrorCategory.ConnectionError, Here(names), "Check the host name, the port");
    }
}
