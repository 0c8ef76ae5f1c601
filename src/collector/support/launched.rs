//! Programs that a command line starts through another program: `cmd /c`, `rundll32`, `powershell`, `sh -c` and the
//! like run what their arguments name. The launcher is the program that runs; what it names counts as well.
//!
//! Sources: Microsoft's documentation of cmd, rundll32, PowerShell ("about_PowerShell_exe"), wscript and explorer;
//! POSIX "sh"; open(1) of macOS.

mod unix;

use crate::text::percent;
pub use unix::{in_unix_arguments, is_unix_launcher, unix_words};

/// Programs of Windows that run what their arguments name.
const WINDOWS: &[&str] = &[
    "bash",
    "cmd",
    "command",
    "conhost",
    "control",
    "cscript",
    "explorer",
    "forfiles",
    "hh",
    "java",
    "javaw",
    "mmc",
    "mshta",
    "msiexec",
    "nircmd",
    "node",
    "odbcconf",
    "pcalua",
    "perl",
    "php",
    "powershell",
    "powershell_ise",
    "psexec",
    "pwsh",
    "py",
    "python",
    "pythonw",
    "regasm",
    "regsvcs",
    "regsvr32",
    "ruby",
    "runas",
    "rundll32",
    "runonce",
    "schtasks",
    "start",
    "wmic",
    "wscript",
    "wsl",
];
/// Endings of what can be started or loaded.
const ENDINGS: &[&str] = &[
    "exe", "com", "bat", "cmd", "dll", "sys", "ps1", "vbs", "vbe", "js", "jse", "wsf", "hta", "msc", "cpl",
    "jar", "py", "scr", "msi", "lnk", "ocx",
];
/// Commands of the Windows shell that start nothing: what they name is taken away or shown.
const REMOVING: &[&str] =
    &["del", "erase", "rd", "rmdir", "echo", "rem", "attrib", "icacls", "takeown", "remove-item", "ri", "rm"];
/// How deep encoded commands may lie in each other.
const DEPTH: usize = 4;
/// The folders and programs of one line that are tried with each other.
const FOLDERS: usize = 8;
/// The words that one unquoted path with blanks may have.
const WORDS: usize = 16;

/// What a command line names beyond the program that it runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Programs, scripts, libraries and folders, in their order, each once; variables are kept.
    pub programs: Vec<String>,
    /// Commands that were encoded, in plain text.
    pub decoded: Vec<String>,
}

impl Named {
    fn add(&mut self, program: &str) {
        let program = program.trim_matches(|char: char| {
            char.is_whitespace() || matches!(char, '"' | '\'' | ';' | ')' | '(' | ',')
        });
        if !program.is_empty() && !self.programs.iter().any(|known| known.eq_ignore_ascii_case(program)) {
            self.programs.push(program.to_owned());
        }
    }
}

/// Whether a program of Windows runs what its arguments name.
pub fn is_windows_launcher(program: &str) -> bool {
    let name = program.rsplit(['\\', '/']).next().unwrap_or_default().trim_matches('"').to_ascii_lowercase();
    WINDOWS.contains(&name.strip_suffix(".exe").unwrap_or(&name))
}

/// Whether a text is the whole path of something that Windows can start or load.
pub fn is_program_by_path(text: &str) -> bool {
    const STARTED: &[&str] = &["exe", "com", "bat", "cmd", "dll", "sys", "ps1", "vbs", "jar", "msi"];
    let ending = text.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    starts_path(text) && ending.is_some_and(|ending| STARTED.contains(&ending.as_str()))
}

