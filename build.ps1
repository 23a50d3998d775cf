#requires -Version 5.1
<#
.SYNOPSIS
    Builds, tests and shows EsgMailboxSync.
.DESCRIPTION
    Build lays the module out in out/EsgMailboxSync/<version> as it is published. Test builds and runs every check; its last line is
    "N passed, N failed, N skipped". Demo builds and does what an administrator would do, against a simulated appliance and tenant.
    Bench measures: resolving and planning large tenants, calls to an appliance, and reading permission rows from PowerShell objects.
    Notices writes THIRD-PARTY-NOTICES.txt anew, by cargo-about. Clean removes target and out.

    Runs in Windows PowerShell 5.1, in PowerShell 7, and, where neither is installed, in the engine from NuGet:
    dotnet run tests/pwsh.cs build.ps1 Demo
.PARAMETER Task
    Build, Test, Demo, Bench, Notices or Clean.
.PARAMETER CrateFolder
    A folder of kept crates (a cargo local registry) for machines that reach no crate registry. A folder at ../shared/crates is found by itself.
.PARAMETER Filter
    Test only: part of a name; only module tests whose name holds it are run.
.PARAMETER Seeds
    Test only: how many random schedules of faults and kills the simulations run; without it 20,000 schedules and ten kills. From 200 on all 200 kills.
.EXAMPLE
    ./build.ps1 Test
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)][ValidateSet('Build', 'Test', 'Demo', 'Bench', 'Notices', 'Clean')][string] $Task = 'Build',
    [string] $CrateFolder,
    [string] $Filter,
    [ValidateRange(1, 100000000)][int] $Seeds
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# Only the engine's own commands are used: a host may have no others (no Join-Path, no Test-Path, no Write-Host).
$root = $PSScriptRoot
$onWindows = [IO.Path]::DirectorySeparatorChar -eq '\'
$results = [ordered]@{ Passed = 0; Failed = 0; Skipped = 0; Notes = [Collections.Generic.List[string]]::new() }

function Get-RootPath { [IO.Path]::Combine([string[]](@($root) + $args)) }

function Show-Text([string] $Text) { $Host.UI.WriteLine($Text) }

# Quotes as .NET and the C run-time split again (ProcessStartInfo.ArgumentList is missing in .NET Framework).
function ConvertTo-Argument([string] $Text) {
    if ($Text -ne '' -and $Text -notmatch '[\s"]') { return $Text }
    '"' + (($Text -replace '(\\*)"', '$1$1\"') -replace '(\\+)$', '$1$1') + '"'
}

# Runs a program and shows its output as it comes. Returns exit code and output lines.
function Invoke-Program {
    param([string] $Program, [string[]] $Arguments, [string] $WorkingDirectory = $root, [switch] $Quiet)
    $start = [Diagnostics.ProcessStartInfo]::new($Program, (@($Arguments | ForEach-Object { ConvertTo-Argument $_ }) -join ' '))
    $start.WorkingDirectory = $WorkingDirectory
    $start.UseShellExecute = $false
    $start.RedirectStandardOutput = $true
    $start.StandardOutputEncoding = [Text.UTF8Encoding]::new($false)
    $lines = [Collections.Generic.List[string]]::new()
    $process = [Diagnostics.Process]::Start($start)
    try {
        while ($null -ne ($line = $process.StandardOutput.ReadLine())) {
            $lines.Add($line)
            if (-not $Quiet) { Show-Text $line }
        }
        $process.WaitForExit()
        [pscustomobject]@{ ExitCode = $process.ExitCode; Lines = $lines }
    }
    finally { $process.Dispose() }
}

# Runs a program and stops at a non-zero exit code.
function Invoke-Step {
    param([string] $Program, [string[]] $Arguments, [switch] $Quiet)
    $run = Invoke-Program $Program $Arguments -Quiet:$Quiet
    if ($run.ExitCode -ne 0) {
        if ($Quiet) { foreach ($line in $run.Lines) { Show-Text $line } }
        throw "$Program $($Arguments -join ' ') ended with exit code $($run.ExitCode)."
    }
}

