//! Files whose lines name programs to start or load: of init systems, logins, desktop sessions, networks, package managers.

use std::collections::BTreeSet;

use crate::bytes::Salvaged;
use crate::collector::Sink;
use crate::collector::common::places::home_owner;
use crate::collector::support::{launched, program};
use crate::format::text::{crontab, init_script, plist};
use crate::fs::Found;
use crate::fs::root::name_of;
use crate::fs::tree::{file_name, join};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// Defines the files of this one, and everything that the collector reads.
macro_rules! starters {
    (scripts: [$($script:literal)*] local: [$($local:literal)*] named: [$($file:literal $kind:literal,)*]) => {
        const LOCAL: &[&str] = &[$($local,)*];
        /// Files whose lines name programs by their whole paths, and what they are.
        const STARTERS: &[(&str, &str)] = &[$(($file, $kind),)*];
        /// What the collector reads.
        pub(super) const READS: &[&str] = &[$($script,)* $($local,)* $($file,)*];
    };
}

starters! {
    scripts: [
        "etc/init.d/*" "etc/rc.d/init.d/*" "etc/rc*.d/*" "etc/rc.d/rc*.d/*" "etc/init.d/rc*.d/*" "etc/runlevels/*/*"
        "etc/init/*.conf" "etc/sv/*/run" "etc/service/*/run" "service/*/run" "etc/runit/runsvdir/*/*/run"
        "var/service/*/run" "etc/s6/sv/*/run" "etc/s6-overlay/s6-rc.d/*/run" "etc/services.d/*/run"
        "Library/StartupItems/*/*" "System/Library/StartupItems/*/*"
        "etc/conf.d/*" "etc/default/*" "etc/sysconfig/*"
    ]
    local: [
        "etc/rc.local" "etc/rc.d/rc.local" "etc/init.d/boot.local" "private/etc/rc.local" "private/etc/rc.common"
        "etc/rc.common"
    ]
    named: [
        "etc/inittab" "inittab",
        "etc/profile.d/*" "profile",
        "etc/profile" "profile",
        "etc/bash.bashrc" "profile",
        "etc/bashrc" "profile",
        "etc/zsh/zshrc" "profile",
        "etc/zshrc" "profile",
        "etc/environment" "profile",
        "etc/environment.d/*.conf" "profile",
        "etc/ld.so.preload" "preload",
        "etc/ld.so.conf" "libraries",
        "etc/ld.so.conf.d/*" "libraries",
        "etc/xinetd.d/*" "xinetd",
        "etc/inetd.conf" "inetd",
        "etc/pam.d/*" "pam",
        "etc/udev/rules.d/*.rules" "udev",
        "usr/lib/udev/rules.d/*.rules" "udev",
        "usr/share/dbus-1/system-services/*.service" "dbus",
        "usr/share/dbus-1/services/*.service" "dbus",
        "usr/share/thumbnailers/*.thumbnailer" "file-manager",
        "usr/local/share/thumbnailers/*.thumbnailer" "file-manager",
        "home/*/.local/share/thumbnailers/*.thumbnailer" "file-manager",
        "home/*/.pm2/dump.pm2" "pm2",
        "root/.pm2/dump.pm2" "pm2",
        "etc/supervisord.conf" "supervisor",
        "etc/supervisor/*.conf" "supervisor",
        "etc/supervisor/conf.d/*" "supervisor",
        "etc/supervisord.d/*" "supervisor",
        "etc/systemd/system-generators/*" "generator",
        "etc/systemd/user-generators/*" "generator",
        "usr/lib/systemd/system-sleep/*" "sleep",
        "usr/lib/systemd/system-shutdown/*" "sleep",
        "var/spool/cron/atjobs/*" "at",
        "var/spool/at/*" "at",
        "etc/local.d/*.start" "openrc-local",
        "etc/local.d/*.stop" "openrc-local",
        "etc/cont-init.d/*" "s6",
        "etc/cont-finish.d/*" "s6",
        "etc/services.d/*/finish" "s6",
        "etc/s6-overlay/s6-rc.d/*/finish" "s6",
        "etc/s6-overlay/s6-rc.d/*/down" "s6",
        "etc/my_init.d/*" "my_init",
        "docker-entrypoint.d/*" "entrypoint",
        "docker-entrypoint-init.d/*" "entrypoint",
        "docker-entrypoint-initdb.d/*" "entrypoint",
        "entrypoint.d/*" "entrypoint",
        "Procfile" "procfile",
        "app/Procfile" "procfile",
        "workspace/Procfile" "procfile",
        "etc/s6-overlay/scripts/*" "s6",
        "etc/s6-overlay/s6-rc.d/*/up" "s6",
        "etc/dinit.d/*" "dinit",
        "usr/lib/dinit.d/*" "dinit",
        "etc/monitrc" "monit",
        "etc/monit/monitrc" "monit",
        "etc/monit/conf.d/*" "monit",
        "etc/monit/conf-enabled/*" "monit",
        "etc/monit.d/*" "monit",
        "etc/network/if-up.d/*" "network",
        "etc/network/if-pre-up.d/*" "network",
        "etc/network/if-down.d/*" "network",
        "etc/network/if-post-down.d/*" "network",
        "etc/network/interfaces" "network",
        "etc/network/interfaces.d/*" "network",
        "etc/NetworkManager/dispatcher.d/*" "network",
        "etc/NetworkManager/dispatcher.d/*/*" "network",
        "usr/lib/NetworkManager/dispatcher.d/*" "network",
        "etc/networkd-dispatcher/*/*" "network",
        "etc/ppp/ip-up.d/*" "network",
        "etc/dhcp/dhclient-exit-hooks.d/*" "network",
        "etc/logrotate.d/*" "logrotate",
        "etc/apt/apt.conf.d/*" "package-manager",
        "etc/dnf/plugins/post-transaction-actions.d/*" "package-manager",
        "etc/kernel/postinst.d/*" "package-manager",
        "etc/initramfs-tools/hooks/*" "initramfs",
        "etc/dracut.conf.d/*" "initramfs",
        "etc/sudoers" "sudo",
        "etc/sudoers.d/*" "sudo",
        "etc/modprobe.d/*" "modprobe",
        "usr/lib/modprobe.d/*" "modprobe",
        "etc/audit/plugins.d/*" "audit",
        "etc/audisp/plugins.d/*" "audit",
        "etc/update-motd.d/*" "login",
        "etc/security/pam_env.conf" "pam",
        "etc/acpi/events/*" "acpi",
        "etc/incron.d/*" "incron",
        "var/spool/incron/*" "incron",
        "var/spool/fcron/*.orig" "fcron",
        "etc/postfix/master.cf" "mail",
        "etc/postfix/main.cf" "mail",
        "etc/exim4/exim4.conf" "mail",
        "etc/samba/smb.conf" "samba",
        "etc/initramfs-tools/scripts/*/*" "initramfs",
        "usr/lib/dracut/modules.d/*/*.sh" "initramfs",
        "etc/crypttab" "crypttab",
        "etc/ssh/sshrc" "login",
        "etc/ssh/sshd_config" "login",
        "etc/ssh/sshd_config.d/*" "login",
        "home/*/.ssh/authorized_keys" "login",
        "home/*/.ssh/rc" "login",
        "root/.ssh/authorized_keys" "login",
        "etc/gitconfig" "git",
        "home/*/.gitconfig" "git",
        "run/udev/rules.d/*.rules" "udev",
        "lib/udev/rules.d/*.rules" "udev",
        "usr/local/lib/udev/rules.d/*.rules" "udev",
        "lib/modprobe.d/*" "modprobe",
        "run/modprobe.d/*" "modprobe",
        "etc/binfmt.d/*" "binfmt",
        "usr/lib/binfmt.d/*" "binfmt",
        "etc/sysctl.conf" "sysctl",
        "etc/sysctl.d/*" "sysctl",
        "usr/lib/sysctl.d/*" "sysctl",
        "etc/tmpfiles.d/*" "tmpfiles",
        "usr/lib/tmpfiles.d/*" "tmpfiles",
        "etc/sysusers.d/*" "sysusers",
        "usr/lib/sysusers.d/*" "sysusers",
        "etc/passwd" "account",
        "etc/apparmor.d/*" "apparmor",
        "etc/rsyslog.conf" "log",
        "etc/rsyslog.d/*" "log",
        "etc/syslog-ng/conf.d/*" "log",
        "etc/polkit-1/rules.d/*" "polkit",
        "home/*/.local/share/dbus-1/services/*.service" "dbus",
        "home/*/.pam_environment" "pam",
        "etc/X11/xdm/*" "session",
        "etc/fail2ban/action.d/*" "network",
        "etc/snmp/snmpd.conf" "network",
        "etc/openvpn/*.conf" "network",
        "etc/iproute2/*" "network",
        "home/*/.vnc/xstartup" "session",
        "home/*/.config/upstart/*.conf" "session",
        "home/*/.fehbg" "session",
        "home/*/.config/bspwm/bspwmrc" "session",
        "home/*/.config/awesome/rc.lua" "session",
        "home/*/.config/labwc/autostart" "session",
        "home/*/.config/qtile/autostart.sh" "session",
        "etc/X11/Xsession.d/*" "session",
        "etc/X11/xinit/xinitrc.d/*" "session",
        "home/*/.config/autostart-scripts/*" "session",
        "home/*/.config/plasma-workspace/env/*" "session",
        "home/*/.config/plasma-workspace/shutdown/*" "session",
        "home/*/.config/environment.d/*.conf" "session",
        "home/*/.config/i3/config" "session",
        "home/*/.config/sway/config" "session",
        "home/*/.config/hypr/hyprland.conf" "session",
        "home/*/.config/openbox/autostart" "session",
        "home/*/.config/lxsession/*/autostart" "session",
        "home/*/.bashrc" "login",
        "home/*/.bash_profile" "login",
        "home/*/.bash_login" "login",
        "home/*/.bash_logout" "login",
        "home/*/.profile" "login",
        "home/*/.zshrc" "login",
        "home/*/.zprofile" "login",
        "home/*/.zshenv" "login",
        "home/*/.zlogin" "login",
        "home/*/.config/fish/config.fish" "login",
        "home/*/.xprofile" "session",
        "home/*/.xsession" "session",
        "home/*/.xsessionrc" "session",
        "home/*/.xinitrc" "session",
        "root/.bashrc" "login",
        "root/.bash_profile" "login",
        "root/.profile" "login",
        "root/.zshrc" "login",
        "root/.zprofile" "login",
        "Users/*/.bash_profile" "login",
        "Users/*/.bashrc" "login",
        "Users/*/.profile" "login",
        "Users/*/.zshrc" "login",
        "Users/*/.zprofile" "login",
        "Users/*/.zshenv" "login",
        "private/etc/profile" "profile",
        "private/etc/zshrc" "profile",
        "private/etc/zprofile" "profile",
        "private/etc/launchd.conf" "launchd.conf",
        "private/etc/newsyslog.conf" "log",
        "private/etc/newsyslog.d/*" "log",
        "private/etc/asl.conf" "log",
        "private/etc/asl/*" "log",
        "private/etc/paths" "profile",
        "private/etc/paths.d/*" "profile",
        "private/etc/manpaths.d/*" "profile",
        "private/etc/pam.d/*" "pam",
        "private/etc/sudoers" "sudo",
        "private/etc/sudoers.d/*" "sudo",
        "private/etc/ssh/sshd_config" "login",
        "private/etc/ssh/sshd_config.d/*" "login",
        "etc/launchd.conf" "launchd.conf",
        "private/etc/emond.d/rules/*.plist" "emond",
        "etc/emond.d/rules/*.plist" "emond",
        "Library/Services/*.workflow/Contents/document.wflow" "automator",
        "Users/*/Library/Services/*.workflow/Contents/document.wflow" "automator",
        "Library/Workflows/*/*/*.workflow/Contents/document.wflow" "automator",
        "Users/*/Library/Workflows/*/*/*.workflow/Contents/document.wflow" "automator",
        "Users/*/Library/Workflows/*/*.workflow/Contents/document.wflow" "automator",
        "Library/Scripts/Folder Action Scripts/*" "folder-action",
        "Users/*/Library/Scripts/Folder Action Scripts/*" "folder-action",
        "Users/*/Library/Preferences/com.apple.FolderActionsDispatcher.plist" "folder-action",
        "Users/*/Library/Preferences/com.apple.FolderActions.plist" "folder-action",
    ]
}

