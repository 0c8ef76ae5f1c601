//! A made-up Windows for the tests of collectors.

/// A tree with the files of a Windows, so that what is missing is gone for certain.
pub(in crate::collector) fn complete() -> crate::fs::memory::Memory {
    crate::fs::memory::Memory::new().file("Windows/System32/ntdll.dll", "")
}

impl crate::fs::memory::Memory {
    /// A Windows with these files and a registry.
    pub(in crate::collector) fn target(self, registry: crate::registry::Memory) -> crate::target::Target {
        let root = crate::fs::Root::new(Box::new(self.directory("Windows/System32")));
        crate::target::Target::new(crate::model::TargetKind::Directory, "test", root).with_registry(registry)
    }
}
