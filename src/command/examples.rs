//! Examples, formats and exit codes, for `--help` and the man pages.

use crate::report::{FORMATS, Format};

/// The help of `debar scan`, with every format of the table.
pub(super) fn scan() -> String {
    with_formats(SCAN, |_| true)
}

/// The help of `debar inventory`, with the formats that have a form for inventories.
pub(super) fn inventory() -> String {
    with_formats(INVENTORY, |format| format.inventory.is_some())
}

fn with_formats(help: &str, is_listed: impl Fn(&Format) -> bool) -> String {
    let names: Vec<&str> =
        FORMATS.iter().filter(|format| is_listed(format)).map(|format| format.name).collect();
    help.replace("{formats}", &names.join(", "))
}

const SCAN: &str = "\
EXAMPLES
  debar scan                                     this machine (as root, to see everything)
  debar scan /mnt/disk                           a mounted disk or a chroot
  debar scan image.tar                           an image from docker save, skopeo or a build
  docker save app:1.4 | debar scan -             the same, without a file
  debar scan registry:registry.example.org/app:1.4
  debar scan -o text -o report.json -o report.html
  debar scan -q -o json=/srv/reports/%h-%t.json --keep 7
  debar scan -q -o json=https://collector.example.org/%h/%s.json --client-cert host.pem
  debar scan image.tar -o sarif=report.sarif --fail-on installed

FORMATS
  {formats}

EXIT CODES
  0  nothing found, every place read
  1  a restricted product was found (--fail-on sets from which state on)
  2  the scan could not run
  3  nothing found, but something could not be read (--allow-gaps makes it 0)";

#[cfg(feature = "distribution")]
pub(super) const DELIVER: &str = "\
EXAMPLES
  debar deliver --client-cert /etc/debar/host.pem
  debar deliver --spool /var/spool/debar --token-file /etc/debar/token --ca collector-ca.pem

EXIT CODES
  0  every report is delivered     2  it could not run     3  some still wait; each is named";

const INVENTORY: &str = "\
EXAMPLES
  debar inventory                                everything on this machine
  debar inventory image.tar -o cyclonedx=sbom.json
  debar inventory --collector deb_packages -o csv

FORMATS
  {formats}

EXIT CODES
  0  every place read     2  it could not run     3  something could not be read";

