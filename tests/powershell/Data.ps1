# Json, Csv, Clixml and data files.

function ConvertTo-Json {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline)][AllowNull()][object]$InputObject, [ValidateRange(0, 100)][int]$Depth = 2, [switch]$Compress, [switch]$AsArray, [switch]$EnumsAsStrings)
    begin { $items = [Collections.Generic.List[object]]::new() }
    process { $items.Add($InputObject) }
    end {
        $options = [Text.Json.JsonWriterOptions]@{ Indented = -not $Compress; Encoder = [Text.Encodings.Web.JavaScriptEncoder]::UnsafeRelaxedJsonEscaping }
        $stream = [IO.MemoryStream]::new()
        $writer = [Text.Json.Utf8JsonWriter]::new($stream, $options)
        $state = @{ Writer = $writer; Depth = $Depth; EnumsAsStrings = [bool]$EnumsAsStrings; Truncated = $false }
        if ($items.Count -eq 1 -and -not $AsArray) { Write-JsonValue $state $items[0] 0 } else { Write-JsonValue $state $items 0 }
        $writer.Flush()
        if ($state.Truncated) { $PSCmdlet.WriteWarning("Resulting JSON is truncated as serialization has exceeded the set depth of $Depth.") }
        [Text.Encoding]::UTF8.GetString($stream.ToArray())
    }
}

function Write-JsonValue($state, $value, [int]$level) {
    $writer = $state.Writer
    $base = $value
    if ($value -is [psobject]) { $base = $value.PSObject.BaseObject }
    if ($null -eq $base -or $base -is [DBNull]) { $writer.WriteNullValue() }
    elseif ($base -is [string] -or $base -is [char] -or $base -is [guid] -or $base -is [uri] -or $base -is [version]) { $writer.WriteStringValue("$base") }
    elseif ($base -is [bool]) { $writer.WriteBooleanValue($base) }
    elseif ($base -is [Management.Automation.SwitchParameter] -and $level -gt 0) { $writer.WriteStartObject(); $writer.WriteBoolean('IsPresent', $base.IsPresent); $writer.WriteEndObject() }
    elseif ($base -is [datetime] -or $base -is [DateTimeOffset]) { $writer.WriteStringValue($base) }
    elseif ($base -is [enum]) { if ($state.EnumsAsStrings) { $writer.WriteStringValue("$base") } else { $writer.WriteRawValue($base.ToString('D')) } }
    elseif ($base.GetType().IsPrimitive -or $base -is [decimal]) { $writer.WriteRawValue([Convert]::ToString($base, [cultureinfo]::InvariantCulture)) }
    elseif ($level -gt $state.Depth) { $state.Truncated = $true; $writer.WriteStringValue("$value") }
    elseif ($base -is [Collections.IDictionary]) {
        $writer.WriteStartObject()
        foreach ($key in $base.Keys) { $writer.WritePropertyName("$key"); Write-JsonValue $state $base[$key] ($level + 1) }
        $writer.WriteEndObject()
    }
    elseif ($base -is [Collections.IEnumerable]) {
        $writer.WriteStartArray()
        foreach ($item in $base) { Write-JsonValue $state $item ($level + 1) }
        $writer.WriteEndArray()
    }
    else {
        $writer.WriteStartObject()
        foreach ($property in $value.PSObject.Properties) {
            if (-not $property.IsGettable) { continue }
            $writer.WritePropertyName($property.Name)
            $inner = $(try { , $property.Value } catch { $null })
            Write-JsonValue $state $inner ($level + 1)
        }
        $writer.WriteEndObject()
    }
}

