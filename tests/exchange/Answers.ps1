# One call of one command, from its parameters to its rows, warnings and errors (exo 1.7, 1.8, 7).

$script:MemberType = 'Microsoft.Exchange.Data.Directory.Management.ReducedRecipient'
$script:TypeNames = @{
    'Get-Mailbox'             = 'Microsoft.Exchange.Data.Directory.Management.Mailbox'
    'Get-MailboxPermission'   = 'Microsoft.Exchange.Management.RecipientTasks.MailboxAcePresentationObject'
    'Get-RecipientPermission' = 'Microsoft.Exchange.Management.RecipientTasks.RecipientPermission'
    'Get-Recipient'           = $script:MemberType
    'Get-User'                = 'Microsoft.Exchange.Data.Directory.Management.User'
    'Get-Group'               = 'Microsoft.Exchange.Data.Directory.Management.WindowsGroup'
    'Get-OrganizationConfig'  = 'Microsoft.Exchange.Data.Directory.Management.OrganizationConfig'
}

# The compiled commands: the classic one they resemble and the columns that they give without -Properties (exo 1.3, 1.4, 1.6).
$script:RestCommands = @{
    'Get-EXOMailbox'             = @{ Like = 'Get-Mailbox'; Columns = 'ExternalDirectoryObjectId', 'UserPrincipalName', 'Alias', 'DisplayName', 'EmailAddresses', 'PrimarySmtpAddress', 'RecipientType', 'RecipientTypeDetails', 'Identity', 'Id', 'Name', 'Guid' }
    'Get-EXORecipient'           = @{ Like = 'Get-Recipient'; Columns = 'ExternalDirectoryObjectId', 'Identity', 'Alias', 'EmailAddresses', 'DisplayName', 'Name', 'PrimarySmtpAddress', 'RecipientType', 'RecipientTypeDetails' }
    'Get-EXOMailboxPermission'   = @{ Like = 'Get-MailboxPermission'; Columns = 'Identity', 'User', 'AccessRights', 'IsInherited', 'Deny', 'InheritanceType' }
    'Get-EXORecipientPermission' = @{ Like = 'Get-RecipientPermission'; Columns = 'Identity', 'Trustee', 'AccessControlType', 'AccessRights', 'IsInherited', 'InheritanceType' }
}

# A call that fails throws this, and the caller gets one non-terminating error, as the proxies of the real module write it.
# (No class of our own: classes of PowerShell belong to one runspace, and tests run many at once.)
function New-Failure([string]$message) { [Runtime.InteropServices.ExternalException]::new($message) }

$script:DefaultResultSize = 1000
$script:FilterColumns = 'DisplayName', 'Name', 'Alias', 'PrimarySmtpAddress', 'UserPrincipalName', 'RecipientTypeDetails', 'GrantSendOnBehalfTo'
$script:FilterClause = '^\s*\(?\s*(?<column>\w+)\s+-(?<operator>eq|ne|like)\s+(?:''(?<value>[^'']*)''|"(?<value>[^"]*)"|(?<null>\$null))\s*\)?\s*$'

function Invoke-StandIn([Management.Automation.PSCmdlet]$cmdlet, $bound) {
    $name = Get-CommandName $cmdlet
    $rest = $script:RestCommands[$name]
    $asked = Get-RequestedIdentity $bound
    Start-Call $cmdlet $name $asked
    try {
        Assert-Luck
        Assert-Subject $cmdlet $name
        $rows = Get-AnswerRow $cmdlet $(if ($rest) { $rest.Like } else { $name }) $name $asked $bound
        Write-Row $cmdlet $rows $bound $rest
    }
    catch [Runtime.InteropServices.ExternalException] {
        $cmdlet.WriteError([Management.Automation.ErrorRecord]::new($_.Exception, "$name,Write-ErrorMessage", 'NotSpecified', $asked))
    }
}

function Get-AnswerRow($cmdlet, [string]$classic, [string]$name, $asked, $bound) {
    switch ($classic) {
        'Get-OrganizationConfig' { New-OrganizationConfig }
        { $_ -in 'Search-UnifiedAuditLog', 'Search-AdminAuditLog', 'Get-AdminAuditLogConfig' } { Get-AuditRow $cmdlet $classic $bound }
        'Get-MailboxPermission' { Get-MailboxPermissionRow $cmdlet $name $asked $bound }
        'Get-RecipientPermission' { Get-RecipientPermissionRow $asked $bound }
        { $_ -in 'Get-Mailbox', 'Get-Recipient', 'Get-User', 'Get-Group' } { Get-ListRow $cmdlet $classic $name $asked $bound }
        default { Get-MemberRow $cmdlet $classic $asked $bound }
    }
}

