# Select-, Sort-, Group-, Measure-, Compare-, New-, Tee-Object and Get-Member.

# -Property takes names (with wildcards), script blocks and @{ Name = ...; Expression = ... }.
function Resolve-PropertyTerm($terms) {
    foreach ($term in $terms) {
        $name, $expression, $descending = $null, $term, $null
        if ($term -is [Collections.IDictionary]) {
            foreach ($key in $term.Keys) {
                switch -Regex ($key) {
                    '^(n|name|l|label)$' { $name = $term[$key] }
                    '^(e|expression)$' { $expression = $term[$key] }
                    '^(d|desc|descending)$' { $descending = [bool]$term[$key] }
                    '^(asc|ascending)$' { $descending = -not $term[$key] }
                }
            }
        }
        @{ Name = $name; Expression = [Microsoft.PowerShell.Commands.PSPropertyExpression]::new($expression); Descending = $descending }
    }
}

function Get-TermValue($object, $expression) {
    $results = $expression.GetValues([psobject]$object)
    if ($results.Count -gt 0 -and $null -eq $results[0].Exception) { return , $results[0].Result }
}

# Ends the commands upstream as the engine's own Select-Object does: they see a stop, not an error, and their `finally` blocks run, and what is
# downstream goes on to its end. The exception takes note of the command that makes it, so it must be made in Select-Object itself.
$script:StopUpstream = [psobject].Assembly.GetType('System.Management.Automation.StopUpstreamCommandsException')

function Select-Object {
    [CmdletBinding()]
    param(
        [Parameter(ValueFromPipeline)][AllowNull()][object]$InputObject, [Parameter(Position = 0)][object[]]$Property, [string[]]$ExcludeProperty = @(),
        [string]$ExpandProperty, [switch]$Unique, [switch]$CaseInsensitive, [ValidateRange(0, 2147483647)][int]$First, [ValidateRange(0, 2147483647)][int]$Last,
        [ValidateRange(0, 2147483647)][int]$Skip = 0, [int[]]$Index, [switch]$Wait
    )
    begin {
        $terms = @(Resolve-PropertyTerm $Property)
        $shape = @{ Terms = $terms; Exclude = $ExcludeProperty; Expand = $ExpandProperty; Chosen = $PSBoundParameters.ContainsKey('Property') -or $PSBoundParameters.ContainsKey('ExcludeProperty') }
        if ($shape.Chosen -and -not $terms) { $shape.Terms = @(Resolve-PropertyTerm '*') }
        $limit = $(if ($PSBoundParameters.ContainsKey('First')) { $First } elseif ($Index) { ($Index | Measure-Object -Maximum).Maximum + 1 } else { -1 })
        $skipFront = $(if ($PSBoundParameters.ContainsKey('Last')) { 0 } else { $Skip })
        $kept = [Collections.Generic.List[object]]::new()
        $position = -1
        $given = 0
    }
    process {
        if ($limit -eq 0 -and -not $Wait) { [Runtime.ExceptionServices.ExceptionDispatchInfo]::Throw([Activator]::CreateInstance($script:StopUpstream, [object[]]@($PSCmdlet))) }
        $position++
        if ($PSBoundParameters.ContainsKey('Last')) { $kept.Add($InputObject); return }
        if ($Index) { if ($position -notin $Index) { return } }
        elseif ($position -lt $skipFront -or ($limit -ge 0 -and $given -ge $limit)) { return }
        $given++
        $selected = @(Select-One $PSCmdlet $InputObject $shape)
        if ($Unique) { foreach ($one in $selected) { if (-not (Test-Known $kept $one)) { $kept.Add($one) } } }
        else { $selected }
        $last = $(if ($Index) { $position -eq $limit - 1 } else { $given -eq $limit })
        if ($last -and -not $Wait -and -not $Unique) { [Runtime.ExceptionServices.ExceptionDispatchInfo]::Throw([Activator]::CreateInstance($script:StopUpstream, [object[]]@($PSCmdlet))) }
    }
    end {
        if (-not $PSBoundParameters.ContainsKey('Last')) { $kept; return }
        $end = $kept.Count - $Skip
        for ($i = [Math]::Max(0, $end - $Last); $i -lt $end; $i++) { Select-One $PSCmdlet $kept[$i] $shape }
    }
}

