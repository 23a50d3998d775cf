# The item commands, on the providers that the engine has. -Path takes wildcards, -LiteralPath does not.

function Join-Path {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline)][string[]]$Path, [Parameter(Mandatory, Position = 1)][AllowEmptyString()][string]$ChildPath,
        [Parameter(Position = 2, ValueFromRemainingArguments)][string[]]$AdditionalChildPath = @())
    process {
        foreach ($one in $Path) {
            $joined = $PSCmdlet.SessionState.Path.Combine($one, $ChildPath)
            foreach ($more in $AdditionalChildPath) { $joined = $PSCmdlet.SessionState.Path.Combine($joined, $more) }
            $joined
        }
    }
}

function Split-Path {
    [CmdletBinding(DefaultParameterSetName = 'Parent')]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline)][string[]]$Path, [Parameter(ParameterSetName = 'Parent')][switch]$Parent,
        [Parameter(ParameterSetName = 'Leaf')][switch]$Leaf, [Parameter(ParameterSetName = 'LeafBase')][switch]$LeafBase, [Parameter(ParameterSetName = 'Extension')][switch]$Extension)
    process {
        foreach ($one in $Path) {
            if ($Leaf) { $PSCmdlet.SessionState.Path.ParseChildName($one) }
            elseif ($LeafBase) { [IO.Path]::GetFileNameWithoutExtension($one) }
            elseif ($Extension) { [IO.Path]::GetExtension($one) }
            else { $PSCmdlet.SessionState.Path.ParseParent($one, '') }
        }
    }
}

function Test-Path {
    [CmdletBinding(DefaultParameterSetName = 'Path')]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline, ParameterSetName = 'Path')][AllowEmptyString()][string[]]$Path,
        [Parameter(Mandatory, ParameterSetName = 'LiteralPath')][Alias('PSPath')][string[]]$LiteralPath, [ValidateSet('Any', 'Container', 'Leaf')][string]$PathType = 'Any')
    process {
        foreach ($one in Get-NamedPath $PSBoundParameters) {
            if (-not $one) { $false; continue }
            $literal = $PSBoundParameters.ContainsKey('LiteralPath')
            $exists = $PSCmdlet.InvokeProvider.Item.Exists($one, $false, $literal)
            $container = $exists -and $PathType -ne 'Any' -and $PSCmdlet.InvokeProvider.Item.IsContainer($(if ($literal) { [WildcardPattern]::Escape($one) } else { $one }))
            $exists -and ($PathType -eq 'Any' -or $container -eq ($PathType -eq 'Container'))
        }
    }
}

function Get-NamedPath($bound) { foreach ($name in 'LiteralPath', 'Path', 'FilePath') { if ($bound.ContainsKey($name)) { return $bound[$name] } } }

function Resolve-Path {
    [CmdletBinding(DefaultParameterSetName = 'Path')]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline, ParameterSetName = 'Path')][string[]]$Path, [Parameter(Mandatory, ParameterSetName = 'LiteralPath')][string[]]$LiteralPath)
    process {
        foreach ($one in $Path) { $PSCmdlet.SessionState.Path.GetResolvedPSPathFromPSPath($one) }
        foreach ($one in $LiteralPath) { $PSCmdlet.SessionState.Path.GetResolvedPSPathFromPSPath([WildcardPattern]::Escape($one)) }
    }
}

function Get-Location {
    [CmdletBinding()]
    param()
    $PSCmdlet.SessionState.Path.CurrentLocation
}

function Set-Location {
    [CmdletBinding(DefaultParameterSetName = 'Path')]
    param([Parameter(Position = 0, ValueFromPipeline, ParameterSetName = 'Path')][string]$Path, [Parameter(Mandatory, ParameterSetName = 'LiteralPath')][string]$LiteralPath, [switch]$PassThru)
    process {
        $location = $PSCmdlet.SessionState.Path.SetLocation($(if ($LiteralPath) { [WildcardPattern]::Escape($LiteralPath) } else { $Path }))
        if ($PassThru) { $location }
    }
}

