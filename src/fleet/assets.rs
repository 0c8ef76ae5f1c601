//! Lists of assets: the hosts that should report, as inventories export them (CSV).

use std::collections::{HashMap, HashSet};
use std::io::Read;

use serde::Serialize;

use super::Host;
use crate::text::written;

/// Columns that name the host, as inventories call them.
const NAMES: &[&str] = &[
    "host",
    "hostname",
    "host_name",
    "name",
    "computer",
    "computer_name",
    "computername",
    "device",
    "device_name",
    "samaccountname",
    "sam_account_name",
    "cn",
    "netbios_name",
    "netbiosname",
    "dnshostname",
    "dns_host_name",
    "dns_name",
    "fqdn",
    "asset",
    "asset_name",
];
const MACHINES: &[&str] = &["machine_id", "machineid"];
const OWNERS: &[&str] = &["owner", "assigned_to", "assigned_user", "user", "primary_user", "contact"];
const SITES: &[&str] = &["site", "location", "office", "department", "ou"];

/// The longest name of NetBIOS; longer ones are cut.
const NETBIOS: usize = 15;

/// What is wrong with a list without rows.
const NO_HOST: &str = "it names no host. Export it again, with a header line and a line for each host";

/// An asset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Asset {
    /// The host's name.
    pub host: String,
    /// The identity of its installation, if the list has it.
    pub machine: String,
    /// Who sees to it.
    pub owner: String,
    /// Where it is.
    pub site: String,
}

impl Asset {
    /// The asset of a row, by the columns of its host and of its machine id, owner and site.
    fn of(row: &csv::ByteRecord, host: usize, others: [Option<usize>; 3]) -> Result<Self, String> {
        let text = |column: usize| {
            row.get(column).map_or(String::new(), |text| String::from_utf8_lossy(text).into_owned())
        };
        let [machine, owner, site] = others.map(|column| column.map(text).unwrap_or_default());
        let host = account(&text(host)).to_owned();
        if host.contains('\n') {
            let line = row.position().map_or(0, csv::Position::line);
            return Err(format!(
                "line {line}: the name of a host has several lines: is a quotation mark not closed?"
            ));
        }
        Ok(Asset { host, machine, owner, site })
    }
}

/// What separates the columns: what the first line has most of, commas where it has as many.
fn separator(text: &[u8]) -> u8 {
    let first = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let count = |separator: u8| first.iter().filter(|&&byte| byte == separator).count();
    let known = [b',', b';', b'\t'].into_iter();
    known.max_by_key(|&separator| (count(separator), separator == b',')).unwrap_or(b',')
}

/// What is wrong with a table, in words.
pub(super) fn not_csv(error: &csv::Error) -> String {
    let line = error.position().map(|at| format!("line {}: ", at.line())).unwrap_or_default();
    let what = match error.kind() {
        csv::ErrorKind::Io(error) => crate::model::plain(error),
        csv::ErrorKind::Utf8 { .. } => "it is no text in UTF-8".to_owned(),
        _ => "it is no table of comma-separated values".to_owned(),
    };
    format!("{line}{what}")
}

/// A list of assets.
#[derive(Debug, Clone, Default)]
pub struct Assets {
    assets: Vec<Asset>,
}