function Find-Program([string] $Name) {
    $found = @(Get-Command -Name $Name -CommandType Application -ErrorAction Ignore)
    if ($found.Count -gt 0) { $found[0].Path }
}

function Assert-Tool {
    if (-not (Find-Program 'cargo')) {
        throw 'cargo is missing. It builds the native half of the module. Install Rust 1.95 or later: https://rustup.rs'
    }
    if (-not (Find-Program 'dotnet')) {
        throw 'dotnet is missing. It builds the PowerShell half of the module. Install the .NET SDK 10: https://dotnet.microsoft.com/download'
    }
    $sdk = (Invoke-Program 'dotnet' @('--version') -Quiet).Lines
    if ($sdk.Count -eq 0 -or [int]($sdk[0] -split '\.')[0] -lt 10) {
        throw "The .NET SDK is too old ($($sdk -join ' ')). The tests and the help need the .NET SDK 10: https://dotnet.microsoft.com/download"
    }
    # On Windows the Rust toolchain finds its own C compiler and says so when it is missing.
    if (-not $onWindows -and -not (Find-Program 'cc') -and -not (Find-Program 'gcc') -and -not (Find-Program 'clang')) {
        throw 'A C compiler is missing. SQLite and ring are compiled with it. Install gcc or clang, for example: apt-get install gcc'
    }
}

# Without a crate registry: kept crates, by a cargo configuration of our own, for every cargo command alike.
function Set-CrateSource {
    $folder = $CrateFolder
    if (-not $folder) {
        $beside = [IO.Path]::GetFullPath((Get-RootPath '..' 'shared' 'crates'))
        if ([IO.Directory]::Exists($beside)) { $folder = $beside }
    }
    if (-not $folder) { return }
    $folder = [IO.Path]::GetFullPath([IO.Path]::Combine($root, $folder))
    if (-not [IO.Directory]::Exists($folder)) { throw "The folder of kept crates does not exist: $folder. Correct -CrateFolder, or leave it out to use the public registry." }
    $cargoHome = Get-RootPath 'target' 'cargo-home'
    [void][IO.Directory]::CreateDirectory($cargoHome)
    $text = "[source.crates-io]`nreplace-with = `"kept`"`n[source.kept]`nlocal-registry = '$folder'`n"
    $file = [IO.Path]::Combine($cargoHome, 'config.toml')
    if (-not [IO.File]::Exists($file) -or [IO.File]::ReadAllText($file) -cne $text) { [IO.File]::WriteAllText($file, $text) }
    $env:CARGO_HOME = $cargoHome
}

function Get-ProductVersion {
    $text = [IO.File]::ReadAllText((Get-RootPath 'Cargo.toml'))
    [regex]::Match($text, '(?ms)^\[workspace\.package\].*?^version = "([^"]+)"').Groups[1].Value
}

function Get-RuntimeId {
    $system = if ($onWindows) { 'win' } elseif ([IO.File]::Exists('/System/Library/CoreServices/SystemVersion.plist')) { 'osx' } else { 'linux' }
    "$system-$([Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture.ToString().ToLowerInvariant())"
}

function Get-NativeName {
    if ($onWindows) { return 'esgmailboxsync_native.dll', 'esgmailboxsync_native.dll' }
    if ((Get-RuntimeId) -like 'osx-*') { return 'libesgmailboxsync_native.dylib', 'esgmailboxsync_native.dylib' }
    'libesgmailboxsync_native.so', 'esgmailboxsync_native.so'
}

function Get-TargetFolder {
    if ($env:CARGO_TARGET_DIR) { return [IO.Path]::GetFullPath([IO.Path]::Combine($root, $env:CARGO_TARGET_DIR)) }
    Get-RootPath 'target'
}

# Copies when the content differs, so that nothing looks new that is not.
function Copy-Changed([string] $From, [string] $To) {
    [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($To))
    $source = [IO.FileInfo]::new($From)
    $target = [IO.FileInfo]::new($To)
    if ($target.Exists -and $target.Length -eq $source.Length -and $target.LastWriteTimeUtc -ge $source.LastWriteTimeUtc) { return }
    # A new file, not a rewritten one: a session that has the old library loaded keeps it.
    if ($target.Exists) { $target.Delete() }
    [IO.File]::Copy($From, $To)
}

