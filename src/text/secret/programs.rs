//! How programs take a password that no name announces.
//!
//! Source: the manual pages of these programs; "PsExec", "schtasks", "sqlcmd", "bcp", "SignTool" and "certutil" of
//! Microsoft's documentation.

/// An option that takes a password.
pub(super) struct Takes {
    /// Names of the program without `.exe`.
    pub programs: &'static [&'static str],
    /// A word that must stand before it: of other commands of the program the option means something else.
    pub verb: Option<&'static str>,
    /// The options, as the program spells them.
    pub options: &'static [&'static str],
    /// Whether the password can be the next word.
    pub next: bool,
    /// Whether the password can be part of the same word (`-pSECRET`).
    pub joined: bool,
}

const fn next(programs: &'static [&'static str], options: &'static [&'static str]) -> Takes {
    Takes { programs, verb: None, options, next: true, joined: false }
}

const fn both(programs: &'static [&'static str], options: &'static [&'static str]) -> Takes {
    Takes { programs, verb: None, options, next: true, joined: true }
}

const fn joined(programs: &'static [&'static str], options: &'static [&'static str]) -> Takes {
    Takes { programs, verb: None, options, next: false, joined: true }
}

/// Options of one command of a program.
const fn of(
    programs: &'static [&'static str],
    verb: &'static str,
    options: &'static [&'static str],
) -> Takes {
    Takes { programs, verb: Some(verb), options, next: true, joined: false }
}

/// Programs that log on to registries of images and clouds.
const REGISTRIES: &[&str] =
    &["docker", "podman", "nerdctl", "buildah", "skopeo", "helm", "oras", "crane", "az", "oc"];

