//! What the name and the first bytes of a file say: whether it is a Java archive.

use crate::collector::support::packed_program;
use crate::format::container::zip::is_zip;

/// What the ending of a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// A Java archive.
    Java,
    /// A Java archive, or a file of another program that has the same ending.
    Perhaps,
    /// Nothing: the content decides, where it is a program.
    None,
    /// Something else.
    Other,
}

impl Ending {
    pub(super) fn of(name: &[u8]) -> Ending {
        let Some(dot) = name.iter().rposition(|&byte| byte == b'.') else { return Ending::None };
        let mut buffer = [0; 8];
        let ending = name.get(dot + 1..).unwrap_or_default();
        let Some(lower) = buffer.get_mut(..ending.len()) else { return Ending::Other };
        lower.copy_from_slice(ending);
        lower.make_ascii_lowercase();
        match &*lower {
            b"jar" | b"war" | b"ear" | b"aar" => Ending::Java,
            // Jenkins, resource adapters, JBoss, NiFi, Karaf, Liferay, the JDK, NetBeans, Axis, OSGi applications, ZAP.
            b"hpi" | b"jpi" | b"rar" | b"par" | b"sar" | b"har" | b"nar" | b"kar" | b"lpkg" | b"jmod"
            | b"far" | b"zap" | b"nbm" | b"mar" | b"aar2" | b"eba" | b"esa" | b"cba" | b"wab" | b"ejb"
            | b"ejb3" | b"spring" | b"deployer" | b"original" => Ending::Perhaps,
            _ if packed_program::has_no_ending(name) => Ending::None,
            _ => Ending::Other,
        }
    }
}

/// Whether a member is an archive that is read.
pub(super) fn is_archive(name: &str) -> bool {
    matches!(Ending::of(name.as_bytes()), Ending::Java | Ending::Perhaps)
}

/// Whether a file begins as archives do, those of the JDK's modules included.
pub(super) fn is_java_head(head: &[u8]) -> bool {
    is_zip(head) || head.starts_with(b"JM\x01\0") || head.starts_with(b"#!")
}
