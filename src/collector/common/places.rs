//! Where programs and users are.
//!
//! One list for all collectors that walk, because they share one walk of the tree: a place named twice costs
//! nothing more.

use crate::fs::Root;
use crate::fs::tree::{file_name, parent};
use crate::text::{text_of, wildcard};

/// Where programs are installed, run from and downloaded to.
#[rustfmt::skip]
pub const PROGRAM_PLACES: &[&str] = &[
    // Linux
    "opt", "usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "var/opt", "srv",
    "app", "Programs", "var/www", "var/lib/gems", "var/lib/tomcat*",
    "home/*/.local", "home/*/bin", "home/*/opt", "home/*/Applications", "home/*/.wine*/drive_c", "home/*/.*wine*/*/drive_c",
    "home/*/.local/share/wineprefixes/*/drive_c", "home/*/.steam/steam/steamapps/compatdata/*/pfx/drive_c",
    "home/*/.local/share/Steam/steamapps/compatdata/*/pfx/drive_c", "home/*/Games/*/drive_c", "home/*/.PlayOnLinux/wineprefix/*/drive_c",
    "home/*/.var/app/*/data/bottles/bottles/*/drive_c", "home/*/.local/share/bottles/bottles/*/drive_c",
    "home/*/Games/*/*/drive_c", "home/*/Games/*/*/*/drive_c", "home/*/Games/*/*/*/*/drive_c", "home/*/Games/*/*/*/*/pfx/drive_c",
    "home/*/.var/app/*/config/heroic/prefixes/*/drive_c", "home/*/.var/app/*/config/heroic/prefixes/*/pfx/drive_c",
    "home/*/.var/app/*/config/heroic/prefixes/*/*/pfx/drive_c", "home/*/.local/share/lutris/prefixes/*/drive_c",
    "home/*/.local/share/umu/*/drive_c", "home/*/.steam/root/steamapps/compatdata/*/pfx/drive_c",
    "home/*/snap/*/common/.local/share/Steam/steamapps/compatdata/*/pfx/drive_c",
    "Users/*/Library/Application Support/CrossOver/Bottles/*/drive_c", "home/*/snap/*/common/.wine/drive_c",
    "home/*/.var/app/*/data/wine/drive_c", "home/*/.var/app/*/.local/share/Steam/steamapps/compatdata/*/pfx/drive_c",
    "home/*/.cxoffice/*/drive_c", "Users/*/.wine/drive_c", "Users/*/Library/Containers/*/Bottles/*/drive_c",
    // Programs that installed themselves into a folder of their own.
    "home/*/.*/bin", "home/*/.*/*/bin", "root/.*/bin", "root/.*/*/bin", "Users/*/.*/bin", "Users/*/.*/*/bin",
    "home/*/.cargo/bin", "home/*/.dotnet", "home/*/.gem", "home/*/.nvm/versions", "home/*/.rbenv/versions/*/lib", "home/*/go/bin",
    "root/.cargo/bin", "root/.dotnet", "root/.gem", "root/.nvm/versions", "root/.rbenv/versions/*/lib", "root/go/bin",
    "home/*/.pyenv/versions/*/bin", "home/*/.pyenv/versions/*/lib/*/site-packages",
    "root/.pyenv/versions/*/bin", "root/.pyenv/versions/*/lib/*/site-packages",
    "root/.local", "root/bin", "root/opt", "root/.wine*/drive_c", "root/.*wine*/*/drive_c",
    // Environments of Python and of package managers that need no administrator.
    "home/*/.venv", "home/*/venv", "home/*/*/.venv", "home/*/*/venv", "var/lib/*/venv",
    "home/*/*/lib/python*/site-packages", "home/*/*/*/lib/python*/site-packages",
    "home/*/.cache/pypoetry/virtualenvs", "home/*/.pyenv/versions/*/envs", "home/*/.rye",
    "root/*/lib/python*/site-packages", "root/*/*/lib/python*/site-packages",
    "data/*/lib/python*/site-packages", "data/*/*/lib/python*/site-packages", "workspace/*/lib/python*/site-packages",
    "home/*/miniconda3", "home/*/miniforge3", "home/*/anaconda3", "home/*/.asdf/installs", "home/linuxbrew/.linuxbrew",
    "home/*/.virtualenvs", "home/*/.conda", "home/*/mambaforge", "home/*/micromamba", "home/*/.pipx",
    "home/*/.npm-global", "home/*/.volta", "home/*/.bun", "home/*/.yarn", "home/*/.config/yarn/global", "home/*/.pnpm-store",
    "home/*/.m2/repository", "home/*/.gradle/caches", "root/.m2/repository", "root/.gradle/caches", "Users/*/.m2/repository",
    "Users/*/.gradle/caches", "home/*/.nuget/packages", "root/.nuget/packages", "Users/*/.nuget/packages",
    "home/*/.rvm/gems", "home/*/.sdkman/candidates", "home/*/.jenkins/plugins", "home/*/.cache/yarn",
    "root/.virtualenvs", "root/.conda", "root/miniconda3", "root/miniforge3", "root/anaconda3", "root/.npm-global", "root/.volta",
    "root/.bun", "root/.yarn", "root/.sdkman/candidates", "root/.cache/yarn", "root/.venv", "root/venv", "root/.asdf/installs",
    "var/jenkins_home/plugins", "var/lib/jenkins/plugins", "var/lib/karaf", "var/cache/jenkins/war",
    "home/*/.pixi", "home/*/*/.pixi/envs", "home/*/*/*/.pixi/envs", "root/.pixi", "root/micromamba", "root/mambaforge",
    "home/*/*/*/.venv", "home/*/*/*/venv",
    // Extensions of editors with what they carry along.
    "home/*/.*/extensions", "home/*/.*/deployedPlugins", "root/.*/extensions", "root/.*/deployedPlugins",
    "Users/*/.*/extensions", "Users/*/.*/deployedPlugins",
    // What package runners start without installing it.
    "home/*/.cache/uv/environments-v2", "home/*/.cache/uv/archive-v0", "root/.cache/uv/environments-v2", "root/.cache/uv/archive-v0",
    "home/*/.npm/_npx", "root/.npm/_npx", "Users/*/.npm/_npx", "tmp/bunx-*", "home/*/.cache/deno/npm", "root/.cache/deno/npm",
    "Users/*/.bun", "Users/*/.cache/uv/environments-v2", "Users/*/.cache/uv/archive-v0", "Users/*/.pixi",
    "home/*/*/lib/node_modules", "root/*/lib/node_modules", "Users/*/*/lib/node_modules",
    "home/*/Apps", "home/*/apps", "home/*/Programs", "home/*/programs", "home/*/software", "home/*/Software",
    "home/*/.ivy2/cache", "home/*/.ivy2/local", "home/*/.cache/coursier", "home/*/.sbt/boot", "root/.ivy2/cache", "root/.cache/coursier",
    "Users/*/.ivy2/cache", "Users/*/Library/Caches/Coursier",
    "home/*/.terraform.d", "root/.terraform.d", "home/*/*/.terraform/providers", "Users/*/.terraform.d", "Users/*/*/.terraform/providers",
    "home/*/*/vcpkg_installed/vcpkg", "home/*/*/*/vcpkg_installed/vcpkg", "home/*/vcpkg/installed/vcpkg", "home/*/*/vcpkg/installed/vcpkg", "vcpkg/installed/vcpkg", "root/vcpkg/installed/vcpkg",
    "Users/*/vcpkg/installed/vcpkg", "Users/*/*/vcpkg/installed/vcpkg", "*/vcpkg/installed/vcpkg",
    // Environments at the top of a drive or of a home.
    "Python*", "Ruby*", "Library/Ruby", "System/Library/Frameworks/Ruby.framework", "Users/*/miniconda3", "Users/*/miniforge3", "Users/*/anaconda3", "Users/*/.pyenv", "Users/*/.nvm/versions",
    "Users/*/.rbenv/versions", "Users/*/.local", "Users/*/.dotnet", "Users/*/.volta", "Users/*/.gem",
    // Systems of ostree, on a disk whose root they are not.
    "sysroot/ostree/deploy/*/deploy",
    // Downloads and desktops, as the desktop environments name them in the languages met most.
    "home/*/Downloads", "home/*/Загрузки", "home/*/Завантаження", "home/*/Téléchargements", "home/*/Descargas",
    "home/*/Scaricati", "home/*/Pobrane", "home/*/Transferências", "home/*/ダウンロード", "home/*/下载", "home/*/下載",
    "home/*/Desktop", "home/*/Рабочий стол", "home/*/Schreibtisch", "home/*/Bureau", "home/*/Escritorio", "home/*/Scrivania",
    "home/*/Pulpit", "home/*/Área de Trabalho", "home/*/Робочий стіл", "home/*/桌面", "home/*/デスクトップ", "root/Downloads", "root/Desktop",
    "home/*/downloads", "home/*/desktop", "home/*/Documents", "home/*/documents", "home/*/Документы", "home/*/Документи", "home/*/Dokumente",
    "home/*/Documentos", "home/*/Documenti", "home/*/Dokumenty", "home/*/文档", "home/*/ドキュメント", "root/Documents",
    // Windows
    "Program Files", "Program Files (x86)", "Program Files (Arm)", "ProgramData",
    "EFI", "boot/efi/EFI", "Users/Public", "PortableApps", "Users/*/PortableApps", "home/*/PortableApps",
    "Windows/System32", "Windows/SysWOW64", "Windows/Temp", "Windows/Installer", "Windows/Downloaded Program Files",
    "Windows/ccmcache", "Windows/IMECache", "Windows/Setup", "Windows/SoftwareDistribution/Download", "Windows/SYSVOL", "Windows/Tasks",
    "Users/*/.venv", "Users/*/venv", "Users/*/*/.venv", "Users/*/*/venv", "Users/*/*/*/.venv", "Users/*/*/*/venv",
    "Users/*/AppData", "Users/*/scoop", "scoop", "Users/*/Downloads", "Users/*/Desktop", "Users/*/Documents",
    "$Recycle.Bin", "RECYCLER", "Sandbox/*/*/drive/*/Program Files", "Sandbox/*/*/drive/*/Program Files (x86)",
    // macOS
    "Applications", "Users/*/Applications", "Users/*/Library/Application Support", "Users/*/Library/Internet Plug-Ins",
    "Library/Application Support", "Library/Extensions", "Library/StagedExtensions", "Library/SystemExtensions",
    "Library/PrivilegedHelperTools", "Library/PreferencePanes", "Library/Internet Plug-Ins", "Library/Frameworks",
    "Library/LaunchDaemons", "Library/StartupItems", "Users/*/Library/Python",
];

