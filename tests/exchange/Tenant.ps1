# Reads a tenant file and gives its rows. Everything is built when it is first asked for, with one index per command, so that a
# tenant of 10,000 mailboxes costs no more than the rows that are really read. The file is described in README.md.

$script:ProxyCommands = @(
    'Get-Mailbox', 'Get-MailboxPermission', 'Get-RecipientPermission', 'Get-Recipient', 'Get-User', 'Get-Group', 'Get-DistributionGroupMember'
    'Get-UnifiedGroupLinks', 'Get-DynamicDistributionGroupMember', 'Get-RoleGroupMember', 'Get-OrganizationConfig'
)

# What identifies an object to -Identity (exo 3.3), besides every address of EmailAddresses.
$script:IdentityColumns = 'Guid', 'ExternalDirectoryObjectId', 'ExchangeGuid', 'UserPrincipalName', 'PrimarySmtpAddress', 'Alias', 'Name', 'Identity'

# In a compact file a list is completed with the rows of others, less the columns that the command does not have.
$script:OtherSources = @{
    'Get-Mailbox'   = @{ 'Get-User' = { $args[0]['RecipientTypeDetails'] -like '*Mailbox' } }
    'Get-User'      = @{ 'Get-Mailbox' = { $true } }
    'Get-Recipient' = @{ 'Get-Mailbox' = { $true }; 'Get-User' = { $args[0]['PrimarySmtpAddress'] }; 'Get-Group' = { $args[0]['PrimarySmtpAddress'] } }
}
$script:HiddenColumns = @{
    'Get-Mailbox'   = 'Sid', 'SidHistory'
    'Get-User'      = 'ExchangeGuid', 'GrantSendOnBehalfTo', 'IsShared', 'HiddenFromAddressListsEnabled', 'EmailAddresses'
    'Get-Recipient' = 'Sid', 'SidHistory', 'AccountDisabled', 'ExchangeGuid', 'GrantSendOnBehalfTo', 'IsShared', 'IsDirSynced', 'HiddenFromAddressListsEnabled', 'ManagedBy'
}

function Open-Tenant([string]$path) {
    $document = [Text.Json.JsonDocument]::Parse([IO.File]::ReadAllText($path))
    $tenant = @{ Root = $document.RootElement; Path = $path; Sources = @{}; Rows = @{}; Indexes = @{}; RowsByIdentity = $null }
    $facts = ConvertFrom-Element (Get-ElementMember $tenant.Root 'tenant' '{}')
    $tenant.Id = $(if ($facts['id']) { $facts['id'] } else { '00000000-0000-4000-8000-000000000000' })
    $tenant.Name = $(if ($facts['name']) { $facts['name'] } else { 'standin.onmicrosoft.com' })
    $tenant.DisplayName = $(if ($facts['displayName']) { $facts['displayName'] } else { $tenant.Name })
    $tenant.Compact = [bool](ConvertFrom-Element (Get-ElementMember $tenant.Root 'compact' 'false'))
    $tenant.Missing = @(ConvertFrom-Element (Get-ElementMember $tenant.Root 'missing' '[]'))
    $tenant.Warnings = ConvertFrom-Element (Get-ElementMember $tenant.Root 'warnings' '{}')
    $tenant.Errors = ConvertFrom-Element (Get-ElementMember $tenant.Root 'errors' '{}')
    $tenant
}

function Clear-Answer($tenant) { $tenant.Rows = @{}; $tenant.Indexes = @{}; $tenant.RowsByIdentity = $null }

function Get-ElementMember($element, [string]$name, [string]$fallback) {
    $value = [Text.Json.JsonElement]::new()
    if ($element.TryGetProperty($name, [ref]$value)) { return $value }
    [Text.Json.JsonDocument]::Parse($fallback).RootElement
}

# A list comes back as ArrayList, an object as an ordered hashtable; the comma keeps PowerShell from unrolling.
function ConvertFrom-Element($element) {
    switch ($element.ValueKind) {
        'String' { return $element.GetString() }
        'True' { return $true }
        'False' { return $false }
        'Number' { return $element.GetDouble() }
        'Array' {
            $list = [Collections.ArrayList]::new()
            foreach ($item in $element.EnumerateArray()) { $null = $list.Add((ConvertFrom-Element $item)) }
            return , $list
        }
        'Object' {
            $map = [Collections.Specialized.OrderedDictionary]::new([StringComparer]::OrdinalIgnoreCase)
            foreach ($member in $element.EnumerateObject()) { $map[$member.Name] = ConvertFrom-Element $member.Value }
            return $map
        }
        default { return $null }
    }
}

# `"Repeat": [1, 1050]` stands for that many rows, with {n:FORMAT} in their texts replaced by the number.
function Expand-Element($element) {
    $repeat = [Text.Json.JsonElement]::new()
    if ($element.ValueKind -ne 'Object' -or -not $element.TryGetProperty('Repeat', [ref]$repeat)) { return $element }
    $text = $element.GetRawText()
    $marks = [Collections.Generic.HashSet[string]]::new()
    foreach ($match in [regex]::Matches($text, '\{n:(\w+)\}')) { $null = $marks.Add($match.Groups[1].Value) }
    $copies = foreach ($n in $repeat[0].GetInt32()..$repeat[1].GetInt32()) {
        $copy = $text
        foreach ($mark in $marks) { $copy = $copy.Replace("{n:$mark}", $n.ToString($mark)) }
        $copy
    }
    [Text.Json.JsonDocument]::Parse('[' + ($copies -join ',') + ']').RootElement.EnumerateArray()
}