/// Where the settings of a script lie, by the script's name: OpenRC, Debian, Red Hat.
const SETTINGS: &[&str] = &["etc/conf.d", "etc/default", "etc/sysconfig"];

pub(super) fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, LOCAL) {
        local(target, sink, &found, "rc.local");
    }
    // `/lib` is `/usr/lib` on most systems.
    let mut seen = BTreeSet::new();
    for (pattern, kind) in STARTERS {
        for found in sink.files(&target.root, &[pattern]) {
            if seen.insert(found.real.clone()) {
                if STARTED.contains(kind) {
                    sink.artifact(started(sink.collector(), &found, kind));
                }
                local(target, sink, &found, kind);
            }
        }
    }
}

/// Kinds of which every file is started, mostly programs that are no scripts.
const STARTED: &[&str] = &["generator", "sleep"];

/// A file that is started itself.
fn started(collector: &'static str, found: &Found, kind: &str) -> Artifact {
    Artifact::new(collector, Location::path(&found.path))
        .with(Field::Name, name_of(found))
        .with(Field::Program, shown(&found.path))
        .with(Field::StartType, "enabled")
        .with(Field::Type, kind)
        .with(Field::Path, shown(&found.path))
}

/// The settings that a script of `init.d` reads.
pub(super) fn settings_of(target: &Target, sink: &mut Sink<'_>, script: &[u8]) -> Vec<u8> {
    let mut settings = Vec::new();
    if script.windows(8).any(|part| part == b"/init.d/") {
        for folder in SETTINGS {
            let path = join(folder.as_bytes(), file_name(script));
            if target.root.exists(&path) {
                settings.extend(sink.read_path(&target.root, &path, LIMIT).unwrap_or_default());
                settings.push(b'\n');
            }
        }
    }
    settings
}