function Get-SimulatorPath { [IO.Path]::Combine((Get-TargetFolder), 'release', $(if ($onWindows) { 'esg-simulator.exe' } else { 'esg-simulator' })) }

function Get-ModuleFolder { Get-RootPath 'out' 'EsgMailboxSync' (Get-ProductVersion) }

function Invoke-Build {
    Assert-Tool
    Set-CrateSource
    $version = Get-ProductVersion
    $module = Get-ModuleFolder
    Invoke-Step 'cargo' @('build', '--workspace', '--release', '--locked', '--quiet')
    $bin = [IO.Path]::Combine($module, 'bin')
    Invoke-Step 'dotnet' @('build', (Get-RootPath 'ps-module' 'EsgMailboxSync.csproj'), '-c', 'Release', '-o', $bin, "-p:Version=$version", '-v', 'q', '--nologo') -Quiet
    $built, $published = Get-NativeName
    Copy-Changed ([IO.Path]::Combine((Get-TargetFolder), 'release', $built)) ([IO.Path]::Combine($bin, (Get-RuntimeId), $published))
    Copy-Changed (Get-RootPath 'ps-module' 'EsgMailboxSync.format.ps1xml') ([IO.Path]::Combine($module, 'EsgMailboxSync.format.ps1xml'))
    foreach ($schema in [IO.Directory]::GetFiles((Get-RootPath 'ps-module' 'schemas'), '*.json')) {
        Copy-Changed $schema ([IO.Path]::Combine($module, 'schemas', [IO.Path]::GetFileName($schema)))
    }
    foreach ($text in 'LICENSE-MIT', 'LICENSE-APACHE', 'THIRD-PARTY-NOTICES.txt') { Copy-Changed (Get-RootPath $text) ([IO.Path]::Combine($module, $text)) }
    $manifest = [IO.File]::ReadAllText((Get-RootPath 'ps-module' 'EsgMailboxSync.psd1')) -replace "ModuleVersion = '[^']*'", "ModuleVersion = '$version'"
    [IO.File]::WriteAllText([IO.Path]::Combine($module, 'EsgMailboxSync.psd1'), $manifest)
    Invoke-Step 'dotnet' @('run', '--project', (Get-RootPath 'ps-module' 'help' 'builder'), '-c', 'Release', '-v', 'q', '--', $module) -Quiet
    Show-Text "Built $module"
}

# The notices of the crates in the native library, as cargo-about makes them; nothing where it is not there.
function Get-Notices {
    $about = Find-Program 'cargo-about'
    $beside = [IO.Path]::GetFullPath((Get-RootPath '..' 'shared' 'tools' 'cargo-about'))
    if (-not $about -and [IO.File]::Exists($beside)) { $about = $beside }
    if (-not $about) { return }
    Set-CrateSource
    # It refuses a redirected output below PowerShell, which used to change the encoding.
    $file = Get-RootPath 'target' 'notices.txt'
    [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($file))
    $run = Invoke-Program $about @('generate', '--offline', '--locked', '--fail', '-o', $file, '-m', (Get-RootPath 'rust' 'ffi' 'Cargo.toml'), '-c', (Get-RootPath 'about.toml'), (Get-RootPath 'about.hbs')) -Quiet
    if ($run.ExitCode -ne 0) { throw "cargo-about ended with exit code $($run.ExitCode): a crate has a licence that about.toml does not accept, or is not here." }
    [IO.File]::ReadAllText($file)
}

function Invoke-Notices {
    $notices = Get-Notices
    if (-not $notices) { throw 'cargo-about is missing. It makes the third-party notices. Install it: cargo install cargo-about' }
    [IO.File]::WriteAllText((Get-RootPath 'THIRD-PARTY-NOTICES.txt'), $notices)
}