function Get-Item {
    [CmdletBinding(DefaultParameterSetName = 'Path')]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline, ParameterSetName = 'Path')][string[]]$Path, [Parameter(Mandatory, ParameterSetName = 'LiteralPath')][string[]]$LiteralPath, [switch]$Force)
    process { $PSCmdlet.InvokeProvider.Item.Get([string[]](Get-NamedPath $PSBoundParameters), [bool]$Force, $PSBoundParameters.ContainsKey('LiteralPath')) }
}

function Get-ChildItem {
    [CmdletBinding(DefaultParameterSetName = 'Path')]
    param([Parameter(Position = 0, ValueFromPipeline, ParameterSetName = 'Path')][string[]]$Path, [Parameter(Mandatory, ParameterSetName = 'LiteralPath')][string[]]$LiteralPath,
        [Parameter(Position = 1)][string]$Filter = '*', [switch]$Recurse, [uint32]$Depth, [switch]$Force, [switch]$File, [switch]$Directory, [switch]$Name)
    process {
        $paths = [string[]]@(if ($PSBoundParameters.ContainsKey('Path') -or $PSBoundParameters.ContainsKey('LiteralPath')) { Get-NamedPath $PSBoundParameters } else { '.' })
        $literal = $PSBoundParameters.ContainsKey('LiteralPath')
        $items = $(if ($PSBoundParameters.ContainsKey('Depth')) { $PSCmdlet.InvokeProvider.ChildItem.Get($paths, $true, $Depth, [bool]$Force, $literal) }
            else { $PSCmdlet.InvokeProvider.ChildItem.Get($paths, [bool]$Recurse, [bool]$Force, $literal) })
        foreach ($item in $items) {
            if ($item.PSChildName -notlike $Filter -or ($File -and $item.PSIsContainer) -or ($Directory -and -not $item.PSIsContainer)) { continue }
            if ($Name) { $item.PSChildName } else { $item }
        }
    }
}

function New-Item {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, Position = 0)][string[]]$Path, [Alias('Type')][string]$ItemType = 'File', [object]$Value, [switch]$Force)
    foreach ($one in $Path) {
        if (-not $PSCmdlet.ShouldProcess($one, "Create $ItemType")) { continue }
        $PSCmdlet.InvokeProvider.Item.New([string[]]$one, '', $ItemType, $Value, [bool]$Force)
    }
}

function Copy-Item {
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Path')]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline, ParameterSetName = 'Path')][string[]]$Path, [Parameter(Mandatory, ParameterSetName = 'LiteralPath')][string[]]$LiteralPath,
        [Parameter(Mandatory, Position = 1)][string]$Destination, [switch]$Recurse, [switch]$Force)
    process {
        foreach ($one in Get-NamedPath $PSBoundParameters) {
            if (-not $PSCmdlet.ShouldProcess("Item: $one Destination: $Destination", 'Copy')) { continue }
            $null = $PSCmdlet.InvokeProvider.Item.Copy([string[]]$one, $Destination, [bool]$Recurse, 'CopyTargetContainer', [bool]$Force, $PSBoundParameters.ContainsKey('LiteralPath'))
        }
    }
}

function Remove-Item {
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Path')]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline, ParameterSetName = 'Path')][string[]]$Path, [Parameter(Mandatory, ParameterSetName = 'LiteralPath')][string[]]$LiteralPath,
        [switch]$Recurse, [switch]$Force)
    process {
        foreach ($one in Get-NamedPath $PSBoundParameters) {
            if (-not $PSCmdlet.ShouldProcess($one, 'Remove')) { continue }
            $PSCmdlet.InvokeProvider.Item.Remove([string[]]$one, [bool]$Recurse, [bool]$Force, $PSBoundParameters.ContainsKey('LiteralPath'))
        }
    }
}