/// Each line of a file that starts programs which names one by its path.
fn local(target: &Target, sink: &mut Sink<'_>, found: &Found, kind: &str) {
    let Some(mut bytes) = sink.read(&target.root, found, LIMIT) else { return };
    if [b".plist".as_slice(), b".wflow"].iter().any(|ending| found.path.ends_with(ending)) {
        let list = plist::read(&bytes);
        let mut archives = Vec::new();
        archived(&list.value, &mut archives);
        let mut texts = Vec::new();
        for list in std::iter::once(list).chain(archives) {
            sink.damage(&found.path, &list.damage);
            texts.extend(list.value.all_texts().into_iter().map(str::to_owned));
        }
        bytes = texts.join("\n").into_bytes();
    }
    for (at, line) in bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).enumerate() {
        let programs = match line.first() {
            None | Some(b'#') => continue,
            Some(_) if kind == "rc.local" => {
                let mut programs = crontab::programs(line);
                programs.extend(init_script::quoted(line));
                programs
            }
            Some(_) => {
                let mut programs = init_script::named(line);
                let command = init_script::commanded(of_key(kind, line)).map(crontab::programs);
                let started = command.into_iter().flatten().filter(|path| path.starts_with(b"/")).take(1);
                programs.extend(started.filter(|path| !programs.contains(path)).collect::<Vec<_>>());
                programs
            }
        };
        let whole = with_blanks(line).into_iter().chain(opened(line));
        let programs: Vec<Vec<u8>> = programs.into_iter().chain(whole).collect();
        if !programs.iter().any(|program| program.starts_with(b"/")) {
            continue;
        }
        let state = if program::are_gone(&target.root, programs.first().map(Vec::as_slice)) {
            State::Remnant
        } else {
            State::Installed
        };
        let artifact =
            Artifact::new(sink.collector(), Location::record(&found.path, format!("line {}", at + 1)))
                .state(state)
                .with(Field::Name, name_of(found))
                .with_many(Field::Program, programs.iter().map(|program| text_of(program)))
                .with(Field::Cmdline, text_of(line))
                .with(Field::StartType, "enabled")
                .with(Field::Type, kind)
                .with_some(Field::User, home_owner(&found.path))
                .with(Field::Path, shown(&found.path));
        sink.artifact(artifact);
    }
}

