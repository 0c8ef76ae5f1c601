//! `mcp_servers`: programs and services that assistants may call, by the settings of their clients.
//!
//! Clients of the Model Context Protocol keep their servers in files whose names hold `mcp`, or in their own settings;
//! they are read by what they hold, so that clients that no list names are read as well.

use std::collections::BTreeSet;

use super::places::{USER_DATA, home_owner, leads_to};
use crate::collector::support::test_data::TESTS;
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::text::mcp_settings::{self, Server};
use crate::fs::Entry;
use crate::fs::tree::{file_name, parent};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of, written};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "mcp_servers",
    about: "Servers of the Model Context Protocol in the settings of assistants and editors: the command that is started or the address that is called.",
    applies: Applies::EVERYWHERE,
    reads: READS,
    walks: WALKS,
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Author,
        Field::Program,
        Field::Cmdline,
        Field::Source,
        Field::Type,
        Field::Client,
        Field::Enabled,
        Field::User,
        Field::Path,
    ],
    run,
    visit: Some(Visit { wants, file }),
};

/// Where programs keep the settings of users, and where those lie that a machine offers to all its users.
const WALKS: &[&str] = &{
    const OTHERS: &[&str] = &[
        "home/*/.local/share",
        "Users/*/AppData",
        "Users/*/Library/Application Support",
        "app",
        "opt",
        "srv",
    ];
    let mut all = [""; OTHERS.len() + USER_DATA.len()];
    let (others, data) = all.split_at_mut(OTHERS.len());
    others.copy_from_slice(OTHERS);
    data.copy_from_slice(USER_DATA);
    all
};

/// Defines what is read in homes outside of walked places.
macro_rules! homes {
    ([$($home:literal)*] $files:tt) => { &homes!(@ [] [$($home)*] $files) };
    (@ [$($done:expr,)*] [] $files:tt) => { [$($done,)*] };
    (@ [$($done:expr,)*] [$home:literal $($rest:literal)*] [$($file:literal)*]) => {
        homes!(@ [$($done,)* $(concat!($home, $file),)*] [$($rest)*] [$($file)*])
    };
}

const READS: &[&str] = &{
    let mut all = [""; OF_HOMES.len() + OF_SYSTEM.len()];
    let (homes, system) = all.split_at_mut(OF_HOMES.len());
    homes.copy_from_slice(OF_HOMES);
    system.copy_from_slice(OF_SYSTEM);
    all
};

/// Settings that an administrator made for every user.
#[rustfmt::skip]
const OF_SYSTEM: &[&str] = &[
    "etc/claude-code/managed-mcp.json", "etc/codex/config.toml", "etc/gemini-cli/settings.json",
    "etc/opencode/opencode.json", "etc/*/mcp.json", "Library/Application Support/ClaudeCode/managed-mcp.json",
    "Library/Application Support/GeminiCli/settings.json", "Program Files/ClaudeCode/managed-mcp.json",
    "ProgramData/ClaudeCode/managed-mcp.json", "ProgramData/gemini-cli/settings.json",
];

const OF_HOMES: &[&str] = homes!(
    ["home/*" "root" "Users/*"]
    [
        "/.claude.json" "/.mcp.json" "/.*/settings.json" "/.*/*mcp*.json" "/.*/*/*mcp*.json"
        "/.lingma/*/*/*mcp*.json" "/.*/config.toml" "/.*/config.json" "/.*/config.y*ml" "/.*/*mcp*.y*ml" "/.*/*/*mcp*.y*ml"
 "/.continue/mcpServers/*" "/.junie/mcp/*.json" "/.jetbrains/acp.json" "/.*/*/agents/*.json" "/.*/cli-agents/*.json"
        "/.*/*/cli-agents/*.json" "/.*/plugins/*/*mcp*.json" "/.*/plugins/*/*/*mcp*.json" "/.*/plugins/*/*/*/*mcp*.json"
        "/.*/plugins/*/*/*/*/*mcp*.json" "/.*/extensions/*/gemini-extension.json"
        "/*/.mcp.json" "/*/.*/mcp.json" "/*/*/.mcp.json" "/*/*/.vscode/mcp.json" "/*/*/.cursor/mcp.json"
    ]
);