function Test-Notices {
    $notices = Get-Notices
    if (-not $notices) { Skip-Step 'third-party notices' 'cargo-about is not installed'; return }
    Test-Step 'third-party notices are those of Cargo.lock' {
        if ([IO.File]::ReadAllText((Get-RootPath 'THIRD-PARTY-NOTICES.txt')).TrimEnd() -cne $notices.TrimEnd()) { throw 'THIRD-PARTY-NOTICES.txt is stale: run build.ps1 Notices.' }
    }
}

# One check that is no test of a runner: it counts as one.
function Test-Step([string] $Name, [scriptblock] $Check) {
    try {
        & $Check
        $results.Passed++
        Show-Text "ok      $Name"
    }
    catch {
        $results.Failed++
        $results.Notes.Add("FAILED  ${Name}: $_")
        Show-Text "FAILED  ${Name}: $_"
    }
}

function Skip-Step([string] $Name, [string] $Why) {
    $results.Skipped++
    $results.Notes.Add("skipped ${Name}: $Why")
    Show-Text "skipped ${Name}: $Why"
}

function Test-Rust {
    Test-Step 'cargo fmt' { Invoke-Step 'cargo' @('fmt', '--all', '--check') }
    Test-Step 'cargo clippy' { Invoke-Step 'cargo' @('clippy', '--workspace', '--all-targets', '--features', 'esgsync-ffi/bindings', '--locked', '--quiet', '--', '-D', 'warnings') }
    $arguments = @('test', '--workspace', '--features', 'esgsync-ffi/bindings', '--locked', '--no-fail-fast')
    if ($Seeds) {
        $env:ESGSYNC_SEEDS = $Seeds
        # The tables that the simulations print.
        $arguments += @('--', '--show-output')
    }
    Test-Step 'whole runs under schedules of faults, in a release build' {
        $release = @('test', '--release', '--package', 'esgsync-commands', '--lib', '--locked', '--quiet', '--', 'simulation::', '--nocapture')
        Invoke-Step 'cargo' $release
    }
    $run = Invoke-Program 'cargo' $arguments
    $failed = 0
    foreach ($line in $run.Lines) {
        if ($line -match '^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored') {
            $results.Passed += [int]$Matches[1]
            $failed += [int]$Matches[2]
            $results.Skipped += [int]$Matches[3]
        }
        elseif ($line -match '^test (.+) \.\.\. ignored') { $results.Notes.Add("skipped $($Matches[1])") }
        elseif ($line -match '^test (.+) \.\.\. FAILED') { $results.Notes.Add("FAILED  $($Matches[1])") }
    }
    if ($run.ExitCode -ne 0 -and $failed -eq 0) {
        $failed = 1
        $results.Notes.Add("FAILED  cargo test ended with exit code $($run.ExitCode)")
    }
    $results.Failed += $failed
}

# The header and the library, used by a program in C: once as it is, once under valgrind.
function Test-CProgram {
    $compiler = @('cc', 'gcc', 'clang') | Where-Object { Find-Program $_ } | ForEach-Object { $_ }
    if ($onWindows -or @($compiler).Count -eq 0) {
        Skip-Step 'C program' 'it is compiled with cc, gcc or clang'
        Skip-Step 'C program under valgrind' 'it needs the C program'
        return
    }
    $library = [IO.Path]::Combine((Get-TargetFolder), 'release')
    $program = [IO.Path]::Combine((Get-TargetFolder), 'c-program')
    Test-Step 'C program' {
        Invoke-Step @($compiler)[0] @('-std=c11', '-Wall', '-Wextra', '-Werror', '-g', '-I', (Get-RootPath 'rust' 'ffi' 'include'), (Get-RootPath 'tests' 'c' 'program.c'),
            '-L', $library, '-lesgmailboxsync_native', "-Wl,-rpath,$library", '-o', $program)
        Invoke-Step $program @((Get-RootPath 'tests' 'tenants' 'small' 'snapshot.jsonl'), '20')
    }
    if (-not (Find-Program 'valgrind')) { Skip-Step 'C program under valgrind' 'valgrind is not installed'; return }
    Test-Step 'C program under valgrind: no leak in a thousand calls' {
        Invoke-Step 'valgrind' @('--quiet', '--leak-check=full', '--show-leak-kinds=definite,indirect', '--errors-for-leak-kinds=definite,indirect', '--error-exitcode=9',
            $program, (Get-RootPath 'tests' 'tenants' 'small' 'snapshot.jsonl'), '1000')
    }
}

