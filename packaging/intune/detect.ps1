# Detection script of Intune Remediations: exit code 1 makes Intune run remediate.ps1. Its last line, at most 2,048 characters,
# is shown in the portal. Run it as system, in 64-bit PowerShell. debar.exe lies in %ProgramFiles%\debar.
$debar = Join-Path $env:ProgramFiles 'debar\debar.exe'
$folder = Join-Path $env:ProgramData 'debar'
if (-not (Test-Path -LiteralPath $debar)) {
    Write-Output "debar is not installed: $debar is missing"
    exit 1
}
New-Item -ItemType Directory -Force -Path $folder | Out-Null
$report = Join-Path $folder 'report.json'
& $debar scan --no-progress --quiet --output "json=$report"
$code = $LASTEXITCODE
if ($code -eq 2 -or -not (Test-Path -LiteralPath $report)) {
    Write-Output "debar could not scan (exit code $code)"
    exit 1
}
$result = Get-Content -LiteralPath $report -Raw -Encoding UTF8 | ConvertFrom-Json
$products = @($result.findings | Where-Object { $_.status -eq 'banned' -and $_.in_force } | ForEach-Object { "$($_.id) ($($_.state))" })
$line = switch ($code) {
    0 { 'clean: everything was looked at' }
    1 { "found: $($products -join ', ')" }
    default { "incomplete: $(@($result.gaps).Count) places were not read" }
}
if ($line.Length -gt 2000) { $line = $line.Substring(0, 2000) + '...' }
Write-Output $line
# Incomplete is no reason to remove anything.
if ($code -eq 1) { exit 1 }
exit 0
