# Checks the test-only commands against what PowerShell 7 does: dotnet run tests/pwsh.cs tests/powershell/Check.ps1
# Ends with exit code 1 and the first difference, else with the number of checks.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module ([IO.Path]::Combine($PSScriptRoot, 'PowerShellCommands.psd1')) -Force

$checks = 0
function Assert-Equal($expected, $actual, [string]$what) {
    $script:checks++
    $left, $right = (@($expected) -join '|'), (@($actual) -join '|')
    if ($left -cne $right) { throw "${what}: expected '$left', got '$right'" }
}
function Get-Number { [CmdletBinding()] param([int]$Count = 10) try { foreach ($i in 1..$Count) { $script:reached = $i; $i } } finally { $script:cleaned = $true } }
$people = @([pscustomobject]@{ Name = 'Zoe'; Age = 30 }, [pscustomobject]@{ Name = 'adam'; Age = 41 }, [pscustomobject]@{ Name = 'Bea'; Age = 30 })
$folder = [IO.Path]::Combine([IO.Path]::GetTempPath(), "check $([guid]::NewGuid())")

# Every exported name is one of real PowerShell.
$real = [IO.File]::ReadAllLines([IO.Path]::Combine($PSScriptRoot, 'RealNames.txt')) | Where-Object { $_ -notlike '#*' } | ForEach-Object { $_ -split ' ' }
Assert-Equal $null @((Get-Module PowerShellCommands).ExportedCommands.Keys | Where-Object { $_ -notin $real }) 'names that real PowerShell lacks'

# Select-Object
Assert-Equal 1, 2 (Get-Number | Select-Object -First 2) '-First'
Assert-Equal 2 $reached '-First ends the commands upstream'
Assert-Equal $true $cleaned '-First lets them clean up'
Assert-Equal 'got 1', 'got 2' (Get-Number | Select-Object -First 2 | ForEach-Object { "got $_" }) '-First lets downstream go on'
Assert-Equal 2, 1 (Get-Number | Select-Object -First 2 | Sort-Object -Descending) '-First lets downstream end'
Assert-Equal 0 (Get-Number | Select-Object -First 0 | Measure-Object).Count '-First 0 lets downstream end'
Assert-Equal $null (Get-Number | Select-Object -First 0) '-First 0'
Assert-Equal 3, 4 (Get-Number | Select-Object -Skip 2 -First 2) '-Skip'
Assert-Equal 9, 10 (Get-Number | Select-Object -Last 2) '-Last'
Assert-Equal 1, 3 (Get-Number | Select-Object -Index 0, 2) '-Index'
Assert-Equal 1, 2 (1, 2, 1, 2 | Select-Object -Unique) '-Unique'
Assert-Equal 'Zoe', 'adam', 'Bea' ($people | Select-Object -ExpandProperty Name) '-ExpandProperty'
$chosen = $people | Select-Object -First 1 -Property N*, @{ Name = 'Next'; Expression = { $_.Age + 1 } }, Missing
Assert-Equal 'Name', 'Next', 'Missing' $chosen.PSObject.Properties.Name '-Property'
Assert-Equal 31 $chosen.Next 'a calculated property'
Assert-Equal 'Selected.System.Management.Automation.PSCustomObject' $chosen.PSObject.TypeNames[0] 'the type of a selection'
Assert-Equal 'Age' ($people[0] | Select-Object -ExcludeProperty Name).PSObject.Properties.Name '-ExcludeProperty'