impl Assets {
    /// Reads a list with a header line; commas, semicolons or tabs separate.
    ///
    /// # Errors
    /// When it cannot be read or has no column that names hosts; says which there are.
    pub fn read(mut from: impl Read) -> Result<Self, String> {
        let mut text = Vec::new();
        from.read_to_end(&mut text).map_err(|error| crate::model::plain(&error))?;
        let text = utf8(text)?;
        let (text, named) = preamble(&text);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(named.unwrap_or_else(|| separator(text)))
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text);
        let written: Vec<String> = reader
            .byte_headers()
            .map_err(|error| not_csv(&error))?
            .iter()
            .map(|header| String::from_utf8_lossy(header).into_owned())
            .collect();
        if written.iter().all(String::is_empty) {
            return Err(NO_HOST.to_owned());
        }
        let headers: Vec<String> =
            written.iter().map(|header| header.to_lowercase().replace([' ', '-'], "_")).collect();
        let column =
            |known: &[&str]| known.iter().find_map(|name| headers.iter().position(|header| header == name));
        if headers.iter().any(|header| header.contains(|char: char| char.is_control())) {
            return Err("it is no text. Export the list as CSV".to_owned());
        }
        let Some(host) = column(NAMES) else {
            return Err(format!(
                "no column names the hosts: its first line has {}; call one column `host`",
                written.join(", ")
            ));
        };
        let others = [MACHINES, OWNERS, SITES].map(column);
        let mut assets = Vec::new();
        for record in reader.byte_records() {
            let record = record.map_err(|error| not_csv(&error))?;
            let asset = Asset::of(&record, host, others)?;
            if !asset.host.is_empty() {
                assets.push(asset);
            }
        }
        // A list that lost its rows would make every host that never reported disappear.
        if assets.is_empty() { Err(NO_HOST.to_owned()) } else { Ok(Assets { assets }) }
    }

    /// Begins to match hosts with assets.
    pub(super) fn matching(&self) -> Matching {
        let mut by_name: HashMap<String, usize> = HashMap::new();
        let mut by_machine = HashMap::new();
        let mut cut: HashMap<String, Option<usize>> = HashMap::new();
        let mut shorts: HashMap<String, Option<usize>> = HashMap::new();
        for (at, asset) in self.assets.iter().enumerate() {
            let name = asset.host.to_lowercase();
            shorts.entry(short(&name).to_owned()).and_modify(|at| *at = None).or_insert(Some(at));
            if let Some(start) = short(&name).get(..NETBIOS).filter(|start| *start != short(&name)) {
                cut.entry(start.to_owned()).and_modify(|at| *at = None).or_insert(Some(at));
            }
            by_name.entry(name).or_insert(at);
            if !asset.machine.is_empty() {
                by_machine.entry(asset.machine.to_lowercase()).or_insert(at);
            }
        }
        Matching { assets: self.assets.clone(), cut, by_name, by_machine, shorts }
    }
}

/// A list as UTF-8: Excel's "Unicode text" and Windows PowerShell write UTF-16.
fn utf8(text: Vec<u8>) -> Result<Vec<u8>, String> {
    let text = written::utf8_strictly(&text, |first| first != 0);
    Ok(text.ok_or("its UTF-16 is damaged; save it as CSV UTF-8")?.into_owned())
}

/// What follows the lines that programs put before the header, and the separator that one of them names: `#TYPE` of
/// PowerShell's Export-Csv, `sep=` of Excel.
fn preamble(mut text: &[u8]) -> (&[u8], Option<u8>) {
    let mut separator = None;
    loop {
        let end = text.iter().position(|&byte| byte == b'\n').map_or(text.len(), |at| at + 1);
        let Some((line, rest)) = text.split_at_checked(end) else { return (text, separator) };
        let bare = line.trim_ascii_end().trim_ascii_start();
        let bare = bare.strip_prefix(b"\"").and_then(|bare| bare.strip_suffix(b"\"")).unwrap_or(bare);
        let named = bare.get(..4).is_some_and(|head| head.eq_ignore_ascii_case(b"sep="));
        if named {
            // The tab of `sep=` may have been trimmed.
            separator = Some(bare.get(4).copied().unwrap_or(b'\t'));
        }
        let is_type = bare.get(..5).is_some_and(|head| head.eq_ignore_ascii_case(b"#TYPE"));
        let is_blank = bare.is_empty() && !rest.is_empty();
        if !(named || is_type || is_blank) {
            return (text, separator);
        }
        text = rest;
    }
}

/// A name as directories write it: `CORP\\PC-1`, `PC-1$`.
fn account(name: &str) -> &str {
    let name = name.rsplit('\\').next().unwrap_or(name);
    let name = name.strip_suffix('$').unwrap_or(name);
    name.trim().trim_end_matches('.')
}

