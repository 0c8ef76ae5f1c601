//! Desktop entries: what menus show and what a session starts.
//!
//! Only the group `[Desktop Entry]` counts; actions are further ways to start the same program. Entries of file
//! managers have nothing but actions: of them the first one counts. All
//! localised names are kept, because a product may be known to people under another name than the untranslated one.
//!
//! Sources: Desktop Entry Specification 1.5; Desktop Application Autostart Specification 0.5.

use super::ini::{self, Dialect};
use crate::bytes::Salvaged;

/// What a desktop entry says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DesktopEntry {
    /// `Name`, untranslated.
    pub name: Vec<u8>,
    /// Every `Name[locale]`.
    pub localised_names: Vec<Vec<u8>>,
    /// `GenericName`, untranslated.
    pub generic_name: Vec<u8>,
    /// `Comment`, untranslated.
    pub comment: Vec<u8>,
    /// `Exec`, escapes of the string type resolved, arguments still quoted.
    pub exec: Vec<u8>,
    /// `TryExec`: the program whose absence hides the entry.
    pub try_exec: Vec<u8>,
    /// `MimeType`.
    pub mime: Vec<Vec<u8>>,
    /// Whether it is switched off: `Hidden`, `NoDisplay` or GNOME's autostart switch.
    pub hidden: bool,
}

impl DesktopEntry {
    /// The program that `Exec` starts: its first argument, or the first after `env` and its assignments.
    pub fn program(&self) -> Vec<u8> {
        let mut words = arguments(&self.exec).into_iter().peekable();
        if words.peek().is_some_and(|word| word == b"env" || word.ends_with(b"/env")) {
            words.next();
            while words.next_if(|word| word.contains(&b'=') || word.starts_with(b"-")).is_some() {}
        }
        words.next().unwrap_or_default()
    }
}

/// Reads a desktop entry.
pub fn parse(bytes: &[u8]) -> Salvaged<DesktopEntry> {
    let parsed = ini::parse(bytes, Dialect::default());
    let mut entry = DesktopEntry::default();
    let mut action = None;
    // One whose heading is damaged starts nothing any more, and still says what it is of.
    let is_whole = parsed.value.iter().any(|setting| setting.is_in(b"Desktop Entry"));
    for setting in parsed.value {
        let is_action = setting.section.starts_with(b"Desktop Action ");
        if is_action && setting.key == b"Exec" {
            action.get_or_insert_with(|| unescaped(&setting.value));
        }
        if is_action || is_whole && !setting.is_in(b"Desktop Entry") {
            continue;
        }
        let value = unescaped(&setting.value);
        match setting.key.as_slice() {
            b"Name" => entry.name = value,
            key if key.starts_with(b"Name[") => {
                entry.localised_names.push(value);
            }
            b"GenericName" => entry.generic_name = value,
            b"Comment" => entry.comment = value,
            b"Exec" => entry.exec = value,
            b"TryExec" => entry.try_exec = value,
            b"MimeType" => {
                let types = value.split(|&byte| byte == b';').map(<[u8]>::trim_ascii);
                let types = types.filter(|mime| !mime.is_empty());
                entry.mime = types.map(<[u8]>::to_vec).collect();
            }
            b"Hidden" | b"NoDisplay" => entry.hidden |= value == b"true",
            b"X-GNOME-Autostart-enabled" => entry.hidden |= value == b"false",
            _ => {}
        }
    }
    if entry.exec.is_empty() {
        entry.exec = action.unwrap_or_default();
    }
    Salvaged { value: entry, damage: parsed.damage }
}

/// The escapes of the string type: `\s \n \t \r \\`.
fn unescaped(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut bytes = value.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b's') => out.push(b' '),
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(b'\\') | None => out.push(b'\\'),
            Some(other) => out.extend([b'\\', other]),
        }
    }
    out
}

/// The arguments of an `Exec` value: double quotes with backslash escapes inside.
fn arguments(exec: &[u8]) -> Vec<Vec<u8>> {
    let mut arguments = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut quoted = false;
    let mut bytes = exec.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            b'\\' if quoted => word.get_or_insert_default().extend(bytes.next()),
            _ if !quoted && byte.is_ascii_whitespace() => arguments.extend(word.take()),
            _ => word.get_or_insert_default().push(byte),
        }
    }
    arguments.extend(word);
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_entry_without_its_heading_is_read() {
        for heading in ["##[Desktop Entry]", "[Desktop Entrz]", ""] {
            let text =
                format!("{heading}\nName=Tool\nExec=/opt/tool/gui\n[Desktop Action x]\nName=X\nExec=x\n");
            let entry = parse(text.as_bytes()).value;
            assert_eq!((entry.name.as_slice(), entry.exec.as_slice()), (&b"Tool"[..], &b"/opt/tool/gui"[..]));
        }
    }

    #[test]
    fn localised_names_and_the_program() {
        let text = "[Desktop Entry]\nName[ru]=Антивирус\nName=Anti-Virus\nName[de]=Virenschutz\nExec=\"/opt/a b/c\" --gui %U\n\
            MimeType=text/x-a;text/x-b;\nNoDisplay=true\n[Desktop Action new]\nName=Other\nExec=/bin/false\n";
        let entry = parse(text.as_bytes()).value;
        let names: Vec<_> = entry.localised_names.iter().map(|name| String::from_utf8_lossy(name)).collect();
        assert_eq!(
            (entry.name.as_slice(), names),
            (b"Anti-Virus".as_slice(), vec!["Антивирус".into(), "Virenschutz".into()])
        );
        assert_eq!((entry.program(), entry.mime.len(), entry.hidden), (b"/opt/a b/c".to_vec(), 2, true));
    }

    #[test]
    fn a_menu_of_actions_starts_what_its_first_action_starts() {
        let text = "[Desktop Entry]\nType=Service\nActions=scan;\n[Desktop Action scan]\nName=Scan\nExec=/opt/x/gui %F\n\
            [Desktop Action other]\nExec=/bin/false\n";
        assert_eq!(parse(text.as_bytes()).value.program(), b"/opt/x/gui");
    }

    #[test]
    fn env_is_not_the_program() {
        let entry = parse(b"[Desktop Entry]\nExec=env A=b /snap/bin/x %u\n").value;
        assert_eq!(entry.program(), b"/snap/bin/x");
    }

    #[test]
    fn escapes_of_strings_come_before_quotes() {
        let entry = parse(b"[Desktop Entry]\nExec=\"/a\\\\\\\\b\" x\nComment=one\\stwo\n").value;
        assert_eq!((entry.program(), entry.comment), (b"/a\\b".to_vec(), b"one two".to_vec()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            let entry = parse(&[b"[Desktop Entry]\nExec=".as_slice(), &bytes].concat()).value;
            entry.program();
        }
    }
}
