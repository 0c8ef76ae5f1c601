//! Receipts of the Mac App Store: a bundle that holds one was bought there.

use crate::collector::Sink;
use crate::fs::Fault;
use crate::fs::tree::join;
use crate::target::Target;

/// `Mac App Store` if the bundle whose `Contents` this is has a receipt.
pub(super) fn receipt(target: &Target, sink: &mut Sink<'_>, contents: &[u8]) -> Option<&'static str> {
    match target.root.find(&join(&join(contents, b"_MASReceipt"), b"receipt")) {
        Ok(found) => found.is_file().then_some("Mac App Store"),
        Err(Fault::Absent) => None,
        Err(fault) => {
            sink.fault(fault);
            None
        }
    }
}
