[CmdletBinding()]
param(
  # Takes the steps; as administrator. Without it the script only shows what it would do.
  [switch]$Apply,
  # The name of this host in the plan, when $env:COMPUTERNAME says another.
  [string]$HostName = $env:COMPUTERNAME,
  # Where to log what was done.
  [string]$Log = (Join-Path $env:ProgramData 'debar-plan.log')
)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$script:Left = 0
$script:Known = $false
# Vendors with an agent or product whose step is left to do: what they leave behind waits, as an uninstaller needs it.
$script:Held = '|'
$script:Vendor = ''
$script:First = $false
$script:Acted = $false
$script:Named = $PSBoundParameters.ContainsKey('HostName')
# Never to the output stream: what a function writes there is part of what a call of it is worth, and would make a
# refusal count as consent.
function Say([string]$Text) {
  Write-Host $Text
  if ($Apply) { Add-Content -LiteralPath $Log -Encoding UTF8 -Value ('{0:u} {1}' -f [DateTime]::UtcNow, $Text) }
}
function Step([string]$Id, [string]$Title, [string]$Changes, [string]$Vendor, [bool]$First) {
  $script:Vendor = $Vendor
  $script:First = $First
  Say "[$Id] $Title"
  Say "    changes: $Changes"
}
function Hold { if ($script:First) { $script:Held += ('{0}|' -f $script:Vendor) } }
function Test-Held {
  if ($script:Held.Replace(('|{0}|' -f $script:Vendor), '') -ceq $script:Held) { return $false }
  $script:Left++
  Say '    waits for the steps above that are left to do'
  return $true
}
function Note([string]$Text) { Say "    note: $Text" }
function Manual([string]$Text) { $script:Left++; Hold; Say "    by hand: $Text" }
function Refuse([string]$Why) { $script:Left++; Hold; Say "    REFUSED: $Why" }
function Gone { Say '    already gone' }
function Would { $script:Left++; $script:Acted = $true; Say '    would do it; the host shows what the scan saw' }
function Finished([int]$Code, [bool]$Still) {
  if (-not $Still -and ($Code -eq 0 -or $Code -eq 3010 -or $Code -eq 1641 -or $Code -eq 1605)) { $script:Acted = $true; Say "    done (exit code $Code)" }
  else { $script:Left++; Hold; Say "    FAILED (exit code $Code)" }
  if ($Code -eq 3010 -or $Code -eq 1641) { RebootPoint }
}
# Only after a step that was taken: what was gone before needs no restart, and would need it again in every run.
function RebootPoint {
  if (-not $script:Acted) { return }
  if ($Apply) { Say '    restart the host now, and run the plan again for the steps that follow'; exit 3010 }
  Say '    then restart the host, and run the plan again'
}
# The values of a registry key, by its path as the report names it; $null when it is not there.
function Get-Key([string]$Path) {
  $parts = $Path.Split([char[]]'\', 2)
  if ($parts.Count -ne 2) { return $null }
  $hive = switch ($parts[0]) {
    'HKLM' { [Microsoft.Win32.Registry]::LocalMachine }
    'HKEY_LOCAL_MACHINE' { [Microsoft.Win32.Registry]::LocalMachine }
    'HKU' { [Microsoft.Win32.Registry]::Users }
    'HKEY_USERS' { [Microsoft.Win32.Registry]::Users }
    default { $null }
  }
  if ($null -eq $hive) { return $null }
  return $hive.OpenSubKey($parts[1])
}
# Tells that a key that is not there is gone; refuses when it lies in the registry of a user that is not loaded.
function Tell-Gone([string]$Path) {
  $parts = $Path.Split([char[]]'\', 3)
  if ($parts[0] -eq 'HKU' -or $parts[0] -eq 'HKEY_USERS') {
    $user = Get-Key ('HKU\{0}' -f $parts[1])
    if ($null -eq $user) { Refuse 'the registry of this user is not loaded: the user must log on first'; return }
  }
  Gone
}
function Get-Text($Key, [string]$Name) {
  return [string]$Key.GetValue($Name, '', [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
}
# The name that the scan saw there: what is shown to people, what Windows Installer registered, or the key's own.
function Get-ShownName($Key, [string]$Path) {
  foreach ($name in 'DisplayName', 'ProductName') { $text = Get-Text $Key $name; if ($text.Trim()) { return $text } }
  return $Path.Substring($Path.LastIndexOf('\') + 1)
}
# Whether a value says this, as it is stored or with its variables expanded, as the scan shows it.
function Test-Value($Key, [string]$Name, [string]$Text) {
  return (Get-Text $Key $Name) -eq $Text -or [string]$Key.GetValue($Name, '') -eq $Text
}
# Starts a program with exactly these arguments, without a shell, and waits.
function Invoke-Program([string]$Program, [string]$Arguments) {
  $start = New-Object System.Diagnostics.ProcessStartInfo
  $start.FileName = $Program
  $start.Arguments = $Arguments
  $start.UseShellExecute = $false
  $process = [System.Diagnostics.Process]::Start($start)
  $process.WaitForExit()
  return $process.ExitCode
}
# A password from the environment, or asked for; never part of this script, never logged.
function Get-Secret([string]$Name) {
  $value = [Environment]::GetEnvironmentVariable("DEBAR_SECRET_$Name")
  if ($value) { return $value }
  $asked = Read-Host -AsSecureString -Prompt $Name
  $pointer = [Runtime.InteropServices.Marshal]::SecureStringToBSTR($asked)
  try { return [Runtime.InteropServices.Marshal]::PtrToStringBSTR($pointer) }
  finally { [Runtime.InteropServices.Marshal]::ZeroFreeBSTR($pointer) }
}
function Remove-Msi([string]$Code, [string]$Path, [string]$Name, [string]$Version, [string[]]$Secrets) {
  $key = Get-Key $Path
  if ($null -eq $key) { Tell-Gone $Path; return }
  if ((Get-ShownName $key $Path) -cne $Name -and $Name -ne $Code) { Refuse 'another name is registered there'; return }
  $registered = Get-Text $key 'DisplayVersion'
  if ($Version -and $registered -and $registered -cne $Version) { Refuse 'another version is registered there'; return }
  if (-not $Apply) { Would; return }
  $arguments = "/x $Code /qn /norestart REBOOT=ReallySuppress"
  foreach ($secret in $Secrets) { $arguments += ' {0}="{1}"' -f $secret, (Get-Secret $secret).Replace('"', '""') }
  $exit = Invoke-Program (Join-Path ([Environment]::SystemDirectory) 'msiexec.exe') $arguments
  Finished $exit ($null -ne (Get-Key $Path))
}
function Invoke-Uninstaller([string]$Path, [string]$Value, [string]$Command, [string]$Program, [string]$Arguments, [string]$Name) {
  $key = Get-Key $Path
  if ($null -eq $key) { Tell-Gone $Path; return }
  if ((Get-ShownName $key $Path) -cne $Name) { Refuse 'another name is registered there'; return }
  if (-not (Test-Value $key $Value $Command)) { Refuse 'another command is registered there'; return }
  if (-not (Test-Plain $Program $false)) { return }
  if (-not $Apply) { Would; return }
  $exit = Invoke-Program $Program $Arguments
  Finished $exit ($null -ne (Get-Key $Path))
}
function Wait-ForPerson([string]$Path, [string]$Name, [string]$Command) {
  $key = Get-Key $Path
  if ($null -eq $key) { Tell-Gone $Path; return }
  if ((Get-ShownName $key $Path) -cne $Name) { Refuse 'another name is registered there'; return }
  Manual $Command
}
# Whether a path is a file or folder and neither it nor a folder above it is a link; refuses otherwise.
function Test-Plain([string]$Path, [bool]$Folder) {
  $at = $Path
  while ($at) {
    $item = Get-Item -LiteralPath $at -Force -ErrorAction SilentlyContinue
    if ($null -eq $item) { Refuse "$at is not there"; return $false }
    if ($item.Attributes -band [IO.FileAttributes]::ReparsePoint) { Refuse "$at is a link now"; return $false }
    if ($at -eq $Path -and $item.PSIsContainer -ne $Folder) { Refuse 'it is of another kind now'; return $false }
    $at = [IO.Path]::GetDirectoryName($at)
  }
  return $true
}
function Remove-Path([string]$Path, [bool]$Folder, [string]$Size) {
  $here = Join-Path $env:SystemDrive ($Path.Replace('/', '\'))
  if (-not (Test-Path -LiteralPath $here)) { Gone; return }
  if (-not (Test-Plain $here $Folder)) { return }
  if ($Size -and -not $Folder -and (Get-Item -LiteralPath $here -Force).Length -ne [long]$Size) { Refuse 'it has another size now'; return }
  if (-not $Apply) { Would; return }
  Remove-Item -LiteralPath $here -Recurse:$Folder -Force
  Finished 0 (Test-Path -LiteralPath $here)
}
function Remove-LeftService([string]$Name, [string]$Command) {
  $path = "HKLM\SYSTEM\CurrentControlSet\Services\$Name"
  $key = Get-Key $path
  if ($null -eq $key) { Gone; return }
  if (-not (Test-Value $key 'ImagePath' $Command)) { Refuse 'another program is registered there'; return }
  if (-not $Apply) { Would; return }
  Stop-Service -Name ([WildcardPattern]::Escape($Name)) -Force -ErrorAction SilentlyContinue
  $exit = Invoke-Program (Join-Path ([Environment]::SystemDirectory) 'sc.exe') ('delete "{0}"' -f $Name)
  Finished $exit ($null -ne (Get-Key $path))
}