pub(super) const TAKES: &[Takes] = &[
    both(&["sshpass"], &["-p"]),
    joined(
        &["mysql", "mysqldump", "mysqladmin", "mysqlimport", "mariadb", "mariadb-dump", "mariadb-admin"],
        &["-p"],
    ),
    both(&["sqlcmd", "bcp", "osql", "isql", "tsql", "freebcp"], &["-P"]),
    next(&["psexec", "psexec64", "paexec"], &["-p", "/p"]),
    next(&["mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "mongoimport"], &["-p"]),
    next(&["redis-cli"], &["-a"]),
    both(&["zip", "unzip"], &["-P"]),
    joined(&["7z", "7za", "7zr", "rar", "unrar"], &["-p"]),
    joined(&["rar", "unrar", "winrar"], &["-hp"]),
    joined(&["winrar"], &["-p"]),
    next(&["schtasks"], &["/rp"]),
    Takes { programs: REGISTRIES, verb: Some("login"), options: &["-p"], next: true, joined: true },
    next(&["twine"], &["-p"]),
    next(&["ncftp", "ncftpput", "ncftpget"], &["-p"]),
    both(&["ssh-keygen"], &["-N"]),
    next(&["ssh-keygen"], &["-P"]),
    of(&["openssl"], "enc", &["-k", "-K"]),
    next(&["xfreerdp", "wlfreerdp", "rdesktop"], &["-p"]),
    both(&["ldapsearch", "ldapadd", "ldapmodify"], &["-xw"]),
    next(&["ldappasswd", "slappasswd"], &["-s", "-a"]),
    both(
        &[
            "ldapsearch",
            "ldapmodify",
            "ldapadd",
            "ldapdelete",
            "ldapwhoami",
            "ldappasswd",
            "ldapmodrdn",
            "ldapcompare",
        ],
        &["-w"],
    ),
    // Of macOS.
    of(&["security"], "unlock-keychain", &["-p"]),
    of(&["security"], "create-keychain", &["-p"]),
    of(&["security"], "set-keychain-password", &["-p", "-o"]),
    of(&["security"], "set-key-partition-list", &["-k"]),
    of(&["security"], "add-generic-password", &["-w", "-p"]),
    of(&["security"], "add-internet-password", &["-w"]),
    of(&["security"], "import", &["-P"]),
    of(&["security"], "export", &["-P"]),
    next(&["profiles"], &["-p"]),
    next(&["useradd", "usermod"], &["-p"]),
    both(&["ipmitool"], &["-P"]),
    next(&["ipmitool"], &["-K"]),
    next(
        &["snmpget", "snmpwalk", "snmpset", "snmpgetnext", "snmpbulkget", "snmpbulkwalk", "snmptrap"],
        &["-A", "-X", "-c"],
    ),
    next(&["net-snmp-create-v3-user"], &["-a", "-x", "-A", "-X"]),
    next(&["check_snmp"], &["-C"]),
    next(&["signtool"], &["/p", "-p"]),
    next(&["manage-bde"], &["-rp"]),
    next(&["dtexec"], &["/de", "/decrypt", "/de[crypt]"]),
    next(&["veracrypt", "truecrypt"], &["/p", "-p"]),
    next(&["mutool"], &["-p"]),
    next(&["vmrun"], &["-gp", "-vp"]),
    next(&["sendemail"], &["-xp"]),
    next(&["swaks"], &["-ap"]),
    next(&["ipa-client-install", "ipa-server-install", "ipa-replica-install"], &["-w", "-a"]),
    next(&["ipa-server-install"], &["-p"]),
    next(&["knife"], &["-P"]),
    next(&["doctl", "vercel"], &["-t"]),
    both(&["netlify"], &["--auth"]),
    next(&["choco", "dotnet", "nuget"], &["-k", "--key"]),
    next(&["pccntmon"], &["-n", "-m"]),
    both(&["gem"], &["--key="]),
    next(&["gem"], &["--key"]),
    of(&["aws"], "put-parameter", &["--value"]),
    of(&["az"], "secret", &["--value"]),
    next(&["caddy"], &["--plaintext"]),
    next(&["sentinelctl"], &["-k"]),
    next(&["sentinelinstaller", "sentineloneinstaller"], &["-t", "/t"]),
    next(&["certutil"], &["-p"]),
    joined(&["consul"], &["-encrypt="]),
    next(&["consul"], &["-encrypt"]),
    both(&["mosquitto_pub", "mosquitto_sub", "p4"], &["-P"]),
    next(&["cqlsh", "beeline"], &["-p"]),
    // Updaters, agents and uninstallers of endpoint protection.
    next(&["drwupsrv"], &["-p", "/p", "-k"]),
    next(&["agent-auth"], &["-P"]),
    next(&["smc", "smcgui"], &["-p", "/p"]),
    both(&["uninstall", "uninst"], &["/k", "-k"]),
    next(&["cleaner"], &["/uc"]),
    next(&["kadmin"], &["-w"]),
    joined(&["dsmadmc", "dsmc", "dsmcad"], &["-pa=", "-pas=", "-pass="]),
    next(&["ccrypt", "ccencrypt", "ccdecrypt"], &["-K"]),
    both(&["steghide"], &["-p"]),
];

/// A password by its place among the words behind the program, or behind a word of it; options do not count.
pub(super) struct Place {
    pub programs: &'static [&'static str],
    pub verb: Option<&'static str>,
    /// Its number, and whether all that follow are secrets as well.
    pub at: usize,
    pub on: bool,
}

const fn place(programs: &'static [&'static str], verb: Option<&'static str>, at: usize) -> Place {
    Place { programs, verb, at, on: false }
}

pub(super) const PLACES: &[Place] = &[
    place(&["net", "net1"], Some("user"), 1),
    place(&["wpa_passphrase"], None, 1),
    place(&["gcloud"], Some("activate-refresh-token"), 1),
    place(&["ngrok"], Some("authtoken"), 0),
    place(&["ngrok"], Some("add-authtoken"), 0),
    place(&["vault"], Some("login"), 0),
    place(&["mc"], Some("set"), 3),
    place(&["radtest"], None, 1),
    place(&["networksetup"], Some("-setairportnetwork"), 2),
    place(&["bitsadmin"], Some("/setcredentials"), 4),
    place(&["openssl"], Some("passwd"), 0),
    place(&["mysqladmin", "mariadb-admin"], Some("password"), 0),
    place(&["rabbitmqctl"], Some("add_user"), 1),
    place(&["rabbitmqctl"], Some("authenticate_user"), 1),
    place(&["samba-tool"], Some("create"), 1),
    place(&["redis-cli"], Some("AUTH"), 0),
    place(&["redis-cli"], Some("auth"), 0),
    place(&["nssm"], Some("ObjectName"), 1),
    place(&["smbpasswd"], Some("-a"), 1),
    place(&["rasdial"], None, 2),
    place(&["teamviewer"], Some("passwd"), 0),
    place(&["anydesk"], Some("--register-license"), 0),
    place(&["vault"], Some("unseal"), 0),
    place(&["cargo"], Some("login"), 0),
    place(&["nuget"], Some("setapikey"), 0),
    place(&["ansible-vault"], Some("encrypt_string"), 0),
    place(&["rclone"], Some("obscure"), 0),
    place(&["ipmitool"], Some("password"), 1),
    place(&["sentinelctl"], Some("set"), 0),
    place(&["iwconfig"], Some("key"), 0),
    place(&["iw"], Some("key"), 0),
    place(&["wpa_cli"], Some("passphrase"), 1),
    // `dsmc set password OLD NEW`
    Place { programs: &["dsmc"], verb: Some("password"), at: 0, on: true },
    Place { programs: &["dscl"], verb: Some("-passwd"), at: 1, on: true },
    Place { programs: &["dscl"], verb: Some("-authonly"), at: 1, on: true },
];

