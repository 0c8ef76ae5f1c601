//! One fuzz target per parser, chosen by `DEBAR_FUZZ`; `run.sh` builds and runs them all.
//!
//! A parser may find anything in any bytes; it may not panic, overflow, loop for ever or take much more memory than
//! its input.
#![no_main]

use std::sync::OnceLock;

use debar::format::executable::Headed;
use debar::format::{
    browser::*, certificate::*, container::*, database::*, executable::*, link::*, package::*, text::*,
};

type Target = fn(&[u8]);

const TARGETS: &[(&str, Target)] = &[
    ("bottlerocket", |bytes| drop(bottlerocket::read(bytes))),
    ("cabinet", |bytes| drop(cabinet::read(&bytes))),
    ("iso9660", |bytes| {
        // The first descriptors lie far behind.
        let image = [vec![0; 0x8000], bytes.to_vec()].concat();
        drop(iso9660::read(&image));
    }),
    ("chisel", |bytes| drop(chisel::read(bytes))),
    ("eopkg", |bytes| drop(eopkg::parse(bytes))),
    ("guix_manifest", |bytes| drop(guix_manifest::read(bytes))),
    ("rpm_manifest", |bytes| drop(rpm_manifest::read(bytes))),
    ("slackware", |bytes| drop(slackware::read("tool-1.0-x86_64-1", bytes))),
    ("spack", |bytes| drop(spack::read(bytes))),
    ("gguf", |bytes| drop(gguf::read(&bytes))),
    ("library_record", |bytes| {
        let read = [library_record::composer, library_record::container_optimized, library_record::bitnami];
        let tables = [library_record::perl, library_record::julia, library_record::cargo, library_record::pub_spec, library_record::ansible, library_record::zed];
        read.iter().chain(&tables).for_each(|read| drop(read(bytes)));
        drop(library_record::stanza(bytes, "name"));
    }),
    ("library_script", |bytes| {
        drop((library_script::rockspec(bytes), library_script::erlang(bytes), library_script::prolog(bytes)));
        drop((library_script::opam(bytes, "kit.1.0"), library_script::wordpress(bytes), library_script::findlib(bytes, "kit")));
        drop((library_script::powershell(bytes, "kit"), library_script::java(bytes), library_script::pear(bytes, "kit")));
    }),
    ("jetbrains_plugin", |bytes| {
        jetbrains_plugin::parse(bytes);
        jetbrains_plugin::disabled(bytes).count();
    }),
    ("mcp_settings", |bytes| {
        let _ = (mcp_settings::json(bytes), mcp_settings::toml(bytes), mcp_settings::bundle(bytes));
        let _ = (mcp_settings::yaml(bytes), mcp_settings::xml(bytes));
    }),
    ("yaml", |bytes| {
        let _ = yaml::parse(bytes);
    }),
    ("system_image", |bytes| {
        system_image::of(bytes);
    }),
    ("vscode_extension", |bytes| {
        let _ = (vscode_extension::manifest(bytes), vscode_extension::texts(bytes));
        let _ = (vscode_extension::list(bytes), vscode_extension::obsolete(bytes));
        drop(vscode_extension::vsix(bytes));
        vscode_extension::by_folder(&String::from_utf8_lossy(bytes));
    }),
    ("unopened", |bytes| drop(unopened::kind(bytes.get(..4096).unwrap_or(bytes), &bytes))),
    ("xbps", |bytes| drop(xbps::read(bytes))),
    ("deb", |bytes| drop(deb::control(&bytes))),
    ("pkginfo", |bytes| drop(pkginfo::read(&bytes, true))),
    ("rpm", |bytes| drop(rpm::read(&bytes))),
    ("xar", |bytes| drop(xar::read(&bytes))),
    ("apkdb", |bytes| drop(apkdb::read(bytes, &mut |_| ()))),
    ("appstream", |bytes| drop(appstream::parse(bytes))),
    ("appx_manifest", |bytes| drop(appx_manifest::parse(bytes))),
    ("apt_sources", |bytes| {
        apt_sources::list(bytes);
        apt_sources::sources(bytes);
    }),
    ("asar", |bytes| drop(asar::members(&bytes, |_| true))),
    ("authenticode", |bytes| drop(authenticode::read(&bytes, 0, bytes.len() as u64))),
    ("bill_of_materials", |bytes| drop(bill_of_materials::read(bytes))),
    ("bolt", |bytes| {
        let Ok(database) = bolt::Database::open(bytes) else { return };
        let mut pending = vec![(database.root(), 0)];
        while let Some((bucket, depth)) = pending.pop() {
            if depth < 4 {
                pending.extend(bucket.buckets().into_iter().take(8).map(|(_, bucket)| (bucket, depth + 1)));
            }
        }
    }),
    ("browser_policy", |bytes| {
        let _ = (browser_policy::chromium(bytes), browser_policy::mozilla(bytes));
    }),
    ("certificate_blob", |bytes| drop(certificate_blob::read(bytes))),
    ("chrome_preferences", |bytes| drop(chrome_preferences::settings(bytes))),
    ("conda_record", |bytes| drop(conda_record::parse(bytes))),
    ("crontab", |bytes| {
        for table in [crontab::Table::System, crontab::Table::User, crontab::Table::Anacron] {
            crontab::parse(bytes, table);
        }
        crontab::programs(bytes);
    }),
    ("deb822", |bytes| drop(deb822::read(&bytes, 1 << 20, &mut |_| ()))),
    ("desktop_entry", |bytes| drop(desktop_entry::parse(bytes))),
    ("dotnet_deps", |bytes| drop(dotnet_deps::libraries(bytes))),
    ("elf", |bytes| {
        if let Some(elf) = elf::read(&bytes) {
            let _ = go_build_info::read(&bytes, &elf.value.layout);
            cargo_auditable::read(&bytes, &elf.value.layout);
            modinfo::read_elf(&bytes, &elf.value);
        }
    }),
    ("gemspec", |bytes| drop(gemspec::parse(bytes))),
    ("carved_paths", |bytes| drop(carved_paths::windows_paths(bytes))),
    ("wine_registry", |bytes| drop(wine_registry::keys(bytes, |_| true))),
    ("init_script", |bytes| drop(init_script::parse(bytes))),
    ("java_manifest", |bytes| {
        java_manifest::Manifest::parse(bytes);
        java_manifest::properties(bytes);
    }),
    ("java_file_name", |bytes| {
        let _ = java_file_name::split(&String::from_utf8_lossy(bytes));
    }),
    ("maven_pom", |bytes| drop(maven_pom::parse(bytes))),
    ("inflating", |bytes| {
        use debar::bytes::ReadAt;
        let budget = inflating::Budget::new(1 << 24);
        let size = bytes.first().map_or(0, |&first| u64::from(first) << 12);
        let file = inflating::Inflating::new(&bytes, 1..bytes.len() as u64, size, &budget);
        for at in [size / 2, 0, size] {
            drop(file.read_vec(at, 100));
        }
    }),
    ("kernel_lists", |bytes| {
        kernel_lists::loaded(bytes);
        let _ = kernel_lists::files(bytes).count() + kernel_lists::autoloaded(bytes).count();
    }),
    ("macho", |bytes| drop(macho::read(&bytes))),
    ("msi", |bytes| drop(msi::read(&bytes))),
    ("mozilla_extensions", |bytes| drop(mozilla_extensions::addons(bytes))),
    ("native_messaging_host", |bytes| drop(native_messaging_host::parse(bytes))),
    ("npm_package", |bytes| drop(npm_package::parse(bytes))),
    ("nuspec", |bytes| drop(nuspec::parse(bytes))),
    ("pacman", |bytes| drop(pacman::read(bytes))),
    ("pe", |bytes| {
        let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
        if let Some(pe) = pe::read(&Headed::new(head, &bytes))
            && let Some((offset, size)) = pe.value.certificates
        {
            authenticode::read(&bytes, offset, size);
        }
    }),
    ("pem", |bytes| drop(pem::certificates(bytes))),
    ("pkcs7", |bytes| drop(pkcs7::read(bytes))),
    ("osquery", |bytes| {
        use debar::osquery::answers::{Answers, Take};
        let look = |_: debar::osquery::tables::Source, _: Option<&str>, _: Take<'_>| Err(String::new());
        let answers = Answers::new(look, std::time::Duration::ZERO);
        let mut from = bytes;
        while let Ok(Some(_)) = debar::osquery::serve::answer(&mut from, &answers, 1) {}
    }),
    ("plist", |bytes| drop(plist::read(bytes))),
    ("background_items", |bytes| drop(background_items::read(bytes))),
    ("bookmark", |bytes| drop(bookmark::read(bytes))),
    ("polkit_policy", |bytes| drop(polkit_policy::parse(bytes))),
    ("python_names", |bytes| {
        python_names::of_file(&String::from_utf8_lossy(bytes));
    }),
    ("python_metadata", |bytes| drop(python_metadata::Metadata::parse(bytes))),
    ("regf", |bytes| {
        // The second half is a log, when there is one.
        let (own, log) = bytes.split_at(bytes.len() / 2);
        for (hive, logs) in [(bytes, vec![]), (own, vec![log.to_vec()])] {
            let Ok(hive) = regf::Hive::open(Box::new(hive.to_vec()), &logs) else { continue };
            let mut stack: Vec<_> = hive.value.root().into_iter().collect();
            while let Some(key) = stack.pop() {
                for value in key.values().values {
                    let _ = value.data(1 << 16);
                }
                let _ = key.subkey("Software");
                stack.extend(key.subkeys().keys);
            }
        }
    }),
    ("report", |bytes| drop(debar::report::read::read(bytes))),
    ("rpmdb", |bytes| {
        drop(rpmdb::read(&bytes, debar::format::database::sqlite::Beside::default(), &mut |_| ()))
    }),
    ("rpm_header", |bytes| drop(rpmdb::header::read(bytes))),
    ("scheduled_task", |bytes| drop(scheduled_task::parse(bytes))),
    ("shell_assignments", |bytes| drop(shell_assignments::parse(bytes))),
    ("shell_variables", |bytes| {
        let mut variables = shell_variables::Variables::default();
        variables.set(b"A", bytes);
        drop(variables.expand(bytes));
    }),
    ("shell_link", |bytes| drop(shell_link::read(bytes))),
    ("snap_yaml", |bytes| drop(snap_yaml::parse(bytes))),
    ("snapd_state", |bytes| {
        let _ = snapd_state::snaps(bytes);
        snapd_state::assertion(bytes);
    }),
    ("systemd_unit", |bytes| drop(systemd_unit::Unit::default().read(bytes))),
    ("task_actions", |bytes| drop(task_actions::read(bytes))),
    ("version_resource", |bytes| drop(version_resource::read(bytes))),
    ("tar", |bytes| {
        let mut reader = tar::Reader::new(tar::Seeking::new(bytes), tar::Dialect::Go);
        while !matches!(reader.next_member(), tar::Next::End(_)) {}
    }),
    ("image", |bytes| {
        // Layers cut from the input, merged; every file of the result opened.
        let cut = bytes.first().map_or(0, |&at| usize::from(at) * 512).min(bytes.len());
        debar::image::merge_all(&[&bytes[..cut], &bytes[cut..]]);
    }),
    ("webextension", |bytes| {
        let _ = (webextension::Manifest::parse(bytes), webextension::Messages::parse(bytes));
    }),
    ("asn1", |bytes| {
        let mut pending = vec![(asn1::Elements::new(bytes), 0)];
        while let Some((mut elements, depth)) = pending.pop() {
            if let Some(element) = elements.next() {
                if depth < 16 {
                    pending.push((element.children(), depth + 1));
                }
                pending.push((elements, depth));
            }
        }
    }),
    ("assets", |bytes| drop(debar::fleet::Assets::read(bytes))),
    ("bulk", |bytes| drop(bulk::ranges(bytes, 1 << 30))),
    ("compound_file", |bytes| {
        let Ok(Some(file)) = compound_file::CompoundFile::open(&bytes) else { return };
        for stream in file.streams() {
            let _ = file.read(stream, 1 << 16);
        }
    }),
    ("decompress", |bytes| {
        if let Some(compression) = decompress::Compression::of(bytes) {
            decompress::bounded(bytes, compression, 1 << 20);
        }
    }),
    ("fstab", |bytes| drop(fstab::entries(bytes))),
    ("ini", |bytes| {
        for backslash_continues in [false, true] {
            ini::parse(bytes, ini::Dialect { backslash_continues, indent_continues: !backslash_continues });
        }
    }),
    ("job_file", |bytes| drop(job_file::read(bytes))),
    ("keyed_archive", |bytes| {
        let list = plist::read(bytes).value;
        let Some(archive) = keyed_archive::Archive::of(&list) else { return };
        let Some(top) = archive.top("root") else { return };
        let _ = archive.entries(top).map(|(_, value)| archive.items(value).count()).sum::<usize>();
    }),
    ("packed_guid", |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let _ = (packed_guid::unpack(&text), packed_guid::is_guid(&text));
    }),
    ("recorded", |bytes| drop(debar::report::recorded::read(bytes, "input"))),
    ("relaxed_json", |bytes| {
        let _ = relaxed_json::parse::<std::collections::BTreeMap<String, Vec<String>>>(bytes);
    }),
    ("signing", |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let key = debar::signature::signing::TrustedKey::parse(&text);
        let _ = debar::signature::signing::verify(&Vec::from_iter(key), &text, bytes);
    }),
    ("sqlite", |bytes| {
        let Ok(database) = sqlite::Database::open(&bytes, sqlite::Beside::default()) else { return };
        for table in ["Packages", "access", "kext_policy"] {
            database.rows(table, &mut |_| ());
        }
    }),
    ("xml", |bytes| drop(xml::read(bytes, &mut |_, _| ()))),
    ("x509", |bytes| drop(x509::Certificate::read(bytes))),
    ("zip", |bytes| {
        if let Ok(archive) = zip::Archive::open(&bytes) {
            for member in archive.members(|_| true, 50).value {
                let _ = archive.read(&member, 1 << 16);
            }
        }
    }),
];

fn target() -> Target {
    static CHOSEN: OnceLock<Target> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
        let wanted = std::env::var("DEBAR_FUZZ").unwrap_or_default();
        if wanted == "list" {
            println!("{}", names.join("\n"));
            std::process::exit(0);
        }
        match TARGETS.iter().find(|(name, _)| *name == wanted) {
            Some((_, target)) => *target,
            None => panic!("set DEBAR_FUZZ to one of: {}", names.join(" ")),
        }
    })
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target()(bytes));