/// The command that a line gives to a key, in files of keys; other lines as they are.
fn of_key<'a>(kind: &str, line: &'a [u8]) -> &'a [u8] {
    let (keys, separator): (&[&[u8]], u8) = match kind {
        "supervisor" | "dinit" => (&[b"command"], b'='),
        "dbus" | "file-manager" => (&[b"Exec"], b'='),
        "procfile" => (&[], b':'),
        _ => return line,
    };
    let Some(at) = line.iter().position(|&byte| byte == separator) else { return line };
    let (key, value) = line.split_at(at);
    let is_key = keys.is_empty() || keys.contains(&key.trim_ascii());
    if is_key { value.get(1..).unwrap_or_default().trim_ascii() } else { line }
}

/// The archives within a list.
fn archived(value: &plist::Value, archives: &mut Vec<Salvaged<plist::Value>>) {
    if let plist::Value::Data(bytes) = value
        && bytes.starts_with(b"bplist")
    {
        archives.push(plist::read(bytes));
    }
    value.items().iter().for_each(|item| archived(item, archives));
    value.entries().iter().for_each(|(_, value)| archived(value, archives));
}

/// What `open` of a Mac starts, by the name of its app.
fn opened(line: &[u8]) -> Vec<Vec<u8>> {
    let words = launched::unix_words(&String::from_utf8_lossy(line));
    let Some(at) = words.iter().position(|word| word == "open" || word.ends_with("/open")) else {
        return Vec::new();
    };
    let arguments = words.get(at + 1..).unwrap_or_default();
    launched::in_unix_arguments("open", arguments).into_iter().map(String::into_bytes).collect()
}

