# @HEADING@
# Detection script: exit code 1 and one line of output when a listed product is found, else 0. It changes nothing.
$ErrorActionPreference = 'SilentlyContinue'
Set-StrictMode -Version 2

$signatures = @'
@SIGNATURES@
'@ | ConvertFrom-Json

# Without case, compatibility forms of Unicode folded; paths with one kind of slash and without their drive.
function Get-Comparable([string] $text, [string] $field) {
    $text = $text.Normalize([Text.NormalizationForm]::FormKC).ToLowerInvariant()
    if (@('path', 'install_location', 'uninstall_string') -contains $field) {
        $text = $text.Replace('\', '/') -replace '^"?[a-z]:/', '/'
    }
    return $text
}

function Test-Text([string] $text, $test, [string] $field) {
    foreach ($wanted in $test.texts) {
        $wanted = Get-Comparable $wanted $field
        $holds = switch ($test.op) {
            'equals' { $text -ceq $wanted }
            'prefix' { $text.StartsWith($wanted, [StringComparison]::Ordinal) }
            'suffix' { $text.EndsWith($wanted, [StringComparison]::Ordinal) }
            'contains' { $text.Contains($wanted) }
        }
        if ($holds) { return $true }
    }
    return $false
}

function Test-Condition($item, $condition) {
    $value = $item[$condition.field]
    if ([string]::IsNullOrWhiteSpace($value)) { return $condition.or_absent }
    $text = Get-Comparable $value $condition.field
    foreach ($test in $condition.tests) {
        if (-not (Test-Text $text $test $condition.field)) { return $false }
    }
    return $true
}

function Test-Indicator($item, $indicator) {
    foreach ($condition in $indicator.where) {
        if (-not (Test-Condition $item $condition)) { return $false }
    }
    foreach ($condition in $indicator.unless) {
        if (Test-Condition $item $condition) { return $false }
    }
    return $true
}

function Get-Value($key, [string] $name) {
    return [string] $key.GetValue($name)
}

function Get-Programs {
    $places = @('HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\*',
        'HKLM:\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\*',
        'Registry::HKEY_USERS\*\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\*')
    foreach ($key in Get-Item -Path $places) {
        @{
            name = Get-Value $key 'DisplayName'; version = Get-Value $key 'DisplayVersion'
            publisher = Get-Value $key 'Publisher'; install_location = Get-Value $key 'InstallLocation'
            uninstall_string = Get-Value $key 'UninstallString'; identifying_number = $key.PSChildName
        }
    }
}

# Drivers have type 1 or 2, services one of the others.
function Get-Services([bool] $drivers) {
    foreach ($key in Get-Item -Path 'HKLM:\SYSTEM\CurrentControlSet\Services\*') {
        $type = $key.GetValue('Type')
        if ($null -ne $type -and (($type -band 3) -ne 0) -eq $drivers) {
            @{
                name = $key.PSChildName; display_name = Get-Value $key 'DisplayName'
                path = (Get-Value $key 'ImagePath') -replace '^\\\?\?\\', '' -replace '^\\SystemRoot\\', '/Windows/'
            }
        }
    }
}

function Get-ProgramFolders {
    $places = @($env:ProgramFiles, ${env:ProgramFiles(x86)}, $env:ProgramData) | Where-Object { $_ } | Select-Object -Unique
    foreach ($place in $places) {
        foreach ($folder in Get-ChildItem -LiteralPath $place -Directory -Force) {
            @{ name = $folder.Name; path = $folder.FullName }
            foreach ($below in Get-ChildItem -LiteralPath $folder.FullName -Directory -Force) {
                @{ name = $below.Name; path = $below.FullName }
            }
        }
    }
}

$found = @{}
foreach ($reader in @('programs', 'services', 'drivers', 'program_folders')) {
    $wanted = @($signatures | Where-Object { $_.readers -contains $reader })
    if ($wanted.Count -eq 0) { continue }
    $items = switch ($reader) {
        'programs' { Get-Programs }
        'services' { Get-Services $false }
        'drivers' { Get-Services $true }
        'program_folders' { Get-ProgramFolders }
    }
    foreach ($item in $items) {
        foreach ($indicator in $wanted) {
            if (Test-Indicator $item $indicator) { $found[$indicator.product] = $true }
        }
    }
}

if ($found.Count -gt 0) {
    $line = 'found: ' + (($found.Keys | Sort-Object) -join ', ')
    # Intune keeps 2,048 characters.
    if ($line.Length -gt 2000) { $line = $line.Substring(0, 2000) }
    Write-Output $line
    exit 1
}
Write-Output 'nothing found'
exit 0