fn short(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// Finds the assets of hosts.
pub(super) struct Matching {
    assets: Vec<Asset>,
    /// What NetBIOS makes of long names, where only one asset has it.
    cut: HashMap<String, Option<usize>>,
    by_name: HashMap<String, usize>,
    by_machine: HashMap<String, usize>,
    /// Names without their domain, where only one asset has it.
    shorts: HashMap<String, Option<usize>>,
}

impl Matching {
    /// The asset that a host is: by machine, by name, or by the name without the domain where one of both has none.
    pub(super) fn find(&self, host: &Host) -> Option<usize> {
        let name = host.name.to_lowercase();
        let full = host.domain.as_ref().map(|domain| format!("{}.{}", short(&name), domain.to_lowercase()));
        let machine = host.machine.as_ref().and_then(|machine| self.by_machine.get(&machine.to_lowercase()));
        // A clone has the machine id of another asset and a name of its own.
        let named = self.by_name.get(&name).or_else(|| self.by_name.get(full.as_deref()?));
        named
            .or(machine)
            .copied()
            .or_else(|| {
                let at = self.shorts.get(short(&name)).copied().flatten()?;
                let asset = self.assets.get(at)?;
                let domainless = !asset.host.contains('.') || (!name.contains('.') && host.domain.is_none());
                domainless.then_some(at)
            })
            .or_else(|| self.cut.get(&name).copied().flatten())
    }

    /// The asset at a place.
    pub(super) fn asset(&self, at: usize) -> Option<Asset> {
        self.assets.get(at).cloned()
    }

    /// The assets that no host was.
    pub(super) fn rest(self, reported: &HashSet<usize>) -> Vec<Asset> {
        let mut seen: HashSet<String> =
            reported.iter().filter_map(|at| Some(self.assets.get(*at)?.host.to_lowercase())).collect();
        let silent = self.assets.into_iter().enumerate().filter(|(at, _)| !reported.contains(at));
        // A list may name a host twice.
        silent.map(|(_, asset)| asset).filter(|asset| seen.insert(asset.host.to_lowercase())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str, domain: Option<&str>) -> Host {
        Host { name: name.to_owned(), domain: domain.map(str::to_owned), reports: 1, ..Host::default() }
    }

    #[test]
    fn names_match_with_and_without_domain_and_only_if_that_is_clear() {
        let list =
            "Computer Name;Owner;Site\nPC1;ann;Bonn\nsrv.a.example;bob;\nsrv.b.example;;\nlost;;\nlost;;\n";
        let assets = Assets::read(list.as_bytes()).unwrap();
        let matching = assets.matching();
        let mut reported = HashSet::new();
        let mut take = |name, domain| {
            let at = matching.find(&host(name, domain))?;
            reported.insert(at);
            matching.asset(at).map(|asset| asset.host)
        };
        assert_eq!(take("pc1.corp.example", None).as_deref(), Some("PC1"));
        assert_eq!(take("SRV", Some("b.example")).as_deref(), Some("srv.b.example"));
        assert_eq!(take("srv", None), None, "two are called so");
        assert_eq!(take("other", None), None);
        let rest: Vec<_> = matching.rest(&reported).into_iter().map(|asset| asset.host).collect();
        assert_eq!(rest, ["srv.a.example", "lost"]);
    }

    #[test]
    fn lists_as_directories_and_spreadsheets_write_them() {
        let names = |bytes: &[u8]| -> Vec<String> {
            Assets::read(bytes).unwrap().assets.into_iter().map(|asset| asset.host).collect()
        };
        let wide: Vec<u8> =
            "Name\tOwner\r\nPC1\tx\r\nPC2\ty\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let lists: [&[u8]; 7] = [
            b"sep=;\r\nName;Owner\r\nPC1;x,y\r\nPC2;\r\n",
            b"\"sep=,\"\r\nName,Owner\r\nPC1,x\r\nPC2,y\r\n",
            b"#TYPE Selected.X\r\n\"Name\",\"DNSHostName\"\r\n\"PC1\",\"a\"\r\n\"PC2\",\"b\"\r\n",
            b"\xef\xbb\xbfComputer\nCORP\\PC1\nCORP\\PC2\n",
            b"SamAccountName\nPC1$\nPC2$\n",
            &[b"\xff\xfe".as_slice(), &wide].concat(),
            &wide,
        ];
        for list in lists {
            assert_eq!(names(list), ["PC1", "PC2"], "{}", String::from_utf8_lossy(list));
        }
        let long =
            Assets::read("Name\nLONGCOMPUTERNAME-01\nOTHERCOMPUTERNAME-1\nOTHERCOMPUTERNAME-2\n".as_bytes())
                .unwrap();
        let find = |name| long.matching().find(&host(name, None));
        assert_eq!(
            (find("LongComputerNam"), find("OTHERCOMPUTERNA"), find("LONGCOMPUTERNA")),
            (Some(0), None, None)
        );
    }

    #[test]
    fn a_list_without_names_says_what_it_has() {
        let error = Assets::read("a,b\n1,2\n".as_bytes()).unwrap_err();
        assert!(error.contains("a, b"), "{error}");
    }
}
