//! Files whose lines name programs to start or load: of init systems, logins, desktop sessions, networks, package managers.

use crate::collector::Sink;
use crate::collector::common::places::home_owner;
use crate::collector::support::program;
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
        "etc/launchd.conf" "launchd.conf",
        "private/etc/emond.d/rules/*.plist" "emond",
        "etc/emond.d/rules/*.plist" "emond",
    ]
}

/// Where the settings of a script lie, by the script's name: OpenRC, Debian, Red Hat.
const SETTINGS: &[&str] = &["etc/conf.d", "etc/default", "etc/sysconfig"];

pub(super) fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, LOCAL) {
        local(target, sink, &found, "rc.local");
    }
    for (pattern, kind) in STARTERS {
        for found in sink.files(&target.root, &[pattern]) {
            local(target, sink, &found, kind);
        }
    }
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
    if found.path.ends_with(b".plist") {
        let list = plist::read(&bytes);
        sink.damage(&found.path, &list.damage);
        bytes = list.value.all_texts().join("\n").into_bytes();
    }
    for (at, line) in bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).enumerate() {
        let programs = match line.first() {
            None | Some(b'#') => continue,
            Some(_) if kind == "rc.local" => {
                let mut programs = crontab::programs(line);
                programs.extend(init_script::quoted(line));
                programs
            }
            Some(_) => init_script::named(line),
        };
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

/// Bytes read of one script.
pub(super) const LIMIT: usize = 1 << 20;
