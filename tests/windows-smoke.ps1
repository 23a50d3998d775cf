#requires -Version 5.1
#requires -RunAsAdministrator
<#
.SYNOPSIS
    What only a real Windows machine can show. Run it there after build.ps1 Build, once in Windows PowerShell and once in PowerShell 7.
.DESCRIPTION
    Works on a simulated appliance, in a folder of its own, and takes away what it made. Its last line is "N passed, N failed"; the exit code is the number of failures.
.EXAMPLE
    powershell -NoProfile -ExecutionPolicy Bypass -File tests\windows-smoke.ps1
#>
param([string] $Root = [IO.Path]::GetDirectoryName($PSScriptRoot))
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$manifest = @(Get-ChildItem -Path (Join-Path $Root 'out\EsgMailboxSync') -Filter EsgMailboxSync.psd1 -Recurse)[0].FullName
$module = Split-Path (Split-Path $manifest)
$targetFolder = if ($env:CARGO_TARGET_DIR) { $env:CARGO_TARGET_DIR } else { Join-Path $Root 'target' }
$tenant = Join-Path $Root 'tests\tenants\small'
$work = Join-Path ([IO.Path]::GetTempPath()) "esgmailboxsync-smoke-$([guid]::NewGuid().ToString('n'))"
[void][IO.Directory]::CreateDirectory($work)
$passed = 0
$failed = 0

function Test-Line([string] $Name, [scriptblock] $Check) {
    try {
        & $Check
        $script:passed++
        "ok      $Name"
    }
    catch {
        $script:failed++
        "FAILED  ${Name}: $_"
    }
}

function Assert-Equal($Expected, $Actual) {
    if ($Expected -ne $Actual) { throw "expected '$Expected', found '$Actual'" }
}

# The PowerShell that runs this, as a process of its own.
function Invoke-Shell([string] $Arguments) {
    $start = [Diagnostics.ProcessStartInfo]::new((Get-Process -Id $PID).Path, $Arguments)
    $start.UseShellExecute = $false
    $start.RedirectStandardOutput = $true
    $process = [Diagnostics.Process]::Start($start)
    $output = $process.StandardOutput.ReadToEnd()
    $process.WaitForExit()
    [pscustomobject]@{ ExitCode = $process.ExitCode; Output = $output }
}

