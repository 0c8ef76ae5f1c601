//! Unit files of systemd: services, timers, sockets, paths, mounts, and the drop-ins that change them.
//!
//! Drop-ins are applied by reading them after the unit: a list setting grows with each assignment and an empty
//! assignment resets it, so one pass over all files in order gives what systemd would use. Specifiers (`%i`)
//! and variables are left as they stand, because only the running manager knows them.
//!
//! Sources: systemd.unit(5), systemd.service(5) "COMMAND LINES", systemd.syntax(7) "QUOTING".

use super::ini::{self, Dialect, Setting};
use super::shell_assignments;
use super::shell_variables::Variables;
use crate::bytes::Salvaged;

/// What a unit says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    /// `Description=`; the last one counts.
    pub description: Vec<u8>,
    /// `Documentation=` addresses.
    pub documentation: Vec<Vec<u8>>,
    /// `ExecStart=` command lines, without their prefixes (`@ - : + !`), in order.
    pub exec_start: Vec<Command>,
    /// The command lines that run before, after and beside them: `ExecStartPre=` and the like.
    pub beside: Vec<Command>,
    /// `Environment=`.
    pub environment: Variables,
    /// `EnvironmentFile=` paths, without `-`.
    pub environment_files: Vec<Vec<u8>>,
    /// Paths that a path unit watches, a socket listens at or a mount stands for.
    pub watched: Vec<Vec<u8>>,
    /// `RootDirectory=`: where paths of the command lines begin.
    pub root: Vec<u8>,
    /// `WorkingDirectory=`.
    pub folder: Vec<u8>,
    /// `User=`.
    pub user: Vec<u8>,
    /// `Unit=` of a timer or path, `Service=` of a socket: what it starts, if not the service of its own name.
    pub starts: Vec<u8>,
    /// `OnCalendar=` and the other times of a timer, as `key=value`.
    pub schedule: Vec<Vec<u8>>,
    /// `Alias=` names.
    pub aliases: Vec<Vec<u8>>,
    /// Whether it can be enabled: it has `WantedBy=`, `RequiredBy=`, `UpheldBy=`, `Alias=` or `Also=` under `[Install]`.
    pub installable: bool,
}

/// A command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The program: a path, or a name that systemd looks up.
    pub program: Vec<u8>,
    /// The command line as written, without prefixes.
    pub line: Vec<u8>,
}

/// Settings of command lines other than `ExecStart=`.
const BESIDE: &[&[u8]] = &[
    b"ExecCondition",
    b"ExecReload",
    b"ExecStartPost",
    b"ExecStartPre",
    b"ExecStop",
    b"ExecStopPost",
    b"ExecStopPre",
];

impl Unit {
    /// Reads a unit file, or a drop-in over what was read before it.
    pub fn read(&mut self, bytes: &[u8]) -> Salvaged<()> {
        let parsed = ini::parse(bytes, Dialect { backslash_continues: true, indent_continues: false });
        for setting in parsed.value {
            self.apply(setting);
        }
        Salvaged { value: (), damage: parsed.damage }
    }

    /// Replaces variables in the command lines, with those of the files of `EnvironmentFile=` given here.
    pub fn expand(&mut self, files: &[Vec<u8>]) {
        for assignment in files.iter().flat_map(|file| shell_assignments::parse(file)) {
            self.environment.set(&assignment.name, &assignment.value);
        }
        if self.environment == Variables::default() {
            return;
        }
        for command in self.exec_start.iter_mut().chain(&mut self.beside) {
            command.line = self.environment.expand(&command.line);
            if let Some((program, _)) = first_word(&command.line) {
                command.program = program;
            }
        }
    }

    /// The assignments of `Environment=`: words, in quotes where they have blanks.
    fn set(&mut self, value: &[u8]) {
        let mut rest = value;
        while let Some((word, behind)) = first_word(rest) {
            if let Some(equals) = word.iter().position(|&byte| byte == b'=') {
                let (name, value) = word.split_at(equals);
                self.environment.set(name, value.get(1..).unwrap_or_default());
            }
            rest = behind;
        }
    }

