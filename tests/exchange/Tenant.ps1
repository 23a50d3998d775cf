# Reads a tenant file and gives its rows. Everything is built when it is first asked for, with one index per command, so that a
# tenant of 10,000 mailboxes costs no more than the rows that are really read. The file is described in README.md.

$script:ProxyCommands = @(
    'Get-Mailbox', 'Get-MailboxPermission', 'Get-RecipientPermission', 'Get-Recipient', 'Get-User', 'Get-Group', 'Get-DistributionGroupMember'
    'Get-UnifiedGroupLinks', 'Get-DynamicDistributionGroupMember', 'Get-RoleGroupMember', 'Get-OrganizationConfig'
    'Search-UnifiedAuditLog', 'Search-AdminAuditLog', 'Get-AdminAuditLogConfig'
)

$script:Kind = @{ Object = [int][Text.Json.JsonValueKind]::Object; Array = [int][Text.Json.JsonValueKind]::Array; String = [int][Text.Json.JsonValueKind]::String
    Number = [int][Text.Json.JsonValueKind]::Number; True = [int][Text.Json.JsonValueKind]::True; False = [int][Text.Json.JsonValueKind]::False }

# What identifies an object to -Identity (exo 3.3), besides every address of EmailAddresses.
$script:IdentityColumns = 'Guid', 'ExternalDirectoryObjectId', 'ExchangeGuid', 'UserPrincipalName', 'PrimarySmtpAddress', 'Alias', 'Name', 'Identity'

# In a compact file a list is completed with the rows of others, less the columns that the command does not have.
$script:OtherSources = @{
    'Get-Mailbox'   = @{ 'Get-User' = { $_['RecipientTypeDetails'] -like '*Mailbox' } }
    'Get-User'      = @{ 'Get-Mailbox' = { $true } }
    'Get-Recipient' = @{ 'Get-Mailbox' = { $true }; 'Get-User' = { $_['PrimarySmtpAddress'] }; 'Get-Group' = { $_['PrimarySmtpAddress'] } }
}
$script:HiddenColumns = @{
    'Get-Mailbox'   = 'Sid', 'SidHistory'
    'Get-User'      = 'ExchangeGuid', 'GrantSendOnBehalfTo', 'IsShared', 'HiddenFromAddressListsEnabled', 'EmailAddresses'
    'Get-Recipient' = 'UserPrincipalName', 'Sid', 'SidHistory', 'AccountDisabled', 'ExchangeGuid', 'GrantSendOnBehalfTo', 'IsShared', 'IsDirSynced', 'HiddenFromAddressListsEnabled', 'ManagedBy'
}

# Built anew in each runspace: objects of PowerShell that several runspaces share are not safe.
function Open-Tenant([string]$path, [hashtable]$options) {
    New-Tenant $path ([Text.Json.JsonDocument]::Parse((Read-TenantFile $path).ToJsonString()).RootElement) $options
}

function New-Tenant([string]$path, $root, [hashtable]$options) {
    $facts = ConvertFrom-Element (Get-ElementMember $root 'tenant' '{}')
    $name = $(if ($facts['name']) { $facts['name'] } else { 'standin.onmicrosoft.com' })
    @{
        Path = $path; Root = $root; Name = $name; BooleanShape = $options.BooleanShape; ObjectShape = $options.ObjectShape
        Id = $(if ($facts['id']) { $facts['id'] } else { '00000000-0000-4000-8000-000000000000' })
        DisplayName = $(if ($facts['displayName']) { $facts['displayName'] } else { $name })
        Compact = [bool](ConvertFrom-Element (Get-ElementMember $root 'compact' 'false'))
        Missing = @(ConvertFrom-Element (Get-ElementMember $root 'missing' '[]'))
        Warnings = ConvertFrom-Element (Get-ElementMember $root 'warnings' '{}')
        Errors = ConvertFrom-Element (Get-ElementMember $root 'errors' '{}')
        Sources = [hashtable]::Synchronized(@{}); Keyed = [hashtable]::Synchronized(@{}); Rows = [hashtable]::Synchronized(@{}); Indexes = [hashtable]::Synchronized(@{})
    }
}