# Sort-, Group-, Measure-, Compare-, New-, Tee-Object
Assert-Equal 'adam', 'Bea', 'Zoe' ($people | Sort-Object Name | Select-Object -ExpandProperty Name) 'Sort-Object ignores case'
Assert-Equal 'adam', 'Bea', 'Zoe' ($people | Sort-Object @{ Expression = 'Age'; Descending = $true }, Name | ForEach-Object Name) 'Sort-Object with two keys'
Assert-Equal 3, 2, 1 (2, 3, 1 | Sort-Object -Descending) 'Sort-Object -Descending'
Assert-Equal 1, 2 (2, 1, 2 | Sort-Object -Unique) 'Sort-Object -Unique'
Assert-Equal '30:2', '41:1' ($people | Group-Object Age | ForEach-Object { "$($_.Name):$($_.Count)" }) 'Group-Object'
Assert-Equal 2 ($people | Group-Object Age -AsHashTable -AsString)['30'].Count 'Group-Object -AsHashTable'
Assert-Equal 3 ($people | Measure-Object).Count 'Measure-Object'
Assert-Equal 101, 41, 30 ($people | Measure-Object Age -Sum -Maximum -Minimum | ForEach-Object { $_.Sum; $_.Maximum; $_.Minimum }) 'Measure-Object of a property'
Assert-Equal 'c=>', 'a<=' (Compare-Object a, b b, c | ForEach-Object { $_.InputObject + $_.SideIndicator }) 'Compare-Object'
Assert-Equal 'b==' (Compare-Object a, b b, c -IncludeEqual -ExcludeDifferent | ForEach-Object { $_.InputObject + $_.SideIndicator }) 'Compare-Object -IncludeEqual'
Assert-Equal 'x' (New-Object psobject -Property @{ A = 'x' }).A 'New-Object -Property'
Assert-Equal 'u' (New-Object System.Management.Automation.PSCredential 'u', (ConvertTo-SecureString 'p' -AsPlainText -Force)).UserName 'New-Object with arguments'
Assert-Equal 1, 2 (1, 2 | Tee-Object -Variable teed) 'Tee-Object'
Assert-Equal 1, 2 $teed 'Tee-Object -Variable'
Assert-Equal 'Age' ($people[0] | Get-Member -Name Age -MemberType NoteProperty).Name 'Get-Member'

# Streams obey the preferences of the caller.
function Get-Noise { [CmdletBinding()] param() $WarningPreference = 'SilentlyContinue'; Write-Warning 'unheard'; Write-Verbose 'spoken' }
Assert-Equal 'spoken' (Get-Noise -Verbose 4>&1 3>&1) 'preferences of the caller'
Assert-Equal 'hello world' (Write-Host hello world 6>&1) 'Write-Host'
Assert-Equal 'told' (Write-Information told -InformationAction SilentlyContinue 6>&1) 'Write-Information'
$caught = try { Write-Error 'bad' -ErrorId Mine -TargetObject 7 } catch { $_ }
Assert-Equal 'bad', 7 ($caught.Exception.Message, $caught.TargetObject) 'Write-Error obeys Stop'
Assert-Equal 'Mine' ($caught.FullyQualifiedErrorId -split ',')[0] 'Write-Error -ErrorId'
Assert-Equal 'soft' (Write-Error soft -ErrorAction Continue 2>&1) 'Write-Error goes on with Continue'
Assert-Equal 'pässword' ([Net.NetworkCredential]::new('', ('pässword' | ConvertTo-SecureString -AsPlainText -Force)).Password) 'ConvertTo-SecureString'
Assert-Equal '2026-01-02' (Get-Date '2026-01-02T10:00:00' -Format 'yyyy-MM-dd') 'Get-Date'
Assert-Equal $true ((Measure-Command { Start-Sleep -Milliseconds 60 }).TotalMilliseconds -ge 60) 'Start-Sleep'

