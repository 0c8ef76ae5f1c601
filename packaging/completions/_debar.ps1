
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'debar' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'debar'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'debar' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('scan', 'scan', [CompletionResultType]::ParameterValue, 'Scan this machine, a disk or an image for restricted products')
            [CompletionResult]::new('inventory', 'inventory', [CompletionResultType]::ParameterValue, 'List everything that is installed or running, of every vendor')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Plan the removal of what reports found')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check again what a report found: is it gone?')
            [CompletionResult]::new('deliver', 'deliver', [CompletionResultType]::ParameterValue, 'Send the reports that wait in the spool to their collector')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Compare two reports: new, gone, changed, still there')
            [CompletionResult]::new('fleet', 'fleet', [CompletionResultType]::ParameterValue, 'Roll the reports of many hosts up into one picture')
            [CompletionResult]::new('osquery', 'osquery', [CompletionResultType]::ParameterValue, 'Serve findings, gaps and artifacts as tables of osquery')
            [CompletionResult]::new('attest', 'attest', [CompletionResultType]::ParameterValue, 'State what a scan checked and what it came to, for auditors')
            [CompletionResult]::new('collectors', 'collectors', [CompletionResultType]::ParameterValue, 'List the sources of inventory that debar reads')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain a word of a report: a product, vendor, rule, state, gap, source, audience or exit code')
            [CompletionResult]::new('signatures', 'signatures', [CompletionResultType]::ParameterValue, 'List, check, make, sign and export signature files')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Make, show or check a config file')
            [CompletionResult]::new('selftest', 'selftest', [CompletionResultType]::ParameterValue, 'See a finding end to end with a harmless test product')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'Print the completions of a shell')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Print the version of debar, its signatures and its formats')
            [CompletionResult]::new('generate', 'generate', [CompletionResultType]::ParameterValue, 'Write man pages, completions and schemas')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'debar;scan' {
            [CompletionResult]::new('--from-file', '--from-file', [CompletionResultType]::ParameterName, 'Take targets from a file, one a line; empty lines and those that begin with # are left out; - for standard input')
            [CompletionResult]::new('--shard', '--shard', [CompletionResultType]::ParameterName, 'Take every Nth of the targets, beginning with the Ith: splits a list over N jobs')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Report as FORMAT, to a file or to standard output; may be repeated [default: text]. In the name of a file %h stands for the host, %t for the time and %i for an id of the report: each target gets a file of its own then. json=https://ADDRESS sends the report to a collector; there %s stands for its SHA-256, too')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Report as FORMAT, to a file or to standard output; may be repeated [default: text]. In the name of a file %h stands for the host, %t for the time and %i for an id of the report: each target gets a file of its own then. json=https://ADDRESS sends the report to a collector; there %s stands for its SHA-256, too')
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'Of the files that an output with %t in its name made for a machine and target, keep the newest N and remove the others')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Report whose findings are known already: only new ones, and those in a graver state, give exit code 1')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'From which state on a banned product gives exit code 1')
            [CompletionResult]::new('--signature-age', '--signature-age', [CompletionResultType]::ParameterName, 'Warn when the signatures are older than this many days (0: never)')
            [CompletionResult]::new('--as-of', '--as-of', [CompletionResultType]::ParameterName, 'Judge the rules as of this day (YYYY-MM-DD) [default: today, UTC]')
            [CompletionResult]::new('--rules', '--rules', [CompletionResultType]::ParameterName, 'Only these rules count (see debar signatures); all for every rule there is')
            [CompletionResult]::new('--audience', '--audience', [CompletionResultType]::ParameterName, 'Judge by the rules that matter for this audience: private, federal-agency, federal-contractor, federal-funds, state:XX, country:XX, or all; may be repeated')
            [CompletionResult]::new('--vendor', '--vendor', [CompletionResultType]::ParameterName, 'Check for this vendor only, by its id (see debar signatures list), and judge by it; may be repeated')
            [CompletionResult]::new('--other-vendors', '--other-vendors', [CompletionResultType]::ParameterName, 'Check for vendors, too, that are restricted only for some organisations: true or false. Without an audience that their rules bind they change neither verdict nor exit code')
            [CompletionResult]::new('--exceptions', '--exceptions', [CompletionResultType]::ParameterName, 'File of exceptions (TOML or JSON): findings and gaps that are accepted for a while. They stay in the report and do not give exit code 1 or 3')
            [CompletionResult]::new('--signatures', '--signatures', [CompletionResultType]::ParameterName, 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules')
            [CompletionResult]::new('--trusted-key', '--trusted-key', [CompletionResultType]::ParameterName, 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Certificate of this machine for the collector (PEM; with its key, or see --client-key)')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'Private key of --client-cert (PEM, without a password)')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File with a token that the collector gets as `Authorization: Bearer`')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Authorities that the collector''s certificate must come from (PEM) [default: those that the system trusts]')
            [CompletionResult]::new('--spool', '--spool', [CompletionResultType]::ParameterName, 'Folder where reports wait until the collector has them; only you may enter it [default: /var/spool/debar for root, else debar/spool in your state folder]')
            [CompletionResult]::new('--spool-limit', '--spool-limit', [CompletionResultType]::ParameterName, 'Most bytes that may wait; a scan whose report does not fit exits with 2')
            [CompletionResult]::new('--deliver-timeout', '--deliver-timeout', [CompletionResultType]::ParameterName, 'Stop trying after this time; what is not delivered stays in the spool')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Leave out a path of the target and everything below it; the report says so')
            [CompletionResult]::new('--platform', '--platform', [CompletionResultType]::ParameterName, 'Of an image for several platforms, scan this one (OS/ARCHITECTURE[/VARIANT]) [default: linux and this machine''s]')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'What you call the image: exceptions by `image` and baselines hold for that, never for what an archive calls itself')
            [CompletionResult]::new('--cache', '--cache', [CompletionResultType]::ParameterName, 'Keep what was read of image layers in this folder, and read no layer again that it has; signatures are matched again each time')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop waiting after this time (30s, 5m, 1h; 0 for never) and report what was not done as gaps')
            [CompletionResult]::new('--source-timeout', '--source-timeout', [CompletionResultType]::ParameterName, 'Stop waiting for a single source after this time (0 for never); the others and the search go on')
            [CompletionResult]::new('--max-memory', '--max-memory', [CompletionResultType]::ParameterName, 'End with what was found when debar itself uses more memory than this (512M, 2G; 0 for no limit)')
            [CompletionResult]::new('--nice', '--nice', [CompletionResultType]::ParameterName, 'How far to give way to other programs, for processor and disk: 0 not at all, 19 as far as possible')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Threads of the search [default: one per core]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--event-log', '--event-log', [CompletionResultType]::ParameterName, 'Write the verdict into the event log of Windows, too: log Application, source debar, event 100 (nothing found), 101 (found) or 103 (incomplete). Elsewhere: -o syslog')
            [CompletionResult]::new('--allow-gaps', '--allow-gaps', [CompletionResultType]::ParameterName, 'Exit 0 instead of 3 when something could not be read; the report still shows it')
            [CompletionResult]::new('--fail-on-limited', '--fail-on-limited', [CompletionResultType]::ParameterName, 'Exit 3 also for limited gaps: details that no place where products are installed depends on')
            [CompletionResult]::new('--require-signed', '--require-signed', [CompletionResultType]::ParameterName, 'Refuse signature files that no trusted key signed')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'Stay on the file system of the target''s root')
            [CompletionResult]::new('--one-file-system', '--one-file-system', [CompletionResultType]::ParameterName, 'Stay on the file system of the target''s root')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Scan other installations on a disk, too, each as a target of its own: an older Windows, root folders, containers, deployments, backups. Without it, they are named as not read')
            [CompletionResult]::new('--deep', '--deep', [CompletionResultType]::ParameterName, 'Search the whole target, not only where programs are usually installed; images are searched whole anyway')
            [CompletionResult]::new('--no-deep', '--no-deep', [CompletionResultType]::ParameterName, 'Search images only where programs are usually installed; the report says so')
            [CompletionResult]::new('--verify-layers', '--verify-layers', [CompletionResultType]::ParameterName, 'Read the layers of images to their last byte and hold each against its digests. Without it, the bytes of compressed layers are held against the manifest, and of others only what the scan needs is read')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Speak HTTP without TLS to the registry of a `registry:` target; anyone who is on the way can read the login and change the image')
            [CompletionResult]::new('--no-confinement', '--no-confinement', [CompletionResultType]::ParameterName, 'Do not give up rights that the scan does not need (Linux: Landlock, seccomp, no_new_privs); for finding faults')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;inventory' {
            [CompletionResult]::new('--from-file', '--from-file', [CompletionResultType]::ParameterName, 'Take targets from a file, one a line; empty lines and those that begin with # are left out; - for standard input')
            [CompletionResult]::new('--shard', '--shard', [CompletionResultType]::ParameterName, 'Take every Nth of the targets, beginning with the Ith: splits a list over N jobs')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Report as FORMAT, to a file or to standard output; may be repeated [default: text]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Report as FORMAT, to a file or to standard output; may be repeated [default: text]')
            [CompletionResult]::new('--collector', '--collector', [CompletionResultType]::ParameterName, 'Only artifacts of this collector; may be repeated')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Leave out a path of the target and everything below it; the report says so')
            [CompletionResult]::new('--platform', '--platform', [CompletionResultType]::ParameterName, 'Of an image for several platforms, scan this one (OS/ARCHITECTURE[/VARIANT]) [default: linux and this machine''s]')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'What you call the image: exceptions by `image` and baselines hold for that, never for what an archive calls itself')
            [CompletionResult]::new('--cache', '--cache', [CompletionResultType]::ParameterName, 'Keep what was read of image layers in this folder, and read no layer again that it has; signatures are matched again each time')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop waiting after this time (30s, 5m, 1h; 0 for never) and report what was not done as gaps')
            [CompletionResult]::new('--source-timeout', '--source-timeout', [CompletionResultType]::ParameterName, 'Stop waiting for a single source after this time (0 for never); the others and the search go on')
            [CompletionResult]::new('--max-memory', '--max-memory', [CompletionResultType]::ParameterName, 'End with what was found when debar itself uses more memory than this (512M, 2G; 0 for no limit)')
            [CompletionResult]::new('--nice', '--nice', [CompletionResultType]::ParameterName, 'How far to give way to other programs, for processor and disk: 0 not at all, 19 as far as possible')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Threads of the search [default: one per core]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--allow-gaps', '--allow-gaps', [CompletionResultType]::ParameterName, 'Give exit code 0 although places could not be read; the report still shows them')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'Stay on the file system of the target''s root')
            [CompletionResult]::new('--one-file-system', '--one-file-system', [CompletionResultType]::ParameterName, 'Stay on the file system of the target''s root')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Scan other installations on a disk, too, each as a target of its own: an older Windows, root folders, containers, deployments, backups. Without it, they are named as not read')
            [CompletionResult]::new('--deep', '--deep', [CompletionResultType]::ParameterName, 'Search the whole target, not only where programs are usually installed; images are searched whole anyway')
            [CompletionResult]::new('--no-deep', '--no-deep', [CompletionResultType]::ParameterName, 'Search images only where programs are usually installed; the report says so')
            [CompletionResult]::new('--verify-layers', '--verify-layers', [CompletionResultType]::ParameterName, 'Read the layers of images to their last byte and hold each against its digests. Without it, the bytes of compressed layers are held against the manifest, and of others only what the scan needs is read')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Speak HTTP without TLS to the registry of a `registry:` target; anyone who is on the way can read the login and change the image')
            [CompletionResult]::new('--no-confinement', '--no-confinement', [CompletionResultType]::ParameterName, 'Do not give up rights that the scan does not need (Linux: Landlock, seccomp, no_new_privs); for finding faults')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;plan' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write as text, markdown, json, sh, ps1, intune-detect, intune-remediate, configmgr or ansible, to a file or to standard output; a file name with an extension of these does, too; may be repeated [default: text]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write as text, markdown, json, sh, ps1, intune-detect, intune-remediate, configmgr or ansible, to a file or to standard output; a file name with an extension of these does, too; may be repeated [default: text]')
            [CompletionResult]::new('--signatures', '--signatures', [CompletionResultType]::ParameterName, 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules')
            [CompletionResult]::new('--trusted-key', '--trusted-key', [CompletionResultType]::ParameterName, 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--require-signed', '--require-signed', [CompletionResultType]::ParameterName, 'Refuse signature files that no trusted key signed')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;verify' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Report as FORMAT, to a file or to standard output; may be repeated [default: text, a table of before and after]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Report as FORMAT, to a file or to standard output; may be repeated [default: text, a table of before and after]')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'From which state on a banned product gives exit code 1')
            [CompletionResult]::new('--signature-age', '--signature-age', [CompletionResultType]::ParameterName, 'Warn when the signatures are older than this many days (0: never)')
            [CompletionResult]::new('--as-of', '--as-of', [CompletionResultType]::ParameterName, 'Judge the rules as of this day (YYYY-MM-DD) [default: today, UTC]')
            [CompletionResult]::new('--rules', '--rules', [CompletionResultType]::ParameterName, 'Only these rules count (see debar signatures); all for every rule there is')
            [CompletionResult]::new('--audience', '--audience', [CompletionResultType]::ParameterName, 'Judge by the rules that matter for this audience: private, federal-agency, federal-contractor, federal-funds, state:XX, country:XX, or all; may be repeated')
            [CompletionResult]::new('--vendor', '--vendor', [CompletionResultType]::ParameterName, 'Check for this vendor only, by its id (see debar signatures list), and judge by it; may be repeated')
            [CompletionResult]::new('--other-vendors', '--other-vendors', [CompletionResultType]::ParameterName, 'Check for vendors, too, that are restricted only for some organisations: true or false. Without an audience that their rules bind they change neither verdict nor exit code')
            [CompletionResult]::new('--exceptions', '--exceptions', [CompletionResultType]::ParameterName, 'File of exceptions (TOML or JSON): findings and gaps that are accepted for a while. They stay in the report and do not give exit code 1 or 3')
            [CompletionResult]::new('--signatures', '--signatures', [CompletionResultType]::ParameterName, 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules')
            [CompletionResult]::new('--trusted-key', '--trusted-key', [CompletionResultType]::ParameterName, 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Leave out a path of the target and everything below it; the report says so')
            [CompletionResult]::new('--platform', '--platform', [CompletionResultType]::ParameterName, 'Of an image for several platforms, scan this one (OS/ARCHITECTURE[/VARIANT]) [default: linux and this machine''s]')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'What you call the image: exceptions by `image` and baselines hold for that, never for what an archive calls itself')
            [CompletionResult]::new('--cache', '--cache', [CompletionResultType]::ParameterName, 'Keep what was read of image layers in this folder, and read no layer again that it has; signatures are matched again each time')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop waiting after this time (30s, 5m, 1h; 0 for never) and report what was not done as gaps')
            [CompletionResult]::new('--source-timeout', '--source-timeout', [CompletionResultType]::ParameterName, 'Stop waiting for a single source after this time (0 for never); the others and the search go on')
            [CompletionResult]::new('--max-memory', '--max-memory', [CompletionResultType]::ParameterName, 'End with what was found when debar itself uses more memory than this (512M, 2G; 0 for no limit)')
            [CompletionResult]::new('--nice', '--nice', [CompletionResultType]::ParameterName, 'How far to give way to other programs, for processor and disk: 0 not at all, 19 as far as possible')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Threads of the search [default: one per core]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--any-host', '--any-host', [CompletionResultType]::ParameterName, 'Look although the target is of another host than the report; for machines that were renamed')
            [CompletionResult]::new('--allow-gaps', '--allow-gaps', [CompletionResultType]::ParameterName, 'Exit 0 instead of 3 when something could not be read; the report still shows it')
            [CompletionResult]::new('--fail-on-limited', '--fail-on-limited', [CompletionResultType]::ParameterName, 'Exit 3 also for limited gaps: details that no place where products are installed depends on')
            [CompletionResult]::new('--require-signed', '--require-signed', [CompletionResultType]::ParameterName, 'Refuse signature files that no trusted key signed')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'Stay on the file system of the target''s root')
            [CompletionResult]::new('--one-file-system', '--one-file-system', [CompletionResultType]::ParameterName, 'Stay on the file system of the target''s root')
            [CompletionResult]::new('--nested', '--nested', [CompletionResultType]::ParameterName, 'Scan other installations on a disk, too, each as a target of its own: an older Windows, root folders, containers, deployments, backups. Without it, they are named as not read')
            [CompletionResult]::new('--deep', '--deep', [CompletionResultType]::ParameterName, 'Search the whole target, not only where programs are usually installed; images are searched whole anyway')
            [CompletionResult]::new('--no-deep', '--no-deep', [CompletionResultType]::ParameterName, 'Search images only where programs are usually installed; the report says so')
            [CompletionResult]::new('--verify-layers', '--verify-layers', [CompletionResultType]::ParameterName, 'Read the layers of images to their last byte and hold each against its digests. Without it, the bytes of compressed layers are held against the manifest, and of others only what the scan needs is read')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Speak HTTP without TLS to the registry of a `registry:` target; anyone who is on the way can read the login and change the image')
            [CompletionResult]::new('--no-confinement', '--no-confinement', [CompletionResultType]::ParameterName, 'Do not give up rights that the scan does not need (Linux: Landlock, seccomp, no_new_privs); for finding faults')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;deliver' {
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Certificate of this machine for the collector (PEM; with its key, or see --client-key)')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'Private key of --client-cert (PEM, without a password)')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File with a token that the collector gets as `Authorization: Bearer`')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Authorities that the collector''s certificate must come from (PEM) [default: those that the system trusts]')
            [CompletionResult]::new('--spool', '--spool', [CompletionResultType]::ParameterName, 'Folder where reports wait until the collector has them; only you may enter it [default: /var/spool/debar for root, else debar/spool in your state folder]')
            [CompletionResult]::new('--spool-limit', '--spool-limit', [CompletionResultType]::ParameterName, 'Most bytes that may wait; a scan whose report does not fit exits with 2')
            [CompletionResult]::new('--deliver-timeout', '--deliver-timeout', [CompletionResultType]::ParameterName, 'Stop trying after this time; what is not delivered stays in the spool')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait for a line on standard input before anything is sent')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;diff' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write as text, json or markdown, to a file or to standard output; may be repeated [default: text]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write as text, json or markdown, to a file or to standard output; may be repeated [default: text]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--allow-gaps', '--allow-gaps', [CompletionResultType]::ParameterName, 'Give exit code 0 although not everything was read again; the comparison still shows it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;fleet' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('ingest', 'ingest', [CompletionResultType]::ParameterValue, 'Take reports into the store; each is taken once, however often it is named')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Count how the hosts stand, by standing, product and rule')
            [CompletionResult]::new('hosts', 'hosts', [CompletionResultType]::ParameterValue, 'List the hosts, gravest first')
            [CompletionResult]::new('findings', 'findings', [CompletionResultType]::ParameterValue, 'List every product on every host, with first seen, last seen, gone and reappeared')
            [CompletionResult]::new('trend', 'trend', [CompletionResultType]::ParameterValue, 'Count how the hosts stood on each day')
            [CompletionResult]::new('worklist', 'worklist', [CompletionResultType]::ParameterValue, 'Write a list of what there is to do; the columns owner and note of an earlier list are kept')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Write the removal plans of many hosts into folders for Ansible, Intune and Configuration Manager')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write hosts and findings for data platforms, in folders by day')
            [CompletionResult]::new('attest', 'attest', [CompletionResultType]::ParameterValue, 'State how the fleet stands on a day, for auditors: who was asked, who answered, what was found, what was not read')
            [CompletionResult]::new('html', 'html', [CompletionResultType]::ParameterValue, 'Write a dashboard: one self-contained page')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'debar;fleet;ingest' {
            [CompletionResult]::new('--keep-days', '--keep-days', [CompletionResultType]::ParameterName, 'Forget what was said more than so many days ago, and take no older reports; what is still there keeps its first day, and each host its newest word [default: keep all]')
            [CompletionResult]::new('--trusted-key', '--trusted-key', [CompletionResultType]::ParameterName, 'Public key (minisign) of hosts: a report with a FILE.minisig beside it must fit it, and is marked `signed`; may be repeated')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: one file, made by the first ingest')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--bind-folder', '--bind-folder', [CompletionResultType]::ParameterName, 'Take only reports that lie in a folder of PATH that is named like their host (in lower case, as a collector with certificates makes it), and refuse those about another host')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;fleet;status' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: one file, made by the first ingest')
            [CompletionResult]::new('--assets', '--assets', [CompletionResultType]::ParameterName, 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported')
            [CompletionResult]::new('--stale-after', '--stale-after', [CompletionResultType]::ParameterName, 'Days without a report after which a host is stale')
            [CompletionResult]::new('--signature-age', '--signature-age', [CompletionResultType]::ParameterName, 'Warn of hosts whose signatures are older than this many days (0: never)')
            [CompletionResult]::new('--as-of', '--as-of', [CompletionResultType]::ParameterName, 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Show every column of a table, however wide the terminal is')
            [CompletionResult]::new('--wide', '--wide', [CompletionResultType]::ParameterName, 'Show every column of a table, however wide the terminal is')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;fleet;hosts' {
            [CompletionResult]::new('--standing', '--standing', [CompletionResultType]::ParameterName, 'Only hosts that stand so')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: one file, made by the first ingest')
            [CompletionResult]::new('--assets', '--assets', [CompletionResultType]::ParameterName, 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported')
            [CompletionResult]::new('--stale-after', '--stale-after', [CompletionResultType]::ParameterName, 'Days without a report after which a host is stale')
            [CompletionResult]::new('--signature-age', '--signature-age', [CompletionResultType]::ParameterName, 'Warn of hosts whose signatures are older than this many days (0: never)')
            [CompletionResult]::new('--as-of', '--as-of', [CompletionResultType]::ParameterName, 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--why', '--why', [CompletionResultType]::ParameterName, 'Show why each host stands as it does, and what cures it')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Show every column of a table, however wide the terminal is')
            [CompletionResult]::new('--wide', '--wide', [CompletionResultType]::ParameterName, 'Show every column of a table, however wide the terminal is')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;fleet;findings' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: one file, made by the first ingest')
            [CompletionResult]::new('--assets', '--assets', [CompletionResultType]::ParameterName, 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported')
            [CompletionResult]::new('--stale-after', '--stale-after', [CompletionResultType]::ParameterName, 'Days without a report after which a host is stale')
            [CompletionResult]::new('--signature-age', '--signature-age', [CompletionResultType]::ParameterName, 'Warn of hosts whose signatures are older than this many days (0: never)')
            [CompletionResult]::new('--as-of', '--as-of', [CompletionResultType]::ParameterName, 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--gone', '--gone', [CompletionResultType]::ParameterName, 'List what is gone, too')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Show every column of a table, however wide the terminal is')
            [CompletionResult]::new('--wide', '--wide', [CompletionResultType]::ParameterName, 'Show every column of a table, however wide the terminal is')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;fleet;trend' {
            [CompletionResult]::new('--days', '--days', [CompletionResultType]::ParameterName, 'How many days, up to today')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: one file, made by the first ingest')
            [CompletionResult]::new('--assets', '--assets', [CompletionResultType]::ParameterName, 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported')
            [CompletionResult]::new('--stale-after', '--stale-after', [CompletionResultType]::ParameterName, 'Days without a report after which a host is stale')
            [CompletionResult]::new('--signature-age', '--signature-age', [CompletionResultType]::ParameterName, 'Warn of hosts whose signatures are older than this many days (0: never)')
            [CompletionResult]::new('--as-of', '--as-of', [CompletionResultType]::ParameterName, 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Show every column of a table, however wide the terminal is')
            [CompletionResult]::new('--wide', '--wide', [CompletionResultType]::ParameterName, 'Show every column of a table, however wide the terminal is')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;fleet;worklist' {
            [CompletionResult]::new('--earlier', '--earlier', [CompletionResultType]::ParameterName, 'An earlier list (CSV) whose columns owner and note are kept; a list that -o csv=FILE replaces is read anyway')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: one file, made by the first ingest')
            [CompletionResult]::new('--assets', '--assets', [CompletionResultType]::ParameterName, 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported')
            [CompletionResult]::new('--stale-after', '--stale-after', [CompletionResultType]::ParameterName, 'Days without a report after which a host is stale')
            [CompletionResult]::new('--signature-age', '--signature-age', [CompletionResultType]::ParameterName, 'Warn of hosts whose signatures are older than this many days (0: never)')
            [CompletionResult]::new('--as-of', '--as-of', [CompletionResultType]::ParameterName, 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Show every column of a table, however wide the terminal is')
            [CompletionResult]::new('--wide', '--wide', [CompletionResultType]::ParameterName, 'Show every column of a table, however wide the terminal is')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;fleet;plan' {
            [CompletionResult]::new('--into', '--into', [CompletionResultType]::ParameterName, 'A new folder: hosts/NAME/, ansible/, intune/, configmgr/ and hosts.csv are made in it')
            [CompletionResult]::new('--signatures', '--signatures', [CompletionResultType]::ParameterName, 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules')
            [CompletionResult]::new('--trusted-key', '--trusted-key', [CompletionResultType]::ParameterName, 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--require-signed', '--require-signed', [CompletionResultType]::ParameterName, 'Refuse signature files that no trusted key signed')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;fleet;export' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: one file, made by the first ingest')
            [CompletionResult]::new('--assets', '--assets', [CompletionResultType]::ParameterName, 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported')
            [CompletionResult]::new('--stale-after', '--stale-after', [CompletionResultType]::ParameterName, 'Days without a report after which a host is stale')
            [CompletionResult]::new('--signature-age', '--signature-age', [CompletionResultType]::ParameterName, 'Warn of hosts whose signatures are older than this many days (0: never)')
            [CompletionResult]::new('--as-of', '--as-of', [CompletionResultType]::ParameterName, 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--csv', '--csv', [CompletionResultType]::ParameterName, 'Write CSV, not NDJSON')
            [CompletionResult]::new('--parquet', '--parquet', [CompletionResultType]::ParameterName, 'Write Apache Parquet, not NDJSON: times and numbers have their types')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;fleet;attest' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: one file, made by the first ingest')
            [CompletionResult]::new('--assets', '--assets', [CompletionResultType]::ParameterName, 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported')
            [CompletionResult]::new('--stale-after', '--stale-after', [CompletionResultType]::ParameterName, 'Days without a report after which a host is stale')
            [CompletionResult]::new('--signature-age', '--signature-age', [CompletionResultType]::ParameterName, 'Warn of hosts whose signatures are older than this many days (0: never)')
            [CompletionResult]::new('--as-of', '--as-of', [CompletionResultType]::ParameterName, 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write as markdown or json, to a file or to standard output; may be repeated [default: markdown]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write as markdown or json, to a file or to standard output; may be repeated [default: markdown]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Sign each file that is written with this minisign secret key; the signature lies beside it (.minisig). Its password comes from DEBAR_KEY_PASSWORD or is asked for')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;fleet;html' {
            [CompletionResult]::new('--days', '--days', [CompletionResultType]::ParameterName, 'Days of the trend')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: one file, made by the first ingest')
            [CompletionResult]::new('--assets', '--assets', [CompletionResultType]::ParameterName, 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported')
            [CompletionResult]::new('--stale-after', '--stale-after', [CompletionResultType]::ParameterName, 'Days without a report after which a host is stale')
            [CompletionResult]::new('--signature-age', '--signature-age', [CompletionResultType]::ParameterName, 'Warn of hosts whose signatures are older than this many days (0: never)')
            [CompletionResult]::new('--as-of', '--as-of', [CompletionResultType]::ParameterName, 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;fleet;help' {
            [CompletionResult]::new('ingest', 'ingest', [CompletionResultType]::ParameterValue, 'Take reports into the store; each is taken once, however often it is named')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Count how the hosts stand, by standing, product and rule')
            [CompletionResult]::new('hosts', 'hosts', [CompletionResultType]::ParameterValue, 'List the hosts, gravest first')
            [CompletionResult]::new('findings', 'findings', [CompletionResultType]::ParameterValue, 'List every product on every host, with first seen, last seen, gone and reappeared')
            [CompletionResult]::new('trend', 'trend', [CompletionResultType]::ParameterValue, 'Count how the hosts stood on each day')
            [CompletionResult]::new('worklist', 'worklist', [CompletionResultType]::ParameterValue, 'Write a list of what there is to do; the columns owner and note of an earlier list are kept')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Write the removal plans of many hosts into folders for Ansible, Intune and Configuration Manager')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write hosts and findings for data platforms, in folders by day')
            [CompletionResult]::new('attest', 'attest', [CompletionResultType]::ParameterValue, 'State how the fleet stands on a day, for auditors: who was asked, who answered, what was found, what was not read')
            [CompletionResult]::new('html', 'html', [CompletionResultType]::ParameterValue, 'Write a dashboard: one self-contained page')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'debar;fleet;help;ingest' {
            break
        }
        'debar;fleet;help;status' {
            break
        }
        'debar;fleet;help;hosts' {
            break
        }
        'debar;fleet;help;findings' {
            break
        }
        'debar;fleet;help;trend' {
            break
        }
        'debar;fleet;help;worklist' {
            break
        }
        'debar;fleet;help;plan' {
            break
        }
        'debar;fleet;help;export' {
            break
        }
        'debar;fleet;help;attest' {
            break
        }
        'debar;fleet;help;html' {
            break
        }
        'debar;fleet;help;help' {
            break
        }
        'debar;osquery' {
            [CompletionResult]::new('--socket', '--socket', [CompletionResultType]::ParameterName, 'Socket of osquery''s manager of extensions')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for osquery')
            [CompletionResult]::new('--interval', '--interval', [CompletionResultType]::ParameterName, 'How often to ask whether osquery is still there')
            [CompletionResult]::new('--max-age', '--max-age', [CompletionResultType]::ParameterName, 'How long an answer is good for: within that time no query scans again')
            [CompletionResult]::new('--nice', '--nice', [CompletionResultType]::ParameterName, 'How far a scan gives way to other programs: 0 not at all, 19 as far as possible. A query waits for it: beside programs that keep every core busy, a scan at 19 takes minutes')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;attest' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write as markdown or html (pages) or intoto (an in-toto Statement), to a file or to standard output; may be repeated [default: markdown]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write as markdown or html (pages) or intoto (an in-toto Statement), to a file or to standard output; may be repeated [default: markdown]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Sign each file that is written with this minisign secret key; the signature lies beside it (.minisig). Its password comes from DEBAR_KEY_PASSWORD or is asked for')
            [CompletionResult]::new('--identified', '--identified', [CompletionResultType]::ParameterName, 'The day on which the products were identified, for the deadlines (YYYY-MM-DD) [default: the day on which the scan ended]')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Verify this in-toto Statement: its signature, and that it is about the report')
            [CompletionResult]::new('--public-key', '--public-key', [CompletionResultType]::ParameterName, 'The minisign public key that must have signed it')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;collectors' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'As JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;explain' {
            [CompletionResult]::new('--signatures', '--signatures', [CompletionResultType]::ParameterName, 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules')
            [CompletionResult]::new('--trusted-key', '--trusted-key', [CompletionResultType]::ParameterName, 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--require-signed', '--require-signed', [CompletionResultType]::ParameterName, 'Refuse signature files that no trusted key signed')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;signatures' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List vendors, products and rules')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a product as its file has it (JSON); `debar explain` says the same in words')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check files: each problem with file, line, column and a suggestion; then what is questionable')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Try the indicators on the examples in the files')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make a signature file from artifacts of an inventory')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Tell what changed from one file to another')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign files with a minisign key: writes FILE.minisig')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check the signatures of files')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the indicators in the language of another tool')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'debar;signatures;list' {
            [CompletionResult]::new('--vendor', '--vendor', [CompletionResultType]::ParameterName, 'Only this vendor, by its id; may be repeated')
            [CompletionResult]::new('--product', '--product', [CompletionResultType]::ParameterName, 'Only products whose id or name contains this text')
            [CompletionResult]::new('--platform', '--platform', [CompletionResultType]::ParameterName, 'Only products for this system: linux, windows or macos')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write as text, json, ndjson or csv; all but text hold products only [default: text]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write as text, json, ndjson or csv; all but text hold products only [default: text]')
            [CompletionResult]::new('--signatures', '--signatures', [CompletionResultType]::ParameterName, 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules')
            [CompletionResult]::new('--trusted-key', '--trusted-key', [CompletionResultType]::ParameterName, 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--require-signed', '--require-signed', [CompletionResultType]::ParameterName, 'Refuse signature files that no trusted key signed')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;signatures;show' {
            [CompletionResult]::new('--signatures', '--signatures', [CompletionResultType]::ParameterName, 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules')
            [CompletionResult]::new('--trusted-key', '--trusted-key', [CompletionResultType]::ParameterName, 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--require-signed', '--require-signed', [CompletionResultType]::ParameterName, 'Refuse signature files that no trusted key signed')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;signatures;check' {
            [CompletionResult]::new('--against', '--against', [CompletionResultType]::ParameterName, 'Inventories (`debar inventory -o ndjson=FILE`) of machines without banned products: what in them would be found is questionable')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Give exit code 1 for what is questionable, too')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;signatures;test' {
            [CompletionResult]::new('--signatures', '--signatures', [CompletionResultType]::ParameterName, 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules')
            [CompletionResult]::new('--trusted-key', '--trusted-key', [CompletionResultType]::ParameterName, 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--require-signed', '--require-signed', [CompletionResultType]::ParameterName, 'Refuse signature files that no trusted key signed')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;signatures;new' {
            [CompletionResult]::new('--vendor', '--vendor', [CompletionResultType]::ParameterName, 'Id of the vendor: lower-case letters, digits and dashes')
            [CompletionResult]::new('--product', '--product', [CompletionResultType]::ParameterName, 'Id of the product')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Take only what this earlier inventory does not have: what an installation brought')
            [CompletionResult]::new('--select', '--select', [CompletionResultType]::ParameterName, 'Take the artifacts in which a field contains a text, as FIELD=TEXT or COLLECTOR.FIELD=TEXT; may be repeated, all must hold')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;signatures;diff' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;signatures;sign' {
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The secret key, as `minisign -G` writes it. Its password is asked for, or taken from DEBAR_KEY_PASSWORD')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;signatures;verify' {
            [CompletionResult]::new('--trusted-key', '--trusted-key', [CompletionResultType]::ParameterName, 'A public key that may have signed them')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;signatures;export' {
            [CompletionResult]::new('--signatures', '--signatures', [CompletionResultType]::ParameterName, 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules')
            [CompletionResult]::new('--trusted-key', '--trusted-key', [CompletionResultType]::ParameterName, 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--list-left-out', '--list-left-out', [CompletionResultType]::ParameterName, 'Name each indicator that the language cannot express on standard error')
            [CompletionResult]::new('--require-signed', '--require-signed', [CompletionResultType]::ParameterName, 'Refuse signature files that no trusted key signed')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;signatures;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List vendors, products and rules')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a product as its file has it (JSON); `debar explain` says the same in words')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check files: each problem with file, line, column and a suggestion; then what is questionable')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Try the indicators on the examples in the files')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make a signature file from artifacts of an inventory')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Tell what changed from one file to another')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign files with a minisign key: writes FILE.minisig')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check the signatures of files')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the indicators in the language of another tool')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'debar;signatures;help;list' {
            break
        }
        'debar;signatures;help;show' {
            break
        }
        'debar;signatures;help;check' {
            break
        }
        'debar;signatures;help;test' {
            break
        }
        'debar;signatures;help;new' {
            break
        }
        'debar;signatures;help;diff' {
            break
        }
        'debar;signatures;help;sign' {
            break
        }
        'debar;signatures;help;verify' {
            break
        }
        'debar;signatures;help;export' {
            break
        }
        'debar;signatures;help;help' {
            break
        }
        'debar;config' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a config file with every option in a comment')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the settings of a command and where each comes from')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check a config file')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'debar;config;init' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;config;show' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write as text, json, ndjson or csv [default: text]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write as text, json, ndjson or csv [default: text]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Show options that have their default, too')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;config;check' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;config;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a config file with every option in a comment')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the settings of a command and where each comes from')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check a config file')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'debar;config;help;init' {
            break
        }
        'debar;config;help;show' {
            break
        }
        'debar;config;help;check' {
            break
        }
        'debar;config;help;help' {
            break
        }
        'debar;selftest' {
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The system to plant in, a mounted disk or the root of an image [default: this machine]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--plant', '--plant', [CompletionResultType]::ParameterName, 'Plant the test product on this machine, or below --root')
            [CompletionResult]::new('--remove', '--remove', [CompletionResultType]::ParameterName, 'Remove the test product that --plant made')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;completion' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;version' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write as text or json [default: text]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write as text or json [default: text]')
            [CompletionResult]::new('--signatures', '--signatures', [CompletionResultType]::ParameterName, 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules')
            [CompletionResult]::new('--trusted-key', '--trusted-key', [CompletionResultType]::ParameterName, 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--require-signed', '--require-signed', [CompletionResultType]::ParameterName, 'Refuse signature files that no trusted key signed')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;generate' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code is the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;help' {
            [CompletionResult]::new('scan', 'scan', [CompletionResultType]::ParameterValue, 'Scan this machine, a disk or an image for restricted products')
            [CompletionResult]::new('inventory', 'inventory', [CompletionResultType]::ParameterValue, 'List everything that is installed or running, of every vendor')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Plan the removal of what reports found')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check again what a report found: is it gone?')
            [CompletionResult]::new('deliver', 'deliver', [CompletionResultType]::ParameterValue, 'Send the reports that wait in the spool to their collector')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Compare two reports: new, gone, changed, still there')
            [CompletionResult]::new('fleet', 'fleet', [CompletionResultType]::ParameterValue, 'Roll the reports of many hosts up into one picture')
            [CompletionResult]::new('osquery', 'osquery', [CompletionResultType]::ParameterValue, 'Serve findings, gaps and artifacts as tables of osquery')
            [CompletionResult]::new('attest', 'attest', [CompletionResultType]::ParameterValue, 'State what a scan checked and what it came to, for auditors')
            [CompletionResult]::new('collectors', 'collectors', [CompletionResultType]::ParameterValue, 'List the sources of inventory that debar reads')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain a word of a report: a product, vendor, rule, state, gap, source, audience or exit code')
            [CompletionResult]::new('signatures', 'signatures', [CompletionResultType]::ParameterValue, 'List, check, make, sign and export signature files')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Make, show or check a config file')
            [CompletionResult]::new('selftest', 'selftest', [CompletionResultType]::ParameterValue, 'See a finding end to end with a harmless test product')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'Print the completions of a shell')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Print the version of debar, its signatures and its formats')
            [CompletionResult]::new('generate', 'generate', [CompletionResultType]::ParameterValue, 'Write man pages, completions and schemas')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'debar;help;scan' {
            break
        }
        'debar;help;inventory' {
            break
        }
        'debar;help;plan' {
            break
        }
        'debar;help;verify' {
            break
        }
        'debar;help;deliver' {
            break
        }
        'debar;help;diff' {
            break
        }
        'debar;help;fleet' {
            [CompletionResult]::new('ingest', 'ingest', [CompletionResultType]::ParameterValue, 'Take reports into the store; each is taken once, however often it is named')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Count how the hosts stand, by standing, product and rule')
            [CompletionResult]::new('hosts', 'hosts', [CompletionResultType]::ParameterValue, 'List the hosts, gravest first')
            [CompletionResult]::new('findings', 'findings', [CompletionResultType]::ParameterValue, 'List every product on every host, with first seen, last seen, gone and reappeared')
            [CompletionResult]::new('trend', 'trend', [CompletionResultType]::ParameterValue, 'Count how the hosts stood on each day')
            [CompletionResult]::new('worklist', 'worklist', [CompletionResultType]::ParameterValue, 'Write a list of what there is to do; the columns owner and note of an earlier list are kept')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Write the removal plans of many hosts into folders for Ansible, Intune and Configuration Manager')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write hosts and findings for data platforms, in folders by day')
            [CompletionResult]::new('attest', 'attest', [CompletionResultType]::ParameterValue, 'State how the fleet stands on a day, for auditors: who was asked, who answered, what was found, what was not read')
            [CompletionResult]::new('html', 'html', [CompletionResultType]::ParameterValue, 'Write a dashboard: one self-contained page')
            break
        }
        'debar;help;fleet;ingest' {
            break
        }
        'debar;help;fleet;status' {
            break
        }
        'debar;help;fleet;hosts' {
            break
        }
        'debar;help;fleet;findings' {
            break
        }
        'debar;help;fleet;trend' {
            break
        }
        'debar;help;fleet;worklist' {
            break
        }
        'debar;help;fleet;plan' {
            break
        }
        'debar;help;fleet;export' {
            break
        }
        'debar;help;fleet;attest' {
            break
        }
        'debar;help;fleet;html' {
            break
        }
        'debar;help;osquery' {
            break
        }
        'debar;help;attest' {
            break
        }
        'debar;help;collectors' {
            break
        }
        'debar;help;explain' {
            break
        }
        'debar;help;signatures' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List vendors, products and rules')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a product as its file has it (JSON); `debar explain` says the same in words')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check files: each problem with file, line, column and a suggestion; then what is questionable')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Try the indicators on the examples in the files')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make a signature file from artifacts of an inventory')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Tell what changed from one file to another')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign files with a minisign key: writes FILE.minisig')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check the signatures of files')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the indicators in the language of another tool')
            break
        }
        'debar;help;signatures;list' {
            break
        }
        'debar;help;signatures;show' {
            break
        }
        'debar;help;signatures;check' {
            break
        }
        'debar;help;signatures;test' {
            break
        }
        'debar;help;signatures;new' {
            break
        }
        'debar;help;signatures;diff' {
            break
        }
        'debar;help;signatures;sign' {
            break
        }
        'debar;help;signatures;verify' {
            break
        }
        'debar;help;signatures;export' {
            break
        }
        'debar;help;config' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a config file with every option in a comment')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the settings of a command and where each comes from')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check a config file')
            break
        }
        'debar;help;config;init' {
            break
        }
        'debar;help;config;show' {
            break
        }
        'debar;help;config;check' {
            break
        }
        'debar;help;selftest' {
            break
        }
        'debar;help;completion' {
            break
        }
        'debar;help;version' {
            break
        }
        'debar;help;generate' {
            break
        }
        'debar;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
