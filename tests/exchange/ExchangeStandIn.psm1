# A stand-in for ExchangeOnlineManagement: the same commands, the same shapes, from a tenant file (README.md).
# It uses only what the bare PowerShell engine has; no command of the Utility, Management or Security modules.
Set-StrictMode -Version Latest

. ([IO.Path]::Combine($PSScriptRoot, 'Texts.ps1'))
. ([IO.Path]::Combine($PSScriptRoot, 'Tenant.ps1'))
. ([IO.Path]::Combine($PSScriptRoot, 'Shapes.ps1'))
. ([IO.Path]::Combine($PSScriptRoot, 'Answers.ps1'))
. ([IO.Path]::Combine($PSScriptRoot, 'AuditLog.ps1'))

$script:StandIn = $null          # options, tenant, connection and counters; see Set-ExchangeStandIn
$script:ProxyModule = 'tmpEXO_standin'

function Set-ExchangeStandIn {
    <# Loads a tenant file (-Path: everything starts anew, unconnected), or without -Path changes only the options that are named. #>
    [CmdletBinding()]
    param(
        [string]$Path,
        [ValidateSet('Bool', 'String', 'Switch')][string]$BooleanShape = 'Bool',
        [ValidateSet('Deserialized', 'Json')][string]$ObjectShape = 'Deserialized',
        [ValidateRange(0, 600000)][int]$LatencyMilliseconds = 0,
        [string[]]$Missing = @(),                            # commands, and parameters as 'Get-Mailbox -SoftDeletedMailbox', that the principal may not use
        [ValidateSet('en', 'de')][string]$Language = 'en',   # of warnings and errors
        [ValidateRange(0, 1000000)][int]$TransientEvery = 0, # each k-th call fails; 0: none
        [ValidateRange(0, 1000000)][int]$EndSessionAfter = 0,# calls from now on until the session dies; 0: never
        [ValidateRange(0, 100000)][int]$AuditDelayMinutes = 0,# until an event can be found in the audit log
        [ValidateRange(0, 50000)][int]$AuditCutAfter = 0,    # rows after which a search of the unified log ends; 0: never
        [switch]$AuditOff,                                   # nothing is logged
        [hashtable]$ErrorText = @{},                         # subject -> text, added to those of the file
        [hashtable]$WarningText = @{}
    )
    if ($Path) {
        if ($script:StandIn) { Disconnect-ExchangeOnline -Confirm:$false }
        $script:StandIn = @{ Options = @{}; Tenant = @{ Path = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path) }; Connection = $null; Calls = [ordered]@{}; CallCount = 0; SessionEnd = 0; AuditSessions = @{}; Loaded = [DateTime]::UtcNow }
    }
    elseif (-not $script:StandIn) { throw 'There is no tenant yet: Set-ExchangeStandIn -Path tenant.json' }

    $options = @{
        BooleanShape = $BooleanShape; ObjectShape = $ObjectShape; LatencyMilliseconds = $LatencyMilliseconds; Missing = $Missing
        Language = $Language; TransientEvery = $TransientEvery; EndSessionAfter = $EndSessionAfter; AuditDelayMinutes = $AuditDelayMinutes; AuditCutAfter = $AuditCutAfter; AuditOff = [bool]$AuditOff; ErrorText = $ErrorText; WarningText = $WarningText
    }
    foreach ($name in $options.Keys) {
        if ($Path -or $PSBoundParameters.ContainsKey($name)) { $script:StandIn.Options[$name] = $options[$name] }
    }
    if ($EndSessionAfter) { $script:StandIn.SessionEnd = $script:StandIn.CallCount + $EndSessionAfter }
    $script:StandIn.Tenant = Open-Tenant $script:StandIn.Tenant.Path $script:StandIn.Options
}

function Get-ExchangeStandInCall {
    <# How often each command was called, and for whom (Identity is empty for a tenant-wide call). #>
    [CmdletBinding()]
    param([string]$Command, [string]$Identity)
    foreach ($call in $script:StandIn.Calls.Values) {
        if ($Command -and $call.Command -ne $Command) { continue }
        if ($PSBoundParameters.ContainsKey('Identity') -and $call.Identity -ne $Identity) { continue }
        [pscustomobject]@{ Command = $call.Command; Identity = $call.Identity; Count = $call.Count }
    }
}

function Clear-ExchangeStandInCall {
    [CmdletBinding()]
    param()
    $script:StandIn.Calls = [ordered]@{}
}

