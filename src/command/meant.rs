//! What was probably meant by a name that is not there.

use std::path::Path;

/// Words of other tools before the name of an image or a path, and what to write.
const OTHERS: &[(&[&str], &str)] = &[
    (&["docker:", "docker-daemon:"], "docker-store:{} for an image that Docker keeps here, or registry:{}"),
    (&["podman:"], "containers-storage:{} for an image that Podman keeps here, or registry:{}"),
    (
        &["image:", "remote:", "oci-registry:"],
        "registry:{} for an image in a registry, or docker-store:{} for one that Docker keeps here",
    ),
    (&["https://", "http://"], "registry:{} for an image in a registry; debar fetches nothing else"),
    (&["file://", "path:", "fs:", "rootfs:"], "{} alone"),
    (&["archive:", "tar:"], "{} alone, or docker-archive:{}"),
    (&["ssh://", "ssh:"], "debar scan on {} itself; a scan opens no connection"),
    (&["sbom:"], "{} alone"),
];

/// Prefixes of targets.
const PREFIXES: &[&str] = &[
    "dir:",
    "docker-archive:",
    "oci-archive:",
    "oci-dir:",
    "oci:",
    "registry:",
    "docker-store:",
    "containerd:",
    "containers-storage:",
];

/// The end of a sentence that says that there is no such name, with the one that was probably meant.
pub(super) fn end(near: Option<&str>) -> String {
    near.map_or_else(|| ".".to_owned(), |near| format!("; did you mean `{near}`?"))
}

/// What was probably meant by the name of a target that is not there; `schemes` says what a target may be.
pub(super) fn meant(name: &str, schemes: &str) -> Option<String> {
    for (prefix, words) in OTHERS.iter().flat_map(|(all, words)| all.iter().map(move |it| (it, words))) {
        if let Some(rest) = name.strip_prefix(prefix) {
            let rest = if prefix.ends_with("//") && !prefix.starts_with("file") {
                rest.trim_matches('/')
            } else {
                rest
            };
            return Some(format!(
                "debar has no {prefix} targets; write {}. {schemes}",
                words.replace("{}", rest)
            ));
        }
    }
    let (head, tail) = name.split_once(':').unwrap_or((name, ""));
    let is_drive = head.len() == 1 && tail.starts_with(['\\', '/']);
    if is_drive && !cfg!(windows) {
        return Some("It is a path of Windows, and this is another system: name the folder that its disk is mounted on".to_owned());
    }
    if !tail.is_empty() && !head.contains(['/', '.']) {
        let prefix = format!("{head}:");
        if PREFIXES.contains(&prefix.as_str()) {
            let near = beside(Path::new(tail)).map(|near| format!(" Did you mean {prefix}{near}?"));
            return Some(format!("Check the path {tail}.{}", near.unwrap_or_default()));
        }
        if let Some(near) = crate::signature::nearest(&prefix, PREFIXES.iter().copied()) {
            return Some(format!("debar has no {prefix} targets; did you mean {near}{tail}?"));
        }
    }
    if let Some(near) = beside(Path::new(name)) {
        return Some(format!("Did you mean {near}?"));
    }
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:@".contains(&byte);
    let is_path = name.starts_with(['/', '.', '~', '\\', '-']);
    let is_reference = !is_path && !name.is_empty() && name.bytes().all(is_word) && !name.contains("://");
    is_reference.then(|| format!("For an image in a registry write registry:{name}. {schemes}"))
}

/// What is in the folder of a path and called nearly so.
fn beside(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent()?;
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = std::fs::read_dir(here).ok()?.take(1_000);
    let names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    let near = crate::signature::nearest(name, names.iter().map(String::as_str))?;
    Some(folder.join(near).display().to_string())
}