/// Where programs keep the data of users, outside of the places of programs.
pub const USER_DATA: &[&str] = &[
    "home/*/.config",
    "home/*/.var/app",
    "home/*/snap",
    "root/.config",
    "root/.var/app",
    "root/snap",
    "Users/*/Library/Containers/*/Data/Library/Application Support",
];

/// Where programs lie and where they keep the data of users.
pub const DATA_PLACES: &[&str] = &{
    let mut all = [""; PROGRAM_PLACES.len() + USER_DATA.len()];
    let (programs, data) = all.split_at_mut(PROGRAM_PLACES.len());
    programs.copy_from_slice(PROGRAM_PLACES);
    data.copy_from_slice(USER_DATA);
    all
};

/// Whether a pattern leads to a folder, given without links; the target is asked only where the pattern's end fits.
pub(crate) fn leads_to(root: &Root, pattern: &str, real: &[u8]) -> bool {
    // Homes and drives lie wherever the target says.
    let end = pattern.strip_prefix("root/").or_else(|| pattern.splitn(3, '/').nth(2)).unwrap_or(pattern);
    let real_lower = real.to_ascii_lowercase();
    let mut names = real_lower.rsplit(|&byte| byte == b'/');
    let fits =
        |part: &str| names.next().is_some_and(|name| wildcard(part.to_ascii_lowercase().as_bytes(), name));
    end.rsplit('/').all(fits)
        && root.glob(pattern).iter().flatten().any(|found| found.real.as_slice() == real)
}

