//! Uninstall strings of Windows: command lines that installers registered, taken apart so that nothing but the program
//! they name can be started.
//!
//! Source: "Uninstall Registry Key" of the Windows Installer documentation; how `CreateProcess` splits a command line.

/// What an uninstall string asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Windows Installer with a product code.
    Msi(String),
    /// A program by its full path, and its arguments as one text.
    Program(String, String),
}

/// Programs that run whatever their arguments say.
const INTERPRETERS: &[&str] = &[
    "cmd.exe",
    "powershell.exe",
    "pwsh.exe",
    "rundll32.exe",
    "wscript.exe",
    "cscript.exe",
    "mshta.exe",
    "regsvr32.exe",
    "explorer.exe",
    "conhost.exe",
    "forfiles.exe",
    "bash.exe",
    "wsl.exe",
    "wmic.exe",
    "reg.exe",
    "schtasks.exe",
    "sc.exe",
];

/// Takes an uninstall string apart; `None` when it must be left to a person: no full path, an interpreter, a
/// variable, control characters, or a password in the arguments.
pub fn parse(text: &str) -> Option<Command> {
    let text = text.trim();
    if text.chars().any(|char| char.is_control()) || text.contains('%') {
        return None;
    }
    let (program, arguments) = split(text)?;
    let lower = program.to_lowercase();
    let file = lower.rsplit('\\').next().unwrap_or(&lower);
    if file == "msiexec.exe" || file == "msiexec" {
        return product_code(arguments).map(Command::Msi);
    }
    let drive = program
        .as_bytes()
        .get(..3)
        .is_some_and(|head| matches!(head, [letter, b':', b'\\'] if letter.is_ascii_alphabetic()));
    if !drive
        || INTERPRETERS.contains(&file)
        || !lower.ends_with(".exe")
        || program.split('\\').any(|part| part == "..")
        || program.contains(['"', '/', '*', '?', '<', '>', '|'])
        || has_password(arguments)
    {
        return None;
    }
    Some(Command::Program(program.to_owned(), arguments.trim().to_owned()))
}

/// The program, and what follows it.
fn split(text: &str) -> Option<(&str, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        return quoted.split_once('"');
    }
    // Without quotes Windows would try each blank; what ends in `.exe` first is what is meant.
    let lower = text.to_ascii_lowercase();
    let ends = lower.match_indices(".exe").map(|(at, found)| at + found.len());
    let end = ends
        .into_iter()
        .find(|end| text.get(*end..).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')));
    match end {
        Some(end) => Some((text.get(..end)?, text.get(end..)?)),
        None => text.split_once(' '),
    }
}

/// The product code in the arguments of `msiexec`: after `/x` or `/i`.
fn product_code(arguments: &str) -> Option<String> {
    let start = arguments.find('{')?;
    let option = arguments.get(..start)?.trim().to_ascii_lowercase();
    if !option.split(' ').any(|word| matches!(word, "/x" | "/i" | "/uninstall" | "-x" | "-i")) {
        return None;
    }
    let code = arguments.get(start..)?;
    let code = code.get(..=code.find('}')?)?;
    is_product_code(code).then(|| code.to_uppercase())
}

/// Whether a text is a product code: `{8-4-4-4-12}` hexadecimal digits.
pub fn is_product_code(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else { return false };
    let groups: Vec<&str> = inner.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether arguments carry a password.
fn has_password(arguments: &str) -> bool {
    let lower = arguments.to_lowercase();
    ["pass", "pwd", "login", "secret", "token"].iter().any(|word| lower.contains(word))
}

/// A command for people, with what follows the name of a password left out.
pub fn redacted(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match word.split_once(['=', ':']) {
            Some((name, value)) if has_password(name) && !value.is_empty() && !value.starts_with('<') => {
                words.push(format!("{name}=<asked for>"));
            }
            _ => words.push(word.to_owned()),
        }
    }
    words.join(" ")
}

/// Names of properties in a command that take a password: `KLPASSWD=<password>`.
pub fn secrets(command: &str) -> Vec<String> {
    let names = command.split_whitespace().filter_map(|word| word.split_once('=')).map(|(name, _)| name);
    let plain = |name: &&str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit())
    };
    names.filter(plain).filter(|name| has_password(name)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_installers_register() {
        let program =
            |program: &str, arguments: &str| Some(Command::Program(program.into(), arguments.into()));
        let code = "{0123ABCD-0123-4567-89AB-0123456789AB}";
        assert_eq!(
            parse(r#""C:\Program Files\A\un.exe" /S /x=1"#),
            program(r"C:\Program Files\A\un.exe", "/S /x=1")
        );
        assert_eq!(parse(r"C:\Program Files\A B\un.exe /S"), program(r"C:\Program Files\A B\un.exe", "/S"));
        assert_eq!(parse(&format!("MsiExec.exe /I{code}")), Some(Command::Msi(code.into())));
        assert_eq!(
            parse(&format!("msiexec /qn /x {}", code.to_lowercase())),
            Some(Command::Msi(code.into()))
        );
        for hostile in [
            r"cmd.exe /c del C:\x",
            r#""C:\Windows\System32\cmd.exe" /c whoami"#,
            r"C:\Windows\System32\rundll32.exe a.dll,B",
            r"%TEMP%\un.exe",
            r"un.exe /S",
            r"\\server\share\un.exe",
            r"C:\a\..\b\un.exe",
            "C:\\a\\un.exe\n/S",
            r#""C:\a\un.exe"#,
            r"C:\a\un.exe KLPASSWD=x",
            "MsiExec.exe /I{nonsense}",
            "MsiExec.exe /a {0123ABCD-0123-4567-89AB-0123456789AB}",
            "",
        ] {
            assert_eq!(parse(hostile), None, "{hostile}");
        }
    }

    #[test]
    fn passwords_are_never_shown() {
        assert_eq!(
            redacted("msiexec /x {A} KLPASSWD=hunter2 /qn"),
            "msiexec /x {A} KLPASSWD=<asked for> /qn"
        );
        assert_eq!(secrets("msiexec /x {A} KLLOGIN=<user> KLPASSWD=<password> A=1"), ["KLLOGIN", "KLPASSWD"]);
    }

    proptest! {
        #[test]
        fn a_parsed_program_is_a_full_path(text in "[\"a-zC:\\\\.ex /%{}\n-]{0,60}") {
            if let Some(Command::Program(program, _)) = parse(&text) {
                prop_assert!(program.contains(":\\") && program.to_lowercase().ends_with(".exe"));
            }
        }
    }
}
