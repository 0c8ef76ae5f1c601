//! Lists of Linux kernel modules: what is loaded, and what depmod and the kernel's build say of the files.
//!
//! Sources: proc_modules(5), modules.dep(5), and `modules.order` and `modules.builtin` of the kernel's
//! `Documentation/kbuild/kbuild.rst`.

/// A loaded module, a line of `/proc/modules`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// Its name, with underscores.
    pub name: Vec<u8>,
    /// Memory that it takes, in bytes, as written.
    pub size: Vec<u8>,
    /// The modules that use it.
    pub used_by: Vec<Vec<u8>>,
    /// `Live`, `Loading` or `Unloading`.
    pub state: Vec<u8>,
}

/// The loaded modules.
pub fn loaded(bytes: &[u8]) -> Vec<Loaded> {
    let line = |line: &[u8]| {
        let mut fields = line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
        let (name, size) = (fields.next()?, fields.next()?);
        let used_by = fields.nth(1)?.split(|&byte| byte == b',').filter(|name| !matches!(*name, b"" | b"-"));
        Some(Loaded {
            name: name.to_vec(),
            size: size.to_vec(),
            used_by: used_by.filter(|name| *name != b"[permanent]").map(<[u8]>::to_vec).collect(),
            state: fields.next().unwrap_or_default().to_vec(),
        })
    };
    bytes.split(|&byte| byte == b'\n').filter_map(line).collect()
}

/// The files of `modules.dep`, `modules.order` or `modules.builtin`, below the kernel's folder.
pub fn files(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    lines.filter_map(|line| {
        let file = line.split(|&byte| byte == b':').next()?;
        (!file.is_empty() && !file.starts_with(b"#")).then_some(file)
    })
}

/// The names of a `modules-load.d` file or `/etc/modules`: the first word of each line.
pub fn autoloaded(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    lines
        .filter(|line| !matches!(line.first(), None | Some(b'#' | b';')))
        .filter_map(|line| line.split(u8::is_ascii_whitespace).next())
}

/// A module's file without the ending of its compression.
pub fn uncompressed(file: &[u8]) -> &[u8] {
    let endings: [&[u8]; 4] = [b".gz", b".xz", b".zst", b".bz2"];
    endings.into_iter().find_map(|ending| file.strip_suffix(ending)).unwrap_or(file)
}

/// The name of the module in a file: its last component without endings, `-` as `_`; `None` for other files.
pub fn module_name(file: &[u8]) -> Option<Vec<u8>> {
    let name = uncompressed(file).strip_suffix(b".ko")?;
    let name = name.rsplit(|&byte| byte == b'/').next()?;
    (!name.is_empty()).then(|| canonical(name))
}

/// A module's name as the kernel writes it, with underscores.
pub fn canonical(name: &[u8]) -> Vec<u8> {
    name.iter().map(|&byte| if byte == b'-' { b'_' } else { byte }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn loaded_modules() {
        let text = b"nf_nat 57344 2 nft_chain_nat,xt_nat, Live 0x0000000000000000\nvendor 16384 0 - Live 0xffff (OE)\njunk\n";
        let modules = loaded(text);
        assert_eq!(modules.len(), 2);
        assert_eq!((modules[0].used_by.len(), modules[1].used_by.len()), (2, 0));
        assert_eq!(
            (modules[1].name.as_slice(), modules[1].state.as_slice()),
            (b"vendor".as_slice(), b"Live".as_slice())
        );
    }

    #[test]
    fn files_and_their_module_names() {
        let dep = b"kernel/fs/a-b.ko.xz: kernel/fs/c.ko.xz\nextra/d.ko:\n\n";
        let names: Vec<_> = files(dep).filter_map(module_name).collect();
        assert_eq!(names, [b"a_b".to_vec(), b"d".to_vec()]);
        assert_eq!(module_name(b"modules.dep"), None);
        assert_eq!(
            autoloaded(b"# c\nloop max_loop=8\n; x\n\nlp\n").collect::<Vec<_>>(),
            [b"loop", b"lp".as_slice()]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            loaded(&bytes);
            files(&bytes).filter_map(module_name).count();
            autoloaded(&bytes).count();
        }
    }
}