# Reports of 50,000 rows and of hostile names, opened in a browser as a person would.
function Test-Report {
    $name = 'reports in Chromium'
    $browser = @('chromium', 'chromium-browser', 'google-chrome', 'chrome') | Where-Object { Find-Program $_ } | ForEach-Object { Find-Program $_ }
    foreach ($missing in @('node', 'npm') | Where-Object { -not (Find-Program $_) }) { Skip-Step $name "$missing is not installed"; return }
    if (@($browser).Count -eq 0) { Skip-Step $name 'Chromium is not installed'; return }
    $samples = [IO.Path]::Combine((Get-TargetFolder), 'report-samples')
    $folder = Get-RootPath 'tests' 'report'
    Test-Step $name {
        Invoke-Step 'cargo' @('run', '--package', 'esgsync-report', '--example', 'samples', '--locked', '--quiet', '--', $samples)
        & ([IO.Path]::Combine($folder, 'run.ps1')) -Module ([IO.Path]::Combine((Get-ModuleFolder), 'EsgMailboxSync.psd1')) -Simulator (Get-SimulatorPath) -Folder $samples
        $installed = Invoke-Program (Find-Program 'npm') @('install', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts', '--silent') $folder
        if ($installed.ExitCode -ne 0) { throw 'npm could not install what tests/report/package.json names.' }
        Invoke-Step 'node' @([IO.Path]::Combine($folder, 'check.mjs'), $samples, @($browser)[0])
    }
}

# What reads the data of others, fed with whatever a fuzzer thinks of; the target of the C functions builds the whole library and is for longer runs.
function Test-Fuzz {
    if (-not (Find-Program 'cargo-fuzz') -or (Invoke-Program 'rustc' @('+nightly', '--version') -Quiet).ExitCode -ne 0) {
        Skip-Step 'fuzz targets' 'they need cargo-fuzz and a nightly compiler'
        return
    }
    foreach ($target in 'snapshot', 'hal', 'plan') {
        Test-Step "fuzz target $target, 30 s" {
            # What is found beyond the committed inputs is kept, for the next run of this checkout.
            $found = Get-RootPath 'target' 'fuzz' 'corpus' $target
            [void][IO.Directory]::CreateDirectory($found)
            Invoke-Step 'cargo' @('+nightly', 'fuzz', 'run', '--fuzz-dir', (Get-RootPath 'rust' 'fuzz'), '--target-dir', (Get-RootPath 'target' 'fuzz'), '--sanitizer', 'none', $target,
                $found, (Get-RootPath 'rust' 'fuzz' 'corpus' $target), '--', '-max_total_time=30', '-verbosity=0', '-print_final_stats=1') -Quiet
        }
    }
}

function Test-Module {
    Test-Step 'dotnet format' {
        foreach ($project in @((Get-RootPath 'ps-module' 'EsgMailboxSync.csproj'), (Get-RootPath 'ps-module' 'help' 'builder'), (Get-RootPath 'tests' 'module'))) {
            Invoke-Step 'dotnet' @('format', $project, '--verify-no-changes', '--exclude-diagnostics', 'IDE0130', '-v', 'q') -Quiet
        }
    }
    Test-Step 'sources compile for .NET Framework 4.7.2' {
        Invoke-Step 'dotnet' @('build', (Get-RootPath 'ps-module' 'EsgMailboxSync.csproj'), '-c', 'Release', '-p:ReferenceFx=net472', '-o', (Get-RootPath 'target' 'net472'), '-v', 'q', '--nologo') -Quiet
    }
    $project = Get-RootPath 'tests' 'module'
    Invoke-Step 'dotnet' @('build', $project, '-c', 'Release', '-o', (Get-RootPath 'target' 'module-tests'), '-v', 'q', '--nologo') -Quiet
    $tests = Get-RootPath 'target' 'module-tests' 'ModuleTests.dll'
    $env:ESGMAILBOXSYNC_TEST_ROOT = $root
    $env:ESGMAILBOXSYNC_TEST_MODULE = [IO.Path]::Combine((Get-ModuleFolder), 'EsgMailboxSync.psd1')
    $env:ESGMAILBOXSYNC_TEST_SIMULATOR = Get-SimulatorPath
    # A process for each class: what the module and the stand-in keep for a process cannot pass from one to the next.
    $classes = @((Invoke-Program 'dotnet' @($tests, '-list', 'classes', '-noColor') -Quiet).Lines | Where-Object { $_ -like 'ModuleTests.*' })
    if ($classes.Count -eq 0) { throw 'The module tests list no class.' }
    foreach ($class in $classes) { Test-ModuleClass $tests $class }
}

function Test-ModuleClass([string] $Tests, [string] $Class) {
    $arguments = @($Tests, '-noColor', '-class', $Class)
    if ($Filter) { $arguments += @('-method', "*$Filter*") }
    $run = Invoke-Program 'dotnet' $arguments -Quiet
    $pattern = 'Total:\s*(\d+)(?:,\s*Errors:\s*(\d+),\s*Failed:\s*(\d+),\s*Skipped:\s*(\d+))?'
    $summary = @($run.Lines | Where-Object { $_ -match $pattern })
    if ($summary.Count -eq 0) {
        $results.Failed++
        $results.Notes.Add("FAILED  $Class gave no summary (exit code $($run.ExitCode))")
        foreach ($line in $run.Lines) { Show-Text $line }
        return
    }
    [void]($summary[-1] -match $pattern)
    $total = [int]$Matches[1]
    # With -Filter most classes have no test at all, and then the summary has no other numbers.
    if ($total -eq 0) {
        if (-not $Filter) { $results.Failed++; $results.Notes.Add("FAILED  $Class ran no test") }
        return
    }
    $failed = [int]$Matches[2] + [int]$Matches[3]
    $skipped = [int]$Matches[4]
    $results.Failed += $failed
    $results.Skipped += $skipped
    $results.Passed += $total - [int]$Matches[3] - $skipped
    Show-Text $summary[-1].Trim().Replace('ModuleTests ', "$Class ")
    if ($failed -gt 0) { foreach ($line in $run.Lines) { Show-Text $line } }
    foreach ($line in $run.Lines) { if ($line -match '\[(FAIL|SKIP)\]') { $results.Notes.Add("$Class $($line.Trim())") } }
}

function Invoke-Test {
    Invoke-Build
    Test-Rust
    Test-CProgram
    Test-Report
    Test-Notices
    Test-Module
    if (-not $Filter) { Test-Fuzz }
    foreach ($note in $results.Notes) { Show-Text $note }
    Show-Text "$($results.Passed) passed, $($results.Failed) failed, $($results.Skipped) skipped"
    if ($results.Failed -gt 0) { exit 1 }
}

function Invoke-Demo {
    Invoke-Build
    & (Get-RootPath 'tests' 'demo.ps1') -Module ([IO.Path]::Combine((Get-ModuleFolder), 'EsgMailboxSync.psd1')) -Simulator (Get-SimulatorPath)
}

function Invoke-Bench {
    Invoke-Build
    Invoke-Step 'cargo' @('bench', '-p', 'esgsync-delegation', '--bench', '*', '--locked', '--quiet')
    Invoke-Step 'cargo' @('bench', '-p', 'esgsync-targets', '--bench', 'concurrency', '--locked', '--quiet')
    & (Get-RootPath 'tests' 'bench' 'rows.ps1') -Module ([IO.Path]::Combine((Get-ModuleFolder), 'EsgMailboxSync.psd1'))
}

function Invoke-Clean {
    foreach ($folder in 'target', 'out') {
        $path = Get-RootPath $folder
        if ([IO.Directory]::Exists($path)) { [IO.Directory]::Delete($path, $true) }
    }
}

switch ($Task) {
    'Build' { Invoke-Build }
    'Test' { Invoke-Test }
    'Demo' { Invoke-Demo }
    'Bench' { Invoke-Bench }
    'Notices' { Invoke-Notices }
    'Clean' { Invoke-Clean }
}
