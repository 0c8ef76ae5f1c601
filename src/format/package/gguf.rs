//! GGUF: a model of llama.cpp, whose head names it and who made it (ggml, `docs/gguf.md`).

use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged};

const MAGIC: &[u8; 4] = b"GGUF";
/// Bytes of the head that are read; the list of tokens behind the facts is longer.
const MAX_HEAD: usize = 1 << 20;
/// Facts that are read.
const MAX_FACTS: u64 = 4096;
/// Texts of a list that are read; longer lists are tokens.
const MAX_LIST: u64 = 1000;

/// A model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Model {
    /// Name.
    pub name: Option<String>,
    /// Version.
    pub version: Option<String>,
    /// Architecture: `llama`, `qwen2`.
    pub architecture: Option<String>,
    /// Who made it, and who made what it was derived from.
    pub organizations: Vec<String>,
    /// Authors.
    pub authors: Vec<String>,
    /// Where it and its sources were published.
    pub addresses: Vec<String>,
}

/// Whether a file begins as a model.
pub fn is_gguf(head: &[u8]) -> bool {
    head.starts_with(MAGIC)
}

/// Reads the facts at the front of a model.
///
/// # Errors
/// Damage when it is none.
pub fn read(file: &dyn ReadAt) -> Result<Salvaged<Model>, Damage> {
    let head = file.read_vec(0, MAX_HEAD)?;
    if !is_gguf(&head) {
        let kind = if head.len() < MAGIC.len() { DamageKind::Truncated } else { DamageKind::Corrupt };
        return Err(Damage::new(kind, 0, "no model of llama.cpp"));
    }
    let mut facts = Facts { bytes: &head, at: 4, big: false };
    let mut model = Salvaged::whole(Model::default());
    if facts.all(&mut model.value).is_none() {
        // A head that goes on behind what was read has its list of tokens there.
        let is_cut = file.size() == head.len() as u64;
        let kind = if is_cut { DamageKind::Truncated } else { DamageKind::OverLimit };
        model.damage.push(Damage::new(kind, head.len() as u64, "the model ends inside its facts"));
    }
    Ok(model)
}

struct Facts<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Whether numbers are big-endian, as a version that is too large says.
    big: bool,
}

/// A fact that may matter.
enum Fact {
    Text(String),
    Texts(Vec<String>),
    Other,
    /// A list of tokens: no fact of who made the model follows.
    Tokens,
}

impl Facts<'_> {
    fn take(&mut self, length: usize) -> Option<&[u8]> {
        let start = self.at;
        self.at = start.checked_add(length)?;
        self.bytes.get(start..self.at)
    }

    fn u32(&mut self) -> Option<u32> {
        let big = self.big;
        let bytes = *self.take(4)?.first_chunk()?;
        Some(if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn u64(&mut self) -> Option<u64> {
        let big = self.big;
        let bytes = *self.take(8)?.first_chunk()?;
        Some(if big { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.u64()?).ok()?;
        Some(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    /// Reads every fact; nothing when the bytes end before.
    fn all(&mut self, model: &mut Model) -> Option<()> {
        let version = self.u32()?;
        self.big = version > 0xffff;
        let _tensors = self.u64()?;
        for _ in 0..self.u64()?.min(MAX_FACTS) {
            let key = self.text()?;
            let kind = self.u32()?;
            match self.value(kind)? {
                Fact::Text(text) => keep(model, &key, vec![text]),
                Fact::Texts(texts) => keep(model, &key, texts),
                Fact::Other => {}
                Fact::Tokens => return Some(()),
            }
        }
        Some(())
    }

    fn value(&mut self, kind: u32) -> Option<Fact> {
        match kind {
            8 => self.text().map(Fact::Text),
            9 => {
                let kind = self.u32()?;
                let count = self.u64()?;
                if count > MAX_LIST {
                    return Some(Fact::Tokens);
                }
                if kind == 8 {
                    let texts: Option<Vec<String>> = (0..count).map(|_| self.text()).collect();
                    return texts.map(Fact::Texts);
                }
                let size = usize::try_from(count).ok()?.checked_mul(size_of(kind)?)?;
                self.take(size).map(|_| Fact::Other)
            }
            kind => self.take(size_of(kind)?).map(|_| Fact::Other),
        }
    }
}

/// Bytes of a number.
fn size_of(kind: u32) -> Option<usize> {
    match kind {
        0 | 1 | 7 => Some(1),
        2 | 3 => Some(2),
        4..=6 => Some(4),
        10..=12 => Some(8),
        _ => None,
    }
}

fn keep(model: &mut Model, key: &str, mut texts: Vec<String>) {
    texts.retain(|text| !text.is_empty());
    let Some(key) = key.strip_prefix("general.") else { return };
    let first = texts.first().cloned();
    match key {
        "name" => model.name = first,
        "version" => model.version = first,
        "architecture" => model.architecture = first,
        "author" => model.authors.extend(texts),
        "url" | "repo_url" | "source.url" | "source.repo_url" | "source.huggingface.repository" => {
            model.addresses.extend(texts);
        }
        "organization" => model.organizations.extend(texts),
        // `base_model.0.organization`
        _ if key.starts_with("base_model.") => match key.rsplit('.').next() {
            Some("organization") => model.organizations.extend(texts),
            Some("repo_url" | "url") => model.addresses.extend(texts),
            _ => {}
        },
        _ => {}
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> Vec<u8> {
        [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
    }

    /// A model with these texts, a number and a list of tokens.
    pub(crate) fn model(facts: &[(&str, &str)]) -> Vec<u8> {
        let mut bytes = b"GGUF\x03\0\0\0".to_vec();
        bytes.extend(0_u64.to_le_bytes());
        bytes.extend((facts.len() as u64 + 2).to_le_bytes());
        bytes.extend(
            [text("general.file_type"), 4_u32.to_le_bytes().to_vec(), 7_u32.to_le_bytes().to_vec()].concat(),
        );
        for (key, value) in facts {
            bytes.extend([text(key), 8_u32.to_le_bytes().to_vec(), text(value)].concat());
        }
        bytes.extend(
            [text("general.tags"), 9_u32.to_le_bytes().to_vec(), 8_u32.to_le_bytes().to_vec()].concat(),
        );
        bytes.extend(2_u64.to_le_bytes());
        bytes.extend([text("a"), text("b")].concat());
        bytes
    }

    #[test]
    fn the_head_names_a_model_and_its_makers() {
        let bytes = model(&[
            ("general.architecture", "llama"),
            ("general.name", "Tool 7B"),
            ("general.organization", "Example Ltd"),
            ("general.base_model.0.organization", "Other Maker"),
            ("general.base_model.0.repo_url", "https://example.com/other/tool"),
        ]);
        let found = read(&bytes).unwrap();
        assert_eq!(found.damage, []);
        let found = found.value;
        assert_eq!((found.name.as_deref(), found.architecture.as_deref()), (Some("Tool 7B"), Some("llama")));
        assert_eq!(found.organizations, ["Example Ltd", "Other Maker"]);
        assert_eq!(found.addresses, ["https://example.com/other/tool"]);
        for size in [1, 10, 60, bytes.len() - 1] {
            let cut = bytes[..size].to_vec();
            assert!(read(&cut).is_err() || !read(&cut).unwrap().damage.is_empty(), "{size}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_change_never_panics(place in any::<prop::sample::Index>(), value in any::<u8>()) {
            let mut bytes = model(&[("general.name", "Tool")]);
            let place = place.index(bytes.len());
            bytes[place] = value;
            let _ = read(&bytes);
        }
    }
}
