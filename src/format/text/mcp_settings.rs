//! Servers of the Model Context Protocol in the settings of its clients: servers by name, whose key differs from client to
//! client (`mcpServers` of most, `servers` of Visual Studio Code, `mcp_servers` of Codex, `context_servers` of Zed, `mcp` of
//! opencode and Crush, `extensions` of Goose), or a list of servers with names (Continue, OpenHands, Vibe). Agents that a
//! client starts are listed alike (`agent_servers` of Zed and JetBrains).

use serde_json::{Map, Value};

use super::{relaxed_json, xml, yaml};
use crate::bytes::{Damage, DamageKind, Salvaged};
use crate::text::written;

/// A server that a client starts or connects to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Server {
    /// What its user calls it.
    pub name: String,
    /// The program that the client starts.
    pub command: Option<String>,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Where the client connects to.
    pub url: Option<String>,
    /// Whether it is switched off.
    pub is_disabled: bool,
}

/// A bundle that holds a server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bundle {
    /// The server.
    pub server: Server,
    /// Name for people.
    pub display_name: Option<String>,
    /// Version.
    pub version: Option<String>,
    /// Who made it.
    pub author: Option<String>,
}

/// Keys of servers.
#[rustfmt::skip]
const KEYS: &[&str] = &[
    "mcpServers", "mcp_servers", "mcp-servers", "context_servers", "agent_servers", "servers", "mcp", "mcp.servers",
    "amp.mcpServers", "stdio_servers", "sse_servers", "shttp_servers", "extensions",
];
/// Objects around them: settings of projects, of a section, of a profile.
const MAX_DEPTH: usize = 4;
/// Settings of fewer bytes may have been cut off before they name the protocol.
const FIRST_WORDS: usize = 16;

/// The servers in settings written as JSON.
///
/// # Errors
/// Damage when it is no JSON object. Longer settings that do not name the protocol have none, whatever else they are.
pub fn json(bytes: &[u8]) -> Result<Vec<Server>, Damage> {
    let bytes = &*written::utf8(bytes);
    if !names_protocol(bytes) && bytes.len() > FIRST_WORDS {
        return Ok(Vec::new());
    }
    let object: Map<String, Value> = relaxed_json::parse(bytes)?;
    Ok(servers(&object))
}

/// The servers in settings written as TOML.
///
/// # Errors
/// As [`json`].
pub fn toml(bytes: &[u8]) -> Result<Vec<Server>, Damage> {
    if !names_protocol(bytes) && bytes.len() > FIRST_WORDS {
        return Ok(Vec::new());
    }
    let text = String::from_utf8_lossy(bytes);
    let object: Map<String, Value> = toml::from_str(&text)
        .map_err(|error| Damage::new(DamageKind::Corrupt, None, format!("not TOML: {}", error.message())))?;
    Ok(servers(&object))
}

/// The servers in settings written as YAML.
pub fn yaml(bytes: &[u8]) -> (Vec<Server>, Vec<Damage>) {
    let is_goose = || memchr::memmem::find(bytes, b"extensions:").is_some();
    if !names_protocol(bytes) && !is_goose() && bytes.len() > FIRST_WORDS {
        return (Vec::new(), Vec::new());
    }
    let Salvaged { value, damage } = yaml::parse(bytes);
    (value.as_object().map(servers).unwrap_or_default(), damage)
}

/// The servers in settings of JetBrains' programs: elements with options, among which are a name and what to start or where
/// to connect to (`llm.mcpServers.xml`); or such settings as JSON in an option.
pub fn xml(bytes: &[u8]) -> (Vec<Server>, Vec<Damage>) {
    let mut found = Vec::new();
    // What is known of the element that is being read, and of its list of arguments.
    let (mut options, mut arguments) = (Map::new(), Vec::new());
    let damage = xml::read(bytes, &mut |around, element| {
        let value = element.attribute("value").unwrap_or(&element.text);
        if element.name != "option" && element.name != "list" {
            if !arguments.is_empty() {
                options.insert("args".to_owned(), Value::Array(std::mem::take(&mut arguments)));
            }
            let options = std::mem::take(&mut options);
            let name = options.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            found.extend(server(&name, &Value::Object(options)));
            return;
        }
        if value.contains("mcpServers")
            && let Ok(servers) = json(value.as_bytes())
        {
            return found.extend(servers);
        }
        let is_argument = around.iter().rev().take(2).any(|it| it.attribute("name") == Some("args"));
        match element.attribute("name") {
            None if is_argument && element.name == "option" => arguments.push(Value::from(value)),
            Some(name) if !value.is_empty() => {
                options.insert(
                    name.to_owned(),
                    if value == "false" { Value::from(false) } else { Value::from(value) },
                );
            }
            _ => {}
        }
    });
    (found, damage)
}