/// Paths of a Mac with blanks in them that nothing quotes, up to the first option or the end of the command.
fn with_blanks(line: &[u8]) -> Vec<Vec<u8>> {
    // Shells take an escaped blank for one of the word.
    let line = &String::from_utf8_lossy(line).replace("\\ ", " ").into_bytes();
    const STARTS: [&[u8]; 2] = [b"/Library/", b"/Applications/"];
    let mut paths = Vec::new();
    for start in STARTS.iter().flat_map(|start| memchr::memmem::find_iter(line, start)) {
        let before = start.checked_sub(1).and_then(|at| line.get(at));
        if before.is_some_and(|byte| !byte.is_ascii_whitespace() && *byte != b'=' && *byte != b':') {
            continue;
        }
        let rest = line.get(start..).unwrap_or_default();
        let end = rest.iter().position(|byte| b"\"';|&<>".contains(byte)).unwrap_or(rest.len());
        let rest = rest.get(..end).unwrap_or_default();
        let end = memchr::memmem::find(rest, b" -").unwrap_or(rest.len());
        let path = rest.get(..end).unwrap_or_default().trim_ascii();
        if path.contains(&b' ') {
            paths.push(path.to_vec());
        }
    }
    paths
}

/// Bytes read of one script.
pub(super) const LIMIT: usize = 1 << 20;
