//! The answer to "what is it waiting for": the place that each thread reads at, so that a scan which ran out
//! of time can name the mount that hangs.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::text::shown;

/// The places that threads are reading at, one slot a thread.
#[derive(Default)]
pub(super) struct Activity {
    slots: Mutex<Vec<Weak<Mutex<Vec<u8>>>>>,
}

type Slot = Arc<Mutex<Vec<u8>>>;

thread_local! {
    static SLOT: RefCell<Option<(usize, Slot)>> = const { RefCell::new(None) };
}

impl Activity {
    pub(super) fn during<T>(&self, place: &[u8], operation: impl FnOnce() -> T) -> T {
        let id = std::ptr::from_ref(self).addr();
        let slot = SLOT.with(|cell| {
            let mut cell = cell.borrow_mut();
            match cell.as_ref() {
                Some((owner, slot)) if *owner == id => Arc::clone(slot),
                _ => {
                    let slot = Arc::new(Mutex::new(Vec::new()));
                    self.slots.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&slot));
                    *cell = Some((id, Arc::clone(&slot)));
                    slot
                }
            }
        });
        let put = |place: Vec<u8>| {
            std::mem::replace(&mut *slot.lock().unwrap_or_else(PoisonError::into_inner), place)
        };
        let before = put(place.to_vec());
        let result = operation();
        put(before);
        result
    }

    /// Moves the current thread's place on, inside an operation that goes from place to place.
    pub(super) fn moved_to(&self, place: &[u8]) {
        SLOT.with(|cell| {
            if let Some((owner, slot)) = cell.borrow().as_ref()
                && *owner == std::ptr::from_ref(self).addr()
            {
                let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
                slot.clear();
                slot.extend_from_slice(place);
            }
        });
    }

    pub(super) fn places(&self) -> Vec<String> {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let live = slots.iter().filter_map(Weak::upgrade);
        let places = live.map(|slot| slot.lock().unwrap_or_else(PoisonError::into_inner).clone());
        places.filter(|place| !place.is_empty()).map(|place| shown(&place)).collect()
    }
}