function Get-CommandName($cmdlet) {
    $command = $cmdlet.MyInvocation.MyCommand
    $prefix = $(if ($script:StandIn -and $script:StandIn.Connection) { $script:StandIn.Connection.ModulePrefix })
    if ($prefix -and $command.ModuleName -eq $script:ProxyModule) { return $command.Name.Replace("-$prefix", '-') }
    $command.Name
}

# The text that was asked for: $null when nothing was, '' for an identity that is null or empty.
function Get-RequestedIdentity($bound) {
    foreach ($parameter in 'ExternalDirectoryObjectId', 'PrimarySmtpAddress', 'UserPrincipalName') {
        if ($bound.ContainsKey($parameter)) { return $bound[$parameter] }
    }
    if (-not $bound.ContainsKey('Identity')) { return $null }
    $value = $bound['Identity']
    if ($null -eq $value) { return '' }
    if ($value -isnot [guid]) {
        foreach ($column in 'Guid', 'Identity') {
            if (($property = $value.PSObject.Properties[$column]) -and "$($property.Value)") { return "$($property.Value)" }
        }
    }
    "$value"
}

# Connection, count and delay.
function Start-Call($cmdlet, [string]$name, $asked) {
    $standIn = $script:StandIn
    if (-not $standIn -or -not $standIn.Connection) { Stop-Session $cmdlet $script:Texts.en.NotConnected }
    $standIn.CallCount++
    $key = "$name|$asked"
    if (-not $standIn.Calls.Contains($key)) { $standIn.Calls[$key] = @{ Command = $name; Identity = "$asked"; Count = 0 } }
    $standIn.Calls[$key].Count++
    if ($standIn.SessionEnd -and $standIn.CallCount -gt $standIn.SessionEnd) {
        $standIn.Connection.State = 'Broken'
        $standIn.Connection.TokenStatus = 'Expired'
        Stop-Session $cmdlet (Get-Text 'NotConnected')
    }
    $end = [DateTime]::UtcNow.AddMilliseconds($standIn.Options.LatencyMilliseconds)
    while ([DateTime]::UtcNow -lt $end) { [Threading.Thread]::Sleep(5) } # short naps, so that Ctrl+C ends it
}

function Stop-Session($cmdlet, [string]$message) {
    $cmdlet.ThrowTerminatingError([Management.Automation.ErrorRecord]::new([InvalidOperationException]::new($message), 'NotConnected', 'ConnectionError', $null))
}

function Assert-Luck {
    $every = $script:StandIn.Options.TransientEvery
    if ($every -and $script:StandIn.CallCount % $every -eq 0) { throw (New-Failure (Get-Text 'Busy')) }
}

# Warnings and errors that the file or the options give to a command, or to the GUID of a mailbox or group.
function Assert-Subject($cmdlet, [string]$subject) {
    foreach ($texts in $script:StandIn.Options.WarningText, $script:StandIn.Tenant.Warnings) {
        if ($texts.Contains($subject)) { $cmdlet.WriteWarning($texts[$subject]) }
    }
    foreach ($texts in $script:StandIn.Options.ErrorText, $script:StandIn.Tenant.Errors) {
        if ($texts.Contains($subject)) { throw (New-Failure $texts[$subject]) }
    }
}

# An identity that is null or empty gives everything, as Microsoft warns.
function Get-ListRow($cmdlet, [string]$classic, [string]$name, $asked, $bound) {
    $tenant = $script:StandIn.Tenant
    $apart = @('SoftDeletedMailbox', 'InactiveMailboxOnly' | Where-Object { $bound.ContainsKey($_) -and $bound[$_] })
    $source = $(if ($apart) { "$classic -SoftDeletedMailbox" } else { $classic })
    if ($apart) { Assert-Subject $cmdlet "$classic -$($apart[0])" }
    $types = @($bound['RecipientTypeDetails'])
    if ($asked) {
        $rows = @(Find-Row $tenant $source $asked)
        if (-not $rows) { throw (New-NotFound $name $asked) }
    }
    else {
        $rows = Get-Row $tenant $source
        # Microsoft 365 groups are listed only when they are asked for (exo 2.2).
        if ($classic -eq 'Get-Recipient' -and -not $bound.ContainsKey('RecipientTypeDetails')) {
            $rows = @(foreach ($row in $rows) { if ($row.RecipientTypeDetails -ne 'GroupMailbox') { $row } })
        }
    }
    $tests = @(if ($bound['Filter']) { ConvertFrom-Filter $bound['Filter'] })
    foreach ($row in $rows) {
        if ($bound.ContainsKey('RecipientTypeDetails') -and $row.RecipientTypeDetails -notin $types) { continue }
        if ($bound.ContainsKey('RecipientType') -and $row.RecipientType -notin $bound['RecipientType']) { continue }
        if ($apart -eq 'InactiveMailboxOnly' -and -not ($row.PSObject.Properties['IsInactiveMailbox'] -and $row.IsInactiveMailbox)) { continue }
        if (Test-Filter $row $tests) { $row }
    }
}