    fn apply(&mut self, setting: Setting) {
        let Setting { section, key, value } = setting;
        match (&*section, key.as_slice()) {
            (b"Unit", b"Description") => self.description = value,
            (b"Unit", b"Documentation") => extend(&mut self.documentation, &value),
            (b"Service", b"ExecStart") if value.is_empty() => self.exec_start.clear(),
            (b"Service", b"ExecStart") => self.exec_start.extend(command(&value)),
            (b"Service" | b"Socket", key) if BESIDE.contains(&key) && value.is_empty() => self.beside.clear(),
            (b"Service" | b"Socket", key) if BESIDE.contains(&key) => self.beside.extend(command(&value)),
            (b"Service", b"Environment") => self.set(&value),
            (b"Service", b"EnvironmentFile") if value.is_empty() => self.environment_files.clear(),
            (b"Service", b"EnvironmentFile") => {
                self.environment_files.push(value.strip_prefix(b"-").unwrap_or(&value).to_vec());
            }
            (b"Path", key) if key.starts_with(b"Path") || key.starts_with(b"Directory") => {
                self.watched.extend(Some(value).filter(|path| path.starts_with(b"/")));
            }
            (b"Socket", key) if key.starts_with(b"Listen") => {
                self.watched.extend(Some(value).filter(|path| path.starts_with(b"/")));
            }
            (b"Mount" | b"Automount", b"Where") | (b"Mount", b"What") => {
                self.watched
                    .extend(Some(value).filter(|path| path.starts_with(b"/") && !path.starts_with(b"/dev/")));
            }
            (b"Service", b"RootDirectory") => self.root = value,
            (b"Service", b"WorkingDirectory") => self.folder = value,
            (b"Service", b"User") => self.user = value,
            (b"Timer" | b"Path", b"Unit") | (b"Socket", b"Service") => self.starts = value,
            (b"Timer", key) if key.starts_with(b"On") && !value.is_empty() => {
                self.schedule.push([key, b"=", &value].concat());
            }
            (b"Install", b"Alias") => {
                extend(&mut self.aliases, &value);
                self.installable |= !value.is_empty();
            }
            (b"Install", b"WantedBy" | b"RequiredBy" | b"UpheldBy" | b"Also") => {
                self.installable |= !value.is_empty();
            }
            _ => {}
        }
    }
}

/// Adds the words of a value to a list; an empty value resets it.
fn extend(list: &mut Vec<Vec<u8>>, value: &[u8]) {
    if value.is_empty() {
        list.clear();
    }
    list.extend(words(value));
}

fn words(value: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).map(<[u8]>::to_vec)
}

/// A command line: prefixes taken off, the first word unquoted.
fn command(value: &[u8]) -> Option<Command> {
    let start = value.iter().position(|byte| !b"@-:+!|".contains(byte))?;
    let line = value.get(start..)?.trim_ascii();
    let (program, _) = first_word(line)?;
    Some(Command { program, line: line.to_vec() })
}

/// The first word of a line, quotes and backslash escapes resolved, and the rest; `None` when there is none.
pub fn first_word(line: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let line = line.trim_ascii_start();
    let mut word = Vec::new();
    let mut quote = None;
    let mut bytes = line.iter().enumerate();
    let mut end = line.len();
    while let Some((at, &byte)) = bytes.next() {
        match byte {
            b'\\' => match bytes.next() {
                Some((_, b's')) => word.push(b' '),
                Some((_, b't')) => word.push(b'\t'),
                Some((_, b'x')) => word.extend(hexadecimal(&mut bytes)),
                Some((_, &escaped)) => word.push(escaped),
                None => word.push(b'\\'),
            },
            b'"' | b'\'' if quote.is_none() => quote = Some(byte),
            _ if quote == Some(byte) => quote = None,
            _ if quote.is_none() && byte.is_ascii_whitespace() => {
                end = at;
                break;
            }
            _ => word.push(byte),
        }
    }
    (!word.is_empty()).then(|| (word, line.get(end..).unwrap_or_default()))
}

