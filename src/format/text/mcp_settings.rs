//! Servers of the Model Context Protocol in the settings of its clients: an object of servers by name, whose key differs
//! from client to client (`mcpServers` of most, `servers` of Visual Studio Code, `mcp_servers` of Codex,
//! `context_servers` of Zed, `mcp` of opencode and Crush).

use serde_json::{Map, Value};

use super::relaxed_json;
use crate::bytes::{Damage, DamageKind};

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

/// Keys of objects of servers.
const KEYS: &[&str] =
    &["mcpServers", "mcp_servers", "context_servers", "servers", "mcp", "mcp.servers", "amp.mcpServers"];
/// Objects around them: settings of projects, of a section, of a profile.
const MAX_DEPTH: usize = 4;
/// Settings of fewer bytes may have been cut off before they name the protocol.
const FIRST_WORDS: usize = 16;

/// The servers in settings written as JSON.
///
/// # Errors
/// Damage when it is no JSON object. Longer settings that do not name the protocol have none, whatever else they are.
pub fn json(bytes: &[u8]) -> Result<Vec<Server>, Damage> {
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
        let Some(inner) = value.as_object() else { continue };
        if KEYS.contains(&key.as_str()) {
            found.extend(inner.iter().filter_map(|(name, value)| server(name, value)));
        }
        collect(inner, depth + 1, found);
    }
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
    let mut command = text("command").map(str::to_owned);
    if let Some(path) = nested.and_then(|command| command.get("path")?.as_str()) {
        command = Some(path.to_owned());
    }
    let mut line = list(value.get("command")).into_iter();
    if let Some(first) = line.next() {
        command = Some(first);
        arguments = line.chain(arguments).collect();
    }
    let transport = value.get("transport").and_then(|transport| transport.get("url")?.as_str());
    let url =
        ["url", "serverUrl", "httpUrl", "baseUrl", "endpoint"].iter().find_map(|key| text(key)).or(transport);
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
            let _ = (json(&bytes), toml(&bytes), bundle(&bytes));
        }
    }
}