function ConvertFrom-Json {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline)][AllowEmptyString()][string]$InputObject, [switch]$AsHashtable, [ValidateRange(1, 1024)][int]$Depth = 1024, [switch]$NoEnumerate)
    begin { $lines = [Collections.Generic.List[string]]::new() }
    process { $lines.Add($InputObject) }
    end {
        $text = $lines -join "`n"
        if (-not $text.Trim()) { return }
        $options = [Text.Json.JsonDocumentOptions]@{ MaxDepth = $Depth; CommentHandling = 'Skip'; AllowTrailingCommas = $true }
        try { $document = [Text.Json.JsonDocument]::Parse($text, $options) }
        catch {
            $failure = [ArgumentException]::new("Conversion from JSON failed with error: $($_.Exception.InnerException.Message)")
            $PSCmdlet.ThrowTerminatingError([Management.Automation.ErrorRecord]::new($failure, 'System.ArgumentException', 'NotSpecified', $null))
        }
        $value = Read-JsonValue $document.RootElement ([bool]$AsHashtable)
        if ($NoEnumerate) { , $value } else { $value }
    }
}

function Read-JsonValue([Text.Json.JsonElement]$element, [bool]$asHashtable) {
    switch ($element.ValueKind) {
        'Object' {
            $map = $(if ($asHashtable) { [Management.Automation.OrderedHashtable]::new() } else { [psobject]::new() })
            foreach ($member in $element.EnumerateObject()) {
                $value = Read-JsonValue $member.Value $asHashtable
                if ($asHashtable) { $map[$member.Name] = $value } else { $map.PSObject.Properties.Add([Management.Automation.PSNoteProperty]::new($member.Name, $value), $true) }
            }
            return $map
        }
        'Array' { return , @(foreach ($item in $element.EnumerateArray()) { , (Read-JsonValue $item $asHashtable) }) }
        'String' {
            $date = [datetime]::MinValue
            $text = $element.GetString()
            if ($text -match '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d' -and [datetime]::TryParse($text, [cultureinfo]::InvariantCulture, 'RoundtripKind', [ref]$date)) { return $date }
            return $text
        }
        'Number' {
            $long = 0L
            if ($element.TryGetInt64([ref]$long)) { return $long }
            return $element.GetDouble()
        }
        'Null' { return $null }
        default { return $element.GetBoolean() }
    }
}

function ConvertTo-Csv {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline)][psobject]$InputObject, [char]$Delimiter = ',', [switch]$NoTypeInformation, [switch]$UseCulture, [switch]$NoHeader)
    begin { $columns = $null; if ($UseCulture) { $Delimiter = [cultureinfo]::CurrentCulture.TextInfo.ListSeparator } }
    process {
        if ($null -eq $columns) {
            $columns = @($InputObject.PSObject.Properties.Name)
            if (-not $NoHeader) { @($columns | ForEach-Object { ConvertTo-CsvField $_ }) -join $Delimiter }
        }
        @(foreach ($column in $columns) { $property = $InputObject.PSObject.Properties[$column]; if ($property) { ConvertTo-CsvField $property.Value } else { '' } }) -join $Delimiter
    }
}

function ConvertTo-CsvField($value) { if ($null -eq $value) { '' } else { '"' + ([string]$value).Replace('"', '""') + '"' } }

function ConvertFrom-Csv {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline)][AllowEmptyString()][string[]]$InputObject, [char]$Delimiter = ',', [string[]]$Header, [switch]$UseCulture)
    begin { $lines = [Collections.Generic.List[string]]::new(); if ($UseCulture) { $Delimiter = [cultureinfo]::CurrentCulture.TextInfo.ListSeparator } }
    process { $lines.AddRange($InputObject) }
    end { Read-Csv ($lines -join "`n") $Delimiter $Header }
}