pub(super) const PLAN: &str = "\
EXAMPLES
  debar plan report.json                         read the steps
  debar plan report.json -o plan.sh              a script; it only shows its steps until --apply
  debar plan report.json -o plan.ps1             the same for Windows
  debar plan reports/*.json -o ansible=remove.yml

FORMATS
  text, markdown, json, sh, ps1, intune-detect, intune-remediate, configmgr, ansible

EXIT CODES
  0  planned     2  it could not run     3  a part of a report was not believed";

pub(super) const VERIFY: &str = "\
EXAMPLES
  debar verify report.json                       on the machine of the report
  debar verify report.json /mnt/disk             its disk lies elsewhere now
  debar verify report.json -o after.json

FORMATS
  text, json, ndjson, csv, markdown, html, sarif, junit, cyclonedx, ocsf, syslog, github

EXIT CODES
  0  gone     1  still there     2  it could not run     3  not seen, but not everything was read";

pub(super) const DIFF: &str = "\
EXAMPLES
  debar diff monday.json friday.json
  debar diff monday.json friday.json -o changes.md

FORMATS
  text, json, markdown

EXIT CODES
  0  nothing new     1  new, or in a graver state     2  it could not run     3  not everything was read again";

pub(super) const FLEET: &str = "\
EXAMPLES
  debar fleet ingest /srv/reports                take in the reports of all hosts
  debar fleet status --assets assets.csv         found, incomplete, clean, stale, never reported
  debar fleet hosts --standing found
  debar fleet worklist -o todo.csv
  debar fleet plan /srv/reports --into removal   plans in folders for Ansible, Intune, Configuration Manager
  debar fleet html fleet.html                    the dashboard: one page, no server";

pub(super) const ATTEST: &str = "\
EXAMPLES
  debar attest report.json -o statement.html
  debar attest report.json -o intoto=statement.json --key debar.key
  debar attest report.json --verify statement.json --public-key debar.pub

FORMATS
  markdown, html, intoto";

pub(super) const EXPLAIN: &str = "\
EXAMPLES
  debar explain kaspersky                        a vendor
  debar explain kaspersky/vpn                    a product and how it is recognised
  debar explain us-dhs-bod-17-01                 a rule
  debar explain remnant                          a state
  debar explain federal-agency                   an audience
  debar explain 3                                an exit code";

pub(super) const SIGNATURES: &str = "\
EXAMPLES
  debar signatures list --vendor kaspersky
  debar signatures list -o json
  debar signatures check my-signatures/
  debar signatures export yara kaspersky";

pub(super) const FLEET_INGEST: &str = "\
EXAMPLES
  debar fleet ingest /srv/reports                folders, files, compressed or not; each report once
  debar fleet ingest /srv/reports --bind-folder  folders that a collector made by certificate
  debar fleet ingest /srv/reports --trusted-key hosts.pub --keep-days 365

EXIT CODES
  0  every report is taken     2  it could not run     3  a report was refused, or there was none";

pub(super) const FLEET_STATUS: &str = "\
EXAMPLES
  debar fleet status --assets assets.csv
  debar fleet status --as-of 2026-01-31 -o json

FORMATS
  text, json, ndjson, csv";

pub(super) const FLEET_HOSTS: &str = "\
EXAMPLES
  debar fleet hosts --why                        the reason and the cure for each host
  debar fleet hosts --why pc-1
  debar fleet hosts --standing found -o hosts.csv

FORMATS
  text, json, ndjson, csv";

pub(super) const FLEET_FINDINGS: &str = "\
EXAMPLES
  debar fleet findings
  debar fleet findings --gone -o findings.csv

FORMATS
  text, json, ndjson, csv";

pub(super) const FLEET_TREND: &str = "\
EXAMPLES
  debar fleet trend --days 30
  debar fleet trend -o trend.csv

FORMATS
  text, json, ndjson, csv";

pub(super) const FLEET_WORKLIST: &str = "\
EXAMPLES
  debar fleet worklist --assets assets.csv -o todo.csv
  debar fleet worklist -w

FORMATS
  text, json, ndjson, csv";

pub(super) const FLEET_PLAN: &str = "\
EXAMPLES
  debar fleet plan /srv/reports --into removal

EXIT CODES
  0  planned     2  it could not run     3  a part of a report was not believed, or there was no report";

pub(super) const FLEET_EXPORT: &str = "\
EXAMPLES
  debar fleet export tables
  debar fleet export --csv tables";

pub(super) const FLEET_ATTEST: &str = "\
EXAMPLES
  debar fleet attest --assets assets.csv --as-of 2026-01-31 -o statement.md
  debar fleet attest -o json=statement.json --key debar.key

FORMATS
  markdown, json";

pub(super) const FLEET_HTML: &str = "\
EXAMPLES
  debar fleet html fleet.html --assets assets.csv
  debar fleet html --days 365";

pub(super) const SIGNATURES_LIST: &str = "\
EXAMPLES
  debar signatures list --vendor kaspersky --platform linux
  debar signatures list -o json

FORMATS
  text, json, ndjson, csv";

pub(super) const SIGNATURES_SHOW: &str = "\
EXAMPLES
  debar signatures show kaspersky
  debar signatures show kaspersky/vpn";

pub(super) const SIGNATURES_CHECK: &str = "\
EXAMPLES
  debar signatures check my-signatures/
  debar signatures check --strict mine.json";

pub(super) const SIGNATURES_TEST: &str = "\
EXAMPLES
  debar signatures test
  debar signatures test --signatures mine.json

EXIT CODES
  0  every example is as it should be     1  one is not     2  it could not run";

pub(super) const SIGNATURES_NEW: &str = "\
EXAMPLES
  debar signatures new inventory.ndjson --vendor acme --product agent --select name=acme-agent
  debar signatures new after.ndjson --since before.ndjson --vendor acme --product agent";

pub(super) const SIGNATURES_DIFF: &str = "\
EXAMPLES
  debar signatures diff old.json new.json";

pub(super) const SIGNATURES_SIGN: &str = "\
EXAMPLES
  debar signatures sign --key debar.key mine.json";

pub(super) const SIGNATURES_VERIFY: &str = "\
EXAMPLES
  debar signatures verify --trusted-key debar.pub mine.json

EXIT CODES
  0  every signature holds     1  one does not     2  it could not run";

pub(super) const SIGNATURES_EXPORT: &str = "\
EXAMPLES
  debar signatures export osquery
  debar signatures export yara kaspersky

LANGUAGES
  osquery, sql, yara, sigma, powershell, jamf";

pub(super) const OSQUERY: &str = "\
EXAMPLES
  debar osquery --socket /var/osquery/osquery.em";

pub(super) const COLLECTORS: &str = "\
EXAMPLES
  debar collectors";

pub(super) const CONFIG: &str = "\
EXAMPLES
  debar config init debar.toml                   every option in a comment
  debar config show                              settings, and where each comes from
  debar config check debar.toml";

pub(super) const CONFIG_INIT: &str = "\
EXAMPLES
  debar config init debar.toml";

pub(super) const CONFIG_SHOW: &str = "\
EXAMPLES
  debar config show";

pub(super) const CONFIG_CHECK: &str = "\
EXAMPLES
  debar config check debar.toml

EXIT CODES
  0  it is right     2  it has a mistake; file and line are named";

pub(super) const SELFTEST: &str = "\
EXAMPLES
  debar selftest                                 finds the test product in a folder of its own
  debar selftest --plant                         plants it here, for a scan to find";

pub(super) const COMPLETION: &str = "\
EXAMPLES
  debar completion bash
  debar completion powershell";

pub(super) const VERSION: &str = "\
EXAMPLES
  debar version
  debar version -o json

FORMATS
  text, json";
