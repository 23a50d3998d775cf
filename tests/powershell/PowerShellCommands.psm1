# The commands of PowerShell's own Utility, Management and Security modules that the help examples, the demo and the tests use, for
# the bare engine, which lacks those modules (tests/pwsh.cs). Test-only: names, parameters and meaning are those of PowerShell 7 for
# the part that is covered, so that an example that runs here runs there. Where a real command exists, it stays: nothing is exported.
Set-StrictMode -Version Latest

foreach ($file in 'Objects', 'Streams', 'Items', 'Data', 'Web') { . ([IO.Path]::Combine($PSScriptRoot, "$file.ps1")) }

# A real command runs in the scope of its caller and obeys the preferences there; a function of a module sees only the global ones.
function Get-CallerPreference([Management.Automation.PSCmdlet]$cmdlet, [string]$name, [string]$parameter) {
    $asked = $cmdlet.MyInvocation.BoundParameters
    if ($parameter -in 'Verbose', 'Debug' -and $asked.ContainsKey($parameter)) { return $(if ($asked[$parameter]) { 'Continue' } else { 'SilentlyContinue' }) }
    if ($asked.ContainsKey($parameter)) { return $asked[$parameter] }
    $cmdlet.SessionState.PSVariable.GetValue($name)
}

$commands = @(
    'Select-Object', 'Sort-Object', 'Group-Object', 'Measure-Object', 'Compare-Object', 'New-Object', 'Tee-Object', 'Get-Member'
    'Write-Output', 'Write-Host', 'Write-Warning', 'Write-Verbose', 'Write-Debug', 'Write-Information', 'Write-Error', 'Write-Progress'
    'ConvertTo-SecureString', 'Get-Credential', 'Get-Date', 'Start-Sleep', 'Measure-Command'
    'Join-Path', 'Split-Path', 'Test-Path', 'Resolve-Path', 'Get-Location', 'Set-Location', 'Get-Item', 'Get-ChildItem', 'New-Item', 'Copy-Item', 'Remove-Item'
    'Get-Content', 'Set-Content', 'Add-Content', 'Out-File'
    'ConvertTo-Json', 'ConvertFrom-Json', 'ConvertTo-Csv', 'ConvertFrom-Csv', 'Export-Csv', 'Import-Csv', 'Export-Clixml', 'Import-Clixml', 'Import-PowerShellDataFile'
    'Invoke-RestMethod'
)
$lacks = { -not (Get-Command -Name $_ -CommandType Cmdlet -ErrorAction Ignore) }
$formatting = @('Format-Table', 'Format-List', 'Out-String' | Where-Object $lacks)
$lacking = @($commands | Where-Object $lacks)
if ($formatting) { Import-Module ([IO.Path]::Combine($PSScriptRoot, 'Formatting.psm1')) -Cmdlet $formatting }
Export-ModuleMember -Function $lacking -Cmdlet $formatting