/// The path that a file or folder has in a tree that was unpacked below another folder: from its `opt`, `etc/opt` or `var/opt`
/// on, where programs of vendors lie. `None` for what lies in the system's own, or in none.
pub(super) fn in_inner_tree(path: &[u8]) -> Option<&[u8]> {
    let at = memchr::memmem::find(path, b"/opt/")?;
    let above = path.get(..at)?;
    let start = match file_name(above) {
        b"etc" | b"var" => above.len() - 3,
        _ => at + 1,
    };
    path.get(start..).filter(|_| start > 0 && !path.starts_with(b"opt/") && !path.starts_with(b"usr/"))
}

/// Folders between a program's own folder and its profiles, whose names say nothing.
const GENERIC: &[&str] = &[
    "user data",
    "userdata",
    "user-data",
    "browser-data",
    "browserdata",
    "host",
    "data",
    "profile",
    "profiles",
    "config",
    "common",
    "current",
    "localcache",
    "local",
    "roaming",
    "default",
    "cache",
];

/// The program that keeps profiles in a folder: by the nearest folder whose name says something.
pub(super) fn program_of(mut folder: &[u8]) -> String {
    loop {
        let name = text_of(file_name(folder)).to_lowercase();
        if name.is_empty() || !GENERIC.contains(&name.as_str()) {
            return name;
        }
        folder = parent(folder);
    }
}

/// The user whose home folder a path lies in, as the folder is called.
pub(crate) fn home_owner(path: &[u8]) -> Option<String> {
    let mut components = path.split(|&byte| byte == b'/');
    match components.next() {
        Some(b"home" | b"Users") => components.next().map(text_of),
        Some(b"root") => Some("root".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_that_was_unpacked_elsewhere_has_its_own_paths() {
        let inner = |path: &'static str| in_inner_tree(path.as_bytes()).map(text_of);
        assert_eq!(inner("srv/x/opt/vendor/tool"), Some("opt/vendor/tool".to_owned()));
        assert_eq!(inner("home/a/x/opt/vendor/opt/y"), Some("opt/vendor/opt/y".to_owned()));
        assert_eq!(inner("srv/var/opt/vendor"), Some("var/opt/vendor".to_owned()));
        for path in [
            "etc/opt/vendor/opt/tool",
            "var/opt/vendor",
            "usr/local/opt/tool",
            "opt/vendor/opt/tool",
            "srv/optional/tool",
            "srv/x/opt",
        ] {
            assert_eq!(inner(path), None, "{path}");
        }
    }
}
