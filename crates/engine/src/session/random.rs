//! Seeds and shuffles.

use super::{Handle, Session};
use crate::error::{Error, Result};
use crate::heap::TensorId;
use crate::host_random::HostRandom;
use crate::types::DType;

impl Session {
    /// Starts the streams of seeds and shuffles, as `keras.utils.set_random_seed`.
    pub fn set_seed(&mut self, seed: u32) {
        // The first seed is the session's own.
        self.drawn = self.random.is_some();
        self.random = Some(HostRandom::new(seed));
    }

    /// Writes down where the streams of seeds and shuffles stand.
    ///
    /// # Errors
    /// If no seed was set.
    pub fn save_random(&mut self, words: &mut [u32; HostRandom::WORDS]) -> Result<()> {
        self.random.as_ref().ok_or_else(unseeded)?.save(words);
        Ok(())
    }

    /// Goes on where `save_random` found the streams.
    ///
    /// # Errors
    /// If the words are no such state.
    pub fn restore_random(&mut self, words: &[u32; HostRandom::WORDS]) -> Result<()> {
        let restored = HostRandom::restore(words);
        self.random = Some(restored.ok_or_else(|| Error::invalid("expected the state of random streams"))?);
        self.drawn = true;
        Ok(())
    }

    /// The next seed for what is given none, from 1 to 10^9.
    ///
    /// # Errors
    /// If no seed was set.
    pub fn next_seed(&mut self) -> Result<u32> {
        self.drawn = true;
        Ok(self.random.as_mut().ok_or_else(unseeded)?.next_seed())
    }

    /// Fills an int32 tensor (n) with the numbers 0..n in random order.
    ///
    /// # Errors
    /// If the tensor has another type, no seed was set, or memory is out.
    pub fn permutation(&mut self, rows: Handle) -> Result<()> {
        let id = TensorId(rows);
        let ty = self.heap.ty(id)?;
        if ty.dtype != DType::I32 || ty.shape.len() != 1 {
            return Err(Error::invalid(format!("expected rows of int32[n], got {ty}")));
        }
        let random = self.random.as_mut().ok_or_else(unseeded)?;
        self.heap.make_unique(id)?;
        let view = self.heap.view(id)?;
        // SAFETY: a view is valid for its type.
        random.permutation(unsafe { std::slice::from_raw_parts_mut(view.i32(), view.size()) });
        Ok(())
    }
}

fn unseeded() -> Error {
    Error::internal("no seed was set")
}