# `"extends": "other.json"` takes that file and changes what this one names: rows with the same Guid and answers with the same key are
# replaced, others added, and what `"remove"` lists by GUID is gone everywhere.
function Read-TenantFile([string]$path) {
    $file = [Text.Json.Nodes.JsonNode]::Parse([IO.File]::ReadAllText($path))
    if (-not $file.ContainsKey('extends')) { return , $file }
    $base = Read-TenantFile ([IO.Path]::Combine([IO.Path]::GetDirectoryName($path), "$($file['extends'])"))
    $removed = @($file['remove'] | ForEach-Object { "$_" })
    foreach ($part in @($base.GetEnumerator())) { Remove-Answer $part.Value $removed }
    foreach ($part in @($file.GetEnumerator())) {
        $old = $base[$part.Key]
        if ($part.Value -is [Text.Json.Nodes.JsonArray] -and $old -is [Text.Json.Nodes.JsonArray]) {
            Remove-Answer $old @($part.Value | ForEach-Object { "$($_['Guid'])" })
            foreach ($row in @($part.Value)) { $old.Add($row.DeepClone()) }
        }
        elseif ($part.Value -is [Text.Json.Nodes.JsonObject] -and $old -is [Text.Json.Nodes.JsonObject]) {
            foreach ($answer in @($part.Value.GetEnumerator())) { $old[$answer.Key] = $answer.Value.DeepClone() }
        }
        else { $base[$part.Key] = $part.Value.DeepClone() }
    }
    , $base
}

function Remove-Answer($node, [string[]]$guids) {
    if ($node -is [Text.Json.Nodes.JsonObject]) { foreach ($guid in $guids) { $null = $node.Remove($guid) } }
    if ($node -isnot [Text.Json.Nodes.JsonArray]) { return }
    foreach ($row in @($node)) { if ($row -is [Text.Json.Nodes.JsonObject] -and "$($row['Guid'])" -in $guids -and "$($row['Guid'])") { $null = $node.Remove($row) } }
}

function Get-ElementMember($element, [string]$name, [string]$fallback) {
    $value = [Text.Json.JsonElement]::new()
    if ($element.TryGetProperty($name, [ref]$value)) { return $value }
    [Text.Json.JsonDocument]::Parse($fallback).RootElement
}

# A list comes back as ArrayList, an object as an ordered dictionary; the comma keeps PowerShell from unrolling. Scalars of an object
# are read in place, for a tenant has a hundred thousand of them and a call of a function costs more than the rest.
function ConvertFrom-Element($element) {
    switch ([int]$element.ValueKind) {
        $script:Kind.Object {
            $map = [ordered]@{}
            foreach ($member in $element.EnumerateObject()) {
                $value = $member.Value
                $kind = [int]$value.ValueKind
                if ($kind -eq $script:Kind.String) { $map[$member.Name] = $value.GetString() }
                elseif ($kind -eq $script:Kind.True) { $map[$member.Name] = $true }
                elseif ($kind -eq $script:Kind.False) { $map[$member.Name] = $false }
                else { $map[$member.Name] = ConvertFrom-Element $value }
            }
            return $map
        }
        $script:Kind.Array {
            $list = [Collections.ArrayList]::new()
            foreach ($item in $element.EnumerateArray()) { $null = $list.Add((ConvertFrom-Element $item)) }
            return , $list
        }
        $script:Kind.String { return $element.GetString() }
        $script:Kind.Number { return $element.GetDouble() }
        $script:Kind.True { return $true }
        $script:Kind.False { return $false }
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
                if ($tenant.Compact -and $name -ne 'AuditLog') { Complete-Object $map $name }
                $maps.Add($map)
            }
        }
        $tenant.Sources[$name] = $maps
    }
    $tenant.Sources[$name]
}