/// Programs of Windows that a text of settings or a script names by their whole paths, line by line: XML, JSON, YAML, INI
/// and the languages of scripts.
pub fn in_windows_text(text: &str) -> Vec<String> {
    let mut named = Named::default();
    for line in text.split(['\n', '\r', '<', '>']).map(str::trim) {
        const COMMENTS: &[&str] = &["#", "::", "rem ", "REM ", "!--"];
        if line.is_empty() || COMMENTS.iter().any(|start| line.starts_with(start)) {
            continue;
        }
        // An element of XML without content ends so.
        let line = line.strip_suffix("\"/").map_or_else(|| line.to_owned(), |line| format!("{line}\""));
        let line = line.as_str();
        // As shortcuts to the web have them.
        if let Some((_, address)) = line.split_once("file:///") {
            let end = address.find(['"', '\'']).unwrap_or(address.len());
            named.programs.push(percent::decoded(address.get(..end).unwrap_or_default()));
            continue;
        }
        let line = line.trim_start_matches(|char: char| char == '@' || char == '-' || char.is_whitespace());
        // `KEY=C:\...` and `key: C:\...` without quotes.
        let value = line
            .match_indices(['=', ':'])
            .map(|(at, _)| line.get(at + 1..).unwrap_or_default().trim_start())
            .find(|value| starts_path(value.trim_start_matches(['"', '\''])))
            .filter(|_| !starts_path(line));
        let line = value.unwrap_or(line).replace(r"\\", r"\").replace("&quot;", "\"").replace("&amp;", "&");
        // The empty title of `start`, and quotes that Visual Basic doubles.
        windows(&line.replace(" \"\" ", " ").replace("\"\"", "\""), 0, &mut named);
    }
    named.programs.retain(|path| is_program_by_path(path));
    named.programs
}

/// Programs that are named without their folder, in each folder that is named beside them.
pub fn joined(folders: &[String], programs: &[String]) -> Vec<String> {
    let is_folder = |path: &&String| starts_path(path) && !has_ending(path);
    let is_bare = |path: &&String| has_ending(path) && !path.contains(['\\', '/', '%']);
    let folders: Vec<&String> = folders.iter().filter(is_folder).take(FOLDERS).collect();
    let bare = programs.iter().filter(is_bare).take(FOLDERS);
    bare.flat_map(|program| folders.iter().map(move |folder| (folder, program)))
        .map(|(folder, program)| format!(r"{}\{program}", folder.trim_end_matches(['\\', '/'])))
        .collect()
}

/// What the arguments of a launcher of Windows name.
pub fn in_windows_arguments(arguments: &str) -> Named {
    let mut named = Named::default();
    windows(arguments, 0, &mut named);
    // Quotes that Visual Basic doubles, and variables that the line sets itself.
    for part in arguments.split("\"\"").map(|part| part.trim_matches(['"', ' '])) {
        if part.len() < arguments.len() && starts_path(part) && has_ending(part) {
            named.add(part);
        }
    }
    if let Some(line) = with_variables(arguments) {
        windows(&line, 0, &mut named);
    }
    if let Some(command) = in_outer_quotes(arguments) {
        windows(command, 0, &mut named);
    }
    named
}

/// The command between the first and the last quote behind `/c`, `/k` or `/r`, as the shell of Windows takes it when there are
/// more than two quotes ("cmd" of Microsoft's documentation).
fn in_outer_quotes(arguments: &str) -> Option<&str> {
    let lower = arguments.to_ascii_lowercase();
    let start = ["/c ", "/k ", "/r "].iter().filter_map(|option| lower.find(option)).min()? + 3;
    let command = arguments.get(start..)?.trim().strip_prefix('"')?.strip_suffix('"')?;
    command.contains('"').then_some(command)
}

/// The line with what it sets itself (`set NAME=text&`) in the place of `%NAME%` and `!NAME!`; `None` if it sets nothing.
fn with_variables(line: &str) -> Option<String> {
    let lower = line.to_ascii_lowercase();
    let mut replaced = line.to_owned();
    let sets: Vec<usize> =
        lower.match_indices("set ").map(|(at, text)| at + text.len()).take(FOLDERS).collect();
    let mut is_any = false;
    for start in sets {
        let rest = line.get(start..).unwrap_or_default();
        let Some((name, text)) = rest.split_once('=') else { continue };
        let (name, text) =
            (name.trim().trim_start_matches('"'), text.split(['&', '|', '\n']).next().unwrap_or_default());
        if name.is_empty()
            || name.len() > 64
            || name.contains(|char: char| char.is_whitespace() || char == '%')
        {
            continue;
        }
        is_any = true;
        let text = text.trim_end().trim_end_matches('"');
        for reference in [format!("%{name}%"), format!("!{name}!")] {
            // A line that sets what it uses grows no further than lines of Windows may.
            if replaced.len() + replaced.matches(&reference).count() * text.len() > 1 << 16 {
                return None;
            }
            replaced = replaced.replace(&reference, text);
        }
    }
    is_any.then_some(replaced)
}