# Items
try {
    Assert-Equal $false (Test-Path -LiteralPath $folder) 'Test-Path'
    $null = New-Item -ItemType Directory -Path $folder
    Assert-Equal $true (Test-Path -LiteralPath $folder -PathType Container) 'New-Item'
    $file = Join-Path $folder 'a[1].txt'
    'ä', 'b', 'c' | Set-Content -Path $file
    Assert-Equal 'ä', 'b', 'c' (Get-Content -LiteralPath $file) 'Get-Content'
    Assert-Equal 'c' (Get-Content -LiteralPath $file -Tail 1) 'Get-Content -Tail'
    Assert-Equal "ä$([Environment]::NewLine)b$([Environment]::NewLine)c$([Environment]::NewLine)" (Get-Content -LiteralPath $file -Raw) 'Get-Content -Raw'
    Copy-Item -LiteralPath $file -Destination (Join-Path $folder 'b.txt')
    Assert-Equal 'b.txt' (Get-ChildItem -LiteralPath $folder -Filter 'b*' -File).Name 'Copy-Item and Get-ChildItem'
    Assert-Equal $true (Test-Path -LiteralPath $file -PathType Leaf) 'Test-Path -PathType'
    Remove-Item -LiteralPath $file
    Assert-Equal $false (Test-Path -LiteralPath $file) 'Remove-Item'
    Assert-Equal 'b.txt' (Split-Path -Leaf (Join-Path $folder 'b.txt')) 'Split-Path'
    Assert-Equal 'ItemNotFoundException' ((Get-Content -LiteralPath $file -ErrorAction Continue 2>&1).Exception.GetType().Name) 'Get-Content of a missing file'

    # Csv, Clixml, data files
    $rows = [pscustomobject]@{ A = 'x,"y"'; B = "two`nlines" }, [pscustomobject]@{ A = 'plain'; B = $null }
    $rows | Export-Csv -Path (Join-Path $folder 'r.csv') -NoTypeInformation
    $back = @(Import-Csv -Path (Join-Path $folder 'r.csv'))
    Assert-Equal 'x,"y"', "two`nlines", 'plain', '' ($back | ForEach-Object { $_.A; $_.B }) 'Export-Csv and Import-Csv'
    Assert-Equal '"A","B"', '"plain",' ($rows[1] | ConvertTo-Csv) 'ConvertTo-Csv'
    $people | Export-Clixml -Path (Join-Path $folder 'p.xml')
    Assert-Equal 'Zoe', 'adam', 'Bea' (Import-Clixml -Path (Join-Path $folder 'p.xml') | ForEach-Object Name) 'Export-Clixml and Import-Clixml'
    '@{ One = 1; Two = @("a", "b") }' | Set-Content -Path (Join-Path $folder 'd.psd1')
    Assert-Equal 'b' (Import-PowerShellDataFile (Join-Path $folder 'd.psd1')).Two[1] 'Import-PowerShellDataFile'
    $people | Out-File -FilePath (Join-Path $folder 'o.txt')
    Assert-Equal $true ((Get-Content -Raw (Join-Path $folder 'o.txt')) -match 'adam\s+41') 'Out-File formats objects'
}
finally { if (Test-Path -LiteralPath $folder) { Remove-Item -LiteralPath $folder -Recurse -Force } }

# Json
Assert-Equal '{"a":1,"b":["x",null],"c":{"d":true},"e":1.5,"ü":"<&"}' ([ordered]@{ a = 1; b = 'x', $null; c = @{ d = $true }; e = 1.5; 'ü' = '<&' } | ConvertTo-Json -Compress) 'ConvertTo-Json'
Assert-Equal '{"a":{"b":{"c":"@{d=1}"}}}' ([pscustomobject]@{ a = [pscustomobject]@{ b = [pscustomobject]@{ c = [pscustomobject]@{ d = 1 } } } } | ConvertTo-Json -Compress -WarningAction SilentlyContinue) 'ConvertTo-Json -Depth'
Assert-Equal '[1]' (, 1 | ConvertTo-Json -Compress -AsArray) 'ConvertTo-Json -AsArray'
$json = '{"a":[1,2],"b":{"c":"x"},"d":null,"t":"2026-01-02T03:04:05Z"}' | ConvertFrom-Json
Assert-Equal 1, 2, 'x', $null ($json.a[0], $json.a[1], $json.b.c, $json.d) 'ConvertFrom-Json'
Assert-Equal 'DateTime', 'Int64' ($json.t.GetType().Name, $json.a[0].GetType().Name) 'types of ConvertFrom-Json'
Assert-Equal 'x' ('{"b":{"c":"x"}}' | ConvertFrom-Json -AsHashtable)['b']['c'] 'ConvertFrom-Json -AsHashtable'
Assert-Equal 2 @('[{"a":1},{"a":2}]' | ConvertFrom-Json | Where-Object { $_.a }).Count 'ConvertFrom-Json enumerates'

# Formatting
Assert-Equal 'Name Age|---- ---|Zoe   30' ((($people[0] | Format-Table -AutoSize | Out-String -Stream | Where-Object { $_ }) -join '|').TrimEnd()) 'Format-Table'
Assert-Equal 'Name : Zoe|Age  : 30' (($people[0] | Format-List | Out-String -Stream | Where-Object { $_ }) -join '|') 'Format-List'

"$checks checks of the test-only commands passed."
