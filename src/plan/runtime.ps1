[CmdletBinding()]
param(
  # Takes the steps; as administrator. Without it the script only shows what it would do.
  [switch]$Apply,
  # The name of this host in the plan, when $env:COMPUTERNAME says another.
  [string]$HostName = $env:COMPUTERNAME,
  # Where kept data, saved values and the log lie; only administrators can read it.
  [string]$Data = (Join-Path $env:ProgramData 'debar'),
  # Where to log what was done.
  [string]$Log = (Join-Path $Data 'plan.log'),
  # Keeps no copy of quarantine, keys, logs and backups.
  [switch]$DeleteData,
  # Goes on although the only antivirus is removed.
  [switch]$IHaveAReplacement,
  # Goes on: disks and files are decrypted.
  [switch]$Decrypted,
  # Asks for the passwords that protect products, where DEBAR_SECRET_NAME in the environment does not give them.
  [switch]$AskForPasswords,
  # Ids of steps by hand that are done, where the script cannot see it: -Done s07,s09
  [string[]]$Done = @()
)
# Exit code: 0 everything is done, 1 a step was refused or is left to do, 2 a step failed, or the plan is not for this
# host, 3010 restart the host and run the plan again.
Set-StrictMode -Version 2
if ([IntPtr]::Size -eq 4 -and $env:PROCESSOR_ARCHITEW6432) {
  Write-Host 'this is a PowerShell of 32 bits, which sees another registry and another System32: start the one of 64 bits'
  exit 2
}
$ErrorActionPreference = 'Stop'
$script:Left = 0
$script:Failed = 0
$script:Steps = 0
$script:Known = $false
# Vendors with an agent or product whose step is left to do: what they leave behind waits, as an uninstaller needs it.
$script:Held = '|'
# Vendors whose data could not be kept: nothing of theirs is removed.
$script:Blocked = '|'
$script:Vendor = ''
$script:Phase = ''
$script:Number = ''
$script:Acted = $false
# Whether -Apply could take a step.
$script:Able = $false
$script:Dated = ''
$script:Named = $PSBoundParameters.ContainsKey('HostName')
# A key that is gone after a restart, and stays as long as drivers do: with a fast start, too.
$script:DueKey = 'SOFTWARE\debar-restart-due'
# Vendors with a service that is left: an early-launch driver vouches for it.
$script:Services = '|'
# Whether a host of the plan is this one: by the name of the network, which can be longer than $env:COMPUTERNAME.
function Test-HostName([string]$Name) {
  if ($script:Named) { return $HostName -eq $Name }
  return $Name -eq $HostName -or $Name -eq [Net.Dns]::GetHostName()
}
# Never to the output stream: what a function writes there is part of what a call of it is worth, and would make a
# refusal count as consent.
function Say([string]$Text) {
  Write-Host $Text
  if ($Apply) { Add-Content -LiteralPath $Log -Encoding UTF8 -Value ('{0:u} {1}' -f [DateTime]::UtcNow, $Text) }
}
# Makes the folder for kept data, the log and saved values; a folder that another account made is not used.
function Initialize-Data {
  if (-not $Apply) { return }
  $made = $null -eq (Get-Item -LiteralPath $Data -Force -ErrorAction SilentlyContinue)
  if ($made) {
    New-Item -ItemType Directory -Path $Data | Out-Null
    $icacls = Join-Path ([Environment]::SystemDirectory) 'icacls.exe'
    $exit = Invoke-Program $icacls ('"{0}" /setowner *S-1-5-32-544' -f $Data)
    if ($exit -eq 0) { $exit = Invoke-Program $icacls ('"{0}" /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F' -f $Data) }
    if ($exit -ne 0) { Write-Host "cannot restrict $Data to administrators"; exit 2 }
  }
  $item = Get-Item -LiteralPath $Data -Force
  $others = Get-Others $Data $script:Writing
  if ($item.Attributes -band [IO.FileAttributes]::ReparsePoint -or -not $item.PSIsContainer -or $others) {
    Write-Host "$Data is a link or $others can write there: name another folder with -Data"
    exit 2
  }
}
function Step([string]$Id, [string]$Title, [string]$Changes, [string]$Vendor, [string]$Phase) {
  $script:Number = $Id
  $script:Vendor = $Vendor
  $script:Phase = $Phase
  $script:Steps++
  Say "[$Id] $Title"
  Say "    changes: $Changes"
}
function Hold {
  if ($script:Phase -eq 'first' -or $script:Phase -eq 'filter') { $script:Held += ('{0}|' -f $script:Vendor) }
  if ($script:Phase -eq 'keep') { $script:Blocked += ('{0}|' -f $script:Vendor) }
}
function Wait-Step { $script:Left++; Hold; Say '    waits for the steps above that are left to do' }
function Test-Blocked {
  if ($script:Blocked.Replace(('|{0}|' -f $script:Vendor), '') -ceq $script:Blocked) { return $false }
  Wait-Step
  return $true
}
function Test-Held {
  if ($script:Held.Replace(('|{0}|' -f $script:Vendor), '') -ceq $script:Held) { return (Test-Blocked) }
  Wait-Step
  return $true
}
function Note([string]$Text) { Say "    note: $Text" }
function Manual([string]$Text) { $script:Left++; Hold; Say "    by hand: $Text" }
# What of a product's data is refused to be copied is not deleted either, so it holds nothing back.
function Refuse([string]$Why) { $script:Left++; if ($script:Phase -ne 'keep') { Hold }; Say "    REFUSED: $Why" }
function Fail([string]$Why) { $script:Left++; $script:Failed++; Hold; Say "    FAILED ($Why)" }
function Gone { Say '    already gone' }
function Would { $script:Left++; $script:Acted = $true; $script:Able = $true; Say '    would do it; the host shows what the scan saw' }
function Finished([int]$Code, [bool]$Still) {
  if (-not $Still -and ($Code -eq 0 -or $Code -eq 3010 -or $Code -eq 1641 -or $Code -eq 1605)) { $script:Acted = $true; Say "    done (exit code $Code)" }
  else { Fail "exit code $Code" }
  if ($Code -eq 3010 -or $Code -eq 1641) { RebootPoint }
}
# A step by hand that the script cannot see: done when a person says so.
function Test-Stated {
  if ((',{0},' -f ($Done -join ',')).IndexOf(",$($script:Number),") -ge 0) { Say '    done, as you say'; return $true }
  return $false
}
function Confirm-Settled([string]$Option, [bool]$Given) {
  if ($Given) { Say "    settled: $Option"; return }
  if ($Apply) { Say "nothing was changed: settle this first, then give $Option"; exit 1 }
  $script:Left++
  Say "    stops -Apply until you give $Option"
}
function Set-RestartDue {
  $check = [Microsoft.Win32.RegistryKeyPermissionCheck]::ReadWriteSubTree
  [Microsoft.Win32.Registry]::LocalMachine.CreateSubKey($script:DueKey, $check, [Microsoft.Win32.RegistryOptions]::Volatile) | Out-Null
}
function Test-RestartDue { return $null -ne (Get-Key ('HKLM\{0}' -f $script:DueKey)) }
# Only after a step that was taken, or while the restart of an earlier run is due.
function RebootPoint {
  if (-not $Apply) {
    if ($script:Acted) { Say '    then restart the host, and run the plan again' }
    return
  }
  if (-not $script:Acted -and -not (Test-RestartDue)) { return }
  if ($script:Failed -ne 0) { Say '    a step failed: restart the host when it is mended'; exit 2 }
  Set-RestartDue
  Say '    restart the host now, and run the plan again for the steps that follow'
  exit 3010
}
function Show-Left {
  if ($script:Left -eq 1) { Say '1 step is left to do' } else { Say "$($script:Left) steps are left to do" }
}
function Complete-Plan {
  if (-not $script:Known) { Say "the plan has no steps for $HostName; see -HostName"; exit 2 }
  if ($script:Steps -eq 0) { Say 'nothing to remove'; exit 0 }
  if (-not $Apply -and $script:Left -ne 0) {
    if ($script:Able) { Say 'nothing was changed; -Apply does it' }
    else { Say 'nothing was changed, and -Apply changes nothing: what is left is by hand or refused' }
    exit 1
  }
  if ($script:Failed -ne 0) { Show-Left; exit 2 }
  if ($Apply -and (Test-RestartDue)) { Say 'restart the host now, and run the plan again'; exit 3010 }
  if ($script:Left -eq 0) { Say 'everything is done; now run debar verify'; exit 0 }
  Show-Left
  exit 1
}
# A registry key, by its path as the report names it; $null when it is not there.
function Get-Key([string]$Path, [bool]$Write = $false) {
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
  return $hive.OpenSubKey($parts[1], $Write)
}
function Get-SubKeys([string]$Path) {
  $key = Get-Key $Path
  if ($null -eq $key) { return @() }
  return @($key.GetSubKeyNames())
}
# Whether a key lies where the script cannot look: in the registry of a user that is not loaded, in no hive that it opens.
function Test-Unloaded([string]$Path) {
  $parts = $Path.Split([char[]]'\', 3)
  if ('HKLM', 'HKEY_LOCAL_MACHINE' -contains $parts[0]) { return $false }
  if ($parts[0] -ne 'HKU' -and $parts[0] -ne 'HKEY_USERS') { return $true }
  return $null -eq (Get-Key ('HKU\{0}' -f $parts[1]))
}
# Says that a key that is not there is gone; refuses when it lies in the registry of a user that is not loaded.
function Show-Gone([string]$Path) {
  if (Test-Unloaded $Path) { Refuse 'the registry of this user is not loaded: the user must log on first'; return }
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
# Whether two texts are the same; of a redacted one, what stands before and behind the secrets.
function Test-Same([string]$Seen, [string]$Wanted) {
  $at = $Wanted.IndexOf('<redacted>')
  if ($at -lt 0) { return $Seen -eq $Wanted }
  $end = $Wanted.Substring($Wanted.LastIndexOf('<redacted>') + 10)
  if ($Seen.Length -lt $at + $end.Length) { return $false }
  return $Seen.Substring(0, $at) -eq $Wanted.Substring(0, $at) -and $Seen.Substring($Seen.Length - $end.Length) -eq $end
}
# Whether a value says this, as it is stored or with its variables expanded, as the scan shows it.
function Test-Value($Key, [string]$Name, [string]$Text) {
  return (Test-Same (Get-Text $Key $Name) $Text) -or (Test-Same ([string]$Key.GetValue($Name, '')) $Text)
}
# Whether further values, each as name=text, are those that the scan saw.
function Test-Values($Key, [string[]]$Values) {
  foreach ($value in $Values) {
    $at = $value.IndexOf('=')
    $name = $value.Substring(0, $at)
    if (-not (Test-Value $Key $name ($value.Substring($at + 1)))) { Refuse "another $name is registered there"; return $false }
  }
  return $true
}
# Starts a program with exactly these arguments, without a shell, and waits.
function Invoke-Program([string]$Program, [string]$Arguments) {
  $start = New-Object System.Diagnostics.ProcessStartInfo
  $start.FileName = $Program
  $start.Arguments = $Arguments
  $start.UseShellExecute = $false
  # Not where the script was started: others may write there, and a program may look there for its files.
  $start.WorkingDirectory = [Environment]::SystemDirectory
  # A password is for this script: no program that it starts finds it in its environment.
  foreach ($name in @($start.EnvironmentVariables.Keys)) {
    if ($name.ToUpperInvariant().StartsWith('DEBAR_SECRET_')) { $start.EnvironmentVariables.Remove($name) }
  }
  $process = [System.Diagnostics.Process]::Start($start)
  $process.WaitForExit()
  return $process.ExitCode
}
# Rights by which a folder or what is in it can be taken away, and with those to write into it.
$script:Renaming = 0x100D0040
$script:Writing = 0x500D0156
$script:Administrators = @('S-1-5-18', 'S-1-5-32-544', 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464', 'S-1-3-0')
# Who other than administrators has one of these rights; nothing when nobody has.
function Get-Others([string]$Path, [int]$Rights) {
  $acl = Get-Acl -LiteralPath $Path
  $owner = $acl.GetOwner([System.Security.Principal.SecurityIdentifier]).Value
  if ($script:Administrators -notcontains $owner) { return $owner }
  foreach ($rule in $acl.GetAccessRules($true, $true, [System.Security.Principal.SecurityIdentifier])) {
    $who = $rule.IdentityReference.Value
    $holds = [string]$rule.AccessControlType -eq 'Allow' -and ([int]$rule.PropagationFlags -band 2) -eq 0
    if ($holds -and $script:Administrators -notcontains $who -and ([int]$rule.FileSystemRights -band $Rights) -ne 0) { return $who }
  }
  return ''
}
# Who other than administrators can swap a folder above a path.
function Get-OthersAbove([string]$Path) {
  $at = [IO.Path]::GetDirectoryName($Path)
  while ($at) {
    $others = Get-Others $at $script:Renaming
    if ($others) { return $others }
    $at = [IO.Path]::GetDirectoryName($at)
  }
  return ''
}
# Who other than administrators can change a folder or a folder in it, to lead a deletion elsewhere.
function Get-OthersBelow([string]$Path) {
  $others = Get-Others $Path $script:Writing
  if ($others) { return $others }
  foreach ($item in @(Get-ChildItem -LiteralPath $Path -Force)) {
    $link = $item.Attributes -band [IO.FileAttributes]::ReparsePoint
    if ($item.PSIsContainer -and -not $link) {
      $others = Get-OthersBelow ($item.FullName)
      if ($others) { return $others }
    }
  }
  return ''
}
# A password from the environment, or asked for; never part of this script, never logged. Nothing where neither gives one:
# most products have none, and where nobody is at the screen a question would wait for ever.
function Get-Secret([string]$Name) {
  $value = [Environment]::GetEnvironmentVariable("DEBAR_SECRET_$Name")
  if ($value -or -not $AskForPasswords) { return $value }
  $asked = Read-Host -AsSecureString -Prompt $Name
  $pointer = [Runtime.InteropServices.Marshal]::SecureStringToBSTR($asked)
  try { return [Runtime.InteropServices.Marshal]::PtrToStringBSTR($pointer) }
  finally { [Runtime.InteropServices.Marshal]::ZeroFreeBSTR($pointer) }
}
# Whether the key is that of this product code: a report could give the code of another product.
function Test-Code($Key, [string]$Path, [string]$Code, [string]$Packed) {
  $leaf = $Path.Substring($Path.LastIndexOf('\') + 1).ToUpperInvariant()
  if ($leaf.EndsWith($Code) -or $leaf -eq $Packed) { return $true }
  return (Get-Text $Key 'UninstallString').ToUpperInvariant().IndexOf($Code) -ge 0
}
# The properties with passwords, as arguments: while Windows Installer runs, administrators can see them in its command
# line, which it has no other way for.
function Get-Properties([string[]]$Secrets) {
  $arguments = ''
  foreach ($secret in $Secrets) {
    $at = $secret.IndexOf(' ')
    $property = $secret.Substring($at + 1)
    $value = Get-Secret $property
    if ($value) {
      if ($secret.StartsWith('utf16-hex')) { $value = [BitConverter]::ToString([Text.Encoding]::Unicode.GetBytes($value)).Replace('-', '') }
      $arguments += ' {0}="{1}"' -f $property, $value.Replace('"', '""')
    }
  }
  return $arguments
}
function Show-Secrets([string[]]$Secrets) {
  foreach ($secret in $Secrets) {
    Say ('    if a password protects it: DEBAR_SECRET_{0} in the environment, or -AskForPasswords' -f $secret.Substring($secret.IndexOf(' ') + 1))
  }
}
function Remove-Msi([string]$Code, [string]$Packed, [string]$Path, [string]$Name, [string]$Version, [string[]]$Values, [string[]]$Secrets) {
  $key = Get-Key $Path
  if ($null -eq $key) { Show-Gone $Path; return }
  if ((Get-ShownName $key $Path) -cne $Name -and $Name -ne $Code) { Refuse 'another name is registered there'; return }
  $registered = Get-Text $key 'DisplayVersion'
  if ($Version -and $registered -and $registered -cne $Version) { Refuse 'another version is registered there'; return }
  if (-not (Test-Code $key $Path $Code $Packed)) { Refuse 'another product code is registered there'; return }
  if (-not (Test-Values $key $Values)) { return }
  if (-not $Apply) { Show-Secrets $Secrets; Would; return }
  $given = Get-Properties $Secrets
  $arguments = "/x $Code /qn /norestart REBOOT=ReallySuppress$given"
  $exit = Invoke-Program (Join-Path ([Environment]::SystemDirectory) 'msiexec.exe') $arguments
  if (-not $given -and $null -ne (Get-Key $Path)) { Show-Secrets $Secrets }
  Finished $exit ($null -ne (Get-Key $Path))
}
function Invoke-Uninstaller([string]$Path, [string]$Value, [string]$Command, [string]$Program, [string]$Arguments, [string]$Name, [string[]]$Values) {
  $key = Get-Key $Path
  if ($null -eq $key) { Show-Gone $Path; return }
  if ((Get-ShownName $key $Path) -cne $Name) { Refuse 'another name is registered there'; return }
  if (-not (Test-Value $key $Value $Command)) { Refuse 'another command is registered there'; return }
  if (-not (Test-Values $key $Values)) { return }
  if (-not (Test-Plain $Program $false)) { return }
  $others = Get-Others $Program $script:Writing
  if (-not $others) { $others = Get-Others ([IO.Path]::GetDirectoryName($Program)) $script:Writing }
  if (-not $others) { $others = Get-OthersAbove $Program }
  if ($others) { Refuse "$others can change $Program, so it is not run with your rights: uninstall it by hand"; return }
  if (-not $Apply) { Would; return }
  $exit = Invoke-Program $Program $Arguments
  Finished $exit ($null -ne (Get-Key $Path))
}
function Wait-ForPerson([string]$Path, [string]$Name, [string]$Command) {
  $key = Get-Key $Path
  if ($null -eq $key) { Show-Gone $Path; return }
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
# Whether the drive letters of the scan are those of this host.
function Test-Drive([string]$Path) {
  if ($env:SystemDrive -eq 'C:' -or -not $Path.ToUpperInvariant().StartsWith('C:')) { return $true }
  Refuse 'Windows is not on drive C: here; remove it by hand'
  return $false
}
# Where the data of a folder was kept, by this or an earlier run.
function Get-Kept([string]$Path) {
  $list = Join-Path $Data 'kept.txt'
  $kept = ''
  if (Test-Path -LiteralPath $list) {
    foreach ($line in @(Get-Content -LiteralPath $list -Encoding UTF8)) {
      $at = $line.IndexOf('|')
      if ($at -gt 0 -and $line.Substring(0, $at) -eq $Path) { $kept = $line.Substring($at + 1) }
    }
  }
  return $kept
}
# What cannot be had again in a folder of programs.
function Find-Data([string]$Path) {
  $found = @()
  foreach ($item in @(Get-ChildItem -LiteralPath $Path -Force)) {
    $link = $item.Attributes -band [IO.FileAttributes]::ReparsePoint
    if ($item.PSIsContainer -and -not $link) {
      if ($item.Name -match 'quarantine|backup|^logs?$|report|key|trace|storage') { $found += $item.FullName }
      else { $found += @(Find-Data ($item.FullName)) }
    }
  }
  return $found
}
# The first text of a registry value, however it is stored.
function Get-First($Key, [string]$Name) {
  $value = $Key.GetValue($Name, $null)
  if ($null -eq $value) { return '' }
  if ($value -is [byte[]]) { return [Text.Encoding]::ASCII.GetString($value).Split([char]0)[0] }
  return [string](@($value)[0])
}
# A path of a driver as Windows writes it, with its drive.
function Get-DriverPath([string]$Image) {
  $path = [Environment]::ExpandEnvironmentVariables($Image).Trim('"')
  if ($path.StartsWith('\??\')) { return $path.Substring(4) }
  if ($path.ToUpperInvariant().StartsWith('\SYSTEMROOT\')) { return (Join-Path $env:SystemRoot ($path.Substring(12))) }
  if ($path.ToUpperInvariant().StartsWith('SYSTEM32\')) { return (Join-Path $env:SystemRoot $path) }
  return $path
}
# What Windows loads into the network, at the logon and at its start, as what|path.
function Get-Loaded {
  $found = @()
  $winsock = 'HKLM\SYSTEM\CurrentControlSet\Services\WinSock2\Parameters'
  foreach ($catalog in @(Get-SubKeys $winsock)) {
    foreach ($list in @(Get-SubKeys "$winsock\$catalog")) {
      foreach ($entry in @(Get-SubKeys "$winsock\$catalog\$list")) {
        $key = Get-Key "$winsock\$catalog\$list\$entry"
        foreach ($name in 'PackedCatalogItem', 'LibraryPath') {
          $library = Get-First $key $name
          if ($library) { $found += "the Winsock provider $entry|$library" }
        }
      }
    }
  }
  $logon = 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Authentication'
  foreach ($list in 'Credential Providers', 'Credential Provider Filters', 'PLAP Providers') {
    foreach ($id in @(Get-SubKeys "$logon\$list")) {
      $server = Get-Key "HKLM\SOFTWARE\Classes\CLSID\$id\InprocServer32"
      if ($null -ne $server) { $found += '{0} {1}|{2}' -f $list, $id, (Get-First $server '') }
    }
  }
  $lsa = Get-Key 'HKLM\SYSTEM\CurrentControlSet\Control\Lsa'
  if ($null -ne $lsa) {
    foreach ($list in 'Security Packages', 'Authentication Packages', 'Notification Packages') {
      foreach ($package in @($lsa.GetValue($list, @()))) {
        $found += '{0} {1}|{2}.dll' -f $list, $package, (Join-Path ([Environment]::SystemDirectory) $package)
      }
    }
  }
  $winlogon = Get-Key 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon'
  if ($null -ne $winlogon) {
    foreach ($name in 'Shell', 'Userinit') {
      foreach ($program in (Get-First $winlogon $name).Split([char]',')) { $found += "$name of the logon|$($program.Trim())" }
    }
  }
  $services = 'HKLM\SYSTEM\CurrentControlSet\Services'
  foreach ($name in @(Get-SubKeys $services)) {
    $key = Get-Key "$services\$name"
    # Drivers of the kernel and of file systems.
    if ('1', '2' -contains (Get-Text $key 'Type')) {
      $image = Get-DriverPath (Get-Text $key 'ImagePath')
      if ($image) { $found += "the driver $name|$image" }
    }
  }
  return $found
}
# What of that lies at a path or below it; nothing when nothing does.
function Find-Loaded([string]$Path) {
  $wanted = $Path.ToUpperInvariant()
  foreach ($one in @(Get-Loaded)) {
    $at = $one.IndexOf('|')
    $file = [Environment]::ExpandEnvironmentVariables($one.Substring($at + 1)).Trim('"').ToUpperInvariant()
    if ($file -eq $wanted -or $file.StartsWith("$wanted\")) { return $one.Substring(0, $at) }
  }
  return ''
}
# Whether something is still loaded from a path, which then stays.
function Test-Loaded([string]$Path) {
  $loaded = Find-Loaded $Path
  if (-not $loaded) { return $false }
  if ($Apply) { Refuse "$loaded is loaded from it: take that out first"; return $true }
  $script:Left++
  Say "    would do it once $loaded is not loaded from it any more"
  return $true
}
# Copies what cannot be had again, with its owners; $false when it failed.
function Save-Data([string]$Path, [bool]$All) {
  if (-not $script:Dated) { $script:Dated = Join-Path $Data ('kept\{0:yyyy-MM-ddTHHmmssZ}' -f [DateTime]::UtcNow) }
  $into = Get-Kept $Path
  if (-not $into) { $into = Join-Path $script:Dated ($Path.Replace(':', '').Replace('\\?\', '').TrimStart('\')) }
  $from = @($Path)
  if (-not $All) { $from = @(Find-Data $Path) }
  foreach ($one in $from) {
    $to = $into + $one.Substring($Path.Length)
    $exit = Invoke-Program (Join-Path ([Environment]::SystemDirectory) 'robocopy.exe') ('"{0}" "{1}" /E /COPY:DATO /DCOPY:DAT /XJ /XO /R:0 /W:0 /NFL /NDL /NJH /NJS' -f $one, $to)
    if ($exit -ge 8) { return $false }
  }
  if ($from.Count -ne 0) { Add-Content -LiteralPath (Join-Path $Data 'kept.txt') -Encoding UTF8 -Value ('{0}|{1}' -f $Path, $into) }
  return $true
}
function Copy-Kept([string]$Path, [bool]$All) {
  if (-not (Test-Drive $Path)) { return }
  if (-not (Test-Path -LiteralPath $Path)) { Gone; return }
  if (-not (Test-Plain $Path $true)) { return }
  if ($DeleteData) { Say '    not kept: -DeleteData'; return }
  if (-not $All -and @(Find-Data $Path).Count -eq 0) { Say '    no data in it'; return }
  $kept = Get-Kept $Path
  if ($kept) { Say "    kept in $kept"; return }
  if (-not $Apply) { $script:Left++; $script:Able = $true; Say "    would copy it below $Data"; return }
  if (-not (Save-Data $Path $All)) { Fail 'it could not be copied: is there room for it?'; return }
  Say ('    done: kept in {0}' -f (Get-Kept $Path))
}
function Remove-Folder([string]$Path, [bool]$All) {
  if (-not (Test-Drive $Path)) { return }
  if (-not (Test-Path -LiteralPath $Path)) { Gone; return }
  if (-not (Test-Plain $Path $true)) { return }
  $others = Get-OthersAbove $Path
  if (-not $others) { $others = Get-OthersBelow $Path }
  if ($others) { Manual ('{0} can write there; when nobody else is logged on: rmdir /s /q "{1}"' -f $others, $Path); return }
  if ($Path.IndexOf('%') -ge 0) { Manual "delete the folder $Path"; return }
  if (Test-Loaded $Path) { return }
  if (-not $Apply) { Would; return }
  # What came since the first copy.
  if (-not $DeleteData -and -not (Save-Data $Path $All)) { Fail 'its data could not be kept'; return }
  # Links in it go, and what they lead to stays.
  $exit = Invoke-Program (Join-Path ([Environment]::SystemDirectory) 'cmd.exe') ('/d /c rmdir /s /q "{0}"' -f $Path)
  Finished $exit (Test-Path -LiteralPath $Path)
}
# Whether a driver that is registered is this file.
function Test-Registered([string]$Path) {
  $file = $Path.Substring($Path.LastIndexOf('\') + 1).ToUpperInvariant()
  $services = 'HKLM\SYSTEM\CurrentControlSet\Services'
  foreach ($name in @(Get-SubKeys $services)) {
    $key = Get-Key "$services\$name"
    if ($null -ne $key) {
      $image = (Get-Text $key 'ImagePath').ToUpperInvariant()
      if ($image.EndsWith("\$file") -or (-not $image -and "$name.SYS".ToUpperInvariant() -eq $file -and (Get-Text $key 'Type'))) { return $true }
    }
  }
  return $false
}
function Remove-File([string]$Path, [string]$Size, [string]$Holds) {
  if (-not (Test-Drive $Path)) { return }
  if (-not (Test-Path -LiteralPath $Path)) { Gone; return }
  if (-not (Test-Plain $Path $false)) { return }
  if ($Size -and (Get-Item -LiteralPath $Path -Force).Length -ne [long]$Size) { Refuse 'it has another size now'; return }
  if ($Holds -and ([string](Get-Content -LiteralPath $Path -Raw)).IndexOf($Holds) -lt 0) { Refuse 'it does not hold that text any more'; return }
  if ($Path.ToUpperInvariant().EndsWith('.SYS')) {
    if (-not $Apply -and $script:Acted) { Say '    would do it after a restart'; $script:Left++; return }
    if (Test-Registered $Path) { Refuse 'a driver that is registered is this file'; return }
    if ($Apply -and (Test-RestartDue)) { $script:Left++; Say '    waits for the restart'; return }
  }
  elseif (Test-Loaded $Path) { return }
  $others = Get-OthersAbove $Path
  if (-not $others) { $others = Get-Others ([IO.Path]::GetDirectoryName($Path)) $script:Writing }
  if ($others) { Manual ('{0} can write there; when nobody else is logged on: del /f "{1}"' -f $others, $Path); return }
  if (-not $Apply) { Would; return }
  Remove-Item -LiteralPath $Path -Force
  Finished 0 (Test-Path -LiteralPath $Path)
}
# Keys and lists of filters that name a driver, as key|list: of device classes and of single devices.
function Find-Filters([string]$Name) {
  $keys = @()
  $classes = 'HKLM\SYSTEM\CurrentControlSet\Control\Class'
  foreach ($class in @(Get-SubKeys $classes)) {
    $keys += "$classes\$class"
    foreach ($instance in @(Get-SubKeys "$classes\$class")) { $keys += "$classes\$class\$instance" }
  }
  $buses = 'HKLM\SYSTEM\CurrentControlSet\Enum'
  foreach ($bus in @(Get-SubKeys $buses)) {
    foreach ($device in @(Get-SubKeys "$buses\$bus")) {
      foreach ($instance in @(Get-SubKeys "$buses\$bus\$device")) { $keys += "$buses\$bus\$device\$instance" }
    }
  }
  $found = @()
  foreach ($path in $keys) {
    $key = Get-Key $path
    if ($null -ne $key) {
      foreach ($list in 'UpperFilters', 'LowerFilters', '*UpperFilters', '*LowerFilters') { if (@($key.GetValue($list, @())) -contains $Name) { $found += "$path|$list" } }
    }
  }
  return $found
}
function Remove-Filter([string]$Name) {
  $places = @(Find-Filters $Name)
  if ($places.Count -eq 0) { Say '    no list of filters names it'; return }
  foreach ($place in $places) { Say "    named in $place" }
  if (-not $Apply) { Would; return }
  foreach ($place in $places) {
    $at = $place.LastIndexOf('|')
    $list = $place.Substring($at + 1)
    $left = @()
    try {
      $key = Get-Key ($place.Substring(0, $at)) $true
      $old = @($key.GetValue($list, @()))
      Add-Content -LiteralPath (Join-Path $Data 'filters.txt') -Encoding UTF8 -Value ('{0:u} {1} was: {2}' -f [DateTime]::UtcNow, $place, ($old -join ', '))
      foreach ($one in $old) { if ($one -ne $Name) { $left += $one } }
      if ($left.Count -eq 0) { $key.DeleteValue($list) } else { $key.SetValue($list, [string[]]$left, [Microsoft.Win32.RegistryValueKind]::MultiString) }
    }
    catch { Say "    cannot change ${place}: run as SYSTEM, or take $Name out of it by hand" }
  }
  Set-RestartDue
  Finished 0 (@(Find-Filters $Name).Count -ne 0)
}
# The network component that a driver is bound as; deleted without it, the network fails.
function Find-Component([string]$Name) {
  $network = 'HKLM\SYSTEM\CurrentControlSet\Control\Network'
  foreach ($class in @(Get-SubKeys $network)) {
    foreach ($component in @(Get-SubKeys "$network\$class")) {
      $ndi = Get-Key "$network\$class\$component\Ndi"
      if ($null -ne $ndi -and (Get-Text $ndi 'Service') -eq $Name) {
        return (Get-Text (Get-Key "$network\$class\$component") 'ComponentId')
      }
    }
  }
  return ''
}
# Unbinds a network component by the program of Windows that does.
function Remove-Component([string]$Path, [string]$Component, [string[]]$Values) {
  $key = Get-Key $Path
  if ($null -eq $key) { Gone; return }
  if ((Get-Text $key 'ComponentId') -ne $Component) { Refuse 'another component is registered there'; return }
  if (-not (Test-Values $key $Values)) { return }
  if (-not $Apply) { Would; return }
  $exit = Invoke-Program (Join-Path ([Environment]::SystemDirectory) 'netcfg.exe') ('-u {0}' -f $Component)
  Set-RestartDue
  Finished $exit ($null -ne (Get-Key $Path))
}
function Remove-LeftService([string]$Name, [string]$Command, [bool]$Driver, [string[]]$Values) {
  Remove-Registered $Name $Command $Driver $Values
  $left = $null -ne (Get-Key "HKLM\SYSTEM\CurrentControlSet\Services\$Name")
  if ($left -and -not $Driver) { $script:Services += ('{0}|' -f $script:Vendor) }
}
function Remove-Registered([string]$Name, [string]$Command, [bool]$Driver, [string[]]$Values) {
  $path = "HKLM\SYSTEM\CurrentControlSet\Services\$Name"
  $key = Get-Key $path
  if ($null -eq $key) { Gone; return }
  if (-not (Test-Value $key 'ImagePath' $Command)) { Refuse 'another program is registered there'; return }
  if (-not (Test-Values $key $Values)) { return }
  if ($Driver) {
    # Without -Apply the step before has not taken it out.
    if ($Apply -and @(Find-Filters $Name).Count -ne 0) { Refuse 'a list of filters names it: its devices would fail at the next start'; return }
    # Windows starts a protected service only while the early-launch driver that vouches for it is registered.
    $early = (Get-Text $key 'Group') -eq 'Early-Launch' -and $script:Services.IndexOf(('|{0}|' -f $script:Vendor)) -ge 0
    if ($Apply -and $early) { Refuse 'a service of this vendor is still registered, and this early-launch driver vouches for it'; return }
    $component = Find-Component $Name
    if ($component -and ($Apply -or -not $script:Acted)) { Refuse "it is bound as a network component: first run netcfg.exe -u $component"; return }
  }
  if (-not $Apply) { Would; return }
  Stop-Service -Name ([WildcardPattern]::Escape($Name)) -Force -ErrorAction SilentlyContinue
  $exit = Invoke-Program (Join-Path ([Environment]::SystemDirectory) 'sc.exe') ('delete "{0}"' -f $Name)
  if ($Driver) { Set-RestartDue }
  Finished $exit ($null -ne (Get-Key $path))
}
# Whether a key has a value of this name, or one that holds this text, as stored or with its variables expanded.
function Test-Data($Key, [string]$Text) {
  $wanted = $Text.ToUpperInvariant()
  foreach ($name in @($Key.GetValueNames())) {
    if ($name -eq $Text) { return $true }
    foreach ($data in @($Key.GetValue($name, ''))) {
      if (([Environment]::ExpandEnvironmentVariables([string]$data)).ToUpperInvariant().IndexOf($wanted) -ge 0) { return $true }
    }
  }
  return $false
}
# Whether something of a step by hand is still there.
function Test-Still([string]$Kind, [string]$What, [string]$Text) {
  if ($Kind -eq 'path') { return (Test-Path -LiteralPath $What) }
  if ($Kind -eq 'text') {
    if (-not (Test-Path -LiteralPath $What)) { return $false }
    return ([string](Get-Content -LiteralPath $What -Raw)).IndexOf($Text) -ge 0
  }
  $key = Get-Key $What
  if ($null -eq $key) { return (Test-Unloaded $What) }
  if ($Kind -eq 'data') { return (Test-Data $key $Text) }
  if ($Kind -eq 'value') { return $null -ne $key.GetValue($Text, $null) }
  return $true
}
