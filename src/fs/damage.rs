//! What damage in a file means for the report: a gap at its place.

use crate::bytes::{Damage, DamageKind};
use crate::model::{Gap, GapKind};

/// A gap from the damage that a format met at a place.
pub fn damage_gap(collector: &str, place: impl Into<String>, damage: &Damage) -> Gap {
    let kind = match damage.kind {
        DamageKind::Corrupt => GapKind::Corrupt,
        DamageKind::Truncated => GapKind::Truncated,
        DamageKind::Unsupported => GapKind::Unsupported,
        DamageKind::OverLimit => GapKind::OverLimit,
        DamageKind::Encrypted => GapKind::Encrypted,
        DamageKind::Io => GapKind::Unreadable,
    };
    let detail = match damage.offset {
        Some(offset) => format!("{} (at byte {offset})", damage.what),
        None => damage.what.clone(),
    };
    Gap { kind, collector: collector.to_owned(), place: place.into(), detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_becomes_a_gap_of_its_kind_and_place() {
        for (damage, kind) in [
            (DamageKind::Corrupt, GapKind::Corrupt),
            (DamageKind::Truncated, GapKind::Truncated),
            (DamageKind::Unsupported, GapKind::Unsupported),
            (DamageKind::OverLimit, GapKind::OverLimit),
            (DamageKind::Encrypted, GapKind::Encrypted),
            (DamageKind::Io, GapKind::Unreadable),
        ] {
            let at = Damage { kind: damage, offset: Some(7), what: "odd".into() };
            let gap = damage_gap("a", "/b", &at);
            assert_eq!((gap.kind, gap.collector.as_str(), gap.place.as_str()), (kind, "a", "/b"));
            assert_eq!(gap.detail, "odd (at byte 7)");
            let somewhere = Damage { offset: None, ..at };
            assert_eq!(damage_gap("a", "/b", &somewhere).detail, "odd");
        }
    }
}