$start = [Diagnostics.ProcessStartInfo]::new((Join-Path $targetFolder 'release\esg-simulator.exe'), "--state `"$(Join-Path $tenant 'esg.json')`" --exit-with-stdin")
$start.UseShellExecute = $false
$start.RedirectStandardInput = $true
$start.RedirectStandardOutput = $true
$simulator = [Diagnostics.Process]::Start($start)
try {
    $uri = ($simulator.StandardOutput.ReadLine() | ConvertFrom-Json).uri
    $secret = ConvertTo-SecureString 'simulator-admin' -AsPlainText -Force
    $secret | ConvertFrom-SecureString | Set-Content (Join-Path $work 'esg.dpapi')
    $configuration = Join-Path $work 'corp.json'
    @{
        esg     = @{ uri = $uri; name = 'corp'; userName = 'admin'; allowHttp = $true; statePath = 'state'; passwordFrom = @{ dpapiFile = 'esg.dpapi' } }
        options = @{ path = @((Join-Path $tenant 'snapshot.jsonl')) }
    } | ConvertTo-Json -Depth 5 | Set-Content $configuration -Encoding UTF8

    Test-Line 'the module is imported' { Import-Module $manifest }
    Test-Line 'a secret of a DPAPI file logs in' { $script:result = Sync-EsgSharedMailbox -ConfigurationPath $configuration -Confirm:$false; if ($null -eq $result.Run) { throw $result.Message } }
    $expected = (Sync-EsgSharedMailbox -ConfigurationPath $configuration -Confirm:$false).ExitCode
    Test-Line 'a DPAPI file of nobody is told with its remedy' {
        $broken = (Get-Content $configuration -Raw) -replace 'esg\.dpapi', 'broken.dpapi'
        Set-Content (Join-Path $work 'broken.json') $broken -Encoding UTF8
        Set-Content (Join-Path $work 'broken.dpapi') '01000000d08c9ddf'
        $result = Sync-EsgSharedMailbox -ConfigurationPath (Join-Path $work 'broken.json') -Confirm:$false
        Assert-Equal 1 $result.ExitCode
        if ($result.Message -notlike '*ConvertFrom-SecureString*') { throw $result.Message }
    }

    Test-Line 'a job gives one result with its exit code' {
        $job = Start-Job -ScriptBlock { param($manifest, $configuration) Import-Module $manifest; Sync-EsgSharedMailbox -ConfigurationPath $configuration -Confirm:$false } -ArgumentList $manifest, $configuration
        $results = @($job | Wait-Job -Timeout 120 | Receive-Job)
        Remove-Job $job -Force
        Assert-Equal 1 $results.Count
        Assert-Equal $expected $results[0].ExitCode
    }

    # SYSTEM cannot open a DPAPI file of this account: the task uses the environment of the machine.
    [Environment]::SetEnvironmentVariable('ESGMAILBOXSYNC_SMOKE', 'simulator-admin', 'Machine')
    $forTask = Join-Path $work 'task.json'
    Set-Content $forTask ((Get-Content $configuration -Raw) -replace '"dpapiFile":\s*"esg\.dpapi"', '"environment": "ESGMAILBOXSYNC_SMOKE"' -replace '"statePath":\s*"state"', '"statePath": "state-task"') -Encoding UTF8
    Test-Line 'a task is registered, read back, run, and ends with the exit code' {
        $task = Register-MailboxSyncTask -ConfigurationPath $forTask -Name EsgMailboxSync-Smoke -Account 'NT AUTHORITY\SYSTEM' -Confirm:$false
        Assert-Equal $true $task.Registered
        [xml] $read = Export-ScheduledTask -TaskName EsgMailboxSync-Smoke
        Assert-Equal (([xml](Get-Content $task.DefinitionPath[0] -Raw)).Task.Actions.Exec.Arguments) $read.Task.Actions.Exec.Arguments
        Start-ScheduledTask -TaskName EsgMailboxSync-Smoke
        do { Start-Sleep -Seconds 1 } while ((Get-ScheduledTask -TaskName EsgMailboxSync-Smoke).State -eq 'Running')
        Assert-Equal $expected (Get-ScheduledTaskInfo -TaskName EsgMailboxSync-Smoke).LastTaskResult
        if (-not (Select-String -Path $task.LogPath -Pattern 'Ends with exit code' -Quiet)) { throw 'the log has no end' }
    }

    Test-Line 'without the module the process of the task ends with 1' {
        $copy = Join-Path $work 'modules\EsgMailboxSync'
        Copy-Item $module $copy -Recurse
        $script = Join-Path $work 'register.ps1'
        Set-Content $script "Import-Module '$copy'; Register-MailboxSyncTask '$configuration' -Name Missing -NoRegistration -Confirm:`$false | Out-Null"
        Assert-Equal 0 (Invoke-Shell "-NoProfile -ExecutionPolicy Bypass -File `"$script`"").ExitCode
        Remove-Item $copy -Recurse -Force
        Assert-Equal 1 (Invoke-Shell "-NoProfile -NonInteractive -ExecutionPolicy Bypass -File `"$(Join-Path $work 'Missing.ps1')`"").ExitCode
    }
}
finally {
    Unregister-ScheduledTask -TaskName EsgMailboxSync-Smoke -Confirm:$false -ErrorAction SilentlyContinue
    [Environment]::SetEnvironmentVariable('ESGMAILBOXSYNC_SMOKE', $null, 'Machine')
    $simulator.StandardInput.Close()
    [void] $simulator.WaitForExit(5000)
    Remove-Item $work -Recurse -Force -ErrorAction SilentlyContinue
}
"$passed passed, $failed failed"
exit $failed
