
use builtin;
use str;

set edit:completion:arg-completer[debar] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'debar'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'debar'= {
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand scan 'Scan this machine, a disk or an image for restricted products'
            cand inventory 'List everything that is installed or running, of every vendor'
            cand plan 'Plan the removal of what reports found'
            cand verify 'Check again what a report found: is it gone?'
            cand deliver 'Send the reports that wait in the spool to their collector'
            cand diff 'Compare two reports: new, gone, changed, still there'
            cand fleet 'Roll the reports of many hosts up into one picture'
            cand osquery 'Serve findings, gaps and artifacts as tables of osquery'
            cand attest 'State what a scan checked and what it came to, for auditors'
            cand collectors 'List the sources of inventory that debar reads'
            cand explain 'Explain a word of a report: a product, vendor, rule, state, gap, source, audience or exit code'
            cand signatures 'List, check, make, sign and export signature files'
            cand config 'Make, show or check a config file'
            cand selftest 'See a finding end to end with a harmless test product'
            cand completion 'Print the completions of a shell'
            cand version 'Print the version of debar, its signatures and its formats'
            cand generate 'Write man pages, completions and schemas'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'debar;scan'= {
            cand --from-file 'Take targets from a file, one a line; empty lines and those that begin with # are left out; - for standard input'
            cand --shard 'Take every Nth of the targets, beginning with the Ith: splits a list over N jobs'
            cand -o 'Report as FORMAT, to a file or to standard output; may be repeated [default: text]. In the name of a file %h stands for the host, %t for the time and %i for an id of the report: each target gets a file of its own then. json=https://ADDRESS sends the report to a collector; there %s stands for its SHA-256, too'
            cand --output 'Report as FORMAT, to a file or to standard output; may be repeated [default: text]. In the name of a file %h stands for the host, %t for the time and %i for an id of the report: each target gets a file of its own then. json=https://ADDRESS sends the report to a collector; there %s stands for its SHA-256, too'
            cand --keep 'Of the files that an output with %t in its name made for a machine and target, keep the newest N and remove the others'
            cand --baseline 'Report whose findings are known already: only new ones, and those in a graver state, give exit code 1'
            cand --fail-on 'From which state on a banned product gives exit code 1'
            cand --signature-age 'Warn when the signatures are older than this many days (0: never)'
            cand --as-of 'Judge the rules as of this day (YYYY-MM-DD) [default: today, UTC]'
            cand --rules 'Only these rules count (see debar signatures); all for every rule there is'
            cand --audience 'Judge by the rules that matter for this audience: private, federal-agency, federal-contractor, federal-funds, state:XX, country:XX, or all; may be repeated'
            cand --vendor 'Check for this vendor only, by its id (see debar signatures list), and judge by it; may be repeated'
            cand --other-vendors 'Check for vendors, too, that are restricted only for some organisations: true or false. Without an audience that their rules bind they change neither verdict nor exit code'
            cand --exceptions 'File of exceptions (TOML or JSON): findings and gaps that are accepted for a while. They stay in the report and do not give exit code 1 or 3'
            cand --signatures 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules'
            cand --trusted-key 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it'
            cand --client-cert 'Certificate of this machine for the collector (PEM; with its key, or see --client-key)'
            cand --client-key 'Private key of --client-cert (PEM, without a password)'
            cand --token-file 'File with a token that the collector gets as `Authorization: Bearer`'
            cand --ca 'Authorities that the collector''s certificate must come from (PEM) [default: those that the system trusts]'
            cand --spool 'Folder where reports wait until the collector has them; only you may enter it [default: /var/spool/debar for root, else debar/spool in your state folder]'
            cand --spool-limit 'Most bytes that may wait; a scan whose report does not fit exits with 2'
            cand --deliver-timeout 'Stop trying after this time; what is not delivered stays in the spool'
            cand --exclude 'Leave out a path of the target and everything below it; the report says so'
            cand --platform 'Of an image for several platforms, scan this one (OS/ARCHITECTURE[/VARIANT]) [default: linux and this machine''s]'
            cand --as 'What you call the image: exceptions by `image` and baselines hold for that, never for what an archive calls itself'
            cand --cache 'Keep what was read of image layers in this folder, and read no layer again that it has; signatures are matched again each time'
            cand --timeout 'Stop waiting after this time (30s, 5m, 1h; 0 for never) and report what was not done as gaps'
            cand --source-timeout 'Stop waiting for a single source after this time (0 for never); the others and the search go on'
            cand --max-memory 'End with what was found when debar itself uses more memory than this (512M, 2G; 0 for no limit)'
            cand --nice 'How far to give way to other programs, for processor and disk: 0 not at all, 19 as far as possible'
            cand --threads 'Threads of the search [default: one per core]'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --event-log 'Write the verdict into the event log of Windows, too: log Application, source debar, event 100 (nothing found), 101 (found) or 103 (incomplete). Elsewhere: -o syslog'
            cand --allow-gaps 'Exit 0 instead of 3 when something could not be read; the report still shows it'
            cand --fail-on-limited 'Exit 3 also for limited gaps: details that no place where products are installed depends on'
            cand --require-signed 'Refuse signature files that no trusted key signed'
            cand -x 'Stay on the file system of the target''s root'
            cand --one-file-system 'Stay on the file system of the target''s root'
            cand --nested 'Scan other installations on a disk, too, each as a target of its own: an older Windows, root folders, containers, deployments, backups. Without it, they are named as not read'
            cand --deep 'Search the whole target, not only where programs are usually installed; images are searched whole anyway'
            cand --no-deep 'Search images only where programs are usually installed; the report says so'
            cand --verify-layers 'Read the layers of images to their last byte and hold each against its digests. Without it, the bytes of compressed layers are held against the manifest, and of others only what the scan needs is read'
            cand --insecure 'Speak HTTP without TLS to the registry of a `registry:` target; anyone who is on the way can read the login and change the image'
            cand --no-confinement 'Do not give up rights that the scan does not need (Linux: Landlock, seccomp, no_new_privs); for finding faults'
            cand --no-progress 'Show no progress bar'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;inventory'= {
            cand --from-file 'Take targets from a file, one a line; empty lines and those that begin with # are left out; - for standard input'
            cand --shard 'Take every Nth of the targets, beginning with the Ith: splits a list over N jobs'
            cand -o 'Report as FORMAT, to a file or to standard output; may be repeated [default: text]'
            cand --output 'Report as FORMAT, to a file or to standard output; may be repeated [default: text]'
            cand --collector 'Only artifacts of this collector; may be repeated'
            cand --exclude 'Leave out a path of the target and everything below it; the report says so'
            cand --platform 'Of an image for several platforms, scan this one (OS/ARCHITECTURE[/VARIANT]) [default: linux and this machine''s]'
            cand --as 'What you call the image: exceptions by `image` and baselines hold for that, never for what an archive calls itself'
            cand --cache 'Keep what was read of image layers in this folder, and read no layer again that it has; signatures are matched again each time'
            cand --timeout 'Stop waiting after this time (30s, 5m, 1h; 0 for never) and report what was not done as gaps'
            cand --source-timeout 'Stop waiting for a single source after this time (0 for never); the others and the search go on'
            cand --max-memory 'End with what was found when debar itself uses more memory than this (512M, 2G; 0 for no limit)'
            cand --nice 'How far to give way to other programs, for processor and disk: 0 not at all, 19 as far as possible'
            cand --threads 'Threads of the search [default: one per core]'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --allow-gaps 'Give exit code 0 although places could not be read; the report still shows them'
            cand -x 'Stay on the file system of the target''s root'
            cand --one-file-system 'Stay on the file system of the target''s root'
            cand --nested 'Scan other installations on a disk, too, each as a target of its own: an older Windows, root folders, containers, deployments, backups. Without it, they are named as not read'
            cand --deep 'Search the whole target, not only where programs are usually installed; images are searched whole anyway'
            cand --no-deep 'Search images only where programs are usually installed; the report says so'
            cand --verify-layers 'Read the layers of images to their last byte and hold each against its digests. Without it, the bytes of compressed layers are held against the manifest, and of others only what the scan needs is read'
            cand --insecure 'Speak HTTP without TLS to the registry of a `registry:` target; anyone who is on the way can read the login and change the image'
            cand --no-confinement 'Do not give up rights that the scan does not need (Linux: Landlock, seccomp, no_new_privs); for finding faults'
            cand --no-progress 'Show no progress bar'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;plan'= {
            cand -o 'Write as text, markdown, json, sh, ps1, intune-detect, intune-remediate, configmgr or ansible, to a file or to standard output; a file name with an extension of these does, too; may be repeated [default: text]'
            cand --output 'Write as text, markdown, json, sh, ps1, intune-detect, intune-remediate, configmgr or ansible, to a file or to standard output; a file name with an extension of these does, too; may be repeated [default: text]'
            cand --signatures 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules'
            cand --trusted-key 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --require-signed 'Refuse signature files that no trusted key signed'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;verify'= {
            cand -o 'Report as FORMAT, to a file or to standard output; may be repeated [default: text, a table of before and after]'
            cand --output 'Report as FORMAT, to a file or to standard output; may be repeated [default: text, a table of before and after]'
            cand --fail-on 'From which state on a banned product gives exit code 1'
            cand --signature-age 'Warn when the signatures are older than this many days (0: never)'
            cand --as-of 'Judge the rules as of this day (YYYY-MM-DD) [default: today, UTC]'
            cand --rules 'Only these rules count (see debar signatures); all for every rule there is'
            cand --audience 'Judge by the rules that matter for this audience: private, federal-agency, federal-contractor, federal-funds, state:XX, country:XX, or all; may be repeated'
            cand --vendor 'Check for this vendor only, by its id (see debar signatures list), and judge by it; may be repeated'
            cand --other-vendors 'Check for vendors, too, that are restricted only for some organisations: true or false. Without an audience that their rules bind they change neither verdict nor exit code'
            cand --exceptions 'File of exceptions (TOML or JSON): findings and gaps that are accepted for a while. They stay in the report and do not give exit code 1 or 3'
            cand --signatures 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules'
            cand --trusted-key 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it'
            cand --exclude 'Leave out a path of the target and everything below it; the report says so'
            cand --platform 'Of an image for several platforms, scan this one (OS/ARCHITECTURE[/VARIANT]) [default: linux and this machine''s]'
            cand --as 'What you call the image: exceptions by `image` and baselines hold for that, never for what an archive calls itself'
            cand --cache 'Keep what was read of image layers in this folder, and read no layer again that it has; signatures are matched again each time'
            cand --timeout 'Stop waiting after this time (30s, 5m, 1h; 0 for never) and report what was not done as gaps'
            cand --source-timeout 'Stop waiting for a single source after this time (0 for never); the others and the search go on'
            cand --max-memory 'End with what was found when debar itself uses more memory than this (512M, 2G; 0 for no limit)'
            cand --nice 'How far to give way to other programs, for processor and disk: 0 not at all, 19 as far as possible'
            cand --threads 'Threads of the search [default: one per core]'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --any-host 'Look although the target is of another host than the report; for machines that were renamed'
            cand --allow-gaps 'Exit 0 instead of 3 when something could not be read; the report still shows it'
            cand --fail-on-limited 'Exit 3 also for limited gaps: details that no place where products are installed depends on'
            cand --require-signed 'Refuse signature files that no trusted key signed'
            cand -x 'Stay on the file system of the target''s root'
            cand --one-file-system 'Stay on the file system of the target''s root'
            cand --nested 'Scan other installations on a disk, too, each as a target of its own: an older Windows, root folders, containers, deployments, backups. Without it, they are named as not read'
            cand --deep 'Search the whole target, not only where programs are usually installed; images are searched whole anyway'
            cand --no-deep 'Search images only where programs are usually installed; the report says so'
            cand --verify-layers 'Read the layers of images to their last byte and hold each against its digests. Without it, the bytes of compressed layers are held against the manifest, and of others only what the scan needs is read'
            cand --insecure 'Speak HTTP without TLS to the registry of a `registry:` target; anyone who is on the way can read the login and change the image'
            cand --no-confinement 'Do not give up rights that the scan does not need (Linux: Landlock, seccomp, no_new_privs); for finding faults'
            cand --no-progress 'Show no progress bar'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;deliver'= {
            cand --client-cert 'Certificate of this machine for the collector (PEM; with its key, or see --client-key)'
            cand --client-key 'Private key of --client-cert (PEM, without a password)'
            cand --token-file 'File with a token that the collector gets as `Authorization: Bearer`'
            cand --ca 'Authorities that the collector''s certificate must come from (PEM) [default: those that the system trusts]'
            cand --spool 'Folder where reports wait until the collector has them; only you may enter it [default: /var/spool/debar for root, else debar/spool in your state folder]'
            cand --spool-limit 'Most bytes that may wait; a scan whose report does not fit exits with 2'
            cand --deliver-timeout 'Stop trying after this time; what is not delivered stays in the spool'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --wait 'Wait for a line on standard input before anything is sent'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;diff'= {
            cand -o 'Write as text, json or markdown, to a file or to standard output; may be repeated [default: text]'
            cand --output 'Write as text, json or markdown, to a file or to standard output; may be repeated [default: text]'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --allow-gaps 'Give exit code 0 although not everything was read again; the comparison still shows it'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;fleet'= {
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand ingest 'Take reports into the store; each is taken once, however often it is named'
            cand status 'Count how the hosts stand, by standing, product and rule'
            cand hosts 'List the hosts, gravest first'
            cand findings 'List every product on every host, with first seen, last seen, gone and reappeared'
            cand trend 'Count how the hosts stood on each day'
            cand worklist 'Write a list of what there is to do; the columns owner and note of an earlier list are kept'
            cand plan 'Write the removal plans of many hosts into folders for Ansible, Intune and Configuration Manager'
            cand export 'Write hosts and findings for data platforms, in folders by day'
            cand attest 'State how the fleet stands on a day, for auditors: who was asked, who answered, what was found, what was not read'
            cand html 'Write a dashboard: one self-contained page'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'debar;fleet;ingest'= {
            cand --keep-days 'Forget what was said more than so many days ago, and take no older reports; what is still there keeps its first day, and each host its newest word [default: keep all]'
            cand --trusted-key 'Public key (minisign) of hosts: a report with a FILE.minisig beside it must fit it, and is marked `signed`; may be repeated'
            cand --store 'The store: one file, made by the first ingest'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --bind-folder 'Take only reports that lie in a folder of PATH that is named like their host (in lower case, as a collector with certificates makes it), and refuse those about another host'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;fleet;status'= {
            cand --store 'The store: one file, made by the first ingest'
            cand --assets 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported'
            cand --stale-after 'Days without a report after which a host is stale'
            cand --signature-age 'Warn of hosts whose signatures are older than this many days (0: never)'
            cand --as-of 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]'
            cand -o 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]'
            cand --output 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -w 'Show every column of a table, however wide the terminal is'
            cand --wide 'Show every column of a table, however wide the terminal is'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;fleet;hosts'= {
            cand --standing 'Only hosts that stand so'
            cand --store 'The store: one file, made by the first ingest'
            cand --assets 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported'
            cand --stale-after 'Days without a report after which a host is stale'
            cand --signature-age 'Warn of hosts whose signatures are older than this many days (0: never)'
            cand --as-of 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]'
            cand -o 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]'
            cand --output 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --why 'Show why each host stands as it does, and what cures it'
            cand -w 'Show every column of a table, however wide the terminal is'
            cand --wide 'Show every column of a table, however wide the terminal is'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;fleet;findings'= {
            cand --store 'The store: one file, made by the first ingest'
            cand --assets 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported'
            cand --stale-after 'Days without a report after which a host is stale'
            cand --signature-age 'Warn of hosts whose signatures are older than this many days (0: never)'
            cand --as-of 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]'
            cand -o 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]'
            cand --output 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --gone 'List what is gone, too'
            cand -w 'Show every column of a table, however wide the terminal is'
            cand --wide 'Show every column of a table, however wide the terminal is'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;fleet;trend'= {
            cand --days 'How many days, up to today'
            cand --store 'The store: one file, made by the first ingest'
            cand --assets 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported'
            cand --stale-after 'Days without a report after which a host is stale'
            cand --signature-age 'Warn of hosts whose signatures are older than this many days (0: never)'
            cand --as-of 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]'
            cand -o 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]'
            cand --output 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -w 'Show every column of a table, however wide the terminal is'
            cand --wide 'Show every column of a table, however wide the terminal is'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;fleet;worklist'= {
            cand --earlier 'An earlier list (CSV) whose columns owner and note are kept; a list that -o csv=FILE replaces is read anyway'
            cand --store 'The store: one file, made by the first ingest'
            cand --assets 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported'
            cand --stale-after 'Days without a report after which a host is stale'
            cand --signature-age 'Warn of hosts whose signatures are older than this many days (0: never)'
            cand --as-of 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]'
            cand -o 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]'
            cand --output 'Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text]'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -w 'Show every column of a table, however wide the terminal is'
            cand --wide 'Show every column of a table, however wide the terminal is'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;fleet;plan'= {
            cand --into 'A new folder: hosts/NAME/, ansible/, intune/, configmgr/ and hosts.csv are made in it'
            cand --signatures 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules'
            cand --trusted-key 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --require-signed 'Refuse signature files that no trusted key signed'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;fleet;export'= {
            cand --store 'The store: one file, made by the first ingest'
            cand --assets 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported'
            cand --stale-after 'Days without a report after which a host is stale'
            cand --signature-age 'Warn of hosts whose signatures are older than this many days (0: never)'
            cand --as-of 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --csv 'Write CSV, not NDJSON'
            cand --parquet 'Write Apache Parquet, not NDJSON: times and numbers have their types'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;fleet;attest'= {
            cand --store 'The store: one file, made by the first ingest'
            cand --assets 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported'
            cand --stale-after 'Days without a report after which a host is stale'
            cand --signature-age 'Warn of hosts whose signatures are older than this many days (0: never)'
            cand --as-of 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]'
            cand -o 'Write as markdown or json, to a file or to standard output; may be repeated [default: markdown]'
            cand --output 'Write as markdown or json, to a file or to standard output; may be repeated [default: markdown]'
            cand --key 'Sign each file that is written with this minisign secret key; the signature lies beside it (.minisig). Its password comes from DEBAR_KEY_PASSWORD or is asked for'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;fleet;html'= {
            cand --days 'Days of the trend'
            cand --store 'The store: one file, made by the first ingest'
            cand --assets 'List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported'
            cand --stale-after 'Days without a report after which a host is stale'
            cand --signature-age 'Warn of hosts whose signatures are older than this many days (0: never)'
            cand --as-of 'Look at the store as of this day (YYYY-MM-DD), at its end [default: now]'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;fleet;help'= {
            cand ingest 'Take reports into the store; each is taken once, however often it is named'
            cand status 'Count how the hosts stand, by standing, product and rule'
            cand hosts 'List the hosts, gravest first'
            cand findings 'List every product on every host, with first seen, last seen, gone and reappeared'
            cand trend 'Count how the hosts stood on each day'
            cand worklist 'Write a list of what there is to do; the columns owner and note of an earlier list are kept'
            cand plan 'Write the removal plans of many hosts into folders for Ansible, Intune and Configuration Manager'
            cand export 'Write hosts and findings for data platforms, in folders by day'
            cand attest 'State how the fleet stands on a day, for auditors: who was asked, who answered, what was found, what was not read'
            cand html 'Write a dashboard: one self-contained page'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'debar;fleet;help;ingest'= {
        }
        &'debar;fleet;help;status'= {
        }
        &'debar;fleet;help;hosts'= {
        }
        &'debar;fleet;help;findings'= {
        }
        &'debar;fleet;help;trend'= {
        }
        &'debar;fleet;help;worklist'= {
        }
        &'debar;fleet;help;plan'= {
        }
        &'debar;fleet;help;export'= {
        }
        &'debar;fleet;help;attest'= {
        }
        &'debar;fleet;help;html'= {
        }
        &'debar;fleet;help;help'= {
        }
        &'debar;osquery'= {
            cand --socket 'Socket of osquery''s manager of extensions'
            cand --timeout 'How long to wait for osquery'
            cand --interval 'How often to ask whether osquery is still there'
            cand --max-age 'How long an answer is good for: within that time no query scans again'
            cand --nice 'How far a scan gives way to other programs: 0 not at all, 19 as far as possible. A query waits for it: beside programs that keep every core busy, a scan at 19 takes minutes'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;attest'= {
            cand -o 'Write as markdown or html (pages) or intoto (an in-toto Statement), to a file or to standard output; may be repeated [default: markdown]'
            cand --output 'Write as markdown or html (pages) or intoto (an in-toto Statement), to a file or to standard output; may be repeated [default: markdown]'
            cand --key 'Sign each file that is written with this minisign secret key; the signature lies beside it (.minisig). Its password comes from DEBAR_KEY_PASSWORD or is asked for'
            cand --identified 'The day on which the products were identified, for the deadlines (YYYY-MM-DD) [default: the day on which the scan ended]'
            cand --verify 'Verify this in-toto Statement: its signature, and that it is about the report'
            cand --public-key 'The minisign public key that must have signed it'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;collectors'= {
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --json 'As JSON'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;explain'= {
            cand --signatures 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules'
            cand --trusted-key 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --require-signed 'Refuse signature files that no trusted key signed'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;signatures'= {
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand list 'List vendors, products and rules'
            cand show 'Show a product as its file has it (JSON); `debar explain` says the same in words'
            cand check 'Check files: each problem with file, line, column and a suggestion; then what is questionable'
            cand test 'Try the indicators on the examples in the files'
            cand new 'Make a signature file from artifacts of an inventory'
            cand diff 'Tell what changed from one file to another'
            cand sign 'Sign files with a minisign key: writes FILE.minisig'
            cand verify 'Check the signatures of files'
            cand export 'Write the indicators in the language of another tool'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'debar;signatures;list'= {
            cand --vendor 'Only this vendor, by its id; may be repeated'
            cand --product 'Only products whose id or name contains this text'
            cand --platform 'Only products for this system: linux, windows or macos'
            cand -o 'Write as text, json, ndjson or csv; all but text hold products only [default: text]'
            cand --output 'Write as text, json, ndjson or csv; all but text hold products only [default: text]'
            cand --signatures 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules'
            cand --trusted-key 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --require-signed 'Refuse signature files that no trusted key signed'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;signatures;show'= {
            cand --signatures 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules'
            cand --trusted-key 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --require-signed 'Refuse signature files that no trusted key signed'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;signatures;check'= {
            cand --against 'Inventories (`debar inventory -o ndjson=FILE`) of machines without banned products: what in them would be found is questionable'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --strict 'Give exit code 1 for what is questionable, too'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;signatures;test'= {
            cand --signatures 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules'
            cand --trusted-key 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --require-signed 'Refuse signature files that no trusted key signed'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;signatures;new'= {
            cand --vendor 'Id of the vendor: lower-case letters, digits and dashes'
            cand --product 'Id of the product'
            cand --since 'Take only what this earlier inventory does not have: what an installation brought'
            cand --select 'Take the artifacts in which a field contains a text, as FIELD=TEXT or COLLECTOR.FIELD=TEXT; may be repeated, all must hold'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;signatures;diff'= {
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;signatures;sign'= {
            cand --key 'The secret key, as `minisign -G` writes it. Its password is asked for, or taken from DEBAR_KEY_PASSWORD'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;signatures;verify'= {
            cand --trusted-key 'A public key that may have signed them'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;signatures;export'= {
            cand --signatures 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules'
            cand --trusted-key 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --list-left-out 'Name each indicator that the language cannot express on standard error'
            cand --require-signed 'Refuse signature files that no trusted key signed'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;signatures;help'= {
            cand list 'List vendors, products and rules'
            cand show 'Show a product as its file has it (JSON); `debar explain` says the same in words'
            cand check 'Check files: each problem with file, line, column and a suggestion; then what is questionable'
            cand test 'Try the indicators on the examples in the files'
            cand new 'Make a signature file from artifacts of an inventory'
            cand diff 'Tell what changed from one file to another'
            cand sign 'Sign files with a minisign key: writes FILE.minisig'
            cand verify 'Check the signatures of files'
            cand export 'Write the indicators in the language of another tool'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'debar;signatures;help;list'= {
        }
        &'debar;signatures;help;show'= {
        }
        &'debar;signatures;help;check'= {
        }
        &'debar;signatures;help;test'= {
        }
        &'debar;signatures;help;new'= {
        }
        &'debar;signatures;help;diff'= {
        }
        &'debar;signatures;help;sign'= {
        }
        &'debar;signatures;help;verify'= {
        }
        &'debar;signatures;help;export'= {
        }
        &'debar;signatures;help;help'= {
        }
        &'debar;config'= {
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand init 'Write a config file with every option in a comment'
            cand show 'Show the settings of a command and where each comes from'
            cand check 'Check a config file'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'debar;config;init'= {
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;config;show'= {
            cand -o 'Write as text, json, ndjson or csv [default: text]'
            cand --output 'Write as text, json, ndjson or csv [default: text]'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --all 'Show options that have their default, too'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;config;check'= {
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;config;help'= {
            cand init 'Write a config file with every option in a comment'
            cand show 'Show the settings of a command and where each comes from'
            cand check 'Check a config file'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'debar;config;help;init'= {
        }
        &'debar;config;help;show'= {
        }
        &'debar;config;help;check'= {
        }
        &'debar;config;help;help'= {
        }
        &'debar;selftest'= {
            cand --root 'The system to plant in, a mounted disk or the root of an image [default: this machine]'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --plant 'Plant the test product on this machine, or below --root'
            cand --remove 'Remove the test product that --plant made'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;completion'= {
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;version'= {
            cand -o 'Write as text or json [default: text]'
            cand --output 'Write as text or json [default: text]'
            cand --signatures 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules'
            cand --trusted-key 'Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --require-signed 'Refuse signature files that no trusted key signed'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;generate'= {
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code is the result'
            cand --quiet 'Print nothing but errors; the exit code is the result'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;help'= {
            cand scan 'Scan this machine, a disk or an image for restricted products'
            cand inventory 'List everything that is installed or running, of every vendor'
            cand plan 'Plan the removal of what reports found'
            cand verify 'Check again what a report found: is it gone?'
            cand deliver 'Send the reports that wait in the spool to their collector'
            cand diff 'Compare two reports: new, gone, changed, still there'
            cand fleet 'Roll the reports of many hosts up into one picture'
            cand osquery 'Serve findings, gaps and artifacts as tables of osquery'
            cand attest 'State what a scan checked and what it came to, for auditors'
            cand collectors 'List the sources of inventory that debar reads'
            cand explain 'Explain a word of a report: a product, vendor, rule, state, gap, source, audience or exit code'
            cand signatures 'List, check, make, sign and export signature files'
            cand config 'Make, show or check a config file'
            cand selftest 'See a finding end to end with a harmless test product'
            cand completion 'Print the completions of a shell'
            cand version 'Print the version of debar, its signatures and its formats'
            cand generate 'Write man pages, completions and schemas'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'debar;help;scan'= {
        }
        &'debar;help;inventory'= {
        }
        &'debar;help;plan'= {
        }
        &'debar;help;verify'= {
        }
        &'debar;help;deliver'= {
        }
        &'debar;help;diff'= {
        }
        &'debar;help;fleet'= {
            cand ingest 'Take reports into the store; each is taken once, however often it is named'
            cand status 'Count how the hosts stand, by standing, product and rule'
            cand hosts 'List the hosts, gravest first'
            cand findings 'List every product on every host, with first seen, last seen, gone and reappeared'
            cand trend 'Count how the hosts stood on each day'
            cand worklist 'Write a list of what there is to do; the columns owner and note of an earlier list are kept'
            cand plan 'Write the removal plans of many hosts into folders for Ansible, Intune and Configuration Manager'
            cand export 'Write hosts and findings for data platforms, in folders by day'
            cand attest 'State how the fleet stands on a day, for auditors: who was asked, who answered, what was found, what was not read'
            cand html 'Write a dashboard: one self-contained page'
        }
        &'debar;help;fleet;ingest'= {
        }
        &'debar;help;fleet;status'= {
        }
        &'debar;help;fleet;hosts'= {
        }
        &'debar;help;fleet;findings'= {
        }
        &'debar;help;fleet;trend'= {
        }
        &'debar;help;fleet;worklist'= {
        }
        &'debar;help;fleet;plan'= {
        }
        &'debar;help;fleet;export'= {
        }
        &'debar;help;fleet;attest'= {
        }
        &'debar;help;fleet;html'= {
        }
        &'debar;help;osquery'= {
        }
        &'debar;help;attest'= {
        }
        &'debar;help;collectors'= {
        }
        &'debar;help;explain'= {
        }
        &'debar;help;signatures'= {
            cand list 'List vendors, products and rules'
            cand show 'Show a product as its file has it (JSON); `debar explain` says the same in words'
            cand check 'Check files: each problem with file, line, column and a suggestion; then what is questionable'
            cand test 'Try the indicators on the examples in the files'
            cand new 'Make a signature file from artifacts of an inventory'
            cand diff 'Tell what changed from one file to another'
            cand sign 'Sign files with a minisign key: writes FILE.minisig'
            cand verify 'Check the signatures of files'
            cand export 'Write the indicators in the language of another tool'
        }
        &'debar;help;signatures;list'= {
        }
        &'debar;help;signatures;show'= {
        }
        &'debar;help;signatures;check'= {
        }
        &'debar;help;signatures;test'= {
        }
        &'debar;help;signatures;new'= {
        }
        &'debar;help;signatures;diff'= {
        }
        &'debar;help;signatures;sign'= {
        }
        &'debar;help;signatures;verify'= {
        }
        &'debar;help;signatures;export'= {
        }
        &'debar;help;config'= {
            cand init 'Write a config file with every option in a comment'
            cand show 'Show the settings of a command and where each comes from'
            cand check 'Check a config file'
        }
        &'debar;help;config;init'= {
        }
        &'debar;help;config;show'= {
        }
        &'debar;help;config;check'= {
        }
        &'debar;help;selftest'= {
        }
        &'debar;help;completion'= {
        }
        &'debar;help;version'= {
        }
        &'debar;help;generate'= {
        }
        &'debar;help;help'= {
        }
    ]
    $completions[$command]
}
