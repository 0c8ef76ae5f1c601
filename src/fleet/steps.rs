//! The times of a run's reports between its first and its last one, as a short text: the seconds from each report to the
//! next as base-64 digits of five bits, the lowest first; the sixth bit says that another digit follows. A report a day
//! takes four characters.

use super::Time;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const MORE: u64 = 32;

/// Adds a step of some seconds.
pub(super) fn push(steps: &mut String, seconds: Time) {
    let mut left = u64::try_from(seconds).unwrap_or(0);
    loop {
        let digit = left % MORE + if left >= MORE { MORE } else { 0 };
        steps.push(char::from(DIGITS.get(usize::try_from(digit).unwrap_or(0)).copied().unwrap_or(b'A')));
        left /= MORE;
        if left == 0 {
            return;
        }
    }
}

/// The seconds of each step. Of a damaged text, what is before the damage.
pub(super) fn read(steps: &str) -> impl Iterator<Item = Time> + '_ {
    let mut bytes = steps.bytes();
    std::iter::from_fn(move || {
        let (mut seconds, mut shift) = (0_u64, 0_u32);
        loop {
            let byte = bytes.next()?;
            let digit = DIGITS.iter().position(|known| *known == byte)? as u64;
            seconds |= (digit % MORE).checked_shl(shift).filter(|_| shift < 60)?;
            shift += 5;
            if digit < MORE {
                return Time::try_from(seconds).ok();
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_day_takes_four_characters() {
        let mut steps = String::new();
        push(&mut steps, 86_400);
        assert_eq!(steps.len(), 4);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(seconds in prop::collection::vec(0i64..1 << 50, 0..20)) {
            let mut steps = String::new();
            seconds.iter().for_each(|seconds| push(&mut steps, *seconds));
            prop_assert_eq!(read(&steps).collect::<Vec<_>>(), seconds);
        }

        #[test]
        fn damaged_text_ends_it(text in ".*") {
            prop_assert!(read(&text).count() <= text.len());
        }
    }
}
