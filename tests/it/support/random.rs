//! Random numbers that are the same on every run.

/// xorshift64*.
pub struct Random(pub u64);

impl Random {
    /// A number below a limit; 0 where that is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let limit = u64::try_from(limit.max(1)).unwrap();
        usize::try_from((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16) % limit).unwrap()
    }
}
