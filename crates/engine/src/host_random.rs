//! The streams that Keras's global seed starts: Python's `random`, from which layers take their seeds, and NumPy's
//! legacy `np.random`, which shuffles.

use wasmgrad_kernels::random::Mt19937;

#[derive(Debug)]
pub struct HostRandom {
    python: Mt19937,
    numpy: Mt19937,
}

impl HostRandom {
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
}
