//! Tables of cron and anacron.
//!
//! A system table has a user column, a user's own does not, and nothing in the file says which it is: the
//! caller knows by its place. Lines that cron would refuse are passed over.
//!
//! Sources: crontab(5) of Vixie cron and cronie; anacrontab(5).

use std::collections::HashSet;

use super::shell_variables::Variables;
use crate::bytes::{Damage, DamageKind, last_line};

/// One job of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The line it stands on, counted from 1.
    pub line: usize,
    /// When it runs: the five fields, `@daily`, or anacron's period and delay.
    pub schedule: Vec<u8>,
    /// The user column; empty where the table has none.
    pub user: Vec<u8>,
    /// The command, with the variables that the table sets.
    pub command: Vec<u8>,
    /// The folders of `PATH` where the table sets one.
    pub folders: Vec<Vec<u8>>,
}

/// What kind of table is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// `/etc/crontab` and `/etc/cron.d`: with a user column.
    System,
    /// A user's own table.
    User,
    /// `/etc/anacrontab`.
    Anacron,
}

/// The jobs of a table.
pub fn parse(bytes: &[u8], table: Table) -> Vec<Job> {
    let mut variables = Variables::default();
    let mut folders = Vec::new();
    let mut jobs = Vec::new();
    for (at, line) in bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).enumerate() {
        if let Some((name, value)) = assignment(line) {
            let value = variables.expand(value);
            if name == b"PATH" {
                folders = value.split(|&byte| byte == b':').take(FOLDERS).map(<[u8]>::to_vec).collect();
            }
            variables.set(name, &value);
        } else if let Some(job) = job(line, at + 1, table) {
            let command = variables.expand(&job.command);
            jobs.push(Job { command, folders: folders.clone(), ..job });
        }
    }
    jobs
}

/// That a table ends inside a line that is no job yet.
pub fn unended(bytes: &[u8], table: Table) -> Option<Damage> {
    let (start, line) = last_line(bytes);
    let line = line.trim_ascii();
    let is_whole = line.is_empty()
        || line.starts_with(b"#")
        || assignment(line).is_some()
        || job(line, 1, table).is_some();
    (!is_whole).then(|| Damage::new(DamageKind::Truncated, start as u64, "the table ends inside a line"))
}

/// The most folders of a `PATH`.
const FOLDERS: usize = 32;

fn job(line: &[u8], number: usize, table: Table) -> Option<Job> {
    let first = *line.first()?;
    if first == b'#' {
        return None;
    }
    // cronie: a leading '-' keeps the job out of the log.
    let line = line.strip_prefix(b"-").unwrap_or(line);
    let times = match table {
        Table::Anacron => 3,
        _ if line.first() == Some(&b'@') => 1,
        _ => 5,
    };
    let (schedule, rest) = fields(line, times)?;
    let (user, command) = match table {
        Table::System => fields(rest, 1)?,
        Table::User | Table::Anacron => (&[][..], rest),
    };
    let plausible = |byte: &u8| byte.is_ascii_alphanumeric() || b"*@/,-.~_:?#%L".contains(byte);
    let starts_well = matches!(first, b'@' | b'*' | b'-' | b'~') || first.is_ascii_digit();
    if command.is_empty() || !starts_well || !schedule.iter().all(|b| plausible(b) || b.is_ascii_whitespace())
    {
        return None;
    }
    let schedule = schedule.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
    Some(Job {
        line: number,
        schedule: schedule.collect::<Vec<_>>().join(&b' '),
        user: user.to_vec(),
        command: command.to_vec(),
        folders: Vec::new(),
    })
}

/// `NAME = value`: an environment setting, not a job. The value is without quotes.
fn assignment(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = line.iter().position(|&byte| byte == b'=')?;
    let name = line.get(..equals)?.trim_ascii();
    let name = name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")).unwrap_or(name);
    let is_name = !name.first().is_none_or(u8::is_ascii_digit)
        && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let value = line.get(equals + 1..)?.trim_ascii();
    let quoted = |quote: &[u8]| value.strip_prefix(quote)?.strip_suffix(quote);
    is_name.then(|| (name, quoted(b"\"").or_else(|| quoted(b"'")).unwrap_or(value)))
}