/// Bytes read of settings. Claude Code keeps its history in them.
const LIMIT: usize = 64 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    let mut seen = BTreeSet::new();
    for found in sink.files(&target.root, READS) {
        if seen.insert(found.real.clone())
            && let Some(bytes) = sink.read(&target.root, &found, LIMIT)
        {
            settings(sink, &found.path, &bytes);
        }
    }
}

/// Whether a file lies among programs, where other files hold `mcp` in their names.
fn is_among_programs(path: &[u8]) -> bool {
    [&b"app/"[..], b"opt/", b"srv/"].iter().any(|top| path.starts_with(top))
}

/// Whether a file among programs has the name that a client gives its servers, and is none that a package comes with.
fn is_clients(path: &[u8]) -> bool {
    const NAMES: &[&[u8]] = &[
        b".mcp.json",
        b"claude_desktop_config.json",
        b"librechat.yaml",
        b"librechat.yml",
        b"managed-mcp.json",
        b"mcp-config.json",
        b"mcp-servers.json",
        b"mcp.json",
        b"mcp.yaml",
        b"mcp.yml",
        b"mcp_config.json",
        b"mcp_servers.json",
        b"mcp_settings.json",
    ];
    const PACKAGES: &[&[u8]] =
        &[b"node_modules", b"site-packages", b"dist-packages", b"examples", b"example", b"docs", b"doc"];
    NAMES.contains(&file_name(path))
        && !path
            .split(|&byte| byte == b'/')
            .any(|part| PACKAGES.contains(&part) || TESTS.iter().any(|test| part.eq_ignore_ascii_case(test)))
}

fn wants(entry: &Entry<'_>) -> bool {
    if is_among_programs(entry.path()) {
        return is_clients(entry.path());
    }
    let name = entry.name();
    let holds = |word: &[u8]| name.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    let folder = || file_name(parent(entry.path()));
    if is_bundle(entry.path()) {
        return true;
    }
    let is_settings = if entry.has_ending(&[".json", ".jsonc"]) {
        holds(b"mcp")
            || matches!(name, b"claude_desktop_config.json" | b"crush.json")
            || name.starts_with(b"opencode.json")
            || (name == b"settings.json" && matches!(folder(), b"User" | b"zed" | b"Zed"))
            || (name == b"settings.json" && file_name(parent(parent(entry.path()))) == b"profiles")
            || is_general(entry.path())
    } else if entry.has_ending(&[".yaml", ".yml"]) {
        holds(b"mcp") || is_general(entry.path())
    } else {
        (entry.has_ending(&[".xml"]) && holds(b"mcp") && folder() == b"options") || is_general(entry.path())
    };
    is_settings && !entry.path().windows(14).any(|part| part == b"/node_modules/")
}

/// Whether a file has the name that the settings of many programs have, in the folder of one.
fn is_general(path: &[u8]) -> bool {
    const NAMES: &[&[u8]] =
        &[b"config.json", b"config.toml", b"config.yaml", b"config.yml", b"settings.json"];
    let (name, folder) = (file_name(path), parent(path));
    // `mods/mods.yml`; `Block/goose/config`
    let stem = name.iter().position(|&byte| byte == b'.').and_then(|at| name.get(..at));
    let is_own = stem == Some(file_name(folder)) && !name.ends_with(b".xml");
    (NAMES.contains(&name) || is_own)
        && (is_programs(folder) || file_name(folder) == b"config" && is_programs(parent(parent(folder))))
}

/// `Claude Extensions/IDENTIFIER/manifest.json`: a bundle that was installed, in the folder of any client.
fn is_bundle(path: &[u8]) -> bool {
    let all = file_name(parent(parent(path))).to_ascii_lowercase();
    file_name(path) == b"manifest.json" && (all.ends_with(b" extensions") || all == b"mcp-extensions")
}

