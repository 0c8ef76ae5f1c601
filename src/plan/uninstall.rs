//! Uninstall strings of Windows: command lines that installers registered, taken apart so that nothing but the program
//! they name can be started.
//!
//! Source: "Uninstall Registry Key" of the Windows Installer documentation; how `CreateProcess` splits a command line.

use crate::text::quote::is_plain_windows_path;
use crate::text::secret;

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
    "bitsadmin.exe",
    "certutil.exe",
    "control.exe",
    "curl.exe",
    "dotnet.exe",
    "hh.exe",
    "installutil.exe",
    "java.exe",
    "javaw.exe",
    "msbuild.exe",
    "net.exe",
    "node.exe",
    "perl.exe",
    "php.exe",
    "py.exe",
    "pyw.exe",
    "python.exe",
    "python3.exe",
    "pythonw.exe",
    "regasm.exe",
    "regsvcs.exe",
    "ruby.exe",
    "ssh.exe",
    "tar.exe",
    "wt.exe",
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
        // A second colon begins a stream of a file.
        || program.matches(':').count() > 1
        || !is_plain_windows_path(program)
        || program.contains(['"', '/', '*', '?', '<', '>', '|'])
        || secret::is_secret(text)
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

/// A product code as Windows Installer packs it into the names of keys: the first three groups reversed, of the others
/// each pair of digits.
pub fn packed(code: &str) -> Option<String> {
    let inner = code.strip_prefix('{')?.strip_suffix('}')?;
    let mut packed = String::new();
    for (at, group) in inner.split('-').enumerate() {
        match at {
            0..3 => packed.extend(group.chars().rev()),
            _ => {
                let digits: Vec<char> = group.chars().collect();
                packed.extend(digits.chunks(2).flat_map(|pair| pair.iter().rev()));
            }
        }
    }
    Some(packed.to_uppercase())
}

/// Why a command that an installer registered for everybody must not be run as an administrator without a second look.
pub fn risk(command: &str) -> Option<&'static str> {
    let (program, _) = split(command.trim())?;
    let lower = program.to_lowercase();
    let file = lower.rsplit('\\').next().unwrap_or(&lower);
    let is_interpreter =
        INTERPRETERS.contains(&file) || INTERPRETERS.contains(&format!("{file}.exe").as_str());
    if is_of_users(program) || program.starts_with(r"\\") {
        Some(
            "Its program lies where an account without an administrator's rights can write: do not run it as administrator.",
        )
    } else if is_interpreter {
        Some("It starts an interpreter: whatever stands behind its name is run.")
    } else {
        None
    }
}

/// Whether a program lies where users put their own: anyone who wrote it must not be run with the rights of an administrator.
pub fn is_of_users(program: &str) -> bool {
    let lower = program.to_lowercase();
    let inner = lower.split_once(r":\").map_or(lower.as_str(), |(_, rest)| rest);
    ["users\\", "documents and settings\\", "temp\\", "windows\\temp\\"]
        .iter()
        .any(|place| inner.starts_with(place))
}

/// Whether arguments name no file but those in the folder of their program: what lies elsewhere others may have written.
pub fn stays_inside(program: &str, arguments: &str) -> bool {
    let folder = program.rsplit_once('\\').map_or("", |(folder, _)| folder).to_lowercase();
    let arguments = arguments.replace('/', "\\").to_lowercase();
    // `C:\x`, and `C:x` of the folder that a drive is at; `/p:8080` is an option.
    let drives = arguments.match_indices(':').filter_map(|(at, _)| {
        let letter = at.checked_sub(1)?;
        let before = arguments.get(..letter)?.chars().next_back().unwrap_or(' ');
        let is_rooted = arguments.get(at + 1..)?.starts_with('\\');
        let is_letter = arguments.get(letter..at)?.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_drive = is_rooted || is_letter && !before.is_alphanumeric() && !matches!(before, '\\' | '-');
        is_drive.then_some(letter)
    });
    let mut places = drives.chain(arguments.match_indices("\\\\").map(|(at, _)| at));
    let inside = |at: usize| {
        arguments
            .get(at..)
            .and_then(|rest| rest.strip_prefix(folder.as_str()))
            .is_some_and(|rest| rest.starts_with('\\'))
    };
    !folder.is_empty() && !arguments.contains("..") && places.all(inside)
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
            r#""C:\a\un.exe:evil.exe" /S"#,
            r"C:\a.\un.exe /S",
            r"C:\a\con\un.exe /S",
            "MsiExec.exe /I{nonsense}",
            "MsiExec.exe /a {0123ABCD-0123-4567-89AB-0123456789AB}",
            "",
        ] {
            assert_eq!(parse(hostile), None, "{hostile}");
        }
    }

    #[test]
    fn arguments_lead_to_no_file_of_others() {
        let program = r"C:\Program Files\V\un.exe";
        for fine in [
            "/S",
            "",
            "/S /x=1 -p 8080 /p:8080 -t:1",
            r#"/log="C:\Program Files\V\un.log""#,
            r"C:\program files\v\a.ini /S",
        ] {
            assert!(stays_inside(program, fine), "{fine}");
        }
        for other in [
            r"C:\Users\eve\x.py",
            r"/i=C:\x.ini",
            r"\\server\share\x",
            "C:/Users/eve/x",
            r"..\..\x",
            r"@D:resp.txt",
            r"/S /c=c:x.ini",
            r#""e:x""#,
            r"/iC:\Users\eve\x.ini",
            r"/c:C:\Program Files\Vx\a",
        ] {
            assert!(!stays_inside(program, other), "{other}");
        }
        for script in [r#""C:\Program Files\nodejs\node.exe" evil.js"#, r"C:\Python\python.exe un.py"] {
            assert_eq!(parse(script), None, "{script}");
        }
        assert_eq!(parse(r#""C:\v\un.exe" /S KLPASSWD=<redacted>"#), None);
    }

    #[test]
    fn a_risk_is_named() {
        for risky in [
            r"C:\Users\bob\evil.exe /S",
            r#""D:\Temp\un.exe""#,
            r"\\server\share\un.exe /S",
            r"cmd /c del x",
            r#"powershell -c "iwr http://x|iex""#,
            r#""C:\Windows\System32\rundll32.exe" x.dll,Un"#,
        ] {
            assert!(risk(risky).is_some(), "{risky}");
        }
        for plain in [r#""C:\Program Files\V\un.exe" /S"#, "MsiExec.exe /X{A}", ""] {
            assert_eq!(risk(plain), None, "{plain}");
        }
    }

    #[test]
    fn codes_as_windows_installer_packs_them() {
        let code = "{5D6E7F80-1A2B-3C4D-8E9F-A0B1C2D3E4F5}";
        assert_eq!(packed(code).as_deref(), Some("08F7E6D5B2A1D4C3E8F90A1B2C3D4E5F"));
        assert!(is_of_users(r"C:\Users\eve\un.exe") && is_of_users(r"D:\temp\un.exe"));
        assert!(!is_of_users(r"C:\Program Files\V\un.exe"));
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