/// The first `count` fields and what follows them, without blanks around.
fn fields(line: &[u8], count: usize) -> Option<(&[u8], &[u8])> {
    let mut at = 0;
    for _ in 0..count {
        let rest = line.get(at..)?;
        let start = rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let length =
            rest.get(start..)?.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len() - start);
        at += start + length;
    }
    Some((line.get(..at)?.trim_ascii(), line.get(at..)?.trim_ascii()))
}

/// The programs of a shell command, as far as words tell: the first word that is no assignment, then every
/// other word that is an absolute path, except devices.
pub fn programs(command: &[u8]) -> Vec<Vec<u8>> {
    // An unescaped '%' ends the command; the rest is its input.
    let end = command.windows(2).position(|pair| matches!(pair, [before, b'%'] if *before != b'\\'));
    let command = end.and_then(|end| command.get(..=end)).unwrap_or(command);
    let separators = b" \t;&|()<>\"'`$";
    let mut programs: Vec<Vec<u8>> = Vec::new();
    let mut seen = HashSet::new();
    for word in command.split(|byte| separators.contains(byte)).filter(|word| !word.is_empty()) {
        let first = programs.is_empty() && !word.contains(&b'=') && !word.starts_with(b"-") && word != b"[";
        let path = word.starts_with(b"/") && word.len() > 1 && !word.starts_with(b"/dev/");
        if (first || path) && seen.insert(word) {
            programs.push(word.to_vec());
        }
    }
    programs
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(bytes: &[u8], table: Table) -> Vec<String> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let jobs = parse(bytes, table);
        jobs.iter()
            .map(|j| format!("{}|{}|{}|{}", j.line, text(&j.schedule), text(&j.user), text(&j.command)))
            .collect()
    }

    #[test]
    fn a_system_table_has_a_user_column() {
        let table =
            b"# m h\nSHELL=/bin/sh\nMAILTO = root\n17 *\t* * *\troot  cd / && run-parts /etc/cron.hourly\n\
            @reboot daemon /opt/x/run\n30 3 * * 0 root A=b /usr/bin/y\nnonsense line here is no job at all\n";
        assert_eq!(
            shown(table, Table::System),
            [
                "4|17 * * * *|root|cd / && run-parts /etc/cron.hourly",
                "5|@reboot|daemon|/opt/x/run",
                "6|30 3 * * 0|root|A=b /usr/bin/y"
            ]
        );
    }

    #[test]
    fn a_users_table_and_anacrons() {
        assert_eq!(
            shown(b"*/5 0-6,9 * jan mon-fri /bin/x=1 a", Table::User),
            ["1|*/5 0-6,9 * jan mon-fri||/bin/x=1 a"]
        );
        assert_eq!(
            shown(b"1\t5\tcron.daily\tnice run-parts /etc/cron.daily\n", Table::Anacron),
            ["1|1 5 cron.daily||nice run-parts /etc/cron.daily"]
        );
        assert!(shown(b"* * * * *", Table::User).is_empty());
    }

    #[test]
    fn variables_of_the_table() {
        let jobs =
            parse(b"PATH=/opt/v/bin:/bin\nV = \"/opt/v\"\n@reboot root $V/bin/x ${V}\n", Table::System);
        assert_eq!(jobs[0].command, b"/opt/v/bin/x /opt/v");
        assert_eq!(jobs[0].folders, [b"/opt/v/bin".to_vec(), b"/bin".to_vec()]);
    }

    #[test]
    fn programs_are_the_first_word_and_absolute_paths() {
        let shown = |command: &[u8]| -> Vec<String> {
            programs(command).iter().map(|p| String::from_utf8_lossy(p).into_owned()).collect()
        };
        assert_eq!(
            shown(b"test -x /usr/sbin/a || ( cd / && /opt/b/c --x=\"/d\" >/dev/null )"),
            ["test", "/usr/sbin/a", "/opt/b/c", "/d"]
        );
        assert_eq!(shown(b"A=1 /usr/bin/b%input /not/this"), ["/usr/bin/b"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            for table in [Table::System, Table::User, Table::Anacron] {
                parse(&bytes, table);
                parse(&[b"* * * * * ".as_slice(), &bytes].concat(), table);
            }
            programs(&bytes);
        }
    }
}
