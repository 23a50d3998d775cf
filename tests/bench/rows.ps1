<#
.SYNOPSIS
    Measures how fast permission rows go from PowerShell objects into a snapshot, and what memory that takes. build.ps1 Bench calls it.
.DESCRIPTION
    The functions of a tenant hand over rows in the shape of Exchange's own commands (property bags that went through the serializer). They are read by
    Export-MailboxDelegation: called, normalised, written, fed, parsed and kept by the engine. Beside it, in the same process: the same rows handed over and
    thrown away, and the same rows written as a script would, one JSON text each. Rates are of processor time, so what else the machine does matters little.
#>
param(
    [Parameter(Mandatory = $true)][string] $Module,
    [int] $Mailboxes = 5000,
    [int] $RowsEach = 100
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module $Module

$hasJson = [bool](Get-Command -Name ConvertTo-Json -ErrorAction Ignore)
$process = [Diagnostics.Process]::GetCurrentProcess()
$total = $Mailboxes * $RowsEach
$samples = [Collections.Generic.List[string]]::new()
$state = @{ Asked = 0; Timing = $true }

# As the proxies of Exchange Online give them: deserialized, a list with one element, Deny as a deserialized switch (exo 1.2).
function New-Row([int] $Number) {
    $row = [pscustomobject]@{
        Identity = "Mailbox $Number"; User = "person$Number@corp.example"; UserSid = "S-1-5-21-1111111111-2222222222-3333333333-$Number"
        AccessRights = [Collections.ArrayList]@('FullAccess, ReadPermission'); IsInherited = $false; Deny = [switch]$false; InheritanceType = 'All'
        PrimarySmtpAddress = ''; IsValid = $true; ObjectState = 'Unchanged'
    }
    $row = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($row))
    $row.PSObject.TypeNames.Insert(0, 'Deserialized.Microsoft.Exchange.Management.RecipientTasks.MailboxAcePresentationObject')
    $row
}

# Different objects, each used often: to make half a million takes longer than to read them.
$answers = @(foreach ($answer in 1..100) { , @(foreach ($number in 1..$RowsEach) { New-Row ($answer * $RowsEach + $number) }) })

function Get-Mailbox {
    [CmdletBinding()] param($ResultSize, $RecipientTypeDetails)
    foreach ($number in 1..$Mailboxes) {
        [pscustomobject]@{ Guid = [guid]::NewGuid(); PrimarySmtpAddress = "box$number@corp.example"; EmailAddresses = @("SMTP:box$number@corp.example"); RecipientTypeDetails = 'SharedMailbox' }
    }
}
function Get-Recipient { [CmdletBinding()] param($ResultSize, $RecipientTypeDetails) }
function Get-User { [CmdletBinding()] param($ResultSize) }
function Get-Group { [CmdletBinding()] param($ResultSize) }
function Get-MailboxPermission {
    [CmdletBinding()] param($Identity, $ResultSize, [switch] $IncludeUnresolvedPermissions)
    $state.Asked++
    $rows = $state.Asked * $RowsEach
    if ($rows -in ($total * 0.2), ($total * 0.6), $total) { Add-Sample $rows }
    $answers[$state.Asked % $answers.Count]
}

# What is held, not what waits to be collected: so both are looked at after a collection.
function Add-Sample([long] $Rows) {
    if ($state.Timing) { return }
    $managed = [GC]::GetTotalMemory($true) / 1MB
    $process.Refresh()
    $samples.Add(('{0,9:N0} rows  working set {1,5:N0} MiB  managed heap {2,5:N0} MiB' -f $Rows, ($process.WorkingSet64 / 1MB), $managed))
}

# Runs something and gives rows for each second of processor time.
function Measure-Rate([string] $Name, [int] $Count, [scriptblock] $Work) {
    [GC]::Collect()
    $process.Refresh()
    $before = $process.TotalProcessorTime
    $clock = [Diagnostics.Stopwatch]::StartNew()
    . $Work
    $elapsed = $clock.Elapsed.TotalSeconds
    $process.Refresh()
    $used = ($process.TotalProcessorTime - $before).TotalSeconds
    $Host.UI.WriteLine(('{0,-34} {1,9:N0} rows  {2,9:N0} rows/s of one core  ({3:N2} s of processor time, {4:N2} s elapsed)' -f $Name, $Count, ($Count / $used), $used, $elapsed))
}

$file = [IO.Path]::Combine([IO.Path]::GetTempPath(), "esgmailboxsync-rows-$([guid]::NewGuid().ToString('n')).jsonl")
try {
    # Once before: compiling is no part of a read that takes hours.
    $warm = Export-MailboxDelegation -Path $file
    $warm.Dispose()
    $state.Asked = 0
    Measure-Rate 'Export-MailboxDelegation' $total {
        $snapshot = Export-MailboxDelegation -Path $file
        if ($snapshot.Permissions -ne $total) { throw "Only $($snapshot.Permissions) of $total rows arrived." }
        $snapshot.Dispose()
    }
    # Once more for the memory: to collect garbage in between would cost the rate.
    $state.Asked = 0
    $state.Timing = $false
    $snapshot = Export-MailboxDelegation -Path $file
    $state.Timing = $true
    $process.Refresh()
    $samples.Add(('{0,9}       working set {1,5:N0} MiB  when the file was written' -f '', ($process.WorkingSet64 / 1MB)))
    $held = @(Get-MailboxDelegation -Snapshot $snapshot -Mailbox box1@corp.example -Unknown)
    if ($held.Count -ne 1) { throw 'The rows did not come back from the file.' }
    $process.Refresh()
    $samples.Add(('{0,9}       working set {1,5:N0} MiB  when its rows were read from the file' -f '', ($process.WorkingSet64 / 1MB)))
    $state.Asked = 0
    Measure-Rate 'handed over and thrown away' $total { foreach ($number in 1..$Mailboxes) { $null = Get-MailboxPermission -Identity $number } }
    Measure-Rate 'one JSON text each, by a script' ($total / 10) {
        $out = [IO.StreamWriter]::new($file)
        foreach ($number in 1..($Mailboxes / 10)) {
            Get-MailboxPermission -Identity $number | ForEach-Object {
                $line = @{ mailbox = "$number"; trustee = $_.User; sid = $_.UserSid; rights = @($_.AccessRights); deny = [bool]$_.Deny.IsPresent; inherited = $_.IsInherited; inheritance = $_.InheritanceType }
                # The bare engine of tests/pwsh.cs has no ConvertTo-Json.
                $out.WriteLine($(if ($hasJson) { ConvertTo-Json $line -Compress } else { [Text.Json.JsonSerializer]::Serialize($line, [hashtable]) }))
            }
        }
        $out.Dispose()
    }
    $Host.UI.WriteLine('Memory while Export-MailboxDelegation reads, and afterwards:')
    foreach ($sample in $samples) { $Host.UI.WriteLine($sample) }
}
finally { [IO.File]::Delete($file) }