# What Exchange always shows and a compact file leaves out.
function Complete-Object($map, [string]$source) {
    if ($source -eq 'Get-RecipientPermission') { Add-Absent $map $script:RecipientPermissionDefaults; return }
    $primary = "$($map['PrimarySmtpAddress'])"
    $type = "$($map['RecipientTypeDetails'])"
    if (-not $map['Name']) { $map['Name'] = $map['ExternalDirectoryObjectId'] }
    if (-not $map['Identity']) { $map['Identity'] = $map['Name'] }
    if (-not $map['Alias']) { $map['Alias'] = $primary.Split('@')[0] }
    $map['RecipientType'] = Get-RecipientType $type
    if ($primary -and -not $map['EmailAddresses']) { $map['EmailAddresses'] = [Collections.ArrayList]@("SMTP:$primary") }
    if ($source -eq 'Get-Group' -or $source -eq 'Get-User' -or $source -eq 'Get-Mailbox') { if (-not $map['SidHistory']) { $map['SidHistory'] = [Collections.ArrayList]@() } }
    if ($source -eq 'Get-User' -or $source -eq 'Get-Mailbox') {
        if (-not $map['UserPrincipalName']) { $map['UserPrincipalName'] = $primary }
        if (-not $map['GrantSendOnBehalfTo']) { $map['GrantSendOnBehalfTo'] = [Collections.ArrayList]@() }
        Add-Absent $map $(if ($type -eq 'SharedMailbox') { $script:SharedMailboxDefaults } else { $script:UserDefaults })
    }
}

$script:RecipientPermissionDefaults = [ordered]@{ AccessControlType = 'Allow'; IsInherited = $false; InheritanceType = 'None'; IsValid = $true; ObjectState = 'Unchanged' }
$script:MailboxPermissionDefaults = [ordered]@{ IsInherited = $false; Deny = $false; InheritanceType = 'All'; PrimarySmtpAddress = ''; IsValid = $true; ObjectState = 'Unchanged' }
$script:UserDefaults = [ordered]@{ AccountDisabled = $false; IsShared = $false; IsDirSynced = $false; HiddenFromAddressListsEnabled = $false }
$script:SharedMailboxDefaults = [ordered]@{ AccountDisabled = $true; IsShared = $true; IsDirSynced = $false; HiddenFromAddressListsEnabled = $false }

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
        foreach ($map in Get-Source $tenant $name) { $null = $seen.Add("$($map['Guid'])"); $rows.Add((ConvertTo-Row $tenant $map $name)) }
        if ($tenant.Compact -and $script:OtherSources.ContainsKey($name)) {
            foreach ($other in $script:OtherSources[$name].GetEnumerator()) {
                foreach ($map in Get-Source $tenant $other.Key | Where-Object $other.Value) {
                    if ($seen.Add("$($map['Guid'])")) { $rows.Add((ConvertTo-Row $tenant $map $name)) }
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

# The answers that a file keeps by the GUID of a mailbox or group. (An element would look its members up one by one.)
function Get-Keyed($tenant, [string]$name) {
    if (-not $tenant.Keyed.ContainsKey($name)) {
        $answers = [Collections.Generic.Dictionary[string, Text.Json.JsonElement]]::new([StringComparer]::OrdinalIgnoreCase)
        foreach ($answer in (Get-ElementMember $tenant.Root $name '{}').EnumerateObject()) { $answers[$answer.Name] = $answer.Value }
        $tenant.Keyed[$name] = $answers
    }
    , $tenant.Keyed[$name]
}

function Get-KeyedMap($tenant, [string]$name, [string]$guid) {
    $list = [Text.Json.JsonElement]::new()
    if (-not (Get-Keyed $tenant $name).TryGetValue($guid, [ref]$list)) { return }
    foreach ($element in $list.EnumerateArray()) {
        foreach ($one in Expand-Element $element) { ConvertFrom-Element $one }
    }
}