function Select-One($cmdlet, $object, $shape) {
    if ($shape.Expand) {
        $names = @(if ($null -ne $object) { [Microsoft.PowerShell.Commands.PSPropertyExpression]::new($shape.Expand).ResolveNames([psobject]$object) })
        if (-not $names) {
            $failure = [Management.Automation.PSArgumentException]::new("Property ""$($shape.Expand)"" cannot be found.")
            $cmdlet.WriteError([Management.Automation.ErrorRecord]::new($failure, 'ExpandPropertyNotFound', 'InvalidArgument', $object))
            return
        }
        foreach ($name in $names) { foreach ($value in @(Get-TermValue $object $name)) { $value } }
        return
    }
    if (-not $shape.Chosen) { return $object }
    $map = [ordered]@{}
    foreach ($term in $shape.Terms) {
        $found = @(if ($null -ne $object) { $term.Expression.ResolveNames([psobject]$object) })
        if (-not $found -and -not $term.Expression.HasWildCardCharacters) { $found = @($term.Expression) }
        foreach ($expression in $found) {
            $name = $(if ($term.Name) { $term.Name } else { $expression.ToString() })
            if ($map.Contains($name) -or @($shape.Exclude | Where-Object { $name -like $_ })) { continue }
            $map[$name] = $(if ($null -ne $object) { Get-TermValue $object $expression })
        }
    }
    $result = [pscustomobject]$map
    if ($null -ne $object) { $result.PSObject.TypeNames.Insert(0, "Selected.$($object.PSObject.TypeNames[0])") }
    $result
}

function Test-Known($kept, $one) {
    foreach ($other in $kept) {
        if ($one -is [Management.Automation.PSCustomObject]) {
            if (-not @($one.PSObject.Properties | Where-Object { "$($_.Value)" -cne "$($other.PSObject.Properties[$_.Name].Value)" })) { return $true }
        }
        elseif ($one -is [string] -and $other -is [string]) { if ($one -ceq $other) { return $true } }
        elseif ($one -eq $other) { return $true }
    }
    $false
}

function Compare-Value($a, $b, [bool]$ignoreCase) {
    if ($null -eq $a -or $null -eq $b) { return [int]($null -ne $a) - [int]($null -ne $b) }
    try { [Management.Automation.LanguagePrimitives]::Compare($a, $b, $ignoreCase) }
    catch { [string]::Compare("$a", "$b", $ignoreCase) } # of types that have no order
}

function Sort-Object {
    [CmdletBinding()]
    param([Parameter(ValueFromPipeline)][AllowNull()][object]$InputObject, [Parameter(Position = 0)][object[]]$Property, [switch]$Descending, [switch]$Unique,
        [switch]$CaseSensitive, [switch]$Stable, [int]$Top, [int]$Bottom)
    begin { $items = [Collections.Generic.List[object]]::new(); $terms = @(Resolve-PropertyTerm $Property) }
    process {
        $keys = @(if ($terms) { foreach ($term in $terms) { , $(if ($null -ne $InputObject) { Get-TermValue $InputObject $term.Expression }) } } else { , $InputObject })
        $items.Add(@{ Value = $InputObject; Keys = $keys; Place = $items.Count })
    }
    end {
        $turns = @(if ($terms) { foreach ($term in $terms) { $(if ($null -ne $term.Descending) { $term.Descending } else { [bool]$Descending }) } } else { [bool]$Descending })
        $compare = {
            param($a, $b)
            for ($i = 0; $i -lt $turns.Count; $i++) {
                $order = Compare-Value $a.Keys[$i] $b.Keys[$i] (-not $CaseSensitive)
                if ($order) { if ($turns[$i]) { return -$order } else { return $order } }
            }
            $a.Place - $b.Place
        }
        $items.Sort([Comparison[object]]$compare)
        $sorted = [Collections.Generic.List[object]]::new()
        $before = $null
        foreach ($item in $items) {
            $same = $Unique -and $before -and -not (Compare-KeyList $before.Keys $item.Keys (-not $CaseSensitive))
            if (-not $same) { $sorted.Add($item.Value) }
            $before = $item
        }
        if ($PSBoundParameters.ContainsKey('Top')) { $sorted = @($sorted.GetRange(0, [Math]::Min($Top, $sorted.Count))) }
        if ($PSBoundParameters.ContainsKey('Bottom')) { $count = [Math]::Min($Bottom, $sorted.Count); $sorted = @($sorted.GetRange($sorted.Count - $count, $count)) }
        $sorted
    }
}

function Compare-KeyList($a, $b, [bool]$ignoreCase) {
    for ($i = 0; $i -lt $a.Count; $i++) { if ($order = Compare-Value $a[$i] $b[$i] $ignoreCase) { return $order } }
    0
}

