<#
.SYNOPSIS
    Shows what an administrator would do, against a simulated appliance and a simulated tenant. build.ps1 Demo calls it.
#>
param(
    [Parameter(Mandatory = $true)][string] $Module,
    [Parameter(Mandatory = $true)][string] $Simulator
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$tests = $PSScriptRoot
$tenant = [IO.Path]::Combine($tests, 'tenants', 'sample')
$work = [IO.Path]::Combine([IO.Path]::GetTempPath(), "esgmailboxsync-demo-$([guid]::NewGuid().ToString('n'))")
[void][IO.Directory]::CreateDirectory($work)

function Start-Simulator {
    $start = [Diagnostics.ProcessStartInfo]::new($Simulator, "--state `"$([IO.Path]::Combine($tenant, 'esg.json'))`" --exit-with-stdin")
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $process = [Diagnostics.Process]::Start($start)
    $line = $process.StandardOutput.ReadLine()
    if (-not $line) { throw "The simulator did not start: $Simulator" }
    @{ Process = $process; Uri = [regex]::Match($line, '"uri":"([^"]+)"').Groups[1].Value }
}

# Shows a command as it would be typed, then runs it in the caller's scope and shows its output. An error ends the demo, unless the step shows one.
function Show-Step([string] $Why, [string] $Command, [switch] $ShowsError) {
    $Host.UI.WriteLine('')
    $Host.UI.WriteLine("# $Why")
    foreach ($line in $Command -split "`n") { $Host.UI.WriteLine("PS> $($line.TrimEnd())") }
    $ErrorActionPreference = if ($ShowsError) { 'Continue' } else { 'Stop' }
    . ([scriptblock]::Create($Command)) | Out-Default
}

# What the bare engine lacks of PowerShell's own commands.
if (-not (Get-Command -Name Select-Object -ErrorAction Ignore)) {
    Import-Module ([IO.Path]::Combine($tests, 'powershell', 'PowerShellCommands.psd1'))
}
Import-Module ([IO.Path]::Combine($tests, 'exchange', 'ExchangeStandIn.psd1'))
Set-ExchangeStandIn -Path ([IO.Path]::Combine($tenant, 'exchange.json'))
$appliance = Start-Simulator
try {
    $uri = $appliance.Uri
    $state = [IO.Path]::Combine($work, 'state')
    $snapshotFile = [IO.Path]::Combine($work, 'tenant.jsonl')
    $planFile = [IO.Path]::Combine($work, 'plan.json')
    $credential = [pscredential]::new('admin', (ConvertTo-SecureString 'simulator-admin' -AsPlainText -Force))
    $Host.UI.WriteLine("A simulated ESG listens at $uri; Get-Mailbox and the like come from a stand-in. Everything else is the module as it is published.")

    . Show-Step 'The module.' "Import-Module '$Module'"
    . Show-Step 'Exchange: your own session. Here it is the stand-in.' 'Connect-ExchangeOnline -ShowBanner:$false'
    . Show-Step 'ESG. -AllowHttp only because the simulator speaks plain http here; -StatePath so that the demo leaves nothing behind.' `
        'Connect-Esg -Name demo -Uri $uri -Credential $credential -AllowHttp -StatePath $state'
    . Show-Step 'Read who may open which shared mailbox. The file can be kept: for audit, and for planning without the tenant.' `
        '$snapshot = Export-MailboxDelegation -Path $snapshotFile; $snapshot'
    . Show-Step 'Look at it: who, and by which groups.' `
        '$snapshot | Get-MailboxDelegation | Select-Object -First 12'
    . Show-Step 'What is not known for certain, and why. Such mailboxes lose nothing.' `
        '$snapshot | Get-MailboxDelegation -Unknown'
    . Show-Step 'A plan. Nothing is written yet.' `
        '$plan = $snapshot | New-EsgPlan -FunctionalUser Remove -Path $planFile; $plan'
    . Show-Step 'Why does somebody get an address?' `
        '$plan.Action.Change | Where-Object Kind -eq AliasAdded | Select-Object -First 3 | Format-List'
    . Show-Step 'What would happen.' `
        '$plan | Invoke-MailboxSyncPlan -First 3 -WhatIf'

    $before = @{}
    foreach ($user in Get-EsgUser) { $before[$user.Id] = $user }

    . Show-Step 'Start carefully: the first five actions only. What a guard blocks is told each time; it is not among the five.' `
        '$plan | Invoke-MailboxSyncPlan -First 5 -Confirm:$false' -ShowsError

    $expect = @($plan.Guard | Where-Object Blocked | ForEach-Object { $_.Expect })
    $override = if ($expect.Count -gt 0) { ' ' + $expect[0] } else { '' }
    . Show-Step 'The rest, from the file, as approved. A guard blocks a first cleaning of this size; the override is the one that the plan printed.' `
        "Invoke-MailboxSyncPlan -Path `$planFile$override -Confirm:`$false"
    . Show-Step 'Again: everything is read anew, and there is nothing to do.' `
        '$snapshot | New-EsgPlan -FunctionalUser Remove'

    $Host.UI.WriteLine('')
    $Host.UI.WriteLine('# The difference at ESG, before and after:')
    $after = @{}
    foreach ($user in Get-EsgUser) { $after[$user.Id] = $user }
    foreach ($id in @($before.Keys | Sort-Object)) {
        if (-not $after.ContainsKey($id)) { $Host.UI.WriteLine("  $($before[$id].UserName): removed (its mailbox is held by its delegates)"); continue }
        $old = @($before[$id].Address | ForEach-Object { $_.Address })
        $new = @($after[$id].Address | ForEach-Object { $_.Address })
        $added = @($new | Where-Object { $old -notcontains $_ })
        $fewer = $old.Count + $added.Count - $new.Count
        $parts = @()
        if ($added.Count -gt 0) { $parts += "+ $($added -join ', ')" }
        if ($fewer -gt 0) { $parts += "a duplicate collapsed" }
        if ($parts.Count -gt 0) { $Host.UI.WriteLine("  $($before[$id].UserName): $($parts -join '; ')") }
    }
    Disconnect-Esg
}
finally {
    $appliance.Process.StandardInput.Close()
    if (-not $appliance.Process.WaitForExit(5000)) { $appliance.Process.Kill() }
    [IO.Directory]::Delete($work, $true)
}
