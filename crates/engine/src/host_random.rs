//! The streams that Keras's global seed starts: Python's `random`, from which layers take their seeds, and NumPy's
//! legacy `np.random`, which shuffles.

use wasmgrad_kernels::random::Mt19937;

#[derive(Debug)]
pub struct HostRandom {
    python: Mt19937,
    numpy: Mt19937,
}

impl HostRandom {
    /// Words of the state of both.
    pub const WORDS: usize = 2 * Mt19937::WORDS;

    /// `keras.utils.set_random_seed(seed)`.
    pub fn new(seed: u32) -> Self {
        Self { python: Mt19937::python(seed), numpy: Mt19937::numpy(seed) }
    }

    /// The seed of a layer or initializer that was given none: `random.randint(1, 10**9)`.
    pub fn next_seed(&mut self) -> u32 {
        self.python.randint(1, 1_000_000_000)
    }

    /// `np.random.permutation(rows.len())`.
    pub fn permutation(&mut self, rows: &mut [i32]) {
        self.numpy.permutation(rows);
    }

    /// Writes the state.
    pub fn save(&self, words: &mut [u32; Self::WORDS]) {
        for (stream, words) in [&self.python, &self.numpy].into_iter().zip(words.chunks_mut(Mt19937::WORDS)) {
            words[0] = stream.index;
            words[1..].copy_from_slice(&stream.state);
        }
    }

    /// The streams that `save` wrote down; none if it did not.
    pub fn restore(words: &[u32; Self::WORDS]) -> Option<Self> {
        let (python, numpy) = words.split_at(Mt19937::WORDS);
        let stream = |words: &[u32]| {
            let (&index, state) = words.split_first()?;
            (index as usize <= state.len()).then_some(Mt19937 { state: state.try_into().ok()?, index })
        };
        Some(Self { python: stream(python)?, numpy: stream(numpy)? })
    }
}
