# Turns the facts of a file into the objects that Exchange's proxies give: property bags with Deserialized.* type names (exo 1.1, 8).

$script:GuidColumns = 'Guid', 'ExchangeGuid'
$script:SwitchColumns = 'Deny', 'IsInherited'
$script:BagColumns = 'Deny', 'IsInherited', 'AccessRights'     # what a file may give as an object stays one
$script:DeserializedSwitch = @{}

# One pass over the facts, then one cast: rows are made by the ten thousand.
function ConvertTo-Row($tenant, $map, [string]$command) {
    $hidden = $(if ($tenant.Compact) { $script:HiddenColumns[$command] })
    $facts = [ordered]@{}
    foreach ($name in $map.Keys) { if ($null -eq $hidden -or $name -notin $hidden) { $facts[$name] = $map[$name] } }
    foreach ($name in $script:SwitchColumns) {
        if ($facts[$name] -is [bool]) {
            if ($tenant.BooleanShape -eq 'String') { $facts[$name] = "$($facts[$name])" }
            elseif ($tenant.BooleanShape -eq 'Switch') { $facts[$name] = ConvertTo-DeserializedSwitch $facts[$name] }
        }
    }
    foreach ($name in $script:BagColumns) { if ($facts[$name] -is [Collections.IDictionary]) { $facts[$name] = [pscustomobject]$facts[$name] } }
    if ($tenant.ObjectShape -eq 'Json') {
        foreach ($name in @($facts.Keys)) { if ($facts[$name] -is [Collections.ArrayList]) { $facts[$name] = $facts[$name].ToArray() } }
        return [pscustomobject]$facts
    }
    $guid = [guid]::Empty
    foreach ($name in $script:GuidColumns) { if ($facts[$name] -and [guid]::TryParse($facts[$name], [ref]$guid)) { $facts[$name] = $guid } }
    $row = [pscustomobject]$facts
    $names = $row.PSObject.TypeNames
    $names.Clear()
    $names.Add("Deserialized.$($script:TypeNames[$command.Split(' ')[0]])")
    $names.Add('Deserialized.System.Object')
    $row
}

# What a SwitchParameter becomes on its way through the serializer.
function ConvertTo-DeserializedSwitch([bool]$value) {
    if (-not $script:DeserializedSwitch.ContainsKey($value)) {
        $text = [Management.Automation.PSSerializer]::Serialize([Management.Automation.SwitchParameter]::new($value))
        $script:DeserializedSwitch[$value] = [Management.Automation.PSSerializer]::Deserialize($text)
    }
    $script:DeserializedSwitch[$value]
}
