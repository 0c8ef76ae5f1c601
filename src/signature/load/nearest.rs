//! What was probably meant by an unknown name.

/// The name most like a given one, if one is alike enough to be what was meant.
pub fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // No name is anywhere near so long; comparing takes the square of its length.
    if name.len() > 200 {
        return None;
    }
    let alike = |other: &str| strsim::jaro_winkler(name, other);
    names
        .map(|other| (alike(other), other))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, other)| other)
}