/// The server of an installed bundle, by its manifest ("MCPB manifest specification"); `None` for another manifest.
///
/// # Errors
/// Damage when it is no JSON object.
pub fn bundle(bytes: &[u8]) -> Result<Option<Bundle>, Damage> {
    let object: Map<String, Value> = relaxed_json::parse(bytes)?;
    let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
    let (Some(server), Some(name)) = (object.get("server"), text("name")) else { return Ok(None) };
    let own = server.get("mcp_config").and_then(|config| self::server(&name, config));
    let entry = || Server {
        name: name.clone(),
        command: server.get("entry_point").and_then(Value::as_str).map(str::to_owned),
        ..Server::default()
    };
    let author = object.get("author");
    Ok(Some(Bundle {
        server: own.unwrap_or_else(entry),
        display_name: text("display_name"),
        version: text("version"),
        author: author.and_then(|author| author.get("name").unwrap_or(author).as_str()).map(str::to_owned),
    }))
}

fn names_protocol(bytes: &[u8]) -> bool {
    let has = |word: &[u8]| bytes.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    has(b"mcp") || has(b"servers")
}

fn servers(object: &Map<String, Value>) -> Vec<Server> {
    let mut found = Vec::new();
    collect(object, 0, &mut found);
    found
}

fn collect(object: &Map<String, Value>, depth: usize, found: &mut Vec<Server>) {
    if depth > MAX_DEPTH {
        return;
    }
    for (key, value) in object {
        let is_key = KEYS.contains(&key.as_str());
        match value {
            Value::Object(inner) => {
                if is_key {
                    found.extend(inner.iter().filter_map(|(name, value)| server(name, value)));
                }
                collect(inner, depth + 1, found);
            }
            Value::Array(list) if is_key => found.extend(list.iter().filter_map(listed)),
            _ => {}
        }
    }
}

/// A server of a list: it says its name, or is nothing but an address.
fn listed(value: &Value) -> Option<Server> {
    if let Some(url) = value.as_str().filter(|text| text.contains("://")) {
        return Some(Server { name: url.to_owned(), url: Some(url.to_owned()), ..Server::default() });
    }
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let name = ["name", "id", "url", "command"].iter().find_map(|key| text(key))?;
    server(name, value)
}

