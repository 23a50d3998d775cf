# The commands that Connect-ExchangeOnline brings into the session. As in the real module each only hands its parameters on;
# a command that the tenant lacks is not imported, so that PowerShell itself says that it does not exist.
param([Management.Automation.PSModuleInfo]$StandIn)
Set-StrictMode -Version Latest

function Get-Mailbox {
    [CmdletBinding()]
    param([Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)][AllowEmptyString()][AllowNull()][object]$Identity,
        [string]$Filter, [string[]]$RecipientTypeDetails, [object]$ResultSize, [switch]$SoftDeletedMailbox, [switch]$InactiveMailboxOnly, [switch]$IncludeInactiveMailbox, [string]$SortBy,
        [switch]$IncludeGrantSendOnBehalfToWithDisplayNames)
    process { & $StandIn Invoke-StandIn $PSCmdlet $PSBoundParameters }
}

function Get-MailboxPermission {
    [CmdletBinding()]
    param([Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)][AllowEmptyString()][AllowNull()][object]$Identity,
        [object]$User, [object]$ResultSize, [switch]$IncludeUnresolvedPermissions, [switch]$IncludeSoftDeletedUserPermissions,
        [switch]$SoftDeletedMailbox, [switch]$GroupMailbox, [switch]$UseCustomRouting)
    process { & $StandIn Invoke-StandIn $PSCmdlet $PSBoundParameters }
}

function Get-RecipientPermission {
    [CmdletBinding()]
    param([Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)][AllowEmptyString()][AllowNull()][object]$Identity,
        [object]$Trustee, [string[]]$AccessRights, [object]$ResultSize)
    process { & $StandIn Invoke-StandIn $PSCmdlet $PSBoundParameters }
}

function Get-Recipient {
    [CmdletBinding()]
    param([Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)][AllowEmptyString()][AllowNull()][object]$Identity,
        [string]$Filter, [string[]]$RecipientTypeDetails, [string[]]$RecipientType, [object]$ResultSize, [switch]$IncludeSoftDeletedRecipients)
    process { & $StandIn Invoke-StandIn $PSCmdlet $PSBoundParameters }
}

function Get-User {
    [CmdletBinding()]
    param([Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)][AllowEmptyString()][AllowNull()][object]$Identity,
        [string]$Filter, [string[]]$RecipientTypeDetails, [object]$ResultSize)
    process { & $StandIn Invoke-StandIn $PSCmdlet $PSBoundParameters }
}

function Get-Group {
    [CmdletBinding()]
    param([Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)][AllowEmptyString()][AllowNull()][object]$Identity,
        [string]$Filter, [string[]]$RecipientTypeDetails, [object]$ResultSize)
    process { & $StandIn Invoke-StandIn $PSCmdlet $PSBoundParameters }
}

function Get-DistributionGroupMember {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)][object]$Identity,
        [object]$ResultSize, [switch]$IncludeSoftDeletedObjects)
    process { & $StandIn Invoke-StandIn $PSCmdlet $PSBoundParameters }
}

function Get-UnifiedGroupLinks {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)][object]$Identity,
        [Parameter(Mandatory)][ValidateSet('Members', 'Owners', 'Subscribers', 'Aggregators', 'EventSubscribers')][string]$LinkType, [object]$ResultSize)
    process { & $StandIn Invoke-StandIn $PSCmdlet $PSBoundParameters }
}

function Get-DynamicDistributionGroupMember {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)][object]$Identity, [object]$ResultSize)
    process { & $StandIn Invoke-StandIn $PSCmdlet $PSBoundParameters }
}

function Get-RoleGroupMember {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)][object]$Identity, [object]$ResultSize)
    process { & $StandIn Invoke-StandIn $PSCmdlet $PSBoundParameters }
}

function Get-OrganizationConfig {
    [CmdletBinding()]
    param()
    process { & $StandIn Invoke-StandIn $PSCmdlet $PSBoundParameters }
}

function Search-UnifiedAuditLog {
    [CmdletBinding()]
    param([Parameter(Mandatory)][object]$StartDate, [Parameter(Mandatory)][object]$EndDate, [string[]]$Operations, [string]$RecordType, [string[]]$ObjectIds, [string[]]$UserIds,
        [string]$SessionId, [ValidateSet('Initialize', 'ReturnLargeSet', 'ReturnNextPreviewPage')][string]$SessionCommand, [int]$ResultSize, [switch]$HighCompleteness, [switch]$Formatted)
    process { & $StandIn Invoke-StandIn $PSCmdlet $PSBoundParameters }
}

function Search-AdminAuditLog {
    [CmdletBinding()]
    param([object]$StartDate, [object]$EndDate, [string[]]$Cmdlets, [string[]]$Parameters, [string[]]$ObjectIds, [string[]]$UserIds, [bool]$IsSuccess, [int]$ResultSize, [int]$StartIndex)
    process { & $StandIn Invoke-StandIn $PSCmdlet $PSBoundParameters }
}

function Get-AdminAuditLogConfig {
    [CmdletBinding()]
    param()
    process { & $StandIn Invoke-StandIn $PSCmdlet $PSBoundParameters }
}
