<#
.SYNOPSIS
    Writes the report of a run of 50,000 changes as an administrator gets it: by the cmdlets, from a run against the simulator. For check.mjs.
.DESCRIPTION
    4,000 mailboxes and 2,500 people in 250 teams: every mailbox is open to a team of ten, every second one by way of a unit that holds the team, and to two or three people
    more. Nobody has an alias yet. Shows how long each step took.
#>
param(
    [Parameter(Mandatory = $true)][string] $Module,
    [Parameter(Mandatory = $true)][string] $Simulator,
    [Parameter(Mandatory = $true)][string] $Folder
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module $Module

$mailboxes, $people, $teams = 4000, 2500, 250
$files = @{}
foreach ($name in 'run.jsonl', 'run-esg.json', 'run-plan.json', 'run.html', 'run.csv') { $files[$name] = [IO.Path]::Combine($Folder, $name) }
$state = [IO.Path]::Combine($Folder, 'run-state')
if ([IO.Directory]::Exists($state)) { [IO.Directory]::Delete($state, $true) }

function Get-Key([int] $Kind, [int] $Number) { 'a{0:d7}-0000-4000-8000-{1:x12}' -f $Kind, $Number }

# The members that every recipient has; the names of people, groups and mailboxes are in the rest.
function Get-Recipient([int] $Kind, [int] $Number, [string] $Name, [string] $Address, [string] $Type) {
    $key = Get-Key $Kind $Number
    '"key":"{0}","guid":"{0}","directoryId":"{0}","name":"{1}","displayName":"{1}","alias":"{2}","primary":"{2}@corp.example","addresses":["SMTP:{2}@corp.example"],"type":"{3}"' -f $key, $Name, $Address, $Type
}

$lines = [Collections.Generic.List[string]]::new()
$counts = [ordered]@{}
function Add-Line([string] $Kind, [string] $Rest) {
    $lines.Add('{"kind":"' + $Kind + '",' + $Rest + '}')
    $counts[$Kind] = 1 + $(if ($counts.Contains($Kind)) { $counts[$Kind] } else { 0 })
}
function Add-Read([string] $Subject) { Add-Line 'read' ('"subject":"{0}","status":"complete"' -f $Subject) }

Add-Line 'snapshot' '"version":1,"created":"2026-11-24T02:00:00Z","tenant":{"id":"11111111-2222-4333-8444-555555555550","name":"corpexample.onmicrosoft.com"},"rights":["FullAccess"],"recipientTypes":["SharedMailbox"],"whole":true,"options":{}'
foreach ($number in 0..($people - 1)) { Add-Line 'recipient' ((Get-Recipient 1 $number "Person $number" "person.$number" 'UserMailbox') + (',"upn":"person.{0}@corp.example","enabled":true' -f $number)) }
foreach ($number in 0..($teams - 1)) {
    Add-Line 'recipient' (Get-Recipient 2 $number "Team $number" "team.$number" 'MailUniversalSecurityGroup')
    Add-Line 'recipient' (Get-Recipient 3 $number "Unit $number" "unit.$number" 'MailUniversalSecurityGroup')
    Add-Line 'member' ('"group":"{0}","member":"{1}","via":"member"' -f (Get-Key 3 $number), (Get-Key 2 $number))
    foreach ($person in 0..9) { Add-Line 'member' ('"group":"{0}","member":"{1}","via":"member"' -f (Get-Key 2 $number), (Get-Key 1 (10 * $number + $person))) }
    Add-Read "group:$(Get-Key 2 $number)"
    Add-Read "group:$(Get-Key 3 $number)"
}
Add-Read 'recipients'
foreach ($number in 0..($mailboxes - 1)) {
    $key = Get-Key 4 $number
    $team = $number % $teams
    Add-Line 'mailbox' ((Get-Recipient 4 $number "Desk $number" "desk.$number" 'SharedMailbox') + ',"sendOnBehalf":[],"hidden":false,"dirSynced":false')
    $trustees = @($(if ($number % 2) { "unit.$team" } else { "team.$team" }))
    # Others than the team has: half of the company away.
    foreach ($more in 1..(2 + $number % 2)) { $trustees += 'person.{0}' -f ((10 * $team + $people / 2 + 37 * $more) % $people) }
    foreach ($trustee in $trustees) { Add-Line 'permission' ('"mailbox":"{0}","trustee":"{1}@corp.example","rights":["FullAccess"],"deny":false,"inherited":false,"inheritance":"All"' -f $key, $trustee) }
    Add-Read "mailbox:$key"
}
Add-Read 'mailboxes'
Add-Read 'softDeleted'
$lines.Add('{"kind":"end","lines":' + $lines.Count + ',"counts":{' + (@(foreach ($kind in $counts.Keys) { '"{0}":{1}' -f $kind, $counts[$kind] }) -join ',') + '}}')
[IO.File]::WriteAllLines($files['run.jsonl'], $lines)
$users = @(foreach ($number in 0..($people - 1)) { '{{"id":{0},"username":"person.{1}@corp.example","emailAddresses":[{{"address":"person.{1}@corp.example","active":true,"primary":true}}],"role":7}}' -f (1000 + $number), $number })
[IO.File]::WriteAllText($files['run-esg.json'], '{"users":[' + ($users -join ',') + ']}')

# Shows what a step took, and how much of that the processor worked for it; gives what the step gave.
function Measure-Step([string] $Title, [scriptblock] $Step) {
    $process = [Diagnostics.Process]::GetCurrentProcess()
    $worked = $process.TotalProcessorTime
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $given = & $Step
    $process.Refresh()
    $Host.UI.WriteLine(('{0,8:n1} s, {1:n1} s of processor time: {2}' -f $clock.Elapsed.TotalSeconds, ($process.TotalProcessorTime - $worked).TotalSeconds, $Title))
    $given
}

$start = [Diagnostics.ProcessStartInfo]::new($Simulator, "--state `"$($files['run-esg.json'])`" --exit-with-stdin")
$start.UseShellExecute = $false
$start.RedirectStandardInput = $true
$start.RedirectStandardOutput = $true
$appliance = [Diagnostics.Process]::Start($start)
try {
    $uri = [regex]::Match($appliance.StandardOutput.ReadLine(), '"uri":"([^"]+)"').Groups[1].Value
    $password = [securestring]::new()
    foreach ($letter in [char[]]'simulator-admin') { $password.AppendChar($letter) }
    $null = Connect-Esg -Name large -Uri $uri -Credential ([pscredential]::new('admin', $password)) -AllowHttp -StatePath $state -WarningAction SilentlyContinue
    $plan = Measure-Step 'plan' { Import-MailboxDelegation -Path $files['run.jsonl'] | New-EsgPlan -Path $files['run-plan.json'] -WarningAction SilentlyContinue }
    $run = Measure-Step "apply: $($plan.AliasesAdded) changes at $($plan.UsersChanged) users" { $plan | Invoke-MailboxSyncPlan -Expect @{ AliasAdded = $plan.AliasesAdded } -Confirm:$false }
    if ($run.Applied -ne $plan.UsersChanged) { throw "Only $($run.Applied) of $($plan.UsersChanged) actions were applied." }
    foreach ($name in 'run.html', 'run.csv') {
        $file = Measure-Step "Export-MailboxSyncReport to $name" { $run | Export-MailboxSyncReport -Path $files[$name] -Force }
        $Host.UI.WriteLine(('{0,8:n1} MiB' -f ($file.Length / 1MB)))
    }
    Disconnect-Esg -Target large
}
finally {
    $appliance.StandardInput.Close()
    if (-not $appliance.WaitForExit(5000)) { $appliance.Kill() }
}