# The part of OPATH that is imitated: clauses of a known column, -eq, -ne or -like, joined by -and.
function ConvertFrom-Filter([string]$filter) {
    foreach ($text in $filter -split '\s+-and\s+') {
        $clause = [regex]::Match($text, $script:FilterClause, 'IgnoreCase')
        if (-not $clause.Success -or $clause.Groups['column'].Value -notin $script:FilterColumns) {
            throw (New-Failure (Get-Text 'BadRequest' "the stand-in does not know the filter clause '$text'"))
        }
        @{ Column = $clause.Groups['column'].Value; Operator = $clause.Groups['operator'].Value
            Value = $(if ($clause.Groups['null'].Success) { $null } else { $clause.Groups['value'].Value }) }
    }
}

function Test-Filter([psobject]$row, $tests) {
    foreach ($test in $tests) {
        $property = $row.PSObject.Properties[$test.Column]
        $values = @(if ($property) { $property.Value | Where-Object { $null -ne $_ } })
        $hit = switch ($test.Operator) {
            'like' { [bool]@($values -like $test.Value) }
            default { if ($null -eq $test.Value) { $values.Count -eq 0 } else { $test.Value -in $values } }
        }
        if ($hit -eq ($test.Operator -eq 'ne')) { return $false }
    }
    $true
}

function Get-MailboxPermissionRow($cmdlet, [string]$name, $asked, $bound) {
    $tenant = $script:StandIn.Tenant
    if ($null -eq $asked) { throw (New-Failure (Get-Text 'BadRequest' 'Identity')) }
    $source = $(if ($bound.ContainsKey('SoftDeletedMailbox') -and $bound['SoftDeletedMailbox']) { 'Get-Mailbox -SoftDeletedMailbox' } else { 'Get-Mailbox' })
    $mailboxes = @(if ($asked) { Find-Row $tenant $source $asked } else { Get-Row $tenant $source })
    if (-not $mailboxes) { throw (New-NotFound $name $asked) }
    $unresolved = $bound.ContainsKey('IncludeUnresolvedPermissions') -and $bound['IncludeUnresolvedPermissions']
    foreach ($mailbox in $mailboxes) {
        Assert-Subject $cmdlet "$($mailbox.Guid)"
        foreach ($map in Get-KeyedMap $tenant 'Get-MailboxPermission' "$($mailbox.Guid)") {
            if (-not $unresolved -and "$($map['User'])" -like 'S-1-5-21-*') { continue }
            if ($bound['User'] -and -not (Test-Trustee $map['User'] $map['UserSid'] $bound['User'])) { continue }
            if ($tenant.Compact) {
                if (-not $map.Contains('Identity')) { $map.Insert(0, 'Identity', $mailbox.Name) }
                Add-Absent $map $script:MailboxPermissionDefaults
            }
            ConvertTo-Row $tenant $map 'Get-MailboxPermission'
        }
    }
}

function Test-Trustee($text, $sid, $wanted) {
    if ($wanted.PSObject.Properties['UserPrincipalName']) { $wanted = $wanted.UserPrincipalName }
    "$text" -eq "$wanted" -or ("$sid" -and "$sid" -eq "$wanted")
}