/// Whether a folder is that of a program right below the place for settings.
fn is_programs(folder: &[u8]) -> bool {
    const PLACES: &[&[u8]] = &[b".config", b"roaming", b"local", b"application support", b"share"];
    PLACES.contains(&file_name(parent(folder)).to_ascii_lowercase().as_slice())
}

fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    if READS.iter().any(|pattern| leads_to(&target.root, pattern, path)) {
        return;
    }
    let Some(bytes) = sink.read_entry(entry, LIMIT) else { return };
    if !is_bundle(path) {
        return settings(sink, path, &bytes);
    }
    match mcp_settings::bundle(&bytes) {
        Ok(Some(bundle)) => {
            let names = [bundle.server.name.clone()].into_iter().chain(bundle.display_name);
            let artifact = artifact(sink, path, &bundle.server)
                .with_many(Field::Name, names)
                .with_some(Field::Version, bundle.version)
                .with_some(Field::Author, bundle.author);
            sink.artifact(artifact);
        }
        Ok(None) => {}
        Err(damage) => sink.damage(path, &[damage]),
    }
}

fn settings(sink: &mut Sink<'_>, path: &[u8], bytes: &[u8]) {
    // Many programs have settings of these names, and servers that are no assistant's.
    let name = file_name(path);
    let is_any = name.starts_with(b"config.") || is_general(path);
    let bytes = &*written::utf8(bytes);
    let is_named = |word: &[u8]| bytes.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    let is_assistants = [".codex", ".continue", "goose"]
        .iter()
        .any(|name| path.windows(name.len()).any(|part| part.eq_ignore_ascii_case(name.as_bytes())));
    if is_any && !is_assistants && !is_named(b"mcp") && !is_named(b"agent_servers") {
        return;
    }
    let is = |endings: &[&[u8]]| endings.iter().any(|ending| path.to_ascii_lowercase().ends_with(ending));
    let read = if is(&[b".toml"]) {
        mcp_settings::toml(bytes)
    } else if is(&[b".yaml", b".yml", b".xml"]) {
        let read = if is(&[b".xml"]) { mcp_settings::xml } else { mcp_settings::yaml };
        let (servers, damage) = read(bytes);
        sink.damage(path, &damage);
        Ok(servers)
    } else {
        mcp_settings::json(bytes)
    };
    match read {
        Ok(servers) => {
            for server in servers {
                let artifact = artifact(sink, path, &server);
                sink.artifact(artifact);
            }
        }
        Err(damage) => sink.damage(path, &[damage]),
    }
}

fn artifact(sink: &Sink<'_>, path: &[u8], server: &Server) -> Artifact {
    let words = server.command.iter().chain(&server.arguments).map(String::as_str);
    Artifact::new(sink.collector(), Location::record(path, server.name.as_str()))
        .state(if server.is_disabled { State::Disabled } else { State::Installed })
        .with(Field::Name, server.name.as_str())
        .with_some(Field::Program, server.command.as_deref())
        .with(Field::Cmdline, words.collect::<Vec<_>>().join(" "))
        .with_some(Field::Source, server.url.as_deref())
        .with(Field::Type, if server.command.is_some() { "local" } else { "remote" })
        .with(Field::Client, client(path))
        .with(Field::Enabled, if server.is_disabled { "no" } else { "yes" })
        .with_some(Field::User, home_owner(path))
        .with(Field::Path, shown(path))
}