/// Programs whose words are a name and then its value, behind such a word: `aws configure set aws_secret_access_key VALUE`.
pub(super) const NAMES: &[(&str, Option<&str>)] = &[
    ("nmcli", None),
    ("aws", Some("set")),
    ("defaults", Some("write")),
    ("git", Some("config")),
    ("npm", Some("set")),
    ("yarn", Some("set")),
    ("pip", Some("set")),
    ("gcloud", Some("set")),
    ("crudini", None),
    ("pdftk", None),
    // Of a Dockerfile: `ENV NAME VALUE`.
    ("env", None),
];

/// Words behind which any program takes a name and then its value.
pub(super) const PUTTING: &[&str] = &["set", "config", "write", "put", "set_network"];

/// Options that take a user's name with the password behind it.
pub(super) const WITH_USER: &[&str] = &[
    "-u",
    "--user",
    "--proxy-user",
    "-U",
    "-auth",
    "--auth",
    "--creds",
    "--src-creds",
    "--dest-creds",
    "--basic-auth",
    "-credential",
    "--credential",
];
/// Programs that take them with another sign between name and password.
pub(super) const SIGN: &[(&[&str], char)] =
    &[(SAMBA, '%'), (&["wbinfo"], '%'), (&["lftp", "open"], ','), (&["kubectl"], '=')];
/// Programs of Samba and for its shares.
pub(super) const SAMBA: &[&str] =
    &["smbclient", "rpcclient", "smbget", "smbcacls", "smbmap", "net", "winexe", "mount", "mount.cifs"];
/// Programs of which `-u a:b` is a user and a group.
pub(super) const WITH_GROUP: &[&str] = &["docker", "podman", "nerdctl", "start-stop-daemon", "sudo", "uwsgi"];
/// Programs that take `user/password@database`.
pub(super) const ORACLE: &[&str] = &["sqlplus", "exp", "imp", "expdp", "impdp", "sqlldr", "rman"];
/// Further programs whose words are read in their own way.
const OWN: &[&str] = &[
    "curl",
    "htpasswd",
    "mosquitto_passwd",
    "qpdf",
    "netsh",
    "kickstart",
    "mkpasswd",
    "poetry",
    "composer",
    "bundle",
    "curlftpfs",
    "sendemail",
    "swaks",
    "reg",
    "iscsiadm",
    "klscflag",
    "zabbix_get",
    "zabbix_agentd",
    "zabbix_agent2",
    "bconsole",
    "chpasswd",
    "smbpasswd",
    "convertto-securestring",
    "http",
    "https",
    "xh",
];

/// Names of all these programs.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let taking = TAKES.iter().flat_map(|takes| takes.programs.iter().copied());
    let placing = PLACES.iter().flat_map(|place| place.programs.iter().copied());
    let naming = NAMES.iter().map(|(program, _)| *program);
    let lists = [SAMBA, &["lftp", "kubectl", "wbinfo", "check_http"], WITH_GROUP, ORACLE, OWN].into_iter();
    // `passwd` is a word of other programs as well: `openssl passwd`.
    let fed = super::sent::FED.iter().copied().filter(|program| *program != "passwd");
    let naming = naming.chain(fed);
    taking.chain(placing).chain(naming).chain(lists.flat_map(|list| list.iter().copied()))
}