/// A server says what to start or where to connect to.
fn server(name: &str, value: &Value) -> Option<Server> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let list = |value: Option<&Value>| -> Vec<String> {
        let texts = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    };
    // Zed has `command: {path, args}`, opencode and Crush a list.
    let nested = value.get("command").filter(|command| command.is_object());
    let mut arguments = list(nested.unwrap_or(value).get("args"));
    let mut command = ["command", "cmd", "programPath"].iter().find_map(|key| text(key)).map(str::to_owned);
    // JetBrains has the arguments in one text.
    let words = ["arguments", "args"].iter().find_map(|key| text(key));
    arguments.extend(words.into_iter().flat_map(str::split_whitespace).map(str::to_owned));
    if let Some(path) = nested.and_then(|command| command.get("path")?.as_str()) {
        command = Some(path.to_owned());
    }
    let mut line = list(value.get("command")).into_iter();
    if let Some(first) = line.next() {
        command = Some(first);
        arguments = line.chain(arguments).collect();
    }
    let transport = value.get("transport").and_then(|transport| transport.get("url")?.as_str());
    let url = ["url", "uri", "serverUrl", "httpUrl", "baseUrl", "endpoint"]
        .iter()
        .find_map(|key| text(key))
        .or(transport);
    let is = |key: &str| value.get(key).and_then(Value::as_bool);
    (command.is_some() || url.is_some()).then(|| Server {
        name: name.to_owned(),
        command,
        arguments,
        url: url.map(str::to_owned),
        is_disabled: is("disabled") == Some(true)
            || is("enabled") == Some(false)
            || is("isActive") == Some(false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn short(servers: &[Server]) -> Vec<String> {
        let line = |it: &Server| {
            let parts = it.command.iter().chain(&it.arguments).chain(&it.url).cloned().collect::<Vec<_>>();
            format!("{}: {}", it.name, parts.join(" "))
        };
        servers.iter().map(line).collect()
    }

    #[test]
    fn servers_of_every_client() {
        for (settings, found) in [
            (
                r#"{"mcpServers": {"a": {"command": "npx", "args": ["-y", "@example/mcp"], "env": {"TOKEN": "x"}}}}"#,
                "a: npx -y @example/mcp",
            ),
            (
                r#"{"servers": {"b": {"type": "http", "url": "https://example.com/mcp"}}}"#,
                "b: https://example.com/mcp",
            ),
            (
                r#"{"mcp": {"servers": {"c": {"command": "uvx", "args": ["tool"]}}}, // x"
               }"#,
                "c: uvx tool",
            ),
            (r#"{"projects": {"/src": {"mcpServers": {"d": {"command": "/opt/d"}}}}}"#, "d: /opt/d"),
            (r#"{"context_servers": {"e": {"command": {"path": "e", "args": ["1"]}}}}"#, "e: e 1"),
            (
                r#"{"mcp": {"f": {"type": "local", "command": ["bun", "x", "f"], "enabled": true}}}"#,
                "f: bun x f",
            ),
            (
                r#"{"mcpServers": {"g": {"serverUrl": "https://example.com/sse"}}}"#,
                "g: https://example.com/sse",
            ),
        ] {
            assert_eq!(short(&json(settings.as_bytes()).unwrap()), [found], "{settings}");
        }
        let codex =
            toml(b"model = \"x\"\n[mcp_servers.h]\ncommand = \"npx\"\nargs = [\"h\"]\nenabled = false\n")
                .unwrap();
        assert_eq!((short(&codex), codex[0].is_disabled), (vec!["h: npx h".to_owned()], true));
    }

    #[test]
    fn servers_in_yaml() {
        let goose = "extensions:\n  developer:\n    enabled: true\n    type: builtin\n  i:\n    args:\n    - -y\n    - '@example/i'\n    cmd: npx\n    enabled: false\n    type: stdio\n  j:\n    type: sse\n    uri: https://example.com/sse\n";
        let (found, damage) = yaml(goose.as_bytes());
        assert_eq!(damage, []);
        assert_eq!(short(&found), ["i: npx -y @example/i", "j: https://example.com/sse"]);
        assert!(found[0].is_disabled && !found[1].is_disabled);
        let of_continue = "name: x\nmcpServers:\n  - name: K\n    command: uvx\n    args: [\"k\", 1]\n  - name: L\n    type: sse\n    url: https://example.com\n";
        assert_eq!(short(&yaml(of_continue.as_bytes()).0), ["K: uvx k 1", "L: https://example.com"]);
        assert_eq!(yaml(b"services:\n  - &x [\n"), (vec![], vec![]));
        assert_eq!(yaml(b"mcpServers: *x\n").1.len(), 1);
        let hands = b"[mcp]\nsse_servers = [\"https://example.com/sse\"]\nstdio_servers = [{name = \"m\", command = \"npx\", args = [\"m\"]}]\n";
        assert_eq!(
            short(&toml(hands).unwrap()),
            ["https://example.com/sse: https://example.com/sse", "m: npx m"]
        );
    }

    #[test]
    fn servers_of_jetbrains() {
        let component = |inner: &str| {
            format!(
                "<application><component name=\"McpApplicationServerCommands\">{inner}</component></application>"
            )
        };
        let option = |name: &str, value: &str| format!("<option name=\"{name}\" value=\"{value}\"/>");
        let own = [
            option("enabled", "true"),
            option("name", "n"),
            option("programPath", "npx"),
            option("arguments", "-y n"),
        ];
        let own = component(&format!(
            "<McpServerCommand><option name=\"allowedToolsNames\"/>{}<envs/></McpServerCommand>",
            own.concat()
        ));
        let listed =
            "<option name=\"args\"><list><option value=\"-y\"/><option value=\"o\"/></list></option>";
        let newer =
            [option("command", "npx"), listed.to_owned(), option("enabled", "false"), option("name", "o")]
                .concat();
        let newer = component(&format!(
            "<commands><McpServerConfigurationProperties>{newer}</McpServerConfigurationProperties></commands>"
        ));
        let json = component(
            "<option name=\"json\" value=\"{&quot;mcpServers&quot;: {&quot;p&quot;: {&quot;command&quot;: &quot;p&quot;}}}\"/>",
        );
        for (settings, expected) in [(&own, "n: npx -y n"), (&newer, "o: npx -y o"), (&json, "p: p")] {
            let (found, damage) = xml(settings.as_bytes());
            assert_eq!((short(&found), damage.len()), (vec![expected.to_owned()], 0), "{settings}");
            assert_eq!(found[0].is_disabled, expected.starts_with('o'));
        }
        assert_eq!(xml(&own.as_bytes()[..60]).1.len(), 1);
    }

    #[test]
    fn a_bundle_says_who_made_it_and_what_it_starts() {
        let found = bundle(
            br#"{"manifest_version": "0.3", "name": "tool", "version": "1.0", "author": {"name": "Example Ltd"},
                "server": {"entry_point": "x.js", "mcp_config": {"command": "node", "args": ["x.js"]}}}"#,
        );
        let found = found.unwrap().unwrap();
        assert_eq!(short(&[found.server]), ["tool: node x.js"]);
        assert_eq!((found.author.as_deref(), found.version.as_deref()), (Some("Example Ltd"), Some("1.0")));
        assert_eq!(bundle(br#"{"manifest_version": 3, "name": "x"}"#).unwrap(), None);
        assert!(bundle(b"{\"server\": {").is_err());
    }

    #[test]
    fn settings_without_servers_and_damaged_ones() {
        assert_eq!(json(b"{\"editor.fontSize\": ").unwrap(), []);
        assert!(json(b"{\"edi").is_err());
        assert_eq!(json(br#"{"servers": ["x"], "mcpServers": {"a": {}}}"#).unwrap(), []);
        assert!(json(b"{\"mcpServers\": {").is_err() && toml(b"[mcp_servers").is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_do_not_panic(bytes in proptest::collection::vec(proptest::sample::select(b"{}[]\":,mcp=servers\n\xff".to_vec()), 0..60)) {
            let _ = (json(&bytes), toml(&bytes), bundle(&bytes), yaml(&bytes), xml(&bytes));
        }
    }
}
