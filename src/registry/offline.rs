//! Keys of a hive file.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::value::Value;
use super::{Node, Trouble};
use crate::bytes::Damage;
use crate::format::database::regf::{Hive, Key, Layering};

/// Bytes read of one value, and of all values of a key.
const VALUE: usize = 32 << 20;
const VALUES: usize = 128 << 20;
/// Bytes of values read of a hive by all who ask, in sizes of the hive: cells do not overlap, and a few dozen
/// collectors ask. A hostile hive of some MB would take hours otherwise.
const TIMES: u64 = 200;
const LEAST: u64 = 256 << 20;

/// A key: the hive it lies in and where.
struct HiveNode {
    hive: Arc<Hive>,
    offset: u32,
    name: String,
    modified: u64,
    link: Option<String>,
    layering: Layering,
    /// Whether the hive holds the changes of an image layer. In others, marks of deletion mean nothing: honouring
    /// them would let a program hide its keys.
    is_delta: bool,
    /// Bytes of values that were read of the hive.
    spent: Arc<AtomicU64>,
}

/// The topmost key of a hive.
pub(super) fn root(hive: &Arc<Hive>, is_delta: bool) -> Option<Arc<dyn Node>> {
    hive.root().ok().map(|key| node(hive, &key, is_delta, &Arc::default()))
}

fn node(hive: &Arc<Hive>, key: &Key<'_>, is_delta: bool, spent: &Arc<AtomicU64>) -> Arc<dyn Node> {
    Arc::new(HiveNode {
        hive: Arc::clone(hive),
        offset: key.offset(),
        name: key.name.clone(),
        modified: key.modified,
        link: key.link(),
        layering: if is_delta { key.layering } else { Layering::Merge },
        is_delta,
        spent: Arc::clone(spent),
    })
}

fn trouble(damage: &Damage) -> Trouble {
    let gap = crate::fs::damage_gap("", "", damage);
    (gap.kind, gap.detail)
}

impl Node for HiveNode {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn subkey(&self, name: &str) -> Result<Option<Arc<dyn Node>>, Trouble> {
        let key = self.hive.key_at(self.offset).map_err(|damage| trouble(&damage))?;
        let found = key.subkey(name).map_err(|damage| trouble(&damage))?;
        Ok(found.map(|key| node(&self.hive, &key, self.is_delta, &self.spent)))
    }

    fn subkeys(&self) -> (Vec<Arc<dyn Node>>, Vec<Trouble>) {
        match self.hive.key_at(self.offset) {
            Ok(key) => {
                let children = key.subkeys();
                let node = |key| node(&self.hive, key, self.is_delta, &self.spent);
                let keys = children.keys.iter().map(node).collect();
                (keys, children.damage.iter().map(trouble).collect())
            }
            Err(damage) => (Vec::new(), vec![trouble(&damage)]),
        }
    }

    fn values(&self) -> (Vec<Value>, Vec<Trouble>) {
        let key = match self.hive.key_at(self.offset) {
            Ok(key) => key,
            Err(damage) => return (Vec::new(), vec![trouble(&damage)]),
        };
        let read = key.values();
        let mut troubles: Vec<Trouble> = read.damage.iter().map(trouble).collect();
        let most = (self.hive.size() * TIMES).max(LEAST);
        let mut left = VALUES;
        let mut values = Vec::new();
        for value in read.values {
            if value.is_tombstone && self.is_delta {
                values.push(Value { is_tombstone: true, ..Value::new(value.name, value.kind, Vec::new()) });
                continue;
            }
            if self.spent.fetch_add(value.name.len() as u64, Ordering::Relaxed) > most {
                let detail = format!("more than {most} bytes of values were asked for: they overlap");
                troubles.push((crate::model::GapKind::OverLimit, detail));
                break;
            }
            let limit = VALUE.min(left);
            if value.size > limit {
                let detail =
                    format!("value '{}' has {} bytes; the first {limit} were read", value.name, value.size);
                troubles.push((crate::model::GapKind::OverLimit, detail));
            }
            match value.data(limit) {
                Ok(data) => {
                    left -= data.len();
                    self.spent.fetch_add(data.len() as u64, Ordering::Relaxed);
                    values.push(Value::new(value.name, value.kind, data));
                }
                Err(damage) => troubles.push(trouble(&damage)),
            }
        }
        (values, troubles)
    }

    fn link(&self) -> Option<String> {
        self.link.clone()
    }

    fn layering(&self) -> Layering {
        self.layering
    }

    fn modified(&self) -> Option<u64> {
        Some(self.modified)
    }
}
