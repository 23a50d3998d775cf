# Turns the facts of a file into the objects that Exchange's proxies give: property bags with Deserialized.* type names (exo 1.1, 8).

$script:GuidColumns = 'Guid', 'ExchangeGuid'
$script:SwitchColumns = 'Deny', 'IsInherited'
$script:DeserializedSwitch = @{}

# `only` leaves out the columns that a command does not have, for rows of a compact file.
function ConvertTo-Row($map, [string]$command, [bool]$only) {
    $options = $script:StandIn.Options
    $json = $options.ObjectShape -eq 'Json'
    $hidden = @(if ($only -and $script:HiddenColumns.ContainsKey($command)) { $script:HiddenColumns[$command] })
    $row = [psobject]::new()
    foreach ($name in $map.Keys) {
        if ($name -in $hidden) { continue }
        $row.PSObject.Properties.Add([Management.Automation.PSNoteProperty]::new($name, (ConvertTo-Value $name $map[$name] $json $options.BooleanShape)), $true)
    }
    if (-not $json) {
        $row.PSObject.TypeNames.Clear()
        $type = $script:TypeNames[($command -replace ' .*')]
        foreach ($one in "Deserialized.$type", 'Deserialized.System.Object') { $row.PSObject.TypeNames.Add($one) }
    }
    $row
}

function ConvertTo-Value([string]$name, $value, [bool]$json, [string]$booleans) {
    if ($value -is [bool]) {
        if ($booleans -eq 'Bool' -or $name -notin $script:SwitchColumns) { return $value }
        if ($booleans -eq 'String') { return "$value" }
        return ConvertTo-DeserializedSwitch $value
    }
    if ($value -is [Collections.IDictionary]) {
        $bag = [ordered]@{}
        foreach ($key in $value.Keys) { $bag[$key] = $value[$key] }
        return [pscustomobject]$bag
    }
    if ($json) { if ($value -is [Collections.ArrayList]) { return , $value.ToArray() } else { return $value } }
    $guid = [guid]::Empty
    if ($name -in $script:GuidColumns -and [guid]::TryParse("$value", [ref]$guid)) { return $guid }
    if ($value -is [Collections.ArrayList]) { return , $value }
    $value
}

# What a SwitchParameter becomes on its way through the serializer.
function ConvertTo-DeserializedSwitch([bool]$value) {
    if (-not $script:DeserializedSwitch.ContainsKey($value)) {
        $text = [Management.Automation.PSSerializer]::Serialize([Management.Automation.SwitchParameter]::new($value))
        $script:DeserializedSwitch[$value] = [Management.Automation.PSSerializer]::Deserialize($text)
    }
    $script:DeserializedSwitch[$value]
}