function Get-Source($tenant, [string]$name) {
    if (-not $tenant.Sources.ContainsKey($name)) {
        $maps = [Collections.Generic.List[object]]::new()
        foreach ($element in (Get-ElementMember $tenant.Root $name '[]').EnumerateArray()) {
            foreach ($one in Expand-Element $element) {
                $map = ConvertFrom-Element $one
                $map.Remove('Repeat')
                if ($tenant.Compact) { Complete-Object $map $name }
                $maps.Add($map)
            }
        }
        $tenant.Sources[$name] = $maps
    }
    $tenant.Sources[$name]
}

# What Exchange always shows and a compact file leaves out.
function Complete-Object($map, [string]$source) {
    if ($source -eq 'Get-RecipientPermission') { Add-Absent $map ([ordered]@{ AccessControlType = 'Allow'; IsInherited = $false; InheritanceType = 'None'; IsValid = $true; ObjectState = 'Unchanged' }); return }
    $primary = "$($map['PrimarySmtpAddress'])"
    $type = "$($map['RecipientTypeDetails'])"
    if (-not $map['Name']) { $map['Name'] = $map['ExternalDirectoryObjectId'] }
    Add-Absent $map ([ordered]@{ Identity = $map['Name']; Id = $map['Name']; Alias = $primary.Split('@')[0]; RecipientType = (Get-RecipientType $type) })
    if ($primary -and -not $map.Contains('EmailAddresses')) { $map['EmailAddresses'] = [Collections.ArrayList]@("SMTP:$primary") }
    if ($source -in 'Get-User', 'Get-Mailbox') {
        $shared = $type -eq 'SharedMailbox'
        Add-Absent $map ([ordered]@{ UserPrincipalName = $primary; SidHistory = [Collections.ArrayList]@(); AccountDisabled = $shared; IsShared = $shared
                IsDirSynced = $false; HiddenFromAddressListsEnabled = $false; GrantSendOnBehalfTo = [Collections.ArrayList]@() })
    }
    elseif ($source -eq 'Get-Group') { Add-Absent $map ([ordered]@{ SidHistory = [Collections.ArrayList]@() }) }
}

function Add-Absent($map, $values) { foreach ($name in $values.Keys) { if (-not $map.Contains($name)) { $map[$name] = $values[$name] } } }

function Get-RecipientType([string]$details) {
    if ($details -like 'Remote*Mailbox' -or $details -in 'MailUser', 'GuestMailUser') { return 'MailUser' }
    if ($details -eq 'GroupMailbox') { return 'MailUniversalDistributionGroup' }
    if ($details -like '*Mailbox') { return 'UserMailbox' }
    if ($details -in 'RoleGroup', 'ExchangeSecurityGroup', 'UniversalSecurityGroup') { return 'Group' }
    $details
}

# All rows of a list command, as the caller will see them.
function Get-Row($tenant, [string]$name) {
    if (-not $tenant.Rows.ContainsKey($name)) {
        $rows = [Collections.Generic.List[psobject]]::new()
        $seen = [Collections.Generic.HashSet[string]]::new()
        foreach ($map in Get-Source $tenant $name) { $null = $seen.Add("$($map['Guid'])"); $rows.Add((ConvertTo-Row $map $name $tenant.Compact)) }
        if ($tenant.Compact -and $script:OtherSources.ContainsKey($name)) {
            foreach ($other in $script:OtherSources[$name].GetEnumerator()) {
                foreach ($map in Get-Source $tenant $other.Key) {
                    if ((& $other.Value $map) -and $seen.Add("$($map['Guid'])")) { $rows.Add((ConvertTo-Row $map $name $true)) }
                }
            }
        }
        $tenant.Rows[$name] = $rows
    }
    $tenant.Rows[$name]
}

# -Identity -> rows; several objects may share a name.
function Find-Row($tenant, [string]$name, [string]$identity) {
    if (-not $tenant.Indexes.ContainsKey($name)) {
        $index = [Collections.Generic.Dictionary[string, Collections.Generic.List[psobject]]]::new([StringComparer]::OrdinalIgnoreCase)
        foreach ($row in Get-Row $tenant $name) {
            foreach ($token in Get-IdentityToken $row) {
                $found = $null
                if (-not $index.TryGetValue($token, [ref]$found)) { $index[$token] = $found = [Collections.Generic.List[psobject]]::new() }
                if (-not $found.Contains($row)) { $found.Add($row) }
            }
        }
        $tenant.Indexes[$name] = $index
    }
    $found = $null
    if ($tenant.Indexes[$name].TryGetValue($identity, [ref]$found)) { $found }
}

function Get-IdentityToken([psobject]$row) {
    foreach ($column in $script:IdentityColumns) {
        $property = $row.PSObject.Properties[$column]
        if ($property -and "$($property.Value)") { "$($property.Value)" }
    }
    if ($property = $row.PSObject.Properties['EmailAddresses']) {
        foreach ($address in $property.Value) { if ("$address" -like 'smtp:*') { "$address".Substring(5) } }
    }
}

# The rows that a file keeps by the GUID of a mailbox or group.
function Get-KeyedMap($tenant, [string]$name, [string]$guid) {
    $answers = Get-ElementMember $tenant.Root $name '{}'
    $list = [Text.Json.JsonElement]::new()
    if ($answers.ValueKind -ne 'Object' -or -not $answers.TryGetProperty($guid, [ref]$list)) { return }
    foreach ($element in $list.EnumerateArray()) {
        foreach ($one in Expand-Element $element) { ConvertFrom-Element $one }
    }
}