fn windows(text: &str, depth: usize, named: &mut Named) {
    let mut is_removed = false;
    // The start of a path whose blanks are not quoted.
    let mut open: Vec<String> = Vec::new();
    let mut is_encoded = false;
    for word in words(text) {
        if word.is_end {
            is_removed = false;
            open.clear();
            continue;
        }
        let plain = plain(&word.text);
        if std::mem::take(&mut is_encoded)
            && depth < DEPTH
            && let Some(command) = decoded(&plain)
        {
            windows(&command, depth + 1, named);
            named.decoded.push(command);
            continue;
        }
        is_encoded = is_encoded_option(&plain);
        let lower = plain.to_ascii_lowercase();
        is_removed |= REMOVING.contains(&lower.as_str());
        if is_removed {
            continue;
        }
        // A quoted word may be a whole command of its own.
        if word.is_quoted && depth < DEPTH && (has_end(&plain) || plain.contains(['"', '\'', '&', '|', ';']))
        {
            windows(&plain, depth + 1, named);
            continue;
        }
        let path = plain
            .split_once(',')
            .map_or(plain.as_str(), |(path, _)| if has_ending(path) { path } else { &plain });
        if has_ending(path) && !starts_path(path) && !open.is_empty() {
            let joined = format!("{} {path}", open.join(" "));
            open.clear();
            named.add(&joined);
        } else if has_ending(path) {
            open.clear();
            named.add(path);
        } else if starts_path(path) {
            named.add(path);
            open = if word.is_quoted { Vec::new() } else { vec![path.to_owned()] };
        } else if !open.is_empty() && open.len() < WORDS {
            open.push(path.to_owned());
        }
    }
}

/// Whether a quoted word holds a path with arguments behind it.
fn has_end(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ENDINGS.iter().any(|ending| lower.contains(&format!(".{ending} ")))
}

/// The words of a command line of Windows, without quotes.
pub fn windows_words(line: &str) -> Vec<String> {
    words(line).into_iter().filter(|word| !word.is_end).map(|word| word.text).collect()
}

struct Word {
    text: String,
    is_quoted: bool,
    /// What ends a command, not a word of one.
    is_end: bool,
}

/// The words of a command line: blanks separate them outside of quotes; `&`, `|` and `;` end a command.
fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word = Word { text: String::new(), is_quoted: false, is_end: false };
    let mut quote = None;
    let mut push = |word: &mut Word| {
        let done = std::mem::replace(word, Word { text: String::new(), is_quoted: false, is_end: false });
        if !done.text.is_empty() {
            words.push(done);
        }
    };
    // The shell of Windows takes a pair of quotes around a whole command away.
    let chars: Vec<char> = text.chars().collect();
    for (at, &char) in chars.iter().enumerate() {
        let next = chars.get(at + 1);
        let is_double = char == '"' && next == Some(&'"') && quote.is_none();
        if is_double && word.text.is_empty() && chars.get(at + 2).is_some_and(|third| !third.is_whitespace())
        {
            continue;
        }
        match (char, quote) {
            ('"' | '\'', None)
                if char == '"' || word.text.is_empty() || word.text.ends_with(['=', '(', ':', ',']) =>
            {
                quote = Some(char);
                word.is_quoted |= word.text.is_empty();
            }
            (_, Some(open)) if open == char => quote = None,
            (_, Some(_)) => word.text.push(char),
            ('{', None) if word.text.ends_with('$') => word.text.push(char),
            ('}', None) if word.text.contains("${") => word.text.push(char),
            ('&' | '|' | ';' | '\n' | '\r' | '{' | '}', None) => {
                push(&mut word);
                push(&mut Word { text: char.to_string(), is_quoted: false, is_end: true });
            }
            (_, None) if char.is_whitespace() => push(&mut word),
            (_, None) => word.text.push(char),
        }
    }
    push(&mut word);
    words
}

