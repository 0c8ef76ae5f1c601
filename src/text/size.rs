//! Amounts of bytes, for people.

/// An amount in words: `512 bytes`, `60.2 MiB`.
pub fn in_words(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    let mut tenths = bytes.saturating_mul(10);
    let mut unit = "bytes";
    for larger in units {
        if tenths < 10_240 {
            break;
        }
        (tenths, unit) = (tenths / 1_024, larger);
    }
    match (unit, tenths % 10) {
        ("bytes", _) => format!("{bytes} {}", if bytes == 1 { "byte" } else { "bytes" }),
        (_, 0) => format!("{} {unit}", tenths / 10),
        (_, rest) => format!("{}.{rest} {unit}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn sizes_have_the_unit_that_people_read() {
        let cases = [
            (1, "1 byte"),
            (1_023, "1023 bytes"),
            (1_024, "1 KiB"),
            (63_168_512, "60.2 MiB"),
            (4 << 30, "4 GiB"),
            (u64::MAX, "1677721.5 TiB"),
        ];
        for (bytes, words) in cases {
            assert_eq!(in_words(bytes), words);
        }
    }
}
