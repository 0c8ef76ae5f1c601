# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_debar_global_optspecs
    string join \n c/config= q/quiet v/verbose color= h/help V/version
end

function __fish_debar_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_debar_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_debar_using_subcommand
    set -l cmd (__fish_debar_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c debar -n "__fish_debar_needs_command" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_needs_command" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_needs_command" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_needs_command" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_needs_command" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_needs_command" -f -a "scan" -d 'Scan this machine, a disk or an image for restricted products'
complete -c debar -n "__fish_debar_needs_command" -f -a "inventory" -d 'List everything that is installed or running, of every vendor'
complete -c debar -n "__fish_debar_needs_command" -f -a "plan" -d 'Plan the removal of what reports found'
complete -c debar -n "__fish_debar_needs_command" -f -a "verify" -d 'Check again what a report found: is it gone?'
complete -c debar -n "__fish_debar_needs_command" -f -a "deliver" -d 'Send the reports that wait in the spool to their collector'
complete -c debar -n "__fish_debar_needs_command" -f -a "diff" -d 'Compare two reports: new, gone, changed, still there'
complete -c debar -n "__fish_debar_needs_command" -f -a "fleet" -d 'Roll the reports of many hosts up into one picture'
complete -c debar -n "__fish_debar_needs_command" -f -a "osquery" -d 'Serve findings, gaps and artifacts as tables of osquery'
complete -c debar -n "__fish_debar_needs_command" -f -a "attest" -d 'State what a scan checked and what it came to, for auditors'
complete -c debar -n "__fish_debar_needs_command" -f -a "collectors" -d 'List the sources of inventory that debar reads'
complete -c debar -n "__fish_debar_needs_command" -f -a "explain" -d 'Explain a word of a report: a product, vendor, rule, state, gap, source, audience or exit code'
complete -c debar -n "__fish_debar_needs_command" -f -a "signatures" -d 'List, check, make, sign and export signature files'
complete -c debar -n "__fish_debar_needs_command" -f -a "config" -d 'Make, show or check a config file'
complete -c debar -n "__fish_debar_needs_command" -f -a "selftest" -d 'See a finding end to end with a harmless test product'
complete -c debar -n "__fish_debar_needs_command" -f -a "completion" -d 'Print the completions of a shell'
complete -c debar -n "__fish_debar_needs_command" -f -a "version" -d 'Print the version of debar, its signatures and its formats'
complete -c debar -n "__fish_debar_needs_command" -f -a "generate" -d 'Write man pages, completions and schemas'
complete -c debar -n "__fish_debar_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c debar -n "__fish_debar_using_subcommand scan" -l from-file -d 'Take targets from a file, one a line; empty lines and those that begin with # are left out; - for standard input' -r -F
complete -c debar -n "__fish_debar_using_subcommand scan" -l shard -d 'Take every Nth of the targets, beginning with the Ith: splits a list over N jobs' -r
complete -c debar -n "__fish_debar_using_subcommand scan" -s o -l output -d 'Report as FORMAT, to a file or to standard output; may be repeated [default: text]. In the name of a file %h stands for the host, %t for the time and %i for an id of the report: each target gets a file of its own then. json=https://ADDRESS sends the report to a collector; there %s stands for its SHA-256, too' -r
complete -c debar -n "__fish_debar_using_subcommand scan" -l keep -d 'Of the files that an output with %t in its name made for a machine and target, keep the newest N and remove the others' -r
complete -c debar -n "__fish_debar_using_subcommand scan" -l baseline -d 'Report whose findings are known already: only new ones, and those in a graver state, give exit code 1' -r -F
complete -c debar -n "__fish_debar_using_subcommand scan" -l fail-on -d 'From which state on a banned product gives exit code 1' -r -f -a "running\t'Only what runs'
installed\t'What is installed, switched off, embedded or kept as a setup file too'
remnant\t'Leftovers too: everything that was found'
possible\t'Possible traces, too: what only weak signs point to'
never\t'Nothing; gaps still count'"
complete -c debar -n "__fish_debar_using_subcommand scan" -l signature-age -d 'Warn when the signatures are older than this many days (0: never)' -r
complete -c debar -n "__fish_debar_using_subcommand scan" -l as-of -d 'Judge the rules as of this day (YYYY-MM-DD) [default: today, UTC]' -r
complete -c debar -n "__fish_debar_using_subcommand scan" -l rules -d 'Only these rules count (see debar signatures); all for every rule there is' -r
complete -c debar -n "__fish_debar_using_subcommand scan" -l audience -d 'Judge by the rules that matter for this audience: private, federal-agency, federal-contractor, federal-funds, state:XX, country:XX, or all; may be repeated' -r
complete -c debar -n "__fish_debar_using_subcommand scan" -l vendor -d 'Check for this vendor only, by its id (see debar signatures list), and judge by it; may be repeated' -r
complete -c debar -n "__fish_debar_using_subcommand scan" -l other-vendors -d 'Check for vendors, too, that are restricted only for some organisations: true or false. Without an audience that their rules bind they change neither verdict nor exit code' -r -f -a "true\t''
false\t''"
complete -c debar -n "__fish_debar_using_subcommand scan" -l exceptions -d 'File of exceptions (TOML or JSON): findings and gaps that are accepted for a while. They stay in the report and do not give exit code 1 or 3' -r -F
complete -c debar -n "__fish_debar_using_subcommand scan" -l signatures -d 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules' -r -F
complete -c debar -n "__fish_debar_using_subcommand scan" -l trusted-key -d 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it' -r -F
complete -c debar -n "__fish_debar_using_subcommand scan" -l client-cert -d 'Certificate of this machine for the collector (PEM; with its key, or see --client-key)' -r -F
complete -c debar -n "__fish_debar_using_subcommand scan" -l client-key -d 'Private key of --client-cert (PEM, without a password)' -r -F
complete -c debar -n "__fish_debar_using_subcommand scan" -l token-file -d 'File with a token that the collector gets as `Authorization: Bearer`' -r -F
complete -c debar -n "__fish_debar_using_subcommand scan" -l ca -d 'Authorities that the collector\'s certificate must come from (PEM) [default: those that the system trusts]' -r -F
complete -c debar -n "__fish_debar_using_subcommand scan" -l spool -d 'Folder where reports wait until the collector has them; only you may enter it [default: /var/spool/debar for root, else debar/spool in your state folder]' -r -F
complete -c debar -n "__fish_debar_using_subcommand scan" -l spool-limit -d 'Most bytes that may wait; a scan whose report does not fit exits with 2' -r
complete -c debar -n "__fish_debar_using_subcommand scan" -l deliver-timeout -d 'Stop trying after this time; what is not delivered stays in the spool' -r
complete -c debar -n "__fish_debar_using_subcommand scan" -l exclude -d 'Leave out a path of the target and everything below it; the report says so' -r
complete -c debar -n "__fish_debar_using_subcommand scan" -l platform -d 'Of an image for several platforms, scan this one (OS/ARCHITECTURE[/VARIANT]) [default: linux and this machine\'s]' -r
complete -c debar -n "__fish_debar_using_subcommand scan" -l as -d 'What you call the image: exceptions by `image` and baselines hold for that, never for what an archive calls itself' -r
complete -c debar -n "__fish_debar_using_subcommand scan" -l cache -d 'Keep what was read of image layers in this folder, and read no layer again that it has; signatures are matched again each time' -r -F
complete -c debar -n "__fish_debar_using_subcommand scan" -l timeout -d 'Stop waiting after this time (30s, 5m, 1h; 0 for never) and report what was not done as gaps' -r
complete -c debar -n "__fish_debar_using_subcommand scan" -l source-timeout -d 'Stop waiting for a single source after this time (0 for never); the others and the search go on' -r
complete -c debar -n "__fish_debar_using_subcommand scan" -l max-memory -d 'End with what was found when debar itself uses more memory than this (512M, 2G; 0 for no limit)' -r
complete -c debar -n "__fish_debar_using_subcommand scan" -l nice -d 'How far to give way to other programs, for processor and disk: 0 not at all, 19 as far as possible' -r
complete -c debar -n "__fish_debar_using_subcommand scan" -l threads -d 'Threads of the search [default: one per core]' -r
complete -c debar -n "__fish_debar_using_subcommand scan" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand scan" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand scan" -l event-log -d 'Write the verdict into the event log of Windows, too: log Application, source debar, event 100 (nothing found), 101 (found) or 103 (incomplete). Elsewhere: -o syslog'
complete -c debar -n "__fish_debar_using_subcommand scan" -l allow-gaps -d 'Exit 0 instead of 3 when something could not be read; the report still shows it'
complete -c debar -n "__fish_debar_using_subcommand scan" -l fail-on-limited -d 'Exit 3 also for limited gaps: details that no place where products are installed depends on'
complete -c debar -n "__fish_debar_using_subcommand scan" -l require-signed -d 'Refuse signature files that no trusted key signed'
complete -c debar -n "__fish_debar_using_subcommand scan" -s x -l one-file-system -d 'Stay on the file system of the target\'s root'
complete -c debar -n "__fish_debar_using_subcommand scan" -l nested -d 'Scan other installations on a disk, too, each as a target of its own: an older Windows, root folders, containers, deployments, backups. Without it, they are named as not read'
complete -c debar -n "__fish_debar_using_subcommand scan" -l deep -d 'Search the whole target, not only where programs are usually installed; images are searched whole anyway'
complete -c debar -n "__fish_debar_using_subcommand scan" -l no-deep -d 'Search images only where programs are usually installed; the report says so'
complete -c debar -n "__fish_debar_using_subcommand scan" -l verify-layers -d 'Read the layers of images to their last byte and hold each against its digests. Without it, the bytes of compressed layers are held against the manifest, and of others only what the scan needs is read'
complete -c debar -n "__fish_debar_using_subcommand scan" -l insecure -d 'Speak HTTP without TLS to the registry of a `registry:` target; anyone who is on the way can read the login and change the image'
complete -c debar -n "__fish_debar_using_subcommand scan" -l no-confinement -d 'Do not give up rights that the scan does not need (Linux: Landlock, seccomp, no_new_privs); for finding faults'
complete -c debar -n "__fish_debar_using_subcommand scan" -l no-progress -d 'Show no progress bar'
complete -c debar -n "__fish_debar_using_subcommand scan" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand scan" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand scan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand scan" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand inventory" -l from-file -d 'Take targets from a file, one a line; empty lines and those that begin with # are left out; - for standard input' -r -F
complete -c debar -n "__fish_debar_using_subcommand inventory" -l shard -d 'Take every Nth of the targets, beginning with the Ith: splits a list over N jobs' -r
complete -c debar -n "__fish_debar_using_subcommand inventory" -s o -l output -d 'Report as FORMAT, to a file or to standard output; may be repeated [default: text]' -r
complete -c debar -n "__fish_debar_using_subcommand inventory" -l collector -d 'Only artifacts of this collector; may be repeated' -r
complete -c debar -n "__fish_debar_using_subcommand inventory" -l exclude -d 'Leave out a path of the target and everything below it; the report says so' -r
complete -c debar -n "__fish_debar_using_subcommand inventory" -l platform -d 'Of an image for several platforms, scan this one (OS/ARCHITECTURE[/VARIANT]) [default: linux and this machine\'s]' -r
complete -c debar -n "__fish_debar_using_subcommand inventory" -l as -d 'What you call the image: exceptions by `image` and baselines hold for that, never for what an archive calls itself' -r
complete -c debar -n "__fish_debar_using_subcommand inventory" -l cache -d 'Keep what was read of image layers in this folder, and read no layer again that it has; signatures are matched again each time' -r -F
complete -c debar -n "__fish_debar_using_subcommand inventory" -l timeout -d 'Stop waiting after this time (30s, 5m, 1h; 0 for never) and report what was not done as gaps' -r
complete -c debar -n "__fish_debar_using_subcommand inventory" -l source-timeout -d 'Stop waiting for a single source after this time (0 for never); the others and the search go on' -r
complete -c debar -n "__fish_debar_using_subcommand inventory" -l max-memory -d 'End with what was found when debar itself uses more memory than this (512M, 2G; 0 for no limit)' -r
complete -c debar -n "__fish_debar_using_subcommand inventory" -l nice -d 'How far to give way to other programs, for processor and disk: 0 not at all, 19 as far as possible' -r
complete -c debar -n "__fish_debar_using_subcommand inventory" -l threads -d 'Threads of the search [default: one per core]' -r
complete -c debar -n "__fish_debar_using_subcommand inventory" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand inventory" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand inventory" -l allow-gaps -d 'Give exit code 0 although places could not be read; the report still shows them'
complete -c debar -n "__fish_debar_using_subcommand inventory" -s x -l one-file-system -d 'Stay on the file system of the target\'s root'
complete -c debar -n "__fish_debar_using_subcommand inventory" -l nested -d 'Scan other installations on a disk, too, each as a target of its own: an older Windows, root folders, containers, deployments, backups. Without it, they are named as not read'
complete -c debar -n "__fish_debar_using_subcommand inventory" -l deep -d 'Search the whole target, not only where programs are usually installed; images are searched whole anyway'
complete -c debar -n "__fish_debar_using_subcommand inventory" -l no-deep -d 'Search images only where programs are usually installed; the report says so'
complete -c debar -n "__fish_debar_using_subcommand inventory" -l verify-layers -d 'Read the layers of images to their last byte and hold each against its digests. Without it, the bytes of compressed layers are held against the manifest, and of others only what the scan needs is read'
complete -c debar -n "__fish_debar_using_subcommand inventory" -l insecure -d 'Speak HTTP without TLS to the registry of a `registry:` target; anyone who is on the way can read the login and change the image'
complete -c debar -n "__fish_debar_using_subcommand inventory" -l no-confinement -d 'Do not give up rights that the scan does not need (Linux: Landlock, seccomp, no_new_privs); for finding faults'
complete -c debar -n "__fish_debar_using_subcommand inventory" -l no-progress -d 'Show no progress bar'
complete -c debar -n "__fish_debar_using_subcommand inventory" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand inventory" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand inventory" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand inventory" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand plan" -s o -l output -d 'Write as text, markdown, json, sh, ps1, intune-detect, intune-remediate, configmgr or ansible, to a file or to standard output; a file name with an extension of these does, too; may be repeated [default: text]' -r
complete -c debar -n "__fish_debar_using_subcommand plan" -l signatures -d 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules' -r -F
complete -c debar -n "__fish_debar_using_subcommand plan" -l trusted-key -d 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it' -r -F
complete -c debar -n "__fish_debar_using_subcommand plan" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand plan" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand plan" -l require-signed -d 'Refuse signature files that no trusted key signed'
complete -c debar -n "__fish_debar_using_subcommand plan" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand plan" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand plan" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand verify" -s o -l output -d 'Report as FORMAT, to a file or to standard output; may be repeated [default: text, a table of before and after]' -r
complete -c debar -n "__fish_debar_using_subcommand verify" -l fail-on -d 'From which state on a banned product gives exit code 1' -r -f -a "running\t'Only what runs'
installed\t'What is installed, switched off, embedded or kept as a setup file too'
remnant\t'Leftovers too: everything that was found'
possible\t'Possible traces, too: what only weak signs point to'
never\t'Nothing; gaps still count'"
complete -c debar -n "__fish_debar_using_subcommand verify" -l signature-age -d 'Warn when the signatures are older than this many days (0: never)' -r
complete -c debar -n "__fish_debar_using_subcommand verify" -l as-of -d 'Judge the rules as of this day (YYYY-MM-DD) [default: today, UTC]' -r
complete -c debar -n "__fish_debar_using_subcommand verify" -l rules -d 'Only these rules count (see debar signatures); all for every rule there is' -r
complete -c debar -n "__fish_debar_using_subcommand verify" -l audience -d 'Judge by the rules that matter for this audience: private, federal-agency, federal-contractor, federal-funds, state:XX, country:XX, or all; may be repeated' -r
complete -c debar -n "__fish_debar_using_subcommand verify" -l vendor -d 'Check for this vendor only, by its id (see debar signatures list), and judge by it; may be repeated' -r
complete -c debar -n "__fish_debar_using_subcommand verify" -l other-vendors -d 'Check for vendors, too, that are restricted only for some organisations: true or false. Without an audience that their rules bind they change neither verdict nor exit code' -r -f -a "true\t''
false\t''"
complete -c debar -n "__fish_debar_using_subcommand verify" -l exceptions -d 'File of exceptions (TOML or JSON): findings and gaps that are accepted for a while. They stay in the report and do not give exit code 1 or 3' -r -F
complete -c debar -n "__fish_debar_using_subcommand verify" -l signatures -d 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules' -r -F
complete -c debar -n "__fish_debar_using_subcommand verify" -l trusted-key -d 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it' -r -F
complete -c debar -n "__fish_debar_using_subcommand verify" -l exclude -d 'Leave out a path of the target and everything below it; the report says so' -r
complete -c debar -n "__fish_debar_using_subcommand verify" -l platform -d 'Of an image for several platforms, scan this one (OS/ARCHITECTURE[/VARIANT]) [default: linux and this machine\'s]' -r
complete -c debar -n "__fish_debar_using_subcommand verify" -l as -d 'What you call the image: exceptions by `image` and baselines hold for that, never for what an archive calls itself' -r
complete -c debar -n "__fish_debar_using_subcommand verify" -l cache -d 'Keep what was read of image layers in this folder, and read no layer again that it has; signatures are matched again each time' -r -F
complete -c debar -n "__fish_debar_using_subcommand verify" -l timeout -d 'Stop waiting after this time (30s, 5m, 1h; 0 for never) and report what was not done as gaps' -r
complete -c debar -n "__fish_debar_using_subcommand verify" -l source-timeout -d 'Stop waiting for a single source after this time (0 for never); the others and the search go on' -r
complete -c debar -n "__fish_debar_using_subcommand verify" -l max-memory -d 'End with what was found when debar itself uses more memory than this (512M, 2G; 0 for no limit)' -r
complete -c debar -n "__fish_debar_using_subcommand verify" -l nice -d 'How far to give way to other programs, for processor and disk: 0 not at all, 19 as far as possible' -r
complete -c debar -n "__fish_debar_using_subcommand verify" -l threads -d 'Threads of the search [default: one per core]' -r
complete -c debar -n "__fish_debar_using_subcommand verify" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand verify" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand verify" -l any-host -d 'Look although the target is of another host than the report; for machines that were renamed'
complete -c debar -n "__fish_debar_using_subcommand verify" -l allow-gaps -d 'Exit 0 instead of 3 when something could not be read; the report still shows it'
complete -c debar -n "__fish_debar_using_subcommand verify" -l fail-on-limited -d 'Exit 3 also for limited gaps: details that no place where products are installed depends on'
complete -c debar -n "__fish_debar_using_subcommand verify" -l require-signed -d 'Refuse signature files that no trusted key signed'
complete -c debar -n "__fish_debar_using_subcommand verify" -s x -l one-file-system -d 'Stay on the file system of the target\'s root'
complete -c debar -n "__fish_debar_using_subcommand verify" -l nested -d 'Scan other installations on a disk, too, each as a target of its own: an older Windows, root folders, containers, deployments, backups. Without it, they are named as not read'
complete -c debar -n "__fish_debar_using_subcommand verify" -l deep -d 'Search the whole target, not only where programs are usually installed; images are searched whole anyway'
complete -c debar -n "__fish_debar_using_subcommand verify" -l no-deep -d 'Search images only where programs are usually installed; the report says so'
complete -c debar -n "__fish_debar_using_subcommand verify" -l verify-layers -d 'Read the layers of images to their last byte and hold each against its digests. Without it, the bytes of compressed layers are held against the manifest, and of others only what the scan needs is read'
complete -c debar -n "__fish_debar_using_subcommand verify" -l insecure -d 'Speak HTTP without TLS to the registry of a `registry:` target; anyone who is on the way can read the login and change the image'
complete -c debar -n "__fish_debar_using_subcommand verify" -l no-confinement -d 'Do not give up rights that the scan does not need (Linux: Landlock, seccomp, no_new_privs); for finding faults'
complete -c debar -n "__fish_debar_using_subcommand verify" -l no-progress -d 'Show no progress bar'
complete -c debar -n "__fish_debar_using_subcommand verify" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand verify" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand verify" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand deliver" -l client-cert -d 'Certificate of this machine for the collector (PEM; with its key, or see --client-key)' -r -F
complete -c debar -n "__fish_debar_using_subcommand deliver" -l client-key -d 'Private key of --client-cert (PEM, without a password)' -r -F
complete -c debar -n "__fish_debar_using_subcommand deliver" -l token-file -d 'File with a token that the collector gets as `Authorization: Bearer`' -r -F
complete -c debar -n "__fish_debar_using_subcommand deliver" -l ca -d 'Authorities that the collector\'s certificate must come from (PEM) [default: those that the system trusts]' -r -F
complete -c debar -n "__fish_debar_using_subcommand deliver" -l spool -d 'Folder where reports wait until the collector has them; only you may enter it [default: /var/spool/debar for root, else debar/spool in your state folder]' -r -F
complete -c debar -n "__fish_debar_using_subcommand deliver" -l spool-limit -d 'Most bytes that may wait; a scan whose report does not fit exits with 2' -r
complete -c debar -n "__fish_debar_using_subcommand deliver" -l deliver-timeout -d 'Stop trying after this time; what is not delivered stays in the spool' -r
complete -c debar -n "__fish_debar_using_subcommand deliver" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand deliver" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand deliver" -l wait -d 'Wait for a line on standard input before anything is sent'
complete -c debar -n "__fish_debar_using_subcommand deliver" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand deliver" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand deliver" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand deliver" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand diff" -s o -l output -d 'Write as text, json or markdown, to a file or to standard output; may be repeated [default: text]' -r
complete -c debar -n "__fish_debar_using_subcommand diff" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand diff" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand diff" -l allow-gaps -d 'Give exit code 0 although not everything was read again; the comparison still shows it'
complete -c debar -n "__fish_debar_using_subcommand diff" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand diff" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand diff" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand fleet; and not __fish_seen_subcommand_from ingest status hosts findings trend worklist plan export attest html help" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and not __fish_seen_subcommand_from ingest status hosts findings trend worklist plan export attest html help" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand fleet; and not __fish_seen_subcommand_from ingest status hosts findings trend worklist plan export attest html help" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand fleet; and not __fish_seen_subcommand_from ingest status hosts findings trend worklist plan export attest html help" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand fleet; and not __fish_seen_subcommand_from ingest status hosts findings trend worklist plan export attest html help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand fleet; and not __fish_seen_subcommand_from ingest status hosts findings trend worklist plan export attest html help" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand fleet; and not __fish_seen_subcommand_from ingest status hosts findings trend worklist plan export attest html help" -f -a "ingest" -d 'Take reports into the store; each is taken once, however often it is named'
complete -c debar -n "__fish_debar_using_subcommand fleet; and not __fish_seen_subcommand_from ingest status hosts findings trend worklist plan export attest html help" -f -a "status" -d 'Count how the hosts stand, by standing, product and rule'
complete -c debar -n "__fish_debar_using_subcommand fleet; and not __fish_seen_subcommand_from ingest status hosts findings trend worklist plan export attest html help" -f -a "hosts" -d 'List the hosts, gravest first'
complete -c debar -n "__fish_debar_using_subcommand fleet; and not __fish_seen_subcommand_from ingest status hosts findings trend worklist plan export attest html help" -f -a "findings" -d 'List every product on every host, with first seen, last seen, gone and reappeared'
complete -c debar -n "__fish_debar_using_subcommand fleet; and not __fish_seen_subcommand_from ingest status hosts findings trend worklist plan export attest html help" -f -a "trend" -d 'Count how the hosts stood on each day'
complete -c debar -n "__fish_debar_using_subcommand fleet; and not __fish_seen_subcommand_from ingest status hosts findings trend worklist plan export attest html help" -f -a "worklist" -d 'Write a list of what there is to do; the columns owner and note of an earlier list are kept'
complete -c debar -n "__fish_debar_using_subcommand fleet; and not __fish_seen_subcommand_from ingest status hosts findings trend worklist plan export attest html help" -f -a "plan" -d 'Write the removal plans of many hosts into folders for Ansible, Intune and Configuration Manager'
complete -c debar -n "__fish_debar_using_subcommand fleet; and not __fish_seen_subcommand_from ingest status hosts findings trend worklist plan export attest html help" -f -a "export" -d 'Write hosts and findings for data platforms, in folders by day'
complete -c debar -n "__fish_debar_using_subcommand fleet; and not __fish_seen_subcommand_from ingest status hosts findings trend worklist plan export attest html help" -f -a "attest" -d 'State how the fleet stands on a day, for auditors: who was asked, who answered, what was found, what was not read'
complete -c debar -n "__fish_debar_using_subcommand fleet; and not __fish_seen_subcommand_from ingest status hosts findings trend worklist plan export attest html help" -f -a "html" -d 'Write a dashboard: one self-contained page'
complete -c debar -n "__fish_debar_using_subcommand fleet; and not __fish_seen_subcommand_from ingest status hosts findings trend worklist plan export attest html help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from ingest" -l keep-days -d 'Forget what was said more than so many days ago, and take no older reports; what is still there keeps its first day, and each host its newest word [default: keep all]' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from ingest" -l trusted-key -d 'Public key (minisign) of hosts: a report with a FILE.minisig beside it must fit it, and is marked `signed`; may be repeated' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from ingest" -l store -d 'The store: one file, made by the first ingest' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from ingest" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from ingest" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from ingest" -l bind-folder -d 'Take only reports that lie in a folder of PATH that is named like their host (in lower case, as a collector with certificates makes it), and refuse those about another host'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from ingest" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from ingest" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from ingest" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from ingest" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from status" -l store -d 'The store: one file, made by the first ingest' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from status" -l assets -d 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from status" -l stale-after -d 'Days without a report after which a host is stale' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from status" -l signature-age -d 'Warn of hosts whose signatures are older than this many days (0: never)' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from status" -l as-of -d 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from status" -s o -l output -d 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from status" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from status" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from status" -s w -l wide -d 'Show every column of a table, however wide the terminal is'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from status" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from hosts" -l standing -d 'Only hosts that stand so' -r -f -a "found\t'A banned product was found'
never-reported\t'On the list of assets, and it never reported'
stale\t'It has not reported for too long'
incomplete\t'Nothing found, and not everything read'
clean\t'Nothing found, and everything read'"
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from hosts" -l store -d 'The store: one file, made by the first ingest' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from hosts" -l assets -d 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from hosts" -l stale-after -d 'Days without a report after which a host is stale' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from hosts" -l signature-age -d 'Warn of hosts whose signatures are older than this many days (0: never)' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from hosts" -l as-of -d 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from hosts" -s o -l output -d 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from hosts" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from hosts" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from hosts" -l why -d 'Show why each host stands as it does, and what cures it'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from hosts" -s w -l wide -d 'Show every column of a table, however wide the terminal is'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from hosts" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from hosts" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from hosts" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from hosts" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from findings" -l store -d 'The store: one file, made by the first ingest' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from findings" -l assets -d 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from findings" -l stale-after -d 'Days without a report after which a host is stale' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from findings" -l signature-age -d 'Warn of hosts whose signatures are older than this many days (0: never)' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from findings" -l as-of -d 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from findings" -s o -l output -d 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from findings" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from findings" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from findings" -l gone -d 'List what is gone, too'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from findings" -s w -l wide -d 'Show every column of a table, however wide the terminal is'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from findings" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from findings" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from findings" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from findings" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from trend" -l days -d 'How many days, up to today' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from trend" -l store -d 'The store: one file, made by the first ingest' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from trend" -l assets -d 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from trend" -l stale-after -d 'Days without a report after which a host is stale' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from trend" -l signature-age -d 'Warn of hosts whose signatures are older than this many days (0: never)' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from trend" -l as-of -d 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from trend" -s o -l output -d 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from trend" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from trend" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from trend" -s w -l wide -d 'Show every column of a table, however wide the terminal is'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from trend" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from trend" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from trend" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from trend" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from worklist" -l earlier -d 'An earlier list (CSV) whose columns owner and note are kept; a list that -o csv=FILE replaces is read anyway' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from worklist" -l store -d 'The store: one file, made by the first ingest' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from worklist" -l assets -d 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from worklist" -l stale-after -d 'Days without a report after which a host is stale' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from worklist" -l signature-age -d 'Warn of hosts whose signatures are older than this many days (0: never)' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from worklist" -l as-of -d 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from worklist" -s o -l output -d 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from worklist" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from worklist" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from worklist" -s w -l wide -d 'Show every column of a table, however wide the terminal is'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from worklist" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from worklist" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from worklist" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from worklist" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from plan" -l into -d 'A new folder: hosts/NAME/, ansible/, intune/, configmgr/ and hosts.csv are made in it' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from plan" -l signatures -d 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from plan" -l trusted-key -d 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from plan" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from plan" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from plan" -l require-signed -d 'Refuse signature files that no trusted key signed'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from plan" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from plan" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from plan" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from export" -l store -d 'The store: one file, made by the first ingest' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from export" -l assets -d 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from export" -l stale-after -d 'Days without a report after which a host is stale' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from export" -l signature-age -d 'Warn of hosts whose signatures are older than this many days (0: never)' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from export" -l as-of -d 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from export" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from export" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from export" -l csv -d 'Write CSV, not NDJSON'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from export" -l parquet -d 'Write Apache Parquet, not NDJSON: times and numbers have their types'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from export" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from attest" -l store -d 'The store: one file, made by the first ingest' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from attest" -l assets -d 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from attest" -l stale-after -d 'Days without a report after which a host is stale' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from attest" -l signature-age -d 'Warn of hosts whose signatures are older than this many days (0: never)' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from attest" -l as-of -d 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from attest" -s o -l output -d 'Write as markdown or json, to a file or to standard output; may be repeated [default: markdown]' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from attest" -l key -d 'Sign each file that is written with this minisign secret key; the signature lies beside it (.minisig). Its password comes from DEBAR_KEY_PASSWORD or is asked for' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from attest" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from attest" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from attest" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from attest" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from attest" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from attest" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from html" -l days -d 'Days of the trend' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from html" -l store -d 'The store: one file, made by the first ingest' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from html" -l assets -d 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from html" -l stale-after -d 'Days without a report after which a host is stale' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from html" -l signature-age -d 'Warn of hosts whose signatures are older than this many days (0: never)' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from html" -l as-of -d 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]' -r
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from html" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from html" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from html" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from html" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from html" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from html" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from help" -f -a "ingest" -d 'Take reports into the store; each is taken once, however often it is named'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from help" -f -a "status" -d 'Count how the hosts stand, by standing, product and rule'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from help" -f -a "hosts" -d 'List the hosts, gravest first'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from help" -f -a "findings" -d 'List every product on every host, with first seen, last seen, gone and reappeared'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from help" -f -a "trend" -d 'Count how the hosts stood on each day'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from help" -f -a "worklist" -d 'Write a list of what there is to do; the columns owner and note of an earlier list are kept'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from help" -f -a "plan" -d 'Write the removal plans of many hosts into folders for Ansible, Intune and Configuration Manager'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write hosts and findings for data platforms, in folders by day'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from help" -f -a "attest" -d 'State how the fleet stands on a day, for auditors: who was asked, who answered, what was found, what was not read'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from help" -f -a "html" -d 'Write a dashboard: one self-contained page'
complete -c debar -n "__fish_debar_using_subcommand fleet; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c debar -n "__fish_debar_using_subcommand osquery" -l socket -d 'Socket of osquery\'s manager of extensions' -r -F
complete -c debar -n "__fish_debar_using_subcommand osquery" -l timeout -d 'How long to wait for osquery' -r
complete -c debar -n "__fish_debar_using_subcommand osquery" -l interval -d 'How often to ask whether osquery is still there' -r
complete -c debar -n "__fish_debar_using_subcommand osquery" -l max-age -d 'How long an answer is good for: within that time no query scans again' -r
complete -c debar -n "__fish_debar_using_subcommand osquery" -l nice -d 'How far a scan gives way to other programs: 0 not at all, 19 as far as possible. A query waits for it: beside programs that keep every core busy, a scan at 19 takes minutes' -r
complete -c debar -n "__fish_debar_using_subcommand osquery" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand osquery" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand osquery" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand osquery" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand osquery" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand osquery" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand attest" -s o -l output -d 'Write as markdown or html (pages) or intoto (an in-toto Statement), to a file or to standard output; may be repeated [default: markdown]' -r
complete -c debar -n "__fish_debar_using_subcommand attest" -l key -d 'Sign each file that is written with this minisign secret key; the signature lies beside it (.minisig). Its password comes from DEBAR_KEY_PASSWORD or is asked for' -r -F
complete -c debar -n "__fish_debar_using_subcommand attest" -l identified -d 'The day on which the products were identified, for the deadlines (YYYY-MM-DD) [default: the day on which the scan ended]' -r
complete -c debar -n "__fish_debar_using_subcommand attest" -l verify -d 'Verify this in-toto Statement: its signature, and that it is about the report' -r -F
complete -c debar -n "__fish_debar_using_subcommand attest" -l public-key -d 'The minisign public key that must have signed it' -r -F
complete -c debar -n "__fish_debar_using_subcommand attest" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand attest" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand attest" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand attest" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand attest" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand attest" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand collectors" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand collectors" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand collectors" -l json -d 'As JSON'
complete -c debar -n "__fish_debar_using_subcommand collectors" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand collectors" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand collectors" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand collectors" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand explain" -l signatures -d 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules' -r -F
complete -c debar -n "__fish_debar_using_subcommand explain" -l trusted-key -d 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it' -r -F
complete -c debar -n "__fish_debar_using_subcommand explain" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand explain" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand explain" -l require-signed -d 'Refuse signature files that no trusted key signed'
complete -c debar -n "__fish_debar_using_subcommand explain" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand explain" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand explain" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand signatures; and not __fish_seen_subcommand_from list show check test new diff sign verify export help" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and not __fish_seen_subcommand_from list show check test new diff sign verify export help" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand signatures; and not __fish_seen_subcommand_from list show check test new diff sign verify export help" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand signatures; and not __fish_seen_subcommand_from list show check test new diff sign verify export help" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand signatures; and not __fish_seen_subcommand_from list show check test new diff sign verify export help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand signatures; and not __fish_seen_subcommand_from list show check test new diff sign verify export help" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand signatures; and not __fish_seen_subcommand_from list show check test new diff sign verify export help" -f -a "list" -d 'List vendors, products and rules'
complete -c debar -n "__fish_debar_using_subcommand signatures; and not __fish_seen_subcommand_from list show check test new diff sign verify export help" -f -a "show" -d 'Show a product as its file has it (JSON); `debar explain` says the same in words'
complete -c debar -n "__fish_debar_using_subcommand signatures; and not __fish_seen_subcommand_from list show check test new diff sign verify export help" -f -a "check" -d 'Check files: each problem with file, line, column and a suggestion; then what is questionable'
complete -c debar -n "__fish_debar_using_subcommand signatures; and not __fish_seen_subcommand_from list show check test new diff sign verify export help" -f -a "test" -d 'Try the indicators on the examples in the files'
complete -c debar -n "__fish_debar_using_subcommand signatures; and not __fish_seen_subcommand_from list show check test new diff sign verify export help" -f -a "new" -d 'Make a signature file from artifacts of an inventory'
complete -c debar -n "__fish_debar_using_subcommand signatures; and not __fish_seen_subcommand_from list show check test new diff sign verify export help" -f -a "diff" -d 'Tell what changed from one file to another'
complete -c debar -n "__fish_debar_using_subcommand signatures; and not __fish_seen_subcommand_from list show check test new diff sign verify export help" -f -a "sign" -d 'Sign files with a minisign key: writes FILE.minisig'
complete -c debar -n "__fish_debar_using_subcommand signatures; and not __fish_seen_subcommand_from list show check test new diff sign verify export help" -f -a "verify" -d 'Check the signatures of files'
complete -c debar -n "__fish_debar_using_subcommand signatures; and not __fish_seen_subcommand_from list show check test new diff sign verify export help" -f -a "export" -d 'Write the indicators in the language of another tool'
complete -c debar -n "__fish_debar_using_subcommand signatures; and not __fish_seen_subcommand_from list show check test new diff sign verify export help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from list" -l vendor -d 'Only this vendor, by its id; may be repeated' -r
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from list" -l product -d 'Only products whose id or name contains this text' -r
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from list" -l platform -d 'Only products for this system: linux, windows or macos' -r
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from list" -s o -l output -d 'Write as text, json, ndjson or csv; all but text hold products only [default: text]' -r
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from list" -l signatures -d 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from list" -l trusted-key -d 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from list" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from list" -l require-signed -d 'Refuse signature files that no trusted key signed'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from show" -l signatures -d 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from show" -l trusted-key -d 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from show" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from show" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from show" -l require-signed -d 'Refuse signature files that no trusted key signed'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from check" -l against -d 'Inventories (`debar inventory -o ndjson=FILE`) of machines without banned products: what in them would be found is questionable' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from check" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from check" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from check" -l strict -d 'Give exit code 1 for what is questionable, too'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from test" -l signatures -d 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from test" -l trusted-key -d 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from test" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from test" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from test" -l require-signed -d 'Refuse signature files that no trusted key signed'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from test" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from test" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from new" -l vendor -d 'Id of the vendor: lower-case letters, digits and dashes' -r
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from new" -l product -d 'Id of the product' -r
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from new" -l since -d 'Take only what this earlier inventory does not have: what an installation brought' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from new" -l select -d 'Take the artifacts in which a field contains a text, as FIELD=TEXT or COLLECTOR.FIELD=TEXT; may be repeated, all must hold' -r
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from new" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from new" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from new" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from new" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from new" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from diff" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from diff" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from diff" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from sign" -l key -d 'The secret key, as `minisign -G` writes it. Its password is asked for, or taken from DEBAR_KEY_PASSWORD' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from sign" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from sign" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from sign" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from sign" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from sign" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from sign" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from verify" -l trusted-key -d 'A public key that may have signed them' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from verify" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from verify" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from verify" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from export" -l signatures -d 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from export" -l trusted-key -d 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from export" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from export" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from export" -l list-left-out -d 'Name each indicator that the language cannot express on standard error'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from export" -l require-signed -d 'Refuse signature files that no trusted key signed'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from export" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from help" -f -a "list" -d 'List vendors, products and rules'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a product as its file has it (JSON); `debar explain` says the same in words'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from help" -f -a "check" -d 'Check files: each problem with file, line, column and a suggestion; then what is questionable'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from help" -f -a "test" -d 'Try the indicators on the examples in the files'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from help" -f -a "new" -d 'Make a signature file from artifacts of an inventory'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from help" -f -a "diff" -d 'Tell what changed from one file to another'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from help" -f -a "sign" -d 'Sign files with a minisign key: writes FILE.minisig'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Check the signatures of files'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write the indicators in the language of another tool'
complete -c debar -n "__fish_debar_using_subcommand signatures; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c debar -n "__fish_debar_using_subcommand config; and not __fish_seen_subcommand_from init show check help" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand config; and not __fish_seen_subcommand_from init show check help" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand config; and not __fish_seen_subcommand_from init show check help" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand config; and not __fish_seen_subcommand_from init show check help" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand config; and not __fish_seen_subcommand_from init show check help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand config; and not __fish_seen_subcommand_from init show check help" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand config; and not __fish_seen_subcommand_from init show check help" -f -a "init" -d 'Write a config file with every option in a comment'
complete -c debar -n "__fish_debar_using_subcommand config; and not __fish_seen_subcommand_from init show check help" -f -a "show" -d 'Show the settings of a command and where each comes from'
complete -c debar -n "__fish_debar_using_subcommand config; and not __fish_seen_subcommand_from init show check help" -f -a "check" -d 'Check a config file'
complete -c debar -n "__fish_debar_using_subcommand config; and not __fish_seen_subcommand_from init show check help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from init" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from init" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from init" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from init" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'Write as text, json, ndjson or csv [default: text]' -r
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from show" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from show" -l all -d 'Show options that have their default, too'
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from check" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from check" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "init" -d 'Write a config file with every option in a comment'
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the settings of a command and where each comes from'
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "check" -d 'Check a config file'
complete -c debar -n "__fish_debar_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c debar -n "__fish_debar_using_subcommand selftest" -l root -d 'The system to plant in, a mounted disk or the root of an image [default: this machine]' -r -F
complete -c debar -n "__fish_debar_using_subcommand selftest" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand selftest" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand selftest" -l plant -d 'Plant the test product on this machine, or below --root'
complete -c debar -n "__fish_debar_using_subcommand selftest" -l remove -d 'Remove the test product that --plant made'
complete -c debar -n "__fish_debar_using_subcommand selftest" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand selftest" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand selftest" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand selftest" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand completion" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand completion" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand completion" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand completion" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand completion" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand completion" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand version" -s o -l output -d 'Write as text or json [default: text]' -r
complete -c debar -n "__fish_debar_using_subcommand version" -l signatures -d 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules' -r -F
complete -c debar -n "__fish_debar_using_subcommand version" -l trusted-key -d 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it' -r -F
complete -c debar -n "__fish_debar_using_subcommand version" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand version" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand version" -l require-signed -d 'Refuse signature files that no trusted key signed'
complete -c debar -n "__fish_debar_using_subcommand version" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand version" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand version" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand version" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand generate" -s c -l config -d 'Config file (TOML); by default /etc/debar/config.toml if it exists' -r -F
complete -c debar -n "__fish_debar_using_subcommand generate" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c debar -n "__fish_debar_using_subcommand generate" -s q -l quiet -d 'Print nothing but errors; the exit code is the result'
complete -c debar -n "__fish_debar_using_subcommand generate" -s v -l verbose -d 'Print more: all evidence, why it matched, whom a rule binds'
complete -c debar -n "__fish_debar_using_subcommand generate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c debar -n "__fish_debar_using_subcommand generate" -s V -l version -d 'Print version'
complete -c debar -n "__fish_debar_using_subcommand help; and not __fish_seen_subcommand_from scan inventory plan verify deliver diff fleet osquery attest collectors explain signatures config selftest completion version generate help" -f -a "scan" -d 'Scan this machine, a disk or an image for restricted products'
complete -c debar -n "__fish_debar_using_subcommand help; and not __fish_seen_subcommand_from scan inventory plan verify deliver diff fleet osquery attest collectors explain signatures config selftest completion version generate help" -f -a "inventory" -d 'List everything that is installed or running, of every vendor'
complete -c debar -n "__fish_debar_using_subcommand help; and not __fish_seen_subcommand_from scan inventory plan verify deliver diff fleet osquery attest collectors explain signatures config selftest completion version generate help" -f -a "plan" -d 'Plan the removal of what reports found'
complete -c debar -n "__fish_debar_using_subcommand help; and not __fish_seen_subcommand_from scan inventory plan verify deliver diff fleet osquery attest collectors explain signatures config selftest completion version generate help" -f -a "verify" -d 'Check again what a report found: is it gone?'
complete -c debar -n "__fish_debar_using_subcommand help; and not __fish_seen_subcommand_from scan inventory plan verify deliver diff fleet osquery attest collectors explain signatures config selftest completion version generate help" -f -a "deliver" -d 'Send the reports that wait in the spool to their collector'
complete -c debar -n "__fish_debar_using_subcommand help; and not __fish_seen_subcommand_from scan inventory plan verify deliver diff fleet osquery attest collectors explain signatures config selftest completion version generate help" -f -a "diff" -d 'Compare two reports: new, gone, changed, still there'
complete -c debar -n "__fish_debar_using_subcommand help; and not __fish_seen_subcommand_from scan inventory plan verify deliver diff fleet osquery attest collectors explain signatures config selftest completion version generate help" -f -a "fleet" -d 'Roll the reports of many hosts up into one picture'
complete -c debar -n "__fish_debar_using_subcommand help; and not __fish_seen_subcommand_from scan inventory plan verify deliver diff fleet osquery attest collectors explain signatures config selftest completion version generate help" -f -a "osquery" -d 'Serve findings, gaps and artifacts as tables of osquery'
complete -c debar -n "__fish_debar_using_subcommand help; and not __fish_seen_subcommand_from scan inventory plan verify deliver diff fleet osquery attest collectors explain signatures config selftest completion version generate help" -f -a "attest" -d 'State what a scan checked and what it came to, for auditors'
complete -c debar -n "__fish_debar_using_subcommand help; and not __fish_seen_subcommand_from scan inventory plan verify deliver diff fleet osquery attest collectors explain signatures config selftest completion version generate help" -f -a "collectors" -d 'List the sources of inventory that debar reads'
complete -c debar -n "__fish_debar_using_subcommand help; and not __fish_seen_subcommand_from scan inventory plan verify deliver diff fleet osquery attest collectors explain signatures config selftest completion version generate help" -f -a "explain" -d 'Explain a word of a report: a product, vendor, rule, state, gap, source, audience or exit code'
complete -c debar -n "__fish_debar_using_subcommand help; and not __fish_seen_subcommand_from scan inventory plan verify deliver diff fleet osquery attest collectors explain signatures config selftest completion version generate help" -f -a "signatures" -d 'List, check, make, sign and export signature files'
complete -c debar -n "__fish_debar_using_subcommand help; and not __fish_seen_subcommand_from scan inventory plan verify deliver diff fleet osquery attest collectors explain signatures config selftest completion version generate help" -f -a "config" -d 'Make, show or check a config file'
complete -c debar -n "__fish_debar_using_subcommand help; and not __fish_seen_subcommand_from scan inventory plan verify deliver diff fleet osquery attest collectors explain signatures config selftest completion version generate help" -f -a "selftest" -d 'See a finding end to end with a harmless test product'
complete -c debar -n "__fish_debar_using_subcommand help; and not __fish_seen_subcommand_from scan inventory plan verify deliver diff fleet osquery attest collectors explain signatures config selftest completion version generate help" -f -a "completion" -d 'Print the completions of a shell'
complete -c debar -n "__fish_debar_using_subcommand help; and not __fish_seen_subcommand_from scan inventory plan verify deliver diff fleet osquery attest collectors explain signatures config selftest completion version generate help" -f -a "version" -d 'Print the version of debar, its signatures and its formats'
complete -c debar -n "__fish_debar_using_subcommand help; and not __fish_seen_subcommand_from scan inventory plan verify deliver diff fleet osquery attest collectors explain signatures config selftest completion version generate help" -f -a "generate" -d 'Write man pages, completions and schemas'
complete -c debar -n "__fish_debar_using_subcommand help; and not __fish_seen_subcommand_from scan inventory plan verify deliver diff fleet osquery attest collectors explain signatures config selftest completion version generate help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from fleet" -f -a "ingest" -d 'Take reports into the store; each is taken once, however often it is named'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from fleet" -f -a "status" -d 'Count how the hosts stand, by standing, product and rule'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from fleet" -f -a "hosts" -d 'List the hosts, gravest first'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from fleet" -f -a "findings" -d 'List every product on every host, with first seen, last seen, gone and reappeared'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from fleet" -f -a "trend" -d 'Count how the hosts stood on each day'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from fleet" -f -a "worklist" -d 'Write a list of what there is to do; the columns owner and note of an earlier list are kept'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from fleet" -f -a "plan" -d 'Write the removal plans of many hosts into folders for Ansible, Intune and Configuration Manager'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from fleet" -f -a "export" -d 'Write hosts and findings for data platforms, in folders by day'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from fleet" -f -a "attest" -d 'State how the fleet stands on a day, for auditors: who was asked, who answered, what was found, what was not read'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from fleet" -f -a "html" -d 'Write a dashboard: one self-contained page'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from signatures" -f -a "list" -d 'List vendors, products and rules'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from signatures" -f -a "show" -d 'Show a product as its file has it (JSON); `debar explain` says the same in words'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from signatures" -f -a "check" -d 'Check files: each problem with file, line, column and a suggestion; then what is questionable'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from signatures" -f -a "test" -d 'Try the indicators on the examples in the files'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from signatures" -f -a "new" -d 'Make a signature file from artifacts of an inventory'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from signatures" -f -a "diff" -d 'Tell what changed from one file to another'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from signatures" -f -a "sign" -d 'Sign files with a minisign key: writes FILE.minisig'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from signatures" -f -a "verify" -d 'Check the signatures of files'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from signatures" -f -a "export" -d 'Write the indicators in the language of another tool'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "init" -d 'Write a config file with every option in a comment'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Show the settings of a command and where each comes from'
complete -c debar -n "__fish_debar_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "check" -d 'Check a config file'
