using System.Globalization;
using System.Management.Automation.Language;

namespace EsgMailboxSync.Tasks
{
    /// <summary>The script that a task runs: one synchronisation, its log, and its exit code. Uses the language and .NET only, no command of another module.</summary>
    internal static class TaskScript
    {
        public static string Write(TaskPlan plan)
        {
            var notification = plan.Notification == null ? string.Empty : " -Notification {" + plan.Notification + "}";
            return Template
                .Replace("@MARK", TaskPlan.Mark)
                .Replace("@LOGBYTES", plan.LogBytes.ToString(CultureInfo.InvariantCulture))
                .Replace("@LOGCOUNT", plan.LogCount.ToString(CultureInfo.InvariantCulture))
                .Replace("@LOG", Quote(plan.LogPath))
                .Replace("@MODULE", Quote(plan.Module))
                .Replace("@CONFIGURATION", Quote(plan.ConfigurationPath))
                // The last: it is the caller's text, in which nothing is replaced.
                .Replace("@NOTIFICATION", notification)
                .Replace("\r\n", "\n");
        }

        private static string Quote(string text)
        {
            return "'" + CodeGeneration.EscapeSingleQuotedStringContent(text) + "'";
        }

        private const string Template = @"# @MARK; registering the task again replaces this file.
# Exit codes: 0 in line, 1 could not run, 2 changes planned and not applied, 3 a guard blocked, 4 something failed or is unknown, 5 another run holds the lock.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$log = @LOG

# A log that cannot be written is told, and keeps no alias from being right.
function Invoke-LogStep([scriptblock] $Step) {
    try { & $Step } catch { [Console]::Error.WriteLine(""The log cannot be written: $_"") }
}

function Write-TaskLog([string] $Text) {
    $line = [DateTime]::UtcNow.ToString('u') + ' ' + $Text + [Environment]::NewLine
    Invoke-LogStep { [IO.File]::AppendAllText($log, $line) }
}

# One file of some size, and its predecessors: .1 is the newest.
function Limit-TaskLog([long] $Bytes, [int] $Count) {
    $file = [IO.FileInfo]::new($log)
    if (-not $file.Exists -or $file.Length -lt $Bytes) { return }
    [IO.File]::Delete(""$log.$Count"")
    for ($i = $Count - 1; $i -ge 1; $i--) {
        if ([IO.File]::Exists(""$log.$i"")) { [IO.File]::Move(""$log.$i"", ""$log.$($i + 1)"") }
    }
    [IO.File]::Move($log, ""$log.1"")
}

$exitCode = 1
Invoke-LogStep { Limit-TaskLog @LOGBYTES @LOGCOUNT }
try {
    Write-TaskLog 'Begins.'
    Import-Module -Name @MODULE
    $warnings = $null
    $result = Sync-EsgSharedMailbox -ConfigurationPath @CONFIGURATION -Confirm:$false -WarningAction SilentlyContinue -WarningVariable warnings@NOTIFICATION
    foreach ($warning in $warnings) { Write-TaskLog ""Warning: $warning"" }
    if ($null -ne $result) {
        $exitCode = $result.ExitCode
        Write-TaskLog $result.Message
        if ($result.Notification) { Write-TaskLog ""Notification: $($result.Notification)"" }
        $result.Message
    }
}
catch {
    Write-TaskLog ""Could not run: $_""
    [Console]::Error.WriteLine(""Could not run: $_"")
}
Write-TaskLog ""Ends with exit code $exitCode.""
exit $exitCode
";
    }
}