/// A word without what the shells and addresses add to a path: carets, `$env:NAME`, `file:///`.
fn plain(word: &str) -> String {
    let mut text = word.replace('^', "");
    // `-Option="C:\..."`
    if text.starts_with('-')
        && let Some((_, value)) = text.split_once(['=', ':'])
        && !value.is_empty()
    {
        text = value.to_owned();
    }
    for (start, end) in [("${env:", "}"), ("$env:", "\\")] {
        if let Some((_, rest)) = strip_prefix(&text, start).map(|rest| ((), rest.to_owned()))
            && let Some((name, below)) = rest.split_once(end)
        {
            text = format!("%{name}%\\{}", below.trim_start_matches('\\'));
        }
    }
    match strip_prefix(&text, "file:///") {
        Some(path) => path.replace("%20", " "),
        None => text,
    }
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Whether a text begins as a path does: a drive, a share or a folder that a variable names.
fn starts_path(text: &str) -> bool {
    let mut chars = text.chars();
    match (chars.next(), chars.next(), chars.next()) {
        (Some(drive), Some(':'), Some('\\' | '/')) => drive.is_ascii_alphabetic(),
        (Some('\\'), Some('\\'), Some(_)) => true,
        (Some('%'), Some(_), _) => {
            text.get(1..).is_some_and(|rest| rest.contains("%\\") || rest.contains("%/"))
        }
        _ => false,
    }
}

fn has_ending(text: &str) -> bool {
    let name = text.rsplit(['\\', '/']).next().unwrap_or_default();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// `-EncodedCommand` in any of the short forms that PowerShell takes.
fn is_encoded_option(word: &str) -> bool {
    let Some(name) = word.strip_prefix(['-', '/', '\u{2013}', '\u{2014}']) else { return false };
    let name = name.trim_end_matches(':').to_ascii_lowercase();
    name == "ec" || name.starts_with('e') && "encodedcommand".starts_with(&name)
}

/// The command in the argument of `-EncodedCommand`: Base64 of UTF-16.
fn decoded(word: &str) -> Option<String> {
    let bytes = crate::bytes::decode::base64(word.trim().as_bytes())?;
    let text = crate::format::database::regf::utf16(&bytes);
    (text.chars().count() > 1 && !text.contains('\u{fffd}')).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_a_line_sets_and_doubled_quotes() {
        let named = |arguments: &str| in_windows_arguments(arguments).programs;
        let program = r"C:\Program Files\Vendor Lab\tool.exe".to_owned();
        for line in [
            r#"/v /c set x=Vendor Lab&& call "C:\Program Files\%x%\tool.exe""#,
            r#"vbscript:Execute("CreateObject(""WScript.Shell"").Run ""C:\Program Files\Vendor Lab\tool.exe""")"#,
        ] {
            assert!(named(line).contains(&program), "{line}: {:?}", named(line));
        }
        let grown = (0..30).map(|at| format!("set a{at}=%a{}%%a{}%&", at + 1, at + 1)).collect::<String>();
        assert!(named(&grown).is_empty());
    }

    #[test]
    fn launchers_of_windows_name_what_they_run() {
        let named = |arguments: &str| in_windows_arguments(arguments).programs;
        let program = r"C:\Program Files\Vendor Lab\tool.exe";
        for arguments in [
            r#"/c start "" "C:\Program Files\Vendor Lab\tool.exe" /silent"#,
            r"/c C:\Program Files\Vendor Lab\tool.exe /silent",
            r#"/s /c ""C:\Program Files\Vendor Lab\tool.exe" -x""#,
            r#"/c "cd /d "D:\x y" && "C:\Program Files\Vendor Lab\tool.exe" -x""#,
            r#"/c cd /d D: && "C:\Program^ Files\Vendor Lab\tool.exe""#,
            r#"-NoProfile -Command "& 'C:\Program Files\Vendor Lab\tool.exe' -x""#,
            r#"-c "Start-Process -FilePath 'C:\Program Files\Vendor Lab\tool.exe'""#,
            r#"-ArgumentList="C:\Program Files\Vendor Lab\tool.exe""#,
        ] {
            let found = named(arguments);
            assert!(found.iter().any(|found| found.ends_with(program)), "{arguments}: {found:?}");
        }
        assert_eq!(named(r#""C:\A B\x.dll",Run 1"#), [r"C:\A B\x.dll"]);
        assert_eq!(named(r"shell32.dll,Control_RunDLL C:\A\x.cpl"), ["shell32.dll", r"C:\A\x.cpl"]);
        assert_eq!(named(r"-File $env:ProgramData\Vendor\u.ps1"), [r"%ProgramData%\Vendor\u.ps1"]);
        assert_eq!(named(r"& ${env:ProgramFiles(x86)}\V\a.exe"), [r"%ProgramFiles(x86)%\V\a.exe"]);
        assert_eq!(named(r#""C:\ProgramData\Vendor Lab""#), [r"C:\ProgramData\Vendor Lab"]);
        let beside = named(r#""cmd.exe" /d /C "cd /d "C:\A B" && tool.exe -x""#);
        assert!(joined(&beside, &beside).contains(&r"C:\A B\tool.exe".to_owned()), "{beside:?}");
        assert_eq!(named("//B //Nologo run.vbs"), ["run.vbs"]);
        assert_eq!(
            named(r#"/c rd /s /q "C:\Program Files\Vendor Lab" & echo C:\x.exe"#),
            Vec::<String>::new()
        );
        assert!(is_windows_launcher(r"C:\Windows\System32\CMD.EXE") && !is_windows_launcher("notepad.exe"));
    }

    #[test]
    fn settings_and_scripts_name_programs() {
        let program = r"C:\Program Files (x86)\Vendor Lab\tool.exe";
        let escaped = program.replace('\\', r"\\");
        for text in [
            format!("<service>\r\n<executable>{program}</executable>\n<arguments>-r</arguments></service>"),
            format!("<Registry name=\"x\"><Properties action=\"U\" value=\"{program}\"/></Registry>"),
            format!("id: x\nexecutable: '{program}'\n"),
            format!("[service]\ncommand={program} -r\n"),
            format!("{{\"cmd\": \"{escaped}\", \"x\": 1}}"),
            format!("wrapper.app.parameter.1={escaped}\n"),
            format!("@echo off\nstart \"\" \"{program}\" -r\n"),
            format!("CreateObject(\"WScript.Shell\").Run \"\"\"{program}\"\" -r\", 0\n"),
            format!("& '{program}'\n"),
            format!("[InternetShortcut]\nURL=file:///{}\n", program.replace('\\', "/").replace(' ', "%20")),
        ] {
            let named: Vec<String> =
                in_windows_text(&text).iter().map(|path| path.replace('/', "\\")).collect();
            assert_eq!(named, [program], "{text}");
        }
        assert!(in_windows_text("rem C:\\a\\b.exe\n# C:\\a\\b.exe\ndel C:\\a\\b.exe\nx=1\n").is_empty());
    }

    #[test]
    fn a_program_without_its_folder_is_in_the_folder_beside_it() {
        let named = in_windows_arguments(r#"run --cwd "C:\Vendor Lab\" -- tool.exe -r"#).programs;
        assert_eq!(joined(&named, &named), [r"C:\Vendor Lab\tool.exe"]);
    }

    #[test]
    fn an_encoded_command_is_read() {
        // `& 'C:\Vendor Lab\a.exe'` in UTF-16.
        let encoded = "JgAgACcAQwA6AFwAVgBlAG4AZABvAHIAIABMAGEAYgBcAGEALgBlAHgAZQAnAA==";
        for option in ["-EncodedCommand", "-enc", "/e", "-EC"] {
            let named = in_windows_arguments(&format!("-NoP {option} {encoded}"));
            assert_eq!(named.programs, [r"C:\Vendor Lab\a.exe"], "{option}");
            assert_eq!(named.decoded.len(), 1);
        }
        let nested = format!("/c powershell -enc {encoded}");
        assert_eq!(in_windows_arguments(&nested).programs, [r"C:\Vendor Lab\a.exe"]);
        assert_eq!(in_windows_arguments("-e notbase64!").decoded, Vec::<String>::new());
    }
}
