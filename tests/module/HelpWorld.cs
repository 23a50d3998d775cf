using System.Management.Automation;
using System.Text.RegularExpressions;

namespace ModuleTests;

/// <summary>
/// The company of the help pages (tests/tenants/help): an administrator's session that is connected to Exchange and, as <c>corp</c>, to ESG, in a folder
/// that holds what the examples read. Texts run as they stand in the page; only the hosts of <see cref="Here"/> are replaced.
/// </summary>
internal sealed class HelpWorld : IDisposable
{
    private readonly World _world = new("help", ["--https"], connect: false);
    private readonly ConnectProxy _proxy = new();
    private readonly Dictionary<string, string> _hosts;

    public HelpWorld()
    {
        var port = new Uri(_world.Simulator.Uri).Port;
        _hosts = new()
        {
            ["https://esg.corp.example"] = $"https://localhost:{port}",
            // The same appliance by another name: another host to the module.
            ["https://esg-lab.corp.example"] = $"https://127.0.0.1:{port}",
            ["https://esg-new.corp.example"] = $"https://127.0.0.1:{port}",
            ["http://proxy.corp.example:8080"] = $"http://127.0.0.1:{_proxy.Port}",
        };
        File.Copy(_world.Simulator.Certificate!, Path.Combine(_world.Folder, "corp-ca.pem"));
        File.WriteAllText(Path.Combine(_world.Folder, "corp.json"), Here($$"""
            {
              "esg": {
                "uri": "https://esg.corp.example",
                "name": "corp",
                "userName": "admin",
                "passwordFrom": { "secret": "esg-corp" },
                "certificateAuthority": ["corp-ca.pem"],
                "statePath": {{System.Text.Json.JsonSerializer.Serialize(_world.StatePath)}}
              },
              "exchange": {
                "organization": "corpexample.onmicrosoft.com",
                "appId": "00000000-0000-0000-0000-000000000000",
                "certificateThumbprint": "A1B2C3"
              }
            }
            """));
        Session["helpFolder"] = _world.Folder;
        Session["helpState"] = _world.StatePath;
        Session["helpToday"] = TestPaths.Tenant("help", "exchange.json");
        Session["helpLastWeek"] = TestPaths.Tenant("help", "exchange-last-week.json");
        Session["helpModules"] = Path.GetFullPath(Path.Combine(TestPaths.ModuleFolder, "..", ".."));
        Session.RunWell(Here("""
            Set-Location $helpFolder
            $env:PSModulePath = $helpModules
            $ConfirmPreference = 'None' # a person answers yes
            $PSDefaultParameterValues = @{ 'Connect-Esg:StatePath' = $helpState; 'Connect-Esg:CertificateAuthority' = "$helpFolder/corp-ca.pem"; 'Register-MailboxSyncTask:PowerShellPath' = '/usr/bin/pwsh' }
            function Get-Credential([string]$UserName) { [pscredential]::new($UserName, (ConvertTo-SecureString 'help-pages' -AsPlainText -Force)) }
            function Read-Host([string]$Prompt, [switch]$AsSecureString) {
                $answer = if ($Prompt -eq 'Token') { 'help-pages-token' } else { '123456' }
                if ($AsSecureString) { ConvertTo-SecureString $answer -AsPlainText -Force } else { $answer }
            }
            function Get-Secret([string]$Name) { if ($Name -eq 'esg-corp') { (Get-Credential admin).Password } }
            Get-Credential admin | Export-Clixml ./esg-credential.xml
            Set-ExchangeStandIn -Path $helpLastWeek
            Connect-ExchangeOnline
            $null = Export-MailboxDelegation -Path ./last-week.jsonl
            Set-ExchangeStandIn -Path $helpToday
            Connect-ExchangeOnline
            $null = Export-MailboxDelegation -Path ./tenant.jsonl
            $null = Connect-Esg -Uri https://esg.corp.example -Name corp -Credential (Get-Credential admin)
            """));
        _world.Simulator.ResetCounts();
    }

    public Session Session => _world.Session;

    public Simulator Simulator => _world.Simulator;

    /// <summary>How often an example went through the proxy.</summary>
    public int Tunnels => _proxy.Tunnels;

    /// <summary>Runs an example.</summary>
    public ScriptResult Run(string code) => Session.Run(Here(code));

    public void Dispose()
    {
        _world.Dispose();
        _proxy.Dispose();
    }

    private string Here(string code) => Regex.Replace(code, "https?://[a-z.-]+\\.corp\\.example(:\\d+)?", match => _hosts[match.Value]);
}
