//! The Mersenne Twister as Python's `random` and NumPy's legacy `np.random` seed and read it.
//!
//! Source: Matsumoto, Nishimura, mt19937ar.c (2002).

const N: usize = 624;
const M: usize = 397;

/// MT19937: what `random.getstate()` and `np.random.get_state()` return.
#[derive(Clone, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Mt19937 {
    pub state: [u32; N],
    /// The next word of `state` to hand out; N when they are spent.
    pub index: u32,
}

impl Mt19937 {
    /// Words of the state, the index included.
    pub const WORDS: usize = N + 1;

    /// `np.random.seed(seed)`.
    pub fn numpy(seed: u32) -> Self {
        let mut state = [seed; N];
        for i in 1..N {
            state[i] = scramble(state[i - 1]).wrapping_mul(1_812_433_253).wrapping_add(i as u32);
        }
        Self { state, index: N as u32 }
    }

    /// `random.seed(seed)`: mt19937ar's init_by_array with a key of one word.
    pub fn python(seed: u32) -> Self {
        let Self { mut state, index } = Self::numpy(19_650_218);
        let mut i = 1;
        for _ in 0..N {
            state[i] = (state[i] ^ scramble(state[i - 1]).wrapping_mul(1_664_525)).wrapping_add(seed);
            i = next(&mut state, i);
        }
        for _ in 1..N {
            state[i] = (state[i] ^ scramble(state[i - 1]).wrapping_mul(1_566_083_941)).wrapping_sub(i as u32);
            i = next(&mut state, i);
        }
        state[0] = 0x8000_0000;
        Self { state, index }
    }

    /// The next 32 random bits: `random.getrandbits(32)`.
    pub fn word(&mut self) -> u32 {
        if self.index as usize >= N {
            self.twist();
        }
        let mut y = self.state[self.index as usize];
        self.index += 1;
        y ^= y >> 11;
        y ^= y << 7 & 0x9d2c_5680;
        y ^= y << 15 & 0xefc6_0000;
        y ^ y >> 18
    }

    fn twist(&mut self) {
        let x = &mut self.state;
        for i in 0..N {
            let y = x[i] & 0x8000_0000 | x[(i + 1) % N] & 0x7fff_ffff;
            x[i] = x[(i + M) % N] ^ y >> 1 ^ if y & 1 == 1 { 0x9908_b0df } else { 0 };
        }
        self.index = 0;
    }

    /// `random.randint(low, high)`: both ends may come. Requires low <= high < low + 2^32 - 1.
    pub fn randint(&mut self, low: u32, high: u32) -> u32 {
        let width = high - low + 1;
        loop {
            // getrandbits(k) is the upper k bits of a word; draws of width or more are thrown away.
            let x = self.word() >> width.leading_zeros();
            if x < width {
                return low + x;
            }
        }
    }

    /// y (n) = `np.random.permutation(n)`.
    pub fn permutation(&mut self, y: &mut [i32]) {
        for (i, y) in y.iter_mut().enumerate() {
            *y = i as i32;
        }
        for i in (1..y.len()).rev() {
            y.swap(i, self.at_most(i as u32) as usize);
        }
    }

    /// NumPy's legacy `random_interval`: the lower bits of a word, thrown away above `max`.
    fn at_most(&mut self, max: u32) -> u32 {
        let mask = u32::MAX >> max.leading_zeros();
        loop {
            let x = self.word() & mask;
            if x <= max {
                return x;
            }
        }
    }
}

fn scramble(x: u32) -> u32 {
    x ^ x >> 30
}

/// The index after i in init_by_array, where word 0 repeats the last.
fn next(state: &mut [u32; N], i: usize) -> usize {
    if i + 1 < N {
        return i + 1;
    }
    state[0] = state[N - 1];
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permutation(rng: &mut Mt19937, n: usize) -> Vec<i32> {
        let mut y = vec![0; n];
        rng.permutation(&mut y);
        y
    }

    #[test]
    fn randint_is_that_of_python() {
        // random.seed(7); [random.randint(1, 10**9) for _ in range(4)]
        let mut rng = Mt19937::python(7);
        let y = [347_712_783, 161_973_070, 423_938_500, 698_935_573];
        assert_eq!([(); 4].map(|()| rng.randint(1, 1_000_000_000)), y);
        // random.seed(0); [random.randint(1, 10**9) for _ in range(3)]
        let mut rng = Mt19937::python(0);
        let y = [906_691_060, 413_654_000, 813_847_340];
        assert_eq!([(); 3].map(|()| rng.randint(1, 1_000_000_000)), y);
        // random.seed(2**32 - 1); [random.randint(3, 5) for _ in range(12)]
        let mut rng = Mt19937::python(u32::MAX);
        assert_eq!([(); 12].map(|()| rng.randint(3, 5)), [5, 5, 3, 3, 5, 5, 4, 5, 4, 4, 5, 5]);
    }

    #[test]
    fn words_are_those_of_python() {
        // random.seed(7); words = [random.getrandbits(32) for _ in range(2000)]
        let mut rng = Mt19937::python(7);
        let words: Vec<u32> = (0..2000).map(|_| rng.word()).collect();
        assert_eq!(words[..3], [1_390_851_128, 4_071_050_724, 647_892_279]);
        assert_eq!(words[1999], 2_803_521_222);
    }

    #[test]
    fn permutation_is_that_of_numpy() {
        // np.random.seed(7); np.random.permutation(12), np.random.permutation(12)
        let mut rng = Mt19937::numpy(7);
        assert_eq!(permutation(&mut rng, 12), [7, 10, 2, 5, 0, 1, 11, 8, 3, 6, 9, 4]);
        assert_eq!(permutation(&mut rng, 12), [1, 5, 2, 3, 11, 9, 0, 4, 6, 7, 8, 10]);
        // np.random.seed(0); p = np.random.permutation(1000); p[:8], (p * np.arange(1000)).sum()
        let p = permutation(&mut Mt19937::numpy(0), 1000);
        assert_eq!(p[..8], [993, 859, 298, 553, 672, 971, 27, 231]);
        assert_eq!((0..).zip(&p).map(|(i, p)| i * p).sum::<i32>(), 247_872_640);
    }

    #[test]
    fn permutations_of_nothing_and_of_one_draw_no_word() {
        let mut rng = Mt19937::numpy(1);
        assert_eq!(permutation(&mut rng, 0), []);
        assert_eq!(permutation(&mut rng, 1), [0]);
        assert_eq!(rng, Mt19937::numpy(1));
    }
}