/// The byte of `\x41`; nothing where no two digits follow.
fn hexadecimal<'a>(bytes: &mut impl Iterator<Item = (usize, &'a u8)>) -> Option<u8> {
    let mut digit = || bytes.next().and_then(|(_, byte)| char::from(*byte).to_digit(16));
    let (high, low) = (digit()?, digit()?);
    u8::try_from(high * 16 + low).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn programs(unit: &Unit) -> Vec<String> {
        unit.exec_start.iter().map(|c| String::from_utf8_lossy(&c.program).into_owned()).collect()
    }

    #[test]
    fn a_service_with_its_drop_in() {
        let mut unit = Unit::default();
        unit.read(
            b"[Unit]\nDescription=First\n[Service]\nUser=daemon\nExecStart=-/usr/bin/a --x \\\n  --y\n\
              ExecStart=@/usr/bin/b argv0\n[Install]\nWantedBy=multi-user.target\nAlias=one.service two.service\n",
        );
        assert_eq!(programs(&unit), ["/usr/bin/a", "/usr/bin/b"]);
        assert_eq!(unit.exec_start[0].line, b"/usr/bin/a --x    --y");
        unit.read(b"[Service]\nExecStartPre=-/opt/\\x70re/x -y\n");
        assert_eq!(unit.beside[0].program, b"/opt/pre/x");
        assert!(unit.installable && unit.user == b"daemon" && unit.aliases.len() == 2);
        unit.read(
            b"[Service]\nExecStart=\nExecStart=\"/opt/my program/bin\" -d\n[Unit]\nDescription=Second\n",
        );
        assert_eq!(programs(&unit), ["/opt/my program/bin"]);
        assert_eq!(unit.description, b"Second");
    }

    #[test]
    fn timers_sockets_and_paths_say_what_they_start() {
        let mut timer = Unit::default();
        timer.read(b"[Timer]\nOnCalendar=daily\nOnBootSec=5min\nUnit=x.service\n");
        assert_eq!(timer.schedule, [b"OnCalendar=daily".to_vec(), b"OnBootSec=5min".to_vec()]);
        assert!(timer.starts == b"x.service" && !timer.installable);
        let mut socket = Unit::default();
        socket.read(b"[Socket]\nService=y.service\n");
        assert_eq!(socket.starts, b"y.service");
    }

    #[test]
    fn variables_in_command_lines() {
        let mut unit = Unit::default();
        unit.read(
            b"[Service]\nEnvironment=\"P=/opt/v\" Q=1\nEnvironmentFile=-/etc/default/v\nExecStart=/bin/sh -c ${P}/x\n\
              ExecStartPre=${FROM_FILE} -d\n[Path]\nPathChanged=/var/opt/v/x\n[Socket]\nListenStream=80\n",
        );
        assert_eq!(unit.environment_files, [b"/etc/default/v".to_vec()]);
        unit.expand(&[b"FROM_FILE=/opt/v/pre\n".to_vec()]);
        assert_eq!(unit.exec_start[0].line, b"/bin/sh -c /opt/v/x");
        assert_eq!(unit.beside[0].program, b"/opt/v/pre");
        assert_eq!(unit.watched, [b"/var/opt/v/x".to_vec()]);
    }

    #[test]
    fn escapes_and_quotes_in_the_program() {
        assert_eq!(first_word(b"/a\\sb c").unwrap(), (b"/a b".to_vec(), b" c".as_slice()));
        assert_eq!(first_word(b"'/a b'/c").unwrap().0, b"/a b/c");
        assert_eq!(first_word(b"   "), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            let mut unit = Unit::default();
            unit.read(&bytes);
            first_word(&bytes);
            unit.read(&[b"[Service]\nExecStart=".as_slice(), &bytes].concat());
        }
    }
}
