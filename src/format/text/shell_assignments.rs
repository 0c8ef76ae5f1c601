//! Configuration files that are shell assignments, as `dkms.conf` is (dkms(8), "DKMS.CONF").
//!
//! Nothing is run or expanded: a value is what stands there, without its quotes. Conditions and commands of a
//! file are passed over, so every assignment counts, whatever it depends on.

/// One assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The variable, an index in brackets taken off.
    pub name: Vec<u8>,
    /// The value, without quotes.
    pub value: Vec<u8>,
}

/// The assignments of a file, in order.
pub fn parse(bytes: &[u8]) -> Vec<Assignment> {
    let lines = bytes.split(|&byte| byte == b'\n');
    lines.filter_map(|line| assignment(line.trim_ascii())).collect()
}

fn assignment(line: &[u8]) -> Option<Assignment> {
    let line = line.strip_prefix(b"export ").unwrap_or(line).trim_ascii();
    let equals = line.iter().position(|&byte| byte == b'=')?;
    let (name, value) = (line.get(..equals)?, line.get(equals + 1..)?);
    let name = name.strip_suffix(b"+").unwrap_or(name);
    let name = name.split(|&byte| byte == b'[').next()?;
    let valid = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    if name.is_empty() || !name.iter().all(valid) {
        return None;
    }
    let value = match value.first() {
        Some(&quote @ (b'"' | b'\'')) => value.get(1..)?.split(|&byte| byte == quote).next()?,
        _ => value.split(|byte| byte.is_ascii_whitespace() || *byte == b';').next()?,
    };
    Some(Assignment { name: name.to_vec(), value: value.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotes_indices_and_comments() {
        let text = b"# A=1\nPACKAGE_NAME=\"vendor mod\" # c\nBUILT_MODULE_NAME[0]='x'\nCLEAN=make; rm\nif [ a = b ]; then\n$X=1\n";
        let shown: Vec<_> = parse(text)
            .iter()
            .map(|a| format!("{}={}", String::from_utf8_lossy(&a.name), String::from_utf8_lossy(&a.value)))
            .collect();
        assert_eq!(shown, ["PACKAGE_NAME=vendor mod", "BUILT_MODULE_NAME=x", "CLEAN=make"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            parse(&bytes);
        }
    }
}
