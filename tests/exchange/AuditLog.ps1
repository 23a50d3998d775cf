# The unified audit log and the administrator audit log over the list AuditLog of the tenant file. Shapes, paging and limits are those of
# Microsoft's documentation (Search-UnifiedAuditLog, Search-AdminAuditLog, the schema of Exchange Admin events); nobody compared them with a tenant.

$script:AuditPage = 100          # -ResultSize of the unified log when none is given; 5000 at most
$script:AdminAuditDefault = 1000 # of the administrator log

function Get-AuditRow($cmdlet, [string]$name, $bound) {
    $options = $script:StandIn.Options
    switch ($name) {
        'Get-AdminAuditLogConfig' { return [pscustomobject]@{ Identity = 'Admin Audit Log Settings'; AdminAuditLogEnabled = $true; UnifiedAuditLogIngestionEnabled = -not $options.AuditOff } }
        'Search-UnifiedAuditLog' { return Search-UnifiedAudit $bound (Find-AuditEvent $bound 'Operations') }
        default { return Search-AdminAudit $bound (Find-AuditEvent $bound 'Cmdlets') }
    }
}

# What was logged between two times by the commands that are asked for, and can be found already.
function Find-AuditEvent($bound, [string]$commands) {
    $options = $script:StandIn.Options
    if ($options.AuditOff) { return }
    $found = [DateTime]::UtcNow.AddMinutes(-$options.AuditDelayMinutes)
    foreach ($map in Get-Source $script:StandIn.Tenant 'AuditLog') {
        $at = $(if ($map.Contains('MinutesAgo')) { $script:StandIn.Loaded.AddMinutes(-$map['MinutesAgo']) } else { [DateTime]::Parse($map['CreationDate'], [cultureinfo]::InvariantCulture, 'AdjustToUniversal') })
        if ($at -gt $found -or $at -lt ([DateTime]$bound['StartDate']).ToUniversalTime() -or $at -gt ([DateTime]$bound['EndDate']).ToUniversalTime()) { continue }
        if ($bound[$commands] -and $map['Operation'] -notin $bound[$commands]) { continue }
        @{ At = $at; Operation = $map['Operation']; ObjectId = $map['ObjectId']; Identity = $map['Identity']; Data = $map['AuditData'] }
    }
}

# The same call again gives the next page, until one gives nothing.
function Search-UnifiedAudit($bound, $events) {
    $events = @(foreach ($one in $events) { $one }) # none is not one null
    $size = $(if ($bound.ContainsKey('ResultSize')) { [int]$bound['ResultSize'] } else { $script:AuditPage })
    if ($size -lt 1 -or $size -gt 5000) { throw (New-Failure (Get-Text 'BadRequest' 'ResultSize')) }
    $from = 0
    if ($bound['SessionId'] -and $bound['SessionCommand']) {
        $from = [int]$script:StandIn.AuditSessions[$bound['SessionId']]
        $script:StandIn.AuditSessions[$bound['SessionId']] = $from + $size
    }
    $last = [Math]::Min($events.Count, $(if ($script:StandIn.Options.AuditCutAfter) { $script:StandIn.Options.AuditCutAfter } else { [int]::MaxValue }))
    for ($i = $from; $i -lt [Math]::Min($last, $from + $size); $i++) {
        $one = $events[$i]
        [pscustomobject]@{ RecordType = 'ExchangeAdmin'; CreationDate = $one.At; UserIds = 'admin@standin.onmicrosoft.com'; Operations = $one.Operation; AuditData = Get-AuditData $one
            ResultIndex = $i + 1; ResultCount = $events.Count; Identity = [guid]::new($i, 0, 0, [byte[]]::new(8)).ToString(); IsValid = $true; ObjectState = 'Unchanged' }
    }
}

function Get-AuditData($one) {
    if ($null -ne $one.Data) { return $one.Data }
    $data = [Text.Json.Nodes.JsonObject]::new()
    $values = [ordered]@{ CreationTime = $one.At.ToString('s'); Operation = $one.Operation; ResultStatus = 'True'; Workload = 'Exchange'; ObjectId = $one.ObjectId }
    foreach ($name in $values.Keys) { if ($null -ne $values[$name]) { $data.Add($name, [Text.Json.Nodes.JsonValue]::Create([string]$values[$name])) } }
    $data.Add('RecordType', [Text.Json.Nodes.JsonValue]::Create(1))
    $parameters = [Text.Json.Nodes.JsonArray]::new()
    foreach ($pair in @(@('Identity', $one.Identity), @('User', 'somebody'))) {
        if ($null -eq $pair[1]) { continue }
        $parameter = [Text.Json.Nodes.JsonObject]::new()
        $parameter.Add('Name', [Text.Json.Nodes.JsonValue]::Create([string]$pair[0]))
        $parameter.Add('Value', [Text.Json.Nodes.JsonValue]::Create([string]$pair[1]))
        $parameters.Add($parameter)
    }
    $data.Add('Parameters', $parameters)
    $data.ToJsonString()
}

function Search-AdminAudit($bound, $events) {
    $size = $(if ($bound.ContainsKey('ResultSize')) { [int]$bound['ResultSize'] } else { $script:AdminAuditDefault })
    $given = 0
    foreach ($one in $events) {
        if ($given++ -eq $size) { return }
        [pscustomobject]@{ ObjectModified = $one.ObjectId; CmdletName = $one.Operation; Caller = 'admin'; Succeeded = $true; RunDate = $one.At
            CmdletParameters = [Collections.ArrayList]@(if ($null -ne $one.Identity) { [pscustomobject]@{ Name = 'Identity'; Value = $one.Identity } }); IsValid = $true; ObjectState = 'New' }
    }
}
