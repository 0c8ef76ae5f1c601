
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
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('scan', 'scan', [CompletionResultType]::ParameterValue, 'Look for banned products')
            [CompletionResult]::new('inventory', 'inventory', [CompletionResultType]::ParameterValue, 'List everything that is installed or running, of whatever vendor')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Plan the removal of what reports found')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Look again at what a report found: is it gone?')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Compare two reports: new, gone, changed, still there')
            [CompletionResult]::new('attest', 'attest', [CompletionResultType]::ParameterValue, 'State what a scan looked at and what it came to, for auditors')
            [CompletionResult]::new('collectors', 'collectors', [CompletionResultType]::ParameterValue, 'List the sources of inventory that debar reads')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain a product, a rule, a collector or a kind of gap')
            [CompletionResult]::new('signatures', 'signatures', [CompletionResultType]::ParameterValue, 'List, check, make, sign and export signature files')
            [CompletionResult]::new('generate', 'generate', [CompletionResultType]::ParameterValue, 'Write man pages, completions and schemas')
            break
        }
        'debar;scan' {
            [CompletionResult]::new('--from-file', '--from-file', [CompletionResultType]::ParameterName, 'Take targets from a file, one a line; empty lines and those that begin with # are left out; - for standard input')
            [CompletionResult]::new('--shard', '--shard', [CompletionResultType]::ParameterName, 'Take every Nth of the targets, beginning with the Ith: splits a list over N jobs')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Report as FORMAT, to a file or to standard output; may be repeated [default: text]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Report as FORMAT, to a file or to standard output; may be repeated [default: text]')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Report whose findings are known already: only new ones, and those in a graver state, give exit code 1')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'From which state on a banned product gives exit code 1')
            [CompletionResult]::new('--as-of', '--as-of', [CompletionResultType]::ParameterName, 'Judge the rules as of this day (YYYY-MM-DD) [default: today, UTC]')
            [CompletionResult]::new('--rules', '--rules', [CompletionResultType]::ParameterName, 'Only these rules count (see debar signatures)')
            [CompletionResult]::new('--audience', '--audience', [CompletionResultType]::ParameterName, 'Judge by the rules that matter for this audience: private, federal-agency, federal-contractor, federal-funds, state:XX or country:XX; may be repeated')
            [CompletionResult]::new('--exceptions', '--exceptions', [CompletionResultType]::ParameterName, 'File of exceptions (TOML or JSON): findings somebody decided to live with for a while; they stay in the report and do not give exit code 1')
            [CompletionResult]::new('--signatures', '--signatures', [CompletionResultType]::ParameterName, 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules')
            [CompletionResult]::new('--trusted-key', '--trusted-key', [CompletionResultType]::ParameterName, 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Leave out a path of the target and everything below it; the report says so')
            [CompletionResult]::new('--platform', '--platform', [CompletionResultType]::ParameterName, 'Of an image for several platforms, scan this one (OS/ARCHITECTURE[/VARIANT]) [default: linux and this machine''s]')
            [CompletionResult]::new('--cache', '--cache', [CompletionResultType]::ParameterName, 'Keep what was read of image layers in this folder, and read no layer again that it has; signatures are matched anew each time')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop waiting after this time (30s, 5m, 1h; 0 for never) and report what was not done as gaps')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Threads of the search [default: one per core]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--allow-gaps', '--allow-gaps', [CompletionResultType]::ParameterName, 'Give exit code 0 although places could not be looked at; the report still shows them')
            [CompletionResult]::new('--require-signed', '--require-signed', [CompletionResultType]::ParameterName, 'Refuse signature files that no trusted key signed')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'Stay on the file system of the target''s root')
            [CompletionResult]::new('--one-file-system', '--one-file-system', [CompletionResultType]::ParameterName, 'Stay on the file system of the target''s root')
            [CompletionResult]::new('--deep', '--deep', [CompletionResultType]::ParameterName, 'Search the whole target, not only where programs are usually installed')
            [CompletionResult]::new('--verify-layers', '--verify-layers', [CompletionResultType]::ParameterName, 'Read the layers of images to their last byte and hold each against its digests. Without it, the bytes of compressed layers are held against the manifest, and of others only what the scan needs is read')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Speak HTTP without TLS to the registry of a `registry:` target; whoever is on the way can read the login and change the image')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
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
            [CompletionResult]::new('--cache', '--cache', [CompletionResultType]::ParameterName, 'Keep what was read of image layers in this folder, and read no layer again that it has; signatures are matched anew each time')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop waiting after this time (30s, 5m, 1h; 0 for never) and report what was not done as gaps')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Threads of the search [default: one per core]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--allow-gaps', '--allow-gaps', [CompletionResultType]::ParameterName, 'Give exit code 0 although places could not be looked at; the report still shows them')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'Stay on the file system of the target''s root')
            [CompletionResult]::new('--one-file-system', '--one-file-system', [CompletionResultType]::ParameterName, 'Stay on the file system of the target''s root')
            [CompletionResult]::new('--deep', '--deep', [CompletionResultType]::ParameterName, 'Search the whole target, not only where programs are usually installed')
            [CompletionResult]::new('--verify-layers', '--verify-layers', [CompletionResultType]::ParameterName, 'Read the layers of images to their last byte and hold each against its digests. Without it, the bytes of compressed layers are held against the manifest, and of others only what the scan needs is read')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Speak HTTP without TLS to the registry of a `registry:` target; whoever is on the way can read the login and change the image')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'debar;plan' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write as markdown, json, sh or ps1, to a file or to standard output; a file name with such an extension does, too; may be repeated [default: markdown]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write as markdown, json, sh or ps1, to a file or to standard output; a file name with such an extension does, too; may be repeated [default: markdown]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
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
            [CompletionResult]::new('--as-of', '--as-of', [CompletionResultType]::ParameterName, 'Judge the rules as of this day (YYYY-MM-DD) [default: today, UTC]')
            [CompletionResult]::new('--rules', '--rules', [CompletionResultType]::ParameterName, 'Only these rules count (see debar signatures)')
            [CompletionResult]::new('--audience', '--audience', [CompletionResultType]::ParameterName, 'Judge by the rules that matter for this audience: private, federal-agency, federal-contractor, federal-funds, state:XX or country:XX; may be repeated')
            [CompletionResult]::new('--exceptions', '--exceptions', [CompletionResultType]::ParameterName, 'File of exceptions (TOML or JSON): findings somebody decided to live with for a while; they stay in the report and do not give exit code 1')
            [CompletionResult]::new('--signatures', '--signatures', [CompletionResultType]::ParameterName, 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules')
            [CompletionResult]::new('--trusted-key', '--trusted-key', [CompletionResultType]::ParameterName, 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Leave out a path of the target and everything below it; the report says so')
            [CompletionResult]::new('--platform', '--platform', [CompletionResultType]::ParameterName, 'Of an image for several platforms, scan this one (OS/ARCHITECTURE[/VARIANT]) [default: linux and this machine''s]')
            [CompletionResult]::new('--cache', '--cache', [CompletionResultType]::ParameterName, 'Keep what was read of image layers in this folder, and read no layer again that it has; signatures are matched anew each time')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop waiting after this time (30s, 5m, 1h; 0 for never) and report what was not done as gaps')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Threads of the search [default: one per core]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--any-host', '--any-host', [CompletionResultType]::ParameterName, 'Look although the target is of another host than the report; for machines that were renamed')
            [CompletionResult]::new('--allow-gaps', '--allow-gaps', [CompletionResultType]::ParameterName, 'Give exit code 0 although places could not be looked at; the report still shows them')
            [CompletionResult]::new('--require-signed', '--require-signed', [CompletionResultType]::ParameterName, 'Refuse signature files that no trusted key signed')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'Stay on the file system of the target''s root')
            [CompletionResult]::new('--one-file-system', '--one-file-system', [CompletionResultType]::ParameterName, 'Stay on the file system of the target''s root')
            [CompletionResult]::new('--deep', '--deep', [CompletionResultType]::ParameterName, 'Search the whole target, not only where programs are usually installed')
            [CompletionResult]::new('--verify-layers', '--verify-layers', [CompletionResultType]::ParameterName, 'Read the layers of images to their last byte and hold each against its digests. Without it, the bytes of compressed layers are held against the manifest, and of others only what the scan needs is read')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Speak HTTP without TLS to the registry of a `registry:` target; whoever is on the way can read the login and change the image')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
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
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
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
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
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
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
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
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
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
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List vendors, products and rules')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a product as its file has it (JSON); `debar explain` tells the same in words')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check files: each problem with file, line, column and a suggestion; then what is questionable')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Try the indicators on the examples in the files')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make a signature file from artifacts of an inventory')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Tell what changed from one file to another')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign files with a minisign key: writes FILE.minisig')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check the signatures of files')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the indicators in the language of another tool')
            break
        }
        'debar;signatures;list' {
            [CompletionResult]::new('--signatures', '--signatures', [CompletionResultType]::ParameterName, 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules')
            [CompletionResult]::new('--trusted-key', '--trusted-key', [CompletionResultType]::ParameterName, 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--require-signed', '--require-signed', [CompletionResultType]::ParameterName, 'Refuse signature files that no trusted key signed')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
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
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
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
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
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
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
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
            [CompletionResult]::new('--select', '--select', [CompletionResultType]::ParameterName, 'Take the artifacts in which a field contains a text, as FIELD=TEXT or COLLECTOR.FIELD=TEXT; may be repeated, all must hold')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file (TOML); by default /etc/debar/config.toml if it exists')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
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
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
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
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
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
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
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
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
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
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but errors; the exit code tells')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: all evidence, why it matched, whom a rule binds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