# Rows name their recipient by Name, which may be a GUID; without -Identity it is the whole tenant.
function Get-RecipientPermissionRow($asked, $bound) {
    $tenant = $script:StandIn.Tenant
    $rows = Get-Row $tenant 'Get-RecipientPermission'
    if ($asked) {
        $recipients = @(Find-Row $tenant 'Get-Recipient' $asked)
        if (-not $recipients) { throw (New-NotFound 'Get-RecipientPermission' $asked) }
        $rows = @(foreach ($recipient in $recipients) { Find-Row $tenant 'Get-RecipientPermission' $recipient.Identity })
    }
    foreach ($row in $rows) {
        $sid = $row.PSObject.Properties['TrusteeSidString']
        if (-not $bound['Trustee'] -or (Test-Trustee $row.Trustee $(if ($sid) { $sid.Value }) $bound['Trustee'])) { $row }
    }
}

# Which types a command expands; for others the object does not exist to it (peers T11).
$script:ExpandedTypes = @{
    'Get-DistributionGroupMember'        = 'MailUniversalDistributionGroup', 'MailUniversalSecurityGroup', 'MailNonUniversalGroup', 'RoomList', 'UniversalSecurityGroup'
    'Get-UnifiedGroupLinks'              = , 'GroupMailbox'
    'Get-DynamicDistributionGroupMember' = , 'DynamicDistributionGroup'
    'Get-RoleGroupMember'                = , 'RoleGroup'
}

function Get-MemberRow($cmdlet, [string]$name, $asked, $bound) {
    $tenant = $script:StandIn.Tenant
    $groups = @(foreach ($list in 'Get-Group', 'Get-Recipient') { Find-Row $tenant $list $asked })
    $group = $groups | Where-Object { $_.RecipientTypeDetails -in $script:ExpandedTypes[$name] -or (Get-Keyed $tenant $name).ContainsKey("$($_.Guid)") } | Select-First
    if (-not $group) { throw (New-NotFound $name $asked) }
    Assert-Subject $cmdlet "$($group.Guid)"
    $linkType = $bound['LinkType']
    foreach ($map in Get-KeyedMap $tenant $name "$($group.Guid)") {
        $kind = $(if ($map -is [string] -or -not $map.Contains('LinkType')) { 'Members' } else { $map['LinkType'] })
        if ($linkType -and $linkType -ne $kind) { continue }
        $key = $(if ($map -is [string]) { $map } elseif ($map.Contains('Member')) { $map['Member'] })
        if ($key) { Find-Member $tenant $key } else { ConvertTo-Row $tenant $map 'Get-Recipient' }
    }
}

function Select-First { foreach ($item in $input) { return $item } }

# A member that a file names only by its GUID. What is no recipient (an account or group without mail) shows less as a member than by itself.
function Find-Member($tenant, [string]$key) {
    foreach ($list in 'Get-Recipient', 'Get-User', 'Get-Group') {
        foreach ($row in Find-Row $tenant $list $key) {
            if ($list -eq 'Get-Recipient') { return $row }
            $member = $row.PSObject.Copy()
            foreach ($column in $script:HiddenColumns['Get-Recipient']) { $member.PSObject.Properties.Remove($column) }
            return $member
        }
    }
    throw "The tenant file names the member '$key', but has no object of that GUID."
}

function New-OrganizationConfig {
    $tenant = $script:StandIn.Tenant
    ConvertTo-Row $tenant ([ordered]@{ Identity = $tenant.Name; Name = $tenant.Name; DisplayName = $tenant.DisplayName; Guid = $tenant.Id
            ExternalDirectoryOrganizationId = $tenant.Id }) 'Get-OrganizationConfig'
}

function New-NotFound([string]$name, $asked) {
    if ($script:RestCommands.ContainsKey($name)) { return New-Failure ([string]::Format($script:RestNotFound, $asked)) }
    New-Failure (Get-Text 'NotFound' $asked)
}

# Gives the rows out one by one, cut at ResultSize with only a warning to tell (exo 2.3).
function Write-Row($cmdlet, $rows, $bound, $rest) {
    $limit = $(if (-not $bound.ContainsKey('ResultSize')) { $script:DefaultResultSize } elseif ("$($bound['ResultSize'])" -eq 'Unlimited') { [int]::MaxValue } else { [int]"$($bound['ResultSize'])" })
    $columns = @(if ($rest) { $rest.Columns; if ($bound['Properties']) { $bound['Properties'] } })
    $given = 0
    foreach ($row in $rows) {
        if ($given -eq $limit) { $cmdlet.WriteWarning((Get-Text 'Truncated')); return }
        $given++
        if (-not $rest) { $row.PSObject.Copy(); continue }
        $map = [ordered]@{}
        foreach ($column in $columns) { if ($property = $row.PSObject.Properties[$column]) { $map[$column] = $property.Value } }
        [pscustomobject]$map
    }
}