function Connect-ExchangeOnline {
    <# Brings the commands of the tenant into the session, as the real one does; credentials are taken and ignored. #>
    [CmdletBinding()]
    param(
        [string]$UserPrincipalName, [string]$AppId, [string]$Organization, [string]$CertificateThumbprint, [string]$CertificateFilePath,
        [securestring]$CertificatePassword, [object]$Certificate, [string]$AccessToken, [switch]$ManagedIdentity, [string]$ManagedIdentityAccountId,
        [pscredential]$Credential, [string]$Prefix, [string[]]$CommandName, [int]$PageSize = 1000, [switch]$Device, [switch]$DisableWAM,
        [bool]$ShowBanner = $true, [bool]$ShowProgress = $false, [switch]$SkipLoadingFormatData, [switch]$SkipLoadingCmdletHelp
    )
    if (-not $script:StandIn) { throw 'The stand-in has no tenant yet: Set-ExchangeStandIn -Path tenant.json' }
    Disconnect-ExchangeOnline -Confirm:$false
    $tenant = $script:StandIn.Tenant
    $absent = @($tenant.Missing) + @($script:StandIn.Options.Missing)
    $available = @($script:ProxyCommands | Where-Object { $_ -notin $absent -and (-not $CommandName -or $_ -in $CommandName) })
    $path = [IO.Path]::Combine($PSScriptRoot, "$script:ProxyModule.psm1")
    $import = @{ Function = $available; Global = $true; DisableNameChecking = $true; Force = $true; Verbose = $false }
    if ($Prefix) { $import.Prefix = $Prefix }
    # A role may lack parameters too: 'Get-Mailbox -SoftDeletedMailbox'. Proxies have only those that the account may use.
    $parameters = @($absent | Where-Object { $_ -like '* -*' } | ForEach-Object { $_.Split('-')[-1] })
    if ($parameters) {
        $text = [IO.File]::ReadAllText($path)
        foreach ($parameter in $parameters) { $text = $text -replace ", *\[[^\]]+\]\`$$parameter\b" }
        $proxies = New-Module -Name $script:ProxyModule -ScriptBlock ([scriptblock]::Create($text)) -ArgumentList $ExecutionContext.SessionState.Module
        Import-Module -ModuleInfo $proxies @import
    }
    else { Import-Module -Name $path -ArgumentList $ExecutionContext.SessionState.Module @import }
    $script:StandIn.Connection = [pscustomobject]@{
        ConnectionId = [guid]::NewGuid(); State = 'Connected'; Id = 1; Name = 'ExchangeOnline_1'
        UserPrincipalName = $(if ($UserPrincipalName) { $UserPrincipalName } else { $null })
        ConnectionUri = 'https://outlook.office365.com'; AzureAdAuthorizationEndpointUri = 'https://login.microsoftonline.com/common'
        TokenExpiryTimeUTC = [DateTimeOffset]::UtcNow.AddHours(1); CertificateAuthentication = [bool]($CertificateThumbprint -or $CertificateFilePath -or $Certificate)
        ModuleName = $path; ModulePrefix = $Prefix; Organization = $(if ($Organization) { $Organization } else { $tenant.Name })
        DelegatedOrganization = $null; AppId = $AppId; PageSize = $PageSize; TenantID = $tenant.Id; TokenStatus = 'Active'
        ConnectionUsedForInbuiltCmdlets = $true; IsEopSession = $false
    }
    $script:StandIn.SessionEnd = $(if ($script:StandIn.Options.EndSessionAfter) { $script:StandIn.CallCount + $script:StandIn.Options.EndSessionAfter } else { 0 })
}

function Disconnect-ExchangeOnline {
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High', DefaultParameterSetName = 'All')]
    param([Parameter(ParameterSetName = 'ByPrefix')][string[]]$ModulePrefix, [Parameter(ParameterSetName = 'ById')][guid[]]$ConnectionId)
    if (-not $script:StandIn -or -not $script:StandIn.Connection) { return }
    if (-not $PSCmdlet.ShouldProcess('all Exchange Online connections', 'Disconnect')) { return }
    Get-Module -Name $script:ProxyModule -All | Remove-Module -Force -Confirm:$false
    $script:StandIn.Connection = $null
}

function Get-ConnectionInformation {
    [CmdletBinding()]
    param([guid[]]$ConnectionId, [string[]]$ModulePrefix)
    if ($script:StandIn -and $script:StandIn.Connection) {
        $connection = $script:StandIn.Connection
        if ($PSBoundParameters.ContainsKey('ModulePrefix') -and $connection.ModulePrefix -notin $ModulePrefix) { return }
        if ($PSBoundParameters.ContainsKey('ConnectionId') -and $connection.ConnectionId -notin $ConnectionId) { return }
        $connection
    }
}

# The compiled commands of the real module exist without a connection too, take no SID column and few others (exo 1.3, 1.4, 1.6).
function Get-EXOMailbox {
    [CmdletBinding()]
    param([Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)][AllowEmptyString()][AllowNull()][object]$Identity,
        [string]$ExternalDirectoryObjectId, [string]$PrimarySmtpAddress, [string]$UserPrincipalName, [string]$Filter, [string[]]$Properties,
        [string[]]$RecipientTypeDetails, [object]$ResultSize, [switch]$SoftDeletedMailbox)
    process { Invoke-StandIn $PSCmdlet $PSBoundParameters }
}

function Get-EXORecipient {
    [CmdletBinding()]
    param([Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)][AllowEmptyString()][AllowNull()][object]$Identity,
        [string]$ExternalDirectoryObjectId, [string]$PrimarySmtpAddress, [string]$UserPrincipalName, [string]$Filter, [string[]]$Properties,
        [string[]]$RecipientTypeDetails, [object]$ResultSize)
    process { Invoke-StandIn $PSCmdlet $PSBoundParameters }
}

function Get-EXOMailboxPermission {
    [CmdletBinding()]
    param([Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)][AllowEmptyString()][AllowNull()][object]$Identity,
        [string]$ExternalDirectoryObjectId, [string]$PrimarySmtpAddress, [string]$UserPrincipalName, [string]$User, [object]$ResultSize,
        [switch]$SoftDeletedMailbox)
    process { Invoke-StandIn $PSCmdlet $PSBoundParameters }
}

function Get-EXORecipientPermission {
    [CmdletBinding()]
    param([Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)][AllowEmptyString()][AllowNull()][object]$Identity,
        [string]$ExternalDirectoryObjectId, [string]$PrimarySmtpAddress, [string]$UserPrincipalName, [string]$Trustee, [object]$ResultSize)
    process { Invoke-StandIn $PSCmdlet $PSBoundParameters }
}

$ExecutionContext.SessionState.Module.OnRemove = { Get-Module -Name $script:ProxyModule -All | Remove-Module -Force -Confirm:$false }