function Group-Object {
    [CmdletBinding()]
    param([Parameter(ValueFromPipeline)][object]$InputObject, [Parameter(Position = 0)][object[]]$Property, [switch]$NoElement, [switch]$CaseSensitive,
        [switch]$AsHashTable, [switch]$AsString)
    begin {
        $terms = @(Resolve-PropertyTerm $Property)
        $comparer = $(if ($CaseSensitive) { [StringComparer]::CurrentCulture } else { [StringComparer]::CurrentCultureIgnoreCase })
        $groups = [Collections.Specialized.OrderedDictionary]::new($comparer)
    }
    process {
        $values = @(if ($terms) { foreach ($term in $terms) { , (Get-TermValue $InputObject $term.Expression) } } else { , $InputObject })
        $name = @($values | ForEach-Object { "$_" }) -join ', '
        if (-not $groups.Contains($name)) { $groups[$name] = @{ Values = $values; Items = [Collections.ObjectModel.Collection[psobject]]::new() } }
        $groups[$name].Items.Add($InputObject)
    }
    end {
        if ($AsHashTable) {
            $table = [hashtable]::new($comparer)
            foreach ($name in $groups.Keys) { $table[$(if ($AsString) { $name } else { $groups[$name].Values[0] })] = @($groups[$name].Items) }
            return $table
        }
        foreach ($name in @($groups.Keys) | Sort-Object) {
            $group = [ordered]@{ PSTypeName = 'Microsoft.PowerShell.Commands.GroupInfo'; Count = $groups[$name].Items.Count; Name = $name }
            if (-not $NoElement) { $group.Group = $groups[$name].Items }
            $group.Values = $groups[$name].Values
            [pscustomobject]$group
        }
    }
}

function Measure-Object {
    [CmdletBinding()]
    param([Parameter(ValueFromPipeline)][AllowNull()][object]$InputObject, [Parameter(Position = 0)][string[]]$Property, [switch]$Sum, [switch]$Average,
        [switch]$Maximum, [switch]$Minimum)
    begin { $all = [Collections.Generic.List[object]]::new() }
    process { if ($null -ne $InputObject) { $all.Add($InputObject) } }
    end {
        foreach ($name in $(if ($Property) { $Property } else { '' })) {
            $values = @(foreach ($item in $all) { if (-not $name) { $item } elseif ($null -ne ($value = Get-TermValue $item ([Microsoft.PowerShell.Commands.PSPropertyExpression]::new($name)))) { $value } })
            $total = $null
            if ($Sum -or $Average) { $total = 0.0; foreach ($value in $values) { $total += [double]$value } }
            $low = $high = $null
            foreach ($value in $(if ($Minimum -or $Maximum) { $values })) {
                if ($null -eq $low -or (Compare-Value $value $low $true) -lt 0) { $low = $value }
                if ($null -eq $high -or (Compare-Value $value $high $true) -gt 0) { $high = $value }
            }
            [pscustomobject][ordered]@{
                PSTypeName = 'Microsoft.PowerShell.Commands.GenericMeasureInfo'; Count = $values.Count
                Average = $(if ($Average -and $values.Count) { $total / $values.Count }); Sum = $(if ($Sum) { $total })
                Maximum = $(if ($Maximum) { $high }); Minimum = $(if ($Minimum) { $low }); Property = $(if ($name) { $name })
            }
        }
    }
}

function Compare-Object {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)][AllowEmptyCollection()][psobject[]]$ReferenceObject,
        [Parameter(Mandatory, Position = 1, ValueFromPipeline)][AllowEmptyCollection()][psobject[]]$DifferenceObject,
        [object[]]$Property, [switch]$IncludeEqual, [switch]$ExcludeDifferent, [switch]$CaseSensitive, [switch]$PassThru)
    begin { $difference = [Collections.Generic.List[object]]::new(); $terms = @(Resolve-PropertyTerm $Property) }
    process { foreach ($item in $DifferenceObject) { $difference.Add($item) } }
    end {
        $keyOf = { param($item) $(if ($terms) { @(foreach ($term in $terms) { "$(Get-TermValue $item $term.Expression)" }) -join "`0" } else { "$item" }) }
        $open = [Collections.Generic.Dictionary[string, Collections.Generic.Queue[object]]]::new($(if ($CaseSensitive) { [StringComparer]::CurrentCulture } else { [StringComparer]::CurrentCultureIgnoreCase }))
        foreach ($item in $ReferenceObject) {
            $key = & $keyOf $item
            if (-not $open.ContainsKey($key)) { $open[$key] = [Collections.Generic.Queue[object]]::new() }
            $open[$key].Enqueue($item)
        }
        $equal = [Collections.Generic.List[object]]::new()
        $only = [Collections.Generic.List[object]]::new()
        foreach ($item in $difference) {
            $key = & $keyOf $item
            if ($open.ContainsKey($key) -and $open[$key].Count) { $equal.Add($open[$key].Dequeue()) } else { $only.Add($item) }
        }
        if ($IncludeEqual) { foreach ($item in $equal) { New-Difference $item '==' $terms $PassThru } }
        if ($ExcludeDifferent) { return }
        foreach ($item in $only) { New-Difference $item '=>' $terms $PassThru }
        foreach ($queue in $open.Values) { foreach ($item in $queue) { New-Difference $item '<=' $terms $PassThru } }
    }
}

