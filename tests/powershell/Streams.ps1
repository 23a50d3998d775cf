# Write-*, ConvertTo-SecureString, Get-Credential, Get-Date, Start-Sleep, Measure-Command.

function Write-Output {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromRemainingArguments)][AllowNull()][AllowEmptyCollection()][psobject]$InputObject, [switch]$NoEnumerate)
    process { if ($NoEnumerate) { , $InputObject } else { $InputObject } }
}

function Write-Host {
    [CmdletBinding()]
    param([Parameter(Position = 0, ValueFromPipeline, ValueFromRemainingArguments)][object]$Object, [switch]$NoNewline, [object]$Separator = ' ',
        [ConsoleColor]$ForegroundColor, [ConsoleColor]$BackgroundColor)
    begin { $InformationPreference = Get-CallerPreference $PSCmdlet 'InformationPreference' 'InformationAction' }
    process {
        $message = [Management.Automation.HostInformationMessage]::new()
        $message.Message = @($Object | ForEach-Object { "$_" }) -join $Separator
        $message.NoNewLine = [bool]$NoNewline
        if ($PSBoundParameters.ContainsKey('ForegroundColor')) { $message.ForegroundColor = $ForegroundColor }
        if ($PSBoundParameters.ContainsKey('BackgroundColor')) { $message.BackgroundColor = $BackgroundColor }
        $PSCmdlet.WriteInformation($message, [string[]]'PSHOST')
    }
}

function Write-Warning {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline)][AllowEmptyString()][string]$Message)
    process { $WarningPreference = Get-CallerPreference $PSCmdlet 'WarningPreference' 'WarningAction'; $PSCmdlet.WriteWarning($Message) }
}

function Write-Verbose {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline)][AllowEmptyString()][string]$Message)
    process { $VerbosePreference = Get-CallerPreference $PSCmdlet 'VerbosePreference' 'Verbose'; $PSCmdlet.WriteVerbose($Message) }
}

function Write-Debug {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline)][AllowEmptyString()][string]$Message)
    process { $DebugPreference = Get-CallerPreference $PSCmdlet 'DebugPreference' 'Debug'; $PSCmdlet.WriteDebug($Message) }
}

function Write-Information {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline)][AllowNull()][object]$MessageData, [Parameter(Position = 1)][string[]]$Tags = @())
    process { $InformationPreference = Get-CallerPreference $PSCmdlet 'InformationPreference' 'InformationAction'; $PSCmdlet.WriteInformation($MessageData, $Tags) }
}

function Write-Error {
    [CmdletBinding(DefaultParameterSetName = 'NoException')]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline, ParameterSetName = 'NoException')][Parameter(ParameterSetName = 'WithException')][AllowEmptyString()][string]$Message,
        [Parameter(Mandatory, ParameterSetName = 'WithException')][Exception]$Exception,
        [Parameter(Mandatory, ParameterSetName = 'ErrorRecord')][Management.Automation.ErrorRecord]$ErrorRecord,
        [Management.Automation.ErrorCategory]$Category = 'NotSpecified', [string]$ErrorId, [object]$TargetObject, [string]$RecommendedAction)
    process {
        $ErrorActionPreference = Get-CallerPreference $PSCmdlet 'ErrorActionPreference' 'ErrorAction'
        if (-not $ErrorRecord) {
            $cause = $(if ($Exception) { $Exception } else { [Exception]::new($Message) })
            $id = $(if ($ErrorId) { $ErrorId } else { $(if ($Exception) { $cause.GetType().FullName } else { 'Microsoft.PowerShell.Commands.WriteErrorException' }) })
            $ErrorRecord = [Management.Automation.ErrorRecord]::new($cause, $id, $Category, $TargetObject)
            if ($Exception -and $Message) { $ErrorRecord.ErrorDetails = [Management.Automation.ErrorDetails]::new($Message) }
            if ($RecommendedAction) {
                if (-not $ErrorRecord.ErrorDetails) { $ErrorRecord.ErrorDetails = [Management.Automation.ErrorDetails]::new($cause.Message) }
                $ErrorRecord.ErrorDetails.RecommendedAction = $RecommendedAction
            }
        }
        $PSCmdlet.WriteError($ErrorRecord)
    }
}

function Write-Progress {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)][string]$Activity, [Parameter(Position = 1)][string]$Status = 'Processing', [Parameter(Position = 2)][int]$Id = 0,
        [int]$PercentComplete = -1, [int]$SecondsRemaining = -1, [string]$CurrentOperation, [int]$ParentId = -1, [switch]$Completed)
    $ProgressPreference = $PSCmdlet.SessionState.PSVariable.GetValue('ProgressPreference')
    $record = [Management.Automation.ProgressRecord]::new($Id, $Activity, $Status)
    $record.PercentComplete = $PercentComplete
    $record.SecondsRemaining = $SecondsRemaining
    $record.ParentActivityId = $ParentId
    if ($CurrentOperation) { $record.CurrentOperation = $CurrentOperation }
    if ($Completed) { $record.RecordType = 'Completed' }
    $PSCmdlet.WriteProgress($record)
}

function ConvertTo-SecureString {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline)][string]$String, [switch]$AsPlainText, [switch]$Force)
    process {
        if (-not $AsPlainText) { throw 'Only -AsPlainText is covered here.' }
        $secret = [Security.SecureString]::new()
        foreach ($character in $String.ToCharArray()) { $secret.AppendChar($character) }
        $secret.MakeReadOnly()
        $secret
    }
}

function Get-Credential {
    [CmdletBinding(DefaultParameterSetName = 'Credential')]
    param([Parameter(Position = 0, ParameterSetName = 'Credential')][object]$Credential, [Parameter(ParameterSetName = 'Message')][string]$Message = 'Enter your credentials.',
        [Parameter(Position = 0, ParameterSetName = 'Message')][string]$UserName, [Parameter(ParameterSetName = 'Message')][string]$Title = 'PowerShell credential request')
    if ($Credential -is [pscredential]) { return $Credential }
    $Host.UI.PromptForCredential($Title, $Message, $(if ($Credential) { "$Credential" } else { $UserName }), '')
}

function Get-Date {
    [CmdletBinding()]
    param([Parameter(Position = 0, ValueFromPipeline)][datetime]$Date, [string]$Format, [switch]$AsUTC)
    process {
        $value = $(if ($PSBoundParameters.ContainsKey('Date')) { $Date } else { [datetime]::Now })
        if ($AsUTC) { $value = $value.ToUniversalTime() }
        if ($Format) { $value.ToString($Format, [cultureinfo]::CurrentCulture) } else { $value }
    }
}

function Start-Sleep {
    [CmdletBinding(DefaultParameterSetName = 'Seconds')]
    param([Parameter(Mandatory, Position = 0, ParameterSetName = 'Seconds', ValueFromPipeline)][double]$Seconds, [Parameter(Mandatory, ParameterSetName = 'Milliseconds')][Alias('ms')][int]$Milliseconds)
    process {
        $end = [datetime]::UtcNow.AddMilliseconds($(if ($PSBoundParameters.ContainsKey('Milliseconds')) { $Milliseconds } else { $Seconds * 1000 }))
        while (($left = ($end - [datetime]::UtcNow).TotalMilliseconds) -gt 0) { [Threading.Thread]::Sleep([int][Math]::Min(20, [Math]::Ceiling($left))) } # short naps: Ctrl+C ends it
    }
}

function Measure-Command {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)][scriptblock]$Expression)
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $null = & $Expression
    $watch.Elapsed
}
