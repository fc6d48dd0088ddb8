//! Randomness.

/// Randomness, passed in so that tests can repeat a run.
pub trait Random: Send + Sync {
    /// Fills `bytes` with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}