function Get-Content {
    [CmdletBinding(DefaultParameterSetName = 'Path')]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline, ParameterSetName = 'Path')][string[]]$Path, [Parameter(Mandatory, ParameterSetName = 'LiteralPath')][string[]]$LiteralPath,
        [switch]$Raw, [Alias('First', 'Head')][long]$TotalCount = -1, [Alias('Last')][int]$Tail = -1, [object]$Encoding = 'utf8')
    process {
        foreach ($file in Get-ResolvedFile $PSCmdlet $PSBoundParameters) {
            if ($Raw) { [IO.File]::ReadAllText($file); continue }
            $lines = [IO.File]::ReadAllLines($file)
            if ($TotalCount -ge 0) { $lines = [Linq.Enumerable]::Take($lines, [int]$TotalCount) }
            if ($Tail -ge 0) { $lines = [Linq.Enumerable]::TakeLast($lines, $Tail) }
            foreach ($line in $lines) { $line }
        }
    }
}

# The files that -Path or -LiteralPath names; a missing one is an error of that name only.
function Get-ResolvedFile($cmdlet, $bound) {
    foreach ($one in Get-NamedPath $bound) {
        try {
            $provider = $null
            $cmdlet.SessionState.Path.GetResolvedProviderPathFromPSPath($(if ($bound.ContainsKey('LiteralPath')) { [WildcardPattern]::Escape($one) } else { $one }), [ref]$provider)
        }
        catch [Management.Automation.ItemNotFoundException] { $cmdlet.WriteError($_) }
    }
}

function Set-Content {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, Position = 0)][string[]]$Path, [Parameter(Mandatory, Position = 1, ValueFromPipeline)][AllowNull()][AllowEmptyCollection()][object[]]$Value,
        [switch]$NoNewline, [object]$Encoding = 'utf8', [switch]$Force)
    begin { $text = [Text.StringBuilder]::new() }
    process { Add-Line $text $Value $NoNewline }
    end {
        foreach ($one in $Path) {
            if ($PSCmdlet.ShouldProcess("Path: $one", 'Set Content')) { [IO.File]::WriteAllText($PSCmdlet.GetUnresolvedProviderPathFromPSPath($one), $text.ToString(), (Get-FileEncoding $Encoding)) }
        }
    }
}

function Add-Content {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, Position = 0)][string[]]$Path, [Parameter(Mandatory, Position = 1, ValueFromPipeline)][AllowNull()][AllowEmptyCollection()][object[]]$Value,
        [switch]$NoNewline, [object]$Encoding = 'utf8')
    begin { $text = [Text.StringBuilder]::new() }
    process { Add-Line $text $Value $NoNewline }
    end {
        foreach ($one in $Path) {
            if ($PSCmdlet.ShouldProcess("Path: $one", 'Add Content')) { [IO.File]::AppendAllText($PSCmdlet.GetUnresolvedProviderPathFromPSPath($one), $text.ToString(), (Get-FileEncoding $Encoding)) }
        }
    }
}

function Out-File {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, Position = 0)][string]$FilePath, [Parameter(ValueFromPipeline)][object]$InputObject, [switch]$Append, [switch]$NoNewline,
        [object]$Encoding = 'utf8', [int]$Width = 120, [switch]$Force)
    begin { $items = [Collections.Generic.List[object]]::new() }
    process { $items.Add($InputObject) }
    end {
        if (-not $PSCmdlet.ShouldProcess($FilePath, 'Output to File')) { return }
        $file = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($FilePath)
        $text = $(if (@($items | Where-Object { $_ -isnot [string] })) { $items | Out-String -Width $Width } else { -join @($items | ForEach-Object { $_ + $(if (-not $NoNewline) { [Environment]::NewLine }) }) })
        if ($Append) { [IO.File]::AppendAllText($file, $text, (Get-FileEncoding $Encoding)) } else { [IO.File]::WriteAllText($file, $text, (Get-FileEncoding $Encoding)) }
    }
}

function Add-Line([Text.StringBuilder]$text, $values, [bool]$noNewline) {
    foreach ($value in $values) { $null = $text.Append("$value"); if (-not $noNewline) { $null = $text.Append([Environment]::NewLine) } }
}

function Get-FileEncoding($encoding) {
    switch ("$encoding") {
        'utf8BOM' { [Text.UTF8Encoding]::new($true) }
        'unicode' { [Text.UnicodeEncoding]::new() }
        'ascii' { [Text.Encoding]::ASCII }
        default { if ($encoding -is [Text.Encoding]) { $encoding } else { [Text.UTF8Encoding]::new($false) } }
    }
}
