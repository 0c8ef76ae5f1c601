//! One key that several hives have: which of them answer.
//!
//! Each layer of a Windows container image has hives of its own ("differencing hives") that hold only what the layer
//! changed. A key there is merged with the same key below, deletes it, or takes its place ("layered keys" of the
//! "Windows registry file format specification").

use std::sync::Arc;

use super::{Node, Origin};
use crate::format::database::regf::Layering;

/// The key of one hive.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) node: Arc<dyn Node>,
    pub(super) origin: Arc<Origin>,
    /// Whether its values count; its subkeys always do.
    pub(super) has_values: bool,
}

/// Parts of one key, put together from the hive with most precedence down.
#[derive(Default)]
pub(super) struct Stack {
    parts: Vec<Part>,
    hides_values: bool,
    /// Whether nothing below counts any more.
    is_closed: bool,
}

impl Stack {
    /// Adds the key of the next hive below.
    pub(super) fn push(&mut self, node: Arc<dyn Node>, origin: &Arc<Origin>) {
        if self.is_closed {
            return;
        }
        let layering = node.layering();
        self.is_closed = matches!(layering, Layering::Tombstone | Layering::SupersedeTree);
        if layering != Layering::Tombstone {
            let has_values = !self.hides_values;
            self.parts.push(Part { node, origin: Arc::clone(origin), has_values });
        }
        self.hides_values |= layering == Layering::SupersedeLocal;
    }

    /// Whether no hive has it, or the first that has it deleted it.
    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The parts that answer; none when the key is deleted.
    pub(super) fn finish(self) -> Vec<Part> {
        self.parts
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Trouble, Value};
    use super::*;

    struct Marked(&'static str, Layering);

    impl Node for Marked {
        fn name(&self) -> String {
            self.0.to_owned()
        }
        fn subkey(&self, _: &str) -> Result<Option<Arc<dyn Node>>, Trouble> {
            Ok(None)
        }
        fn subkeys(&self) -> (Vec<Arc<dyn Node>>, Vec<Trouble>) {
            (Vec::new(), Vec::new())
        }
        fn values(&self) -> (Vec<Value>, Vec<Trouble>) {
            (Vec::new(), Vec::new())
        }
        fn layering(&self) -> Layering {
            self.1
        }
    }

    /// The hives that answer, with a star where their values count.
    fn stacked(hives: &[(&'static str, Layering)]) -> String {
        let mut stack = Stack::default();
        for &(name, layering) in hives {
            stack.push(Arc::new(Marked(name, layering)), &Arc::default());
        }
        let shown = |part: &Part| format!("{}{}", part.node.name(), if part.has_values { "*" } else { "" });
        stack.finish().iter().map(shown).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_mark_means_what_the_specification_says() {
        use Layering::{Merge, SupersedeLocal, SupersedeTree, Tombstone};
        assert_eq!(stacked(&[("c", Merge), ("b", Merge), ("a", Merge)]), "c* b* a*");
        assert_eq!(stacked(&[("b", Tombstone), ("a", Merge)]), "");
        assert_eq!(stacked(&[("c", Merge), ("b", Tombstone), ("a", Merge)]), "c*");
        assert_eq!(stacked(&[("b", SupersedeTree), ("a", Merge)]), "b*");
        assert_eq!(stacked(&[("b", SupersedeLocal), ("a", Merge)]), "b* a");
        assert_eq!(stacked(&[("c", SupersedeLocal), ("b", SupersedeTree), ("a", Merge)]), "c* b");
    }
}
