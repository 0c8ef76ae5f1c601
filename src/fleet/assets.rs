//! Lists of assets: the hosts that should report, as inventories export them (CSV).

use std::collections::HashMap;
use std::io::Read;

use serde::Serialize;

use super::Host;

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
    "dnshostname",
    "asset",
    "asset_name",
];
const MACHINES: &[&str] = &["machine_id", "machineid"];
const OWNERS: &[&str] = &["owner", "assigned_to", "assigned_user", "user", "primary_user", "contact"];
const SITES: &[&str] = &["site", "location", "office", "department", "ou"];

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
        let text = crate::text::written::utf8(&text);
        let text = text.as_ref();
        let first = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let count = |separator: u8| first.iter().filter(|&&byte| byte == separator).count();
        let separator =
            [b',', b';', b'\t'].into_iter().max_by_key(|&separator| (count(separator), separator == b','));
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator.unwrap_or(b','))
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text);
        let headers: Vec<String> = reader
            .byte_headers()
            .map_err(|error| not_csv(&error))?
            .iter()
            .map(|header| String::from_utf8_lossy(header).to_lowercase().replace([' ', '-'], "_"))
            .collect();
        let column =
            |known: &[&str]| known.iter().find_map(|name| headers.iter().position(|header| header == name));
        let Some(host) = column(NAMES) else {
            return Err(format!(
                "no column names the hosts: call one `host`. There are {}",
                headers.join(", ")
            ));
        };
        let [machine, owner, site] = [MACHINES, OWNERS, SITES].map(column);
        let mut assets = Vec::new();
        for record in reader.byte_records() {
            let record = record.map_err(|error| not_csv(&error))?;
            let text = |column: Option<usize>| {
                column
                    .and_then(|column| record.get(column))
                    .map_or(String::new(), |text| String::from_utf8_lossy(text).into_owned())
            };
            let asset = Asset {
                host: text(Some(host)),
                machine: text(machine),
                owner: text(owner),
                site: text(site),
            };
            if !asset.host.is_empty() {
                assets.push(asset);
            }
        }
        Ok(Assets { assets })
    }

    /// Begins to match hosts with assets.
    pub(super) fn matching(&self) -> Matching {
        let mut by_name: HashMap<String, usize> = HashMap::new();
        let mut by_machine = HashMap::new();
        let mut shorts: HashMap<String, Option<usize>> = HashMap::new();
        for (at, asset) in self.assets.iter().enumerate() {
            let name = asset.host.to_lowercase();
            shorts.entry(short(&name).to_owned()).and_modify(|at| *at = None).or_insert(Some(at));
            by_name.entry(name).or_insert(at);
            if !asset.machine.is_empty() {
                by_machine.entry(asset.machine.to_lowercase()).or_insert(at);
            }
        }
        let assets = self.assets.iter().cloned().map(|asset| (asset, false)).collect();
        Matching { assets, by_name, by_machine, shorts }
    }
}

fn short(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// Which assets reported.
pub(super) struct Matching {
    assets: Vec<(Asset, bool)>,
    by_name: HashMap<String, usize>,
    by_machine: HashMap<String, usize>,
    /// Names without their domain, where only one asset has it.
    shorts: HashMap<String, Option<usize>>,
}

impl Matching {
    /// The asset that a host is: by machine, by name, or by the name without the domain where one of both has none.
    pub(super) fn take(&mut self, host: &Host) -> Option<Asset> {
        let name = host.name.to_lowercase();
        let full = host.domain.as_ref().map(|domain| format!("{}.{}", short(&name), domain.to_lowercase()));
        let machine = host.machine.as_ref().and_then(|machine| self.by_machine.get(&machine.to_lowercase()));
        let at = machine
            .or_else(|| self.by_name.get(&name))
            .or_else(|| self.by_name.get(full.as_deref()?))
            .copied()
            .or_else(|| {
                let at = self.shorts.get(short(&name)).copied().flatten()?;
                let (asset, _) = self.assets.get(at)?;
                let domainless = !asset.host.contains('.') || (!name.contains('.') && host.domain.is_none());
                domainless.then_some(at)
            })?;
        let (asset, taken) = self.assets.get_mut(at)?;
        *taken = true;
        Some(asset.clone())
    }

    /// The assets that no host was.
    pub(super) fn rest(self) -> impl Iterator<Item = Asset> {
        let mut seen = std::collections::HashSet::new();
        let silent = self.assets.into_iter().filter(|(_, taken)| !taken).map(|(asset, _)| asset);
        // A list may name a host twice.
        let named = self.by_name;
        silent.filter(move |asset| {
            let name = asset.host.to_lowercase();
            named.contains_key(&name) && seen.insert(name)
        })
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
        let mut matching = assets.matching();
        let mut take = |name, domain| matching.take(&host(name, domain)).map(|asset| asset.host);
        assert_eq!(take("pc1.corp.example", None).as_deref(), Some("PC1"));
        assert_eq!(take("SRV", Some("b.example")).as_deref(), Some("srv.b.example"));
        assert_eq!(take("srv", None), None, "two are called so");
        assert_eq!(take("other", None), None);
        let rest: Vec<_> = matching.rest().map(|asset| asset.host).collect();
        assert_eq!(rest, ["srv.a.example", "lost"]);
    }

    #[test]
    fn a_list_without_names_says_what_it_has() {
        let error = Assets::read("a,b\n1,2\n".as_bytes()).unwrap_err();
        assert!(error.contains("a, b"), "{error}");
    }
}
