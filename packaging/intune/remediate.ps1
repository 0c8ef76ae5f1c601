# Remediation script of Intune Remediations. It writes the removal plan; with $Apply it runs it, and looks again.
# Deploy it with $Apply = $false first and read what the plans would do.
$Apply = $false
$debar = Join-Path $env:ProgramFiles 'debar\debar.exe'
$folder = Join-Path $env:ProgramData 'debar'
$report = Join-Path $folder 'report.json'
$plan = Join-Path $folder 'plan.ps1'
if (-not (Test-Path -LiteralPath $report)) {
    Write-Output 'there is no report: the detection script has not run'
    exit 1
}
& $debar plan $report --output "ps1=$plan"
if ($LASTEXITCODE -eq 2) {
    Write-Output 'debar could not make a plan'
    exit 1
}
if (-not $Apply) {
    Write-Output "plan written to $plan; nothing was changed"
    exit 1
}
& powershell.exe -NoProfile -ExecutionPolicy Bypass -File $plan -Apply *> (Join-Path $folder 'plan.log')
& $debar verify $report --no-progress --quiet --output "json=$report"
if ($LASTEXITCODE -eq 1) {
    Write-Output 'still there after the plan; see plan.log'
    exit 1
}
Write-Output 'removed'
exit 0