# A field may hold the delimiter, quotes and line breaks where it is quoted.
function Read-Csv([string]$text, [char]$delimiter, [string[]]$header) {
    $record = [Collections.Generic.List[string]]::new()
    $mark = [regex]::Escape($delimiter)
    foreach ($match in [regex]::Matches($text, "\G(?:""(?<quoted>(?:[^""]|"""")*)""|(?<plain>[^$mark\r\n]*))(?<end>$mark|\r?\n|`$)")) {
        $record.Add($(if ($match.Groups['quoted'].Success) { $match.Groups['quoted'].Value.Replace('""', '"') } else { $match.Groups['plain'].Value }))
        if ($match.Groups['end'].Value -eq "$delimiter") { continue }
        $blank = $record.Count -eq 1 -and -not $record[0]
        if (-not $blank) {
            if (-not $header) { $header = $record.ToArray() }
            else {
                $map = [ordered]@{}
                for ($i = 0; $i -lt $header.Count; $i++) { $map[$header[$i]] = $(if ($i -lt $record.Count) { $record[$i] }) }
                [pscustomobject]$map
            }
        }
        $record.Clear()
    }
}

function Export-Csv {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, ValueFromPipeline)][psobject]$InputObject, [Parameter(Mandatory, Position = 0)][string]$Path, [char]$Delimiter = ',', [switch]$NoTypeInformation,
        [switch]$UseCulture, [switch]$Append, [object]$Encoding = 'utf8', [switch]$Force)
    begin { $items = [Collections.Generic.List[psobject]]::new() }
    process { $items.Add($InputObject) }
    end {
        $more = $Append -and (Test-Path -LiteralPath $Path)
        $lines = $items | ConvertTo-Csv -Delimiter $Delimiter -UseCulture:$UseCulture -NoHeader:$more
        if ($more) { $lines | Add-Content -Path $Path -Encoding $Encoding } else { $lines | Set-Content -Path $Path -Encoding $Encoding }
    }
}

function Import-Csv {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline)][string[]]$Path, [char]$Delimiter = ',', [string[]]$Header, [switch]$UseCulture, [object]$Encoding = 'utf8')
    process {
        if ($UseCulture) { $Delimiter = [cultureinfo]::CurrentCulture.TextInfo.ListSeparator }
        foreach ($file in Get-ResolvedFile $PSCmdlet $PSBoundParameters) { Read-Csv ([IO.File]::ReadAllText($file)) $Delimiter $Header }
    }
}

function Export-Clixml {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, Position = 0)][string]$Path, [Parameter(Mandatory, ValueFromPipeline)][AllowNull()][psobject]$InputObject, [ValidateRange(1, 100)][int]$Depth = 2, [object]$Encoding = 'utf8', [switch]$Force)
    begin { $items = [Collections.Generic.List[string]]::new() }
    process { $items.Add([Management.Automation.PSSerializer]::Serialize($InputObject, $Depth)) }
    end {
        # Each object is a document of its own; their contents stand side by side in one.
        $all = [Xml.XmlDocument]::new()
        foreach ($xml in $items) {
            $one = [Xml.XmlDocument]::new()
            $one.LoadXml($xml)
            if (-not $all.DocumentElement) { $all = $one; continue }
            foreach ($node in @($one.DocumentElement.ChildNodes)) { $null = $all.DocumentElement.AppendChild($all.ImportNode($node, $true)) }
        }
        if ($PSCmdlet.ShouldProcess($Path, 'Export-Clixml')) { $all.OuterXml | Set-Content -Path $Path }
    }
}

function Import-Clixml {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline)][string[]]$Path)
    process {
        foreach ($file in Get-ResolvedFile $PSCmdlet $PSBoundParameters) {
            $all = [Xml.XmlDocument]::new()
            $all.Load($file)
            foreach ($node in $all.DocumentElement.ChildNodes) {
                [Management.Automation.PSSerializer]::Deserialize("<Objs Version=""1.1.0.1"" xmlns=""http://schemas.microsoft.com/powershell/2004/04"">$($node.OuterXml)</Objs>")
            }
        }
    }
}

function Import-PowerShellDataFile {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)][string[]]$Path)
    foreach ($file in Get-ResolvedFile $PSCmdlet $PSBoundParameters) {
        $errors = $null
        $ast = [Management.Automation.Language.Parser]::ParseFile($file, [ref]$null, [ref]$errors)
        $table = $ast.Find({ $args[0] -is [Management.Automation.Language.HashtableAst] }, $false)
        if ($errors -or -not $table) { throw "The file '$file' could not be parsed as a PowerShell Data File." }
        $table.SafeGetValue()
    }
}
