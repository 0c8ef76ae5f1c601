
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
            cand -q 'Print nothing but errors; the exit code tells'
            cand --quiet 'Print nothing but errors; the exit code tells'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand scan 'Look for banned products'
            cand inventory 'List everything that is installed or running, of whatever vendor'
            cand collectors 'List the sources of inventory that debar reads'
            cand explain 'Explain a product, a rule, a collector or a kind of gap'
            cand signatures 'List and check signature files'
            cand generate 'Write man pages, completions and schemas'
        }
        &'debar;scan'= {
            cand -o 'Report as FORMAT, to a file or to standard output; may be repeated [default: text]'
            cand --output 'Report as FORMAT, to a file or to standard output; may be repeated [default: text]'
            cand --fail-on 'From which state on a banned product gives exit code 1'
            cand --as-of 'Judge the rules as of this day (YYYY-MM-DD) [default: today, UTC]'
            cand --rules 'Only these rules count (see debar signatures)'
            cand --signatures 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules'
            cand --exclude 'Leave out a path of the target and everything below it; the report says so'
            cand --timeout 'Stop waiting after this time (30s, 5m, 1h; 0 for never) and report what was not done as gaps'
            cand --threads 'Threads of the search [default: one per core]'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --allow-gaps 'Give exit code 0 although places could not be looked at; the report still shows them'
            cand -x 'Stay on the file system of the target''s root'
            cand --one-file-system 'Stay on the file system of the target''s root'
            cand --deep 'Search the whole target, not only where programs are usually installed'
            cand --no-progress 'Show no progress bar'
            cand -q 'Print nothing but errors; the exit code tells'
            cand --quiet 'Print nothing but errors; the exit code tells'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;inventory'= {
            cand -o 'Report as FORMAT, to a file or to standard output; may be repeated [default: text]'
            cand --output 'Report as FORMAT, to a file or to standard output; may be repeated [default: text]'
            cand --collector 'Only artifacts of this collector; may be repeated'
            cand --exclude 'Leave out a path of the target and everything below it; the report says so'
            cand --timeout 'Stop waiting after this time (30s, 5m, 1h; 0 for never) and report what was not done as gaps'
            cand --threads 'Threads of the search [default: one per core]'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand --allow-gaps 'Give exit code 0 although places could not be looked at; the report still shows them'
            cand -x 'Stay on the file system of the target''s root'
            cand --one-file-system 'Stay on the file system of the target''s root'
            cand --deep 'Search the whole target, not only where programs are usually installed'
            cand --no-progress 'Show no progress bar'
            cand -q 'Print nothing but errors; the exit code tells'
            cand --quiet 'Print nothing but errors; the exit code tells'
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
            cand -q 'Print nothing but errors; the exit code tells'
            cand --quiet 'Print nothing but errors; the exit code tells'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;explain'= {
            cand --signatures 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code tells'
            cand --quiet 'Print nothing but errors; the exit code tells'
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
            cand -q 'Print nothing but errors; the exit code tells'
            cand --quiet 'Print nothing but errors; the exit code tells'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand list 'List vendors, products and rules'
            cand check 'Check files: each problem with file, line, column and a suggestion'
            cand test 'Try the indicators on the examples in the files'
        }
        &'debar;signatures;list'= {
            cand --signatures 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code tells'
            cand --quiet 'Print nothing but errors; the exit code tells'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;signatures;check'= {
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code tells'
            cand --quiet 'Print nothing but errors; the exit code tells'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'debar;signatures;test'= {
            cand --signatures 'Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules'
            cand -c 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --config 'Config file (TOML); by default /etc/debar/config.toml if it exists'
            cand --color 'When to colour'
            cand -q 'Print nothing but errors; the exit code tells'
            cand --quiet 'Print nothing but errors; the exit code tells'
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
            cand -q 'Print nothing but errors; the exit code tells'
            cand --quiet 'Print nothing but errors; the exit code tells'
            cand -v 'Print more: all evidence, why it matched, whom a rule binds'
            cand --verbose 'Print more: all evidence, why it matched, whom a rule binds'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
    ]
    $completions[$command]
}