/// The program whose settings a file holds: by the folder around it.
fn client(path: &[u8]) -> String {
    /// Folders that say nothing.
    const GENERIC: &[&str] = &[
        "user",
        "globalstorage",
        "settings",
        "mcp",
        "mcpservers",
        "profiles",
        "data",
        "options",
        "config",
        "sharedclientcache",
    ];
    let file = text_of(file_name(path)).to_lowercase();
    if file == ".claude.json" {
        return "claude".to_owned();
    }
    let mut folder = parent(path);
    loop {
        let name = text_of(file_name(folder)).to_lowercase();
        let is_profile = text_of(file_name(parent(folder))).eq_ignore_ascii_case("profiles");
        if name.is_empty() || !(GENERIC.contains(&name.as_str()) || is_profile) {
            return name.trim_start_matches('.').to_owned();
        }
        folder = parent(folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::{Gap, TargetKind};

    const SETTINGS: &str = r#"{"mcpServers": {"tool": {"command": "npx", "args": ["-y", "@example/mcp@1.0"], "env": {"KEY": "secret"}}}}"#;

    fn collected(tree: Memory) -> (Vec<Artifact>, Vec<Gap>) {
        collect(&COLLECTOR, &Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree))))
    }

    #[test]
    fn settings_of_clients_wherever_they_are() {
        for (path, client) in [
            ("home/u/.config/Claude/claude_desktop_config.json", "claude"),
            ("Users/u/Library/Application Support/Claude/claude_desktop_config.json", "claude"),
            ("Users/u/AppData/Roaming/Claude/claude_desktop_config.json", "claude"),
            ("home/u/.claude.json", "claude"),
            ("root/.cursor/mcp.json", "cursor"),
            ("home/u/.config/Code/User/mcp.json", "code"),
            ("Users/u/AppData/Roaming/Trae/User/mcp.json", "trae"),
            ("home/u/.config/Code/User/profiles/1a2b/mcp.json", "code"),
            ("home/u/.codeium/windsurf/mcp_config.json", "windsurf"),
            (
                "home/u/.config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
                "saoudrizwan.claude-dev",
            ),
            ("Users/u/.gemini/settings.json", "gemini"),
            ("Users/u/.qwen/settings.json", "qwen"),
            ("Users/u/.lingma/lingma_mcp.json", "lingma"),
            ("home/u/.invented/mcp.json", "invented"),
        ] {
            let (artifacts, gaps) = collected(Memory::new().file(path, SETTINGS));
            assert_eq!(gaps, [], "{path}");
            let [found] = artifacts.as_slice() else { panic!("{path}: {artifacts:?}") };
            assert_eq!(found.text(Field::Client), Some(client), "{path}");
            assert_eq!(found.text(Field::Cmdline), Some("npx -y @example/mcp@1.0"));
            assert!(!format!("{found:?}").contains("secret"));
        }
        let codex = Memory::new()
            .file("home/u/.codex/config.toml", "[mcp_servers.a]\nurl = \"https://example.com\"\n");
        assert_eq!(collected(codex).0[0].text(Field::Source), Some("https://example.com"));
    }

    #[test]
    fn settings_of_programs_of_any_name_plugins_and_bundles() {
        for (path, client) in [
            ("home/u/.config/Invented/config.json", "invented"),
            ("Users/u/AppData/Roaming/Invented/settings.json", "invented"),
            ("home/u/.continue/config.json", "continue"),
            ("home/u/.aws/amazonq/cli-agents/own.json", "cli-agents"),
            ("root/.claude/plugins/cache/a/b/1.0/.mcp.json", "1.0"),
        ] {
            let (artifacts, gaps) = collected(Memory::new().file(path, SETTINGS));
            assert_eq!((artifacts.len(), gaps.len()), (1, 0), "{path}");
            assert_eq!(artifacts[0].text(Field::Client), Some(client), "{path}");
        }
        let manifest = r#"{"manifest_version": "0.3", "name": "tool", "version": "1", "author": {"name": "Example Ltd"},
            "server": {"type": "node", "entry_point": "x.js"}}"#;
        let path = "Users/u/Library/Application Support/Claude/Claude Extensions/ant.dir.x/manifest.json";
        let (artifacts, gaps) = collected(Memory::new().file(path, manifest));
        assert_eq!((artifacts.len(), gaps.len()), (1, 0));
        assert_eq!(artifacts[0].text(Field::Author), Some("Example Ltd"));
        assert_eq!(artifacts[0].text(Field::Program), Some("x.js"));
    }

    #[test]
    fn settings_in_yaml_toml_and_xml() {
        const GOOSE: &str = "extensions:\n  a:\n    cmd: npx\n    type: stdio\n    enabled: true\n";
        const LIST: &str = "mcpServers:\n  - name: a\n    command: npx\n";
        const VIBE: &str = "[[mcp_servers]]\nname = \"a\"\ncommand = \"npx\"\n";
        const JETBRAINS: &str = "<application><component><commands><S><option name=\"name\" value=\"a\"/><option name=\"command\" value=\"npx\"/></S></commands></component></application>";
        for (path, text, client) in [
            ("home/u/.config/goose/config.yaml", GOOSE, "goose"),
            ("Users/u/AppData/Roaming/Block/goose/config/config.yaml", GOOSE, "goose"),
            ("home/u/.continue/config.yaml", LIST, "continue"),
            ("Users/u/.continue/mcpServers/a.yaml", LIST, "continue"),
            ("root/.config/invented/config.yml", LIST, "invented"),
            ("home/u/.vibe/config.toml", VIBE, "vibe"),
            ("home/u/.config/invented/invented.yml", LIST, "invented"),
            ("home/u/.config/JetBrains/PyCharm2025.1/options/llm.mcpServers.xml", JETBRAINS, "pycharm2025.1"),
            (
                "Users/u/AppData/Roaming/JetBrains/Rider2026.1/options/llm.mcpServers.xml",
                JETBRAINS,
                "rider2026.1",
            ),
        ] {
            let (artifacts, gaps) = collected(Memory::new().file(path, text));
            assert_eq!((artifacts.len(), gaps.len()), (1, 0), "{path}");
            assert_eq!(artifacts[0].text(Field::Client), Some(client), "{path}");
            assert_eq!(artifacts[0].text(Field::Cmdline), Some("npx"), "{path}");
        }
        let other = Memory::new()
            .file("home/u/.config/x/config.yaml", "servers:\n  - name: a\n    url: https://example.com\n")
            .file("home/u/.config/JetBrains/x/options/other.xml", JETBRAINS);
        assert_eq!(collected(other).0, []);
    }

    #[test]
    fn servers_that_a_machine_offers_to_all_lie_among_programs() {
        let yaml = "x: &x {type: stdio}\nmcpServers:\n  tool:\n    <<: *x\n    command: npx\n";
        let tree = Memory::new()
            .file("opt/librechat/librechat.yaml", yaml)
            .file("srv/agents/mcp.json", SETTINGS)
            .file("app/.mcp.json", SETTINGS)
            .file("opt/kit/examples/mcp.json", SETTINGS)
            .file("opt/kit/lib/node_modules/x/mcp.json", SETTINGS)
            .file("opt/kit/test/mcp.json", "{\"mcpServers\": ")
            .file("opt/kit/mcp-schema.json", "{\"mcpServers\": ");
        let (artifacts, gaps) = collected(tree);
        let mut clients: Vec<_> = artifacts.iter().filter_map(|it| it.text(Field::Client)).collect();
        clients.sort_unstable();
        assert_eq!((clients.as_slice(), gaps), (&["agents", "app", "librechat"][..], vec![]));
    }

    #[test]
    fn other_settings_have_none_and_damaged_ones_are_gaps() {
        let tree = Memory::new()
            .file("home/u/.config/Code/User/settings.json", "{\"editor.fontSize\": ")
            .file("home/u/.config/app/node_modules/x/mcp.json", SETTINGS)
            .file("home/u/.x/config.json", r#"{"servers": {"a": {"url": "https://example.com"}}}"#)
            .file("home/u/.cursor/mcp.json", &SETTINGS[..60]);
        let (artifacts, gaps) = collected(tree);
        assert_eq!((artifacts.len(), gaps.len()), (0, 1));
    }
}
