<#
.SYNOPSIS
    A place to try the module: a simulated appliance, and a stand-in for Exchange Online with a tenant of 41 shared mailboxes.
.DESCRIPTION
    Dot-source it in a session of its own that was begun in the root of the repository, after build.ps1 Build:

    . ./tests/lab.ps1

    It starts the simulator, which ends with the session, sets $uri and $credential for Connect-Esg, makes the built module the first of its name, and goes
    to target/lab, which it empties first.
#>
$lab = @{ Root = [IO.Path]::GetDirectoryName($PSScriptRoot); Tenant = [IO.Path]::Combine($PSScriptRoot, 'tenants', 'sample') }
$lab.Simulator = [IO.Path]::Combine($lab.Root, 'target', 'release', $(if ([IO.Path]::DirectorySeparatorChar -eq '\') { 'esg-simulator.exe' } else { 'esg-simulator' }))
if (-not [IO.File]::Exists($lab.Simulator)) { throw "There is no $($lab.Simulator). Build first: ./build.ps1 Build, or dotnet run tests/pwsh.cs build.ps1 Build." }

# What the bare engine lacks of PowerShell's own commands.
if (-not (Get-Command -Name Select-Object -ErrorAction Ignore)) { Import-Module ([IO.Path]::Combine($PSScriptRoot, 'powershell', 'PowerShellCommands.psd1')) }
Import-Module ([IO.Path]::Combine($PSScriptRoot, 'exchange', 'ExchangeStandIn.psd1'))
Set-ExchangeStandIn -Path ([IO.Path]::Combine($lab.Tenant, 'exchange.json'))
$env:PSModulePath = [IO.Path]::Combine($lab.Root, 'out') + [IO.Path]::PathSeparator + $env:PSModulePath

# The variable keeps the pipe open by which the simulator knows that the session is still there.
$lab.Start = [Diagnostics.ProcessStartInfo]::new($lab.Simulator, "--state `"$([IO.Path]::Combine($lab.Tenant, 'esg.json'))`" --exit-with-stdin")
$lab.Start.UseShellExecute = $false
$lab.Start.RedirectStandardInput = $true
$lab.Start.RedirectStandardOutput = $true
$lab.Appliance = [Diagnostics.Process]::Start($lab.Start)
$uri = [regex]::Match($lab.Appliance.StandardOutput.ReadLine(), '"uri":"([^"]+)"').Groups[1].Value
$credential = [pscredential]::new('admin', (ConvertTo-SecureString 'simulator-admin' -AsPlainText -Force))

$lab.Folder = [IO.Path]::Combine($lab.Root, 'target', 'lab')
if ([IO.Directory]::Exists($lab.Folder)) { [IO.Directory]::Delete($lab.Folder, $true) }
Set-Location ([IO.Directory]::CreateDirectory($lab.Folder).FullName)
"A simulated ESG listens at $uri, and Exchange is a stand-in with the tenant Halden Foods. Files go to target/lab."