function New-Difference($item, [string]$side, $terms, [bool]$passThru) {
    if ($passThru) { return $item | ForEach-Object { $_.PSObject.Properties.Add([Management.Automation.PSNoteProperty]::new('SideIndicator', $side), $true); $_ } }
    $map = [ordered]@{}
    if (-not $terms) { $map.InputObject = $item }
    foreach ($term in $terms) { $map[$(if ($term.Name) { $term.Name } else { $term.Expression.ToString() })] = Get-TermValue $item $term.Expression }
    $map.SideIndicator = $side
    [pscustomobject]$map
}

function New-Object {
    [CmdletBinding(DefaultParameterSetName = 'Net')]
    param([Parameter(Mandatory, Position = 0, ParameterSetName = 'Net')][string]$TypeName, [Parameter(Position = 1)][object[]]$ArgumentList = @(), [Collections.IDictionary]$Property)
    if ($TypeName -in 'PSObject', 'PSCustomObject', 'System.Management.Automation.PSObject', 'System.Management.Automation.PSCustomObject') {
        $object = [psobject]::new()
        if ($Property) { foreach ($name in $Property.Keys) { $object.PSObject.Properties.Add([Management.Automation.PSNoteProperty]::new($name, $Property[$name])) } }
        return $object
    }
    $type = $TypeName -as [type]
    if (-not $type) {
        $failure = [Management.Automation.PSArgumentException]::new("Cannot find type [$TypeName]: verify that the assembly containing this type is loaded.")
        $PSCmdlet.ThrowTerminatingError([Management.Automation.ErrorRecord]::new($failure, 'TypeNotFound', 'InvalidType', $TypeName))
    }
    $object = $type::new.Invoke($ArgumentList)
    if ($Property) { foreach ($name in $Property.Keys) { $object.$name = $Property[$name] } }
    , $object
}

function Tee-Object {
    [CmdletBinding(DefaultParameterSetName = 'File')]
    param([Parameter(ValueFromPipeline)][object]$InputObject, [Parameter(Mandatory, Position = 0, ParameterSetName = 'File')][string]$FilePath,
        [Parameter(Mandatory, ParameterSetName = 'Variable')][string]$Variable, [Parameter(ParameterSetName = 'File')][switch]$Append)
    begin { $kept = [Collections.Generic.List[object]]::new() }
    process { $kept.Add($InputObject); $InputObject }
    end {
        if ($Variable) { $PSCmdlet.SessionState.PSVariable.Set($Variable, $(if ($kept.Count -eq 1) { $kept[0] } else { $kept.ToArray() })) }
        else { $kept | Out-File -FilePath $FilePath -Append:$Append }
    }
}

function Get-Member {
    [CmdletBinding()]
    param([Parameter(ValueFromPipeline)][object]$InputObject, [Parameter(Position = 0)][string[]]$Name = '*', [Management.Automation.PSMemberTypes]$MemberType = 'All', [switch]$Force)
    begin { $seen = [Collections.Generic.HashSet[string]]::new() }
    process {
        $type = $InputObject.PSObject.TypeNames[0]
        if (-not $seen.Add($type)) { return }
        foreach ($member in $InputObject.PSObject.Members | Sort-Object -Property MemberType, Name) {
            if (-not ($member.MemberType -band $MemberType) -or -not @($Name | Where-Object { $member.Name -like $_ })) { continue }
            if (-not $Force -and $member.Name -match '^([gs]et_|pstypenames$|ps(object|base|adapted|extended)$)') { continue }
            [pscustomobject][ordered]@{ PSTypeName = 'Microsoft.PowerShell.Commands.MemberDefinition'; TypeName = $type; Name = $member.Name; MemberType = $member.MemberType; Definition = "$member" }
        }
    }
}
