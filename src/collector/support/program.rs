//! Whether the program that a unit, job or entry starts is still there: what distinguishes an installed artifact from
//! the registration that a removal left behind.

use crate::fs::Root;

/// Whether none of the programs is there any more. Only absolute paths without variables can be known; a
/// program that cannot be known counts as there, and so does no program at all.
pub fn are_gone<'a>(root: &Root, programs: impl IntoIterator<Item = &'a [u8]>) -> bool {
    let mut any = false;
    for program in programs {
        if !program.starts_with(b"/") || program.iter().any(|byte| b"$%*?".contains(byte)) {
            return false;
        }
        if !root.is_gone(program) {
            return false;
        }
        any = true;
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::memory::Memory;

    #[test]
    fn what_cannot_be_told_is_not_gone() {
        let root = Root::new(Box::new(Memory::new().file("opt/a", b"")));
        let gone = |programs: &[&[u8]]| are_gone(&root, programs.iter().copied());
        assert!(gone(&[b"/opt/b"]) && gone(&[b"/opt/b", b"/opt/c"]));
        assert!(!gone(&[b"/opt/b", b"/opt/a"]) && !gone(&[b"name"]) && !gone(&[b"/opt/%i"]) && !gone(&[]));
    }
}
